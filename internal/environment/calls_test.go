package environment_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
	vap "github.com/terraform-provider-vap/terraform-provider-vap/internal/provider"
)

// small is the configuration of one environment of a fleet.
func small(n int, changes ...map[string]any) map[string]any {
	config := map[string]any{
		"name": fmt.Sprintf("shop-%03d", n), "region": economy,
		"node_groups": map[string]any{"cp": map[string]any{"node_type": "nginxphp"}},
	}
	for _, change := range changes {
		maps.Copy(config, change)
	}
	return config
}

// createFleet creates n environments from small with the changes, and as many more as others in the same account.
func createFleet(t *testing.T, p *acctest.Platform, n, others int, changes ...map[string]any) []*acctest.Instance {
	t.Helper()
	for i := n; i < n+others; i++ {
		createOnPlatform(t, p, fmt.Sprintf("shop-%03d", i), economy, nil)
	}
	first := create(t, p, small(0, changes...))
	state, err := json.Marshal(first.State)
	if err != nil {
		t.Fatal(err)
	}
	all := []*acctest.Instance{first}
	for i := 1; i < n; i++ {
		name := fmt.Sprintf("shop-%03d", i)
		createOnPlatform(t, p, name, economy, nil)
		// The refresh at the start of every plan corrects what differs in this copied state.
		one := acctest.NewInstance(t, "vap_environment", p.Provider())
		if err := json.Unmarshal([]byte(strings.ReplaceAll(string(state), "shop-000", name)), &one.State); err != nil {
			t.Fatal(err)
		}
		one.State["app_id"] = nil // every environment has its own
		one.Private = first.Private
		all = append(all, one)
	}
	return all
}

// startServer starts and configures a provider.
func startServer(t *testing.T, p *acctest.Platform) *acctest.Server {
	t.Helper()
	s := acctest.NewServer(t)
	if d := s.Configure(p.Provider()); acctest.HasErrors(d) {
		t.Fatal(acctest.Text(d))
	}
	return s
}

// planAll refreshes and plans environments as Terraform does, with the given parallelism, and expects no changes.
func planAll(t *testing.T, s *acctest.Server, all []*acctest.Instance, parallelism int,
	config func(n int) map[string]any) {
	t.Helper()
	var wait sync.WaitGroup
	turns := make(chan struct{}, parallelism)
	for n, i := range all {
		turns <- struct{}{}
		wait.Go(func() {
			defer func() { <-turns }()
			if d := i.RefreshOn(s); len(d) > 0 {
				t.Error(acctest.Text(d))
			}
			planned, d := i.PlanOn(s, config(n))
			if len(d) > 0 || i.Changes(planned) {
				t.Errorf("%s %s", i.Difference(planned), acctest.Text(d))
			}
		})
	}
	wait.Wait()
}

// countCalls returns the number of calls of each method since that request.
func countCalls(t *testing.T, p *acctest.Platform, since int) map[string]int {
	t.Helper()
	count := map[string]int{}
	for _, r := range p.Requests(t, "")[since:] {
		count[r.Method[strings.LastIndexByte(r.Method, '/')+1:]]++
	}
	return count
}

func sum(count map[string]int) (n int) {
	for _, c := range count {
		n += c
	}
	return n
}

// A plan without changes makes at most four calls, however many environments there are and however many Terraform
// plans at once. For a single environment the provider does not read a large account.
func TestPlanCalls(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		n, others    int
		parallelisms []int
	}{
		{1, 110, []int{1, 10, 50}}, {1, 40, []int{1}}, {3, 40, []int{1, 10, 50}}, {20, 0, []int{1, 10, 50}},
		{150, 0, []int{10}},
	} {
		t.Run(fmt.Sprintf("%d of %d", row.n, row.n+row.others), func(t *testing.T) {
			t.Parallel()
			p := acctest.NewPlatform(t)
			all := createFleet(t, p, row.n, row.others)
			for _, parallelism := range row.parallelisms {
				s, since := startServer(t, p), len(p.Requests(t, ""))
				planAll(t, s, all, parallelism, func(n int) map[string]any { return small(n) })
				count := countCalls(t, p, since)
				if sum(count) > 4 {
					t.Errorf("%d environments, %d at a time: %v", row.n, parallelism, count)
				}
				if byName := row.n == 1 && row.others > 100; byName != (count["getenvs"] == 0) {
					t.Errorf("%d environments of an account of %d: %v", row.n, row.n+row.others, count)
				}
			}
		})
	}
}

