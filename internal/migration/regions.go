package migration

import (
	"context"
	"slices"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// pricesPatience bounds the wait for prices.
const pricesPatience = 10 * time.Second

// ListRegions are the regions as the platform describes them, at most ten minutes old, beside the catalog that was
// made of them.
func (s *Service) ListRegions(ctx context.Context) ([]platform.Region, RegionCatalog, error) {
	return s.regionsSince(ctx, shareable(), RegionCatalog{})()
}

// Regions is the catalog of the platform's regions, at most ten minutes old, with the configuration's corrections and
// prices: what is kept in private state. Prices that cannot be had are left out; that is no error. The catalog that
// was kept the last time tells how prices were had then, which saves calls; it may be the zero value.
func (s *Service) Regions(ctx context.Context, last RegionCatalog) (RegionCatalog, error) {
	return s.StartRegions(ctx, last)()
}

// StartRegions asks for Regions and returns at once; the result waits for them.
func (s *Service) StartRegions(ctx context.Context, last RegionCatalog) func() (RegionCatalog, error) {
	wait := s.regionsSince(ctx, shareable(), last)
	return func() (RegionCatalog, error) {
		_, catalog, err := wait()
		return catalog, err
	}
}

// FreshRegions are Regions that the platform is asked for anew, for a decision that must not rest on what was true some
// minutes ago. Prices are asked for once in a process.
func (s *Service) FreshRegions(ctx context.Context, last RegionCatalog) (RegionCatalog, error) {
	_, catalog, err := s.regionsSince(ctx, time.Now(), last)()
	return catalog, err
}

// RegionsWithoutPrices are Regions without prices, for what concerns no cost.
func (s *Service) RegionsWithoutPrices(ctx context.Context) (RegionCatalog, error) {
	regions, err := s.regions.get(ctx, shareable(), s.Client.Regions).wait(ctx)
	return NewRegionCatalog(regions, platform.PriceList{}), err
}

// FreshRegionsWithoutPrices are RegionsWithoutPrices that the platform is asked for anew.
func (s *Service) FreshRegionsWithoutPrices(ctx context.Context) (RegionCatalog, error) {
	regions, err := s.regions.get(ctx, time.Now(), s.Client.Regions).wait(ctx)
	return NewRegionCatalog(regions, platform.PriceList{}), err
}

// regionsSince asks for regions and prices at the same time; the result waits for them.
func (s *Service) regionsSince(ctx context.Context, since time.Time, last RegionCatalog) func() ([]platform.Region, RegionCatalog, error) {
	prices := s.prices.get(ctx, time.Time{}, func(ctx context.Context) (platform.PriceList, error) {
		return s.loadPrices(ctx, last.priceList()), nil
	})
	regions := s.regions.get(ctx, since, s.Client.Regions)
	return func() ([]platform.Region, RegionCatalog, error) {
		all, err := regions.wait(ctx)
		if err != nil {
			return nil, RegionCatalog{}, err
		}
		list, err := prices.wait(ctx)
		if err != nil {
			return nil, RegionCatalog{}, err
		}
		return all, NewRegionCatalog(all, list).Corrected(s.LivePairs, s.Prices), nil
	}
}

// loadPrices asks for prices. Most platforms tell a token none, so nothing may depend on them: neither their absence nor
// a server that never answers.
func (s *Service) loadPrices(ctx context.Context, last platform.PriceList) platform.PriceList {
	ctx, cancel := context.WithTimeout(ctx, pricesPatience)
	defer cancel()
	prices, err := s.Client.Prices(ctx, last)
	if err != nil {
		prices = platform.PriceList{Source: prices.Source}
	}
	return prices
}

// LookUpGroups completes an assessed move that changes addresses by which of the environment's groups are isolated. A
// list of groups that cannot be read leaves that unknown.
func (s *Service) LookUpGroups(ctx context.Context, a *Assessment) {
	if !a.IPChange || len(a.Environment.Groups) == 0 {
		return
	}
	groups, err := s.groups.get(ctx, shareable(), s.Client.Groups).wait(ctx)
	if err != nil {
		return
	}
	for _, g := range groups {
		if g.Isolated && slices.Contains(a.Environment.Groups, g.Name) {
			a.IsolatedGroups = append(a.IsolatedGroups, g.Name)
		}
	}
}
