package environment_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
)

// everything has every node group and every attribute but the write-only ones, which need a newer Terraform.
func everything(changes ...func(map[string]any)) map[string]any {
	return full(slices.Concat([]func(map[string]any){
		top("deletion_protection", false),
		top("timeouts", map[string]any{"create": "30m", "read": "5m", "update": "20m", "delete": "20m"}),
		top("migration_policy", map[string]any{
			"mode": "auto", "allow_downtime": true, "allow_ip_change": true, "allow_live_databases": false,
			"allow_live_mounts": false,
			"permit_for":        []any{performance, south}, "database_layers": []any{"sqldb", "nosqldb"}, "timeout": "1h",
			"allowed_regions": []any{economy, performance, south}, "max_hourly_cost": 10, "on_external_move": "refuse",
			"window": map[string]any{"days": []any{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}, "start": "00:00",
				"duration": "168h", "time_zone": "Europe/Berlin"},
			"verify": map[string]any{"path": "/", "expected_status": []any{200}, "patience": "1m"},
		}),
		withNodeGroup("vps", map[string]any{"node_type": "ubuntu-vps", "tag": "24.04"}),
		withNodeGroup("docker", map[string]any{"node_type": "docker", "image": "library/nginx", "tag": "1.27",
			"public_ipv6_count": 1, "volumes": map[string]any{
				"/data": map[string]any{},
				"/shared": map[string]any{"source_node_group": "storage", "source_path": "/data", "protocol": "nfs",
					"read_only": true},
			}}),
		in("worker", "registry", map[string]any{"url": "registry.example.com", "username": "deploy"}),
		in("worker", "secret_env_wo", nil), in("worker", "secret_env_wo_version", nil),
	}, changes)...)
}

func withNodeGroup(name string, group any) func(map[string]any) {
	return func(config map[string]any) { config["node_groups"].(map[string]any)[name] = group }
}

func without(nodeGroups ...string) func(map[string]any) {
	return func(config map[string]any) {
		for _, name := range nodeGroups {
			delete(config["node_groups"].(map[string]any), name)
		}
	}
}

// unwritten takes attributes out of every node group.
func unwritten(attributes ...string) func(map[string]any) {
	return func(config map[string]any) {
		for _, group := range config["node_groups"].(map[string]any) {
			for _, name := range attributes {
				delete(group.(map[string]any), name)
			}
		}
	}
}

// writeHCL is a configuration as a user writes it, with what depends on it. An expression in JSON is one in HCL, too.
func writeHCL(t *testing.T, config map[string]any) string {
	t.Helper()
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(config)) {
		value, err := json.Marshal(config[name])
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "  %s = %s\n", name, value)
	}
	return "resource \"vap_environment\" \"shop\" {\n" + b.String() + `}

resource "terraform_data" "dns" {
  input = vap_environment.shop.domain
}
`
}

// life goes through changes of one environment, each on top of those before it.
type life struct {
	t       *testing.T
	p       *acctest.Platform
	base    func(...func(map[string]any)) map[string]any
	changes []func(map[string]any)
	since   int // the requests before the present step
}

// config is the configuration with the changes so far.
func (l *life) config() string {
	l.t.Helper()
	return l.p.Config(writeHCL(l.t, l.base(l.changes...)))
}

// to is the step of one change: what the plan does, which writing calls the apply makes, and exactly what the plan
// leaves unknown. That the plans after it are empty is checked by plugin-testing.
func (l *life) to(change func(map[string]any), action plancheck.ResourceActionType, calls []string,
	unknown ...string) resource.TestStep {
	l.changes = append(l.changes, change)
	return resource.TestStep{
		PreConfig: l.begin,
		Config:    l.config(),
		ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
			plancheck.ExpectResourceAction(address, action),
			exactlyUnknown(unknown),
		}},
		ConfigStateChecks: []statecheck.StateCheck{madeCalls{l, calls}},
	}
}

// move is a step that migrates: while Terraform plans without a refresh, the planned migration is still in the state.
func (l *life) move(change func(map[string]any), calls []string, unknown ...string) resource.TestStep {
	step := l.to(change, plancheck.ResourceActionUpdate, calls, unknown...)
	step.Config += restless
	step.ExpectNonEmptyPlan = true
	step.ConfigPlanChecks.PostApplyPostRefresh = expectSettled
	return step
}

func (l *life) begin() { l.since = len(l.p.Requests(l.t, "")) }

// madeCalls checks which writing calls the present step has made, in their order.
type madeCalls struct {
	*life
	want []string
}

