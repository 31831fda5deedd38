package nodeaction_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// startMigration starts a migration of shop-prod that runs until the test ends.
func startMigration(t *testing.T, p *acctest.Platform) {
	t.Helper()
	inject(t, p, faults.Fault{Kind: faults.Prolong, Method: "migrate", Delay: faults.Duration(time.Hour)})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = p.Client.Migrate(ctx, platform.MigrateRequest{Environment: "shop-prod", Region: "north-performance", Live: true})
	}()
	t.Cleanup(func() { cancel(); <-done })
	for env := (platform.Environment{}); env.Status != platform.StatusMigrating; {
		var err error
		env, err = p.Client.Environment(t.Context(), "shop-prod")
		must(t, err)
	}
}

func TestWaitsForRunningMigration(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	startMigration(t, p)
	for _, action := range []string{restart, redeploy} {
		a := acctest.NewAction(t, action, p.Provider())
		c := config(nil, "cp")
		if d := a.Plan(c); len(d) > 0 {
			t.Error(acctest.Text(d))
		}
		messages, d := a.Invoke(t.Context(), c)
		expect(t, d, isError, "environment")
		expectMessages(t, messages)
	}
	expectCalls(t, p, restarts)
	expectCalls(t, p, redeploys)
}

// The action also refuses a migration that begins between its check and its call.
func TestMigrationStartsDuringInvoke(t *testing.T) {
	t.Parallel()
	acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
		p := newPlatform(t)
		a := acctest.NewAction(t, restart, p.Provider())
		inject(t, p, faults.Fault{Kind: faults.Late, Method: "migrate", Delay: faults.Duration(12 * time.Millisecond)})
		inject(t, p, faults.Fault{Kind: faults.Prolong, Method: "migrate", Delay: faults.Duration(time.Hour)})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			_ = p.Client.Migrate(ctx, platform.MigrateRequest{Environment: "shop-prod", Region: "north-performance", Live: true})
		}()
		for len(p.Requests(t, "migrate")) == 0 {
			<-time.After(time.Millisecond)
		}
		messages, d := a.Invoke(t.Context(), config(nil, "cp"))
		expect(t, d, isError, "environment")
		expectMessages(t, messages, "shop-prod: restarting cp, 2 nodes", "shop-prod: failed after T")
		cancel()
		<-done
	})
}

// The action waits for other operations.
func TestWaitsForOtherOperations(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	inject(t, p, faults.Fault{Kind: faults.Prolong, Method: "restartnodesbygroup", Delay: faults.Duration(time.Second)})
	other := make(chan error)
	go func() {
		other <- p.Client.RestartNodes(t.Context(), platform.RestartRequest{Environment: "shop-prod", NodeGroup: "sqldb"})
	}()
	for env := (platform.Environment{}); env.Status != platform.StatusLaunching; {
		var err error
		env, err = p.Client.Environment(t.Context(), "shop-prod")
		must(t, err)
	}
	messages, d := acctest.NewAction(t, restart, p.Provider()).Invoke(t.Context(), config(nil, "cp"))
	if len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	must(t, <-other)
	expectMessages(t, messages, "shop-prod: queued, the environment is launching", "shop-prod: restarting cp, 2 nodes",
		"shop-prod: verifying cp", "shop-prod: done in T")
	expectCalls(t, p, restarts, "sqldb", "cp")
}

func TestStopped(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	must(t, p.Client.StopEnvironment(t.Context(), "shop-prod"))
	_, d := acctest.NewAction(t, restart, p.Provider()).Invoke(t.Context(), config(nil, "cp"))
	expect(t, d, isWarning, "environment")
	_, d = acctest.NewAction(t, redeploy, p.Provider()).Invoke(t.Context(), config(nil, "cp"))
	expect(t, d, isError, "environment")
	expectCalls(t, p, restarts)
	expectCalls(t, p, redeploys)
}

