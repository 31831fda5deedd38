package environment_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

// application is a web application in an environment. It responds with one status after the other, then always with
// the last.
type application struct {
	*httptest.Server
	mu       sync.Mutex
	statuses []int
	requests []string
}

func newApplication(t *testing.T, statuses ...int) *application {
	t.Helper()
	a := &application{statuses: statuses}
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.mu.Lock()
		defer a.mu.Unlock()
		dump, err := httputil.DumpRequest(r, true)
		if err != nil {
			t.Error(err)
		}
		a.requests = append(a.requests, string(dump))
		w.WriteHeader(a.statuses[min(len(a.requests), len(a.statuses))-1])
	}))
	t.Cleanup(a.Close)
	return a
}

// answer changes the status from now on.
func (a *application) answer(status int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.statuses = append(make([]int, len(a.requests)), status)
}

func (a *application) asked() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.requests)
}

// verifying is a policy with a check after the migration, and with permissions.
func verifying(verify map[string]any, permissions ...string) map[string]any {
	policy := permitting(permissions...)["migration_policy"].(map[string]any)
	policy["verify"] = verify
	return map[string]any{"migration_policy": policy}
}

func TestVerifiedAfterAMove(t *testing.T) {
	t.Parallel()
	p, app := acctest.NewPlatform(t), newApplication(t, 502, 404, 204)
	i := create(t, p, shop())
	after := shop(region(performance),
		verifying(map[string]any{"url": app.URL + "/healthz?deep=1", "expected_status": []any{200, 204}}))
	planned := plan(t, i, after)
	if got := unknownPathsOf(planned); !slices.Equal(got, []string{"last_migration"}) {
		t.Errorf("unknown attributes: %v", got)
	}
	if d := i.Apply(planned); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	expectValues(t, i.State, map[string]any{"region": performance, "last_migration.verified": true,
		"last_migration.to_region": performance})
	asked := app.asked()
	if len(asked) != 3 {
		t.Errorf("%d probes", len(asked))
	}
	for _, request := range asked {
		if !strings.HasPrefix(request, "GET /healthz?deep=1 HTTP/1.1\r\n") ||
			strings.Contains(request, localplatform.OwnerToken) || strings.Contains(request, "vap") {
			t.Errorf("probe request %s", request)
		}
	}
	// The provider checks only after a move.
	apply(t, refresh(t, i), shop(region(performance), verifying(map[string]any{"url": app.URL, "patience": "1s"}),
		map[string]any{"display_name": "Shop"}))
	if again := app.asked(); len(again) != len(asked) {
		t.Errorf("probed again: %v", again[len(asked):])
	}
	expectValues(t, i.State, map[string]any{"last_migration.verified": true})
}

// An environment that does not respond is an error with the number of attempts, although everything planned was done
// and is in the state.
func TestUnhealthyAfterAMove(t *testing.T) {
	t.Parallel()
	p, app := acctest.NewPlatform(t), newApplication(t, 404, 503)
	i := create(t, p, shop())
	after := shop(region(south), verifying(map[string]any{"url": app.URL + "/healthz?key=secret", "patience": "2s"},
		"allow_downtime", "allow_ip_change"),
		map[string]any{"display_name": "Shop", "node_groups": map[string]any{
			"bl": map[string]any{"node_type": "nginx", "public_ipv4_count": 1},
			"cp": map[string]any{"node_type": "nginxphp", "count": 3},
		}})
	d := errorsOf(i.Apply(plan(t, i, after)))
	expectOne(t, d, isError, "migration_policy.verify")
	// The end of the patience may have cut the last attempt short.
	if numbers := regexp.MustCompile(`was asked (\d+) times in \d[\d.]*s,`).
		FindStringSubmatch(d[0].Detail); numbers == nil ||
		numbers[1] != fmt.Sprint(len(app.asked())) && numbers[1] != fmt.Sprint(len(app.asked())+1) {
		t.Errorf("%d probes: %s", len(app.asked()), d[0].Detail)
	}
	if strings.Contains(d[0].Detail, "secret") {
		t.Error("the query is in the error")
	}
	expectMigrations(t, p, south+" offline")
	expectValues(t, i.State, map[string]any{
		"region": south, "domain": "shop-prod.south.vap.test", "last_migration.to_region": south,
		"last_migration.verified": false,
		"display_name":            "Shop", "migration_policy.verify.patience": "2s", "node_groups.cp.count": 3.0,
	})
	again, d := refresh(t, i).Plan(after)
	expectCheckPlanned(t, i, again)
	expectOne(t, d, isWarning, "migration_policy.verify")
	// The next run of a pipeline must not succeed despite the failed check.
	expectOne(t, errorsOf(i.Apply(again)), isError, "migration_policy.verify")
	expectValues(t, i.State, map[string]any{"last_migration.verified": false})
	expectMigrations(t, p, south+" offline")

	app.answer(200)
	apply(t, refresh(t, i), after)
	expectValues(t, i.State, map[string]any{"last_migration.verified": true, "last_migration.to_region": south})
	asked := len(app.asked())
	if again, d := refresh(t, i).Plan(after); i.Changes(again) || len(d) > 0 || len(app.asked()) != asked {
		t.Errorf("the next plan is not empty: %s\n%s", i.Difference(again), acctest.Text(d))
	}
}

