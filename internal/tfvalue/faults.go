package tfvalue

import (
	"fmt"
	"math"
	"math/big"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Faults returns the faults of a configuration that the framework would report as bugs of the provider: null elements
// of collections, and numbers that do not fit their attribute. masked is the configuration with unknown values in
// their place, so that the rest can be validated. A configuration of another type than typ has no faults.
func Faults(typ attr.Type, config tftypes.Value) (faults diag.Diagnostics, masked tftypes.Value) {
	f := faultFinder{}
	masked = f.find(typ, config, path.Empty())
	return f.diags, masked
}

type faultFinder struct{ diags diag.Diagnostics }

func (f *faultFinder) find(typ attr.Type, value tftypes.Value, at path.Path) tftypes.Value {
	if value.IsNull() || !value.IsKnown() {
		return value
	}
	switch t := typ.(type) {
	case attr.TypeWithAttributeTypes:
		return f.findInObject(t.AttributeTypes(), value, at)
	case attr.TypeWithElementType:
		return f.findInCollection(t.ElementType(), value, at)
	case basetypes.Int64Typable:
		return f.findInNumber(value, at, wholeNumber)
	case basetypes.Float64Typable:
		return f.findInNumber(value, at, floatingNumber)
	}
	return value
}

func (f *faultFinder) findInObject(types map[string]attr.Type, value tftypes.Value, at path.Path) tftypes.Value {
	var attributes map[string]tftypes.Value
	if value.As(&attributes) != nil {
		return value
	}
	before := len(f.diags)
	for name, attribute := range attributes {
		if typ, ok := types[name]; ok {
			attributes[name] = f.find(typ, attribute, at.AtName(name))
		}
	}
	if len(f.diags) == before {
		return value
	}
	return tftypes.NewValue(value.Type(), attributes)
}

func (f *faultFinder) findInCollection(typ attr.Type, value tftypes.Value, at path.Path) tftypes.Value {
	before := len(f.diags)
	if value.Type().Is(tftypes.Map{}) {
		var elements map[string]tftypes.Value
		if value.As(&elements) != nil {
			return value
		}
		for key, element := range elements {
			elements[key] = f.findInElement(
				typ,
				element,
				at.AtMapKey(key),
				"Leave the key out. Of a map that is computed, "+
					"{ for k, v in … : k => v if v != null } leaves such keys out.",
			)
		}
		if len(f.diags) == before {
			return value
		}
		return tftypes.NewValue(value.Type(), elements)
	}
	var elements []tftypes.Value
	if value.As(&elements) != nil {
		return value
	}
	for i, element := range elements {
		where := at.AtListIndex(i)
		if value.Type().Is(tftypes.Set{}) {
			where = at // elements of sets have no path of their own
		}
		elements[i] = f.findInElement(typ, element, where, "Leave the element out. Of a collection that is computed, "+
			"[for x in … : x if x != null] leaves such elements out.")
	}
	if len(f.diags) == before {
		return value
	}
	return tftypes.NewValue(value.Type(), elements)
}

func (f *faultFinder) findInElement(typ attr.Type, element tftypes.Value, at path.Path, advice string) tftypes.Value {
	if !element.IsNull() {
		return f.find(typ, element, at)
	}
	f.diags.AddAttributeError(
		at,
		"Null value",
		fmt.Sprintf("%s has an element that is null, which stands for nothing that could be asked for. %s", at, advice),
	)
	return tftypes.NewValue(element.Type(), tftypes.UnknownValue)
}

func (f *faultFinder) findInNumber(
	value tftypes.Value,
	at path.Path,
	fault func(*big.Float) (summary, rule string),
) tftypes.Value {
	var number big.Float
	if value.As(&number) != nil {
		return value
	}
	summary, rule := fault(&number)
	if summary == "" {
		return value
	}
	f.diags.AddAttributeError(at, summary, fmt.Sprintf("%s is %s and must be %s.", at, number.Text('g', -1), rule))
	return tftypes.NewValue(value.Type(), tftypes.UnknownValue)
}

// wholeNumber returns what is wrong with the value of an integer attribute; empty if nothing is.
func wholeNumber(number *big.Float) (summary, rule string) {
	if !number.IsInt() {
		return "Not a whole number", "a whole number, such as 2"
	}
	if _, accuracy := number.Int64(); accuracy != big.Exact {
		return "Number out of range", fmt.Sprintf("a whole number from %d to %d", math.MinInt64, math.MaxInt64)
	}
	return "", ""
}

// floatingNumber returns the same for an attribute that accepts any number.
func floatingNumber(number *big.Float) (summary, rule string) {
	f, accuracy := number.Float64()
	if math.IsInf(f, 0) || f == 0 && accuracy != big.Exact {
		return "Number out of range", fmt.Sprintf(
			"0 or a number whose amount is from %.1g to %.1g",
			math.SmallestNonzeroFloat64,
			math.MaxFloat64,
		)
	}
	return "", ""
}

// IsBelow reports whether a path leads into a part of a value that satisfies the condition, and not only to it.
func IsBelow(value tftypes.Value, at *tftypes.AttributePath, condition func(tftypes.Value) bool) bool {
	if at == nil {
		return false
	}
	steps := at.Steps()
	for n := range steps {
		part, _, err := tftypes.WalkAttributePath(value, tftypes.NewAttributePathWithSteps(steps[:n]))
		if err != nil {
			return false
		}
		if part, ok := part.(tftypes.Value); ok && condition(part) {
			return true
		}
	}
	return false
}
