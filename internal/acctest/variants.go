package acctest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Variant is a configuration with one of its values changed.
type Variant struct {
	// Path is the place of the change, for example node_groups.cp.env. Kind is the new value: "null", "unknown",
	// "empty", "misspelt" and so on.
	Path, Kind string
	Config     map[string]any
	// Known is the configuration with the original value instead of an unknown one; nil if there was none.
	Known map[string]any
}

// String returns the variant's name.
func (v Variant) String() string { return v.Path + " " + v.Kind }

// Variants changes one value of a configuration at a time, in every attribute that can be configured and every
// element, at every depth: to null, unknown, empty, a wrong number, or a misspelt text. Attributes that are not
// configured change as a whole.
func Variants(schema *tfprotov6.Schema, config map[string]any) []Variant {
	w := variantWalker{config: config}
	w.attributes(schema.Block.Attributes, config, nil)
	return w.found
}

type variantWalker struct {
	config map[string]any
	found  []Variant
}

func (w *variantWalker) add(kind string, value, original any, at []any) {
	names := make([]string, len(at))
	for i, step := range at {
		names[i] = fmt.Sprint(step)
	}
	v := Variant{Path: strings.Join(names, "."), Kind: kind}
	v.Config, _ = replaced(w.config, at, value).(map[string]any)
	if _, unknown := value.(Unknown); unknown {
		v.Known, _ = replaced(w.config, at, original).(map[string]any)
	}
	w.found = append(w.found, v)
}

// replaced returns a copy of a value with another one at a place in it. It shares nothing that has changed.
func replaced(value any, at []any, by any) any {
	if len(at) == 0 {
		return by
	}
	switch step := at[0].(type) {
	case string:
		object, _ := value.(map[string]any)
		object = maps.Clone(object)
		if object == nil {
			object = map[string]any{}
		}
		object[step] = replaced(object[step], at[1:], by)
		return object
	case int:
		list, _ := value.([]any)
		list = slices.Clone(list)
		list[step] = replaced(list[step], at[1:], by)
		return list
	}
	panic(fmt.Sprintf("%v is neither a name nor a number", at[0]))
}

func (w *variantWalker) attributes(attributes []*tfprotov6.SchemaAttribute, object map[string]any, at []any) {
	for _, a := range attributes {
		if !a.Optional && !a.Required {
			continue
		}
		here, value := append(slices.Clone(at), a.Name), object[a.Name]
		w.whole(value, here)
		if a.NestedType == nil {
			w.typed(a.Type, value, here)
			continue
		}
		switch a.NestedType.Nesting {
		case tfprotov6.SchemaObjectNestingModeSingle:
			if value != nil {
				w.add("empty", map[string]any{}, value, here)
			}
			nested, _ := value.(map[string]any)
			w.attributes(a.NestedType.Attributes, nested, here)
		case tfprotov6.SchemaObjectNestingModeMap:
			elements, _ := value.(map[string]any)
			w.add("empty", map[string]any{}, value, here)
			for _, key := range slices.Sorted(maps.Keys(elements)) {
				element, _ := elements[key].(map[string]any)
				w.element(elements[key], append(slices.Clone(here), key))
				w.add("empty", map[string]any{}, element, append(slices.Clone(here), key))
				w.attributes(a.NestedType.Attributes, element, append(slices.Clone(here), key))
			}
		default:
			elements, _ := value.([]any)
			w.add("empty", []any{}, value, here)
			for n := range elements {
				element, _ := elements[n].(map[string]any)
				w.element(elements[n], append(slices.Clone(here), n))
				w.add("empty", map[string]any{}, element, append(slices.Clone(here), n))
				w.attributes(a.NestedType.Attributes, element, append(slices.Clone(here), n))
			}
		}
	}
}

func (w *variantWalker) whole(value any, at []any) {
	w.add("unknown", Unknown{}, value, at)
	if value != nil {
		w.add("null", nil, value, at)
	}
}

func (w *variantWalker) element(value any, at []any) {
	w.add("null", nil, value, at)
	if value != nil {
		w.add("unknown", Unknown{}, value, at)
	}
}

func (w *variantWalker) typed(typ tftypes.Type, value any, at []any) {
	switch t := typ.(type) {
	case tftypes.List:
		w.collection(t.ElementType, value, at)
	case tftypes.Set:
		w.collection(t.ElementType, value, at)
	case tftypes.Map:
		elements, _ := value.(map[string]any)
		w.add("empty", map[string]any{}, value, at)
		w.add("null element", replaced(value, []any{"A_NAME"}, nil), value, at)
		w.add("unknown element", replaced(value, []any{"A_NAME"}, Unknown{}), value, at)
		for _, key := range slices.Sorted(maps.Keys(elements)) {
			w.element(elements[key], append(slices.Clone(at), key))
			w.typed(t.ElementType, elements[key], append(slices.Clone(at), key))
		}
	default:
		switch {
		case typ.Is(tftypes.Number):
			for _, number := range []float64{1.5, -1, 0, 1e30} {
				w.add(fmt.Sprint(number), number, value, at)
			}
		case typ.Is(tftypes.String):
			w.add("empty", "", value, at)
			if text, ok := value.(string); ok && text != "" {
				w.add("misspelt", misspell(text), value, at)
				w.add("in another case", otherCase(text), value, at)
			}
		}
	}
}

func (w *variantWalker) collection(elementType tftypes.Type, value any, at []any) {
	elements, _ := value.([]any)
	w.add("empty", []any{}, value, at)
	w.add("null element", append(slices.Clone(elements), nil), value, at)
	w.add("unknown element", append(slices.Clone(elements), Unknown{}), value, at)
	for n := range elements {
		w.element(elements[n], append(slices.Clone(at), n))
		w.typed(elementType, elements[n], append(slices.Clone(at), n))
	}
	if len(elements) == 0 && elementType.Is(tftypes.Number) {
		w.add("1.5", []any{1.5}, value, at)
	}
}

// misspell removes a letter in the middle.
func misspell(text string) string {
	if len(text) < 3 {
		return text + text
	}
	middle := len(text) / 2
	return text[:middle] + text[middle+1:]
}

func otherCase(text string) string {
	if upper := strings.ToUpper(text); upper != text {
		return upper
	}
	return strings.ToLower(text)
}
