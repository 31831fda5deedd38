package environmentdata

import (
	"context"

	frameworklist "github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/providerdata"
)

// listResource finds environments for "terraform query".
type listResource struct {
	service  *migration.Service
	describe Describe
}

// Describe describes an environment like an import and the read after it.
type Describe func(context.Context, frameworklist.ListRequest, platform.Environment,
	migration.RegionCatalog) frameworklist.ListResult

// NewListResource returns the list resource vap_environment, which finds environments and describes them with the
// given function. It expects a *migration.Service as provider data.
func NewListResource(describe Describe) frameworklist.ListResource {
	return &listResource{describe: describe}
}

var _ frameworklist.ListResourceWithConfigure = (*listResource)(nil)

// Metadata implements list.ListResource. The name is the resource's.
func (l *listResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_environment"
}

// Configure implements list.ListResourceWithConfigure.
func (l *listResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	l.service = providerdata.Service(req.ProviderData, &resp.Diagnostics)
}

// ListResourceConfigSchema implements list.ListResource.
func (l *listResource) ListResourceConfigSchema(
	_ context.Context, _ frameworklist.ListResourceSchemaRequest, resp *frameworklist.ListResourceSchemaResponse,
) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists environments for `terraform query` (Terraform 1.14 or newer), " +
			"whoever manages them, and generates `import` blocks and configuration for them. " +
			"The list includes environments that other accounts share with this account. Without filters, " +
			"it contains all environments. It takes one call to the platform, however many environments there are.",
		Attributes: filterAttributes(func(description string, validators ...validator.String) schema.Attribute {
			return schema.StringAttribute{MarkdownDescription: description, Optional: true, Validators: validators}
		}),
	}
}

// List finds all environments first, and describes each when Terraform asks for it.
func (l *listResource) List(
	ctx context.Context, req frameworklist.ListRequest, stream *frameworklist.ListResultsStream,
) {
	var filters Filters
	diags := req.Config.Get(ctx, &filters)
	if l.service == nil {
		diags.AddError("The provider is not configured: a part of its configuration is not known",
			"Environments can be listed only when every argument of the "+
				"provider block is known.")
	}
	if diags.HasError() {
		stream.Results = frameworklist.ListResultsStreamDiagnostics(diags)
		return
	}
	environments, catalog, diags := filters.environments(ctx, l.service)
	if diags.HasError() {
		stream.Results = frameworklist.ListResultsStreamDiagnostics(diags)
		return
	}
	if req.Limit > 0 && int64(len(environments)) > req.Limit {
		environments = environments[:req.Limit]
	}
	stream.Results = func(push func(frameworklist.ListResult) bool) {
		for _, env := range environments {
			if !push(l.describe(ctx, req, env, catalog)) {
				return
			}
		}
	}
}
