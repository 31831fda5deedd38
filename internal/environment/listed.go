package environment

import (
	"context"

	frameworklist "github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/tfvalue"
)

// DescribeListed describes a listed environment in the same way as an import followed by a read.
func DescribeListed(
	ctx context.Context, req frameworklist.ListRequest, env platform.Environment, catalog migration.RegionCatalog,
) frameworklist.ListResult {
	result := req.NewListResult(ctx)
	result.DisplayName = env.Name
	if env.DisplayName != "" && env.DisplayName != env.Name {
		result.DisplayName += " (" + env.DisplayName + ")"
	}
	var model resourceModel
	model.Name = tfvalue.StringOrNull(env.Name)
	result.Diagnostics.Append(result.Identity.Set(ctx, model.identity())...)
	if !req.IncludeResource || result.Diagnostics.HasError() {
		return result
	}
	result.Diagnostics.Append(result.Resource.SetAttribute(ctx, path.Root("name"), model.Name)...)
	result.Diagnostics.Append(result.Resource.Get(ctx, &model)...)
	result.Diagnostics.Append(model.describe(ctx, env, catalog, true)...)
	if result.Diagnostics.HasError() {
		return result
	}
	result.Diagnostics.Append(result.Resource.Set(ctx, &model)...)
	return result
}
