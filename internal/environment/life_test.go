package environment_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

func TestCreateUsesConfigurationAndDefaults(t *testing.T) {
	t.Parallel()
	p := acctest.NewPlatform(t)
	i := create(t, p, map[string]any{
		"name": "shop-prod", "region": performance, "display_name": "Shop", "groups": []any{"shop/prod"},
		"node_groups": map[string]any{
			"cp": map[string]any{"node_type": "nginxphp", "count": 2, "reserved_cloudlets": 2, "dynamic_cloudlets": 6,
				"disk_gb": 15},
			"sqldb":  map[string]any{"node_type": "mysql8", "public_ipv4_count": 1},
			"worker": map[string]any{"node_type": "docker", "image": "library/busybox", "tag": "1.36", "public_ipv6_count": 1},
		},
	})
	expectValues(t, i.State, map[string]any{
		"id": "shop-prod", "region": performance, "datacenter": "north", "display_name": "Shop",
		"domain": "shop-prod.north.vap.test", "url": "http://shop-prod.north.vap.test",
		"planned_migration": nil, "last_migration": nil,
		"node_groups.cp.count": 2.0, "node_groups.cp.reserved_cloudlets": 2.0, "node_groups.cp.dynamic_cloudlets": 6.0,
		"node_groups.cp.disk_gb":  15.0,
		"node_groups.sqldb.count": 1.0, "node_groups.sqldb.public_ipv4_count": 1.0,
		"node_groups.sqldb.public_ipv6_count": 0.0,
		"node_groups.worker.image":            "library/busybox", "node_groups.worker.tag": "1.36",
		"node_groups.worker.public_ipv6_count": 1.0,
	})
	nodes := i.State["nodes"].([]any)
	if len(nodes) != 4 {
		t.Errorf("%d nodes", len(nodes))
	}
	if got := i.State["groups"]; !reflect.DeepEqual(got, []any{"shop/prod"}) {
		t.Errorf("groups %v", got)
	}
	if calls := p.Requests(t, "createenvironment"); len(calls) != 1 {
		t.Errorf("%d creations", len(calls))
	}
}

func TestCreateProblems(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		config map[string]any
		world  func(*acctest.Platform) error // between plan and apply
		atPlan bool
		at     string
		exists bool // as a tainted resource
	}{
		"region that does not exist": {shop(region("north-economi")), nil, true, "region",
			false},
		"region not enabled": {shop(region("north-legacy")), nil, true, "region",
			false},
		"no node groups": {map[string]any{"name": "shop-prod", "region": economy}, nil, true, "node_groups",
			false},
		"name taken in own account": {shop(), func(p *acctest.Platform) error { return occupy(t, p, "shop-prod") }, false,
			"name", false},
		"name taken in another account": {shop(), func(p *acctest.Platform) error {
			return p.Inject(refusal("createenvironment", 2314, "domain is taken"))
		}, false, "name",
			false},
		"region disabled later": {shop(), func(p *acctest.Platform) error { return p.SetRegionEnabled(economy, false) },
			false, "region",
			false},
		"stack that does not exist": {shop(withNodeGroups(map[string]any{"cp": map[string]any{"node_type": "cobol"}})), nil,
			true,
			`node_groups["cp"].node_type`, false},
		"stack that is not offered there": {shop(), func(p *acctest.Platform) error {
			return p.Inject(refusal("createenvironment", wire.ResultNodeTypeNotAllowed, "node type is not supported"))
		}, false, "node_groups", false},
		"quota": {shop(), func(p *acctest.Platform) error { return p.Inject(refusal("createenvironment", 2360, "too many")) },
			false, "node_groups",
			false},
		"token without permission": {shop(), func(p *acctest.Platform) error {
			return p.Inject(refusal("createenvironment", 8202, "no permission"))
		}, false, "",
			false},
		"answer lost, not created": {shop(), func(p *acctest.Platform) error {
			return p.Inject(fault(faults.Cut, "createenvironment", faults.WhenBefore))
		}, false, "",
			false},
		"broken from the start": {shop(), func(p *acctest.Platform) error {
			return p.Inject(faults.Fault{Kind: faults.Fail, Method: "createenvironment", Code: 4099, Words: "image trouble",
				Broken: true})
		}, false, "name", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := acctest.NewPlatform(t)
			i := acctest.NewInstance(t, "vap_environment", p.Provider())
			planned, d := i.Plan(row.config)
			if row.atPlan {
				expectOne(t, d, isError, row.at)
				return
			}
			if len(d) > 0 {
				t.Fatal(acctest.Text(d))
			}
			if row.world != nil {
				if err := row.world(p); err != nil {
					t.Fatal(err)
				}
			}
			expectOne(t, i.Apply(planned), isError, row.at)
			if (i.State != nil) != row.exists {
				t.Errorf("state %v", i.State)
			}
		})
	}
}

