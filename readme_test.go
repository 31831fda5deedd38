package main

import (
	"os"
	"strings"
	"testing"
)

// part returns the text of a file from one string up to the next occurrence of another.
func part(t *testing.T, file, from, to string) string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, after, begins := strings.Cut(string(content), from)
	text, _, ends := strings.Cut(after, to)
	if !begins || !ends {
		t.Fatalf("%s has nothing between %q and %q", file, from, to)
	}
	return from + text
}

// The README's example is the file that the demo applies, and its other excerpts equal those of the guides, which tests
// execute.
func TestReadmeMatchesTestedExamples(t *testing.T) {
	t.Parallel()
	const example = "examples/getting-started/main.tf"
	content, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	if shown := part(t, "README.md", "```hcl\n# A small web shop", "```"); shown != "```hcl\n"+string(content) {
		t.Errorf("the README differs from %s:\n%s", example, shown)
	}
	for _, shown := range []struct{ from, to, guide string }{
		{"```text\nError: webshop: move to south-standard", "```", "docs/guides/getting-started.md"},
		{"| for | methods |", "\n\n", "docs/guides/hosting-provider.md"},
	} {
		if here, there := part(t, "README.md", shown.from, shown.to),
			part(t, shown.guide, shown.from, shown.to); here != there {
			t.Errorf("the README shows\n%s\nand %s\n%s", here, shown.guide, there)
		}
	}
}