func (c madeCalls) CheckState(_ context.Context, _ statecheck.CheckStateRequest, resp *statecheck.CheckStateResponse) {
	if got := writes(c.t, c.p, c.since); !slices.Equal(got, c.want) {
		resp.Error = fmt.Errorf("the calls were %v, want %v", got, c.want)
	}
}

// exactlyUnknown checks which attributes of the environment a plan leaves unknown, as paths with dots.
type exactlyUnknown []string

func (want exactlyUnknown) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest,
	resp *plancheck.CheckPlanResponse) {
	for _, change := range req.Plan.ResourceChanges {
		if change.Address != address {
			continue
		}
		got := unknownPaths("", change.Change.AfterUnknown)
		if want := slices.Sorted(slices.Values(want)); !slices.Equal(got, want) {
			resp.Error = fmt.Errorf("unknown are %v, want %v", got, want)
		}
		return
	}
	resp.Error = fmt.Errorf("%s is not in the plan", address)
}

func unknownPaths(at string, value any) []string {
	var paths []string
	switch value := value.(type) {
	case bool:
		if value {
			paths = append(paths, strings.TrimPrefix(at, "."))
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(value)) {
			paths = append(paths, unknownPaths(at+"."+name, value[name])...)
		}
	case []any:
		for i, element := range value {
			paths = append(paths, unknownPaths(fmt.Sprintf("%s.%d", at, i), element)...)
		}
	}
	slices.Sort(paths)
	return paths
}

// left are the attributes of a new node group that the platform decides, those that are written left out.
func left(nodeGroup string, written ...string) []string {
	var paths []string
	for _, name := range []string{
		"count", "reserved_cloudlets", "dynamic_cloudlets", "disk_gb", "tag", "image", "public_ipv4_count",
		"public_ipv6_count", "display_name", "scaling_mode", "links", "volumes",
	} {
		if !slices.Contains(written, name) {
			paths = append(paths, "node_groups."+nodeGroup+"."+name)
		}
	}
	return paths
}

