package environment_test

import (
	"maps"
	"testing"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// policy is a migration policy.
func policy(arguments map[string]any) map[string]any {
	return map[string]any{"migration_policy": arguments}
}

// createMovedAway creates a shop that Terraform put into economy and somebody moved to performance.
func createMovedAway(t *testing.T) (*acctest.Platform, *acctest.Instance) {
	t.Helper()
	p, i := newCreated(t, shop())
	if err := p.MoveOutside("shop-prod", performance); err != nil {
		t.Fatal(err)
	}
	return p, i
}

func refresh(t *testing.T, i *acctest.Instance) *acctest.Instance {
	t.Helper()
	if d := i.Refresh(); acctest.HasErrors(d) {
		t.Fatal(acctest.Text(d))
	}
	return i
}

// planOnly returns the plan with its refresh, as in a process of its own: it stores nothing.
func planOnly(t *testing.T, i *acctest.Instance, config map[string]any) (acctest.Plan, *acctest.Instance) {
	t.Helper()
	again := *i
	again.State = maps.Clone(i.State)
	p := plan(t, refresh(t, &again), config)
	return p, &again
}

func TestExternalMoveRefused(t *testing.T) {
	t.Parallel()
	p, i := createMovedAway(t)
	refresh(t, i)
	_, d := i.Plan(shop())
	expectOne(t, d, isError, "region")
	expectMigrations(t, p)
}

func TestExternalMoveRestored(t *testing.T) {
	t.Parallel()
	p, i := createMovedAway(t)
	refresh(t, i)
	config := shop(policy(map[string]any{"on_external_move": "restore"}))
	planned := plan(t, i, config)
	expectValues(t, planned.State, map[string]any{
		"planned_migration.trigger": "external_move", "planned_migration.from_region": performance,
		"planned_migration.to_region": economy,
	})
	if d := i.Apply(planned); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	expectMigrations(t, p, economy+" live")
	expectValues(t, i.State, map[string]any{"last_migration.trigger": "external_move"})
	if again := plan(t, refresh(t, i), config); i.Changes(again) {
		t.Errorf("the next plan is not empty: %s", i.Difference(again))
	}

	// The same guards apply as to any other move.
	if err := p.MoveOutside("shop-prod", south); err != nil {
		t.Fatal(err)
	}
	_, d := refresh(t, i).Plan(config)
	expectOne(t, d, isError, "migration_policy.allow_downtime")
}

// A request to move back is never ignored. Here the environment moves outside Terraform, the configuration follows,
// and then returns. A plan without changes does not store that the configuration followed, so the first return needs
// confirmation again. After an apply that changed something in the new region, the return is a change of the region
// like any other.
func TestExternalMoveFollowedAndReverted(t *testing.T) {
	t.Parallel()
	p, i := createMovedAway(t)
	refresh(t, i)
	followed := plan(t, i, shop(region(performance)))
	if i.Changes(followed) {
		t.Fatalf("the followed move has changes: %s", i.Difference(followed))
	}
	// An apply without changes stores what was read.
	refresh(t, i)
	_, d := i.Plan(shop())
	expectOne(t, d, isError, "region")
	planned, _ := planOnly(t, i, shop(policy(map[string]any{"on_external_move": "restore"})))
	expectValues(t, planned.State,
		map[string]any{"planned_migration.trigger": "external_move", "planned_migration.to_region": economy})

	apply(t, i, shop(region(performance), map[string]any{"display_name": "Shop"}))
	returned := plan(t, refresh(t, i), shop())
	expectValues(t, returned.State,
		map[string]any{"planned_migration.trigger": nil, "planned_migration.to_region": economy})
	if d := i.Apply(returned); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	expectMigrations(t, p, economy+" live")
}

// A refresh that stores the new region does not accept the move.
func TestExternalMoveRecordedAfterFailedApply(t *testing.T) {
	t.Parallel()
	p, i := createMovedAway(t)
	for range 3 {
		refresh(t, i) // "apply -refresh-only"
	}
	refused := func() {
		t.Helper()
		_, d := i.Plan(shop())
		expectOne(t, d, isError, "region")
	}
	refused()
	// A failed apply does not accept it, either.
	planned := plan(t, i, shop(region(performance), map[string]any{"display_name": "Shop"}))
	inject(t, p, refusal("setenvdisplayname", 8, "not today"))
	if d := i.Apply(planned); !acctest.HasErrors(d) {
		t.Fatal("the apply did not fail")
	}
	refused()
	moveElsewhere(t, p, "north-standard")
	refresh(t, refresh(t, i))
	refused()
	moveElsewhere(t, p, economy)
	if again := plan(t, refresh(t, i), shop()); i.Changes(again) {
		t.Errorf("the plan is not empty: %s", i.Difference(again))
	}
}

func TestExternalMoveThenThirdRegion(t *testing.T) {
	t.Parallel()
	_, i := createMovedAway(t)
	refresh(t, i)
	expectValues(t, plan(t, i, shop(region("north-standard"))).State, map[string]any{
		"planned_migration.trigger": nil, "planned_migration.from_region": performance,
		"planned_migration.to_region": "north-standard",
	})
}

// Every plan reports the move again, because a plan stores nothing.
func TestEveryPlanReportsExternalMove(t *testing.T) {
	t.Parallel()
	_, i := createMovedAway(t)
	restoring := shop(policy(map[string]any{"on_external_move": "restore"}))
	for range 2 {
		planned, _ := planOnly(t, i, restoring)
		expectValues(t, planned.State, map[string]any{"planned_migration.trigger": "external_move"})
	}
}

func TestRegionAndCostLimits(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		policy map[string]any
		to     string
		at     string
	}{
		"allowed region": {map[string]any{"allowed_regions": []any{economy, performance}}, performance, ""},
		"forbidden region": {map[string]any{"allowed_regions": []any{economy, "north-standard"}}, performance,
			"migration_policy.allowed_regions"},
		"forbidden region despite permissions": {map[string]any{"allowed_regions": []any{economy}, "allow_downtime": true,
			"allow_ip_change": true}, south, "migration_policy.allowed_regions"},
		"too expensive":        {map[string]any{"max_hourly_cost": 0.1}, performance, "migration_policy.max_hourly_cost"},
		"below the cost limit": {map[string]any{"max_hourly_cost": 10}, performance, ""},
		"cost limit of zero":   {map[string]any{"max_hourly_cost": 0}, performance, "migration_policy.max_hourly_cost"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, i := newCreated(t, shop())
			_, d := i.Plan(shop(region(row.to), policy(row.policy)))
			if row.at == "" {
				if len(d) > 0 {
					t.Fatal(acctest.Text(d))
				}
				return
			}
			expectOne(t, d, isError, row.at)
		})
	}
	t.Run("create", func(t *testing.T) {
		t.Parallel()
		p := acctest.NewPlatform(t)
		i := acctest.NewInstance(t, "vap_environment", p.Provider())
		_, d := i.Plan(shop(policy(map[string]any{"allowed_regions": []any{south}})))
		expectOne(t, d, isError, "migration_policy.allowed_regions")
	})
	t.Run("unknown cost", func(t *testing.T) {
		t.Parallel()
		catalogue := catalogueWith(t, map[string]any{"hidePricing": true, "hideDefaultPrices": true})
		p := acctest.NewPlatformWith(t, localplatform.Options{Catalogue: catalogue, TimeScale: acctest.TimeScale})
		i := acctest.NewInstance(t, "vap_environment", p.Provider())
		i.Provider["local_platform"].(map[string]any)["catalogue"] = catalogue
		apply(t, i, shop())
		planned, d := refresh(t, i).Plan(shop(region(performance), policy(map[string]any{"max_hourly_cost": 0})))
		if len(d) > 0 {
			t.Errorf("an unknown cost is not refused: %s", acctest.Text(d))
		}
		expectValues(t, planned.State,
			map[string]any{"planned_migration.hourly_cost_before": nil, "planned_migration.hourly_cost_after": nil,
				"planned_migration.currency": nil})
	})
}

