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
			MarkdownDescription: "The unique name, for `region` of `vap_environment`, for example `north-standard`.",
			Computed:            true,
		},
		"display_name": schema.StringAttribute{
			MarkdownDescription: "The name in the dashboard, for example `North Standard`. It may not be unique.",
			Computed:            true,
		},
		"description": schema.StringAttribute{
			MarkdownDescription: "The hosting provider's description of the region, " +
				"for example its hardware. Null if there is none.",
			Computed: true,
		},
		"datacenter": schema.StringAttribute{
			MarkdownDescription: "The unique name of the region's data centre, for example `north`.",
			Computed:            true,
		},
		"datacenter_display_name": schema.StringAttribute{
			MarkdownDescription: "The name of the data centre in the dashboard.",
			Computed:            true,
		},
		"domain": schema.StringAttribute{
			MarkdownDescription: "The domain of the data centre's environments, for example `north.vap.test`: " +
				"the environment `shop` has the domain `shop.north.vap.test`. Null if the platform does not report it.",
			Computed: true,
		},
		"enabled": schema.BoolAttribute{
			MarkdownDescription: "Whether this account may use the region.",
			Computed:            true,
		},
		"default": schema.BoolAttribute{
			MarkdownDescription: "Whether the region is the default region of its data centre.",
			Computed:            true,
		},
		"status": schema.StringAttribute{
			MarkdownDescription: "`active`, or `maintenance` while the region or its data centre does not accept environments.",
			Computed:            true,
		},
		"migration_allowed": schema.BoolAttribute{
			MarkdownDescription: "Whether the hosting provider allows migrations from and to the region's data centre. " +
				"True unless the platform says otherwise. The platform decides again when Terraform plans a migration.",
			Computed: true,
		},
		"live_migration_targets": schema.ListAttribute{
			MarkdownDescription: "The unique names of the usable regions to which an environment can migrate live from this " +
				"one, in alphabetical order: the other regions of the data centre, if it allows migration, with the corrections " +
				"in the provider's `live_migration`. Whether an environment can migrate live also depends on its layers.",
			ElementType: types.StringType,
			Computed:    true,
		},
		"live_migration": schema.BoolAttribute{
			MarkdownDescription: "Whether an environment can migrate live from the region `from` to this one. " +
				"False for `from` itself. Null if `from` is not set.",
			Computed: true,
		},
		"price": schema.SingleNestedAttribute{
			MarkdownDescription: "The region's prices. Null if they are not known. " +
				"Many platforms do not report prices to a token; declare them in the provider's `prices`.",
			Computed: true,
			Attributes: map[string]schema.Attribute{
				"currency": schema.StringAttribute{
					MarkdownDescription: "The currency as an ISO 4217 code, for example `EUR`. Null if it is not known.",
					Computed:            true,
				},
				"source": schema.StringAttribute{
					MarkdownDescription: "Where the prices come from: `configuration` (the provider's `prices`), " +
						"`platform` (the account's own price list) or `platform_default` (the platform's public prices, " +
						"which may differ from the account's).",
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
		MarkdownDescription: "The price of " + unit + " per hour in tiers, sorted by `from`. " +
			"The last tier that is reached sets the price of the whole amount. Null if the price is not known.",
		Computed: true,
		NestedObject: schema.NestedAttributeObject{
			Attributes: map[string]schema.Attribute{
				"from": schema.Float64Attribute{
					MarkdownDescription: "The amount in units from which the tier applies.",
					Computed:            true,
				},
				"free": schema.Float64Attribute{
					MarkdownDescription: "The number of units in this tier that are free.",
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
	MarkdownDescription: "The unique name of a region, for example `north-economy`. `live_migration` then says whether " +
		"an environment can migrate live from there. By default, `live_migration` is null.",
	Optional:   true,
	Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
}

func regionSchema() schema.Schema {
	all := attributes()
	all["name"] = schema.StringAttribute{
		MarkdownDescription: "The unique name of the region, for `region` of `vap_environment`, " +
			"for example `north-standard`. Set either `name` or `display_name`.",
		Optional: true,
		Computed: true,
		Validators: []validator.String{
			stringvalidator.LengthAtLeast(1),
			stringvalidator.ExactlyOneOf(path.MatchRoot("name"), path.MatchRoot("display_name")),
		},
	}
	all["display_name"] = schema.StringAttribute{
		MarkdownDescription: "The name of the region in the dashboard, for example `North Standard`. " +
			"Set either `name` or `display_name`. It is an error if several regions have this name.",
		Optional:   true,
		Computed:   true,
		Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
	}
	all["from"] = fromAttribute
	return schema.Schema{
		MarkdownDescription: "Reads a region by its unique name or by its name in the dashboard.",
		Attributes:          all,
	}
}

func regionsSchema() schema.Schema {
	all := map[string]schema.Attribute{
		"regions": schema.ListNestedAttribute{
			MarkdownDescription: "The regions that match all filters, sorted by data centre and name.",
			Computed:            true,
			NestedObject:        schema.NestedAttributeObject{Attributes: attributes()},
		},
	}
	maps.Copy(all, filters())
	return schema.Schema{
		MarkdownDescription: "Lists the regions of the platform that this account sees, " +
			"with what matters for a migration between them: the data centre, whether migration is allowed, " +
			"where live migration is possible, and prices. Without filters, it lists all regions.",
		Attributes: all,
	}
}

func filters() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"from": fromAttribute,
		"datacenter": schema.StringAttribute{
			MarkdownDescription: "Only regions in the data centre with this unique name, for example `north`.",
			Optional:            true,
			Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
		},
		"enabled": schema.BoolAttribute{
			MarkdownDescription: "Only regions that this account may use (`true`), or may not use (`false`).",
			Optional:            true,
		},
		"usable": schema.BoolAttribute{
			MarkdownDescription: "Only regions that this account can use now, " +
				"because they are enabled and not in maintenance (`true`), or only the other regions (`false`).",
			Optional: true,
		},
		"live_migration": schema.BoolAttribute{
			MarkdownDescription: "Only regions to which an environment in `from` can migrate live (`true`), " +
				"or only the other regions (`false`). Requires `from`.",
			Optional:   true,
			Validators: []validator.Bool{alsoFrom},
		},
	}
}
