package environment_test

import (
	"testing"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

// sleep waits on the fake clock of a synctest bubble.
func sleep(d time.Duration) { <-time.After(d) }

// refuseActionLog makes every read of the action log fail with f.
func refuseActionLog(t *testing.T, p *acctest.Platform, f faults.Fault) {
	t.Helper()
	f.Times = -1
	for _, f.Method = range []string{"getuidactions", "getcurrentactions"} {
		inject(t, p, f)
	}
}

// runInRealTime creates an environment on a platform that is as slow as a real one. It needs a synctest bubble.
func runInRealTime(t *testing.T) (*acctest.Platform, *acctest.Instance) {
	t.Helper()
	p := acctest.NewPlatformWith(t, localplatform.Options{TimeScale: 1})
	i := acctest.NewInstance(t, "vap_environment", p.Provider())
	i.Provider["local_platform"].(map[string]any)["time_scale"] = 1
	apply(t, i, shop())
	return p, refresh(t, i)
}

// lateBy makes the platform show a migration only some time after its start.
func lateBy(d time.Duration) faults.Fault {
	return faults.Fault{Kind: faults.Late, Method: "migrate", Delay: faults.Duration(d)}
}

// If a migration was requested but does not show yet, the next run waits for it and does not request it again.
func TestMigrationVisibleToNextRun(t *testing.T) {
	t.Parallel()
	acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
		p, i := runInRealTime(t)
		planned := plan(t, i, shop(region(performance)))
		inject(t, p, lateBy(20*time.Second))
		inject(t, p, faults.Fault{Kind: faults.Prolong, Method: "migrate", Delay: faults.Duration(time.Minute)})
		interruptApply(t, i, planned, 5*time.Second)
		again := plan(t, refresh(t, i), shop(region(performance)))
		d := i.Apply(again)
		expect(t, d[len(d)-1], isWarning, "region")
		expectMigrations(t, p, performance+" live")
		expectValues(t, i.State, map[string]any{"region": performance, "last_migration.mode": "live",
			"last_migration.trigger": "in_progress"})
	})
}

func TestMigrationNeverVisible(t *testing.T) {
	t.Parallel()
	acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
		p, i := runInRealTime(t)
		planned := plan(t, i, shop(region(performance)))
		inject(t, p, lateBy(20*time.Second))
		interruptApply(t, i, planned, 5*time.Second)
		expectValues(t, refresh(t, i).State, map[string]any{"region": economy, "last_migration": nil})
		sleep(10 * time.Minute)
		expectValues(t, refresh(t, i).State, map[string]any{"region": performance, "last_migration.trigger": nil})
		expectMigrations(t, p, performance+" live")
	})
}

// The same holds for somebody else's migration that begins after the plan, whether it shows at once or late.
func TestExternalMigrationSincePlan(t *testing.T) {
	t.Parallel()
	for name, late := range map[string]time.Duration{"shown": time.Nanosecond, "shown late": 20 * time.Second} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
				p, i := runInRealTime(t)
				planned := plan(t, i, shop(region(performance)))
				migrate(t, p, performance, time.Minute, lateBy(late))
				d := i.Apply(planned)
				expect(t, d[len(d)-1], isWarning, "region")
				expectMigrations(t, p, performance+" live") // the one by somebody else
				expectValues(t, i.State, map[string]any{"region": performance, "last_migration.trigger": "in_progress"})
			})
		})
	}
}

