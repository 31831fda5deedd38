package faultmatrix

import (
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// TestFiftyMigrationsAtOnce moves fifty environments in one apply while many calls fail.
func TestFiftyMigrationsAtOnce(t *testing.T) { // counts goroutines
	const environments = 50
	// The platform is slower than in other tests: with faults injected every call writes, and fifty at a time must wait
	// for each other.
	const scale = acctest.TimeScale / 6
	p := acctest.NewPlatformWith(t, localplatform.Options{TimeScale: scale})
	provider := p.Provider()
	provider["local_platform"].(map[string]any)["time_scale"] = scale
	provider["max_concurrent_migrations"], provider["stop_after_failed_migrations"] = environments, 0

	type shop struct {
		*acctest.Instance
		name   string
		config map[string]any
		plan   acctest.Plan
	}
	shops := make([]shop, environments)
	each := func(do func(*shop)) {
		var wait sync.WaitGroup
		for n := range shops {
			wait.Go(func() { do(&shops[n]) })
		}
		wait.Wait()
	}
	for n := range shops {
		s := &shops[n]
		s.name = fmt.Sprintf("shop-%02d", n)
		s.config = map[string]any{"name": s.name, "region": performance,
			"node_groups": map[string]any{layer: map[string]any{"node_type": "nginxphp"}}}
	}
	each(func(s *shop) {
		if _, err := p.Client.CreateEnvironment(t.Context(), platform.EnvironmentSpec{
			Name: s.name, Region: economy, NodeGroups: []platform.NodeGroupSpec{{Name: layer, NodeType: "nginxphp", Count: 1}},
		}); err != nil {
			t.Error(err)
		}
	})
	for n := range shops {
		s := &shops[n]
		s.Instance = acctest.NewInstance(t, "vap_environment", provider)
		d := append(s.Import(s.name), s.Refresh()...)
		plan, planned := s.Plan(s.config)
		if d = append(d, planned...); acctest.HasErrors(d) {
			t.Fatal(acctest.Text(d))
		}
		s.plan = plan
	}

	every := func(f faults.Fault, method string, first, step, calls int) {
		f.Method = method
		for f.Nth = first; f.Nth <= calls; f.Nth += step {
			if err := p.Inject(f); err != nil {
				t.Fatal(err)
			}
		}
	}
	every(faults.Fault{Kind: faults.Cut, When: faults.WhenStarted}, "migrate", 1, 7, environments)
	every(faults.Fault{Kind: faults.Gateway, Status: 504, When: faults.WhenStarted}, "migrate", 2, 7, environments)
	every(faults.Fault{Kind: faults.Silence, When: faults.WhenAfter}, "migrate", 3, 7, environments)
	every(faults.Fault{Kind: faults.Fail, Code: 4099, Words: words}, "migrate", 4, 7, environments)
	every(faults.Fault{Kind: faults.Unreachable}, "migrate", 5, 7, environments)
	every(faults.Fault{Kind: faults.Gateway, Status: 502}, "getenvinfo", 3, 9, 4*environments)
	every(faults.Fault{Kind: faults.Cut}, "getenvinfo", 7, 9, 4*environments)

	server := acctest.NewServer(t)
	if d := server.Configure(provider); acctest.HasErrors(d) {
		t.Fatal(acctest.Text(d))
	}
	before, peak, watching, watched := runtime.NumGoroutine(), 0, make(chan struct{}), make(chan struct{})
	var memory runtime.MemStats
	var heap uint64
	go func() {
		defer close(watched)
		look := time.NewTicker(20 * time.Millisecond)
		defer look.Stop()
		for {
			peak = max(peak, runtime.NumGoroutine())
			runtime.ReadMemStats(&memory)
			heap = max(heap, memory.HeapInuse)
			select {
			case <-watching:
				return
			case <-look.C:
			}
		}
	}()
	began := time.Now()
	var mu sync.Mutex
	failed := 0
	each(func(s *shop) {
		errors := errorsOf(s.ApplyOn(t.Context(), server, s.plan))
		mu.Lock()
		defer mu.Unlock()
		expectClear(t, errors)
		if len(errors) > 0 {
			failed++
			trial{faults: []faults.Fault{{Words: words}}}.expectWords(t, errors[0].Detail)
		}
		if want := map[bool]any{true: economy, false: performance}[len(errors) > 0]; s.State["region"] != want {
			t.Errorf("%s: the state says %v, want %v: %s", s.name, s.State["region"], want, acctest.Text(errors))
		}
	})
	took := time.Since(began)
	close(watching)
	<-watched
	if err := p.ClearFaults(); err != nil {
		t.Fatal(err)
	}
	calls := p.Requests(t, "migrate")
	if len(calls) != environments {
		t.Errorf("%d calls of migrate for %d planned migrations", len(calls), environments)
	}
	all, err := p.Client.Environments(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	moved := 0
	for _, env := range all {
		if env.Region == performance && env.Status == platform.StatusRunning {
			moved++
		}
	}
	if len(all) != environments || moved != environments-failed {
		t.Errorf("%d environments, of which %d have moved, and %d applies failed", len(all), moved, failed)
	}
	figure(t, "%d migrations at once: %d moved and %d failed in %s; at most %d goroutines (%d before) and %d MiB of "+
		"heap in use, in %d calls",
		environments, moved, failed, took.Round(time.Millisecond), peak, before, heap>>20, len(p.Requests(t, "")))
	// An environment takes a few goroutines: the apply, its call of migrate, and both ends of two connections.
	if peak-before > 10*environments {
		t.Errorf("%d goroutines for %d migrations", peak-before, environments)
	}
	if heap > 512<<20 {
		t.Errorf("%d MiB of heap in use", heap>>20)
	}
}
