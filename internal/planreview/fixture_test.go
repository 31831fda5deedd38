package planreview

// filled is a review with everything that a renderer must show, including hostile texts.
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
				From: Place{Region: "north-economy", Datacenter: "north"}, To: Place{Region: "south-standard", Datacenter: "south"},
				Reason:   "live_not_possible",
				Downtime: true, IPChange: true, DomainChange: true,
				PreviousDomain: "shop-prod.north.vap.test", ExpectedDomain: "shop-prod.south.vap.test",
				CostBefore:         &Cost{Currency: "EUR", HourlyMax: 0.1525, MonthlyMax: 111.33, Excludes: []string{}},
				CostAfter:          &Cost{Currency: "EUR", HourlyMax: 0.18, MonthlyMax: 131.4, Excludes: []string{}},
				MissingPermissions: []string{"allow_downtime", "allow_ip_change"},
				Nodes: []Node{
					{ID: 50001, NodeGroup: "bl", InternalIP: "10.1.0.4", PublicIPv4: []string{"203.0.113.5"},
						PublicIPv6: []string{"2001:db8::5"}},
					{ID: 50002, NodeGroup: "cp", InternalIP: "10.1.0.5", PublicIPv4: []string{}, PublicIPv6: []string{}},
				},
				Dependents: []Dependent{{Kind: "mount", Environment: "blog-prod", NodeGroup: "cp", Name: "/var/www"},
					{Kind: "variable", Environment: "shop-prod", NodeGroup: "cp", Name: "DB_HOST"}},
				AddOns: []string{"Let's Encrypt"},
				Following: []Reference{
					{Address: "module.dns.example_record.shop", Action: "update", Attributes: []string{"nodes"},
						Via: []string{"module.dns.var.targets"}, ByValue: false, Stale: false},
					{Address: "example_upstream.office", Action: "update", Attributes: []string{}, Via: []string{}, ByValue: true,
						Stale: false},
					{Address: "output.url", Action: "update", Attributes: []string{"url"}, Via: []string{}, ByValue: false,
						Stale: false},
				},
				Unchanged: []Reference{
					{Address: `example_firewall.office["<script>"]`, Action: "no-op", Attributes: []string{"nodes"}, Via: []string{},
						ByValue: false, Stale: true},
					{Address: "vap_domain_binding.www", Action: "no-op", Attributes: []string{"name"}, Via: []string{}, ByValue: false,
						Stale: false},
				},
				HardCoded: []HardCoded{
					{Address: "example_allow_list.partners", Path: "rules[0].source", Value: "203.0.113.5", Sensitive: false},
					{Address: "example_secret.url", Path: "value", Value: "", Sensitive: true},
				},
				ToDo: []string{"Point DNS records, allow-lists and certificates outside this configuration to the new addresses."},
			},
			{
				Address: "vap_environment.db", Name: "db-prod", Class: ClassOffline, Trigger: TriggerInProgress,
				From: Place{Region: "north-economy", Datacenter: "north"},
				To:   Place{Region: "north-performance", Datacenter: "north"}, Reason: "database", Downtime: true,
				Window:         "Sat, Sun 22:00 for 4h, Europe/Berlin",
				PreviousDomain: "db-prod.north.vap.test", ExpectedDomain: "db-prod.north.vap.test",
				MissingPermissions: []string{},
				Nodes: []Node{{ID: 50003, NodeGroup: "sqldb", InternalIP: "10.1.0.6", PublicIPv4: []string{},
					PublicIPv6: []string{}}},
				Dependents: []Dependent{}, AddOns: []string{},
				Following: []Reference{}, Unchanged: []Reference{}, HardCoded: []HardCoded{}, ToDo: []string{},
			},
			{
				Address: "vap_environment.blog", Name: "blog-prod", Class: ClassLive, Trigger: TriggerConfiguration,
				From: Place{Region: "north-economy", Datacenter: "north"},
				To:   Place{Region: "north-performance", Datacenter: "north"}, Reason: "requested",
				Databases: []string{"sqldb"}, LiveDatabase: true, Mounts: []string{"cp"}, LiveMounts: true,
				PreviousDomain: "blog-prod.north.vap.test", ExpectedDomain: "blog-prod.north.vap.test",
				CostAfter: &Cost{Currency: "EUR", HourlyMax: 0.04, MonthlyMax: 29.2,
					Excludes: []string{"disk_gb", "public_ipv4"}},
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
		Triggered: []Triggered{{Address: "example_release.shop", Action: "replace", By: "replace_triggered_by"},
			{Address: "data.example_lookup.shop[\"<b>\"]", Action: "read", By: "depends_on"}},
		Denials: []Denial{
			{Address: "", Kind: KindIncomplete, Text: "it does not show everything that is asked for"},
			{Address: `module.shop.vap_environment.all["a|b"]`, Kind: KindMissingPermission,
				Text: "migration_policy lacks allow_downtime and allow_ip_change, so the apply will refuse the move"},
			{Address: `module.shop.vap_environment.all["a|b"]`, Kind: KindOffline,
				Text: "it is down from the start of the move to its end"},
		},
		Exceptions: []Exception{
			{Denial: Denial{Address: "vap_environment.db", Kind: KindOffline,
				Text: "it is down from the start of the move to its end"},
				Reason: "CHG-1234, agreed with @shop-team", Expires: "2026-12-31"},
		},
	}
}
