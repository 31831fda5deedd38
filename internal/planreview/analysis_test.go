package planreview

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// reviewWith reviews a plan with these members and changes, and an environment that moves to another data centre.
func reviewWith(t *testing.T, members string, changes ...string) *Review {
	t.Helper()
	shop := `{"address":"vap_environment.shop","mode":"managed","type":"vap_environment",
	"provider_name":"registry.opentofu.org/terraform-provider-vap/vap","change":{"actions":["update"],
		"before":{"name":"shop","domain":"shop.north.example.com","region":"a","nodes":[{"id":1,"node_group":"cp",
		"internal_ip":"10.0.0.1","public_ipv4":["192.0.2.1"],"public_ipv6":["2001:db8::1"],
		"url":"http://node1-shop.north.example.com:8080"}],
			"endpoints":[{"domain":"ep1.shop.north.example.com"}]},
		"after":{"name":"shop","region":"b","planned_migration":{"mode":"offline","reason":"live_not_possible",
		"trigger":"configuration","from_region":"a","to_region":"b","downtime":true,"ip_change":true,"domain_change":true,
			"expected_domain":"shop.south.example.com","missing_permissions":null,"databases":[],"mounts":[]}},
			"after_unknown":{"nodes":true}}}`
	plan, err := Read(strings.NewReader(
		fmt.Sprintf(`{"format_version":"1.2","planned_values":{},"resource_changes":[%s]%s}`,
			strings.Join(append([]string{shop}, changes...), ","), members)))
	if err != nil {
		t.Fatal(err)
	}
	return New(plan, Gate{})
}

func change(address, action, change string) string {
	kind, _, _ := strings.Cut(address, ".")
	return fmt.Sprintf(`{"address":%q,"mode":"managed","type":%q,"provider_name":"x","change":{"actions":[%q],%s}}`,
		address, kind, action, change)
}

// ours is a change of an environment of this provider, with the name and the region that every environment has.
func ours(address, action, members string) string {
	var values map[string]any
	if err := json.Unmarshal([]byte("{"+members+"}"), &values); err != nil {
		panic(err)
	}
	unknown, _ := values["after_unknown"].(map[string]any)
	for _, side := range []string{"before", "after"} {
		attributes, _ := values[side].(map[string]any)
		for name, value := range map[string]any{"name": "env-x", "region": "a"} {
			if _, given := attributes[name]; attributes != nil && !given && (side == "before" || unknown[name] == nil) {
				attributes[name] = value
			}
		}
	}
	if before, ok := values["before"].(map[string]any); ok && action == "no-op" && len(before) == 2 {
		values["before"] = values["after"]
	}
	text, err := json.Marshal(values)
	if err != nil {
		panic(err)
	}
	return strings.Replace(change(address, action, string(text[1:len(text)-1])), `"provider_name":"x"`,
		`"provider_name":"registry.terraform.io/terraform-provider-vap/vap"`, 1)
}

