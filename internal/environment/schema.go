package environment

import (
	"context"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migrationplan"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/nodegroup"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/tfvalue"
)

// resourceSchema describes vap_environment. Only name has a plan modifier: what a plan may call known depends on
// several attributes at once and is decided in one place, planUpdate.
func resourceSchema(ctx context.Context) schema.Schema {
	return schema.Schema{
		MarkdownDescription: "An environment: an application of one or several layers of containers in one environment region.\n\n" +
			"Changing `region` never recreates the environment. It plans a **migration**, says in the plan what the migration " +
			"will do (live or offline, downtime, new addresses, new domain, cost), and the apply carries it out with the " +
			"platform's own migration engine. A migration that stops the environment or changes its addresses needs a " +
			"permission in `migration_policy`; without it the plan fails and says what would happen.\n\n" +
			"An **import** takes over everything that the platform has, all layers included, but no variables. With an `import` block " +
			"`terraform plan -generate-config-out=FILE` writes a configuration whose plan changes nothing. OpenTofu up to 1.12 and Terraform before 1.9.8 " +
			"fail at that if a layer has `volumes`, because they [leave out the quotes of paths](https://github.com/opentofu/opentofu/issues/3978); " +
			"write that configuration by hand, or generate it with a newer Terraform.",
		Attributes: tfvalue.WithTypes(map[string]schema.Attribute{
			"name": schema.StringAttribute{
				MarkdownDescription: "The name of the environment, unique on the whole platform and the first part of its domain: " +
					"lower-case letters, digits and hyphens, at least 5 characters, for example `shop-prod`. Changing it replaces the environment.",
				Required: true,
				Validators: []validator.String{
					stringvalidator.RegexMatches(regexp.MustCompile(`^[a-z0-9][a-z0-9-]{3,}[a-z0-9]$`),
						"must have at least 5 characters, all of them lower-case letters, digits and hyphens, and neither start nor end with a hyphen"),
				},
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"region": schema.StringAttribute{
				MarkdownDescription: "The unique name of the environment region, for example `north-standard`; the data source `vap_regions` " +
					"lists them. Changing it migrates the environment in place.",
				Required:   true,
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"display_name": schema.StringAttribute{
				MarkdownDescription: "The name that the dashboard shows, for example `Shop`. Not managed if it is not written.",
				Optional:            true,
				Computed:            true,
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"groups": schema.SetAttribute{
				MarkdownDescription: "The environment groups to which the environment belongs; levels are separated by `/`, for example " +
					"`[\"shop/prod\"]`. An empty set takes it out of all groups. Not managed if it is not written.",
				ElementType: types.StringType,
				Optional:    true,
				Computed:    true,
				Validators:  []validator.Set{setvalidator.NoNullValues(), setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1))},
			},
			"built_in_ssl": schema.BoolAttribute{
				MarkdownDescription: "Whether the platform's own certificate makes the environment's domain reachable by HTTPS, for example `true`. It covers the " +
					"platform domain only, no custom domains. Not managed if it is not written.",
				Optional: true,
				Computed: true,
			},
			"power": schema.StringAttribute{
				MarkdownDescription: "`running` or `stopped`. A sleeping environment counts as running and is not woken. Together with a migration, stopping is done " +
					"before the move and starting after it. Not managed if it is not written.",
				Optional:   true,
				Computed:   true,
				Validators: []validator.String{stringvalidator.OneOf(powerRunning, powerStopped)},
			},
			"deletion_protection": schema.BoolAttribute{
				MarkdownDescription: "Refuses, in the plan and in the apply, to destroy or rename the environment and to remove one of its layers. The default is `false`. " +
					"What counts is the value in the state, so switching it off is an apply of its own.",
				Optional: true,
			},
			"node_groups":      nodegroup.Attribute(),
			"migration_policy": migrationplan.PolicyAttribute(),
			"timeouts":         timeoutsAttribute(ctx),
			"id": schema.StringAttribute{
				MarkdownDescription: "The name of the environment, which is its identifier.",
				Computed:            true,
			},
			"app_id": schema.StringAttribute{
				MarkdownDescription: "The platform's internal identifier of the environment: 32 hexadecimal digits.",
				Computed:            true,
			},
			"domain": schema.StringAttribute{
				MarkdownDescription: "The host name under which the environment is reached, for example `shop-prod.north.example.com`. " +
					"It changes when the environment moves to a data centre with another domain.",
				Computed: true,
			},
			"url": schema.StringAttribute{
				MarkdownDescription: "The address of the environment, for example `http://shop-prod.north.example.com`; `https` if the platform's " +
					"built-in SSL is on.",
				Computed: true,
			},
			"datacenter": schema.StringAttribute{
				MarkdownDescription: "The unique name of the data centre to which the region belongs, for example `north`.",
				Computed:            true,
			},
			"created_at": schema.StringAttribute{
				MarkdownDescription: "When the environment was created, in UTC as RFC 3339, for example `2026-03-01T09:30:00Z`.",
				Computed:            true,
			},
			"nodes":             nodegroup.NodesAttribute(),
			"endpoints":         nodegroup.EndpointsAttribute(),
			"planned_migration": migrationplan.PlannedAttribute(),
			"last_migration":    migrationplan.LastAttribute(),
		}),
	}
}

func timeoutsAttribute(ctx context.Context) schema.Attribute {
	attribute := timeouts.Attributes(ctx, timeouts.Opts{
		Create: true, Read: true, Update: true, Delete: true,
		CreateDescription: "How long creating the environment may take, for example `30m`. The default is 30 minutes.",
		ReadDescription:   "How long reading the environment may take, for example `1m`. The default is 5 minutes.",
		UpdateDescription: "How long each change other than a migration may take, for example `10m`. The default is 20 minutes. " +
			"A migration has its own: `migration_policy.timeout`.",
		DeleteDescription: "How long deleting the environment may take, for example `10m`. The default is 20 minutes.",
	})
	if nested, ok := attribute.(schema.SingleNestedAttribute); ok {
		nested.MarkdownDescription = "How long Terraform waits for the platform before it gives up. The platform carries on with what it has begun."
		return nested
	}
	return attribute
}
