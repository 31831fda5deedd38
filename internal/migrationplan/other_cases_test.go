package migrationplan

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/diagutil"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

type diagnosticCase struct {
	name        string
	diagnostics diag.Diagnostics
}

// diagnosticCases returns the diagnostics that do not come from findings.
func diagnosticCases(t *testing.T) []diagnosticCase {
	t.Helper()
	cases := failureCases()
	cases = append(cases, guardCases()...)
	cases = append(cases, outcomeCases(t)...)
	return append(cases, verifyCases(t)...)
}

// Answers of the platform.
var (
	notAllowed = answer(platform.ClassNotAllowed, 2373, "migration is not allowed")
	revoked    = answer(platform.ClassAuthentication, 702, "revoked")
	busy       = answer(platform.ClassWrongState, 2212, "another operation")
	trouble    = answer(platform.ClassUnclassified, 4110, "disk trouble")
)

func answer(class platform.Class, code int, words string) error {
	return &platform.Error{
		Class:       class,
		Code:        code,
		Words:       words,
		Method:      "environment/control/migrate",
		Environment: "shop",
	}
}

// failureCases returns a failure of each kind.
func failureCases() []diagnosticCase {
	order := migration.Order{Environment: "shop", From: "north-economy", To: "south-standard"}
	running := platform.Environment{Name: "shop", Region: "north-economy", Status: platform.StatusRunning}
	migrating, moved, stopped := running, running, running
	migrating.Status = platform.StatusMigrating
	moved.Region = "south-retired"
	stopped.Region, stopped.Status = "south-standard", platform.StatusStopped
	live := order
	live.To, live.Live = "north-performance", true
	pairs := []migration.LivePair{{A: "north-economy", B: "north-performance", Possible: true}}
	var cases []diagnosticCase
	for _, c := range []struct {
		name    string
		failure migration.Failure
	}{
		{"refused", migration.Failure{Kind: migration.Refused, Order: order, Last: running, Cause: notAllowed}},
		{"live refused", migration.Failure{Kind: migration.Refused, Order: live, Last: running, Cause: notAllowed}},
		{"unchecked", migration.Failure{Kind: migration.Unchecked, Order: order, Last: running, Cause: revoked}},
		{"failed", migration.Failure{Kind: migration.FailedBack, Order: order, Started: true, Last: running, Cause: trouble}},
		{"broken", migration.Failure{Kind: migration.Broken, Order: order, Started: true, Last: running}},
		{"elsewhere", migration.Failure{Kind: migration.Elsewhere, Order: order, Started: true, Last: moved}},
		{"gone", migration.Failure{Kind: migration.Gone, Order: order, Started: true}},
		{"other status", migration.Failure{Kind: migration.OtherState, Order: order, Started: true, Last: stopped}},
		{"never started", migration.Failure{Kind: migration.NeverStarted, Order: order, Started: true, Last: running}},
		{"not visible", migration.Failure{Kind: migration.NotShown, Order: order, Started: true, Last: running}},
		{"another", migration.Failure{Kind: migration.Another, Order: order}},
		{"timed out, running", migration.Failure{Kind: migration.NotKnown, Order: order, Started: true, Last: migrating,
			Cause: TimedOut(90 * time.Minute)}},
		{"timed out, not visible", migration.Failure{
			Kind: migration.NotKnown, Order: order, Started: true, Last: running, Cause: TimedOut(5 * time.Second),
			Unseen: revoked,
		}},
		{"timed out, not started", migration.Failure{Kind: migration.NotKnown, Order: order, Last: running,
			Cause: TimedOut(2 * time.Hour)}},
		{"timed out, another operation",
			migration.Failure{Kind: migration.NotKnown, Order: order, Last: migrating, Cause: TimedOut(2 * time.Hour)}},
	} {
		cases = append(
			cases,
			diagnosticCase{c.name, diag.Diagnostics{Failed("shop", &c.failure, pairs, diagutil.NothingChanged)}},
		)
	}
	return cases
}

