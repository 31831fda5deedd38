package environment

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/configured"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// Create makes the environment. The name must be free: an environment that exists already belongs to somebody, and
// Terraform adopts it only by an import.
func (r *environmentResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan, config resourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if d := configured.Missing(r.service); d != nil {
		resp.Diagnostics.Append(d)
		return
	}
	name := plan.Name.ValueString()
	timeout, diags := plan.Timeouts.Create(ctx, 30*time.Minute)
	resp.Diagnostics.Append(diags...)
	spec, diags := plan.spec(ctx, config)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	if d := r.nameTaken(ctx, name); d != nil {
		resp.Diagnostics.Append(d)
		return
	}
	facts, err := r.service.Facts(ctx, migration.Facts{})
	if err != nil {
		resp.Diagnostics.Append(problem(name, "the regions cannot be read", err, nothingChanged))
		return
	}
	env, err := r.create(ctx, spec)
	if env.Name == "" {
		resp.Diagnostics.Append(r.notCreated(ctx, spec, err))
		return
	}
	env, diags = r.judgeCreated(ctx, env, err, plan)
	resp.Diagnostics.Append(diags...)

	var actual resourceModel
	resp.Diagnostics.Append(actual.describe(ctx, env, facts, false)...)
	made, d := nodeGroupsOf(ctx, env)
	resp.Diagnostics.Append(d...)
	if diags.HasError() {
		plan.Power, plan.Region = actual.Power, actual.Region
	}
	plan.settled(actual)
	resp.Diagnostics.Append(plan.settleLayers(ctx, made)...)
	large, listed := r.service.LargeAccount(ctx)
	resp.Diagnostics.Append(snapshot{Environment: migration.Describe(env), Facts: facts, Large: large, Unlisted: !listed}.store(ctx, resp.Private)...)
	resp.Diagnostics.Append(writtenSecrets(ctx, config).store(ctx, resp.Private)...)
	resp.Diagnostics.Append(managedLayers(plan.NodeGroups).store(ctx, resp.Private)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
}

// create asks for the environment once and waits until it has settled. If the answer was lost it looks for what became
// of the request: the name was free before, so an environment of that name is the one asked for. What a definite
// refusal leaves behind is not ours to take. An environment without an error is settled; one beside an error exists,
// but is not known to be.
func (r *environmentResource) create(ctx context.Context, spec platform.EnvironmentSpec) (platform.Environment, error) {
	created, createErr := r.service.Client.CreateEnvironment(ctx, spec)
	lost := platform.IsOutcomeUnknown(createErr)
	if createErr != nil && created.Name == "" && !lost {
		return platform.Environment{}, createErr
	}
	absences := 0
	env, err := r.settle(ctx, spec.Name, func(env platform.Environment, err error) bool {
		if platform.IsNotFound(err) && lost {
			// It may become visible yet, whatever the platform says it has not found.
			absences++
			return absences >= r.service.Pace.Patience
		}
		return atRest(env, err)
	})
	if err == nil {
		return env, nil
	}
	if ctx.Err() != nil {
		// An interrupt must not lose what has begun.
		look, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastLook)
		defer cancel()
		seen, lookErr := r.settle(look, spec.Name, func(_ platform.Environment, err error) bool { return err == nil })
		if lookErr == nil {
			return seen, err
		}
	}
	switch {
	case env.Name != "":
		return env, err
	case lost:
		return platform.Environment{}, createErr
	}
	return platform.Environment{Name: spec.Name, Region: spec.Region}, err
}

