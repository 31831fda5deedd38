package faultmatrix

import (
	"bytes"
	"context"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

// cell is a step in the life of an environment with faults in certain calls.
type cell struct {
	lived
	trial
}

// TestEveryCallWithEveryFault runs the life of an environment once without faults to learn its calls, and then the
// step of each call with each fault.
func TestEveryCallWithEveryFault(t *testing.T) {
	var all []cell
	for _, l := range goThrough(t, "vap_environment", snapshot{}, life(), expectConverged) {
		for _, c := range trialsOf(l.calls) {
			all = append(all, cell{l, c})
		}
	}
	var n tally
	t.Run("cells", func(t *testing.T) {
		for _, c := range sample(all, func(c cell) (string, trial) { return c.lived.name, c.trial }) {
			t.Run(c.lived.name+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				acctest.InNoTime(t, c.before.at, func(t *testing.T) { c.try(t, &n) })
			})
		}
	})
	n.report(t, "the life of an environment", len(all))
}

// try runs the step with the faults, checks the result, and completes the step in a run without faults.
func (c cell) try(t *testing.T, n *tally) {
	p, i := c.before.restored(t, "vap_environment")
	config := c.config
	if c.impatient {
		config = withShortTimeouts(config)
		i.State = withShortTimeouts(i.State)
	}
	prior := i.State
	if err := p.Inject(c.faults...); err != nil {
		t.Fatal(err)
	}
	var diagnostics []*tfprotov6.Diagnostic
	if c.interrupt == nil {
		_, diagnostics = run(i, config)
	} else {
		c.interrupted(t, p, func(ctx context.Context) {
			i.Context = ctx
			_, diagnostics = run(i, config)
			i.Context = nil
		})
	}
	errors := errorsOf(diagnostics)
	if err := p.ClearFaults(); err != nil {
		t.Fatal(err)
	}
	calls := callsOf(t, p)
	n.add(c.trial, len(errors), c.struck(calls))

	expectClear(t, diagnostics)
	for _, method := range []string{"migrate", "createenvironment"} {
		if n := len(c.taken(p.Requests(t, method))); n > 1 {
			t.Errorf("%d calls of %s", n, method)
		}
	}
	if len(errors) == 0 {
		c.expectTrue(t, p, i, diagnostics)
		c.mend(t, p)
	} else {
		if c.bearable {
			t.Errorf("the provider could have gone on: %s", acctest.Text(errors))
		}
		c.expectWords(t, errors[0].Detail)
		if c.untouched(i, prior, calls) {
			return // nothing has changed, so the run without faults is already tested
		}
		c.expectKeptOrTrue(t, p, i, prior)
		c.mend(t, p)
		c.again(t, p, i)
		config = c.config
	}
	expectConverged(t, p, i, config)
	c.expectOneMove(t, p)
}

// short is how long an impatient configuration waits for anything.
const short = "1500ms"

// withShortTimeouts returns a configuration or a state with short timeouts.
func withShortTimeouts(values map[string]any) map[string]any {
	if values == nil {
		return nil
	}
	values = maps.Clone(values)
	values["timeouts"] = map[string]any{"create": short, "read": nil, "update": short, "delete": short}
	policy := maps.Clone(values["migration_policy"].(map[string]any))
	policy["timeout"] = short
	values["migration_policy"] = policy
	return values
}

// expectClear expects at most one error, a detail in every diagnostic, and no secrets.
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

// expectWords expects the platform's own text in an error.
func (c trial) expectWords(t *testing.T, text string) {
	t.Helper()
	for _, f := range c.faults {
		if f.Words != "" && !strings.Contains(text, f.Words) {
			t.Errorf("the platform's words %q are not in: %s", f.Words, text)
		}
	}
}

// expectTrue expects that after a success the state agrees with the platform.
func (c cell) expectTrue(t *testing.T, p *acctest.Platform, i *acctest.Instance, diagnostics []*tfprotov6.Diagnostic) {
	t.Helper()
	env := waitAtRest(t, p)
	if (env == nil) != (i.State == nil) {
		t.Fatalf("no error, and on the platform is %+v, in the state %v", env, i.State)
	}
	if slices.ContainsFunc(diagnostics, func(d *tfprotov6.Diagnostic) bool {
		return strings.Contains(d.Summary, "the environment was created, but cannot be read")
	}) {
		return // a warning says that it is unknown
	}
	if env != nil && (env.Region != i.State["region"] || len(env.Nodes) != len(i.State["nodes"].([]any))) {
		t.Errorf("no error, and on the platform is %+v, in the state %v", env, i.State)
	}
}

// expectKeptOrTrue expects that after an error the state agrees with the platform, or is as before.
func (c cell) expectKeptOrTrue(t *testing.T, p *acctest.Platform, i *acctest.Instance, prior map[string]any) {
	t.Helper()
	env := readEnvironment(t, p)
	if i.State == nil {
		if prior != nil {
			t.Fatalf("the state lost the environment, which is %+v", env)
		}
		return
	}
	if env == nil && c.config == nil {
		return // the deletion continues although nobody waits for it
	}
	if env == nil {
		t.Fatalf("the environment is lost, and this is said of it: %v", i.State)
	}
	if region := i.State["region"]; region != prior["region"] && region != env.Region {
		t.Errorf("the state says %v; the environment was in %v and is in %s", region, prior["region"], env.Region)
	}
	// A deleted node may still be in the state. The state of an existing node must be current, or as before.
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

// untouched reports whether the run has changed nothing, so that another run would only repeat the one without
// faults.
func (c cell) untouched(i *acctest.Instance, prior map[string]any, calls []localplatform.Request) bool {
	return !slices.ContainsFunc(calls, isWrite) && !c.impatient &&
		reflect.DeepEqual(i.State, prior) && reflect.DeepEqual(i.Identity, c.before.identity) &&
		bytes.Equal(i.Private, c.before.private)
}

// mend does what a user does about an environment that the platform reports as broken.
func (c cell) mend(t *testing.T, p *acctest.Platform) {
	t.Helper()
	if env := waitAtRest(t, p); env != nil && env.Status == platform.StatusBroken {
		if err := p.SetStatus(name, wire.StatusRunning); err != nil {
			t.Fatal(err)
		}
	}
}

// again runs the step without faults. If a failed creation left an environment, it is imported if it is not in the
// state, and replaced if it is, as Terraform does.
func (c cell) again(t *testing.T, p *acctest.Platform, i *acctest.Instance) {
	t.Helper()
	if c.before.state == nil && i.State != nil {
		if _, d := run(i, nil); acctest.HasErrors(d) {
			t.Fatalf("replacing: %s", acctest.Text(d))
		}
	}
	_, d := run(i, c.config)
	if c.before.state == nil && i.State == nil && waitAtRest(t, p) != nil {
		if len(d) != 1 || acctest.At(d[0]) != "name" || !strings.Contains(d[0].Detail, "import {") {
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
