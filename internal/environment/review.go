package environment

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migrationplan"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// reviewMove asks the platform whether it would now carry out a planned migration, and returns the objections and
// risks.
func (r *environmentResource) reviewMove(ctx context.Context, move plannedMigration) diag.Diagnostics {
	var diags diag.Diagnostics
	a, policy := move.assessment, move.request.Policy
	name, to := a.Environment.Name, a.To.Name
	if move.request.Regions.CheckTarget(name, to) != nil {
		// The snapshot may be out of date.
		if unusable := r.checkTarget(ctx, name, to); unusable != nil {
			return append(diags, unusable)
		}
	}
	if a.Environment.Status == platform.StatusMigrating {
		// It is not known yet what will be left to do when the running migration has ended. Read has warned that it is
		// running. The apply waits for its end and requests none, so no permission is needed, but the cost limit still
		// applies.
		if costFinding := policy.CheckCost(a); costFinding != nil {
			diags.Append(migrationplan.PlanDiagnostic(*costFinding))
		}
		return diags
	}
	if !a.Environment.Surrounded {
		a = r.surrounded(ctx, move)
	}
	r.service.LookUpGroups(ctx, &a)
	findings := policy.Review(a, move.request.Regions, r.service.Enforcement)
	refusal, begun := r.checkMove(ctx, move, a, findings)
	if refusal != nil {
		diags.Append(refusal)
	}
	if begun || diags.HasError() {
		// The consequences do not matter if the migration has begun, or if the platform would not carry it out.
		return diags
	}
	for _, finding := range findings {
		d := migrationplan.PlanDiagnostic(finding)
		if d.Severity() == diag.SeverityWarning {
			d = migrationplan.Append(d, migrationplan.LastTook(ctx, r.service, a))
		}
		diags.Append(d)
	}
	if early := policy.CheckWindow(a, r.service.Now(), migration.Warning); early != nil && !diags.HasError() {
		diags.Append(migrationplan.PlanDiagnostic(*early))
	}
	return diags
}

// checkMove asks the platform whether it would carry out a migration, and returns its objection; nil if it has none.
// begun reports that the migration need not be requested any more. checkMove does not ask if this process has not
// refreshed the environment, as in the plan during an apply: the apply asks immediately before the start.
func (r *environmentResource) checkMove(
	ctx context.Context, move plannedMigration, a migration.Assessment, findings []migration.Finding,
) (refusal diag.Diagnostic, begun bool) {
	name, to := a.Environment.Name, a.To.Name
	if !r.service.Refreshed(name) {
		return nil, false
	}
	err := r.service.CheckMigration(ctx, name, to)
	if err == nil {
		return nil, false
	}
	if r.onItsWay(ctx, name, to) {
		return nil, true
	}
	if unusable := r.checkTarget(ctx, name, to); unusable != nil {
		return unusable, false
	}
	if refusal = migrationplan.CheckRefusal(a, err, findings); move.waits && platform.IsRefusal(err) {
		return nil, false
	}
	return refusal, false
}

// surrounded adds to a planned migration the other environments of a large account that mount from or refer to its
// environment. They do not affect the kind of the migration: if the list changes before the apply, warnings may
// change, but the plan does not. If the account cannot be listed, planning continues without them.
func (r *environmentResource) surrounded(ctx context.Context, move plannedMigration) migration.Assessment {
	around, err := r.service.Surroundings(ctx, move.assessment.Environment.Name)
	if err != nil {
		return move.assessment
	}
	request := move.request
	request.Environment, request.Policy.Mode = move.assessment.Environment.In(around), move.assessment.Mode
	a := migration.Assess(request)
	a.Reason = move.assessment.Reason
	return a
}

// checkTarget returns an error if nothing can move to a region now; nil if something can, or if that is unknown.
func (r *environmentResource) checkTarget(ctx context.Context, name, to string) diag.Diagnostic {
	catalog, err := r.service.RegionsWithoutPrices(ctx, migration.Recent)
	if err != nil {
		return nil
	}
	if finding := catalog.CheckTarget(name, to); finding != nil {
		return migrationplan.PlanDiagnostic(*finding)
	}
	return nil
}

// onItsWay reports whether an environment that the platform would not migrate is already at the target, is migrating,
// or has reached the target according to the log but does not show there yet. The apply then requests nothing and
// only waits.
func (r *environmentResource) onItsWay(ctx context.Context, name, to string) bool {
	env, err := r.service.Get(ctx, name, migration.Fresh)
	if err == nil && (env.Region == to || env.Status == platform.StatusMigrating) {
		return true
	}
	last := migrationplan.LastChange(ctx, r.service, name)
	return last != nil && last.Kind == platform.ActionMigrate && last.Region == to &&
		time.Since(last.Finished) < r.service.PollPolicy.Limits.Believe
}
