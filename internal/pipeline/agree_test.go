package pipeline

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/planreview"
)

// The policies for OPA deny what planreview denies, with the same names. "make policies-check" compares the policies'
// results on the recorded plans with recorded-plans.txt.
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
		row, program := strings.TrimSuffix(filepath.Base(plan), ".json"), filepath.Base(filepath.Dir(plan))
		rules, ok := policies[row]
		if !ok { // Terraform and OpenTofu differ
			rules, ok = policies[row+" ("+program+")"]
		}
		if !ok {
			t.Errorf("recorded-plans.txt does not have %s", plan)
		}
		want := kindsOf(rules)
		if got := denials(t, plan); !slices.Equal(got, want) {
			t.Errorf("%s: planreview denies %q, the policies %q", plan, got, want)
		}
	}
}

// denials returns the kinds for which planreview denies a plan if it denies everything that it can.
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
	return deniedOf(t, plan)
}

// kindsOf returns the kinds for which planreview must deny what the policies deny by these rules.
func kindsOf(rules []string) []string {
	kinds := []string{}
	for _, rule := range rules {
		switch rule {
		// levels, and rules that are no reason to deny
		case "nothing", "deny", "warn", "in-progress", "live-mounts", "dependents", "add-ons":
		case "cost-unknown":
			kinds = append(kinds, "cost-increase")
		case "unknown":
			kinds = append(kinds, rule, "cost-increase") // the unknown includes the cost
		default:
			kinds = append(kinds, rule)
		}
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

// deniedOf returns the kinds for which planreview denies a plan if it denies everything that it can.
func deniedOf(t *testing.T, plan *planreview.Plan) []string {
	t.Helper()
	var gate planreview.Gate
	if err := gate.ParseDeny(strings.ReplaceAll(planreview.Kinds(), "=N%", "=10%")); err != nil {
		t.Fatal(err)
	}
	kinds := []string{}
	for _, d := range planreview.New(plan, gate).Denials {
		kinds = append(kinds, string(d.Kind))
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}
