package planreview

// filled is a review in which everything occurs that a renderer has to show, hostile texts included.
func filled() *Review {
	return &Review{
		FormatVersion:    FormatVersion,
		TerraformVersion: "1.11.4",
		Headline: "4 environments move: 1 live with databases at risk, 1 offline, 1 offline with new addresses, 1 " +
			"of a kind not known yet. 1 is created.",
		Denied: true,
		Incomplete: []string{"The plan was made with -target or has deferred changes: it does not show everything that " +
			"the configuration asks for."},
		Moves: []Move{
			{
				Address: "vap_environment.later", Name: "later-prod", Class: ClassUnknown,
				From:               Place{Region: "north-economy", Datacenter: "north"},
				PreviousDomain:     "later-prod.north.vap.test",
				MissingPermissions: []string{}, Nodes: []Node{}, Dependents: []Dependent{}, AddOns: []string{},
				Following: []Reference{}, Unchanged: []Reference{}, HardCoded: []HardCoded{},
				ToDo: []string{"Look at the apply's output: what the move changes is known only then."},
			},
			{
				Address: `module.shop.vap_environment.all["a|b"]`, PreviousAddress: "vap_environment.old", Name: "shop-prod",
				Class: ClassOfflineNewAddresses, Trigger: TriggerExternalMove,
				From: Place{"north-economy", "north"}, To: Place{"south-standard", "south"}, Reason: "live_not_possible",
				Downtime: true, IPChange: true, DomainChange: true,
				PreviousDomain: "shop-prod.north.vap.test", ExpectedDomain: "shop-prod.south.vap.test",
				CostBefore:         &Cost{"EUR", 0.1525, 111.33, []string{}},
				CostAfter:          &Cost{"EUR", 0.18, 131.4, []string{}},
				MissingPermissions: []string{"allow_downtime", "allow_ip_change"},
				Nodes: []Node{
					{50001, "bl", "10.1.0.4", []string{"203.0.113.5"}, []string{"2001:db8::5"}},
					{50002, "cp", "10.1.0.5", []string{}, []string{}},
				},
				Dependents: []Dependent{{"mount", "blog-prod", "cp", "/var/www"}, {"variable", "shop-prod", "cp", "DB_HOST"}},
				AddOns:     []string{"Let's Encrypt"},
				Following: []Reference{
					{"module.dns.example_record.shop", "update", []string{"nodes"}, []string{"module.dns.var.targets"}, false, false},
					{"example_upstream.office", "update", []string{}, []string{}, true, false},
					{"output.url", "update", []string{"url"}, []string{}, false, false},
				},
				Unchanged: []Reference{
					{`example_firewall.office["<script>"]`, "no-op", []string{"nodes"}, []string{}, false, true},
					{"vap_domain_binding.www", "no-op", []string{"name"}, []string{}, false, false},
				},
				HardCoded: []HardCoded{
					{"example_allow_list.partners", "rules[0].source", "203.0.113.5", false},
					{"example_secret.url", "value", "", true},
				},
				ToDo: []string{"Point DNS records, allow-lists and certificates outside this configuration to the new addresses."},
			},
			{
				Address: "vap_environment.db", Name: "db-prod", Class: ClassOffline, Trigger: TriggerInProgress,
				From: Place{"north-economy", "north"}, To: Place{"north-performance", "north"}, Reason: "database", Downtime: true,
				Window:         "Sat, Sun 22:00 for 4h, Europe/Berlin",
				PreviousDomain: "db-prod.north.vap.test", ExpectedDomain: "db-prod.north.vap.test",
				MissingPermissions: []string{}, Nodes: []Node{{50003, "sqldb", "10.1.0.6", []string{}, []string{}}},
				Dependents: []Dependent{}, AddOns: []string{},
				Following: []Reference{}, Unchanged: []Reference{}, HardCoded: []HardCoded{}, ToDo: []string{},
			},
			{
				Address: "vap_environment.blog", Name: "blog-prod", Class: ClassLive, Trigger: TriggerConfiguration,
				From: Place{"north-economy", "north"}, To: Place{"north-performance", "north"}, Reason: "requested",
				Databases: []string{"sqldb"}, LiveDatabase: true, Mounts: []string{"cp"}, LiveMounts: true,
				PreviousDomain: "blog-prod.north.vap.test", ExpectedDomain: "blog-prod.north.vap.test",
				CostAfter:          &Cost{"EUR", 0.04, 29.2, []string{"disk_gb", "public_ipv4"}},
				MissingPermissions: []string{}, Nodes: []Node{}, Dependents: []Dependent{}, AddOns: []string{},
				Following: []Reference{}, Unchanged: []Reference{}, HardCoded: []HardCoded{}, ToDo: []string{},
			},
		},
		Others: []Other{
			{Address: "vap_environment.gone", Name: "gone-test", Action: ActionDelete, Region: "north-economy",
				Summary: "is deleted with its data"},
			{Address: "vap_environment.new", Name: "new-test", Action: ActionCreate, Region: "north-economy",
				Summary: "is created in north-economy"},
			{Address: "vap_environment.blog", Name: "blog-prod", Action: ActionTopology, Region: "north-economy",
				RemovedLayers: []string{"cache", "storage"}, Summary: "layers cache, storage are removed with their data; layer " +
					"cp: count 1 → 2"},
		},
		Triggered: []Triggered{{"example_release.shop", "replace", "replace_triggered_by"},
			{"data.example_lookup.shop[\"<b>\"]", "read", "depends_on"}},
		Denials: []Denial{
			{"", KindIncomplete, "it does not show everything that is asked for"},
			{`module.shop.vap_environment.all["a|b"]`, KindMissingPermission,
				"migration_policy lacks allow_downtime and allow_ip_change, so the apply will refuse the move"},
			{`module.shop.vap_environment.all["a|b"]`, KindOffline, "it is down from the start of the move to its end"},
		},
		Exceptions: []Exception{
			{Denial{"vap_environment.db", KindOffline, "it is down from the start of the move to its end"},
				"CHG-1234, agreed with @shop-team", "2026-12-31"},
		},
	}
}
