// Package golden keeps the texts that users read in one file per package, testdata/diagnostics.golden, where people
// can read and edit them. Tests produce the texts and compare them; with -update they rewrite the file. Only tests
// import this package.
package golden

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// Update says that tests rewrite the golden files.
var Update = flag.Bool("update", false, "write the golden files in testdata anew")

const file = "testdata/diagnostics.golden"

// Diagnostic is an error or a warning as a user sees it.
type Diagnostic struct {
	// Severity is ERROR or WARNING, At the path of the attribute, empty if there is none.
	Severity, At, Summary, Detail string
}

func (d Diagnostic) String() string {
	at := ""
	if d.At != "" {
		at = " at " + d.At
	}
	return fmt.Sprintf("%s%s: %s\n\n%s\n", d.Severity, at, d.Summary, d.Detail)
}

// Of converts the framework's diagnostics.
func Of(diagnostics ...diag.Diagnostic) []Diagnostic {
	var list []Diagnostic
	for _, d := range diagnostics {
		at := ""
		if d, ok := d.(diag.DiagnosticWithPath); ok {
			at = d.Path().String()
		}
		list = append(list, Diagnostic{strings.ToUpper(d.Severity().String()), at, d.Summary(), d.Detail()})
	}
	return list
}

// Expect compares diagnostics with the test's section in the golden file of the package, whose TestMain must be
// Main. A test with several calls has a numbered section for each; a repeated text only refers to the first one.
// Calls whose order varies belong into subtests.
func Expect(t testing.TB, diagnostics ...Diagnostic) {
	t.Helper()
	var texts []string
	for _, d := range diagnostics {
		texts = append(texts, d.String())
	}
	if len(texts) == 0 {
		texts = []string{"nothing\n"}
	}
	ExpectText(t, strings.Join(texts, "\n"))
}

// ExpectText is like Expect for any text that ends with a line feed, such as errors that diagnostics quote.
func ExpectText(t testing.TB, text string) {
	t.Helper()
	if !running {
		t.Fatal("the package has no TestMain that calls golden.Main")
	}
	if problem := sections.compare(t, normalize(text)); problem != "" {
		t.Error(problem)
	}
}

var (
	running  bool // set before any test runs
	sections = book{used: map[string]string{}, texts: map[string][]string{}, acceptance: os.Getenv("TF_ACC") != ""}
)

// Main runs the tests of a package that uses Expect. If all tests run, it fails if the golden file has sections
// that no test uses; otherwise it leaves other sections alone. Without TF_ACC acceptance tests are skipped, and it
// leaves their sections alone, too.
func Main(m *testing.M) {
	flag.Parse()
	running = true
	code := m.Run()
	if err := sections.load(); err != nil {
		exit(err)
	}
	all := code == 0 && isFull()
	if *Update {
		if err := sections.write(file, all); err != nil {
			exit(err)
		}
	} else if unused := sections.unused(); all && len(unused) > 0 {
		exit(fmt.Errorf("%s has sections that no test uses; -update takes them out:\n%s", file, strings.Join(unused, "\n")))
	}
	os.Exit(code)
}

func exit(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// isFull says whether all tests of the package run.
func isFull() bool {
	for _, name := range []string{"run", "skip", "list", "fuzz"} {
		if f := flag.Lookup("test." + name); f != nil && f.Value.String() != "" {
			return false
		}
	}
	return !testing.Short()
}

// book has the sections of a golden file: those that were read, and those of the tests that ran.
type book struct {
	mu         sync.Mutex
	read, used map[string]string
	texts      map[string][]string // the texts of the calls so far, by test
	acceptance bool                // acceptance tests run, too
}

// load reads the golden file once. A test must read it, because before go test reuses a cached result, it looks for
// changes only in files that tests have read.
func (b *book) load() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.read != nil {
		return nil
	}
	text, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	b.read, err = parse(string(text))
	return err
}

// compare adds the text as the next section of the test, and says how it differs from the file.
func (b *book) compare(t testing.TB, text string) string {
	if err := b.load(); err != nil {
		return err.Error()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	test := t.Name()
	if len(b.texts[test]) == 0 {
		t.Cleanup(func() { // the test may run again
			b.mu.Lock()
			defer b.mu.Unlock()
			delete(b.texts, test)
		})
	}
	same := slices.Index(b.texts[test], text)
	b.texts[test] = append(b.texts[test], text)
	name := section(test, len(b.texts[test]))
	if same >= 0 {
		text = fmt.Sprintf("as %s\n", section(test, same+1))
	}
	before, again := b.used[name]
	b.used[name] = text
	want := b.read[name]
	switch {
	case *Update && again && before != text:
		return fmt.Sprintf("%s: the text changes from run to run (-first +second):\n%s", name, diff(before, text))
	case !*Update && want != text:
		return fmt.Sprintf("%s: not what %s has (-want +got; -update writes it anew):\n%s", name, file, diff(want, text))
	}
	return ""
}

// section is the name of the nth section of a test.
func section(test string, n int) string {
	if n == 1 {
		return test
	}
	return fmt.Sprintf("%s #%d", test, n)
}

func diff(a, b string) string { return cmp.Diff(strings.Split(a, "\n"), strings.Split(b, "\n")) }

// unused lists the sections of the file that no test used.
func (b *book) unused() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var names []string
	for _, name := range slices.Sorted(maps.Keys(b.read)) {
		if _, ok := b.used[name]; !ok && !b.skipped(name) {
			names = append(names, name)
		}
	}
	return names
}

// skipped says whether a section belongs to a skipped acceptance test.
func (b *book) skipped(name string) bool { return !b.acceptance && strings.HasPrefix(name, "TestAcc") }

// write writes the used sections and, unless all tests ran, keeps the others.
func (b *book) write(to string, all bool) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	merged := map[string]string{}
	for name, text := range b.read {
		if !all || b.skipped(name) {
			merged[name] = text
		}
	}
	maps.Copy(merged, b.used)
	if maps.Equal(merged, b.read) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o750); err != nil {
		return err
	}
	return os.WriteFile(to, []byte(format(merged)), 0o600)
}

const mark = "=== "

// format writes sections, sorted by name, in the form that parse reads.
func format(sections map[string]string) string {
	var texts []string
	for _, name := range slices.Sorted(maps.Keys(sections)) {
		texts = append(texts, mark+name+"\n"+sections[name])
	}
	return strings.Join(texts, "\n")
}

func parse(text string) (map[string]string, error) {
	sections := map[string]string{}
	if text == "" {
		return sections, nil
	}
	rest, ok := strings.CutPrefix(text, mark)
	if !ok {
		return nil, fmt.Errorf("%s does not begin with %q", file, mark)
	}
	for part := range strings.SplitSeq(strings.TrimSuffix(rest, "\n"), "\n\n"+mark) {
		name, body, _ := strings.Cut(part, "\n")
		if _, twice := sections[name]; twice {
			return nil, fmt.Errorf("%s has the section %q twice", file, name)
		}
		sections[name] = body + "\n"
	}
	return sections, nil
}
