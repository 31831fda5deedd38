package environment

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/diagutil"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migrationplan"
)

// execute runs the steps in order and stops at the first failure. A migration waits for its turn and is checked before
// the first step.
func (u *update) execute(ctx context.Context, steps []Step) (diags diag.Diagnostics) {
	var move *preparedMove
	if i := slices.IndexFunc(steps, func(s Step) bool { return s.Kind == StepMigrate }); i >= 0 {
		u.log = newMigrationLog(u.name, u.state.Region.ValueString(), u.plan.Region.ValueString())
		defer func() {
			if diags.HasError() && !u.progress.moved {
				u.log.failed(ctx, diags)
			}
		}()
		move, diags = u.queue(ctx, steps[i])
		if diags.HasError() {
			return diags
		}
	}
	for _, step := range steps {
		diags.Append(u.afterDone(u.run(ctx, step, move))...)
		if diags.HasError() {
			break
		}
	}
	return diags
}

// queue waits for the migration's turn and prepares it.
func (u *update) queue(ctx context.Context, step Step) (*preparedMove, diag.Diagnostics) {
	release, err := u.resource.service.Enqueue(ctx, u.name, func(before int) { u.log.queued(ctx, before) })
	if err != nil {
		return nil, diag.Diagnostics{u.notBegun(err)}
	}
	u.leave = sync.OnceFunc(func() { release(u.progress.ended) })
	ctx, cancel := step.bound(ctx)
	defer cancel()
	move, diags := u.prepareMove(ctx)
	if !diags.HasError() {
		u.log.add("mode", move.record.Mode.ValueString())
		u.log.reached(ctx, migration.PhaseChecked)
	}
	return move, diags
}

// run runs one step. The time limit of each step starts when it begins, so a long migration does not use up that of the
// others.
func (u *update) run(ctx context.Context, step Step, move *preparedMove) diag.Diagnostics {
	ctx, cancel := step.bound(ctx)
	defer cancel()
	switch step.Kind {
	case StepCheckTopology:
		return u.checkTopology(ctx)
	case StepChangeVariables:
		return u.changeVariables(ctx)
	case StepStop:
		return u.power(ctx, powerStopped)
	case StepMigrate:
		var diags diag.Diagnostics
		diags, u.progress.ended = u.move(ctx, move)
		if u.progress.ended != nil || !migrationplan.Verifies(u.plan.MigrationPolicy) {
			u.leave()
		}
		return diags
	case StepStart:
		return u.power(ctx, powerRunning)
	case StepChangeTopology:
		return u.changeTopology(ctx)
	case StepChangeNodeGroups:
		return u.changeNodeGroups(ctx)
	case StepChangeNames:
		return u.changeNames(ctx)
	}
	return nil
}

// prepareMove prepares the migration that the plan contains.
func (u *update) prepareMove(ctx context.Context) (*preparedMove, diag.Diagnostics) {
	in, diags := newMoveInput(ctx, u)
	if diags.HasError() {
		return nil, diags
	}
	move, diags := prepareMove(ctx, in)
	if move != nil {
		u.progress.seen, u.progress.catalog = move.seen, &move.catalog
	}
	return move, diags
}

// move carries out a prepared migration and records the result.
func (u *update) move(ctx context.Context, move *preparedMove) (diag.Diagnostics, error) {
	u.progress.asked = true
	result, diags, err := move.move(ctx, u.progress.seen, u.progress.changes, u.log)
	// The migration has ended, too, if it changed what the plan promised to keep.
	u.progress.seen, u.progress.current = result.seen, result.moved
	u.progress.moved, u.progress.gone, u.progress.intent, u.progress.record =
		result.moved, result.gone, result.intent, result.record
	u.progress.acceptedAppID = result.acceptedAppID
	if result.moved && err == nil && !migrationplan.Verifies(u.plan.MigrationPolicy) {
		u.log.done(ctx)
	}
	if result.moved && err == nil {
		u.did("has moved to " + u.plan.Region.ValueString())
	}
	return diags, err
}

// notBegun returns the error for a migration that did not get its turn.
func (u *update) notBegun(err error) diag.Diagnostic {
	var stopped *migration.StoppedError
	if errors.As(err, &stopped) {
		return diag.NewAttributeErrorDiagnostic(path.Root("region"),
			u.name+": not migrated, because another migration failed", diagutil.Capitalize(diagutil.Explain(err))+
				"\n\nFind out why, then apply again. The provider argument stop_after_failed_migrations says how many may "+
				"fail."+
				diagutil.NothingChanged)
	}
	return diagutil.FromErrorAt(path.Root("region"), u.name,
		"interrupted before the migration to "+u.plan.Region.ValueString()+" began", err, diagutil.NothingChanged)
}