func TestHardCoded(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		members string
		changes []string
		want    []string
	}{
		"in an unchanged resource": {changes: []string{change("x.a", "no-op",
			`"before":{"ip":"192.0.2.1"},"after":{"ip":"192.0.2.1"}`)},
			want: []string{"x.a.ip 192.0.2.1"}},
		"in a created resource": {
			changes: []string{change("x.a", "create", `"before":null,"after":{"l":[{"host":"[2001:db8::1]:53"}]}`)},
			want:    []string{"x.a.l[0].host 2001:db8::1"}},
		"in one of two places": {changes: []string{change("x.a", "update",
			`"before":{"a":"10.0.0.1","b":"10.0.0.1"},"after":{"a":"10.0.0.1"},"after_unknown":{"b":true}`)},
			want: []string{"follows x.a", "x.a.a 10.0.0.1"}},
		"in a value that the plan changes": {changes: []string{change("x.a", "update",
			`"before":{"a":"10.0.0.1"},"after":{"a":"10.0.0.9"}`)},
			want: []string{"follows x.a"}},
		"in a deleted resource": {changes: []string{change("x.a", "delete", `"before":{"a":"10.0.0.1"},"after":null`)},
			want: []string{"follows x.a"}},
		"in host names of nodes and endpoints": {changes: []string{change("x.a", "no-op",
			`"before":{},"after":{"n":"ssh://node1-shop.north.example.com","e":"ep1.shop.north.example.com"}`)},
			want: []string{"x.a.e ep1.shop.north.example.com", "x.a.n node1-shop.north.example.com"}},
		"in a sensitive value": {changes: []string{change("x.a", "no-op",
			`"before":{},"after":{"s":"postgres://u:hunter2@10.0.0.1/","t":"10.0.0.1"},"after_sensitive":{"s":true}`)},
			want: []string{"x.a.s (sensitive)", "x.a.t 10.0.0.1"}},
		"in a fully sensitive object": {
			changes: []string{change("x.a", "no-op", `"before":{},"after":{"s":["10.0.0.1"]},"after_sensitive":true`)},
			want:    []string{"x.a.s[0] (sensitive)"}},
		"in a key": {
			changes: []string{change("x.a", "no-op", `"before":{},"after":{"m":{"192.0.2.1/32":"office"}}`)},
			want:    []string{`x.a.m["192.0.2.1/32"] 192.0.2.1`}},
		"in a variable of another environment": {changes: []string{ours("vap_environment.app", "no-op",
			`"before":{},"after":{"name":"app","nodes":[{"url":"10.0.0.1"}],`+
				`"last_migration":{"previous_domain":"shop.north.example.com"},"node_groups":{"cp":{"env":{"DB":"10.0.0.1"}}}}`)},
			want: []string{"vap_environment.app.node_groups.cp.env.DB 10.0.0.1"}},
		"in variables": {members: `,"variables":{"a":{"value":["192.0.2.1"]},"b":{"value":"192.0.2.1"},` +
			`"c":{"value":"192.0.2.1"}},"configuration":{"root_module":{"variables":{"a":{},"b":{"sensitive":true}}}}`,
			want: []string{"var.a[0] 192.0.2.1", "var.b (sensitive)", "var.c (sensitive)"}},
		"in providers": {members: `,"configuration":{"provider_config":{"db":{"name":"db","alias":"far",
			"expressions":{"host":{"constant_value":"shop.north.example.com"},"port":{"references":["var.p"]},
			"connection":[{"hosts":{"constant_value":["192.0.2.1"]}}]}},"x":null},"root_module":{}}`,
			want: []string{"provider.db.far.connection[0].hosts[0] 192.0.2.1", "provider.db.far.host shop.north.example.com"}},
		"in outputs": {members: `,"output_changes":{"a":{"actions":["no-op"],"before":"10.0.0.1","after":"10.0.0.1",` +
			`"after_sensitive":false},"b":{"actions":["no-op"],"after":"10.0.0.1","after_sensitive":true}}`,
			want: []string{"output.a 10.0.0.1", "output.b (sensitive)"}},
		"in data sources": {members: `,"prior_state":{"format_version":"1.0","values":{"root_module":{
			"child_modules":[{"address":"module.m","resources":[
			{"address":"module.m.data.dns_a_record_set.shop","mode":"data","type":"dns_a_record_set",
			"values":{"addrs":["192.0.2.1"]}},
			{"address":"module.m.data.vap_environment.shop","mode":"data","type":"vap_environment",
			"values":{"domain":"shop.north.example.com"}},
			{"address":"module.m.data.x.secret","mode":"data","type":"x",
			"values":{"s":"10.0.0.1"},"sensitive_values":{"s":true}}]}]}}}`,
			want: []string{"module.m.data.dns_a_record_set.shop.addrs[0] 192.0.2.1", "module.m.data.x.secret.s (sensitive)"}},
		"in resources left out by -target": {members: `,"prior_state":{"format_version":"1.0","values":{
			"root_module":{"resources":[
			{"address":"x.a","mode":"managed","type":"x",
			"values":{"ip":"192.0.2.1","s":"10.0.0.1"},"sensitive_values":{"s":true}},
			{"address":"x.b","mode":"managed","type":"x","values":{"ip":"192.0.2.1"}},
			{"address":"x.was","mode":"managed","type":"x","values":{"ip":"192.0.2.1"}},
			{"address":"x.a","mode":"managed","type":"x","deposed_key":"1","values":{"old":"192.0.2.1"}},
			{"address":"vap_environment.app","mode":"managed","type":"vap_environment",
			"values":{"url":"10.0.0.1","node_groups":{"cp":{"env":{"DB":"10.0.0.1"}}}}}]}}}`,
			changes: []string{change("x.b", "update", `"before":{"ip":"192.0.2.1"},"after":{"ip":"192.0.2.9"}`),
				strings.Replace(change("x.is", "no-op", `"before":{},"after":{}`), `"address"`,
					`"previous_address":"x.was","address"`, 1)},
			want: []string{"follows x.b", "vap_environment.app.node_groups.cp.env.DB 10.0.0.1", "x.a.ip 192.0.2.1",
				"x.a.s (sensitive)"}},
		"once, if computed attributes repeat it": {
			members: `,"configuration":{"root_module":{"resources":[{"address":"x.a",` +
				`"expressions":{"ip":{"constant_value":"192.0.2.1"}}}]}}`,
			changes: []string{change("x.a", "no-op", `"before":{},"after":{"ip":"192.0.2.1","id":"192.0.2.1"}`)},
			want:    []string{"x.a.ip 192.0.2.1"}},
		"nowhere": {changes: []string{change("x.a", "no-op",
			`"before":{},"after":{"ip":"192.0.2.10","n":5,"z":null,"d":"my-shop.north.example.com"}`)}},
	} {
		m := reviewWith(t, c.members, c.changes...).Moves[0]
		var got []string
		for _, h := range m.HardCoded {
			text := h.Place() + " " + h.Value
			if h.Sensitive {
				text = strings.TrimSpace(text) + " (sensitive)"
			}
			got = append(got, text)
		}
		for _, f := range m.Following {
			got = append(got, "follows "+f.Address)
		}
		slices.Sort(got)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: found %q, want %q", name, got, c.want)
		}
	}
}

