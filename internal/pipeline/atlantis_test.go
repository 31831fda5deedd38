package pipeline

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

const atlantisFile = "../../examples/ci/atlantis/repos.yaml"

// atlantis has the keys from Atlantis's reference that the example uses; any other key is an error.
type atlantis struct {
	Repos []struct {
		ID                   string   `yaml:"id"`
		Workflow             string   `yaml:"workflow"`
		PolicyCheck          bool     `yaml:"policy_check"`
		ApplyRequirements    []string `yaml:"apply_requirements"`
		AllowedOverrides     []string `yaml:"allowed_overrides"`
		AllowCustomWorkflows bool     `yaml:"allow_custom_workflows"`
	} `yaml:"repos"`
	Workflows map[string]struct {
		Plan        atlantisStage `yaml:"plan"`
		PolicyCheck atlantisStage `yaml:"policy_check"`
	} `yaml:"workflows"`
	Policies struct {
		Owners struct {
			Users []string `yaml:"users"`
		} `yaml:"owners"`
		PolicySets []struct {
			Name   string `yaml:"name"`
			Path   string `yaml:"path"`
			Source string `yaml:"source"`
		} `yaml:"policy_sets"`
	} `yaml:"policies"`
}

type atlantisStage struct {
	Steps []atlantisRow `yaml:"steps"`
}

// atlantisRow is a step: one of Atlantis's own, a command, or a variable for later steps.
type atlantisRow struct {
	own string
	Run string `yaml:"run"`
	Env *struct {
		Name  string `yaml:"name"`
		Value string `yaml:"value"`
	} `yaml:"env"`
}

func (s *atlantisRow) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		return node.Decode(&s.own)
	}
	type plain atlantisRow
	return node.Decode((*plain)(s))
}

// words returns the names of a stage's steps.
func (s atlantisStage) words() string {
	var words []string
	for _, step := range s.Steps {
		switch {
		case step.own != "":
			words = append(words, step.own)
		case step.Env != nil:
			words = append(words, step.Env.Name+"="+step.Env.Value)
		default:
			words = append(words, "run")
		}
	}
	return strings.Join(words, " ")
}

func TestAtlantis(t *testing.T) {
	t.Parallel()
	var file atlantis
	read(t, atlantisFile, &file)
	for _, repo := range file.Repos {
		if _, ok := file.Workflows[repo.Workflow]; !ok || !repo.PolicyCheck || repo.AllowCustomWorkflows ||
			len(repo.AllowedOverrides) != 0 {
			t.Errorf("the repository has no such workflow, no policy check, or may change them: %+v", repo)
		}
	}
	workflow := file.Workflows["vap"]
	if got := workflow.Plan.words(); got != "VAP_MIGRATION_ENFORCEMENT=apply init plan" {
		t.Errorf("the plan is %q", got)
	}
	if got := workflow.PolicyCheck.words(); got != "show run policy_check" {
		t.Errorf("the policy check is %q", got)
	}
	if len(file.Policies.Owners.Users) == 0 || len(file.Policies.PolicySets) != 1 ||
		file.Policies.PolicySets[0].Source != "local" {
		t.Errorf("nobody owns the policies, or there are none: %+v", file.Policies)
	}

	// The command, as Atlantis runs it: it shows the review of denied and allowed plans, and fails if there is no
	// review.
	const rules = "/etc/atlantis/vap-review.yml"
	command := workflow.PolicyCheck.Steps[1].Run
	if !strings.Contains(command, rules) || !strings.HasPrefix(command, "planreview ") {
		t.Fatalf("the command is %q", command)
	}
	folder := t.TempDir()
	config := filepath.Join(folder, "rules.yml")
	if err := os.WriteFile(config, []byte("deny: offline\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "half.json"), []byte(`{"format_version":"1.2",`), 0o600); err != nil {
		t.Fatal(err)
	}
	recorded, err := filepath.Abs("../planreview/testdata/plans/terraform-1.11")
	if err != nil {
		t.Fatal(err)
	}
	for plan, want := range map[string]struct {
		code int
		says string
	}{
		filepath.Join(recorded, "far.json"):  {0, "Denied"},
		filepath.Join(recorded, "live.json"): {0, "1 environment moves: live"},
		filepath.Join(folder, "half.json"):   {1, "truncated"},
		filepath.Join(folder, "none.json"):   {1, "none.json"},
	} {
		run := exec.Command("sh", "-c", strings.ReplaceAll(command, rules, config))
		run.Env = append(os.Environ(), "PATH="+filepath.Dir(built(t))+":"+os.Getenv("PATH"), "SHOWFILE="+plan)
		out, err := run.CombinedOutput()
		code := 0
		if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
			code = exit.ExitCode()
		} else if err != nil {
			t.Fatal(err)
		}
		if code != want.code {
			t.Errorf("%s: exit code %d, want %d\n%s", plan, code, want.code, out)
		}
		says(t, plan, string(out), want.says)
	}
}
