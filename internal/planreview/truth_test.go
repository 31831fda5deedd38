package planreview

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// everything denies every kind.
func everything() Gate { return Gate{Deny: deniable, CostIncrease: 10} }

// reviewOfChanges reviews a plan with only these changes, with a gate that denies everything.
func reviewOfChanges(t *testing.T, changes ...string) *Review {
	t.Helper()
	plan, err := Read(strings.NewReader(fmt.Sprintf(`{"format_version":"1.2","planned_values":{},"resource_changes":[%s]}`,
		strings.Join(changes, ","))))
	if err != nil {
		t.Fatal(err)
	}
	return New(plan, everything())
}

func kindsOfDenials(r *Review) []string {
	kinds := []string{}
	for _, d := range r.Denials {
		kinds = append(kinds, string(d.Kind))
	}
	return kinds
}

// Every gate denies a vap_environment that does not have this provider's shape, and no exception permits it.
func TestUnsupportedChangesAreDenied(t *testing.T) {
	t.Parallel()
	const head = `{"address":"vap_environment.x","mode":"managed","type":"vap_environment",` +
		`"provider_name":"terraform.corp.example/platform/vap"`
	for name, change := range map[string]string{
		"without a change":   head + `}`,
		"with a null change": head + `,"change":null}`,
		"without actions":    head + `,"change":{"before":{},"after":{}}}`,
		"with unknown actions": head +
			`,"change":{"actions":["update","frobnicate"],"before":{"name":"a","region":"b"},"after":{"name":"a",` +
			`"region":"b"}}}`,
		"of another provider":        head + `,"change":{"actions":["update"],"before":{"size":1},"after":{"size":2}}}`,
		"without a region":           head + `,"change":{"actions":["update"],"before":{"name":"a"},"after":{"name":"a"}}}`,
		"that is a list":             head + `,"change":{"actions":["create"],"before":null,"after":[]}}`,
		"that is null":               head + `,"change":{"actions":["update"],"before":null,"after":null}}`,
		"with a region as list":      ours("vap_environment.x", "update", `"before":{},"after":{"region":["a"]}`),
		"with a list of node groups": ours("vap_environment.x", "update", `"before":{"node_groups":[]},"after":{}`),
		"with a list as a node":      ours("vap_environment.x", "update", `"before":{"nodes":[{"id":[1]}]},"after":{}`),
		"renamed in place":           ours("vap_environment.x", "update", `"before":{"name":"a"},"after":{"name":"b"}`),
		"moved without a record":     ours("vap_environment.x", "update", `"before":{"region":"a"},"after":{"region":"b"}`),
		"with a string as record":    ours("vap_environment.x", "update", `"before":{},"after":{"planned_migration":"soon"}`),
		"with another record": ours("vap_environment.x", "update",
			`"before":{"region":"a"},"after":{"region":"b",
			"planned_migration":{"mode":"live","reason":"requested","trigger":"configuration",
			"from_region":"a","to_region":"c","downtime":false,"ip_change":false,"domain_change":false,
			"missing_permissions":[],"databases":[],"mounts":[]}}`),
		"that changes by a no-op": head +
			`,"change":{"actions":["no-op"],"before":{"name":"a","region":"b"},"after":{"name":"a","region":"c"}}}`,
	} {
		plan, err := Read(strings.NewReader(`{"format_version":"1.2","planned_values":{},"resource_changes":[` + change +
			`]}`))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		allowed := Gate{Allow: []Allowance{{Address: "*", Kinds: []Kind{KindNotUnderstood, KindUnknown}, Reason: "x"}}}
		for _, gate := range []Gate{{}, allowed} {
			r := New(plan, gate)
			if !r.Denied || r.Denials[0].Kind != KindNotUnderstood || r.Denials[0].Address != "vap_environment.x" ||
				!strings.Contains(r.Headline, "cannot be understood") {
				t.Errorf("an environment %s: %q, %+v", name, r.Headline, r.Denials)
			}
			var junit bytes.Buffer
			if err := JUnit(&junit, r); err != nil || !strings.Contains(junit.String(), `message="denied: not-understood`) {
				t.Errorf("an environment %s: %v in\n%s", name, err, junit.String())
			}
		}
	}
	if r := reviewOfChanges(t, ours("vap_environment.x", "no-op", `"before":{},"after":{}`),
		strings.Replace(ours("vap_environment.x", "read", `"before":5,"after":{}`), `"mode":"managed"`, `"mode":"data"`,
			1)); r.Denied || !r.Empty() {
		t.Errorf("unchanged resources and data sources: %+v", r)
	}
}

