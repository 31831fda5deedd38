package localplatform

import (
	"encoding/json"
	"net/http"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

func init() {
	register("billing/pricing", map[string]*method{"getpricing": {run: (*call).getPricing, reads: true}})
}

// priceDocuments are public documents outside of /1.0/.
var priceDocuments = map[string]func(*Catalogue) any{
	"/auth/getdefaultpricingmodels": func(c *Catalogue) any {
		model := wire.PricingModel{IsDefault: true}
		if r := c.defaultRegion(); r != nil {
			model.TariffPlans = r.Prices.plans(nil)
		}
		return nestedAnswer{Response: map[string]any{"models": []wire.PricingModel{model}}}
	},
	"/settings/gethostersettings": func(c *Catalogue) any {
		return nestedAnswer{Response: map[string]any{"settingsCurrencyCode": c.Currency}}
	},
}

func (p *Platform) servePriceDocument(w http.ResponseWriter, document func(*Catalogue) any) {
	if p.base.HideDefaultPrices {
		http.Error(w, "404 page not found", http.StatusNotFound)
		return
	}
	body, err := json.Marshal(document(p.base))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	writeJSON(w, body)
}

// getPricing lists the prices of each environment region. The method exists; the shape of its answer is guessed from
// the schemas of the API reference.
func (c *call) getPricing() (any, error) {
	list := []wire.Pricing{}
	currency := &wire.Currency{Code: c.platform.base.Currency}
	for i := range c.platform.base.Datacenters {
		for _, r := range c.platform.base.Datacenters[i].Regions {
			if plans := r.Prices.plans(currency); len(plans) > 0 {
				list = append(list, wire.Pricing{HardNodeGroup: r.Name, Currency: currency, TariffPlans: plans})
			}
		}
	}
	return arrayAnswer{Array: list}, nil
}

// planKinds has type and keyword of each resource's tariff plan.
var planKinds = map[string][2]string{
	"reservedCloudlet": {"FIXED", "cloudlets"},
	"dynamicCloudlet":  {"FLEXIBLE", "cloudlets"},
	"diskGB":           {"STORAGE", "storage"},
	"publicIPv4":       {"OPTION", "ip"},
	"publicIPv6":       {"OPTION", "ipv6"},
}

// plans returns the prices as tariff plans of the platform.
func (p Prices) plans(currency *wire.Currency) []wire.TariffPlan {
	var plans []wire.TariffPlan
	p.each(func(what string, tiers []Tier) {
		if len(tiers) == 0 {
			return
		}
		plan := wire.TariffPlan{Type: planKinds[what][0], Keyword: planKinds[what][1], Strategy: "VOLUME",
			ChargePeriodType: "HOUR", Currency: currency}
		for _, t := range tiers {
			plan.Tiers = append(plan.Tiers, wire.Tier{Value: t.From, Free: t.Free, Price: t.Price})
		}
		plans = append(plans, plan)
	})
	return plans
}
