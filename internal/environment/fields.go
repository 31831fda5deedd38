package environment

import (
	"reflect"

	"github.com/hashicorp/terraform-plugin-framework/attr"
)

// The framework converts between structs and objects, too, but compiles a regular expression for each field of each
// struct each time. What every plan converts for every layer is converted here: structs whose fields are all values.

// attributesOf are the fields of a struct by the names in their tags.
func attributesOf(model any) map[string]attr.Value {
	fields := reflect.ValueOf(model)
	attributes := make(map[string]attr.Value, fields.NumField())
	for i := range fields.NumField() {
		attributes[fields.Type().Field(i).Tag.Get("tfsdk")] = fields.Field(i).Interface().(attr.Value)
	}
	return attributes
}

// setFields is the reverse: it sets the fields of the struct to which the pointer leads.
func setFields(model any, attributes map[string]attr.Value) {
	fields := reflect.ValueOf(model).Elem()
	for i := range fields.NumField() {
		fields.Field(i).Set(reflect.ValueOf(attributes[fields.Type().Field(i).Tag.Get("tfsdk")]))
	}
}

// sameFields says whether the fields of two structs of one type are equal.
func sameFields(one, other any) bool {
	a, b := reflect.ValueOf(one), reflect.ValueOf(other)
	for i := range a.NumField() {
		if !a.Field(i).Interface().(attr.Value).Equal(b.Field(i).Interface().(attr.Value)) {
			return false
		}
	}
	return true
}
