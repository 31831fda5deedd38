package migrationplan

import (
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-validators/float64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/tfvalue"
)

// PolicyAttribute describes migration_policy.
func PolicyAttribute() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		MarkdownDescription: "What a migration of this environment may do. The policy exists only in the configuration: changing it makes no call to the platform.",
		Optional:            true,
		Attributes: map[string]schema.Attribute{
			"mode": schema.StringAttribute{
				MarkdownDescription: "The kind of migration. `auto` (the default) migrates live if that is possible and the environment has no " +
					"databases, shared storage or mounts, and offline otherwise. `live` migrates live or fails. `offline` always stops the environment.",
				Optional: true,
				Validators: []validator.String{
					stringvalidator.OneOf(string(migration.ModeAuto), string(migration.ModeLive), string(migration.ModeOffline)),
				},
			},
			"allow_downtime": schema.BoolAttribute{
				MarkdownDescription: "Permits a migration during which the whole environment is down from start to end. The default is `false`.",
				Optional:            true,
			},
			"allow_ip_change": schema.BoolAttribute{
				MarkdownDescription: "Permits a migration that gives the nodes new internal and public addresses, and possibly the environment a new domain. The default is `false`.",
				Optional:            true,
			},
			"allow_live_databases": schema.BoolAttribute{
				MarkdownDescription: "With `mode = \"live\"`, permits a live migration of active databases, which may lose or damage the data that they are processing. The default is `false`.",
				Optional:            true,
			},
			"allow_live_mounts": schema.BoolAttribute{
				MarkdownDescription: "With `mode = \"live\"`, permits a live migration of layers with NFS or GlusterFS mounts, which do not work during the migration. The default is `false`.",
				Optional:            true,
			},
			"permit_for": schema.SetAttribute{
				MarkdownDescription: "The target regions for which the `allow_*` permissions apply, for example `[\"south-standard\"]`. The default is all regions. " +
					"It keeps a permission for one migration from applying to later ones.",
				ElementType: types.StringType,
				Optional:    true,
				Validators:  []validator.Set{setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1))},
			},
			"allowed_regions": schema.SetAttribute{
				MarkdownDescription: "The only regions in which the environment may be, for example `[\"north-economy\", \"north-performance\"]`. A plan that would create it, move it or leave " +
					"it in another region fails. The default is all regions.",
				ElementType: types.StringType,
				Optional:    true,
				Validators:  []validator.Set{setvalidator.SizeAtLeast(1), setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1))},
			},
			"max_hourly_cost": schema.Float64Attribute{
				MarkdownDescription: "The most that the environment may cost per hour after a migration and the other changes of the same apply, with every node at its limits, in the currency of the " +
					"region's prices, for example `0.25`. If it may cost more, the plan fails. If the price is not known, the limit has no effect. The default is no limit.",
				Optional:   true,
				Validators: []validator.Float64{float64validator.AtLeast(0)},
			},
			"on_external_move": schema.StringAttribute{
				MarkdownDescription: "What to do if somebody moved the environment outside Terraform and the configuration still names the old region. `refuse` (the " +
					"default) fails the plan and says what you can do. `restore` plans the move back, with the same permissions and limits as any other migration.",
				Optional:   true,
				Validators: []validator.String{stringvalidator.OneOf(externalRefuse, ExternalRestore)},
			},
			"database_layers": schema.SetAttribute{
				MarkdownDescription: "The layers that hold databases or big data, for example `[\"sqldb\", \"search\"]`. An empty set means that no layer does. " +
					"By default, the provider recognises databases by the layer's name, its stack and its image.",
				ElementType: types.StringType,
				Optional:    true,
				Validators:  []validator.Set{setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1))},
			},
			"window": windowAttribute(),
			"verify": verifyAttribute(),
			"timeout": schema.StringAttribute{
				MarkdownDescription: "How long Terraform waits for one migration, for example `45m`. The default is `2h`. " +
					"The platform completes the migration even if Terraform no longer waits for it.",
				Optional:   true,
				Validators: []validator.String{tfvalue.PositiveDuration{}},
			},
		},
	}
}

