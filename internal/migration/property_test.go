package migration

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// Properties hold for every request. Requests are drawn from small sets, so that coincidences are frequent, each from
// a fixed seed, which a failure reports.

const drawn = 3000

func each(t *testing.T, check func(t *testing.T, r Request)) {
	t.Helper()
	for seed := range uint64(drawn) {
		r := generator{rand.New(rand.NewPCG(seed, 1))}.request()
		check(t, r)
		if t.Failed() {
			t.Fatalf("seed %d: %+v", seed, r)
		}
	}
}

type generator struct{ *rand.Rand }

func (d generator) yes() bool { return d.IntN(2) == 0 }

func (d generator) often() bool { return d.IntN(5) > 0 }

func one[T any](d generator, of ...T) T { return of[d.IntN(len(of))] }

func some[T any](d generator, of ...T) []T {
	return slices.DeleteFunc(slices.Clone(of), func(T) bool { return d.yes() })
}

func (d generator) request() Request {
	names := []string{"a", "b", "c", "d"}
	catalog := RegionCatalog{Prices: map[string]Price{}}
	for _, name := range names {
		if d.often() {
			center := one(d, "north", "south", "")
			catalog.Regions = append(catalog.Regions, Region{
				Name: name, Datacenter: center, Domain: one(d, "", center+".test"), MigrationAllowed: d.often(), Enabled: d.often(),
				InMaintenance: !d.often(), L3Group: one(d, "", "", "1", "2"),
			})
		}
		if d.yes() {
			catalog.Prices[name] = Price{Prices: d.prices()}
		}
	}
	for range d.IntN(3) {
		catalog.LivePairs = append(catalog.LivePairs, LivePair{A: one(d, names...), B: one(d, names...), Possible: d.yes()})
	}
	policy := Policy{
		Mode: one(d, "", ModeAuto, ModeLive, ModeOffline), AllowDowntime: d.yes(), AllowIPChange: d.yes(),
		AllowLiveDatabases: d.yes(), AllowLiveMounts: d.yes(),
	}
	if d.IntN(4) == 0 {
		policy.PermitFor = some(d, names...)
	}
	if d.IntN(8) == 0 {
		policy.AllowedRegions = some(d, names...)
	}
	if d.IntN(8) == 0 {
		policy.DatabaseLayers = some(d, "cp", "sqldb", "storage")
	}
	if d.IntN(8) == 0 {
		most := d.Float64()
		policy.MaxHourlyCost = &most
	}
	return Request{Environment: d.environment(one(d, names...)), To: one(d, names...), Policy: policy, Regions: catalog}
}

func (d generator) environment(region string) Environment {
	e := Environment{
		Name: "shop", Region: region, Domain: one(d, "", "shop.north.test", "shop.south.test"), BuiltInSSL: d.yes(),
		Status: one(d, platform.StatusRunning, platform.StatusRunning, platform.StatusRunning, platform.StatusStopped,
			platform.StatusSleeping,
			platform.StatusBroken, platform.StatusSuspended, platform.StatusMigrating, platform.Status(99)),
		CustomDomains: some(d, "www.example.test"), Groups: some(d, "all"), AddOns: some(d, "backup"),
	}
	for _, l := range some(d, NodeGroup{Name: "cp", NodeType: "nginxphp"}, NodeGroup{Name: "sqldb", NodeType: "mysql8"},
		NodeGroup{Name: "storage", NodeType: "storage"}) {
		if l.Name == "cp" || d.IntN(3) == 0 {
			e.NodeGroups = append(e.NodeGroups, d.withSizes(l))
		}
	}
	for id := range int64(d.IntN(4)) {
		e.Nodes = append(e.Nodes, NodeRef{ID: id, PublicIPv4: d.IntN(2), PublicIPv6: d.IntN(2)})
	}
	if d.IntN(4) == 0 {
		e.Mounts = append(e.Mounts, Mount{NodeGroup: "cp", Path: "/x"})
	}
	if d.IntN(4) == 0 {
		e.Dependents = append(e.Dependents,
			Dependent{Kind: one(d, DependentMount, DependentLink, DependentVariable), Environment: "other"})
	}
	return e
}

