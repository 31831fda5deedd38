package pipeline

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

const (
	gitlabFile    = "../../examples/ci/gitlab/.gitlab-ci.yml"
	componentFile = "../../examples/ci/gitlab/templates/planreview.yml"
	githubFile    = "../../examples/ci/github/environments.yml"
	script        = "../../examples/ci/shell/ci.sh"

	// migrationTimeout is the default of migration_policy.timeout.
	migrationTimeout = 2 * time.Hour
)

// read decodes a YAML file, and fails on keys that the type does not have.
func read(t *testing.T, file string, into any) {
	t.Helper()
	content, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	decoder := yaml.NewDecoder(content)
	decoder.KnownFields(true)
	if err := decoder.Decode(into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

// gitlabJob has the keywords from GitLab's reference that the example uses; any other keyword is an error.
type gitlabJob struct {
	Stage         string            `yaml:"stage"`
	Image         any               `yaml:"image"`
	Needs         []need            `yaml:"needs"`
	Variables     map[string]string `yaml:"variables"`
	Rules         []gitlabRule      `yaml:"rules"`
	BeforeScript  []string          `yaml:"before_script"`
	Script        []string          `yaml:"script"`
	AfterScript   []string          `yaml:"after_script"`
	Interruptible *bool             `yaml:"interruptible"`
	AllowFailure  bool              `yaml:"allow_failure"`
	ResourceGroup string            `yaml:"resource_group"`
	Timeout       string            `yaml:"timeout"`
	Environment   *struct {
		Name string `yaml:"name"`
	} `yaml:"environment"`
	Artifacts *struct {
		When     string   `yaml:"when"`
		Access   string   `yaml:"access"`
		ExpireIn string   `yaml:"expire_in"`
		ExposeAs string   `yaml:"expose_as"`
		Paths    []string `yaml:"paths"`
		Reports  struct {
			Terraform string `yaml:"terraform"`
			JUnit     string `yaml:"junit"`
		} `yaml:"reports"`
	} `yaml:"artifacts"`
}

type gitlabRule struct {
	If   string `yaml:"if"`
	When string `yaml:"when"`
}

// need is a job's name, alone or with what is needed from the job.
type need struct {
	Job       string `yaml:"job"`
	Artifacts bool   `yaml:"artifacts"`
}

func (n *need) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		return node.Decode(&n.Job)
	}
	type plain need
	return node.Decode((*plain)(n))
}

type gitlab struct {
	Include []struct {
		Local  string            `yaml:"local"`
		Inputs map[string]string `yaml:"inputs"`
	} `yaml:"include"`
	Workflow struct {
		Rules []gitlabRule `yaml:"rules"`
	} `yaml:"workflow"`
	Stages    []string             `yaml:"stages"`
	Variables map[string]string    `yaml:"variables"`
	Default   gitlabJob            `yaml:"default"`
	Jobs      map[string]gitlabJob `yaml:",inline"`
}

