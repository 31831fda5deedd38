//go:build unix

package faultmatrix

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
)

// jobVariable tells a child process of the tests which file describes its job.
const jobVariable = "FAULTMATRIX_JOB"

// job is a run in a child process, which will be killed during it.
type job struct {
	Directory               string
	State, Identity, Config map[string]any
	Private                 []byte
}

// TestJob is the child process: it runs the provider as Terraform does.
func TestJob(t *testing.T) {
	file := os.Getenv(jobVariable)
	if file == "" {
		t.Skip("only for the child processes of TestKilledAtEveryCall")
	}
	var j job
	data, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(data, &j)
	}
	if err != nil {
		t.Fatal(err)
	}
	i := acctest.NewInstance(t, "vap_environment", (&acctest.Platform{Directory: j.Directory}).Provider())
	i.State, i.Identity, i.Private = j.State, j.Identity, j.Private
	run(i, j.Config)
}

// TestKilledAtEveryCall kills the provider with kill -9 as soon as each call of a step has reached the platform. The
// state has nothing of that run. A normal run must find out what happened and complete the step.
func TestKilledAtEveryCall(t *testing.T) {
	stride := 8 // spread over all steps
	if *everyCase {
		stride = 1
	}
	calls, kills := 0, 0
	steps := goThrough(t, "vap_environment", snapshot{}, life(), expectConverged)
	t.Run("kills", func(t *testing.T) {
		for _, l := range steps {
			for n := range l.calls {
				if calls++; calls%stride != 0 {
					continue
				}
				kills++
				t.Run(fmt.Sprintf("%s/call %d", l.name, n+1), func(t *testing.T) {
					t.Parallel()
					killAt(t, l, n+1)
				})
			}
		}
	})
	figure(t, "kill -9 of the provider: %d kills at %d calls, each followed by a plan and an apply that brought the "+
		"step to its end", kills, calls)
}

func killAt(t *testing.T, l lived, call int) {
	p, i := l.before.restored(t, "vap_environment")
	data, err := json.Marshal(job{Directory: p.Directory, State: i.State, Identity: i.Identity, Private: i.Private,
		Config: l.config})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "job.json")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	child := exec.Command(os.Args[0], "-test.run=^TestJob$")
	child.Env = append(os.Environ(), jobVariable+"="+file)
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = child.Wait() }()
	if reached(t, p, ended, func(calls []localplatform.Request) bool { return len(calls) >= call }) {
		_ = child.Process.Kill()
		<-ended
	}

	c := cell{lived: l}
	c.again(t, p, i)
	expectConverged(t, p, i, l.config)
	c.expectOneMove(t, p)
	for _, r := range p.Requests(t, "migrate") {
		if r.Result != nil && *r.Result != 0 {
			t.Errorf("a migration was asked for again while it went on, and answered with code %d", *r.Result)
		}
	}
}

// reached waits for recorded calls; it returns false if the process ended before them.
func reached(t *testing.T, p *acctest.Platform, ended <-chan struct{}, enough func([]localplatform.Request) bool) bool {
	t.Helper()
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	for {
		select {
		case <-ended:
			return false
		case <-look.C:
			if enough(callsOf(t, p)) {
				return true
			}
		}
	}
}