// Each kind of loss comes first in the headline, and is denied as data-loss.
func TestDataLosses(t *testing.T) {
	t.Parallel()
	const nodes = `"nodes":[{"id":1}]`
	layers := func(before, after, more string) string {
		return ours("vap_environment.x", "update",
			fmt.Sprintf(`"before":{%s,"node_groups":{%s}},"after":{"node_groups":{%s}}%s`, nodes, before, after, more))
	}
	const unknown = `,"after_unknown":{"nodes":true}`
	for name, c := range map[string]struct {
		change string
		want   LossKind
		layer  string
		sure   bool
	}{
		"deleted": {ours("vap_environment.x", "delete", `"before":{},"after":null`), LossEnvironmentDeleted,
			"", true},
		"deposed": {strings.Replace(ours("vap_environment.x", "delete", `"before":{},"after":null`), `"mode"`,
			`"deposed":"byebye","mode"`, 1), LossEnvironmentDeleted, "", true},
		"replaced": {strings.Replace(ours("vap_environment.x", "delete", `"before":{},"after":{}`),
			`["delete"]`, `["create","delete"]`, 1), LossEnvironmentReplaced, "", true},
		"removed layer": {layers(`"a":{},"b":{}`, `"a":{}`, unknown), LossLayerRemoved, "b", true},
		"another type": {layers(`"a":{"node_type":"x"}`, `"a":{"node_type":"y"}`, unknown), LossLayerReplaced, "a",
			true},
		"unknown type": {layers(`"a":{"node_type":"x"}`, `"a":{}`,
			`,"after_unknown":{"node_groups":{"a":{"node_type":true}}}`), LossLayerReplaced, "a", false},
		"unknown layer": {layers(`"a":{"node_type":"x"}`, ``, `,"after_unknown":{"node_groups":{"a":true}}`),
			LossLayerReplaced, "a", false},
		"fewer of sqldb": {layers(`"sqldb":{"count":3}`, `"sqldb":{"count":2}`, unknown), LossNodesRemoved, "sqldb",
			true},
		"fewer of storage": {layers(`"storage":{"count":2}`, `"storage":{"count":1}`, unknown), LossNodesRemoved,
			"storage", true},
		"fewer of a database": {layers(`"x":{"count":3,"node_type":"postgres16"}`,
			`"x":{"count":2,"node_type":"postgres16"}`, unknown), LossNodesRemoved, "x", true},
		"fewer of an image": {layers(`"x":{"count":3,"image":"r.example:5000/bitnami/redis"}`,
			`"x":{"count":2,"image":"r.example:5000/bitnami/redis"}`, unknown), LossNodesRemoved, "x", true},
		"fewer stateful nodes": {layers(`"cp":{"count":3,"scaling_mode":"stateful"}`,
			`"cp":{"count":2,"scaling_mode":"stateful"}`, unknown), LossNodesRemoved, "cp", true},
		"fewer with volumes": {layers(`"cp":{"count":3,"volumes":{"/d":{}}}`, `"cp":{"count":2,"volumes":{"/d":{}}}`,
			unknown), LossNodesRemoved, "cp", true},
		"unknown count": {layers(`"sqldb":{"count":3}`, `"sqldb":{}`,
			`,"after_unknown":{"node_groups":{"sqldb":{"count":true}}}`), LossNodesRemoved, "sqldb", false},
		"volume removed": {layers(`"cp":{"volumes":{"/d":{},"/e":{}}}`, `"cp":{"volumes":{"/e":{}}}`, ""),
			LossVolumeRemoved, "cp", false},
		"volume to mount": {layers(`"cp":{"volumes":{"/d":{}}}`, `"cp":{"volumes":{"/d":{"source_path":"/x"}}}`, ""),
			LossVolumeRemoved, "cp", false},
		"no layer known": {layers(`"a":{}`, ``, `,"after_unknown":{"node_groups":true}`), LossLayerRemoved, "",
			false},
		"- fewer of cp": {layers(`"cp":{"count":3,"node_type":"nginxphp"}`,
			`"cp":{"count":1,"node_type":"nginxphp"}`, unknown), "", "", false},
		"- fewer of a companion": {layers(`"cp":{"count":3,"node_type":"mongo-express"}`,
			`"cp":{"count":1,"node_type":"mongo-express"}`, unknown), "", "", false},
		"- more of sqldb": {layers(`"sqldb":{"count":1}`, `"sqldb":{"count":2}`, unknown), "", "", false},
		"- mount removed": {layers(`"cp":{"volumes":{"/d":{"source_path":"/x"}}}`, `"cp":{"volumes":{}}`, ""), "", "",
			false},
		"- another version": {layers(`"sqldb":{"tag":"1"}`, `"sqldb":{"tag":"2"}`, ""), "", "", false},
		"- new layer":       {layers(`"a":{}`, `"a":{},"b":{}`, unknown), "", "", false},
		"- forgotten":       {ours("vap_environment.x", "forget", `"before":{},"after":null`), "", "", false},
	} {
		r := reviewOfChanges(t, c.change)
		loses := slices.Contains(kindsOfDenials(r), "data-loss")
		if loses != (c.want != "") || strings.Contains(strings.ToLower(r.Headline), "data loss") != loses {
			t.Errorf("%s: denied for %q: %q, %+v", name, kindsOfDenials(r), r.Headline, r.Others)
		}
		if c.want == "" {
			continue
		}
		if l := r.Others[0].DataLosses; len(l) != 1 || l[0].What != c.want || l[0].Layer != c.layer ||
			l[0].Certain != c.sure {
			t.Errorf("%s: %+v", name, l)
		}
		if first := strings.HasPrefix(r.Headline, "Data loss: ") ||
			strings.HasPrefix(r.Headline, "Possible data loss: "); !first {
			t.Errorf("%s: the headline is %q", name, r.Headline)
		}
	}
}

