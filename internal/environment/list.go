package environment

import (
	"context"

	querying "github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// listResource finds environments for "terraform query". Its name and how it is configured are the resource's.
type listResource struct{ environmentResource }

// NewListResource makes the list resource vap_environment. It expects a *migration.Service as provider data.
func NewListResource() querying.ListResource { return &listResource{} }

var _ querying.ListResourceWithConfigure = (*listResource)(nil)

func (l *listResource) ListResourceConfigSchema(_ context.Context, _ querying.ListResourceSchemaRequest, resp *querying.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists environments for `terraform query` (Terraform 1.14 or newer), whoever manages them, and generates `import` blocks and " +
			"configuration for them. The list includes environments that other accounts share with this account. Without filters, it contains " +
			"all environments. It takes one call to the platform, however many environments there are.",
		Attributes: filterAttributes(func(description string, validators ...validator.String) schema.Attribute {
			return schema.StringAttribute{MarkdownDescription: description, Optional: true, Validators: validators}
		}),
	}
}

// List finds the environments at once and describes each when it is asked for.
func (l *listResource) List(ctx context.Context, req querying.ListRequest, stream *querying.ListResultsStream) {
	var filters Filters
	diags := req.Config.Get(ctx, &filters)
	if l.service == nil {
		diags.AddError("The provider is not configured: a part of its configuration is not known", "Environments can be listed only when every argument of the "+
			"provider block is known."+nothingChanged)
	}
	if diags.HasError() {
		stream.Results = querying.ListResultsStreamDiagnostics(diags)
		return
	}
	environments, facts, diags := filters.environments(ctx, l.service)
	if diags.HasError() {
		stream.Results = querying.ListResultsStreamDiagnostics(diags)
		return
	}
	if req.Limit > 0 && int64(len(environments)) > req.Limit {
		environments = environments[:req.Limit]
	}
	stream.Results = func(push func(querying.ListResult) bool) {
		for _, env := range environments {
			if !push(listed(ctx, req, env, facts)) {
				return
			}
		}
	}
}

// listed describes an environment as an import and the reading after it would.
func listed(ctx context.Context, req querying.ListRequest, env platform.Environment, facts migration.Facts) querying.ListResult {
	result := req.NewListResult(ctx)
	result.DisplayName = env.Name
	if env.DisplayName != "" && env.DisplayName != env.Name {
		result.DisplayName += " (" + env.DisplayName + ")"
	}
	var model resourceModel
	model.Name = text(env.Name)
	result.Diagnostics.Append(result.Identity.Set(ctx, model.identity())...)
	if !req.IncludeResource || result.Diagnostics.HasError() {
		return result
	}
	result.Diagnostics.Append(result.Resource.SetAttribute(ctx, path.Root("name"), model.Name)...)
	result.Diagnostics.Append(result.Resource.Get(ctx, &model)...)
	result.Diagnostics.Append(model.describe(ctx, env, facts, true)...)
	if result.Diagnostics.HasError() {
		return result
	}
	result.Diagnostics.Append(result.Resource.Set(ctx, &model)...)
	return result
}
