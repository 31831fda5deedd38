package migrationplan

import (
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
		MarkdownDescription: "What a migration of this environment may do. " +
			"The policy exists only in the configuration: changing it makes no call to the platform.",
		Optional: true,
		Attributes: map[string]schema.Attribute{
			"mode": schema.StringAttribute{
				MarkdownDescription: "The kind of migration. `auto` (the default) migrates live if that is possible " +
					"and the environment has no databases, shared storage or mounts, and offline otherwise. " +
					"`live` migrates live or fails. `offline` always stops the environment.",
				Optional: true,
				Validators: []validator.String{
					stringvalidator.OneOf(string(migration.ModeAuto), string(migration.ModeLive), string(migration.ModeOffline)),
				},
			},
			"allow_downtime": schema.BoolAttribute{
				MarkdownDescription: "Permits a migration during which the whole environment is down from start " +
					"to end. The default is `false`.",
				Optional: true,
			},
			"allow_ip_change": schema.BoolAttribute{
				MarkdownDescription: "Permits a migration that gives the nodes new internal and public addresses, " +
					"and possibly the environment a new domain. The default is `false`.",
				Optional: true,
			},
			"allow_live_databases": schema.BoolAttribute{
				MarkdownDescription: "With `mode = \"live\"`, permits a live migration of active databases, " +
					"which may lose or damage the data that they are processing. The default is `false`.",
				Optional: true,
			},
			"allow_live_mounts": schema.BoolAttribute{
				MarkdownDescription: "With `mode = \"live\"`, permits a live migration of layers with NFS or GlusterFS mounts, " +
					"which do not work during the migration. The default is `false`.",
				Optional: true,
			},
			"permit_for": schema.SetAttribute{
				MarkdownDescription: "The target regions for which the `allow_*` permissions apply, " +
					"for example `[\"south-standard\"]`. The default is all regions. " +
					"It keeps a permission for one migration from applying to later ones.",
				ElementType: types.StringType,
				Optional:    true,
				Validators:  []validator.Set{setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1))},
			},
			"allowed_regions": schema.SetAttribute{
				MarkdownDescription: "The only regions in which the environment may be, " +
					"for example `[\"north-economy\", \"north-performance\"]`. " +
					"A plan that would create it, move it or leave it in another region fails. The default is all regions.",
				ElementType: types.StringType,
				Optional:    true,
				Validators: []validator.Set{setvalidator.SizeAtLeast(1),
					setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1))},
			},
			"max_hourly_cost": schema.Float64Attribute{
				MarkdownDescription: "The most that the environment may cost per hour after a migration and the other changes of " +
					"the same apply, with every node at its limits, in the currency of the region's prices, for example `0.25`. If " +
					"it may cost more, the plan fails. If the price is not known, the limit has no effect. The default is no limit.",
				Optional:   true,
				Validators: []validator.Float64{float64validator.AtLeast(0)},
			},
			"on_external_move": schema.StringAttribute{
				MarkdownDescription: "What to do if somebody moved the environment outside Terraform and the configuration " +
					"still names the old region. `refuse` (the default) fails the plan and says what you can do. " +
					"`restore` plans the move back, with the same permissions and limits as any other migration.",
				Optional:   true,
				Validators: []validator.String{stringvalidator.OneOf(externalRefuse, ExternalRestore)},
			},
			"database_layers": schema.SetAttribute{
				MarkdownDescription: "The layers that hold databases or big data, for example `[\"sqldb\", \"search\"]`. " +
					"An empty set means that no layer does. " +
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

func text(description string) schema.StringAttribute {
	return schema.StringAttribute{MarkdownDescription: description, Computed: true}
}

func boolean(description string) schema.BoolAttribute {
	return schema.BoolAttribute{MarkdownDescription: description, Computed: true}
}

func number(description string) schema.Float64Attribute {
	return schema.Float64Attribute{MarkdownDescription: description, Computed: true}
}

func texts(description string) schema.ListAttribute {
	return schema.ListAttribute{MarkdownDescription: description, ElementType: types.StringType, Computed: true}
}

// Descriptions that planned_migration and last_migration share.
const (
	fromRegion = "The region that the environment leaves."
	toRegion   = "The region to which the environment moves."
	mode       = "`live` or `offline`."
	trigger    = "What caused the migration: " +
		"`external_move` (the plan reverts a move outside Terraform) or `in_progress` (the migration is already running, " +
		"and the apply waits for its end). Null if it is the configuration: `region` changed."
	downtime = "Whether the environment is down from the start of the migration to its end."
)

// PlannedAttribute describes planned_migration.
func PlannedAttribute() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		MarkdownDescription: "What the migration of this plan will do. Null if the plan does not migrate the environment. " +
			"Attributes with nothing to report are null, such as lists that would be empty. " +
			"The value is known in the plan, so policies, postconditions and reviews of `terraform show -json` can use it. " +
			"The next refresh sets it to null, so outputs and other resources should refer to `last_migration` instead; " +
			"`terraform plan -refresh-only` and `-refresh=false` show this as a change once.",
		Computed: true,
		Attributes: map[string]schema.Attribute{
			"from_region": text(fromRegion),
			"to_region":   text(toRegion),
			"mode":        text(mode),
			"reason": text("The reason for this kind of migration: `requested`, `database`, `shared_storage`, `mounts`, " +
				"`live_not_possible` or `environment_stopped`. Null if nothing stands against a live migration."),
			"trigger":   text(trigger),
			"downtime":  boolean(downtime),
			"ip_change": boolean("Whether the nodes get new internal and public addresses."),
			"domain_change": boolean("Whether the environment is expected to get another domain. " +
				"The present one is `domain` before the plan."),
			"expected_domain": text("The domain expected after the migration. " +
				"Null if it stays, or if the platform does not report the target's domain."),
			"databases": texts("The layers that hold databases or big data, in alphabetical order. " +
				"A live migration may lose or damage the data that they are processing."),
			"mounts": texts("The layers that mount, or are mounted by others, with NFS or GlusterFS, in alphabetical order. " +
				"These mounts do not work during a live migration. " +
				"Layers that other environments mount are included only if the provider listed the account's environments."),
			"custom_domains": texts("The custom domains that are bound to the environment, in alphabetical order. " +
				"If `ip_change` or `domain_change` is true, their DNS records must change."),
			"add_ons": texts("The add-ons installed on the environment's nodes. " +
				"They may run handlers before and after a migration, and a handler can stop it."),
			"dependents": dependentsAttribute(),
			"missing_permissions": texts("The permissions that the migration needs and `migration_policy` does not give. " +
				"If there are any, the plan fails, except with the provider's `migration_enforcement = \"apply\"` " +
				"and for a migration that is already running (`trigger` is `in_progress`)."),
			"hourly_cost_before": number("The cost per hour in the region that the environment leaves, with every node at " +
				"its limits. Null if the price of its cloudlets is not known, or if it cannot be compared with " +
				"`hourly_cost_after`, because it is in another currency or includes something that `hourly_cost_after` excludes." +
				unknownSize),
			"hourly_cost_after": number("The cost per hour in the region to which the environment moves, with its layers as " +
				"the apply leaves them and every node at its limits, as `max_hourly_cost` compares it. Null if the price of its " +
				"cloudlets is not known. Traffic and licences are never included." + unknownSize),
			"currency": text("The currency of the costs as an ISO 4217 code, for example `EUR`. Null if it is not known." +
				unknownSize),
			"cost_excludes": texts("What both costs exclude, or `hourly_cost_before` alone, because it is not known: the " +
				"price of `disk_gb`, `public_ipv4` or `public_ipv6`, or a new layer whose size the platform decides, for " +
				"example `node_groups.cache`. Null if everything is known." + unknownSize),
		},
	}
}

