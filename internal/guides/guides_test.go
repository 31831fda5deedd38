//go:build unix

package guides

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
)

const (
	root = "../.."
	// port is where the guides start the local platform.
	port = "127.0.0.1:8787"
	// clone is the reader's clone of the repository, relative to the home folder. A guide must not depend on its place
	// or name.
	clone = "some where/my clone"
)

// Every guide is executed in its own folder, from its first command to its last.
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
	w, ports := newWorkshop(t), freePorts(t, len(pages))
	for i, page := range pages {
		t.Run(strings.TrimSuffix(filepath.Base(page), ".md"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(page)
			if err != nil {
				t.Fatal(err)
			}
			// Another program may use the guide's port.
			g, err := parse(strings.ReplaceAll(string(text), port, ports[i]))
			if err != nil {
				t.Fatal(err)
			}
			execute(t, g, w)
			for _, skipped := range g.skipped {
				t.Log("not run:", skipped)
			}
		})
	}
}

// execute stops at the first difference from the guide, because the following steps depend on it.
func execute(t *testing.T, g guide, w workshop) {
	t.Helper()
	r := newReader(t, w)
	printed := ""
	for _, s := range g.steps {
		if s.needsActions && !w.hasActions {
			t.Logf("not run: line %d: needs Terraform 1.14 or newer, which has actions", s.line)
			continue
		}
		switch s.kind {
		case file:
			if code, out := r.run(fmt.Sprintf("mkdir -p %q && cat >%q", filepath.Dir(s.name), s.name), s.text+"\n"); code != 0 {
				t.Fatalf("line %d: %s", s.line, out)
			}
		case command:
			if s.aside {
				r.leave()
				r.begin(s.text)
				continue
			}
			var code int
			code, printed = r.run(s.text, "")
			if code != s.exit {
				t.Fatalf("line %d: exit code %d, want %d\n%s\n%s", s.line, code, s.exit, s.text, printed)
			}
		case output:
			if s.complete && strings.TrimSpace(words(s.text)) != strings.TrimSpace(words(printed)) {
				t.Fatalf("line %d: what is printed is not\n%s\nbut\n%s", s.line, s.text, printed)
			}
			line, lacks := missing(s.text, printed)
			if s.aside {
				line, printed, lacks = r.await(s.text)
			}
			if lacks {
				t.Fatalf("line %d: not printed is\n%s\nbut\n%s", s.line, line, printed)
			}
		}
	}
}

// reader follows a guide in a shell, in an empty folder, with a second terminal and a clone of the repository
// elsewhere.
type reader struct {
	*testing.T
	folder string
	env    []string
	// program runs in the second terminal, and screen is its output; nil if none runs.
	program *exec.Cmd
	screen  *os.File
}

func newReader(t *testing.T, w workshop) *reader {
	t.Helper()
	home := t.TempDir()
	r := &reader{T: t, folder: filepath.Join(home, "guide")}
	r.env = append(slices.Clone(w.env), "HOME="+home, "LEFT="+filepath.Join(home, "left"),
		"GOBIN="+filepath.Join(home, "bin"),
		"PATH="+filepath.Join(home, "bin")+":"+w.path)
	if err := os.Mkdir(r.folder, 0o700); err != nil {
		t.Fatal(err)
	}
	clone := filepath.Join(home, clone)
	if err := os.MkdirAll(filepath.Dir(clone), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(w.clone, clone); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.leave)
	return r
}

// session begins each shell with the folder and the exported variables of the one before.
const session = `[ ! -f "$LEFT" ] || { . "$LEFT" && cd "$PWD"; }` + "\n"

func (r *reader) shell(commands string) *exec.Cmd {
	shell := exec.CommandContext(r.Context(), "sh", "-eu", "-c", session+commands)
	shell.Dir, shell.Env = r.folder, r.env
	shell.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return shell
}

// run runs commands. Background processes that they start end with the test.
func (r *reader) run(commands, input string) (code int, printed string) {
	r.Helper()
	log, err := os.CreateTemp(r.TempDir(), "printed") // not a pipe, which background processes would keep open
	if err != nil {
		r.Fatal(err)
	}
	defer log.Close()
	shell := r.shell("trap 'export -p >\"$LEFT\"' EXIT\n" + commands)
	shell.Stdin, shell.Stdout, shell.Stderr = strings.NewReader(input), log, log
	if err := shell.Start(); err != nil {
		r.Fatal(err)
	}
	r.Cleanup(func() { _ = syscall.Kill(-shell.Process.Pid, syscall.SIGKILL) })
	_ = shell.Wait()
	out, err := os.ReadFile(log.Name())
	if err != nil {
		r.Fatal(err)
	}
	return shell.ProcessState.ExitCode(), string(out)
}

// begin starts a program in the second terminal.
func (r *reader) begin(commands string) {
	r.Helper()
	screen, out, err := os.Pipe()
	if err != nil {
		r.Fatal(err)
	}
	defer out.Close()
	r.program, r.screen = r.shell("exec "+commands), screen
	r.program.Stdout, r.program.Stderr = out, out
	if err := r.program.Start(); err != nil {
		r.Fatal(err)
	}
}

