package domain_test

import (
	"context"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

// planMove is a binding of www to shop-prod, and a plan that moves it to shop-test.
func planMove(t *testing.T) (*acctest.Platform, *acctest.Instance, acctest.Plan) {
	t.Helper()
	p := newPlatform(t, "shop-prod", "shop-test")
	i := createBound(t, p)
	return p, i, plan(t, i, config("shop-test", www))
}

// move applies the plan of a move, and drops the plan's warning, which an apply repeats.
func move(t *testing.T, i *acctest.Instance, planned acctest.Plan) []*tfprotov6.Diagnostic {
	t.Helper()
	return withoutUnboundWarning(t, i.Apply(planned))
}

func withoutUnboundWarning(t *testing.T, diagnostics []*tfprotov6.Diagnostic) []*tfprotov6.Diagnostic {
	t.Helper()
	if len(diagnostics) == 0 || diagnostics[0].Severity != isWarning {
		t.Fatalf("the apply does not warn of the gap:\n%s", acctest.Text(diagnostics))
	}
	return diagnostics[1:]
}

func TestMove(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		world           func(*testing.T, *acctest.Platform) // between plan and apply
		binds, removals []int
	}{
		"as planned": {nil, []int{0, 0}, []int{0}},
		"already moved by Swap Domains": {func(t *testing.T, p *acctest.Platform) {
			must(t, p.Client.UnbindDomain(t.Context(), "shop-prod", www))
			must(t, p.Client.BindDomain(t.Context(), "shop-test", www))
		}, []int{0, 0}, []int{0}},
		"removed after the plan": {func(t *testing.T, p *acctest.Platform) {
			must(t, p.Client.UnbindDomain(t.Context(), "shop-prod", www))
		},
			[]int{0, 0}, []int{0, wire.ResultDomainNotFound}},
		"source environment deleted": {func(t *testing.T, p *acctest.Platform) {
			must(t, p.Client.DeleteEnvironment(t.Context(), "shop-prod"))
		},
			[]int{0, 0}, []int{wire.ResultAppNotFound}},
		"busy for a while": {inject(faults.Fault{Kind: faults.Refuse, Method: "removeextdomain", Code: 2212},
			faults.Fault{Kind: faults.Refuse, Method: "bindextdomain", Code: 2212}), []int{0, 2212, 0}, []int{2212, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, i, planned := planMove(t)
			if row.world != nil {
				row.world(t, p)
			}
			if d := move(t, i, planned); len(d) > 0 {
				t.Fatal(acctest.Text(d))
			}
			if i.State["id"] != "shop-test/www.example.test" || i.Identity["environment"] != "shop-test" {
				t.Errorf("state %v, identity %v", i.State, i.Identity)
			}
			expectDomains(t, p, "shop-test", www)
			expectCalls(t, p, "bindextdomain", row.binds...)
			expectCalls(t, p, "removeextdomain", row.removals...)
			if d := i.Refresh(); len(d) > 0 || i.Changes(plan(t, i, config("shop-test", www))) {
				t.Errorf("the next plan is not empty: %v\n%s", i.State, acctest.Text(d))
			}
			apply(t, i, nil)
			expectDomains(t, p, "shop-test")
		})
	}
}

// After a lost response, the provider reads before it repeats the request.
func TestMoveWithLostResponses(t *testing.T) {
	t.Parallel()
	for name, fault := range lostAnswers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, i, planned := planMove(t)
			unbinding, binding := fault, fault
			unbinding.Method, binding.Method = "removeextdomain", "bindextdomain"
			must(t, p.Inject(unbinding, binding))
			if d := move(t, i, planned); len(d) > 0 || i.State["environment"] != "shop-test" {
				t.Errorf("%v\n%s", i.State, acctest.Text(d))
			}
			expectDomains(t, p, "shop-test", www)
			if binds, removals := len(p.Requests(t, "bindextdomain")), len(p.Requests(t, "removeextdomain")); binds != 2 ||
				removals != 1 {
				t.Errorf("bound %d times and removed %d times", binds, removals)
			}
		})
	}
}

