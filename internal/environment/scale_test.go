package environment_test

import (
	"cmp"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

// applyAll plans and applies environments as Terraform does, ten at a time, and returns the number of calls of the
// apply by method.
func applyAll(t *testing.T, p *acctest.Platform, all []*acctest.Instance,
	config func(n int) map[string]any) map[string]int {
	t.Helper()
	calls, _ := applyWatched(t, p, all, config)
	return calls
}

// applyWatched does the same as applyAll, and also returns the largest number of goroutines at the end of an apply.
func applyWatched(t *testing.T, p *acctest.Platform, all []*acctest.Instance,
	config func(n int) map[string]any) (calls map[string]int, goroutines int64) {
	t.Helper()
	plans := make([]acctest.Plan, len(all))
	s := startServer(t, p)
	for n, i := range all {
		if i.State != nil {
			if d := i.RefreshOn(s); len(d) > 0 {
				t.Fatal(acctest.Text(d))
			}
		}
		planned, d := i.PlanOn(s, config(n))
		if acctest.HasErrors(d) {
			t.Fatal(acctest.Text(d))
		}
		plans[n] = planned
	}
	s, since := startServer(t, p), len(p.Requests(t, ""))
	var wait sync.WaitGroup
	var peak atomic.Int64
	turns := make(chan struct{}, 10)
	for n, i := range all {
		turns <- struct{}{}
		wait.Go(func() {
			defer func() { <-turns }()
			// Terraform plans again before it applies.
			if again, d := i.PlanOn(s, plans[n].Config); acctest.HasErrors(d) || i.Difference(again) != i.Difference(plans[n]) {
				t.Errorf("second plan: %s %s", i.Difference(again), acctest.Text(d))
			}
			if d := i.ApplyOn(t.Context(), s, plans[n]); acctest.HasErrors(d) {
				t.Error(acctest.Text(d))
			}
			if now := int64(runtime.NumGoroutine()); now > peak.Load() {
				peak.Store(now)
			}
		})
	}
	wait.Wait()
	return countCalls(t, p, since), peak.Load()
}

// Environments that are created, moved or deleted at the same time share their reads, so the number of reads does not
// grow with each of them.
func TestCallsOfManyApplies(t *testing.T) {
	t.Parallel()
	const n = 20
	acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
		p := acctest.NewPlatform(t)
		all := make([]*acctest.Instance, n)
		for i := range all {
			all[i] = acctest.NewInstance(t, "vap_environment", p.Provider())
		}
		expect := func(what string, calls map[string]int, own map[string]int, shared ...string) {
			t.Logf("%s: %v", what, calls)
			for method, count := range calls {
				switch most, mine := own[method]; {
				case mine && count != most*n:
					t.Errorf("%s: %d times %s, want %d", what, count, method, most*n)
				case !mine && !slices.Contains(shared, method):
					t.Errorf("%s: %s was called", what, method)
				}
			}
		}
		created := applyAll(t, p, all, func(n int) map[string]any { return small(n) })
		expect("create", created, map[string]int{"createenvironment": 1}, "gettemplates", "getenvs", "getcurrentactions",
			"getuidactions", "getregions", "getpricing")
		if looks := created["getenvs"] + created["getcurrentactions"] + created["getuidactions"]; looks > n {
			t.Errorf("create: %v", created)
		}
		own := map[string]int{"checkmigrationpossibility": 1, "migrate": 1}
		moved := []string{"getenvinfo", "getenvs", "getcurrentactions", "getuidactions", "getregions", "getpricing"}
		for _, to := range []string{performance, south} { // live, then offline
			calls := applyAll(t, p, all, func(n int) map[string]any { return small(n, region(to), permitted) })
			expect("move to "+to, calls, own, moved...)
			// Two move at a time, and share what they read before the start.
			if before := calls["getcurrentactions"] + calls["getuidactions"] + calls["getregions"]; before > 3*n/2+3 ||
				calls["getpricing"] != 1 {
				t.Errorf("move to %s: %v", to, calls)
			}
		}
		deleted := applyAll(t, p, all, func(int) map[string]any { return nil })
		expect("delete", deleted, map[string]int{"deleteenv": 1}, "getenvs", "getcurrentactions")
		if looks := sum(deleted) - n; looks > n/2 {
			t.Errorf("delete: %v", deleted)
		}
	})
}

