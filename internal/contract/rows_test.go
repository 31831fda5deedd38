// Package contract tests, with real Terraform or OpenTofu, that a plan says exactly what its apply will do: it reads
// plans as JSON, as policies and reviews do.
package contract

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

const (
	economy     = "north-economy"
	performance = "north-performance"
	south       = "south-standard"
)

// move is how an environment moves in the same apply as another change.
type move struct {
	name string
	// to is the region; empty if the environment stays.
	to string
	// policy is the policy before and after.
	policy map[string]any
	// unknown are the attributes that the move leaves unknown.
	unknown []string
	// planned are values of planned_migration; nil if it is null.
	planned map[string]any
}

var (
	stays = move{name: "stays"}
	live  = move{name: "live", to: performance, unknown: []string{"last_migration"}, planned: map[string]any{
		"mode": "live", "reason": nil, "trigger": nil, "downtime": false, "ip_change": false, "domain_change": false,
		"from_region": economy, "to_region": performance,
	}}
	offline = move{name: "offline", to: performance, unknown: []string{"last_migration"},
		policy: map[string]any{"mode": "offline", "allow_downtime": true},
		planned: map[string]any{
			"mode": "offline", "reason": "requested", "trigger": nil, "downtime": true, "ip_change": false,
			"domain_change": false,
			"from_region":   economy, "to_region": performance,
		}}
	far = move{name: "far", to: south, unknown: []string{"domain", "endpoints", "last_migration", "nodes", "url"},
		policy: map[string]any{"allow_downtime": true, "allow_ip_change": true},
		planned: map[string]any{
			"mode": "offline", "reason": "live_not_possible", "trigger": nil, "downtime": true, "ip_change": true,
			"domain_change": true,
			"from_region":   economy, "to_region": south,
		}}
	// unsaid moves to a region that is unknown before the apply; unpermitted needs a permission that is unknown before.
	unsaid = move{name: "unsaid", to: "${terraform_data.target.output}",
		unknown: []string{"datacenter", "domain", "endpoints", "last_migration", "nodes", "planned_migration", "region",
			"url"}}
	unpermitted = move{name: "unpermitted", to: south,
		policy: map[string]any{"allow_downtime": "${terraform_data.yes.output}", "allow_ip_change": true},
		unknown: []string{"datacenter", "domain", "endpoints", "last_migration", "migration_policy.allow_downtime", "nodes",
			"planned_migration", "url"}}
)

// row is a change of one attribute.
type row struct {
	name string
	// base is applied to the environment before and after, change only to the one after.
	base, change func(config map[string]any, m move)
	// unknown are the attributes that the change itself leaves unknown.
	unknown []string
	// planned overrides expected values of planned_migration, by the name of the move.
	planned map[string]map[string]any
	// writes reports whether the row needs write-only attributes.
	writes bool
	// replaces reports whether the environment is replaced.
	replaces bool
}

func environment(name string, m move) map[string]any {
	config := map[string]any{
		"name": name, "region": economy,
		"node_groups": map[string]any{
			"bl": map[string]any{"node_type": "nginx", "public_ipv4_count": 1},
			"cp": map[string]any{"node_type": "nginxphp", "dynamic_cloudlets": 4},
		},
	}
	if m.policy != nil {
		config["migration_policy"] = maps.Clone(m.policy)
	}
	return config
}

func set(path string, value any) func(map[string]any, move) {
	return func(config map[string]any, _ move) { put(config, path, value) }
}

// put sets the value at a path of names separated by dots.
func put(config map[string]any, path string, value any) {
	names := strings.Split(path, ".")
	for _, name := range names[:len(names)-1] {
		inner, _ := config[name].(map[string]any)
		if inner = maps.Clone(inner); inner == nil {
			inner = map[string]any{}
		}
		config[name] = inner
		config = inner
	}
	config[names[len(names)-1]] = value
}

func drop(path string) func(map[string]any, move) {
	return func(config map[string]any, _ move) {
		layer, name, _ := strings.Cut(path, ".")
		inner := maps.Clone(config[layer].(map[string]any))
		delete(inner, name)
		config[layer] = inner
	}
}

func all(changes ...func(map[string]any, move)) func(map[string]any, move) {
	return func(config map[string]any, m move) {
		for _, change := range changes {
			change(config, m)
		}
	}
}

// simple is a row whose change leaves only the named attributes unknown.
func simple(path string, value any, unknown ...string) row {
	name := strings.NewReplacer("node_groups.", "", "migration_policy.", "", ".", "-", "_", "-").Replace(path)
	return row{name: name, change: set(path, value), unknown: unknown}
}

// computed returns the attributes of a new node group that the platform decides, without those that are configured.
func computed(layer string, written ...string) []string {
	var paths []string
	for _, name := range []string{
		"count", "reserved_cloudlets", "dynamic_cloudlets", "disk_gb", "tag", "image", "public_ipv4_count",
		"public_ipv6_count", "display_name", "scaling_mode", "links", "volumes",
	} {
		if !slices.Contains(written, name) {
			paths = append(paths, "node_groups."+layer+"."+name)
		}
	}
	return paths
}

var otherNodes = []string{"nodes", "endpoints"}

// docker is a node group of containers from an image.
var docker = set("node_groups.app",
	map[string]any{"node_type": "docker", "image": "library/busybox", "tag": "1.36",
		"registry": map[string]any{"url": "registry.example.com"}})

func ofDocker(r row) row {
	r.base = docker
	return r
}

// stopped is what planned_migration has for a stopped environment.
var stopped = map[string]any{"mode": "offline", "reason": "environment_stopped", "downtime": false}