func TestMoveProblems(t *testing.T) {
	t.Parallel()
	refuse := func(method string, times int) func(*testing.T, *acctest.Platform) {
		return inject(faults.Fault{Kind: faults.Refuse, Method: method, Code: 8, Words: "no way", Times: times})
	}
	for name, row := range map[string]struct {
		world func(*testing.T, *acctest.Platform) // between plan and apply
		at    string
		bound bool // whether the domain is bound to its old environment again
	}{
		"no environment": {func(t *testing.T, p *acctest.Platform) {
			must(t, p.Client.DeleteEnvironment(t.Context(), "shop-test"))
		},
			"environment", true},
		"the environment cannot be read": {refuse("getenvinfo", -1), "", true},
		"not removed":                    {refuse("removeextdomain", -1), "", true},
		"removal not delivered": {
			inject(faults.Fault{Kind: faults.Cut, When: faults.WhenBefore, Method: "removeextdomain", Times: 3}),
			"", true},
		"not bound": {refuse("bindextdomain", 1), "", true},
		"binding not delivered": {
			inject(faults.Fault{Kind: faults.Cut, When: faults.WhenBefore, Method: "bindextdomain", Times: 3}),
			"", true},
		"neither bound nor restored": {refuse("bindextdomain", 2), "", false},
		"taken by another environment": {func(t *testing.T, p *acctest.Platform) {
			must(t, p.Client.UnbindDomain(t.Context(), "shop-prod", www))
			create(t, p.Client, "shop-other")
			must(t, p.Client.BindDomain(t.Context(), "shop-other", www))
		}, "domain", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, i, planned := planMove(t)
			row.world(t, p)
			expectOne(t, move(t, i, planned), isError, row.at)
			if i.State["environment"] != "shop-prod" || i.Identity["environment"] != "shop-prod" {
				t.Errorf("state %v, identity %v", i.State, i.Identity)
			}
			must(t, p.ClearFaults())
			if row.bound {
				expectDomains(t, p, "shop-prod", www)
			} else {
				expectDomains(t, p, "shop-prod")
			}
		})
	}
}

// The next apply binds a domain that is bound to nothing.
func TestPlanAfterFailedMove(t *testing.T) {
	t.Parallel()
	for name, refresh := range map[string]bool{"with a refresh": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, i, planned := planMove(t)
			must(t, p.Inject(faults.Fault{Kind: faults.Refuse, Method: "bindextdomain", Code: 8, Times: 2}))
			if d := i.Apply(planned); !acctest.HasErrors(d) {
				t.Fatal("nothing failed")
			}
			if refresh {
				if d := i.Refresh(); len(d) > 0 || i.State != nil {
					t.Fatalf("%v\n%s", i.State, acctest.Text(d))
				}
			}
			if d := i.Apply(plan(t, i, config("shop-test", www))); acctest.HasErrors(d) {
				t.Fatal(acctest.Text(d))
			}
			expectDomains(t, p, "shop-test", www)
		})
	}
}

// The provider waits for operations on the target before it removes the domain from its environment.
func TestMoveWaits(t *testing.T) {
	t.Parallel()
	acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
		p := newPlatform(t, "shop-test", "shop-prod")
		i := newBinding(t, p)
		apply(t, i, config("shop-test", www))
		limited := config("shop-prod", www)
		limited["timeouts"] = map[string]any{"update": "5s"}
		impatient, patient := plan(t, i, limited), plan(t, i, config("shop-prod", www))
		startMigration(t, p) // shop-prod
		expectOne(t, move(t, i, impatient), isError, "")
		looks := len(p.Requests(t, "getenvinfo"))
		done := make(chan []*tfprotov6.Diagnostic, 1)
		go func() { done <- i.Apply(patient) }()
		await(t, p, "getenvinfo", looks+4)
		expectCalls(t, p, "removeextdomain")
		endMigration(t, p)
		if d := withoutUnboundWarning(t, <-done); len(d) > 0 {
			t.Fatal(acctest.Text(d))
		}
		expectCalls(t, p, "removeextdomain", 0)
		expectDomains(t, p, "shop-prod", www)
	})
}

// An interrupt after the removal leaves enough time to bind the domain.
func TestInterruptedMove(t *testing.T) {
	t.Parallel()
	interrupt := func(t *testing.T, p *acctest.Platform, i *acctest.Instance,
		planned acctest.Plan) []*tfprotov6.Diagnostic {
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			for ctx.Err() == nil {
				if env, err := p.Client.Environment(ctx, "shop-prod"); err == nil && len(env.CustomDomains) == 0 {
					cancel()
				}
			}
		}()
		return withoutUnboundWarning(t, i.ApplyContext(ctx, planned))
	}
	t.Run("bound", func(t *testing.T) {
		t.Parallel()
		p, i, planned := planMove(t)
		must(t, p.Inject(faults.Fault{Kind: faults.Silence, Method: "removeextdomain", When: faults.WhenAfter}))
		if d := interrupt(t, p, i, planned); len(d) > 0 || i.State["environment"] != "shop-test" {
			t.Errorf("%v\n%s", i.State, acctest.Text(d))
		}
		expectDomains(t, p, "shop-test", www)
	})
	t.Run("no time left", func(t *testing.T) {
		t.Parallel()
		p, i, planned := planMove(t)
		must(t, p.Inject(faults.Fault{Kind: faults.Silence, Method: "bindextdomain", When: faults.WhenBefore, Times: -1}))
		expectOne(t, interrupt(t, p, i, planned), isError, "")
	})
}