// Each node group that declares variables costs one more call, and nothing else does.
func TestOnlyDeclaredVariablesAreRead(t *testing.T) {
	t.Parallel()
	p := acctest.NewPlatform(t)
	all := createFleet(t, p, 3, 0)
	with := map[string]any{"node_groups": map[string]any{
		"cp":    map[string]any{"node_type": "nginxphp", "env": map[string]any{"GREETING": "hello"}},
		"sqldb": map[string]any{"node_type": "mysql8", "env": map[string]any{"SIZE": "2"}},
		"cache": map[string]any{"node_type": "memcached"},
	}}
	apply(t, all[1], small(1, with))
	s, since := startServer(t, p), len(p.Requests(t, ""))
	planAll(t, s, all, 10, func(n int) map[string]any {
		if n == 1 {
			return small(1, with)
		}
		return small(n)
	})
	count := countCalls(t, p, since)
	if variables := count["getcontainerenvvarsbygroup"]; variables != 2 || sum(count)-variables > 4 {
		t.Errorf("%v", count)
	}
}

// barrierTransport holds the calls of a method until the expected number has arrived.
type barrierTransport struct {
	http.RoundTripper
	method string
	wait   *sync.WaitGroup
}

func (m barrierTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, m.method) {
		m.wait.Done()
		m.wait.Wait()
	}
	return m.RoundTripper.RoundTrip(r)
}

// The provider reads the variables of several node groups concurrently. If it read them one after the other, the
// first call would wait for the second for ever.
func TestVariablesOfNodeGroupsAreReadTogether(t *testing.T) {
	t.Parallel()
	p := acctest.NewPlatform(t)
	config := small(0, map[string]any{"node_groups": map[string]any{
		"cp":    map[string]any{"node_type": "nginxphp", "env": map[string]any{"GREETING": "hello"}},
		"sqldb": map[string]any{"node_type": "mysql8", "env": map[string]any{"SIZE": "2"}},
	}})
	i := create(t, p, config)
	var both sync.WaitGroup
	both.Add(2)
	server, err := providerserver.NewProtocol6WithError(custom{vap.New("test")(), platform.Config{
		Transport: barrierTransport{p.Transport(), "/getcontainerenvvarsbygroup", &both},
	}, nil})()
	if err != nil {
		t.Fatal(err)
	}
	s := acctest.NewServerOf(t, vap.PackPrivateState(server))
	if d := s.Configure(map[string]any{}); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	if d := i.RefreshOn(s); len(d) > 0 {
		t.Error(acctest.Text(d))
	}
	expectValues(t, i.State, map[string]any{"node_groups.cp.env.GREETING": "hello", "node_groups.sqldb.env.SIZE": "2"})
}

// When several environments were moved outside Terraform, the provider reads the log once for all of them.
func TestExternalMovesAreLookedUpOnce(t *testing.T) {
	t.Parallel()
	p := acctest.NewPlatform(t)
	all := createFleet(t, p, 4, 0)
	for n := range all {
		if err := p.MoveOutside(fmt.Sprintf("shop-%03d", n), performance); err != nil {
			t.Fatal(err)
		}
	}
	s, since := startServer(t, p), len(p.Requests(t, ""))
	for n, i := range all {
		if d := i.RefreshOn(s); acctest.HasErrors(d) {
			t.Fatal(acctest.Text(d))
		}
		_, d := i.PlanOn(s, small(n))
		expectOne(t, d, isError, "region")
	}
	if count := countCalls(t, p, since); count["getuidactions"] != 1 || sum(count) > 5 {
		t.Errorf("%v", count)
	}
}

