package acctest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/golden"
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

// NewTown creates a platform with environments in several places.
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

// ExpectFindings expects that the blockers or warnings of a vap_migration_check are about these attributes. The texts
// are in the golden file of the package.
func ExpectFindings(t *testing.T, state map[string]any, list string, at ...string) {
	t.Helper()
	var got []string
	var findings []golden.Diagnostic
	for _, f := range state[list].([]any) {
		finding := f.(map[string]any)
		if finding["detail"] == "" || strings.Contains(finding["detail"].(string), "was not changed") {
			t.Errorf("%s have the detail %q", list, finding["detail"])
		}
		got = append(got, fmt.Sprint(finding["attribute"]))
		findings = append(findings, golden.Diagnostic{
			Severity: strings.ToUpper(strings.TrimSuffix(list, "s")), At: fmt.Sprint(finding["attribute"]),
			Summary: fmt.Sprint(finding["summary"]), Detail: fmt.Sprint(finding["detail"]),
		})
	}
	if !slices.Equal(got, at) {
		t.Errorf("%s at %q, want them at %q", list, got, at)
	}
	if len(findings) > 0 {
		golden.Expect(t, findings...)
	}
}
