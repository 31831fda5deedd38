package planreview

import (
	"fmt"
	"strings"
	"testing"
)

func TestTextInMarkdown(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"plain, with (brackets) & 10 %":  "plain, with (brackets) &amp; 10 %",
		"allow_ip_change":                "allow_ip_change",
		"_a_ *b* `c` [d](e) |f| \\ {g}":  `\_a\_ \*b\* \` + "`c\\`" + ` \[d\](e) \|f\| \\ \{g\}`,
		"<script>alert(1)</script>":      "&lt;script&gt;alert(1)&lt;/script&gt;",
		"@team look at #12, !3 and %\"m": "@\u200bteam look at #\u200b12, !\u200b3 and %\u200b\"m",
		"a\nb\r\n| c":                    `a b  \| c`,
		"http://evil.example":            "http:\u200b//evil.example",
		"22:00":                          "22:00",
		"\x00\x1b[31m\u202e":             `��\[31m�`,
		"# heading":                      "# heading",
	} {
		if got := mdText(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

// A long value is shortened, a sentence is not: the text after the value stays.
func TestLongValues(t *testing.T) {
	t.Parallel()
	long, cut := strings.Repeat("ä", 400), strings.Repeat("ä", 300)+"…"
	if got := mdValue(long); got != cut {
		t.Errorf("a value becomes %q", got)
	}
	if got := mdText(long); got != long {
		t.Errorf("a sentence becomes %q", got)
	}
	if got := listFew([]string{long, long, "last"}, ", "); got != cut+", "+cut+", last" {
		t.Errorf("a list becomes %q", got)
	}
}

func TestCodeInMarkdown(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text    string
		inTable bool
		want    string
	}{
		{`vap_environment.all["a"]`, false, "`vap_environment.all[\"a\"]`"},
		{"a|b", false, "`a|b`"},
		{"a|b", true, "`a\\|b`"},
		{"a`b", false, "``a`b``"},
		{"`", false, "`` ` ``"},
		{"a\nb", true, "`a b`"},
		{"@team", false, "`@team`"},
		{"", false, ""},
	} {
		if got := mdCode(c.text, c.inTable); got != c.want {
			t.Errorf("%q becomes %q, want %q", c.text, got, c.want)
		}
	}
}

// The Markdown shows everything in a review, with hostile texts escaped.
func TestMarkdownShowsEverything(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	if err := Markdown(&b, filled()); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	for _, want := range []string{
		"### 4 environments move", "**Incomplete.**", "⛔ **Denied** for 3 reasons", "- the plan: **incomplete**",
		"`module.shop.vap_environment.all[\"a|b\"]`: " +
			"**missing-permission**, ", "| ⛔ `shop-prod`<br>`module.shop.vap_environment.all[\"a\\|b\"]`, was",
		"moves back after a move outside Terraform", "in progress already", "❔ **kind not known yet**", "🟠 **offline**: a " +
			"layer is a database",
		"**from start to end**<br>begins within Sat, Sun 22:00 for 4h, Europe/Berlin",
		"new on 2 nodes (1 public IPv4, 1 public IPv6)", "hard-coded in 2 places", "111.33 → 131.40 EUR " +
			"(+18 %)", "⛔ `allow_downtime`, `allow_ip_change`",
		"`gone-test` (`vap_environment.gone`): is deleted with its data", "agreed with @\u200bshop-team, until 2026-12-31",
		"`example_allow_list.partners.rules[0].source`: `203.0.113.5`", "`example_secret.url.value`, sensitive, so its " +
			"value is not shown",
		"`example_firewall.office[\"<script>\"]`, by `nodes`", "mount /var/www of layer cp in " +
			"blog-prod", "by `nodes` through `module.dns.var.targets`",
		"- `example_release.shop`: replace by `replace_triggered_by`", "- `data.example_lookup.shop[\"<b>\"]`: read by " +
			"`depends_on`",
		"`example_upstream.office`, which holds an old address or domain", "bl 50001: `203.0.113.5`, `2001:db8::5`, " +
			"`10.1.0.4`", "was `vap_environment.old`",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
	if strings.Contains(text, "@shop-team") {
		t.Error("the text mentions a user")
	}
}

// A single huge value does not make a review too long either.
func TestMarkdownLimit(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x|`@<", 100)
	r := &Review{Headline: long, Incomplete: []string{long}}
	for i := range 80 {
		address := fmt.Sprint(i, long)
		m := Move{Address: address, Name: long, Class: ClassOfflineNewAddresses, IPChange: true, ToDo: []string{long}}
		for range 100 {
			m.HardCoded = append(m.HardCoded, HardCoded{Address: long, Path: long, Value: long})
			m.Unchanged = append(m.Unchanged, Reference{Address: long, Attributes: []string{long, long}, Via: []string{long}})
			m.Nodes = append(m.Nodes, Node{NodeGroup: long, PublicIPv4: []string{long, long, long}})
		}
		r.Moves = append(r.Moves, m)
		r.Others = append(r.Others, Other{Address: address, Name: long, Action: ActionUpdate, Summary: long})
		r.Denials = append(r.Denials, Denial{Address: address, Kind: KindOffline, Text: long})
		r.Triggered = append(r.Triggered, Triggered{Address: address, Action: long, By: long})
		r.Exceptions = append(r.Exceptions,
			Exception{Denial: Denial{Address: address, Kind: KindOffline, Text: long}, Reason: long, Expires: ""})
	}
	var b strings.Builder
	if err := Markdown(&b, r); err != nil {
		t.Fatal(err)
	}
	if b.Len() > 65_536 || b.Len() < 20_000 {
		t.Errorf("it has %d bytes", b.Len())
	}
	for _, want := range []string{"more reasons, summarised: ", "more moves are summarised**",
		"more changes, summarised: ", "more exceptions, summarised"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is missing", want)
		}
	}
}
