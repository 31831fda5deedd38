package environment

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

const nothingChanged = "\n\nNothing was changed."

// diagnostic turns a finding about a migration that has not begun into a diagnostic at the attribute that decides about
// it.
func diagnostic(f migration.Finding) diag.Diagnostic { return ending(f, nothingChanged) }

// planned is the diagnostic of a finding in the plan of an environment that exists. Terraform plans as usual before it
// plans a destruction, unless it does not refresh: who wants to destroy the environment meets the guards of its migration.
func planned(f migration.Finding) diag.Diagnostic {
	return ending(f, "\n\nTo destroy it instead: terraform destroy -refresh=false"+strings.TrimPrefix(nothingChanged, "\n"))
}

func ending(f migration.Finding, end string) diag.Diagnostic {
	at := path.Root(f.Attribute[0])
	for _, name := range f.Attribute[1:] {
		at = at.AtName(name)
	}
	if f.Severity == migration.Warning {
		return diag.NewAttributeWarningDiagnostic(at, f.Summary, f.Detail)
	}
	return diag.NewAttributeErrorDiagnostic(at, f.Summary, f.Detail+end)
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

// undone is the diagnostic of a change that failed, or of which nobody knows whether it did: the subject is for example
// "the groups", done "were changed".
func undone(at path.Path, environment, subject, done string, err error) diag.Diagnostic {
	if platform.IsOutcomeUnknown(err) {
		return problemAt(at, environment, "whether "+subject+" "+done+" is not known", err, "\n\nThe next plan shows what is still to do.")
	}
	verb, rest, _ := strings.Cut(done, " ")
	return problemAt(at, environment, subject+" "+verb+" not "+rest, err, "")
}

// explain is the text of an error: the platform's code and words, and what the user can do.
func explain(err error) string {
	switch err { //nolint:errorlint // One that wraps these says more.
	case context.Canceled:
		return "Interrupted."
	case context.DeadlineExceeded:
		return "The time given for it is over."
	}
	return sentence(err.Error())
}

// capitalized begins a text with a capital letter, unless it begins with the name of a method.
func capitalized(s string) string {
	if first, _, _ := strings.Cut(s, " "); s == "" || strings.Contains(first, "/") {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func sentence(s string) string {
	if s == "" || s[len(s)-1] == '.' {
		return s
	}
	return s + "."
}

// checkRefusal is what a plan says of the platform's answer that a migration is not possible; nil if the findings say
// already what stands against it, to which the platform's words are then added.
func checkRefusal(a migration.Assessment, err error, findings []migration.Finding) diag.Diagnostic {
	if !platform.IsRefusal(err) {
		return problem(a.Environment.Name, "whether it can move to "+a.To.Name+" cannot be asked", err, nothingChanged)
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
