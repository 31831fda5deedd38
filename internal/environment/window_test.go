package environment_test

import (
	"maps"
	"reflect"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/provider"
)

// A Thursday morning, and a Saturday night.
const outside, inside = "2026-11-26T09:00:00Z", "2026-11-28T22:30:00Z"

// clock sets the provider's clock.
func clock(t *testing.T, text string) func(*migration.Settings) {
	t.Helper()
	now, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return func(s *migration.Settings) { s.Now = func() time.Time { return now } }
}

var weekend = map[string]any{"days": []any{"Sat", "Sun"}, "start": "22:00", "duration": "4h",
	"time_zone": "Europe/Berlin"}

// windowed is a policy with the weekend's window, and with permissions.
func windowed(permissions ...string) map[string]any {
	policy := permitting(permissions...)["migration_policy"].(map[string]any)
	policy["window"] = weekend
	return map[string]any{"migration_policy": policy}
}

// Outside the window the plan is the same as without one, with a warning. The apply refuses before the first write,
// and changes nothing until the window opens.
func TestOutsideTheWindow(t *testing.T) {
	t.Parallel()
	permitted := []string{"allow_downtime", "allow_ip_change"}
	for name, row := range map[string]struct {
		before, after map[string]any
		world         func(*acctest.Platform) error
		warns         bool // before the window's warning
		to            string
	}{
		"live": {shop(), shop(region(performance), windowed()), nil, false, performance},
		"offline": {withDatabase(), withDatabase(region(performance), windowed(permitted...)), nil, true,
			performance},
		"another data centre": {shop(), shop(region(south), windowed(permitted...)), nil, true, south},
		"stopped": {shop(), shop(region(performance), windowed()), func(p *acctest.Platform) error {
			return p.SetStatus("shop-prod", wire.StatusDown)
		}, false, performance},
		"with other changes": {shop(),
			shop(region(performance), windowed(),
				map[string]any{"power": "stopped", "display_name": "Shop", "node_groups": map[string]any{
					"bl": map[string]any{"node_type": "nginx", "public_ipv4_count": 1},
					"cp": map[string]any{"node_type": "nginxphp", "count": 3, "env": map[string]any{"A": "b"}},
				}}), nil, false, performance},
		"external migration": {shop(),
			shop(map[string]any{"migration_policy": map[string]any{"on_external_move": "restore", "window": weekend}}),
			func(p *acctest.Platform) error { return p.MoveOutside("shop-prod", performance) }, false, economy},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, i := newCreated(t, row.before)
			if row.world != nil {
				if err := row.world(p); err != nil {
					t.Fatal(err)
				}
				refresh(t, i)
			}
			always := plan(t, i, unrestricted(row.after))
			i.Adjust = clock(t, outside)
			planned, d := i.Plan(row.after)
			if row.warns {
				expect(t, d[0], isWarning, "region")
				d = d[1:]
			}
			expectOne(t, d, isWarning, "migration_policy.window")
			expectValues(t, planned.State, map[string]any{"planned_migration.to_region": row.to})
			// Apart from the window, the plan is that of a move without one.
			planned.State["migration_policy"] = always.State["migration_policy"]
			if !reflect.DeepEqual(planned.State, always.State) {
				t.Errorf("the plan is %v\nand without a window %v", planned.State, always.State)
			}

			planned = plan(t, i, row.after)
			state, since := maps.Clone(i.State), len(p.Requests(t, ""))
			expectOne(t, errorsOf(i.Apply(planned)), isError, "migration_policy.window")
			if calls := writes(t, p, since); len(calls) > 0 {
				t.Errorf("refused only after the calls %v", calls)
			}
			if !reflect.DeepEqual(i.State, state) {
				t.Errorf("state %v, want %v", i.State, state)
			}
			if d := i.Refresh(); len(d) > 0 || !reflect.DeepEqual(i.State, state) {
				t.Errorf("the refresh finds %v, was %v\n%s", i.State, state, acctest.Text(d))
			}

			i.Adjust = clock(t, inside)
			planned, d = i.Plan(row.after)
			if row.warns {
				expectOne(t, d, isWarning, "region")
			} else if len(d) > 0 {
				t.Error(acctest.Text(d))
			}
			if d := errorsOf(i.Apply(planned)); len(d) > 0 {
				t.Fatal(acctest.Text(d))
			}
			expectValues(t, i.State, map[string]any{"region": row.to})
			refresh(t, i)
			i.Adjust = clock(t, outside)
			if again, d := i.Plan(row.after); i.Changes(again) || len(d) > 0 {
				t.Errorf("after the move the plan still has: %s\n%s", i.Difference(again), acctest.Text(d))
			}
		})
	}
}

// unrestricted returns a configuration without the window of its policy.
func unrestricted(config map[string]any) map[string]any {
	config = maps.Clone(config)
	policy := maps.Clone(config["migration_policy"].(map[string]any))
	delete(policy, "window")
	config["migration_policy"] = policy
	return config
}

// The apply refuses a plan that was made inside the window if the window has closed. Only the clock decides that.
func TestWindowIsCheckedAtApply(t *testing.T) {
	t.Parallel()
	p, i := newCreated(t, shop())
	after := shop(region(performance), windowed())
	i.Adjust = clock(t, inside)
	planned, d := i.Plan(after)
	if len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	i.Adjust = clock(t, outside)
	expectOne(t, errorsOf(i.Apply(planned)), isError, "migration_policy.window")
	i.Adjust = clock(t, inside)
	if d := i.Apply(planned); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	expectMigrations(t, p, performance+" live")
}

