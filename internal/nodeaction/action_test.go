package nodeaction_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

const (
	restart  = "vap_restart_nodes"
	redeploy = "vap_redeploy_containers"
)

// newPlatform has an environment with a stack of the platform, a database, and containers of an image.
func newPlatform(t *testing.T) *acctest.Platform {
	t.Helper()
	p := acctest.NewPlatform(t)
	_, err := p.Client.CreateEnvironment(t.Context(), platform.EnvironmentSpec{
		Name: "shop-prod", Region: "north-economy", NodeGroups: []platform.NodeGroupSpec{
			{Name: "cp", NodeType: "nginxphp", Count: 2, Tag: "1.28.0-php-8.4.11"},
			{Name: "sqldb", NodeType: "mysql8"},
			{Name: "docker", NodeType: "docker", Image: "acme/app", Tag: "1.0", Env: map[string]string{"DB": "10.0.0.1"}},
		},
	})
	must(t, err)
	return p
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func inject(t *testing.T, p *acctest.Platform, fault faults.Fault) {
	t.Helper()
	must(t, p.Inject(fault))
}

// config is a configuration of an action for shop-prod with some changes.
func config(changes map[string]any, groups ...any) map[string]any {
	c := map[string]any{"environment": "shop-prod", "node_groups": groups}
	maps.Copy(c, changes)
	return c
}

var expect = acctest.ExpectOne

const isError, isWarning = tfprotov6.DiagnosticSeverityError, tfprotov6.DiagnosticSeverityWarning

// expectMessages compares the messages, except for durations.
func expectMessages(t *testing.T, messages []string, want ...string) {
	t.Helper()
	took := regexp.MustCompile(`(in|after) \d+ s$`)
	for i := range messages {
		if len([]rune(messages[i])) > 120 {
			t.Errorf("a message of %d characters: %s", len(messages[i]), messages[i])
		}
		messages[i] = took.ReplaceAllString(messages[i], "$1 T")
	}
	if !slices.Equal(messages, want) {
		t.Errorf("messages\n%s\nwant\n%s", strings.Join(messages, "\n"), strings.Join(want, "\n"))
	}
}

// calls are the node groups and tags of a method's calls, in order.
func calls(t *testing.T, p *acctest.Platform, method string) (list []string) {
	t.Helper()
	for _, r := range p.Requests(t, method) {
		list = append(list, strings.TrimSpace(r.Parameters["nodegroup"]+" "+r.Parameters["tag"]))
	}
	return list
}

func expectCalls(t *testing.T, p *acctest.Platform, method string, want ...string) {
	t.Helper()
	if got := calls(t, p, method); !slices.Equal(got, want) {
		t.Errorf("calls of %s: %q, want %q", method, got, want)
	}
}

const (
	restarts  = "restartnodesbygroup"
	redeploys = "redeploycontainersbygroup"
)

func TestRestart(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	a := acctest.NewAction(t, restart, p.Provider())
	c := config(nil, "sqldb", "cp")
	if d := slices.Concat(a.Validate(c), a.Plan(c)); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	expectCalls(t, p, restarts)
	messages, d := a.Invoke(t.Context(), c)
	if len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	expectMessages(t, messages, "shop-prod: restarting sqldb, 1 node", "shop-prod: verifying sqldb",
		"shop-prod: restarting cp, 2 nodes", "shop-prod: verifying cp", "shop-prod: done in T")
	expectCalls(t, p, restarts, "sqldb", "cp")
	for _, r := range p.Requests(t, restarts) {
		if !strings.HasPrefix(r.Parameters["ruk"], "terraform-") {
			t.Errorf("the request key is %q", r.Parameters["ruk"])
		}
	}
}

func TestRedeploy(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	a := acctest.NewAction(t, redeploy, p.Provider())
	c := config(map[string]any{"tag": "2.0"}, "docker")
	if d := slices.Concat(a.Validate(c), a.Plan(c)); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	messages, d := a.Invoke(t.Context(), c)
	if len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	expectMessages(t, messages, "shop-prod: redeploying docker, 1 node, tag 2.0", "shop-prod: verifying docker",
		"shop-prod: done in T")
	if volumes := p.Requests(t, redeploys)[0].Parameters["useexistingvolumes"]; volumes != "true" {
		t.Errorf("useExistingVolumes is %q", volumes)
	}

	// Without tag, each node group keeps its own, including stacks of the platform.
	c = config(nil, "docker", "cp")
	if d := slices.Concat(a.Validate(c), a.Plan(c)); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	if _, d = a.Invoke(t.Context(), c); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	expectCalls(t, p, redeploys, "docker 2.0", "docker 2.0", "cp 1.28.0-php-8.4.11")
	env, err := p.Client.Environment(t.Context(), "shop-prod")
	must(t, err)
	for _, n := range env.Nodes {
		if n.NodeGroup == "docker" && n.Tag != "2.0" {
			t.Errorf("the tag is %s", n.Tag)
		}
	}
}

// Validate, plan and apply report input that is wrong whatever the platform says.
func TestBadInput(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	for name, row := range map[string]struct {
		action string
		config map[string]any
		at     string
	}{
		"null environment":  {restart, config(map[string]any{"environment": nil}, "cp"), "environment"},
		"empty environment": {restart, config(map[string]any{"environment": ""}, "cp"), "environment"},
		"null groups":       {restart, config(map[string]any{"node_groups": nil}), "node_groups"},
		"no groups":         {redeploy, config(map[string]any{"node_groups": []any{}}), "node_groups"},
		"null group":        {restart, config(nil, "cp", nil), "node_groups[1]"},
		"empty group":       {restart, config(nil, "cp", ""), "node_groups[1]"},
		"group twice":       {restart, config(nil, "cp", "sqldb", "cp"), "node_groups[2]"},
		"tag with an image": {redeploy, config(map[string]any{"tag": "acme/app:2"}, "docker"), "tag"},
		"empty tag":         {redeploy, config(map[string]any{"tag": ""}, "docker"), "tag"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := acctest.NewAction(t, row.action, p.Provider())
			expect(t, a.Validate(row.config), isError, row.at)
			expect(t, a.Plan(row.config), isError, row.at)
			messages, d := a.Invoke(t.Context(), row.config)
			expect(t, d, isError, row.at)
			expectMessages(t, messages)
		})
	}
	t.Run("timeout", func(t *testing.T) {
		t.Parallel()
		d := acctest.NewAction(t, restart, p.Provider()).
			Validate(config(map[string]any{"timeouts": map[string]any{"invoke": "soon"}}, "cp"))
		expect(t, d, isError, "timeouts.invoke")
	})
}

