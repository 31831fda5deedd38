package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/planreview"
)

const (
	schemaFile = "review.schema.json"
	testdata   = "../../internal/planreview/testdata/"
)

// everything is all that -deny can deny.
var everything = strings.ReplaceAll(planreview.Kinds(), "=N%", "=10%")

// schema is the compiled JSON Schema of -format json; it also checks the format of dates.
func schema(tb testing.TB) *jsonschema.Schema {
	tb.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	compiled, err := compiler.Compile(schemaFile)
	if err != nil {
		tb.Fatal(err)
	}
	return compiled
}

func validate(compiled *jsonschema.Schema, review []byte) error {
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(review))
	if err != nil {
		return err
	}
	return compiled.Validate(value)
}

// files returns the files that match a pattern; there must be some.
func files(tb testing.TB, pattern string) []string {
	tb.Helper()
	found, err := filepath.Glob(testdata + pattern)
	if err != nil || len(found) == 0 {
		tb.Fatalf("there is no %s (%v)", pattern, err)
	}
	return found
}

// The reviews in testdata, and those of all recorded plans, match the schema.
func TestReviewsMatchSchema(t *testing.T) {
	t.Parallel()
	compiled := schema(t)
	for _, file := range files(t, "reviews/*.json") {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := validate(compiled, content); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
	for _, file := range files(t, "plans/*/*.json") {
		code, stdout, stderr := call("", "-format", "json", "-deny", everything, file)
		if err := validate(compiled, []byte(stdout)); code == badInput || err != nil {
			t.Errorf("%s: exit code %d, %s, %v", file, code, stderr, err)
		}
	}
}

// No recorded review has exceptions, so this one does.
func TestExceptionMatchesSchema(t *testing.T) {
	plan, compiled := recorded(t, "far"), schema(t)
	t.Chdir(t.TempDir())
	for _, expires := range []string{"", ", expires: 2099-12-31"} {
		settings := "deny: [offline]\nallow:\n- {address: '*', kinds: offline, reason: OPS-1234" + expires + "}\n"
		if err := os.WriteFile(defaultConfig, []byte(settings), 0o600); err != nil {
			t.Fatal(err)
		}
		code, stdout, stderr := call(plan, "-format", "json")
		if err := validate(compiled, []byte(stdout)); code != clean || err != nil ||
			!strings.Contains(stdout, `"reason": "OPS-1234"`) {
			t.Errorf("exit code %d, %s, %v\n%s", code, stderr, err, stdout)
		}
	}
}

// Each change makes the review invalid, and the schema must notice it.
func TestSchemaRefuses(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(testdata + "reviews/references.json")
	if err != nil {
		t.Fatal(err)
	}
	compiled := schema(t)
	object := func(value any) map[string]any { o, _ := value.(map[string]any); return o }
	first := func(value any) map[string]any { l, _ := value.([]any); return object(l[0]) }
	for name, change := range map[string]func(review map[string]any){
		"another major version":       func(r map[string]any) { r["format_version"] = "2.0" },
		"no headline":                 func(r map[string]any) { delete(r, "headline") },
		"a list that is null":         func(r map[string]any) { r["others"] = nil },
		"denied without a reason":     func(r map[string]any) { r["denials"] = []any{} },
		"a reason without denied":     func(r map[string]any) { r["denied"] = false },
		"an unknown kind":             func(r map[string]any) { first(r["denials"])["kind"] = "ofline" },
		"an unknown class":            func(r map[string]any) { first(r["moves"])["class"] = "swift" },
		"a downtime that is a string": func(r map[string]any) { first(r["moves"])["downtime"] = "yes" },
		"a place without its object":  func(r map[string]any) { first(r["moves"])["from"] = "north" },
		"a cost without its maximum": func(r map[string]any) {
			delete(object(first(r["moves"])["cost_after"]), "monthly_max")
		},
		"a node with a fractional id": func(r map[string]any) { first(first(r["moves"])["nodes"])["id"] = 1.5 },
		"a sensitive value":           func(r map[string]any) { first(first(r["moves"])["hard_coded"])["sensitive"] = true },
		"a sentence that is a number": func(r map[string]any) { first(r["moves"])["to_do"] = []any{1.0} },
	} {
		var review map[string]any
		if err := json.Unmarshal(content, &review); err != nil {
			t.Fatal(err)
		}
		change(review)
		changed, err := json.Marshal(review)
		if err != nil {
			t.Fatal(err)
		}
		if validate(compiled, changed) == nil {
			t.Errorf("%s is not refused", name)
		}
	}
}

// The schema describes every attribute of the types, and no other; attributes without omitempty are required.
func TestSchemaDescribesEverything(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	type object struct {
		Properties map[string]struct {
			Enum []string `json:"enum"`
		} `json:"properties"`
		Required []string          `json:"required"`
		Enum     []string          `json:"enum"`
		Defs     map[string]object `json:"$defs"`
	}
	var root object
	if err := json.Unmarshal(content, &root); err != nil {
		t.Fatal(err)
	}
	names := map[reflect.Type]string{}
	structs(reflect.TypeFor[planreview.Review](), names)
	for typ, name := range names {
		described, ok := root.Defs[name]
		if name == "review" {
			described, ok = root, true
		}
		if !ok {
			t.Errorf("the schema does not have #/$defs/%s", name)
			continue
		}
		always, sometimes := attributes(typ)
		for attribute := range described.Properties {
			if !slices.Contains(always, attribute) && !slices.Contains(sometimes, attribute) {
				t.Errorf("%s has no %q, which the schema describes", name, attribute)
			}
		}
		for _, attribute := range slices.Concat(always, sometimes) {
			if _, ok := described.Properties[attribute]; !ok {
				t.Errorf("the schema does not describe %q of %s", attribute, name)
			}
			if slices.Contains(described.Required, attribute) != slices.Contains(always, attribute) {
				t.Errorf("%q of %s is required but optional in Go, or the reverse", attribute, name)
			}
		}
	}
	kinds := strings.Split(strings.ReplaceAll(planreview.Kinds(), "=N%", ""), ", ")
	for _, kind := range append(kinds, string(planreview.KindErrored), string(planreview.KindMissingPermission)) {
		if !slices.Contains(root.Defs["kind"].Enum, kind) {
			t.Errorf("the schema does not have the kind %q", kind)
		}
	}
}

// structs finds the structs in a type, by their names in the schema.
func structs(typ reflect.Type, names map[reflect.Type]string) {
	switch typ.Kind() {
	case reflect.Pointer, reflect.Slice:
		structs(typ.Elem(), names)
	case reflect.Struct:
		names[typ] = strings.ToLower(typ.Name()[:1]) + typ.Name()[1:]
		for i := range typ.NumField() {
			if typ.Field(i).IsExported() {
				structs(typ.Field(i).Type, names)
			}
		}
	}
}

// attributes are the names of a struct in JSON: those that are always present, and those that may be omitted.
func attributes(typ reflect.Type) (always, sometimes []string) {
	for i := range typ.NumField() {
		field := typ.Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case field.Anonymous:
			more, less := attributes(field.Type)
			always, sometimes = append(always, more...), append(sometimes, less...)
		case name == "":
		case options == "omitempty":
			sometimes = append(sometimes, name)
		default:
			always = append(always, name)
		}
	}
	return always, sometimes
}

// The review of any plan matches the schema.
func FuzzSchema(f *testing.F) {
	for _, file := range files(f, "plans/terraform-1.11/*.json") {
		content, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		var small bytes.Buffer
		if err := json.Compact(&small, content); err != nil {
			f.Fatal(err)
		}
		f.Add(small.Bytes())
	}
	f.Add([]byte(`{"format_version":"1.2","planned_values":{},"resource_changes":[{"address":"","mode":"managed",
	"type":"vap_environment",
		"provider_name":"registry.terraform.io/terraform-provider-vap/vap","change":{"actions":["update"],"before":{"name":"",
		"region":""},
		"after":{"planned_migration":{"mode":"swift","reason":"","trigger":"","from_region":"","to_region":"","downtime":true,
		"databases":[""]}}}}]}`))
	compiled := schema(f)
	f.Fuzz(func(t *testing.T, plan []byte) {
		code, stdout, _ := call(string(plan), "-format", "json", "-deny", everything)
		if code == badInput {
			return
		}
		if err := validate(compiled, []byte(stdout)); err != nil {
			t.Errorf("%v\n%s", err, stdout)
		}
	})
}
