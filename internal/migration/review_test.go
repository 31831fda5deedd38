package migration

import (
	"slices"
	"testing"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// The warning about a permitted move names its risks.
func TestRisks(t *testing.T) {
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
		want   []Risk // nil means no warning
	}{
		"live, nothing":             {plain(), same, live, nil},
		"live, unaffected settings": {with(ssl, domains, isolated, addOns), same, live, nil},
		"live, linked":              {with(dependent(DependentLink, DependentVariable)), same, live, nil},
		"live, mounted by others": {with(dependent(DependentLink, DependentMount)), same, live,
			[]Risk{RiskDependents}},
		"live, only some nodes have IPv6": {with(ipv6(2)), same, live, []Risk{RiskSomeIPv6}},
		"live, all nodes have IPv6":       {with(ipv6(3)), same, live, nil},
		"live, database":                  {with(database), same, live, []Risk{}},
		"live, mounts":                    {with(mounts), same, live, []Risk{}},
		"live, database, add-ons":         {with(database, addOns), same, live, []Risk{}},
		"offline, nothing":                {plain(), same, offline, []Risk{}},
		"offline, unaffected settings":    {with(ssl, domains, isolated), same, offline, []Risk{}},
		"offline, linked":                 {with(dependent(DependentLink)), same, offline, []Risk{RiskDependents}},
		"stopped, linked, same addresses": {with(status(platform.StatusStopped), dependent(DependentMount)), same, offline,
			nil},
		"stopped, linked, other addresses": {with(status(platform.StatusStopped), dependent(DependentLink)), other, offline,
			[]Risk{RiskDependents}},
		"to another data centre, nothing": {plain(), other, offline, []Risk{}},
		"to another data centre, everything": {with(ssl, domains, isolated, addOns), other, offline,
			[]Risk{RiskCertificate, RiskCustomDomains, RiskIsolatedGroup}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := Assess(Request{Environment: row.env, To: row.to, Policy: row.policy, Regions: testCatalog()})
			a.IsolatedGroups = row.env.Groups
			findings := row.policy.Review(a, testCatalog(), EnforceAtPlan)
			if (len(findings) > 0) != (row.want != nil) {
				t.Fatalf("findings %+v", findings)
			}
			if row.want == nil {
				return
			}
			f := findings[0]
			if got := f.Assessment.Risks(); !slices.Equal(got, row.want) || f.Code != CodeConsequences || f.Severity != Warning {
				t.Errorf("risks %v, want %v, in %+v", got, row.want, f)
			}
		})
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
		{"north-performance", 0.14, false}, // exactly its cost
		{"north-performance", 0.139, true},
		{"north-economy", 0.139, false},
		{"south-standard", 0, false}, // its price is not known
	} {
		a := Assess(Request{Environment: plain(), To: row.to, Regions: testCatalog()})
		finding := Policy{MaxHourlyCost: &row.limit}.CheckCost(a)
		if (finding != nil) != row.refused {
			t.Errorf("%s for at most %v: %+v", row.to, row.limit, finding)
		}
		if finding != nil &&
			(finding.Severity != Error || finding.Code != CodeCostLimit || finding.Assessment.CostAfter.HourlyMax != 0.14) {
			t.Errorf("%+v", finding)
		}
		if finding := (Policy{}).CheckCost(a); finding != nil {
			t.Errorf("without a limit: %+v", finding)
		}
	}
}
