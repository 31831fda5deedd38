package migration

import (
	"context"
	"slices"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// pricesPatience limits the wait for prices.
const pricesPatience = 10 * time.Second

// ListRegions returns the regions as the platform reports them, at most ten minutes old, and the catalog built from
// them.
func (s *Service) ListRegions(ctx context.Context) ([]platform.Region, RegionCatalog, error) {
	return s.regionsAndPrices(ctx, Recent, RegionCatalog{})()
}

// Regions returns the catalog of the platform's regions with the configuration's corrections and prices, as private
// state holds it. A process reads prices once. Missing prices are not an error. The last stored catalog, which may be
// the zero value, tells where prices were found then, which saves calls.
func (s *Service) Regions(ctx context.Context, freshness Freshness, last RegionCatalog) (RegionCatalog, error) {
	return s.StartRegions(ctx, freshness, last)()
}

// StartRegions asks for Regions and returns at once; the result waits for them.
func (s *Service) StartRegions(
	ctx context.Context, freshness Freshness, last RegionCatalog,
) func() (RegionCatalog, error) {
	wait := s.regionsAndPrices(ctx, freshness, last)
	return func() (RegionCatalog, error) {
		_, catalog, err := wait()
		return catalog, err
	}
}

// RegionsWithoutPrices is Regions without prices, for callers that need no costs.
func (s *Service) RegionsWithoutPrices(ctx context.Context, freshness Freshness) (RegionCatalog, error) {
	regions, err := s.readRegions(ctx, freshness).wait(ctx)
	return NewRegionCatalog(regions, platform.PriceList{}), err
}

// readRegions requests the regions, or joins a request in progress.
func (s *Service) readRegions(ctx context.Context, freshness Freshness) *future[[]platform.Region] {
	if freshness == Fresh {
		return s.regions.join(ctx, s.batcher.window, s.client.Regions)
	}
	return s.regions.get(ctx, shareable(), s.client.Regions)
}

// regionsAndPrices requests regions and prices at the same time; the result waits for them.
func (s *Service) regionsAndPrices(
	ctx context.Context, freshness Freshness, last RegionCatalog,
) func() ([]platform.Region, RegionCatalog, error) {
	prices := s.prices.get(ctx, time.Time{}, func(ctx context.Context) (platform.PriceList, error) {
		return s.loadPrices(ctx, last.priceList()), nil
	})
	regions := s.readRegions(ctx, freshness)
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

// loadPrices requests prices. Most platforms give a token none, so nothing may depend on them: neither their absence
// nor a server that never answers may do harm.
func (s *Service) loadPrices(ctx context.Context, last platform.PriceList) platform.PriceList {
	ctx, cancel := context.WithTimeout(ctx, pricesPatience)
	defer cancel()
	prices, err := s.client.Prices(ctx, last)
	if err != nil {
		prices = platform.PriceList{Source: prices.Source}
	}
	return prices
}

// LookUpGroups adds to an assessed move that changes addresses which of the environment's groups are isolated. If the
// groups cannot be read, this stays unknown.
func (s *Service) LookUpGroups(ctx context.Context, a *Assessment) {
	if !a.IPChange || len(a.Environment.Groups) == 0 {
		return
	}
	groups, err := s.groups.get(ctx, shareable(), s.client.Groups).wait(ctx)
	if err != nil {
		return
	}
	for _, g := range groups {
		if g.Isolated && slices.Contains(a.Environment.Groups, g.Name) {
			a.IsolatedGroups = append(a.IsolatedGroups, g.Name)
		}
	}
}
