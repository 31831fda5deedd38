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

// The names and types of planned_migration and last_migration are an interface: policies and reviews rely on them. A
// new attribute is added to the files in testdata and to the documentation; a name or type that is there already may
// change in a major version only.
func TestRecordsAreAnInterface(t *testing.T) {
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
			t.Errorf("%s is not what testdata promises (%v); it is\n%s", a.Name, err, got)
		}
	}
}

// Each attribute of the records is explained in the guide about them.
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

// attributeNames are the names of a record's attributes, nested ones included.
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

// shape is the type of an attribute: a text for a simple one, a list of the element's for a list, an object of names.
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