// judgeCreated says what is wrong with an environment that has been created, and stops it if it shall be. Only one that
// is of no use is an error, because Terraform replaces what a failed creation leaves.
func (r *environmentResource) judgeCreated(ctx context.Context, env platform.Environment, err error, plan resourceModel) (platform.Environment, diag.Diagnostics) {
	const replaced = "\n\nTerraform will replace it in the next apply. To keep it instead, put it right and run: terraform untaint RESOURCE."
	var diags diag.Diagnostics
	switch {
	case err != nil:
		diags.AddWarning(env.Name+": the environment was created, but is not seen to be ready", explain(err)+
			"\n\nIt is in the state. The next plan reads it again.")
	case env.Status == platform.StatusBroken || env.Broken:
		diags.AddError(env.Name+": the environment was created, but is broken", "The platform reports the environment as broken."+replaced)
	case env.Region != "" && env.Region != plan.Region.ValueString():
		diags.AddAttributeError(path.Root("region"), fmt.Sprintf("%s: the environment was created in %s", env.Name, env.Region),
			fmt.Sprintf("The platform was asked to create it in %s.%s", plan.Region.ValueString(), replaced))
	case plan.Power.ValueString() == powerStopped:
		stopped, d := r.switchPower(ctx, env.Name, powerStopped)
		if !d.HasError() {
			return stopped, nil
		}
		for _, failure := range d {
			diags.AddAttributeWarning(path.Root("power"), failure.Summary(), failure.Detail()+"\n\nThe next plan stops it.")
		}
	}
	return env, diags
}

// settle looks at an environment until what it sees is as wished. It returns what it saw last, and the error of the
// last look.
func (r *environmentResource) settle(ctx context.Context, name string, settled func(platform.Environment, error) bool) (platform.Environment, error) {
	var last platform.Environment
	err := r.service.Pace.Poll(ctx, func() (bool, error) {
		env, err := r.service.Client.Environment(ctx, name)
		if err == nil {
			last = env
		}
		return settled(env, err), err
	})
	return last, err
}

// nameTaken is the error of a name that this account uses already; nil if it does not. Names of other accounts are
// found out only by the creation itself.
func (r *environmentResource) nameTaken(ctx context.Context, name string) diag.Diagnostic {
	env, err := r.service.Client.Environment(ctx, name)
	if platform.IsMissing(err) || platform.IsPermission(err) {
		// Of somebody else's environment the platform says that it is not ours, if anything. The creation tells more.
		return nil
	}
	if err != nil {
		return problem(name, "whether the name is free cannot be read", err, nothingChanged)
	}
	since := ""
	if !env.CreatedAt.IsZero() {
		since = ", created at " + env.CreatedAt.UTC().Format(time.RFC3339)
	}
	return diag.NewAttributeErrorDiagnostic(path.Root("name"), name+": an environment of this name exists already",
		fmt.Sprintf("The account has an environment %q in region %s%s. Choose another name, or take the existing one over by an import block:\n\n"+
			"  import {\n    to = vap_environment.NAME\n    id = %q\n  }%s", name, env.Region, since, name, nothingChanged))
}

// notCreated is the error of a creation that failed, at the attribute about which it is.
func (r *environmentResource) notCreated(ctx context.Context, spec platform.EnvironmentSpec, err error) diag.Diagnostic {
	const fact = "the environment was not created"
	if places, placesErr := r.service.FreshPlaces(ctx); placesErr == nil {
		if finding := places.CheckTarget(spec.Name, spec.Region); finding != nil {
			finding.Detail += "\n\nThe platform says: " + explain(err)
			return diagnostic(*finding)
		}
	}
	if env, lookErr := r.service.Client.Environment(ctx, spec.Name); lookErr == nil {
		return problemAt(path.Root("name"), spec.Name, "the creation failed, and an environment of this name exists now", err, fmt.Sprintf(
			"\n\nIt is %s, in region %s. If it is what the failed creation left, delete it in the dashboard, or take it over by an import block:\n\n"+
				"  import {\n    to = vap_environment.NAME\n    id = %q\n  }", env.Status, env.Region, spec.Name))
	}
	switch {
	case platform.IsNameTaken(err):
		return problemAt(path.Root("name"), spec.Name, fact, err, nothingChanged)
	case platform.IsOutcomeUnknown(err):
		return problem(spec.Name, "whether the environment was created is not known", err, "\n\nThe platform may have created it all the same. "+
			"If the next apply says that it exists, take it over by an import block, or delete it in the dashboard.")
	case platform.ClassOf(err) == platform.ClassInvalid, platform.IsNotAllowed(err), platform.ClassOf(err) == platform.ClassUnclassified:
		return problemAt(path.Root("node_groups"), spec.Name, fact, err, nothingChanged)
	}
	return problem(spec.Name, fact, err, nothingChanged)
}
