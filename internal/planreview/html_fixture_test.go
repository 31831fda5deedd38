package planreview

import "fmt"

// Reviews of every size and kind for the tests of the picture and the page.

func oneMove() *Review {
	m := filled().Moves[1]
	m.Address, m.PreviousAddress, m.Name, m.Trigger, m.MissingPermissions =
		"vap_environment.shop", "", "shop-prod", TriggerConfiguration, []string{}
	return &Review{Headline: "1 environment moves: 1 offline with new addresses.", Moves: []Move{m},
		TerraformVersion: "1.11.4"}
}

// fiveMoves are five moves among three data centres.
func fiveMoves() *Review {
	north := Place{Region: "north-economy", Datacenter: "north"}
	south := Place{Region: "south-standard", Datacenter: "south"}
	east := Place{Region: "east-standard", Datacenter: "east"}
	fast := Place{Region: "north-performance", Datacenter: "north"}
	move := func(name string, class Class, from, to Place) Move {
		m := oneMove().Moves[0]
		m.Name, m.Address, m.Class, m.From, m.To = name, "vap_environment."+name, class, from, to
		switch class {
		case ClassLive:
			m.Reason, m.Downtime, m.IPChange, m.DomainChange = "live_available", false, false, false
		case ClassOffline:
			m.Reason, m.IPChange, m.DomainChange = "database", false, false
		}
		m.HardCoded, m.Unchanged = nil, nil
		return m
	}
	moves := []Move{
		move("shop-prod", ClassOfflineNewAddresses, north, south),
		move("blog-prod", ClassOfflineNewAddresses, north, south),
		move("archive", ClassOfflineNewAddresses, south, east),
		move("db-prod", ClassOffline, north, fast),
		move("api-prod", ClassLive, north, fast),
	}
	return &Review{
		Headline: "5 environments move: 1 live, 1 offline, 3 offline with new addresses.", TerraformVersion: "1.11.4",
		Denied: true, Moves: moves,
		Denials: []Denial{
			{Address: "vap_environment.shop-prod", Kind: KindIPChange, Text: "2 nodes get other addresses"},
			{Address: "vap_environment.shop-prod", Kind: KindOffline, Text: "it is down from the start of the move to its end"},
			{Address: "vap_environment.archive", Kind: KindOffline, Text: "it is down from the start of the move to its end"},
		},
	}
}

// manyMoves are n moves among all regions of three data centres; those with a downtime are denied. They exceed
// every limit of the lists.
func manyMoves(n int) *Review {
	regions := []Place{
		{Region: "north-economy", Datacenter: "north"}, {Region: "north-standard", Datacenter: "north"},
		{Region: "north-performance", Datacenter: "north"},
		{Region: "south-standard", Datacenter: "south"}, {Region: "south-performance", Datacenter: "south"},
		{Region: "east-standard", Datacenter: "east"},
	}
	r := &Review{Headline: fmt.Sprintf("%d environments move.", n), TerraformVersion: "1.11.4", Denied: true}
	for i := range n {
		m := filled().Moves[1]
		m.Name, m.Address = fmt.Sprintf("shop-%04d", i), fmt.Sprintf(`module.shops.vap_environment.all["shop-%04d"]`, i)
		m.PreviousAddress, m.Trigger, m.MissingPermissions = "", TriggerConfiguration, []string{}
		m.From, m.To = regions[i%6], regions[(i+1+i/6%5)%6]
		if m.From.Datacenter == m.To.Datacenter {
			m.Class, m.Reason, m.IPChange, m.DomainChange = ClassOffline, "database", false, false
			if i%4 > 0 {
				m.Class, m.Reason, m.Downtime = ClassLive, "live_available", false
			}
		}
		r.Moves = append(r.Moves, m)
		if m.Downtime {
			r.Denials = append(r.Denials,
				Denial{Address: m.Address, Kind: KindOffline, Text: "it is down from the start of the move to its end"})
		}
		r.Triggered = append(r.Triggered,
			Triggered{Address: fmt.Sprintf("example_release.all[%d]", i), Action: "replace", By: "replace_triggered_by"})
		r.Others = append(r.Others, Other{Address: fmt.Sprintf("vap_environment.new[%d]", i),
			Name: fmt.Sprintf("new-%04d", i), Action: ActionCreate, Region: "north-economy",
			Summary: "is created in north-economy"})
	}
	return r
}

// nothing is the review of a plan without environments.
func nothing() *Review {
	return &Review{Headline: "Nothing to review: no environment of the Virtuozzo Application Platform moves or changes.",
		TerraformVersion: "1.11.4"}
}

// failed is the review of a plan that failed, of which nothing else is known.
func failed() *Review {
	text := "The plan failed: it was made with errors, and what it would have done is missing from it."
	return &Review{
		Headline: "The plan is incomplete: no environment moves in what there is of it.", Denied: true,
		Incomplete: []string{text},
		Denials:    []Denial{{Address: "", Kind: KindIncomplete, Text: "the plan failed"}}, TerraformVersion: "1.11.4",
	}
}

// hostile has harmful text in every place that must be escaped.
func hostile() *Review {
	r := filled()
	const evil = "</title></style></script>\"'><img src=x " +
		"onerror=\"pwned=1\"><script>pwned=1</script>{{.}}\x00\x1b[31m\u202eevil\u2066]]>--> javascript:pwned=1 \xff"
	r.Headline, r.TerraformVersion = evil, evil
	r.Incomplete = []string{evil}
	for i := range r.Moves {
		m := &r.Moves[i]
		m.Address, m.PreviousAddress, m.Name, m.Trigger, m.Reason = evil, evil, evil, evil, evil
		m.From = Place{Region: evil, Datacenter: evil}
		m.To = Place{Region: evil + "2", Datacenter: evil + "2"}
		m.Class = Class(evil)
		m.DomainChange, m.PreviousDomain, m.ExpectedDomain, m.MissingPermissions = true, evil, evil, []string{evil}
		m.CostBefore, m.CostAfter = &Cost{Currency: evil}, &Cost{Currency: evil, HourlyMax: 1}
		m.Nodes = []Node{{ID: 1, NodeGroup: evil, InternalIP: evil, PublicIPv4: []string{evil}, PublicIPv6: []string{evil}}}
		m.Dependents, m.AddOns, m.ToDo =
			[]Dependent{{Kind: evil, Environment: evil, NodeGroup: evil, Name: evil}}, []string{evil}, []string{evil}
		m.Following = []Reference{{Address: evil, Action: evil, Attributes: []string{evil}, Via: []string{evil}, Stale: true}}
		m.Unchanged = []Reference{{Address: evil, Action: evil, Attributes: []string{evil}, Via: []string{evil}, Stale: true}}
		m.HardCoded = []HardCoded{{Address: evil, Path: evil, Value: evil}}
	}
	r.Others = []Other{{
		Address: evil, PreviousAddress: evil, Name: evil, Action: Action(evil), Region: evil, RemovedLayers: []string{evil},
		UnmanagedLayers: []string{evil},
		DataLosses:      []Loss{{What: LossKind(evil), Layer: evil, Certain: true, Text: evil}}, RenamedTo: evil,
		RenamedFrom: evil,
		Moved:       "moved {\n  from = " + evil + "\n}", Summary: evil,
	}}
	r.Triggered = []Triggered{{Address: evil, Action: evil, By: evil}}
	r.Denials = []Denial{{Address: evil, Kind: Kind(evil), Text: evil}}
	r.Exceptions = []Exception{{Denial: r.Denials[0], Reason: evil, Expires: evil}}
	return r
}
