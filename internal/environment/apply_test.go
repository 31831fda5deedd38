package environment_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

func fault(kind faults.Kind, method, when string) faults.Fault {
	return faults.Fault{Kind: kind, Method: method, When: when}
}

func TestLiveMigrationKeepsEverything(t *testing.T) {
	t.Parallel()
	p, i := newCreated(t, shop())
	nodes := i.State["nodes"]
	apply(t, i, shop(region(performance)))
	expectMigrations(t, p, performance+" live")
	expectValues(t, i.State, map[string]any{
		"region": performance, "datacenter": "north", "domain": "shop-prod.north.vap.test",
		"last_migration.mode": "live", "last_migration.from_region": economy, "last_migration.to_region": performance,
	})
	if !reflect.DeepEqual(nodes, i.State["nodes"]) {
		t.Errorf("nodes %v became %v", nodes, i.State["nodes"])
	}
	if changes := get(t, i.State, "last_migration", "address_changes"); changes != nil {
		t.Errorf("address changes %v", changes)
	}
}

func TestMigrationToAnotherDatacenterRecordsNewAddresses(t *testing.T) {
	t.Parallel()
	p, i := newCreated(t, shop())
	before := i.State["nodes"].([]any)
	apply(t, i, shop(region(south), permitted))
	expectMigrations(t, p, south+" offline")
	expectValues(t, i.State, map[string]any{
		"region": south, "datacenter": "south", "domain": "shop-prod.south.vap.test",
		"url":                 "http://shop-prod.south.vap.test",
		"last_migration.mode": "offline", "last_migration.downtime": true,
	})
	after := i.State["nodes"].([]any)
	want := map[string]any{}
	for n := range before {
		was, is := before[n].(map[string]any), after[n].(map[string]any)
		if was["id"] != is["id"] || was["internal_ip"] == is["internal_ip"] {
			t.Errorf("node %v became %v", was, is)
		}
		want[was["internal_ip"].(string)] = is["internal_ip"]
		for a, address := range was["public_ipv4"].([]any) {
			want[address.(string)] = is["public_ipv4"].([]any)[a]
		}
	}
	if changes := get(t, i.State, "last_migration", "address_changes"); !reflect.DeepEqual(changes, want) {
		t.Errorf("address changes %v, want %v", changes, want)
	}
	started, err := time.Parse(time.RFC3339, get(t, i.State, "last_migration", "started_at").(string))
	if err != nil {
		t.Error(err)
	}
	finished, err := time.Parse(time.RFC3339, get(t, i.State, "last_migration", "finished_at").(string))
	if err != nil || finished.Before(started) {
		t.Errorf("started %v, finished %v, %v", started, finished, err)
	}
}

func TestStoppedEnvironmentMovesAndStaysStopped(t *testing.T) {
	t.Parallel()
	p, i := newCreated(t, shop())
	if err := p.SetStatus("shop-prod", wire.StatusDown); err != nil {
		t.Fatal(err)
	}
	if d := i.Refresh(); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	apply(t, i, shop(region(performance)))
	expectMigrations(t, p, performance+" offline")
	expectValues(t, i.State, map[string]any{"last_migration.mode": "offline", "last_migration.downtime": false})
	env, err := p.Client.Environment(t.Context(), "shop-prod")
	if err != nil || env.Status.String() != "stopped" {
		t.Errorf("the environment is %s, %v", env.Status, err)
	}
}

