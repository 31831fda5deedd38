package pipeline

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// TestAccInstallProvider runs the workflow's step that installs the provider, unchanged except for the clone, which
// is this repository. A plain init then finds the provider, and a plan succeeds.
func TestAccInstallProvider(t *testing.T) {
	t.Parallel()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("an acceptance test: needs TF_ACC=1 and Terraform or OpenTofu")
	}
	head, err := exec.Command("git", "rev-parse", "HEAD").Output()
	if err != nil {
		t.Skip("this is no clone", err)
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(githubFile)
	if err != nil {
		t.Fatal(err)
	}
	var file github
	if err := yaml.Unmarshal(content, &file); err != nil {
		t.Fatal(err)
	}
	scripts := map[string]bool{}
	for name, job := range file.Jobs {
		install := slices.IndexFunc(job.Steps, func(s githubStep) bool { return s.Name == "Install the provider" })
		initialize := slices.IndexFunc(job.Steps, func(s githubStep) bool { return s.Run == "terraform init -input=false" })
		if install < 0 || initialize < install {
			t.Fatalf("the job %s does not install the provider before it runs init", name)
		}
		scripts[job.Steps[install].Run] = true
	}
	if len(scripts) != 1 {
		t.Fatalf("the jobs install the provider in %d ways", len(scripts))
	}

	home, temporary, folder := t.TempDir(), t.TempDir(), t.TempDir()
	if err := os.CopyFS(folder, os.DirFS("../../examples/ci/shell")); err != nil {
		t.Fatal(err)
	}
	goEnv, err := exec.Command("go", "env", "GOCACHE", "GOMODCACHE", "GOFLAGS", "GOPROXY").Output()
	if err != nil {
		t.Fatal(err)
	}
	values := strings.Split(string(goEnv), "\n")
	environment := append(os.Environ(), "HOME="+home, "RUNNER_TEMP="+temporary,
		"PROVIDER_COMMIT="+strings.TrimSpace(string(head)),
		"GOCACHE="+values[0], "GOMODCACHE="+values[1], "GOFLAGS="+values[2], "GOPROXY="+values[3], "TF_CLI_CONFIG_FILE=",
		"CHECKPOINT_DISABLE=1",
		"GIT_CONFIG_COUNT=3", "GIT_CONFIG_KEY_0=url.file://"+root+".insteadOf",
		"GIT_CONFIG_VALUE_0=https://github.com/"+repositoryName,
		"GIT_CONFIG_KEY_1=uploadpack.allowAnySHA1InWant", "GIT_CONFIG_VALUE_1=true", "GIT_CONFIG_KEY_2=safe.directory",
		"GIT_CONFIG_VALUE_2=*",
		"VAP_LOCAL_PLATFORM="+filepath.Join(folder, ".vap"))
	program := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if program == "" {
		program = "terraform"
	}
	environment = append(environment, "TERRAFORM="+program)
	for script := range scripts {
		for _, command := range []*exec.Cmd{
			exec.Command("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script),
			exec.Command(program, "init", "-input=false", "-no-color"),
			exec.Command("./ci.sh", "plan", "-no-color"),
		} {
			command.Dir, command.Env = folder, environment
			if out, err := command.CombinedOutput(); err != nil {
				t.Fatalf("%q: %v\n%s", command.Args, err, out)
			}
		}
	}
}
