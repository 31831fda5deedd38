package environment_test

import (
	"bytes"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// moving moves shop to another data centre and changes its node groups in the same apply.
func moving(changes ...func(map[string]any)) map[string]any {
	config := full()
	config["node_groups"] = map[string]any{
		"bl": map[string]any{"node_type": "nginx", "public_ipv4_count": 1},
		"cp": map[string]any{"node_type": "nginxphp", "count": 2},
	}
	config["region"] = south
	maps.Copy(config, permitted)
	for _, change := range changes {
		change(config)
	}
	return config
}

func policyWith(attribute string, value any) func(map[string]any) {
	return func(config map[string]any) {
		policy := maps.Clone(config["migration_policy"].(map[string]any))
		policy[attribute] = value
		config["migration_policy"] = policy
	}
}

// wrongChanges are changes that the platform would refuse after a migration, or that would have no effect, and where
// the plan reports them.
var wrongChanges = map[string]struct {
	change func(map[string]any)
	at     string
}{
	"misspelt node type": {withNodeGroup("cache", map[string]any{"node_type": "memcachd"}),
		`node_groups["cache"].node_type`},
	"node type by its name in the dashboard": {withNodeGroup("db", map[string]any{"node_type": "MongoDB"}),
		`node_groups["db"].node_type`},
	"node type that is like none": {withNodeGroup("db", map[string]any{"node_type": "xyz"}),
		`node_groups["db"].node_type`},
	"node type in another case": {withNodeGroup("sqldb", map[string]any{"node_type": "MySQL8"}),
		`node_groups["sqldb"].node_type`},
	"docker in another case": {withNodeGroup("own", map[string]any{"node_type": "Docker", "image": "library/nginx"}),
		`node_groups["own"].node_type`},
	"another node type, misspelt": {in("cp", "node_type", "apche2"), `node_groups["cp"].node_type`},
	"unknown tag":                 {in("cp", "tag", "1.26.3-php-8.3.25"), `node_groups["cp"].tag`},
	"tag of a new layer": {withNodeGroup("sqldb", map[string]any{"node_type": "postgresql", "tag": "17"}),
		`node_groups["sqldb"].tag`},
	"tag in another case":             {in("cp", "tag", "1.26.3-PHP-8.3.24"), `node_groups["cp"].tag`},
	"link to no layer":                {in("cp", "links", []any{"sqldbb:db"}), `node_groups["cp"].links`},
	"link to a layer in another case": {in("cp", "links", []any{"BL:web"}), `node_groups["cp"].links`},
	"link to no node":                 {in("cp", "links", []any{"999999:far"}), `node_groups["cp"].links`},
	"mount from no layer": {in("cp", "volumes",
		map[string]any{"/files": map[string]any{"source_node_group": "storge", "source_path": "/data", "protocol": "nfs"}}),
		`node_groups["cp"].volumes["/files"].source_node_group`},
	"mount from no node": {in("cp", "volumes",
		map[string]any{"/files": map[string]any{"source_node_id": 999999, "source_path": "/data", "protocol": "nfs"}}),
		`node_groups["cp"].volumes["/files"].source_node_id`},
	"variable and secret of a name": {func(config map[string]any) {
		in("cp", "env", map[string]any{"PASSWORD": "a", "MODE": "b"})(config)
		in("cp", "secret_env_wo", map[string]any{"PASSWORD": "very-secret"})(config)
		in("cp", "secret_env_wo_version", 1)(config)
	}, `node_groups["cp"].env["PASSWORD"]`},
	"image of a stack": {in("cp", "image", "library/nginx"), `node_groups["cp"].image`},
	"no image": {withNodeGroup("own", map[string]any{"node_type": "docker"}),
		`node_groups["own"].image`},
	"more reserved than the layer may use": {in("cp", "reserved_cloudlets", 20), `node_groups["cp"].reserved_cloudlets`},
	"region of permit_for": {policyWith("permit_for", []any{"souht-standard"}),
		"migration_policy.permit_for"},
	"data centre in permit_for": {policyWith("permit_for", []any{south, "north"}), "migration_policy.permit_for"},
	"region of allowed_regions": {policyWith("allowed_regions", []any{"north-economi", south}),
		"migration_policy.allowed_regions"},
	"region in another case": {policyWith("allowed_regions", []any{"South-Standard"}), "migration_policy.allowed_regions"},
	"layer of database_layers": {func(config map[string]any) {
		withNodeGroup("search", map[string]any{"node_type": "opensearch"})(config)
		policyWith("database_layers", []any{"serach"})(config)
	}, "migration_policy.database_layers"},
}

// The plan of a move refuses mistakes in the rest of the configuration, and no diagnostic suggests a misspelt line
// again. If the plan does not know the values yet, the apply refuses them before the first write.
func TestPlanOfAMoveChecksTheWholeChange(t *testing.T) {
	t.Parallel()
	for name, row := range wrongChanges {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, i := newCreated(t, shop())
			wrong := moving(row.change)
			since := len(p.Requests(t, ""))
			_, d := i.Plan(wrong)
			expectOne(t, errorsOf(d), isError, row.at)
			for line := range strings.Lines(acctest.Text(d)) {
				for _, misspelt := range []string{"souht-standard", "north-economi", "South-Standard", `"north"`} {
					if strings.HasPrefix(line, "  ") && strings.Contains(line, misspelt) {
						t.Errorf("suggestion with an unknown name:\n%s", line)
					}
				}
			}

			planned, d := i.Plan(moving(top("node_groups", acctest.Unknown{}), top("migration_policy", acctest.Unknown{})))
			if acctest.HasErrors(d) {
				t.Fatal(acctest.Text(d))
			}
			planned.Config = wrong
			expectOne(t, errorsOf(i.Apply(planned)), isError, row.at)
			if calls := writes(t, p, since); len(calls) > 0 || i.State["region"] != economy {
				t.Errorf("%v was called, and the environment is in %v", calls, i.State["region"])
			}
		})
	}
}