// Whatever happens to the response, nothing is restarted twice, and no success is reported before the end.
func TestLostResponses(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		faults []faults.Fault
		calls  int
	}{
		"response lost after the end": {[]faults.Fault{{Kind: faults.Cut, When: faults.WhenAfter}}, 1},
		"gateway in the middle":       {[]faults.Fault{{Kind: faults.Gateway, Status: 504, When: faults.WhenStarted}}, 1},
		"request not delivered":       {[]faults.Fault{{Kind: faults.Cut, When: faults.WhenBefore}}, 2},
		"early response":              {[]faults.Fault{{Kind: faults.Async}}, 1},
		"early response, visible late": {[]faults.Fault{{Kind: faults.Async},
			{Kind: faults.Late, Delay: faults.Duration(2 * time.Second)}}, 1},
		"early response, logged late": {[]faults.Fault{{Kind: faults.Async},
			{Kind: faults.LateLog, Delay: faults.Duration(3 * time.Second)}}, 1},
		"no key in the log":       {[]faults.Fault{{Kind: faults.LoseKey}}, 1},
		"unreachable for a while": {[]faults.Fault{{Kind: faults.Unreachable, Times: 1}}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
				p := newPlatform(t)
				for _, f := range row.faults {
					f.Method = restarts
					inject(t, p, f)
				}
				_, d := acctest.NewAction(t, restart, p.Provider()).Invoke(t.Context(), config(nil, "cp"))
				if len(d) > 0 {
					t.Fatal(acctest.Text(d))
				}
				if got := len(calls(t, p, restarts)); got != row.calls {
					t.Errorf("%d calls, want %d", got, row.calls)
				}
				env, err := p.Client.Environment(t.Context(), "shop-prod")
				must(t, err)
				if env.Status != platform.StatusRunning {
					t.Errorf("success while the environment is %s", env.Status)
				}
			})
		})
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]faults.Fault{
		"refused":                  {Kind: faults.Refuse, Code: 4711, Words: "no such luck"},
		"role lacks permission":    {Kind: faults.Refuse, Code: 8},
		"failed in the background": {Kind: faults.Fail, Code: 4711, Words: "did not come up"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlatform(t)
			fault.Method, fault.Nth = restarts, 2
			inject(t, p, fault)
			messages, d := acctest.NewAction(t, restart, p.Provider()).Invoke(t.Context(), config(nil, "sqldb", "cp", "docker"))
			expect(t, d, isError, "node_groups[1]")
			expectMessages(t, messages, "shop-prod: restarting sqldb, 1 node", "shop-prod: verifying sqldb",
				"shop-prod: restarting cp, 2 nodes", "shop-prod: failed after T")
			expectCalls(t, p, restarts, "sqldb", "cp")
		})
	}
}

// A failure after an early response is detected.
func TestFailureAfterEarlyResponse(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	inject(t, p, faults.Fault{Kind: faults.Async, Method: restarts})
	inject(t, p, faults.Fault{Kind: faults.Fail, Method: restarts, Code: 4711, Words: "did not come up"})
	_, d := acctest.NewAction(t, restart, p.Provider()).Invoke(t.Context(), config(nil, "cp"))
	expect(t, d, isError, "node_groups[0]")
}

func TestWaitingEnds(t *testing.T) {
	t.Parallel()
	t.Run("by the timeout", func(t *testing.T) {
		t.Parallel()
		acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
			p := newPlatform(t)
			inject(t, p, faults.Fault{Kind: faults.Prolong, Method: restarts, Delay: faults.Duration(time.Hour)})
			began := time.Now()
			_, d := acctest.NewAction(t, restart, p.Provider()).Invoke(t.Context(),
				config(map[string]any{"timeouts": map[string]any{"invoke": "5s"}}, "cp"))
			expect(t, d, isError, "node_groups[0]")
			if took := time.Since(began); took < 5*time.Second || took > 10*time.Second {
				t.Errorf("it took %s", took)
			}
		})
	})
	t.Run("by an interrupt", func(t *testing.T) {
		t.Parallel()
		acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
			p := newPlatform(t)
			inject(t, p, faults.Fault{Kind: faults.Prolong, Method: restarts, Delay: faults.Duration(time.Hour)})
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			_, d := acctest.NewAction(t, restart, p.Provider()).Invoke(ctx, config(nil, "cp"))
			expect(t, d, isError, "node_groups[0]")
			expectCalls(t, p, restarts, "cp")
		})
	})
}

// Messages stay short even with many long names.
func TestLongNames(t *testing.T) {
	t.Parallel()
	p := acctest.NewPlatform(t)
	name := strings.Repeat("a", 30)
	group := "cp" + strings.Repeat("b", 40)
	_, err := p.Client.CreateEnvironment(t.Context(), platform.EnvironmentSpec{
		Name: name, Region: "north-economy",
		NodeGroups: []platform.NodeGroupSpec{{Name: group, NodeType: "docker", Image: "acme/app",
			Tag: strings.Repeat("c", 100)}},
	})
	must(t, err)
	messages, d := acctest.NewAction(t, redeploy, p.Provider()).Invoke(t.Context(),
		map[string]any{"environment": name, "node_groups": []any{group}})
	if len(d) > 0 || len(messages) == 0 {
		t.Fatal(acctest.Text(d))
	}
	for _, m := range messages {
		if n := len([]rune(m)); n > 120 {
			t.Error(fmt.Sprint(n, m))
		}
	}
}
