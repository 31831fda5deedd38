package faultmatrix

import (
	"bytes"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

// cell is a step of the life in which certain calls suffer faults.
type cell struct {
	lived
	name   string
	faults []localplatform.Fault
	// cases is how many calls suffer one each.
	cases int
	// bearable says that nobody may notice.
	bearable bool
	// impatient says that what waits for an answer is given little time.
	impatient bool
}

// TestEveryCallWithEveryFault goes through the life of an environment once without faults to learn its calls, and then
// through the step of each call with each fault.
func TestEveryCallWithEveryFault(t *testing.T) {
	var cells []cell
	for _, l := range goThrough(t) {
		cells = append(cells, cellsOf(l)...)
	}
	all := len(cells)
	if stride > 1 {
		n := -1
		cells = slices.DeleteFunc(cells, func(cell) bool { n++; return n%stride != 0 })
	}
	cases := 0
	for _, c := range cells {
		cases += c.cases
	}
	began := time.Now()
	var unnoticed, told, missed atomic.Int64
	busy := make(chan struct{}, 4)
	t.Run(fmt.Sprintf("%d cases", cases), func(t *testing.T) {
		for _, c := range cells {
			t.Run(c.lived.name+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				if !c.waits() {
					busy <- struct{}{}
					defer func() { <-busy }()
				}
				c.try(t, &unnoticed, &told, &missed)
			})
		}
	})
	t.Logf("%d cases of a fault that meets a call, in %d of %d runs, took %s: in %d runs the apply succeeded all the same, %d ended with one error; %d faults met no call",
		cases, len(cells), all, time.Since(began).Round(time.Second), unnoticed.Load(), told.Load(), missed.Load())
}

// try runs the step with the faults, judges what came of it, and lets a run without faults bring it to its end.
func (c cell) try(t *testing.T, unnoticed, told, missed *atomic.Int64) {
	p, i := c.before.restored(t)
	config := c.config
	if c.impatient {
		config = impatient(config)
		i.State = impatient(i.State)
	}
	prior := i.State
	if err := p.Inject(c.faults...); err != nil {
		t.Fatal(err)
	}
	_, diagnostics := run(i, config)
	errors := errorsOf(diagnostics)
	if err := p.ClearFaults(); err != nil {
		t.Fatal(err)
	}
	calls := p.Requests(t, "")
	struck := c.struck(calls)
	if !struck {
		missed.Add(1)
	}

	expectClear(t, diagnostics)
	for _, method := range []string{"migrate", "createenvironment"} {
		if n := len(p.Requests(t, method)); n > 1 {
			t.Errorf("%d calls of %s", n, method)
		}
	}
	if len(errors) == 0 {
		unnoticed.Add(1)
		c.expectTrue(t, p, i, diagnostics)
		c.mend(t, p)
	} else {
		told.Add(1)
		if c.bearable {
			t.Errorf("the provider could have gone on: %s", acctest.Text(errors))
		}
		c.expectWords(t, errors[0])
		if c.untouched(i, prior, calls) {
			return // everything is as before, where a run without faults is known to lead
		}
		c.expectKeptOrTrue(t, p, i, prior)
		c.mend(t, p)
		c.again(t, p, i)
		config = c.config
	}
	expectConverged(t, p, i, config)
	c.expectOneMove(t, p)
}

// impatient is a configuration or a state with little time for everything.
func impatient(values map[string]any) map[string]any {
	if values == nil {
		return nil
	}
	const short = "1500ms"
	values = maps.Clone(values)
	values["timeouts"] = map[string]any{"create": short, "read": nil, "update": short, "delete": short}
	policy := maps.Clone(values["migration_policy"].(map[string]any))
	policy["timeout"] = short
	values["migration_policy"] = policy
	return values
}

// waits says whether most of a run's time is waiting, which may be done beside others.
func (c cell) waits() bool {
	return slices.ContainsFunc(c.faults, func(f localplatform.Fault) bool {
		return f.Kind == localplatform.FaultSilence || f.Kind == localplatform.FaultDelay
	})
}

// struck says whether the faults met calls, as far as the calls on record tell.
func (c cell) struck(calls []localplatform.Request) bool {
	f := c.faults[0]
	switch f.Kind {
	case localplatform.FaultUnreachable, localplatform.FaultFail:
		return true // neither is on record
	case localplatform.FaultRefuse:
		return slices.ContainsFunc(calls, func(r localplatform.Request) bool { return r.Result != nil && *r.Result == f.Code })
	}
	return slices.ContainsFunc(calls, func(r localplatform.Request) bool {
		return r.Fault == string(f.Kind) || f.Kind == localplatform.FaultDelay
	})
}

// expectClear expects at most one error, that everything said has a reason, and that nothing secret is said.
func expectClear(t *testing.T, diagnostics []*tfprotov6.Diagnostic) {
	t.Helper()
	text := acctest.Text(diagnostics)
	if len(errorsOf(diagnostics)) > 1 {
		t.Errorf("more than one error: %s", text)
	}
	for _, d := range diagnostics {
		if d.Summary == "" || d.Detail == "" {
			t.Errorf("a diagnostic without words: %s", text)
		}
	}
	for _, word := range []string{localplatform.OwnerToken, secret} {
		if strings.Contains(text, word) {
			t.Errorf("a secret is told: %s", text)
		}
	}
}

