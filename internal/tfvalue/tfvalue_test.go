package tfvalue

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// FromTerraform gives the same result as the framework.
func TestFromTerraform(t *testing.T) {
	t.Parallel()
	nodeType := types.ObjectType{AttrTypes: map[string]attr.Type{
		"id": types.Int64Type, "url": types.StringType, "addresses": types.SetType{ElemType: types.StringType},
	}}
	typ := types.ObjectType{AttrTypes: map[string]attr.Type{
		"name": types.StringType, "ssl": types.BoolType, "cost": types.Float64Type,
		"env": types.MapType{ElemType: types.StringType}, "nodes": types.ListType{ElemType: nodeType}, "node": nodeType,
	}}
	terraform := typ.TerraformType(t.Context()).(tftypes.Object)
	node := terraform.AttributeTypes["node"]
	value := func(changes map[string]any) tftypes.Value {
		attributes := map[string]tftypes.Value{
			"name": tftypes.NewValue(tftypes.String, "shop"), "ssl": tftypes.NewValue(tftypes.Bool, true),
			"cost": tftypes.NewValue(tftypes.Number, 1.5),
			"env": tftypes.NewValue(terraform.AttributeTypes["env"], map[string]tftypes.Value{
				"A": tftypes.NewValue(tftypes.String, "1"), "NONE": tftypes.NewValue(tftypes.String, nil)}),
			"node": tftypes.NewValue(node, nil),
			"nodes": tftypes.NewValue(terraform.AttributeTypes["nodes"], []tftypes.Value{
				tftypes.NewValue(node, map[string]tftypes.Value{
					"id": tftypes.NewValue(tftypes.Number, 7), "url": tftypes.NewValue(tftypes.String, ""),
					"addresses": tftypes.NewValue(tftypes.Set{ElementType: tftypes.String},
						[]tftypes.Value{tftypes.NewValue(tftypes.String, "192.0.2.1")}),
				}), tftypes.NewValue(node, nil),
			}),
		}
		for name, change := range changes {
			attributes[name] = tftypes.NewValue(terraform.AttributeTypes[name], change)
		}
		return tftypes.NewValue(terraform, attributes)
	}
	for name, raw := range map[string]tftypes.Value{
		"everything":      value(nil),
		"null":            tftypes.NewValue(terraform, nil),
		"unknown":         tftypes.NewValue(terraform, tftypes.UnknownValue),
		"parts are null":  value(map[string]any{"name": nil, "ssl": nil, "cost": nil, "env": nil, "nodes": nil}),
		"parts are empty": value(map[string]any{"env": map[string]tftypes.Value{}, "nodes": []tftypes.Value{}}),
		"parts are not known": value(map[string]any{"name": tftypes.UnknownValue, "env": tftypes.UnknownValue,
			"nodes": tftypes.UnknownValue, "node": tftypes.UnknownValue}),
	} {
		want, err := typ.ValueFromTerraform(t.Context(), raw)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := FromTerraform(t.Context(), typ, raw); err != nil || !got.Equal(want) {
			t.Errorf("%s: %v, %v, want %v", name, got, err, want)
		}
	}
	for name, raw := range map[string]tftypes.Value{
		"another object": tftypes.NewValue(tftypes.Object{AttributeTypes: map[string]tftypes.Type{"x": tftypes.String}},
			map[string]tftypes.Value{"x": tftypes.NewValue(tftypes.String, "")}),
		"no object": tftypes.NewValue(tftypes.String, ""),
	} {
		if got, err := FromTerraform(t.Context(), typ, raw); err == nil {
			t.Errorf("%s became %v", name, got)
		}
	}
}
