// Package diagutil turns errors into diagnostics.
package diagutil

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// Endings for the text of an error after which its environment is unchanged. They say nothing about other environments
// of the same run.
const (
	NothingChanged = "\n\nThis environment was not changed."
	NothingCreated = "\n\nNothing was created."
)

// FromError returns the diagnostic for a failed call of the platform. The fact is a clause such as "the regions cannot
// be read"; the ending, such as NothingChanged, says what happened to the environment.
func FromError(environment, fact string, err error, end string) diag.Diagnostic {
	return diag.NewErrorDiagnostic(environment+": "+fact, Explain(err)+end)
}

// FromErrorAt is FromError for a failure that an attribute can fix.
func FromErrorAt(at path.Path, environment, fact string, err error, end string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, environment+": "+fact, Explain(err)+end)
}

// UpdateFailed returns the diagnostic for a change that failed, or whose outcome is unknown: the subject is for example
// "the groups", done "were changed".
func UpdateFailed(at path.Path, environment, subject, done string, err error) diag.Diagnostic {
	if platform.IsOutcomeUnknown(err) {
		return FromErrorAt(at, environment, "it is not known whether "+subject+" "+done, err,
			"\n\nThe next plan shows what is still to do.")
	}
	verb, rest, _ := strings.Cut(done, " ")
	return FromErrorAt(at, environment, subject+" "+verb+" not "+rest, err, "")
}

// Explain returns the text of an error: the platform's code and words, and what the user can do.
func Explain(err error) string {
	switch err { //nolint:errorlint // One that wraps these says more.
	case context.Canceled:
		return "Interrupted."
	case context.DeadlineExceeded:
		return "Timed out."
	}
	return EndSentence(err.Error())
}

// Capitalize capitalizes the first letter of a text, unless the text begins with the name of a method.
func Capitalize(s string) string {
	if first, _, _ := strings.Cut(s, " "); s == "" || strings.Contains(first, "/") {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// EndSentence adds a full stop to a text that has none.
func EndSentence(s string) string {
	if s == "" || s[len(s)-1] == '.' {
		return s
	}
	return s + "."
}
