// Package tfvalue converts between Go values and Terraform values.
package tfvalue

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// IsFullyKnown reports whether a value has no unknown parts.
func IsFullyKnown(ctx context.Context, value attr.Value) bool {
	v, err := value.ToTerraformValue(ctx)
	return err == nil && v.IsFullyKnown()
}

// StringList returns a list of strings.
func StringList(values []string) types.List {
	elements := make([]attr.Value, len(values))
	for i, value := range values {
		elements[i] = types.StringValue(value)
	}
	return types.ListValueMust(types.StringType, elements)
}

// Timestamp returns a time in UTC as RFC 3339.
func Timestamp(t time.Time) types.String {
	return types.StringValue(t.UTC().Format(time.RFC3339))
}

// StringOrNull returns a string, or null if it is empty: the platform omits what it does not have.
func StringOrNull(s string) types.String {
	if s == "" {
		return types.StringNull()
	}
	return types.StringValue(s)
}

// EmptyIfNil turns nil into an empty list; the framework would show nil as null.
func EmptyIfNil(values []string) []string {
	if values == nil {
		return []string{}
	}
	return values
}

// CoalesceUnknown returns the planned value, or the actual one if the planned one is unknown.
func CoalesceUnknown[T attr.Value](planned, actual T) T {
	if planned.IsUnknown() {
		return actual
	}
	return planned
}

// Nulls returns null values of types. Every type has one, so this cannot fail.
func Nulls(ctx context.Context, all map[string]attr.Type) map[string]attr.Value {
	values := make(map[string]attr.Value, len(all))
	for name, t := range all {
		values[name], _ = t.ValueFromTerraform(ctx, tftypes.NewValue(t.TerraformType(ctx), nil))
	}
	return values
}

// The framework also converts between structs and objects, but compiles a regular expression for each field of each
// struct every time. These functions convert what every plan converts for every node group: structs with only
// attr.Value fields.

// AttributesOf returns the fields of a struct by the names in their tags.
func AttributesOf(model any) map[string]attr.Value {
	fields := reflect.ValueOf(model)
	attributes := make(map[string]attr.Value, fields.NumField())
	for i := range fields.NumField() {
		attributes[fields.Type().Field(i).Tag.Get("tfsdk")] = fields.Field(i).Interface().(attr.Value)
	}
	return attributes
}

// SetFields is the reverse of AttributesOf: it sets the fields of the struct that the pointer points to.
func SetFields(model any, attributes map[string]attr.Value) {
	fields := reflect.ValueOf(model).Elem()
	for i := range fields.NumField() {
		fields.Field(i).Set(reflect.ValueOf(attributes[fields.Type().Field(i).Tag.Get("tfsdk")]))
	}
}

// FromTerraform does the same as typ.ValueFromTerraform for a value that was decoded as that type. The framework
// would compare the types of the value and its parts with the expected ones, which takes most of the time.
func FromTerraform(ctx context.Context, typ attr.Type, value tftypes.Value) (attr.Value, error) {
	if !value.IsKnown() {
		return typ.ValueFromTerraform(ctx, value)
	}
	switch typ := typ.(type) {
	case basetypes.ObjectType:
		if value.IsNull() {
			return basetypes.NewObjectNull(typ.AttrTypes), nil
		}
		attributes, err := partsFromTerraform(ctx, value, func(name string) attr.Type { return typ.AttrTypes[name] })
		if err != nil {
			return nil, err
		}
		object, diags := basetypes.NewObjectValue(typ.AttrTypes, attributes)
		return object, firstError(diags)
	case basetypes.MapType:
		if value.IsNull() {
			return basetypes.NewMapNull(typ.ElemType), nil
		}
		elements, err := partsFromTerraform(ctx, value, func(string) attr.Type { return typ.ElemType })
		if err != nil {
			return nil, err
		}
		m, diags := basetypes.NewMapValue(typ.ElemType, elements)
		return m, firstError(diags)
	case basetypes.ListType:
		if value.IsNull() {
			return basetypes.NewListNull(typ.ElemType), nil
		}
		var raw []tftypes.Value
		if err := value.As(&raw); err != nil {
			return nil, err
		}
		elements := make([]attr.Value, len(raw))
		for i := range raw {
			var err error
			if elements[i], err = FromTerraform(ctx, typ.ElemType, raw[i]); err != nil {
				return nil, err
			}
		}
		list, diags := basetypes.NewListValue(typ.ElemType, elements)
		return list, firstError(diags)
	}
	return typ.ValueFromTerraform(ctx, value)
}

// partsFromTerraform converts the attributes of an object or the elements of a map.
func partsFromTerraform(ctx context.Context, value tftypes.Value,
	typeOf func(name string) attr.Type) (map[string]attr.Value, error) {
	var raw map[string]tftypes.Value
	if err := value.As(&raw); err != nil {
		return nil, err
	}
	parts := make(map[string]attr.Value, len(raw))
	for name, part := range raw {
		typ := typeOf(name)
		if typ == nil {
			return nil, fmt.Errorf("there is no attribute %q", name)
		}
		var err error
		if parts[name], err = FromTerraform(ctx, typ, part); err != nil {
			return nil, err
		}
	}
	return parts, nil
}

func firstError(diags diag.Diagnostics) error {
	for _, d := range diags.Errors() {
		return errors.New(d.Detail())
	}
	return nil
}

// SameFields reports whether the fields of two structs of one type are equal.
func SameFields(one, other any) bool {
	a, b := reflect.ValueOf(one), reflect.ValueOf(other)
	for i := range a.NumField() {
		if !a.Field(i).Interface().(attr.Value).Equal(b.Field(i).Interface().(attr.Value)) {
			return false
		}
	}
	return true
}

// WithTypes stores the types of nested attributes. The framework creates them anew on every request, and requests
// each of them at every step through a value.
func WithTypes(attributes map[string]schema.Attribute) map[string]schema.Attribute {
	for name, attribute := range attributes {
		switch a := attribute.(type) {
		case schema.SingleNestedAttribute:
			WithTypes(a.Attributes)
			if a.CustomType == nil {
				a.CustomType = a.GetType().(basetypes.ObjectTypable)
			}
			attributes[name] = a
		case schema.ListNestedAttribute:
			WithTypes(a.NestedObject.Attributes)
			a.NestedObject.CustomType = a.NestedObject.Type()
			a.CustomType = a.GetType().(basetypes.ListTypable)
			attributes[name] = a
		case schema.MapNestedAttribute:
			WithTypes(a.NestedObject.Attributes)
			a.NestedObject.CustomType = a.NestedObject.Type()
			a.CustomType = a.GetType().(basetypes.MapTypable)
			attributes[name] = a
		}
	}
	return attributes
}