// No format shows a sensitive value.
func TestSensitiveValuesAreHidden(t *testing.T) {
	t.Parallel()
	r := reviewWith(t, `,"variables":{"v":{"value":"hunter2 10.0.0.1"}},`+
		`"configuration":{"root_module":{"variables":{"v":{"sensitive":true}}}},`+
		`"output_changes":{"o":{"actions":["update"],"before":"hunter2","after":"hunter2 10.0.0.1",`+
		`"before_sensitive":true,"after_sensitive":true}}`,
		change("x.a", "update", `"before":{"s":"hunter2 10.0.0.1"},"after":{"s":"hunter2 10.0.0.1 new"},`+
			`"before_sensitive":{"s":true},"after_sensitive":{"s":true}`),
		ours("vap_environment.who", "update",
			`"before":{"name":"hunter2","region":"a"},"after":{"name":"hunter2","region":"hunter2",
			"planned_migration":{"mode":"live","reason":"requested","trigger":"configuration",
			"from_region":"a","to_region":"hunter2","downtime":false,"ip_change":false,"domain_change":false,
			"missing_permissions":[],"databases":[],"mounts":[]}},
			"after_sensitive":{"name":true,"region":true}`),
		ours("vap_environment.app", "update",
			`"before":{"name":"app","display_name":"hunter2","node_groups":{"cp":{"env":{"P":"hunter2"},"tag":"hunter2"}}},
			"after":{"name":"app","display_name":"hunter2 new",
			"node_groups":{"cp":{"env":{"P":"hunter2 new"},"tag":"hunter2 new"}}},
			"before_sensitive":{"display_name":true},"after_sensitive":{"node_groups":{"cp":{"env":{"P":true},"tag":true}}}`))
	var b strings.Builder
	for _, write := range []func() error{
		func() error { return Markdown(&b, r) }, func() error { return JSON(&b, r) }, func() error {
			return JUnit(&b, r)
		}, func() error { return HTML(&b, r) },
	} {
		if err := write(); err != nil {
			t.Error(err)
		}
	}
	if text := b.String(); strings.Contains(text, "hunter2") {
		t.Errorf("a secret appears in\n%s", text)
	} else if !strings.Contains(text, "layer cp: env (sensitive), tag (sensitive)") ||
		!strings.Contains(text, "display_name (sensitive)") {
		t.Errorf("a change of something sensitive is not mentioned in\n%s", text)
	}
}

