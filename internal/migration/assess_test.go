package migration

import (
	"slices"
	"strings"
	"testing"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// The regions of the tests: two in one data centre, one in another one, one whose data centre does not allow migration,
// and some that cannot be used.
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

// plain is a running environment of a load balancer and two compute nodes, without anything that a live move endangers.
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

func mounts(e *Environment) {
	e.Mounts = append(e.Mounts, Mount{NodeGroup: "cp", Path: "/data", Protocol: "NFS"})
}

func status(s platform.Status) func(*Environment) {
	return func(e *Environment) { e.Status = s }
}

func in(region string) func(*Environment) {
	return func(e *Environment) { e.Region = region }
}

// result is what a row of the decision table comes to: a kind of move, permitted or not, with its findings.
type result struct {
	mode      Mode
	reason    Reason
	downtime  bool
	ipChange  bool
	domain    string
	missing   []Permission
	severity  []Severity // of the findings, in order
	attribute string     // of the first finding
	summary   string     // of the first finding
	says      []string   // what the first finding's detail contains
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
		// any mode, a side refuses
		"data centre of the target does not allow migration": {plain(), "east-standard", permitted, result{
			mode: ModeOffline, reason: ReasonLiveNotPossible, downtime: true, ipChange: true, domain: "shop.east.vap.test",
			severity: []Severity{Error}, attribute: "region",
			summary: "shop: data centre east does not allow migration: north-economy → east-standard",
		}},
		"data centre of the source does not allow migration": {with(in("east-standard")), same, permitted, result{
			mode: ModeOffline, reason: ReasonLiveNotPossible, downtime: true, ipChange: true, domain: stays,
			severity: []Severity{Error}, attribute: "region",
			summary: "shop: data centre east does not allow migration: east-standard → north-performance",
		}},
		"suspended": {with(status(platform.StatusSuspended)), same, permitted, result{
			mode: ModeLive, reason: ReasonLiveAvailable, domain: stays,
			severity: []Severity{Error}, attribute: "region", summary: "shop is suspended and cannot move: north-economy → north-performance",
		}},
		"broken": {with(status(platform.StatusBroken)), same, live(Policy{}), result{
			mode: ModeLive, reason: ReasonRequested, domain: stays,
			severity: []Severity{Error}, attribute: "region", summary: "shop is broken and cannot move: north-economy → north-performance",
		}},
		"stopped cluster of a database": {with(cluster, status(platform.StatusStopped)), same, offline(permitted), result{
			mode: ModeOffline, reason: ReasonEnvironmentStopped, domain: stays,
			severity: []Severity{Error}, attribute: "region",
			summary: `shop: the stopped database cluster "sqldb" cannot move: north-economy → north-performance`,
			says:    []string{"JE-53135", "JE-69128"},
		}},

		// any mode, stopped
		"stopped moves offline without downtime": {with(status(platform.StatusStopped)), same, Policy{}, result{
			mode: ModeOffline, reason: ReasonEnvironmentStopped, domain: stays,
		}},
		"stopped moves offline though live was asked": {with(status(platform.StatusStopped), database), same, live(Policy{}), result{
			mode: ModeOffline, reason: ReasonEnvironmentStopped, domain: stays,
		}},
		"stopped to another data centre needs new addresses": {with(status(platform.StatusStopped)), other, Policy{}, result{
			mode: ModeOffline, reason: ReasonEnvironmentStopped, ipChange: true, domain: moves,
			missing: []Permission{AllowIPChange}, severity: []Severity{Error}, attribute: "migration_policy.allow_ip_change",
			summary: "shop: move to south-standard needs allow_ip_change",
		}},
		"stopped to another data centre permitted": {with(status(platform.StatusStopped)), other, Policy{AllowIPChange: true}, result{
			mode: ModeOffline, reason: ReasonEnvironmentStopped, ipChange: true, domain: moves,
			severity: []Severity{Warning}, attribute: "region", summary: "shop gets new addresses: north-economy → south-standard",
		}},
		"sleeping is assessed like running": {with(status(platform.StatusSleeping)), same, offline(Policy{}), result{
			mode: ModeOffline, reason: ReasonRequested, downtime: true, domain: stays,
			missing: []Permission{AllowDowntime}, severity: []Severity{Error}, attribute: "migration_policy.allow_downtime",
			summary: "shop: move to north-performance needs allow_downtime",
		}},

		// auto
		"auto, live possible": {plain(), same, Policy{}, result{mode: ModeLive, reason: ReasonLiveAvailable, domain: stays}},
		"auto, database": {with(database), same, Policy{}, result{
			mode: ModeOffline, reason: ReasonDatabase, downtime: true, domain: stays,
			missing: []Permission{AllowDowntime}, severity: []Severity{Error}, attribute: "migration_policy.allow_downtime",
			summary: "shop: move to north-performance needs allow_downtime",
			says: []string{
				`offline because layer "sqldb" is a database`, "whole environment stops", "Addresses and domain stay.",
				"  allow_downtime = true\n  permit_for = [\"north-performance\"]", "  mode = \"live\"\n  allow_live_databases = true\n  permit_for",
				"Cost: 7.30 to 51.10 EUR a month (not known, and left out: public_ipv4) → 14.60 to 102.20 EUR a month",
			},
		}},
		"auto, database, permitted": {with(database), same, Policy{AllowDowntime: true}, result{
			mode: ModeOffline, reason: ReasonDatabase, downtime: true, domain: stays,
			severity: []Severity{Warning}, attribute: "region", summary: "shop stops during its move: north-economy → north-performance",
		}},
		"auto, shared storage": {with(storage), same, Policy{AllowDowntime: true}, result{
			mode: ModeOffline, reason: ReasonSharedStorage, downtime: true, domain: stays, severity: []Severity{Warning},
			attribute: "region", summary: "shop stops during its move: north-economy → north-performance",
		}},
		"auto, mounts": {with(mounts), same, Policy{}, result{
			mode: ModeOffline, reason: ReasonMounts, downtime: true, domain: stays,
			missing: []Permission{AllowDowntime}, severity: []Severity{Error}, attribute: "migration_policy.allow_downtime",
			summary: "shop: move to north-performance needs allow_downtime",
			says:    []string{`layer "cp" has mounts`, "  mode = \"live\"\n  allow_live_mounts = true"},
		}},
		"auto, live not possible": {plain(), other, Policy{}, result{
			mode: ModeOffline, reason: ReasonLiveNotPossible, downtime: true, ipChange: true, domain: moves,
			missing: []Permission{AllowDowntime, AllowIPChange}, severity: []Severity{Error}, attribute: "migration_policy.allow_downtime",
			summary: "shop: move to south-standard needs allow_downtime and allow_ip_change",
			says: []string{
				"different data centres", "New addresses on 3 nodes (2 public IPv4)", "Expected domain: shop.north.vap.test → shop.south.vap.test",
				"  allow_downtime = true\n  allow_ip_change = true\n  permit_for = [\"south-standard\"]", "Moving back does not restore the old addresses",
			},
		}},
		"auto, live not possible, one permission missing": {plain(), other, Policy{AllowDowntime: true}, result{
			mode: ModeOffline, reason: ReasonLiveNotPossible, downtime: true, ipChange: true, domain: moves,
			missing: []Permission{AllowIPChange}, severity: []Severity{Error}, attribute: "migration_policy.allow_ip_change",
			summary: "shop: move to south-standard needs allow_ip_change",
		}},
		"auto, live not possible, permitted": {plain(), other, permitted, result{
			mode: ModeOffline, reason: ReasonLiveNotPossible, downtime: true, ipChange: true, domain: moves,
			severity: []Severity{Warning}, attribute: "region", summary: "shop stops and gets new addresses: north-economy → south-standard",
			says: []string{"Check DNS records, allow-lists and certificates outside this configuration."},
		}},
		"auto, permitted for another region only": {plain(), other, Policy{AllowDowntime: true, AllowIPChange: true, PermitFor: []string{same}}, result{
			mode: ModeOffline, reason: ReasonLiveNotPossible, downtime: true, ipChange: true, domain: moves,
			missing: []Permission{AllowDowntime, AllowIPChange}, severity: []Severity{Error}, attribute: "migration_policy.permit_for",
			summary: "shop: permit_for does not list south-standard",
			says:    []string{"only for: north-performance.", "  permit_for = [\"north-performance\", \"south-standard\"]"},
		}},

		// live
		"live, nothing against it": {plain(), same, live(Policy{}), result{mode: ModeLive, reason: ReasonRequested, domain: stays}},
		"live, database": {with(database), same, live(Policy{}), result{
			mode: ModeLive, reason: ReasonRequested, domain: stays,
			missing: []Permission{AllowLiveDatabases}, severity: []Severity{Error}, attribute: "migration_policy.mode",
			summary: `shop: live move refused, layer "sqldb" is a database`,
			says:    []string{"may lose or damage", "502", "  allow_live_databases = true\n  permit_for = [\"north-performance\"]", "  mode = \"auto\"\n  allow_downtime = true\n  permit_for"},
		}},
		"live, database, permitted": {with(database), same, live(Policy{AllowLiveDatabases: true}), result{
			mode: ModeLive, reason: ReasonRequested, domain: stays,
			severity: []Severity{Warning}, attribute: "region",
			summary: `shop moves live although layer "sqldb" is a database: north-economy → north-performance`,
			says:    []string{"No restart", "may lose or damage", "502", "Cost:"},
		}},
		"live, mounts": {with(mounts), same, live(Policy{AllowLiveDatabases: true}), result{
			mode: ModeLive, reason: ReasonRequested, domain: stays,
			missing: []Permission{AllowLiveMounts}, severity: []Severity{Error}, attribute: "migration_policy.mode",
			summary: `shop: live move refused, layer "cp" has mounts`,
		}},
		"live, mounts, permitted": {with(mounts), same, live(Policy{AllowLiveMounts: true}), result{
			mode: ModeLive, reason: ReasonRequested, domain: stays,
			severity: []Severity{Warning}, attribute: "region",
			summary: `shop moves live although layer "cp" has mounts: north-economy → north-performance`,
			says:    []string{"NFS and GlusterFS mounts do not work"},
		}},
		"live, shared storage": {with(storage), same, live(Policy{AllowDowntime: true, AllowLiveMounts: true}), result{
			mode: ModeLive, reason: ReasonRequested, domain: stays,
			severity: []Severity{Error}, attribute: "migration_policy.mode",
			summary: `shop: live move refused, layer "storage" is shared storage`,
		}},
		"live, not possible": {plain(), other, live(permitted), result{
			mode: ModeLive, reason: ReasonRequested, domain: stays,
			severity: []Severity{Error}, attribute: "migration_policy.mode",
			summary: "shop: no live migration from north-economy to south-standard",
			says: []string{
				"different data centres", "live migration is possible to: north-performance.",
				`live_migration = [{ between = ["north-economy", "south-standard"], possible = true }]`,
			},
		}},

		// offline
		"offline within the data centre": {plain(), same, offline(Policy{}), result{
			mode: ModeOffline, reason: ReasonRequested, downtime: true, domain: stays,
			missing: []Permission{AllowDowntime}, severity: []Severity{Error}, attribute: "migration_policy.allow_downtime",
			summary: "shop: move to north-performance needs allow_downtime",
		}},
		"offline within the data centre, permitted": {plain(), same, offline(Policy{AllowDowntime: true}), result{
			mode: ModeOffline, reason: ReasonRequested, downtime: true, domain: stays,
			severity: []Severity{Warning}, attribute: "region", summary: "shop stops during its move: north-economy → north-performance",
		}},
		"offline to another data centre": {plain(), other, offline(permitted), result{
			mode: ModeOffline, reason: ReasonRequested, downtime: true, ipChange: true, domain: moves,
			severity: []Severity{Warning}, attribute: "region", summary: "shop stops and gets new addresses: north-economy → south-standard",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := Assess(Request{Environment: row.env, To: row.to, Policy: row.policy, Regions: testCatalog()})
			findings := row.policy.Review(a, EnforceAtPlan)
			got := result{mode: a.Mode, reason: a.Reason, downtime: a.Downtime, ipChange: a.IPChange, domain: a.ExpectedDomain}
			for _, f := range findings {
				got.severity = append(got.severity, f.Severity)
			}
			if got.mode != row.want.mode || got.reason != row.want.reason || got.downtime != row.want.downtime ||
				got.ipChange != row.want.ipChange || got.domain != row.want.domain || !slices.Equal(got.severity, row.want.severity) {
				t.Fatalf("got %+v\nwant %+v\nfindings %+v", got, row.want, findings)
			}
			if missing := row.policy.Missing(a); a.refusal(row.policy) == nil && !slices.Equal(missing, row.want.missing) {
				t.Errorf("missing permissions %v, want %v", missing, row.want.missing)
			}
			if a.DomainChange != (a.ExpectedDomain != row.env.Domain) {
				t.Errorf("domain change %v from %s to %s", a.DomainChange, row.env.Domain, a.ExpectedDomain)
			}
			if len(findings) == 0 {
				return
			}
			if at := strings.Join(findings[0].Attribute, "."); at != row.want.attribute {
				t.Errorf("finding at %s, want %s", at, row.want.attribute)
			}
			if findings[0].Summary != row.want.summary {
				t.Errorf("summary %q\n   want %q", findings[0].Summary, row.want.summary)
			}
			for _, phrase := range row.want.says {
				if !strings.Contains(findings[0].Detail, phrase) {
					t.Errorf("the detail does not say %q:\n%s", phrase, findings[0].Detail)
				}
			}
		})
	}
}

