package environment

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/diagutil"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/nodegroup"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// preparedMove is a migration that may begin.
type preparedMove struct {
	assessment migration.Assessment
	// record is what the migration is recorded as: what was planned, done in the way it is done.
	record MoveModel
}

// prepareMove asks the platform everything afresh and refuses, before the first write, what has become worse than
// planned or is not permitted.
func (u *update) prepareMove(ctx context.Context) (*preparedMove, diag.Diagnostics) {
	to := u.plan.Region.ValueString()
	env, err := u.settle(ctx, u.name, func(env platform.Environment, err error) bool {
		return !platform.IsTransient(err) && (!env.Status.Transitional() || env.Status == platform.StatusMigrating)
	})
	if err != nil {
		return nil, diag.Diagnostics{diagutil.FromError(u.name, "the environment cannot be read, or something is at work on it that does not end", err, diagutil.NothingChanged)}
	}
	u.seen = env
	if d := anotherEnvironment(u.state, loadAppID(ctx, u.private), env); d != nil {
		return nil, diag.Diagnostics{d}
	}
	snap, found := loadSnapshot(ctx, u.private)
	facts, err := u.service.FreshFacts(ctx, snap.Facts)
	if err != nil {
		return nil, diag.Diagnostics{diagutil.FromError(u.name, "the regions cannot be read", err, diagutil.NothingChanged)}
	}
	u.facts = &facts
	planned, diags := u.plan.plannedMove(ctx)
	policy, _, d := u.plan.policy(ctx)
	diags.Append(d...)
	if diags.HasError() {
		return nil, diags
	}
	described := migration.Describe(env)
	if stopsFirst(u.state, u.plan) {
		described.Status = switchedOff(described.Status)
	}
	request := migration.Request{Environment: described, To: to, Policy: policy, Facts: facts}
	request.After, _ = nodegroup.ProjectSizes(described, u.changes, u.written)
	a := migration.Assess(request)
	before := snap.environment()
	var then *migration.Assessment
	var said []migration.Finding
	if planned != nil && found {
		rested := u.planned(before, to, policy, snap.Facts)
		then, said = &rested, policy.Review(rested, u.service.Enforcement)
	}
	if then != nil && a.Mode == migration.ModeLive && then.Mode == migration.ModeOffline {
		// Live has become possible since. What was planned is done as planned.
		request.Policy.Mode = migration.ModeOffline
		a = migration.Assess(request)
	}
	if a.Mode == migration.ModeLive {
		// Others may have come to mount from it, which only the list tells.
		if around, err := u.service.Surroundings(ctx, u.name); err == nil {
			request.Environment = described.In(around)
			a = migration.Assess(request)
			if then != nil && snap.Unlisted && policy.Mode == migration.ModeLive {
				// The plan could not rest on them, only warn of them.
				then.Mounted = a.Mounted
			}
		}
	}
	if env.Status != platform.StatusMigrating && env.Region != to {
		diags.Append(refuseWorse(u.name, u.state.Region.ValueString(), env, a, then, u.planned(before, to, policy, facts).CostAfter)...)
		if !diags.HasError() {
			diags.Append(refuseNow(u.name, to, facts, a, policy, u.service.Now(), said)...)
		}
	}
	move := preparedMove{assessment: a}
	if move.record, d = moveOf(ctx, a, migration.TriggerConfiguration); planned != nil {
		// Reason, dependents and costs are recorded as they were planned; what is done, as it is done.
		planned.asAsked(a)
		move.record = *planned
	}
	return &move, append(diags, d...)
}

// planned is what moving the environment that a plan rests on would be like by these facts.
func (u *update) planned(env migration.Environment, to string, policy migration.Policy, facts migration.Facts) migration.Assessment {
	if stopsFirst(u.state, u.plan) {
		env.Status = switchedOff(env.Status)
	}
	request := migration.Request{Environment: env, To: to, Policy: policy, Facts: facts}
	request.After, _ = nodegroup.ProjectSizes(env, u.changes, u.written)
	return migration.Assess(request)
}