// Triggered changes are reported only if an environment moves.
func TestTriggersWithoutMoves(t *testing.T) {
	t.Parallel()
	triggered := strings.Replace(change("x.a", "delete", `"before":{}`), `"mode"`,
		`"action_reason":"replace_by_triggers","mode"`, 1)
	plan, err := Read(strings.NewReader(`{"format_version":"1.2","planned_values":{},"resource_changes":[` + triggered +
		`]}`))
	if err != nil {
		t.Fatal(err)
	}
	if r := New(plan, Gate{}); len(r.Triggered) > 0 || !r.Empty() {
		t.Errorf("%+v", r)
	}
	if r := reviewWith(t, "", triggered); len(r.Triggered) != 1 {
		t.Errorf("with a move: %+v", r.Triggered)
	}
}

// The summary always names removed layers, however much else changes.
func TestRemovedNodeGroups(t *testing.T) {
	t.Parallel()
	const long = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz"
	var before, after []string
	for i := range 12 {
		before = append(before, fmt.Sprintf(`"cp%d":{"count":1,"display_name":"%s"}`, i, long))
		after = append(after, fmt.Sprintf(`"cp%d":{"count":2,"display_name":"%s, too"}`, i, long))
	}
	update := func(more, unknown string) string {
		return ours("vap_environment.x", "update",
			fmt.Sprintf(`"before":{"name":"x","node_groups":{%s,"sqldb":{}%s}},"after":{"name":"x","node_groups":{%s}},`+
				`"after_unknown":{"node_groups":%s}`,
				strings.Join(before, ","), more, strings.Join(after, ","), unknown))
	}
	for name, c := range map[string]struct{ change, want, headline, html string }{
		"one": {update("", "{}"), ": layer sqldb is removed with its data; layer cp0: count 1 → 2, display",
			"Data loss: 1 loses layers with their data.",
			"<strong>layer sqldb is removed with its data</strong>; layer cp0"},
		"two": {update(`,"cache":{}`, "{}"), ": layers cache, sqldb are removed with their data; layer cp0: ",
			"Data loss: 1 loses layers with their data.",
			"<strong>layers cache, sqldb are removed with their data</strong>; layer cp0"},
		"one unknown": {update("", `{"sqldb":true}`),
			": layer sqldb is not known yet: it may be removed or replaced with its data; layer cp0: count 1 → 2",
			"Possible data loss: 1 may lose data.",
			"<strong>layer sqldb is not known yet: it may be removed or replaced with its data</strong>; layer cp0"},
	} {
		r := reviewWith(t, "", change("x.a", "no-op", `"after":{}`), c.change)
		var markdown, page strings.Builder
		if err := Markdown(&markdown, r); err != nil {
			t.Fatal(err)
		}
		if err := HTML(&page, r); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(markdown.String(), "(`vap_environment.x`)"+c.want) ||
			!strings.Contains(markdown.String(), " more changes\n") {
			t.Errorf("%s: %q or the number of more changes is missing in\n%s", name, c.want, markdown.String())
		}
		if !strings.HasPrefix(r.Headline, c.headline) {
			t.Errorf("%s: the headline is %q", name, r.Headline)
		}
		if !strings.Contains(page.String(), c.html) || !strings.Contains(page.String(), "layer cp9: ") {
			t.Errorf("%s: the page lacks %q or the other changes", name, c.html)
		}
	}
}

// Unknown attributes are missing in the planned values, but the review reports their changes.
func TestUnknownChanges(t *testing.T) {
	t.Parallel()
	const name, layers = `"display_name":"Shop"`, `"node_groups":{"cp":{"count":2,"env":{}}}`
	for unknown, c := range map[string]struct{ after, want string }{
		`{"display_name":true,"nodes":true,"url":true}`: {layers, "display_name Shop → not known"},
		`{"node_groups":{"cp":{"count":true}}}`: {name + `,"node_groups":{"cp":{"env":{}}}`,
			"layer cp: count 2 → not known"},
		`{"node_groups":true}`: {name,
			"layers are not known yet: any of them may be removed or replaced with its data"},
		`{"node_groups":{"cp":{"env":{"A":true}}}}`:       {name + "," + layers, "layer cp: env"},
		`{"node_groups":{"cp":{},"bl":{}},"nodes":false}`: {name + "," + layers, ""},
	} {
		r := reviewWith(t, "", ours("vap_environment.x", "update",
			fmt.Sprintf(`"before":{%s,%s},"after":{%s},"after_unknown":%s`, name, layers, c.after, unknown)))
		got := ""
		for _, o := range r.Others {
			got += o.Summary
		}
		if got != c.want {
			t.Errorf("%s is described as %q, want %q", unknown, got, c.want)
		}
	}
}