// Layers that an import leaves out, or that are no longer in the configuration, stay as they are.
func TestUnmanagedNodeGroups(t *testing.T) {
	t.Parallel()
	const before = `"before":{"nodes":[{"id":1},{"id":2}],"node_groups":{"a":{"count":1},"b":{}}}`
	for name, c := range map[string]struct {
		members   string
		unmanaged bool
	}{
		"imported": {before +
			`,"after":{"nodes":[{"id":1},{"id":2}],"node_groups":{"a":{"count":1}}},"importing":{"id":"x"}`, true},
		"imported by a command": {before + `,"after":{"nodes":[{"id":1},{"id":2}],"node_groups":{"a":{"count":1}}}`, true},
		"imported, another change": {before +
			`,"after":{"node_groups":{"a":{"count":2}}},"after_unknown":{"nodes":true},"importing":{"id":"x"}`, true},
		"node_groups not set": {before + `,"after":{"nodes":[{"id":1},{"id":2}]}`, true},
		"removed": {before + `,"after":{"node_groups":{"a":{"count":1}}},"after_unknown":{"nodes":true}`,
			false},
		"removed during the import": {before +
			`,"after":{"node_groups":{"a":{"count":1}}},"after_unknown":{"nodes":true},"importing":{"id":"x"}`, false},
		"removed with its node during the import": {before +
			`,"after":{"nodes":[{"id":1}],"node_groups":{"a":{"count":1}}},"importing":{"id":"x"}`, false},
	} {
		r := reviewOfChanges(t, ours("vap_environment.x", "update", c.members))
		o := r.Others[0]
		if slices.Contains(o.UnmanagedLayers, "b") != c.unmanaged || slices.Contains(o.RemovedLayers, "b") == c.unmanaged ||
			slices.Contains(kindsOfDenials(r), "data-loss") == c.unmanaged ||
			strings.Contains(r.Headline, "ata loss") == c.unmanaged {
			t.Errorf("%s: %q, %+v, %q", name, r.Headline, o, kindsOfDenials(r))
		}
	}
}

