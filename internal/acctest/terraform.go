package acctest

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Terraform is a folder with a configuration in which Terraform or OpenTofu runs with the provider built from these
// sources, including the code that applies faults, for what plugin-testing cannot do, such as generating
// configuration.
type Terraform struct {
	Folder string
	// Env has further environment variables, as NAME=value.
	Env []string

	t                      *testing.T
	program, configuration string
	inProcess              bool
}

// NewTerraform is for tests that need the provider as a process of its own: its environment variables, output, or
// end. It skips the test unless acceptance tests are enabled.
func NewTerraform(t *testing.T) *Terraform {
	t.Helper()
	tf := NewTerraformInProcess(t)
	tf.inProcess = false
	provider, err := buildProvider()
	if err != nil {
		t.Fatal(err)
	}
	tf.Write("cli.tfrc", `provider_installation {
  dev_overrides { "terraform-provider-vap/vap" = "`+filepath.ToSlash(filepath.Dir(provider))+`" }
}`)
	return tf
}

// NewTerraformInProcess is NewTerraform for commands that use a provider in the test's own process, as with a
// debugger. Terraform starts a process for each walk of a command, which takes two thirds of the command's time. Here
// it configures the same provider again, which then forgets what it has read.
func NewTerraformInProcess(t *testing.T) *Terraform {
	t.Helper()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("an acceptance test: needs TF_ACC=1 and Terraform or OpenTofu")
	}
	PreCheck(t)
	tf := &Terraform{Folder: t.TempDir(), t: t, program: os.Getenv("TF_ACC_TERRAFORM_PATH"), inProcess: true}
	if tf.program == "" {
		tf.program = "terraform"
	}
	tf.configuration = filepath.Join(tf.Folder, "cli.tfrc")
	tf.Write("cli.tfrc", "")
	tf.Write("versions.tf", `terraform {
  required_providers { vap = { source = "terraform-provider-vap/vap" } }
}`)
	return tf
}

// buildProvider builds the provider once for all tests of a package. It does not delete the program, so that Go does
// not link it again if nothing has changed.
var buildProvider = sync.OnceValues(func() (path string, err error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", err
	}
	path = filepath.Join(folder, "../../.cache/acctest", filepath.Base(folder), "terraform-provider-vap")
	build := exec.Command("go", "build", "-tags", "faults", "-o", path,
		"github.com/terraform-provider-vap/terraform-provider-vap")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the provider: %w\n%s", err, out)
	}
	return path, nil
})

// Write writes a file of the folder.
func (tf *Terraform) Write(name, content string) {
	tf.t.Helper()
	if err := os.WriteFile(filepath.Join(tf.Folder, name), []byte(content), 0o600); err != nil {
		tf.t.Fatal(err)
	}
}

// Read reads a file of the folder.
func (tf *Terraform) Read(name string) string {
	tf.t.Helper()
	content, err := os.ReadFile(filepath.Join(tf.Folder, name))
	if err != nil {
		tf.t.Fatal(err)
	}
	return string(content)
}

// Run runs a command, which must succeed, and returns its output.
func (tf *Terraform) Run(arguments ...string) string {
	tf.t.Helper()
	out, complaints, code := tf.Try(arguments...)
	if code != 0 {
		tf.t.Fatalf("%s: exit code %d\n%s%s", strings.Join(arguments, " "), code, out, complaints)
	}
	return out
}

// Command returns a command that has not started yet.
func (tf *Terraform) Command(arguments ...string) *exec.Cmd {
	command := exec.Command(tf.program, arguments...)
	command.Dir = tf.Folder
	// A short process hardly needs garbage collection, which takes a third of the time.
	command.Env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+tf.configuration, "TF_CLI_ARGS=-no-color",
		"TF_IN_AUTOMATION=1", "CHECKPOINT_DISABLE=1", "GOGC=400",
		"TF_LOG_SDK=", "TF_LOG_PROVIDER_VAP=") // these are for the test's own process
	command.Env = append(command.Env, tf.Env...)
	return command
}

// Try runs a command and returns its output, its error output, and its exit code.
func (tf *Terraform) Try(arguments ...string) (out, complaints string, code int) {
	tf.t.Helper()
	command := tf.Command(arguments...)
	if tf.inProcess {
		variable, stop := serve(tf.t)
		defer stop()
		command.Env = append(command.Env, variable)
	}
	var stdout, stderr strings.Builder
	command.Stdout, command.Stderr = &stdout, &stderr
	err := command.Run()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return stdout.String(), stderr.String(), exit.ExitCode()
	}
	if err != nil {
		tf.t.Fatal(err)
	}
	return stdout.String(), stderr.String(), 0
}

