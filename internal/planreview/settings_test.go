package planreview

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestParseSettings(t *testing.T) {
	t.Parallel()
	got, err := ParseSettings([]byte(`
format: markdown
deny: [offline, "ip-change,unknown", cost-increase=12.5%]
allow:
  - address: vap_environment.shop
    kinds: offline
    reason: OPS-1234
  - address: module.*.vap_environment.all
    kinds: [ip-change, delete]
    to_regions: [south-standard]
    reason: the promotion
    expires: 2026-12-31
`))
	if err != nil {
		t.Fatal(err)
	}
	want := Settings{Formats: []string{"markdown"}, Gate: Gate{
		Deny: []Kind{KindOffline, KindIPChange, KindUnknown, KindCostIncrease}, CostIncrease: 12.5,
		Allow: []Allowance{
			{Address: "vap_environment.shop", Kinds: []Kind{KindOffline}, Reason: "OPS-1234"},
			{Address: "module.*.vap_environment.all", Kinds: []Kind{KindIPChange, KindDelete},
				ToRegions: []string{"south-standard"}, Reason: "the promotion",
				Expires: time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC)},
		},
	}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
	for _, nothing := range []string{"", "# nothing yet\n", "deny: []\n", "{}"} {
		if s, err := ParseSettings([]byte(nothing)); err != nil || len(s.Gate.Deny) > 0 {
			t.Errorf("%q: %+v %v", nothing, s, err)
		}
	}
}

func TestParseSettingsErrors(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]string{
		"deny: [offline]\ndenny: [unknown]": "line 2: field denny not found",
		"allow:\n  - place: x":              "line 2: field place not found",
		"deny: [ofline]":                    `line 1: deny: "ofline" cannot be denied`,
		"deny:\n- offline\n- ofline":        "line 3: deny: ",
		"deny: [offline]\nformat: [json=a, " +
			"text]": `line 2: format: there is no format "text"; there are html, json, junit, markdown`,
		"format: text":                          "line 1: format: ",
		"deny:\n  offline: true":                "line 2: cannot unmarshal",
		"deny: [offline":                        "line 1:",
		"- a":                                   "line 1: cannot unmarshal",
		"deny: []\n---\ndeny: [offline]":        "more than one document",
		"deny: []\ndeny: [offline]":             "already defined",
		"allow: [{kinds: offline, reason: x}]":  "line 1: allow, entry 1: address is missing",
		"allow: [{address: x, reason: x}]":      "line 1: allow, entry 1: kinds is missing",
		"allow: [{address: x, kinds: offline}]": "reason is missing",
		"allow: [{}]":                           "allow, entry 1: address is missing",
		"allow:\n- {address: x, kinds: offline, reason: x}\n- address: x\n  kinds:\n  - offline\n  - ofline\n  " +
			"reason: x": `line 6: allow, entry 2: "ofline"`,
		"allow: [{address: x, kinds: [cost-increase=5%], reason: x}]": "line 1: allow, entry 1: write cost-increase " +
			"without a number",
		"allow: [{address: x, kinds: [offline=1], reason: x}]":        "takes no limit",
		"allow: [{address: x, kinds: all, reason: x}]":                `"all" cannot be denied`,
		"allow: [{address: x, kinds: missing-permission, reason: x}]": "cannot be allowed",
		"allow: [{address: x, kinds: errored, reason: x}]":            "cannot be allowed",
		"allow: [{address: x, kinds: offline, reason: x, expires: " +
			"later}]": `line 1: allow, entry 1: expires is "later", not a day`,
	} {
		if _, err := ParseSettings([]byte(content)); err == nil || !strings.Contains(err.Error(), want) ||
			strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v, want %q", content, err, want)
		}
	}
}