// Environments that are created or deleted together share their reads even if the platform responds to the calls one
// after the other: the first one waits a moment for the others.
func TestCreationsAndDeletionsShareReads(t *testing.T) {
	t.Parallel()
	const n = 6
	acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
		p := acctest.NewPlatform(t)
		all := make([]*acctest.Instance, n)
		for i := range all {
			all[i] = acctest.NewInstance(t, "vap_environment", p.Provider())
		}
		// The responses are further apart than a read waits if no others are expected.
		for _, method := range []string{"createenvironment", "deleteenv"} {
			for i := range n {
				if err := p.Inject(faults.Fault{Kind: faults.Delay, Method: method, Nth: i + 1,
					Delay: faults.Duration(time.Duration(3*(i+1)) * time.Millisecond)}); err != nil {
					t.Fatal(err)
				}
			}
		}
		created := applyAll(t, p, all, func(n int) map[string]any { return small(n) })
		deleted := applyAll(t, p, all, func(int) map[string]any { return nil })
		t.Log(created, deleted)
		for what, calls := range map[string]map[string]int{"create": created, "delete": deleted} {
			if calls["getenvs"] > n/2 || calls["getenvinfo"] > 0 {
				t.Errorf("%s: %v", what, calls)
			}
		}
	})
}

// The number of goroutines does not grow with the number of environments: Terraform applies ten at a time, and a
// finished apply leaves none. The test counts all goroutines of the process, so no other test runs in parallel.
func TestGoroutinesOfManyApplies(t *testing.T) {
	peaks := map[int]int64{}
	for _, n := range []int{12, 36} {
		acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
			p := acctest.NewPlatform(t)
			all := make([]*acctest.Instance, n)
			for i := range all {
				all[i] = acctest.NewInstance(t, "vap_environment", p.Provider())
			}
			before := int64(runtime.NumGoroutine())
			for _, config := range []func(int) map[string]any{
				func(n int) map[string]any { return small(n) },
				func(n int) map[string]any { return small(n, region(performance)) },
				func(int) map[string]any { return nil },
			} {
				_, goroutines := applyWatched(t, p, all, config)
				peaks[n] = max(peaks[n], goroutines-before)
			}
		})
	}
	t.Log(peaks)
	if peaks[36] > peaks[12]*3/2 {
		t.Errorf("%d goroutines for 12 environments, %d for 36", peaks[12], peaks[36])
	}
}

// What migrations share is never older than the request for it: the second of two moves in one apply sees what
// somebody else changed after the first one read.
func TestExternalWritesBetweenMoves(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		write func(*acctest.Platform) error
		// at is the attribute of the second move's error: "none" if it has no attribute, empty if there is no error.
		// migrates says whether the move requests a migration.
		at       string
		migrates bool
	}{
		"nothing":             {write: func(*acctest.Platform) error { return nil }, migrates: true},
		"moved to the target": {write: func(p *acctest.Platform) error { return p.MoveOutside("shop-001", performance) }},
		"moved elsewhere": {write: func(p *acctest.Platform) error { return p.MoveOutside("shop-001", south) },
			at: "region"},
		"broken": {write: func(p *acctest.Platform) error { return p.SetStatus("shop-001", wire.StatusBroken) },
			at: "region"},
		"deleted": {write: func(p *acctest.Platform) error { return p.DeleteOutside("shop-001") }, at: "none"},
		"region in maintenance": {write: func(p *acctest.Platform) error {
			return p.SetRegionMaintenance(performance, true)
		}, at: "region"},
		"region disabled": {write: func(p *acctest.Platform) error {
			return p.SetRegionEnabled(performance, false)
		}, at: "region"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
				p := acctest.NewPlatform(t)
				var all []*acctest.Instance
				for n := range 2 {
					all = append(all, create(t, p, small(n)))
				}
				var plans []acctest.Plan
				for n, i := range all {
					plans = append(plans, plan(t, i, small(n, region(performance))))
				}
				s := startServer(t, p)
				// Terraform's core plans again before it applies.
				for n, i := range all {
					if _, d := i.PlanOn(s, plans[n].Config); acctest.HasErrors(d) {
						t.Fatal(acctest.Text(d))
					}
				}
				if d := all[0].ApplyOn(t.Context(), s, plans[0]); acctest.HasErrors(d) {
					t.Fatal(acctest.Text(d))
				}
				since := len(p.Requests(t, "migrate"))
				if err := row.write(p); err != nil {
					t.Fatal(err)
				}
				d := errorsOf(all[1].ApplyOn(t.Context(), s, plans[1]))
				if migrates := len(p.Requests(t, "migrate")) > since; migrates != row.migrates {
					t.Errorf("migration requested: %v, want %v", migrates, row.migrates)
				}
				if row.at == "" && len(d) > 0 || row.at != "" && (len(d) != 1 ||
					cmp.Or(acctest.At(d[0]), "none") != row.at) {
					t.Errorf("want one error at %q:\n%s", row.at, acctest.Text(d))
				}
			})
		})
	}
}