// guardCases returns what prevents a migration besides its findings.
func guardCases() []diagnosticCase {
	policy := migration.Policy{}
	a := migration.Assess(migration.Request{Environment: shop(), To: "south-standard", Policy: policy, Regions: regions()})
	findings := policy.Review(a, regions(), migration.EnforceAtPlan)
	CheckRefusal(a, notAllowed, findings)

	env := platform.Environment{Name: "shop", Region: "north-economy", Status: platform.StatusRunning, AppID: "new"}
	elsewhere := env
	elsewhere.Region = "south-retired"
	planned := migration.Assess(migration.Request{Environment: shop(), To: "north-performance", Regions: regions()})
	worsened := shop(database, mounts, func(e *migration.Environment) { e.Domain = "shop.example.test" })
	now := migration.Assess(migration.Request{Environment: worsened, To: "south-standard", Regions: regions()})
	live := migration.Assess(migration.Request{
		Environment: shop(
			database,
			mounts,
		),
		To:      "north-performance",
		Policy:  migration.Policy{Mode: migration.ModeLive},
		Regions: regions(),
	})
	far, farther := a, a
	farther.ExpectedDomain = "shop.farther.test"
	costlier, dollars, lowest := *planned.CostAfter, *planned.CostAfter, *planned.CostAfter
	costlier.HourlyMax, dollars.Currency = 1.5, "USD"
	lowest.HourlyMin = 0.05
	worse := func(env platform.Environment, now, then migration.Assessment, cost *migration.Cost) diag.Diagnostics {
		return RefuseWorse("shop", "north-economy", env, now, &then, cost)
	}
	return []diagnosticCase{
		{"refused by the platform, too", diag.Diagnostics{PlanDiagnostic(findings[0])}},
		{"refused by the platform", diag.Diagnostics{CheckRefusal(a, notAllowed, nil)}},
		{"cannot be checked", diag.Diagnostics{CheckRefusal(a, revoked, nil)}},
		{"busy", diag.Diagnostics{CheckRefusal(a, busy, nil)}},
		{
			"refused while planning",
			RefuseNow(
				"shop",
				"south-standard",
				regions(),
				a,
				policy,
				noon,
				policy.Review(a, regions(), migration.EnforceAtApply),
			),
		},
		{"since the plan, elsewhere", worse(elsewhere, planned, planned, nil)},
		{"since the plan, everything", worse(env, now, planned, nil)},
		{"since the plan, live", worse(env, live, planned, nil)},
		{"since the plan, another domain", worse(env, farther, far, nil)},
		{"since the plan, price at the limits", worse(env, planned, planned, &costlier)},
		{"since the plan, reserved price", worse(env, planned, planned, &lowest)},
		{"since the plan, currency", worse(env, planned, planned, &dollars)},
		{"migrating", diag.Diagnostics{alreadyMigrating(env, "south-standard")}},
		{"migrating, target unknown", diag.Diagnostics{alreadyMigrating(env, "")}},
		{"another environment", diag.Diagnostics{AnotherEnvironment("old", "", env)}},
		{"another app_id", diag.Diagnostics{NewAppID("shop", "old", env)}},
	}
}