// The same holds for a creation.
func TestCreationChecksEverything(t *testing.T) {
	t.Parallel()
	p := acctest.NewPlatform(t)
	for name, row := range wrongChanges {
		if name == "more reserved than the layer may use" {
			continue // for a new layer the platform sets the limit
		}
		i := acctest.NewInstance(t, "vap_environment", p.Provider())
		_, d := i.Plan(moving(row.change))
		t.Run(name, func(t *testing.T) { expectOne(t, errorsOf(d), isError, row.at) })
	}
	if calls := p.Requests(t, "createenvironment"); len(calls) > 0 {
		t.Error("something was created")
	}
}

// Unmanaged node groups, nodes of other environments, aliases, and unchanged parts of the configuration are valid.
func TestExistingReferencesAreAccepted(t *testing.T) {
	t.Parallel()
	p, i := newCreated(t, withDatabase())
	other := create(t, p, shop(map[string]any{"name": "other-prod"}))
	node := int64(other.State["nodes"].([]any)[0].(map[string]any)["id"].(float64))
	only := func(cp map[string]any) map[string]any {
		cp["node_type"] = "nginxphp"
		return shop(withNodeGroups(map[string]any{"cp": cp}))
	}
	managed := create(t, p, shop(map[string]any{"name": "third-prod"},
		withNodeGroups(map[string]any{"cp": map[string]any{"node_type": "nginxphp"}})))
	for name, plan := range map[string]func() []string{
		"link to a managed node group": func() []string {
			return texts(i.Plan(withDatabase(
				withNodeGroups(map[string]any{"cp": map[string]any{"node_type": "nginxphp", "links": []any{"sqldb:db"}},
					"sqldb": map[string]any{"node_type": "mysql8"}}))))
		},
		"a link to a node of another environment": func() []string {
			return texts(managed.Plan(merged(only(map[string]any{"links": []any{fmt.Sprintf("%d:far", node)}}), "name",
				"third-prod")))
		},
		"a mount from a node of another environment": func() []string {
			return texts(managed.Plan(merged(
				only(map[string]any{"volumes": map[string]any{"/f": map[string]any{"source_node_id": node, "source_path": "/d",
					"protocol": "nfs"}}}), "name", "third-prod")))
		},
		"node type with a custom image": func() []string {
			return texts(managed.Plan(merged(
				shop(withNodeGroups(map[string]any{"cp": map[string]any{"node_type": "nginxphp"},
					"own": map[string]any{"node_type": "docker", "image": "a/b", "tag": "any"}})), "name", "third-prod")))
		},
		"database layers elsewhere": func() []string {
			return texts(managed.Plan(merged(only(map[string]any{"count": 2}), "name", "third-prod", "migration_policy",
				map[string]any{"database_layers": []any{"nosqldb", "warehouse"}})))
		},
	} {
		if d := plan(); len(d) > 0 {
			t.Errorf("%s: %v", name, d)
		}
	}
}

