package environment

import (
	"context"
	"errors"
	"fmt"
	"slices"
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

// checkName returns an error if the account already uses the name, or has just created an environment of that name
// that the platform does not show yet; nil if the name may be used. Names of other accounts show only in the creation
// itself.
func (r *environmentResource) checkName(ctx context.Context, name string) diag.Diagnostic {
	env, unlisted, err := r.service.Find(ctx, name)
	begun, ended := r.service.Deletion(name)
	if err == nil && ended {
		// This apply replaces the environment: the platform may show the deleted one a little longer.
		var shown migration.Streak
		env, err = waitFor(ctx, r.service, name, func(_ platform.Environment, err error) bool {
			shown.Add(time.Now())
			return platform.IsMissing(err) || r.service.PollPolicy.Limits.Confirms(shown)
		})
	}
	switch {
	case unlisted && begun:
		return nil // this apply has freed the name
	case unlisted:
		return r.checkEarlierCreation(ctx, name)
	case platform.IsPermission(err):
		// The platform does not tell whether somebody else's environment exists. The creation finds out.
		return nil
	case platform.IsMissing(err):
		if begun {
			return nil // this apply has freed the name
		}
		return r.checkEarlierCreation(ctx, name)
	case err != nil:
		return diagutil.FromError(name, "cannot check whether the name is free", err, diagutil.NothingCreated)
	}
	return r.nameTaken(ctx, env)
}

// checkEarlierCreation looks in the action log for an earlier creation whose environment the platform does not show
// yet, so that it is not requested again. If the log cannot be read, it returns nil.
func (r *environmentResource) checkEarlierCreation(ctx context.Context, name string) diag.Diagnostic {
	earlier, err := r.service.RecentCreation(ctx, name)
	if err != nil || earlier == nil {
		return nil
	}
	env, absent, err := r.awaitCreation(ctx, name, func(platform.Environment) bool { return true })
	at := earlier.Finished
	if at.IsZero() { // it was still running
		at = earlier.Started
	}
	switch {
	case absent:
		return r.notShown(name, "an environment of this name has just been created, but the platform does not show it",
			fmt.Sprintf("The platform's log says that it was created at %s.", at.UTC().Format(time.RFC3339)), err,
			diagutil.NothingCreated)
	case err != nil:
		return diagutil.FromError(name, "cannot check whether the name is free", err, diagutil.NothingCreated)
	}
	return existsAlready(env, "An earlier run, or somebody else, has just created it. ", "")
}

// notShown returns the error for an environment that does not appear although the platform reported it as created.
func (r *environmentResource) notShown(name, fact, why string, err error, end string) diag.Diagnostic {
	limits := r.service.PollPolicy.Limits
	return diagutil.FromError(name, fact, err,
		fmt.Sprintf("\n\n%s For %s neither its name nor the list of environments showed it. It is not in the state. "+
			"When it appears, import it:\n\n%s\n\nIf it does not appear, apply again after %s: until "+
			"then Terraform does not create another one. If that does not help, ask the hosting provider.%s", why, limits.Settle,
			importBlock(name), limits.Appear, end))
}

func importBlock(name string) string {
	return fmt.Sprintf("  import {\n    to = vap_environment.NAME\n    id = %q\n  }", name)
}

// movedBlock tells Terraform that a resource has only been renamed.
const movedBlock = "  moved {\n    from = vap_environment.OLD\n    to   = vap_environment.NEW\n  }"

// nameTaken returns the error for a name that an environment of this account already has. It may be the one that this
// apply deletes under another address.
func (r *environmentResource) nameTaken(ctx context.Context, env platform.Environment) diag.Diagnostic {
	if begun, ended := r.service.Deletion(env.Name); begun && !ended {
		return beingRenamed(env)
	}
	// If Terraform deletes it in this apply, the deletion begins at about the same moment.
	timer := time.NewTimer(r.service.PollPolicy.Floor)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
	if begun, _ := r.service.Deletion(env.Name); begun {
		return beingRenamed(env)
	}
	if env.Status.Transitional() {
		actions, _ := r.service.Ongoing(ctx) // without them the message is less specific
		if slices.ContainsFunc(actions, func(a platform.Action) bool {
			return a.Kind == platform.ActionDelete && a.Environment == env.Name
		}) {
			return diag.NewAttributeErrorDiagnostic(path.Root("name"), env.Name+": an environment of this name is being deleted",
				fmt.Sprintf("Another run, or somebody else, is deleting the environment in region %s. Apply again when it is "+
					"gone.%s", env.Region, diagutil.NothingCreated))
		}
	}
	return existsAlready(env, "", "\n\nIf this resource was renamed in the configuration, for example by another key "+
		"of for_each, add a moved block. Without it Terraform deletes the environment and creates another one:\n\n"+
		movedBlock)
}

// beingRenamed returns the error for a creation that finds the environment that the same apply deletes.
func beingRenamed(env platform.Environment) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("name"),
		env.Name+": this apply deletes the environment of this name",
		fmt.Sprintf("The account has the environment in region %s, and another resource address of this configuration "+
			"deletes it in the same apply. If the resource was only renamed, for example by another key of for_each, nothing "+
			"has to be deleted: add a moved block.\n\n%s\n\nThis apply continues to delete the environment with everything "+
			"in it, unless you stop it now. Once it is gone, the next apply creates a new one.\n\nNothing was created.",
			env.Region,
			movedBlock))
}

// existsAlready returns the error for a creation whose name an environment of the account already has, with its
// origin, if known, and the alternatives.
func existsAlready(env platform.Environment, origin, more string) diag.Diagnostic {
	since := ""
	if !env.CreatedAt.IsZero() {
		since = ", created at " + env.CreatedAt.UTC().Format(time.RFC3339)
	}
	return diag.NewAttributeErrorDiagnostic(path.Root("name"), env.Name+": an environment of this name already exists",
		fmt.Sprintf("The account has an environment %q in region %s%s. %sChoose another name, or import the existing "+
			"one:\n\n%s%s%s",
			env.Name, env.Region, since, origin, importBlock(env.Name), more, diagutil.NothingCreated))
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
			"Terraform asks only once, so that it is not created twice, and it is not in the state.\n\nIf it appears, "+
			"import it:\n\n"+
			importBlock(name)+"\n\nIf it does not appear within some minutes, apply again.")
}
