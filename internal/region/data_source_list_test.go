package region_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
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

func TestRegions(t *testing.T) {
	t.Parallel()
	server := acctest.NewServer(t)
	if d := server.Configure(acctest.NewPlatform(t).Provider()); acctest.HasErrors(d) {
		t.Fatal(acctest.Text(d))
	}
	for _, row := range []struct {
		filters map[string]any
		want    string
	}{
		{map[string]any{}, "east-standard north-economy north-legacy north-performance north-standard " +
			"south-performance south-retired south-standard"},
		{map[string]any{"datacenter": "south"}, "south-performance south-retired south-standard"},
		{map[string]any{"enabled": false}, "north-legacy"},
		{map[string]any{"usable": false}, "north-legacy south-retired"},
		{map[string]any{"datacenter": "north", "usable": true}, "north-economy north-performance north-standard"},
		{map[string]any{"from": "north-economy", "live_migration": true}, "north-performance north-standard"},
		{map[string]any{"from": "south-standard", "live_migration": false, "datacenter": "south"},
			"south-retired south-standard"},
		{map[string]any{"from": "east-standard", "live_migration": true}, ""},
	} {
		state, d := server.Read("vap_regions", row.filters)
		if len(d) > 0 {
			t.Fatal(acctest.Text(d))
		}
		var got []string
		for _, region := range state["regions"].([]any) {
			got = append(got, region.(map[string]any)["name"].(string))
		}
		if strings.Join(got, " ") != row.want {
			t.Errorf("%v: got %q, want %q", row.filters, got, row.want)
		}
	}
}

func TestAccRegions(t *testing.T) {
	t.Parallel()
	platform := acctest.NewPlatform(t)
	resource.Test(t, resource.TestCase{
		PreCheck:                 func() { acctest.PreCheck(t) },
		ProtoV6ProviderFactories: acctest.ProviderFactories,
		Steps: []resource.TestStep{
			// Steps that fail come first, because plugin-testing destroys with the last step's configuration.
			{
				Config:      platform.Config(listConfig(`from = "North Economy"`)),
				ExpectError: acctest.ErrorAt("data.vap_regions.this", "from"),
			},
			{
				Config: platform.Config(listConfig("from = \"north-economy\"\n usable = true"),
					`live_migration = [
					  { between = ["north-economy", "north-standard"], possible = false },
					  { between = ["east-standard", "north-economy"], possible = true },
					]`),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownOutputValue("names", names("east-standard", "north-economy", "north-performance",
						"north-standard", "south-performance", "south-standard")),
					statecheck.ExpectKnownOutputValue("live", names("east-standard", "north-performance")),
				},
			},
		},
	})
}
