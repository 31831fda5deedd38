package migrationplan

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/diagutil"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// howToDestroy is for those who want to destroy an environment and meet the guards of a migration. Neither Terraform
// nor OpenTofu tells a provider which of them runs, so it names neither.
const howToDestroy = "\n\nTo destroy the environment instead, run destroy with the option -refresh=false."

// FindingDiagnostic turns a finding about a migration that has not begun into a diagnostic at the attribute that
// decides about it.
func FindingDiagnostic(f migration.Finding) diag.Diagnostic {
	return diagnostic(f.Severity, Describe(f), diagutil.NothingChanged)
}

// CreateDiagnostic is FindingDiagnostic for an environment that is to be created.
func CreateDiagnostic(f migration.Finding) diag.Diagnostic {
	return diagnostic(f.Severity, Describe(f), diagutil.NothingCreated)
}

// PlanDiagnostic is the diagnostic of a finding in the plan of an environment that exists. Terraform plans as usual
// before it plans a destruction, unless it does not refresh: who wants to destroy the environment meets the guards of
// its migration.
func PlanDiagnostic(f migration.Finding) diag.Diagnostic {
	if !isGuard(f.Code) {
		return FindingDiagnostic(f)
	}
	return diagnostic(f.Severity, Describe(f), howToDestroy+strings.TrimPrefix(diagutil.NothingChanged, "\n"))
}

// diagnostic is a finding's; what ends the text is for errors only.
func diagnostic(severity migration.Severity, w Words, end string) diag.Diagnostic {
	if severity == migration.Warning {
		return diag.NewAttributeWarningDiagnostic(w.Attribute, w.Summary, w.Detail)
	}
	return diag.NewAttributeErrorDiagnostic(w.Attribute, w.Summary, w.Detail+end)
}

// CheckRefusal is what a plan says of the platform's answer that a migration is not possible; nil if the findings say
// already what stands against it, to which the platform's words are then added.
func CheckRefusal(a migration.Assessment, err error, findings []migration.Finding) diag.Diagnostic {
	if !platform.IsRefusal(err) {
		return diagutil.FromError(
			a.Environment.Name,
			"cannot check whether it can move to "+a.To.Name,
			err,
			diagutil.NothingChanged,
		)
	}
	for i := range findings {
		if findings[i].Severity == migration.Error {
			findings[i].Answer = err
			return nil
		}
	}
	if platform.IsWrongState(err) {
		return diag.NewAttributeWarningDiagnostic(
			region,
			fmt.Sprintf("%s: whether it can move to %s is not known yet", a.Environment.Name, a.To.Name),
			"Another operation is running on the environment, so the platform does not say whether the migration is possible. "+
				"The apply checks again before it starts the migration.\n\n"+diagutil.Explain(err),
		)
	}
	return diagutil.FromErrorAt(
		region,
		a.Environment.Name,
		"the platform refuses to migrate it to "+a.To.Name,
		err,
		diagutil.NothingChanged,
	)
}
