package region

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/boolvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var alsoFrom = boolvalidator.AlsoRequires(path.MatchRoot("from"))

type listDataSource struct{ reader }

// NewListDataSource returns the data source vap_regions.
func NewListDataSource() datasource.DataSource { return &listDataSource{} }

// listModel is the model of vap_regions: the filters and the regions that pass them.
type listModel struct {
	From          types.String `tfsdk:"from"`
	Datacenter    types.String `tfsdk:"datacenter"`
	Enabled       types.Bool   `tfsdk:"enabled"`
	Usable        types.Bool   `tfsdk:"usable"`
	LiveMigration types.Bool   `tfsdk:"live_migration"`
	Regions       []model      `tfsdk:"regions"`
}

// Metadata implements datasource.DataSource.
func (d *listDataSource) Metadata(
	_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse,
) {
	resp.TypeName = req.ProviderTypeName + "_regions"
}

// Schema implements datasource.DataSource.
func (d *listDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = regionsSchema()
}

// Read implements datasource.DataSource.
func (d *listDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config listModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	regions, diags := d.read(ctx, config.From)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if problem := config.checkDatacenter(regions); problem != nil {
		resp.Diagnostics.Append(problem)
		return
	}
	config.Regions = slices.DeleteFunc(regions, func(r model) bool { return !config.passes(r) })
	resp.Diagnostics.Append(resp.State.Set(ctx, &config)...)
}

// passes says whether a region passes every filter that is set.
func (l listModel) passes(r model) bool {
	usable := r.Enabled.ValueBool() && r.Status.ValueString() == statusActive
	return (l.Datacenter.IsNull() || l.Datacenter.Equal(r.Datacenter)) &&
		(l.Enabled.IsNull() || l.Enabled.Equal(r.Enabled)) &&
		(l.Usable.IsNull() || l.Usable.ValueBool() == usable) &&
		(l.LiveMigration.IsNull() || l.LiveMigration.Equal(r.LiveMigration))
}

// checkDatacenter reports a data centre without regions, which is probably a typing error.
func (l listModel) checkDatacenter(regions []model) diag.Diagnostic {
	var names []string
	for _, r := range regions {
		if r.Datacenter.Equal(l.Datacenter) {
			return nil
		}
		names = append(names, r.Datacenter.ValueString())
	}
	if l.Datacenter.IsNull() {
		return nil
	}
	slices.Sort(names)
	return diag.NewAttributeErrorDiagnostic(path.Root("datacenter"),
		fmt.Sprintf("No region belongs to a data centre %q", l.Datacenter.ValueString()),
		didYouMean(regions, l.Datacenter.ValueString(), func(m model) string { return m.Datacenter.ValueString() })+
			"Data centres with regions: "+strings.Join(slices.Compact(names), ", ")+".")
}
