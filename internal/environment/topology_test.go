package environment_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

// withNodeGroups is shop with these node groups.
func withNodeGroups(groups map[string]any) map[string]any {
	return map[string]any{"node_groups": groups}
}

// full has a node group of every kind and every attribute of a node group.
func full(changes ...func(map[string]any)) map[string]any {
	group := func(nodeType string, more map[string]any) map[string]any {
		g := map[string]any{"node_type": nodeType}
		maps.Copy(g, more)
		return g
	}
	groups := map[string]any{
		"bl": group("nginx", map[string]any{"public_ipv4_count": 1}),
		"cp": group("nginxphp",
			map[string]any{"count": 2, "reserved_cloudlets": 2, "dynamic_cloudlets": 8, "disk_gb": 15,
				"env": map[string]any{"APP_MODE": "test", "GREETING": "hello"}}),
		"sqldb":   group("mysql8", map[string]any{"display_name": "Data"}),
		"nosqldb": group("mongo-dockerized", nil),
		"cache":   group("memcached", nil),
		"storage": group("storage", nil),
		"worker": group("docker", map[string]any{
			"image": "library/busybox", "tag": "1.36", "scaling_mode": "stateless", "links": []any{"sqldb:db"},
			"volumes": map[string]any{"/work": map[string]any{}},
			"registry": map[string]any{"url": "registry.example.com", "username": "deploy",
				"password_wo": "registry-secret", "password_wo_version": 1},
			"secret_env_wo": map[string]any{"TOKEN": "very-secret", "KEY": "top-secret"}, "secret_env_wo_version": 1,
		}),
	}
	config := shop(withNodeGroups(groups),
		map[string]any{"display_name": "Shop", "groups": []any{"shop/prod"}, "built_in_ssl": false, "power": "running"})
	for _, change := range changes {
		change(config)
	}
	return config
}

// in changes an attribute of a node group.
func in(nodeGroup, attribute string, value any) func(map[string]any) {
	return func(config map[string]any) {
		config["node_groups"].(map[string]any)[nodeGroup].(map[string]any)[attribute] = value
	}
}

func top(attribute string, value any) func(map[string]any) {
	return func(config map[string]any) { config[attribute] = value }
}

// writes lists the writing calls since that request, without their groups.
func writes(t *testing.T, p *acctest.Platform, since int) []string {
	t.Helper()
	var calls []string
	for _, r := range p.Requests(t, "")[since:] {
		method := r.Method[strings.LastIndexByte(r.Method, '/')+1:]
		if !strings.HasPrefix(method, "get") && method != "checkmigrationpossibility" {
			calls = append(calls, method)
		}
	}
	return calls
}

