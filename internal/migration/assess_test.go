package migration

import (
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// The regions of the tests: two in one data centre, one in another data centre, one in a data centre that does not
// allow migration, and some that cannot be used.
func testCatalog() RegionCatalog {
	north := Region{Datacenter: "north", Domain: "north.vap.test", MigrationAllowed: true, Enabled: true}
	region := func(base Region, name string, change func(*Region)) Region {
		base.Name = name
		if change != nil {
			change(&base)
		}
		return base
	}
	south, east := north, north
	south.Datacenter, south.Domain = "south", "south.vap.test"
	east.Datacenter, east.Domain, east.MigrationAllowed = "east", "east.vap.test", false
	return RegionCatalog{
		Regions: []Region{
			region(north, "north-economy", nil),
			region(north, "north-performance", func(r *Region) { r.DisplayName = "North Performance" }),
			region(north, "north-legacy", func(r *Region) { r.Enabled = false }),
			region(south, "south-standard", nil),
			region(south, "south-retired", func(r *Region) { r.InMaintenance = true }),
			region(east, "east-standard", nil),
		},
		Prices: map[string]Price{
			"north-economy":     {Prices: testPrices(0.002), Source: platform.PricesOfAccount},
			"north-performance": {Prices: testPrices(0.004), Source: platform.PricesOfAccount},
		},
	}
}

func testPrices(reserved float64) platform.Prices {
	return platform.Prices{
		Currency:         "EUR",
		ReservedCloudlet: []platform.Tier{{From: 1, Price: reserved}},
		DynamicCloudlet:  []platform.Tier{{From: 1, Price: 2 * reserved}},
	}
}

// plain is a running environment with a load balancer and two compute nodes. A live move does not endanger it.
func plain() Environment {
	return Environment{
		Name:   "shop",
		Region: "north-economy",
		Domain: "shop.north.vap.test",
		Status: platform.StatusRunning,
		NodeGroups: []NodeGroup{
			{Name: "bl", NodeType: "nginx", Nodes: 1, ReservedCloudlets: 1, DynamicCloudlets: 4, PublicIPv4: 1},
			{Name: "cp", NodeType: "nginxphp", Nodes: 2, ReservedCloudlets: 2, DynamicCloudlets: 8, PublicIPv4: 1},
		},
		Nodes: []NodeRef{{ID: 11, PublicIPv4: 1}, {ID: 12, PublicIPv4: 1}, {ID: 13}},
	}
}

func with(changes ...func(*Environment)) Environment {
	e := plain()
	for _, change := range changes {
		change(&e)
	}
	return e
}

func database(e *Environment) {
	e.NodeGroups = append(e.NodeGroups, NodeGroup{Name: "sqldb", NodeType: "mysql8", Nodes: 1})
}

func cluster(e *Environment) {
	e.NodeGroups = append(e.NodeGroups, NodeGroup{Name: "sqldb", NodeType: "mysql8", Nodes: 3})
}

func storage(e *Environment) {
	e.NodeGroups = append(e.NodeGroups, NodeGroup{Name: "storage", NodeType: "storage", Nodes: 1})
}

func windows(e *Environment) { e.NodeGroups[1].WindowsVM = true }

func mounts(e *Environment) {
	e.Mounts = append(e.Mounts, Mount{NodeGroup: "cp", Path: "/data", Protocol: "NFS"})
}

func status(s platform.Status) func(*Environment) {
	return func(e *Environment) { e.Status = s }
}

func in(region string) func(*Environment) {
	return func(e *Environment) { e.Region = region }
}

// result is the expected result of a row of the decision table: the kind of move, and the finding about it.
type result struct {
	mode     Mode
	reason   Reason
	downtime bool
	ipChange bool
	domain   string
	missing  []Permission
	severity Severity // of the finding
	code     Code     // empty if there is none
	// lacks are the missing permissions that the policy does not set at all; nil means all that are missing.
	lacks []Permission
	// closed is the region whose data centre does not allow migration.
	closed string
}

func TestDecisionTable(t *testing.T) {
	t.Parallel()
	const same, other = "north-performance", "south-standard"
	stays := "shop.north.vap.test"
	moves := "shop.south.vap.test"
	permitted := Policy{AllowDowntime: true, AllowIPChange: true}
	live := func(p Policy) Policy { p.Mode = ModeLive; return p }
	offline := func(p Policy) Policy { p.Mode = ModeOffline; return p }

	for name, row := range map[string]struct {
		env    Environment
		to     string
		policy Policy
		want   result
	}{
		// Any mode; a data centre refuses.
		"data centre of the target does not allow migration": {plain(), "east-standard", permitted, result{
			mode: ModeOffline, reason: ReasonLiveNotPossible, downtime: true, ipChange: true, domain: "shop.east.vap.test",
			severity: Error, code: CodeDatacenterClosed, closed: "east-standard",
		}},
		"data centre of the source does not allow migration": {with(in("east-standard")), same, permitted, result{
			mode: ModeOffline, reason: ReasonLiveNotPossible, downtime: true, ipChange: true, domain: stays,
			severity: Error, code: CodeDatacenterClosed, closed: "east-standard",
		}},
		"suspended": {with(status(platform.StatusSuspended)), same, permitted, result{
			mode: ModeLive, reason: ReasonLiveAvailable, domain: stays,
			severity: Error, code: CodeStatus,
		}},
		"broken": {with(status(platform.StatusBroken)), same, live(Policy{}), result{
			mode: ModeLive, reason: ReasonRequested, domain: stays,
			severity: Error, code: CodeStatus,
		}},
		"stopped cluster of a database": {with(cluster, status(platform.StatusStopped)), same, offline(permitted), result{
			mode: ModeOffline, reason: ReasonEnvironmentStopped, domain: stays,
			severity: Error, code: CodeStoppedCluster,
		}},
		"Windows virtual machines": {with(windows), same, permitted, result{
			mode: ModeLive, reason: ReasonLiveAvailable, domain: stays, severity: Error, code: CodeWindowsVMs,
		}},

		// Any mode; stopped.
		"stopped moves offline without downtime": {with(status(platform.StatusStopped)), same, Policy{}, result{
			mode: ModeOffline, reason: ReasonEnvironmentStopped, domain: stays,
		}},
		"stopped moves offline despite mode live": {with(status(platform.StatusStopped), database), same, live(Policy{}),
			result{
				mode: ModeOffline, reason: ReasonEnvironmentStopped, domain: stays,
			}},
		"stopped to another data centre needs new addresses": {with(status(platform.StatusStopped)), other, Policy{}, result{
			mode: ModeOffline, reason: ReasonEnvironmentStopped, ipChange: true, domain: moves,
			missing: []Permission{AllowIPChange}, severity: Error, code: CodePermissionMissing,
		}},
		"stopped to another data centre permitted": {with(status(platform.StatusStopped)), other, Policy{AllowIPChange: true},
			result{
				mode: ModeOffline, reason: ReasonEnvironmentStopped, ipChange: true, domain: moves,
				severity: Warning, code: CodeConsequences,
			}},
		"sleeping is assessed like running": {with(status(platform.StatusSleeping)), same, offline(Policy{}), result{
			mode: ModeOffline, reason: ReasonRequested, downtime: true, domain: stays,
			missing: []Permission{AllowDowntime}, severity: Error, code: CodePermissionMissing,
		}},

		// Mode auto.
		"auto, live possible": {plain(), same, Policy{}, result{mode: ModeLive, reason: ReasonLiveAvailable, domain: stays}},
		"auto, database": {with(database), same, Policy{}, result{
			mode: ModeOffline, reason: ReasonDatabase, downtime: true, domain: stays,
			missing: []Permission{AllowDowntime}, severity: Error, code: CodePermissionMissing,
		}},
		"auto, database, permitted": {with(database), same, Policy{AllowDowntime: true}, result{
			mode: ModeOffline, reason: ReasonDatabase, downtime: true, domain: stays,
			severity: Warning, code: CodeConsequences,
		}},
		"auto, shared storage": {with(storage), same, Policy{AllowDowntime: true}, result{
			mode: ModeOffline, reason: ReasonSharedStorage, downtime: true, domain: stays, severity: Warning,
			code: CodeConsequences,
		}},
		"auto, mounts": {with(mounts), same, Policy{}, result{
			mode: ModeOffline, reason: ReasonMounts, downtime: true, domain: stays,
			missing: []Permission{AllowDowntime}, severity: Error, code: CodePermissionMissing,
		}},
		"auto, live not possible": {plain(), other, Policy{}, result{
			mode: ModeOffline, reason: ReasonLiveNotPossible, downtime: true, ipChange: true, domain: moves,
			missing: []Permission{AllowDowntime, AllowIPChange}, severity: Error, code: CodePermissionMissing,
		}},
		"auto, live not possible, one permission missing": {plain(), other, Policy{AllowDowntime: true}, result{
			mode: ModeOffline, reason: ReasonLiveNotPossible, downtime: true, ipChange: true, domain: moves,
			missing: []Permission{AllowIPChange}, severity: Error, code: CodePermissionMissing,
		}},
		"auto, live not possible, permitted": {plain(), other, permitted, result{
			mode: ModeOffline, reason: ReasonLiveNotPossible, downtime: true, ipChange: true, domain: moves,
			severity: Warning, code: CodeConsequences,
		}},
		"auto, permitted only for another region": {plain(), other, Policy{AllowDowntime: true, AllowIPChange: true,
			PermitFor: []string{same}}, result{
			mode: ModeOffline, reason: ReasonLiveNotPossible, downtime: true, ipChange: true, domain: moves,
			missing: []Permission{AllowDowntime, AllowIPChange}, severity: Error, code: CodeNotPermittedFor,
			lacks: []Permission{},
		}},
		"auto, one permission elsewhere, one missing": {plain(), other, Policy{AllowDowntime: true,
			PermitFor: []string{same}}, result{
			mode: ModeOffline, reason: ReasonLiveNotPossible, downtime: true, ipChange: true, domain: moves,
			missing: []Permission{AllowDowntime, AllowIPChange}, severity: Error, code: CodePermissionMissing,
			lacks: []Permission{AllowIPChange},
		}},
		"auto, permitted for no region": {plain(), other, Policy{AllowDowntime: true, AllowIPChange: true,
			PermitFor: []string{}}, result{
			mode: ModeOffline, reason: ReasonLiveNotPossible, downtime: true, ipChange: true, domain: moves,
			missing: []Permission{AllowDowntime, AllowIPChange}, severity: Error, code: CodeNotPermittedFor,
			lacks: []Permission{},
		}},

		// Mode live.
		"live, possible": {plain(), same, live(Policy{}),
			result{mode: ModeLive, reason: ReasonRequested, domain: stays}},
		"live, database": {with(database), same, live(Policy{}), result{
			mode: ModeLive, reason: ReasonRequested, domain: stays,
			missing: []Permission{AllowLiveDatabases}, severity: Error, code: CodePermissionMissing,
		}},
		"live, database, permitted": {with(database), same, live(Policy{AllowLiveDatabases: true}), result{
			mode: ModeLive, reason: ReasonRequested, domain: stays,
			severity: Warning, code: CodeConsequences,
		}},
		"live, mounts": {with(mounts), same, live(Policy{AllowLiveDatabases: true}), result{
			mode: ModeLive, reason: ReasonRequested, domain: stays,
			missing: []Permission{AllowLiveMounts}, severity: Error, code: CodePermissionMissing,
		}},
		"live, mounts, permitted": {with(mounts), same, live(Policy{AllowLiveMounts: true}), result{
			mode: ModeLive, reason: ReasonRequested, domain: stays,
			severity: Warning, code: CodeConsequences,
		}},
		"live, shared storage": {with(storage), same, live(Policy{AllowDowntime: true, AllowLiveMounts: true}), result{
			mode: ModeLive, reason: ReasonRequested, domain: stays,
			severity: Error, code: CodeLiveSharedStorage,
		}},
		"live, not possible": {plain(), other, live(permitted), result{
			mode: ModeLive, reason: ReasonRequested, domain: stays,
			severity: Error, code: CodeLiveNotPossible,
		}},

		// Mode offline.
		"offline within the data centre": {plain(), same, offline(Policy{}), result{
			mode: ModeOffline, reason: ReasonRequested, downtime: true, domain: stays,
			missing: []Permission{AllowDowntime}, severity: Error, code: CodePermissionMissing,
		}},
		"offline within the data centre, permitted": {plain(), same, offline(Policy{AllowDowntime: true}), result{
			mode: ModeOffline, reason: ReasonRequested, downtime: true, domain: stays,
			severity: Warning, code: CodeConsequences,
		}},
		"offline to another data centre": {plain(), other, offline(permitted), result{
			mode: ModeOffline, reason: ReasonRequested, downtime: true, ipChange: true, domain: moves,
			severity: Warning, code: CodeConsequences,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := Assess(Request{Environment: row.env, To: row.to, Policy: row.policy, Regions: testCatalog()})
			findings := row.policy.Review(a, testCatalog(), EnforceAtPlan)
			got := result{mode: a.Mode, reason: a.Reason, downtime: a.Downtime, ipChange: a.IPChange, domain: a.ExpectedDomain}
			want := row.want
			if code := want.code; code == CodePermissionMissing || code == CodeNotPermittedFor {
				got.missing = row.policy.Missing(a)
				if want.lacks == nil {
					want.lacks = want.missing
				}
				got.lacks = append([]Permission{}, findings[0].Missing...)
				if all := slices.Concat(findings[0].Missing, findings[0].Uncovered); !sameElements(all, got.missing) {
					t.Errorf("the finding has %v, missing are %v", all, got.missing)
				}
			}
			for _, f := range findings {
				got.severity, got.code, got.closed = f.Severity, f.Code, f.Closed.Name
				if f.Environment != "shop" || f.Assessment.To.Name != row.to {
					t.Errorf("the finding is about %s to %s", f.Environment, f.Assessment.To.Name)
				}
			}
			if len(findings) > 1 || !reflect.DeepEqual(got, want) {
				t.Errorf("got  %+v\nwant %+v\nfindings %+v", got, want, findings)
			}
			if a.DomainChange != (a.ExpectedDomain != row.env.Domain) {
				t.Errorf("domain change %v from %s to %s", a.DomainChange, row.env.Domain, a.ExpectedDomain)
			}
		})
	}
}

// sameElements compares lists without their order.
func sameElements(a, b []Permission) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

func TestEnforcementAtApplyWarns(t *testing.T) {
	t.Parallel()
	a := Assess(Request{Environment: plain(), To: "south-standard", Regions: testCatalog()})
	findings := Policy{}.Review(a, testCatalog(), EnforceAtApply)
	if len(findings) != 1 || findings[0].Severity != Warning || findings[0].Code != CodePermissionMissing ||
		!findings[0].PassesPlan {
		t.Errorf("findings %+v", findings)
	}
	refused := Assess(Request{Environment: plain(), To: "east-standard", Regions: testCatalog()})
	if findings := (Policy{}).Review(refused, testCatalog(), EnforceAtApply); len(findings) != 1 ||
		findings[0].Severity != Error || findings[0].PassesPlan {
		t.Errorf("a refusal by the platform is no error: %+v", findings)
	}
}

func TestLivePairsOverrideDatacenterRule(t *testing.T) {
	t.Parallel()
	catalog := testCatalog().Corrected([]LivePair{
		{A: "south-standard", B: "north-economy", Possible: true},
		{A: "north-economy", B: "north-performance", Possible: false},
	}, nil)
	across := Assess(Request{Environment: plain(), To: "south-standard", Regions: catalog})
	if across.Mode != ModeLive || across.IPChange || across.DomainChange {
		t.Errorf("a declared pair must move live and keep everything: %+v", across)
	}
	within := Assess(Request{Environment: plain(), To: "north-performance", Regions: catalog})
	if within.Mode != ModeOffline || within.Reason != ReasonLiveNotPossible || within.IPChange {
		t.Errorf("an excluded pair must move offline and keep its addresses: %+v", within)
	}
	if !slices.Equal(across.LiveTargets, []string{"south-standard"}) {
		t.Errorf("live targets %v", across.LiveTargets)
	}
}

func TestDifferentNetworksChangeAddresses(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		from, to string // layer-3 networks
		mode     Mode
		want     bool
	}{
		{"a", "b", ModeOffline, true},
		{"a", "b", ModeAuto, false}, // live
		{"a", "a", ModeOffline, false},
		{"a", "", ModeOffline, false}, // the platform does not report it
		{"", "b", ModeOffline, false},
		{"", "", ModeOffline, false},
	} {
		catalog := testCatalog()
		catalog.Regions[0].L3Group, catalog.Regions[1].L3Group = row.from, row.to
		a := Assess(Request{Environment: plain(), To: "north-performance", Policy: Policy{Mode: row.mode}, Regions: catalog})
		if a.IPChange != row.want || a.DomainChange {
			t.Errorf("%s from network %q to %q: other addresses %v, another domain %v", row.mode, row.from, row.to, a.IPChange,
				a.DomainChange)
		}
	}
}

