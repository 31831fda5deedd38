package planreview

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestReferences has configurations with modules, repetition and indirection, and the references that are found in
// them. Every environment moves to another data centre; the actions of everything else are in changes.
func TestReferences(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		// config is the root module; changes are instances with their actions.
		config  string
		changes []string
		want    []string
	}{
		"directly": {
			config: `{"resources":[` + env("shop", "") + `,` +
				res("x.dns", `"a":`+refs("vap_environment.shop.domain", "vap_environment.shop")) + `]}`,
			changes: []string{"vap_environment.shop update", "x.dns update"},
			want:    []string{"x.dns update domain -> vap_environment.shop"},
		},
		"in nested blocks and provisioners": {
			config: `{"resources":[` + env("shop", "") + `,{"address":"x.rule","mode":"managed","type":"x","name":"rule",
				"expressions":{"ingress":[{"from":[{"ip":` + refs("vap_environment.shop.nodes", "vap_environment.shop") + `}]}]}},
				{"address":"x.exec","mode":"managed","type":"x","name":"exec","provisioners":[
				{"type":"local-exec","expressions":{"command":` + refs("vap_environment.shop.url", "vap_environment.shop") +
				`}}]}]}`,
			changes: []string{"vap_environment.shop update", "x.rule update", "x.exec no-op"},
			want:    []string{"x.exec no-op stale url -> vap_environment.shop", "x.rule update nodes -> vap_environment.shop"},
		},
		"in an unchanged resource": {
			config: `{"resources":[` + env("shop", "") + `,` +
				res("x.a", `"a":`+refs("vap_environment.shop.name", "vap_environment.shop")) + `]}`,
			changes: []string{"vap_environment.shop update", "x.a no-op"},
			want:    []string{"x.a no-op name -> vap_environment.shop"},
		},
		"by count": {
			config: `{"resources":[` + env("all", `"count_expression":{"constant_value":2},`) + `,
				` + repeated("x.dns", "count_expression", "var.n", `"a":`+refs("vap_environment.all", "count.index")) + `,` +
				res("x.second", `"a":`+refs("vap_environment.all[1].domain", "vap_environment.all[1]", "vap_environment.all")) +
				`]}`,
			changes: []string{"vap_environment.all[0] update", "vap_environment.all[1] update", "x.dns[0] update",
				"x.dns[1] no-op", "x.second update"},
			want: []string{"x.dns[0] update -> vap_environment.all[0]", "x.dns[1] no-op -> vap_environment.all[1]",
				"x.second update domain -> vap_environment.all[1]"},
		},
		"by for_each over the environments": {
			config: `{"resources":[` + env("all", `"for_each_expression":{},`) + `,
				` + repeated("x.dns", "for_each_expression", "vap_environment.all",
				`"a":`+refs("each.value.domain", "each.value")) + `]}`,
			changes: []string{`vap_environment.all["a.b"] update`, `vap_environment.all["c]"] update`, `x.dns["a.b"] update`,
				`x.dns["c]"] update`},
			want: []string{`x.dns["a.b"] update domain -> vap_environment.all["a.b"]`,
				`x.dns["c]"] update domain -> vap_environment.all["c]"]`},
		},
		"by for_each with other keys": {
			config: `{"resources":[` + env("all", `"for_each_expression":{},`) + `,
				` + repeated("x.dns", "for_each_expression", "vap_environment.all",
				`"a":`+refs("each.value.domain", "each.value")) + `]}`,
			changes: []string{`vap_environment.all["a"] update`, `x.dns["www-a"] update`},
			want:    []string{`x.dns["www-a"] update domain -> vap_environment.all["a"]`},
		},
		"into a module": {
			config: `{"resources":[` + env("shop", "") + `],"module_calls":{"dns":{"expressions":{"target":` +
				refs("vap_environment.shop.domain", "vap_environment.shop") + `},
				"module":{"resources":[` + res("x.record", `"a":`+refs("var.target")) + `],"variables":{"target":{}}}}}}`,
			changes: []string{"vap_environment.shop update", "module.dns.x.record update"},
			want:    []string{"module.dns.x.record update domain via module.dns.var.target -> vap_environment.shop"},
		},
		"out of a module": {
			config: `{"resources":[` + res("x.dns", `"a":`+refs("module.site.domain", "module.site")) +
				`],"module_calls":{"site":{
				"module":{"outputs":{"domain":{"expression":` + refs("vap_environment.this.domain", "vap_environment.this") +
				`},"other":{"expression":{"constant_value":1}}},"resources":[` + env("this", "") + `]}}}}`,
			changes: []string{"module.site.vap_environment.this update", "x.dns update"},
			want:    []string{"x.dns update domain via module.site.domain -> module.site.vap_environment.this"},
		},
		"out of one instance of a module": {
			config: `{"resources":[` + res("x.a",
				`"a":`+refs(`module.site[\"a\"].domain`, `module.site[\"a\"]`, "module.site")) + `,
				` + repeated("x.each", "for_each_expression", "module.site", `"a":`+refs("each.value.domain", "each.value")) + `,
				` + repeated("x.key", "for_each_expression", "var.keys", `"a":`+refs("module.site", "each.key")) +
				`],"module_calls":{"site":{"for_each_expression":{},
				"module":{"outputs":{"domain":{"expression":` + refs("vap_environment.this.domain", "vap_environment.this") +
				`}},"resources":[` + env("this", "") + `,` +
				res("x.inside", `"a":`+refs("vap_environment.this.domain", "vap_environment.this")) + `]}}}}`,
			changes: []string{
				`module.site["a"].vap_environment.this update`, `module.site["b"].vap_environment.this update`, "x.a update",
				`x.each["a"] update`, `x.each["b"] update`,
				`x.key["b"] update`, `module.site["a"].x.inside update`, `module.site["b"].x.inside update`,
			},
			want: []string{
				`module.site["a"].x.inside update domain -> module.site["a"].vap_environment.this`,
				`module.site["b"].x.inside update domain -> module.site["b"].vap_environment.this`,
				`x.a update domain via module.site.domain -> module.site["a"].vap_environment.this`,
				`x.each["a"] update domain via module.site.domain -> module.site["a"].vap_environment.this`,
				`x.each["b"] update domain via module.site.domain -> module.site["b"].vap_environment.this`,
				`x.key["b"] update domain via module.site.domain -> module.site["b"].vap_environment.this`,
			},
		},
		"through two modules": {
			config: `{"module_calls":{
				"site":{"module":{"outputs":{"env":{"expression":` + refs("vap_environment.this") + `}},"resources":[` +
				env("this", "") + `]}},
				"dns":{"expressions":{"env":` + refs("module.site.env", "module.site") +
				`},"module":{"module_calls":{"zone":{"expressions":{"target":` + refs("var.env.domain", "var.env") + `},
					"module":{"resources":[` + res("x.record", `"a":`+refs("var.target")) + `]}}}}}}}`,
			changes: []string{"module.site.vap_environment.this update", "module.dns.module.zone.x.record update"},
			want: []string{"module.dns.module.zone.x.record update via module.dns.module.zone.var.target " +
				"module.dns.var.env module.site.env -> module.site.vap_environment.this"},
		},
		"through a data source and through a resource that changes": {
			config: `{"resources":[` + env("shop", "") + `,` +
				data("lookup", `"a":`+refs("vap_environment.shop.domain", "vap_environment.shop")) + `,
				` + res("x.copy", `"a":`+refs("data.x.lookup.ip", "data.x.lookup")) + `,` +
				res("x.copied", `"a":`+refs("x.copy.id", "x.copy")) + `,` +
				res("x.still", `"a":`+refs("vap_environment.shop.name", "vap_environment.shop")) + `,
				` + res("x.far", `"a":`+refs("x.still.id", "x.still")) + `]}`,
			changes: []string{"vap_environment.shop update", "data.x.lookup read", "x.copy update", "x.copied update",
				"x.still no-op", "x.far update"},
			want: []string{
				"data.x.lookup read domain -> vap_environment.shop",
				"x.copied update domain via x.copy data.x.lookup -> vap_environment.shop",
				"x.copy update domain via data.x.lookup -> vap_environment.shop", "x.still no-op name -> vap_environment.shop",
			},
		},
		"in a cycle": {
			config: `{"resources":[` + env("shop", "") + `,` + res("x.a", `"a":`+refs("x.b.id", "x.b")) + `,` +
				res("x.b", `"a":`+refs("x.a.id", "x.a"), `"b":`+refs("vap_environment.shop.url", "vap_environment.shop")) + `]}`,
			changes: []string{"vap_environment.shop update", "x.a update", "x.b update"},
			want:    []string{"x.a update url via x.b -> vap_environment.shop", "x.b update url -> vap_environment.shop"},
		},
		"of another environment": {
			config: `{"resources":[` + env("db", "") +
				`,{"address":"vap_environment.app","mode":"managed","type":"vap_environment","name":"app",` +
				`"expressions":{"node_groups":` + refs("vap_environment.db.nodes", "vap_environment.db") + `}}]}`,
			changes: []string{"vap_environment.db update", "vap_environment.app update"},
			want:    []string{"vap_environment.app update nodes -> vap_environment.db"},
		},
		"of outputs": {
			config: `{"resources":[` + env("shop", "") + `],"outputs":{"url":{"expression":` +
				refs("vap_environment.shop.url", "vap_environment.shop") + `},"name":{"expression":` +
				refs("vap_environment.shop.name", "vap_environment.shop") + `}}}`,
			changes: []string{"vap_environment.shop update", "output.url update"},
			want:    []string{"output.name no-op name -> vap_environment.shop", "output.url update url -> vap_environment.shop"},
		},
		"of providers": {
			config: `{"resources":[` + env("db", "") + `],"module_calls":{"m":{"expressions":{"host":` +
				refs("vap_environment.db.domain", "vap_environment.db") + `},"module":{}}}},
				"provider_config":{"postgresql":{"name":"postgresql","expressions":{"host":` +
				refs("vap_environment.db.domain", "vap_environment.db") + `}},
				"module.m:mysql":{"name":"mysql","alias":"far","module_address":"module.m","expressions":{"host":` +
				refs("var.host") + `}},"vap":{"name":"vap"},"x":null}`,
			changes: []string{"vap_environment.db update"},
			want: []string{"provider.mysql.far configure domain via module.m.var.host -> vap_environment.db",
				"provider.postgresql configure domain -> vap_environment.db"},
		},
		"of a missing resource": {
			config: `{"resources":[` + env("shop", "") + `,` +
				res("x.a", `"a":`+refs("var.nothing", "module.nothing.x", "data.x.nothing.id", "local.nothing", "x.nothing.id",
					"each.value", "", "vap_environment", "self.id")) + `,null],"module_calls":{"m":null}}`,
			changes: []string{"vap_environment.shop update", "x.a update"},
		},
	} {
		plan, err := Read(strings.NewReader(planOf(c.config, c.changes)))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var got []string
		for _, m := range New(plan, Gate{}).Moves {
			for _, ref := range slices.Concat(m.Following, m.Unchanged) {
				text := ref.Address + " " + ref.Action
				if ref.Stale {
					text += " stale"
				}
				for _, a := range ref.Attributes {
					text += " " + a
				}
				if len(ref.Via) > 0 {
					text += " via " + strings.Join(ref.Via, " ")
				}
				got = append(got, text+" -> "+m.Address)
			}
		}
		slices.Sort(got)
		slices.Sort(c.want)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: found\n  %s\nwant\n  %s", name, strings.Join(got, "\n  "), strings.Join(c.want, "\n  "))
		}
	}
}