// Each single change is made in place with only the calls that it needs. Its plan keeps unaffected values known, and
// the next plan is empty.
func TestCallsOfEachChange(t *testing.T) {
	t.Parallel()
	topology := []string{"changetopology"}
	otherNodes := []string{"endpoints", "nodes"}
	for name, row := range map[string]struct {
		change  func(map[string]any)
		calls   []string
		unknown []string
		warns   string // the attribute of the warning
	}{
		"nothing":       {func(map[string]any) {}, nil, nil, ""},
		"count up":      {in("cp", "count", 3), topology, otherNodes, ""},
		"count down":    {in("cp", "count", 1), topology, otherNodes, ""},
		"count not set": {in("cp", "count", nil), nil, nil, ""},
		"cloudlets":     {in("cp", "reserved_cloudlets", 3), topology, nil, ""},
		"limit":         {in("cp", "dynamic_cloudlets", 12), topology, nil, ""},
		"disk":          {in("cp", "disk_gb", 20), topology, nil, ""},
		"tag":           {in("worker", "tag", "1.37"), topology, nil, ""},
		"image":         {in("worker", "image", "library/alpine"), topology, nil, ""},
		"scaling mode":  {in("worker", "scaling_mode", "stateful"), topology, nil, ""},
		"links":         {in("worker", "links", []any{}), topology, nil, ""},
		"volumes": {in("worker", "volumes", map[string]any{"/work": map[string]any{}, "/more": map[string]any{}}),
			topology, nil, ""},
		"mount": {in("worker", "volumes",
			map[string]any{"/work": map[string]any{"source_node_group": "storage", "source_path": "/data", "protocol": "nfs"}}),
			topology, nil, ""},
		"registry": {in("worker", "registry",
			map[string]any{"url": "registry.example.com", "username": "deploy", "password_wo": "new", "password_wo_version": 2}),
			topology, nil, ""},
		"node type": {in("cp", "node_type", "apache2"), topology, otherNodes, `node_groups["cp"].node_type`},
		"new node group": {func(c map[string]any) {
			c["node_groups"].(map[string]any)["extra"] = map[string]any{"node_type": "docker", "image": "library/nginx",
				"env": map[string]any{"A": "1"}}
		}, topology, otherNodes, ""},
		"node group removed": {func(c map[string]any) {
			delete(c["node_groups"].(map[string]any), "cache")
		}, topology, otherNodes, "node_groups"},
		"built-in SSL": {top("built_in_ssl", true), topology, []string{"url"}, ""},
		"variable": {in("cp", "env", map[string]any{"APP_MODE": "production", "GREETING": "hello"}),
			[]string{"addcontainerenvvars"}, nil, ""},
		"no variable":  {in("cp", "env", map[string]any{"APP_MODE": "test"}), []string{"removecontainerenvvars"}, nil, ""},
		"no variables": {in("cp", "env", nil), []string{"removecontainerenvvars"}, nil, ""},
		"secret": {func(c map[string]any) {
			in("worker", "secret_env_wo", map[string]any{"TOKEN": "newer"})(c)
			in("worker", "secret_env_wo_version", 2)(c)
		}, []string{"addcontainerenvvars", "removecontainerenvvars"}, nil, ""},
		"secret without version":    {in("worker", "secret_env_wo", map[string]any{"TOKEN": "newer"}), nil, nil, ""},
		"public IPv4":               {in("cp", "public_ipv4_count", 1), []string{"setextipcount"}, []string{"nodes"}, ""},
		"public IPv4 removed":       {in("bl", "public_ipv4_count", 0), []string{"setextipcount"}, []string{"nodes"}, ""},
		"public IPv6":               {in("bl", "public_ipv6_count", 1), []string{"setextipcount"}, []string{"nodes"}, ""},
		"node group's display name": {in("sqldb", "display_name", "Database"), []string{"setnodegroupdisplayname"}, nil, ""},
		"display name":              {top("display_name", "Shop 2"), []string{"setenvdisplayname"}, nil, ""},
		"groups":                    {top("groups", []any{"other"}), []string{"setenvgroup"}, nil, ""},
		"stopped":                   {top("power", "stopped"), []string{"stopenv"}, nil, ""},
		"stopped with a variable": {func(c map[string]any) {
			top("power", "stopped")(c)
			in("cp", "env", map[string]any{"APP_MODE": "production", "GREETING": "hello"})(c)
			in("cp", "count", 3)(c)
		}, []string{"addcontainerenvvars", "stopenv", "changetopology"}, otherNodes, ""},
		"protection":            {top("deletion_protection", true), nil, nil, ""},
		"node groups unmanaged": {top("node_groups", nil), nil, nil, ""},
		"several": {func(c map[string]any) {
			in("cp", "count", 3)(c)
			in("sqldb", "display_name", "Database")(c)
			top("display_name", "Shop 2")(c)
		}, []string{"changetopology", "setnodegroupdisplayname", "setenvdisplayname"}, otherNodes, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, i := newCreated(t, full())
			after := full(row.change)
			planned, d := i.Plan(after)
			if name == "nothing" && i.Changes(planned) {
				t.Fatalf("the plan after the creation is not empty: %s", i.Difference(planned))
			}
			if row.warns == "" && len(d) > 0 || len(planned.Replace) > 0 {
				t.Fatal(acctest.Text(d), planned.Replace)
			}
			if row.warns != "" {
				expectOne(t, d, isWarning, row.warns)
			}
			if got := unknownPathsOf(planned); !slices.Equal(got, row.unknown) {
				t.Errorf("unknown attributes: %v, want %v", got, row.unknown)
			}
			since := len(p.Requests(t, ""))
			if d := errorsOf(i.Apply(planned)); len(d) > 0 {
				t.Fatal(acctest.Text(d))
			}
			if got := writes(t, p, since); !slices.Equal(got, row.calls) {
				t.Errorf("calls %v, want %v", got, row.calls)
			}
			if d := i.Refresh(); len(d) > 0 {
				t.Fatal(acctest.Text(d))
			}
			if again, d := i.Plan(after); i.Changes(again) || len(d) > 0 {
				t.Errorf("the next plan is not empty: %s %s", i.Difference(again), acctest.Text(d))
			}
		})
	}
}