// allowed_regions applies to the region that the environment will be in after the apply, whether the provider moves
// it or not.
func TestAllowedRegionsWithoutMove(t *testing.T) {
	t.Parallel()
	allowing := func(regions ...any) map[string]any { return policy(map[string]any{"allowed_regions": regions}) }
	for name, row := range map[string]struct {
		world   func(*testing.T, *acctest.Platform)
		config  map[string]any
		refused bool
	}{
		"current region allowed": {nil, shop(allowing(performance)), true},
		"where it may be":        {nil, shop(allowing(economy)), false},
		"followed": {func(t *testing.T, p *acctest.Platform) {
			moveElsewhere(t, p, performance)
		}, shop(region(performance), allowing(economy)), true},
		"to be restored": {func(t *testing.T, p *acctest.Platform) {
			moveElsewhere(t, p, performance)
		}, shop(allowing(performance)), true},
		"migrating":           {startMoving, shop(region(performance), allowing(economy)), true},
		"migrating elsewhere": {startMoving, shop(region(south), allowing(economy, performance)), true},
		"rest of the policy unknown": {nil,
			shop(region(performance), policy(map[string]any{"allowed_regions": []any{economy},
				"allow_downtime": acctest.Unknown{}})), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, i := newCreated(t, shop())
			if row.world != nil {
				row.world(t, p)
			}
			_, d := refresh(t, i).Plan(row.config)
			if !row.refused {
				if len(d) > 0 {
					t.Fatal(acctest.Text(d))
				}
				return
			}
			expectOne(t, d, isError, "migration_policy.allowed_regions")
		})
	}
}