// Data sources and domain bindings of the same configuration use the reads of the environments.
func TestDataSourcesShareTheReads(t *testing.T) {
	t.Parallel()
	p := acctest.NewPlatform(t)
	all := createFleet(t, p, 3, 3)
	if err := p.Client.BindDomain(t.Context(), "shop-002", "www.example.com"); err != nil {
		t.Fatal(err)
	}
	binding := acctest.NewInstance(t, "vap_domain_binding", p.Provider())
	if d := binding.Import("shop-002/www.example.com"); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	s, since := startServer(t, p), len(p.Requests(t, ""))
	var wait sync.WaitGroup
	for source, configs := range map[string][]map[string]any{
		"vap_environment":  {{"name": "shop-000"}, {"name": "shop-001"}, {"name": "shop-004"}},
		"vap_environments": {{}, {"region": economy}},
		"vap_regions":      {{}},
	} {
		for _, config := range configs {
			wait.Go(func() {
				if _, d := s.Read(source, config); len(d) > 0 {
					t.Errorf("%s: %s", source, acctest.Text(d))
				}
			})
		}
	}
	planAll(t, s, all, 2, func(n int) map[string]any { return small(n) })
	wait.Wait()
	if d := binding.RefreshOn(s); len(d) > 0 || binding.State == nil {
		t.Error(acctest.Text(d))
	}
	if count := countCalls(t, p, since); sum(count) > 4 || count["getenvs"] != 1 {
		t.Errorf("%v", count)
	}
}

// A plan makes no calls about an environment whose region does not change, except for the stacks if a node group is
// new. It makes one call, the check, about an environment that moves.
func TestModifyPlanCalls(t *testing.T) {
	t.Parallel()
	p := acctest.NewPlatform(t)
	all := createFleet(t, p, 4, 0)
	for _, i := range all {
		if d := i.RefreshOn(startServer(t, p)); len(d) > 0 {
			t.Fatal(acctest.Text(d))
		}
	}
	for name, change := range map[string]map[string]any{
		"nothing": {}, "display name": {"display_name": "Shop"}, "power": {"power": "stopped"}, "policy": permitted,
		"layers": {"node_groups": map[string]any{"cp": map[string]any{"node_type": "nginxphp", "count": 2},
			"cache": map[string]any{"node_type": "memcached"}}},
	} {
		s, since := startServer(t, p), len(p.Requests(t, ""))
		if _, d := all[0].PlanOn(s, small(0, change)); acctest.HasErrors(d) {
			t.Fatal(acctest.Text(d))
		}
		want := map[string]int{}
		if name == "layers" {
			want["gettemplates"] = 1
		}
		if count := countCalls(t, p, since); !maps.Equal(count, want) {
			t.Errorf("%s: %v", name, count)
		}
	}
	for target, permissions := range map[string]map[string]any{performance: {}, south: permitted} {
		s := startServer(t, p)
		planAll(t, s, all[:3], 1, func(n int) map[string]any { return small(n) })
		since := len(p.Requests(t, ""))
		for n, i := range all[:3] {
			planned, d := i.PlanOn(s, small(n, region(target), permissions))
			if acctest.HasErrors(d) || planned.State["planned_migration"] == nil {
				t.Fatalf("%v %s", planned.State, acctest.Text(d))
			}
		}
		// The log is read once, for all environments that this process has read and that need a warning.
		count := countCalls(t, p, since)
		if log := count["getuidactions"]; count["checkmigrationpossibility"] != 3 || log > 1 || sum(count) != 3+log {
			t.Errorf("3 environments that move to %s: %v", target, count)
		}
	}
}

// createMounter creates an environment that mounts a directory from a node of another one.
func createMounter(t *testing.T, p *acctest.Platform, name string, source *acctest.Instance) {
	t.Helper()
	node := int64(source.State["nodes"].([]any)[0].(map[string]any)["id"].(float64))
	createOnPlatform(t, p, name, economy, func(s *platform.EnvironmentSpec) {
		s.NodeGroups[0].Mounts = []platform.Mount{{Path: "/files", Protocol: "NFS", SourceNodeID: node, SourcePath: "/data"}}
	})
}

