package environment

import (
	"context"
	"errors"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
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
		return nil, diag.Diagnostics{problem(u.name, "the environment cannot be read, or something is at work on it that does not end", err, nothingChanged)}
	}
	u.seen = env
	snap, found := loadSnapshot(ctx, u.private)
	facts, err := u.service.FreshFacts(ctx, snap.Facts)
	if err != nil {
		return nil, diag.Diagnostics{problem(u.name, "the regions cannot be read", err, nothingChanged)}
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
	request.After, _ = sized(described, u.changes, u.written)
	a := migration.Assess(request)
	before := snap.environment()
	if a.Mode == migration.ModeLive {
		// Others may have come to mount from it, which only the list tells.
		if around, err := u.service.Surroundings(ctx, u.name); err == nil {
			request.Environment = described.In(around)
			a = migration.Assess(request)
			if snap.Unlisted {
				// The plan did not rest on what others do: that they do it is no change.
				before = before.In(around)
			}
		}
	}
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
	if env.Status != platform.StatusMigrating && env.Region != to {
		diags.Append(refuseWorse(u.name, u.state.Region.ValueString(), env, a, then, u.planned(before, to, policy, facts).CostAfter)...)
		if !diags.HasError() {
			diags.Append(refuseNow(u.name, to, facts, a, policy, u.service.Now(), said)...)
		}
	}
	move := preparedMove{assessment: a}
	if move.record, d = moveOf(ctx, a, migration.TriggerConfiguration); planned != nil {
		// Reason, dependents and costs are recorded as they were planned; what is done, as it is done.
		planned.Mode, planned.Downtime = move.record.Mode, move.record.Downtime
		if a.Reason == migration.ReasonEnvironmentStopped {
			planned.Reason = move.record.Reason
		}
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
	request.After, _ = sized(env, u.changes, u.written)
	return migration.Assess(request)
}

// move carries out a prepared migration, if there is one, and judges what came of it. The error is the migration's own,
// that of one which broke its promise included.
func (u *update) move(ctx context.Context, move *preparedMove) (diag.Diagnostics, error) {
	if move == nil {
		return nil, nil
	}
	order := migration.Order{
		Environment: u.name,
		From:        u.seen.Region,
		To:          u.plan.Region.ValueString(),
		Live:        move.assessment.Mode == migration.ModeLive,
		RequestKey:  newRequestKey(),
		Reached:     func(phase migration.Phase) { u.progress.reached(ctx, phase) },
	}
	if u.seen.Status == platform.StatusMigrating {
		order.RequestKey = u.intent.RequestKey
	}
	u.progress.add("request_key", order.RequestKey)
	earlier := u.intent
	u.asked, u.intent = true, intent{}
	outcome, err := u.service.Run(ctx, order, u.seen)
	u.seen, u.current = outcome.After, err == nil
	if err != nil {
		var failure *migration.Failure
		if errors.As(err, &failure) && failure.GoesOn() {
			u.intent = intent{RequestKey: order.RequestKey, To: order.To, StartedAt: outcome.StartedAt,
				Assessment: move.assessment, Trigger: migration.Trigger(move.record.Trigger.ValueString())}
		}
		nothingElse := nothingChanged
		if stopsFirst(u.state, u.plan) {
			nothingElse = "\n\nThe environment was stopped before, as planned. Nothing else was changed."
			if slices.ContainsFunc(u.changes, layerChange.changesVariables) {
				nothingElse = "\n\nThe variables were changed and the environment was stopped before, as planned. Nothing else was changed."
			}
		}
		return diag.Diagnostics{migrationFailed(u.name, err, u.service.LivePairs, nothingElse)}, err
	}
	u.moved = true
	u.progress.reached(ctx, migration.PhaseDone)
	if outcome.Before.Region == order.To && outcome.Before.Status != platform.StatusMigrating {
		// It was there already: nobody migrated it now, and what is known to record is what an interrupted run began.
		before := u.state
		_, diags := u.complete(ctx, earlier, outcome.After, &before)
		u.record = before.LastMigration
		return diags, nil
	}
	var diags diag.Diagnostics
	if outcome.Stopped && order.Live {
		move.record.doneOffline()
		diags.AddAttributeWarning(path.Root("region"), u.name+": the live migration was done offline",
			"The plan said live, and nodes of the environment were seen stopped while it migrated. last_migration records it as offline. "+
				"Ask the hosting provider whether live migration is really offered between these regions; if not, rule it out by the provider's live_migration.")
	}
	// What the state knew is what has changed for everything that refers to it.
	known, d := u.state.nodes(ctx)
	diags.Append(d...)
	broken := move.record.brokenPromise(u.state.Domain, known, outcome.After)
	if broken != nil {
		summary, detail := promiseBroken(u.name, broken)
		diags.AddAttributeError(path.Root("region"), summary, detail)
	}
	var record diag.Diagnostics
	u.record, record = recordObject(ctx, move.record, outcome, known)
	return append(diags, record...), broken
}
