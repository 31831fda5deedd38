package environment

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// identityModel is the resource identity. It excludes the region: an identity never changes, and a region does.
type identityModel struct {
	Name types.String `tfsdk:"name"`
}

func (m resourceModel) identity() identityModel { return identityModel{m.Name} }

// encoded returns the identity in Terraform's format.
func (m identityModel) encoded() (*tfprotov6.ResourceIdentityData, error) {
	object := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"name": tftypes.String}}
	data, err := tfprotov6.NewDynamicValue(object, tftypes.NewValue(object, map[string]tftypes.Value{
		"name": tftypes.NewValue(tftypes.String, m.Name.ValueString()),
	}))
	return &tfprotov6.ResourceIdentityData{IdentityData: &data}, err
}

func (r *environmentResource) IdentitySchema(
	_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse,
) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"name": identityschema.StringAttribute{
				Description:       "The name of the environment, which is unique on the whole platform.",
				RequiredForImport: true,
			},
		},
	}
}

// ImportState imports by ID or, with Terraform and OpenTofu 1.12 or newer, by identity.
func (r *environmentResource) ImportState(
	ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse,
) {
	name := types.StringValue(req.ID)
	if req.ID == "" {
		resp.Diagnostics.Append(req.Identity.GetAttribute(ctx, path.Root("name"), &name)...)
	}
	if name.ValueString() == "" {
		resp.Diagnostics.AddError("The import has no environment name",
			"Import an environment by its name, for example: terraform import vap_environment.shop shop-prod.")
		return
	}
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, importedKey, []byte("true"))...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("name"), name)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), name)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, identityModel{name})...)
}

// importedKey marks, in private state, an imported environment that has not been read yet. Read then takes all its
// node groups into the state, so that Terraform can generate a configuration from it.
const importedKey = "imported"
