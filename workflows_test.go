package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

const (
	exampleWorkflow = "examples/ci/github/environments.yml"
	ourAction       = "terraform-provider-vap/terraform-provider-vap/tools/planreview"
)

// A tag of an action can be moved to other code, a commit cannot. The version beside it is for readers and for
// Dependabot.
func TestActionsArePinned(t *testing.T) {
	t.Parallel()
	workflows, err := filepath.Glob(".github/workflows/*.yml")
	if err != nil || len(workflows) == 0 {
		t.Fatal("there are no workflows", err)
	}
	// Files that users copy must be pinned, too. The action of this repository needs no pin in its own workflows, and
	// has no version to name in the example.
	workflows = append(workflows, exampleWorkflow, "tools/planreview/action.yml")
	uses := regexp.MustCompile(`\buses:`)
	pinned := regexp.MustCompile(`\buses: ([\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+|` + ourAction +
		`@[0-9a-f]{40} # (no release yet|v\d+\.\d+\.\d+)|\./tools/planreview)$`)
	pins := map[string]string{}
	for _, workflow := range workflows {
		content, err := os.ReadFile(workflow)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(content), "\n") {
			if !uses.MatchString(line) {
				continue
			}
			if !pinned.MatchString(line) {
				t.Errorf("%s:%d: not pinned by a commit with its version in a comment: %s", workflow, i+1, line)
			}
			_, used, _ := strings.Cut(line, "uses: ")
			action, pin, _ := strings.Cut(used, "@")
			if earlier, ok := pins[action]; ok && earlier != pin {
				t.Errorf("%s:%d: %s is pinned to %s, and elsewhere to %s", workflow, i+1, action, pin, earlier)
			}
			pins[action] = pin
		}
	}
}

// Users can copy the example unchanged: it names exactly one commit, which exists in this repository and contains the
// action.
func TestExamplePinsExistingCommit(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(exampleWorkflow)
	if err != nil {
		t.Fatal(err)
	}
	commits := map[string]bool{}
	for _, match := range regexp.MustCompile(`(?:PROVIDER_COMMIT: |`+ourAction+`@)(\S+)`).
		FindAllStringSubmatch(string(content), -1) {
		commits[match[1]] = true
	}
	if len(commits) != 1 {
		t.Fatalf("%s must name one commit of this repository, but names %v", exampleWorkflow, commits)
	}
	git := func(arguments ...string) (string, error) {
		out, err := exec.CommandContext(t.Context(), "git", arguments...).CombinedOutput()
		return strings.TrimSpace(string(out)), err
	}
	if shallow, err := git("rev-parse", "--is-shallow-repository"); err != nil || shallow != "false" {
		t.Skipf("no full history: %s %v", shallow, err)
	}
	for commit := range commits {
		if out, err := git("merge-base", "--is-ancestor", commit, "HEAD"); err != nil {
			t.Errorf("%s is not an ancestor of HEAD (%s): use the hash of one that is", commit, out)
			continue
		}
		for _, file := range []string{"action.yml", "action.sh", "install.sh", "main.go"} {
			if out, err := git("cat-file", "-e", commit+":tools/planreview/"+file); err != nil {
				t.Errorf("%s has no tools/planreview/%s: %s", commit, file, out)
			}
		}
	}
}

// Dependabot checks only the folders that its configuration lists.
func TestDependabotCoversEveryModule(t *testing.T) {
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
		t.Errorf(".github/dependabot.yml lists\n%q\nbut the modules are in\n%q", listed, want)
	}
}
