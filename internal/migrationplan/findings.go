package migrationplan

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/diagutil"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// howToDestroy helps users who want to destroy an environment and are stopped by the guards of a migration. It
// names neither Terraform nor OpenTofu, because a provider cannot tell which of them runs.
const howToDestroy = "\n\nTo destroy the environment instead, run destroy with the option -refresh=false."

// FindingDiagnostic converts a finding about a migration that has not started into a
// diagnostic at the attribute that causes it.
func FindingDiagnostic(f migration.Finding) diag.Diagnostic {
	return diagnostic(f.Severity, Describe(f), diagutil.NothingChanged)
}

// CreateDiagnostic is FindingDiagnostic for an environment that is to be created.
func CreateDiagnostic(f migration.Finding) diag.Diagnostic {
	return diagnostic(f.Severity, Describe(f), diagutil.NothingCreated)
}

// PlanDiagnostic is the diagnostic of a finding in the plan of an existing environment. It also says how to destroy
// the environment: unless -refresh=false is set, Terraform makes an ordinary plan before it plans a destruction, so
// the guards of a migration would also stop the destruction.
func PlanDiagnostic(f migration.Finding) diag.Diagnostic {
	if !isGuard(f.Code) {
		return FindingDiagnostic(f)
	}
	return diagnostic(f.Severity, Describe(f), howToDestroy+strings.TrimPrefix(diagutil.NothingChanged, "\n"))
}

// diagnostic converts the words of a finding; end is appended to errors only.
func diagnostic(severity migration.Severity, w Words, end string) diag.Diagnostic {
	if severity == migration.Warning {
		return diag.NewAttributeWarningDiagnostic(w.Attribute, w.Summary, w.Detail)
	}
	return diag.NewAttributeErrorDiagnostic(w.Attribute, w.Summary, w.Detail+end)
}

// CheckRefusal returns the diagnostic for the platform's response that a migration is not possible. It is nil if the
// findings already name the obstacle; the platform's message is then added to them.
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