// Everything that can be declared, from the creation to the destruction: each attribute is changed and taken out of the
// configuration in place, by the calls that this takes and no others. What TestEachChangeMakesOnlyItsCalls shows of
// single attributes without Terraform is done here for several in one step, because a step takes Terraform long.
func TestAccEnvironmentLife(t *testing.T) {
	t.Parallel()
	p := acctest.NewPlatform(t)
	l := &life{t: t, p: p, base: everything}
	const create, update, noop = plancheck.ResourceActionCreate, plancheck.ResourceActionUpdate,
		plancheck.ResourceActionNoop
	otherNodes := []string{"nodes", "endpoints"}
	steps := []resource.TestStep{
		l.to(nothing, create, calls("createenvironment"), slices.Concat(
			[]string{"app_id", "created_at", "datacenter", "domain", "url"}, otherNodes,
			left("bl", "public_ipv4_count"), left("cp", "count", "reserved_cloudlets", "dynamic_cloudlets", "disk_gb"),
			left("sqldb", "display_name"),
			left("nosqldb"), left("cache"), left("storage"), left("worker", "image", "tag", "scaling_mode", "links", "volumes"),
			left("vps", "tag"),
			left("docker", "image", "tag", "public_ipv6_count", "volumes"))...),
		// What the configuration alone has makes no calls.
		l.to(all(
			top("display_name", "Shop 2"), top("groups", []any{"shop/prod", "all"}),
			top("deletion_protection", true), top("timeouts", map[string]any{"update": "25m"}),
			top("migration_policy", map[string]any{"allow_downtime": true, "allow_ip_change": true, "timeout": "45m"}),
		), update, calls("setenvdisplayname", "setenvgroup")),
		{
			Config: l.config(), Destroy: true,
			ExpectError: acctest.ErrorAt(address, ""),
		},
		l.to(all(top("deletion_protection", false), top("built_in_ssl", true)), update, calls("changetopology"), "url"),
		l.to(top("power", "stopped"), update, calls("stopenv")),
		l.to(top("power", "running"), update, calls("startenv")),
		// All that only a change of the topology can do is done by one.
		l.to(all(
			in("cp", "reserved_cloudlets", 3), in("cp", "dynamic_cloudlets", 12), in("cp", "disk_gb", 20),
			in("worker", "tag", "1.37"), in("worker", "image", "library/alpine"), in("worker", "scaling_mode", "stateful"),
			in("worker", "links", []any{"sqldb:db", "bl:front"}),
			in("worker", "registry", map[string]any{"url": "registry.example.net"}),
			in("worker", "volumes", map[string]any{"/work": map[string]any{}, "/more": map[string]any{}}),
			in("docker", "volumes", map[string]any{
				"/data":   map[string]any{},
				"/shared": map[string]any{"source_node_group": "storage", "source_path": "/other", "protocol": "nfs"},
			}),
		), update, calls("changetopology")),
		l.to(all(
			in("bl", "public_ipv4_count", 2), in("docker", "public_ipv6_count", 2), in("sqldb", "display_name", "Database"),
			in("cp", "env", map[string]any{"APP_MODE": "production", "NEW": "1"}),
		), update, calls("setextipcount", "setnodegroupdisplayname", "setextipcount", "addcontainerenvvars",
			"removecontainerenvvars"), "nodes"),
		l.to(all(
			in("cp", "count", 3), in("vps", "node_type", "debian-vps"), in("vps", "tag", "13.0"),
			withNodeGroup("extra", map[string]any{"node_type": "docker", "image": "library/redis",
				"env": map[string]any{"A": "1"}}),
		), update, calls("changetopology"), slices.Concat(otherNodes, left("vps", "tag"), left("extra", "image"))...),
		l.to(all(in("cp", "count", 2), without("extra")), update, calls("changetopology"), otherNodes...),
		// What is not written any more is not managed. Only variables that were ours are removed.
		l.to(func(config map[string]any) {
			unwritten("count", "reserved_cloudlets", "dynamic_cloudlets", "disk_gb", "tag", "public_ipv4_count",
				"public_ipv6_count", "display_name",
				"scaling_mode", "links", "volumes")(config)
			for _, name := range []string{"display_name", "groups", "built_in_ssl", "power"} {
				delete(config, name)
			}
		}, noop, nil),
		l.to(all(unwritten("env", "registry"), func(config map[string]any) {
			delete(config, "deletion_protection")
			delete(config, "timeouts")
		}), update, calls("changetopology", "removecontainerenvvars")),
		// Inside the data centre, then to another one together with the node groups.
		l.move(top("region", performance), calls("migrate"), "last_migration"),
		l.move(all(
			top("region", south), in("cp", "count", 3), without("cache"),
			withNodeGroup("cache2", map[string]any{"node_type": "docker", "image": "library/redis"}),
		), calls("migrate", "changetopology"),
			slices.Concat([]string{"last_migration", "domain", "url"}, otherNodes, left("cache2", "image"))...),
		{
			Config: l.config(), ResourceName: address,
			ImportState: true, ImportStateId: "shop-prod", ImportStateVerify: true,
			// What lives in the configuration or in Terraform alone is not at the platform.
			ImportStateVerifyIgnore: []string{"migration_policy", "last_migration", "planned_migration"},
		},
		l.to(func(config map[string]any) { delete(config, "migration_policy") }, update, nil),
		{ // The plan of an import by a block has nothing to do: plugin-testing insists on it.
			PreConfig: l.begin, Config: l.config(), ResourceName: address,
			ImportState: true, ImportStateKind: resource.ImportBlockWithID, ImportStateId: "shop-prod",
		},
	}
	resource.Test(t, resource.TestCase{
		PreCheck:                 func() { acctest.PreCheck(t) },
		ProtoV6ProviderFactories: acctest.ProviderFactories,
		CheckDestroy:             expectGone(p, "shop-prod"),
		Steps:                    steps,
	})
	if got := writes(t, p, l.since); !slices.Equal(got, calls("deleteenv")) {
		t.Errorf("the calls of the destruction were %v", got)
	}
	expectMigrations(t, p, performance+" offline", south+" offline")
}

func nothing(map[string]any) {}

func all(changes ...func(map[string]any)) func(map[string]any) {
	return func(config map[string]any) {
		for _, change := range changes {
			change(config)
		}
	}
}

func calls(names ...string) []string { return names }