// A review says if its plan leaves something out.
func TestIncomplete(t *testing.T) {
	t.Parallel()
	deferred := `,"deferred_changes":[{"reason":"provider_config_unknown",` +
		`"resource_change":{"address":"vap_environment.later","mode":"managed","type":"vap_environment",` +
		`"provider_name":"registry.terraform.io/terraform-provider-vap/vap","change":{"actions":["update"]}}}],` +
		`"complete":false`
	for name, c := range map[string]struct {
		members, want string
		denied        bool
		changes       []string
	}{
		"complete": {members: `,"complete":true,"errored":false`},
		"errored":  {members: `,"errored":true,"complete":false`, want: "VAP_MIGRATION_ENFORCEMENT=apply", denied: true},
		"targeted": {members: `,"complete":false`, want: "leaves out a part"},
		"targeted, without the complete field": {
			members: `,"prior_state":{"format_version":"1.0","values":{"root_module":{"resources":[
			{"address":"vap_environment.shop","type":"vap_environment"},
			{"address":"vap_environment.other","type":"vap_environment"},
			{"address":"data.vap_environment.other","mode":"data","type":"vap_environment"},
			{"address":"vap_environment.old","type":"vap_environment","deposed_key":"x"}]}}}`,
			want: "leaves out these environments, by -target or the like: vap_environment.other."},
		"targeted, only other resources left out": {members: `,"prior_state":{"format_version":"1.0",` +
			`"values":{"root_module":{"resources":[{"address":"x.a","mode":"managed","type":"x"}]}}}`,
			want: "leaves out a part"},
		"complete, with the complete field": {members: `,"complete":true,"prior_state":{"format_version":"1.0",` +
			`"values":{"root_module":{"resources":[{"address":"x.a","mode":"managed","type":"x"}]}}}`},
		"with data sources already read": {members: `,"prior_state":{"format_version":"1.0",` +
			`"values":{"root_module":{"resources":[{"address":"data.x.a","mode":"data","type":"x"}]}}}`},
		"deferred": {members: deferred, want: "left to a later plan: vap_environment.later."},
	} {
		r := reviewWith(t, c.members, c.changes...)
		if text := strings.Join(r.Incomplete, " "); !strings.Contains(text, c.want) || (text == "") != (c.want == "") {
			t.Errorf("%s: %q, want %q", name, text, c.want)
		}
		if r.Denied != c.denied || len(r.Moves) != 1 {
			t.Errorf("%s: denied %t, %d moves", name, r.Denied, len(r.Moves))
		}
	}
}

// The class of a move follows from its consequences, whatever its mode says.
func TestClassOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		mode         string
		downtime, ip bool
		want         Class
	}{
		{"live", false, false, ClassLive}, {"offline", true, false, ClassOffline}, {"offline", false, false, ClassOffline},
		{"offline", true, true, ClassOfflineNewAddresses},
		{"offline", false, true, ClassOfflineNewAddresses}, {"live", true, false, ClassOffline},
		{"live", false, true, ClassOfflineNewAddresses}, {"", false, false, ClassUnknown},
		{"warm", false, false, ClassUnknown},
	} {
		if got := classOf(c.mode, c.downtime, c.ip); got != c.want {
			t.Errorf("%+v is %s", c, got)
		}
	}
}

