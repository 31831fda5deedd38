// Package region holds the data sources about environment regions, vap_region and vap_regions.
package region

import (
	"cmp"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/tfvalue"
)

// model is a region as both data sources show it.
type model struct {
	Name                  types.String `tfsdk:"name"`
	DisplayName           types.String `tfsdk:"display_name"`
	Description           types.String `tfsdk:"description"`
	Datacenter            types.String `tfsdk:"datacenter"`
	DatacenterDisplayName types.String `tfsdk:"datacenter_display_name"`
	Domain                types.String `tfsdk:"domain"`
	Enabled               types.Bool   `tfsdk:"enabled"`
	Default               types.Bool   `tfsdk:"default"`
	Status                types.String `tfsdk:"status"`
	MigrationAllowed      types.Bool   `tfsdk:"migration_allowed"`
	LiveMigrationTargets  []string     `tfsdk:"live_migration_targets"`
	LiveMigration         types.Bool   `tfsdk:"live_migration"`
	Price                 *priceModel  `tfsdk:"price"`
}

type priceModel struct {
	Currency         types.String `tfsdk:"currency"`
	Source           types.String `tfsdk:"source"`
	ReservedCloudlet []tierModel  `tfsdk:"reserved_cloudlet"`
	DynamicCloudlet  []tierModel  `tfsdk:"dynamic_cloudlet"`
	DiskGB           []tierModel  `tfsdk:"disk_gb"`
	PublicIPv4       []tierModel  `tfsdk:"public_ipv4"`
	PublicIPv6       []tierModel  `tfsdk:"public_ipv6"`
}

type tierModel struct {
	From  float64 `tfsdk:"from"`
	Free  float64 `tfsdk:"free"`
	Price float64 `tfsdk:"price"`
}

// Values of status.
const (
	statusActive      = "active"
	statusMaintenance = "maintenance"
)

// describe converts regions into models, sorted by data centre and name. If from is not nil, live migration is
// described as from that region.
func describe(regions []platform.Region, catalog migration.RegionCatalog, from *migration.Region) []model {
	var liveTargets []string
	if from != nil {
		liveTargets = catalog.LiveTargets(*from)
	}
	models := make([]model, 0, len(regions))
	for _, r := range regions {
		fact, _ := catalog.Region(r.Name)
		m := model{
			Name:                  types.StringValue(r.Name),
			DisplayName:           tfvalue.StringOrNull(cmp.Or(r.DisplayName, r.Name)),
			Description:           tfvalue.StringOrNull(r.Description),
			Datacenter:            tfvalue.StringOrNull(r.Datacenter.Name),
			DatacenterDisplayName: tfvalue.StringOrNull(cmp.Or(r.Datacenter.DisplayName, r.Datacenter.Name)),
			Domain:                tfvalue.StringOrNull(r.Datacenter.Domain),
			Enabled:               types.BoolValue(r.Enabled),
			Default:               types.BoolValue(r.Default),
			Status:                types.StringValue(statusActive),
			MigrationAllowed:      types.BoolValue(fact.MigrationAllowed),
			LiveMigrationTargets:  catalog.LiveTargets(fact),
		}
		if fact.InMaintenance {
			m.Status = types.StringValue(statusMaintenance)
		}
		if from != nil {
			m.LiveMigration = types.BoolValue(slices.Contains(liveTargets, r.Name))
		}
		if price, ok := catalog.Prices[r.Name]; ok {
			m.Price = describePrice(price)
		}
		models = append(models, m)
	}
	slices.SortFunc(models, func(a, b model) int {
		return cmp.Or(
			cmp.Compare(a.Datacenter.ValueString(), b.Datacenter.ValueString()),
			cmp.Compare(a.Name.ValueString(), b.Name.ValueString()),
		)
	})
	return models
}

func describePrice(price migration.Price) *priceModel {
	return &priceModel{
		Currency:         tfvalue.StringOrNull(price.Currency),
		Source:           types.StringValue(string(price.Source)),
		ReservedCloudlet: describeTiers(price.ReservedCloudlet),
		DynamicCloudlet:  describeTiers(price.DynamicCloudlet),
		DiskGB:           describeTiers(price.DiskGB),
		PublicIPv4:       describeTiers(price.PublicIPv4),
		PublicIPv6:       describeTiers(price.PublicIPv6),
	}
}

// describeTiers is nil, which is null in Terraform, if the price is not known.
func describeTiers(tiers []platform.Tier) []tierModel {
	var models []tierModel
	for _, t := range tiers {
		models = append(models, tierModel{From: t.From, Free: t.Free, Price: t.Price})
	}
	return models
}
