package environment

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migrationplan"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// reviewMove asks the platform whether it would carry out a planned migration, now, and says what stands against it
// or what its risks are.
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
		// What a migration would do does not matter if it has begun, or if the platform would not do it.
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

// checkMove asks the platform whether it would carry out a migration, and says what it has against it; nil if nothing.
// Begun says that it need not be asked for any more. The plan that is made again by the process that applies does not
// ask: that asks immediately before the start.
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

// surrounded is a planned migration with what others of a large account have to do with the environment, which its plan
// does not rest on, so that the kind of the migration stays as planned: a list that changes until the apply may change
// what is said, not what is planned. An account that cannot be listed must not keep anybody from planning.
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

// checkTarget is the error of a region to which nothing can move now; nil if something can, or if nobody can tell.
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

// startMoving says whether an environment that the platform would not migrate is at the target or migrating already,
// or has come to the target by the log and is not shown there yet: then the apply has nothing to ask for, only to
// wait.
func (r *environmentResource) onItsWay(ctx context.Context, name, to string) bool {
	env, err := r.service.Get(ctx, name, migration.Fresh)
	if err == nil && (env.Region == to || env.Status == platform.StatusMigrating) {
		return true
	}
	last := migrationplan.LastChange(ctx, r.service, name)
	return last != nil && last.Kind == platform.ActionMigrate && last.Region == to &&
		time.Since(last.Finished) < r.service.PollPolicy.Limits.Believe
}
