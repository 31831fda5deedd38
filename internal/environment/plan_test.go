package environment_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

// Each change makes exactly the listed attributes unknown in the plan, and the apply keeps the others
// (acctest.Instance checks that as Terraform's core does).
func TestPlannedValuesAndUnknowns(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		before, after map[string]any
		unknown       []string
		planned       map[string]any // nil: no migration is planned
		replace       bool
	}{
		"nothing":              {shop(), shop(), nil, nil, false},
		"display name":         {shop(), shop(map[string]any{"display_name": "Shop"}), nil, nil, false},
		"display name removed": {shop(map[string]any{"display_name": "Shop"}), shop(), nil, nil, false},
		"groups":               {shop(), shop(map[string]any{"groups": []any{"shop/prod", "all"}}), nil, nil, false},
		"policy":               {shop(), shop(permitted), nil, nil, false},
		"timeouts":             {shop(), shop(map[string]any{"timeouts": map[string]any{"update": "1m"}}), nil, nil, false},
		"live": {shop(), shop(region(performance)), []string{"last_migration"}, map[string]any{
			"from_region": economy, "to_region": performance, "mode": "live", "reason": nil, "trigger": nil,
			"downtime": false, "ip_change": false, "domain_change": false, "expected_domain": nil, "dependents": nil,
			"databases": nil, "mounts": nil, "custom_domains": nil, "add_ons": nil, "missing_permissions": nil,
			"cost_excludes": nil,
		}, false},
		"live and display name": {shop(), shop(region(performance), map[string]any{"display_name": "Shop"}),
			[]string{"last_migration"}, map[string]any{
				"mode": "live",
			}, false},
		"offline in the data centre": {withDatabase(), withDatabase(region(performance), permitted),
			[]string{"last_migration"}, map[string]any{
				"mode": "offline", "reason": "database", "downtime": true, "ip_change": false, "domain_change": false,
				"dependents": []any{}, "databases": []any{"sqldb"},
			}, false},
		"another data centre": {shop(), shop(region(south), permitted),
			[]string{"domain", "endpoints", "last_migration", "nodes", "url"}, map[string]any{
				"from_region": economy, "to_region": south,
				"mode": "offline", "reason": "live_not_possible", "downtime": true, "ip_change": true, "domain_change": true,
				"expected_domain": "shop-prod.south.vap.test",
			}, false},
		"name":            {shop(), shop(map[string]any{"name": "other-shop"}), nil, nil, true},
		"name and region": {shop(), shop(map[string]any{"name": "other-shop"}, region(south)), nil, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, i := newCreated(t, row.before)
			before := maps.Clone(i.State)
			planned, d := i.Plan(row.after)
			if acctest.HasErrors(d) {
				t.Fatal(acctest.Text(d))
			}
			if row.replace != (len(planned.Replace) > 0) {
				t.Fatalf("replace because of %v", planned.Replace)
			}
			if row.replace {
				// A replacement is not a migration; the warning about its losses is tested elsewhere.
				if len(d) != 1 || acctest.At(d[0]) != "name" {
					t.Errorf("a replacement: %s", acctest.Text(d))
				}
				return
			}
			if got := unknownPathsOf(planned); !slices.Equal(got, row.unknown) {
				t.Errorf("unknown attributes: %v, want %v", got, row.unknown)
			}
			if row.planned == nil {
				if planned.State["planned_migration"] != nil {
					t.Errorf("planned migration %v", planned.State["planned_migration"])
				}
			} else {
				migration, _ := planned.State["planned_migration"].(map[string]any)
				expectValues(t, migration, row.planned)
			}
			for name, value := range planned.State {
				_, configured := row.after[name]
				if !configured && !slices.Contains(row.unknown, name) && name != "planned_migration" &&
					name != "datacenter" && !reflect.DeepEqual(value, before[name]) {
					t.Errorf("%s is planned to change from %v to %v", name, before[name], value)
				}
			}

			if d := i.Apply(planned); acctest.HasErrors(d) {
				t.Fatal(acctest.Text(d))
			}
			if d := i.Refresh(); len(d) > 0 {
				t.Fatal(acctest.Text(d))
			}
			if again := plan(t, i, row.after); i.Changes(again) {
				t.Errorf("the next plan is not empty: %s", i.Difference(again))
			}
			if (row.planned != nil) != (len(listMigrations(t, p)) == 1) {
				t.Errorf("migrations %v", listMigrations(t, p))
			}
		})
	}
}

