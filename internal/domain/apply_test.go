package domain_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

const www = "www.example.test"

// newPlatform is a platform with environments of these names.
func newPlatform(t *testing.T, names ...string) *acctest.Platform {
	t.Helper()
	p := acctest.NewPlatform(t)
	for _, name := range names {
		create(t, p.Client, name)
	}
	return p
}

func create(t *testing.T, client *platform.Client, name string) {
	t.Helper()
	_, err := client.CreateEnvironment(t.Context(), platform.EnvironmentSpec{
		Name: name, Region: "north-economy", NodeGroups: []platform.NodeGroupSpec{{Name: "cp", NodeType: "nginxphp"}},
	})
	must(t, err)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func config(environment, domain any) map[string]any {
	return map[string]any{"environment": environment, "domain": domain}
}

func newBinding(t *testing.T, p *acctest.Platform) *acctest.Instance {
	t.Helper()
	return acctest.NewInstance(t, "vap_domain_binding", p.Provider())
}

// createBound creates a binding of www to shop-prod, and reads it.
func createBound(t *testing.T, p *acctest.Platform) *acctest.Instance {
	t.Helper()
	i := newBinding(t, p)
	apply(t, i, config("shop-prod", www))
	if d := i.Refresh(); len(d) > 0 || i.State == nil {
		t.Fatalf("state %v\n%s", i.State, acctest.Text(d))
	}
	return i
}

func plan(t *testing.T, i *acctest.Instance, config map[string]any) acctest.Plan {
	t.Helper()
	p, d := i.Plan(config)
	if acctest.HasErrors(d) {
		t.Fatal(acctest.Text(d))
	}
	return p
}

func apply(t *testing.T, i *acctest.Instance, config map[string]any) {
	t.Helper()
	if d := i.Apply(plan(t, i, config)); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
}

var expectOne = acctest.ExpectOne

const isError, isWarning = tfprotov6.DiagnosticSeverityError, tfprotov6.DiagnosticSeverityWarning

// expectDomains expects exactly these custom domains on an environment.
func expectDomains(t *testing.T, p *acctest.Platform, environment string, want ...string) {
	t.Helper()
	if env, err := p.Client.Environment(t.Context(), environment); err != nil || !slices.Equal(env.CustomDomains, want) {
		t.Errorf("%s has the domains %v, want %v (%v)", environment, env.CustomDomains, want, err)
	}
}

// expectCalls expects the results of all calls of a method, in their order.
func expectCalls(t *testing.T, p *acctest.Platform, method string, want ...int) {
	t.Helper()
	var got []int
	for _, r := range p.Requests(t, method) {
		if r.Result == nil {
			t.Fatalf("%s was not called", method)
		}
		got = append(got, *r.Result)
	}
	if !slices.Equal(got, want) {
		t.Errorf("responses to %s: %v, want %v", method, got, want)
	}
}

func TestLifecycle(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, "shop-prod")
	i := newBinding(t, p)
	planned := plan(t, i, config("shop-prod", "WWW.Example.test."))
	if planned.State["id"] != "shop-prod/www.example.test" {
		t.Errorf("the planned id is %v", planned.State["id"])
	}
	if d := i.Apply(planned); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	expectDomains(t, p, "shop-prod", www)
	if d := i.Refresh(); len(d) > 0 || i.State["domain"] != "WWW.Example.test." {
		t.Errorf("the domain differs from the configuration: %v\n%s", i.State, acctest.Text(d))
	}

	// Another spelling is the same domain.
	before := len(p.Requests(t, ""))
	planned = plan(t, i, config("shop-prod", www))
	if len(planned.Replace) > 0 {
		t.Errorf("replaced because of %v", planned.Replace)
	}
	if d := i.Apply(planned); len(d) > 0 || i.State["domain"] != www {
		t.Errorf("%v\n%s", i.State, acctest.Text(d))
	}
	if calls := p.Requests(t, "")[before:]; len(calls) > 0 {
		t.Errorf("calls to the platform: %v", calls)
	}
	if i.Changes(plan(t, i, config("shop-prod", www))) {
		t.Error("the next plan is not empty")
	}

	if d := i.Apply(plan(t, i, nil)); len(d) > 0 || i.State != nil {
		t.Errorf("%v\n%s", i.State, acctest.Text(d))
	}
	expectDomains(t, p, "shop-prod")
	expectCalls(t, p, "bindextdomain", 0)
	expectCalls(t, p, "removeextdomain", 0)
}