func format(v any) string { return fmt.Sprint(v) }

func TestSecretsAreNotStored(t *testing.T) {
	t.Parallel()
	p, i := newCreated(t, full())
	variables, err := p.Client.Variables(t.Context(), "shop-prod", "worker")
	if err != nil || variables["TOKEN"] != "very-secret" || variables["KEY"] != "top-secret" {
		t.Fatalf("variables %v, %v", variables, err)
	}
	planned, _ := i.Plan(full(in("worker", "secret_env_wo", map[string]any{"TOKEN": "newer"}),
		in("worker", "secret_env_wo_version", 2)))
	if d := i.Apply(planned); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	variables, err = p.Client.Variables(t.Context(), "shop-prod", "worker")
	if _, still := variables["KEY"]; err != nil || variables["TOKEN"] != "newer" || still {
		t.Errorf("variables %v, %v", variables, err)
	}
	for _, text := range []string{format(planned.State), format(i.State), string(acctest.Unpacked(t, i.Private)),
		string(acctest.Unpacked(t, planned.Private))} {
		for _, secret := range []string{"very-secret", "top-secret", "newer", "registry-secret"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s appears in %s", secret, text)
			}
		}
	}
}

// Terraform does not manage what is not configured: changes by the platform or by users give no difference and
// survive.
func TestUnconfiguredAttributesAreKept(t *testing.T) {
	t.Parallel()
	p := acctest.NewPlatform(t)
	config := func(count any) map[string]any {
		return shop(withNodeGroups(map[string]any{"cp": map[string]any{"node_type": "nginxphp", "dynamic_cloudlets": 8,
			"env": map[string]any{"A": "1"}, "disk_gb": count}}))
	}
	i := create(t, p, config(nil))
	topology, err := p.Client.Topology(t.Context(), "shop-prod")
	if err != nil {
		t.Fatal(err)
	}
	topology.Put(platform.NodeGroupSpec{Name: "cp", Count: 3, ReservedCloudlets: 4})
	topology.Put(platform.NodeGroupSpec{Name: "docker", NodeType: "docker", Image: "library/nginx", Tag: "latest"})
	if err := p.Client.ChangeTopology(t.Context(), topology); err != nil {
		t.Fatal(err)
	}
	if err := p.Client.SetVariables(t.Context(), "shop-prod", "cp", map[string]string{"SOMEBODY": "else"}); err != nil {
		t.Fatal(err)
	}
	if d := i.Refresh(); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	if again := plan(t, i, config(nil)); i.Changes(again) {
		t.Errorf("the plan is not empty: %s", i.Difference(again))
	}
	expectValues(t, i.State, map[string]any{"node_groups.cp.count": 3.0})

	apply(t, i, config(30))
	env, err := p.Client.Environment(t.Context(), "shop-prod")
	if err != nil || len(env.Nodes) != 4 || len(env.NodeGroups) != 2 || env.Nodes[0].ReservedCloudlets != 4 ||
		env.Nodes[0].DiskGB != 30 {
		t.Errorf("%+v, %v", env, err)
	}
	variables, err := p.Client.Variables(t.Context(), "shop-prod", "cp")
	if err != nil || variables["SOMEBODY"] != "else" || variables["A"] != "1" {
		t.Errorf("variables %v, %v", variables, err)
	}
}

