//go:build unix

package guides

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
)

const root = "../.."

// Every guide is executed in a folder of its own, from its first command to its last.
func TestAccGuides(t *testing.T) {
	t.Parallel()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("an acceptance test: needs TF_ACC=1 and Terraform or OpenTofu")
	}
	acctest.PreCheck(t)
	pages, err := filepath.Glob(root + "/docs/guides/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatal("there are no guides", err)
	}
	env := workshop(t)
	for _, page := range pages {
		t.Run(strings.TrimSuffix(filepath.Base(page), ".md"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(page)
			if err != nil {
				t.Fatal(err)
			}
			g, err := parse(string(text))
			if err != nil {
				t.Fatal(err)
			}
			execute(t, g, env)
			for _, skipped := range g.skipped {
				t.Log("not run:", skipped)
			}
		})
	}
}

// execute stops at the first thing that is not as the guide says: what follows rests on it.
func execute(t *testing.T, g guide, env []string) {
	t.Helper()
	folder := t.TempDir()
	printed := ""
	for _, s := range g.steps {
		switch s.kind {
		case file:
			name := filepath.Join(folder, s.name)
			if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, []byte(s.text+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		case command:
			var code int
			code, printed = run(t, folder, s.text, env)
			if code != s.exit {
				t.Fatalf("line %d: exit code %d, want %d\n%s\n%s", s.line, code, s.exit, s.text, printed)
			}
		case output:
			if line, missing := missing(s.text, printed); missing {
				t.Fatalf("line %d: not printed is\n%s\nbut\n%s", s.line, line, printed)
			}
		}
	}
}

// run runs commands in a shell that has the exported variables of the one before. What they leave in the background ends
// with the test.
func run(t *testing.T, folder, commands string, env []string) (code int, printed string) {
	t.Helper()
	log, err := os.CreateTemp(t.TempDir(), "printed") // not a pipe, which programs in the background would keep open
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	const session = "[ ! -f .exported ] || . ./.exported\ntrap 'export -p >.exported' EXIT\n"
	shell := exec.CommandContext(t.Context(), "sh", "-eu", "-c", session+commands)
	shell.Dir, shell.Env, shell.Stdout, shell.Stderr = folder, append(slices.Clone(env), "HOME="+folder), log, log
	shell.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := shell.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Kill(-shell.Process.Pid, syscall.SIGKILL) })
	_ = shell.Wait()
	out, err := os.ReadFile(log.Name())
	if err != nil {
		t.Fatal(err)
	}
	return shell.ProcessState.ExitCode(), string(out)
}

// workshop is the environment in which commands of guides run: terraform (or, under that name, what the tests run with)
// finds the provider of these sources by a plain init, and answers yes to what it asks; tofu, planreview and
// localplatform are there, too, and REPOSITORY names a copy of this one.
func workshop(t *testing.T) []string {
	t.Helper()
	folder := t.TempDir()
	const version = "0.1.0"
	platform := runtime.GOOS + "_" + runtime.GOARCH
	mirror := filepath.Join(folder, "mirror")
	build := func(name, source string) {
		if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", name, source).CombinedOutput(); err != nil {
			t.Fatalf("building %s: %v\n%s", source, err, out)
		}
	}
	provider := filepath.Join(mirror, "registry.terraform.io/terraform-provider-vap/vap", version, platform, "terraform-provider-vap_v"+version)
	build(provider, root)
	other := filepath.Join(mirror, "registry.opentofu.org/terraform-provider-vap")
	if err := os.MkdirAll(other, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(mirror, "registry.terraform.io/terraform-provider-vap/vap"), filepath.Join(other, "vap")); err != nil {
		t.Fatal(err)
	}
	programs := filepath.Join(folder, "bin")
	for _, tool := range []string{"localplatform", "planreview"} {
		build(filepath.Join(programs, tool), root+"/tools/"+tool)
	}
	program := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if program == "" {
		var err error
		if program, err = exec.LookPath("terraform"); err != nil {
			t.Fatal(err)
		}
	}
	write := func(name, content string, mode os.FileMode) {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), mode); err != nil {
			t.Fatal(err)
		}
	}
	// A guide does not answer the questions that it makes its readers answer.
	const shim = "#!/bin/sh\ncase $1 in apply | destroy) yes yes | exec %[1]q \"$@\" ;; *) exec %[1]q \"$@\" ;; esac\n"
	for _, name := range []string{"terraform", "tofu"} {
		write("bin/"+name, fmt.Sprintf(shim, program), 0o700)
	}
	write("cli.tfrc", fmt.Sprintf("provider_installation {\n  filesystem_mirror { path = %q }\n}\n", mirror), 0o600)
	repository, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	var env []string
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "TF_") && !strings.HasPrefix(variable, "VAP_") && !strings.HasPrefix(variable, "PATH=") {
			env = append(env, variable)
		}
	}
	return append(env, "PATH="+programs+":"+os.Getenv("PATH"), "TF_CLI_CONFIG_FILE="+filepath.Join(folder, "cli.tfrc"),
		"TF_CLI_ARGS=-no-color", "CHECKPOINT_DISABLE=1", "REPOSITORY="+repository)
}

func TestParse(t *testing.T) {
	t.Parallel()
	const page = "# A guide\n\n<!-- file: main.tf -->\n```terraform\nresource\n```\n\n```terraform\nonly shown\n```\n" +
		"1. A list\n\n   ```sh\n   one\n     two\n   ```\n\n```text\nsaid\n```\n<!-- run: exit 2 -->\n```sh\nfails\n```\n" +
		"<!-- setup\nbehind\n-->\n<!-- not run: needs an account -->\n```sh\nleft out\n```\n\n```text\nof nothing that ran\n```\n"
	g, err := parse(page)
	if err != nil {
		t.Fatal(err)
	}
	want := "{0 4 resource main.tf 0} {1 13 one\n  two  0} {2 18 said  0} {1 22 fails  2} {1 25 behind  0}"
	if got := strings.Trim(fmt.Sprint(g.steps), "[]"); got != want {
		t.Errorf("the steps are\n%s\nwant\n%s", got, want)
	}
	if len(g.skipped) != 1 || !strings.Contains(g.skipped[0], "needs an account") {
		t.Errorf("skipped is %q", g.skipped)
	}
	for name, page := range map[string]string{
		"block without an end":       "```sh\ntrue\n",
		"setup without an end":       "<!-- setup\ntrue\n",
		"comment without a block":    "<!-- file: main.tf -->\nText.\n",
		"comment without an object":  "<!-- file -->\n```terraform\n```\n",
		"two comments":               "<!-- file: a -->\n<!-- file: b -->\n```terraform\n```\n",
		"exit code that is none":     "<!-- run: fails -->\n```sh\n```\n",
		"command of another shell":   "```bash\ntrue\n```\n",
		"configuration as a command": "<!-- run: exit 1 -->\n```terraform\n```\n",
	} {
		if g, err := parse(page); err == nil {
			t.Errorf("%s: no error, %v", name, g)
		}
	}
}

func TestMissing(t *testing.T) {
	t.Parallel()
	const printed = "╷\n│ Error: one two\n│ three\n╵\nfour\n"
	for expected, want := range map[string]string{
		"one two three\n...\nfour": "", "four\none": "one", "five": "five", "": "",
	} {
		if got, _ := missing(expected, printed); got != want {
			t.Errorf("missing of %q is %q, want %q", expected, got, want)
		}
	}
}
