// Package environmentdata looks up environments: the data sources vap_environment, vap_environments and
// vap_migration_check, and the list resource for "terraform query".
package environmentdata

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/diagutil"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/providerdata"
)

type dataSource struct{ providerdata.DataSource }

// NewDataSource returns the data source vap_environment.
func NewDataSource() datasource.DataSource { return &dataSource{} }

// Metadata implements datasource.DataSource.
func (d *dataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_environment"
}

// Schema implements datasource.DataSource.
func (d *dataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := dataAttributes()
	attributes["name"] = schema.StringAttribute{
		MarkdownDescription: "The name of the environment to read, for example `shop-prod`. " +
			"It is the first part of the domain, not the name in the dashboard.",
		Required:   true,
		Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads an environment, whoever manages it: its region, status, layers, nodes and addresses. " +
			"Until the run has changed something, data sources and resources share what they read for at most ten minutes. " +
			"It is an error if the environment does not exist. To find out whether it exists, use `vap_environments`.",
		Attributes: attributes,
	}
}

// Read implements datasource.DataSource.
func (d *dataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var name string
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("name"), &name)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if problem := d.Missing("Environments"); problem != nil {
		resp.Diagnostics.Append(problem)
		return
	}
	env, err := d.Service.Get(ctx, name, migration.Recent)
	switch {
	case platform.IsMissing(err):
		resp.Diagnostics.AddAttributeError(path.Root("name"), fmt.Sprintf("Environment %q does not exist", name),
			d.didYouMean(ctx, name)+"The name is the first part of the environment's domain, not the name that the dashboard "+
				"shows.\n\n"+diagutil.Explain(err))
		return
	case err != nil:
		resp.Diagnostics.Append(diagutil.FromError(name, "the environment cannot be read", err, ""))
		return
	}
	catalog, err := d.Service.RegionsWithoutPrices(ctx, migration.Recent)
	if err != nil {
		resp.Diagnostics.Append(diagutil.FromError(name, "the regions cannot be read", err, ""))
		return
	}
	model := describeData(env, catalog)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// didYouMean suggests the environment that was probably meant: one with that display name or with a similar name.
// It is empty if there is none, or if the environments cannot be listed.
func (d *dataSource) didYouMean(ctx context.Context, name string) string {
	all, err := d.Service.List(ctx, migration.Recent)
	if err != nil {
		return ""
	}
	names := map[string]string{}
	for _, env := range all {
		names[env.DisplayName] = env.Name
	}
	for _, env := range all {
		names[env.Name] = env.Name
	}
	delete(names, "")
	return diagutil.DidYouMean(migration.NearestOf(name, names))
}
