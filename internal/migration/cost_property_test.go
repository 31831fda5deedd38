package migration

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

func near(a, b float64) bool { return math.Abs(a-b) <= 2e-6+1e-9*math.Abs(a) }

// Prices may fall with the amount, and a tier applies to the whole amount, so ten may cost less than nine. These
// properties still hold.
func TestTiers(t *testing.T) {
	t.Parallel()
	for seed := range uint64(drawn) {
		d := generator{rand.New(rand.NewPCG(seed, 2))}
		tiers, amount, scale := d.tiers(), float64(d.IntN(40)), 1+d.Float64()
		got := charge(tiers, amount, amount)
		shuffled, costIncrease := slices.Clone(tiers), slices.Clone(tiers)
		d.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		most := 0.0
		for i := range costIncrease {
			costIncrease[i].Price *= scale
			most = math.Max(most, tiers[i].Price)
		}
		for what, holds := range map[string]bool{
			"nothing costs nothing":                        charge(tiers, amount, 0) == 0,
			"never below zero":                             got >= 0,
			"never above the highest price for every unit": got <= most*amount+1e-12,
			"the order of tiers does not matter":           charge(shuffled, amount, amount) == got,
			"another currency is a factor":                 near(charge(costIncrease, amount, amount), got*scale),
			"within a tier, more never costs less":         charge(tiers, amount, amount+1) >= got,
			"no tiers, no cost":                            charge(nil, amount, amount) == 0,
		} {
			if !holds {
				t.Fatalf("seed %d: %s: %v of %v is %v", seed, what, tiers, amount, got)
			}
		}
	}
}

func TestCosts(t *testing.T) {
	t.Parallel()
	known := 0
	for seed := range uint64(drawn) {
		d := generator{rand.New(rand.NewPCG(seed, 3))}
		env, prices, scale := d.environment("a"), d.prices(), 1+d.Float64()
		in := func(p platform.Prices, env Environment) *Cost {
			return RegionCatalog{Prices: map[string]Price{"a": {Prices: p}}}.cost(env, "a")
		}
		cost := in(prices, env)
		if (RegionCatalog{}).cost(env, "a") != nil || in(platform.Prices{}, env) != nil {
			t.Fatalf("seed %d: a cost without prices", seed)
		}
		if cost == nil {
			continue
		}
		known++
		if !(cost.HourlyMin >= 0 && cost.HourlyMin <= cost.HourlyMax) || !(cost.MonthlyMin() <= cost.MonthlyMax()) ||
			cost.Currency != prices.Currency {
			t.Fatalf("seed %d: %+v", seed, cost)
		}
		if month := cost.HourlyMax * 730; math.Abs(cost.MonthlyMax()-month) > 0.005+1e-9 {
			t.Fatalf("seed %d: %v a month, want %v", seed, cost.MonthlyMax(), month)
		}
		costIncrease := prices
		for _, tiers := range []*[]platform.Tier{&costIncrease.ReservedCloudlet, &costIncrease.DynamicCloudlet,
			&costIncrease.DiskGB, &costIncrease.PublicIPv4, &costIncrease.PublicIPv6} {
			*tiers = slices.Clone(*tiers)
			for i := range *tiers {
				(*tiers)[i].Price *= scale
			}
		}
		if other := in(costIncrease, env); other == nil || !near(other.HourlyMin, cost.HourlyMin*scale) ||
			!near(other.HourlyMax, cost.HourlyMax*scale) {
			t.Fatalf("seed %d: %+v times %v is %+v", seed, cost, scale, other)
		}
		backwards := env
		backwards.NodeGroups = slices.Clone(env.NodeGroups)
		slices.Reverse(backwards.NodeGroups)
		if other := in(prices, backwards); other == nil || !near(other.HourlyMin, cost.HourlyMin) ||
			!near(other.HourlyMax, cost.HourlyMax) {
			t.Fatalf("seed %d: %+v, and with the layers in another order %+v", seed, cost, other)
		}
		nothing := Environment{NodeGroups: []NodeGroup{{Name: "cp"}}}
		if free := in(prices, nothing); free == nil || free.HourlyMin != 0 || free.HourlyMax != 0 || len(free.Excludes) > 0 {
			t.Fatalf("seed %d: an environment without nodes costs %+v", seed, free)
		}
	}
	if known < drawn/10 {
		t.Errorf("only %d of %d costs were known: too few to test anything", known, drawn)
	}
}

// An absurdly high price must not become a cost that plans and states cannot represent.
func TestInfiniteCostsAreUnknown(t *testing.T) {
	t.Parallel()
	env := Environment{NodeGroups: []NodeGroup{{Name: "cp", Nodes: 100, ReservedCloudlets: 100, DynamicCloudlets: 100}}}
	tiers := []platform.Tier{{Price: 1e308}}
	catalog := RegionCatalog{Prices: map[string]Price{"a": {Prices: platform.Prices{ReservedCloudlet: tiers}}}}
	if cost := catalog.cost(env, "a"); cost != nil {
		t.Errorf("%+v", cost)
	}
	catalog.Prices["a"].ReservedCloudlet[0].Price = 1e280
	if cost := catalog.cost(env, "a"); cost == nil || math.IsInf(cost.MonthlyMax(), 0) {
		t.Errorf("%+v", cost)
	}
}