// Whatever happens to the response of migrate, the provider calls it once and the state is right.
func TestMigrationSurvivesLostAnswer(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]faults.Fault{
		"cut when started":     fault(faults.Cut, "migrate", faults.WhenStarted),
		"cut after the end":    fault(faults.Cut, "migrate", faults.WhenAfter),
		"504 when started":     {Kind: faults.Gateway, Method: "migrate", When: faults.WhenStarted, Status: 504},
		"502 after the end":    {Kind: faults.Gateway, Method: "migrate", When: faults.WhenAfter, Status: 502},
		"silence when started": fault(faults.Silence, "migrate", faults.WhenStarted),
		"truncated":            fault(faults.Truncate, "migrate", faults.WhenAfter),
		"HTML":                 fault(faults.HTML, "migrate", faults.WhenAfter),
		"old envelope":         fault(faults.Legacy, "migrate", ""),
		"reading fails once":   {Kind: faults.Gateway, Method: "getenvinfo", Status: 502, Since: "migrate"},
		"reading is refused":   {Kind: faults.Refuse, Method: "getenvinfo", Code: 99, Since: "migrate"},
		"visible late":         {Kind: faults.Late, Method: "migrate", Delay: faults.Duration(20 * time.Millisecond)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, i := newCreated(t, shop())
			planned := plan(t, i, shop(region(performance)))
			if err := p.Inject(f); err != nil {
				t.Fatal(err)
			}
			if d := i.Apply(planned); len(d) > 0 {
				t.Fatal(acctest.Text(d))
			}
			expectMigrations(t, p, performance+" live")
			expectValues(t, i.State, map[string]any{"region": performance, "last_migration.to_region": performance})
		})
	}
}

func TestMigrationFailures(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		after      map[string]any
		fault      faults.Fault
		region     string
		migrations int
	}{
		"refused by the check after stopping": {shop(region(performance), map[string]any{"power": "stopped"}),
			faults.Fault{Kind: faults.Refuse, Method: "checkmigrationpossibility", Code: 2373, Words: "not today"},
			economy, 0},
		"refused by migrate": {shop(region(performance)), refusal("migrate", 4711, "no such luck"),
			economy, 1},
		"fails in the background": {shop(region(performance)),
			faults.Fault{Kind: faults.Fail, Method: "migrate", Code: 4099, Words: "disk trouble"},
			economy, 1},
		"breaks": {shop(region(performance)),
			faults.Fault{Kind: faults.Fail, Method: "migrate", Code: 4099, Words: "disk trouble", Broken: true},
			economy, 1},
		"token revoked": {shop(region(performance)), faults.Fault{Kind: faults.Expire, Method: "migrate"},
			economy, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
				p, i := newCreated(t, shop())
				planned := plan(t, i, row.after)
				inject(t, p, row.fault)
				if row.fault.Kind == faults.Fail { // so that only the log has the reason, whichever is faster
					inject(t, p, faults.Fault{Kind: faults.Cut, Method: "migrate", When: faults.WhenStarted})
				}
				expectOne(t, i.Apply(planned), isError, "region")
				expectValues(t, i.State, map[string]any{"region": row.region, "last_migration": nil})
				if got := len(listMigrations(t, p)); got != row.migrations {
					t.Errorf("%d calls of migrate, want %d", got, row.migrations)
				}
			})
		})
	}
}

// A migration that changes what the plan promised to keep is an error, and the state is right: here the platform
// carries out a live migration offline.
func TestMigrationDiffersFromPlan(t *testing.T) {
	t.Parallel()
	p, provider := liveAcrossDatacenters(t)
	i := acctest.NewInstance(t, "vap_environment", provider)
	apply(t, i, shop())
	planned := plan(t, refresh(t, i), shop(region(south)))
	expectValues(t, planned.State, map[string]any{"planned_migration.mode": "live", "domain": "shop-prod.north.vap.test"})
	if err := p.Inject(faults.Fault{Kind: faults.Offline, Method: "migrate"}); err != nil {
		t.Fatal(err)
	}
	expectOne(t, errorsOf(i.Apply(planned)), isError, "region")
	expectValues(t, i.State, map[string]any{"region": south, "domain": "shop-prod.south.vap.test",
		"last_migration.mode": "offline", "last_migration.downtime": true,
		"last_migration.previous_domain": "shop-prod.north.vap.test"})
	if d := i.Refresh(); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	if again := plan(t, i, shop(region(south))); i.Changes(again) {
		t.Error("the next plan is not empty")
	}
}

// liveAcrossDatacenters returns a platform and a provider configuration that declares live migration to another data
// centre possible. If the platform then migrates offline, it changes what the plan promised to keep.
func liveAcrossDatacenters(t *testing.T) (*acctest.Platform, map[string]any) {
	t.Helper()
	pairs := []any{map[string]any{"between": []any{economy, south}, "possible": true}}
	catalogue := catalogueWith(t, map[string]any{"liveMigration": pairs})
	p := acctest.NewPlatformWith(t, localplatform.Options{Catalogue: catalogue, TimeScale: acctest.TimeScale})
	provider := p.Provider()
	provider["local_platform"].(map[string]any)["catalogue"] = catalogue
	provider["live_migration"] = pairs
	return p, provider
}