// rows has every argument of vap_environment; TestEveryArgumentHasARow checks that.
var rows = []row{
	{name: "nothing", change: func(map[string]any, move) {}},
	{name: "name", replaces: true, change: func(config map[string]any, _ move) {
		config["name"] = config["name"].(string) + "2"
	},
		unknown: slices.Concat([]string{"app_id", "created_at", "datacenter", "domain", "url", "built_in_ssl", "display_name",
			"groups", "power"},
			otherNodes, computed("bl", "public_ipv4_count"), computed("cp", "dynamic_cloudlets"))},
	simple("display_name", "Shop"),
	simple("groups", []any{"shop/prod", "all"}),
	simple("built_in_ssl", true, "url"),
	{name: "power-off", change: set("power", "stopped"),
		planned: map[string]map[string]any{"live": stopped, "offline": stopped,
			"far": {"downtime": false, "reason": "environment_stopped"}}},
	{name: "power-on", base: set("power", "stopped"), change: set("power", "running"),
		planned: map[string]map[string]any{"live": stopped, "offline": stopped,
			"far": {"downtime": false, "reason": "environment_stopped"}}},
	simple("deletion_protection", true),
	simple("node_groups.cp.count", 2, otherNodes...),
	simple("node_groups.cp.reserved_cloudlets", 2),
	simple("node_groups.cp.dynamic_cloudlets", 8),
	simple("node_groups.cp.disk_gb", 60),
	simple("node_groups.cp.tag", "1.26.3-php-8.3.24"),
	simple("node_groups.cp.env", map[string]any{"APP_MODE": "production"}),
	simple("node_groups.cp.public_ipv4_count", 1, "nodes"),
	simple("node_groups.cp.public_ipv6_count", 1, "nodes"),
	simple("node_groups.cp.display_name", "Web"),
	simple("node_groups.cp.scaling_mode", "stateful"),
	simple("node_groups.cp.links", []any{"bl:front"}),
	simple("node_groups.cp.volumes", map[string]any{"/data": map[string]any{}}),
	{name: "cp-node-type", change: set("node_groups.cp.node_type", "apache2"),
		unknown: slices.Concat(otherNodes, computed("cp", "dynamic_cloudlets"))},
	{name: "secrets", writes: true,
		change: all(set("node_groups.cp.secret_env_wo", map[string]any{"TOKEN": "very-secret"}),
			set("node_groups.cp.secret_env_wo_version", 1))},
	ofDocker(simple("node_groups.app.image", "library/alpine")),
	ofDocker(row{name: "registry",
		change: all(set("node_groups.app.registry.url", "registry.example.net"),
			set("node_groups.app.registry.username", "deploy"))}),
	ofDocker(row{name: "registry-password", writes: true,
		change: all(set("node_groups.app.registry.password_wo", "very-secret"),
			set("node_groups.app.registry.password_wo_version", 1))}),
	{name: "new-layer", change: set("node_groups.cache", map[string]any{"node_type": "memcached"}),
		unknown: slices.Concat(otherNodes, computed("cache"))},
	{name: "old-layer", base: set("node_groups.cache", map[string]any{"node_type": "memcached"}),
		change: drop("node_groups.cache"), unknown: otherNodes},
	{name: "mode", change: func(config map[string]any, m move) {
		put(config, "migration_policy.mode",
			map[string]string{"stays": "live", "live": "live", "offline": "auto", "far": "offline"}[m.name])
	}, planned: map[string]map[string]any{
		"live": {"reason": "requested"}, "offline": {"mode": "live", "reason": nil, "downtime": false},
		"far": {"reason": "requested"},
	}},
	{name: "database-layers", change: all(set("migration_policy.database_layers", []any{"cp"}),
		set("migration_policy.allow_downtime", true)),
		planned: map[string]map[string]any{"live": {"mode": "offline", "reason": "database", "downtime": true}}},
	{name: "live-databases", base: set("migration_policy.database_layers", []any{"cp"}),
		change:  all(set("migration_policy.mode", "live"), set("migration_policy.allow_live_databases", true), impossible),
		planned: map[string]map[string]any{"live": {"reason": "requested"}, "offline": {"mode": "live", "downtime": false}}},
	{name: "permissions", change: all(set("migration_policy.allow_downtime", true),
		set("migration_policy.allow_ip_change", true), set("migration_policy.allow_live_mounts", true))},
	simple("migration_policy.permit_for", []any{performance, south}),
	simple("migration_policy.allowed_regions", []any{economy, performance, south}),
	simple("migration_policy.max_hourly_cost", 10),
	simple("migration_policy.on_external_move", "restore"),
	simple("migration_policy.timeout", "1h"),
	{name: "window", change: set("migration_policy.window",
		map[string]any{"days": []any{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}, "start": "12:00", "duration": "168h",
			"time_zone": "Europe/Berlin"})},
	{name: "verify-path", change: set("migration_policy.verify",
		map[string]any{"path": "/", "expected_status": []any{200, 204}, "patience": "1m"})},
	{name: "verify-url", change: func(config map[string]any, m move) {
		center := map[string]string{"far": "south"}[m.name]
		put(config, "migration_policy.verify",
			map[string]any{"url": "http://" + config["name"].(string) + "." + cmp.Or(center, "north") + ".vap.test/"})
	}},
	{name: "timeouts", change: all(set("timeouts.create", "25m"), set("timeouts.read", "25m"),
		set("timeouts.update", "25m"), set("timeouts.delete", "25m"))},
}

// impossible does not require a live move where none is possible.
func impossible(config map[string]any, m move) {
	if m.name == "far" {
		put(config, "migration_policy.mode", "auto")
	}
}