func moveElsewhere(t *testing.T, p *acctest.Platform, to string) {
	t.Helper()
	if err := p.MoveOutside("shop-prod", to); err != nil {
		t.Fatal(err)
	}
}

// startMoving starts a migration to performance outside Terraform and leaves it running.
func startMoving(t *testing.T, p *acctest.Platform) {
	t.Helper()
	if err := p.Inject(
		faults.Fault{Kind: faults.Prolong, Method: "migrate", Delay: faults.Duration(time.Hour)},
		faults.Fault{Kind: faults.Cut, Method: "migrate", When: faults.WhenStarted},
	); err != nil {
		t.Fatal(err)
	}
	if err := p.Client.Migrate(t.Context(),
		platform.MigrateRequest{Environment: "shop-prod", Region: performance, Live: true}); !platform.IsOutcomeUnknown(err) {
		t.Fatalf("the migration did not begin: %v", err)
	}
}

// A running migration needs no permission, because a refusal could not stop it, but the limits still apply to the
// plan.
func TestLimitsOfRunningMigration(t *testing.T) {
	t.Parallel()
	p, i := newCreated(t, withDatabase())
	startMoving(t, p)
	refresh(t, i)
	planned, d := i.Plan(withDatabase(region(performance)))
	if len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	expectValues(t, planned.State,
		map[string]any{"planned_migration.trigger": "in_progress",
			"planned_migration.missing_permissions": []any{"allow_downtime"}})
	_, d = i.Plan(withDatabase(region(performance), policy(map[string]any{"max_hourly_cost": 0.001})))
	expectOne(t, d, isError, "migration_policy.max_hourly_cost")
}

// The cost limit applies to the environment as the apply makes it, not only as it is.
func TestPlannedCost(t *testing.T) {
	t.Parallel()
	small := map[string]any{"node_type": "nginxphp", "count": 1, "reserved_cloudlets": 1, "dynamic_cloudlets": 4}
	with := func(changes map[string]any) map[string]any {
		cp := maps.Clone(small)
		maps.Copy(cp, changes)
		return map[string]any{"node_groups": map[string]any{"cp": cp}}
	}
	for name, row := range map[string]struct {
		after    map[string]any
		max      float64
		excluded []any
	}{
		"unchanged":    {with(nil), 0.04, nil},
		"more dynamic": {with(map[string]any{"dynamic_cloudlets": 64}), 0.64, nil},
		"more nodes":   {with(map[string]any{"count": 3}), 0.32, nil},
		"more disk":    {with(map[string]any{"disk_gb": 110}), 1.04, nil},
		"addresses":    {with(map[string]any{"count": 2, "public_ipv4_count": 2}), 4.18, nil},
		"another type": {with(map[string]any{"node_type": "apache2"}), 0.04, []any{"node_groups.cp"}},
		"new node group": {map[string]any{"node_groups": map[string]any{"cp": small,
			"bl": map[string]any{"node_type": "nginx", "count": 2, "dynamic_cloudlets": 10}}},
			0.24, []any{"node_groups.bl"}},
		"another node group instead": {map[string]any{"node_groups": map[string]any{"bl": map[string]any{"node_type": "nginx",
			"count": 2, "reserved_cloudlets": 1, "dynamic_cloudlets": 10, "disk_gb": 0}}}, 0.2, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, i := newCreated(t, shop(with(nil)))
			price := func(price float64) []any { return []any{map[string]any{"price": price}} }
			i.Provider["prices"] = map[string]any{performance: map[string]any{"currency": "EUR",
				"reserved_cloudlet": price(0.01), "dynamic_cloudlet": price(0.01),
				"disk_gb": []any{map[string]any{"price": 0.01, "free": 10}}, "public_ipv4": price(1), "public_ipv6": price(1)}}
			refresh(t, i)
			limit := func(most float64) map[string]any { return policy(map[string]any{"max_hourly_cost": most}) }
			_, d := i.Plan(shop(row.after, region(performance), limit(row.max-0.001)))
			expectOne(t, errorsOf(d), isError, "migration_policy.max_hourly_cost")
			planned, d := i.Plan(shop(row.after, region(performance), limit(row.max)))
			if acctest.HasErrors(d) {
				t.Fatal(acctest.Text(d))
			}
			want := map[string]any{"hourly_cost_after": row.max, "currency": "EUR", "cost_excludes": nil}
			if row.excluded != nil {
				want["cost_excludes"], want["hourly_cost_before"] = row.excluded, nil
			}
			expectValues(t, get(t, planned.State, "planned_migration").(map[string]any), want)
			if d := i.Apply(planned); acctest.HasErrors(d) {
				t.Fatal(acctest.Text(d))
			}
		})
	}
}