// The apply refuses, before the first write, a migration that has become worse since the plan.
func TestApplyRefusesUnplannedMove(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		before int // the environment's status during the plan
		after  map[string]any
		world  func(*acctest.Platform) error
		at     string
	}{
		"the region was disabled": {wire.StatusRunning, shop(region(performance)),
			func(p *acctest.Platform) error { return p.SetRegionEnabled(performance, false) },
			"region"},
		"the region went into maintenance": {wire.StatusRunning, shop(region(performance)),
			func(p *acctest.Platform) error { return p.SetRegionMaintenance(performance, true) },
			"region"},
		"the data centre stopped allowing migration": {wire.StatusRunning, shop(region(performance)),
			func(p *acctest.Platform) error { return p.SetMigrationAllowed("north", false) },
			"region"},
		"the environment was started": {wire.StatusDown, shop(region(south), permitting("allow_ip_change")),
			func(p *acctest.Platform) error { return p.SetStatus("shop-prod", wire.StatusRunning) },
			"region"},
		"a database was added": {wire.StatusRunning, shop(region(performance)),
			func(p *acctest.Platform) error {
				topology, err := p.Client.Topology(t.Context(), "shop-prod")
				if err != nil {
					return err
				}
				topology.Put(platform.NodeGroupSpec{Name: "sqldb", NodeType: "mysql8"})
				return p.Client.ChangeTopology(t.Context(), topology)
			},
			"region"},
		"the environment was moved": {wire.StatusRunning, shop(region(performance)),
			func(p *acctest.Platform) error { return p.MoveOutside("shop-prod", south) },
			"region"},
		"the addresses would change": {wire.StatusDown, shop(region(performance)),
			func(p *acctest.Platform) error { return p.MoveOutside("shop-prod", south) },
			"region"},
		"the domain was changed": {wire.StatusRunning, shop(region(performance)),
			func(p *acctest.Platform) error { return p.SetDomain("shop-prod", "shop.example.test") },
			"region"},
		"the environment broke": {wire.StatusRunning, shop(region(performance)),
			func(p *acctest.Platform) error { return p.SetStatus("shop-prod", wire.StatusBroken) },
			"region"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, i := newCreated(t, shop())
			if err := p.SetStatus("shop-prod", row.before); err != nil {
				t.Fatal(err)
			}
			if d := i.Refresh(); len(d) > 0 {
				t.Fatal(acctest.Text(d))
			}
			planned := plan(t, i, row.after)
			if err := row.world(p); err != nil {
				t.Fatal(err)
			}
			d := errorsOf(i.Apply(planned))
			if len(d) == 0 {
				t.Fatal("nothing was refused")
			}
			expect(t, d[0], isError, row.at)
			expectMigrations(t, p)
		})
	}
}

// The apply refuses another domain than planned, because resources that use the domain were planned with it.
func TestApplyRefusesUnplannedDomain(t *testing.T) {
	t.Parallel()
	catalogue := catalogueWith(t, nil)
	p := acctest.NewPlatformWith(t, localplatform.Options{Catalogue: catalogue, TimeScale: acctest.TimeScale})
	i := acctest.NewInstance(t, "vap_environment", p.Provider())
	i.Provider["local_platform"].(map[string]any)["catalogue"] = catalogue
	apply(t, i, shop())
	planned := plan(t, refresh(t, i), shop(region(south), permitting("allow_downtime", "allow_ip_change")))
	replaceIn(t, catalogue, `"south.vap.test"`, `"south.example.test"`)
	expectOne(t, errorsOf(i.Apply(planned)), isError, "region")
	expectMigrations(t, p)
}