// outcomeCases returns the diagnostics about the outcome of migrations.
func outcomeCases(t *testing.T) []diagnosticCase {
	t.Helper()
	before := platform.Environment{
		Name:      "shop",
		Region:    "north-economy",
		Status:    platform.StatusRunning,
		AppID:     "old",
		Domain:    "shop.north.vap.test",
		CreatedAt: noon,
		Groups:    []string{"a"},
		Nodes: []platform.Node{
			{
				ID:         11,
				NodeGroup:  "bl",
				InternalIP: "10.0.0.1",
			},
			{ID: 12, NodeGroup: "cp", InternalIP: "10.0.0.2", ReservedCloudlets: 1},
		},
	}
	after := before
	after.Region, after.AppID, after.DisplayName, after.Groups, after.BuiltInSSL =
		"south-standard", "new", "Shop", []string{
			"b",
		}, true
	after.CreatedAt = noon.Add(time.Hour)
	after.Nodes = []platform.Node{
		{ID: 12, NodeGroup: "cp", InternalIP: "10.0.0.2", ReservedCloudlets: 2},
		{ID: 13, NodeGroup: "cache", InternalIP: "10.0.0.3"},
	}
	a := migration.Assess(migration.Request{Environment: shop(), To: "south-standard", Regions: regions()})
	move := func() *MoveModel {
		m, diags := NewMove(t.Context(), a, migration.TriggerConfiguration)
		if diags.HasError() {
			t.Fatal(diags)
		}
		return &m
	}
	intent := Intent{To: "south-standard", StartedAt: noon, Assessment: a}
	failed := 4110
	last := types.ObjectNull(LastType.AttrTypes)
	_, unrecorded := intent.arrived(t.Context(), after, nil, nil, last)
	_, unreadable := intent.arrived(t.Context(), after, nil, revoked, last)
	broken := errors.New("the migration changed the domain, which the plan said would stay the same")
	domain := types.StringValue(before.Domain)
	return []diagnosticCase{
		{"adopted from an earlier run", move().Adopt("shop", intent)},
		{"adopted", move().Adopt("shop", Intent{})},
		{"differs from the plan", diag.Diagnostics{PromiseBroken(diag.SeverityError, "shop", broken)}},
		{
			"did not change as planned",
			diag.Diagnostics{
				move().NotChanged("shop", domain, before.Nodes, migration.Outcome{Before: before, After: before, Stale: true}),
			},
		},
		{"also changed", diag.Diagnostics{AlsoChanged(before, after)}},
		{"was offline", diag.Diagnostics{WasOffline("shop")}},
		{
			"failed unobserved",
			diag.Diagnostics{intent.failed(before, &platform.Action{Result: &failed, Words: "disk trouble"}, nil)},
		},
		{"no trace in the log", diag.Diagnostics{intent.failed(before, nil, nil)}},
		{"no log", diag.Diagnostics{intent.failed(before, nil, revoked)}},
		{"still not visible", diag.Diagnostics{intent.notVisible(before)}},
		{"not recorded", unrecorded},
		{"not recorded, no log", unreadable},
	}
}

// verifyCases returns the diagnostics about checks after a migration.
func verifyCases(t *testing.T) []diagnosticCase {
	t.Helper()
	unhealthy := &migration.UnhealthyError{
		Verify: migration.Verify{Address: "https://shop.south.vap.test/healthz"},
		Verification: migration.Verification{
			Attempts: 12, Elapsed: 2 * time.Minute, First: "connection refused", Last: "503 Service Unavailable",
		},
	}
	a := migration.Assess(migration.Request{Environment: shop(), To: "south-standard", Regions: regions()})
	move, diags := NewMove(t.Context(), a, migration.TriggerConfiguration)
	record, d := RecordObject(t.Context(), move, migration.Outcome{StartedAt: noon, FinishedAt: noon.Add(time.Minute)},
		types.StringNull(), nil)
	if diags.Append(d...); diags.HasError() {
		t.Fatal(diags)
	}
	notVerified := func(err error, leftBehind bool) diag.Diagnostics {
		return diag.Diagnostics{NotVerified("shop", "north-economy", "south-standard", err, leftBehind)}
	}
	return []diagnosticCase{
		{"does not answer", notVerified(unhealthy, false)},
		{"does not answer, addresses changed", notVerified(unhealthy, true)},
		{"check interrupted", notVerified(context.Canceled, true)},
		{"has not answered yet", diag.Diagnostics{NotVerifiedYet("shop", record, true)}},
		{"has not answered yet, stopped", diag.Diagnostics{NotVerifiedYet("shop", record, false)}},
	}
}