// If planned_migration does not match its documentation, the kind of the move is unknown.
func TestRecordShapes(t *testing.T) {
	t.Parallel()
	const nulls = `"mode":"live","reason":null,"trigger":null,"from_region":"a","to_region":"b","downtime":false,` +
		`"ip_change":false,"domain_change":false,"missing_permissions":null,"databases":null,"mounts":null`
	const whole = `"mode":"live","reason":"requested","trigger":"configuration","from_region":"a","to_region":"b",` +
		`"downtime":false,"ip_change":false,"domain_change":false,"missing_permissions":[],"databases":[],"mounts":[]`
	for name, c := range map[string]struct {
		planned, unknown string
		want             Class
	}{
		"as documented":                    {"{" + whole + "}", "{}", ClassLive},
		"with nulls":                       {"{" + nulls + "}", "{}", ClassLive},
		"without a reason":                 {strings.Replace("{"+nulls+"}", `"reason":null,`, "", 1), "{}", ClassUnknown},
		"without a trigger":                {strings.Replace("{"+nulls+"}", `"trigger":null,`, "", 1), "{}", ClassUnknown},
		"with nulls but without databases": {strings.Replace("{"+nulls+"}", `"databases":null,`, "", 1), "{}", ClassUnknown},
		"with an unknown reason":           {"{" + nulls + "}", `{"planned_migration":{"reason":true}}`, ClassUnknown},
		"with unknown databases":           {"{" + nulls + "}", `{"planned_migration":{"databases":true}}`, ClassUnknown},
		"with a new attribute":             {"{" + whole + `,"weather":"fine"}`, "{}", ClassLive},
		"without a boolean":                {strings.Replace("{"+whole+"}", `"downtime":false,`, "", 1), "{}", ClassUnknown},
		"with another type": {strings.Replace("{"+whole+"}", `"ip_change":false`, `"ip_change":"false"`, 1), "{}",
			ClassUnknown},
		"without databases":      {strings.Replace("{"+whole+"}", `"databases":[],`, "", 1), "{}", ClassUnknown},
		"without mounts":         {strings.Replace("{"+whole+"}", `,"mounts":[]`, "", 1), "{}", ClassUnknown},
		"without permissions":    {strings.Replace("{"+whole+"}", `,"missing_permissions":[]`, "", 1), "{}", ClassUnknown},
		"with another mode":      {strings.Replace("{"+whole+"}", "live", "warm", 1), "{}", ClassUnknown},
		"that is a string":       {`"soon"`, "{}", ClassUnknown},
		"that is unknown":        {"null", `{"planned_migration":true}`, ClassUnknown},
		"that is partly unknown": {"{" + whole + "}", `{"planned_migration":{"downtime":true}}`, ClassUnknown},
		"without known costs": {"{" + whole + "}",
			`{"planned_migration":{"hourly_cost_after":true,"cost_excludes":true,"dependents":true}}`, ClassLive},
	} {
		r := reviewWith(t, "", ours("vap_environment.x", "update",
			fmt.Sprintf(`"before":{"name":"x"},"after":{"name":"x","planned_migration":%s},"after_unknown":%s`, c.planned,
				c.unknown)))
		i := slices.IndexFunc(r.Moves, func(m Move) bool { return m.Address == "vap_environment.x" })
		if i < 0 || r.Moves[i].Class != c.want {
			t.Errorf("a record %s: %+v, want %s", name, r.Moves, c.want)
		}
	}
}

// If the kind of the move is unknown, the to-do list is conditional.
func TestHardCodedValuesOfUnknownMove(t *testing.T) {
	t.Parallel()
	r := reviewWith(t, "", ours("vap_environment.x", "update",
		`"before":{"name":"x","domain":"x.example.com","nodes":[{"id":2,"internal_ip":"10.9.9.9"}]},"after":{"name":"x"},`+
			`"after_unknown":{"planned_migration":true}`),
		change("x.a", "no-op", `"before":{},"after":{"a":"10.9.9.9","d":"x.example.com"}`))
	i := slices.IndexFunc(r.Moves, func(m Move) bool { return m.Class == ClassUnknown })
	if i < 0 || !slices.Contains(r.Moves[i].ToDo, "If it gets other addresses or another domain, change the hard-coded "+
		"values: x.a.a, x.a.d.") {
		t.Errorf("%+v", r.Moves)
	}
}

