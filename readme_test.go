package main

import (
	"os"
	"strings"
	"testing"
)

// The README shows what the demo applies: the very file.
func TestReadmeShowsTheExampleOfTheDemo(t *testing.T) {
	t.Parallel()
	const file = "examples/getting-started/main.tf"
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	example, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, after, found := strings.Cut(string(readme), "the same as "+file)
	_, after, opened := strings.Cut(after, "```hcl\n")
	shown, _, closed := strings.Cut(after, "```")
	if !found || !opened || !closed {
		t.Fatal("the README does not show " + file)
	}
	if shown != string(example) {
		t.Errorf("the README shows another text than %s:\n%s", file, shown)
	}
}