func TestEnforcementAtApplyWarnsInstead(t *testing.T) {
	t.Parallel()
	a := Assess(Request{Environment: plain(), To: "south-standard", Regions: testCatalog()})
	findings := Policy{}.Review(a, EnforceAtApply)
	if len(findings) != 1 || findings[0].Severity != Warning || !strings.Contains(findings[0].Detail, "the apply will refuse") {
		t.Errorf("findings %+v", findings)
	}
	refused := Assess(Request{Environment: plain(), To: "east-standard", Regions: testCatalog()})
	if findings := (Policy{}).Review(refused, EnforceAtApply); len(findings) != 1 || findings[0].Severity != Error {
		t.Errorf("what the platform refuses is an error in any case: %+v", findings)
	}
}

func TestLivePairsCorrectTheRule(t *testing.T) {
	t.Parallel()
	catalog := testCatalog().Corrected([]LivePair{
		{A: "south-standard", B: "north-economy", Possible: true},
		{A: "north-economy", B: "north-performance", Possible: false},
	}, nil)
	across := Assess(Request{Environment: plain(), To: "south-standard", Regions: catalog})
	if across.Mode != ModeLive || across.IPChange || across.DomainChange {
		t.Errorf("a declared pair moves live and keeps everything: %+v", across)
	}
	within := Assess(Request{Environment: plain(), To: "north-performance", Regions: catalog})
	if within.Mode != ModeOffline || within.Reason != ReasonLiveNotPossible || within.IPChange {
		t.Errorf("a pair that is ruled out moves offline and keeps its addresses: %+v", within)
	}
	if !slices.Equal(across.LiveTargets, []string{"south-standard"}) {
		t.Errorf("live targets %v", across.LiveTargets)
	}
}