func env(name, more string) string {
	return fmt.Sprintf(`{"address":"vap_environment.%s","mode":"managed","type":"vap_environment","name":%q,`+
		`%s"expressions":{}}`, name, name, more)
}

func res(address string, expressions ...string) string {
	kind, name, _ := strings.Cut(address, ".")
	return fmt.Sprintf(`{"address":%q,"mode":"managed","type":%q,"name":%q,"expressions":{%s}}`, address, kind, name,
		strings.Join(expressions, ","))
}

func data(name string, expressions ...string) string {
	return fmt.Sprintf(`{"address":"data.x.%s","mode":"data","type":"x","name":%q,"expressions":{%s}}`, name, name,
		strings.Join(expressions, ","))
}

func repeated(address, by, ref, expression string) string {
	return strings.Replace(res(address, expression), `"expressions"`, fmt.Sprintf(`%q:%s,"expressions"`, by, refs(ref)), 1)
}

func refs(all ...string) string { return `{"references":["` + strings.Join(all, `","`) + `"]}` }

// planOf is a plan with a root module and changes such as "x.dns update". All environments move to another data
// centre.
func planOf(config string, changes []string) string {
	var resources, outputs []string
	for _, change := range changes {
		space := strings.LastIndex(change, " ")
		address, action := change[:space], change[space+1:]
		if name, ok := strings.CutPrefix(address, "output."); ok {
			outputs = append(outputs, fmt.Sprintf(`%q:{"actions":[%q]}`, name, action))
			continue
		}
		all := steps(address)
		kind, mode, values, provider := all[len(all)-2].name, "managed", `"before":{},"after":{}`, "example.com/x/x"
		if len(all) > 2 && all[len(all)-3].name == "data" {
			mode = "data"
		}
		if kind == "vap_environment" {
			provider = "registry.terraform.io/terraform-provider-vap/vap"
			if action == "update" {
				values = `"before":{"name":"shop","nodes":[],"domain":"old","url":"http://old"},
					"after":{"name":"shop","planned_migration":{"mode":"offline","reason":"requested","trigger":"configuration",
					"from_region":"a","to_region":"b","downtime":true,"ip_change":true,"domain_change":true,
					"missing_permissions":[]}},
					"after_unknown":{"nodes":true,"domain":true,"url":true}`
			}
		}
		resources = append(resources,
			fmt.Sprintf(`{"address":%q,"mode":%q,"type":%q,"provider_name":%q,"change":{"actions":[%q],%s}}`, address, mode,
				kind, provider, action, values))
	}
	return fmt.Sprintf(`{"format_version":"1.2","planned_values":{},"configuration":{"root_module":%s},`+
		`"resource_changes":[%s],"output_changes":{%s}}`,
		config, strings.Join(resources, ","), strings.Join(outputs, ","))
}
