package migrationplan

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/diagutil"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// FindingDiagnostic turns a finding about a migration that has not begun into a diagnostic at the attribute that decides about
// it.
func FindingDiagnostic(f migration.Finding) diag.Diagnostic {
	return findingDiagnosticEnding(f, diagutil.NothingChanged)
}

// CreateDiagnostic is FindingDiagnostic for an environment that is to be created.
func CreateDiagnostic(f migration.Finding) diag.Diagnostic {
	return findingDiagnosticEnding(f, diagutil.NothingCreated)
}

// PlanDiagnostic is the diagnostic of a finding in the plan of an environment that exists. Terraform plans as usual before it
// plans a destruction, unless it does not refresh: who wants to destroy the environment meets the guards of its migration.
func PlanDiagnostic(f migration.Finding) diag.Diagnostic {
	return findingDiagnosticEnding(f, "\n\nTo destroy it instead: terraform destroy -refresh=false"+strings.TrimPrefix(diagutil.NothingChanged, "\n"))
}

func findingDiagnosticEnding(f migration.Finding, end string) diag.Diagnostic {
	at := path.Root(f.Attribute[0])
	for _, name := range f.Attribute[1:] {
		at = at.AtName(name)
	}
	if f.Severity == migration.Warning {
		return diag.NewAttributeWarningDiagnostic(at, f.Summary, f.Detail)
	}
	return diag.NewAttributeErrorDiagnostic(at, f.Summary, f.Detail+end)
}

// CheckRefusal is what a plan says of the platform's answer that a migration is not possible; nil if the findings say
// already what stands against it, to which the platform's words are then added.
func CheckRefusal(a migration.Assessment, err error, findings []migration.Finding) diag.Diagnostic {
	if !platform.IsRefusal(err) {
		return diagutil.FromError(a.Environment.Name, "whether it can move to "+a.To.Name+" cannot be asked", err, diagutil.NothingChanged)
	}
	for i := range findings {
		if findings[i].Severity == migration.Error {
			findings[i].Detail += "\n\nThe platform says: " + diagutil.Explain(err)
			return nil
		}
	}
	at := path.Root("region")
	if platform.IsWrongState(err) {
		return diag.NewAttributeWarningDiagnostic(at, fmt.Sprintf("%s: whether it can move to %s is not known yet", a.Environment.Name, a.To.Name),
			"Something else is at work on the environment, so the platform does not say now whether the migration is possible. "+
				"The apply asks again before it starts.\n\n"+diagutil.Explain(err))
	}
	return diagutil.FromErrorAt(at, a.Environment.Name, "the platform refuses to migrate it to "+a.To.Name, err, diagutil.NothingChanged)
}
