package migrationplan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/diagutil"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
)

// regionSets are the arguments of a policy that name regions.
var regionSets = []string{"permit_for", "allowed_regions"}

// UnlistedRegions returns the known regions of a policy that the catalog does not list, by the argument that names
// them. It ignores the environment's own region, which the platform may not list if another account shares the
// environment.
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

// CheckRegions refuses the unlisted regions of a policy: a permission for them would never apply, and a limit to
// them would leave no region. It suggests a corrected line. The subject starts the summaries; at is the path of the
// policy.
func CheckRegions(
	subject string,
	at path.Path,
	policy types.Object,
	unlisted map[string][]string,
	catalog migration.RegionCatalog,
) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, attribute := range slices.Sorted(maps.Keys(unlisted)) {
		names := unlisted[attribute]
		slices.Sort(names)
		line := correctedLine(attribute, policy, catalog)
		for _, name := range names {
			diags.AddAttributeError(
				at.AtName(attribute),
				fmt.Sprintf("%s: region %q of %s does not exist", subject, name, attribute),
				NoSuchRegion(catalog, name)+line+diagutil.NothingChanged,
			)
		}
	}
	return diags
}

// correctedLine suggests a set with the nearest listed names; empty if any element has none or is unknown.
func correctedLine(attribute string, policy types.Object, catalog migration.RegionCatalog) string {
	set, _ := policy.Attributes()[attribute].(types.Set)
	var names []string
	for _, element := range set.Elements() {
		written, ok := element.(types.String)
		if !ok || written.IsUnknown() {
			return ""
		}
		name := written.ValueString()
		if _, listed := catalog.Region(name); !listed {
			name = catalog.NearestListed(name)
		}
		if name == "" {
			return ""
		}
		names = append(names, fmt.Sprintf("%q", name))
	}
	slices.Sort(names)
	return fmt.Sprintf(
		"\n\nWrite in migration_policy:\n  %s = [%s]", attribute, strings.Join(slices.Compact(names), ", "),
	)
}