// If the region changes without planned_migration, the kind of the move is unknown.
func TestRegionChangeWithoutRecord(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		action, members string
		moves           bool
	}{
		"changes": {"update", `"before":{"region":"a"},"after":{"region":"b","planned_migration":null}`, true},
		"unknown": {"update",
			`"before":{"region":"a"},"after":{"planned_migration":null},"after_unknown":{"region":true}`, true},
		"without the attribute": {"update", `"before":{"region":"a"},"after":{"region":"b"}`, true},
		"stays": {"update",
			`"before":{"region":"a","power":"running"},"after":{"region":"a","power":"stopped","planned_migration":null}`,
			false},
		"created": {"create", `"before":null,"after":{"region":"b","planned_migration":null}`, false},
	} {
		r := reviewWith(t, "", ours("vap_environment.x", c.action, c.members))
		i := slices.IndexFunc(r.Moves, func(m Move) bool { return m.Address == "vap_environment.x" })
		if i >= 0 != c.moves || c.moves && r.Moves[i].Class != ClassUnknown {
			t.Errorf("%s: %+v", name, r.Moves)
		}
	}
}

// If the plan does not know the dependents, the to-do list says to find them.
func TestUnknownDependents(t *testing.T) {
	t.Parallel()
	if todo := strings.Join(reviewWith(t, "").Moves[0].ToDo, " "); !strings.Contains(todo,
		"Find out what depends on its nodes") {
		t.Errorf("%q", todo)
	}
}

// Decisions use a sensitive value itself, not the placeholder that is shown.
func TestSensitiveRegionsAreCompared(t *testing.T) {
	t.Parallel()
	const record = `{"mode":"offline","reason":"database","trigger":"configuration","from_region":"a","to_region":"b",` +
		`"downtime":true,"ip_change":false,"domain_change":false,"missing_permissions":[],"databases":["db"],"mounts":[]}`
	plan, err := Read(strings.NewReader(
		fmt.Sprintf(`{"format_version":"1.2","planned_values":{},"resource_changes":[%s],"resource_drift":[%s]}`,
			ours("vap_environment.x", "update", `"before":{"region":"a"},"after":{"region":"b","planned_migration":`+record+
				`},"after_sensitive":{"region":true}`),
			ours("vap_environment.drifted", "update",
				`"before":{"region":"a"},"after":{"region":"b"},"after_sensitive":{"region":true}`))))
	if err != nil {
		t.Fatal(err)
	}
	for region, excepted := range map[string]bool{"b": true, "c": false, "(sensitive)": false} {
		r := New(plan, Gate{Deny: []Kind{KindOffline},
			Allow: []Allowance{{Address: "*", Kinds: []Kind{KindOffline}, ToRegions: []string{region}, Reason: "x"}}})
		if r.Denied == excepted || len(r.Exceptions) > 0 != excepted {
			t.Errorf("an exception for moves to %s: denied %v, excepted %v", region, r.Denials, r.Exceptions)
		}
		if len(r.Others) != 1 || r.Others[0].Summary != "was moved outside Terraform, (sensitive) → (sensitive)" {
			t.Errorf("external move to a sensitive region: %+v", r.Others)
		}
	}
}

func TestWindowsInWords(t *testing.T) {
	t.Parallel()
	for window, want := range map[string]string{
		`null`: "",
		`{"days":["Sun","Sat"],"start":"22:00","duration":"4h","time_zone":"Europe/Berlin"}`: "Sat, Sun 22:00 for 4h, " +
			"Europe/Berlin",
		`{"days":null,"start":"08:00","duration":"90m","time_zone":null}`: "every day 08:00 for 90m, UTC",
		`{"days":["Sun","Mon"],"start":"08:00","duration":"1h"}`:          "Mon, Sun 08:00 for 1h, UTC",
	} {
		const record = `{"mode":"offline","reason":"database","trigger":null,"from_region":"a","to_region":"b",` +
			`"downtime":true,"ip_change":false,"domain_change":false,"missing_permissions":null,"databases":["db"],` +
			`"mounts":null}`
		r := reviewWith(t, "", ours("vap_environment.x", "update",
			`"before":{"region":"a"},"after":{"region":"b","migration_policy":{"window":`+window+`},"planned_migration":`+record+
				`}`))
		i := slices.IndexFunc(r.Moves, func(m Move) bool { return m.Address == "vap_environment.x" })
		if i < 0 || r.Moves[i].Window != want {
			t.Errorf("%s: %+v, want %q", window, r.Moves, want)
		}
	}
}
