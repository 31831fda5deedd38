package secrecy

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"unicode"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
)

// hostile is the end of each name from a hostile platform.
const hostile = "\u202e\u200b\x1b[31m\nError: forged\r\u0085\u2066\ufeff"

// shown are the members of responses with names that are only shown to users.
var shown = map[string]bool{"displayName": true, "description": true, "shortDescription": true, "email": true,
	"adminUrl": true, "l3Group": true}

// makeHostile makes a response hostile: it appends hostile to names that are only shown, and adds an element with a
// hostile name to each list of things.
func makeHostile(answer []byte) []byte {
	var content any
	if json.Unmarshal(answer, &content) != nil {
		return answer
	}
	var walk func(value any) any
	walk = func(value any) any {
		switch value := value.(type) {
		case map[string]any:
			for key, member := range value {
				if text, ok := member.(string); ok && shown[key] {
					value[key] = text + hostile
				} else {
					value[key] = walk(member)
				}
			}
		case []any:
			for i := range value {
				value[i] = walk(value[i])
			}
			if len(value) > 0 {
				return append(value, hostileCopy(value[0])...)
			}
		}
		return value
	}
	defaced, err := json.Marshal(walk(content))
	if err != nil {
		return answer
	}
	return defaced
}

// hostileCopy returns a copy of a region, an environment or a stack with a hostile name; nothing for other values.
func hostileCopy(one any) []any {
	object, _ := one.(map[string]any)
	for _, key := range []string{"uniqueName", "nodeType", "env"} {
		if object[key] == nil || key == "nodeType" && object["id"] != nil {
			continue
		}
		copied := map[string]any{}
		text, err := json.Marshal(object)
		if err != nil || json.Unmarshal(text, &copied) != nil {
			return nil
		}
		if name, ok := copied[key].(string); ok {
			copied[key] = name + hostile
		} else if env, ok := copied[key].(map[string]any); ok {
			env["envName"], env["shortdomain"], env["domain"] = fmt.Sprint(env["envName"],
				hostile), "", fmt.Sprint(env["domain"], hostile)
		}
		return []any{copied}
	}
	return nil
}

// The platform's names have control characters, bidirectional overrides and forged lines. None of these is in a
// diagnostic, a plan or a state; the provider manages the right things and never sends such a name back.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, secrets{"the token": "token-of-a-good-person"})
	p.mu.Lock()
	p.rewrite = makeHostile
	p.mu.Unlock()
	provider := map[string]any{"endpoint": p.URL, "token": p.token, "requests_per_second": 1000}
	checkText := func(where, text string) {
		t.Helper()
		// The provider's own line breaks are allowed.
		if strings.ContainsFunc(strings.ReplaceAll(text, "\n", ""), hidden) || strings.Contains("\n"+text, "\nError:") {
			t.Errorf("%s: %q", where, text)
		}
	}
	check := func(where string, state any, diagnostics []*tfprotov6.Diagnostic) {
		t.Helper()
		for _, d := range diagnostics {
			checkText(where, d.Summary)
			checkText(where, d.Detail)
		}
		if !acctest.HasErrors(diagnostics) { // otherwise the state is the configuration's
			eachText(state, func(text string) { checkText(where, text) })
		}
	}
	i := acctest.NewInstance(t, "vap_environment", provider)
	i.Adjust = shortenWaits
	config := func(region string) map[string]any {
		return map[string]any{
			"name": "shop-prod", "region": region, "node_groups": map[string]any{"cp": map[string]any{"node_type": "nginxphp"}},
			"migration_policy": map[string]any{"allow_downtime": true, "allow_ip_change": true},
		}
	}
	for _, region := range []string{"north-economy", "north-performance", "south-standard", "south-standard" + hostile,
		"nowhere"} {
		for range 2 {
			plan, d := i.Plan(config(region))
			check("plan", plan.State, d)
			if !acctest.HasErrors(d) {
				d = i.Apply(plan)
				check("apply", i.State, d)
			}
			if good := !strings.HasSuffix(region, hostile) && region != "nowhere"; acctest.HasErrors(d) == good {
				t.Fatalf("%q: %s", region, acctest.Text(d))
			}
			if d := i.Refresh(); i.State != nil {
				check("refresh", i.State, d)
			}
		}
	}
	names := map[string][]string{}
	for source, config := range map[string]map[string]any{
		"vap_regions": {}, "vap_stacks": {}, "vap_environments": {}, "vap_environment": {"name": "shop-prod"},
		"vap_region":          {"name": "south-standard"},
		"vap_migration_check": {"environment": "shop-prod", "to_region": "north-economy"},
	} {
		s := acctest.NewServer(t)
		d := s.Configure(provider)
		state, more := s.Read(source, config)
		if d = append(d, more...); acctest.HasErrors(d) {
			t.Errorf("%s: %s", source, acctest.Text(d))
		}
		check(source, state, d)
		eachText(state, func(text string) {
			if strings.Contains(text, "\ufffd") {
				names[source] = append(names[source], text)
			}
		})
	}
	for _, source := range []string{"vap_regions", "vap_stacks", "vap_environments"} {
		if len(names[source]) == 0 {
			t.Errorf("%s: nothing was hostile", source)
		}
	}
	for _, name := range names["vap_environments"] {
		s := acctest.NewServer(t)
		d := s.Configure(provider)
		state, more := s.Read("vap_migration_check", map[string]any{"environment": name, "to_region": "north-economy"})
		if d = append(d, more...); !acctest.HasErrors(d) {
			t.Errorf("%q was sent in a call", name)
		}
		check(name, state, d)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	sent, err := url.QueryUnescape(p.sent.String())
	if err != nil || strings.ContainsFunc(sent, func(r rune) bool { return r == '\ufffd' || hidden(r) }) {
		t.Errorf("an altered name was sent, or nothing can be read: %v", err)
	}
}

func hidden(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029'
}

// eachText calls a function with every string in a state.
func eachText(value any, do func(string)) {
	switch value := value.(type) {
	case string:
		do(value)
	case []any:
		for _, one := range value {
			eachText(one, do)
		}
	case map[string]any:
		for key, one := range value {
			do(key)
			eachText(one, do)
		}
	}
}
