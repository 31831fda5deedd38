package environment_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
)

// life makes changes of one environment, each on top of the earlier ones.
type life struct {
	t       *testing.T
	p       *acctest.Platform
	i       *acctest.Instance
	base    func(...func(map[string]any)) map[string]any
	changes []func(map[string]any)
}

func newLife(t *testing.T, base func(...func(map[string]any)) map[string]any) *life {
	p := acctest.NewPlatform(t)
	return &life{t: t, p: p, i: acctest.NewInstance(t, "vap_environment", p.Provider()), base: base}
}

// to makes one change. It checks the writing calls of the apply, the attributes that the plan leaves unknown, and
// that the next plan is empty.
func (l *life) to(change func(map[string]any), calls []string, unknown ...string) {
	l.t.Helper()
	l.changes = append(l.changes, change)
	config, since := l.base(l.changes...), len(l.p.Requests(l.t, ""))
	planned := plan(l.t, l.i, config)
	if !l.i.Changes(planned) || len(planned.Replace) > 0 {
		l.t.Errorf("change %d: not planned as a change in place: %v", len(l.changes), planned.Replace)
	}
	if got := unknownPaths("", planned.State); !slices.Equal(got, slices.Sorted(slices.Values(unknown))) {
		l.t.Errorf("change %d: unknown: %v, want %v", len(l.changes), got, unknown)
	}
	if d := l.i.Apply(planned); acctest.HasErrors(d) {
		l.t.Fatal(acctest.Text(d))
	}
	if got := writes(l.t, l.p, since); !slices.Equal(got, calls) {
		l.t.Errorf("change %d: the calls were %v, want %v", len(l.changes), got, calls)
	}
	l.expectNoChange(noChange)
}

// expectNoChange refreshes, and expects an empty plan for a change of the configuration that does not affect the
// environment.
func (l *life) expectNoChange(change func(map[string]any)) {
	l.t.Helper()
	l.changes = append(l.changes, change)
	if difference := l.i.Difference(plan(l.t, refresh(l.t, l.i), l.base(l.changes...))); difference != "" {
		l.t.Errorf("change %d: the plan has %s", len(l.changes), difference)
	}
}

// The life of an environment with every argument, from creation to destruction: each attribute is changed and removed
// in place, with only the calls that this needs. TestAccApplyMatchesPlan in package contract changes each with
// Terraform.
func TestEnvironmentLife(t *testing.T) {
	t.Parallel()
	l := newLife(t, everything)
	otherNodes := []string{"nodes", "endpoints"}
	l.to(noChange, calls("createenvironment"), slices.Concat(
		[]string{"app_id", "created_at", "datacenter", "domain", "url"}, otherNodes,
		computed("bl", "public_ipv4_count"), computed("cp", "count", "reserved_cloudlets", "dynamic_cloudlets", "disk_gb"),
		computed("sqldb", "display_name"),
		computed("nosqldb"), computed("cache"), computed("storage"),
		computed("worker", "image", "tag", "scaling_mode", "links", "volumes"),
		computed("vps", "tag"),
		computed("docker", "image", "tag", "public_ipv6_count", "volumes"))...)
	// Changes of arguments that only the configuration has make no calls.
	l.to(all(
		top("display_name", "Shop 2"), top("groups", []any{"shop/prod", "all"}),
		top("deletion_protection", true), top("timeouts", map[string]any{"update": "25m"}),
		top("migration_policy", map[string]any{"allow_downtime": true, "allow_ip_change": true, "timeout": "45m"}),
	), calls("setenvdisplayname", "setenvgroup"))
	l.to(top("groups", []any{}), calls("setenvgroup"))
	_, d := l.i.Plan(nil)
	expectOne(t, d, isError, "deletion_protection")
	l.to(all(top("deletion_protection", false), top("built_in_ssl", true)), calls("changetopology"), "url")
	l.to(top("power", "stopped"), calls("stopenv"))
	l.to(top("power", "running"), calls("startenv"))
	// One call makes all changes that need a change of the topology.
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
	), calls("changetopology"))
	l.to(all(
		in("bl", "public_ipv4_count", 2), in("docker", "public_ipv6_count", 2), in("sqldb", "display_name", "Database"),
		in("cp", "env", map[string]any{"APP_MODE": "production", "NEW": "1"}),
	), calls("setextipcount", "setnodegroupdisplayname", "setextipcount", "addcontainerenvvars",
		"removecontainerenvvars"), "nodes")
	l.to(all(
		in("cp", "count", 3), in("vps", "node_type", "debian-vps"), in("vps", "tag", "13.0"),
		withNodeGroup("extra", map[string]any{"node_type": "docker", "image": "library/redis",
			"env": map[string]any{"A": "1"}}),
	), calls("changetopology"), slices.Concat(otherNodes, computed("vps", "tag"), computed("extra", "image"))...)
	l.to(all(in("cp", "count", 2), without("extra")), calls("changetopology"), otherNodes...)
	// What is no longer configured is no longer managed. Only variables that Terraform set are removed.
	l.expectNoChange(func(config map[string]any) {
		withoutAttributes("count", "reserved_cloudlets", "dynamic_cloudlets", "disk_gb", "tag", "public_ipv4_count",
			"public_ipv6_count", "display_name",
			"scaling_mode", "links", "volumes")(config)
		for _, name := range []string{"display_name", "groups", "built_in_ssl", "power"} {
			delete(config, name)
		}
	})
	l.to(all(withoutAttributes("env", "registry"), func(config map[string]any) {
		delete(config, "deletion_protection")
		delete(config, "timeouts")
	}), calls("changetopology", "removecontainerenvvars"))
	// First a move inside the data centre, then one to another together with changes of node groups.
	l.to(top("region", performance), calls("migrate"), "last_migration")
	l.to(all(
		top("region", south), in("cp", "count", 3), without("cache"),
		withNodeGroup("cache2", map[string]any{"node_type": "docker", "image": "library/redis"}),
	), calls("migrate", "changetopology"),
		slices.Concat([]string{"last_migration", "domain", "url"}, otherNodes, computed("cache2", "image"))...)
	l.to(func(config map[string]any) { delete(config, "migration_policy") }, nil)

	since := len(l.p.Requests(t, ""))
	if d := l.i.Apply(plan(t, l.i, nil)); len(d) > 0 {
		t.Error(acctest.Text(d))
	}
	if got := writes(t, l.p, since); !slices.Equal(got, calls("deleteenv")) {
		t.Errorf("the calls of the destruction were %v", got)
	}
	expectMigrations(t, l.p, performance+" offline", south+" offline")
}

