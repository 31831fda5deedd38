package environment_test

import (
	"maps"
	"testing"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform"
)

// policy is a migration policy.
func policy(arguments map[string]any) map[string]any {
	return map[string]any{"migration_policy": arguments}
}

// movedAway is a shop that Terraform put into economy and somebody moved to performance.
func movedAway(t *testing.T) (*acctest.Platform, *acctest.Instance) {
	t.Helper()
	p := acctest.NewPlatform(t)
	i := created(t, p, shop())
	if err := p.MoveOutside("shop-prod", performance); err != nil {
		t.Fatal(err)
	}
	return p, i
}

func refreshed(t *testing.T, i *acctest.Instance) *acctest.Instance {
	t.Helper()
	if d := i.Refresh(); acctest.HasErrors(d) {
		t.Fatal(acctest.Text(d))
	}
	return i
}

// planOnly is what a plan with its refresh says, as if in a process of its own: nothing of it is stored.
func planOnly(t *testing.T, i *acctest.Instance, config map[string]any) (acctest.Plan, *acctest.Instance) {
	t.Helper()
	again := *i
	again.State = maps.Clone(i.State)
	p := plan(t, refreshed(t, &again), config)
	return p, &again
}

func TestMovedOutsideIsRefused(t *testing.T) {
	t.Parallel()
	p, i := movedAway(t)
	refreshed(t, i)
	_, d := i.Plan(shop())
	expectOne(t, d, isError, "region", "shop-prod was moved outside Terraform: north-economy → north-performance",
		"action log says that the migration ended at 20", `region = "north-performance"`, `on_external_move = "restore"`, "ignore_changes = [region]", "Nothing was changed.")
	expectMigrations(t, p)
}

func TestMovedOutsideIsRestored(t *testing.T) {
	t.Parallel()
	p, i := movedAway(t)
	refreshed(t, i)
	config := shop(policy(map[string]any{"on_external_move": "restore"}))
	planned := plan(t, i, config)
	expectValues(t, planned.State, map[string]any{
		"planned_migration.trigger": "external_move", "planned_migration.from_region": performance, "planned_migration.to_region": economy,
	})
	if d := i.Apply(planned); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	expectMigrations(t, p, economy+" live")
	expectValues(t, i.State, map[string]any{"last_migration.trigger": "external_move"})
	if again := plan(t, refreshed(t, i), config); i.Changes(again) {
		t.Errorf("the next plan is not empty: %s", i.Difference(again))
	}

	// Under the same guards as any other move.
	if err := p.MoveOutside("shop-prod", south); err != nil {
		t.Fatal(err)
	}
	_, d := refreshed(t, i).Plan(config)
	expectOne(t, d, isError, "migration_policy.allow_downtime", "shop-prod: move to north-economy needs allow_downtime and allow_ip_change")
}

// A request to move back is never swallowed, nor taken for somebody's move: moved outside, the configuration follows,
// the configuration returns.
func TestMovedOutsideFollowedAndReturned(t *testing.T) {
	t.Parallel()
	p, i := movedAway(t)
	refreshed(t, i)
	followed := plan(t, i, shop(region(performance)))
	if i.Changes(followed) {
		t.Fatalf("to follow is nothing to do: %s", i.Difference(followed))
	}
	// An apply without changes stores what was read.
	refreshed(t, i)
	returned := plan(t, i, shop())
	expectValues(t, returned.State, map[string]any{"planned_migration.trigger": "configuration", "planned_migration.to_region": economy})
	if d := i.Apply(returned); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	expectMigrations(t, p, economy+" live")
}

func TestMovedOutsideAndSentElsewhere(t *testing.T) {
	t.Parallel()
	_, i := movedAway(t)
	refreshed(t, i)
	expectValues(t, plan(t, i, shop(region("north-standard"))).State, map[string]any{
		"planned_migration.trigger": "configuration", "planned_migration.from_region": performance, "planned_migration.to_region": "north-standard",
	})
}

// What a plan found is found again by the next one, because a plan stores nothing.
func TestMovedOutsideIsFoundByEveryPlan(t *testing.T) {
	t.Parallel()
	_, i := movedAway(t)
	restoring := shop(policy(map[string]any{"on_external_move": "restore"}))
	for range 2 {
		planned, _ := planOnly(t, i, restoring)
		expectValues(t, planned.State, map[string]any{"planned_migration.trigger": "external_move"})
	}
}

func TestGuardsOfPlaceAndCost(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		policy map[string]any
		to     string
		at     string
		error  string
		says   []string
	}{
		"allowed region":     {map[string]any{"allowed_regions": []any{economy, performance}}, performance, "", "", nil},
		"forbidden region":   {map[string]any{"allowed_regions": []any{economy, "north-standard"}}, performance, "migration_policy.allowed_regions", "shop-prod: region north-performance is not allowed", []string{"north-economy, north-standard", "Nothing was changed."}},
		"forbidden whatever": {map[string]any{"allowed_regions": []any{economy}, "allow_downtime": true, "allow_ip_change": true}, south, "migration_policy.allowed_regions", "shop-prod: region south-standard is not allowed", nil},
		"too dear":           {map[string]any{"max_hourly_cost": 0.1}, performance, "migration_policy.max_hourly_cost", "shop-prod: in north-performance it may cost more than max_hourly_cost", []string{"up to 0.", "EUR an hour", "max_hourly_cost is 0.1", "Nothing was changed."}},
		"dear enough":        {map[string]any{"max_hourly_cost": 10}, performance, "", "", nil},
		"nothing at all":     {map[string]any{"max_hourly_cost": 0}, performance, "migration_policy.max_hourly_cost", "shop-prod: in north-performance it may cost more than max_hourly_cost", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := acctest.NewPlatform(t)
			i := created(t, p, shop())
			_, d := i.Plan(shop(region(row.to), policy(row.policy)))
			if row.error == "" {
				if len(d) > 0 {
					t.Fatal(acctest.Text(d))
				}
				return
			}
			expectOne(t, d, isError, row.at, row.error, row.says...)
		})
	}
	t.Run("a creation", func(t *testing.T) {
		t.Parallel()
		p := acctest.NewPlatform(t)
		i := acctest.NewInstance(t, "vap_environment", p.Provider())
		_, d := i.Plan(shop(policy(map[string]any{"allowed_regions": []any{south}})))
		expectOne(t, d, isError, "migration_policy.allowed_regions", "shop-prod: region north-economy is not allowed")
	})
	t.Run("an unknown cost", func(t *testing.T) {
		t.Parallel()
		catalogue := catalogueWith(t, map[string]any{"hidePricing": true, "hideDefaultPrices": true})
		p := acctest.NewPlatformWith(t, localplatform.Options{Catalogue: catalogue, TimeScale: acctest.TimeScale})
		i := acctest.NewInstance(t, "vap_environment", p.Provider())
		i.Provider["local_platform"].(map[string]any)["catalogue"] = catalogue
		apply(t, i, shop())
		planned, d := refreshed(t, i).Plan(shop(region(performance), policy(map[string]any{"max_hourly_cost": 0})))
		if len(d) > 0 {
			t.Errorf("an unknown cost refuses nothing: %s", acctest.Text(d))
		}
		expectValues(t, planned.State, map[string]any{"planned_migration.cost_before": nil, "planned_migration.cost_after": nil})
	})
}
