package faultmatrix

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

// domain is the domain of the binding.
const domain = "www.example.test"

// boundLife is the life of a domain binding from its creation to its end.
func boundLife() []step {
	config := map[string]any{"environment": name, "domain": domain}
	return []step{{"bind", config}, {"read", config}, {"remove", nil}}
}

// TestEveryCallOfBindingsWithEveryFault is TestEveryCallWithEveryFault for the life of a domain binding.
func TestEveryCallOfBindingsWithEveryFault(t *testing.T) {
	type cell struct {
		lived
		trial
	}
	var all []cell
	for _, l := range goThrough(t, "vap_domain_binding", inhabited(t), boundLife(), expectBound) {
		for _, c := range trialsOf(l.calls) {
			all = append(all, cell{l, c})
		}
	}
	var n tally
	t.Run("cells", func(t *testing.T) {
		for _, c := range sample(all, func(c cell) (string, trial) { return c.lived.name, c.trial }) {
			t.Run(c.lived.name+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				acctest.InNoTime(t, c.before.at, func(t *testing.T) { c.bind(t, c.trial, &n) })
			})
		}
	})
	n.report(t, "the life of a domain binding", len(all))
}

// bind runs the step with the faults of a trial, checks the result, and completes the step in a run without faults.
func (l lived) bind(t *testing.T, c trial, n *tally) {
	p, i := l.before.restored(t, "vap_domain_binding")
	config := l.config
	if c.impatient {
		for _, values := range []*map[string]any{&config, &i.State} {
			if *values != nil {
				*values = maps.Clone(*values)
				(*values)["timeouts"] = map[string]any{"create": short, "read": nil, "delete": short}
			}
		}
	}
	if err := p.Inject(c.faults...); err != nil {
		t.Fatal(err)
	}
	_, diagnostics := run(i, config)
	errors := errorsOf(diagnostics)
	if err := p.ClearFaults(); err != nil {
		t.Fatal(err)
	}
	calls := callsOf(t, p)
	n.add(c, len(errors), c.struck(calls))

	expectClear(t, diagnostics)
	limit := 1
	if f := c.faults[0]; f.When != faults.WhenStarted && f.When != faults.WhenAfter {
		limit = 3 // a call that did not arrive is repeated
	}
	for _, method := range []string{"bindextdomain", "removeextdomain"} {
		// A call that is refused because another operation is running is repeated.
		busy := func(r localplatform.Request) bool { return r.Result != nil && *r.Result == wire.ResultWrongStatus }
		if n := len(slices.DeleteFunc(c.taken(p.Requests(t, method)), busy)); n > limit {
			t.Errorf("%d calls of %s", n, method)
		}
	}
	switch {
	case len(errors) == 0:
		if i.State != nil != isBound(t, p) {
			t.Errorf("no error, the domain is bound: %v, and the state is %v", isBound(t, p), i.State)
		}
	case c.bearable:
		t.Errorf("the provider could have gone on: %s", acctest.Text(errors))
	default:
		c.expectWords(t, errors[0].Detail)
		if l.before.state != nil && i.State == nil {
			t.Errorf("the state lost the binding; it is bound: %v", isBound(t, p))
		}
		l.bindAgain(t, p, i)
		config = l.config
	}
	expectBound(t, p, i, config)
}

// bindAgain runs the step without faults. It imports what a failed creation left if it is not in the state.
func (l lived) bindAgain(t *testing.T, p *acctest.Platform, i *acctest.Instance) {
	t.Helper()
	_, d := run(i, l.config)
	if l.config != nil && i.State == nil && isBound(t, p) {
		if len(d) != 1 || acctest.At(d[0]) != "domain" || !strings.Contains(d[0].Detail, "import {") {
			t.Fatalf("a binding is left over and this is said: %s", acctest.Text(d))
		}
		if d := i.Import(name + "/" + domain); acctest.HasErrors(d) {
			t.Fatal(acctest.Text(d))
		}
		_, d = run(i, l.config)
	}
	if acctest.HasErrors(d) {
		t.Fatalf("without faults: %s", acctest.Text(d))
	}
}

func isBound(t *testing.T, p *acctest.Platform) bool {
	t.Helper()
	env := readEnvironment(t, p)
	if env == nil {
		t.Fatal("the environment is lost")
	}
	return slices.Contains(env.CustomDomains, domain)
}

// expectBound expects that state, configuration and platform agree, so that the next plan is empty.
func expectBound(t *testing.T, p *acctest.Platform, i *acctest.Instance, config map[string]any) {
	t.Helper()
	if changed, d := run(i, config); acctest.HasErrors(d) || changed {
		t.Fatalf("at the end there is something to do: %v %s", changed, acctest.Text(d))
	}
	if bound, wanted := isBound(t, p), config != nil; bound != wanted || (i.State != nil) != wanted {
		t.Errorf("the domain is bound: %v, the state is %v, want %v", bound, i.State, config)
	}
}