// A node group that an update added is managed like one of the creation, even if a later step of that update failed.
func TestExternallyAddedNodeGroupIsRemoved(t *testing.T) {
	t.Parallel()
	p, i := newCreated(t, shop())
	added := shop(map[string]any{"display_name": "Shop"})
	added["node_groups"].(map[string]any)["extra"] = map[string]any{"node_type": "docker", "image": "library/redis"}
	if err := p.Inject(refusal("setenvdisplayname", 8, "not yours")); err != nil {
		t.Fatal(err)
	}
	expectOne(t, i.Apply(plan(t, i, added)), isError, "display_name")
	for range 2 {
		planned, d := i.Plan(shop())
		expectOne(t, d, isWarning, "node_groups")
		if d := errorsOf(i.Apply(planned)); len(d) > 0 {
			t.Fatal(acctest.Text(d))
		}
		if env, err := p.Client.Environment(t.Context(), "shop-prod"); err != nil || len(env.NodeGroups) != 2 {
			t.Fatalf("%+v, %v", env.NodeGroups, err)
		}
		apply(t, i, added)
	}
}

func TestVariableDriftIsCorrected(t *testing.T) {
	t.Parallel()
	p, i := newCreated(t, full())
	if err := p.Client.SetVariables(t.Context(), "shop-prod", "cp", map[string]string{"APP_MODE": "changed"}); err != nil {
		t.Fatal(err)
	}
	if d := i.Refresh(); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	expectValues(t, i.State, map[string]any{"node_groups.cp.env.APP_MODE": "changed"})
	apply(t, i, full())
	if variables, err := p.Client.Variables(t.Context(), "shop-prod", "cp"); err != nil ||
		variables["APP_MODE"] != "test" {
		t.Errorf("variables %v, %v", variables, err)
	}
	// Variables of a stopped environment cannot be read. That is not a change.
	if err := p.SetStatus("shop-prod", wire.StatusDown); err != nil {
		t.Fatal(err)
	}
	if d := i.Refresh(); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	expectValues(t, i.State, map[string]any{"node_groups.cp.env.APP_MODE": "test", "power": "stopped"})
}

func TestTopologyProblems(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		change     func(map[string]any)
		world      func(*acctest.Platform) error // between plan and apply
		atPlan     bool
		at         string
		migrations int
		keeps      map[string]any // in the state
	}{
		"disk shrinks": {in("cp", "disk_gb", 10), nil, true, `node_groups["cp"].disk_gb`,
			0, nil},
		"node group with a link to it": {func(c map[string]any) {
			delete(c["node_groups"].(map[string]any), "sqldb")
		}, nil, true, `node_groups["worker"].links`,
			0, nil},
		"the platform refuses": {in("cp", "count", 3), func(p *acctest.Platform) error {
			return p.Inject(refusal("changetopology", 2365, "too many nodes"))
		}, false, "node_groups",
			0,
			map[string]any{"node_groups.cp.count": 2.0}},
		"variables refused": {func(c map[string]any) {
			in("cp", "count", 3)(c)
			in("cp", "env", map[string]any{"APP_MODE": "x"})(c)
		}, func(p *acctest.Platform) error { return p.Inject(refusal("addcontainerenvvars", 8, "not yours")) }, false,
			`node_groups["cp"].env`,
			0,
			map[string]any{"node_groups.cp.count": 3.0, "node_groups.cp.env.APP_MODE": "test"}},
		"after a migration": {func(c map[string]any) {
			top("region", performance)(c)
			top("migration_policy", map[string]any{"allow_downtime": true})(c)
			in("cp", "count", 3)(c)
		}, func(p *acctest.Platform) error { return p.Inject(refusal("changetopology", 2365, "too many nodes")) }, false,
			"node_groups",
			1,
			map[string]any{"region": performance, "node_groups.cp.count": 2.0}},
		"before a migration": {func(c map[string]any) {
			top("region", performance)(c)
			top("migration_policy", map[string]any{"allow_downtime": true})(c)
			in("cp", "disk_gb", 20)(c)
		}, func(p *acctest.Platform) error {
			topology, err := p.Client.Topology(t.Context(), "shop-prod")
			if err != nil {
				return err
			}
			topology.Put(platform.NodeGroupSpec{Name: "cp", DiskGB: 40})
			return p.Client.ChangeTopology(t.Context(), topology)
		}, false, `node_groups["cp"].disk_gb`, 0,
			map[string]any{"region": economy}},
		"start refused": {top("power", "stopped"), func(p *acctest.Platform) error {
			return p.Inject(refusal("stopenv", 8, "not yours"))
		}, false, "power",
			0, map[string]any{"power": "running"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, i := newCreated(t, full())
			planned, d := i.Plan(full(row.change))
			if row.atPlan {
				expectOne(t, errorsOf(d), isError, row.at)
				return
			}
			if err := row.world(p); err != nil {
				t.Fatal(err)
			}
			expectOne(t, errorsOf(i.Apply(planned)), isError, row.at)
			expectValues(t, i.State, row.keeps)
			if got := len(listMigrations(t, p)); got != row.migrations {
				t.Errorf("%d migrations", got)
			}
			if d := i.Refresh(); len(d) > 0 {
				t.Fatal(acctest.Text(d))
			}
			expectValues(t, i.State, row.keeps)
			if name != "before a migration" {
				apply(t, i, full(row.change))
			}
		})
	}
}

