package region_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
)

const one = "data.vap_region.this"

func expectValue(address, attribute string, check knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(attribute), check)
}

func names(names ...string) knownvalue.Check {
	var checks []knownvalue.Check
	for _, n := range names {
		checks = append(checks, knownvalue.StringExact(n))
	}
	return knownvalue.ListExact(checks)
}

func tier(from, free, price float64) knownvalue.Check {
	return knownvalue.ObjectExact(map[string]knownvalue.Check{
		"from": knownvalue.Float64Exact(from), "free": knownvalue.Float64Exact(free), "price": knownvalue.Float64Exact(price),
	})
}

func TestAccRegion(t *testing.T) {
	t.Parallel()
	platform := acctest.NewPlatform(t)
	resource.Test(t, resource.TestCase{
		PreCheck:                 func() { acctest.PreCheck(t) },
		ProtoV6ProviderFactories: acctest.ProviderFactories,
		Steps: []resource.TestStep{
			// Steps that fail come first, because plugin-testing destroys with the last step's configuration.
			{
				Config:      platform.Config("data \"vap_region\" \"this\" {\n  name = \"north-standart\"\n}\n"),
				ExpectError: acctest.ErrorAt(one, "name"),
			},
			{
				Config: platform.Config(`data "vap_region" "this" { name = "north-performance" }`),
				ConfigStateChecks: []statecheck.StateCheck{
					expectValue(one, "name", knownvalue.StringExact("north-performance")),
					expectValue(one, "display_name", knownvalue.StringExact("North Performance")),
					expectValue(one, "description", knownvalue.StringExact("NVMe, newest processors")),
					expectValue(one, "datacenter", knownvalue.StringExact("north")),
					expectValue(one, "datacenter_display_name", knownvalue.StringExact("North")),
					expectValue(one, "domain", knownvalue.StringExact("north.vap.test")),
					expectValue(one, "enabled", knownvalue.Bool(true)),
					expectValue(one, "default", knownvalue.Bool(false)),
					expectValue(one, "status", knownvalue.StringExact("active")),
					expectValue(one, "migration_allowed", knownvalue.Bool(true)),
					expectValue(one, "live_migration_targets", names("north-economy", "north-standard")),
					expectValue(one, "live_migration", knownvalue.Null()),
					expectValue(one, "price", knownvalue.ObjectExact(map[string]knownvalue.Check{
						"currency":          knownvalue.StringExact("EUR"),
						"source":            knownvalue.StringExact("platform"),
						"reserved_cloudlet": knownvalue.ListExact([]knownvalue.Check{tier(1, 0, 0.0064), tier(16, 0, 0.0058)}),
						"dynamic_cloudlet":  knownvalue.ListExact([]knownvalue.Check{tier(1, 0, 0.0081), tier(16, 0, 0.0074)}),
						"disk_gb":           knownvalue.ListExact([]knownvalue.Check{tier(1, 10, 0.00029)}),
						"public_ipv4":       knownvalue.ListExact([]knownvalue.Check{tier(1, 0, 0.004)}),
						"public_ipv6":       knownvalue.ListExact([]knownvalue.Check{tier(1, 0, 0)}),
					})),
				},
			},
			{
				Config: platform.Config(`
					data "vap_region" "this" {
					  display_name = "South Retired"
					  from         = "north-economy"
					}`,
					`live_migration = [
					  { between = ["south-standard", "south-retired"], possible = false },
					  { between = ["north-economy", "south-retired"], possible = true },
					]`,
					`prices = { "south-retired" = { currency = "CHF", reserved_cloudlet = [{ price = 0.002 }] } }`),
				ConfigStateChecks: []statecheck.StateCheck{
					expectValue(one, "name", knownvalue.StringExact("south-retired")),
					expectValue(one, "status", knownvalue.StringExact("maintenance")),
					// Declared possible, but the region accepts no environments now.
					expectValue(one, "live_migration", knownvalue.Bool(false)),
					expectValue(one, "live_migration_targets", names("north-economy", "south-performance")),
					expectValue(one, "price", knownvalue.ObjectExact(map[string]knownvalue.Check{
						"currency":          knownvalue.StringExact("CHF"),
						"source":            knownvalue.StringExact("configuration"),
						"reserved_cloudlet": knownvalue.ListExact([]knownvalue.Check{tier(0, 0, 0.002)}),
						"dynamic_cloudlet":  knownvalue.Null(),
						"disk_gb":           knownvalue.Null(),
						"public_ipv4":       knownvalue.Null(),
						"public_ipv6":       knownvalue.Null(),
					})),
				},
			},
		},
	})
}
