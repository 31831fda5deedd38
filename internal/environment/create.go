package environment

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

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
	facts, err := r.service.Facts(ctx)
	if err != nil {
		resp.Diagnostics.Append(problem(name, "the regions cannot be read", err, nothingChanged))
		return
	}
	env, err := r.create(ctx, spec)
	if err != nil && env.Name == "" {
		resp.Diagnostics.Append(r.notCreated(ctx, spec, err))
		return
	}

	var diagnostics diag.Diagnostics
	if err != nil {
		diagnostics.Append(problem(name, "the environment exists but is not usable", err,
			"\n\nTerraform will replace it in the next apply. To keep it instead, repair it and run: terraform untaint RESOURCE."))
	} else if plan.Power.ValueString() == powerStopped {
		if stopped, d := r.switchPower(ctx, name, powerStopped); d.HasError() {
			diagnostics = d
		} else {
			env = stopped
		}
	}
	var actual resourceModel
	resp.Diagnostics.Append(actual.describe(ctx, env, facts)...)
	made, d := nodeGroupsOf(ctx, env)
	resp.Diagnostics.Append(d...)
	if diagnostics.HasError() {
		plan.Power = actual.Power
	}
	plan.settled(actual)
	resp.Diagnostics.Append(plan.settleLayers(ctx, made)...)
	resp.Diagnostics.Append(snapshot{Environment: migration.Describe(env), Facts: facts}.store(ctx, resp.Private)...)
	resp.Diagnostics.Append(writtenSecrets(ctx, config).store(ctx, resp.Private)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	resp.Diagnostics.Append(diagnostics...)
}

// create asks for the environment once and waits until it has settled. What the answer says of a failure, or that there
// is none, does not tell whether something was created: the name was free before, so an environment of that name is
// the one asked for. An environment is returned also beside an error if there is one.
func (r *environmentResource) create(ctx context.Context, spec platform.EnvironmentSpec) (platform.Environment, error) {
	_, createErr := r.service.Client.CreateEnvironment(ctx, spec)
	if platform.IsNameTaken(createErr) || platform.IsAuthentication(createErr) || platform.IsPermission(createErr) {
		return platform.Environment{}, createErr
	}
	lost := platform.IsOutcomeUnknown(createErr)
	absences := 0
	env, err := r.settle(ctx, spec.Name, func(env platform.Environment, err error) bool {
		if platform.IsNotFound(err) && lost {
			// It may become visible yet.
			absences++
			return absences >= r.service.Pace.Patience
		}
		return !platform.IsTransient(err) && !env.Status.Transitional()
	})
	switch {
	case createErr != nil && !lost:
		return env, createErr
	case err != nil && lost:
		return env, createErr
	case err != nil:
		return env, err
	case env.Status == platform.StatusBroken || env.Broken:
		return env, errors.New("the platform reports the environment as broken")
	}
	return env, nil
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
	if platform.IsNotFound(err) {
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
	if facts, factsErr := r.service.FreshFacts(ctx); factsErr == nil {
		if finding := facts.CheckTarget(spec.Name, spec.Region); finding != nil {
			finding.Detail += "\n\nThe platform says: " + explain(err)
			return diagnostic(*finding)
		}
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