// Removing the check from the policy accepts the environment as it is. A stopped environment is not checked.
func TestFailedCheckAccepted(t *testing.T) {
	t.Parallel()
	p, w := acctest.NewPlatform(t), &fakeProber{err: errors.New("503 Service Unavailable")}
	i := create(t, p, shop())
	i.Adjust = w.adjust
	after := shop(region(performance), verifying(map[string]any{"path": "/", "patience": "1s"}))
	expectOne(t, i.Apply(plan(t, i, after)), isError, "migration_policy.verify")
	apply(t, refresh(t, i), shop(region(performance), map[string]any{"display_name": "Shop"}))
	expectValues(t, i.State, map[string]any{"last_migration.verified": false})
	if again, d := refresh(t, i).Plan(shop(region(performance), map[string]any{"display_name": "Shop"})); i.Changes(
		again) || len(d) > 0 {
		t.Errorf("without a check: %s\n%s", i.Difference(again), acctest.Text(d))
	}
	stopped := shop(region(performance), map[string]any{"display_name": "Shop", "power": "stopped"},
		verifying(map[string]any{"path": "/"}))
	asked := len(w.addresses)
	planned, d := i.Plan(stopped)
	expectOne(t, d, isWarning, "migration_policy.verify")
	if d := errorsOf(i.Apply(planned)); len(d) > 0 || len(w.addresses) != asked {
		t.Errorf("probed %v\n%s", w.addresses[asked:], acctest.Text(d))
	}
	expectValues(t, i.State, map[string]any{"power": "stopped", "last_migration.verified": false})
}

// expectCheckPlanned expects that a plan only repeats the check after the last migration.
func expectCheckPlanned(t *testing.T, i *acctest.Instance, planned acctest.Plan) {
	t.Helper()
	if difference := i.Difference(planned); !strings.HasPrefix(difference, ".last_migration.verified: false became ") ||
		strings.Contains(difference, "\n") {
		t.Errorf("the plan changes more than the check: %s", difference)
	}
}

// fakeProber is a prober with a fixed result. It records the addresses that it was asked to check.
type fakeProber struct {
	mu        sync.Mutex
	addresses []string
	err       error
	// onAsk, if not nil, is called in each attempt.
	onAsk func()
}

func (w *fakeProber) Probe(_ context.Context, address string, _ []int) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.addresses = append(w.addresses, address)
	if w.onAsk != nil {
		w.onAsk()
	}
	return w.err
}

func (w *fakeProber) adjust(s *migration.Settings) { s.Prober = w }