// occupy creates an environment behind Terraform's back.
func occupy(t *testing.T, p *acctest.Platform, name string) error {
	t.Helper()
	i := acctest.NewInstance(t, "vap_environment", p.Provider())
	apply(t, i, shop(map[string]any{"name": name}))
	return nil
}

func TestCreateSurvivesLostAnswer(t *testing.T) {
	t.Parallel()
	p := acctest.NewPlatform(t)
	if err := p.Inject(fault(faults.Cut, "createenvironment", faults.WhenStarted)); err != nil {
		t.Fatal(err)
	}
	i := create(t, p, shop())
	expectValues(t, i.State, map[string]any{"region": economy, "datacenter": "north"})
	if calls := p.Requests(t, "createenvironment"); len(calls) != 1 {
		t.Errorf("%d creations", len(calls))
	}
}

// A creation that succeeded is not lost if the read after it fails: there is a warning, and the environment is in the
// state and not tainted.
func TestUnreadableCreateIsInTheState(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]faults.Fault{
		"token revoked": refusal("getenvinfo", 702, "not authenticated"),
		"no permission": refusal("getenvinfo", 8202, "no permission"),
		"unknown code":  refusal("getenvinfo", 4711, "who knows"),
		"HTML":          {Kind: faults.HTML, Method: "getenvinfo"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := acctest.NewPlatform(t)
			i := acctest.NewInstance(t, "vap_environment", p.Provider())
			planned := plan(t, i, shop())
			f.Since, f.Times = "createenvironment", -1
			if err := p.Inject(f); err != nil {
				t.Fatal(err)
			}
			expectOne(t, i.Apply(planned), isWarning, "")
			if err := p.ClearFaults(); err != nil {
				t.Fatal(err)
			}
			if d := i.Refresh(); len(d) > 0 {
				t.Fatal(acctest.Text(d))
			}
			if again := plan(t, i, shop()); i.Changes(again) {
				t.Errorf("the next plan is not empty: %s", i.Difference(again))
			}
		})
	}
}

func TestInterruptedCreateIsInTheState(t *testing.T) {
	t.Parallel()
	p := acctest.NewPlatform(t)
	if err := p.Inject(faults.Fault{Kind: faults.Prolong, Method: "createenvironment",
		Delay: faults.Duration(5 * time.Second)}); err != nil {
		t.Fatal(err)
	}
	i := acctest.NewInstance(t, "vap_environment", p.Provider())
	planned := plan(t, i, shop())
	d := i.ApplyContext(interruptAtCall(t, p, "createenvironment", 1), planned)
	if acctest.HasErrors(d) || i.State == nil {
		t.Fatalf("an interrupted creation is lost: %s", acctest.Text(d))
	}
	planned, _ = i.Plan(nil)
	if d := i.Apply(planned); len(d) > 0 || i.State != nil {
		t.Errorf("the provider did not wait for the creation and delete: %s", acctest.Text(d))
	}
}

func TestReadKeepsEnvironmentOnErrors(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]faults.Fault{
		"no permission":  refusal("getenvinfo", 8, "permission denied"),
		"token expired":  {Kind: faults.Expire, Method: "getenvinfo"},
		"unknown code":   refusal("getenvinfo", 4711, "who knows"),
		"code 901":       refusal("getenvinfo", 901, "which one?"),
		"code 5":         refusal("getenvinfo", 5, "which object?"),
		"HTML":           {Kind: faults.HTML, Method: "getenvinfo", Times: -1},
		"regions refuse": refusal("getregions", 8202, "no permission"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, i := newCreated(t, shop())
			before := i.State
			// Without the list of environments, the provider reads each by name.
			list := fault
			list.Method = "getenvs"
			if err := p.Inject(list, fault); err != nil {
				t.Fatal(err)
			}
			expectOne(t, i.Refresh(), isError, "")
			if !reflect.DeepEqual(before, i.State) {
				t.Errorf("state %v", i.State)
			}
		})
	}

	p, i := newCreated(t, shop())
	if err := p.Client.DeleteEnvironment(t.Context(), "shop-prod"); err != nil {
		t.Fatal(err)
	}
	if d := i.Refresh(); len(d) > 0 || i.State != nil {
		t.Errorf("a deleted environment stays in the state: %v %s", i.State, acctest.Text(d))
	}
}

