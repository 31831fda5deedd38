package environmentdata

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/providerdata"
)

type listDataSource struct{ providerdata.DataSource }

// NewListDataSource returns the data source vap_environments.
func NewListDataSource() datasource.DataSource { return &listDataSource{} }

// listModel is the model of vap_environments: the filters and the environments that pass them.
type listModel struct {
	Filters
	Environments []dataModel `tfsdk:"environments"`
}

// Metadata implements datasource.DataSource.
func (d *listDataSource) Metadata(
	_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse,
) {
	resp.TypeName = req.ProviderTypeName + "_environments"
}

// Schema implements datasource.DataSource.
func (d *listDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := filterAttributes(func(description string, validators ...validator.String) schema.Attribute {
		return schema.StringAttribute{MarkdownDescription: description, Optional: true, Validators: validators}
	})
	attributes["environments"] = schema.ListNestedAttribute{
		MarkdownDescription: "The environments that match all filters, sorted by name.",
		Computed:            true,
		NestedObject:        schema.NestedAttributeObject{Attributes: dataAttributes()},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the environments that this account owns or shares. " +
			"Without filters, it lists all of them. It takes one call to the platform, however many environments there are. " +
			"If an environment is not listed, it may still exist: the account's role may no longer show it.",
		Attributes: attributes,
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
	environments, catalog, diags := model.environments(ctx, d.Service)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	model.Environments = []dataModel{}
	for _, env := range environments {
		model.Environments = append(model.Environments, describeData(env, catalog))
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
