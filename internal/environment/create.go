package environment

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/diagutil"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migrationplan"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/nodegroup"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/providerdata"
)

// Create creates the environment. The name must be free: an existing environment belongs to somebody, so Terraform
// adopts it only by an import.
func (r *environmentResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan, config resourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if d := providerdata.Missing(r.service); d != nil {
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

	if d := r.checkName(ctx, name); d != nil {
		resp.Diagnostics.Append(d)
		return
	}
	catalog, err := r.service.Regions(ctx, migration.Recent, migration.RegionCatalog{})
	if err != nil {
		resp.Diagnostics.Append(diagutil.FromError(name, "the regions cannot be read", err, diagutil.NothingCreated))
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
	resp.Diagnostics.Append(actual.describe(ctx, env, catalog, false)...)
	made, d := nodegroup.FromPlatform(ctx, env)
	resp.Diagnostics.Append(d...)
	if diags.HasError() {
		plan.Power, plan.Region = actual.Power, actual.Region
	}
	plan.fillUnknowns(actual)
	resp.Diagnostics.Append(plan.fillUnknownNodeGroups(ctx, made)...)
	large, listed := r.service.LargeAccount(ctx)
	snapshot := migrationplan.Snapshot{
		Environment: migration.Describe(env), Catalog: catalog, Large: large, Unlisted: !listed,
	}
	resp.Diagnostics.Append(snapshot.Store(ctx, resp.Private)...)
	resp.Diagnostics.Append(writtenSecrets(ctx, config).store(ctx, resp.Private)...)
	resp.Diagnostics.Append(managedNodeGroups(plan.NodeGroups).store(ctx, resp.Private)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
}

// create requests the environment once and waits until no operation is running on it. If the response was lost, it
// looks for the environment: the name was free before, so an environment of that name is the one requested. After a
// definite refusal it adopts nothing. An environment returned with an error exists, but an operation may still be
// running on it.
func (r *environmentResource) create(ctx context.Context, spec platform.EnvironmentSpec) (platform.Environment, error) {
	defer r.service.ExpectLooks()()
	createErr := r.service.CreateEnvironment(ctx, spec)
	lost := platform.IsOutcomeUnknown(createErr)
	if createErr != nil && !lost {
		return platform.Environment{}, createErr
	}
	env, absent, err := r.awaitCreation(ctx, spec.Name, func(env platform.Environment) bool {
		return !env.Status.Transitional()
	})
	if err == nil {
		return env, nil
	}
	if absent {
		unseen := &notShownError{accepted: !lost, last: err}
		if lost {
			unseen.last = createErr
		}
		return platform.Environment{}, unseen
	}
	if ctx.Err() != nil {
		// An interrupt must not lose an environment whose creation has begun.
		look, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastLook)
		defer cancel()
		seen, lookErr := waitFor(look, r.service, spec.Name, func(_ platform.Environment, err error) bool {
			return err == nil
		})
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

// notShownError is the error for a creation whose environment did not appear within the settling time.
type notShownError struct {
	// accepted reports whether the platform responded that it has created the environment.
	accepted bool
	// last is the error of the call, or the platform's response about the name.
	last error
}

func (e *notShownError) Error() string { return e.last.Error() }
func (e *notShownError) Unwrap() error { return e.last }

// awaitCreation polls an environment that may have been created until done returns true, and returns what it saw
// last. An environment is absent if, for the whole settling time, neither its name nor the list shows it and no
// action is running on it.
func (r *environmentResource) awaitCreation(ctx context.Context, name string,
	done func(platform.Environment) bool) (last platform.Environment, absent bool, err error) {
	limits := r.service.PollPolicy.Limits
	var absence, unreadable migration.Streak
	err = r.service.PollPolicy.Poll(ctx, func() (bool, error) {
		env, err := r.service.Get(ctx, name, migration.Fresh)
		if platform.IsMissing(err) {
			unreadable = migration.Streak{}
			witness := r.service.Witness(ctx, name)
			switch {
			case witness.Listed:
				env, err = witness.Environment, nil
			case witness.Busy:
				absence = migration.Streak{}
				return false, err
			default:
				absence.Add(time.Now())
				absent = limits.Confirms(absence)
				return absent, err
			}
		}
		switch {
		case err == nil:
			absence, unreadable, last = migration.Streak{}, migration.Streak{}, env
			return done(env), nil
		case platform.IsTransient(err):
			return false, err
		}
		unreadable.Add(time.Now())
		return limits.Confirms(unreadable) || platform.IsAuthentication(err), err
	})
	return last, absent, err
}

// judgeCreated returns what is wrong with a created environment, and stops it if configured. Only an unusable
// environment is an error, because Terraform replaces the environment of a failed creation.
func (r *environmentResource) judgeCreated(ctx context.Context, env platform.Environment, err error,
	plan resourceModel) (platform.Environment, diag.Diagnostics) {
	const replaced = "\n\nTerraform will replace it in the next apply. To keep it instead, put it right and run: " +
		"terraform untaint ADDRESS."
	var diags diag.Diagnostics
	switch {
	case err != nil:
		diags.AddWarning(env.Name+": the environment was created, but cannot be read", diagutil.Explain(err)+
			"\n\nIt is in the state. The next plan reads it again.")
	case env.Status == platform.StatusBroken || env.Broken:
		diags.AddError(env.Name+": the environment was created, but is broken",
			"The platform reports the environment as broken."+replaced)
	case env.Region != "" && env.Region != plan.Region.ValueString():
		diags.AddAttributeError(path.Root("region"),
			fmt.Sprintf("%s: the environment was created in %s", env.Name, env.Region),
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

// waitFor polls an environment until done returns true. It returns what it saw last, and the error of the last read.
func waitFor(ctx context.Context, service *migration.Service, name string,
	done func(platform.Environment, error) bool) (platform.Environment, error) {
	var last platform.Environment
	err := service.PollPolicy.Poll(ctx, func() (bool, error) {
		env, err := service.Get(ctx, name, migration.Fresh)
		if err == nil {
			last = env
		}
		return done(env, err), err
	})
	return last, err
}

// notCreated returns the error for a failed creation, at the attribute that caused it.
func (r *environmentResource) notCreated(ctx context.Context, spec platform.EnvironmentSpec,
	err error) diag.Diagnostic {
	const fact = "the environment was not created"
	var unseen *notShownError
	switch {
	case errors.As(err, &unseen) && unseen.accepted:
		return r.notShown(spec.Name, "the environment was created, but the platform does not show it",
			"The platform answered that it has created the environment.", err, "")
	case platform.IsOutcomeUnknown(err):
		return r.notKnown(spec.Name, unseen != nil, err)
	}
	if catalog, catalogErr := r.service.RegionsWithoutPrices(ctx, migration.Fresh); catalogErr == nil {
		if finding := catalog.CheckTarget(spec.Name, spec.Region); finding != nil {
			finding.Answer = err
			return migrationplan.CreateDiagnostic(*finding)
		}
	}
	if env, lookErr := r.service.Get(ctx, spec.Name, migration.Fresh); lookErr == nil {
		return diagutil.FromErrorAt(path.Root("name"), spec.Name,
			"the creation failed, and an environment of this name exists now", err, fmt.Sprintf(
				"\n\nIt is %s, in region %s. If it is what the failed creation left, delete it in the dashboard, or import "+
					"it:\n\n%s",
				env.Status, env.Region, importBlock(spec.Name)))
	}
	switch {
	case platform.IsNameTaken(err):
		end := diagutil.NothingCreated
		if begun, _ := r.service.Deletion(spec.Name); begun {
			end = "\n\nThis apply also deletes an environment of this name, which the platform may keep for a while. Apply " +
				"again later. If the resource was only renamed in the configuration, add a moved block first:\n\n" +
				movedBlock + diagutil.NothingCreated
		}
		return diagutil.FromErrorAt(path.Root("name"), spec.Name, fact, err, end)
	case platform.ClassOf(err) == platform.ClassInvalid, platform.IsNotAllowed(err),
		platform.ClassOf(err) == platform.ClassUnclassified:
		return diagutil.FromErrorAt(path.Root("node_groups"), spec.Name, fact, err, diagutil.NothingCreated)
	}
	return diagutil.FromError(spec.Name, fact, err, diagutil.NothingCreated)
}

// notKnown returns the error for a creation whose response was lost. The provider does not request it again, because
// the first request may still take effect.
func (r *environmentResource) notKnown(name string, looked bool, err error) diag.Diagnostic {
	seen := "Terraform could not check whether it did. "
	if looked {
		seen = fmt.Sprintf("For %s neither its name nor the list of environments showed it. ",
			r.service.PollPolicy.Limits.Settle)
	}
	return diagutil.FromError(name, "it is not known whether the environment was created", err,
		"\n\nThe platform may have created it all the same, or may still do so. "+seen+
			"Terraform asks only once, so that it is not created twice, and it is not in the state.\n\n"+
			"If it appears, import it:\n\n"+importBlock(name)+
			"\n\nIf it does not appear within some minutes, apply again.")
}
