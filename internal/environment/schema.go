package environment

import (
	"context"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// resourceSchema describes vap_environment. Only name has a plan modifier: what a plan may call known depends on
// several attributes at once and is decided in one place, planUpdate.
func resourceSchema(ctx context.Context) schema.Schema {
	return schema.Schema{
		MarkdownDescription: "An environment: an application of one or several layers of containers in one environment region.\n\n" +
			"Changing `region` never recreates the environment. It plans a **migration**, says in the plan what the migration " +
			"will do (live or offline, downtime, new addresses, new domain, cost), and the apply carries it out with the " +
			"platform's own migration engine. A migration that stops the environment or changes its addresses needs a " +
			"permission in `migration_policy`; without it the plan fails and says what would happen.",
		Attributes: map[string]schema.Attribute{
			"name": schema.StringAttribute{
				MarkdownDescription: "The name of the environment, unique on the whole platform and the first part of its domain: " +
					"lower-case letters, digits and hyphens, at least 5 characters, for example `shop-prod`. Changing it replaces the environment.",
				Required: true,
				Validators: []validator.String{
					stringvalidator.LengthAtLeast(5),
					stringvalidator.RegexMatches(regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`),
						"must consist of lower-case letters, digits and hyphens, and neither start nor end with a hyphen"),
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
				Validators:  []validator.Set{setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1))},
			},
			"node_groups":      nodeGroupsAttribute(),
			"migration_policy": policyAttribute(),
			"timeouts": timeouts.Attributes(ctx, timeouts.Opts{
				Create: true, Read: true, Update: true, Delete: true,
				CreateDescription: "How long creating the environment may take, for example `30m`. The default is 30 minutes.",
				ReadDescription:   "How long reading the environment may take, for example `1m`. The default is 5 minutes.",
				UpdateDescription: "How long changes other than a migration may take, for example `10m`. The default is 20 minutes. " +
					"A migration has its own: `migration_policy.timeout`.",
				DeleteDescription: "How long deleting the environment may take, for example `10m`. The default is 20 minutes.",
			}),
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
			"nodes":             nodesAttribute(),
			"planned_migration": plannedMigrationAttribute(),
			"last_migration":    lastMigrationAttribute(),
		},
	}
}

func nodeGroupsAttribute() schema.MapNestedAttribute {
	return schema.MapNestedAttribute{
		MarkdownDescription: "The layers of the environment: node groups by their layer's name. The platform's own layers are `cp` (compute), " +
			"`bl` (load balancer), `sqldb`, `nosqldb`, `cache`, `storage`, `build`, `vps` and `docker`; other names are custom layers. " +
			"Needed to create an environment. What is not written in a node group is not managed. " +
			"Changing the layers of an existing environment is not implemented yet: the plan refuses it.",
		Optional: true,
		Computed: true,
		Validators: []validator.Map{
			mapvalidator.SizeAtLeast(1),
			mapvalidator.KeysAre(stringvalidator.RegexMatches(regexp.MustCompile(`^[A-Za-z0-9_-]+$`),
				"must be the name of a layer: letters, digits, hyphens and underscores")),
		},
		NestedObject: schema.NestedAttributeObject{
			Attributes: map[string]schema.Attribute{
				"node_type": schema.StringAttribute{
					MarkdownDescription: "The keyword of the stack from which the nodes are made, for example `nginx`, `mysql8`, or `docker` for an image of one's own.",
					Required:            true,
					Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
				},
				"count": schema.Int64Attribute{
					MarkdownDescription: "How many nodes the layer has, for example `2`. The platform makes 1 if it is not written.",
					Optional:            true,
					Computed:            true,
					Validators:          []validator.Int64{int64validator.AtLeast(1)},
				},
				"reserved_cloudlets": schema.Int64Attribute{
					MarkdownDescription: "How many cloudlets (128 MiB of memory and 400 MHz of processor each) are reserved for each node and always paid for, " +
						"for example `2`. The platform decides if it is not written.",
					Optional:   true,
					Computed:   true,
					Validators: []validator.Int64{int64validator.AtLeast(0)},
				},
				"dynamic_cloudlets": schema.Int64Attribute{
					MarkdownDescription: "The limit of cloudlets up to which each node may grow, reserved ones included, for example `8`; what is used above " +
						"the reserved ones is paid for when it is used. The platform decides if it is not written.",
					Optional:   true,
					Computed:   true,
					Validators: []validator.Int64{int64validator.AtLeast(1), atLeastReserved{}},
				},
				"disk_gb": schema.Int64Attribute{
					MarkdownDescription: "The disk limit of each node in GB, for example `20`. The platform decides if it is not written.",
					Optional:            true,
					Computed:            true,
					Validators:          []validator.Int64{int64validator.AtLeast(1)},
				},
				"tag": schema.StringAttribute{
					MarkdownDescription: "The version of the stack or the tag of the image, for example `8.0.36`. The platform decides if it is not written.",
					Optional:            true,
					Computed:            true,
					Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
				},
				"image": schema.StringAttribute{
					MarkdownDescription: "The container image of a `docker` node type without its tag, for example `library/nginx`.",
					Optional:            true,
					Computed:            true,
					Validators: []validator.String{
						stringvalidator.LengthAtLeast(1),
						stringvalidator.RegexMatches(regexp.MustCompile(`^([^@]*/)?[^/:@]+$`), "must not contain a tag or digest: write the tag in `tag`"),
					},
				},
				"public_ipv4_count": schema.Int64Attribute{
					MarkdownDescription: "How many public IPv4 addresses each node of the layer has, for example `1`. The platform gives none if it is not written.",
					Optional:            true,
					Computed:            true,
					Validators:          []validator.Int64{int64validator.AtLeast(0)},
				},
				"public_ipv6_count": schema.Int64Attribute{
					MarkdownDescription: "How many public IPv6 addresses each node of the layer has, for example `1`. The platform gives none if it is not written.",
					Optional:            true,
					Computed:            true,
					Validators:          []validator.Int64{int64validator.AtLeast(0)},
				},
			},
		},
	}
}

func nodesAttribute() schema.ListNestedAttribute {
	return schema.ListNestedAttribute{
		MarkdownDescription: "The nodes of the environment, ordered by layer and then by identifier. Unknown in the plan of a migration that changes addresses, " +
			"so that everything that refers to an address is planned again in the same run.",
		Computed: true,
		NestedObject: schema.NestedAttributeObject{
			Attributes: map[string]schema.Attribute{
				"id":          schema.Int64Attribute{MarkdownDescription: "The identifier of the node, for example `50123`.", Computed: true},
				"node_group":  schema.StringAttribute{MarkdownDescription: "The name of the layer, for example `cp`.", Computed: true},
				"node_type":   schema.StringAttribute{MarkdownDescription: "The keyword of the stack, for example `nginx`.", Computed: true},
				"internal_ip": schema.StringAttribute{MarkdownDescription: "The internal address, for example `10.1.0.4`.", Computed: true},
				"public_ipv4": schema.ListAttribute{MarkdownDescription: "The public IPv4 addresses, the primary one first, the others sorted.", ElementType: types.StringType, Computed: true},
				"public_ipv6": schema.ListAttribute{MarkdownDescription: "The public IPv6 addresses, the primary one first, the others sorted.", ElementType: types.StringType, Computed: true},
				"url":         schema.StringAttribute{MarkdownDescription: "The address of the node itself, which contains the environment's domain.", Computed: true},
				"master":      schema.BoolAttribute{MarkdownDescription: "Whether the node is its layer's master.", Computed: true},
			},
		},
	}
}
