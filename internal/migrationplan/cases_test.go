package migrationplan

import (
	"errors"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// regions returns three regions in data centre north, one of them not enabled; two in south, one of them in
// maintenance; and one in east, which does not allow migration.
func regions() migration.RegionCatalog {
	region := func(datacenter, name string, change func(*migration.Region)) migration.Region {
		r := migration.Region{
			Name:             datacenter + "-" + name,
			Datacenter:       datacenter,
			Domain:           datacenter + ".vap.test",
			MigrationAllowed: true,
			Enabled:          true,
		}
		if change != nil {
			change(&r)
		}
		return r
	}
	price := func(reserved float64) migration.Price {
		return migration.Price{Source: platform.PricesOfAccount, Prices: platform.Prices{
			Currency:         "EUR",
			ReservedCloudlet: []platform.Tier{{From: 1, Price: reserved}},
			DynamicCloudlet:  []platform.Tier{{From: 1, Price: 2 * reserved}},
		}}
	}
	return migration.RegionCatalog{
		Regions: []migration.Region{
			region("north", "economy", nil),
			region("north", "performance", func(r *migration.Region) { r.DisplayName = "North Performance" }),
			region("north", "legacy", func(r *migration.Region) { r.Enabled = false }),
			region("south", "standard", nil),
			region("south", "retired", func(r *migration.Region) { r.InMaintenance = true }),
			region("east", "standard", func(r *migration.Region) { r.MigrationAllowed = false }),
		},
		Prices: map[string]migration.Price{"north-economy": price(0.002), "north-performance": price(0.004)},
	}
}

// shop is a running environment of a load balancer and two compute nodes.
func shop(changes ...func(*migration.Environment)) migration.Environment {
	e := migration.Environment{
		Name: "shop", Region: "north-economy", Domain: "shop.north.vap.test", Status: platform.StatusRunning,
		NodeGroups: []migration.NodeGroup{
			{Name: "bl", NodeType: "nginx", Nodes: 1, ReservedCloudlets: 1, DynamicCloudlets: 4, PublicIPv4: 1},
			{Name: "cp", NodeType: "nginxphp", Nodes: 2, ReservedCloudlets: 2, DynamicCloudlets: 8, PublicIPv4: 1},
		},
		Nodes: []migration.NodeRef{{ID: 11, PublicIPv4: 1}, {ID: 12, PublicIPv4: 1}, {ID: 13}},
	}
	for _, change := range changes {
		change(&e)
	}
	return e
}

func database(e *migration.Environment) {
	e.NodeGroups = append(e.NodeGroups, migration.NodeGroup{Name: "sqldb", NodeType: "mysql8", Nodes: 1})
}

func cluster(e *migration.Environment) {
	e.NodeGroups = append(e.NodeGroups, migration.NodeGroup{Name: "sqldb", NodeType: "mysql8", Nodes: 3})
}

func twoDatabases(e *migration.Environment) {
	database(e)
	e.NodeGroups = append(e.NodeGroups, migration.NodeGroup{Name: "nosqldb", NodeType: "mongodb", Nodes: 1})
}

func storage(e *migration.Environment) {
	e.NodeGroups = append(e.NodeGroups, migration.NodeGroup{Name: "storage", NodeType: "storage", Nodes: 1})
}

func mounts(e *migration.Environment) {
	e.Mounts = append(e.Mounts, migration.Mount{NodeGroup: "cp", Path: "/data", Protocol: "NFS"})
}

func windows(e *migration.Environment) { e.NodeGroups[1].WindowsVM = true }

func in(region string) func(*migration.Environment) {
	return func(e *migration.Environment) { e.Region = region }
}

func status(s platform.Status) func(*migration.Environment) {
	return func(e *migration.Environment) { e.Status = s }
}

// risky adds everything that a warning may tell users to check.
func risky(e *migration.Environment) {
	e.BuiltInSSL, e.CustomDomains, e.Groups, e.AddOns = true, []string{
		"shop.example.com",
		"www.example.com",
	}, []string{
		"inner",
	}, []string{
		"backup",
	}
	e.Nodes[0].PublicIPv6, e.NodeGroups[0].PublicIPv6 = 1, 1
	for _, kind := range []migration.DependentKind{migration.DependentMount, migration.DependentLink,
		migration.DependentVariable} {
		e.Dependents = append(
			e.Dependents,
			migration.Dependent{Kind: kind, Environment: "blog", NodeGroup: "cp", Name: "DATA"},
		)
	}
}

func review(
	env migration.Environment,
	to string,
	policy migration.Policy,
	catalog migration.RegionCatalog,
) []migration.Finding {
	a := migration.Assess(migration.Request{Environment: env, To: to, Policy: policy, Regions: catalog})
	a.IsolatedGroups = env.Groups
	return policy.Review(a, catalog, migration.EnforceAtPlan)
}

type findingCase struct {
	name     string
	findings []migration.Finding
}

// findingCases returns findings of each code, in every variant of their texts.
func findingCases() []findingCase {
	const same, other = "north-performance", "south-standard"
	permitted := migration.Policy{AllowDowntime: true, AllowIPChange: true}
	live := func(p migration.Policy) migration.Policy { p.Mode = migration.ModeLive; return p }
	offline := func(p migration.Policy) migration.Policy { p.Mode = migration.ModeOffline; return p }
	permitFor := func(p migration.Policy, regions ...string) migration.Policy {
		p.PermitFor = append([]string{}, regions...)
		return p
	}
	most := 0.1
	stopped := status(platform.StatusStopped)
	target := func(catalog migration.RegionCatalog, name string) []migration.Finding {
		return []migration.Finding{*catalog.CheckTarget("shop", name)}
	}
	allowed := func(catalog migration.RegionCatalog, name string, regions ...string) []migration.Finding {
		return []migration.Finding{*migration.Policy{AllowedRegions: regions}.CheckRegion("shop", name, catalog)}
	}
	move := func(p migration.Policy, to string, changes ...func(*migration.Environment)) []migration.Finding {
		return review(shop(changes...), to, p, regions())
	}
	answered := target(regions(), "north-legacy")
	answered[0].Answer = errors.New("the platform answered migrate with code 2373: migration is not allowed")
	declared := regions().Corrected([]migration.LivePair{{A: "north-economy", B: other, Possible: true}}, nil)
	ruledOut := regions().Corrected([]migration.LivePair{{A: "north-economy", B: same}}, nil)
	strict := review(shop(), other, migration.Policy{}, regions())
	strict[0].Severity, strict[0].PassesPlan = migration.Warning, true
	// "auto" chose live, and later others mounted from the node group: only mode = "offline" makes the move offline.
	mounted := migration.Assess(migration.Request{Environment: shop(), To: same, Regions: regions()})
	mounted.Mounted = []string{"cp"}
	since := migration.Policy{}.Review(mounted, regions(), migration.EnforceAtPlan)
	silent := regions()
	silent.Regions[3].Domain = ""

	return []findingCase{
		{"misspelt", target(regions(), "north-preformance")},
		{"no similar region", target(regions(), "mars")},
		{"name of a data centre", target(regions(), "north")},
		{"no regions known", target(migration.RegionCatalog{}, other)},
		{"not enabled", target(regions(), "north-legacy")},
		{"in maintenance", target(regions(), "south-retired")},
		{"with the platform's answer", answered},
		{"allowed elsewhere", allowed(regions(), other, "north-economy", same)},
		{"allowed region is misspelt", allowed(regions(), other, "south-standart", same)},
		{"target is misspelt", allowed(regions(), "south-standart", other)},
		{"allowed elsewhere, regions unknown", allowed(migration.RegionCatalog{}, other, same)},

		{"broken", move(permitted, same, status(platform.StatusBroken))},
		{"suspended", move(permitted, same, status(platform.StatusSuspended))},
		{"target closed", move(permitted, "east-standard")},
		{"source closed", move(permitted, same, in("east-standard"))},
		{"Windows", move(permitted, same, windows)},
		{"stopped cluster", move(permitted, same, cluster, stopped)},
		{"live to another data centre", move(live(permitted), other)},
		{"live from an unknown region", review(shop(in("atlantis")), same, live(permitted), regions())},
		{"live, excluded pair", review(shop(), same, live(permitted), ruledOut)},
		{"live, shared storage", move(live(permitted), same, storage)},
		{"expensive", move(migration.Policy{MaxHourlyCost: &most}, same)},

		{"nothing is permitted", move(migration.Policy{}, other)},
		{"one is missing", move(migration.Policy{AllowDowntime: true}, other)},
		{"stopped", move(migration.Policy{}, other, stopped)},
		{"database", move(migration.Policy{}, same, database)},
		{"databases and mounts", move(migration.Policy{AllowLiveMounts: true}, same, twoDatabases, mounts)},
		{"shared storage", move(migration.Policy{}, same, storage)},
		{"offline requested", move(offline(migration.Policy{}), same)},
		{"excluded pair", review(shop(), same, migration.Policy{}, ruledOut)},
		{"unlisted", move(migration.Policy{}, "mars")},
		{"domain not reported", review(shop(), other, migration.Policy{}, silent)},
		{"the plan passes", strict},
		{"permitted for another region", move(permitFor(permitted, same), other)},
		{"permitted for another region, misspelt", move(permitFor(permitted, "south-standart"), other)},
		{"permitted for no region", move(permitFor(permitted), other)},
		{"one for another region, one missing", move(permitFor(migration.Policy{AllowDowntime: true}, same), other)},
		{"one for no region, one missing", move(permitFor(migration.Policy{AllowDowntime: true}), other)},
		{"missing, and for another region", move(permitFor(migration.Policy{}, same), other)},
		{"live, database", move(live(migration.Policy{}), same, database)},
		{
			"live, database for another region, mounts missing",
			move(live(permitFor(migration.Policy{AllowLiveDatabases: true}, other)), same, database, mounts),
		},
		{
			"live, for another region",
			move(live(permitFor(migration.Policy{AllowLiveDatabases: true}, other)), same, database),
		},
		{"auto, mounted since the plan", since},

		{"offline", move(offline(permitted), same)},
		{"offline with new addresses", move(permitted, other)},
		{"stopped with new addresses", move(permitted, other, stopped)},
		{"live, database, permitted", move(live(migration.Policy{AllowLiveDatabases: true}), same, database)},
		{"live, mounts, permitted", move(live(migration.Policy{AllowLiveMounts: true}), same, mounts)},
		{"all risks", move(permitted, other, risky)},
		{"risks only", move(migration.Policy{}, same, risky)},
		{"live between data centres", review(shop(risky), other, migration.Policy{}, declared)},

		{"before the window, plan", window(migration.Warning)},
		{"before the window, apply", window(migration.Error)},
		{
			"moved outside",
			[]migration.Finding{migration.MovedOutside("shop", migration.Outside{From: "north-economy", To: same})},
		},
		{
			"moved outside, logged",
			[]migration.Finding{
				migration.MovedOutside("shop", migration.Outside{From: "north-economy", To: same, EndedAt: noon}),
			},
		},
		{"moved by an earlier run", []migration.Finding{migration.MovedOutside("shop",
			migration.Outside{From: "north-economy", To: same, EndedAt: noon, Interrupted: true})}},
		{
			"moved outside, undecided",
			[]migration.Finding{migration.MovedOutsideUndecided("shop", migration.Outside{From: "north-economy", To: same})},
		},
	}
}

var noon = time.Date(2026, time.November, 26, 12, 0, 0, 0, time.UTC)

func window(severity migration.Severity) []migration.Finding {
	w, err := migration.NewWindow([]string{"Sat", "Sun"}, "22:00", "4h", "Europe/Berlin")
	if err != nil {
		panic(err)
	}
	a := migration.Assess(migration.Request{Environment: shop(), To: "north-performance", Regions: regions()})
	return []migration.Finding{*migration.Policy{Window: w}.CheckWindow(a, noon, severity)}
}