// patience is how long to wait for output in the second terminal.
const patience = 2 * time.Minute

// await reads the second terminal until it shows the expected output, its program has ended, or the patience is over.
func (r *reader) await(expected string) (line, printed string, lacks bool) {
	_ = r.screen.SetReadDeadline(time.Now().Add(patience))
	var part [4096]byte
	for lacks = true; lacks; line, lacks = missing(expected, printed) {
		n, err := r.screen.Read(part[:])
		if err != nil {
			return line, printed, true
		}
		printed += string(part[:n])
	}
	return "", printed, false
}

// leave presses Ctrl-C in the second terminal, if a program is running there.
func (r *reader) leave() {
	if r.program == nil {
		return
	}
	_ = syscall.Kill(-r.program.Process.Pid, syscall.SIGINT)
	_ = r.program.Wait()
	r.screen.Close()
	r.program = nil
}

// workshop is what all readers have on their machine.
type workshop struct {
	// clone is a clone of this repository, with uncommitted changes.
	clone string
	// path has the programs. Its terraform and tofu are those that the tests use; with a plain init, they find the
	// provider built from these sources, and they answer yes to every question.
	path string
	env  []string
	// hasActions reports whether the program supports actions: Terraform since 1.14, but not OpenTofu.
	hasActions bool
}

// actionsSince matches the version output of a program that supports actions.
var actionsSince = regexp.MustCompile(`^Terraform v(1\.(1[4-9]|[2-9]\d|\d{3,})|[2-9]|\d{2,})[.\d]*`)

func newWorkshop(t *testing.T) workshop {
	t.Helper()
	folder := t.TempDir()
	w := workshop{clone: filepath.Join(folder, "clone"), path: filepath.Join(folder, "bin") + ":" + os.Getenv("PATH")}
	write := func(name string, content []byte, mode os.FileMode) {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, content, mode); err != nil {
			t.Fatal(err)
		}
	}
	output := func(name string, arguments ...string) string {
		command := exec.CommandContext(t.Context(), name, arguments...)
		command.Dir = root
		out, err := command.Output()
		if err != nil {
			t.Fatalf("%s: %v", command, err)
		}
		return string(out)
	}
	for _, name := range strings.Split(output("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"),
		"\x00") {
		if content, err := os.ReadFile(filepath.Join(root, name)); err == nil { // skips deleted files
			write(filepath.Join(w.clone, name), content, 0o600)
		}
	}

	const version = "0.1.0"
	mirror := filepath.Join(folder, "mirror")
	provider := func(registry string) string {
		return filepath.Join(mirror, registry, "terraform-provider-vap", "vap", version, runtime.GOOS+"_"+runtime.GOARCH,
			"terraform-provider-vap_v"+version)
	}
	output("go", "build", "-o", provider("registry.terraform.io"), ".")
	if err := os.MkdirAll(filepath.Dir(provider("registry.opentofu.org")), 0o700); err != nil {
		t.Fatal(err)
	}
	// Terraform and OpenTofu ignore folders that are symbolic links.
	if err := os.Link(provider("registry.terraform.io"), provider("registry.opentofu.org")); err != nil {
		t.Fatal(err)
	}
	write(filepath.Join(folder, "cli.tfrc"),
		fmt.Appendf(nil, "provider_installation {\n  filesystem_mirror { path = %q }\n}\n", mirror), 0o600)
	program := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if program == "" {
		program = strings.TrimSpace(output("sh", "-c", "command -v terraform"))
	}
	w.hasActions = actionsSince.MatchString(output(program, "version"))
	for _, name := range []string{"terraform", "tofu"} {
		const shim = "#!/bin/sh\ncase $1 in apply | destroy) yes yes | exec %[1]q \"$@\" ;; *) exec %[1]q \"$@\" ;; esac\n"
		write(filepath.Join(folder, "bin", name), fmt.Appendf(nil, shim, program), 0o700)
	}
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); !strings.HasPrefix(name, "TF_") && !strings.HasPrefix(name, "VAP_") {
			w.env = append(w.env, variable)
		}
	}
	w.env = append(w.env, "TF_CLI_CONFIG_FILE="+filepath.Join(folder, "cli.tfrc"), "TF_CLI_ARGS=-no-color",
		"CHECKPOINT_DISABLE=1",
		// A home folder of its own would also have its own cache. With -trimpath, the place of the clone does not cause a
		// rebuild.
		"GOCACHE="+strings.TrimSpace(output("go", "env", "GOCACHE")),
		"GOMODCACHE="+strings.TrimSpace(output("go", "env", "GOMODCACHE")), "GOFLAGS=-trimpath -buildvcs=false")
	return w
}