// Neither the state nor private state has a write-only value.
func TestSecretsLifecycle(t *testing.T) {
	t.Parallel()
	l := newLife(t, full)
	expectNothingSecret := func() {
		t.Helper()
		state, err := json.Marshal(l.i.State)
		text := string(state) + string(acctest.Unpacked(t, l.i.Private))
		if err != nil || strings.Contains(text, `-secret"`) {
			t.Fatalf("a secret is in the state: %s, %v", text, err)
		}
	}
	l.to(all(without("bl", "cp", "nosqldb", "cache", "storage")), calls("createenvironment"), slices.Concat(
		[]string{"app_id", "created_at", "datacenter", "domain", "endpoints", "nodes", "url"},
		computed("sqldb", "display_name"), computed("worker", "image", "tag", "scaling_mode", "links", "volumes"))...)
	expectNothingSecret()
	// Write-only values are not in the state, so only their version shows a change.
	l.expectNoChange(in("worker", "secret_env_wo", map[string]any{"TOKEN": "newer-secret"}))
	l.to(in("worker", "secret_env_wo_version", 2), calls("addcontainerenvvars", "removecontainerenvvars"))
	expectNothingSecret()
	l.to(in("worker", "registry", map[string]any{
		"url": "registry.example.com", "username": "deploy", "password_wo": "other-secret", "password_wo_version": 2,
	}), calls("changetopology"))
	expectNothingSecret()
	l.to(withoutAttributes("secret_env_wo", "secret_env_wo_version"), calls("removecontainerenvvars"))
	expectNothingSecret()
}

// unknownPaths returns the paths of the values that a plan leaves unknown, with dots.
func unknownPaths(at string, value any) []string {
	var paths []string
	switch value := value.(type) {
	case acctest.Unknown:
		paths = append(paths, strings.TrimPrefix(at, "."))
	case map[string]any:
		for name, attribute := range value {
			paths = append(paths, unknownPaths(at+"."+name, attribute)...)
		}
	case []any:
		for n, element := range value {
			paths = append(paths, unknownPaths(fmt.Sprintf("%s.%d", at, n), element)...)
		}
	}
	slices.Sort(paths)
	return paths
}

// computed returns the attributes of a new node group that the platform decides, without those that are configured.
func computed(nodeGroup string, written ...string) []string {
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

func noChange(map[string]any) {}

func all(changes ...func(map[string]any)) func(map[string]any) {
	return func(config map[string]any) {
		for _, change := range changes {
			change(config)
		}
	}
}

func calls(names ...string) []string { return names }
