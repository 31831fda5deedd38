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
		// What will be left to do when that migration has ended is not known yet. Reading has said that it goes on; the
		// apply waits for its end and asks for none itself, so no permission is needed. The limits hold all the same.
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
		// The consequences of a migration do not matter if it has begun, or if the platform would not carry it out.
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
// Begun says that the migration need not be requested any more. The plan that the applying process makes does not ask,
// because the apply asks immediately before the start.
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

// surrounded adds to a planned migration what other environments of a large account have to do with it. The kind of
// the migration does not depend on this: if the list changes before the apply, the warnings may change, but not the
// plan. If the account cannot be listed, planning goes on.
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

// checkTarget returns an error if nothing can move to a region now; nil if something can, or if this is unknown.
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

// startMoving says whether an environment that the platform would not migrate is already at the target,
// is already migrating, or has reached the target according to the log but does not show there yet. The
// apply then requests nothing and only waits.
func (r *environmentResource) onItsWay(ctx context.Context, name, to string) bool {
	env, err := r.service.Get(ctx, name, migration.Fresh)
	if err == nil && (env.Region == to || env.Status == platform.StatusMigrating) {
		return true
	}
	last := migrationplan.LastChange(ctx, r.service, name)
	return last != nil && last.Kind == platform.ActionMigrate && last.Region == to &&
		time.Since(last.Finished) < r.service.PollPolicy.Limits.Believe
}