// A configured value that is not known yet does not keep the old value.
func TestUnknownValueOfANodeGroup(t *testing.T) {
	t.Parallel()
	_, i := newCreated(t, full())
	planned := plan(t, i, full(in("cp", "count", acctest.Unknown{})))
	if count := get(t, planned.State, "node_groups", "cp", "count"); count != (acctest.Unknown{}) {
		t.Errorf("count %v", count)
	}
	if got := unknownPathsOf(planned); !slices.Equal(got, []string{"endpoints", "nodes"}) {
		t.Errorf("unknown attributes: %v", got)
	}
	planned.Config = full(in("cp", "count", 3))
	if d := i.Apply(planned); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	expectValues(t, i.State, map[string]any{"node_groups.cp.count": 3.0})
}

func TestVariablesOfAStoppedEnvironment(t *testing.T) {
	t.Parallel()
	_, i := newCreated(t, full(top("power", "stopped")))
	_, d := i.Plan(full(top("power", "stopped"), in("cp", "env", map[string]any{"APP_MODE": "new"})))
	expectOne(t, d, isError, `node_groups["cp"].env`)
	apply(t, i, full(in("cp", "env", map[string]any{"APP_MODE": "new"})))
}

// The error of a failed step begins with where the environment has moved.
func TestFailureAfterAMove(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		change  map[string]any
		refused string
		at      string
	}{
		"layers": {map[string]any{"node_groups": map[string]any{
			"bl": map[string]any{"node_type": "nginx", "public_ipv4_count": 1},
			"cp": map[string]any{"node_type": "nginxphp", "count": 3},
		}}, "changetopology", "node_groups"},
		"variables": {withNodeGroups(map[string]any{
			"bl": map[string]any{"node_type": "nginx", "public_ipv4_count": 1},
			"cp": map[string]any{"node_type": "nginxphp", "count": 2, "env": map[string]any{"APP_MODE": "x"}},
		}), "addcontainerenvvars", `node_groups["cp"].env`},
		"display name": {map[string]any{"display_name": "Store"}, "setenvdisplayname", "display_name"},
		"groups":       {map[string]any{"display_name": "Store", "groups": []any{"blue"}}, "setenvgroup", "groups"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, i := newCreated(t, shop())
			planned := plan(t, i, shop(region(south), permitted, row.change))
			if err := p.Inject(refusal(row.refused, 2365, "not today")); err != nil {
				t.Fatal(err)
			}
			expectOne(t, errorsOf(i.Apply(planned)), isError, row.at)
			expectValues(t, i.State, map[string]any{"region": south, "domain": "shop-prod.south.vap.test",
				"last_migration.to_region": south})
		})
	}
}

func TestStopBeforeARefusedMigration(t *testing.T) {
	t.Parallel()
	p, i := newCreated(t, shop(map[string]any{"power": "running"}))
	planned := plan(t, i, shop(map[string]any{"power": "stopped"}, region(performance)))
	if err := p.Inject(refusal("migrate", 4711, "no luck")); err != nil {
		t.Fatal(err)
	}
	expectOne(t, i.Apply(planned), isError, "region")
	expectValues(t, i.State, map[string]any{"power": "stopped", "region": economy})

	// Variables can be changed only while the environment is running, so it starts first.
	apply(t, i, shop(map[string]any{"power": "running"}))
	env := shop(map[string]any{"power": "stopped"}, region(performance), withNodeGroups(map[string]any{
		"bl": map[string]any{"node_type": "nginx", "public_ipv4_count": 1},
		"cp": map[string]any{"node_type": "nginxphp", "count": 2, "env": map[string]any{"APP_MODE": "test"}},
	}))
	planned = plan(t, i, env)
	if err := p.Inject(refusal("migrate", 4711, "no luck")); err != nil {
		t.Fatal(err)
	}
	expectOne(t, i.Apply(planned), isError, "region")
	expectValues(t, i.State, map[string]any{"power": "stopped", "region": economy, "node_groups.cp.env.APP_MODE": "test"})
}

