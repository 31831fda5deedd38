// Package diagutil turns errors into diagnostics.
package diagutil

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// What ends the text of an error after which the environment that it is about is as before. Other environments of the
// same run are not its subject.
const (
	NothingChanged = "\n\nThis environment was not changed."
	NothingCreated = "\n\nNothing was created."
)

// FromError is the diagnostic of a failed call of the platform. The fact is a clause such as "the regions cannot be
// read"; what ends the text, such as NothingChanged, says what has become of the environment.
func FromError(environment, fact string, err error, end string) diag.Diagnostic {
	return diag.NewErrorDiagnostic(environment+": "+fact, Explain(err)+end)
}

// FromErrorAt is FromError for a failure about which an attribute decides.
func FromErrorAt(at path.Path, environment, fact string, err error, end string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, environment+": "+fact, Explain(err)+end)
}

// UpdateFailed is the diagnostic of a change that failed, or of which nobody knows whether it did: the subject is for
// example "the groups", done "were changed".
func UpdateFailed(at path.Path, environment, subject, done string, err error) diag.Diagnostic {
	if platform.IsOutcomeUnknown(err) {
		return FromErrorAt(at, environment, "it is not known whether "+subject+" "+done, err,
			"\n\nThe next plan shows what is still to do.")
	}
	verb, rest, _ := strings.Cut(done, " ")
	return FromErrorAt(at, environment, subject+" "+verb+" not "+rest, err, "")
}

// Explain is the text of an error: the platform's code and words, and what the user can do.
func Explain(err error) string {
	switch err { //nolint:errorlint // One that wraps these says more.
	case context.Canceled:
		return "Interrupted."
	case context.DeadlineExceeded:
		return "Timed out."
	}
	return EndSentence(err.Error())
}

// Capitalize begins a text with a capital letter, unless it begins with the name of a method.
func Capitalize(s string) string {
	if first, _, _ := strings.Cut(s, " "); s == "" || strings.Contains(first, "/") {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// EndSentence ends a text with a full stop.
func EndSentence(s string) string {
	if s == "" || s[len(s)-1] == '.' {
		return s
	}
	return s + "."
}
