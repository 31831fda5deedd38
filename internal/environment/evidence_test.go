package environment_test

import (
	"context"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
)

// delay is a temperament of the platform for one call, or for all calls if the method is "*".
func delay(kind faults.Kind, method string, delay time.Duration) faults.Fault {
	f := faults.Fault{Kind: kind, Method: method, Delay: faults.Duration(delay)}
	if method == "*" {
		f.Times = -1
	}
	return f
}

// applyKilled applies in a process that is killed after a time, so nothing is stored.
func applyKilled(t *testing.T, i *acctest.Instance, planned acctest.Plan, after time.Duration) {
	t.Helper()
	process := *i
	process.State = maps.Clone(i.State)
	ctx, cancel := context.WithTimeout(t.Context(), after)
	defer cancel()
	process.ApplyContext(ctx, planned)
}

// A migration that an apply left running or has just completed is read from a platform that shows it late or
// differently. The result of the refresh is right, and no apply requests the migration again.
func TestReadsOfInconsistentPlatform(t *testing.T) {
	t.Parallel()
	const left = 5 * time.Second
	near, far := region(performance), region(south)
	moved := map[string]any{"region": performance, "last_migration.trigger": nil, "last_migration.duration_seconds": 51.0}
	for name, row := range map[string]struct {
		to      map[string]any
		faults  []faults.Fault
		kill    bool
		stop    bool
		wait    time.Duration
		warns   bool // in the refresh
		values  map[string]any
		changes int // of addresses, in the end
		end     map[string]any
	}{
		"the list is late": {to: near, faults: []faults.Fault{delay(faults.LateList, "migrate", time.Minute)},
			values: map[string]any{"region": performance}},
		"the log has no key": {to: near, stop: true, wait: 6 * time.Minute,
			faults: []faults.Fault{delay(faults.LoseKey, "migrate", 0)},
			values: moved},
		"the log is five hours ahead": {to: near, stop: true, wait: 6 * time.Minute,
			faults: []faults.Fault{delay(faults.TimeZone, "*", 5*time.Hour)},
			values: moved},
		"the log is five hours behind": {to: near, stop: true, wait: 6 * time.Minute,
			faults: []faults.Fault{delay(faults.TimeZone, "*", -5*time.Hour)},
			values: moved},
		"region and log are late": {to: near, stop: true, wait: 6 * time.Minute,
			faults: []faults.Fault{delay(faults.LateRegion, "migrate", 340*time.Second),
				delay(faults.LateLog, "migrate", 340*time.Second)},
			values: map[string]any{"region": economy}, end: moved},
		"the region is late, and the log has no key": {to: near, stop: true, wait: 6 * time.Minute,
			faults: []faults.Fault{delay(faults.LateRegion, "migrate", 7*time.Minute), delay(faults.LoseKey, "migrate", 0)},
			warns:  true,
			values: map[string]any{"region": economy}, end: moved},
		"the addresses are late": {to: far, stop: true, wait: 90 * time.Second,
			faults: []faults.Fault{delay(faults.LateAddresses, "migrate", 45*time.Second)},
			values: map[string]any{"region": south, "last_migration": nil}, changes: 4,
			end: map[string]any{"last_migration.previous_domain": "shop-prod.north.vap.test"}},
		"addresses unchanged": {to: far, stop: true, wait: 3 * time.Minute,
			faults: []faults.Fault{delay(faults.LateAddresses, "migrate", time.Hour)},
			warns:  true,
			values: map[string]any{"region": south, "last_migration.previous_domain": nil}},
		"another app_id after a kill": {to: near, kill: true, wait: 6 * time.Minute,
			faults: []faults.Fault{delay(faults.NewAppID, "migrate", 0)},
			warns:  true, values: map[string]any{"region": performance}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
				p, i := runInRealTime(t)
				apply(t, i, shop(permitted))
				config := shop(row.to, permitted)
				planned := plan(t, i, config)
				for _, f := range row.faults {
					inject(t, p, f)
				}
				switch {
				case row.kill:
					applyKilled(t, i, planned, left)
				case row.stop:
					interruptApply(t, i, planned, left)
				default:
					if d := i.Apply(planned); len(d) > 0 {
						t.Fatal(acctest.Text(d))
					}
				}
				sleep(row.wait)
				d := i.Refresh()
				if acctest.HasErrors(d) || row.warns != (len(d) > 0) {
					t.Errorf("want a warning: %t, got %s", row.warns, acctest.Text(d))
				}
				if row.warns {
					acctest.ExpectText(t, d)
				}
				expectValues(t, i.State, row.values)
				plan(t, i, config) // without an error, though the platform may refuse to check a completed move
				sleep(10 * time.Minute)
				expectValues(t, refresh(t, i).State, row.end)
				if again := plan(t, i, config); i.Changes(again) {
					t.Errorf("the plan is not empty: %s", i.Difference(again))
				}
				if last, _ := i.State["last_migration"].(map[string]any); last != nil {
					if at := last["started_at"].(string); !strings.HasPrefix(at, "2000-01-01T00:0") {
						t.Errorf("it started at %s", at)
					}
					changes, _ := last["address_changes"].(map[string]any)
					if n := len(changes); n != row.changes {
						t.Errorf("%d changes of addresses, want %d", n, row.changes)
					}
				}
				if n := len(listMigrations(t, p)); n != 1 {
					t.Errorf("%d migration requests", n)
				}
			})
		})
	}
}

