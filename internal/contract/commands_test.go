package contract

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// shop is the configuration of an environment; more are additional arguments.
func shop(label, region string, more ...string) string {
	return fmt.Sprintf(`
resource "vap_environment" %q {
  name   = "%s-prod"
  region = %s
  node_groups = {
    cp = { node_type = "nginxphp", public_ipv4_count = 1 }
  }
  %s
}
`, label, label, region, strings.Join(more, "\n  "))
}

const permitted = `migration_policy={ allow_downtime = true, allow_ip_change = true }`

func quoted(region string) string { return fmt.Sprintf("%q", region) }

// folder is a folder with a platform and a configuration.
type folder struct {
	*acctest.Terraform
	*acctest.Platform
	t *testing.T
}

func (f folder) write(configuration ...string) {
	f.t.Helper()
	f.Write("main.tf", f.Config(strings.Join(configuration, "")))
}

func (f folder) apply(arguments ...string) {
	f.t.Helper()
	f.Run(append([]string{"apply", "-input=false", "-auto-approve"}, arguments...)...)
}

// code expects the exit code of a plan: 0 if nothing changes, 2 otherwise.
func (f folder) code(want int, arguments ...string) {
	f.t.Helper()
	if out, complaints, code := f.Try(append([]string{"plan", "-input=false", "-detailed-exitcode"},
		arguments...)...); code != want {
		f.t.Errorf("plan %v: exit code %d, want %d\n%s%s", arguments, code, want, out, complaints)
	}
}

func (f folder) expectMigrations(environment string, want ...string) {
	f.t.Helper()
	if got := migrations(f.t, f.Platform)[environment]; !slices.Equal(got, want) {
		f.t.Errorf("migrations requested: %q of %s, want %q", got, environment, want)
	}
}

func (f folder) region(address, want string) {
	f.t.Helper()
	if got := f.State()[address]["region"]; got != want {
		f.t.Errorf("%s is in %v, want %s", address, got, want)
	}
}

// The documentation of vap_environment describes how these commands behave.
func TestAccCommands(t *testing.T) {
	t.Parallel()
	tf := acctest.NewTerraformInProcess(t)
	for name, test := range map[string]func(folder){
		"postcondition":             postcondition,
		"postcondition and unknown": postconditionOfUnknown,
		"target":                    target,
		"replace":                   replace,
		"refresh":                   refresh,
		"import and moved":          importAndMoved,
		"for_each":                  forEach,
		"workspaces":                workspaces,
		"destroy":                   destroy,
		"moved outside":             movedOutside,
		"outputs":                   outputs,
		"in flight":                 inFlight,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(folder{tf.Another(t), acctest.NewPlatform(t), t})
		})
	}
}

// The postcondition of the example fails in the plan of a move, and not in later plans.
func postcondition(f folder) {
	example, err := os.ReadFile("../../examples/guarded-promotion/main.tf")
	if err != nil {
		f.t.Fatal(err)
	}
	const versions = `
  required_providers {
    vap = {
      source = "terraform-provider-vap/vap"
    }
  }
`
	_, guarded, found := strings.Cut(string(example), versions)
	if !found {
		f.t.Fatal("the example requires the provider in another way")
	}
	variables, err := os.ReadFile("../../examples/guarded-promotion/variables.tf")
	if err != nil {
		f.t.Fatal(err)
	}
	f.Env = []string{"TF_VAR_name=shop-prod"} // the name that shop gives it
	f.write("terraform {\n"+guarded, string(variables))
	f.apply("-var", "region="+economy)
	f.code(2, "-var", "region="+performance)
	f.Fails([]string{"plan", "-input=false", "-out=plan", "-var", "region=" + south, "-var", permitted},
		"warning: vap_environment.shop.region", "vap_environment.shop")
	if !f.Show("plan").Errored {
		f.t.Error("the failed plan can be applied")
	}
	f.expectMigrations("shop-prod")
	f.apply("-var", "region="+performance)
	f.expectMigrations("shop-prod", performance+" live")
	f.code(0, "-var", "region="+performance)

	// It does not fail either in plans after a move that it would have prevented.
	f.write(shop("shop", quoted(performance)))
	f.apply() // a single node group, as shop configures it
	f.write(shop("shop", quoted(south), permitted))
	f.apply()
	f.write(shop("shop", quoted(south), permitted, noNewAddresses))
	f.code(0)
}

