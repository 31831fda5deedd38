package planreview

import (
	"slices"
	"testing"
)

func TestFind(t *testing.T) {
	t.Parallel()
	g := oldValues{"10.0.0.1": {0}, "2001:db8::5": {0}, "shop.north.vap.test": {1}, "node5-shop.north.vap.test": {1}}
	for text, want := range map[string][]string{
		"":                                 nil,
		"10.0.0.1":                         {"10.0.0.1"},
		"10.0.0.12":                        nil,
		"110.0.0.1":                        nil,
		"10.0.0.1.2":                       nil,
		"1.10.0.0.1":                       nil,
		"10.0.0.1/32":                      {"10.0.0.1"},
		"tcp://10.0.0.1:8080/x?y=10.0.0.2": {"10.0.0.1"},
		"allow 10.0.0.1; deny 10.0.0.10":   {"10.0.0.1"},
		"see 10.0.0.1.":                    {"10.0.0.1"},
		"10.0.0.1.nip.io":                  {"10.0.0.1"},
		"10-0-0-1":                         nil,
		"10.0.0.1-10.0.0.9":                {"10.0.0.1"},
		"10.0.0.0-10.0.0.1":                {"10.0.0.1"},
		"10.0.0.1-backup":                  {"10.0.0.1"},
		"allow_10.0.0.1":                   {"10.0.0.1"},
		"1.0.0.10.in-addr.arpa":            {"10.0.0.1"},
		"1.0.0.10.IN-ADDR.ARPA.":           {"10.0.0.1"},
		"1.0.0.10.in-addr.arpa.example":    nil,
		"10.0.0.in-addr.arpa":              nil,
		"ip6.arpa":                         nil,
		"::ffff:10.0.0.1":                  {"10.0.0.1"},
		"5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa": {"2001:db8::5"},
		"0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa":                                         nil,
		`{"Principal":["10.0.0.1/32"]}`:                                            {"10.0.0.1"},
		"10.0.0.1,10.0.0.1":                                                        {"10.0.0.1", "10.0.0.1"},
		"2001:db8::5":                                                              {"2001:db8::5"},
		"[2001:0DB8:0:0::5]:443":                                                   {"2001:db8::5"},
		"2001:db8::5/128":                                                          {"2001:db8::5"},
		"2001:db8::50":                                                             nil,
		"12:30:45":                                                                 nil,
		"shop.north.vap.test":                                                      {"shop.north.vap.test"},
		"https://Shop.North.VAP.test:443/path":                                     {"shop.north.vap.test"},
		"www.shop.north.vap.test.":                                                 {"shop.north.vap.test"},
		"my-shop.north.vap.test":                                                   nil,
		"node5-shop.north.vap.test":                                                {"node5-shop.north.vap.test"},
		"node55-shop.north.vap.test":                                               nil,
		"shop.north.vap.test.evil.example":                                         nil,
		"admin@shop.north.vap.test":                                                {"shop.north.vap.test"},
		"shop.north.vap.tests":                                                     nil,
	} {
		var got []string
		g.find(text, func(value string, _ []int) { got = append(got, value) })
		if !slices.Equal(got, want) {
			t.Errorf("in %q found %q, want %q", text, got, want)
		}
	}
}

func TestSearch(t *testing.T) {
	t.Parallel()
	g := oldValues{"10.0.0.1": {0}}
	value := map[string]any{
		"rules":  []any{map[string]any{"source": "10.0.0.2"}, map[string]any{"source": "10.0.0.1/32"}},
		"byhost": map[string]any{"10.0.0.1": map[string]any{"a.b": "10.0.0.1"}},
		"secret": map[string]any{"url": "x://u:p@10.0.0.1", "plain": "10.0.0.1"},
		"number": 10.0,
	}
	marks := map[string]any{"secret": map[string]any{"url": true}}
	var got []string
	g.search(value, marks, func(h hit) {
		text := h.at.String()
		if h.sensitive {
			text += " sensitive"
		}
		got = append(got, text)
	})
	want := []string{`byhost["10.0.0.1"]`, `byhost["10.0.0.1"]["a.b"]`, "rules[1].source", "secret.plain",
		"secret.url sensitive"}
	if !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
}
