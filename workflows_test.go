package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// A tag of an action can be moved to other code, a commit cannot. The version beside it is for readers and for Dependabot.
func TestActionsArePinned(t *testing.T) {
	t.Parallel()
	workflows, err := filepath.Glob(".github/workflows/*.yml")
	if err != nil || len(workflows) == 0 {
		t.Fatal("there are no workflows", err)
	}
	uses, pinned := regexp.MustCompile(`\buses:`), regexp.MustCompile(`\buses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
	for _, workflow := range workflows {
		content, err := os.ReadFile(workflow)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(content), "\n") {
			if uses.MatchString(line) && !pinned.MatchString(line) {
				t.Errorf("%s:%d: not pinned by a commit, with its version behind it: %s", workflow, i+1, line)
			}
		}
	}
}

// Dependabot looks only into the folders that it is told.
func TestEveryModuleIsUpdated(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(".github/dependabot.yml")
	if err != nil {
		t.Fatal(err)
	}
	var config struct {
		Updates []struct {
			Ecosystem   string   `yaml:"package-ecosystem"`
			Directory   string   `yaml:"directory"`
			Directories []string `yaml:"directories"`
		} `yaml:"updates"`
	}
	if err := yaml.Unmarshal(content, &config); err != nil {
		t.Fatal(err)
	}
	var listed []string
	for _, update := range config.Updates {
		if update.Ecosystem == "gomod" {
			listed = append(listed, update.Directories...)
			if update.Directory != "" {
				listed = append(listed, update.Directory)
			}
		}
	}
	modules, err := filepath.Glob("tools/*/go.mod")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"/"}
	for _, module := range modules {
		want = append(want, "/"+filepath.ToSlash(filepath.Dir(module)))
	}
	slices.Sort(listed)
	slices.Sort(want)
	if !slices.Equal(listed, want) {
		t.Errorf(".github/dependabot.yml lists\n%q\nand the modules are in\n%q", listed, want)
	}
}