// moveAttributes are what the plan of a migration and the record of one have in common.
func moveAttributes() map[string]schema.Attribute {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
	truth := func(description string) schema.BoolAttribute {
		return schema.BoolAttribute{MarkdownDescription: description, Computed: true}
	}
	return map[string]schema.Attribute{
		"from_region":     text("The region that the environment leaves."),
		"to_region":       text("The region to which the environment moves."),
		"from_datacenter": text("The data centre of the region that the environment leaves."),
		"to_datacenter":   text("The data centre of the region to which the environment moves."),
		"mode":            text("`live` or `offline`."),
		"reason": text("The reason for this kind of migration: `requested`, `live_available`, `database`, `shared_storage`, `mounts`, " +
			"`live_not_possible` or `environment_stopped`."),
		"trigger": text("What caused the migration: `configuration` (`region` changed), `external_move` (the plan reverts a move outside Terraform) or `in_progress` (the migration is already running, " +
			"and the apply waits for its end)."),
		"downtime":        truth("Whether the environment is down from the start of the migration to its end."),
		"ip_change":       truth("Whether the nodes get new internal and public addresses."),
		"domain_change":   truth("Whether the environment is expected to get another domain."),
		"previous_domain": text("The domain before the migration."),
		"expected_domain": text("The domain expected after the migration. Null if the platform does not report the target's domain."),
		"affected_nodes": schema.ListAttribute{
			MarkdownDescription: "The IDs of the nodes that stop or get new addresses. Empty for a live migration.",
			ElementType:         types.Int64Type,
			Computed:            true,
		},
		"databases": schema.ListAttribute{
			MarkdownDescription: "The layers that hold databases or big data, in alphabetical order. A live migration may lose or damage the data that they are processing.",
			ElementType:         types.StringType,
			Computed:            true,
		},
		"mounts": schema.ListAttribute{
			MarkdownDescription: "The layers that mount, or are mounted by others, with NFS or GlusterFS, in alphabetical order. These mounts do not work during a live migration. Layers that other environments " +
				"mount are included only if `dependents` is not null.",
			ElementType: types.StringType,
			Computed:    true,
		},
		"custom_domains": schema.ListAttribute{
			MarkdownDescription: "The custom domains that are bound to the environment, in alphabetical order. If `ip_change` or `domain_change` is true, their DNS records must change.",
			ElementType:         types.StringType,
			Computed:            true,
		},
		"dependents": schema.ListNestedAttribute{
			MarkdownDescription: "What depends on the environment's nodes, as far as the provider can see: other environments that mount from them or are linked to them, and the environment's own " +
				"variables (`env`) that contain an address or the domain that will change. Null if the provider did not list the account's environments, because the token may not, or because only this " +
				"environment of a large account is managed. Unknown while a variable is unknown.",
			Computed: true,
			NestedObject: schema.NestedAttributeObject{
				Attributes: map[string]schema.Attribute{
					"kind":        text("`mount`, `link` or `variable`."),
					"environment": text("The name of the environment that depends on the nodes."),
					"node_group":  text("The layer of that environment. Null if the platform does not report it."),
					"name":        text("The path of the mount, the alias of the link, or the name of the variable."),
				},
			},
		},
		"add_ons": schema.ListAttribute{
			MarkdownDescription: "The add-ons installed on the environment's nodes. They may run handlers before and after a migration, and a handler can stop it.",
			ElementType:         types.StringType,
			Computed:            true,
		},
		"cost_before": CostAttribute("The cost of the environment in the region that it leaves. Null if the price of its cloudlets is not known."),
		"cost_after": CostAttribute("The cost of the environment in the region to which it moves, with its layers as the apply leaves them. Null if the price of its cloudlets is not known. Unknown while the " +
			"size of a layer is unknown."),
	}
}

// CostAttribute describes what an environment costs in a region.
func CostAttribute(description string) schema.SingleNestedAttribute {
	number := func(description string) schema.Float64Attribute {
		return schema.Float64Attribute{MarkdownDescription: description, Computed: true}
	}
	return schema.SingleNestedAttribute{
		MarkdownDescription: description + " It excludes traffic and licences, and also disk and public addresses if their price is not known.",
		Computed:            true,
		Attributes: map[string]schema.Attribute{
			"currency":    schema.StringAttribute{MarkdownDescription: "The currency as an ISO 4217 code, for example `EUR`. Null if it is not known.", Computed: true},
			"hourly_min":  number("The cost per hour while only the reserved cloudlets are used."),
			"hourly_max":  number("The cost per hour when every node has reached its limits."),
			"monthly_min": number("`hourly_min` for a month of 730 hours."),
			"monthly_max": number("`hourly_max` for a month of 730 hours."),
			"excludes": schema.ListAttribute{
				MarkdownDescription: "What the numbers exclude because it is not known: the price of `disk_gb`, `public_ipv4` or `public_ipv6`, or a new layer whose size the platform decides, " +
					"for example `node_groups.cache`. Empty if everything is known. Traffic and licences are always excluded.",
				ElementType: types.StringType,
				Computed:    true,
			},
		},
	}
}