func TestTopologySurvivesLostAnswer(t *testing.T) {
	t.Parallel()
	for _, when := range []string{faults.WhenStarted, faults.WhenAfter} {
		t.Run(when, func(t *testing.T) {
			t.Parallel()
			p, i := newCreated(t, full())
			planned := plan(t, i, full(in("cp", "count", 3)))
			if err := p.Inject(fault(faults.Cut, "changetopology", when)); err != nil {
				t.Fatal(err)
			}
			since := len(p.Requests(t, ""))
			if d := i.Apply(planned); len(d) > 0 {
				t.Fatal(acctest.Text(d))
			}
			expectValues(t, i.State, map[string]any{"node_groups.cp.count": 3.0})
			if calls := writes(t, p, since); !slices.Equal(calls, []string{"changetopology"}) {
				t.Errorf("calls %v", calls)
			}
		})
	}
}

// The platform does not report registry passwords, so a lost response leaves it unknown whether they changed.
func TestLostAnswerOfNewRegistryPassword(t *testing.T) {
	t.Parallel()
	p, i := newCreated(t, full())
	renewed := full(in("worker", "registry",
		map[string]any{"url": "registry.example.com", "username": "deploy", "password_wo": "new", "password_wo_version": 2}))
	planned := plan(t, i, renewed)
	if err := p.Inject(fault(faults.Cut, "changetopology", faults.WhenBefore)); err != nil {
		t.Fatal(err)
	}
	expectOne(t, i.Apply(planned), isError, "node_groups")
	if again := plan(t, refresh(t, i), renewed); !i.Changes(again) {
		t.Error("the next plan forgets the new password")
	}
}

func TestPowerAndMigration(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		before, after string
		calls         []string
		reason        string
	}{
		"stops first":       {"running", "stopped", []string{"stopenv", "migrate"}, "environment_stopped"},
		"starts after":      {"stopped", "running", []string{"migrate", "startenv"}, "environment_stopped"},
		"stays stopped":     {"stopped", "stopped", []string{"migrate"}, "environment_stopped"},
		"stays running":     {"running", "running", []string{"migrate"}, ""},
		"power not managed": {"running", "", []string{"migrate"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, i := newCreated(t, shop(map[string]any{"power": row.before}))
			config := shop(region(performance))
			if row.after != "" {
				config["power"] = row.after
			}
			since := len(p.Requests(t, ""))
			planned, d := i.Plan(config)
			if len(d) > 0 {
				t.Fatal(acctest.Text(d))
			}
			expectValues(t, planned.State,
				map[string]any{"planned_migration.reason": orNil(row.reason), "planned_migration.downtime": false})
			if d := i.Apply(planned); len(d) > 0 {
				t.Fatal(acctest.Text(d))
			}
			if got := writes(t, p, since); !slices.Equal(got, row.calls) {
				t.Errorf("calls %v, want %v", got, row.calls)
			}
			if row.after != "" {
				expectValues(t, i.State, map[string]any{"power": row.after})
			}
			expectValues(t, i.State, map[string]any{"region": performance})
		})
	}
	t.Run("sleeping is running and not woken", func(t *testing.T) {
		t.Parallel()
		p, i := newCreated(t, shop(map[string]any{"power": "running"}))
		if err := p.SetStatus("shop-prod", wire.StatusSleep); err != nil {
			t.Fatal(err)
		}
		if d := i.Refresh(); len(d) > 0 {
			t.Fatal(acctest.Text(d))
		}
		apply(t, i, shop(map[string]any{"power": "running"}, region(performance)))
		if env, err := p.Client.Environment(t.Context(), "shop-prod"); err != nil || env.Status != platform.StatusSleeping {
			t.Errorf("the environment is %s, %v", env.Status, err)
		}
	})
}

