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
)

// PolicyAttribute describes migration_policy.
func PolicyAttribute() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		MarkdownDescription: "What a migration of this environment may be and do. It lives only in the configuration; changing it makes no call to the platform.",
		Optional:            true,
		Attributes: map[string]schema.Attribute{
			"mode": schema.StringAttribute{
				MarkdownDescription: "The kind of migration. `auto` (the default) moves live where that is possible and safe, which excludes environments with " +
					"databases, shared storage or mounts; `live` insists on a live migration and fails where it cannot be; `offline` always stops the environment.",
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
				MarkdownDescription: "Permits a migration that gives the nodes new internal and public addresses and perhaps the environment a new domain. The default is `false`.",
				Optional:            true,
			},
			"allow_live_databases": schema.BoolAttribute{
				MarkdownDescription: "Permits, with `mode = \"live\"`, a live migration of active databases, which may lose or damage the data being processed. The default is `false`.",
				Optional:            true,
			},
			"allow_live_mounts": schema.BoolAttribute{
				MarkdownDescription: "Permits, with `mode = \"live\"`, a live migration of layers with NFS or GlusterFS mounts, which do not work meanwhile. The default is `false`.",
				Optional:            true,
			},
			"permit_for": schema.SetAttribute{
				MarkdownDescription: "The target regions for which the `allow_*` permissions hold, for example `[\"south-standard\"]`. The default is every region. " +
					"With it a permission given for one migration does not stay open for every later one.",
				ElementType: types.StringType,
				Optional:    true,
				Validators:  []validator.Set{setvalidator.NoNullValues(), setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1))},
			},
			"allowed_regions": schema.SetAttribute{
				MarkdownDescription: "The only regions in which the environment may ever be, for example `[\"north-economy\", \"north-performance\"]`; a plan that would create it, move it, or leave " +
					"it anywhere else fails. The default is every region.",
				ElementType: types.StringType,
				Optional:    true,
				Validators:  []validator.Set{setvalidator.SizeAtLeast(1), setvalidator.NoNullValues(), setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1))},
			},
			"max_hourly_cost": schema.Float64Attribute{
				MarkdownDescription: "What the environment may cost at most per hour after a migration and the other changes of the same apply, with every node grown to its limits, in the currency of the " +
					"region's prices, for example `0.25`. A migration after which it may cost more is refused at plan. Where no price is known nothing is refused. The default is no limit.",
				Optional:   true,
				Validators: []validator.Float64{float64validator.AtLeast(0)},
			},
			"on_external_move": schema.StringAttribute{
				MarkdownDescription: "What to do about an environment that somebody moved outside Terraform while the configuration still names the region where it was: `refuse` (the " +
					"default) fails the plan and says how to go on; `restore` plans the move back, under the same guards as any other.",
				Optional:   true,
				Validators: []validator.String{stringvalidator.OneOf(externalRefuse, ExternalRestore)},
			},
			"database_layers": schema.SetAttribute{
				MarkdownDescription: "The layers that hold databases or big data, for example `[\"sqldb\", \"search\"]`; an empty set says that none does. " +
					"By default they are recognised by the layer's name, its stack and its image.",
				ElementType: types.StringType,
				Optional:    true,
				Validators:  []validator.Set{setvalidator.NoNullValues()},
			},
			"window": windowAttribute(),
			"verify": verifyAttribute(),
			"timeout": schema.StringAttribute{
				MarkdownDescription: "How long one migration may take before Terraform stops waiting for it, for example `45m`. The default is `2h`. " +
					"The platform carries on with a migration that Terraform no longer waits for.",
				Optional:   true,
				Validators: []validator.String{positiveDuration{}},
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
		"reason": text("Why the migration is of this kind: `requested`, `live_available`, `database`, `shared_storage`, `mounts`, " +
			"`live_not_possible` or `environment_stopped`."),
		"trigger": text("What caused the migration: `configuration`, a change of `region`; `external_move`, somebody's move outside Terraform that is undone; or `in_progress`, a migration that the environment is in already " +
			"and whose end the apply waits for."),
		"downtime":        truth("Whether the environment is down from the start of the migration to its end."),
		"ip_change":       truth("Whether the nodes get new internal and public addresses."),
		"domain_change":   truth("Whether the environment is expected to get another domain."),
		"previous_domain": text("The domain before the migration."),
		"expected_domain": text("The domain expected after the migration; null if the platform does not tell the target's domain."),
		"affected_nodes": schema.ListAttribute{
			MarkdownDescription: "The identifiers of the nodes that stop or get new addresses; empty for a live migration.",
			ElementType:         types.Int64Type,
			Computed:            true,
		},
		"databases": schema.ListAttribute{
			MarkdownDescription: "The layers that hold databases or big data, in alphabetical order: a live migration may lose or damage what they are processing.",
			ElementType:         types.StringType,
			Computed:            true,
		},
		"mounts": schema.ListAttribute{
			MarkdownDescription: "The layers with NFS or GlusterFS mounts, their own or from them, in alphabetical order: such mounts do not work while a live migration runs. What other environments " +
				"mount is among them only where `dependents` is not null.",
			ElementType: types.StringType,
			Computed:    true,
		},
		"custom_domains": schema.ListAttribute{
			MarkdownDescription: "The custom domains that are bound to the environment, in alphabetical order: their DNS records have to follow where `ip_change` or `domain_change` is true.",
			ElementType:         types.StringType,
			Computed:            true,
		},
		"dependents": schema.ListNestedAttribute{
			MarkdownDescription: "What depends on the environment's nodes, as far as the provider can see it: other environments that mount from them or are linked to them, and the environment's own " +
				"variables (`env`) that contain one of the addresses or the domain that will change. Null where the account's environments were not listed: the token may not, or only this " +
				"one of a large account is managed. Unknown while a variable is.",
			Computed: true,
			NestedObject: schema.NestedAttributeObject{
				Attributes: map[string]schema.Attribute{
					"kind":        text("`mount`, `link` or `variable`."),
					"environment": text("The name of the environment that depends on the nodes."),
					"node_group":  text("The layer of that environment; null if the platform does not tell."),
					"name":        text("The path of the mount, the alias of the link, or the name of the variable."),
				},
			},
		},
		"add_ons": schema.ListAttribute{
			MarkdownDescription: "The add-ons installed on the environment's nodes. They may have handlers that run before and after a migration and can stop it.",
			ElementType:         types.StringType,
			Computed:            true,
		},
		"cost_before": CostAttribute("What the environment costs in the region that it leaves; null if the price of its cloudlets is not known."),
		"cost_after": CostAttribute("What the environment costs in the region to which it moves, with its layers as the apply leaves them; null if the price of its cloudlets is not known. Unknown while the " +
			"size of a layer is."),
	}
}