func TestRead(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		world func(*acctest.Platform) error
		kept  bool
	}{
		"removed outside": {func(p *acctest.Platform) error {
			return p.Client.UnbindDomain(t.Context(), "shop-prod", www)
		}, false},
		"environment deleted": {func(p *acctest.Platform) error {
			return p.Client.DeleteEnvironment(t.Context(), "shop-prod")
		}, false},
		"role lacks permission":  {refuse("getenvinfo", 8), true},
		"another not found":      {refuse("getenvinfo", 901), true},
		"some object not found":  {refuse("getenvinfo", 5), true},
		"token lacks permission": {refuse("getenvinfo", 8202), true},
		"no API": {func(p *acctest.Platform) error {
			return p.Inject(faults.Fault{Kind: faults.HTML, Method: "getenvinfo"})
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlatform(t, "shop-prod")
			i := createBound(t, p)
			must(t, row.world(p))
			if row.kept {
				// If the list of environments is refused, each is requested by name.
				must(t, refuse("getenvs", 8)(p))
			}
			d := i.Refresh()
			if (i.State != nil) != row.kept {
				t.Errorf("state %v", i.State)
			}
			if !row.kept {
				if len(d) > 0 {
					t.Error(acctest.Text(d))
				}
				return
			}
			expectOne(t, d, isError, "")
		})
	}
}

// refuse makes the platform refuse every call of a method with a code.
func refuse(method string, code int) func(*acctest.Platform) error {
	return func(p *acctest.Platform) error {
		return p.Inject(faults.Fault{Kind: faults.Refuse, Method: method, Code: code, Words: "no way", Times: -1})
	}
}

func TestCreateProblems(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		domain string
		world  func(*testing.T, *acctest.Platform) // between plan and apply
		at     string
	}{
		"no environment": {www, func(t *testing.T, p *acctest.Platform) {
			must(t, p.Client.DeleteEnvironment(t.Context(), "shop-prod"))
		},
			"environment"},
		"environment deleted after the plan": {www, inject(
			faults.Fault{Kind: faults.Refuse, Method: "bindextdomain", Code: 11}),
			"environment"},
		"already bound": {www, func(t *testing.T, p *acctest.Platform) {
			must(t, p.Client.BindDomain(t.Context(), "shop-prod", www))
		},
			"domain"},
		"bound to another environment": {www, func(t *testing.T, p *acctest.Platform) {
			create(t, p.Client, "shop-test")
			must(t, p.Client.BindDomain(t.Context(), "shop-test", www))
		}, "domain"},
		"bound in another account": {www, func(t *testing.T, p *acctest.Platform) {
			other, err := platform.New(platform.Config{Endpoint: "http://localhost", Token: localplatform.CollaboratorToken,
				Transport: p.Transport()})
			must(t, err)
			create(t, other, "other-shop")
			must(t, other.BindDomain(t.Context(), "other-shop", www))
		}, "domain"},
		"platform domain": {"shop.north.vap.test", nil, "domain"},
		"role lacks permission": {www, inject(
			faults.Fault{Kind: faults.Refuse, Method: "bindextdomain", Code: 8, Words: "not yours"}),
			""},
		"token lacks permission": {www, inject(faults.Fault{Kind: faults.Refuse, Method: "bindextdomain", Code: 8202}),
			""},
		"environment cannot be read": {www,
			inject(faults.Fault{Kind: faults.Refuse, Method: "getenvinfo", Code: 8, Times: -1}),
			""},
		"always in the wrong state": {www,
			inject(faults.Fault{Kind: faults.Refuse, Method: "bindextdomain", Code: 2212, Times: -1}),
			""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlatform(t, "shop-prod")
			i := newBinding(t, p)
			planned := plan(t, i, config("shop-prod", row.domain))
			if row.world != nil {
				row.world(t, p)
			}
			expectOne(t, i.Apply(planned), isError, row.at)
			if i.State != nil {
				t.Errorf("state %v", i.State)
			}
		})
	}
}

func inject(faults ...faults.Fault) func(*testing.T, *acctest.Platform) {
	return func(t *testing.T, p *acctest.Platform) { must(t, p.Inject(faults...)) }
}

// lostAnswers are faults in which a request takes effect but its response is lost.
var lostAnswers = map[string]faults.Fault{
	"cut":       {Kind: faults.Cut, When: faults.WhenAfter},
	"504":       {Kind: faults.Gateway, Status: 504, When: faults.WhenAfter},
	"truncated": {Kind: faults.Truncate, When: faults.WhenAfter},
	"HTML":      {Kind: faults.HTML, When: faults.WhenAfter},
}

