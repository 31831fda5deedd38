package environment

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/configured"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/glob"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
)

var groupName = regexp.MustCompile(`^[^/]+(/[^/]+)*$`)

type listDataSource struct{ configured.DataSource }

// NewListDataSource makes the data source vap_environments.
func NewListDataSource() datasource.DataSource { return &listDataSource{} }

// listModel is what vap_environments holds: the filters and what passes them.
type listModel struct {
	Region       types.String `tfsdk:"region"`
	Datacenter   types.String `tfsdk:"datacenter"`
	Group        types.String `tfsdk:"group"`
	Status       types.String `tfsdk:"status"`
	NamePattern  types.String `tfsdk:"name_pattern"`
	Environments []dataModel  `tfsdk:"environments"`
}

// Metadata implements datasource.DataSource.
func (d *listDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_environments"
}

// Schema implements datasource.DataSource.
func (d *listDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	filter := func(description string, validators ...validator.String) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Optional: true, Validators: validators}
	}
	notEmpty := stringvalidator.LengthAtLeast(1)
	resp.Schema = schema.Schema{
		MarkdownDescription: "The environments that this account owns or shares, as they are now. Filters that are not written let every environment " +
			"pass. Reading them takes one call of the platform however many there are. That an environment is not listed does not prove " +
			"that it is gone: a role may have lost sight of it.",
		Attributes: map[string]schema.Attribute{
			"region":     filter("Only environments in the region with this unique name, for example `north-economy`.", notEmpty),
			"datacenter": filter("Only environments in the regions of the data centre with this unique name, for example `north`.", notEmpty),
			"group": filter("Only environments of this environment group and of the groups below it: `shop` lets those of `shop` and of `shop/prod` pass.",
				stringvalidator.RegexMatches(groupName, "must be the name of a group, levels separated by single slashes, such as shop/prod")),
			"status":       filter("Only environments with this status, for example `running`. The values are those of `environments[*].status`.", stringvalidator.OneOf(statusNames()...)),
			"name_pattern": filter("Only environments whose name matches this pattern, for example `shop-*`. "+glob.Description, glob.Valid()),
			"environments": schema.ListNestedAttribute{
				MarkdownDescription: "The environments that pass every filter, sorted by name.",
				Computed:            true,
				NestedObject:        schema.NestedAttributeObject{Attributes: dataAttributes()},
			},
		},
	}
}

// Read implements datasource.DataSource.
func (d *listDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model listModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if problem := d.Missing("Environments"); problem != nil {
		resp.Diagnostics.Append(problem)
		return
	}
	facts, err := d.Service.Facts(ctx)
	if err != nil {
		resp.Diagnostics.AddError("The platform's regions cannot be read", explain(err)+nothingChanged)
		return
	}
	all, err := d.Service.Client.Environments(ctx)
	if err != nil {
		resp.Diagnostics.AddError("The environments cannot be read", explain(err)+nothingChanged)
		return
	}
	models := make([]dataModel, len(all))
	for i, env := range all {
		models[i] = describeData(env, facts)
	}
	resp.Diagnostics.Append(model.checkPlace(models, facts)...)
	if resp.Diagnostics.HasError() {
		return
	}
	model.Environments = slices.DeleteFunc(models, func(m dataModel) bool { return !model.passes(m) })
	slices.SortFunc(model.Environments, func(a, b dataModel) int { return cmp.Compare(a.Name.ValueString(), b.Name.ValueString()) })
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// passes says whether an environment passes every filter that is written.
func (l listModel) passes(m dataModel) bool {
	inGroup := func(group string) bool {
		return group == l.Group.ValueString() || strings.HasPrefix(group, l.Group.ValueString()+"/")
	}
	return (l.Region.IsNull() || l.Region.Equal(m.Region)) &&
		(l.Datacenter.IsNull() || l.Datacenter.Equal(m.Datacenter)) &&
		(l.Group.IsNull() || slices.ContainsFunc(m.Groups, inGroup)) &&
		(l.Status.IsNull() || l.Status.Equal(m.Status)) &&
		glob.Passes(l.NamePattern, m.Name.ValueString())
}

// checkPlace tells a mistyped region or data centre from one in which no environment is. A region that the platform
// does not list for this account may still hold an environment that was shared with it.
func (l listModel) checkPlace(models []dataModel, facts migration.Facts) diag.Diagnostics {
	var diags diag.Diagnostics
	var regions, dataCenters []string
	for _, r := range facts.Regions {
		regions, dataCenters = append(regions, r.Name), append(dataCenters, r.DataCenter)
	}
	occupied := slices.ContainsFunc(models, func(m dataModel) bool { return m.Region.Equal(l.Region) })
	if name := l.Region.ValueString(); name != "" && !slices.Contains(regions, name) && !occupied {
		hint := ""
		if nearest := facts.Nearest(name); nearest != "" {
			hint = fmt.Sprintf("Did you mean %q? ", nearest)
		}
		diags.AddAttributeError(path.Root("region"), fmt.Sprintf("Region %q does not exist", name),
			"The platform lists no environment region with this unique name. "+hint+"Regions of the platform: "+sorted(regions)+"."+nothingChanged)
	}
	if name := l.Datacenter.ValueString(); name != "" && !slices.Contains(dataCenters, name) {
		diags.AddAttributeError(path.Root("datacenter"), fmt.Sprintf("No region belongs to a data centre %q", name),
			"Data centres with regions: "+sorted(dataCenters)+"."+nothingChanged)
	}
	return diags
}

func sorted(names []string) string {
	slices.Sort(names)
	return strings.Join(slices.Compact(names), ", ")
}