func (d generator) withSizes(l NodeGroup) NodeGroup {
	l.Nodes, l.ReservedCloudlets, l.DynamicCloudlets, l.DiskGB = d.IntN(4), d.IntN(20), d.IntN(40), d.IntN(100)
	l.PublicIPv4, l.PublicIPv6, l.WindowsVM = d.IntN(3), d.IntN(3), d.IntN(20) == 0
	return l
}

func (d generator) prices() platform.Prices {
	return platform.Prices{
		Currency: one(d, "", "EUR"), ReservedCloudlet: d.tiers(), DynamicCloudlet: d.tiers(), DiskGB: d.tiers(),
		PublicIPv4: d.tiers(), PublicIPv6: d.tiers(),
	}
}

// tiers are not sorted, no two begin at the same amount, and a larger amount may cost more or less.
func (d generator) tiers() []platform.Tier {
	var all []platform.Tier
	for _, n := range d.Perm(6)[:d.IntN(4)] {
		all = append(all, platform.Tier{From: float64(n * n), Free: float64(d.IntN(3)), Price: d.Float64() / 10})
	}
	return all
}

// errorsIn counts the errors, and fails if there is more than one finding.
func errorsIn(t *testing.T, findings []Finding) int {
	t.Helper()
	if len(findings) > 1 {
		t.Errorf("%d findings: %+v", len(findings), findings)
	}
	n := 0
	for _, f := range findings {
		if f.Severity == Error {
			n++
		}
		if !slices.Contains(Codes, f.Code) || f.Environment != "shop" {
			t.Errorf("a finding without code or environment: %+v", f)
		}
	}
	return n
}

func TestAssessRequiresPermissions(t *testing.T) {
	t.Parallel()
	passed := map[Mode]int{}
	each(t, func(t *testing.T, r Request) {
		p, a := r.Policy, Assess(r)
		missing := p.Missing(a)
		for _, permission := range missing {
			if !slices.Contains(a.Needed(), permission) {
				t.Errorf("%s is missing and not needed", permission)
			}
		}
		lax := errorsIn(t, p.Review(a, r.Regions, EnforceAtApply))
		if errorsIn(t, p.Review(a, r.Regions, EnforceAtPlan)) > 0 {
			return
		}
		passed[a.Mode]++
		if lax > 0 {
			t.Error("a laxer policy refuses what a stricter one permits")
		}
		permitted := func(given bool) bool { return given && (p.PermitFor == nil || slices.Contains(p.PermitFor, r.To)) }
		switch {
		case len(missing) > 0:
			t.Errorf("%v are missing, and the review passes", missing)
		case a.IPChange && !permitted(p.AllowIPChange):
			t.Error("addresses change without permission")
		case a.Downtime && !permitted(p.AllowDowntime):
			t.Error("it stops without permission")
		case a.Mode == ModeLive && len(a.Databases) > 0 && !permitted(p.AllowLiveDatabases):
			t.Error("databases move live without permission")
		case a.Mode == ModeLive && len(a.Mounted) > 0 && !permitted(p.AllowLiveMounts):
			t.Error("mounts move live without permission")
		case p.AllowedRegions != nil && !slices.Contains(p.AllowedRegions, r.To):
			t.Error("it moves to a region that is not permitted")
		}
		// Another permission never causes a refusal.
		p.AllowDowntime, p.AllowIPChange, p.AllowLiveDatabases, p.AllowLiveMounts, p.PermitFor = true, true, true, true, nil
		if errorsIn(t, p.Review(Assess(Request{Environment: r.Environment, To: r.To, Policy: p, Regions: r.Regions}),
			r.Regions, EnforceAtPlan)) > 0 {
			t.Error("refused although everything is permitted")
		}
	})
	if passed[ModeLive] < drawn/100 || passed[ModeOffline] < drawn/100 {
		t.Errorf("only %v of %d requests passed, too few to test anything", passed, drawn)
	}
}

// possible reports, independently of the code, whether live moves between two regions are possible.
func possible(f RegionCatalog, from, to Region) bool {
	for _, p := range f.LivePairs {
		if p.A == from.Name && p.B == to.Name || p.B == from.Name && p.A == to.Name {
			return p.Possible
		}
	}
	return from.Datacenter != "" && from.Datacenter == to.Datacenter && from.MigrationAllowed && to.MigrationAllowed
}

