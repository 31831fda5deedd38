// Package tfvalue converts between Go values and the values of Terraform.
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

// IsFullyKnown says whether nothing in a value is unknown.
func IsFullyKnown(ctx context.Context, value attr.Value) bool {
	v, err := value.ToTerraformValue(ctx)
	return err == nil && v.IsFullyKnown()
}

// StringList is a list of strings.
func StringList(values []string) types.List {
	elements := make([]attr.Value, len(values))
	for i, value := range values {
		elements[i] = types.StringValue(value)
	}
	return types.ListValueMust(types.StringType, elements)
}

// Timestamp is a time in UTC as RFC 3339.
func Timestamp(t time.Time) types.String {
	return types.StringValue(t.UTC().Format(time.RFC3339))
}

// StringOrNull is a string that is null if it is empty: the platform leaves out what it does not have.
func StringOrNull(s string) types.String {
	if s == "" {
		return types.StringNull()
	}
	return types.StringValue(s)
}

// EmptyIfNil makes an empty list of nil, which the framework would show as null.
func EmptyIfNil(values []string) []string {
	if values == nil {
		return []string{}
	}
	return values
}

// CoalesceUnknown is the planned value, or the actual one where the plan does not know it.
func CoalesceUnknown[T attr.Value](planned, actual T) T {
	if planned.IsUnknown() {
		return actual
	}
	return planned
}

// Nulls are null values of types. Every type has one, so nothing can go wrong.
func Nulls(ctx context.Context, all map[string]attr.Type) map[string]attr.Value {
	values := make(map[string]attr.Value, len(all))
	for name, t := range all {
		values[name], _ = t.ValueFromTerraform(ctx, tftypes.NewValue(t.TerraformType(ctx), nil))
	}
	return values
}

// The framework converts between structs and objects, too, but compiles a regular expression for each field of each
// struct each time. What every plan converts for every node group is converted here: structs whose fields are all
// values.

// AttributesOf are the fields of a struct by the names in their tags.
func AttributesOf(model any) map[string]attr.Value {
	fields := reflect.ValueOf(model)
	attributes := make(map[string]attr.Value, fields.NumField())
	for i := range fields.NumField() {
		attributes[fields.Type().Field(i).Tag.Get("tfsdk")] = fields.Field(i).Interface().(attr.Value)
	}
	return attributes
}

// SetFields is the reverse: it sets the fields of the struct to which the pointer leads.
func SetFields(model any, attributes map[string]attr.Value) {
	fields := reflect.ValueOf(model).Elem()
	for i := range fields.NumField() {
		fields.Field(i).Set(reflect.ValueOf(attributes[fields.Type().Field(i).Tag.Get("tfsdk")]))
	}
}

// FromTerraform is typ.ValueFromTerraform of a value that was decoded as one of the type. The framework compares the
// types of a value and of everything in it with those that it should have, which takes most of the conversion.
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

// SameFields says whether the fields of two structs of one type are equal.
func SameFields(one, other any) bool {
	a, b := reflect.ValueOf(one), reflect.ValueOf(other)
	for i := range a.NumField() {
		if !a.Field(i).Interface().(attr.Value).Equal(b.Field(i).Interface().(attr.Value)) {
			return false
		}
	}
	return true
}

// WithTypes gives nested attributes the types that they have anyway. The framework makes them anew each time that it
// asks for one, and it asks for each of them at each step of its way through a value.
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
