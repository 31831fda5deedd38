package nodegroup

import (
	"fmt"
	"maps"
	"math/big"
	"reflect"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// sample returns a value of a type; values with different n differ.
func sample(typ tftypes.Type, n int) tftypes.Value {
	switch typ := typ.(type) {
	case tftypes.Map:
		return tftypes.NewValue(typ, map[string]tftypes.Value{"key": sample(typ.ElementType, n)})
	case tftypes.Set:
		return tftypes.NewValue(typ, []tftypes.Value{sample(typ.ElementType, n)})
	case tftypes.List:
		return tftypes.NewValue(typ, []tftypes.Value{sample(typ.ElementType, n)})
	case tftypes.Object:
		values := map[string]tftypes.Value{}
		for name, attribute := range typ.AttributeTypes {
			values[name] = sample(attribute, n)
		}
		return tftypes.NewValue(typ, values)
	}
	switch {
	case typ.Is(tftypes.Number):
		return tftypes.NewValue(typ, big.NewFloat(float64(n)))
	case typ.Is(tftypes.Bool):
		return tftypes.NewValue(typ, n%2 == 1)
	}
	return tftypes.NewValue(typ, fmt.Sprintf("value %d", n))
}

// A node group has seventeen attributes, and a new one needs code in several places. The compiler does not notice a
// missing place; this test does.
func TestModelCoversSchema(t *testing.T) {
	t.Parallel()
	attributes := Attribute().NestedObject.Attributes
	fields := map[string]int{}
	model := reflect.TypeFor[Model]()
	for i := range model.NumField() {
		fields[model.Field(i).Tag.Get("tfsdk")] = i
	}
	if schema, got := slices.Sorted(maps.Keys(attributes)), slices.Sorted(maps.Keys(fields)); !slices.Equal(schema, got) {
		t.Fatalf("the schema has %v, the model %v", schema, got)
	}
	value := func(name string, of tftypes.Value) reflect.Value {
		v, err := attributes[name].GetType().ValueFromTerraform(t.Context(), of)
		if err != nil {
			t.Fatal(name, err)
		}
		return reflect.ValueOf(v)
	}
	groups := func(n int) Model {
		var g Model
		for name, i := range fields {
			reflect.ValueOf(&g).Elem().Field(i).
				Set(value(name, sample(attributes[name].GetType().TerraformType(t.Context()), n)))
		}
		return g
	}
	for name, i := range fields {
		before, after := groups(1), groups(1)
		typ := attributes[name].GetType().TerraformType(t.Context())

		// A changed attribute is a change of the node group. For a write-only one, its version is.
		reflect.ValueOf(&after).Elem().Field(i).Set(value(name, sample(typ, 2)))
		changes := Diff(map[string]Model{"cp": before}, map[string]Model{"cp": after})
		if want := !attributes[name].IsWriteOnly(); (len(changes) > 0) != want {
			t.Errorf("%s: a change of it comes to %+v", name, changes)
		}

		// An attribute that the configuration does not set keeps its value.
		planned := groups(2)
		reflect.ValueOf(&planned).Elem().Field(i).Set(value(name, tftypes.NewValue(typ, tftypes.UnknownValue)))
		filled := reflect.ValueOf(planned.FillUnknown(before, Model{})).Field(i).Interface().(attr.Value)
		if attributes[name].IsComputed() != !filled.IsUnknown() {
			t.Errorf("%s: it is computed: %t, but unknown after filling: %t", name, attributes[name].IsComputed(),
				filled.IsUnknown())
		}
	}
}