// replaceIn replaces a text in a file. The file must contain it.
func replaceIn(t *testing.T, file, old, with string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(data), old) {
		t.Fatalf("%s does not hold %s", file, old)
	}
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(string(data), old, with)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// The apply refuses a price that has risen since the plan, but not a cost that has risen because the environment has
// grown.
func TestApplyRefusesAHigherPrice(t *testing.T) {
	t.Parallel()
	catalogue := catalogueWith(t, nil)
	p := acctest.NewPlatformWith(t, localplatform.Options{Catalogue: catalogue, TimeScale: acctest.TimeScale})
	i := acctest.NewInstance(t, "vap_environment", p.Provider())
	i.Provider["local_platform"].(map[string]any)["catalogue"] = catalogue
	apply(t, i, shop())
	planned := plan(t, refresh(t, i), shop(region(performance)))
	replaceIn(t, catalogue, `"price":0.00`, `"price":0.90`)
	expectOne(t, i.Apply(planned), isError, "region")
	expectMigrations(t, p)

	replaceIn(t, catalogue, `"price":0.90`, `"price":0.00`)
	if err := p.Scale("shop-prod", "cp", 4); err != nil {
		t.Fatal(err)
	}
	if d := errorsOf(i.Apply(planned)); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
}

func TestPlannedOfflineMoveOfStoppedEnvironment(t *testing.T) {
	t.Parallel()
	p, i := newCreated(t, shop())
	i.Provider["live_migration"] = []any{map[string]any{"between": []any{economy, performance}, "possible": false}}
	planned := plan(t, refresh(t, i), shop(region(performance), permitting("allow_downtime")))
	expectValues(t, planned.State, map[string]any{"planned_migration.mode": "offline"})
	if err := p.SetStatus("shop-prod", wire.StatusDown); err != nil {
		t.Fatal(err)
	}
	if d := errorsOf(i.Apply(planned)); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	expectMigrations(t, p, performance+" offline")
}

// An interrupted apply ends promptly with the right state, and the next run adopts the migration that is still
// running.
func TestInterruptAndAdopt(t *testing.T) {
	t.Parallel()
	acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
		p, i := newCreated(t, shop())
		planned := plan(t, i, shop(region(performance)))
		interruptRunning(t, p, i, planned)
		expectValues(t, i.State, map[string]any{"region": economy, "planned_migration": nil})

		expectOne(t, i.Refresh(), isWarning, "region")
		again := plan(t, i, shop(region(performance)))
		expectValues(t, again.State, map[string]any{"planned_migration.trigger": "in_progress"})
		// A second interrupt must not lose what the first run knew.
		interruptApply(t, i, again, 10*time.Second)
		if d := i.Apply(again); len(d) > 0 {
			t.Fatal(acctest.Text(d))
		}
		expectMigrations(t, p, performance+" live")
		expectValues(t, i.State, map[string]any{"region": performance, "last_migration.to_region": performance,
			"last_migration.trigger": "in_progress"})
	})
}

// interruptRunning applies the plan of a migration and interrupts it while the migration is running, which takes a
// minute.
func interruptRunning(t *testing.T, p *acctest.Platform, i *acctest.Instance, planned acctest.Plan,
	more ...faults.Fault) {
	t.Helper()
	for _, f := range append(more,
		faults.Fault{Kind: faults.Prolong, Method: "migrate", Delay: faults.Duration(time.Minute)}) {
		inject(t, p, f)
	}
	interruptApply(t, i, planned, 10*time.Second)
}

// interruptApply applies the plan of a migration, interrupts it after a time, and expects an error about the
// interrupt.
func interruptApply(t *testing.T, i *acctest.Instance, planned acctest.Plan, after time.Duration) {
	t.Helper()
	expectOne(t, applyInterrupted(t, i, planned, after), isError, "region")
}

// applyInterrupted returns the errors of an apply that is interrupted after a time.
func applyInterrupted(t *testing.T, i *acctest.Instance, planned acctest.Plan,
	after time.Duration) []*tfprotov6.Diagnostic {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	time.AfterFunc(after, cancel)
	return errorsOf(i.ApplyContext(ctx, planned))
}

