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

// isCondition says whether a condition of the configuration failed, whose error_message is the detail.
func (d Diagnostic) isCondition() bool { return strings.HasSuffix(d.Summary, "condition failed") }

// At is the argument that the diagnostic points to, or the resource if it points to none. Of a condition in a module
// Terraform tells only the block in which it stands.
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

// Golden is what the provider or the configuration says, without Terraform's own words and the time that this machine
// took.
func (d Diagnostic) Golden() golden.Diagnostic {
	g := golden.Diagnostic{Severity: strings.ToUpper(d.Severity), At: d.At(), Summary: d.Summary,
		Detail: lastMigration.ReplaceAllString(d.Detail, "$1 DURATION.")}
	if d.isCondition() {
		g.Summary = "error_message"
	}
	return g
}

// Diagnostics are those in what a command with -json has printed, but for Terraform's own warnings and those of the
// provider's configuration.
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

// Says runs a command that has to end with this exit code and with errors at these places, in any order: arguments of
// resources, or resources, as a configuration refers to them. Those of warnings begin with "warning: ". The words are
// in the golden file of the package.
func (tf *Terraform) Says(want int, arguments []string, at ...string) {
	tf.t.Helper()
	out, complaints, code := tf.Try(slices.Insert(slices.Clone(arguments), 1, "-json")...)
	if code != want {
		tf.t.Fatalf("%v: exit code %d, want %d\n%s%s", arguments, code, want, out, complaints)
	}
	// Whatever else goes wrong, core must never find that the provider contradicts itself.
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
				continue // the plan has said so, and the apply says it again
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

// Fails is Says for a command that has to fail: in the provider's words or those of the configuration.
func (tf *Terraform) Fails(arguments []string, at ...string) {
	tf.t.Helper()
	tf.Says(1, arguments, at...)
}

// ErrorAt matches what Terraform prints of an error at an argument of a resource or a data source, or at its block if
// the argument is empty, for TestStep.ExpectError. The words are asserted by a test without Terraform.
func ErrorAt(address, argument string) *regexp.Regexp {
	line := ""
	if argument != "" {
		line = `.*\n[\s│]*\d+:\s+` + regexp.QuoteMeta(argument) + `\s+=`
	}
	return regexp.MustCompile(`(?s)Error: .*with ` + regexp.QuoteMeta(address) + `,` + line)
}
