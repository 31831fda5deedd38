package migration

import (
	"context"
	"slices"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// pricesPatience bounds the wait for prices.
const pricesPatience = 10 * time.Second

// Regions are the regions as the platform describes them, at most ten minutes old, beside the facts that were made of them.
func (s *Service) Regions(ctx context.Context) ([]platform.Region, Facts, error) {
	return s.regionsSince(ctx, shareable(), Facts{})()
}

// Facts are the facts about the platform's regions, at most ten minutes old, with the configuration's corrections and
// prices: what is kept in private state. Prices that cannot be had are left out; that is no error. The facts that were kept
// the last time tell how prices were had then, which saves calls; they may be the zero value.
func (s *Service) Facts(ctx context.Context, last Facts) (Facts, error) {
	return s.StartFacts(ctx, last)()
}

// StartFacts asks for Facts and returns at once; the result waits for them.
func (s *Service) StartFacts(ctx context.Context, last Facts) func() (Facts, error) {
	wait := s.regionsSince(ctx, shareable(), last)
	return func() (Facts, error) {
		_, facts, err := wait()
		return facts, err
	}
}

// FreshFacts are Facts that the platform is asked for anew, for a decision that must not rest on what was true some
// minutes ago. Prices are asked for once in a process.
func (s *Service) FreshFacts(ctx context.Context, last Facts) (Facts, error) {
	_, facts, err := s.regionsSince(ctx, time.Now(), last)()
	return facts, err
}

// Places are Facts without prices, for what concerns no cost.
func (s *Service) Places(ctx context.Context) (Facts, error) {
	regions, err := s.regions.get(ctx, shareable(), s.Client.Regions).wait(ctx)
	return NewFacts(regions, platform.PriceList{}), err
}

// FreshPlaces are Places that the platform is asked for anew.
func (s *Service) FreshPlaces(ctx context.Context) (Facts, error) {
	regions, err := s.regions.get(ctx, time.Now(), s.Client.Regions).wait(ctx)
	return NewFacts(regions, platform.PriceList{}), err
}

// regionsSince asks for regions and prices at the same time; the result waits for them.
func (s *Service) regionsSince(ctx context.Context, since time.Time, last Facts) func() ([]platform.Region, Facts, error) {
	prices := s.prices.get(ctx, time.Time{}, func(ctx context.Context) (platform.PriceList, error) {
		return s.loadPrices(ctx, last.priceList()), nil
	})
	regions := s.regions.get(ctx, since, s.Client.Regions)
	return func() ([]platform.Region, Facts, error) {
		all, err := regions.wait(ctx)
		if err != nil {
			return nil, Facts{}, err
		}
		list, err := prices.wait(ctx)
		if err != nil {
			return nil, Facts{}, err
		}
		return all, NewFacts(all, list).Corrected(s.LivePairs, s.Prices), nil
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
