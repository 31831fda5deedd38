package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migrationplan"
)

// regionsPatience limits the wait for regions while the provider is being configured.
const regionsPatience = 10 * time.Second

// checkRegions refuses regions in live_migration and prices that the platform does not list: a misspelt one would
// have no effect, so the plan would be wrong in just what the user meant to correct. It shares the read of the
// regions with everything else, so it costs no extra call. If they cannot be read, whatever needs them reports that.
func checkRegions(ctx context.Context, service *migration.Service, config model) diag.Diagnostics {
	if len(config.LiveMigration) == 0 && len(config.Prices) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, regionsPatience)
	defer cancel()
	catalog, err := service.RegionsWithoutPrices(ctx, migration.Recent)
	if err != nil || len(catalog.Regions) == 0 {
		return nil
	}
	var diags diag.Diagnostics
	check := func(at path.Path, argument, name string) {
		if _, listed := catalog.Region(name); !listed {
			diags.AddAttributeError(
				at,
				fmt.Sprintf("Region %q of %s does not exist", name, argument),
				migrationplan.NoSuchRegion(catalog, name),
			)
		}
	}
	for i, pair := range config.LiveMigration {
		for n, name := range pair.Between {
			check(path.Root("live_migration").AtListIndex(i).AtName("between").AtListIndex(n), "live_migration", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(config.Prices)) {
		check(path.Root("prices").AtMapKey(name), "prices", name)
	}
	return diags
}
