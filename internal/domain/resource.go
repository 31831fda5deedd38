// Package domain is the resource vap_domain_binding: a custom domain under which an environment is reached.
package domain

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/providerdata"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/tfvalue"
)

// NewResource returns the resource vap_domain_binding. Its provider data is a *migration.Service. While the
// provider's configuration is not known, there is none, and the resource keeps the known values.
func NewResource() resource.Resource { return &bindingResource{} }

type bindingResource struct {
	service *migration.Service
}

var (
	_ resource.ResourceWithConfigure   = (*bindingResource)(nil)
	_ resource.ResourceWithIdentity    = (*bindingResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*bindingResource)(nil)
	_ resource.ResourceWithImportState = (*bindingResource)(nil)
)

func (r *bindingResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_domain_binding"
	resp.ResourceBehavior.MutableIdentity = true // a binding that moves stays the same
}

func (r *bindingResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Binds a custom domain to an environment. The platform's shared load balancer then serves " +
			"the environment under this domain, in addition to the environment's own `domain`.\n\nYou also need a DNS record: " +
			"a `CNAME` from the custom domain to the `domain` of the environment. " +
			"The platform checks neither the record nor its owner. If the entry point of the environment has a public " +
			"IPv4 address, traffic does not pass the shared load balancer: create an `A` record to that address instead. " +
			"You need no binding.\n\nA domain can be bound **only once on the whole platform**. " +
			"Changing `environment` therefore removes the domain from one environment and then binds it to the other. " +
			"In between, the domain leads nowhere, and the plan warns of that. According to the platform's documentation, " +
			"a binding may need some minutes to take effect. Before the provider removes the domain, it checks that " +
			"the other environment exists and waits for operations on it. If the platform then refuses the binding, " +
			"the provider binds the domain to its old environment again. *Swap Domains* in the dashboard leaves no gap. " +
			"After a swap, remove the bindings from the state (`terraform state rm`) and import them again.\n\nWrite " +
			"one resource for each domain, not for each environment. Two environments swap their domains in one apply if each " +
			"domain's `environment` changes. If each binding's `domain` changed instead, one environment would request " +
			"a domain that the other still has.\n\nThe platform removes a binding with its environment. If the environment " +
			"may be replaced under the same name, set `replace_triggered_by = [vap_environment.shop.app_id]` in the binding's " +
			"`lifecycle` block to bind the domain again in the same apply.",
		Attributes: map[string]schema.Attribute{
			"environment": schema.StringAttribute{
				MarkdownDescription: "The name of the environment, for example `vap_environment.shop.name`. " +
					"Changing it moves the domain to that environment, after all other changes of this apply to it.",
				Required:   true,
				Validators: []validator.String{stringvalidator.RegexMatches(environmentPattern, notAnEnvironment)},
			},
			"domain": schema.StringAttribute{
				MarkdownDescription: "The custom domain without scheme, port and path, for example `www.example.com`. " +
					"Write international names in ASCII form (`xn--…`). Upper-case letters and a trailing dot make no difference. " +
					"The provider passes a wildcard such as `*.example.com` to the platform, " +
					"but nobody has tested whether a platform accepts it. Changing it removes the old domain and binds the new one.",
				Required:   true,
				Validators: []validator.String{isDomain{}},
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplaceIf(
					func(_ context.Context, req planmodifier.StringRequest, resp *stringplanmodifier.RequiresReplaceIfFuncResponse) {
						resp.RequiresReplace = req.PlanValue.IsUnknown() ||
							normalise(req.PlanValue.ValueString()) != normalise(req.StateValue.ValueString())
					},
					"Another domain replaces the binding.", "Another domain replaces the binding.",
				)},
			},
			"timeouts": tfvalue.PositiveTimeouts(timeouts.Attributes(ctx, timeouts.Opts{
				Create: true, Read: true, Update: true, Delete: true,
				CreateDescription: "How long binding the domain may take, for example `1h`. The default is 30 minutes. " +
					"This includes waiting for other operations on the environment, for example a migration.",
				ReadDescription: "How long reading the binding may take, for example `1m`. The default is 5 minutes.",
				UpdateDescription: "How long moving the domain to another environment may take, for example `1h`. " +
					"The default is 30 minutes. This includes waiting for other operations on both environments.",
				DeleteDescription: "How long removing the domain may take, for example `1h`. The default is 30 minutes. " +
					"This includes waiting for other operations on the environment.",
			})),
			"id": schema.StringAttribute{
				MarkdownDescription: "The name of the environment and the domain in lower case, " +
					"for example `shop-prod/www.example.com`.",
				Computed: true,
			},
		},
	}
}