// An environment that is deleted at one address and created or imported at another was renamed without moved.
func TestRenamesWithoutMoved(t *testing.T) {
	t.Parallel()
	deleted := ours("vap_environment.a", "delete", `"before":{"name":"shop"},"after":null`)
	for name, c := range map[string]struct {
		other string
		want  string
	}{
		"by name": {ours(`module.m["k"].vap_environment.b[0]`, "create", `"before":null,"after":{"name":"shop"}`),
			`module.m["k"].vap_environment.b[0]`},
		"by identity": {ours("vap_environment.b", "create",
			`"before":null,"after":{"name":"other"},"after_identity":{"name":"shop"}`), "vap_environment.b"},
		"by import": {ours("vap_environment.b", "no-op",
			`"before":{"name":"shop"},"after":{"name":"shop"},"importing":{"id":"shop"}`), "vap_environment.b"},
		"another name": {ours("vap_environment.b", "create", `"before":null,"after":{"name":"other"}`), ""},
	} {
		other := strings.Replace(c.other, `"type":"module"`, `"type":"vap_environment"`, 1)
		for _, changes := range [][]string{{deleted, other}, {other, deleted}} {
			r := reviewOfChanges(t, changes...)
			i := slices.IndexFunc(r.Others, func(o Other) bool { return o.Address == "vap_environment.a" })
			o := r.Others[i]
			moved := ""
			if c.want != "" {
				moved = "moved {\n  from = vap_environment.a\n  to   = " + c.want + "\n}"
			}
			const renamed = "renamed in the configuration without `moved`: everything on it is lost"
			if o.RenamedTo != c.want || o.Moved != moved ||
				strings.Contains(o.Summary, renamed) != (c.want != "") {
				t.Errorf("%s: %+v", name, o)
			}
			var markdown bytes.Buffer
			if err := Markdown(&markdown, r); err != nil || c.want != "" &&
				!strings.Contains(markdown.String(), "    to   = "+c.want) {
				t.Errorf("%s: %v in\n%s", name, err, markdown.String())
			}
		}
	}
}

// A denied move is never green, and its cost is marked if that is the reason.
func TestDeniedMovesAreNotGreen(t *testing.T) {
	t.Parallel()
	live := Move{Address: "a", Name: "a", Class: ClassLive,
		CostBefore: &Cost{Currency: "EUR", HourlyMax: 1, MonthlyMax: 730, Excludes: nil},
		CostAfter:  &Cost{Currency: "EUR", HourlyMax: 2, MonthlyMax: 1460, Excludes: nil}}
	for kind, marked := range map[Kind]bool{KindCostIncrease: true, KindLiveDatabase: false} {
		r := &Review{Moves: []Move{live}, Denied: true, Denials: []Denial{{Address: "a", Kind: kind, Text: "x"}}}
		var markdown, html bytes.Buffer
		if err := Markdown(&markdown, r); err != nil {
			t.Fatal(err)
		}
		if err := HTML(&html, r); err != nil {
			t.Fatal(err)
		}
		if text := markdown.String(); strings.Contains(text, "🟢") ||
			strings.Contains(text, "⛔ **730.00 → 1460.00 EUR (+100 %)**") != marked {
			t.Errorf("%s:\n%s", kind, text)
		}
		_, page, _ := strings.Cut(html.String(), "</style>")
		for _, green := range []string{`"row-live"`, `"live"`, `line-live"`, `dot-live"`, `kind live"`} {
			if strings.Contains(page, green) {
				t.Errorf("%s: %s in the page", kind, green)
			}
		}
		if strings.Contains(page, `<b class="flagged">denied</b>`) != marked {
			t.Errorf("%s: the cost is not marked as it should be", kind)
		}
	}
}