func TestDeletionProtection(t *testing.T) {
	t.Parallel()
	p := acctest.NewPlatform(t)
	protected := map[string]any{"deletion_protection": true}
	i := create(t, p, shop(protected))
	at, off := "deletion_protection", map[string]any{"deletion_protection": false}
	only := withNodeGroups(map[string]any{"cp": map[string]any{"node_type": "nginxphp", "count": 2}})

	planned, d := i.Plan(nil)
	expectOne(t, d, isError, at)
	expectOne(t, i.Apply(planned), isError, at)
	if i.State == nil {
		t.Fatal("the environment was destroyed")
	}
	_, d = i.Plan(shop(off, map[string]any{"name": "other-shop"}))
	expectOne(t, d, isError, at)
	_, d = i.Plan(shop(off, only))
	expect(t, errorsOf(d)[0], isError, at)
	// Without the protection, a new name gives a warning of what will be lost.
	apply(t, i, shop(map[string]any{"deletion_protection": false}))
	planned, d = i.Plan(shop(map[string]any{"name": "other-shop"}))
	expectOne(t, d, isWarning, "name")
	if !slices.Equal(planned.Replace, []string{`AttributeName("name")`}) {
		t.Errorf("replaced because of %v", planned.Replace)
	}
	apply(t, i, shop(map[string]any{"deletion_protection": true}))
	// If the protection is switched off in an apply of its own, it prevents nothing.
	apply(t, i, shop(off))
	apply(t, i, shop(off, only))
	planned, _ = i.Plan(nil)
	if d := i.Apply(planned); len(d) > 0 || i.State != nil {
		t.Error(acctest.Text(d))
	}
}

func TestDependentsArePlanned(t *testing.T) {
	t.Parallel()
	p, i := newCreated(t, shop())
	ip := i.State["nodes"].([]any)[0].(map[string]any)["internal_ip"].(string)
	env := func(values map[string]any) map[string]any {
		return withNodeGroups(map[string]any{
			"bl": map[string]any{"node_type": "nginx", "public_ipv4_count": 1},
			"cp": map[string]any{"node_type": "nginxphp", "count": 2, "env": values},
		})
	}
	values := env(map[string]any{"BALANCER": "http://" + ip + ":80", "SELF": "https://shop-prod.north.vap.test/x",
		"OTHER": ip + "0", "PLAIN": "text"})
	apply(t, i, shop(values))
	create(t, p, shop(map[string]any{"name": "other-shop"}, withNodeGroups(map[string]any{
		"cp": map[string]any{"node_type": "nginxphp", "volumes": map[string]any{
			"/shared": map[string]any{"protocol": "nfs",
				"source_node_id": int(i.State["nodes"].([]any)[1].(map[string]any)["id"].(float64)), "source_path": "/var/www"},
		}},
	})))
	if d := i.Refresh(); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	planned, d := i.Plan(shop(values, region(south), permitted))
	expectOne(t, d, isWarning, "region")
	want := []any{
		map[string]any{"kind": "mount", "environment": "other-shop", "node_group": "cp", "name": "/shared"},
		map[string]any{"kind": "variable", "environment": "shop-prod", "node_group": "cp", "name": "BALANCER"},
		map[string]any{"kind": "variable", "environment": "shop-prod", "node_group": "cp", "name": "SELF"},
	}
	expectValues(t, planned.State, map[string]any{"planned_migration.dependents": want})
	// The unknown value of a variable may contain an address.
	unknown := env(map[string]any{"BALANCER": "http://" + ip + ":80", "SELF": acctest.Unknown{}})
	planned, d = i.Plan(shop(unknown, region(south), permitted))
	if acctest.HasErrors(d) {
		t.Error(acctest.Text(d))
	}
	expectValues(t, planned.State,
		map[string]any{"planned_migration.mode": "offline", "planned_migration.dependents": acctest.Unknown{}})
	// With mounts in either direction, auto does not move live.
	planned, _ = i.Plan(shop(values, region(performance), permitted))
	expectValues(t, planned.State,
		map[string]any{"planned_migration.mode": "offline", "planned_migration.reason": "mounts",
			"planned_migration.mounts": []any{"cp"}})
}

// orNil returns a text as the state has it: null if it is empty.
func orNil(text string) any {
	if text == "" {
		return nil
	}
	return text
}