// The plan reports what the platform would refuse, and so does the apply, before its first call.
func TestInputRefusedByPlatform(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	_, err := p.Client.CreateEnvironment(t.Context(), platform.EnvironmentSpec{
		Name: "servers", Region: "north-economy", NodeGroups: []platform.NodeGroupSpec{{Name: "vps", NodeType: "ubuntu-vps"}},
	})
	must(t, err)
	for name, row := range map[string]struct {
		action string
		config map[string]any
		at     string
	}{
		"unknown environment": {restart, config(map[string]any{"environment": "shop-pord"}, "cp"), "environment"},
		"unknown group":       {restart, config(nil, "sqldb", "sqldbs"), "node_groups[1]"},
		"no similar group":    {redeploy, config(nil, "xyz"), "node_groups[0]"},
		"no container":        {redeploy, config(map[string]any{"environment": "servers"}, "vps"), "node_groups[0]"},
		"unknown tag":         {redeploy, config(map[string]any{"tag": "8.0.99"}, "sqldb"), "tag"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := acctest.NewAction(t, row.action, p.Provider())
			if d := a.Validate(row.config); len(d) > 0 {
				t.Errorf("validate needs the platform: %s", acctest.Text(d))
			}
			expect(t, a.Plan(row.config), isError, row.at)
			messages, d := a.Invoke(t.Context(), row.config)
			expect(t, d, isError, row.at)
			expectMessages(t, messages)
		})
	}
	t.Cleanup(func() {
		if n := len(calls(t, p, restarts)) + len(calls(t, p, redeploys)); n > 0 {
			t.Errorf("%d calls to the platform", n)
		}
	})
}

