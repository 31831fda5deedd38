package contract

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
)

// The names and types in planned_migration and last_migration are an interface: policies and reviews depend on them.
// Add new attributes to the files in testdata and to the documentation; change existing names and types only in a
// major version.
func TestRecordsAreStable(t *testing.T) {
	t.Parallel()
	for _, a := range acctest.NewServer(t).Schema.ResourceSchemas["vap_environment"].Block.Attributes {
		if a.Name != "planned_migration" && a.Name != "last_migration" {
			continue
		}
		got, err := json.MarshalIndent(shape(a), "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(filepath.Join("testdata", a.Name+".json"))
		if err != nil || string(want) != string(got)+"\n" {
			t.Errorf("%s differs from testdata (%v); it is\n%s", a.Name, err, got)
		}
	}
}

// The guide about the records explains each of their attributes.
func TestRecordsAreDocumented(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../templates/guides/what-a-plan-says.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"planned_migration", "last_migration"} {
		var promised map[string]any
		content, err := os.ReadFile(filepath.Join("testdata", name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(content, &promised); err != nil {
			t.Fatal(err)
		}
		for attribute := range attributeNames(promised) {
			explained := regexp.MustCompile("(?m)^\\| .*`" + attribute + "`.* \\| .* \\| .* \\| .* \\|$")
			if !explained.MatchString(string(page)) {
				t.Errorf("the guide does not explain %s.%s", name, attribute)
			}
		}
	}
}

// attributeNames returns the names of a record's attributes, nested ones included.
func attributeNames(shape any) map[string]bool {
	names := map[string]bool{}
	switch shape := shape.(type) {
	case []any:
		for _, element := range shape {
			maps.Copy(names, attributeNames(element))
		}
	case map[string]any:
		for name, inner := range shape {
			names[name] = true
			maps.Copy(names, attributeNames(inner))
		}
	}
	return names
}

// shape returns the type of an attribute: a string for a simple type, a list with the element type for a list, a map
// for an object.
func shape(a *tfprotov6.SchemaAttribute) any {
	if a.NestedType == nil {
		return simpleShape(a.Type)
	}
	object := map[string]any{}
	for _, inner := range a.NestedType.Attributes {
		object[inner.Name] = shape(inner)
	}
	if a.NestedType.Nesting == tfprotov6.SchemaObjectNestingModeSingle {
		return object
	}
	return []any{object}
}

func simpleShape(typ tftypes.Type) any {
	switch typ := typ.(type) {
	case tftypes.List:
		return []any{simpleShape(typ.ElementType)}
	case tftypes.Set:
		return []any{simpleShape(typ.ElementType)}
	case tftypes.Map:
		return "map of " + fmt.Sprint(simpleShape(typ.ElementType))
	}
	return map[string]string{"tftypes.String": "string", "tftypes.Bool": "bool", "tftypes.Number": "number"}[typ.String()]
}