func merged(config map[string]any, pairs ...any) map[string]any {
	for n := 0; n < len(pairs); n += 2 {
		config[pairs[n].(string)] = pairs[n+1]
	}
	return config
}

// texts returns the summaries of a plan's errors.
func texts(_ acctest.Plan, d []*tfprotov6.Diagnostic) []string {
	var all []string
	for _, one := range errorsOf(d) {
		all = append(all, one.Summary)
	}
	return all
}

// A node group may link to one that Terraform does not manage. If that one has been removed since the plan, the apply
// refuses the link before the first write.
func TestLinkToUnmanagedNodeGroup(t *testing.T) {
	t.Parallel()
	p, i := newCreated(t, shop(withNodeGroups(map[string]any{"cp": map[string]any{"node_type": "nginxphp"}})))
	change := func(change func(*platform.Topology)) {
		t.Helper()
		topology, err := p.Client.Topology(t.Context(), "shop-prod")
		if err != nil {
			t.Fatal(err)
		}
		change(topology)
		if err := p.Client.ChangeTopology(t.Context(), topology); err != nil {
			t.Fatal(err)
		}
	}
	change(func(x *platform.Topology) {
		x.Put(platform.NodeGroupSpec{Name: "cache", NodeType: "memcached", Count: 1})
	})
	if d := i.Refresh(); acctest.HasErrors(d) {
		t.Fatal(acctest.Text(d))
	}
	planned := plan(t, i, shop(region(south), permitted,
		withNodeGroups(map[string]any{"cp": map[string]any{"node_type": "nginxphp", "links": []any{"cache:c"}}})))
	change(func(x *platform.Topology) { x.Remove("cache") })
	since := len(p.Requests(t, ""))
	expectOne(t, errorsOf(i.Apply(planned)), isError, `node_groups["cp"].links`)
	if calls := writes(t, p, since); len(calls) > 0 {
		t.Errorf("%v was called", calls)
	}
}

// A plan reads the platform's stacks once, however many node groups of however many environments are new. If the
// token may not read them or the response cannot be read, the provider only logs that.
func TestStacksAreReadOnce(t *testing.T) {
	t.Parallel()
	p := acctest.NewPlatform(t)
	all := createFleet(t, p, 3, 0)
	s, since := startServer(t, p), len(p.Requests(t, ""))
	for n, i := range all {
		if _, d := i.PlanOn(s, small(n,
			withNodeGroups(map[string]any{"cp": map[string]any{"node_type": "nginxphp"},
				"cache": map[string]any{"node_type": "memcached"}}))); len(d) > 0 {
			t.Error(acctest.Text(d))
		}
	}
	if count := countCalls(t, p, since); count["gettemplates"] != 1 || sum(count) != 1 {
		t.Errorf("%v", count)
	}
	for name, row := range map[string]struct {
		fault faults.Fault
		logs  string
	}{
		"not permitted": {faults.Fault{Kind: faults.Refuse, Method: "gettemplates", Code: 8202,
			Words: "permission not granted", Times: -1}, "permission not granted"},
		"unreadable": {faults.Fault{Kind: faults.HTML, Method: "gettemplates", Times: -1}, "gettemplates"},
	} {
		if err := p.Inject(row.fault); err != nil {
			t.Fatal(err)
		}
		var log bytes.Buffer
		i := *all[0]
		i.Context = tflogtest.RootLogger(t.Context(), &log)
		_, d := i.Plan(small(0, withNodeGroups(map[string]any{"cp": map[string]any{"node_type": "nginxphp"},
			"cache": map[string]any{"node_type": "memcachd"}})))
		if len(d) > 0 {
			t.Errorf("%s: %s", name, acctest.Text(d))
		}
		if text := log.String(); !strings.Contains(text, `"warn"`) ||
			!strings.Contains(text, "shop-000: the node types and tags of its layers are not checked") ||
			!strings.Contains(text, row.logs) {
			t.Errorf("%s: log:\n%s", name, text)
		}
		if err := p.ClearFaults(); err != nil {
			t.Fatal(err)
		}
	}
}