// After an interrupt, private state keeps a migration that may be running, but not one that cannot have reached the
// platform.
func TestInterruptReportsOnlyKnownFacts(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		fault  faults.Fault
		intent bool
	}{
		"never sent":     {faults.Fault{Kind: faults.Unreachable, Method: "migrate", Times: -1}, false},
		"not yet shown":  {faults.Fault{Kind: faults.Late, Method: "migrate", Delay: faults.Duration(time.Hour)}, true},
		"never answered": {faults.Fault{Kind: faults.Silence, Method: "migrate"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
				p, i := newCreated(t, shop())
				planned := plan(t, i, shop(region(performance)))
				inject(t, p, row.fault)
				inject(t, p, faults.Fault{Kind: faults.Prolong, Method: "migrate", Delay: faults.Duration(2 * time.Hour)})
				interruptApply(t, i, planned, 20*time.Millisecond)
				if strings.Contains(string(acctest.Unpacked(t, i.Private)), "intent") != row.intent {
					t.Errorf("private state: %s", i.Private)
				}
			})
		})
	}
}

// If the environment has already moved between plan and apply, the apply requests no migration and records none.
func TestMoveAlreadyDone(t *testing.T) {
	t.Parallel()
	p, i := newCreated(t, shop())
	planned := plan(t, i, shop(region(performance)))
	if err := p.MoveOutside("shop-prod", performance); err != nil {
		t.Fatal(err)
	}
	if d := i.Apply(planned); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	expectMigrations(t, p)
	expectValues(t, i.State, map[string]any{"region": performance, "last_migration": nil})
}

// interruptWhen returns a context that ends as soon as the condition holds.
func interruptWhen(t *testing.T, condition func() (bool, error)) context.Context {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer cancel()
		for ctx.Err() == nil {
			if holds, err := condition(); err != nil || holds {
				return
			}
			<-time.After(100 * time.Microsecond)
		}
	}()
	return ctx
}

// interruptAtCall returns a context that ends as soon as the platform has received so many calls of the method.
func interruptAtCall(t *testing.T, p *acctest.Platform, method string, calls int) context.Context {
	t.Helper()
	return interruptWhen(t, func() (bool, error) {
		requests, err := localplatform.ReadRequests(p.Directory)
		return countOf(requests, method) >= calls, err
	})
}

// interruptWhenBusy returns a context that ends as soon as an operation has begun on the environment.
func interruptWhenBusy(t *testing.T, p *acctest.Platform, name string) context.Context {
	t.Helper()
	return interruptWhen(t, func() (bool, error) {
		_, busy, _, err := p.Place(name)
		return busy, err
	})
}

// An interrupt during the check of a migration is not a refusal by the platform.
func TestInterruptWhileChecking(t *testing.T) {
	t.Parallel()
	p, i := newCreated(t, shop())
	// An environment that stops first is checked again before it moves.
	planned := plan(t, i, shop(region(performance), map[string]any{"power": "stopped"}))
	since := len(p.Requests(t, "checkmigrationpossibility"))
	if err := p.Inject(faults.Fault{Kind: faults.Silence, Method: "checkmigrationpossibility", Times: -1}); err != nil {
		t.Fatal(err)
	}
	ctx := interruptAtCall(t, p, "checkmigrationpossibility", since+2)
	expectOne(t, i.ApplyContext(ctx, planned), isError, "region")
	expectMigrations(t, p)
}

func countOf(requests []localplatform.Request, method string) int {
	n := 0
	for _, r := range requests {
		if strings.HasSuffix(r.Method, "/"+method) {
			n++
		}
	}
	return n
}

// After a failed migration the provider starts no more, and each refusal says why.
func TestFailedMigrationStopsTheQueue(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		stopAfter any
		begun     int
	}{
		"by default": {nil, 1},
		"after two":  {2, 2},
		"never":      {0, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
				p := acctest.NewPlatform(t)
				server := acctest.NewServer(t)
				provider := p.Provider()
				provider["max_concurrent_migrations"], provider["stop_after_failed_migrations"] = 1, row.stopAfter
				if d := server.Configure(provider); acctest.HasErrors(d) {
					t.Fatal(acctest.Text(d))
				}
				inject(t, p, faults.Fault{Kind: faults.Fail, Method: "migrate", Times: -1, Code: 4099, Words: "disk trouble"})
				// Only the log has the reason, whichever is faster.
				inject(t, p, faults.Fault{Kind: faults.Cut, Method: "migrate", Times: -1, When: faults.WhenStarted})
				for n := range 3 {
					shopN := map[string]any{"name": fmt.Sprintf("shop-%d", n)}
					i := create(t, p, shop(shopN))
					i.Provider = provider
					d := i.ApplyOn(t.Context(), server, plan(t, i, shop(shopN, region(performance))))
					expectOne(t, d, isError, "region")
				}
				if got := len(listMigrations(t, p)); got != row.begun {
					t.Errorf("%d migration requests", got)
				}
			})
		})
	}
}