// A size that is known only during the apply makes the cost after the move unknown; the apply then checks the limit.
func TestCostOfUnknownSizes(t *testing.T) {
	t.Parallel()
	p, i := newCreated(t, shop())
	config := func(cloudlets any) map[string]any {
		return shop(region(performance), policy(map[string]any{"max_hourly_cost": 1}),
			map[string]any{"node_groups": map[string]any{
				"bl": map[string]any{"node_type": "nginx", "public_ipv4_count": 1},
				"cp": map[string]any{"node_type": "nginxphp", "count": 2, "dynamic_cloudlets": cloudlets},
			}})
	}
	planned := plan(t, i, config(acctest.Unknown{}))
	expectValues(t, planned.State,
		map[string]any{"planned_migration.mode": "live", "planned_migration.hourly_cost_after": acctest.Unknown{},
			"planned_migration.hourly_cost_before": acctest.Unknown{}})
	planned.Config = config(64)
	expectOne(t, errorsOf(i.Apply(planned)), isError, "migration_policy.max_hourly_cost")
	expectMigrations(t, p)
	planned.Config = config(5)
	if d := i.Apply(planned); acctest.HasErrors(d) {
		t.Fatal(acctest.Text(d))
	}
	expectMigrations(t, p, performance+" live")
}

// Parts of a policy that do not affect the plan may be unknown. The apply refuses what they forbid before the first
// write.
func TestIrrelevantUnknownsInPolicy(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		value any
		at    string
	}{
		"allowed_regions":  {[]any{economy}, "migration_policy.allowed_regions"},
		"max_hourly_cost":  {0.001, "migration_policy.max_hourly_cost"},
		"on_external_move": {"refuse", ""},
		"timeout":          {"1h", ""},
		"verify":           {nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, i := newCreated(t, shop())
			planned, d := i.Plan(shop(region(performance), policy(map[string]any{name: acctest.Unknown{}})))
			if len(d) > 0 {
				t.Fatal(acctest.Text(d))
			}
			expectValues(t, planned.State, map[string]any{"planned_migration.mode": "live"})
			planned.Config = shop(region(performance), policy(map[string]any{name: row.value}))
			planned.State["migration_policy"] = acctest.Unknown{}
			d = i.Apply(planned)
			if row.at == "" {
				if len(d) > 0 {
					t.Fatal(acctest.Text(d))
				}
				return
			}
			if len(d) != 1 || acctest.At(d[0]) != row.at {
				t.Error(acctest.Text(d))
			}
			expectMigrations(t, p)
		})
	}
}

// Without the log, a read believes a move outside Terraform only if the platform shows it again and again.
func TestExternalMoveWithoutLog(t *testing.T) {
	t.Parallel()
	p, i := createMovedAway(t)
	unreadable := refusal("getuidactions", 8, "not yours")
	unreadable.Times = -1
	inject(t, p, unreadable)
	since := len(p.Requests(t, ""))
	refresh(t, i)
	count := countCalls(t, p, since)
	if looks := count["getenvs"] + count["getenvinfo"]; looks < 1+migration.DefaultPollPolicy.Limits.Looks {
		t.Errorf("the read looked only %d times", looks)
	}
	_, d := i.Plan(shop())
	expectOne(t, d, isError, "region")
}

// on_external_move may be known only during the apply.
func TestExternalMoveWithUnknownPolicy(t *testing.T) {
	t.Parallel()
	for _, wish := range []string{"restore", "refuse"} {
		t.Run(wish, func(t *testing.T) {
			t.Parallel()
			p, i := createMovedAway(t)
			refresh(t, i)
			planned, d := i.Plan(shop(policy(map[string]any{"on_external_move": acctest.Unknown{}})))
			expectOne(t, d, isWarning, "migration_policy.on_external_move")
			expectValues(t, planned.State, map[string]any{"planned_migration.trigger": "external_move"})
			planned.Config = shop(policy(map[string]any{"on_external_move": wish}))
			planned.State["migration_policy"] = acctest.Unknown{}
			d = i.Apply(planned)
			if wish == "refuse" {
				expectOne(t, d, isError, "region")
				expectMigrations(t, p)
				return
			}
			if len(d) > 0 {
				t.Fatal(acctest.Text(d))
			}
			expectMigrations(t, p, economy+" live")
		})
	}
}
