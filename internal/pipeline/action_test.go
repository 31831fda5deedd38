package pipeline

import (
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// says expects phrases in a text.
func says(t *testing.T, what, text string, phrases ...string) {
	t.Helper()
	for _, phrase := range phrases {
		if !strings.Contains(text, phrase) {
			t.Errorf("%s does not say %q:\n%s", what, phrase, text)
		}
	}
}

var reviewFiles = []string{"junit.xml", "review.html", "review.json", "review.md"}

func TestActionAllows(t *testing.T) {
	t.Parallel()
	r := newRunner(t, "far")
	for range 2 { // the second review replaces the first one
		if code := r.act(map[string]string{"plan": "plan.json"}); code != 0 || r.output("denied") != "false" {
			t.Fatalf("exit code %d, denied=%s\n%s", code, r.output("denied"), r.log)
		}
	}
	says(t, "the summary", r.summary, "1 environment moves")
	if !slices.Equal(r.artifact, reviewFiles) {
		t.Errorf("the artifact holds %q", r.artifact)
	}
	if strings.Join(r.forge.written, " ") != "POST PATCH" || len(r.forge.comments) != 1 {
		t.Fatalf("it wrote with %q, and there are %d comments", r.forge.written, len(r.forge.comments))
	}
	says(t, "the comment", r.forge.comments[0].Body, "<!-- review of migrations -->", "1 environment moves",
		"commit 0123456789abcdef")
	says(t, "the PATH", r.path, filepath.Join(r.temporary, "planreview-bin"))
	says(t, "the log", r.log, "planreview v0.1.0 is in")
}

func TestActionDenies(t *testing.T) {
	t.Parallel()
	for name, inputs := range map[string]map[string]string{
		"by the input":              {"deny": "offline,ip-change"},
		"by the configuration file": {},
		"by another file, in another folder": {"working-directory": "shop", "config": "../rules.yml",
			"plan": "../plan.json"},
		"by one of two reviews with one name": {"deny": "offline", "name": "shop"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRunner(t, "far")
			if inputs["config"] != "" {
				r.write("rules.yml", "deny: offline\n")
				if err := os.Mkdir(filepath.Join(r.folder, "shop"), 0o700); err != nil {
					t.Fatal(err)
				}
			} else if inputs["deny"] == "" {
				r.write(".vap-review.yml", "deny: offline\n")
			}
			if inputs["plan"] == "" {
				inputs["plan"] = "plan.json"
			}
			if code := r.act(inputs); code != 1 || r.output("denied") != "true" {
				t.Fatalf("exit code %d, denied=%s\n%s", code, r.output("denied"), r.log)
			}
			says(t, "the summary", r.summary, "Denied")
			says(t, "the log", r.log, "vap_environment.shop: offline", "::error::The plan is denied")
			if !slices.Equal(r.artifact, reviewFiles) || len(r.forge.comments) != 1 {
				t.Errorf("the artifact holds %q, and there are %d comments", r.artifact, len(r.forge.comments))
			}
		})
	}
}

// The action denies what it cannot review, and updates an earlier comment that says all is well.
func TestActionDeniesWhatItCannotReview(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		content, deny string
		says          string
	}{
		"no plan":              {"", "", "There is no plan to review"},
		"half a plan":          {`{"format_version":"1.2",`, "", "truncated"},
		"something else":       {"Error: no plan", "", "planreview: The"},
		"a misspelt kind":      {`{"format_version":"1.2","planned_values":{}}`, "ofline", "ofline"},
		"a file of a zip, not": {"PK\x03\x04", "", "not a program"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRunner(t, "far")
			r.forge.said(robot, "<!-- review of migrations -->\n\nAll is well.")
			if c.content != "" {
				r.write("this plan", c.content)
			}
			r.write("terraform", "#!/bin/sh\necho 'not a program' >&2\nexit 1\n")
			if err := os.Chmod(filepath.Join(r.folder, "terraform"), 0o700); err != nil {
				t.Fatal(err)
			}
			code := r.act(map[string]string{"plan": "this plan", "deny": c.deny, "terraform": "./terraform"})
			if code != 2 || r.output("denied") != "true" {
				t.Fatalf("exit code %d, denied=%s\n%s", code, r.output("denied"), r.log)
			}
			for what, text := range map[string]string{"the summary": r.summary, "the comment": r.forge.comments[0].Body} {
				says(t, what, text, "The plan cannot be reviewed", c.says)
			}
			if len(r.forge.comments) != 1 || !slices.Equal(r.artifact, []string{"review.md"}) {
				t.Errorf("the artifact holds %q, and there are %d comments", r.artifact, len(r.forge.comments))
			}
		})
	}
}

