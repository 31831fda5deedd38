package planreview_test

import "strings"

// Real and apparent losses of data.

const (
	// clustered has layers that keep data.
	clustered = `
    cp    = { node_type = "nginxphp" }
    sqldb = { node_type = "mysql", count = 2, dynamic_cloudlets = 8 }`
	// withVolume has a directory that keeps its data.
	withVolume = `
    cp = { node_type = "nginxphp", volumes = { "/var/lib/data" = {}, "/var/log/app" = {} } }`
)

// imported is a row in which the environment was removed from the state and is imported again with another
// configuration.
func imported(name, layers, after string) row {
	return row{
		name:   name,
		before: shop(economy, layers, ""),
		prepare: func(r *recorder) error {
			r.Run("state", "rm", "vap_environment.shop")
			return nil
		},
		after: after + `
import {
  to = vap_environment.shop
  id = "shop-prod"
}
`,
	}
}

var truth = []row{
	// An import reads every layer; layers outside the configuration stay as they are.
	imported("import-unmanaged", withDatabase, shop(economy, `
    cp = { node_type = "nginxphp", reserved_cloudlets = 2, dynamic_cloudlets = 8 }`, "")),
	imported("import-unmanaged-far", withDatabase, shop(south, `
    cp = { node_type = "nginxphp", reserved_cloudlets = 2, dynamic_cloudlets = 8 }`, yes)),
	imported("import-unmanaged-scaled", withDatabase, shop(economy, `
    cp = { node_type = "nginxphp", count = 2 }`, "")),
	{name: "layers-unwritten", before: shop(economy, withDatabase, ""),
		after: strings.Replace(shop(economy, "", ""), "  node_groups = {\n  }\n", "", 1)},

	// Losses of data.
	{name: "node-type", before: shop(economy, withDatabase, ""),
		after: shop(economy, strings.Replace(withDatabase, `"mysql"`, `"postgresql"`, 1), "")},
	{name: "node-type-moves", before: shop(economy, web, ""),
		after: shop(south, strings.Replace(web, `"nginxphp"`, `"apache2"`, 1), yes)},
	{name: "node-type-unknown", before: target("nginxphp") +
		shop(economy, strings.Replace(web, `"nginxphp"`, "terraform_data.target.output", 1), ""),
		after: target("apache2") + shop(economy, strings.Replace(web, `"nginxphp"`, "terraform_data.target.output", 1), "")},
	{name: "scaled-in", before: shop(economy, clustered, ""),
		after: shop(economy, strings.Replace(clustered, "count = 2", "count = 1", 1), "")},
	{name: "scaled-in-stateless", before: shop(economy, `
    cp = { node_type = "nginxphp", count = 3, scaling_mode = "stateless" }`, ""), after: shop(economy, `
    cp = { node_type = "nginxphp", count = 1, scaling_mode = "stateless" }`, "")},
	{name: "volume-removed", before: shop(economy, withVolume, ""),
		after: shop(economy, strings.Replace(withVolume, `"/var/lib/data" = {}, `, "", 1), "")},
	{name: "another-name", before: shop(economy, web, ""),
		after: strings.Replace(shop(economy, web, ""), "shop-prod", "store-prod", 1)},

	// Renamed without a moved block.
	{name: "renamed", before: shop(economy, web, ""),
		after: strings.Replace(shop(economy, web, ""), `"shop"`, `"store"`, 1)},
	{name: "renamed-into-module", before: shop(economy, web, ""), after: "module \"site\" {\n  source = \"./site\"\n}\n",
		modules: map[string]string{
			"site/main.tf": shop(economy, web, ""), "site/versions.tf": versions,
		}},

	// The environment that mounts from the one that moves is deleted, so nothing is left to do by hand.
	row{
		name: "own-changes", before: shop(economy, web, "") + other(economy), after: shop(south, web, yes),
		first: []string{"vap_environment.shop"},
	}.prepared(mountedElsewhere),

	// The provider comes from a private registry.
	moves("private-registry", south, web, yes).with(func(r *row) { r.source = "terraform.corp.example/platform/vap" }),
}
