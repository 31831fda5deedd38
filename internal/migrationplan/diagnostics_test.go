package migrationplan

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/golden"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
)

const goldenFile = "testdata/diagnostics.golden"

// TestDiagnostics compares every diagnostic of the package with the golden file, where people read the texts. go
// test ./internal/migrationplan -update rewrites it.
func TestDiagnostics(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	seen := map[migration.Code]bool{}
	for _, c := range findingCases() {
		for _, f := range c.findings {
			seen[f.Code] = true
			writeDiagnostic(&b, c.name+" ("+string(f.Code)+")", PlanDiagnostic(f))
		}
		if len(c.findings) == 0 {
			t.Errorf("%s: no finding", c.name)
		}
	}
	for _, code := range migration.Codes {
		if !seen[code] {
			t.Errorf("no finding of code %s", code)
		}
	}
	for _, c := range diagnosticCases(t) {
		for _, d := range c.diagnostics {
			writeDiagnostic(&b, c.name, d)
		}
		if len(c.diagnostics) == 0 {
			t.Errorf("%s: no diagnostic", c.name)
		}
	}
	if *golden.Update {
		if err := os.WriteFile(goldenFile, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(goldenFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(b.String(), "\n")); diff != "" {
		t.Errorf("the diagnostics are not those of %s (-want +got; -update writes it anew):\n%s", goldenFile, diff)
	}
}

func writeDiagnostic(b *strings.Builder, name string, d diag.Diagnostic) {
	b.WriteString("=== " + name + "\n" + golden.Of(d)[0].String() + "\n")
}

// Only errors of a guard say how to destroy the environment: a user who destroys an environment meets them if the
// configuration names another region.
func TestDestroyHintOnlyInGuards(t *testing.T) {
	t.Parallel()
	limits := []migration.Code{
		migration.CodeRegionUnknown, migration.CodeRegionUnusable, migration.CodeRegionNotAllowed, migration.CodeCostLimit,
	}
	for _, c := range findingCases() {
		for _, f := range c.findings {
			told := strings.Contains(PlanDiagnostic(f).Detail(), "destroy")
			if want := f.Severity == migration.Error && !slices.Contains(limits, f.Code) &&
				f.Code != migration.CodeWindowClosed; told != want {
				t.Errorf("%s: hint %t, want %t", c.name, told, want)
			}
			if strings.Contains(FindingDiagnostic(f).Detail(), "destroy") {
				t.Errorf("%s: hint although nothing is planned", c.name)
			}
		}
	}
}

// A suggested line never contains a misspelt region.
func TestSuggestionsUseValidNames(t *testing.T) {
	t.Parallel()
	const misspelt = "south-standart"
	for _, policy := range []migration.Policy{
		{PermitFor: []string{misspelt}},
		{PermitFor: []string{misspelt, "north-economy"}, AllowDowntime: true, AllowIPChange: true},
		{PermitFor: []string{misspelt}, Mode: migration.ModeLive, AllowLiveDatabases: true},
		{AllowedRegions: []string{misspelt}},
	} {
		for _, to := range []string{"south-standard", "north-performance"} {
			for _, f := range review(shop(database), to, policy, regions()) {
				expectNoLine(t, Describe(f).Detail, misspelt)
			}
		}
	}
	policy := migration.Policy{AllowedRegions: []string{"south-standard"}}
	for _, catalog := range []migration.RegionCatalog{regions(), {}} {
		expectNoLine(t, Describe(*policy.CheckRegion("shop", misspelt, catalog)).Detail, misspelt)
	}
}

// expectNoLine fails if a suggested line, which is indented, contains the text.
func expectNoLine(t *testing.T, detail, text string) {
	t.Helper()
	for line := range strings.Lines(detail) {
		if strings.HasPrefix(line, "  ") && strings.Contains(line, text) {
			t.Errorf("%q is suggested:\n%s", text, detail)
		}
	}
}