// A move that waits in the queue is checked against the window when its turn comes.
func TestWindowClosesInTheQueue(t *testing.T) {
	t.Parallel()
	p := acctest.NewPlatform(t)
	other := map[string]any{"name": "other-shop"}
	i, second := create(t, p, shop()), create(t, p, shop(other))
	times := map[bool]time.Time{}
	for text, open := range map[string]bool{inside: true, outside: false} {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		times[open] = at
	}
	// The window is open until the first environment has moved.
	adjust := func(s *migration.Settings) {
		s.Now = func() time.Time {
			env, err := p.Client.Environment(t.Context(), "shop-prod")
			return times[err == nil && env.Region == economy]
		}
	}
	i.Adjust, second.Adjust, i.Provider["max_concurrent_migrations"] = adjust, adjust, 1
	s := i.NewServer()
	if d := s.Configure(i.Provider); acctest.HasErrors(d) {
		t.Fatal(acctest.Text(d))
	}
	first, then := plan(t, i, shop(region(performance), windowed())), plan(t, second,
		shop(other, region(performance), windowed()))
	inject(t, p, faults.Fault{Kind: faults.Prolong, Method: "migrate", Delay: faults.Duration(time.Second)})
	done := make(chan struct{})
	go func() {
		defer close(done)
		if d := i.ApplyOn(t.Context(), s, first); len(d) > 0 {
			t.Error(acctest.Text(d))
		}
	}()
	<-interruptAtCall(t, p, "migrate", 1).Done()
	expectOne(t, errorsOf(second.ApplyOn(t.Context(), s, then)), isError, "migration_policy.window")
	<-done
	expectMigrations(t, p, performance+" live")
}

// A window without a move changes nothing and makes no calls.
func TestWindowChangeMakesNoCalls(t *testing.T) {
	t.Parallel()
	p, i := newCreated(t, shop())
	i.Adjust = clock(t, outside)
	asked := len(p.Requests(t, ""))
	planned, d := i.Plan(shop(windowed()))
	if got := unknownPathsOf(planned); len(got) > 0 || len(d) > 0 || planned.State["planned_migration"] != nil {
		t.Errorf("unknown attributes: %v\n%s", got, acctest.Text(d))
	}
	if d := i.Apply(planned); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	if got := len(p.Requests(t, "")); got != asked {
		t.Errorf("%d calls", got-asked)
	}
}

func TestWindowDefaults(t *testing.T) {
	t.Parallel()
	_, i := newCreated(t, shop())
	config := shop(region(performance),
		map[string]any{"migration_policy": map[string]any{"window": map[string]any{"start": "08:00", "duration": "90m"}}})
	i.Adjust = clock(t, outside) // at nine o'clock, when the window is open
	if _, d := i.Plan(config); len(d) > 0 {
		t.Error(acctest.Text(d))
	}
	i.Adjust = clock(t, "2026-11-26T07:59:59Z")
	_, d := i.Plan(config)
	expectOne(t, d, isWarning, "migration_policy.window")
}

func TestInvalidWindows(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		change map[string]any
		at     string
	}{
		"full day name":     {map[string]any{"days": []any{"Saturday"}}, "migration_policy.window.days"},
		"no days":           {map[string]any{"days": []any{}}, "migration_policy.window.days"},
		"hour 24":           {map[string]any{"start": "24:00"}, "migration_policy.window.start"},
		"one-digit hour":    {map[string]any{"start": "9:00"}, "migration_policy.window.start"},
		"no duration":       {map[string]any{"duration": "0s"}, "migration_policy.window.duration"},
		"more than a week":  {map[string]any{"duration": "169h"}, "migration_policy.window.duration"},
		"unknown time zone": {map[string]any{"time_zone": "Europe/Atlantis"}, "migration_policy.window.time_zone"},
		"local time zone":   {map[string]any{"time_zone": "Local"}, "migration_policy.window.time_zone"},
		"empty time zone":   {map[string]any{"time_zone": ""}, "migration_policy.window.time_zone"},
		"no start":          {map[string]any{"start": nil}, "migration_policy.window.start"},
		"no duration set":   {map[string]any{"duration": nil}, "migration_policy.window.duration"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			window := maps.Clone(weekend)
			maps.Copy(window, row.change)
			d := acctest.NewServer(t).ValidateResource("vap_environment",
				shop(map[string]any{"migration_policy": map[string]any{"window": window}}))
			if len(d) != 1 || d[0].Severity != isError || acctest.At(d[0]) != row.at {
				t.Errorf("want an error at %s, got %s", row.at, acctest.Text(d))
			}
		})
	}
}

// The data source reports the window in the same way as the plan.
func TestCheckOfAWindow(t *testing.T) {
	t.Parallel()
	p := acctest.NewPlatform(t)
	createOnPlatform(t, p, "shop-prod", economy, nil)
	for now, row := range map[string]struct {
		possible bool
		blockers []string
	}{
		inside:  {true, nil},
		outside: {false, []string{"migration_policy.window"}},
	} {
		s := acctest.NewServerOf(t, provider.PackPrivateState(
			providerserver.NewProtocol6(provider.New("test", clock(t, now))())()))
		if d := s.Configure(p.Provider()); acctest.HasErrors(d) {
			t.Fatal(acctest.Text(d))
		}
		state, d := s.Read("vap_migration_check",
			map[string]any{"environment": "shop-prod", "to_region": performance, "policy": map[string]any{"window": weekend}})
		if len(d) > 0 {
			t.Fatal(acctest.Text(d))
		}
		expectValues(t, state, map[string]any{"possible": row.possible, "window": "Sat, Sun 22:00 for 4h, Europe/Berlin",
			"mode": "live"})
		expectFindings(t, state, "blockers", row.blockers...)
	}
}