func TestUnknownValues(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	unknown := acctest.Unknown{}
	for name, c := range map[string]map[string]any{
		"environment": config(map[string]any{"environment": unknown}, "cp"),
		"groups":      config(map[string]any{"node_groups": unknown}),
		"group":       config(nil, "cp", unknown),
		"tag":         config(map[string]any{"tag": unknown}, "cp"),
	} {
		t.Run(name, func(t *testing.T) {
			a := acctest.NewAction(t, redeploy, p.Provider())
			if d := slices.Concat(a.Validate(c), a.Plan(c)); len(d) > 0 {
				t.Error(acctest.Text(d))
			}
			_, d := a.Invoke(t.Context(), c)
			expect(t, d, isError, "")
		})
	}
	// The plan still checks the known values.
	d := acctest.NewAction(t, restart, p.Provider()).Plan(config(nil, unknown, "cpp"))
	expect(t, d, isError, "node_groups[1]")
	// If the provider's own configuration is unknown, the action plans without the platform.
	if d := acctest.NewAction(t, restart, nil).PlanOn(acctest.NewServer(t), config(nil, "xyz")); len(d) > 0 {
		t.Error(acctest.Text(d))
	}
	expectCalls(t, p, redeploys)
}

// A plan takes into account node groups and environments that it creates itself.
func TestPlannedNodeGroups(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	environment := func(name string, groups any) (*acctest.Server, []*tfprotov6.Diagnostic) {
		i := acctest.NewInstance(t, "vap_environment", p.Provider())
		if name == "shop-prod" {
			if d := i.Import(name); len(d) > 0 {
				t.Fatal(acctest.Text(d))
			}
			i.Refresh()
		}
		s := i.NewServer()
		if d := s.Configure(p.Provider()); acctest.HasErrors(d) {
			t.Fatal(acctest.Text(d))
		}
		_, d := i.PlanOn(s, map[string]any{"name": name, "region": "north-economy", "node_groups": groups})
		return s, d
	}
	groups := map[string]any{
		"cp": map[string]any{"node_type": "nginxphp", "count": 2}, "sqldb": map[string]any{"node_type": "mysql8"},
		"docker": map[string]any{"node_type": "docker", "image": "acme/app", "tag": "1.0"},
		"cache":  map[string]any{"node_type": "memcached"},
	}
	for _, name := range []string{"shop-prod", "shop-new"} {
		a := acctest.NewAction(t, restart, p.Provider())
		s, d := environment(name, groups)
		if acctest.HasErrors(d) {
			t.Fatal(acctest.Text(d))
		}
		c := config(map[string]any{"environment": name}, "cache", "cp")
		if d := a.PlanOn(s, c); len(d) > 0 {
			t.Error(acctest.Text(d))
		}
		if d := a.Plan(c); !acctest.HasErrors(d) {
			t.Errorf("%s: without that plan there is no error", name)
		}
		expect(t, a.PlanOn(s, config(map[string]any{"environment": name}, "cach")), isError, "node_groups[0]")
	}
	s, _ := environment("shop-new", acctest.Unknown{})
	if d := acctest.NewAction(t, restart, p.Provider()).PlanOn(s,
		config(map[string]any{"environment": "shop-new"}, "cache")); len(d) > 0 {
		t.Error(acctest.Text(d))
	}
}
