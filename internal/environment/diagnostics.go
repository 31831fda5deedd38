package environment

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

const nothingChanged = "\n\nNothing was changed."

// diagnostic turns a finding about a migration that has not begun into a diagnostic at the attribute that decides about
// it.
func diagnostic(f migration.Finding) diag.Diagnostic {
	at := path.Root(f.Attribute[0])
	for _, name := range f.Attribute[1:] {
		at = at.AtName(name)
	}
	if f.Severity == migration.Warning {
		return diag.NewAttributeWarningDiagnostic(at, f.Summary, f.Detail)
	}
	return diag.NewAttributeErrorDiagnostic(at, f.Summary, f.Detail+nothingChanged)
}

// problem is the diagnostic of a failed call of the platform. The fact is a clause such as "the regions cannot be
// read"; what ends the text, such as nothingChanged, says what has become of the environment.
func problem(environment, fact string, err error, end string) diag.Diagnostic {
	return diag.NewErrorDiagnostic(environment+": "+fact, explain(err)+end)
}

// problemAt is problem for a failure about which an attribute decides.
func problemAt(at path.Path, environment, fact string, err error, end string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, environment+": "+fact, explain(err)+end)
}

// explain is the text of an error: the platform's code and words, and what the user can do.
func explain(err error) string { return sentence(err.Error()) }

func sentence(s string) string {
	if s == "" || s[len(s)-1] == '.' {
		return s
	}
	return s + "."
}

// checkRefusal is what a plan says of the platform's answer to whether a migration is possible; nil if it is, or if
// the findings say already what stands against it, to which the platform's words are then added.
func checkRefusal(a migration.Assessment, err error, findings []migration.Finding) diag.Diagnostic {
	if err == nil {
		return nil
	}
	for i := range findings {
		if findings[i].Severity == migration.Error {
			findings[i].Detail += "\n\nThe platform says: " + explain(err)
			return nil
		}
	}
	at := path.Root("region")
	if platform.IsWrongState(err) {
		return diag.NewAttributeWarningDiagnostic(at, fmt.Sprintf("%s: whether it can move to %s is not known yet", a.Environment.Name, a.To.Name),
			"Something else is at work on the environment, so the platform does not say now whether the migration is possible. "+
				"The apply asks again before it starts.\n\n"+explain(err))
	}
	return problemAt(at, a.Environment.Name, "the platform refuses to migrate it to "+a.To.Name, err, nothingChanged)
}
