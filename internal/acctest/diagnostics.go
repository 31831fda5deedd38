package acctest

import (
	"cmp"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/golden"
)

// Diagnostic is an error or a warning as Terraform prints it with -json.
type Diagnostic struct {
	Severity, Summary, Detail, Address string

	Snippet *struct {
		Context, Code string
		Start         int `json:"highlight_start_offset"`
	}
}

var (
	resourceBlock = regexp.MustCompile(`^resource "(\w+)" "(\w+)"$`)
	argument      = regexp.MustCompile(`^\s*(\w+)\s*=\s*$`)
	lastMigration = regexp.MustCompile(`(migration of this environment took) [^.]+\.`)
)

// isCondition reports whether a condition of the configuration failed; its error_message is the detail.
func (d Diagnostic) isCondition() bool { return strings.HasSuffix(d.Summary, "condition failed") }

// At returns the argument that the diagnostic points to, or the resource if it points to none. For a condition in a
// module, Terraform reports only the block.
func (d Diagnostic) At() string {
	s := d.Snippet
	switch {
	case s == nil:
		return d.Address
	case d.isCondition():
		return resourceBlock.ReplaceAllString(s.Context, "$1.$2")
	}
	if written := argument.FindStringSubmatch(s.Code[:s.Start]); written != nil {
		return d.Address + "." + written[1]
	}
	return d.Address
}

// Golden returns the texts of the provider or the configuration, without Terraform's own texts and without durations.
func (d Diagnostic) Golden() golden.Diagnostic {
	g := golden.Diagnostic{Severity: strings.ToUpper(d.Severity), At: d.At(), Summary: d.Summary,
		Detail: lastMigration.ReplaceAllString(d.Detail, "$1 DURATION.")}
	if d.isCondition() {
		g.Summary = "error_message"
	}
	return g
}

// Diagnostics returns the diagnostics in the output of a command with -json, except for warnings by Terraform itself
// and about the provider block.
func Diagnostics(t *testing.T, out string) []Diagnostic {
	t.Helper()
	var list []Diagnostic
	for line := range strings.Lines(out) {
		var message struct{ Diagnostic *Diagnostic }
		if err := json.Unmarshal([]byte(line), &message); err != nil {
			t.Fatalf("%v in %s", err, out)
		}
		if d := message.Diagnostic; d != nil && (d.Severity == "error" || strings.Contains(d.Address, "vap_")) {
			list = append(list, *d)
		}
	}
	return list
}

// Says runs a command and expects this exit code and errors at these places, in any order. Places are arguments of
// resources, or resources, as a configuration refers to them; those of warnings begin with "warning: ". The texts are
// in the golden file of the package.
func (tf *Terraform) Says(want int, arguments []string, at ...string) {
	tf.t.Helper()
	out, complaints, code := tf.Try(slices.Insert(slices.Clone(arguments), 1, "-json")...)
	if code != want {
		tf.t.Fatalf("%v: exit code %d, want %d\n%s%s", arguments, code, want, out, complaints)
	}
	// Core must never report that the provider contradicts itself, whatever else fails.
	if said := out + complaints; strings.Contains(said, "inconsistent") || strings.Contains(said, "bug in the provider") {
		tf.t.Errorf("%v: core does not understand the provider:\n%s", arguments, said)
	}
	var got []string
	var words []golden.Diagnostic
	for _, d := range Diagnostics(tf.t, out) {
		place := d.At()
		if d.Severity != "error" {
			place = d.Severity + ": " + place
			if slices.Contains(words, d.Golden()) {
				continue // the plan has this warning, and the apply repeats it
			}
		}
		got, words = append(got, place), append(words, d.Golden())
	}
	if slices.Sort(got); !slices.Equal(got, slices.Sorted(slices.Values(at))) {
		tf.t.Errorf("%v: diagnostics at %q, want them at %q:\n%s%s", arguments, got, at, out, complaints)
	}
	slices.SortFunc(words, func(a, b golden.Diagnostic) int { return cmp.Compare(a.At+a.String(), b.At+b.String()) })
	golden.Expect(tf.t, words...)
}

// Fails is Says for a command that must fail with an error of the provider or the configuration.
func (tf *Terraform) Fails(arguments []string, at ...string) {
	tf.t.Helper()
	tf.Says(1, arguments, at...)
}

// ErrorAt matches the error that Terraform prints at an argument of a resource or a data source, or at its block if
// the argument is empty, for TestStep.ExpectError. A test without Terraform compares the text.
func ErrorAt(address, argument string) *regexp.Regexp {
	line := ""
	if argument != "" {
		line = `.*\n[\s│]*\d+:\s+` + regexp.QuoteMeta(argument) + `\s+=`
	}
	return regexp.MustCompile(`(?s)Error: .*with ` + regexp.QuoteMeta(address) + `,` + line)
}
