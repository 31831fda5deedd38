package environment_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
)

// applyAll plans and applies environments as Terraform does, ten at a time, and returns the calls of the apply by
// method.
func applyAll(t *testing.T, p *acctest.Platform, all []*acctest.Instance,
	config func(n int) map[string]any) map[string]int {
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
	turns := make(chan struct{}, 10)
	for n, i := range all {
		turns <- struct{}{}
		wait.Go(func() {
			defer func() { <-turns }()
			// Terraform plans again before it applies.
			if again, d := i.PlanOn(s, plans[n].Config); acctest.HasErrors(d) || i.Difference(again) != i.Difference(plans[n]) {
				t.Errorf("planned again: %s %s", i.Difference(again), acctest.Text(d))
			}
			if d := i.ApplyOn(t.Context(), s, plans[n]); acctest.HasErrors(d) {
				t.Error(acctest.Text(d))
			}
		})
	}
	wait.Wait()
	return countCalls(t, p, since)
}

// What a run asks the platform for does not grow with what one call can tell: environments that are created, moved or
// deleted at the same time share their looks and what is read before them.
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
			// Two move at a time, and share what they ask for before they start.
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