func TestGitLab(t *testing.T) {
	t.Parallel()
	var file gitlab
	read(t, gitlabFile, &file)
	// The included file is in the same folder and adds a job.
	if len(file.Include) != 1 || filepath.Join(filepath.Dir(gitlabFile),
		file.Include[0].Local) != filepath.Clean(componentFile) {
		t.Fatalf("it includes %+v", file.Include)
	}
	reviewing, reviews := component(t, file.Include[0].Inputs)
	if _, ok := file.Jobs[reviewing]; ok {
		t.Errorf("the job %s of the component has a namesake", reviewing)
	}
	file.Jobs[reviewing] = reviews
	for name, job := range file.Jobs {
		stage := slices.Index(file.Stages, job.Stage)
		if stage < 0 {
			t.Errorf("%s is in the stage %q, which there is not", name, job.Stage)
		}
		for _, n := range job.Needs {
			if needed, ok := file.Jobs[n.Job]; !ok || slices.Index(file.Stages, needed.Stage) >= stage {
				t.Errorf("%s needs %q, which is no job of an earlier stage", name, n.Job)
			}
		}
		if len(job.Script) == 0 {
			t.Errorf("%s has no script", name)
		}
		checkSteps(t, slices.Concat(job.BeforeScript, job.Script, job.AfterScript)...)
	}

	apply := file.Jobs["apply"]
	timeout, err := time.ParseDuration(apply.Timeout)
	if err != nil || timeout <= migrationTimeout {
		t.Errorf("apply ends after %q, and a migration may take %s", apply.Timeout, migrationTimeout)
	}
	if apply.Interruptible == nil || *apply.Interruptible {
		t.Error("apply can be interrupted")
	}
	if apply.ResourceGroup == "" || apply.Environment == nil {
		t.Error("applies may run at the same time, or need nobody's permission")
	}
	if len(apply.Rules) != 1 || apply.Rules[0].When != "manual" || apply.Rules[0].If != "$CI_COMMIT_BRANCH == "+
		"$CI_DEFAULT_BRANCH" {
		t.Errorf("apply is not manual, or not of the default branch only: %v", apply.Rules)
	}
	if !slices.ContainsFunc(apply.Needs, func(n need) bool { return n.Job == reviewing }) || reviews.AllowFailure {
		t.Error("apply does not need the review, or the review need not pass")
	}
	if program := apply.Variables["PLANREVIEW"]; !slices.Contains(reviews.Artifacts.Paths, program) {
		t.Errorf("apply runs %q, which the review does not keep", program)
	}
	for name, job := range file.Jobs {
		want := map[string]string{"plan": "$VAP_PLAN_TOKEN", "apply": "$VAP_APPLY_TOKEN"}[name]
		if got := job.Variables["VAP_TOKEN"]; got != want {
			t.Errorf("%s has the token %q, want %q", name, got, want)
		}
	}

	plan := file.Jobs["plan"].Artifacts
	if plan == nil || plan.When != "always" || plan.Access != "developer" {
		t.Fatalf("the plan's artifacts are not kept after a failure, or open to everybody: %+v", plan)
	}
	for name, job := range map[string]gitlabJob{"note": file.Jobs["note"], reviewing: reviews} {
		if len(job.Rules) != 1 || job.Rules[0].When != "always" {
			t.Errorf("after a plan that failed %s is that of an earlier one: %v", name, job.Rules)
		}
	}
	written := writtenFiles(t)
	for _, file := range []string{plan.Reports.Terraform, reviews.Variables["REVIEW_PLAN"]} {
		if !slices.Contains(written, strings.TrimPrefix(file, "review/")) {
			t.Errorf("ci.sh does not write %q", file)
		}
	}
}

// writtenFiles returns the files that ci.sh claims to write; running it tests that it does.
func writtenFiles(t *testing.T) []string {
	t.Helper()
	content, err := os.ReadFile(script)
	if err != nil {
		t.Fatal(err)
	}
	comment, _, _ := strings.Cut(string(content), "\nset -eu")
	return regexp.MustCompile(`[a-z]+\.(bin|json|xml|md|html)`).FindAllString(comment, -1)
}

var step = regexp.MustCompile(`\./(ci|comment)\.sh (\w+)`)

// checkSteps expects that commands run steps that ci.sh and comment.sh have.
func checkSteps(t *testing.T, commands ...string) {
	t.Helper()
	steps := map[string][]string{"ci": {"plan", "review", "gate", "apply"}, "comment": {"github", "gitlab"}}
	for _, command := range commands {
		for _, match := range step.FindAllStringSubmatch(command, -1) {
			if !slices.Contains(steps[match[1]], match[2]) {
				t.Errorf("%q runs a step that there is not", command)
			}
		}
	}
}