// After a lost response, the provider reads before it repeats the request.
func TestLostResponses(t *testing.T) {
	t.Parallel()
	for name, fault := range lostAnswers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlatform(t, "shop-prod")
			fault.Method = "bindextdomain"
			unreadable := faults.Fault{Kind: faults.Refuse, Method: "getenvinfo", Code: 8202, Since: "bindextdomain"}
			must(t, p.Inject(fault, unreadable))
			i := createBound(t, p)
			fault.Method = "removeextdomain"
			must(t, p.Inject(fault))
			if d := i.Apply(plan(t, i, nil)); len(d) > 0 || i.State != nil {
				t.Errorf("%v\n%s", i.State, acctest.Text(d))
			}
			expectDomains(t, p, "shop-prod")
			if binds, removals := len(p.Requests(t, "bindextdomain")), len(p.Requests(t, "removeextdomain")); binds != 1 ||
				removals != 1 {
				t.Errorf("bound %d times and removed %d times", binds, removals)
			}
		})
	}
}

// If the read shows that a request did not arrive, the provider repeats it, with at most three requests.
func TestUndeliveredRequests(t *testing.T) {
	t.Parallel()
	cut := faults.Fault{Kind: faults.Cut, When: faults.WhenBefore}
	for _, times := range []int{1, 2, 3} {
		t.Run(fmt.Sprint(times), func(t *testing.T) {
			t.Parallel()
			p := newPlatform(t, "shop-prod")
			cut := cut
			cut.Method, cut.Times = "bindextdomain", times
			must(t, p.Inject(cut))
			i := newBinding(t, p)
			d := i.Apply(plan(t, i, config("shop-prod", www)))
			if times == 3 {
				expectOne(t, d, isError, "domain")
			} else if len(d) > 0 {
				t.Fatal(acctest.Text(d))
			}
			if calls := len(p.Requests(t, "bindextdomain")); (i.State == nil) != (times == 3) || calls != min(times+1, 3) {
				t.Errorf("state %v after %d calls", i.State, calls)
			}
			i = createBound(t, unbindOutside(t, p))
			cut.Method = "removeextdomain"
			must(t, p.Inject(cut))
			d = i.Apply(plan(t, i, nil))
			if times == 3 {
				expectOne(t, d, isError, "")
				d = i.Apply(plan(t, i, nil))
			}
			if len(d) > 0 || i.State != nil {
				t.Error(acctest.Text(d))
			}
			expectDomains(t, p, "shop-prod")
		})
	}
}

// unbindOutside unbinds the domain outside Terraform.
func unbindOutside(t *testing.T, p *acctest.Platform) *acctest.Platform {
	t.Helper()
	if err := p.Client.UnbindDomain(t.Context(), "shop-prod", www); err != nil && !platform.IsNotBound(err) {
		t.Fatal(err)
	}
	return p
}

func TestDelete(t *testing.T) {
	t.Parallel()
	for name, world := range map[string]func(*acctest.Platform) error{
		"already removed": func(p *acctest.Platform) error {
			return p.Client.UnbindDomain(t.Context(), "shop-prod", www)
		},
		"environment deleted": func(p *acctest.Platform) error {
			return p.Client.DeleteEnvironment(t.Context(), "shop-prod")
		},
		"busy for a while": func(p *acctest.Platform) error {
			return p.Inject(faults.Fault{Kind: faults.Refuse, Method: "removeextdomain", Code: 2212, Times: 3})
		},
		"response lost, environment deleted": func(p *acctest.Platform) error {
			return p.Inject(faults.Fault{Kind: faults.Cut, Method: "removeextdomain"},
				faults.Fault{Kind: faults.Refuse, Method: "getenvinfo", Code: 11})
		},
		"deleted while waiting": func(p *acctest.Platform) error {
			return p.Inject(faults.Fault{Kind: faults.Refuse, Method: "removeextdomain", Code: 2212},
				faults.Fault{Kind: faults.Refuse, Method: "getenvinfo", Code: 11})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlatform(t, "shop-prod")
			i := createBound(t, p)
			must(t, world(p))
			if d := i.Apply(plan(t, i, nil)); len(d) > 0 || i.State != nil {
				t.Errorf("%v\n%s", i.State, acctest.Text(d))
			}
		})
	}
	for _, code := range []int{5, 8, 901} {
		t.Run(fmt.Sprintf("refused with code %d", code), func(t *testing.T) {
			t.Parallel()
			p := newPlatform(t, "shop-prod")
			i := createBound(t, p)
			must(t, refuse("removeextdomain", code)(p))
			expectOne(t, i.Apply(plan(t, i, nil)), isError, "")
			if i.State == nil {
				t.Error("the binding was removed from the state")
			}
		})
	}
}