// A run is killed, and its migration ends between the next plan and apply: the apply then finds the environment at
// its target with another app_id.
func TestApplyFindsAnotherAppIDAfterKill(t *testing.T) {
	t.Parallel()
	acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
		p, i := runInRealTime(t)
		planned := plan(t, i, shop(region(performance)))
		inject(t, p, delay(faults.NewAppID, "migrate", 0))
		applyKilled(t, i, planned, 5*time.Second)
		again := plan(t, refresh(t, i), shop(region(performance)))
		sleep(5 * time.Minute)
		expectOne(t, i.Apply(again), isWarning, "app_id")
		if d := i.Refresh(); len(d) > 0 {
			t.Errorf("the warning is repeated: %s", acctest.Text(d))
		}
		expectMigrations(t, p, performance+" live")
	})
}

// An environment of the same name is not the same one, even if an earlier migration went to its region.
func TestRecreatedInFormerTargetRegion(t *testing.T) {
	t.Parallel()
	p := acctest.NewPlatform(t)
	i := create(t, p, shop())
	for _, to := range []string{performance, economy} {
		apply(t, i, shop(region(to)))
		refresh(t, i)
	}
	if err := p.Client.DeleteEnvironment(t.Context(), "shop-prod"); err != nil {
		t.Fatal(err)
	}
	createOnPlatform(t, p, "shop-prod", performance, nil)
	expectOne(t, i.Refresh(), isError, "app_id")
}

// Occasional "not found" responses do not keep an apply from adopting the migration of an earlier run.
func TestApplyAdoptsFlappingMigration(t *testing.T) {
	t.Parallel()
	acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
		p, i := runInRealTime(t)
		planned := plan(t, i, shop(region(performance)))
		for _, method := range []string{"getenvinfo", "getenvs"} {
			f := delay(faults.Flap, method, 0)
			f.Times = -1
			inject(t, p, f)
		}
		// Whether the last read found the environment is random.
		if d := applyInterrupted(t, i, planned, 5*time.Second); len(d) != 1 || acctest.At(d[0]) != "region" {
			t.Fatal(acctest.Text(d))
		}
		again := plan(t, refresh(t, i), shop(region(performance)))
		if d := i.Apply(again); acctest.HasErrors(d) {
			t.Fatal(acctest.Text(d))
		}
		expectValues(t, i.State, map[string]any{"region": performance})
		expectMigrations(t, p, performance+" live")
	})
}

// A failure in the log with this run's key counts, whatever the log's time zone.
func TestFailureInLogOfAnotherTimeZone(t *testing.T) {
	t.Parallel()
	for name, off := range map[string]time.Duration{"ahead": 5 * time.Hour, "behind": -5 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
				p, i := runInRealTime(t)
				planned := plan(t, i, shop(region(performance)))
				inject(t, p, delay(faults.TimeZone, "*", off))
				inject(t, p, delay(faults.Async, "migrate", 0))
				inject(t, p, faults.Fault{Kind: faults.Fail, Method: "migrate", Code: 4099, Words: "disk trouble"})
				expectOne(t, errorsOf(i.Apply(planned)), isError, "region")
			})
		})
	}
}

// A success that only the next apply sees is recorded with the migration's own times, not those of the wait.
func TestLateSuccessKeepsItsTimes(t *testing.T) {
	t.Parallel()
	acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
		p, i := runInRealTime(t)
		planned := plan(t, i, shop(region(performance)))
		inject(t, p, delay(faults.LateRegion, "migrate", 10*time.Minute))
		expectOne(t, errorsOf(i.Apply(planned)), isError, "region")
		again := plan(t, refresh(t, i), shop(region(performance)))
		if d := i.Apply(again); acctest.HasErrors(d) {
			t.Fatal(acctest.Text(d))
		}
		expectValues(t, i.State, map[string]any{"region": performance, "last_migration.duration_seconds": 51.0})
		expectMigrations(t, p, performance+" live")
	})
}
