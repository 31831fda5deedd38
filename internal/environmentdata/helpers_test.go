package environmentdata_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
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

// shop is a configuration with some changes; a live migration endangers nothing in it.
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

// create applies and reads the environment of a configuration.
func create(t *testing.T, p *acctest.Platform, config map[string]any) *acctest.Instance {
	t.Helper()
	i := acctest.NewInstance(t, "vap_environment", p.Provider())
	apply(t, i, config)
	if d := i.Refresh(); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	return i
}

// permitting is a migration policy with the named permissions.
func permitting(permissions ...string) map[string]any {
	policy := map[string]any{}
	for _, p := range permissions {
		policy[p] = true
	}
	return map[string]any{"migration_policy": policy}
}

// Short names for frequent calls in the tests.
var (
	plan             = acctest.MustPlan
	apply            = acctest.MustApply
	expectOne        = acctest.ExpectOne
	refusal          = acctest.Refusal
	get              = acctest.Get
	expectValues     = acctest.ExpectValues
	expectMigrations = acctest.ExpectMigrations
)
