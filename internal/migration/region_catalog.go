// Package migration holds the rules for moving an environment to another region: the kind of a move and what it
// changes (Assess), whether the configuration permits it (Policy), and how the platform carries it out (Run). Assess
// and Policy are pure functions of plain values. The package knows neither Terraform's types nor HTTP.
package migration

import (
	"maps"
	"slices"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// Region is what a migration needs to know about a region. Terraform's private
// state holds it, hence the short JSON names.
type Region struct {
	// Name is the unique name that vap_environment's region takes.
	Name        string `json:"n"`
	DisplayName string `json:"dn,omitempty"`
	// Datacenter is the unique name of the data centre to which the region belongs.
	Datacenter string `json:"dc"`
	// Domain is the domain of the data centre's environments; empty if the platform does not report it.
	Domain string `json:"d,omitempty"`
	// MigrationAllowed reports whether the data centre allows moves from and to its regions.
	MigrationAllowed bool `json:"m,omitempty"`
	// Enabled reports whether this account may use the region.
	Enabled bool `json:"e,omitempty"`
	// InMaintenance reports whether the region or its data centre accepts no environments at the moment.
	InMaintenance bool `json:"mt,omitempty"`
	// L3Group names the layer-3 network of the region's hosts; empty if the platform does not report it.
	L3Group string `json:"l3,omitempty"`
}

// Usable reports whether the account can put an environment there now.
func (r Region) Usable() bool { return r.Enabled && !r.InMaintenance }

// LivePair corrects the rule that live migration is possible exactly between the regions of one data centre, because
// the platform does not report the dashboard's LM labels. A pair applies in both directions.
type LivePair struct {
	A        string `json:"a"`
	B        string `json:"b"`
	Possible bool   `json:"p,omitempty"`
}

// Joins reports whether the pair is about these two regions.
func (p LivePair) Joins(a, b string) bool {
	return p.A == a && p.B == b || p.A == b && p.B == a
}

// RegionCatalog holds the regions of a platform and their prices, as one account sees them at one time.
type RegionCatalog struct {
	Regions []Region `json:"r,omitempty"`
	// Prices are the configured prices and the platform's own, by region; a region without an entry has no known price.
	Prices map[string]Price `json:"p,omitempty"`
	// PriceSource is where the platform's prices were found, or that it has none.
	PriceSource platform.PriceSource `json:"ps,omitempty"`
	// LivePairs are the corrections from the provider's configuration. Like the configured prices, they are stored with
	// the catalog: the file that they come from may change between plan and apply.
	LivePairs []LivePair `json:"lp,omitempty"`
}

// Price is a region's prices with their origin.
type Price struct {
	platform.Prices
	Source platform.PriceSource `json:"s"`
}

// PriceConfigured marks a price from the provider's configuration; it overrides the platform's own.
const PriceConfigured platform.PriceSource = "configuration"

// NewRegionCatalog builds a catalog from the platform's regions and prices. If no prices are known, they are the zero
// value.
func NewRegionCatalog(regions []platform.Region, prices platform.PriceList) RegionCatalog {
	catalog := RegionCatalog{Regions: make([]Region, 0, len(regions)), PriceSource: prices.Source}
	for _, r := range regions {
		catalog.Regions = append(catalog.Regions, Region{
			Name:             r.Name,
			DisplayName:      r.DisplayName,
			Datacenter:       r.Datacenter.Name,
			Domain:           r.Datacenter.Domain,
			MigrationAllowed: r.Datacenter.MigrationAllowed,
			Enabled:          r.Enabled,
			InMaintenance:    r.InMaintenance || r.Datacenter.InMaintenance,
			L3Group:          r.L3Group,
		})
		if p, ok := prices.For(r.Name); ok {
			if catalog.Prices == nil {
				catalog.Prices = map[string]Price{}
			}
			catalog.Prices[r.Name] = Price{Prices: p, Source: prices.Source}
		}
	}
	return catalog
}

// priceList restores the part of the catalog's price list that the next reading of prices needs.
func (c RegionCatalog) priceList() platform.PriceList {
	list := platform.PriceList{Source: c.PriceSource}
	for _, p := range c.Prices {
		if p.Source == platform.PricesOfPlatform { // the same for every region
			list.Default = &p.Prices
			break
		}
	}
	return list
}

// Corrected returns the catalog with the corrections and prices of the provider's configuration.
func (c RegionCatalog) Corrected(pairs []LivePair, prices map[string]platform.Prices) RegionCatalog {
	c.LivePairs = pairs
	if len(prices) > 0 {
		merged := map[string]Price{}
		maps.Copy(merged, c.Prices)
		for region, p := range prices {
			merged[region] = Price{Prices: p, Source: PriceConfigured}
		}
		c.Prices = merged
	}
	return c
}

// Region finds a region by its unique name.
func (c RegionCatalog) Region(name string) (Region, bool) {
	i := slices.IndexFunc(c.Regions, func(r Region) bool { return r.Name == name })
	if i < 0 {
		return Region{}, false
	}
	return c.Regions[i], true
}

// Usable lists the names of the regions in which this account can put an environment now, in alphabetical order.
func (c RegionCatalog) Usable() []string { return c.names(Region.Usable) }

// UsableIn lists the names of the usable regions of a data centre, in alphabetical order.
func (c RegionCatalog) UsableIn(datacenter string) []string {
	return c.names(func(r Region) bool { return r.Datacenter == datacenter && r.Usable() })
}

// Names lists the names of all regions, in alphabetical order.
func (c RegionCatalog) Names() []string { return c.names(func(Region) bool { return true }) }

// NamesIn lists the names of the regions of a data centre, usable or not, in alphabetical order.
func (c RegionCatalog) NamesIn(datacenter string) []string {
	return c.names(func(r Region) bool { return r.Datacenter == datacenter })
}

func (c RegionCatalog) names(among func(Region) bool) []string {
	var names []string
	for _, r := range c.Regions {
		if among(r) {
			names = append(names, r.Name)
		}
	}
	slices.Sort(names)
	return names
}

// LiveObstacle is why an environment cannot move live between two regions; empty if it can.
type LiveObstacle string

// The obstacles.
const (
	// ObstacleRuledOut: the provider configuration's live_migration rules the pair out.
	ObstacleRuledOut LiveObstacle = "ruled_out"
	// ObstacleUnlisted: the platform does not list one of the regions or its data centre.
	ObstacleUnlisted LiveObstacle = "unlisted"
	// ObstacleOtherDatacenter: the regions are in different data centres.
	ObstacleOtherDatacenter LiveObstacle = "other_datacenter"
	// ObstacleClosed: the data centre of both does not allow migration.
	ObstacleClosed LiveObstacle = "closed"
)

// LiveObstacle returns what prevents a live move between two regions; empty if nothing does. Live migration
// is possible between the regions of one data centre that allows migration, unless the provider's
// configuration corrects the pair. The platform's API does not report it. The rule follows the user guide
// "Migration between Regions" and is not verified in detail.
func (c RegionCatalog) LiveObstacle(from, to Region) LiveObstacle {
	for _, p := range c.LivePairs {
		switch {
		case !p.Joins(from.Name, to.Name):
		case p.Possible:
			return ""
		default:
			return ObstacleRuledOut
		}
	}
	switch {
	case from.Datacenter == "" || to.Datacenter == "":
		return ObstacleUnlisted
	case from.Datacenter != to.Datacenter:
		return ObstacleOtherDatacenter
	case !from.MigrationAllowed || !to.MigrationAllowed:
		return ObstacleClosed
	}
	return ""
}

// LiveTargets lists the names of the usable regions to which an environment can move live from the given region, in
// alphabetical order.
func (c RegionCatalog) LiveTargets(from Region) []string {
	names := []string{}
	for _, r := range c.Regions {
		if r.Name == from.Name || !r.Usable() {
			continue
		}
		if c.LiveObstacle(from, r) == "" {
			names = append(names, r.Name)
		}
	}
	slices.Sort(names)
	return names
}