// A plan rests on the mounts that existed when the environment was read, and the apply looks again before the
// migration: changes of other environments between plan and apply never make the result inconsistent with the plan.
func TestExternalChangesBetweenPlanAndApply(t *testing.T) {
	t.Parallel()
	p, i := newCreated(t, small(0))
	planned, d := i.Plan(small(0, region(performance)))
	if len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	expectValues(t, planned.State, map[string]any{"planned_migration.mode": "live", "planned_migration.dependents": nil})
	createMounter(t, p, "user-2", i)
	expectOne(t, i.Apply(planned), isError, "region")

	if d := i.Refresh(); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	planned, d = i.Plan(small(0, region(performance), permitted))
	if acctest.HasErrors(d) {
		t.Fatal(acctest.Text(d))
	}
	dependent := map[string]any{"kind": "mount", "environment": "user-2", "node_group": "cp", "name": "/files"}
	expectValues(t, planned.State,
		map[string]any{"planned_migration.reason": "mounts", "planned_migration.dependents": []any{dependent}})
	createMounter(t, p, "user-1", i)
	if d := i.Apply(planned); acctest.HasErrors(d) {
		t.Fatal(acctest.Text(d))
	}
	expectValues(t, i.State, map[string]any{"region": performance, "last_migration.to_region": performance})
}

// In a large account, the plan of a single environment ignores other environments, but still refuses a migration that
// they make impossible.
func TestDependentsInALargeAccount(t *testing.T) {
	t.Parallel()
	p := acctest.NewPlatform(t)
	i := createFleet(t, p, 1, 110)[0]
	createMounter(t, p, "user-1", i)
	s, since := startServer(t, p), len(p.Requests(t, ""))
	planAll(t, s, []*acctest.Instance{i}, 1, func(n int) map[string]any { return small(n) })
	if count := countCalls(t, p, since); count["getenvs"] != 0 {
		t.Errorf("nothing moves: %v", count)
	}
	_, d := i.PlanOn(s, small(0, region(performance)))
	expectOne(t, d, isError, "migration_policy.mode")

	offline := map[string]any{"migration_policy": map[string]any{"mode": "offline", "allow_downtime": true}}
	planned, d := i.PlanOn(s, small(0, region(performance), offline))
	expectOne(t, d, isWarning, "region")
	expectValues(t, planned.State,
		map[string]any{"planned_migration.mode": "offline", "planned_migration.dependents": nil})
	createMounter(t, p, "user-2", i)
	if d := i.Apply(planned); acctest.HasErrors(d) {
		t.Fatal(acctest.Text(d))
	}
	expectValues(t, i.State, map[string]any{"region": performance})
}

// A migration takes at most seven calls besides reads of the environment, and exactly one read before it.
func TestApplyCalls(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		others int
		to     string
		groups []any
		want   map[string]int
	}{
		// Terraform plans again first: the check of that plan is the one before the start, and it reads the groups if
		// addresses change.
		"live": {0, performance, nil,
			map[string]int{"getenvs": 1, "checkmigrationpossibility": 1, "getcurrentactions": 1, "getuidactions": 1,
				"getregions": 1, "getpricing": 1, "migrate": 1}},
		"far": {0, south, []any{"shops"},
			map[string]int{"getgroups": 1, "checkmigrationpossibility": 1, "getcurrentactions": 1, "getuidactions": 1,
				"getregions": 1, "getpricing": 1, "migrate": 1}},
		"one of two": {1, performance, nil,
			map[string]int{"getenvs": 1, "checkmigrationpossibility": 1, "getcurrentactions": 1, "getuidactions": 1,
				"getregions": 1, "getpricing": 1, "migrate": 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
				p := acctest.NewPlatform(t)
				groups := map[string]any{"groups": row.groups}
				all := createFleet(t, p, 1+row.others, 0, groups)
				s := startServer(t, p)
				for _, i := range all {
					if d := i.RefreshOn(s); len(d) > 0 {
						t.Fatal(acctest.Text(d))
					}
				}
				planned, d := all[0].PlanOn(s, small(0, region(row.to), permitted, groups))
				if acctest.HasErrors(d) {
					t.Fatal(acctest.Text(d))
				}
				since := len(p.Requests(t, ""))
				if d := all[0].Apply(planned); acctest.HasErrors(d) {
					t.Fatal(acctest.Text(d))
				}
				requests := p.Requests(t, "")[since:]
				began := slices.IndexFunc(requests, func(r localplatform.Request) bool {
					return strings.HasSuffix(r.Method, "/migrate")
				})
				if looks := countOf(requests[:max(0, began)], "getenvinfo"); looks != 1 {
					t.Errorf("%d reads before the migration", looks)
				}
				count := countCalls(t, p, since)
				delete(count, "getenvinfo")
				if !maps.Equal(count, row.want) || sum(count) > 7 {
					t.Errorf("calls other than reads: %v, want %v", count, row.want)
				}
			})
		})
	}
}