// startMigration starts a migration that runs until endMigration.
func startMigration(t *testing.T, p *acctest.Platform) {
	t.Helper()
	must(t, p.Inject(faults.Fault{Kind: faults.Prolong, Method: "migrate", Delay: faults.Duration(time.Hour)},
		faults.Fault{Kind: faults.Cut, Method: "migrate", When: faults.WhenStarted}))
	err := p.Client.Migrate(t.Context(),
		platform.MigrateRequest{Environment: "shop-prod", Region: "north-performance", Live: true})
	if !platform.IsOutcomeUnknown(err) {
		t.Fatal(err)
	}
}

func endMigration(t *testing.T, p *acctest.Platform) {
	t.Helper()
	must(t, p.SetStatus("shop-prod", wire.StatusRunning))
}

// await waits until the platform has received n calls.
func await(t *testing.T, p *acctest.Platform, method string, n int) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	patience := time.NewTimer(20 * time.Second)
	defer patience.Stop()
	for {
		requests, err := localplatform.ReadRequests(p.Directory)
		asked := slices.DeleteFunc(requests, func(r localplatform.Request) bool {
			return !strings.HasSuffix(r.Method, "/"+method)
		})
		if err == nil && len(asked) >= n {
			return
		}
		select {
		case <-tick.C:
		case <-patience.C:
			t.Errorf("%s was called %d times, want %d", method, len(asked), n)
			return
		}
	}
}

// The provider waits for other operations on the environment, without repeating its request all the time.
func TestWaitsForMigration(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, "shop-prod")
	i := newBinding(t, p)
	planned := plan(t, i, config("shop-prod", www))
	startMigration(t, p)
	looks := len(p.Requests(t, "getenvinfo"))
	done := make(chan []*tfprotov6.Diagnostic, 1)
	go func() { done <- i.Apply(planned) }()
	await(t, p, "bindextdomain", 1)
	await(t, p, "getenvinfo", looks+4)
	endMigration(t, p)
	if d := <-done; len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	expectCalls(t, p, "bindextdomain", wire.ResultWrongStatus, 0)
	expectDomains(t, p, "shop-prod", www)

	startMigration(t, p)
	planned = plan(t, i, nil)
	go func() { done <- i.Apply(planned) }()
	await(t, p, "removeextdomain", 1)
	endMigration(t, p)
	if d := <-done; len(d) > 0 || i.State != nil {
		t.Fatal(acctest.Text(d))
	}
	expectDomains(t, p, "shop-prod")
}

func TestWaitingEnds(t *testing.T) {
	t.Parallel()
	t.Run("by the timeout", func(t *testing.T) {
		t.Parallel()
		acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
			p := newPlatform(t, "shop-prod")
			i := newBinding(t, p)
			limited := config("shop-prod", www)
			limited["timeouts"] = map[string]any{"create": "5s"}
			planned := plan(t, i, limited)
			startMigration(t, p)
			expectOne(t, i.Apply(planned), isError, "")
		})
	})
	t.Run("by an interrupt", func(t *testing.T) {
		t.Parallel()
		p := newPlatform(t, "shop-prod")
		i := newBinding(t, p)
		planned := plan(t, i, config("shop-prod", www))
		startMigration(t, p)
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			await(t, p, "bindextdomain", 1)
			cancel()
		}()
		d := i.ApplyContext(ctx, planned)
		if !acctest.HasErrors(d) || i.State != nil {
			t.Errorf("%v\n%s", i.State, acctest.Text(d))
		}
		expectDomains(t, p, "shop-prod")
	})
}

// After an interrupt during a request without a response, the provider checks whether it took effect.
func TestInterruptedRequestIsVerified(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, "shop-prod")
	i := newBinding(t, p)
	planned := plan(t, i, config("shop-prod", www))
	must(t, p.Inject(faults.Fault{Kind: faults.Silence, Method: "bindextdomain", When: faults.WhenAfter}))
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for ctx.Err() == nil {
			if env, err := p.Client.Environment(ctx, "shop-prod"); err == nil && len(env.CustomDomains) > 0 {
				cancel()
			}
		}
	}()
	if d := i.ApplyContext(ctx, planned); len(d) > 0 || i.State["id"] != "shop-prod/www.example.test" {
		t.Errorf("%v\n%s", i.State, acctest.Text(d))
	}
}
