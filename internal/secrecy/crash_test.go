package secrecy

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faultinjection"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
)

// crash runs a command that migrates, and crashes the provider meanwhile as a panic would, with a dump of all
// goroutines. It returns the output of the command.
func crash(t *testing.T, tf *acctest.Terraform, p *platform, arguments ...string) string {
	t.Helper()
	if err := faultinjection.Inject(p.local,
		faults.Fault{Kind: faults.Prolong, Method: "migrate", Delay: faults.Duration(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	asked := migrations(t, p)
	command := tf.Command(arguments...)
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for migrations(t, p) == asked {
		select {
		case err := <-ended:
			t.Fatalf("it ended before the migration began: %v\n%s", err, &out)
		case <-look.C:
		}
	}
	crashed := 0
	for _, pid := range childrenOf(t, command.Process.Pid) {
		program, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
		if err != nil || filepath.Base(program) != "terraform-provider-vap" {
			continue
		}
		if child, err := os.FindProcess(pid); err == nil && child.Signal(syscall.SIGQUIT) == nil {
			crashed++
		}
	}
	if err := <-ended; err == nil || crashed == 0 {
		t.Errorf("%d providers crashed, and the command ended with %v:\n%s", crashed, err, &out)
	}
	if err := p.local.EndOperation("shop-prod"); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func migrations(t *testing.T, p *platform) int {
	t.Helper()
	requests, err := localplatform.ReadRequests(p.directory)
	if err != nil {
		t.Fatal(err)
	}
	others := func(r localplatform.Request) bool { return !strings.HasSuffix(r.Method, "/migrate") }
	return len(slices.DeleteFunc(requests, others))
}

// childrenOf returns the processes that a process has started.
func childrenOf(t *testing.T, parent int) []int {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	var children []int
	for _, file := range files {
		stat, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		// The format is "pid (name) state parent ...", and the name may contain any character.
		_, rest, _ := strings.Cut(string(stat[max(0, bytes.LastIndexByte(stat, ')')):]), " ")
		if fields := strings.Fields(rest); len(fields) < 2 || fields[1] != strconv.Itoa(parent) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil {
			children = append(children, pid)
		}
	}
	return children
}