// Programs returns the available command line programs by name: this one, and Terraform or OpenTofu from the PATH if
// it is the other one, in a version that the provider supports.
func (tf *Terraform) Programs() map[string]*Terraform {
	tf.t.Helper()
	programs := map[string]*Terraform{tf.name(): tf}
	for _, name := range []string{"terraform", "tofu"} {
		other := *tf
		var err error
		if other.program, err = exec.LookPath(name); err != nil || !other.AtLeast(1, 8) {
			continue
		}
		if _, known := programs[other.name()]; !known {
			programs[other.name()] = &other
		}
	}
	return programs
}

// name returns the program's name: Terraform or OpenTofu.
func (tf *Terraform) name() string {
	tf.t.Helper()
	name, _, _ := strings.Cut(tf.Run("version"), " ")
	return name
}

// Another returns another folder that uses the same provider, for a subtest.
func (tf *Terraform) Another(t *testing.T) *Terraform {
	t.Helper()
	another := *tf
	another.Folder, another.Env, another.t = t.TempDir(), nil, t
	another.Write("versions.tf", tf.Read("versions.tf"))
	return &another
}

// Example copies an example of this repository with the modules that it may use, for a subtest. It uses the given
// platform, whatever its own provider block says.
func (tf *Terraform) Example(t *testing.T, name string, p *Platform) *Terraform {
	t.Helper()
	root := t.TempDir()
	for _, part := range []string{"modules", name} {
		if err := os.CopyFS(filepath.Join(root, part), os.DirFS(filepath.Join("../../examples", part))); err != nil {
			t.Fatal(err)
		}
	}
	example := *tf
	example.Folder, example.Env, example.t = filepath.Join(root, name), nil, t
	// Files that a developer's own run left behind.
	for _, left := range []string{".vap", ".terraform", ".terraform.lock.hcl", "terraform.tfstate",
		"terraform.tfstate.backup"} {
		if err := os.RemoveAll(filepath.Join(example.Folder, left)); err != nil {
			t.Fatal(err)
		}
	}
	example.Write("platform_override.tf", p.Config(""))
	example.Run("get")
	return &example
}

// Change is what a plan does with a resource, from "show -json".
type Change struct {
	Address         string
	PreviousAddress string `json:"previous_address"`
	Change          struct {
		Actions      []string
		Before       map[string]any
		After        map[string]any
		AfterUnknown map[string]any `json:"after_unknown"`
		Importing    *struct{ ID string }
	}
}

// Plan makes a plan, with these additional arguments, and returns what it does with each resource. The plan is in the
// file "plan".
func (tf *Terraform) Plan(arguments ...string) []Change {
	tf.t.Helper()
	tf.Run(append([]string{"plan", "-input=false", "-out=plan"}, arguments...)...)
	return tf.Show("plan").Changes
}

// Shown is the output of "show -json" for a saved plan.
type Shown struct {
	// Errored reports whether the plan failed; it then lacks what failed.
	Errored bool
	Changes []Change `json:"resource_changes"`
	// Drift is what the plan's refresh found changed.
	Drift []Change `json:"resource_drift"`
}

// Show reads a saved plan.
func (tf *Terraform) Show(plan string) Shown {
	tf.t.Helper()
	var shown Shown
	tf.decode(&shown, "show", "-json", plan)
	return shown
}

// State returns the values of each resource in the state, by address.
func (tf *Terraform) State() map[string]map[string]any {
	tf.t.Helper()
	var state struct {
		Values struct {
			RootModule module `json:"root_module"`
		}
	}
	tf.decode(&state, "show", "-json")
	values := map[string]map[string]any{}
	state.Values.RootModule.collect(values)
	return values
}

// module is a module in "show -json".
type module struct {
	Resources []struct {
		Address string
		Values  map[string]any
	}
	Children []module `json:"child_modules"`
}

func (m module) collect(into map[string]map[string]any) {
	for _, resource := range m.Resources {
		into[resource.Address] = resource.Values
	}
	for _, child := range m.Children {
		child.collect(into)
	}
}

func (tf *Terraform) decode(into any, arguments ...string) {
	tf.t.Helper()
	if err := json.Unmarshal([]byte(tf.Run(arguments...)), into); err != nil {
		tf.t.Fatal(err)
	}
}

// AtLeast reports whether the program has this version or a newer one.
func (tf *Terraform) AtLeast(major, minor int) bool {
	tf.t.Helper()
	var told struct {
		Version string `json:"terraform_version"`
	}
	tf.decode(&told, "version", "-json")
	var is [2]int
	if _, err := fmt.Sscanf(told.Version, "%d.%d", &is[0], &is[1]); err != nil {
		tf.t.Fatalf("version %q: %v", told.Version, err)
	}
	return slices.Compare(is[:], []int{major, minor}) >= 0
}