// If an interrupted run's migration came to nothing, the next refresh reports that, with the reason if there is one.
func TestUnobservedFailure(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		fault, log faults.Fault
	}{
		"failed": {faults.Fault{Kind: faults.Fail, Method: "migrate", Code: 4099, Words: "disk trouble"},
			faults.Fault{}},
		"failed, action log refused": {faults.Fault{Kind: faults.Fail, Method: "migrate", Code: 4099},
			faults.Fault{Kind: faults.Refuse, Code: 8202}},
		"never started": {faults.Fault{Kind: faults.Silence, Method: "migrate"}, faults.Fault{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
				p, i := newCreated(t, shop())
				planned := plan(t, i, shop(region(performance)))
				inject(t, p, row.fault)
				inject(t, p, faults.Fault{Kind: faults.Prolong, Method: "migrate", Delay: faults.Duration(time.Minute)})
				interruptApply(t, i, planned, 5*time.Second)
				sleep(10 * time.Minute)
				if row.log.Kind != "" {
					refuseActionLog(t, p, row.log)
				}
				expectOne(t, i.Refresh(), isWarning, "region")
				refresh(t, i) // which no longer warns
				apply(t, i, shop(region(performance)))
			})
		})
	}
}

// A migration that ended while nobody watched is recorded as soon as the action log can be read again, with the old
// addresses.
func TestRecordWaitsForTheActionLog(t *testing.T) {
	t.Parallel()
	acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
		p, i := newCreated(t, shop(permitted))
		interruptRunning(t, p, i, plan(t, i, shop(region(south), permitted)))
		sleep(10 * time.Minute)
		refuseActionLog(t, p, faults.Fault{Kind: faults.Gateway, Status: 502})
		expectValues(t, refresh(t, i).State, map[string]any{"region": south, "last_migration": nil})
		if err := p.ClearFaults(); err != nil {
			t.Fatal(err)
		}
		expectValues(t, refresh(t, i).State, map[string]any{"last_migration.to_region": south, "last_migration.trigger": nil})
		if changes := get(t, i.State, "last_migration", "address_changes").(map[string]any); len(changes) != 4 {
			t.Errorf("address changes %v", changes)
		}
	})
}

// If the token may not read the log, one warning says that there will be no record.
func TestRecordWithoutActionLog(t *testing.T) {
	t.Parallel()
	acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
		p, i := newCreated(t, shop(permitted))
		interruptRunning(t, p, i, plan(t, i, shop(region(south), permitted)))
		sleep(10 * time.Minute)
		refuseActionLog(t, p, faults.Fault{Kind: faults.Refuse, Code: 8202, Words: "no permission"})
		expectOne(t, i.Refresh(), isWarning, "last_migration")
		expectValues(t, refresh(t, i).State, map[string]any{"region": south, "last_migration": nil})
	})
}

// Whoever sees the end of an interrupted migration reports what it changed although the plan promised to keep it, and
// the record has these changes.
func TestInterruptedMigrationDiffersFromPlan(t *testing.T) {
	t.Parallel()
	offline := faults.Fault{Kind: faults.Offline, Method: "migrate"}
	truth := map[string]any{
		"region": south, "domain": "shop-prod.south.vap.test", "last_migration.mode": "offline",
		"last_migration.downtime":        true,
		"last_migration.previous_domain": "shop-prod.north.vap.test",
	}
	for name, see := range map[string]func(t *testing.T, i *acctest.Instance){
		"refresh": func(t *testing.T, i *acctest.Instance) {
			sleep(10 * time.Minute)
			expectOne(t, i.Refresh(), isWarning, "region")
		},
		"apply that waits": func(t *testing.T, i *acctest.Instance) {
			i.Refresh()
			expectOne(t, errorsOf(i.Apply(plan(t, i, shop(region(south))))), isError, "region")
		},
		"apply after the migration": func(t *testing.T, i *acctest.Instance) {
			i.Refresh()
			planned := plan(t, i, shop(region(south)))
			sleep(10 * time.Minute)
			expectOne(t, i.Apply(planned), isError, "region")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
				p, provider := liveAcrossDatacenters(t)
				i := acctest.NewInstance(t, "vap_environment", provider)
				apply(t, i, shop())
				interruptRunning(t, p, refresh(t, i), plan(t, i, shop(region(south))), offline)
				see(t, i)
				expectValues(t, i.State, truth)
				if again := plan(t, refresh(t, i), shop(region(south))); i.Changes(again) {
					t.Errorf("the next plan is not empty: %s", i.Difference(again))
				}
			})
		})
	}
}

