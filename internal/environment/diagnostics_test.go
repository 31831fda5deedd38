package environment_test

import (
	"testing"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

func inject(t *testing.T, p *acctest.Platform, f faults.Fault) {
	t.Helper()
	if err := p.Inject(f); err != nil {
		t.Fatal(err)
	}
}

// The error has the reason of a failed migration even if the environment is seen broken before the call returns.
func TestBrokenByMigrationReportsReason(t *testing.T) {
	t.Parallel()
	p, i := newCreated(t, shop())
	planned := plan(t, i, shop(region(performance)))
	inject(t, p, faults.Fault{Kind: faults.Fail, Method: "migrate", Code: 4099, Words: "out of luck", Broken: true})
	inject(t, p, fault(faults.Silence, "migrate", faults.WhenStarted))
	expectOne(t, i.Apply(planned), isError, "region")
}

// A change of node groups that times out gives one error, although the read after it fails for the same reason.
func TestTopologyTimeoutIsOneError(t *testing.T) {
	t.Parallel()
	p := acctest.NewPlatform(t)
	short := map[string]any{"timeouts": map[string]any{"update": "300ms"}}
	i := create(t, p, withDatabase(short))
	more := withDatabase(short, map[string]any{"node_groups": map[string]any{
		"cp": map[string]any{"node_type": "nginxphp", "count": 2}, "sqldb": map[string]any{"node_type": "mysql8"},
	}})
	planned := plan(t, i, more)
	inject(t, p, fault(faults.Silence, "changetopology", faults.WhenBefore))
	expectOne(t, i.Apply(planned), isError, "node_groups")
}

// If nodes were changed but cannot be read, the error says that they were changed.
func TestChangedNodesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	p, i := newCreated(t, withDatabase())
	if err := p.SetStatus("shop-prod", wire.StatusDown); err != nil {
		t.Fatal(err)
	}
	if d := i.Refresh(); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	planned := plan(t, i, withDatabase(map[string]any{"power": "running", "node_groups": map[string]any{
		"cp": map[string]any{"node_type": "nginxphp", "count": 2}, "sqldb": map[string]any{"node_type": "mysql8"},
	}}))
	last := refusal("getenvinfo", 8202, "no permission")
	last.Since = "changetopology"
	inject(t, p, last)
	expectOne(t, i.Apply(planned), isError, "")
	expectValues(t, i.State, map[string]any{"region": economy, "power": "running", "node_groups.cp.count": 1.0})
}

// Public prices, which the provider uses if the account's cannot be read, are not compared with the account's prices.
func TestDifferentPriceTypesAreNotCompared(t *testing.T) {
	t.Parallel()
	p, i := newCreated(t, shop())
	inject(t, p, refusal("getpricing", wire.ResultMissingTokenPermission, "not with this token"))
	refresh(t, i)
	planned := plan(t, i, shop(region(performance)))
	if cost := get(t, planned.State, "planned_migration", "hourly_cost_after"); cost == nil {
		t.Fatal("the plan has no cost, so there is nothing to compare")
	}
	if d := i.Apply(planned); acctest.HasErrors(d) {
		t.Fatal(acctest.Text(d))
	}
	expectValues(t, i.State, map[string]any{"region": performance})
}

// Prices that cannot be read at the plan are unknown, and learning them later is not a rise.
func TestPricesTemporarilyUnreadable(t *testing.T) {
	t.Parallel()
	p, i := newCreated(t, shop())
	inject(t, p, faults.Fault{Kind: faults.Gateway, Method: "getpricing", Status: 502})
	if d := i.Refresh(); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	planned := plan(t, i, shop(region(performance)))
	expectValues(t, planned.State, map[string]any{"planned_migration.hourly_cost_after": nil})
	if d := i.Apply(planned); acctest.HasErrors(d) {
		t.Fatal(acctest.Text(d))
	}
}