// CostAttribute describes what an environment costs in a region.
func CostAttribute(description string) schema.SingleNestedAttribute {
	number := func(description string) schema.Float64Attribute {
		return schema.Float64Attribute{MarkdownDescription: description, Computed: true}
	}
	return schema.SingleNestedAttribute{
		MarkdownDescription: description + " Traffic and licences are left out, and so are disk and public addresses where their price is not known.",
		Computed:            true,
		Attributes: map[string]schema.Attribute{
			"currency":    schema.StringAttribute{MarkdownDescription: "The currency as ISO 4217 code, for example `EUR`; null if unknown.", Computed: true},
			"hourly_min":  number("The cost per hour while nothing but the reserved cloudlets is used."),
			"hourly_max":  number("The cost per hour when every node has grown to its limits."),
			"monthly_min": number("`hourly_min` for a month of 730 hours."),
			"monthly_max": number("`hourly_max` for a month of 730 hours."),
			"excludes": schema.ListAttribute{
				MarkdownDescription: "What is left out of the numbers because it is not known: the price of `disk_gb`, `public_ipv4` or `public_ipv6`, or what the platform is left to decide about the size of a " +
					"new layer, as `node_groups.cache`; empty if nothing is. Traffic and licences are always left out.",
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
			MarkdownDescription: "The permissions of `migration_policy` that the migration needs and does not have. The plan fails if there are any, except with the provider's " +
				"`migration_enforcement = \"apply\"`, and for a migration that goes on already (`trigger` is `in_progress`), which no permission could call off.",
			ElementType: types.StringType,
			Computed:    true,
		},
		"window": schema.StringAttribute{
			MarkdownDescription: "The `window` of `migration_policy`, for example `Sat, Sun 22:00 for 4h, Europe/Berlin`; null without one. Whether it is open is no part of the plan, " +
				"which would change with the clock.",
			Computed: true,
		},
	})
	return schema.SingleNestedAttribute{
		MarkdownDescription: "What this plan's migration will do, known in the plan; null unless the plan migrates the environment. For policies, postconditions and " +
			"reviews of `terraform show -json`. The next refresh sets it back to null, so outputs and other resources should refer to `last_migration`; " +
			"`terraform plan -refresh-only` and `-refresh=false` show that once as a change.",
		Computed:   true,
		Attributes: attributes,
	}
}

// LastAttribute describes last_migration.
func LastAttribute() schema.SingleNestedAttribute {
	attributes := moveAttributes()
	maps.Copy(attributes, map[string]schema.Attribute{
		"started_at":       schema.StringAttribute{MarkdownDescription: "When the migration started, in UTC as RFC 3339.", Computed: true},
		"finished_at":      schema.StringAttribute{MarkdownDescription: "When the migration was seen to have ended, in UTC as RFC 3339.", Computed: true},
		"duration_seconds": schema.Int64Attribute{MarkdownDescription: "How many seconds the migration took, rounded up.", Computed: true},
		"verified": schema.BoolAttribute{
			MarkdownDescription: "Whether the environment answered after the migration as `verify` of `migration_policy` says; null if it was not asked.",
			Computed:            true,
		},
		"address_changes": schema.ListNestedAttribute{
			MarkdownDescription: "The nodes whose addresses changed, with the addresses before and after.",
			Computed:            true,
			NestedObject: schema.NestedAttributeObject{
				Attributes: map[string]schema.Attribute{
					"node_id":              schema.Int64Attribute{MarkdownDescription: "The identifier of the node.", Computed: true},
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
		MarkdownDescription: "The record of the last finished migration that Terraform carried out; null until there was one.",
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