// custom is the provider with a client that the test configures.
type custom struct {
	provider.Provider
	config platform.Config
	warn   func(ctx context.Context, message string, fields map[string]any)
}

func (c custom) Configure(_ context.Context, _ provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	c.config.Endpoint, c.config.Token, c.config.RequestsPerSecond = "http://localhost", localplatform.OwnerToken, 1000
	client, err := platform.New(c.config)
	if err != nil {
		resp.Diagnostics.AddError("unusable", err.Error())
	}
	service := migration.NewService(client, migration.Settings{Warn: c.warn})
	resp.ResourceData, resp.DataSourceData = service, service
}

// If an account is too large for one response or may not be listed, the provider reads environments by name and logs
// that once.
func TestAccountsThatCannotBeListed(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]*faults.Fault{
		"too large":     nil,
		"no permission": {Kind: faults.Refuse, Method: "getenvs", Code: 8202, Words: "no permission", Times: -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := acctest.NewPlatform(t)
			all := createFleet(t, p, 8, 0)
			if fault != nil {
				if err := p.Inject(*fault); err != nil {
					t.Fatal(err)
				}
			}
			var mu sync.Mutex
			var log []string
			server, err := providerserver.NewProtocol6WithError(
				custom{vap.New("test")(), platform.Config{Transport: p.Transport(), AnswerLimit: 8 << 10}, func(_ context.Context,
					message string, fields map[string]any) {
					mu.Lock()
					defer mu.Unlock()
					log = append(log, fmt.Sprint(message, fields))
				}})()
			if err != nil {
				t.Fatal(err)
			}
			s := acctest.NewServerOf(t, vap.PackPrivateState(server))
			if d := s.Configure(map[string]any{}); len(d) > 0 {
				t.Fatal(acctest.Text(d))
			}
			since := len(p.Requests(t, ""))
			planAll(t, s, all, 10, func(n int) map[string]any { return small(n) })
			planAll(t, s, all, 10, func(n int) map[string]any { return small(n) })
			if count := countCalls(t, p, since); count["getenvs"] != 1 || count["getenvinfo"] != len(all) {
				t.Errorf("%v", count)
			}
			if len(log) != 1 || !strings.Contains(log[0], "cannot be listed") {
				t.Errorf("log: %q", log)
			}
		})
	}
}

// A plan never uses what the same process read before an apply, for example in a debugger.
func TestReadAfterApply(t *testing.T) {
	t.Parallel()
	p := acctest.NewPlatform(t)
	all := createFleet(t, p, 3, 0)
	s := startServer(t, p)
	config := func(n int) map[string]any { return small(n) }
	planAll(t, s, all, 3, config)
	named := small(1, map[string]any{"display_name": "Shop"})
	planned, _ := all[1].PlanOn(s, named)
	if d := all[1].ApplyOn(t.Context(), s, planned); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	for name, wanted := range map[string]any{"shop-001": "Shop", "shop-002": nil} {
		if state, d := s.Read("vap_environment", map[string]any{"name": name}); len(d) > 0 ||
			state["display_name"] != wanted {
			t.Errorf("%s: %v %s", name, state["display_name"], acctest.Text(d))
		}
	}
	planAll(t, s, all, 3, func(n int) map[string]any {
		if n == 1 {
			return named
		}
		return small(n)
	})
}