// PlannedAttribute describes planned_migration.
func PlannedAttribute() schema.SingleNestedAttribute {
	attributes := moveAttributes()
	maps.Copy(attributes, map[string]schema.Attribute{
		"missing_permissions": schema.ListAttribute{
			MarkdownDescription: "The permissions that the migration needs and `migration_policy` does not give. If there are any, the plan fails, except with the provider's " +
				"`migration_enforcement = \"apply\"` and for a migration that is already running (`trigger` is `in_progress`).",
			ElementType: types.StringType,
			Computed:    true,
		},
		"window": schema.StringAttribute{
			MarkdownDescription: "The `window` of `migration_policy`, for example `Sat, Sun 22:00 for 4h, Europe/Berlin`. Null without a window. The plan does not say whether the window is open, " +
				"because it would change with the clock.",
			Computed: true,
		},
	})
	return schema.SingleNestedAttribute{
		MarkdownDescription: "What the migration of this plan will do. Null if the plan does not migrate the environment. The value is known in the plan, so policies, postconditions and " +
			"reviews of `terraform show -json` can use it. The next refresh sets it to null, so outputs and other resources should refer to `last_migration` instead; " +
			"`terraform plan -refresh-only` and `-refresh=false` show this as a change once.",
		Computed:   true,
		Attributes: attributes,
	}
}

// LastAttribute describes last_migration.
func LastAttribute() schema.SingleNestedAttribute {
	attributes := moveAttributes()
	maps.Copy(attributes, map[string]schema.Attribute{
		"started_at":       schema.StringAttribute{MarkdownDescription: "The start of the migration in UTC (RFC 3339).", Computed: true},
		"finished_at":      schema.StringAttribute{MarkdownDescription: "The time in UTC (RFC 3339) when the provider saw that the migration had ended.", Computed: true},
		"duration_seconds": schema.Int64Attribute{MarkdownDescription: "The duration of the migration in seconds, rounded up.", Computed: true},
		"verified": schema.BoolAttribute{
			MarkdownDescription: "Whether the environment passed the check of `migration_policy.verify` after the migration. Null if there was no check. While it is false, every apply checks again.",
			Computed:            true,
		},
		"address_changes": schema.ListNestedAttribute{
			MarkdownDescription: "The nodes whose addresses changed, with the addresses before and after the migration.",
			Computed:            true,
			NestedObject: schema.NestedAttributeObject{
				Attributes: map[string]schema.Attribute{
					"node_id":              schema.Int64Attribute{MarkdownDescription: "The ID of the node.", Computed: true},
					"node_group":           schema.StringAttribute{MarkdownDescription: "The name of the node's layer.", Computed: true},
					"previous_internal_ip": schema.StringAttribute{MarkdownDescription: "The internal address before.", Computed: true},
					"internal_ip":          schema.StringAttribute{MarkdownDescription: "The internal address after.", Computed: true},
					"previous_public_ipv4": schema.ListAttribute{MarkdownDescription: "The public IPv4 addresses before.", ElementType: types.StringType, Computed: true},
					"public_ipv4":          schema.ListAttribute{MarkdownDescription: "The public IPv4 addresses after.", ElementType: types.StringType, Computed: true},
					"previous_public_ipv6": schema.ListAttribute{MarkdownDescription: "The public IPv6 addresses before.", ElementType: types.StringType, Computed: true},
					"public_ipv6":          schema.ListAttribute{MarkdownDescription: "The public IPv6 addresses after.", ElementType: types.StringType, Computed: true},
				},
			},
		},
	})
	return schema.SingleNestedAttribute{
		MarkdownDescription: "The record of the last completed migration that Terraform carried out. Null if there has been none.",
		Computed:            true,
		Attributes:          attributes,
	}
}

// The types of the attributes, taken from the schema so that they are written down once.
var (
	PlannedType   = PlannedAttribute().GetType().(types.ObjectType)
	LastType      = LastAttribute().GetType().(types.ObjectType)
	CostType      = CostAttribute("").GetType().(types.ObjectType)
	DependentType = moveAttributes()["dependents"].GetType().(types.ListType).ElemType
)
