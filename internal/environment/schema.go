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

// resourceSchema describes vap_environment. Only name has a plan modifier: which values a plan may call known depends
// on several attributes at once, so planUpdate decides it for all of them.
func resourceSchema(ctx context.Context) schema.Schema {
	return schema.Schema{
		MarkdownDescription: "Manages an environment: an application with one or more layers of containers " +
			"in one region.\n\nChanging `region` never recreates the environment. Terraform plans a **migration**: " +
			"the plan shows what the migration will do (live or offline, downtime, new addresses, new domain, cost), " +
			"and the apply carries it out with the platform's own migration engine. A migration that stops the environment " +
			"or changes its addresses needs a permission in `migration_policy`. Without it the plan fails and says what " +
			"would happen.\n\nAn **import** reads everything from the platform, including all layers, but no variables. " +
			"With an `import` block, `terraform plan -generate-config-out=FILE` generates a configuration whose plan " +
			"changes nothing. In OpenTofu up to 1.12 and Terraform before 1.9.8 this fails if a layer has `volumes`, " +
			"because they [do not quote paths](https://github.com/opentofu/opentofu/issues/3978). " +
			"Write the configuration by hand, or generate it with a newer Terraform.",
		Attributes: tfvalue.WithTypes(map[string]schema.Attribute{
			"name": schema.StringAttribute{
				MarkdownDescription: "The name of the environment, for example `shop-prod`. " +
					"It is unique on the whole platform and is the first part of the domain. " +
					"It has at least 5 characters: lower-case letters, digits and hyphens. Changing it replaces the environment.",
				Required: true,
				Validators: []validator.String{
					stringvalidator.RegexMatches(regexp.MustCompile(`^[a-z0-9][a-z0-9-]{3,}[a-z0-9]$`),
						"must have at least 5 characters, all of them lower-case letters, digits and hyphens, and neither start nor "+
							"end with a hyphen"),
				},
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"region": schema.StringAttribute{
				MarkdownDescription: "The unique name of the environment region, for example `north-standard`. " +
					"The data source `vap_regions` lists all regions. Changing it migrates the environment in place.",
				Required:   true,
				Validators: []validator.String{stringvalidator.LengthAtLeast(1), nodegroup.Visible{}},
			},
			"display_name": schema.StringAttribute{
				MarkdownDescription: "The name in the dashboard, for example `Shop`. By default, Terraform does not manage it.",
				Optional:            true,
				Computed:            true,
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1), nodegroup.Visible{}},
			},
			"groups": schema.SetAttribute{
				MarkdownDescription: "The environment groups of the environment, with `/` between levels, for example " +
					"`[\"shop/prod\"]`. An empty set removes it from all groups. By default, Terraform does not manage them.",
				ElementType: types.StringType,
				Optional:    true,
				Computed:    true,
				Validators:  []validator.Set{setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1), nodegroup.Visible{})},
			},
			"built_in_ssl": schema.BoolAttribute{
				MarkdownDescription: "Whether the platform's own certificate enables HTTPS for the environment's domain, " +
					"for example `true`. It covers only the platform domain, not custom domains. " +
					"By default, Terraform does not manage it.",
				Optional: true,
				Computed: true,
			},
			"power": schema.StringAttribute{
				MarkdownDescription: "`running` or `stopped`. A sleeping environment counts as running; " +
					"Terraform does not wake it. With a migration in the same apply, Terraform stops the environment before " +
					"the migration or starts it afterwards. By default, Terraform does not manage it.",
				Optional:   true,
				Computed:   true,
				Validators: []validator.String{stringvalidator.OneOf(powerRunning, powerStopped)},
			},
			"deletion_protection": schema.BoolAttribute{
				MarkdownDescription: "If `true`, " +
					"the plan and the apply fail if they would destroy or rename the environment or remove one of its layers. " +
					"The default is `false`. The value in the state counts, so you must set it to `false` in a separate apply first.",
				Optional: true,
			},
			"node_groups":      nodegroup.Attribute(),
			"migration_policy": migrationplan.PolicyAttribute(),
			"timeouts":         timeoutsAttribute(ctx),
			"id": schema.StringAttribute{
				MarkdownDescription: "The ID of the environment, which is its name.",
				Computed:            true,
			},
			"app_id": schema.StringAttribute{
				MarkdownDescription: "The platform's internal ID of the environment: 32 hexadecimal digits.",
				Computed:            true,
			},
			"domain": schema.StringAttribute{
				MarkdownDescription: "The host name of the environment, for example `shop-prod.north.example.com`. " +
					"It changes if the environment moves to a data centre with another domain.",
				Computed: true,
			},
			"url": schema.StringAttribute{
				MarkdownDescription: "The URL of the environment, for example `http://shop-prod.north.example.com`. " +
					"It starts with `https` if `built_in_ssl` is on.",
				Computed: true,
			},
			"datacenter": schema.StringAttribute{
				MarkdownDescription: "The unique name of the region's data centre, for example `north`.",
				Computed:            true,
			},
			"created_at": schema.StringAttribute{
				MarkdownDescription: "The time of creation in UTC (RFC 3339), for example `2026-03-01T09:30:00Z`.",
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
	attribute := tfvalue.PositiveTimeouts(timeouts.Attributes(ctx, timeouts.Opts{
		Create: true, Read: true, Update: true, Delete: true,
		CreateDescription: "How long creating the environment may take, for example `30m`. The default is 30 minutes.",
		ReadDescription:   "How long reading the environment may take, for example `1m`. The default is 5 minutes.",
		UpdateDescription: "How long each change other than a migration may take, for example `10m`. " +
			"The default is 20 minutes. For a migration, set `migration_policy.timeout`.",
		DeleteDescription: "How long deleting the environment may take, for example `10m`. The default is 20 minutes.",
	}))
	if nested, ok := attribute.(schema.SingleNestedAttribute); ok {
		nested.MarkdownDescription = "How long Terraform waits for the platform before it gives up. " +
			"The platform completes an operation that it has started."
		return nested
	}
	return attribute
}
