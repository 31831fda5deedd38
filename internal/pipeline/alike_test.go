package pipeline

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/planreview"
)

// addresses are the provider's addresses in the registries, in a private registry, in a mirror, and on a single
// machine.
var addresses = []string{
	"registry.terraform.io/terraform-provider-vap/vap", "registry.opentofu.org/terraform-provider-vap/vap",
	"terraform.corp.example/platform/vap", "mirror.example.com:8443/mirrored/vap", "localhost/dev/vap",
	"localhost:5000/x/virtuozzo", "vap", "",
}

// variant is a changed copy of a recorded plan.
type variant struct {
	name string
	plan any
}

// The review and the policies deny the same plans for the same reasons, whatever the provider's address.
func TestGatesAgreeWhateverTheAddress(t *testing.T) {
	t.Parallel()
	recorded, err := filepath.Glob("../planreview/testdata/plans/terraform-1.11/*.json")
	if err != nil || len(recorded) == 0 {
		t.Fatalf("no recorded plans: %v", err)
	}
	var variants []variant
	for i, file := range recorded {
		of := addresses
		if !slices.Contains([]string{"far", "live-database", "node-type", "renamed", "unknown-region"}, rowOf(file)) {
			of = []string{addresses[0], addresses[1+i%(len(addresses)-1)]}
		}
		for _, address := range of {
			plan := decodedPlan(t, file)
			for _, c := range environmentsOf(plan) {
				c["provider_name"] = address
			}
			variants = append(variants, variant{rowOf(file) + " of " + address, plan})
		}
	}
	denied := agree(t, variants)
	for i, v := range variants {
		row, address, _ := strings.Cut(v.name, " of ")
		first := slices.IndexFunc(variants, func(v variant) bool { return v.name == row+" of "+addresses[0] })
		if !slices.Equal(denied[i], denied[first]) {
			t.Errorf("%s is denied for %q with the address %q and for %q with %q", row, denied[i], address, denied[first],
				addresses[0])
		}
	}
}

// For every type in every place of an environment's change, the review and the policies deny the same, and a denied
// plan does not pass because something in it has another type.
func TestGatesAgreeOnEveryType(t *testing.T) {
	t.Parallel()
	values := []any{nil, true, 5.0, "x", []any{}, []any{[]any{}}, map[string]any{}, map[string]any{"x": map[string]any{}}}
	var variants []variant
	for n, row := range []string{"far", "node-type", "import-unmanaged", "renamed", "scaled-in"} {
		file := filepath.Join("../planreview/testdata/plans/terraform-1.11", row+".json")
		change, _ := environmentsOf(decodedPlan(t, file))[0]["change"].(map[string]any)
		for place, at := range placesOf(change, nil) {
			for i, value := range values {
				if len(at) > 1 && (i+place+n)%16 > 0 {
					continue // only some places for each type; all would take minutes
				}
				plan := decodedPlan(t, file)
				put(environmentsOf(plan)[0], append([]any{"change"}, at...), value)
				variants = append(variants, variant{fmt.Sprintf("%s with value %d at %v", row, i, at), plan})
			}
		}
	}
	denied := agree(t, variants)
	open := 0
	for i, kinds := range denied {
		if len(kinds) == 0 && !strings.HasPrefix(variants[i].name, "import") {
			open++
			t.Logf("%s passes", variants[i].name)
		}
	}
	t.Logf("%d variants, %d of them pass", len(variants), open)
}

// agree returns the kinds for which each variant is denied, and fails the test if the review and the policies differ.
func agree(t *testing.T, variants []variant) [][]string {
	t.Helper()
	var plans []any
	for _, v := range variants {
		plans = append(plans, v.plan)
	}
	input, err := json.Marshal(map[string]any{"plans": plans})
	if err != nil {
		t.Fatal(err)
	}
	const query = `[said |
		some p in input.plans
		d := data.vap.migration.deny with input as p
		w := data.vap.migration.warn with input as p
		said := {f.rule | some f in d | w}]`
	opa := exec.Command("go", "tool", "-modfile=tools/opa/go.mod", "opa", "eval", "--stdin-input", "--format", "raw",
		"--data", "policies", query)
	opa.Dir, opa.Stdin = "../..", bytes.NewReader(input)
	var complaints bytes.Buffer
	opa.Stderr = &complaints
	output, err := opa.Output()
	if err != nil && strings.Contains(complaints.String(), "module lookup disabled") {
		t.Skip("OPA is not at hand: make policies-check builds it")
	}
	if err != nil {
		t.Fatalf("OPA: %v\n%s%s", err, output, complaints.String())
	}
	var said [][]string
	if err := json.Unmarshal(output, &said); err != nil || len(said) != len(variants) {
		t.Fatalf("OPA says %.300s: %v", output, err)
	}
	denied := make([][]string, len(variants))
	for i, v := range variants {
		content, err := json.Marshal(v.plan)
		if err != nil {
			t.Fatal(err)
		}
		want := kindsOf(said[i])
		plan, err := planreview.Read(bytes.NewReader(content))
		if err != nil {
			if denied[i] = []string{"input"}; !slices.Contains(want, "input") {
				t.Errorf("%s: planreview refuses the input (%v), the policies say %q", v.name, err, want)
			}
			continue
		}
		if denied[i] = deniedOf(t, plan); !slices.Equal(denied[i], want) {
			t.Errorf("%s: planreview denies %q, the policies %q", v.name, denied[i], want)
		}
	}
	return denied
}

func rowOf(file string) string { return strings.TrimSuffix(filepath.Base(file), ".json") }

func decodedPlan(t *testing.T, file string) map[string]any {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var plan map[string]any
	if err := json.Unmarshal(content, &plan); err != nil {
		t.Fatal(err)
	}
	delete(plan, "configuration")
	return plan
}

// environmentsOf returns the changes of environments, deletions first.
func environmentsOf(plan map[string]any) []map[string]any {
	var environments []map[string]any
	list, _ := plan["resource_changes"].([]any)
	for _, element := range list {
		if c, ok := element.(map[string]any); ok && c["type"] == "vap_environment" {
			environments = append(environments, c)
		}
	}
	return environments
}

// placesOf returns the paths of everything in a value; of lists, only the first element.
func placesOf(value any, at []any) [][]any {
	places := [][]any{}
	if at != nil {
		places = append(places, at)
	}
	switch value := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(value)) {
			inner := value[name]
			if name != "migration_policy" && !strings.HasSuffix(name, "_sensitive") && name != "last_migration" {
				places = append(places, placesOf(inner, append(slices.Clone(at), name))...)
			}
		}
	case []any:
		if len(value) > 0 {
			places = append(places, placesOf(value[0], append(slices.Clone(at), 0))...)
		}
	}
	return places
}

// put sets the value at a path.
func put(in any, at []any, value any) {
	for ; len(at) > 1; at = at[1:] {
		switch step := at[0].(type) {
		case string:
			object, _ := in.(map[string]any)
			in = object[step]
		case int:
			list, _ := in.([]any)
			in = list[step]
		}
	}
	switch step := at[0].(type) {
	case string:
		if object, ok := in.(map[string]any); ok {
			object[step] = value
		}
	case int:
		if list, ok := in.([]any); ok {
			list[step] = value
		}
	}
}
