package pipeline

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
)

const actionFile = "../../tools/planreview/action.yml"

// action is the metadata of an action, with the names from GitHub's reference; any other name is an error.
type action struct {
	Name        string `yaml:"name"`
	Description string `yaml:"description"`
	Author      string `yaml:"author"`
	Branding    struct {
		Icon  string `yaml:"icon"`
		Color string `yaml:"color"`
	} `yaml:"branding"`
	Inputs map[string]struct {
		Description string  `yaml:"description"`
		Required    bool    `yaml:"required"`
		Default     *string `yaml:"default"`
	} `yaml:"inputs"`
	Outputs map[string]struct {
		Description string `yaml:"description"`
		Value       string `yaml:"value"`
	} `yaml:"outputs"`
	Runs struct {
		Using string       `yaml:"using"`
		Steps []actionStep `yaml:"steps"`
	} `yaml:"runs"`
}

type actionStep struct {
	Name             string            `yaml:"name"`
	ID               string            `yaml:"id"`
	If               string            `yaml:"if"`
	Shell            string            `yaml:"shell"`
	WorkingDirectory string            `yaml:"working-directory"`
	Run              string            `yaml:"run"`
	Uses             string            `yaml:"uses"`
	With             map[string]string `yaml:"with"`
	Env              map[string]string `yaml:"env"`
}

// runner runs the action as GitHub's runner does, as far as the action needs it.
type runner struct {
	t *testing.T
	// folder is the workspace, temporary is the runner's folder for temporary files, and server has repositories and
	// releases.
	folder, temporary, server string
	forge                     *forge
	// environment has additional variables of the job, as NAME=value.
	environment []string
	// contexts has the values of expressions; an expression without a value fails the test.
	contexts map[string]string
	// path has the action's additions to PATH, summary the job's summary, log the output of the steps, and artifact its
	// files.
	path, summary, log string
	artifact           []string
}

const repositoryName = "terraform-provider-vap/terraform-provider-vap"

// newRunner has a release v0.1.0, a pull request from a branch of the repository, and plan.json.
func newRunner(t *testing.T, plan string) *runner {
	t.Helper()
	for _, program := range []string{"bash", "git", "curl", "jq", "tar"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("the action needs %s", program)
		}
	}
	r := &runner{t: t, folder: t.TempDir(), temporary: t.TempDir(), server: t.TempDir(),
		forge: &forge{t: t, comments: []*comment{}}}
	r.contexts = map[string]string{
		"github.action_ref": "v0.1.0", "github.action_repository": repositoryName,
		"github.event_name": "pull_request", "github.event.pull_request.number": "5",
		"github.event.pull_request.head.sha": "0123456789abcdef", "github.token": forgeToken,
		"github.event_name == 'pull_request' && github.event.pull_request.head.repo.full_name != github.repository": "false",
	}
	if plan != "" {
		content, err := os.ReadFile("../planreview/testdata/plans/terraform-1.11/" + plan + ".json")
		if err != nil {
			t.Fatal(err)
		}
		r.write("plan.json", string(content))
	}
	released(t, filepath.Join(r.server, "download"))
	return r
}

func (r *runner) write(name, content string) {
	r.t.Helper()
	if err := os.WriteFile(filepath.Join(r.folder, name), []byte(content), 0o600); err != nil {
		r.t.Fatal(err)
	}
}

func (r *runner) read(name string) string {
	r.t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		r.t.Fatal(err)
	}
	return string(content)
}

// builds has programs that are built once for all tests; TestMain deletes it.
var builds = sync.OnceValues(func() (string, error) { return os.MkdirTemp("", "pipeline") })

// planreviewProgram builds planreview, and a release archive of it.
var planreviewProgram = sync.OnceValues(func() (string, error) {
	folder, err := builds()
	if err != nil {
		return "", err
	}
	program := filepath.Join(folder, "planreview")
	for _, command := range []*exec.Cmd{
		exec.Command("go", "build", "-ldflags=-s -w", "-o", program,
			"github.com/terraform-provider-vap/terraform-provider-vap/tools/planreview"),
		exec.Command("tar", "-czf", program+".tar.gz", "-C", folder, "planreview"),
	} {
		if out, err := command.CombinedOutput(); err != nil {
			return "", fmt.Errorf("%w: %s", err, out)
		}
	}
	return program, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if folder, err := builds(); err == nil {
		os.RemoveAll(folder)
	}
	os.Exit(code)
}

// built returns the program planreview.
func built(t *testing.T) string {
	t.Helper()
	program, err := planreviewProgram()
	if err != nil {
		t.Fatal(err)
	}
	return program
}

// released puts release v0.1.0 for this machine into a folder: an archive as GoReleaser builds it, and its checksum.
func released(t *testing.T, folder string) {
	t.Helper()
	folder = filepath.Join(folder, "v0.1.0")
	name := fmt.Sprintf("planreview_0.1.0_%s_%s.tar.gz", runtime.GOOS, runtime.GOARCH)
	archive, err := os.ReadFile(built(t) + ".tar.gz")
	if err == nil {
		err = os.MkdirAll(folder, 0o700)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, name), archive, 0o600)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, name+".sha256"), fmt.Appendf(nil, "%x  %s\n", sha256.Sum256(archive), name),
			0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (r *runner) do(program string, arguments ...string) string {
	r.t.Helper()
	out, err := exec.Command(program, arguments...).CombinedOutput()
	if err != nil {
		r.t.Fatalf("%s %q: %v\n%s", program, arguments, err, out)
	}
	return string(out)
}