// Every format shows the totals of all moves by currency.
func TestTotals(t *testing.T) {
	t.Parallel()
	cost := func(currency string, monthly float64) *Cost {
		return &Cost{Currency: currency, HourlyMax: monthly / 730, MonthlyMax: monthly, Excludes: []string{}}
	}
	moves := []Move{
		{CostBefore: cost("EUR", 10), CostAfter: cost("EUR", 20)}, {CostBefore: cost("EUR", 30), CostAfter: cost("EUR", 40)},
		{CostBefore: cost("USD", 8), CostAfter: cost("USD", 4)}, {CostBefore: cost("EUR", 1)},
	}
	r := &Review{Moves: moves}
	if got := strings.Join(r.totalWords(), "; "); got != "40.00 → 60.00 EUR (+50 %); 8.00 → 4.00 USD (-50 %); not "+
		"known of 1 environment" {
		t.Errorf("%q", got)
	}
	all, without := totals(moves)
	if without != 1 || len(all) != 2 || all[0].Currency != "EUR" || all[0].Moves != 2 ||
		all[0].CostAfter.MonthlyMax != 60 {
		t.Errorf("%+v, %d", all, without)
	}
	for name, form := range map[string]func(io.Writer, *Review) error{"markdown": Markdown, "html": HTML} {
		var text bytes.Buffer
		if err := form(&text, r); err != nil {
			t.Fatal(err)
		}
		got := strings.ReplaceAll(strings.ReplaceAll(text.String(), "<wbr/>", ""), "<br/>", " ")
		if !strings.Contains(got, "40.00 → 60.00 EUR (+50 %)") || !strings.Contains(got, "ll 4 moves together") {
			t.Errorf("%s lacks the total:\n%s", name, got)
		}
	}
	if (&Review{Moves: moves[:1]}).totalWords() != nil {
		t.Error("a single move has a total")
	}
}

// The to-do list never contains what the plan changes itself.
func TestToDoOmitsPlannedChanges(t *testing.T) {
	t.Parallel()
	const record = `{"mode":"offline","reason":"live_not_possible","trigger":"configuration","from_region":"a",
	"to_region":"b","downtime":true,"ip_change":true,"domain_change":true,
		"missing_permissions":null,"databases":null,"mounts":null,"custom_domains":["www.example.com","api.example.com"],
		"dependents":[{"kind":"mount","environment":"web","node_group":"cp","name":"/d"},{"kind":"link","environment":"web",
		"node_group":"cp","name":"DB"},
			{"kind":"variable","environment":"web","node_group":"cp","name":"HOST"},{"kind":"variable","environment":"web",
			"node_group":"cp","name":"OTHER"}]}`
	move := ours("vap_environment.shop", "update",
		`"before":{"built_in_ssl":true,"domain":"shop.example.net","nodes":[{"id":1,"internal_ip":"10.0.0.1"}]},`+
			`"after":{"built_in_ssl":true,"region":"b","planned_migration":`+record+`},"after_unknown":{"nodes":true}`)
	web := func(after string) string {
		return ours("vap_environment.web", "update",
			`"before":{"name":"web","nodes":[],"node_groups":{"cp":{"env":{"HOST":"10.0.0.1","OTHER":"x"},"links":["a:b"],`+
				`"volumes":{"/d":{"source_path":"/x"}}}}},"after":{"name":"web","nodes":[],"node_groups":{"cp":`+after+`}}`)
	}
	const stays = `{"env":{"HOST":"10.0.0.1","OTHER":"x"},"links":["a:b"],"volumes":{"/d":{"source_path":"/x"}}}`
	dns := change("x_record.www", "update",
		`"before":{"name":"www","zone":"example.com.","value":"10.0.0.1"},"after":{"name":"www","zone":"example.com."},`+
			`"after_unknown":{"value":true}`)
	for name, c := range map[string]struct {
		ssl        string
		changes    []string
		not, still []string
	}{
		"nothing else": {"true", []string{web(stays)}, nil,
			[]string{"www.example.com", "api.example.com", "mount /d", "link DB", "variable HOST", "variable OTHER",
				"built-in SSL"}},
		"a record": {"true", []string{dns}, []string{"www.example.com"}, []string{"api.example.com"}},
		"a variable": {"true", []string{web(strings.Replace(stays, `"HOST":"10.0.0.1"`, `"HOST":"y"`, 1))},
			[]string{"variable HOST"}, []string{"variable OTHER", "mount /d", "link DB"}},
		"a mount": {"true", []string{web(strings.Replace(stays, `{"/d":{"source_path":"/x"}}`, `{}`, 1))},
			[]string{"mount /d"}, []string{"variable HOST", "link DB"}},
		"links": {"true", []string{web(strings.Replace(stays, `["a:b"]`, `[]`, 1))}, []string{"link DB"},
			[]string{"mount /d"}},
		"other environment deleted": {"true",
			[]string{ours("vap_environment.web", "delete", `"before":{"name":"web"},"after":null`)}, []string{"in web"},
			[]string{"www.example.com"}},
		"the certificate": {"false", nil, []string{"built-in SSL"}, []string{"www.example.com"}},
		"a data source": {"true",
			[]string{strings.Replace(change("data.x.a", "read", `"before":null,"after":{}`), `"managed"`, `"data"`, 1)},
			[]string{"data.x.a"}, nil},
		"unchanged resource": {"true",
			[]string{change("x.b", "no-op", `"before":{"ip":"10.0.0.1"},"after":{"ip":"10.0.0.1"}`)}, nil, []string{"x.b.ip"}},
	} {
		const state = `,"prior_state":{"values":{"root_module":{"resources":[{"address":"data.x.a","mode":"data",` +
			`"type":"x","values":{"ip":"10.0.0.1"}}]}}}`
		plan, err := Read(strings.NewReader(
			fmt.Sprintf(`{"format_version":"1.2","planned_values":{},"resource_changes":[%s]%s}`,
				strings.Join(append([]string{strings.Replace(move, `"after":{"built_in_ssl":true`, `"after":{"built_in_ssl":`+c.ssl,
					1)}, c.changes...), ","), state)))
		if err != nil {
			t.Fatal(err)
		}
		todo := strings.Join(New(plan, Gate{}).Moves[0].ToDo, "\n")
		for _, text := range c.not {
			if strings.Contains(todo, text) {
				t.Errorf("%s: %q is listed as work by hand:\n%s", name, text, todo)
			}
		}
		for _, text := range c.still {
			if !strings.Contains(todo, text) {
				t.Errorf("%s: %q is missing:\n%s", name, text, todo)
			}
		}
	}
}