const noNewAddresses = `lifecycle {
    postcondition {
      condition     = self.planned_migration == null ? true : !self.planned_migration.ip_change
      error_message = "New addresses."
    }
  }`

// If the plan does not know the target, a postcondition cannot prevent the move: it fails after the move. The policy
// prevents it.
func postconditionOfUnknown(f folder) {
	configuration := func(region, more string) {
		f.write(`resource "terraform_data" "target" { input = "`+region+`" }`,
			shop("shop", "terraform_data.target.output", more, noNewAddresses))
	}
	configuration(economy, "")
	f.apply()
	configuration(south, "")
	f.Fails([]string{"apply", "-input=false", "-auto-approve"},
		"warning: vap_environment.shop.region", "vap_environment.shop")
	f.expectMigrations("shop-prod")
	configuration(performance, "") // another unknown target; the plan knows the first one by now
	f.Run("apply", "-input=false", "-auto-approve")
	configuration(south, permitted)
	f.Fails([]string{"apply", "-input=false", "-auto-approve"}, "warning: vap_environment.shop.region",
		"warning: vap_environment.shop.region", "vap_environment.shop")
	f.expectMigrations("shop-prod", performance+" live", south+" offline")
	f.region("vap_environment.shop", south)
	f.code(0)
}

// With -target, only that environment moves.
func target(f folder) {
	f.write(shop("first", quoted(economy)), shop("second", quoted(economy)))
	f.apply()
	f.write(shop("first", quoted(performance)), shop("second", quoted(south))) // the policy does not permit this move
	for _, c := range f.Plan("-target=vap_environment.first") {
		if c.Address != "vap_environment.first" || c.Change.After["planned_migration"].(map[string]any)["mode"] != "live" {
			f.t.Errorf("%s: %v", c.Address, c.Change.After)
		}
	}
	f.Run("apply", "-input=false", "plan")
	f.expectMigrations("first-prod", performance+" live")
	f.expectMigrations("second-prod")
	f.Fails([]string{"plan", "-input=false"}, "vap_environment.second")
}

// A replacement is not a migration. But if the region changes, too, Terraform plans an update first, so the guards
// refuse a move that would never happen.
func replace(f folder) {
	f.write(shop("shop", quoted(economy)))
	f.apply()
	changes := f.Plan("-replace=vap_environment.shop")
	if len(changes) != 1 || !slices.Equal(changes[0].Change.Actions, []string{"delete", "create"}) ||
		changes[0].Change.After["planned_migration"] != nil {
		f.t.Errorf("%+v", changes)
	}
	f.Run("apply", "-input=false", "plan")
	f.code(0)

	f.write(shop("shop", quoted(south)))
	f.Fails([]string{"plan", "-input=false", "-replace=vap_environment.shop"}, "vap_environment.shop")
	f.Write("main.tf", f.Config(shop("shop", quoted(south)), `migration_enforcement = "apply"`))
	changes = f.Plan("-replace=vap_environment.shop")
	if len(changes) != 1 || !slices.Equal(changes[0].Change.Actions, []string{"delete", "create"}) ||
		changes[0].Change.After["planned_migration"] != nil {
		f.t.Errorf("%+v", changes)
	}
	f.Run("apply", "-input=false", "plan")
	f.region("vap_environment.shop", south)
	f.expectMigrations("shop-prod")
	f.code(0)
}

