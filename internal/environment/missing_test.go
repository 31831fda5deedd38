package environment_test

import (
	"testing"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// reportMissing makes the platform report by name that the environment does not exist, so many times; -1 means
// always.
func reportMissing(t *testing.T, p *acctest.Platform, times int) {
	t.Helper()
	f := refusal("getenvinfo", 11, "application not exist")
	f.Times = times
	inject(t, p, f)
}

// recreate deletes the environment and creates another one with its name.
func recreate(t *testing.T, p *acctest.Platform) platform.Environment {
	t.Helper()
	if err := p.Client.DeleteEnvironment(t.Context(), "shop-prod"); err != nil {
		t.Fatal(err)
	}
	return createOnPlatform(t, p, "shop-prod", economy, nil)
}

func TestRecreatedUnderSameName(t *testing.T) {
	t.Parallel()
	t.Run("at plan", func(t *testing.T) {
		t.Parallel()
		p, i := newCreated(t, shop())
		before := i.State["app_id"]
		recreate(t, p)
		expectOne(t, i.Refresh(), isError, "app_id")
		if i.State["app_id"] != before {
			t.Errorf("the state has app_id %v", i.State["app_id"])
		}
	})
	t.Run("at apply", func(t *testing.T) {
		t.Parallel()
		p, i := newCreated(t, shop())
		planned := plan(t, i, shop(region(performance)))
		recreate(t, p)
		expectOne(t, errorsOf(i.Apply(planned)), isError, "app_id")
		expectMigrations(t, p)
	})
}

// A response by name that the environment does not exist is not enough. It is believed at once if list and actions
// agree, and otherwise only after some time.
func TestNotFoundNeedsConfirmation(t *testing.T) {
	t.Parallel()
	kept := func(t *testing.T, i *acctest.Instance) {
		t.Helper()
		if i.State == nil {
			t.Fatal("the environment was removed from the state")
		}
	}
	for name, row := range map[string]struct {
		prepare func(*testing.T, *acctest.Platform)
		gone    bool
		waits   bool
		warns   bool
	}{
		"deleted": {func(t *testing.T, p *acctest.Platform) {
			if err := p.Client.DeleteEnvironment(t.Context(), "shop-prod"); err != nil {
				t.Fatal(err)
			}
		}, true, false, false},
		"temporarily":             {func(t *testing.T, p *acctest.Platform) { reportMissing(t, p, 2) }, false, true, false},
		"permanently, but listed": {func(t *testing.T, p *acctest.Platform) { reportMissing(t, p, -1) }, false, true, true},
		"deleted, and the list cannot be read": {func(t *testing.T, p *acctest.Platform) {
			if err := p.Client.DeleteEnvironment(t.Context(), "shop-prod"); err != nil {
				t.Fatal(err)
			}
			inject(t, p, faults.Fault{Kind: faults.Refuse, Method: "getenvs", Code: 8, Times: -1})
		}, true, true, false},
		"deleted, and the actions cannot be read": {func(t *testing.T, p *acctest.Platform) {
			if err := p.Client.DeleteEnvironment(t.Context(), "shop-prod"); err != nil {
				t.Fatal(err)
			}
			inject(t, p, faults.Fault{Kind: faults.Refuse, Method: "getcurrentactions", Code: 8, Times: -1})
		}, true, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
				p, i := runInRealTime(t)
				if !row.gone {
					// If a plan lists the account, it reads no environment by name.
					inject(t, p, faults.Fault{Kind: faults.Refuse, Method: "getenvs", Code: 99, Times: 5})
				}
				row.prepare(t, p)
				began := time.Now()
				d := i.Refresh()
				if acctest.HasErrors(d) {
					t.Fatal(acctest.Text(d))
				}
				if waited := time.Since(began); row.gone && (waited >= time.Minute) != row.waits {
					t.Errorf("it took %s", waited)
				}
				if row.warns {
					acctest.ExpectText(t, d)
				} else if len(d) > 0 {
					t.Error(acctest.Text(d))
				}
				if row.gone {
					if i.State != nil {
						t.Error("the environment is in the state")
					}
					return
				}
				kept(t, i)
			})
		})
	}
}

// "Not found" for an environment that was migrating when last seen is believed only after some time, whatever else
// agrees, because a plan must not create a second one.
func TestNotFoundWhileMigrating(t *testing.T) {
	t.Parallel()
	for name, times := range map[string]int{"for a moment": 3, "until it is believed": -1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
				p, i := runInRealTime(t)
				interruptRunning(t, p, i, plan(t, i, shop(region(performance))))
				reportMissing(t, p, times)
				began := time.Now()
				if d := i.Refresh(); acctest.HasErrors(d) {
					t.Fatal(acctest.Text(d))
				}
				if i.State == nil {
					t.Fatal("the environment was removed from the state")
				}
				if waited := time.Since(began); times < 0 && waited < time.Minute {
					t.Errorf("decided after %s", waited)
				}
				if err := p.ClearFaults(); err != nil {
					t.Fatal(err)
				}
				apply(t, refresh(t, i), shop(region(performance)))
				expectMigrations(t, p, performance+" live")
			})
		})
	}
}