// Any type in any place of a recorded plan: no panic, and an error sentence or a review in every format.
func TestEveryTypeAtEveryPath(t *testing.T) {
	t.Parallel()
	values := []any{nil, true, -1e300, "x", []any{}, []any{[]any{[]any{}}}, map[string]any{},
		map[string]any{"x": []any{map[string]any{}}}}
	seen := map[string]bool{}
	n := 0
	for _, name := range []string{"references", "dependents", "modules", "topology", "scaled-in", "renamed", "triggers",
		"moved-and-imported"} {
		content, err := os.ReadFile(filepath.Join("testdata", "plans", "terraform-1.11", name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var plan any
		if err := json.Unmarshal(content, &plan); err != nil {
			t.Fatal(err)
		}
		eachValue(plan, "", func(place string, put func(any)) {
			if seen[place] || strings.HasPrefix(place, ".planned_values.") || strings.HasPrefix(place, ".relevant") {
				return
			}
			seen[place] = true
			put(values[n%len(values)]) // one type in each place, in turn: all of them would take a minute
			n++
			expectNoPanic(t, place, plan)
		})
	}
	if n < 1000 {
		t.Errorf("only %d places", n)
	}
}

// eachValue visits each part of a value and restores what visit changed. Paths have no indices.
func eachValue(value any, at string, visit func(place string, put func(any))) {
	switch value := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(value)) {
			was := value[name]
			visit(at+"."+name, func(v any) { value[name] = v })
			value[name] = was
			eachValue(was, at+"."+name, visit)
		}
	case []any:
		for i, was := range value {
			visit(at+"[]", func(v any) { value[i] = v })
			value[i] = was
			eachValue(was, at+"[]", visit)
		}
	}
}

func expectNoPanic(t *testing.T, place string, plan any) {
	t.Helper()
	defer func() {
		if p := recover(); p != nil {
			t.Errorf("%s: %v", place, p)
		}
	}()
	content, err := json.Marshal(plan)
	if err != nil {
		t.Fatal(err)
	}
	read, err := Read(bytes.NewReader(content))
	if err != nil {
		if strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", place, err)
		}
		return
	}
	r := New(read, everything())
	for _, form := range Formats {
		if err := form(io.Discard, r); err != nil {
			t.Errorf("%s: %v", place, err)
		}
	}
}