// freePorts returns unused addresses of the loopback interface, with ports below those that the system assigns
// itself.
func freePorts(t *testing.T, n int) (addresses []string) {
	t.Helper()
	var config net.ListenConfig
	for port := 20000 + os.Getpid()%10000; len(addresses) < n; port++ {
		listener, err := config.Listen(t.Context(), "tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil && port < 32768 {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		addresses = append(addresses, listener.Addr().String())
	}
	return addresses
}

func TestParse(t *testing.T) {
	t.Parallel()
	const page = "# A guide\n\n<!-- file: main.tf -->\n```terraform\nresource\n```\n\n```terraform\nonly shown\n```\n" +
		"1. A list\n\n   ```sh\n   one\n     two\n   ```\n\n```text\nsaid\n```\n<!-- run: exit 2 -->\n```sh\nfails\n```\n" +
		"<!-- instead: of the reader's own\nbehind\n-->\n```sh\nshown\n```\n" +
		"<!-- run: in another terminal -->\n```sh\nserve\n```\n```text\nserving\n```\n```sh\nlast\n```\n<!-- output: " +
		"complete -->\n```text\nall\n```\n<!-- not run: needs an account -->\n```sh\nleft out\n```\n\n```text\nof nothing " +
		"that ran\n```\n"
	g, err := parse(page)
	if err != nil {
		t.Fatal(err)
	}
	want := "{0 4 resource main.tf 0 false false} {1 13 one\n  two  0 false false} {2 18 said  0 false false} " +
		"{1 22 fails  2 false false} {1 28 behind  0 false false} {1 32 serve  0 true false} {2 35 serving  0 true false} " +
		"{1 38 last  0 false false} {2 42 all  0 false true}"
	var steps []string
	for _, s := range g.steps {
		steps = append(steps, fmt.Sprint("{", int(s.kind), " ", s.line, " ", s.text, " ", s.name, " ", s.exit, " ", s.aside,
			" ", s.complete, "}"))
	}
	if got := strings.Join(steps, " "); got != want {
		t.Errorf("the steps are\n%s\nwant\n%s", got, want)
	}
	if len(g.skipped) != 1 || !strings.Contains(g.skipped[0], "needs an account") {
		t.Errorf("skipped is %q", g.skipped)
	}
	for name, page := range map[string]string{
		"block without an end":       "```sh\ntrue\n",
		"comment without an end":     "<!-- instead: reason\ntrue\n",
		"command without a reason":   "<!-- instead\ntrue\n-->\n```sh\n```\n",
		"command behind the scenes":  "<!-- instead: reason\ntrue\n-->\nText.\n",
		"program that is not shown":  "<!-- run: in another terminal -->\n```sh\nserve\n```\n```sh\nask\n```\n",
		"comment without a block":    "<!-- file: main.tf -->\nText.\n",
		"comment without an object":  "<!-- file -->\n```terraform\n```\n",
		"two comments":               "<!-- file: a -->\n<!-- file: b -->\n```terraform\n```\n",
		"exit code that is none":     "<!-- run: fails -->\n```sh\n```\n",
		"command of another shell":   "```bash\ntrue\n```\n",
		"output of nothing":          "<!-- output: complete -->\n```text\nsaid\n```\n",
		"output that is a part":      "```sh\ntrue\n```\n<!-- output: partial -->\n```text\nsaid\n```\n",
		"output as a command":        "<!-- output: complete -->\n```sh\ntrue\n```\n",
		"configuration as a command": "<!-- run: exit 1 -->\n```terraform\n```\n",
	} {
		if g, err := parse(page); err == nil {
			t.Errorf("%s: no error, %v", name, g)
		}
	}
}

func TestConditions(t *testing.T) {
	t.Parallel()
	const page = "```sh\none\n```\n<!-- needs: Terraform 1.14 -->\n\n```sh\ntwo\n```\n<!-- needs: nothing " +
		"-->\n```sh\nthree\n```\n<!-- run: beside the next command " +
		"-->\n```sh\nfollow\n```\nText.\n```sh\nfour\n```\n```text\nof four\n```\n<!-- output: in the other terminal " +
		"-->\n```text\nfollowed\n```\n"
	g, err := parse(page)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range g.steps {
		got = append(got, fmt.Sprintf("%s %d %t %t %t", s.text, s.kind, s.needsActions, s.aside, s.early))
	}
	want := []string{"one 1 false false false", "two 1 true false false", "three 1 false false false",
		"follow 1 false true true",
		"four 1 false false false", "of four 2 false false false", "followed 2 false true false"}
	if !slices.Equal(got, want) {
		t.Errorf("the steps are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if _, err := parse("```sh\none\n```\n<!-- output: in the other terminal -->\n```text\nfollowed\n```\n"); err == nil {
		t.Error("an output of no program is no error")
	}
	for version, want := range map[string]bool{
		"Terraform v1.11.4\non linux": false, "Terraform v1.14.0-beta1": true, "Terraform v1.14.3": true,
		"Terraform v1.20.0": true, "Terraform v1.9.8": false,
		"Terraform v2.0.0": true, "OpenTofu v1.14.0": false,
	} {
		if got := actionsSince.MatchString(version); got != want {
			t.Errorf("%s has actions: %t", version, got)
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
