package localplatform

import (
	"errors"
	"net/http"
	"net/http/httptrace"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
)

// ownGoroutines counts the goroutines that serve this test's pipes or calls.
func ownGoroutines(t *testing.T, label string) int {
	t.Helper()
	var text strings.Builder
	if err := pprof.Lookup("goroutine").WriteTo(&text, 1); err != nil {
		t.Fatal(err)
	}
	n := 0
	for stack := range strings.SplitSeq(text.String(), "\n\n") {
		if strings.Contains(stack, label) {
			n++
		}
	}
	return n
}

func TestManyClientsLeakNothing(t *testing.T) { // counts goroutines
	p, err := Open(Options{Directory: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	p.seed(t, "shop-1")
	before := runtime.NumGoroutine()
	var wait sync.WaitGroup
	for range 20 {
		wait.Go(func() {
			c := &client{t: t, http: &http.Client{Transport: p.Transport()}, base: "http://any.host.test", token: OwnerToken}
			for range 10 {
				if answer, err := c.post("environment.control.getenvinfo", "envName", "shop-1"); err != nil ||
					effective(answer) != 0 {
					t.Errorf("getenvinfo: %v %v", answer, err)
				}
			}
		})
	}
	held := &client{t: t, http: &http.Client{Transport: p.Transport()}, base: "http://local", token: OwnerToken}
	answers := held.begin("shop-1", 10, "environment.control.migrate", "envName", "shop-1", "hardwareNodeGroup",
		"north-standard", "isOnline", "true")
	wait.Wait()
	if ownGoroutines(t, "localplatform.(*call).await") == 0 {
		t.Fatal("the call is not held open")
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if answer := <-answers; answer["transport"] == nil {
		t.Errorf("a closed platform answers %v", answer)
	}
	if _, err := held.post("environment.control.getenvs"); err == nil {
		t.Error("a closed platform takes new calls")
	}
	eventually(t, func() bool { return runtime.NumGoroutine() <= before })
}

// A request that cannot reach the platform does not show up there, and its trace shows that no connection was made.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	p, _ := open(t, Options{})
	p.seed(t, "shop-1")
	if err := EnableRequestLog(p.directory); err != nil {
		t.Fatal(err)
	}
	inject(t, p, faults.Fault{Kind: faults.Unreachable, Method: "getenvinfo", Nth: 2},
		faults.Fault{Kind: faults.Refuse, Method: "getenvinfo", Nth: 2, Code: 99})
	c := &client{t: t, http: &http.Client{Transport: p.Transport()}, base: "http://local", token: OwnerToken}
	info := func() (object, error) { return c.post("environment.control.getenvinfo", "envName", "shop-1") }
	if answer, err := info(); err != nil || effective(answer) != 0 {
		t.Fatalf("the first: %v %v", answer, err)
	}
	c.ok("environment.control.getenvs")
	wanted, got := false, false
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
		GetConn: func(string) { wanted = true },
		GotConn: func(httptrace.GotConnInfo) { got = true },
	})
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+"/1.0/environment/control/rest/getenvinfo",
		strings.NewReader("envName=shop-1"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.http.Do(request); !errors.Is(err, syscall.ECONNREFUSED) || !wanted || got {
		t.Errorf("the second: %v; connection wanted %t, made %t", err, wanted, got)
	}
	if answer, err := info(); err != nil || effective(answer) != 99 {
		t.Errorf("the third call, the second to arrive: %v %v", answer, err)
	}
	if log, err := ReadRequests(p.directory); err != nil || len(log) != 3 {
		t.Errorf("%d calls on record, %v", len(log), err)
	}
	if err := InjectFaults(p, faults.Fault{Kind: faults.Unreachable, Environment: "shop-1"}); err == nil {
		t.Error("it was accepted with a limit to an environment")
	}
}

// A platform that nobody closes is freed once its connections have idled out.
func TestUnclosedPlatformIsFreed(t *testing.T) { // counts goroutines
	gone := make(chan struct{})
	before := runtime.NumGoroutine()
	func() {
		p, err := Open(Options{Directory: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		runtime.AddCleanup(p, func(struct{}) { close(gone) }, struct{}{})
		transport := p.Transport().(*transport)
		c := &client{t: t, http: &http.Client{Transport: transport}, base: "http://local", token: OwnerToken}
		c.ok("environment.control.getenvs")
		transport.CloseIdleConnections() // the idle timeout does the same a little later
		if transport.IdleConnTimeout <= 0 || transport.IdleConnTimeout > 10*time.Second {
			t.Errorf("idle connections last %s", transport.IdleConnTimeout)
		}
	}()
	eventually(t, func() bool {
		runtime.GC()
		select {
		case <-gone:
			return runtime.NumGoroutine() <= before
		default:
			return false
		}
	})
}

func TestRequestLog(t *testing.T) {
	t.Parallel()
	p, c := open(t, Options{})
	p.seed(t, "shop-1")
	c.ok("environment.control.getenvs") // before the log is there
	if err := EnableRequestLog(p.directory); err != nil {
		t.Fatal(err)
	}
	inject(t, p, faults.Fault{Kind: faults.Cut, Method: "stopenv", When: faults.WhenStarted})
	c.code(11, "environment.control.getenvinfo", "envName", "unknown")
	if _, err := c.post("environment.control.stopenv", "envName", "shop-1"); err == nil {
		t.Fatal("the call got a response")
	}
	c.code(701, "users.authentication.signin", "login", "owner@vap.test", "password", "my secret")
	c.code(2372, "environment.control.createenvironment", "env", "{}",
		"nodes", `[{"nodeType":"cobol","docker":{"image":"x","registry":{"url":"r","user":"u","password":"my secret"}}}]`)
	log, err := ReadRequests(p.directory)
	if err != nil || len(log) != 4 {
		t.Fatalf("%v %v", log, err)
	}
	if r := log[0]; r.Method != "environment/control/getenvinfo" || r.Parameters["envname"] != "unknown" ||
		*r.Result != 11 || r.PID != os.Getpid() || r.Time.IsZero() {
		t.Errorf("first: %+v", r)
	}
	if r := log[1]; r.Method != "environment/control/stopenv" || r.Result != nil || r.Fault != "cut" {
		t.Errorf("second: %+v", r)
	}
	if r := log[3]; *r.Result != 2372 || !strings.Contains(r.Parameters["nodes"], `"user":"u"`) {
		t.Errorf("fourth: %+v", r)
	}
	file := filepath.Join(p.directory, requestLogName)
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(data), "my secret") || strings.Contains(string(data), OwnerToken) {
		t.Errorf("the log contains secrets:\n%s", data)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the log: %v %v", info.Mode(), err)
	}
}