// The provider checks the environment after all other changes of the apply, and only if it is running.
func TestVerificationTargets(t *testing.T) {
	t.Parallel()
	healthz := map[string]any{"path": "/healthz"}
	ssl := map[string]any{"built_in_ssl": true}
	power := func(state string) map[string]any { return map[string]any{"power": state} }
	status := func(status int) func(*acctest.Platform) error {
		return func(p *acctest.Platform) error { return p.SetStatus("shop-prod", status) }
	}
	const home, away = "shop-prod.north.vap.test/healthz", "shop-prod.south.vap.test/healthz"
	for name, row := range map[string]struct {
		before, after map[string]any
		world         func(*acctest.Platform) error
		want          string // empty: no check
	}{
		"a path after a live move": {shop(), shop(region(performance), verifying(healthz)), nil,
			"http://" + home},
		"a path at the new domain": {shop(),
			shop(region(south), verifying(healthz, "allow_downtime", "allow_ip_change")), nil, "http://" + away},
		"a path by HTTPS": {shop(ssl), shop(ssl, region(performance), verifying(healthz)), nil,
			"https://" + home},
		"a path, HTTPS enabled by the change": {shop(), shop(ssl, region(performance), verifying(healthz)), nil,
			"https://" + home},
		"a URL": {shop(),
			shop(region(performance), verifying(map[string]any{"url": "https://shop.example.com/"})), nil,
			"https://shop.example.com/"},
		"started after the move": {shop(power("stopped")),
			shop(power("running"), region(performance), verifying(healthz)), nil, "http://" + home},
		"stopped before the move": {shop(), shop(power("stopped"), region(performance), verifying(healthz)), nil,
			""},
		"stopped": {shop(), shop(region(performance), verifying(healthz)),
			status(wire.StatusDown), ""},
		"sleeping": {shop(), shop(region(performance), verifying(healthz, "allow_downtime")),
			status(wire.StatusSleep), ""},
		"no move": {shop(), shop(map[string]any{"display_name": "Shop"}, verifying(healthz)),
			nil, ""},
		"no verification":                     {shop(), shop(region(performance)), nil, ""},
		"another permission, no verification": {shop(), shop(region(performance), permitted), nil, ""},
		"restored move": {shop(), shop(map[string]any{"migration_policy": map[string]any{"on_external_move": "restore",
			"verify": healthz}}), func(p *acctest.Platform) error {
			return p.MoveOutside("shop-prod", performance)
		}, "http://" + home},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, w := acctest.NewPlatform(t), &fakeProber{}
			i := create(t, p, row.before)
			if row.world != nil {
				if err := row.world(p); err != nil {
					t.Fatal(err)
				}
				refresh(t, i)
			}
			i.Adjust = w.adjust
			apply(t, i, row.after)
			var want []string
			var verified any
			if row.want != "" {
				want, verified = []string{row.want}, true
			}
			if !slices.Equal(w.addresses, want) {
				t.Errorf("probed %v, want %v", w.addresses, want)
			}
			if last, _ := i.State["last_migration"].(map[string]any); last["verified"] != verified {
				t.Errorf("verified is %v, want %v", last["verified"], verified)
			}
		})
	}
}

// On a local platform, checks of a path need no DNS.
func TestVerifiedOnTheLocalPlatform(t *testing.T) {
	t.Parallel()
	_, i := newCreated(t, shop(map[string]any{"built_in_ssl": true}))
	apply(t, i, shop(map[string]any{"built_in_ssl": true}, region(south),
		verifying(map[string]any{"path": "/"}, "allow_downtime", "allow_ip_change")))
	expectValues(t, i.State, map[string]any{"last_migration.verified": true})
	expectOne(t, errorsOf(i.Apply(plan(t, i, shop(map[string]any{"built_in_ssl": true}, region(economy),
		verifying(map[string]any{"path": "/", "expected_status": []any{404}, "patience": "1s"}, "allow_downtime",
			"allow_ip_change"))))), isError,
		"migration_policy.verify")
}

// An environment that has already moved is checked, too, although there is nothing to record. TestAdoption has a
// migration that is still running.
func TestVerifyMoveAlreadyDone(t *testing.T) {
	t.Parallel()
	p, w := acctest.NewPlatform(t), &fakeProber{}
	i := create(t, p, shop())
	i.Adjust = w.adjust
	planned := plan(t, i, shop(region(performance), verifying(map[string]any{"path": "/healthz"})))
	if err := p.MoveOutside("shop-prod", performance); err != nil {
		t.Fatal(err)
	}
	if d := i.Apply(planned); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	expectValues(t, i.State, map[string]any{"region": performance, "last_migration": nil})
	if len(w.addresses) != 1 {
		t.Errorf("probed: %v", w.addresses)
	}
}

// An interrupt ends the check, but does not lose the record of the migration.
func TestInterruptWhileVerifying(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	p, w := acctest.NewPlatform(t), &fakeProber{err: errors.New("503 Service Unavailable"), onAsk: cancel}
	i := create(t, p, shop())
	i.Adjust = w.adjust
	after := shop(region(performance), verifying(map[string]any{"path": "/", "patience": "1h"}))
	expectOne(t, i.ApplyContext(ctx, plan(t, i, after)), isError, "migration_policy.verify")
	expectValues(t, i.State, map[string]any{"region": performance, "last_migration.to_region": performance,
		"last_migration.verified": false, "migration_policy.verify.patience": "1h"})
	again, _ := refresh(t, i).Plan(after)
	expectCheckPlanned(t, i, again)
}