func TestPlanWithUnknownValues(t *testing.T) {
	t.Parallel()
	everything := []string{"datacenter", "domain", "endpoints", "last_migration", "nodes", "planned_migration", "url"}
	for name, after := range map[string]map[string]any{
		"the region is unknown": shop(map[string]any{"region": acctest.Unknown{}}),
		"a permission is unknown": shop(region(south),
			map[string]any{"migration_policy": map[string]any{"allow_downtime": acctest.Unknown{}}}),
		"the policy is unknown": shop(region(south), map[string]any{"migration_policy": acctest.Unknown{}}),
		"unknown region in permit_for": shop(region(south),
			map[string]any{"migration_policy": map[string]any{"permit_for": []any{acctest.Unknown{}}}}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, i := newCreated(t, shop())
			planned, d := i.Plan(after)
			expectOne(t, d, isWarning, "region")
			if got := slices.DeleteFunc(unknownPathsOf(planned), func(n string) bool {
				return n == "region" || n == "migration_policy"
			}); !slices.Equal(got, everything) {
				t.Errorf("unknown attributes: %v, want %v", got, everything)
			}
			// During the apply everything is known, and the guard refuses the move before the first write.
			planned.Config = shop(region(south))
			expectOne(t, i.Apply(planned), isError, "migration_policy.allow_downtime")
			expectMigrations(t, p)
			if i.State["region"] != economy {
				t.Errorf("region %v", i.State["region"])
			}
			planned.Config = shop(region(south), permitted)
			planned.State["migration_policy"] = acctest.Unknown{}
			if d := i.Apply(planned); acctest.HasErrors(d) {
				t.Fatal(acctest.Text(d))
			}
			expectMigrations(t, p, south+" offline")
		})
	}
}

func TestPlanWithUnknownProviderConfiguration(t *testing.T) {
	t.Parallel()
	_, i := newCreated(t, shop())
	i.Provider = map[string]any{"endpoint": acctest.Unknown{}, "token": "x"}
	before := maps.Clone(i.State)
	if d := i.Refresh(); len(d) > 0 || !reflect.DeepEqual(before, i.State) {
		t.Fatalf("the refresh changes the state: %s", acctest.Text(d))
	}
	if planned := plan(t, i, shop()); i.Changes(planned) {
		t.Error("the plan is not empty")
	}
	if got := unknownPathsOf(plan(t, i, shop(region(performance)))); !slices.Contains(got, "planned_migration") ||
		!slices.Contains(got, "nodes") {
		t.Errorf("unknown attributes: %v", got)
	}
}

// Terraform does not apply with an unconfigured provider, but the provider must not crash if it does.
func TestApplyWithUnknownProviderConfiguration(t *testing.T) {
	t.Parallel()
	p := acctest.NewPlatform(t)
	existing, missing := create(t, p, shop()), acctest.NewInstance(t, "vap_environment", p.Provider())
	unknown := map[string]any{"endpoint": acctest.Unknown{}, "token": "x"}
	existing.Provider, missing.Provider = unknown, unknown
	for name, try := range map[string]struct {
		i      *acctest.Instance
		config map[string]any
	}{"create": {missing, shop()}, "change": {existing, shop(map[string]any{"display_name": "Shop"})},
		"delete": {existing, nil}} {
		t.Run(name, func(t *testing.T) {
			before := maps.Clone(try.i.State)
			planned, _ := try.i.Plan(try.config)
			expectOne(t, try.i.Apply(planned), isError, "")
			if !reflect.DeepEqual(try.i.State, before) {
				t.Errorf("the state is %v", try.i.State)
			}
		})
	}
}