// move carries out a prepared migration, if there is one, and judges what came of it. The error is the migration's own,
// that of one which broke its promise included.
func (u *update) move(ctx context.Context, move *preparedMove) (diag.Diagnostics, error) {
	if move == nil {
		return nil, nil
	}
	earlier := u.intent
	a, to := move.assessment, u.plan.Region.ValueString()
	order := migration.Order{
		Environment:  u.name,
		AppID:        u.seen.AppID,
		From:         u.seen.Region,
		To:           to,
		Live:         a.Mode == migration.ModeLive,
		NewAddresses: a.IPChange,
		NewDomain:    a.DomainChange && a.ExpectedDomain != "",
		RequestKey:   migration.RequestKey(u.seen.AppID, u.seen.Region, to, u.state.lastMigrationEnd()),
		Intent:       earlier.known(),
	}
	if !u.asked {
		order.CheckedAt = u.service.CheckedAt(u.name, to)
	}
	if snap, found := loadSnapshot(ctx, u.private); earlier.To == "" && found && !snap.Environment.Status.Transitional() {
		order.Intent.Status = snap.Environment.Status
	}
	key := order.RequestKey
	if u.seen.Status == platform.StatusMigrating && earlier.RequestKey != "" {
		key = earlier.RequestKey
	}
	u.progress.add("request_key", key)
	u.asked, u.intent = true, intent{}
	outcome, err := u.service.Run(ctx, order, u.seen, func(phase migration.Phase) { u.progress.reached(ctx, phase) })
	u.seen, u.current = outcome.After, err == nil
	if err != nil {
		u.gone = isGone(err)
		u.intent = intentAfter(err, earlier, newIntent(order, outcome, move))
		return diag.Diagnostics{migrationFailed(u.name, err, u.service.LivePairs, u.nothingElse())}, err
	}
	u.moved = true
	u.progress.reached(ctx, migration.PhaseDone)
	var diags diag.Diagnostics
	// What the state knew is what has changed for everything that refers to it.
	known, d := nodegroup.PlatformNodes(ctx, u.state.Nodes)
	diags.Append(d...)
	if outcome.Before.Region == order.To && !outcome.Adopted {
		// It was there already: nobody migrated it now, and what is known to record is what an interrupted run began.
		before := u.state
		left, d := u.complete(ctx, earlier, outcome.After, &before)
		u.intent, u.record = left, before.LastMigration
		if broken := move.record.brokenPromise(u.state.Domain, known, outcome.After); broken != nil {
			return diag.Diagnostics{promiseBroken(diag.SeverityError, u.name, broken)}, broken
		}
		return append(diags, d...), nil
	}
	if outcome.Adopted {
		diags.Append(move.adopt(u.name, earlier)...)
	}
	if outcome.Stopped && move.record.Mode.ValueString() == string(migration.ModeLive) {
		move.record.doneOffline()
		diags.AddAttributeWarning(path.Root("region"), u.name+": the live migration was done offline",
			"The plan said live, and nodes of the environment were seen stopped while it migrated. last_migration records it as offline. "+
				"Ask the hosting provider whether live migration is really offered between these regions; if not, rule it out by the provider's live_migration.")
	}
	diags.Append(move.record.notChanged(u.name, u.state.Domain, known, outcome))
	u.acceptedAppID = outcome.After.AppID
	diags.Append(alsoChanged(outcome.Before, outcome.After))
	broken := move.record.brokenPromise(u.state.Domain, known, outcome.After)
	if broken != nil {
		diags.Append(promiseBroken(diag.SeverityError, u.name, broken))
	}
	u.record, d = recordObject(ctx, move.record, outcome, known)
	return append(diags, d...), broken
}

// nothingElse says what has been done before a migration that did not begin.
func (u *update) nothingElse() string {
	switch {
	case !stopsFirst(u.state, u.plan):
		return diagutil.NothingChanged
	case slices.ContainsFunc(u.changes, nodegroup.Change.ChangesVariables):
		return "\n\nThe variables were changed and the environment was stopped before, as planned. Nothing else was changed."
	}
	return "\n\nThe environment was stopped before, as planned. Nothing else was changed."
}

// adopt records a migration that this run did not ask for as what it was, and says so if the plan did not.
func (move *preparedMove) adopt(name string, earlier intent) diag.Diagnostics {
	to := move.record.ToRegion.ValueString()
	origin := "of another run or of somebody else, and it went where the plan wanted. Whether it was live is not known; last_migration records it as planned"
	if earlier.To == to {
		origin = "of an earlier run that was interrupted before the platform showed it. last_migration records it as it was asked for"
		move.record.asAsked(earlier.Assessment)
	}
	if move.record.Trigger.ValueString() == string(migration.TriggerInProgress) {
		return nil
	}
	move.record.Trigger = types.StringValue(string(migration.TriggerInProgress))
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(path.Root("region"), name+": a migration to "+to+" was under way already",
		"The plan did not know of it, so this apply asked for none and waited for its end. It was "+origin+", with trigger = \"in_progress\".")}
}
