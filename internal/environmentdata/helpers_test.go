package environmentdata_test

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
)

const (
	economy     = "north-economy"
	performance = "north-performance"
	south       = "south-standard"
)

var permitted = permitting("allow_downtime", "allow_ip_change")

func region(name string) map[string]any { return map[string]any{"region": name} }

const isError = tfprotov6.DiagnosticSeverityError

var (
	createOnPlatform      = acctest.MakeEnvironment
	newPlatformWithPlaces = acctest.NewTown
	expectFindings        = acctest.ExpectFindings
)

// shop is a configuration without anything that a live migration endangers, with changes laid over it.
func shop(changes ...map[string]any) map[string]any {
	config := map[string]any{
		"name":   "shop-prod",
		"region": economy,
		"node_groups": map[string]any{
			"bl": map[string]any{"node_type": "nginx", "public_ipv4_count": 1},
			"cp": map[string]any{"node_type": "nginxphp", "count": 2},
		},
	}
	for _, change := range changes {
		maps.Copy(config, change)
	}
	return config
}

// withDatabase is shop with a database node group.
func withDatabase(changes ...map[string]any) map[string]any {
	return shop(slices.Concat([]map[string]any{{
		"node_groups": map[string]any{
			"cp":    map[string]any{"node_type": "nginxphp"},
			"sqldb": map[string]any{"node_type": "mysql8"},
		},
	}}, changes)...)
}

// create is the environment of a configuration, applied and read.
func create(t *testing.T, p *acctest.Platform, config map[string]any) *acctest.Instance {
	t.Helper()
	i := acctest.NewInstance(t, "vap_environment", p.Provider())
	apply(t, i, config)
	if d := i.Refresh(); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	return i
}

// plan plans and expects no error.
func plan(t *testing.T, i *acctest.Instance, config map[string]any) acctest.Plan {
	t.Helper()
	p, d := i.Plan(config)
	if acctest.HasErrors(d) {
		t.Fatal(acctest.Text(d))
	}
	return p
}

// apply plans and applies and expects no error.
func apply(t *testing.T, i *acctest.Instance, config map[string]any) {
	t.Helper()
	if d := i.Apply(plan(t, i, config)); acctest.HasErrors(d) {
		t.Fatal(acctest.Text(d))
	}
}

// expectOne expects exactly one diagnostic, with this severity and place, whose summary contains a fact, and its text the
// phrases. The words of findings are in the golden file of package migrationplan.
func expectOne(t *testing.T, diagnostics []*tfprotov6.Diagnostic, severity tfprotov6.DiagnosticSeverity, at, summary string, phrases ...string) {
	t.Helper()
	if len(diagnostics) != 1 {
		t.Fatalf("%d diagnostics, want 1:\n%s", len(diagnostics), acctest.Text(diagnostics))
	}
	expect(t, diagnostics[0], severity, at, summary, phrases...)
}

func expect(t *testing.T, d *tfprotov6.Diagnostic, severity tfprotov6.DiagnosticSeverity, at, summary string, phrases ...string) {
	t.Helper()
	text := acctest.Text([]*tfprotov6.Diagnostic{d})
	if d.Severity != severity || acctest.At(d) != at || !strings.Contains(d.Summary, summary) {
		t.Errorf("got %s at %q: %q\nwant %s at %q: %q\n%s", d.Severity, acctest.At(d), d.Summary, severity, at, summary, text)
	}
	for _, phrase := range phrases {
		if !strings.Contains(d.Detail, phrase) {
			t.Errorf("the detail does not say %q:\n%s", phrase, text)
		}
	}
}

// refusal is the fault of one refused call.
func refusal(method string, code int, words string) faults.Fault {
	return faults.Fault{Kind: faults.Refuse, Method: method, Code: code, Words: words}
}

// get follows a path of names through nested objects.
func get(t *testing.T, object map[string]any, path ...string) any {
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

func expectValues(t *testing.T, object map[string]any, want map[string]any) {
	t.Helper()
	for name, value := range want {
		if got := get(t, object, strings.Split(name, ".")...); !reflect.DeepEqual(got, value) {
			t.Errorf("%s is %v, want %v", name, got, value)
		}
	}
}

// listMigrations are the calls of migrate that reached the platform, as "region live" or "region offline".
func listMigrations(t *testing.T, p *acctest.Platform) []string {
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

func expectMigrations(t *testing.T, p *acctest.Platform, want ...string) {
	t.Helper()
	if got := listMigrations(t, p); !slices.Equal(got, want) {
		t.Errorf("the platform was asked for the migrations %q, want %q", got, want)
	}
}

// permitting is a migration policy with the named permissions.
func permitting(permissions ...string) map[string]any {
	policy := map[string]any{}
	for _, p := range permissions {
		policy[p] = true
	}
	return map[string]any{"migration_policy": policy}
}