func TestPlanDiagnostics(t *testing.T) {
	t.Parallel()
	forSouth := func(policy map[string]any, regions ...any) map[string]any {
		policy = maps.Clone(policy["migration_policy"].(map[string]any))
		policy["permit_for"] = regions
		return map[string]any{"migration_policy": policy}
	}
	for name, row := range map[string]struct {
		before, after map[string]any
		world         func(*acctest.Platform) error
		error         bool
		at            string
	}{
		"region that does not exist":                {shop(), shop(region("north-preformance")), nil, true, "region"},
		"region that is not enabled":                {shop(), shop(region("north-legacy")), nil, true, "region"},
		"region in maintenance":                     {shop(), shop(region("south-retired")), nil, true, "region"},
		"data centre that does not allow migration": {shop(), shop(region("east-standard"), permitted), nil, true, "region"},
		"no free addresses": {shop(), shop(region(south), permitted), func(p *acctest.Platform) error {
			return p.ExhaustAddresses("south", "internal")
		}, true, "region"},
		"offline without permission": {withDatabase(), withDatabase(region(performance)), nil, true,
			"migration_policy.allow_downtime"},
		"new addresses without permission": {shop(), shop(region(south), permitting("allow_downtime")), nil, true,
			"migration_policy.allow_ip_change"},
		"permitted for another region": {shop(), shop(region(south), forSouth(permitted, "south-performance")), nil, true,
			"migration_policy.permit_for"},
		"permitted for this region": {shop(), shop(region(south), forSouth(permitted, south)), nil, false, "region"},
		"live database": {withDatabase(),
			withDatabase(region(performance), map[string]any{"migration_policy": map[string]any{"mode": "live"}}), nil, true,
			"migration_policy.mode"},
		"live to another data centre": {shop(),
			shop(region(south), map[string]any{"migration_policy": map[string]any{"mode": "live", "allow_downtime": true}}), nil,
			true, "migration_policy.mode"},
		"environment busy": {shop(), shop(region(performance)), func(p *acctest.Platform) error {
			return p.Inject(refusal("checkmigrationpossibility", wire.ResultWrongStatus, "environment is [UPDATING]"))
		}, false, "region"},
		"broken environment": {shop(), shop(region(performance)), func(p *acctest.Platform) error {
			return p.SetStatus("shop-prod", wire.StatusBroken)
		}, true, "region"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, i := newCreated(t, row.before)
			if row.world != nil {
				if err := row.world(p); err != nil {
					t.Fatal(err)
				}
				if d := i.Refresh(); len(d) > 0 {
					t.Fatal(acctest.Text(d))
				}
			}
			_, d := i.Plan(row.after)
			severity := isWarning
			if row.error {
				severity = isError
			}
			expectOne(t, d, severity, row.at)
			expectMigrations(t, p)
		})
	}
}

func TestEnforcementAtApply(t *testing.T) {
	t.Parallel()
	p, i := newCreated(t, shop())
	i.Provider["migration_enforcement"] = "apply"
	planned, d := i.Plan(shop(region(south)))
	expectOne(t, d, isWarning, "migration_policy.allow_downtime")
	missing := get(t, planned.State, "planned_migration", "missing_permissions")
	if !reflect.DeepEqual(missing, []any{"allow_downtime", "allow_ip_change"}) {
		t.Errorf("missing permissions %v", missing)
	}
	// The plan during the apply repeats everything as a warning, and the error of the apply is short.
	refused := i.Apply(planned)
	if len(refused) != 2 {
		t.Fatal(acctest.Text(refused))
	}
	expect(t, refused[0], isWarning, "migration_policy.allow_downtime")
	expect(t, refused[1], isError, "migration_policy.allow_downtime")
	expectMigrations(t, p)
}

