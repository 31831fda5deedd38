package environmentdata_test

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

func detail(t *testing.T, state map[string]any, list string) string {
	t.Helper()
	return state[list].([]any)[0].(map[string]any)["detail"].(string)
}

func database(s *platform.EnvironmentSpec) {
	s.NodeGroups = append(s.NodeGroups, platform.NodeGroupSpec{Name: "sqldb", NodeType: "mysql8", PublicIPv4Count: 1})
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		spec     func(*platform.EnvironmentSpec)
		world    func(*testing.T, *acctest.Platform)
		to       string
		policy   map[string]any
		want     map[string]any
		missing  []any
		blockers []string
		warnings []string
	}{
		"live": {
			to: performance,
			want: map[string]any{
				"possible": true, "mode": "live", "reason": "live_available", "downtime": false, "ip_change": false,
				"domain_change": false,
				"from_region":   economy, "from_datacenter": "north", "to_datacenter": "north",
				"previous_domain": "shop-prod.north.vap.test", "expected_domain": "shop-prod.north.vap.test",
				"cost_before.currency": "EUR", "cost_after.currency": "EUR",
			},
		},
		"offline without permission": {
			spec: database, to: performance,
			want: map[string]any{"possible": false, "mode": "offline", "reason": "database", "downtime": true,
				"ip_change": false},
			missing:  []any{"allow_downtime"},
			blockers: []string{"migration_policy.allow_downtime"},
		},
		"offline with permission": {
			spec: database, to: performance, policy: map[string]any{"allow_downtime": true, "permit_for": []any{performance}},
			want:     map[string]any{"possible": true, "mode": "offline", "downtime": true, "ip_change": false},
			warnings: []string{"region"},
		},
		"permission for another region": {
			spec: database, to: performance, policy: map[string]any{"allow_downtime": true, "permit_for": []any{south}},
			want:     map[string]any{"possible": false},
			missing:  []any{"allow_downtime"},
			blockers: []string{"migration_policy.permit_for"},
		},
		"no databases by declaration": {
			spec: database, to: performance, policy: map[string]any{"database_layers": []any{}},
			want: map[string]any{"possible": true, "mode": "live"},
		},
		"live on request": {
			spec: database, to: performance, policy: map[string]any{"mode": "live"},
			want:     map[string]any{"possible": false, "mode": "live", "reason": "requested", "databases": []any{"sqldb"}},
			missing:  []any{"allow_live_databases"},
			blockers: []string{"migration_policy.mode"},
		},
		"another data centre": {
			spec: database, to: south, policy: map[string]any{"allow_downtime": true},
			want: map[string]any{"possible": false, "mode": "offline", "reason": "live_not_possible", "downtime": true,
				"ip_change": true, "domain_change": true,
				"to_datacenter": "south", "previous_domain": "shop-prod.north.vap.test",
				"expected_domain": "shop-prod.south.vap.test"},
			missing:  []any{"allow_ip_change"},
			blockers: []string{"migration_policy.allow_ip_change"},
		},
		"live to another data centre": {
			to: south, policy: map[string]any{"mode": "live"},
			want:     map[string]any{"possible": false},
			blockers: []string{"migration_policy.mode"},
		},
		"already in the region": {
			spec: database, to: economy,
			want: map[string]any{"possible": true, "mode": nil, "reason": nil, "downtime": false, "ip_change": false,
				"domain_change": false,
				"from_region":   economy, "expected_domain": "shop-prod.north.vap.test"},
		},
		"region that does not exist": {
			to: "north-perform",
			want: map[string]any{"possible": false, "mode": nil, "downtime": nil, "expected_domain": nil, "cost_after": nil,
				"from_region": economy, "to_region": "north-perform"},
			blockers: []string{"region"},
		},
		"region in maintenance": {
			to:       "south-retired",
			want:     map[string]any{"possible": false, "mode": "offline", "to_datacenter": "south"},
			missing:  []any{"allow_downtime", "allow_ip_change"},
			blockers: []string{"region"},
		},
		"data centre without migration": {
			to:       "east-standard",
			want:     map[string]any{"possible": false},
			missing:  []any{"allow_downtime", "allow_ip_change"},
			blockers: []string{"region"},
		},
		"refused only by the platform": {
			to: performance,
			world: func(t *testing.T, p *acctest.Platform) {
				inject(t, p, refusal("checkmigrationpossibility", 2372, "no hardware"))
			},
			want:     map[string]any{"possible": false, "mode": "live"},
			blockers: []string{"region"},
		},
		"stopped": {
			spec: database, to: performance,
			world: func(t *testing.T, p *acctest.Platform) {
				if err := p.Client.StopEnvironment(t.Context(), "shop-prod"); err != nil {
					t.Error(err)
				}
			},
			want: map[string]any{"possible": true, "mode": "offline", "reason": "environment_stopped", "downtime": false},
		},
		"busy": {
			to: performance,
			world: func(t *testing.T, p *acctest.Platform) {
				inject(t, p, refusal("checkmigrationpossibility", 2212, "wrong state"))
			},
			want:     map[string]any{"possible": nil, "mode": "live"},
			warnings: []string{"region"},
		},
		"busy and not permitted": {
			spec: database, to: performance,
			world: func(t *testing.T, p *acctest.Platform) {
				inject(t, p, refusal("checkmigrationpossibility", 2212, "wrong state"))
			},
			want:     map[string]any{"possible": false, "mode": "offline"},
			missing:  []any{"allow_downtime"},
			blockers: []string{"migration_policy.allow_downtime"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := acctest.NewPlatform(t)
			env := createOnPlatform(t, p, "shop-prod", economy, row.spec)
			if row.world != nil {
				row.world(t, p)
			}
			config := map[string]any{"environment": "shop-prod", "to_region": row.to}
			if row.policy != nil {
				config["policy"] = row.policy
			}
			state := readData(t, p, "vap_migration_check", config)
			expectValues(t, state, row.want)
			expectFindings(t, state, "blockers", row.blockers...)
			expectFindings(t, state, "warnings", row.warnings...)
			if row.to != "north-perform" {
				if row.missing == nil {
					row.missing = []any{}
				}
				if got := state["missing_permissions"]; !reflect.DeepEqual(got, row.missing) {
					t.Errorf("missing permissions %v, want %v", got, row.missing)
				}
				affected := 0
				if state["downtime"] == true || state["ip_change"] == true {
					affected = len(env.Nodes)
				}
				if got := state["affected_nodes"].([]any); len(got) != affected {
					t.Errorf("%d nodes are affected, want %d", len(got), affected)
				}
			}
			if got := state["live_targets"]; !reflect.DeepEqual(got, []any{performance, "north-standard"}) {
				t.Errorf("live targets %v", got)
			}
			expectMigrations(t, p)
		})
	}
}

