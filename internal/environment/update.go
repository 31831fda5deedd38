package environment

import (
	"context"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// Update carries out the migration first and the other changes after it, in the new region. Whatever fails, the state
// says what is so: each finished step, and the region where the platform says the environment is.
func (r *environmentResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state resourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	timeout, diags := plan.Timeouts.Update(ctx, 20*time.Minute)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}

	name := plan.Name.ValueString()
	done := applied{record: state.LastMigration}
	if !plan.Region.Equal(state.Region) {
		resp.Diagnostics.Append(r.migrate(ctx, plan, state, &done)...)
	}
	if !resp.Diagnostics.HasError() {
		bounded, cancel := context.WithTimeout(ctx, timeout)
		resp.Diagnostics.Append(r.updateNames(bounded, plan, state, &done)...)
		cancel()
	}
	if !done.something() && !resp.Diagnostics.HasError() {
		// Only what lives in the configuration changed: no reason to ask the platform anything.
		resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
		return
	}

	// The state has to be true even after an interrupt, so this look is not bound to ctx. It is short: an interrupt has
	// to return promptly.
	look, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastLook)
	defer cancel()
	env, err := r.service.Client.Environment(look, name)
	if err != nil && done.seen.Name != "" {
		env, err = done.seen, nil
	}
	facts, factsErr := r.service.Facts(look)
	if err != nil || factsErr != nil {
		if !resp.Diagnostics.HasError() {
			if err == nil {
				err = factsErr
			}
			resp.Diagnostics.Append(problem(name, "the environment was changed but cannot be read", err, "\n\nThe next plan reads it again."))
		}
		if platform.IsNotFound(err) {
			resp.State.RemoveResource(ctx)
		}
		return
	}
	actual := plan
	resp.Diagnostics.Append(actual.describe(ctx, env, facts)...)
	actual.PlannedMigration = types.ObjectNull(plannedType.AttrTypes)
	actual.LastMigration = done.record
	resp.Diagnostics.Append(snapshot{Environment: migration.Describe(env), Facts: facts}.store(ctx, resp.Private)...)
	if done.moved {
		resp.Diagnostics.Append(brokenPromises(ctx, name, plan, actual)...)
	}
	if resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.State.Set(ctx, &actual)...)
		return
	}
	plan.settled(actual)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

// lastLook bounds the reading of the true state after an interrupt.
const lastLook = 1500 * time.Millisecond

// applied is what an update has done so far.
type applied struct {
	// asked says that the platform was asked for a migration or found carrying one out, moved that it ended well.
	asked, moved, renamed bool
	// seen is the environment as last seen while it migrated.
	seen   platform.Environment
	record types.Object
}

func (a applied) something() bool { return a.asked || a.renamed }

// migrate carries out the planned migration, or refuses before the first write what has become worse than planned.
func (r *environmentResource) migrate(ctx context.Context, plan, state resourceModel, done *applied) diag.Diagnostics {
	name, to := plan.Name.ValueString(), plan.Region.ValueString()
	leave, err := r.service.Enqueue(ctx)
	if err != nil {
		return diag.Diagnostics{problem(name, "interrupted before the migration to "+to+" began", err, nothingChanged)}
	}
	defer leave()

	ctx, cancel := context.WithTimeoutCause(ctx, plan.migrationTimeout(), errMigrationTimeout)
	defer cancel()
	env, err := r.service.Client.Environment(ctx, name)
	if err != nil {
		return diag.Diagnostics{problem(name, "the environment cannot be read", err, nothingChanged)}
	}
	facts, err := r.service.FreshFacts(ctx)
	if err != nil {
		return diag.Diagnostics{problem(name, "the regions cannot be read", err, nothingChanged)}
	}
	done.seen = env
	planned, diags := plan.plannedMove(ctx)
	if diags.HasError() {
		return diags
	}
	if env.Status.Transitional() && env.Status != platform.StatusMigrating {
		waited, err := r.settle(ctx, name, func(env platform.Environment, err error) bool {
			return !platform.IsTransient(err) && !env.Status.Transitional()
		})
		if err != nil {
			return diag.Diagnostics{problem(name, "the environment is "+env.Status.String()+", and that did not end", err, nothingChanged)}
		}
		env = waited
	}

	policy, _, diags := plan.policy(ctx)
	if diags.HasError() {
		return diags
	}
	if planned != nil {
		// What was planned is done as planned, even if something better has become possible since.
		policy.Mode = migration.Mode(planned.Mode.ValueString())
	}
	a := migration.Assess(migration.Request{
		Environment: migration.Describe(env),
		To:          to,
		Policy:      policy,
		Facts:       r.service.Corrected(facts),
	})
	if env.Status != platform.StatusMigrating && env.Region != to {
		diags.Append(refuseWorse(name, state.Region.ValueString(), env, a, planned)...)
		diags.Append(refuseNow(name, to, facts, a, policy)...)
		if diags.HasError() {
			return diags
		}
	}
	move, d := moveOf(ctx, a, migration.TriggerConfiguration)
	diags.Append(d...)
	if planned != nil {
		move = *planned
	}

	outcome, err := migration.Run(ctx, r.service.Client, migration.Order{
		Environment: name,
		From:        env.Region,
		To:          to,
		Live:        a.Mode == migration.ModeLive,
		RequestKey:  newRequestKey(),
	}, env, r.service.Pace)
	done.asked, done.seen = true, outcome.After
	if err != nil {
		diags.Append(migrationFailed(name, err))
		return diags
	}
	done.moved = true
	done.record, d = recordObject(ctx, move, outcome)
	diags.Append(d...)
	return diags
}

// updateNames changes the display name and the groups where the plan differs from the state.
func (r *environmentResource) updateNames(ctx context.Context, plan, state resourceModel, done *applied) diag.Diagnostics {
	name := plan.Name.ValueString()
	if !plan.DisplayName.Equal(state.DisplayName) {
		done.renamed = true
		if err := r.service.Client.SetDisplayName(ctx, name, plan.DisplayName.ValueString()); err != nil {
			return diag.Diagnostics{problemAt(path.Root("display_name"), name, "the display name was not changed", err, "")}
		}
	}
	if !plan.Groups.Equal(state.Groups) {
		done.renamed = true
		var groups []string
		diags := plan.Groups.ElementsAs(ctx, &groups, false)
		if diags.HasError() {
			return diags
		}
		slices.Sort(groups)
		if err := r.service.Client.SetGroups(ctx, name, groups); err != nil {
			return diag.Diagnostics{problemAt(path.Root("groups"), name, "the groups were not changed", err, "")}
		}
	}
	return nil
}