// A run that adopts an earlier run's migration knows the environment from before, and notices that the migration was
// not live.
func TestAdoptedMigrationIsComparedWithStateBefore(t *testing.T) {
	t.Parallel()
	adopt := func(t *testing.T, meanwhile func(p *acctest.Platform) error, more ...faults.Fault) *acctest.Instance {
		p, i := newCreated(t, shop())
		interruptRunning(t, p, i, plan(t, i, shop(region(performance))), more...)
		i.Refresh()
		again := plan(t, i, shop(region(performance)))
		if meanwhile != nil {
			time.AfterFunc(20*time.Second, func() {
				if err := meanwhile(p); err != nil {
					t.Error(err)
				}
			})
		}
		acctest.ExpectText(t, i.Apply(again))
		expectMigrations(t, p, performance+" live")
		return i
	}
	t.Run("done offline", func(t *testing.T) {
		t.Parallel()
		acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
			i := adopt(t, nil, faults.Fault{Kind: faults.Offline, Method: "migrate"})
			expectValues(t, i.State, map[string]any{"last_migration.mode": "offline", "last_migration.downtime": true})
		})
	})
	t.Run("arrives stopped", func(t *testing.T) {
		t.Parallel()
		acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
			i := adopt(t, func(p *acctest.Platform) error {
				if err := p.EndOperation("shop-prod"); err != nil {
					return err
				}
				return p.SetStatus("shop-prod", wire.StatusDown)
			})
			expectValues(t, i.State, map[string]any{"region": performance, "power": "stopped"})
		})
	})
}

// A second interrupt, while a run waits for the migration of the first, does not lose the record.
func TestInterruptWhileAdopting(t *testing.T) {
	t.Parallel()
	acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
		p, i := newCreated(t, shop())
		interruptRunning(t, p, i, plan(t, i, shop(region(performance))))
		i.Refresh()
		interruptApply(t, i, plan(t, i, shop(region(performance))), 10*time.Second)
		sleep(10 * time.Minute)
		expectValues(t, refresh(t, i).State,
			map[string]any{"region": performance, "last_migration.mode": "live", "last_migration.trigger": nil})
		expectMigrations(t, p, performance+" live")
	})
}

// If the token is revoked while the call is still open, the provider can read nothing, and reports that after the
// timeout.
func TestTokenRevokedDuringCall(t *testing.T) {
	t.Parallel()
	acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
		p, i := newCreated(t, shop())
		planned := plan(t, i, shop(region(performance)))
		inject(t, p, faults.Fault{Kind: faults.Silence, Method: "migrate", When: faults.WhenStarted})
		for _, method := range []string{"getenvinfo", "getenvs"} {
			inject(t, p, faults.Fault{Kind: faults.Refuse, Method: method, Code: wire.ResultNotAuthenticated, Words: "revoked",
				Since: "migrate", Times: -1})
		}
		expectOne(t, errorsOf(i.Apply(planned)), isError, "region")
	})
}

// If the environment migrates to another region than planned, an apply fails, and its error has that region if it is
// known.
func TestMigrationToUnplannedRegion(t *testing.T) {
	t.Parallel()
	for name, known := range map[string]bool{"known": true, "not known": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
				p, i := newCreated(t, shop())
				migrate(t, p, performance, 5*time.Second)
				if !known {
					refuseActionLog(t, p, faults.Fault{Kind: faults.Refuse, Code: 8202})
				}
				expectOne(t, i.Refresh(), isWarning, "region")
				expectOne(t, errorsOf(i.Apply(plan(t, i, shop(region("north-standard"))))), isError, "region")
				expectValues(t, i.State, map[string]any{"region": performance})
			})
		})
	}
}
