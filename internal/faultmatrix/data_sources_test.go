package faultmatrix

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

// inhabited creates a platform with one environment.
func inhabited(t *testing.T) (world snapshot) {
	t.Helper()
	acctest.InNoTime(t, world.at, func(t *testing.T) {
		p := world.platform(t)
		if _, err := p.Client.CreateEnvironment(t.Context(), platform.EnvironmentSpec{
			Name: name, Region: economy, NodeGroups: []platform.NodeGroupSpec{{Name: layer, NodeType: "nginxphp", Count: 1}},
		}); err != nil {
			t.Fatal(err)
		}
		world = take(t, p, acctest.NewInstance(t, "vap_domain_binding", nil))
	})
	return world
}

// question is a data source and the calls that it makes when nothing fails.
type question struct {
	name       string
	dataSource string
	config     map[string]any
	calls      []localplatform.Request
	// answer is the result without faults; without has the results by the unneeded call that is refused or cannot be
	// made for a moment.
	answer  map[string]any
	without map[string][]map[string]any
}

// unneeded returns the calls without which a data source still responds, with less: of prices, and of other
// environments that depend on one.
func (q question) unneeded() []string {
	if q.dataSource == "vap_migration_check" {
		return []string{dispensable, "getenvs"}
	}
	return []string{dispensable}
}

func (q question) ask(t *testing.T, p *acctest.Platform) (map[string]any, string, int) {
	t.Helper()
	s := acctest.NewServer(t)
	if d := s.Configure(p.Provider()); acctest.HasErrors(d) {
		t.Fatal(acctest.Text(d))
	}
	answer, d := s.Read(q.dataSource, q.config)
	expectClear(t, d)
	return answer, acctest.Text(d), len(errorsOf(d))
}

// TestEveryCallOfDataSourcesWithEveryFault reads each data source with each fault in each of its calls.
func TestEveryCallOfDataSourcesWithEveryFault(t *testing.T) {
	world := inhabited(t)
	questions := []question{
		{name: "regions", dataSource: "vap_regions", config: map[string]any{}},
		{name: "region", dataSource: "vap_region", config: map[string]any{"name": south}},
		{name: "environments", dataSource: "vap_environments", config: map[string]any{}},
		{name: "environment", dataSource: "vap_environment", config: map[string]any{"name": name}},
		{name: "check of a live move", dataSource: "vap_migration_check",
			config: map[string]any{"environment": name, "to_region": performance}},
		{name: "check of an offline move", dataSource: "vap_migration_check",
			config: map[string]any{"environment": name, "to_region": south}},
		{name: "stacks", dataSource: "vap_stacks", config: map[string]any{}},
	}
	type asked struct {
		question
		trial
	}
	var all []asked
	for _, q := range questions {
		learn := func(faults ...faults.Fault) (answer map[string]any, calls []localplatform.Request) {
			acctest.InNoTime(t, world.at, func(t *testing.T) {
				p := world.platform(t)
				if err := p.Inject(faults...); err != nil {
					t.Fatal(err)
				}
				var text string
				var problems int
				if answer, text, problems = q.ask(t, p); problems > 0 {
					t.Fatalf("%s: %s", q.name, text)
				}
				calls = callsOf(t, p)
			})
			return answer, calls
		}
		q.answer, q.calls = learn()
		q.without = map[string][]map[string]any{}
		for _, method := range q.unneeded() {
			for _, f := range []faults.Fault{{Kind: faults.Refuse, Code: wire.ResultMissingTokenPermission},
				{Kind: faults.Cut}} {
				f.Method = method
				answer, _ := learn(f)
				q.without[method] = append(q.without[method], answer)
			}
		}
		for _, c := range trialsOf(q.calls) {
			all = append(all, asked{q, c})
		}
	}
	var n tally
	t.Run("cells", func(t *testing.T) {
		for _, c := range sample(all, func(c asked) (string, trial) { return c.question.name, c.trial }) {
			t.Run(c.question.name+"/"+c.trial.name, func(t *testing.T) {
				t.Parallel()
				acctest.InNoTime(t, world.at, func(t *testing.T) { c.try(t, world.platform(t), c.trial, &n) })
			})
		}
	})
	n.report(t, "data sources", len(all))
}

func (q question) try(t *testing.T, p *acctest.Platform, c trial, n *tally) {
	if err := p.Inject(c.faults...); err != nil {
		t.Fatal(err)
	}
	answer, text, problems := q.ask(t, p)
	calls := callsOf(t, p)
	n.add(c, problems, c.struck(calls))
	right := []map[string]any{q.answer}
	for method, answers := range q.without {
		if c.strikes(method) {
			right = append(right, answers...)
		}
	}
	switch {
	case problems > 0 && c.bearable:
		t.Errorf("the provider could have gone on: %s", text)
	case problems > 0:
		c.expectWords(t, text)
	case q.dataSource == "vap_migration_check" && c.faults[0].Method == "checkmigrationpossibility" &&
		c.faults[0].Words != "" && !c.bearable:
		// The result is that the platform would refuse the migration.
		c.expectWords(t, fmt.Sprint(answer["blockers"], answer["warnings"]))
	case !slices.ContainsFunc(right, func(right map[string]any) bool { return reflect.DeepEqual(answer, right) }):
		t.Errorf("the answer is\n%v, and was\n%v", answer, q.answer)
	}
	if slices.ContainsFunc(calls, isWrite) {
		t.Errorf("reading has changed something: %v", calls)
	}
	if err := p.ClearFaults(); err != nil {
		t.Fatal(err)
	}
	if answer, text, _ := q.ask(t, p); !reflect.DeepEqual(answer, q.answer) {
		t.Errorf("without faults the answer is\n%v, and was\n%v: %s", answer, q.answer, text)
	}
}
