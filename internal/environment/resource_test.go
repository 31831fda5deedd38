package environment_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

const address = "vap_environment.shop"

// hcl is an environment and a resource that depends on its addresses and domain.
func hcl(region, more string) string {
	return fmt.Sprintf(`
resource "vap_environment" "shop" {
  name   = "shop-prod"
  region = %q
  node_groups = {
    bl = { node_type = "nginx", public_ipv4_count = 1 }
    cp = { node_type = "nginxphp", count = 2 }
  }
  %s
}

resource "terraform_data" "dns" {
  input = {
    name      = vap_environment.shop.domain
    addresses = flatten(vap_environment.shop.nodes[*].public_ipv4)
  }
}
`, region, more)
}

// restless changes in every plan. After each apply plugin-testing plans without a refresh, when the state still has
// the planned migration. With a resource that always changes a step can declare that plans are not empty, and
// expectSettled checks which changes they have.
const restless = `
resource "terraform_data" "restless" {
  input = timestamp()
}
`

var expectSettled = []plancheck.PlanCheck{
	plancheck.ExpectResourceAction(address, plancheck.ResourceActionNoop),
	plancheck.ExpectResourceAction("terraform_data.dns", plancheck.ResourceActionNoop),
}

func attribute(names ...string) tfjsonpath.Path {
	at := tfjsonpath.New(names[0])
	for _, name := range names[1:] {
		at = at.AtMapKey(name)
	}
	return at
}

func expectValue(names ...string) func(knownvalue.Check) statecheck.StateCheck {
	return func(check knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue(address, attribute(names...), check)
	}
}

func expectPlanned(names ...string) func(knownvalue.Check) plancheck.PlanCheck {
	return func(check knownvalue.Check) plancheck.PlanCheck {
		return plancheck.ExpectKnownValue(address, attribute(names...), check)
	}
}

func TestAccEnvironmentMigrates(t *testing.T) {
	t.Parallel()
	p := acctest.NewPlatform(t)
	allowed := `migration_policy = { allow_downtime = true, allow_ip_change = true, permit_for = ["south-standard"] }`
	resource.Test(t, resource.TestCase{
		PreCheck:                 func() { acctest.PreCheck(t) },
		ProtoV6ProviderFactories: acctest.ProviderFactories,
		CheckDestroy:             expectGone(p, "shop-prod"),
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_8_0)},
		Steps: []resource.TestStep{
			{
				Config: p.Config(hcl(economy, "")),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(address, plancheck.ResourceActionCreate),
					expectPlanned("planned_migration")(knownvalue.Null()),
				}},
				ConfigStateChecks: []statecheck.StateCheck{
					expectValue("region")(knownvalue.StringExact(economy)),
					expectValue("datacenter")(knownvalue.StringExact("north")),
					expectValue("domain")(knownvalue.StringExact("shop-prod.north.vap.test")),
					expectValue("nodes")(knownvalue.ListSizeExact(3)),
					expectValue("last_migration")(knownvalue.Null()),
				},
			},
			{ // live: in place, the dependent is untouched
				Config:             p.Config(hcl(performance, "") + restless),
				ExpectNonEmptyPlan: true,
				ConfigPlanChecks: resource.ConfigPlanChecks{
					PreApply: []plancheck.PlanCheck{
						plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
						plancheck.ExpectResourceAction("terraform_data.dns", plancheck.ResourceActionNoop),
						plancheck.ExpectUnknownValue(address, attribute("last_migration")),
						expectPlanned("domain")(knownvalue.StringExact("shop-prod.north.vap.test")),
						expectPlanned("planned_migration", "mode")(knownvalue.StringExact("live")),
						expectPlanned("planned_migration", "downtime")(knownvalue.Bool(false)),
					},
					PostApplyPostRefresh: expectSettled,
				},
				ConfigStateChecks: []statecheck.StateCheck{
					expectValue("region")(knownvalue.StringExact(performance)),
					expectValue("last_migration", "mode")(knownvalue.StringExact("live")),
					expectValue("last_migration", "address_changes")(knownvalue.Null()),
				},
			},
			{
				Config:      p.Config(hcl(south, "")),
				ExpectError: acctest.ErrorAt(address, ""),
			},
			{ // another data centre: in place, the dependent follows in the same apply
				Config:             p.Config(hcl(south, allowed) + restless),
				ExpectNonEmptyPlan: true,
				ConfigPlanChecks: resource.ConfigPlanChecks{
					PreApply: []plancheck.PlanCheck{
						plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
						plancheck.ExpectResourceAction("terraform_data.dns", plancheck.ResourceActionUpdate),
						plancheck.ExpectUnknownValue(address, attribute("nodes")),
						plancheck.ExpectUnknownValue(address, attribute("domain")),
						plancheck.ExpectUnknownValue(address, attribute("url")),
						expectPlanned("datacenter")(knownvalue.StringExact("south")),
						expectPlanned("planned_migration", "mode")(knownvalue.StringExact("offline")),
						expectPlanned("planned_migration", "ip_change")(knownvalue.Bool(true)),
						expectPlanned("planned_migration", "expected_domain")(knownvalue.StringExact("shop-prod.south.vap.test")),
						expectPlanned("planned_migration", "missing_permissions")(knownvalue.Null()),
					},
					PostApplyPostRefresh: expectSettled,
				},
				ConfigStateChecks: []statecheck.StateCheck{
					expectValue("domain")(knownvalue.StringExact("shop-prod.south.vap.test")),
					expectValue("last_migration", "address_changes")(knownvalue.MapSizeExact(4)),
					statecheck.ExpectKnownValue("terraform_data.dns", attribute("output", "name"),
						knownvalue.StringExact("shop-prod.south.vap.test")),
				},
			},
			{
				Config:            p.Config(hcl(south, allowed)),
				ResourceName:      address,
				ImportState:       true,
				ImportStateId:     "shop-prod",
				ImportStateVerify: true,
				// Attributes that only the configuration or Terraform has cannot be imported.
				ImportStateVerifyIgnore: []string{"migration_policy", "last_migration", "planned_migration"},
			},
		},
	})
	expectMigrations(t, p, performance+" live", south+" offline")
}

func TestAccEnvironmentImportBlock(t *testing.T) {
	t.Parallel()
	p := acctest.NewPlatform(t)
	create(t, p, shop())
	resource.Test(t, resource.TestCase{
		PreCheck:                 func() { acctest.PreCheck(t) },
		ProtoV6ProviderFactories: acctest.ProviderFactories,
		Steps: []resource.TestStep{
			{ // imported and moved in one plan
				ExpectNonEmptyPlan: true,
				Config: p.Config(hcl(performance, "") + restless + `
import {
  to = vap_environment.shop
  id = "shop-prod"
}`),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
					expectPlanned("planned_migration", "mode")(knownvalue.StringExact("live")),
				}, PostApplyPostRefresh: expectSettled},
				ConfigStateChecks: []statecheck.StateCheck{expectValue("region")(knownvalue.StringExact(performance))},
			},
		},
	})
	expectMigrations(t, p, performance+" live")
}

func expectGone(p *acctest.Platform, name string) func(*terraform.State) error {
	return func(*terraform.State) error {
		if _, err := p.Client.Environment(context.Background(), name); !platform.IsMissing(err) {
			return fmt.Errorf("%s is still there: %w", name, err)
		}
		return nil
	}
}