// Errors of the migration's guards explain how to destroy the environment, because Terraform also plans before a
// destruction. Errors about a misspelt region or a limit, in a creation, or in an apply do not explain it.
func TestDestroyHintOnlyInPlans(t *testing.T) {
	t.Parallel()
	expectHint := func(d []*tfprotov6.Diagnostic, want bool) {
		t.Helper()
		if d = errorsOf(d); len(d) != 1 || strings.Contains(d[0].Detail, "-refresh=false") != want ||
			strings.Contains(d[0].Detail, "destroy") != want {
			t.Errorf("hint: %t, want %t: %s", !want, want, acctest.Text(d))
		}
	}
	p := acctest.NewPlatform(t)
	_, d := acctest.NewInstance(t, "vap_environment", p.Provider()).Plan(shop(region("nowhere")))
	expectHint(d, false)
	i := create(t, p, shop())
	for _, row := range []struct {
		config map[string]any
		want   bool
	}{
		{shop(region(south)), true},
		{shop(region(performance), policy(map[string]any{"mode": "offline"})), true},
		{shop(region(south), policy(map[string]any{"mode": "live"})), true},
		{shop(region("nowhere")), false},
		{shop(region("north-legacy")), false},
		{shop(policy(map[string]any{"allowed_regions": []any{south}})), false},
		{shop(region(performance), policy(map[string]any{"max_hourly_cost": 0})), false},
	} {
		_, d := i.Plan(row.config)
		expectHint(d, row.want)
	}
	i.Provider["migration_enforcement"] = "apply"
	expectHint(i.Apply(plan(t, i, shop(region(south)))), false)
}

// A permission that permit_for excludes is not reported as missing, alone or with one that is.
func TestPermitForBlocksMove(t *testing.T) {
	t.Parallel()
	_, i := newCreated(t, shop())
	for name, row := range map[string]struct {
		policy map[string]any
		at     string
	}{
		"all permissions": {map[string]any{"allow_downtime": true, "allow_ip_change": true, "permit_for": []any{performance}},
			"migration_policy.permit_for"},
		"one permission": {map[string]any{"allow_downtime": true, "permit_for": []any{performance}},
			"migration_policy.allow_ip_change"},
		"no permissions": {map[string]any{"permit_for": []any{performance}}, "migration_policy.allow_downtime"},
		"no region": {map[string]any{"allow_downtime": true, "allow_ip_change": true, "permit_for": []any{}},
			"migration_policy.permit_for"},
		"one permission, no region": {map[string]any{"allow_ip_change": true, "permit_for": []any{}},
			"migration_policy.allow_downtime"},
		"misspelt": {map[string]any{"allow_downtime": true, "allow_ip_change": true, "permit_for": []any{"south-standart"}},
			"migration_policy.permit_for"},
	} {
		t.Run(name, func(t *testing.T) {
			_, d := i.Plan(shop(region(south), policy(row.policy)))
			expectOne(t, errorsOf(d), isError, row.at)
		})
	}
}

// Planned values depend only on configuration, state and snapshot: a plan that does not read the platform again, as
// with -refresh=false, equals the earlier one, whatever has changed since.
func TestPlanDependsOnlyOnLastRead(t *testing.T) {
	t.Parallel()
	p, i := newCreated(t, shop())
	before := plan(t, i, shop(region(performance)))
	if err := p.SetStatus("shop-prod", wire.StatusDown); err != nil {
		t.Fatal(err)
	}
	if again := plan(t, i, shop(region(performance))); !reflect.DeepEqual(before.State, again.State) {
		t.Errorf("planned %v\nthen %v", before.State["planned_migration"], again.State["planned_migration"])
	}
	if d := i.Refresh(); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	after := plan(t, i, shop(region(performance)))
	expectValues(t, after.State, map[string]any{"planned_migration.reason": "environment_stopped",
		"planned_migration.downtime": false})
}

// Without a snapshot, as after an upgrade without a refresh, a plan cannot say how the environment will move: the
// platform may respond differently at the apply, which decides.
func TestPlanWithoutSnapshot(t *testing.T) {
	t.Parallel()
	p, i := newCreated(t, shop())
	i.Private = nil
	planned, d := i.Plan(shop(region(south)))
	expectOne(t, d, isWarning, "region")
	expectValues(t, planned.State, map[string]any{"planned_migration": acctest.Unknown{}, "nodes": acctest.Unknown{}})
	d = errorsOf(i.Apply(planned))
	expectOne(t, d, isError, "migration_policy.allow_downtime")
	expectMigrations(t, p)

	i.Private = nil
	planned, _ = i.Plan(shop(region(performance)))
	if d := errorsOf(i.Apply(planned)); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	expectValues(t, i.State, map[string]any{"planned_migration": nil, "last_migration.mode": "live"})
}