// Write-only values need Terraform 1.11 or OpenTofu 1.11.
func TestAccEnvironmentSecrets(t *testing.T) {
	t.Parallel()
	p := acctest.NewPlatform(t)
	l := &life{t: t, p: p, base: full}
	const create, update, noop = plancheck.ResourceActionCreate, plancheck.ResourceActionUpdate,
		plancheck.ResourceActionNoop
	steps := []resource.TestStep{
		l.to(all(without("bl", "cp", "nosqldb", "cache", "storage")), create, calls("createenvironment"), slices.Concat(
			[]string{"app_id", "created_at", "datacenter", "domain", "endpoints", "nodes", "url"},
			left("sqldb", "display_name"), left("worker", "image", "tag", "scaling_mode", "links", "volumes"))...),
		// What is in no state cannot be compared: only the version says that it changed.
		l.to(in("worker", "secret_env_wo", map[string]any{"TOKEN": "newer-secret"}), noop, nil),
		l.to(in("worker", "secret_env_wo_version", 2), update, calls("addcontainerenvvars", "removecontainerenvvars")),
		l.to(in("worker", "registry", map[string]any{
			"url": "registry.example.com", "username": "deploy", "password_wo": "other-secret", "password_wo_version": 2,
		}), update, calls("changetopology")),
		l.to(unwritten("secret_env_wo", "secret_env_wo_version"), update, calls("removecontainerenvvars")),
	}
	for i := range steps {
		steps[i].ConfigStateChecks = append(steps[i].ConfigStateChecks, nothingSecret{})
	}
	resource.Test(t, resource.TestCase{
		PreCheck:                 func() { acctest.PreCheck(t) },
		ProtoV6ProviderFactories: acctest.ProviderFactories,
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_11_0)},
		CheckDestroy:             expectGone(p, "shop-prod"),
		Steps:                    steps,
	})
}

// nothingSecret checks that none of the write-only values, all of which end in "secret", is in the state.
type nothingSecret struct{}

func (nothingSecret) CheckState(_ context.Context, req statecheck.CheckStateRequest,
	resp *statecheck.CheckStateResponse) {
	state, err := json.Marshal(req.State)
	if err == nil && strings.Contains(string(state), `-secret"`) {
		err = fmt.Errorf("a secret is in the state: %s", state)
	}
	resp.Error = err
}

// The configurations of these tests leave nothing out that can be written.
func TestEverythingIsWritten(t *testing.T) {
	t.Parallel()
	schema := acctest.NewServer(t).Schema.ResourceSchemas["vap_environment"]
	unwritten := unwrittenAttributes("", schema.Block.Attributes, []any{everything(), full()})
	// A mount names its source by node group here, and by node in TestDependentsArePlanned. Asked is for a path here,
	// and for a URL in TestVerifiedAfterAMove.
	if want := []string{".migration_policy.verify.url", ".node_groups.volumes.source_node_id"}; !slices.Equal(unwritten,
		want) {
		t.Errorf("not written are %v, want %v", unwritten, want)
	}
}

// unwrittenAttributes lists the attributes of a schema that none of the objects has a value for.
func unwrittenAttributes(at string, attributes []*tfprotov6.SchemaAttribute, objects []any) []string {
	var missing []string
	for _, a := range attributes {
		if !a.Required && !a.Optional {
			continue
		}
		var values []any
		for _, object := range objects {
			if value := object.(map[string]any)[a.Name]; value != nil {
				values = append(values, value)
			}
		}
		switch {
		case len(values) == 0:
			missing = append(missing, at+"."+a.Name)
		case a.NestedType != nil:
			if a.NestedType.Nesting == tfprotov6.SchemaObjectNestingModeMap {
				var elements []any
				for _, value := range values {
					elements = slices.AppendSeq(elements, maps.Values(value.(map[string]any)))
				}
				values = elements
			}
			missing = append(missing, unwrittenAttributes(at+"."+a.Name, a.NestedType.Attributes, values)...)
		}
	}
	slices.Sort(missing)
	return missing
}

// Another key of for_each without a moved block is a creation beside a deletion, of which the error tells.
func TestAccEnvironmentRenamedWithoutAMovedBlock(t *testing.T) {
	t.Parallel()
	tf := acctest.NewTerraform(t)
	p := acctest.NewPlatform(t)
	keyed := func(key string) {
		tf.Write("main.tf", p.Config(`resource "vap_environment" "shop" {
  for_each    = toset(["`+key+`"])
  name        = "shop-prod"
  region      = "`+economy+`"
  node_groups = { cp = { node_type = "nginxphp" } }
}
`))
	}
	keyed("old")
	tf.Run("apply", "-auto-approve")
	keyed("new")
	tf.Write("moved.tf", `moved {
  from = vap_environment.shop["old"]
  to   = vap_environment.shop["new"]
}
`)
	if changes := tf.Plan(); len(changes) != 1 || !slices.Equal(changes[0].Change.Actions, []string{"no-op"}) {
		t.Errorf("with a moved block the plan is %+v", changes)
	}
	tf.Write("moved.tf", "")
	inject(t, p, faults.Fault{Kind: faults.Prolong, Method: "deleteenv", Delay: faults.Duration(2 * time.Second)})
	tf.Fails([]string{"apply", "-auto-approve"}, `vap_environment.shop["new"].name`)
	tf.Run("apply", "-auto-approve")
	if state := tf.State(); len(state) != 1 || state[`vap_environment.shop["new"]`] == nil {
		t.Errorf("state %v", state)
	}
}
