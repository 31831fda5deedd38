package pipeline

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// componentSpec is the header of a component, with the names from GitLab's reference; any other name is an error.
type componentSpec struct {
	Spec struct {
		Inputs map[string]componentInput `yaml:"inputs"`
	} `yaml:"spec"`
}

type componentInput struct {
	Description string `yaml:"description"`
	Type        string `yaml:"type"`
	Regex       string `yaml:"regex"`
	Default     any    `yaml:"default"`
}

var interpolation = regexp.MustCompile(`\$\[\[ inputs\.([a-z]+) \]\]`)

// component returns the name and the job of the component with these inputs, as GitLab would add it to a pipeline.
func component(t *testing.T, inputs map[string]string) (string, gitlabJob) {
	t.Helper()
	content, err := os.ReadFile(componentFile)
	if err != nil {
		t.Fatal(err)
	}
	header, body, found := strings.Cut(string(content), "\n---\n")
	if !found {
		t.Fatal("the component has no header")
	}
	var spec componentSpec
	decoder := yaml.NewDecoder(strings.NewReader(header))
	decoder.KnownFields(true)
	if err := decoder.Decode(&spec); err != nil {
		t.Fatal(err)
	}
	for name := range inputs {
		if _, ok := spec.Spec.Inputs[name]; !ok {
			t.Errorf("the component has no input %q", name)
		}
	}
	used := map[string]bool{}
	var file yaml.Node
	if err := yaml.Unmarshal([]byte(body), &file); err != nil {
		t.Fatal(err)
	}
	interpolate(t, &file, spec.Spec.Inputs, inputs, used)
	for name, input := range spec.Spec.Inputs {
		if !used[name] || input.Description == "" {
			t.Errorf("the input %s is not used or not described", name)
		}
	}
	merged, err := yaml.Marshal(&file)
	if err != nil {
		t.Fatal(err)
	}
	jobs := map[string]gitlabJob{}
	decoder = yaml.NewDecoder(bytes.NewReader(merged))
	decoder.KnownFields(true)
	if err := decoder.Decode(&jobs); err != nil || len(jobs) != 1 {
		t.Fatalf("the component has %d jobs (%v)", len(jobs), err)
	}
	for name, job := range jobs {
		return name, job
	}
	return "", gitlabJob{}
}

// interpolate inserts the inputs into the values of a file, as GitLab does: a list only where the value has nothing
// else.
func interpolate(t *testing.T, node *yaml.Node, inputs map[string]componentInput, given map[string]string,
	used map[string]bool) {
	t.Helper()
	for _, child := range node.Content {
		interpolate(t, child, inputs, given, used)
	}
	if node.Kind != yaml.ScalarNode {
		return
	}
	if match := interpolation.FindStringSubmatch(node.Value); match != nil && inputs[match[1]].Type == "array" {
		used[match[1]] = true
		if match[0] != node.Value {
			t.Errorf("a list becomes part of %q", node.Value)
		}
		if err := node.Encode(inputs[match[1]].Default); err != nil {
			t.Fatal(err)
		}
		return
	}
	node.Value = interpolation.ReplaceAllStringFunc(node.Value, func(match string) string {
		name := interpolation.FindStringSubmatch(match)[1]
		input, known := inputs[name]
		value, ok := given[name]
		if !ok {
			value, ok = input.Default.(string)
		}
		if !known || !ok || input.Regex != "" && !regexp.MustCompile(input.Regex).MatchString(value) {
			t.Errorf("the input %s is %q, which it may not be", name, value)
		}
		used[name] = true
		return value
	})
	if strings.Contains(node.Value, "$[[") {
		t.Errorf("something is not interpolated in %q", node.Value)
	}
}

// The test runs the job's script in a shell, with a release that it builds.
func TestComponent(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"sh", "curl", "tar", "sha256sum"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("the component needs %s", program)
		}
	}
	for name, c := range map[string]struct {
		inputs  map[string]string
		prepare func(folder string) error
		code    int
		says    string
	}{
		"allowed": {code: 0, says: "1 environment moves"},
		"denied":  {inputs: map[string]string{"deny": "offline,ip-change"}, code: 1, says: "vap_environment.shop: offline"},
		"denied by a file": {
			inputs: map[string]string{"config": "rules $(touch pwned).yml"},
			prepare: func(folder string) error {
				return os.WriteFile(filepath.Join(folder, "rules $(touch pwned).yml"), []byte("deny: offline\n"), 0o600)
			},
			code: 1, says: "vap_environment.shop: offline",
		},
		"no plan": {inputs: map[string]string{"plan": "review/other.json"}, code: 2, says: "other.json"},
		"elsewhere": {inputs: map[string]string{"folder": "other folder", "deny": "`touch pwned`;touch pwned"}, code: 2,
			says: "cannot be denied"},
		"no release": {inputs: map[string]string{"version": "v0.2.0"}, code: 2, says: "planreview was not installed"},
		"another file's": {
			prepare: func(folder string) error {
				archives, err := filepath.Glob(filepath.Join(folder, "download", "v0.1.0", "*.tar.gz"))
				if err != nil {
					return err
				}
				return os.WriteFile(archives[0], []byte("something else"), 0o600)
			},
			code: 2, says: "and should be",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			released(t, filepath.Join(folder, "download"))
			plan, err := os.ReadFile("../planreview/testdata/plans/terraform-1.11/far.json")
			if err == nil {
				err = os.Mkdir(filepath.Join(folder, "review"), 0o700)
			}
			if err == nil {
				err = os.WriteFile(filepath.Join(folder, "review", "plan.json"), plan, 0o600)
			}
			if err == nil && c.prepare != nil {
				err = c.prepare(folder)
			}
			if err != nil {
				t.Fatal(err)
			}
			inputs := map[string]string{"version": "v0.1.0", "download": "file://" + filepath.Join(folder, "download")}
			for input, value := range c.inputs {
				inputs[input] = value
			}
			_, job := component(t, inputs)
			command := exec.Command("sh", "-c", strings.Join(job.Script, "\n"))
			command.Dir, command.Env = folder, os.Environ()
			for name, value := range job.Variables {
				command.Env = append(command.Env, name+"="+value)
			}
			out, err := command.CombinedOutput()
			code := 0
			if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
				code = exit.ExitCode()
			} else if err != nil {
				t.Fatal(err)
			}
			if code != c.code {
				t.Fatalf("exit code %d, want %d\n%s", code, c.code, out)
			}
			says(t, "the job", string(out), c.says)
			if code < 2 {
				for _, file := range job.Artifacts.Paths {
					if _, err := os.Stat(filepath.Join(folder, file)); err != nil {
						t.Errorf("there is no artifact: %v", err)
					}
				}
				if !slices.Contains(job.Artifacts.Paths, job.Artifacts.Reports.JUnit) {
					t.Errorf("the report %s is not kept", job.Artifacts.Reports.JUnit)
				}
			}
			if _, err := os.Stat(filepath.Join(folder, "pwned")); err == nil {
				t.Error("an input was run as a command")
			}
		})
	}
}
