package acctest

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Terraform is a folder with a configuration in which Terraform or OpenTofu runs with the provider built from these
// sources, for what plugin-testing cannot do, such as generating configuration.
type Terraform struct {
	Folder string

	t       *testing.T
	program string
}

// NewTerraform skips the test unless acceptance tests are wanted.
func NewTerraform(t *testing.T) *Terraform {
	t.Helper()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("an acceptance test: needs TF_ACC=1 and Terraform or OpenTofu")
	}
	PreCheck(t)
	tf := &Terraform{Folder: t.TempDir(), t: t, program: os.Getenv("TF_ACC_TERRAFORM_PATH")}
	if tf.program == "" {
		tf.program = "terraform"
	}
	provider := t.TempDir()
	build := exec.Command("go", "build", "-o", filepath.Join(provider, "terraform-provider-vap"), "github.com/terraform-provider-vap/terraform-provider-vap")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the provider: %v\n%s", err, out)
	}
	tf.Write("cli.tfrc", `provider_installation {
  dev_overrides { "terraform-provider-vap/vap" = "`+filepath.ToSlash(provider)+`" }
}`)
	tf.Write("versions.tf", `terraform {
  required_providers { vap = { source = "terraform-provider-vap/vap" } }
}`)
	return tf
}

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

// Run runs a command, which has to succeed, and returns what it printed.
func (tf *Terraform) Run(arguments ...string) string {
	tf.t.Helper()
	command := exec.Command(tf.program, arguments...)
	command.Dir = tf.Folder
	command.Env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+filepath.Join(tf.Folder, "cli.tfrc"), "TF_CLI_ARGS=-no-color", "TF_IN_AUTOMATION=1", "CHECKPOINT_DISABLE=1")
	var complaints strings.Builder
	command.Stderr = &complaints
	out, err := command.Output()
	if err != nil {
		tf.t.Fatalf("%s: %v\n%s%s", strings.Join(arguments, " "), err, out, complaints.String())
	}
	return string(out)
}

// Change is what a plan does with a resource.
type Change struct {
	Address string
	Change  struct {
		Actions   []string
		Importing *struct{ ID string }
	}
}

// Plan makes a plan, with more arguments for the command, and returns what it does with each resource. The plan is kept
// in the file "plan".
func (tf *Terraform) Plan(arguments ...string) []Change {
	tf.t.Helper()
	tf.Run(append([]string{"plan", "-input=false", "-out=plan"}, arguments...)...)
	var plan struct {
		ResourceChanges []Change `json:"resource_changes"`
	}
	if err := json.Unmarshal([]byte(tf.Run("show", "-json", "plan")), &plan); err != nil {
		tf.t.Fatal(err)
	}
	return plan.ResourceChanges
}
