package migration

import (
	"math"
	"slices"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// hoursPerMonth is the number of hours in a month for prices.
const hoursPerMonth = 730

// Cost is the cost of an environment in a region: the minimum while it uses only the reserved cloudlets, the maximum
// when every node is at its limits. It excludes traffic, licences and everything without a known price.
type Cost struct {
	Currency  string // ISO 4217, empty if unknown
	HourlyMin float64
	HourlyMax float64
	// Excludes lists what is left out because its price or size is not known: disk_gb, public_ipv4 and public_ipv6 by
	// the names of the provider's prices, and node groups whose size is undecided, as node_groups.cache.
	Excludes []string
	Source   platform.PriceSource
}

// MonthlyMin is HourlyMin for a month of 730 hours, in whole hundredths.
func (c Cost) MonthlyMin() float64 { return round(c.HourlyMin*hoursPerMonth, 2) }

// MonthlyMax is HourlyMax for a month of 730 hours, in whole hundredths.
func (c Cost) MonthlyMax() float64 { return round(c.HourlyMax*hoursPerMonth, 2) }

// ComparesWith reports whether a cost can be compared with the one after a migration: it is in the same currency and
// excludes at least the same, so that an increase never looks smaller than it is.
func (c Cost) ComparesWith(after Cost) bool {
	return c.Currency == after.Currency &&
		!slices.ContainsFunc(after.Excludes, func(name string) bool { return !slices.Contains(c.Excludes, name) })
}

// cost is nil if the region has no known price for cloudlets that the environment needs, or if the environment's size
// is not known.
func (c RegionCatalog) cost(env Environment, region string) *Cost {
	price, ok := c.Prices[region]
	if !ok || len(price.ReservedCloudlet) == 0 || len(env.NodeGroups) == 0 {
		return nil
	}
	cost := Cost{Currency: price.Currency, Source: price.Source}
	priceOf := func(name string, tiers []platform.Tier, amount float64) float64 {
		if amount > 0 && len(tiers) == 0 {
			cost.Excludes = append(cost.Excludes, name)
		}
		return charge(tiers, amount, amount)
	}
	var disk, ipv4, ipv6 float64
	for _, l := range env.NodeGroups {
		if l.Undecided {
			cost.Excludes = append(cost.Excludes, "node_groups."+l.Name)
		}
		nodes := float64(l.Nodes)
		reserved := float64(l.ReservedCloudlets) * nodes
		limit := math.Max(reserved, float64(l.DynamicCloudlets)*nodes)
		if limit > reserved && len(price.DynamicCloudlet) == 0 {
			return nil
		}
		// The node group's whole number of cloudlets determines the tier, for reserved and dynamic ones alike, as in
		// the platform's own calculator; the minimum uses the reserved ones alone.
		cost.HourlyMin += charge(price.ReservedCloudlet, reserved, reserved)
		cost.HourlyMax += charge(price.ReservedCloudlet, limit, reserved) +
			charge(price.DynamicCloudlet, limit, limit-reserved)
		disk += float64(l.DiskGB) * nodes
		ipv4 += float64(l.PublicIPv4)
		ipv6 += float64(l.PublicIPv6)
	}
	space := priceOf("disk_gb", price.DiskGB, disk)
	addresses := priceOf("public_ipv4", price.PublicIPv4, ipv4) + priceOf("public_ipv6", price.PublicIPv6, ipv6)
	cost.HourlyMin = round(cost.HourlyMin+addresses, 6)
	cost.HourlyMax = round(math.Max(cost.HourlyMin, cost.HourlyMax+addresses+space), 6)
	if math.IsInf(cost.MonthlyMax(), 0) {
		return nil // no real price, and neither plan nor state can hold it
	}
	return &cost
}

// charge is the hourly price of an amount. The tier with the greatest From that is not above tierAmount sets
// the price of the whole amount except its free units. An amount below the first tier costs nothing. The
// platform's calculator widget uses the same rule.
func charge(tiers []platform.Tier, tierAmount, amount float64) float64 {
	reached := -1
	for i, t := range tiers {
		if t.From <= tierAmount && (reached < 0 || t.From >= tiers[reached].From) {
			reached = i
		}
	}
	if reached < 0 {
		return 0
	}
	return math.Max(0, amount-tiers[reached].Free) * tiers[reached].Price
}

func round(value float64, digits int) float64 {
	scale := math.Pow10(digits)
	return math.Round(value*scale) / scale
}