var expression = regexp.MustCompile(`\$\{\{ (.*?) \}\}`)

// evaluate replaces the expressions in a text with their values.
func (r *runner) evaluate(text string) string {
	return expression.ReplaceAllStringFunc(text, func(match string) string {
		inner := expression.FindStringSubmatch(match)[1]
		value, ok := r.contexts[inner]
		if !ok && !strings.HasPrefix(inner, "steps.") {
			r.t.Errorf("the expression %q stands for nothing", inner)
		}
		return value
	})
}

// wanted reports whether a step runs.
func (r *runner) wanted(condition string) bool {
	switch condition {
	case "":
		return true
	case "inputs.artifact != ''":
		return r.contexts["inputs.artifact"] != ""
	case "inputs.comment == 'true' && github.event.pull_request.number":
		return r.contexts["inputs.comment"] == "true" && r.contexts["github.event.pull_request.number"] != ""
	default:
		r.t.Errorf("a condition that the test does not know: %s", condition)
		return false
	}
}

// act runs the action with these inputs, and returns its exit code.
func (r *runner) act(inputs map[string]string) int {
	r.t.Helper()
	var metadata action
	read(r.t, actionFile, &metadata)
	for name, input := range metadata.Inputs {
		r.contexts["inputs."+name] = ""
		if input.Default != nil {
			r.contexts["inputs."+name] = r.evaluate(*input.Default)
		}
	}
	for name, value := range inputs {
		if _, ok := metadata.Inputs[name]; !ok {
			r.t.Errorf("there is no input %q", name)
		}
		r.contexts["inputs."+name] = value
	}
	server := httptest.NewServer(r.forge)
	defer server.Close()
	for _, step := range metadata.Runs.Steps {
		if !r.wanted(step.If) {
			continue
		}
		if step.Uses != "" {
			r.upload(step)
			continue
		}
		if code := r.run(step, server.URL); code != 0 {
			return code
		}
	}
	return 0
}

// upload records what actions/upload-artifact would store.
func (r *runner) upload(step actionStep) {
	r.t.Helper()
	entries, err := os.ReadDir(r.evaluate(step.With["path"]))
	if err != nil || len(entries) == 0 {
		r.t.Errorf("there is nothing to keep: %v", err)
	}
	r.artifact = nil
	for _, entry := range entries {
		r.artifact = append(r.artifact, entry.Name())
	}
}

func (r *runner) run(step actionStep, forgeURL string) int {
	r.t.Helper()
	path, err := filepath.Abs(filepath.Dir(actionFile))
	if err != nil {
		r.t.Fatal(err)
	}
	files := map[string]string{}
	for _, name := range []string{"GITHUB_OUTPUT", "GITHUB_PATH", "GITHUB_STEP_SUMMARY"} {
		files[name] = filepath.Join(r.temporary, name)
		if err := os.WriteFile(files[name], nil, 0o600); err != nil {
			r.t.Fatal(err)
		}
	}
	command := exec.Command("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step.Run)
	command.Dir = filepath.Join(r.folder, r.evaluate(step.WorkingDirectory))
	command.Env = append(os.Environ(), "NO_PROXY=127.0.0.1", "RUNNER_TEMP="+r.temporary, "GITHUB_ACTION_PATH="+path,
		"GITHUB_SERVER_URL=file://"+r.server, "GITHUB_API_URL="+forgeURL, "GITHUB_REPOSITORY=shop/infra",
		"PLANREVIEW_DOWNLOAD=file://"+filepath.Join(r.server, "download"),
		"GOFLAGS=-ldflags=-w") // linking takes half as long
	command.Env = append(command.Env, r.environment...)
	for name, file := range files {
		command.Env = append(command.Env, name+"="+file)
	}
	for name, value := range step.Env {
		command.Env = append(command.Env, name+"="+r.evaluate(value))
	}
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	err = command.Run()
	r.log += out.String()
	r.summary += r.read(files["GITHUB_STEP_SUMMARY"])
	r.path += r.read(files["GITHUB_PATH"])
	for line := range strings.Lines(r.read(files["GITHUB_OUTPUT"])) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		r.contexts["steps."+step.ID+".outputs."+name] = value
	}
	if strings.Contains(r.log, forgeToken) {
		r.t.Errorf("it prints the token: %s", r.log)
	}
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return exit.ExitCode()
	}
	if err != nil {
		r.t.Fatal(err)
	}
	return 0
}

// output returns an output of the action.
func (r *runner) output(name string) string { return r.contexts["steps.review.outputs."+name] }
