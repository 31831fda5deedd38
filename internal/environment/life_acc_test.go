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

// everything has every node group and every attribute except the write-only ones, which need a newer Terraform.
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

// withoutAttributes removes attributes from every node group.
func withoutAttributes(attributes ...string) func(map[string]any) {
	return func(config map[string]any) {
		for _, group := range config["node_groups"].(map[string]any) {
			for _, name := range attributes {
				delete(group.(map[string]any), name)
			}
		}
	}
}

// writeHCL writes a configuration with resources that depend on it. It writes JSON, which is valid in HCL
// expressions.
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

// Terraform creates, changes, moves, imports and destroys an environment with every argument. TestEnvironmentLife
// makes each change separately.
func TestAccEnvironmentLife(t *testing.T) {
	t.Parallel()
	p := acctest.NewPlatform(t)
	config := func(changes ...func(map[string]any)) string { return p.Config(writeHCL(t, everything(changes...))) }
	protected := config(top("deletion_protection", true))
	elsewhere := all(
		top("region", south), in("cp", "count", 3), without("cache"),
		withNodeGroup("cache2", map[string]any{"node_type": "docker", "image": "library/redis"}),
	)
	// Arguments that only the configuration has cannot be imported.
	importable := config(elsewhere, withoutAttributes("env", "registry"), func(config map[string]any) {
		for _, name := range []string{"migration_policy", "deletion_protection", "timeouts"} {
			delete(config, name)
		}
	})
	resource.Test(t, resource.TestCase{
		PreCheck:                 func() { acctest.PreCheck(t) },
		ProtoV6ProviderFactories: acctest.ProviderFactories,
		CheckDestroy:             expectGone(p, "shop-prod"),
		Steps: []resource.TestStep{
			{Config: protected},
			{Config: protected, Destroy: true, ExpectError: acctest.ErrorAt(address, "")},
			{Config: config()},
			{
				// plugin-testing plans without a refresh, so the state still has the planned migration.
				Config: config(elsewhere) + restless,
				ConfigPlanChecks: resource.ConfigPlanChecks{
					PreApply: []plancheck.PlanCheck{
						plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
					},
					PostApplyPostRefresh: expectSettled,
				},
				ExpectNonEmptyPlan: true,
			},
			{Config: importable},
			{
				Config: importable, ResourceName: address,
				ImportState: true, ImportStateId: "shop-prod", ImportStateVerify: true,
				ImportStateVerifyIgnore: []string{"last_migration", "planned_migration"},
			},
			{ // plugin-testing requires that the plan of an import by a block has no changes.
				Config: importable, ResourceName: address,
				ImportState: true, ImportStateKind: resource.ImportBlockWithID, ImportStateId: "shop-prod",
			},
		},
	})
	expectMigrations(t, p, south+" offline")
}

// Write-only values need Terraform 1.11 or OpenTofu 1.11. TestSecretsLifecycle makes each change separately.
func TestAccEnvironmentSecrets(t *testing.T) {
	t.Parallel()
	p := acctest.NewPlatform(t)
	var steps []resource.TestStep
	for _, change := range []func(map[string]any){
		noChange, all(in("worker", "secret_env_wo", map[string]any{"TOKEN": "newer-secret"}),
			in("worker", "secret_env_wo_version", 2)),
	} {
		steps = append(steps, resource.TestStep{
			Config:            p.Config(writeHCL(t, full(without("bl", "cp", "nosqldb", "cache", "storage"), change))),
			ConfigStateChecks: []statecheck.StateCheck{noSecretsInState{}},
		})
	}
	resource.Test(t, resource.TestCase{
		PreCheck:                 func() { acctest.PreCheck(t) },
		ProtoV6ProviderFactories: acctest.ProviderFactories,
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_11_0)},
		CheckDestroy:             expectGone(p, "shop-prod"),
		Steps:                    steps,
	})
	if got := len(p.Requests(t, "addcontainerenvvars")); got != 1 {
		t.Errorf("%d times variables were added, want once", got)
	}
}

// noSecretsInState checks that none of the write-only values, all of which end in "secret", is in the state.
type noSecretsInState struct{}

func (noSecretsInState) CheckState(_ context.Context, req statecheck.CheckStateRequest,
	resp *statecheck.CheckStateResponse) {
	state, err := json.Marshal(req.State)
	if err == nil && strings.Contains(string(state), `-secret"`) {
		err = fmt.Errorf("a secret is in the state: %s", state)
	}
	resp.Error = err
}

// The configurations of these tests set every argument.
func TestConfigurationsSetEveryArgument(t *testing.T) {
	t.Parallel()
	schema := acctest.NewServer(t).Schema.ResourceSchemas["vap_environment"]
	unset := unsetAttributes("", schema.Block.Attributes, []any{everything(), full()})
	// Here a mount names its source by node group, and the check of a migration has a path. TestDependentsArePlanned has
	// a mount from a node, and TestVerifiedAfterAMove a check of a URL.
	if want := []string{".migration_policy.verify.url", ".node_groups.volumes.source_node_id"}; !slices.Equal(unset,
		want) {
		t.Errorf("attributes not set: %v, want %v", unset, want)
	}
}

// unsetAttributes returns the attributes of a schema that have no value in any of the objects.
func unsetAttributes(at string, attributes []*tfprotov6.SchemaAttribute, objects []any) []string {
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
			missing = append(missing, unsetAttributes(at+"."+a.Name, a.NestedType.Attributes, values)...)
		}
	}
	slices.Sort(missing)
	return missing
}

// A new key of for_each without a moved block creates one environment while it deletes the other; the error explains
// that.
func TestAccEnvironmentRenamedWithoutMovedBlock(t *testing.T) {
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
