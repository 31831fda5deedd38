package nodeaction

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/diagutil"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// objects is the object of the action: "nodes", "containers".
func (k kind) objects() string {
	if k.redeploys {
		return "containers"
	}
	return "nodes"
}

// migratingError is the error for an environment that is migrating.
func (w *work) migratingError() diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("environment"),
		fmt.Sprintf("%s is migrating: its %s were not %s", w.name, w.action.kind.objects(), w.action.kind.done),
		"A migration must not be disturbed, and may take hours. Run the action again after it: terraform apply "+
			"-invoke=action.vap_"+w.action.kind.name+
			".NAME."+w.doneSoFar())
}

// notRunningError is the error for an environment that does not run, so that nothing can be restarted or redeployed.
func (w *work) notRunningError(env platform.Environment) diag.Diagnostic {
	summary := fmt.Sprintf("%s is %s: its %s were not %s", w.name, env.Status, w.action.kind.objects(), w.action.kind.done)
	if w.action.kind.redeploys {
		return diag.NewAttributeErrorDiagnostic(path.Root("environment"), summary,
			"The platform redeploys containers only while the environment runs. Start it (power = \"running\") and run the "+
				"action again."+w.doneSoFar())
	}
	return diag.NewAttributeWarningDiagnostic(path.Root("environment"), summary,
		"Nothing runs that could hold old addresses. Programs read variables and files again when the environment starts."+
			w.doneSoFar())
}

// doneSoFar says what the action has done when an error or a refusal ends it.
func (w *work) doneSoFar() string {
	if len(w.finished) == 0 {
		return diagutil.NothingChanged
	}
	return fmt.Sprintf("\n\nBefore that, these node groups were %s: %s.", w.action.kind.done,
		strings.Join(w.finished, ", "))
}

// groupError is the error of one node group.
func (w *work) groupError(at path.Path, group string, err error) diag.Diagnostic {
	summary := fmt.Sprintf("%s: node group %s was not %s", w.name, group, w.action.kind.done)
	var failed *migration.FailedActionError
	var down *downError
	var later string
	if len(w.finished) > 0 {
		later = w.doneSoFar()
	}
	switch {
	case errors.Is(err, errMigrating):
		return w.migratingError()
	case errors.As(err, &down):
		return diag.NewAttributeErrorDiagnostic(at,
			fmt.Sprintf("%s: node group %s was %s and does not run", w.name, group, w.action.kind.done),
			diagutil.Capitalize(diagutil.Explain(err))+" Read the logs of these nodes in the dashboard."+later)
	case errors.As(err, &failed):
		return diag.NewAttributeErrorDiagnostic(at, summary, diagutil.Capitalize(diagutil.Explain(err))+" Look at the "+
			"environment in the dashboard."+later)
	case platform.IsOutcomeUnknown(err), w.asked:
		return diag.NewAttributeErrorDiagnostic(at,
			fmt.Sprintf("%s: it is not known whether node group %s was %s", w.name, group, w.action.kind.done),
			diagutil.Capitalize(diagutil.Explain(err))+" The platform may still carry it out. Look at the environment in the "+
				"dashboard before you run the action again."+later)
	case platform.IsRefusal(err) && !platform.IsWrongState(err):
		return diagutil.FromErrorAt(at, w.name, fmt.Sprintf("node group %s was not %s", group, w.action.kind.done), err,
			w.doneSoFar())
	}
	return diag.NewAttributeErrorDiagnostic(at, summary, diagutil.Capitalize(diagutil.Explain(err))+w.doneSoFar())
}