func TestDifferentNetworksOfOneDataCentreChangeAddresses(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		from, to string // layer-3 networks
		mode     Mode
		want     bool
	}{
		{"a", "b", ModeOffline, true},
		{"a", "b", ModeAuto, false}, // live
		{"a", "a", ModeOffline, false},
		{"a", "", ModeOffline, false}, // the platform does not tell
		{"", "b", ModeOffline, false},
		{"", "", ModeOffline, false},
	} {
		catalog := testCatalog()
		catalog.Regions[0].L3Group, catalog.Regions[1].L3Group = row.from, row.to
		a := Assess(Request{Environment: plain(), To: "north-performance", Policy: Policy{Mode: row.mode}, Regions: catalog})
		if a.IPChange != row.want || a.DomainChange {
			t.Errorf("%s from network %q to %q: other addresses %v, another domain %v", row.mode, row.from, row.to, a.IPChange, a.DomainChange)
		}
	}
}

func TestCheckTarget(t *testing.T) {
	t.Parallel()
	catalog := testCatalog()
	for region, want := range map[string]struct{ summary, detail string }{
		"north-preformance": {`shop: region "north-preformance" does not exist`, `Did you mean "north-performance"?`},
		"North Performance": {`shop: region "North Performance" does not exist`, `Did you mean "north-performance"?`},
		"south":             {`shop: region "south" does not exist`, "south is a data centre; its regions are: south-standard."},
		"mars":              {`shop: region "mars" does not exist`, "Regions that this account can use: east-standard, north-economy, north-performance, south-standard."},
		"north-legacy":      {"shop: region north-legacy cannot be used", "not enabled for this account"},
		"south-retired":     {"shop: region south-retired cannot be used", "in maintenance"},
	} {
		finding := catalog.CheckTarget("shop", region)
		if finding == nil {
			t.Errorf("%s: no finding", region)
			continue
		}
		if finding.Summary != want.summary || !strings.Contains(finding.Detail, want.detail) {
			t.Errorf("%s: %s\n%s", region, finding.Summary, finding.Detail)
		}
	}
	if finding := catalog.CheckTarget("shop", "south-standard"); finding != nil {
		t.Errorf("a usable region: %+v", finding)
	}
}