// planned_migration stays in the state until the next refresh, with these consequences.
func refresh(f folder) {
	f.write(shop("shop", quoted(economy)))
	f.apply()
	f.write(shop("shop", quoted(performance)))
	expectDrift := func(want int) {
		f.t.Helper()
		f.Plan("-refresh-only") // -refresh-only ignores the configuration
		if drift := f.Show("plan").Drift; len(drift) != want {
			f.t.Errorf("a refresh finds %d changes, want %d: %v", len(drift), want, drift)
		}
	}
	expectDrift(0)
	plan := f.Plan("-refresh=false")
	if planned, _ := plan[0].Change.After["planned_migration"].(map[string]any); planned["mode"] != "live" {
		f.t.Errorf("without a refresh the plan is %v", planned)
	}
	f.Run("apply", "-input=false", "plan")
	f.expectMigrations("shop-prod", performance+" live")
	f.code(0)
	f.code(2, "-refresh=false")
	expectDrift(1)
	since := len(f.Requests(f.t, ""))
	f.apply("-refresh=false")
	for _, r := range f.Requests(f.t, "")[since:] {
		if !strings.Contains(r.Method, "/get") {
			f.t.Errorf("taking note of a move made the call %s", r.Method)
		}
	}
	f.code(0, "-refresh=false")
	expectDrift(0)
}

// An environment can be imported or renamed in the run in which it moves.
func importAndMoved(f folder) {
	f.write(shop("known", quoted(economy)), shop("other", quoted(economy)))
	f.apply()
	f.Run("state", "rm", "vap_environment.other")
	f.write(strings.Replace(shop("known", quoted(performance)), `"known"`, `"renamed"`, 1),
		shop("other", quoted(south), permitted), `
moved {
  from = vap_environment.known
  to   = vap_environment.renamed
}
import {
  to = vap_environment.other
  id = "other-prod"
}
`)
	modes := map[string]string{}
	for _, c := range f.Plan() {
		planned, _ := c.Change.After["planned_migration"].(map[string]any)
		modes[c.Address] = fmt.Sprintf("%v %s %t %v", c.Change.Actions, c.PreviousAddress, c.Change.Importing != nil,
			planned["mode"])
	}
	if modes["vap_environment.renamed"] != "[update] vap_environment.known false live" ||
		modes["vap_environment.other"] != "[update]  true offline" {
		f.t.Errorf("planned: %v", modes)
	}
	f.Run("apply", "-input=false", "plan")
	f.expectMigrations("known-prod", performance+" live")
	f.expectMigrations("other-prod", south+" offline")
	f.code(0)
}

func forEach(f folder) {
	configuration := func(one, two string) {
		f.write(fmt.Sprintf(`
resource "vap_environment" "all" {
  for_each    = { one = %q, two = %q }
  name        = "${each.key}-prod"
  region      = each.value
  node_groups = { cp = { node_type = "nginxphp" } }
  %s
}
resource "terraform_data" "dns" {
  for_each = vap_environment.all
  input    = each.value.domain
}
`, one, two, permitted))
	}
	configuration(economy, economy)
	f.apply()
	configuration(performance, south)
	f.apply()
	f.expectMigrations("one-prod", performance+" live")
	f.expectMigrations("two-prod", south+" offline")
	if got := f.State()[`terraform_data.dns["two"]`]["output"]; got != "two-prod.south.vap.test" {
		f.t.Errorf("the dependent knows %v", got)
	}
	f.code(0)
}

func workspaces(f folder) {
	f.write(`
variable "region" { default = "north-economy" }
resource "vap_environment" "shop" {
  name        = "shop-${terraform.workspace}"
  region      = var.region
  node_groups = { cp = { node_type = "nginxphp" } }
}
`)
	f.Run("workspace", "new", "test")
	f.apply()
	f.Run("workspace", "new", "prod")
	f.apply()
	f.apply("-var", "region="+performance)
	f.code(0, "-var", "region="+performance)
	f.Run("workspace", "select", "test")
	f.code(0)
	f.expectMigrations("shop-prod", performance+" live")
	f.expectMigrations("shop-test")
}

