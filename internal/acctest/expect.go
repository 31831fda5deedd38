package acctest

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/golden"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
)

// MustPlan plans and expects no error.
func MustPlan(t *testing.T, i *Instance, config map[string]any) Plan {
	t.Helper()
	p, d := i.Plan(config)
	if HasErrors(d) {
		t.Fatal(Text(d))
	}
	return p
}

// MustApply plans and applies and expects no error.
func MustApply(t *testing.T, i *Instance, config map[string]any) {
	t.Helper()
	if d := i.Apply(MustPlan(t, i, config)); HasErrors(d) {
		t.Fatal(Text(d))
	}
}

// ExpectOne expects exactly one diagnostic, with this severity and place. The text is in the golden file of the
// package.
func ExpectOne(t testing.TB, diagnostics []*tfprotov6.Diagnostic, severity tfprotov6.DiagnosticSeverity, at string) {
	t.Helper()
	if len(diagnostics) != 1 {
		t.Fatalf("%d diagnostics, want 1:\n%s", len(diagnostics), Text(diagnostics))
	}
	Expect(t, diagnostics[0], severity, at)
}

// Expect is ExpectOne for one of several diagnostics.
func Expect(t testing.TB, d *tfprotov6.Diagnostic, severity tfprotov6.DiagnosticSeverity, at string) {
	t.Helper()
	if d.Severity != severity || At(d) != at {
		t.Errorf("got %s at %q, want %s at %q:\n%s", d.Severity, At(d), severity, at, Text([]*tfprotov6.Diagnostic{d}))
	}
	ExpectText(t, []*tfprotov6.Diagnostic{d})
}

// ExpectText expects the diagnostics that the golden file of the package has for the test; there may be none.
func ExpectText(t testing.TB, diagnostics []*tfprotov6.Diagnostic) {
	t.Helper()
	var list []golden.Diagnostic
	for _, d := range diagnostics {
		list = append(list, golden.Diagnostic{Severity: d.Severity.String(), At: At(d), Summary: d.Summary, Detail: d.Detail})
	}
	golden.Expect(t, list...)
}

// Refusal returns a fault that refuses one call.
func Refusal(method string, code int, words string) faults.Fault {
	return faults.Fault{Kind: faults.Refuse, Method: method, Code: code, Words: words}
}

// Get follows a path of names through nested objects.
func Get(t *testing.T, object map[string]any, path ...string) any {
	t.Helper()
	var value any = object
	for _, name := range path {
		m, ok := value.(map[string]any)
		if !ok {
			t.Fatalf("%v is %T in %v", path, value, object)
		}
		value = m[name]
	}
	return value
}

// ExpectValues expects values at paths of names, joined by dots.
func ExpectValues(t *testing.T, object map[string]any, want map[string]any) {
	t.Helper()
	for name, value := range want {
		if got := Get(t, object, strings.Split(name, ".")...); !reflect.DeepEqual(got, value) {
			t.Errorf("%s is %v, want %v", name, got, value)
		}
	}
}

// Migrations returns the calls of migrate that reached the platform, as "region live" or "region offline".
func Migrations(t *testing.T, p *Platform) []string {
	t.Helper()
	var calls []string
	for _, r := range p.Requests(t, "migrate") {
		kind := " offline"
		if r.Parameters["isonline"] == "true" {
			kind = " live"
		}
		calls = append(calls, r.Parameters["hardwarenodegroup"]+kind)
	}
	return calls
}

// ExpectMigrations expects these results of Migrations.
func ExpectMigrations(t *testing.T, p *Platform, want ...string) {
	t.Helper()
	if got := Migrations(t, p); !slices.Equal(got, want) {
		t.Errorf("the platform was asked for the migrations %q, want %q", got, want)
	}
}