// github has the checked parts of the workflow; actionlint checks its form.
type github struct {
	Permissions map[string]string `yaml:"permissions"`
	Jobs        map[string]struct {
		If          string            `yaml:"if"`
		Needs       string            `yaml:"needs"`
		Environment string            `yaml:"environment"`
		Timeout     int               `yaml:"timeout-minutes"`
		Permissions map[string]string `yaml:"permissions"`
		Steps       []githubStep      `yaml:"steps"`
	} `yaml:"jobs"`
}

type githubStep struct {
	Name            string            `yaml:"name"`
	If              string            `yaml:"if"`
	Uses            string            `yaml:"uses"`
	Run             string            `yaml:"run"`
	Env             map[string]string `yaml:"env"`
	With            map[string]string `yaml:"with"`
	ContinueOnError string            `yaml:"continue-on-error"`
}

// ours is how others use the action of this repository.
const ours = repositoryName + "/tools/planreview@"

func TestGitHub(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(githubFile)
	if err != nil {
		t.Fatal(err)
	}
	var file github
	if err := yaml.Unmarshal(content, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Permissions) != 0 {
		t.Errorf("every job may %v", file.Permissions)
	}
	tokens := map[string]string{"plan": "${{ secrets.VAP_PLAN_TOKEN }}", "apply": "${{ secrets.VAP_APPLY_TOKEN }}"}
	for name, job := range file.Jobs {
		if job.Timeout == 0 {
			t.Errorf("%s has no time limit", name)
		}
		writes := slices.Sorted(func(yield func(string) bool) {
			for scope, right := range job.Permissions {
				if right == "write" && !yield(scope) {
					return
				}
			}
		})
		if want := map[string]string{"plan": "pull-requests"}[name]; strings.Join(writes, " ") != want {
			t.Errorf("%s may write %q, want %q", name, writes, want)
		}
		for _, s := range job.Steps {
			checkSteps(t, s.Run)
			if strings.Contains(s.Run, "${{") {
				t.Errorf("%s puts an expression into a command: %s", name, s.Run)
			}
			platform := strings.Contains(s.Run, "ci.sh plan") || strings.Contains(s.Run, "ci.sh apply")
			if got := s.Env["VAP_TOKEN"]; platform && got != tokens[name] || !platform && got != "" {
				t.Errorf("%s gives %q the token %q", name, s.Run, got)
			}
		}
	}
	apply := file.Jobs["apply"]
	if apply.Environment == "" || apply.Needs != "plan" || apply.If != "github.event_name == 'push'" {
		t.Errorf("apply needs nobody's approval, or not the gate: %+v", apply)
	}
	if limit := time.Duration(apply.Timeout) * time.Minute; limit <= migrationTimeout {
		t.Errorf("apply ends after %s, and a migration may take %s", limit, migrationTimeout)
	}
	// The plan's job ends only after the review of that plan, and the apply's job reviews the plan that it applies.
	for name, plan := range map[string]string{"plan": "review/plan.json", "apply": "review/plan.bin"} {
		steps := file.Jobs[name].Steps
		at := slices.IndexFunc(steps, func(s githubStep) bool { return strings.HasPrefix(s.Uses, ours) })
		if at < 0 || steps[at].With["plan"] != plan || steps[at].ContinueOnError != "" {
			t.Errorf("the job %s does not review %s, or goes on if that is denied", name, plan)
			continue
		}
		if steps[at].If != map[string]string{"plan": "${{ !cancelled() }}"}[name] {
			t.Errorf("the review of the job %s runs only if %s", name, steps[at].If)
		}
		before := slices.ContainsFunc(steps[:at], func(s githubStep) bool { return strings.Contains(s.Run, "ci.sh apply") })
		if after := slices.ContainsFunc(steps[at:], func(s githubStep) bool {
			return strings.Contains(s.Run, "ci.sh plan")
		}); before || after {
			t.Errorf("the job %s does not review between plan and apply", name)
		}
	}
}
