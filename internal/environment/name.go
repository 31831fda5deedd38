package environment

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/diagutil"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

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