func inject(t *testing.T, p *acctest.Platform, f faults.Fault) {
	t.Helper()
	f.Times = -1
	if err := p.Inject(f); err != nil {
		t.Error(err)
	}
}

// TestCheckQuotesPlatformMessage checks that the platform's message is shown even if a permission is missing.
func TestCheckQuotesPlatformMessage(t *testing.T) {
	t.Parallel()
	for name, spec := range map[string]func(*platform.EnvironmentSpec){"permitted": nil, "not permitted": database} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := acctest.NewPlatform(t)
			createOnPlatform(t, p, "shop-prod", economy, spec)
			inject(t, p, refusal("checkmigrationpossibility", 2372, "no hardware for you"))
			state := readData(t, p, "vap_migration_check", map[string]any{"environment": "shop-prod", "to_region": performance})
			if text := detail(t, state, "blockers"); state["possible"] != false ||
				!strings.Contains(text, "no hardware for you") {
				t.Errorf("possible %v: %s", state["possible"], text)
			}
		})
	}
}

// TestCheckMatchesPlan compares the check with the plan of the same migration.
func TestCheckMatchesPlan(t *testing.T) {
	t.Parallel()
	for _, to := range []string{performance, south} {
		p := acctest.NewPlatform(t)
		i := create(t, p, withDatabase())
		planned := get(t, plan(t, i, withDatabase(region(to), permitted)).State, "planned_migration").(map[string]any)
		state := readData(t, p, "vap_migration_check",
			map[string]any{"environment": "shop-prod", "to_region": to, "policy": permitted["migration_policy"]})
		// The check has costs in another form; the plan has null instead of empty values.
		cost := state["cost_after"].(map[string]any)
		state["hourly_cost_after"], state["currency"] = cost["hourly_max"], cost["currency"]
		state["hourly_cost_before"] = state["cost_before"].(map[string]any)["hourly_max"]
		if planned["domain_change"] == false {
			state["expected_domain"] = nil
		}
		for name, value := range planned {
			said := state[name]
			if reflect.DeepEqual(said, []any{}) && name != "dependents" {
				said = nil
			}
			if name != "trigger" && !reflect.DeepEqual(said, value) {
				t.Errorf("%s to %s: %v in the check, %v in the plan", name, to, said, value)
			}
		}
	}
}

func TestCheckOfMissingEnvironment(t *testing.T) {
	t.Parallel()
	_, d := newServer(t, acctest.NewPlatform(t)).Read("vap_migration_check",
		map[string]any{"environment": "shop-prod", "to_region": south})
	expectOne(t, d, isError, "")
}

// TestAccCheck uses the result in a precondition and in a check block.
func TestAccCheck(t *testing.T) {
	t.Parallel()
	p := acctest.NewPlatform(t)
	createOnPlatform(t, p, "shop-prod", economy, database)
	config := func(policy string) string {
		return p.Config(fmt.Sprintf(`
check "promotion" {
  data "vap_migration_check" "in_check" {
    environment = "shop-prod"
    to_region   = "north-performance"
  }
  assert {
    condition     = data.vap_migration_check.in_check.possible == true
    error_message = join("\n", data.vap_migration_check.in_check.blockers[*].summary)
  }
}

data "vap_migration_check" "shop" {
  environment = "shop-prod"
  to_region   = "north-performance"
  %s
}

output "downtime" {
  value = data.vap_migration_check.shop.downtime
  precondition {
    condition     = data.vap_migration_check.shop.possible == true
    error_message = join("\n", data.vap_migration_check.shop.blockers[*].detail)
  }
}
`, policy))
	}
	resource.Test(t, resource.TestCase{
		PreCheck:                 func() { acctest.PreCheck(t) },
		ProtoV6ProviderFactories: acctest.ProviderFactories,
		Steps: []resource.TestStep{
			{Config: config(""), ExpectError: regexp.MustCompile(`(?s)in output "downtime".*allow_downtime = true`)},
			{
				Config:            config(`policy = { allow_downtime = true }`),
				ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownOutputValue("downtime", knownvalue.Bool(true))},
				// Every apply reads a data source in a check block again.
				ExpectNonEmptyPlan: true,
			},
		},
	})
}