// The number of calls of a plan without changes does not grow with the number of environments.
func TestReadCalls(t *testing.T) {
	t.Parallel()
	p := acctest.NewPlatform(t)
	var all []*acctest.Instance
	for n := range 20 {
		all = append(all, create(t, p, shop(map[string]any{"name": fmt.Sprintf("shop-%02d", n)})))
	}
	server := acctest.NewServer(t)
	if d := server.Configure(p.Provider()); acctest.HasErrors(d) {
		t.Fatal(acctest.Text(d))
	}
	since := len(p.Requests(t, ""))
	for n, i := range all {
		if d := i.RefreshOn(server); len(d) > 0 {
			t.Fatal(acctest.Text(d))
		}
		planned, d := i.PlanOn(server, shop(map[string]any{"name": fmt.Sprintf("shop-%02d", n)}))
		if len(d) > 0 || i.Changes(planned) {
			t.Fatalf("%s %s", i.Difference(planned), acctest.Text(d))
		}
	}
	if calls := p.Requests(t, "")[since:]; len(calls) > 4 {
		t.Errorf("%d calls: %v", len(calls), calls)
	}
}

// A refresh after an operation changes neither the state nor private state, so that drift detection that compares
// states (plan -refresh-only -detailed-exitcode) finds nothing.
func TestRefreshAfterAnOperationChangesNothing(t *testing.T) {
	t.Parallel()
	p := acctest.NewPlatform(t)
	i := acctest.NewInstance(t, "vap_environment", p.Provider())
	unchanged := func(after string) {
		t.Helper()
		state, private := i.State, string(i.Private)
		if d := i.Refresh(); len(d) > 0 {
			t.Fatal(acctest.Text(d))
		}
		if !reflect.DeepEqual(i.State, state) {
			t.Errorf("after %s a refresh changes the state", after)
		}
		if string(i.Private) != private {
			t.Errorf("after %s a refresh changes the private state from\n%s\nto\n%s", after, private, i.Private)
		}
	}
	apply(t, i, shop())
	unchanged("a creation")
	apply(t, i, shop(map[string]any{"display_name": "Shop"}))
	unchanged("an update")
	apply(t, i, shop(map[string]any{"display_name": "Shop"}, region(performance)))
	if d := i.Refresh(); len(d) > 0 { // which removes planned_migration
		t.Fatal(acctest.Text(d))
	}
	unchanged("a migration")
	if err := p.MoveOutside("shop-prod", economy); err != nil {
		t.Fatal(err)
	}
	if d := i.Refresh(); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	apply(t, i, shop(map[string]any{"display_name": "Shop"}, region(economy)))
	unchanged("a move outside Terraform that was followed")
	i = acctest.NewInstance(t, "vap_environment", p.Provider())
	if d := i.Import("shop-prod"); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	if d := i.Refresh(); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	unchanged("an import")
}

func TestMissingFromListIsNotGone(t *testing.T) {
	t.Parallel()
	p, i := newCreated(t, shop())
	if err := p.Inject(faults.Fault{Kind: faults.Refuse, Method: "getenvs", Code: 8, Words: "not yours"}); err != nil {
		t.Fatal(err)
	}
	since := len(p.Requests(t, ""))
	if d := i.Refresh(); len(d) > 0 || i.State == nil {
		t.Fatal(acctest.Text(d))
	}
	if n := countOf(p.Requests(t, "")[since:], "getenvinfo"); n != 1 {
		t.Errorf("read by name %d times", n)
	}
}

