package golden

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func newBook(read map[string]string) *book {
	return &book{read: read, used: map[string]string{}, texts: map[string][]string{}}
}

// named is a test that can run again under the same name.
type named struct {
	testing.TB
	name string
	end  func()
}

func (n *named) Name() string     { return n.name }
func (n *named) Cleanup(f func()) { n.end = f }

func TestCompare(t *testing.T) {
	t.Parallel()
	b := newBook(map[string]string{
		"TestCompare/some": "one\n", "TestCompare/some #2": "two\n",
		"TestCompare/some #3": "as TestCompare/some\n", "TestCompare/others": "three\n", "TestGone": "four\n",
	})
	for range 2 { // like -count=2
		again := &named{TB: t, name: "TestCompare/some"}
		for _, text := range []string{"one\n", "two\n", "one\n"} {
			if problem := b.compare(again, text); problem != "" {
				t.Error(problem)
			}
		}
		again.end()
	}
	t.Run("others", func(t *testing.T) {
		if problem := b.compare(t, "another\n"); !strings.Contains(problem, "TestCompare/others: not what") {
			t.Errorf("a different text is accepted: %q", problem)
		}
	})
	t.Run("new", func(t *testing.T) {
		if problem := b.compare(t, "new\n"); problem == "" {
			t.Error("a text without a section is accepted")
		}
	})
	b.read["TestAccGone"] = "five\n"
	if diff := cmp.Diff([]string{"TestGone"}, b.unused()); diff != "" {
		t.Errorf("unused sections (-want +got):\n%s", diff)
	}
	b.acceptance = true
	if diff := cmp.Diff([]string{"TestAccGone", "TestGone"}, b.unused()); diff != "" {
		t.Errorf("unused sections with acceptance tests (-want +got):\n%s", diff)
	}
}

// Only a run that skips acceptance tests keeps their unused sections.
func TestWriteWithoutAcceptanceTests(t *testing.T) {
	t.Parallel()
	for acceptance, want := range map[bool]string{
		false: "=== TestAccOld\nold\n\n=== TestNew\nnew\n",
		true:  "=== TestNew\nnew\n",
	} {
		to := filepath.Join(t.TempDir(), "x.golden")
		b := newBook(map[string]string{"TestAccOld": "old\n", "TestOld": "old\n"})
		b.acceptance, b.used["TestNew"] = acceptance, "new\n"
		if err := b.write(to, true); err != nil {
			t.Fatal(err)
		}
		if text, err := os.ReadFile(to); err != nil || string(text) != want {
			t.Errorf("written is %q (%v), want %q", text, err, want)
		}
	}
}

func TestWrite(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		all  bool
		want string
	}{
		"of all tests":  {true, "=== a\nERROR: new\n\nof a\n\n=== b\nWARNING: new\n"},
		"of some tests": {false, "=== a\nERROR: new\n\nof a\n\n=== b\nWARNING: new\n\n=== c\nold\n\n\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			to := filepath.Join(t.TempDir(), "testdata", "x.golden")
			b := newBook(map[string]string{"a": "old\n", "c": "old\n\n\n"})
			b.used = map[string]string{"b": "WARNING: new\n", "a": "ERROR: new\n\nof a\n"}
			if err := b.write(to, row.all); err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile(to)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(row.want, string(text)); diff != "" {
				t.Errorf("written (-want +got):\n%s", diff)
			}
			got, err := parse(string(text))
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]string{"a": "ERROR: new\n\nof a\n", "b": "WARNING: new\n"}
			if !row.all {
				want["c"] = "old\n\n\n"
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("read back (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"ERROR: x\n", "=== a\nx\n\n=== a\ny\n"} {
		if sections, err := parse(text); err == nil {
			t.Errorf("%q was read as %v", text, sections)
		}
	}
}

func TestNormalize(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "catalogue.json")
	for given, want := range map[string]string{
		"dial tcp 127.0.0.1:43210: refused":          "dial tcp 127.0.0.1:PORT: refused",
		"open " + file + ": no such file":            "open TEMP/catalogue.json: no such file",
		"ended at 2026-11-29T02:13:18Z.":             "ended at TIME.",
		"app_id 649f1cba49e0ead2feff5dd7ffb8c8e9, 5": "app_id ID, 5",
		"was asked 13 times in 2.01s, the last":      "was asked N times in DURATION, the last",
		"refused until 2026-11-28 22:00 CET":         "refused until 2026-11-28 22:00 CET",
	} {
		if got := normalize(given); got != want {
			t.Errorf("%q became %q, want %q", given, got, want)
		}
	}
}