const unknownSize = " Unknown while the size of a layer is unknown."

func dependentsAttribute() schema.ListNestedAttribute {
	return schema.ListNestedAttribute{
		MarkdownDescription: "What depends on the environment's nodes, as far as the provider can see: other environments " +
			"that mount from them or are linked to them, and the environment's own variables (`env`) that contain an address " +
			"or the domain that will change. Of an offline migration, empty if nothing does, and null if the provider " +
			"did not list the account's environments, because the token may not, or because only this environment of a large " +
			"account is managed. Of a live migration, null in both cases. Unknown while a variable is unknown.",
		Computed: true,
		NestedObject: schema.NestedAttributeObject{
			Attributes: map[string]schema.Attribute{
				"kind":        text("`mount`, `link` or `variable`."),
				"environment": text("The name of the environment that depends on the nodes."),
				"node_group":  text("The layer of that environment. Null if the platform does not report it."),
				"name":        text("The path of the mount, the alias of the link, or the name of the variable."),
			},
		},
	}
}

// LastAttribute describes last_migration.
func LastAttribute() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		MarkdownDescription: "The record of the last completed migration that Terraform carried out. " +
			"Null if there has been none.",
		Computed: true,
		Attributes: map[string]schema.Attribute{
			"from_region":     text(fromRegion),
			"to_region":       text(toRegion),
			"mode":            text(mode),
			"trigger":         text(trigger),
			"downtime":        boolean(downtime),
			"previous_domain": text("The domain before the migration. Null if the migration did not change it."),
			"started_at":      text("The start of the migration in UTC (RFC 3339)."),
			"finished_at":     text("The time in UTC (RFC 3339) when the provider saw that the migration had ended."),
			"duration_seconds": schema.Int64Attribute{MarkdownDescription: "The duration " +
				"of the migration in seconds, rounded up.", Computed: true},
			"verified": boolean("Whether the environment passed the check of `migration_policy.verify` after the migration. " +
				"Null if there was no check. While it is false, every apply checks again."),
			"address_changes": schema.MapAttribute{
				MarkdownDescription: "The new address for each internal or public address that the migration replaced, " +
					"for example `{ \"10.100.1.12\" = \"10.200.1.12\" }`; null where a node got no address in its place. " +
					"Null if all addresses stayed. `nodes` says which node has an address.",
				ElementType: types.StringType,
				Computed:    true,
			},
		},
	}
}

// The types of the attributes, taken from the schema so that they are written down once.
var (
	PlannedType   = PlannedAttribute().GetType().(types.ObjectType)
	LastType      = LastAttribute().GetType().(types.ObjectType)
	DependentType = dependentsAttribute().GetType().(types.ListType).ElemType
)
