package pipeline

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/planreview"
)

// Who uses the policies for OPA is denied what planreview denies, and by the same names. What the policies say of the
// recorded plans is compared with recorded-plans.txt by "make policies-check".
func TestGatesAgree(t *testing.T) {
	t.Parallel()
	plans, err := filepath.Glob("../planreview/testdata/plans/*/*.json")
	if err != nil || len(plans) == 0 {
		t.Fatalf("no recorded plans: %v", err)
	}
	table, err := os.ReadFile("../../tools/opa/recorded-plans.txt")
	if err != nil {
		t.Fatal(err)
	}
	policies := map[string][]string{}
	for line := range strings.Lines(string(table)) {
		row, said, _ := strings.Cut(strings.TrimSpace(line), ": ")
		policies[row] = strings.Fields(strings.ReplaceAll(said, ";", ""))
	}
	for _, plan := range plans {
		want := []string{}
		row, program := strings.TrimSuffix(filepath.Base(plan), ".json"), filepath.Base(filepath.Dir(plan))
		rules, ok := policies[row]
		if !ok { // the programs differ
			rules, ok = policies[row+" ("+program+")"]
		}
		if !ok {
			t.Errorf("recorded-plans.txt does not have %s", plan)
		}
		for _, rule := range rules {
			switch rule {
			case "nothing", "deny", "warn", "in-progress", "live-mounts", "dependents", "add-ons": // levels, and what is no reason to deny
			case "cost-unknown":
				want = append(want, "cost-increase")
			case "unknown":
				want = append(want, rule, "cost-increase") // the cost is one of the things that are unknown
			default:
				want = append(want, rule)
			}
		}
		slices.Sort(want)
		if got := denials(t, plan); !slices.Equal(got, slices.Compact(want)) {
			t.Errorf("%s: planreview denies %q, the policies %q", plan, got, want)
		}
	}
}

// denials are the kinds for which planreview denies a plan if it is to deny all that it can.
func denials(t *testing.T, file string) []string {
	t.Helper()
	content, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	plan, err := planreview.Read(content)
	if err != nil {
		t.Fatal(err)
	}
	var gate planreview.Gate
	if err := gate.ParseDeny(strings.ReplaceAll(planreview.Kinds(), "=N%", "=10%")); err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, d := range planreview.New(plan, gate).Denials {
		kinds = append(kinds, string(d.Kind))
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}
