package migration

import (
	"slices"
	"strings"
	"testing"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// risks are the things that a warning may tell to look at: by a phrase that is in no other, and what follows it.
var risks = map[string]struct{ phrase, values string }{
	"database":   {"may lose or damage", ""},
	"mounts":     {"mounts do not work", ""},
	"ipv6":       {"JE-60362", ""},
	"ssl":        {"Built-in SSL", ""},
	"cname":      {"CNAME records of ", "shop.example.com that point to shop.north.vap.test"},
	"group":      {"belongs to the isolated group ", "inner:"},
	"dependents": {"depend on its nodes and may lose them: ", "environment blog"},
	"add-ons":    {"handlers for migrations: ", "backup."},
}

func TestWarningsTellTheRisks(t *testing.T) {
	t.Parallel()
	const same, other = "north-performance", "south-standard"
	dependent := func(kinds ...DependentKind) func(*Environment) {
		return func(e *Environment) {
			for _, kind := range kinds {
				e.Dependents = append(e.Dependents, Dependent{Kind: kind, Environment: "blog", NodeGroup: "cp", Name: "data"})
			}
		}
	}
	ssl := func(e *Environment) { e.BuiltInSSL = true }
	domains := func(e *Environment) { e.CustomDomains = []string{"shop.example.com"} }
	addOns := func(e *Environment) { e.AddOns = []string{"backup"} }
	ipv6 := func(nodes int) func(*Environment) {
		return func(e *Environment) {
			for i := range nodes {
				e.Nodes[i].PublicIPv6 = 1
			}
		}
	}
	isolated := func(e *Environment) { e.Groups = []string{"inner"} }
	live := Policy{Mode: ModeLive, AllowLiveDatabases: true, AllowLiveMounts: true}
	offline := Policy{Mode: ModeOffline, AllowDowntime: true, AllowIPChange: true}
	for name, row := range map[string]struct {
		env    Environment
		to     string
		policy Policy
		want   []string // in alphabetical order; nil means no warning
	}{
		"live, nothing":                      {plain(), same, live, nil},
		"live, what stays the same":          {with(ssl, domains, isolated, addOns), same, live, nil},
		"live, linked":                       {with(dependent(DependentLink, DependentVariable)), same, live, nil},
		"live, mounted by others":            {with(dependent(DependentLink, DependentMount)), same, live, []string{"dependents"}},
		"live, only some nodes have IPv6":    {with(ipv6(2)), same, live, []string{"ipv6"}},
		"live, all nodes have IPv6":          {with(ipv6(3)), same, live, nil},
		"live, database":                     {with(database), same, live, []string{"database"}},
		"live, mounts":                       {with(mounts), same, live, []string{"mounts"}},
		"live, database, add-ons":            {with(database, addOns), same, live, []string{"add-ons", "database"}},
		"offline, nothing":                   {plain(), same, offline, []string{}},
		"offline, what stays the same":       {with(ssl, domains, isolated), same, offline, []string{}},
		"offline, linked":                    {with(dependent(DependentLink)), same, offline, []string{"dependents"}},
		"stopped, linked, same addresses":    {with(status(platform.StatusStopped), dependent(DependentMount)), same, offline, nil},
		"stopped, linked, other addresses":   {with(status(platform.StatusStopped), dependent(DependentLink)), other, offline, []string{"dependents"}},
		"to another data centre, nothing":    {plain(), other, offline, []string{}},
		"to another data centre, everything": {with(ssl, domains, isolated, addOns), other, offline, []string{"add-ons", "cname", "group", "ssl"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := Assess(Request{Environment: row.env, To: row.to, Policy: row.policy, Regions: testCatalog()})
			a.IsolatedGroups = row.env.Groups
			findings := row.policy.Review(a, EnforceAtPlan)
			if (len(findings) > 0) != (row.want != nil) {
				t.Fatalf("findings %+v", findings)
			}
			if row.want == nil {
				return
			}
			got := []string{}
			for name, risk := range risks {
				_, after, found := strings.Cut(findings[0].Detail, risk.phrase)
				if found {
					got = append(got, name)
				}
				if found && !strings.HasPrefix(after, risk.values) {
					t.Errorf("%s: %q, want %q", name, after, risk.values)
				}
			}
			slices.Sort(got)
			if !slices.Equal(got, row.want) || findings[0].Severity != Warning {
				t.Errorf("risks %v, want %v, in %+v", got, row.want, findings[0])
			}
		})
	}
}

func TestFindingsTellTheCost(t *testing.T) {
	t.Parallel()
	const economy, performance = "7.30 to 51.10 EUR a month (not known, and left out: public_ipv4)", "14.60 to 102.20 EUR a month (not known, and left out: public_ipv4)"
	for _, row := range []struct {
		priced []string
		want   string
	}{
		{[]string{"north-economy", "north-performance"}, "Cost: " + economy + " → " + performance + "."},
		{[]string{"north-economy"}, "Cost: " + economy + " → unknown."},
		{[]string{"north-performance"}, "Cost: unknown → " + performance + "."},
		{nil, ""},
	} {
		catalog := testCatalog()
		for region := range catalog.Prices {
			if !slices.Contains(row.priced, region) {
				delete(catalog.Prices, region)
			}
		}
		for _, policy := range []Policy{{Mode: ModeOffline}, {Mode: ModeOffline, AllowDowntime: true}} {
			findings := policy.Review(Assess(Request{Environment: plain(), To: "north-performance", Policy: policy, Regions: catalog}), EnforceAtPlan)
			if len(findings) != 1 || !strings.Contains(findings[0].Detail, row.want) || row.want == "" && strings.Contains(findings[0].Detail, "Cost:") {
				t.Errorf("prices of %v: %+v, want %q", row.priced, findings, row.want)
			}
		}
	}
}

func TestNewAddressesAreCounted(t *testing.T) {
	t.Parallel()
	addresses := func(v4, v6 int) func(*Environment) {
		return func(e *Environment) {
			for i := range e.NodeGroups {
				e.NodeGroups[i].PublicIPv4, e.NodeGroups[i].PublicIPv6 = v4, v6
			}
		}
	}
	for want, env := range map[string]Environment{
		"New addresses on 3 nodes.":                                with(addresses(0, 0)),
		"New addresses on 3 nodes (4 public IPv4).":                with(addresses(2, 0)),
		"New addresses on 3 nodes (6 public IPv6).":                with(addresses(0, 3)),
		"New addresses on 3 nodes (2 public IPv4, 2 public IPv6).": with(addresses(1, 1)),
		"New addresses on 1 node.":                                 with(addresses(0, 0), func(e *Environment) { e.Nodes = e.Nodes[:1] }),
	} {
		findings := Policy{}.Review(Assess(Request{Environment: env, To: "south-standard", Regions: testCatalog()}), EnforceAtPlan)
		if len(findings) != 1 || !strings.Contains(findings[0].Detail, want) {
			t.Errorf("want %q: %+v", want, findings)
		}
	}
}

func TestCheckCost(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		to      string
		limit   float64
		refused bool
	}{
		{"north-performance", 0.15, false},
		{"north-performance", 0.14, false}, // which it costs
		{"north-performance", 0.139, true},
		{"north-economy", 0.139, false},
		{"south-standard", 0, false}, // its price is not known
	} {
		a := Assess(Request{Environment: plain(), To: row.to, Regions: testCatalog()})
		finding := Policy{MaxHourlyCost: &row.limit}.CheckCost(a)
		if (finding != nil) != row.refused {
			t.Errorf("%s for at most %v: %+v", row.to, row.limit, finding)
		}
		if finding != nil && (finding.Severity != Error || strings.Join(finding.Attribute, ".") != "migration_policy.max_hourly_cost" ||
			!strings.Contains(finding.Detail, "up to 0.14 EUR an hour") || !strings.Contains(finding.Detail, "max_hourly_cost = 0.14")) {
			t.Errorf("%+v", finding)
		}
		if finding := (Policy{}).CheckCost(a); finding != nil {
			t.Errorf("without a limit: %+v", finding)
		}
	}
}
