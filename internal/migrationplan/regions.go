package migrationplan

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/diagutil"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
)

// regionSets are the parts of a policy that name regions.
var regionSets = []string{"permit_for", "allowed_regions"}

// UnlistedRegions are the regions of a policy that the catalog does not list, by the attribute that names them, as far as
// they are known. The region where the environment is does not count: the platform may not list that of an
// environment which another account shares.
func UnlistedRegions(policy types.Object, catalog migration.RegionCatalog, own string) map[string][]string {
	unlisted := map[string][]string{}
	for _, attribute := range regionSets {
		set, ok := policy.Attributes()[attribute].(types.Set)
		if !ok {
			continue
		}
		for _, element := range set.Elements() {
			name, ok := element.(types.String)
			if !ok || name.IsNull() || name.IsUnknown() || name.ValueString() == own {
				continue
			}
			if _, listed := catalog.Region(name.ValueString()); !listed {
				unlisted[attribute] = append(unlisted[attribute], name.ValueString())
			}
		}
	}
	return unlisted
}

// CheckRegions refuses regions of a policy that the platform does not list: a permission for them would never hold, and a
// limit to them would keep the environment nowhere. The subject begins the summaries; the policy is at that path.
func CheckRegions(subject string, at path.Path, unlisted map[string][]string, catalog migration.RegionCatalog) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, attribute := range slices.Sorted(maps.Keys(unlisted)) {
		names := unlisted[attribute]
		slices.Sort(names)
		for _, name := range names {
			diags.AddAttributeError(at.AtName(attribute), fmt.Sprintf("%s: region %q of %s does not exist", subject, name, attribute),
				catalog.Unlisted(name)+diagutil.NothingChanged)
		}
	}
	return diags
}