func TestDatabasesAreRecognised(t *testing.T) {
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
		t.Errorf("database_layers replaces the recognition: %v", a.Databases)
	}
	a = Assess(Request{Environment: with(database), To: "north-performance", Policy: Policy{DatabaseLayers: []string{}}, Regions: testCatalog()})
	if a.Mode != ModeLive {
		t.Errorf("an empty database_layers says that there are none: %+v", a)
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
		t.Errorf("left out are %v, want %v", a.CostBefore.Excludes, want)
	}
	if a := Assess(Request{Environment: plain(), To: "south-standard", Regions: testCatalog()}); a.CostAfter != nil {
		t.Errorf("an unknown price is no cost: %+v", *a.CostAfter)
	}
}

// Disk space is used only as nodes grow; addresses are paid for in any case, and disk space is per node.
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

func TestCostInWords(t *testing.T) {
	t.Parallel()
	for want, cost := range map[string]Cost{
		"7.30 EUR a month":          {Currency: "EUR", HourlyMin: 0.01, HourlyMax: 0.01},
		"7.30 to 14.60 EUR a month": {Currency: "EUR", HourlyMin: 0.01, HourlyMax: 0.02},
		"7.30 to 14.60 a month":     {HourlyMin: 0.01, HourlyMax: 0.02},
		"0.00 a month":              {HourlyMax: 0.000001},
		"7.30 EUR a month (not known, and left out: disk_gb, public_ipv4)": {
			Currency: "EUR", HourlyMin: 0.01, HourlyMax: 0.01, Excludes: []string{"disk_gb", "public_ipv4"},
		},
	} {
		if got := cost.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestChargeTakesTheTierThatIsReached(t *testing.T) {
	t.Parallel()
	tiers := []platform.Tier{{From: 1, Price: 0.003}, {From: 16, Price: 0.002}, {From: 32, Free: 10, Price: 0.001}}
	for amount, want := range map[float64]float64{0: 0, 0.5: 0, 1: 0.003, 15: 0.045, 16: 0.032, 40: 0.03} {
		if got := round(charge(tiers, amount, amount), 6); got != want {
			t.Errorf("%v units cost %v, want %v", amount, got, want)
		}
	}
	twice := []platform.Tier{{From: 1, Price: 3}, {From: 1, Price: 2}}
	if got := charge(twice, 1, 1); got != 2 {
		t.Errorf("of two tiers that begin together the last one holds, but one unit costs %v", got)
	}
}

func TestConfiguredPricesGoFirst(t *testing.T) {
	t.Parallel()
	catalog := testCatalog().Corrected(nil, map[string]platform.Prices{"north-economy": testPrices(1)})
	if p := catalog.Prices["north-economy"]; p.Source != PriceConfigured || p.ReservedCloudlet[0].Price != 1 {
		t.Errorf("price %+v", p)
	}
	if p := catalog.Prices["north-performance"]; p.Source != platform.PricesOfAccount {
		t.Errorf("price %+v", p)
	}
}

// What "auto" has chosen live, and others have come to mount from since, goes offline only if that is written.
func TestOfflineInsteadOfWhatAutoChoseLive(t *testing.T) {
	t.Parallel()
	for mode, want := range map[Mode]string{ModeAuto: `mode = "offline"`, ModeLive: `mode = "auto"`} {
		a := Assessment{Mode: ModeLive, LivePossible: true, Mounted: []string{"cp"}, Environment: Environment{Name: "shop"}, To: Region{Name: "b"}}
		findings := Policy{Mode: mode}.Review(a, EnforceAtPlan)
		if len(findings) != 1 || !strings.Contains(findings[0].Detail, want) {
			t.Errorf("%s: %+v", mode, findings)
		}
	}
}
