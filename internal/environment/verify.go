package environment

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migrationplan"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// verify checks whether a migrated environment responds as expected, if the policy has a check, and records the
// result. The migration keeps its place in the queue until then, so that a failed check can stop the migrations
// behind it. After a failed update verify does not check; the apply that completes the update does.
func (u *update) verify(
	ctx context.Context, env platform.Environment, state *resourceModel, failed bool,
) (diags diag.Diagnostics) {
	if failed {
		if u.progress.moved && migrationplan.Verifies(u.plan.MigrationPolicy) {
			state.LastMigration, diags = migrationplan.NoteVerified(state.LastMigration, false)
		}
		return diags
	}
	if !u.progress.moved && !u.repeatsCheck || env.Status == platform.StatusStopped ||
		env.Status == platform.StatusSleeping {
		return nil
	}
	verify, diags := migrationplan.ReadVerification(ctx, u.plan.MigrationPolicy, env)
	if verify == nil || diags.HasError() {
		return diags
	}
	from, to := u.state.Region.ValueString(), u.plan.Region.ValueString()
	if u.repeatsCheck {
		from = migrationplan.MovedFrom(u.state.LastMigration)
		u.log = newMigrationLog(u.name, from, to)
	}
	u.log.reached(ctx, migration.PhaseVerifying)
	_, u.progress.ended = u.resource.service.Verify(ctx, *verify)
	var unhealthy *migration.UnhealthyError
	answered := u.progress.ended == nil
	if !answered {
		u.log.add("reason", u.progress.ended.Error())
		changed := !state.Nodes.Equal(u.state.Nodes) || !state.Domain.Equal(u.state.Domain)
		diags.Append(migrationplan.NotVerified(u.name, from, to, u.progress.ended, changed))
	}
	switch {
	case answered:
		u.log.reached(ctx, migration.PhaseVerified)
	case errors.As(u.progress.ended, &unhealthy):
		u.log.reached(ctx, migration.PhaseUnhealthy)
	default:
		u.log.reached(ctx, migration.PhaseFailed)
	}
	var d diag.Diagnostics
	state.LastMigration, d = migrationplan.NoteVerified(state.LastMigration, answered)
	return append(diags, d...)
}