// TestAccTerraformKilled kills Terraform and the provider together during a long operation. A normal run then does
// and reports what the guides promise.
func TestAccTerraformKilled(t *testing.T) {
	built := acctest.NewTerraform(t)
	write := func(tf *acctest.Terraform, p *acctest.Platform, region, more string) {
		tf.Write("main.tf", p.Config(fmt.Sprintf(`
resource "vap_environment" "shop" {
  name             = %q
  region           = %q
  migration_policy = { allow_downtime = true, allow_ip_change = true }
  node_groups      = { cp = { node_type = "nginxphp" } }
}
%s`, name, region, more)))
	}
	expectNothingToDo := func(t *testing.T, tf *acctest.Terraform) {
		t.Helper()
		if out, complaints, code := tf.Try("plan", "-detailed-exitcode"); code != 0 {
			t.Errorf("the plan at the end is not empty: %s%s", out, complaints)
		}
	}
	for _, target := range []string{performance, south} {
		t.Run("migrating to "+target, func(t *testing.T) {
			tf, p := built.Another(t), acctest.NewPlatform(t)
			write(tf, p, economy, "")
			tf.Run("apply", "-auto-approve")
			write(tf, p, target, "")
			killTerraform(t, tf, p, "migrate", "apply", "-auto-approve")
			out := endOperationOnce(t, tf, p, "Modifying...", "apply", "-auto-approve")
			planned, _ := tf.State()["vap_environment.shop"]["planned_migration"].(map[string]any)
			if planned["trigger"] != "in_progress" {
				t.Errorf("the apply after the kill does not know that the migration goes on: %v\n%s", planned, out)
			}
			if n := len(p.Requests(t, "migrate")); n != 1 {
				t.Errorf("%d calls of migrate", n)
			}
			if region := tf.State()["vap_environment.shop"]["region"]; region != target {
				t.Errorf("the state says %v", region)
			}
			expectNothingToDo(t, tf)
		})
	}
	t.Run("creating", func(t *testing.T) {
		tf, p := built.Another(t), acctest.NewPlatform(t)
		write(tf, p, economy, "")
		killTerraform(t, tf, p, "createenvironment", "apply", "-auto-approve")
		out, complaints, code := tf.Try("apply", "-auto-approve", "-json")
		if d := acctest.Diagnostics(t, out); code == 0 || len(d) != 1 || d[0].At() != "vap_environment.shop.name" ||
			!strings.Contains(d[0].Detail, "import {") {
			t.Errorf("the apply after the kill ends with %d and does not say how to take it over:\n%s%s", code, out, complaints)
		}
		if err := p.EndOperation(name); err != nil {
			t.Fatal(err)
		}
		if waitAtRest(t, p) == nil {
			t.Fatal("the environment is lost")
		}
		write(tf, p, economy, fmt.Sprintf("import {\n  to = vap_environment.shop\n  id = %q\n}\n", name))
		tf.Run("apply", "-auto-approve")
		if n := len(p.Requests(t, "createenvironment")); n != 1 {
			t.Errorf("%d creations", n)
		}
		expectNothingToDo(t, tf)
	})
	t.Run("destroying", func(t *testing.T) {
		tf, p := built.Another(t), acctest.NewPlatform(t)
		write(tf, p, economy, "")
		tf.Run("apply", "-auto-approve")
		killTerraform(t, tf, p, "deleteenv", "destroy", "-auto-approve")
		endOperationOnce(t, tf, p, "Destroying...", "destroy", "-auto-approve")
		if env := waitAtRest(t, p); env != nil || len(tf.State()) != 0 {
			t.Errorf("the environment is still there: %+v, state %v", env, tf.State())
		}
	})
}

// killTerraform kills a command after it has begun an operation that continues until the test ends it.
func killTerraform(t *testing.T, tf *acctest.Terraform, p *acctest.Platform, method string, arguments ...string) {
	t.Helper()
	if err := p.Inject(faults.Fault{Kind: faults.Prolong, Method: method, Delay: faults.Duration(time.Hour)},
		faults.Fault{Kind: faults.Cut, Method: method, When: faults.WhenStarted}); err != nil {
		t.Fatal(err)
	}
	terraform := tf.Command(arguments...)
	terraform.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Terraform and its providers
	if err := terraform.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = terraform.Wait() }()
	if !reached(t, p, ended, func(calls []localplatform.Request) bool {
		asked := slices.IndexFunc(calls, func(r localplatform.Request) bool {
			return strings.HasSuffix(r.Method, "/"+method)
		})
		if asked < 0 || len(calls) <= asked+1 {
			return false
		}
		// The provider reads during the call, so the operation may not have begun yet.
		_, busy, _, err := p.Place(name)
		return err == nil && busy
	}) {
		t.Fatalf("%v ended before %s was seen", arguments, method)
	}
	if err := syscall.Kill(-terraform.Process.Pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-ended
}

// endOperationOnce runs a command, which must succeed, and ends the running operation at the platform once the
// command has printed a text. It returns the whole output.
func endOperationOnce(t *testing.T, tf *acctest.Terraform, p *acctest.Platform, text string,
	arguments ...string) string {
	t.Helper()
	terraform := tf.Command(arguments...)
	screen, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer screen.Close()
	terraform.Stdout, terraform.Stderr = out, out
	err = terraform.Start()
	out.Close()
	if err != nil {
		t.Fatal(err)
	}
	var printed strings.Builder
	for ended, lines := false, bufio.NewScanner(screen); lines.Scan(); {
		fmt.Fprintln(&printed, lines.Text())
		if !ended && strings.Contains(lines.Text(), text) {
			ended = true
			if err := p.EndOperation(name); err != nil {
				t.Error(err)
			}
		}
	}
	if err := terraform.Wait(); err != nil {
		t.Fatalf("%v: %v\n%s", arguments, err, printed.String())
	}
	return printed.String()
}