// Failures that only show later stop the queue, too: a change of what the plan promised to keep, and a timeout.
func TestLateFailuresStopTheQueue(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		fault  faults.Fault
		policy map[string]any
		to     string
	}{
		"differs from plan": {faults.Fault{Kind: faults.Offline, Method: "migrate", Times: -1}, nil, south},
		"timeout": {faults.Fault{Kind: faults.Prolong, Method: "migrate", Delay: faults.Duration(time.Hour), Times: -1},
			policy(map[string]any{"timeout": "10s"}), performance},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
				p, provider := liveAcrossDatacenters(t)
				provider["max_concurrent_migrations"] = 1
				server := acctest.NewServer(t)
				if d := server.Configure(provider); acctest.HasErrors(d) {
					t.Fatal(acctest.Text(d))
				}
				inject(t, p, row.fault)
				move := func(name string) []*tfprotov6.Diagnostic {
					i := acctest.NewInstance(t, "vap_environment", provider)
					apply(t, i, shop(map[string]any{"name": name}, row.policy))
					return errorsOf(i.ApplyOn(t.Context(), server,
						plan(t, refresh(t, i), shop(map[string]any{"name": name}, row.policy, region(row.to)))))
				}
				if d := move("shop-0"); len(d) != 1 {
					t.Fatal(acctest.Text(d))
				}
				expectOne(t, move("shop-1"), isError, "region")
				if n := len(listMigrations(t, p)); n != 1 {
					t.Errorf("%d migration requests", n)
				}
			})
		})
	}
}

