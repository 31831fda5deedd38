package planreview

import "reflect"

// withLists returns a value with empty lists instead of nil ones, so that readers of the JSON need not check for
// null.
func withLists(value any) any {
	return filledLists(reflect.ValueOf(value)).Interface()
}

func filledLists(value reflect.Value) reflect.Value {
	switch value.Kind() {
	case reflect.Pointer:
		if value.IsNil() {
			return value
		}
		copied := reflect.New(value.Type().Elem())
		copied.Elem().Set(filledLists(value.Elem()))
		return copied
	case reflect.Slice:
		copied := reflect.MakeSlice(value.Type(), value.Len(), value.Len())
		for i := range value.Len() {
			copied.Index(i).Set(filledLists(value.Index(i)))
		}
		return copied
	case reflect.Struct:
		copied := reflect.New(value.Type()).Elem()
		copied.Set(value)
		for i := range value.NumField() {
			if value.Type().Field(i).IsExported() {
				copied.Field(i).Set(filledLists(value.Field(i)))
			}
		}
		return copied
	default:
		return value
	}
}