// A move keeps its place in the queue until its check ends, so that a failed check prevents the next move.
func TestUnhealthyBlocksNextMove(t *testing.T) {
	t.Parallel()
	other := map[string]any{"name": "other-shop"}
	verify := verifying(map[string]any{"path": "/", "patience": "500ms"})
	p, w := acctest.NewPlatform(t), &fakeProber{err: errors.New("503 Service Unavailable")}
	first, second := create(t, p, shop()), create(t, p, shop(other))
	first.Adjust, second.Adjust, first.Provider["max_concurrent_migrations"] = w.adjust, w.adjust, 1
	s := first.NewServer()
	if d := s.Configure(first.Provider); acctest.HasErrors(d) {
		t.Fatal(acctest.Text(d))
	}
	plans := map[*acctest.Instance]acctest.Plan{first: plan(t, first, shop(region(performance), verify)),
		second: plan(t, second, shop(other, region(performance), verify))}
	var all []*tfprotov6.Diagnostic
	var mu sync.Mutex
	var wait sync.WaitGroup
	for i, planned := range plans {
		wait.Go(func() {
			d := errorsOf(i.ApplyOn(t.Context(), s, planned))
			mu.Lock()
			defer mu.Unlock()
			all = append(all, d...)
		})
	}
	wait.Wait()
	slices.SortFunc(all, func(a, b *tfprotov6.Diagnostic) int { return cmp.Compare(acctest.At(a), acctest.At(b)) })
	if len(all) != 2 || acctest.At(all[0]) != "migration_policy.verify" || acctest.At(all[1]) != "region" ||
		!strings.Contains(all[1].Detail, "503 Service Unavailable") {
		t.Error(acctest.Text(all))
	}
	expectMigrations(t, p, performance+" live")
}

// The check may be unknown until the apply, because it does not affect the migration.
func TestVerifyUnknownAtPlan(t *testing.T) {
	t.Parallel()
	p, w := acctest.NewPlatform(t), &fakeProber{}
	i := create(t, p, shop())
	i.Adjust = w.adjust
	planned, d := i.Plan(shop(region(performance), verifying(map[string]any{"url": acctest.Unknown{}})))
	if got := unknownPathsOf(planned); len(d) > 0 || !slices.Equal(got, []string{"last_migration"}) {
		t.Fatalf("unknown attributes: %v\n%s", got, acctest.Text(d))
	}
	expectValues(t, planned.State, map[string]any{"planned_migration.mode": "live"})
	planned.Config = shop(region(performance), verifying(map[string]any{"url": "http://shop.example.com"}))
	if d := i.Apply(planned); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	if !reflect.DeepEqual(w.addresses, []string{"http://shop.example.com"}) {
		t.Errorf("probed: %v", w.addresses)
	}
}

func TestInvalidVerifications(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		verify map[string]any
		at     string // of the error; empty if valid
	}{
		"a path":                 {map[string]any{"path": "/"}, ""},
		"a path with a query":    {map[string]any{"path": "/healthz?deep=1"}, ""},
		"a URL":                  {map[string]any{"url": "https://shop.example.com:8443/healthz?deep=1"}, ""},
		"neither path nor URL":   {map[string]any{}, "url"},
		"both":                   {map[string]any{"url": "https://shop.example.com", "path": "/"}, "url"},
		"no scheme":              {map[string]any{"url": "shop.example.com/healthz"}, "url"},
		"another scheme":         {map[string]any{"url": "ftp://shop.example.com/"}, "url"},
		"no host":                {map[string]any{"url": "https:///healthz"}, "url"},
		"a password":             {map[string]any{"url": "https://me:secret@shop.example.com/"}, "url"},
		"a fragment":             {map[string]any{"url": "https://shop.example.com/#top"}, "url"},
		"a path without slash":   {map[string]any{"path": "healthz"}, "path"},
		"a path of another host": {map[string]any{"path": "@evil.example.com/"}, "path"},
		"a port for a path":      {map[string]any{"path": ":8080/"}, "path"},
		"an empty path":          {map[string]any{"path": ""}, "path"},
		"no status":              {map[string]any{"path": "/", "expected_status": []any{}}, "expected_status"},
		"invalid status":         {map[string]any{"path": "/", "expected_status": []any{100}}, "expected_status"},
		"no patience":            {map[string]any{"path": "/", "patience": "0s"}, "patience"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := acctest.NewServer(t).ValidateResource("vap_environment", shop(verifying(maps.Clone(row.verify))))
			if row.at != "" {
				expectOne(t, d, isError, "migration_policy.verify."+row.at)
			}
			if row.at == "" && len(d) > 0 || strings.Contains(acctest.Text(d), "secret") {
				t.Error(acctest.Text(d))
			}
		})
	}
}