// A plan that is not JSON is shown by the program that made it. Its content is not in the artifact.
func TestActionShowsPlans(t *testing.T) {
	t.Parallel()
	for name, program := range map[string]string{"a program": "",
		"behind the wrapper of setup-terraform": "terraform-bin"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRunner(t, "far")
			r.write("plan.bin", "PK\x03\x04")
			script := "#!/bin/sh\n[ \"$*\" = 'show -json plan.bin' ] && cat plan.json\n"
			inputs := map[string]string{"plan": "plan.bin", "deny": "offline"}
			file := filepath.Join(r.folder, "tofu")
			if program == "" {
				inputs["terraform"] = "./tofu"
			} else {
				file = filepath.Join(r.folder, program)
				r.environment = []string{"TERRAFORM_CLI_PATH=" + r.folder}
			}
			if err := os.WriteFile(file, []byte(script), 0o700); err != nil {
				t.Fatal(err)
			}
			if code := r.act(inputs); code != 1 {
				t.Fatalf("exit code %d\n%s", code, r.log)
			}
			left, err := filepath.Glob(filepath.Join(r.temporary, "*", "plan.json"))
			if err != nil || len(left) != 0 || !slices.Equal(r.artifact, reviewFiles) {
				t.Errorf("the plan is left in %q (%v), and the artifact holds %q", left, err, r.artifact)
			}
		})
	}
}

// A token of a fork cannot write comments, and some jobs cannot either: the gate decides without a comment.
func TestActionWithoutComment(t *testing.T) {
	t.Parallel()
	const fork = "github.event_name == 'pull_request' && github.event.pull_request.head.repo.full_name != " +
		"github.repository"
	for name, c := range map[string]struct {
		prepare func(*runner)
		says    string
	}{
		"from a fork": {func(r *runner) {
			r.contexts[fork] = "true"
		}, "::notice::This pull request comes from a fork"},
		"without the permission": {func(r *runner) {
			r.forge.refuses = true
		}, "::warning::The review could not be put into a comment"},
		"not of a pull request":    {func(r *runner) { r.contexts["github.event.pull_request.number"] = "" }, ""},
		"because nobody wants one": {func(r *runner) { r.contexts["no comment"] = "true" }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for deny, want := range map[string]int{"": 0, "offline": 1} {
				r := newRunner(t, "far")
				c.prepare(r)
				inputs := map[string]string{"plan": "plan.json", "deny": deny, "artifact": ""}
				if r.contexts["no comment"] != "" {
					inputs["comment"] = "false"
				}
				if code := r.act(inputs); code != want || len(r.forge.comments) != 0 || r.artifact != nil {
					t.Errorf("exit code %d, want %d; %d comments, artifact %q\n%s", code, want, len(r.forge.comments), r.artifact,
						r.log)
				}
				says(t, "the log", r.log, c.says)
				says(t, "the summary", r.summary, "1 environment moves")
			}
		})
	}
}

