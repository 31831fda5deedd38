package environment_test

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
)

// createUnmanaged creates the environments of a team that has never used Terraform: one with a node group of every
// kind and all settings of node groups, a stopped one, and one in another data centre that mounts from the first.
// Without volumes, it leaves out all mounts.
func createUnmanaged(t *testing.T, volumes bool) *acctest.Platform {
	t.Helper()
	p := acctest.NewPlatform(t)
	if !volumes {
		create(t, p, full(in("worker", "volumes", nil)))
		create(t, p, shop(map[string]any{"name": "shop-test", "power": "stopped"}))
		create(t, p, shop(map[string]any{"name": "wiki-prod", "region": south}))
		return p
	}
	shop := create(t, p, full(
		in("bl", "public_ipv6_count", 1),
		in("worker", "volumes", map[string]any{
			"/work": map[string]any{},
			"/files": map[string]any{"source_node_group": "storage", "source_path": "/data", "protocol": "nfs",
				"read_only": true},
		}),
		top("built_in_ssl", true), top("groups", []any{"shop/prod", "all"}),
		func(config map[string]any) {
			groups := config["node_groups"].(map[string]any)
			groups["build"] = map[string]any{"node_type": "docker", "image": "library/gradle"}
			groups["vps"] = map[string]any{"node_type": "ubuntu-vps"}
		},
	))
	var storage any
	for _, node := range shop.State["nodes"].([]any) {
		if node := node.(map[string]any); node["node_group"] == "storage" {
			storage = node["id"]
		}
	}
	create(t, p, map[string]any{
		"name": "shop-test", "region": economy, "power": "stopped",
		"node_groups": map[string]any{"sqldb": map[string]any{"node_type": "mysql8", "count": 2}},
	})
	create(t, p, map[string]any{
		"name": "wiki-prod", "region": south,
		"node_groups": map[string]any{"cp": map[string]any{"node_type": "nginxphp", "volumes": map[string]any{
			"/files": map[string]any{"source_node_id": storage, "source_path": "/data", "protocol": "nfs"},
		}}},
	})
	return p
}

// unquoted matches the programs that do not quote the keys of maps in generated configuration, which makes paths
// invalid: https://github.com/opentofu/opentofu/issues/3978, https://github.com/hashicorp/terraform/issues/35752.
var unquoted = regexp.MustCompile(`^(OpenTofu|Terraform v1\.[0-9]\.)`)

var settlementNames = []string{"shop-prod", "shop-test", "wiki-prod"}

// Terraform generates the configuration of unmanaged environments. Its plan changes nothing, and adding arguments
// that only the configuration has makes no change at the platform.
func TestAccEnvironmentGeneratesConfiguration(t *testing.T) {
	t.Parallel()
	tf := acctest.NewTerraform(t)
	p := createUnmanaged(t, !unquoted.MatchString(tf.Run("version")))
	imports := ""
	for _, name := range settlementNames {
		imports += fmt.Sprintf("import {\n  to = vap_environment.%s\n  id = %q\n}\n", strings.ReplaceAll(name, "-", "_"),
			name)
	}
	tf.Write("main.tf", p.Config(imports))
	since := len(p.Requests(t, ""))
	expectNothing := func(what string, changes []acctest.Change, importing bool) {
		t.Helper()
		if len(changes) != len(settlementNames) {
			t.Fatalf("%s: %d resources", what, len(changes))
		}
		for _, c := range changes {
			if !reflect.DeepEqual(c.Change.Actions, []string{"no-op"}) || (c.Change.Importing != nil) != importing {
				t.Errorf("%s: %s: %v, importing %v\n%s", what, c.Address, c.Change.Actions, c.Change.Importing,
					tf.Run("show", "plan"))
			}
		}
		if calls := writes(t, p, since); len(calls) > 0 {
			t.Errorf("%s: migration requests %v", what, calls)
		}
	}

	expectNothing("the plan that generates", tf.Plan("-generate-config-out=generated.tf"), true)
	expectNothing("the plan of what was generated", tf.Plan(), true)
	if t.Failed() {
		t.Log(tf.Read("generated.tf"))
	}
	tf.Run("apply", "-input=false", "plan")
	expectNothing("the plan after the import", tf.Plan("-detailed-exitcode"), false)

	configuration := tf.Read("generated.tf")
	for attribute, value := range map[string]string{
		"deletion_protection": "true",
		"migration_policy":    `{ allow_downtime = true, permit_for = ["north-performance"] }`,
		"timeouts":            `{ create = "1h" }`,
	} {
		pattern := regexp.MustCompile(`(?m)^(  ` + attribute + ` +)= null$`)
		if found := pattern.FindAllString(configuration, -1); len(found) != len(settlementNames) {
			t.Fatalf("%s appears %d times in\n%s", attribute, len(found), configuration)
		}
		configuration = pattern.ReplaceAllString(configuration, "${1}= "+value)
	}
	tf.Write("generated.tf", configuration)
	tf.Run("apply", "-input=false", "-auto-approve")
	expectNothing("the plan with what lives in the configuration", tf.Plan("-detailed-exitcode"), false)
}

// Changes of arguments that only the configuration has make no calls, not even reads.
func TestConfigurationOnlyAttributesMakeNoCalls(t *testing.T) {
	t.Parallel()
	p := createUnmanaged(t, true)
	i := acctest.NewInstance(t, "vap_environment", p.Provider())
	if d := append(i.Import("shop-prod"), i.Refresh()...); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	config := map[string]any{"name": "shop-prod", "region": economy}
	since := len(p.Requests(t, ""))
	for attribute, value := range map[string]any{
		"deletion_protection": true,
		"migration_policy":    map[string]any{"mode": "live", "timeout": "1h", "permit_for": []any{performance}},
		"timeouts":            map[string]any{"update": "1h"},
	} {
		config[attribute] = value
		planned, d := i.Plan(config)
		if len(d) > 0 || len(unknownPathsOf(planned)) > 0 || !i.Changes(planned) {
			t.Fatalf("%s: unknown %v\n%s", attribute, unknownPathsOf(planned), acctest.Text(d))
		}
		if d := i.Apply(planned); len(d) > 0 {
			t.Fatal(acctest.Text(d))
		}
		if again := plan(t, i, config); i.Changes(again) {
			t.Errorf("%s: the next plan is not empty: %s", attribute, i.Difference(again))
		}
	}
	if calls := p.Requests(t, "")[since:]; len(calls) > 0 {
		t.Errorf("calls to the platform: %v", calls)
	}
}
