package environmentdata

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/diagutil"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/glob"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migrationplan"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// Filters select environments of an account; a null filter lets every environment pass. The type is exported only
// because the framework ignores the fields of an unexported embedded struct.
type Filters struct {
	Region      types.String `tfsdk:"region"`
	Datacenter  types.String `tfsdk:"datacenter"`
	Group       types.String `tfsdk:"group"`
	Status      types.String `tfsdk:"status"`
	NamePattern types.String `tfsdk:"name_pattern"`
}

// filterAttributes describes the fields of Filters once for the schemas of the data source and of the list
// resource, for which the framework has different types.
func filterAttributes[A any](attribute func(description string, validators ...validator.String) A) map[string]A {
	notEmpty := stringvalidator.LengthAtLeast(1)
	return map[string]A{
		"region": attribute("Only environments in the region with this unique name, for example `north-economy`.",
			notEmpty),
		"datacenter": attribute("Only environments in the data centre with this unique name, for example `north`.", notEmpty),
		"group": attribute("Only environments in this environment group and the groups below it: `shop` matches `shop` "+
			"and `shop/prod`.",
			stringvalidator.RegexMatches(groupName, "must be the name of a group, levels separated by single slashes, such "+
				"as shop/prod")),
		"status": attribute("Only environments with this status, for example `running`. Possible values: `"+
			strings.Join(statusNames(), "`, `")+"`.",
			stringvalidator.OneOf(statusNames()...)),
		"name_pattern": attribute("Only environments whose name matches this pattern, for example `shop-*`. "+
			glob.Description, glob.Valid()),
	}
}

var groupName = regexp.MustCompile(`^[^/]+(/[^/]+)*$`)

// environments returns the environments that the account owns or shares and that pass every filter, sorted by name,
// and a catalog with their regions. It makes one call of the platform besides those for the regions.
func (f Filters) environments(
	ctx context.Context, service *migration.Service,
) ([]platform.Environment, migration.RegionCatalog, diag.Diagnostics) {
	var diags diag.Diagnostics
	catalog, err := service.RegionsWithoutPrices(ctx, migration.Recent)
	if err != nil {
		diags.AddError("The platform's regions cannot be read", diagutil.Explain(err))
		return nil, catalog, diags
	}
	all, err := service.List(ctx, migration.Recent)
	if err != nil {
		diags.AddError("The environments cannot be read", diagutil.Explain(err))
		return nil, catalog, diags
	}
	diags.Append(f.checkLocation(all, catalog)...)
	passing := slices.DeleteFunc(slices.Clone(all), func(env platform.Environment) bool {
		return !f.matches(env, catalog)
	})
	slices.SortFunc(passing, func(a, b platform.Environment) int { return cmp.Compare(a.Name, b.Name) })
	return passing, catalog, diags
}

// matches says whether an environment passes every filter that is set.
func (f Filters) matches(env platform.Environment, catalog migration.RegionCatalog) bool {
	inGroup := func(group string) bool {
		return group == f.Group.ValueString() || strings.HasPrefix(group, f.Group.ValueString()+"/")
	}
	region, _ := catalog.Region(env.Region)
	return (f.Region.IsNull() || f.Region.ValueString() == env.Region) &&
		(f.Datacenter.IsNull() || f.Datacenter.ValueString() == region.Datacenter) &&
		(f.Group.IsNull() || slices.ContainsFunc(env.Groups, inGroup)) &&
		(f.Status.IsNull() || f.Status.ValueString() == migration.Describe(env).Status.String()) &&
		glob.Passes(f.NamePattern, env.Name)
}

// checkLocation reports a region or data centre that does not exist; one without environments is fine. A region that
// the platform does not list for this account may still contain an environment that was shared with it.
func (f Filters) checkLocation(all []platform.Environment, catalog migration.RegionCatalog) diag.Diagnostics {
	var diags diag.Diagnostics
	var regions, datacenters []string
	for _, r := range catalog.Regions {
		regions, datacenters = append(regions, r.Name), append(datacenters, r.Datacenter)
	}
	name := f.Region.ValueString()
	occupied := slices.ContainsFunc(all, func(env platform.Environment) bool { return env.Region == name })
	if name != "" && !slices.Contains(regions, name) && !occupied {
		diags.AddAttributeError(path.Root("region"), fmt.Sprintf("Region %q does not exist", name),
			migrationplan.NoSuchRegion(catalog, name))
	}
	if name := f.Datacenter.ValueString(); name != "" && !slices.Contains(datacenters, name) {
		diags.AddAttributeError(path.Root("datacenter"), fmt.Sprintf("No region belongs to a data centre %q", name),
			diagutil.DidYouMean(migration.Nearest(name, datacenters))+"Data centres with regions: "+joinSorted(datacenters)+".")
	}
	return diags
}

func joinSorted(names []string) string {
	slices.Sort(names)
	return strings.Join(slices.Compact(names), ", ")
}