// planreview is the release for the commit of the action, the requested release, or built from source.
func TestActionInstalls(t *testing.T) {
	t.Parallel()
	const release, source = "planreview v0.1.0 is in", "built from the source of this action"
	for name, c := range map[string]struct {
		ref, version string
		says         string
	}{
		"a release":              {"v0.1.0", "", release},
		"the commit of one":      {"COMMIT", "", release},
		"another name of one":    {"v0", "", release},
		"any commit":             {"0123456789012345678901234567890123456789", "", source},
		"a branch":               {"main", "", source},
		"a folder of the clone":  {"", "", source},
		"a release, asked for":   {"main", "v0.1.0", release},
		"the source, asked for":  {"v0.1.0", "source", source},
		"a release there is not": {"v0.2.0", "", "cannot be downloaded"},
		"no release":             {"main", "0.1.0", "is no release"},
		"a path":                 {"main", "v0.1.0/../../v0.1.0", "is no release"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRunner(t, "far")
			repository := filepath.Join(r.server, repositoryName)
			git := func(arguments ...string) string {
				return strings.TrimSpace(r.do("git",
					append([]string{"-C", repository, "-c", "user.name=t", "-c", "user.email=t@example.com"}, arguments...)...))
			}
			r.do("git", "init", "--quiet", repository)
			git("commit", "--quiet", "--allow-empty", "-m", "one")
			git("tag", "-m", "v0.1.0", "v0.1.0")
			git("tag", "v0")
			r.contexts["github.action_ref"] = strings.ReplaceAll(c.ref, "COMMIT", git("rev-parse", "HEAD"))
			git("commit", "--quiet", "--allow-empty", "-m", "two")
			want := 0
			if c.says != release && c.says != source {
				want = 1
			}
			if code := r.act(map[string]string{"plan": "plan.json", "version": c.version}); code != want {
				t.Errorf("exit code %d, want %d", code, want)
			}
			says(t, "the log", r.log, c.says)
			if (r.summary != "") != (want == 0) {
				t.Errorf("the summary is %q", r.summary)
			}
		})
	}
}