// The next refresh records a migration that ended while nobody watched, with the addresses that it changed.
func TestRecordOfUnobservedMigration(t *testing.T) {
	t.Parallel()
	p, i := newCreated(t, shop(permitted))
	planned := plan(t, i, shop(region(south), permitted))
	if err := p.Inject(faults.Fault{Kind: faults.Prolong, Method: "migrate",
		Delay: faults.Duration(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	// The text depends on what the run still saw; TestInterruptReportsOnlyKnownFacts checks that.
	if d := errorsOf(i.ApplyContext(interruptWhenBusy(t, p, "shop-prod"), planned)); len(d) != 1 ||
		d[0].Attribute.String() != `AttributeName("region")` {
		t.Fatal(acctest.Text(d))
	}
	if err := p.EndOperation("shop-prod"); err != nil {
		t.Fatal(err)
	}
	refresh(t, i)
	expectValues(t, i.State, map[string]any{"region": south, "last_migration.mode": "offline",
		"last_migration.to_region": south, "last_migration.trigger": nil})
	if changes := get(t, i.State, "last_migration", "address_changes").(map[string]any); len(changes) != 4 {
		t.Errorf("address changes %v", changes)
	}
	if again := plan(t, i, shop(region(south), permitted)); i.Changes(again) {
		t.Errorf("the next plan is not empty: %s", i.Difference(again))
	}
	expectMigrations(t, p, south+" offline")
}

// If the migration ends only after the next plan, the apply of that plan finds it done and records it.
func TestRecordOfMigrationThatEndedBetweenPlanAndApply(t *testing.T) {
	t.Parallel()
	p, i := newCreated(t, shop(permitted))
	planned := plan(t, i, shop(region(south), permitted))
	if err := p.Inject(faults.Fault{Kind: faults.Prolong, Method: "migrate",
		Delay: faults.Duration(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	// The text depends on what the run still saw; TestInterruptReportsOnlyKnownFacts checks that.
	if d := errorsOf(i.ApplyContext(interruptWhenBusy(t, p, "shop-prod"), planned)); len(d) != 1 ||
		d[0].Attribute.String() != `AttributeName("region")` {
		t.Fatal(acctest.Text(d))
	}
	refresh(t, i)
	again := plan(t, i, shop(region(south), permitted))
	expectValues(t, again.State, map[string]any{"planned_migration.trigger": "in_progress"})
	if err := p.EndOperation("shop-prod"); err != nil {
		t.Fatal(err)
	}
	if d := errorsOf(i.Apply(again)); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	expectMigrations(t, p, south+" offline")
	expectValues(t, i.State, map[string]any{"region": south, "last_migration.mode": "offline",
		"last_migration.to_region": south, "last_migration.trigger": nil})
	if changes := get(t, i.State, "last_migration", "address_changes").(map[string]any); len(changes) != 4 {
		t.Errorf("address changes %v", changes)
	}
	if next := plan(t, refresh(t, i), shop(region(south), permitted)); i.Changes(next) {
		t.Errorf("the next plan is not empty: %s", i.Difference(next))
	}
}

// A provider configuration never runs more than max_concurrent_migrations at once.
func TestMigrationsQueue(t *testing.T) {
	t.Parallel()
	p := acctest.NewPlatform(t)
	const environments = 5
	server := acctest.NewServer(t)
	provider := p.Provider()
	provider["max_concurrent_migrations"] = 2
	if d := server.Configure(provider); acctest.HasErrors(d) {
		t.Fatal(acctest.Text(d))
	}
	hold := faults.Fault{Kind: faults.Prolong, Method: "migrate", Times: -1,
		Delay: faults.Duration(100 * time.Millisecond)}
	if err := p.Inject(hold); err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	for n := range environments {
		name := fmt.Sprintf("shop-%d", n)
		i := create(t, p, shop(map[string]any{"name": name}))
		i.Provider = provider
		planned := plan(t, i, shop(map[string]any{"name": name}, region(performance)))
		wait.Go(func() {
			if d := i.ApplyOn(t.Context(), server, planned); len(d) > 0 {
				t.Error(acctest.Text(d))
			}
		})
	}
	wait.Wait()
	actions, err := p.Client.PastActions(t.Context(), time.Now().Add(-time.Hour), 100)
	if err != nil {
		t.Fatal(err)
	}
	actions = slices.DeleteFunc(actions, func(a platform.Action) bool { return a.Kind != platform.ActionMigrate })
	if len(actions) != environments {
		t.Fatalf("%d migrations", len(actions))
	}
	most := 0
	for _, a := range actions {
		together := 0
		for _, b := range actions {
			// The log has whole seconds, so this may count too few, but never too many.
			if !b.Started.After(a.Started) && a.Started.Before(b.Finished) {
				together++
			}
		}
		most = max(most, together)
	}
	if most > 2 {
		t.Errorf("%d migrations at once", most)
	}
}

func TestMigrationTimeout(t *testing.T) {
	t.Parallel()
	p, i := newCreated(t, shop())
	config := shop(region(performance), map[string]any{"migration_policy": map[string]any{"timeout": "5s"}})
	planned := plan(t, i, config)
	if err := p.Inject(faults.Fault{Kind: faults.Prolong, Method: "migrate",
		Delay: faults.Duration(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	expectOne(t, i.Apply(planned), isError, "region")
	expectMigrations(t, p, performance+" live")
}

// The state has each completed step even if the next one fails.
func TestStepsAfterTheMigration(t *testing.T) {
	t.Parallel()
	p, i := newCreated(t, shop(map[string]any{"display_name": "Shop"}))
	planned := plan(t, i, shop(region(performance), map[string]any{"display_name": "Shop 2", "groups": []any{"prod"}}))
	if err := p.Inject(refusal("setenvdisplayname", 8, "not yours")); err != nil {
		t.Fatal(err)
	}
	expectOne(t, i.Apply(planned), isError, "display_name")
	expectValues(t, i.State, map[string]any{"region": performance, "display_name": "Shop",
		"last_migration.to_region": performance})

	config := shop(region(performance), map[string]any{"display_name": "Shop 2", "groups": []any{"prod"}})
	apply(t, i, config)
	expectMigrations(t, p, performance+" live")
	expectValues(t, i.State, map[string]any{"display_name": "Shop 2"})
	if groups := i.State["groups"]; !reflect.DeepEqual(groups, []any{"prod"}) {
		t.Errorf("groups %v", groups)
	}
}

// Changes that need an idle environment wait until somebody else's migration ends.
func TestChangesWaitForAMigration(t *testing.T) {
	t.Parallel()
	nodeGroups := func(key string, value any) map[string]any {
		cp := map[string]any{"node_type": "nginxphp", "count": 2, "env": map[string]any{"STAGE": "prod"}}
		cp[key] = value
		return map[string]any{"node_groups": map[string]any{"bl": map[string]any{"node_type": "nginx",
			"public_ipv4_count": 1}, "cp": cp}}
	}
	for name, change := range map[string]map[string]any{
		"topology":          nodeGroups("count", 3),
		"variables":         nodeGroups("env", map[string]any{"STAGE": "test"}),
		"no variables":      nodeGroups("env", map[string]any{}),
		"addresses":         nodeGroups("public_ipv4_count", 1),
		"node group's name": nodeGroups("display_name", "Application"),
		"name":              {"display_name": "Shop"},
		"groups":            {"groups": []any{"shop"}},
		"power":             {"power": "stopped"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
				p := acctest.NewPlatform(t)
				before := shop(nodeGroups("count", 2))
				i := create(t, p, before)
				after := maps.Clone(before)
				maps.Copy(after, change)
				planned := plan(t, i, after)
				migrate(t, p, performance, 5*time.Second)
				began := time.Now()
				if d := errorsOf(i.Apply(planned)); len(d) > 0 {
					t.Fatal(acctest.Text(d))
				}
				if took := time.Since(began); took < 4*time.Second {
					t.Errorf("it took only %s", took)
				}
				after["region"] = performance
				if again := plan(t, refresh(t, i), after); i.Changes(again) {
					t.Errorf("the next plan is not empty: %s", i.Difference(again))
				}
			})
		})
	}
}

// An interrupt ends the wait.
func TestInterruptWhileAChangeWaits(t *testing.T) {
	t.Parallel()
	acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
		p, i := newCreated(t, shop())
		planned := plan(t, i, shop(map[string]any{"display_name": "Shop"}))
		migrate(t, p, performance, time.Hour)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		expectOne(t, i.ApplyContext(ctx, planned), isError, "display_name")
	})
}

// migrate starts a long migration outside Terraform.
func migrate(t *testing.T, p *acctest.Platform, to string, lasting time.Duration, more ...faults.Fault) {
	t.Helper()
	inject(t, p, faults.Fault{Kind: faults.Prolong, Method: "migrate", Delay: faults.Duration(lasting)})
	inject(t, p, fault(faults.Cut, "migrate", faults.WhenStarted))
	for _, f := range more {
		inject(t, p, f)
	}
	if err := p.Client.Migrate(t.Context(),
		platform.MigrateRequest{Environment: "shop-prod", Region: to, Live: true}); !platform.IsOutcomeUnknown(err) {
		t.Fatal(err)
	}
}

func TestPolicyChangeMakesNoCalls(t *testing.T) {
	t.Parallel()
	p, i := newCreated(t, shop())
	before := len(p.Requests(t, ""))
	apply(t, i, shop(permitted))
	if calls := p.Requests(t, "")[before:]; len(calls) > 0 {
		t.Errorf("calls to the platform: %v", calls)
	}
}

// catalogueWith returns the path of a copy of the built-in catalogue with additions.
func catalogueWith(t *testing.T, more map[string]any) string {
	t.Helper()
	data, err := os.ReadFile("../localplatform/catalogue.json")
	if err != nil {
		t.Fatal(err)
	}
	var catalogue map[string]any
	if err := json.Unmarshal(data, &catalogue); err != nil {
		t.Fatal(err)
	}
	maps.Copy(catalogue, more)
	if data, err = json.Marshal(catalogue); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "catalogue.json")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