func TestDelete(t *testing.T) {
	t.Parallel()
	for name, list := range map[string][]faults.Fault{
		"no faults":          nil,
		"already deleted":    nil,
		"busy twice":         {{Kind: faults.Refuse, Method: "deleteenv", Code: 2212, Words: "busy", Times: 2}},
		"answer lost":        {fault(faults.Cut, "deleteenv", faults.WhenAfter)},
		"never arrived":      {fault(faults.Cut, "deleteenv", faults.WhenBefore)},
		"answer lost midway": {{Kind: faults.Gateway, Method: "deleteenv", When: faults.WhenStarted, Status: 504}},
		"read fails once":    {{Kind: faults.Gateway, Method: "getenvinfo", Status: 502}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, i := newCreated(t, shop())
			if err := p.Inject(list...); err != nil {
				t.Fatal(err)
			}
			if name == "already deleted" {
				if err := p.Client.DeleteEnvironment(t.Context(), "shop-prod"); err != nil {
					t.Fatal(err)
				}
			}
			planned, _ := i.Plan(nil)
			if d := i.Apply(planned); len(d) > 0 || i.State != nil {
				t.Fatalf("%v %s", i.State, acctest.Text(d))
			}
			if _, err := p.Client.Environment(t.Context(), "shop-prod"); err == nil {
				t.Error("the environment is still there")
			}
		})
	}
	for _, code := range []int{5, 8, 901} { // only code 11 means that it is gone
		t.Run(fmt.Sprintf("refused with code %d", code), func(t *testing.T) {
			t.Parallel()
			p, i := newCreated(t, shop())
			if err := p.Inject(refusal("deleteenv", code, "not yours")); err != nil {
				t.Fatal(err)
			}
			planned, _ := i.Plan(nil)
			expectOne(t, i.Apply(planned), isError, "")
			if i.State == nil {
				t.Error("the environment was removed from the state")
			}
		})
	}
}

func TestImport(t *testing.T) {
	t.Parallel()
	p, original := newCreated(t, shop(map[string]any{"display_name": "Shop"}))
	i := acctest.NewInstance(t, "vap_environment", p.Provider())
	if d := i.Import("shop-prod"); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	if d := i.Refresh(); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	if !reflect.DeepEqual(i.State, original.State) {
		t.Errorf("imported %v\nwant     %v", i.State, original.State)
	}
	// What is not configured is not managed and stays.
	partly := map[string]any{"name": "shop-prod", "region": economy,
		"node_groups": map[string]any{"cp": map[string]any{"node_type": "nginxphp"}}}
	partial := acctest.NewInstance(t, "vap_environment", p.Provider())
	partial.Import("shop-prod")
	partial.Refresh()
	adopted, d := partial.Plan(partly)
	expectOne(t, d, isWarning, "node_groups")
	if d := errorsOf(partial.Apply(adopted)); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	if env, err := p.Client.Environment(t.Context(), "shop-prod"); err != nil || len(env.NodeGroups) != 2 {
		t.Errorf("%+v, %v", env.NodeGroups, err)
	}
	if d := partial.Refresh(); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	if again := plan(t, partial, partly); partial.Changes(again) {
		t.Errorf("the next plan is not empty: %s", partial.Difference(again))
	}
	// An imported environment can move like any other, even in the plan of the import.
	planned := plan(t, i, shop(map[string]any{"display_name": "Shop"}, region(performance)))
	expectValues(t, planned.State, map[string]any{"planned_migration.mode": "live"})
}

// If the platform cannot be reached or used, the error names the argument to check.
func TestConnectionErrors(t *testing.T) {
	t.Parallel()
	answer := func(status int, body string) *httptest.Server {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}))
		t.Cleanup(s.Close)
		return s
	}
	untrusted := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(untrusted.Close)
	// Nobody listens on the near end of a connection, and nobody else gets its port.
	dead, err := net.Dial("tcp", strings.TrimPrefix(answer(200, "").URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = dead.Close() })
	for name, endpoint := range map[string]string{
		"a web page":                 answer(200, "<html><title>Welcome</title></html>").URL,
		"not found":                  answer(404, "no such page").URL,
		"wrong token":                answer(200, `{"result":702,"error":"not authenticated","source":"hx-core"}`).URL,
		"token without permission":   answer(200, `{"result":8202,"error":"no permission"}`).URL,
		"dead host":                  "http://" + dead.LocalAddr().String(),
		"untrusted certificate":      untrusted.URL,
		"TLS to a plain HTTP server": strings.Replace(answer(200, "{}").URL, "http://", "https://", 1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := acctest.NewInstance(t, "vap_environment",
				map[string]any{"endpoint": endpoint, "token": "very-secret-token"})
			_, d := i.Plan(shop())
			expectOne(t, d, isError, "")
			if strings.Contains(acctest.Text(d), "very-secret") {
				t.Error("the token is in a diagnostic")
			}
		})
	}
}
