package environment_test

import (
	"testing"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// prices returns the prices of a reserved and a dynamic cloudlet in both regions.
func prices(currency string, reserved, dynamic float64) map[string]any {
	price := map[string]any{"currency": currency, "reserved_cloudlet": []any{map[string]any{"price": reserved}},
		"dynamic_cloudlet": []any{map[string]any{"price": dynamic}}}
	return map[string]any{economy: price, performance: price}
}

// livePossible declares whether environments can move live between the two regions.
func livePossible(is bool) []any {
	return []any{map[string]any{"between": []any{economy, performance}, "possible": is}}
}

// The provider's configuration may come from files that change between plan and apply. The plan stays valid, and the
// apply refuses a migration that is worse with the new configuration.
func TestProviderConfigurationChangesBetweenPlanAndApply(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		before, after map[string]any
		refused       bool
	}{
		"costs more": {map[string]any{"prices": prices("EUR", 0.1, 0.1)}, map[string]any{"prices": prices("EUR", 0.1, 0.2)},
			true},
		"costs more at low usage": {map[string]any{"prices": prices("EUR", 0.1, 0.4)},
			map[string]any{"prices": prices("EUR", 0.4, 0.1)}, true},
		"another currency": {map[string]any{"prices": prices("EUR", 0.1, 0.1)},
			map[string]any{"prices": prices("USD", 0.01, 0.01)}, true},
		"cheaper": {map[string]any{"prices": prices("EUR", 0.1, 0.1)},
			map[string]any{"prices": prices("EUR", 0.1, 0.05)}, false},
		"no prices": {map[string]any{"prices": prices("EUR", 0.1, 0.1)}, nil, false},
		"live becomes impossible": {map[string]any{"live_migration": livePossible(true)},
			map[string]any{"live_migration": livePossible(false)}, true},
		"live becomes possible": {map[string]any{"live_migration": livePossible(false)}, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			nodeGroups := map[string]any{"node_groups": map[string]any{
				"bl": map[string]any{"node_type": "nginx", "public_ipv4_count": 1, "reserved_cloudlets": 1},
				"cp": map[string]any{"node_type": "nginxphp", "count": 2, "reserved_cloudlets": 1},
			}}
			p, i := newCreated(t, shop(nodeGroups))
			configure := func(arguments map[string]any) {
				i.Provider = p.Provider()
				for name, value := range arguments {
					i.Provider[name] = value
				}
			}
			configure(row.before)
			planned := plan(t, refresh(t, i), shop(region(performance), permitted, nodeGroups))
			configure(row.after)
			d := errorsOf(i.Apply(planned))
			if row.refused {
				expectOne(t, d, isError, "region")
				expectMigrations(t, p)
				return
			}
			if len(d) > 0 {
				t.Fatal(acctest.Text(d))
			}
			mode := get(t, planned.State, "planned_migration", "mode").(string)
			expectMigrations(t, p, performance+" "+mode)
			expectValues(t, i.State, map[string]any{"last_migration.mode": mode})
		})
	}
}

// change changes the node groups of an environment outside Terraform.
func change(t *testing.T, p *acctest.Platform, change func(*platform.Topology)) {
	t.Helper()
	topology, err := p.Client.Topology(t.Context(), "shop-prod")
	if err != nil {
		t.Fatal(err)
	}
	change(topology)
	if err := p.Client.ChangeTopology(t.Context(), topology); err != nil {
		t.Fatal(err)
	}
}

// A permission covers what the plan showed, not what a live move has come to endanger since.
func TestApplyRefusesNewDatabasesAndMounts(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		permission string
		world      func(*testing.T, *acctest.Platform, *acctest.Instance)
	}{
		"a database": {"allow_live_databases", func(t *testing.T, p *acctest.Platform, _ *acctest.Instance) {
			change(t, p, func(topology *platform.Topology) {
				topology.Put(platform.NodeGroupSpec{Name: "sqldb", NodeType: "mysql8"})
			})
		}},
		"mounts": {"allow_live_mounts", func(t *testing.T, p *acctest.Platform, i *acctest.Instance) {
			createMounter(t, p, "user-1", i)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, i := newCreated(t, shop())
			live := policy(map[string]any{"mode": "live", row.permission: true})
			planned, d := i.Plan(shop(region(performance), live))
			if len(d) > 0 {
				t.Fatal(acctest.Text(d))
			}
			row.world(t, p, i)
			expectOne(t, i.Apply(planned), isError, "region")
			expectMigrations(t, p)
			// A new plan shows it, and its apply succeeds.
			apply(t, refresh(t, i), shop(region(performance), live))
			expectMigrations(t, p, performance+" live")
		})
	}
}

// If the plan does not list other environments, a permission to move mounts live covers all of their mounts.
func TestLiveMountsOfALargeAccount(t *testing.T) {
	t.Parallel()
	p := acctest.NewPlatform(t)
	i := createFleet(t, p, 1, 110)[0]
	createMounter(t, p, "user-1", i)
	s := startServer(t, p)
	planAll(t, s, []*acctest.Instance{i}, 1, func(n int) map[string]any { return small(n) })
	planned, d := i.PlanOn(s, small(0, region(performance),
		policy(map[string]any{"mode": "live", "allow_live_mounts": true})))
	expectOne(t, d, isWarning, "region")
	if d := errorsOf(i.Apply(planned)); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	expectMigrations(t, p, performance+" live")
}

// A move that was planned offline stays offline, even if a live one has become possible: users expect the downtime,
// and the policy may have chosen it.
func TestPlannedOfflineStaysOffline(t *testing.T) {
	t.Parallel()
	p, i := newCreated(t, withDatabase())
	planned := plan(t, i, withDatabase(region(performance), permitted))
	expectValues(t, planned.State,
		map[string]any{"planned_migration.mode": "offline", "planned_migration.reason": "database"})
	change(t, p, func(topology *platform.Topology) { topology.Remove("sqldb") })
	if d := errorsOf(i.Apply(planned)); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	expectMigrations(t, p, performance+" offline")
	expectValues(t, i.State, map[string]any{"last_migration.mode": "offline", "last_migration.downtime": true})
}