// Terraform plans normally before it plans a destruction, so the guards check a move that the configuration requests.
func destroy(f folder) {
	f.write(shop("shop", quoted(economy)))
	f.apply()
	f.write(shop("shop", quoted(south)))
	f.Fails([]string{"destroy", "-input=false", "-auto-approve"}, "vap_environment.shop")
	f.Run("destroy", "-input=false", "-auto-approve", "-refresh=false")
	if state := f.State(); len(state) > 0 {
		f.t.Errorf("the state still has %v", state)
	}
	f.expectMigrations("shop-prod")
}

func movedOutside(f folder) {
	f.write(shop("shop", quoted(economy)))
	f.apply()
	if err := f.MoveOutside("shop-prod", performance); err != nil {
		f.t.Fatal(err)
	}
	refused := func() {
		f.t.Helper()
		f.Fails([]string{"plan", "-input=false"}, "vap_environment.shop.region")
	}
	refused()
	f.apply("-refresh-only") // which updates the state, but does not accept the move
	refused()
	f.write(shop("shop", quoted(economy), "lifecycle { ignore_changes = [region] }"))
	f.apply()
	f.code(0)
	f.write(shop("shop", quoted(economy)))
	refused()
	f.write(shop("shop", quoted(performance)))
	f.apply()
	f.code(0)
	f.write(shop("shop", quoted(economy), `migration_policy = { on_external_move = "restore" }`))
	for _, c := range f.Plan() {
		if planned := c.Change.After["planned_migration"].(map[string]any); planned["trigger"] != "external_move" ||
			planned["from_region"] != performance {
			f.t.Errorf("planned: %v", planned)
		}
	}
	f.Run("apply", "-input=false", "plan")
	f.expectMigrations("shop-prod", economy+" live")
	f.code(0)
}

// An output of planned_migration changes in one more plan; one of last_migration does not.
func outputs(f folder) {
	of := func(attribute string) string {
		return "output \"mode\" {\n  value = try(vap_environment.shop." + attribute + ".mode, null)\n}\n"
	}
	f.write(shop("shop", quoted(economy)), of("last_migration"))
	f.apply()
	f.write(shop("shop", quoted(performance)), of("last_migration"))
	f.apply()
	f.code(0)
	f.write(shop("shop", quoted("north-standard")), of("planned_migration"))
	f.apply()
	f.code(2)
}

// The plan handles a migration that is already running, whoever started it.
func inFlight(f folder) {
	f.write(shop("shop", quoted(economy)))
	f.apply()
	if err := f.Inject(
		faults.Fault{Kind: faults.Prolong, Method: "migrate", Delay: faults.Duration(time.Hour)},
		faults.Fault{Kind: faults.Cut, Method: "migrate", When: faults.WhenStarted},
	); err != nil {
		f.t.Fatal(err)
	}
	if err := f.Client.Migrate(f.t.Context(),
		platform.MigrateRequest{Environment: "shop-prod", Region: performance, Live: true}); !platform.IsOutcomeUnknown(err) {
		f.t.Fatalf("the migration did not begin: %v", err)
	}
	f.write(shop("shop", quoted(performance)))
	asked := len(f.Requests(f.t, "checkmigrationpossibility"))
	f.Says(0, []string{"plan", "-input=false", "-out=plan"}, "warning: vap_environment.shop.region")
	for _, c := range f.Show("plan").Changes {
		if planned, _ := c.Change.After["planned_migration"].(map[string]any); planned["trigger"] != "in_progress" {
			f.t.Errorf("planned: %v", planned)
		}
	}
	if len(f.Requests(f.t, "checkmigrationpossibility")) > asked {
		f.t.Error("checked whether a running migration is possible")
	}
}
