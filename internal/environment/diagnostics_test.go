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

// Why an environment broke is told even if that it broke is seen before the call is answered.
func TestBrokenByAMigrationWithTheReason(t *testing.T) {
	t.Parallel()
	p, i := newCreated(t, shop())
	planned := plan(t, i, shop(region(performance)))
	inject(t, p, faults.Fault{Kind: faults.Fail, Method: "migrate", Code: 4099, Words: "out of luck", Broken: true})
	inject(t, p, fault(faults.Silence, "migrate", faults.WhenStarted))
	expectOne(t, i.Apply(planned), isError, "region")
}

// A change of node groups that takes too long is one error, though the look at what became of it ends for the same
// reason.
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

// Nodes that were changed and cannot be read are not told of as if nothing had happened.
func TestChangedButNotSeen(t *testing.T) {
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

// The platform's public prices, which stand in for those of the account, are no measure for them.
func TestPricesOfAnotherKindAreNoRise(t *testing.T) {
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

// Prices that are not to be had for a moment are unknown, and what is known later is no rise.
func TestPricesThatCannotBeReadForAMoment(t *testing.T) {
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