// expectWords expects the platform's words in the error.
func (c cell) expectWords(t *testing.T, d *tfprotov6.Diagnostic) {
	t.Helper()
	for _, f := range c.faults {
		// A price that cannot be read is none: what may follow is that the plan does not hold.
		if f.Words != "" && f.Method != "getpricing" && !strings.Contains(d.Detail, f.Words) {
			t.Errorf("the platform's words %q are not in: %s", f.Words, acctest.Text([]*tfprotov6.Diagnostic{d}))
		}
	}
}

// expectTrue expects that after a success the state says what the platform says.
func (c cell) expectTrue(t *testing.T, p *acctest.Platform, i *acctest.Instance, diagnostics []*tfprotov6.Diagnostic) {
	t.Helper()
	env := rested(t, p)
	if (env == nil) != (i.State == nil) {
		t.Fatalf("no error, and on the platform is %+v, in the state %v", env, i.State)
	}
	if slices.ContainsFunc(diagnostics, func(d *tfprotov6.Diagnostic) bool { return strings.Contains(d.Summary, "is not seen to be ready") }) {
		return // it says that it does not know
	}
	if env != nil && (env.Region != i.State["region"] || len(env.Nodes) != len(i.State["nodes"].([]any))) {
		t.Errorf("no error, and on the platform is %+v, in the state %v", env, i.State)
	}
}

// expectKeptOrTrue expects that after an error the state says what the platform says, or what it said before.
func (c cell) expectKeptOrTrue(t *testing.T, p *acctest.Platform, i *acctest.Instance, prior map[string]any) {
	t.Helper()
	env := seen(t, p)
	if i.State == nil {
		if prior != nil {
			t.Fatalf("the state lost the environment, which is %+v", env)
		}
		return
	}
	if env == nil && c.config == nil {
		return // it goes while nobody waits for it any more
	}
	if env == nil {
		t.Fatalf("the environment is lost, and this is said of it: %v", i.State)
	}
	if region := i.State["region"]; region != prior["region"] && region != env.Region {
		t.Errorf("the state says %v; the environment was in %v and is in %s", region, prior["region"], env.Region)
	}
	// A node that is gone may be in the state as it was last seen; what there is has to be as it is, or as it was.
	for _, node := range i.State["nodes"].([]any) {
		node := node.(map[string]any)
		before, _ := prior["nodes"].([]any)
		for _, n := range env.Nodes {
			same := func(old any) bool { return reflect.DeepEqual(old, any(node)) }
			if float64(n.ID) == node["id"] && n.InternalIP != node["internal_ip"] && !slices.ContainsFunc(before, same) {
				t.Errorf("the state has the node %v, which neither was nor is so: %+v", node, n)
			}
		}
	}
}

// untouched says whether the run has changed nothing at all, so that what follows is the step without faults.
func (c cell) untouched(i *acctest.Instance, prior map[string]any, calls []localplatform.Request) bool {
	return !slices.ContainsFunc(calls, isWrite) && !c.impatient &&
		reflect.DeepEqual(i.State, prior) && reflect.DeepEqual(i.Identity, c.before.identity) && bytes.Equal(i.Private, c.before.private)
}

// mend does what a user does about an environment that the platform calls broken.
func (c cell) mend(t *testing.T, p *acctest.Platform) {
	t.Helper()
	if env := rested(t, p); env != nil && env.Status == platform.StatusBroken {
		if err := p.SetStatus(name, wire.StatusRunning); err != nil {
			t.Fatal(err)
		}
	}
}

// again runs the step without faults. What a failed creation left is taken over if it is not in the state, and replaced
// if it is, as Terraform does.
func (c cell) again(t *testing.T, p *acctest.Platform, i *acctest.Instance) {
	t.Helper()
	if c.before.state == nil && i.State != nil {
		if _, d := run(i, nil); acctest.HasErrors(d) {
			t.Fatalf("replacing: %s", acctest.Text(d))
		}
	}
	_, d := run(i, c.config)
	if c.before.state == nil && i.State == nil && rested(t, p) != nil {
		if len(d) != 1 || !strings.Contains(d[0].Summary, "exists already") || !strings.Contains(d[0].Detail, "import {") {
			t.Fatalf("an environment is left over and this is said: %s", acctest.Text(d))
		}
		if d := i.Import(name); acctest.HasErrors(d) {
			t.Fatal(acctest.Text(d))
		}
		_, d = run(i, c.config)
	}
	if acctest.HasErrors(d) {
		t.Fatalf("without faults: %s", acctest.Text(d))
	}
}

// expectOneMove expects that a planned migration was carried out exactly once.
func (c cell) expectOneMove(t *testing.T, p *acctest.Platform) {
	t.Helper()
	if !c.moves(c.before) {
		return
	}
	actions, err := p.Client.PastActions(t.Context(), time.Now().Add(-time.Hour), 100)
	if err != nil {
		t.Fatal(err)
	}
	done := 0
	for _, a := range actions {
		if a.Kind == platform.ActionMigrate && a.Region == c.config["region"] && a.Result != nil && *a.Result == 0 {
			done++
		}
	}
	if done != 1 {
		t.Errorf("%d migrations to %s", done, c.config["region"])
	}
}
