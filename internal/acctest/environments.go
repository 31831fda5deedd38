package acctest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// MakeEnvironment creates an environment without Terraform.
func MakeEnvironment(
	t *testing.T, p *Platform, name, region string, change func(*platform.EnvironmentSpec),
) platform.Environment {
	t.Helper()
	spec := platform.EnvironmentSpec{Name: name, Region: region,
		NodeGroups: []platform.NodeGroupSpec{{Name: "cp", NodeType: "nginxphp"}}}
	if change != nil {
		change(&spec)
	}
	env, err := p.Client.CreateEnvironment(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	return env
}

// NewTown is a platform with environments in several places.
func NewTown(t *testing.T) *Platform {
	t.Helper()
	p := NewPlatform(t)
	for _, e := range []struct {
		name, region string
		groups       []string
	}{
		{"wiki-prod", "south-standard", nil},
		{"shop-prod", "north-performance", []string{"shop/prod"}},
		{"shop-test", "north-economy", []string{"shop/test", "cheap"}},
		{"shopping", "north-economy", []string{"shopping"}},
		{"docs-prod", "north-economy", []string{"shop"}},
	} {
		MakeEnvironment(t, p, e.name, e.region, func(s *platform.EnvironmentSpec) { s.Groups = e.groups })
	}
	if err := p.Client.StopEnvironment(t.Context(), "shop-test"); err != nil {
		t.Fatal(err)
	}
	return p
}

// findings are the attributes and summaries of blockers or warnings, as "attribute: summary".
func findings(t *testing.T, state map[string]any, list string) []string {
	t.Helper()
	var found []string
	for _, f := range state[list].([]any) {
		finding := f.(map[string]any)
		if finding["detail"] == "" || strings.Contains(finding["detail"].(string), "was not changed") {
			t.Errorf("%s have the detail %q", list, finding["detail"])
		}
		found = append(found, fmt.Sprint(finding["attribute"], ": ", finding["summary"]))
	}
	return found
}

// ExpectFindings expects these blockers or warnings of a vap_migration_check, as "attribute: fact" with a fact that the
// summary contains.
func ExpectFindings(t *testing.T, state map[string]any, list string, want ...string) {
	t.Helper()
	got := findings(t, state, list)
	same := slices.EqualFunc(got, want, func(got, want string) bool {
		gotAt, summary, _ := strings.Cut(got, ": ")
		wantAt, fact, _ := strings.Cut(want, ": ")
		return gotAt == wantAt && strings.Contains(summary, fact)
	})
	if !same {
		t.Errorf("%s %q, want %q", list, got, want)
	}
}
