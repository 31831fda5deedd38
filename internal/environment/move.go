package environment

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// preparedMove is a migration that may begin.
type preparedMove struct {
	assessment migration.Assessment
	// record is what the migration is recorded as: what was planned.
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
	facts, err := u.service.FreshFacts(ctx)
	if err != nil {
		return nil, diag.Diagnostics{problem(u.name, "the regions cannot be read", err, nothingChanged)}
	}
	planned, diags := u.plan.plannedMove(ctx)
	policy, _, d := u.plan.policy(ctx)
	diags.Append(d...)
	if diags.HasError() {
		return nil, diags
	}
	if planned != nil {
		// What was planned is done as planned, even if something better has become possible since.
		policy.Mode = migration.Mode(planned.Mode.ValueString())
	}
	described := migration.Describe(env)
	if stopsFirst(u.state, u.plan) {
		described.Status = switchedOff(described.Status)
	}
	a := migration.Assess(migration.Request{Environment: described, To: to, Policy: policy, Facts: u.service.Corrected(facts)})
	if env.Status != platform.StatusMigrating && env.Region != to {
		diags.Append(refuseWorse(u.name, u.state.Region.ValueString(), env, a, planned)...)
		diags.Append(refuseNow(u.name, to, facts, a, policy)...)
	}
	move := preparedMove{assessment: a}
	if planned != nil {
		move.record = *planned
		return &move, diags
	}
	move.record, d = moveOf(ctx, a, migration.TriggerConfiguration)
	diags.Append(d...)
	return &move, diags
}

// move carries out a prepared migration, if there is one.
func (u *update) move(ctx context.Context, move *preparedMove) diag.Diagnostics {
	if move == nil {
		return nil
	}
	u.asked = true
	outcome, err := migration.Run(ctx, u.service.Client, migration.Order{
		Environment: u.name,
		From:        u.seen.Region,
		To:          u.plan.Region.ValueString(),
		Live:        move.assessment.Mode == migration.ModeLive,
		RequestKey:  newRequestKey(),
	}, u.seen, u.service.Pace)
	u.seen = outcome.After
	if err != nil {
		return diag.Diagnostics{migrationFailed(u.name, err)}
	}
	u.moved = true
	var diags diag.Diagnostics
	u.record, diags = recordObject(ctx, move.record, outcome)
	return diags
}
