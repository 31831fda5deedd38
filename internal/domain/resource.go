// Package domain is the resource vap_domain_binding: a custom domain under which an environment is reached.
package domain

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/configured"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// NewResource makes the resource vap_domain_binding. It expects a *migration.Service as provider data; without one,
// while the provider's configuration is not known, it keeps what it knows.
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
	resp.ResourceBehavior.MutableIdentity = true // a domain that moves stays the same binding
}

func (r *bindingResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A custom domain of an environment: a host name of your own under which the platform's shared load balancer " +
			"reaches the environment, besides the environment's own `domain`.\n\n" +
			"Beside the binding it takes a DNS record: a `CNAME` from the custom domain to the `domain` of the environment. The platform looks " +
			"at neither the record nor its owner. An environment whose entry point has a public IPv4 address is not reached through the shared " +
			"load balancer: there an `A` record to that address is what counts, and no binding is needed.\n\n" +
			"A domain can be bound **once on the whole platform**. Changing `environment` therefore removes the domain from one environment " +
			"and, in the same step, binds it to the other; in between it leads nowhere, and the plan says so. The platform's documentation allows " +
			"some minutes until a binding takes effect. Before the domain is removed, the provider looks whether the other environment exists and " +
			"waits for what is at work on it; if the platform then refuses the binding, the domain is bound again to where it was. " +
			"*Swap Domains* in the dashboard leaves no gap; after it, take the bindings out of the state (`terraform state rm`) and import them at " +
			"their new places.\n\n" +
			"Write one resource for each domain, not for each environment: two environments exchange their domains in one apply when each domain's " +
			"`environment` changes. If each environment's `domain` changed instead, one would ask for what the other still has.\n\n" +
			"A binding ends with its environment. If something replaces the environment under the same name, " +
			"`replace_triggered_by = [vap_environment.shop.app_id]` in the binding's `lifecycle` block binds the domain again in the same apply.",
		Attributes: map[string]schema.Attribute{
			"environment": schema.StringAttribute{
				MarkdownDescription: "The name of the environment to which the domain is bound, for example `vap_environment.shop.name`. " +
					"Changing it moves the domain there, after everything else that this apply changes about that environment.",
				Required:   true,
				Validators: []validator.String{stringvalidator.RegexMatches(environmentPattern, notAnEnvironment)},
			},
			"domain": schema.StringAttribute{
				MarkdownDescription: "The custom domain without scheme, port and path, for example `www.example.com`; international names in their " +
					"ASCII form (`xn--…`). Capital letters and a dot at the end, as DNS resources have it, make no difference. A wildcard such as " +
					"`*.example.com` is passed on; whether a platform takes it is not verified. " +
					"Changing it removes the old domain and binds the new one.",
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
			"timeouts": timeouts.Attributes(ctx, timeouts.Opts{
				Create: true, Read: true, Update: true, Delete: true,
				CreateDescription: "How long binding the domain may take, for example `1h`. The default is 30 minutes. It takes a moment unless " +
					"something else is at work on the environment, such as a migration, which is waited for.",
				ReadDescription: "How long reading the binding may take, for example `1m`. The default is 5 minutes.",
				UpdateDescription: "How long moving the domain to another environment may take, for example `1h`. The default is 30 minutes. What is at " +
					"work on either environment is waited for.",
				DeleteDescription: "How long removing the domain may take, for example `1h`. The default is 30 minutes. What is at work on the " +
					"environment is waited for.",
			}),
			"id": schema.StringAttribute{
				MarkdownDescription: "The name of the environment and the domain in lower case, for example `shop-prod/www.example.com`.",
				Computed:            true,
			},
		},
	}
}

func (r *bindingResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
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

func (r *bindingResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.service = configured.Service(req.ProviderData, &resp.Diagnostics)
}

// ModifyPlan makes the identifier known and warns of the gap when a domain moves between environments.
func (r *bindingResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
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
		return
	}
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || plan.Environment.Equal(state.Environment) ||
		plan.Domain.IsUnknown() || plan.binding().domain != state.binding().domain {
		return
	}
	resp.Diagnostics.Append(gap(state.binding(), plan.Environment))
}

// ImportState takes an identifier or, from Terraform 1.12 on, an identity.
func (r *bindingResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
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
			fmt.Sprintf("Nothing can be imported by %s: %s. Write the name of the environment, a slash and the domain, for example "+
				"\"shop-prod/www.example.com\".", given, err))
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("environment"), b.environment)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("domain"), b.domain)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), b.String())...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, b.identity())...)
}

// Read looks whether the environment still has the domain.
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

	env, err := r.service.Environment(ctx, b.environment)
	if err == nil && !b.isOf(env) {
		// What a list of all environments leaves out is asked for by name before it is believed gone.
		env, err = r.service.Client.Environment(ctx, b.environment)
	}
	switch {
	case platform.IsMissing(err), err == nil && !b.isOf(env):
		resp.State.RemoveResource(ctx)
	case err != nil:
		resp.Diagnostics.Append(problem(b.domain+": environment "+b.environment+" cannot be read", err, "\n\nThe state was kept as it was."))
	}
}
