package region_test

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
)

// listConfig is a configuration whose output lists the regions that pass the filters, in order.
func listConfig(filters string) string {
	return fmt.Sprintf(`
data "vap_regions" "this" {
  %s
}

output "names" { value = data.vap_regions.this.regions[*].name }
output "live" { value = [for r in data.vap_regions.this.regions : r.name if r.live_migration == true] }
`, filters)
}

func TestAccRegions(t *testing.T) {
	t.Parallel()
	platform := acctest.NewPlatform(t)
	step := func(filters string, want ...string) resource.TestStep {
		return resource.TestStep{
			Config:            platform.Config(listConfig(filters)),
			ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownOutputValue("names", names(want...))},
		}
	}
	resource.Test(t, resource.TestCase{
		PreCheck:                 func() { acctest.PreCheck(t) },
		ProtoV6ProviderFactories: acctest.ProviderFactories,
		Steps: []resource.TestStep{
			// Steps that fail come first, because plugin-testing destroys with the last step's configuration.
			{
				Config:      platform.Config(listConfig(`from = "North Economy"`)),
				ExpectError: acctest.ErrorAt("data.vap_regions.this", "from"),
			},
			step("", "east-standard", "north-economy", "north-legacy", "north-performance", "north-standard",
				"south-performance", "south-retired", "south-standard"),
			step(`datacenter = "south"`, "south-performance", "south-retired", "south-standard"),
			step(`enabled = false`, "north-legacy"),
			step(`usable = false`, "north-legacy", "south-retired"),
			step("datacenter = \"north\"\n usable = true", "north-economy", "north-performance", "north-standard"),
			step("from = \"north-economy\"\n live_migration = true", "north-performance", "north-standard"),
			step("from = \"south-standard\"\n live_migration = false\n datacenter = \"south\"", "south-retired",
				"south-standard"),
			{
				Config: platform.Config(listConfig(`from = "north-economy"`),
					`live_migration = [
					  { between = ["north-economy", "north-standard"], possible = false },
					  { between = ["east-standard", "north-economy"], possible = true },
					]`),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownOutputValue("live", names("east-standard", "north-performance")),
				},
			},
			{
				Config:            platform.Config(listConfig("from = \"east-standard\"\n live_migration = true")),
				ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownOutputValue("names", knownvalue.ListExact(nil))},
			},
		},
	})
}
