package planreview

import (
	"encoding/json"
	"io"
	"reflect"
)

// JSON writes a review as JSON, for machines. Its names and types are an interface: see FormatVersion, and the JSON Schema
// in tools/planreview/review.schema.json.
func JSON(w io.Writer, r *Review) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(withLists(reflect.ValueOf(r)).Interface())
}

// withLists is a value with an empty list wherever it has none: what reads the JSON need not tell the two apart.
func withLists(value reflect.Value) reflect.Value {
	switch value.Kind() {
	case reflect.Pointer:
		if value.IsNil() {
			return value
		}
		copied := reflect.New(value.Type().Elem())
		copied.Elem().Set(withLists(value.Elem()))
		return copied
	case reflect.Slice:
		copied := reflect.MakeSlice(value.Type(), value.Len(), value.Len())
		for i := range value.Len() {
			copied.Index(i).Set(withLists(value.Index(i)))
		}
		return copied
	case reflect.Struct:
		copied := reflect.New(value.Type()).Elem()
		copied.Set(value)
		for i := range value.NumField() {
			if value.Type().Field(i).IsExported() {
				copied.Field(i).Set(withLists(value.Field(i)))
			}
		}
		return copied
	default:
		return value
	}
}