func (r *bindingResource) IdentitySchema(
	_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse,
) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"environment": identityschema.StringAttribute{
				Description:       "The name of the environment to which the domain is bound.",
				RequiredForImport: true,
			},
			"domain": identityschema.StringAttribute{
				Description:       "The custom domain in lower case.",
				RequiredForImport: true,
			},
		},
	}
}

func (r *bindingResource) Configure(
	_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse,
) {
	r.service = providerdata.Service(req.ProviderData, &resp.Diagnostics)
}

// ModifyPlan sets the identifier, and warns of the gap when a domain moves between environments.
func (r *bindingResource) ModifyPlan(
	ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse,
) {
	if req.Plan.Raw.IsNull() {
		return
	}
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("id"), plan.id())...)
	if req.State.Raw.IsNull() {
		resp.Diagnostics.Append(r.warnIfUnneeded(ctx, plan)...)
		return
	}
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || plan.Environment.Equal(state.Environment) ||
		plan.Domain.IsUnknown() || plan.binding().domain != state.binding().domain {
		return
	}
	resp.Diagnostics.Append(unboundWarning(state.binding(), plan.Environment))
	resp.Diagnostics.Append(r.warnIfUnneeded(ctx, plan)...)
}

// warnIfUnneeded warns if the environment exists and has a public address, so that it needs no binding.
func (r *bindingResource) warnIfUnneeded(ctx context.Context, plan model) diag.Diagnostics {
	if r.service == nil || plan.Environment.IsUnknown() || plan.Domain.IsUnknown() {
		return nil
	}
	b := plan.binding()
	env, err := r.service.Get(ctx, b.environment, migration.Recent)
	if err != nil {
		return nil // the apply reports it if it still fails
	}
	return unneededWarning(b, env)
}

// ImportState accepts an identifier or, from Terraform 1.12 on, an identity.
func (r *bindingResource) ImportState(
	ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse,
) {
	var b binding
	var err error
	given := fmt.Sprintf("%q", req.ID)
	if req.ID != "" {
		b, err = parseID(req.ID)
	} else {
		var identity identityModel
		resp.Diagnostics.Append(req.Identity.Get(ctx, &identity)...)
		if resp.Diagnostics.HasError() {
			return
		}
		b = binding{identity.Environment.ValueString(), identity.Domain.ValueString()}
		given = "this identity"
		if err = b.check(); err == nil && b.domain != normalise(b.domain) {
			err = fmt.Errorf("the domain of an identity is in lower case and without a dot at its end, %q", normalise(b.domain))
		}
	}
	if err != nil {
		resp.Diagnostics.AddError("A domain binding is imported by environment and domain",
			fmt.Sprintf("Nothing can be imported by %s: %s. Write the name of the environment, a slash and the domain, for "+
				"example \"shop-prod/www.example.com\".", given, err))
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("environment"), b.environment)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("domain"), b.domain)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), b.String())...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, b.identity())...)
}

// Read checks whether the domain is still bound to the environment.
func (r *bindingResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	b := state.binding()
	resp.Diagnostics.Append(resp.Identity.Set(ctx, b.identity())...)
	if r.service == nil {
		return
	}
	timeout, diags := state.Timeouts.Read(ctx, readTimeout)
	resp.Diagnostics.Append(diags...)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	env, err := r.service.Get(ctx, b.environment, migration.Recent)
	if err == nil && !b.isOf(env) {
		// The list may be incomplete, so read the environment by name before removing the binding from the state.
		env, err = r.service.Get(ctx, b.environment, migration.ByName)
	}
	switch {
	case platform.IsMissing(err), err == nil && !b.isOf(env):
		resp.State.RemoveResource(ctx)
	case err != nil:
		resp.Diagnostics.Append(problem(b.domain+": environment "+b.environment+" cannot be read", err,
			"\n\nThe state was kept as it was."))
	}
}
