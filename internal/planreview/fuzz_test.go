package planreview

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// Any input is either refused in a sentence or reviewed in every format, without a panic.
func FuzzReview(f *testing.F) {
	plans, err := filepath.Glob("testdata/plans/terraform-1.11/*.json")
	if err != nil || len(plans) == 0 {
		f.Fatal("no recorded plans", err)
	}
	for _, file := range plans {
		content, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		var small bytes.Buffer
		if err := json.Compact(&small, content); err != nil {
			f.Fatal(err)
		}
		f.Add(small.Bytes())
	}
	for _, seed := range []string{
		"", "null", "[", "PK\x03\x04", `{"format_version":"1.2","planned_values":null}`,
		`{"format_version":"1.2","planned_values":{},"resource_changes":[null,{},{"change":null},{"type":"vap_environment",
		"change":{}}],"resource_drift":[null],"deferred_changes":[null,{}],
			"output_changes":{"a":null},"variables":{"a":null},"prior_state":null,
			"configuration":{"root_module":{"resources":[null],"module_calls":{"a":null,"b":{}},"outputs":{"a":null,"b":{}}}}}`,
		`{"format_version":"1.2","planned_values":{},"resource_changes":[{"address":"module.[.vap_environment.a[\"",
		"type":"vap_environment","provider_name":"/terraform-provider-vap/vap","change":{"actions":["update"],
			"before":{"nodes":[null,1,{"id":"x"}],"node_groups":[]},"after":{"planned_migration":{"dependents":[null,{}],
			"hourly_cost_before":-1,"hourly_cost_after":{},"cost_excludes":[null,5],"ip_change":1}},"after_unknown":[]}}]}`,
		planOf(`{"resources":[`+env("shop", "")+`,`+
			res("x.a", `"a":`+refs("vap_environment.shop[", "module.m.a[0", "each.value.x", "var.a"))+
			`],"module_calls":{"m":{"expressions":{"a":`+refs("module.m.o")+`},"module":{"outputs":{"o":{"expression":`+
			refs("var.a")+`}}}}}}`,
			[]string{"vap_environment.shop update", "x.a update"}),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		plan, err := Read(bytes.NewReader(content))
		if err != nil {
			if text := err.Error(); text == "" || strings.Contains(text, "\n") {
				t.Errorf("the error %q is no sentence", text)
			}
			return
		}
		var gate Gate
		deny := "data-loss,offline,window,ip-change,domain-change,live-database,external-move,unknown,cost-increase=10%," +
			"delete,replace,incomplete"
		if err := gate.ParseDeny(deny); err != nil {
			t.Fatal(err)
		}
		r := New(plan, gate)
		if plan.Errored && !r.Denied {
			t.Error("a plan that failed is not denied")
		}
		var markdown, asJSON, junit bytes.Buffer
		for _, err := range []error{Markdown(&markdown, r), JSON(&asJSON, r), JUnit(&junit, r), HTML(io.Discard, r)} {
			if err != nil {
				t.Error(err)
			}
		}
		if markdown.Len() > 65_536 || !utf8.Valid(markdown.Bytes()) {
			t.Errorf("the Markdown has %d bytes", markdown.Len())
		}
		if err := json.Unmarshal(asJSON.Bytes(), &Review{}); err != nil {
			t.Error(err)
		}
		if err := xml.Unmarshal(junit.Bytes(), &gitlabReport{}); err != nil {
			t.Errorf("%v in\n%s", err, junit.String())
		}
	})
}

// Any configuration file is either refused or gives a usable gate.
func FuzzSettings(f *testing.F) {
	for _, seed := range []string{"", "deny: [offline, cost-increase=10%]",
		"allow:\n  - {address: '*', kinds: offline, reason: x, expires: 2026-01-01}", "a: &a [*a]", "deny: !!binary x",
		"<<: {deny: offline}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		settings, err := ParseSettings(content)
		if err != nil {
			return
		}
		settings.Gate.evaluate(filled(), false)
	})
}