// If the configuration sets the number of nodes, it stays known in a move that changes addresses, so that other
// resources can use it for count.
func TestNumberOfNodesInAMove(t *testing.T) {
	t.Parallel()
	counted := func(changes ...map[string]any) map[string]any {
		return shop(append([]map[string]any{withNodeGroups(map[string]any{
			"bl": map[string]any{"node_type": "nginx", "count": 1, "public_ipv4_count": 1},
			"cp": map[string]any{"node_type": "nginxphp", "count": 2},
		})}, changes...)...)
	}
	_, i := newCreated(t, counted())
	before := i.State["nodes"].([]any)
	planned := plan(t, i, counted(region(south), permitted))
	nodes, _ := planned.State["nodes"].([]any)
	if len(nodes) != 3 {
		t.Fatalf("planned nodes: %v", planned.State["nodes"])
	}
	for n, node := range nodes {
		was, is := before[n].(map[string]any), node.(map[string]any)
		for name := range was {
			_, unknown := is[name].(acctest.Unknown)
			if address := slices.Contains([]string{"internal_ip", "public_ipv4", "public_ipv6", "url"},
				name); unknown != address || !address && is[name] != was[name] {
				t.Errorf("%s of node %d is planned as %v", name, n, is[name])
			}
		}
	}
	if d := errorsOf(i.Apply(planned)); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	after := i.State["nodes"]
	refresh(t, i)
	if !reflect.DeepEqual(after, i.State["nodes"]) {
		t.Errorf("nodes %v, read %v", after, i.State["nodes"])
	}
	// The number is unknown if it changes, or if the configuration does not set it, because the node group may then
	// scale itself.
	for name, config := range map[string]map[string]any{
		"count changes": counted(region(economy), permitted, withNodeGroups(map[string]any{
			"bl": map[string]any{"node_type": "nginx", "count": 1, "public_ipv4_count": 1},
			"cp": map[string]any{"node_type": "nginxphp", "count": 3},
		})),
		"no count": shop(region(economy), permitted),
	} {
		if nodes := plan(t, i, config).State["nodes"]; !reflect.DeepEqual(nodes, acctest.Unknown{}) {
			t.Errorf("%s: nodes %v", name, nodes)
		}
	}
}

// A warning in the plan of a move says how long the last move of its kind took, of the same environment or else of
// the account. The planned values do not contain it.
func TestHistoryInAPlan(t *testing.T) {
	t.Parallel()
	acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
		p, i := newCreated(t, shop())
		// Every process that plans refreshes first.
		read := func(i *acctest.Instance, config map[string]any) (acctest.Plan, []*tfprotov6.Diagnostic) {
			s := startServer(t, p)
			if d := i.RefreshOn(s); len(d) > 0 {
				t.Fatal(acctest.Text(d))
			}
			return i.PlanOn(s, config)
		}
		planned, d := read(i, shop(region(south), permitted))
		expectOne(t, d, isWarning, "region") // without history
		if d := errorsOf(i.Apply(planned)); len(d) > 0 {
			t.Fatal(acctest.Text(d))
		}
		before := len(p.Requests(t, "getuidactions"))
		planned, d = read(i, shop(permitted))
		expectOne(t, d, isWarning, "region") // with one of its own
		if n := len(p.Requests(t, "getuidactions")) - before; n != 1 {
			t.Errorf("the log was read %d times", n)
		}
		if strings.Contains(fmt.Sprint(planned.State), "took") {
			t.Error("the plan depends on the history")
		}
		// A live move that endangers nothing has no warning to say it in.
		if _, d := read(i, shop(region(south), permitted, map[string]any{"display_name": "Shop"})); len(d) > 0 {
			t.Error(acctest.Text(d))
		}
		other := create(t, p, shop(map[string]any{"name": "other-shop"}))
		_, d = read(other, shop(map[string]any{"name": "other-shop"}, region(south), permitted))
		expectOne(t, d, isWarning, "region") // with another environment's
		if err := p.Inject(refusal("getuidactions", 8, "not yours")); err != nil {
			t.Fatal(err)
		}
		_, d = read(other, shop(map[string]any{"name": "other-shop"}, region(south), permitted))
		expectOne(t, d, isWarning, "region") // with an unreadable log
	})
}
