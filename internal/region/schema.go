package region

import (
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// attributes are a region's attributes as both data sources show them.
func attributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"name": schema.StringAttribute{
			MarkdownDescription: "The unique name, which `region` of `vap_environment` takes, for example `north-standard`.",
			Computed:            true,
		},
		"display_name": schema.StringAttribute{
			MarkdownDescription: "The name that the dashboard shows, for example `North Standard`. It need not be unique.",
			Computed:            true,
		},
		"description": schema.StringAttribute{
			MarkdownDescription: "The hosting provider's description, for example of the hardware. Null if there is none.",
			Computed:            true,
		},
		"datacenter": schema.StringAttribute{
			MarkdownDescription: "The unique name of the data centre to which the region belongs, for example `north`.",
			Computed:            true,
		},
		"datacenter_display_name": schema.StringAttribute{
			MarkdownDescription: "The name of the data centre that the dashboard shows.",
			Computed:            true,
		},
		"domain": schema.StringAttribute{
			MarkdownDescription: "The domain under which the data centre's environments are reached, for example `north.vap.test`: the " +
				"environment `shop` is `shop.north.vap.test`. Null if the platform does not tell.",
			Computed: true,
		},
		"enabled": schema.BoolAttribute{
			MarkdownDescription: "Whether this account may use the region.",
			Computed:            true,
		},
		"default": schema.BoolAttribute{
			MarkdownDescription: "Whether the platform marks the region as the default one of its data centre.",
			Computed:            true,
		},
		"status": schema.StringAttribute{
			MarkdownDescription: "`active`, or `maintenance` while the region or its data centre takes no environments.",
			Computed:            true,
		},
		"migration_allowed": schema.BoolAttribute{
			MarkdownDescription: "Whether the hosting provider lets environments move from and to the region's data centre. True unless the " +
				"platform says otherwise; what counts in the end is the platform's answer at the plan of a migration.",
			Computed: true,
		},
		"live_migration_targets": schema.ListAttribute{
			MarkdownDescription: "The unique names of the usable regions to which an environment can move live from this one, in alphabetical " +
				"order: the other regions of the data centre if that allows migration, with the corrections of the provider's " +
				"`live_migration`. Whether a certain environment can move live depends on its layers too.",
			ElementType: types.StringType,
			Computed:    true,
		},
		"live_migration": schema.BoolAttribute{
			MarkdownDescription: "Whether an environment can move live from the region `from` to this one. False for `from` itself; null if " +
				"`from` is not written.",
			Computed: true,
		},
		"price": schema.SingleNestedAttribute{
			MarkdownDescription: "The region's prices; null if they are not known. Many platforms tell a token none; the provider's `prices` " +
				"declares them.",
			Computed: true,
			Attributes: map[string]schema.Attribute{
				"currency": schema.StringAttribute{
					MarkdownDescription: "The currency as an ISO 4217 code, for example `EUR`. Null if it is not known.",
					Computed:            true,
				},
				"source": schema.StringAttribute{
					MarkdownDescription: "Where the prices come from: `configuration` (the provider's `prices`), `platform` (the account's own " +
						"price list), or `platform_default` (the platform's public prices; the account's may differ).",
					Computed: true,
				},
				"reserved_cloudlet": tiersAttribute("one reserved cloudlet"),
				"dynamic_cloudlet":  tiersAttribute("one dynamic cloudlet"),
				"disk_gb":           tiersAttribute("one GB of disk"),
				"public_ipv4":       tiersAttribute("one public IPv4 address"),
				"public_ipv6":       tiersAttribute("one public IPv6 address"),
			},
		},
	}
}

func tiersAttribute(unit string) schema.ListNestedAttribute {
	return schema.ListNestedAttribute{
		MarkdownDescription: "The price of " + unit + " per hour in tiers, sorted by `from`: the last tier that is reached prices the " +
			"whole amount. Null if it is not known.",
		Computed: true,
		NestedObject: schema.NestedAttributeObject{
			Attributes: map[string]schema.Attribute{
				"from": schema.Float64Attribute{
					MarkdownDescription: "The amount in units from which on the tier holds.",
					Computed:            true,
				},
				"free": schema.Float64Attribute{
					MarkdownDescription: "How many units of the amount cost nothing.",
					Computed:            true,
				},
				"price": schema.Float64Attribute{
					MarkdownDescription: "The price of one unit per hour in `currency`.",
					Computed:            true,
				},
			},
		},
	}
}

var fromAttribute = schema.StringAttribute{
	MarkdownDescription: "The unique name of the region to look from, for example `north-economy`: `live_migration` then says whether an " +
		"environment can move live from there. By default `live_migration` is null.",
	Optional:   true,
	Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
}

func regionSchema() schema.Schema {
	all := attributes()
	all["name"] = schema.StringAttribute{
		MarkdownDescription: "The unique name of the region to read, which `region` of `vap_environment` takes, for example " +
			"`north-standard`. Write either `name` or `display_name`.",
		Optional: true,
		Computed: true,
		Validators: []validator.String{
			stringvalidator.LengthAtLeast(1),
			stringvalidator.ExactlyOneOf(path.MatchRoot("name"), path.MatchRoot("display_name")),
		},
	}
	all["display_name"] = schema.StringAttribute{
		MarkdownDescription: "The name of the region to read as the dashboard shows it, for example `North Standard`. Write either `name` " +
			"or `display_name`. A display name that several regions bear is an error.",
		Optional:   true,
		Computed:   true,
		Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
	}
	all["from"] = fromAttribute
	return schema.Schema{
		MarkdownDescription: "One environment region, by its unique name or by the name that the dashboard shows.",
		Attributes:          all,
	}
}

func regionsSchema() schema.Schema {
	all := map[string]schema.Attribute{
		"regions": schema.ListNestedAttribute{
			MarkdownDescription: "The regions that pass every filter, sorted by data centre and name.",
			Computed:            true,
			NestedObject:        schema.NestedAttributeObject{Attributes: attributes()},
		},
	}
	maps.Copy(all, filters())
	return schema.Schema{
		MarkdownDescription: "The platform's environment regions as this account sees them, with what decides about a migration between them: " +
			"data centre, whether migration is allowed, where live migration is possible, and the prices. Filters that are not written " +
			"let every region pass.",
		Attributes: all,
	}
}

func filters() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"from": fromAttribute,
		"datacenter": schema.StringAttribute{
			MarkdownDescription: "Only regions of the data centre with this unique name, for example `north`.",
			Optional:            true,
			Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
		},
		"enabled": schema.BoolAttribute{
			MarkdownDescription: "Only regions that this account may use (`true`) or may not use (`false`).",
			Optional:            true,
		},
		"usable": schema.BoolAttribute{
			MarkdownDescription: "Only regions in which this account can put an environment now, that is, enabled and not in maintenance " +
				"(`true`), or only the others (`false`).",
			Optional: true,
		},
		"live_migration": schema.BoolAttribute{
			MarkdownDescription: "Only regions to which an environment in `from` can move live (`true`), or only the others (`false`). Needs " +
				"`from`.",
			Optional:   true,
			Validators: []validator.Bool{alsoFrom},
		},
	}
}