func TestAssessLiveOnlyWherePossible(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r Request) {
		a := Assess(r)
		can := possible(r.Regions, a.From, a.To)
		if a.LivePossible != can || can != (a.WhyNotLive == "") {
			t.Errorf("possible %v, want %v: %s", a.LivePossible, can, a.WhyNotLive)
		}
		passes := errorsIn(t, r.Policy.Review(a, r.Regions, EnforceAtApply)) == 0
		if a.Mode == ModeLive && (passes || r.Policy.mode() == ModeAuto) &&
			(!can || len(a.Storage) > 0 || r.Environment.Status == platform.StatusStopped) {
			t.Error("it moves live where it cannot")
		}
		if a.Mode == ModeLive && r.Policy.mode() == ModeAuto && len(a.Databases)+len(a.Mounted) > 0 {
			t.Error("databases or mounts move live without mode live")
		}
		for _, name := range a.LiveTargets {
			if to, known := r.Regions.Region(name); !known || !to.Usable() || !possible(r.Regions, a.From, to) {
				t.Errorf("%s is no target of a live move", name)
			}
		}
		if len(a.Needed())+len(a.Risks()) == 0 && a.Mode == ModeLive && passes &&
			len(r.Policy.Review(a, r.Regions, EnforceAtPlan)) > 0 {
			t.Error("a live move without risk has a finding")
		}
	})
}

func TestAssessAddressAndDomainChanges(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r Request) {
		a := Assess(r)
		same := a.From.Datacenter != "" && a.From.Datacenter == a.To.Datacenter
		// A live move keeps addresses, and crosses data centres only if the configuration declares that.
		live := a.Mode == ModeLive && possible(r.Regions, a.From, a.To)
		if !same && !live && !a.IPChange && errorsIn(t, r.Policy.Review(a, r.Regions, EnforceAtApply)) == 0 {
			t.Error("addresses are promised to another data centre")
		}
		if same && a.DomainChange {
			t.Error("the domain changes inside a data centre")
		}
		if a.DomainChange != (a.ExpectedDomain != a.PreviousDomain) || a.PreviousDomain != r.Environment.Domain {
			t.Errorf("domain %q, expected %q, change %v", a.PreviousDomain, a.ExpectedDomain, a.DomainChange)
		}
		if a.Downtime && (a.Mode == ModeLive || r.Environment.Status == platform.StatusStopped) {
			t.Error("downtime of a stopped or live-moved environment")
		}
		if affected := a.Downtime || a.IPChange; affected && len(a.AffectedNodes) != len(r.Environment.Nodes) || !affected &&
			len(a.AffectedNodes) > 0 {
			t.Errorf("affected nodes: %v", a.AffectedNodes)
		}
	})
}

// The plan and the plan during the apply both read private state, so encoding a request as JSON must not change its
// result, nor must one request change the result of the next.
func TestAssessIsDeterministic(t *testing.T) {
	t.Parallel()
	text := func(v any) string {
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	each(t, func(t *testing.T, r Request) {
		stored := Request{To: r.To, Policy: r.Policy}
		for _, pair := range []struct{ from, to any }{{r.Environment, &stored.Environment}, {r.Regions, &stored.Regions}} {
			if err := json.Unmarshal([]byte(text(pair.from)), pair.to); err != nil {
				t.Fatal(err)
			}
		}
		before := fmt.Sprintf("%#v", r.Regions)
		first, again := Assess(r), Assess(stored)
		if text(first) != text(again) || !reflect.DeepEqual(first.CostAfter, again.CostAfter) {
			t.Errorf("%s\ndiffers from\n%s", text(first), text(again))
		}
		if one, other := text(r.Policy.Review(first, r.Regions, EnforceAtPlan)), text(
			r.Policy.Review(again, stored.Regions, EnforceAtPlan)); one != other {
			t.Errorf("%s\ndiffers from\n%s", one, other)
		}
		if fmt.Sprintf("%#v", r.Regions) != before {
			t.Error("the region catalog was changed")
		}
	})
}