func TestCheckTarget(t *testing.T) {
	t.Parallel()
	catalog := testCatalog()
	for region, want := range map[string]Code{
		"north-preformance": CodeRegionUnknown,
		"North Performance": CodeRegionUnknown,
		"south":             CodeRegionUnknown,
		"mars":              CodeRegionUnknown,
		"north-legacy":      CodeRegionUnusable,
		"south-retired":     CodeRegionUnusable,
	} {
		finding := catalog.CheckTarget("shop", region)
		if finding == nil {
			t.Errorf("%s: no finding", region)
			continue
		}
		type facts struct {
			code                Code
			severity            Severity
			environment, region string
		}
		got := facts{finding.Code, finding.Severity, finding.Environment, finding.Region}
		if diff := cmp.Diff(facts{want, Error, "shop", region}, got, cmp.AllowUnexported(facts{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", region, diff)
		}
	}
	if finding := catalog.CheckTarget("shop", "south-standard"); finding != nil {
		t.Errorf("a usable region: %+v", finding)
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"north-preformance": "north-performance", "North Performance": "north-performance", "South": "", "mars": "",
	} {
		if got := testCatalog().Nearest(name); got != want {
			t.Errorf("nearest to %s is %q, want %q", name, got, want)
		}
	}
	if got := testCatalog().UsableIn("south"); !slices.Equal(got, []string{"south-standard"}) {
		t.Errorf("usable in south are %v", got)
	}
}

func TestCheckRegion(t *testing.T) {
	t.Parallel()
	policy := Policy{AllowedRegions: []string{"north-economy"}}
	if finding := policy.CheckRegion("shop", "north-economy", testCatalog()); finding != nil {
		t.Errorf("an allowed region: %+v", finding)
	}
	if finding := (Policy{}).CheckRegion("shop", "south-standard", testCatalog()); finding != nil {
		t.Errorf("without a limit: %+v", finding)
	}
	for _, catalog := range []RegionCatalog{{}, testCatalog()} {
		finding := policy.CheckRegion("shop", "south-standard", catalog)
		if finding == nil || finding.Code != CodeRegionNotAllowed || finding.Severity != Error ||
			finding.Region != "south-standard" {
			t.Errorf("%+v", finding)
		}
	}
}

func TestDatabaseDetection(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		nodeGroup NodeGroup
		want      bool
	}{
		{NodeGroup{Name: "sqldb", NodeType: "anything"}, true},
		{NodeGroup{Name: "nosqldb"}, true},
		{NodeGroup{Name: "cp", NodeType: "mysql8"}, true},
		{NodeGroup{Name: "vps", NodeType: "redis-dockerized"}, true},
		{NodeGroup{Name: "docker", NodeType: "docker", Image: "bitnami/postgresql:15"}, true},
		{NodeGroup{Name: "docker", NodeType: "docker", Image: "registry.example.com:5000/neo4j@sha256:abc"}, true},
		{NodeGroup{Name: "search", NodeType: "docker", Image: "opensearchproject/opensearch"}, true},
		{NodeGroup{Name: "docker", NodeType: "docker", Image: "mcr.microsoft.com/mssql/server:2022-latest"}, true},
		{NodeGroup{Name: "docker", NodeType: "docker", Image: "pgvector/pgvector:pg17"}, true},
		{NodeGroup{Name: "docker", NodeType: "docker", Image: "mysql:8.4"}, true},
		{NodeGroup{Name: "docker", NodeType: "docker", Image: "mysql.example.com/shop/web:8"}, false},
		{NodeGroup{Name: "docker", NodeType: "docker", Image: "gvenzl/oracle-xe"}, true},
		{NodeGroup{Name: "docker", NodeType: "docker", Image: "container-registry.oracle.com/database/express"}, true},
		{NodeGroup{Name: "docker", NodeType: "docker", Image: "ibmcom/db2"}, true},
		{NodeGroup{Name: "docker", NodeType: "docker", Image: "aerospike/aerospike-server"}, true},
		{NodeGroup{Name: "vps", NodeType: "mssqlserver"}, true},
		{NodeGroup{Name: "docker", NodeType: "docker", Image: "mongo-express"}, false},
		{NodeGroup{Name: "docker", NodeType: "docker", Image: "prom/mysqld-exporter"}, false},
		{NodeGroup{Name: "docker", NodeType: "docker", Image: "library/nginx"}, false},
		{NodeGroup{Name: "cp", NodeType: "nginxphp"}, false},
		{NodeGroup{Name: "cache", NodeType: "memcached"}, false},
	} {
		if got := row.nodeGroup.IsDatabase(); got != row.want {
			t.Errorf("%+v is a database: %v", row.nodeGroup, got)
		}
	}
	policy := Policy{DatabaseLayers: []string{"cp"}}
	a := Assess(Request{Environment: with(database), To: "north-performance", Policy: policy, Regions: testCatalog()})
	if !slices.Equal(a.Databases, []string{"cp"}) {
		t.Errorf("database_layers must replace the detection: %v", a.Databases)
	}
	a = Assess(Request{Environment: with(database), To: "north-performance", Policy: Policy{DatabaseLayers: []string{}},
		Regions: testCatalog()})
	if a.Mode != ModeLive {
		t.Errorf("an empty database_layers must mean none: %+v", a)
	}
}

func TestCost(t *testing.T) {
	t.Parallel()
	a := Assess(Request{Environment: plain(), To: "north-performance", Regions: testCatalog()})
	// 5 reserved cloudlets; at the limit 15 more dynamic ones at twice the price.
	if a.CostBefore.HourlyMin != 0.01 || a.CostBefore.HourlyMax != 0.07 || a.CostBefore.Currency != "EUR" {
		t.Errorf("cost before: %+v", *a.CostBefore)
	}
	if a.CostAfter.MonthlyMin() != 14.6 || a.CostAfter.MonthlyMax() != 102.2 {
		t.Errorf("cost after: %+v", *a.CostAfter)
	}
	if want := []string{"public_ipv4"}; !slices.Equal(a.CostBefore.Excludes, want) {
		t.Errorf("excluded: %v, want %v", a.CostBefore.Excludes, want)
	}
	if a := Assess(Request{Environment: plain(), To: "south-standard", Regions: testCatalog()}); a.CostAfter != nil {
		t.Errorf("an unknown price must have no cost: %+v", *a.CostAfter)
	}
}

// Disk space costs more as nodes grow and counts for each node. Addresses cost the same in any case.
func TestCostOfDiskAndAddresses(t *testing.T) {
	t.Parallel()
	prices := testPrices(0.002)
	prices.DiskGB = []platform.Tier{{Price: 0.001}}
	prices.PublicIPv4 = []platform.Tier{{Price: 0.003}}
	prices.PublicIPv6 = []platform.Tier{{Price: 0.0005}}
	env := Environment{NodeGroups: []NodeGroup{
		{Name: "bl", Nodes: 1, ReservedCloudlets: 1, DynamicCloudlets: 1, DiskGB: 5, PublicIPv4: 1},
		{Name: "cp", Nodes: 3, ReservedCloudlets: 1, DynamicCloudlets: 2, DiskGB: 10, PublicIPv4: 2, PublicIPv6: 4},
	}}
	// 4 reserved cloudlets and 7 addresses; at the limit 3 dynamic cloudlets and 35 GB as well.
	cost := RegionCatalog{Prices: map[string]Price{"a": {Prices: prices}}}.cost(env, "a")
	if cost == nil || cost.HourlyMin != 0.019 || cost.HourlyMax != 0.066 || len(cost.Excludes) > 0 {
		t.Errorf("%+v", cost)
	}
}

func TestChargeUsesReachedTier(t *testing.T) {
	t.Parallel()
	tiers := []platform.Tier{{From: 1, Price: 0.003}, {From: 16, Price: 0.002}, {From: 32, Free: 10, Price: 0.001}}
	for amount, want := range map[float64]float64{0: 0, 0.5: 0, 1: 0.003, 15: 0.045, 16: 0.032, 40: 0.03} {
		if got := round(charge(tiers, amount, amount), 6); got != want {
			t.Errorf("%v units cost %v, want %v", amount, got, want)
		}
	}
	twice := []platform.Tier{{From: 1, Price: 3}, {From: 1, Price: 2}}
	if got := charge(twice, 1, 1); got != 2 {
		t.Errorf("the last of two tiers with the same start must apply, but one unit costs %v", got)
	}
}

func TestConfiguredPricesTakePrecedence(t *testing.T) {
	t.Parallel()
	catalog := testCatalog().Corrected(nil, map[string]platform.Prices{"north-economy": testPrices(1)})
	if p := catalog.Prices["north-economy"]; p.Source != PriceConfigured || p.ReservedCloudlet[0].Price != 1 {
		t.Errorf("price %+v", p)
	}
	if p := catalog.Prices["north-performance"]; p.Source != platform.PricesOfAccount {
		t.Errorf("price %+v", p)
	}
}
