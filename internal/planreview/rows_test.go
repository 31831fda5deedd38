package planreview_test

import (
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// row is a recorded plan: one for each row of the decision table in README.md, and one for everything else that a
// review reports.
type row struct {
	name string
	// before is applied, then prepare happens outside Terraform, then after is planned.
	before, after string
	prepare       func(*recorder) error
	// first are environments that are applied one by one before everything else, so that they always get the same
	// addresses.
	first []string
	// arguments are additional arguments of "plan".
	arguments []string
	// enforcement is VAP_MIGRATION_ENFORCEMENT during the plan. If empty, it is "apply", as in review jobs.
	enforcement string
	// fails says that the plan is expected to fail.
	fails bool
	// modules are files of child modules, by path.
	modules map[string]string
	// source is the provider's address; if empty, that of the public registries.
	source string
}

const (
	web = `
    bl = { node_type = "nginx", public_ipv4_count = 1 }
    cp = { node_type = "nginxphp", reserved_cloudlets = 2, dynamic_cloudlets = 8 }`
	withDatabase = web + `
    sqldb = { node_type = "mysql", dynamic_cloudlets = 8 }`
	withStorage = web + `
    storage = { node_type = "storage", dynamic_cloudlets = 4 }`

	yes = `migration_policy = { allow_downtime = true, allow_ip_change = true }`
)

// shop is the environment shop-prod; more are further arguments.
func shop(region, layers, more string) string {
	return `
resource "vap_environment" "shop" {
  name   = "shop-prod"
  region = ` + region + `
  node_groups = {` + layers + `
  }
  ` + more + `
}
`
}

const (
	economy     = `"north-economy"`
	performance = `"north-performance"`
	south       = `"south-standard"`
)

// moves is a row in which only the region of shop-prod changes, besides its policy.
func moves(name, to, layers, policy string) row {
	return row{name: name, before: shop(economy, layers, ""), after: shop(to, layers, policy)}
}

func (r row) with(change func(*row)) row {
	change(&r)
	return r
}

func (r row) failing() row { return r.with(func(r *row) { r.fails = true }) }

// withExtra adds more to both configurations.
func (r row) withExtra(more string) row {
	return r.with(func(r *row) {
		r.before, r.after, r.first = r.before+more, r.after+more, []string{"vap_environment.shop"}
	})
}

func (r row) prepared(prepare func(*recorder) error) row {
	return r.with(func(r *row) { r.prepare = prepare })
}

func (r row) stopped() row {
	return r.with(func(r *row) {
		r.before = shop(economy, web, `power = "stopped"`)
		r.after += "# stopped\n"
	})
}

func mount(r *recorder) error {
	return r.Mount("shop-prod", "cp", "/var/shared", "other-prod", "cp", "/data")
}

// mountedElsewhere lets another environment mount from shop-prod, and installs an add-on there.
func mountedElsewhere(r *recorder) error {
	if err := r.InstallAddOn("shop-prod", "cp", "backup", "Backup"); err != nil {
		return err
	}
	return r.Mount("other-prod", "cp", "/data", "shop-prod", "cp", "/var/shared")
}

func moveOutside(r *recorder) error { return r.MoveOutside("shop-prod", "north-performance") }

// migrating starts a migration that takes an hour.
func migrating(r *recorder) error {
	if err := r.Inject(
		faults.Fault{Kind: faults.Prolong, Method: "migrate", Delay: faults.Duration(time.Hour)},
		faults.Fault{Kind: faults.Cut, Method: "migrate", When: faults.WhenStarted},
	); err != nil {
		return err
	}
	err := r.Client.Migrate(r.t.Context(),
		platform.MigrateRequest{Environment: "shop-prod", Region: "north-performance", Live: true})
	if platform.IsOutcomeUnknown(err) {
		return nil
	}
	return err
}

var rows = append([]row{
	// The decision table.
	moves("refused", `"east-standard"`, web, yes).failing(), // the data centre does not allow migration
	moves("broken", performance, web, yes).failing().prepared(func(r *recorder) error {
		return r.SetStatus("shop-prod", 11)
	}),
	moves("stopped", performance, web, `power = "stopped"`).stopped(),
	moves("stopped-far", south, web, `power = "stopped"
  migration_policy = { allow_ip_change = true }`).stopped(),
	moves("live", performance, web, ""),
	moves("sleeping", performance, web, "").prepared(func(r *recorder) error { return r.SetStatus("shop-prod", 4) }),
	moves("database", performance, withDatabase, `migration_policy = { allow_downtime = true }`),
	moves("storage", performance, withStorage, `migration_policy = { allow_downtime = true }`),
	moves("mounts", performance, web, `migration_policy = { allow_downtime = true }`).withExtra(other(economy)).
		prepared(mount),
	moves("no-live", performance, web, `migration_policy = { allow_downtime = true }`).with(func(r *row) {
		r.after += noLive
	}),
	moves("far", south, web, `migration_policy = { allow_downtime = true, allow_ip_change = true, permit_for = `+
		`["south-standard"] }`),
	row{name: "dependents", before: shop(economy, web, "built_in_ssl = true"),
		after: shop(south, web, "built_in_ssl = true\n  "+yes)}.
		withExtra(other(economy)).prepared(mountedElsewhere),
	moves("live-requested", performance, web, `migration_policy = { mode = "live" }`),
	moves("live-database", performance, withDatabase, `migration_policy = { mode = "live", allow_live_databases = true }`),
	moves("live-mounts", performance, web, `migration_policy = { mode = "live", allow_live_mounts = true }`).
		withExtra(other(economy)).prepared(mount),
	moves("live-database-denied", performance, withDatabase, `migration_policy = { mode = "live" }`),
	moves("sensitive-region", "var.region", withDatabase,
		`migration_policy = { mode = "live", allow_live_databases = true, permit_for = ["north-performance"] }`).
		with(func(r *row) {
			r.after += `variable "region" {` + "\n  default   = \"north-performance\"\n  sensitive = true\n}\n"
		}),
	moves("live-impossible", south, web, `migration_policy = { mode = "live" }`).failing(),
	moves("live-storage", performance, withStorage, `migration_policy = { mode = "live" }`).failing(),
	moves("offline", performance, web, `migration_policy = { mode = "offline", allow_downtime = true }`),
	moves("offline-far", south, web,
		`migration_policy = { mode = "offline", allow_downtime = true, allow_ip_change = true }`),
	moves("window", south, web, `migration_policy = { allow_downtime = true, allow_ip_change = true,
    window = { days = ["Sat", "Sun"], start = "22:00", duration = "4h", time_zone = "Europe/Berlin" } }`),
	moves("power-off", performance, web, `power = "stopped"`),

	// Permissions, and incomplete plans.
	moves("denied", south, web, ""),
	moves("errored", south, web, "").failing().with(func(r *row) {
		r.enforcement = "plan"
		r.after += other(performance)
		r.before += other(economy)
		r.first = []string{"vap_environment.shop"}
	}),
	moves("targeted", performance, web, "").with(func(r *row) {
		r.before += other(economy)
		r.after += other(south)
		r.arguments = []string{"-target=vap_environment.shop"}
		r.first = []string{"vap_environment.shop"}
	}),
	{name: "unknown-region", before: target("north-economy") + shop("terraform_data.target.output", web, yes) + dns,
		after: target("south-standard") + shop("terraform_data.target.output", web, yes) + dns},
	{name: "unknown-policy", before: target("no") + shop(economy, web, ""),
		after: target("yes") + shop(south, web,
			`migration_policy = { allow_downtime = terraform_data.target.output == "yes", allow_ip_change = true }`)},

	// Moves that the configuration does not ask for.
	moves("external-move", economy, web, `migration_policy = { on_external_move = "restore" }`).prepared(moveOutside),
	moves("external-move-refused", economy, web, "").prepared(moveOutside).failing(),
	moves("external-move-accepted", performance, web, "").prepared(moveOutside),
	moves("refresh-only", economy, web, "").prepared(moveOutside).with(func(r *row) {
		r.arguments = []string{"-refresh-only"}
	}),
	moves("in-progress", performance, web, "").prepared(migrating),

	// Other changes of environments.
	{name: "nothing", before: shop(economy, web, ""), after: shop(economy, web, "")},
	{name: "no-environments", after: target("anything")},
	{name: "create", after: shop(economy, web, "")},
	{name: "delete", before: shop(economy, web, "") + target(""), after: target("")},
	{name: "destroy", before: shop(economy, web, ""), after: shop(economy, web, ""), arguments: []string{"-destroy"}},
	{name: "replace", before: shop(economy, web, ""), after: shop(south, web, ""),
		arguments: []string{"-replace=vap_environment.shop"}},
	{name: "forget", before: shop(economy, web, ""), after: "removed {\n  from = vap_environment.shop\n  lifecycle { " +
		"destroy = false }\n}\n"},
	{name: "topology", before: shop(economy, withDatabase, ""), after: shop(economy, `
    bl    = { node_type = "nginx", public_ipv4_count = 1 }
    cp = {
      node_type          = "nginxphp"
      count              = 2
      reserved_cloudlets = 2
      dynamic_cloudlets  = 16
      env                = { PASSWORD = sensitive("hunter2") }
    }
    cache = { node_type = "memcached" }`, "")},
	{name: "update", before: shop(economy, web, ""),
		after: shop(economy, web, yes+"\n  display_name = \"Shop\"\n  power = \"stopped\"")},
	moves("move-and-topology", performance, web, "").with(func(r *row) { r.after = shop(performance, withDatabase, yes) }),

	// References to environments.
	references,
	leftBehind,
	triggers,
	modules,
	movedAndImported,
}, truth...)

// other is another environment.
func other(region string) string {
	return `
resource "vap_environment" "other" {
  name        = "other-prod"
  region      = ` + region + `
  node_groups = { cp = { node_type = "nginxphp" } }
}
`
}

// target has an output that is unknown in the plan that changes it.
func target(value string) string {
	return `
resource "terraform_data" "target" {
  input = "` + value + `"
}
`
}

const dns = `
resource "terraform_data" "dns_record" {
  input = { name = vap_environment.shop.domain, addresses = flatten(vap_environment.shop.nodes[*].public_ipv4) }
}
`