// An archive with a wrong checksum is not unpacked.
func TestInstallChecksTheChecksum(t *testing.T) {
	t.Parallel()
	for name, sum := range map[string]string{"another file's": strings.Repeat("0", 64), "none": "",
		"part of one": "e3b0"} {
		r := newRunner(t, "far")
		file := filepath.Join(r.server, "download", "v0.1.0", "planreview_0.1.0_"+runtime.GOOS+"_"+runtime.GOARCH+
			".tar.gz.sha256")
		if err := os.WriteFile(file, []byte(sum+"  planreview.tar.gz\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if code := r.act(map[string]string{"plan": "plan.json"}); code != 1 || r.summary != "" {
			t.Errorf("%s: exit code %d\n%s", name, code, r.log)
		}
		says(t, "the log", r.log, "the checksum of planreview_0.1.0_")
		if installed, _ := filepath.Glob(filepath.Join(r.temporary, "planreview-bin", "*")); len(installed) != 0 {
			t.Errorf("%s: %q is installed", name, installed)
		}
	}
}

// Neither a shell nor the runner executes text from others as a command.
func TestActionRunsNothingOfOthers(t *testing.T) {
	t.Parallel()
	const evil = "$(touch pwned)`touch pwned`;touch pwned;\n::set-env name=PATH::/tmp\n--> '\" ${{ github.token }}"
	r := newRunner(t, "")
	r.write("plan.json", strings.ReplaceAll(
		`{"format_version":"1.2","terraform_version":"1.11.4","planned_values":{},
		"resource_changes":[{"address":"vap_environment.EVIL",
		"mode":"managed","type":"vap_environment","name":"EVIL",
		"provider_name":"registry.terraform.io/terraform-provider-vap/vap",
		"change":{"actions":["delete"],"before":{"name":"EVIL","region":"EVIL"},"after":null}}]}`, "EVIL",
		strings.NewReplacer("\n", `\n`, `"`, `\"`).Replace(evil)))
	if code := r.act(map[string]string{"plan": "plan.json", "deny": "delete", "name": evil, "config": ""}); code != 1 {
		t.Errorf("exit code %d\n%s", code, r.log)
	}
	for _, inputs := range []map[string]string{{"plan": evil}, {"plan": "plan.json", "deny": evil},
		{"plan": "plan.json", "config": evil}, {"plan": "-x"}, {"plan": "plan.json", "version": evil}} {
		if code := r.act(inputs); code == 0 {
			t.Errorf("%q is allowed\n%s", inputs, r.log)
		}
	}
	for _, folder := range []string{r.folder, r.temporary, "../../tools/planreview"} {
		if found, _ := filepath.Glob(filepath.Join(folder, "pwned*")); len(found) != 0 {
			t.Errorf("a command was run: %q", found)
		}
	}
	// Outside of stop-commands, the log has no commands for the runner except annotations.
	stop := ""
	for line := range strings.Lines(r.log) {
		line = strings.TrimSpace(line)
		switch token, stops := strings.CutPrefix(line, "::stop-commands::"); {
		case stop == "" && stops:
			stop = token
		case stop != "" && line == "::"+stop+"::":
			stop = ""
		case stop == "" && strings.HasPrefix(line, "::") &&
			!regexp.MustCompile(`^::(error|warning|notice)::`).MatchString(line):
			t.Errorf("the runner obeys %q", line)
		}
	}
	if stop != "" || !strings.Contains(r.log, "::set-env") {
		t.Errorf("commands are stopped by %q to the end, or the test shows nothing", stop)
	}
	if mark, _, _ := strings.Cut(r.forge.comments[0].Body, "\n"); !strings.HasPrefix(mark,
		"<!-- review of migrations: ") || strings.Count(mark, "-->") != 1 {
		t.Errorf("the mark of the comment ends early: %s", mark)
	}
}

// The README explains every input and output, and uses the action in three lines.
func TestReadmeExplainsTheAction(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("../../examples/ci/README.md")
	if err != nil {
		t.Fatal(err)
	}
	var metadata action
	read(t, actionFile, &metadata)
	_, section, _ := strings.Cut(string(content), "\n## GitHub Actions\n")
	section, _, _ = strings.Cut(section, "\n## ")
	for name := range metadata.Inputs {
		says(t, "the README", section, "`"+name+"`")
	}
	for name := range metadata.Outputs {
		says(t, "the README", section, "`"+name+"`")
	}
	_, block, _ := strings.Cut(section, "```yaml\n")
	block, _, _ = strings.Cut(block, "```")
	var steps []githubStep
	if err := yaml.Unmarshal([]byte(block), &steps); err != nil || len(steps) != 1 || strings.Count(block, "\n") != 3 {
		t.Fatalf("the README does not use the action in three lines (%v):\n%s", err, block)
	}
	if !strings.HasPrefix(steps[0].Uses, ours) || len(steps[0].With) != 1 || steps[0].With["plan"] == "" {
		t.Errorf("the README uses %q with %q", steps[0].Uses, steps[0].With)
	}
}

// GitHub's reference says what is required; besides, no expression may become part of a command.
func TestActionMetadata(t *testing.T) {
	t.Parallel()
	var metadata action
	read(t, actionFile, &metadata)
	content, err := os.ReadFile(actionFile)
	if err != nil {
		t.Fatal(err)
	}
	if metadata.Name == "" || metadata.Description == "" || metadata.Runs.Using != "composite" ||
		len(metadata.Description) > 250 {
		t.Errorf("what is required is missing: %+v", metadata)
	}
	if !metadata.Inputs["plan"].Required || metadata.Inputs["plan"].Default != nil {
		t.Error("the plan has a default")
	}
	for name, input := range metadata.Inputs {
		if input.Description == "" || !strings.Contains(string(content), "inputs."+name) {
			t.Errorf("the input %s is not described or not used", name)
		}
		if !input.Required && input.Default == nil {
			t.Errorf("the input %s has no default", name)
		}
	}
	for _, match := range regexp.MustCompile(`inputs\.([a-z-]+)`).FindAllStringSubmatch(string(content), -1) {
		if _, ok := metadata.Inputs[match[1]]; !ok {
			t.Errorf("there is no input %s", match[1])
		}
	}
	for name, output := range metadata.Outputs {
		if output.Description == "" || output.Value == "" {
			t.Errorf("the output %s has no description or no value", name)
		}
	}
	for _, step := range metadata.Runs.Steps {
		switch {
		case strings.Contains(step.Run, "${{"):
			t.Errorf("%s puts an expression into a command: %s", step.Name, step.Run)
		case step.Run != "" && (step.Shell != "bash" || step.Uses != ""):
			t.Errorf("%s has the shell %q", step.Name, step.Shell)
		}
	}
}
