package planreview

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestParseDeny(t *testing.T) {
	t.Parallel()
	for list, want := range map[string]string{
		"":                              "",
		"offline":                       "offline",
		"offline , ip-change,, offline": "offline ip-change",
		"cost-increase=10%":             "cost-increase",
		"cost-increase=0":               "cost-increase",
		"cost-increase":                 "! write cost-increase=10%",
		"cost-increase=":                "! write cost-increase=10%",
		"cost-increase=-1%":             "! write cost-increase=10%",
		"cost-increase=NaN":             "! write cost-increase=10%",
		"cost-increase=Inf%":            "! write cost-increase=10%",
		"offline=1":                     "! takes no limit",
		"ofline":                        `! "ofline" cannot be denied; what can: data-loss, offline, window,`,
		"missing-permission":            "! cannot be denied",
		"Offline":                       "! cannot be denied",
	} {
		var g Gate
		err := g.ParseDeny(list)
		got := make([]string, len(g.Deny))
		for i, kind := range g.Deny {
			got[i] = string(kind)
		}
		if complaint, wrong := strings.CutPrefix(want, "! "); wrong {
			if err == nil || !strings.Contains(err.Error(), complaint) {
				t.Errorf("%q: %v, want %q", list, err, complaint)
			}
		} else if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%q: %q %v, want %q", list, got, err, want)
		}
	}
}

func TestMatches(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, address string
		want             bool
	}{
		{"vap_environment.shop", "vap_environment.shop", true},
		{"vap_environment.shop", "vap_environment.shop2", false},
		{"vap_environment.*", "vap_environment.shop", true},
		{"*", "module.a.vap_environment.b", true},
		{"module.*.vap_environment.shop", `module.a["x"].vap_environment.shop`, true},
		{"module.*.vap_environment.shop", "vap_environment.shop", false},
		{`vap_environment.all["a*"]`, `vap_environment.all["ab"]`, true},
		{`vap_environment.all["a*"]`, `vap_environment.all["ba"]`, false},
		{"a*a", "a", false},
		{"*.b.*.d", "a.b.c.d", true},
		{"", "vap_environment.shop", false},
	} {
		if got := matches(c.pattern, c.address); got != c.want {
			t.Errorf("%q matches %q: %t", c.pattern, c.address, got)
		}
	}
}

// A running migration needs no permission, but the gate still applies to what it does.
func TestPermissionsOfRunningMoves(t *testing.T) {
	t.Parallel()
	for trigger, want := range map[string]string{TriggerConfiguration: "missing-permission offline",
		TriggerExternalMove: "missing-permission offline", TriggerInProgress: "offline"} {
		kinds, _ := deniedKinds(Gate{Deny: []Kind{KindOffline}},
			Move{Address: "a", Trigger: trigger, Downtime: true, MissingPermissions: []string{"allow_downtime"}})
		if got := strings.Join(kinds, " "); got != want {
			t.Errorf("%s: denied %q, want %q", trigger, got, want)
		}
	}
}

// deniedKinds are the kinds for which a gate denies a move, and the exceptions.
func deniedKinds(g Gate, m Move) (kinds, exceptions []string) {
	r := &Review{Moves: []Move{m}}
	g.evaluate(r, false)
	for _, d := range r.Denials {
		kinds = append(kinds, string(d.Kind))
	}
	for _, e := range r.Exceptions {
		exceptions = append(exceptions, string(e.Kind)+" "+e.Reason+" "+e.Expires)
	}
	return kinds, exceptions
}

func TestCostIncrease(t *testing.T) {
	t.Parallel()
	cost := func(hourly float64) *Cost {
		return &Cost{Currency: "EUR", HourlyMax: hourly, MonthlyMax: hourly * 730}
	}
	for name, c := range map[string]struct {
		before, after *Cost
		denied        bool
	}{
		"falls":                    {cost(2), cost(1), false},
		"the same":                 {cost(2), cost(2), false},
		"at the limit":             {cost(2), cost(2.2), false},
		"above the limit":          {cost(2), cost(2.3), true},
		"from nothing":             {cost(0), cost(1), true},
		"free stays free":          {cost(0), cost(0), false},
		"unknown before":           {nil, cost(2), true},
		"unknown after":            {cost(2), nil, true},
		"unknown before and after": {nil, nil, true},
	} {
		kinds, _ := deniedKinds(Gate{Deny: []Kind{KindCostIncrease}, CostIncrease: 10},
			Move{Address: "a", CostBefore: c.before, CostAfter: c.after})
		if got := slices.Contains(kinds, "cost-increase"); got != c.denied {
			t.Errorf("%s: denied %t", name, got)
		}
	}
	if percent, known := (&Move{CostBefore: cost(0), CostAfter: cost(1)}).CostIncrease(); !known ||
		!math.IsInf(percent, 1) {
		t.Errorf("from nothing to something is %v", percent)
	}
}

func TestExceptions(t *testing.T) {
	t.Parallel()
	m := Move{Address: `vap_environment.all["a"]`, Downtime: true, IPChange: true, toRegion: "south",
		MissingPermissions: []string{"allow_downtime"}}
	day := func(text string) time.Time {
		d, err := time.Parse(time.DateOnly, text)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	gate := func(a Allowance) Gate {
		return Gate{Deny: []Kind{KindOffline, KindIPChange}, Allow: []Allowance{a},
			Today: day("2026-06-15").Add(23 * time.Hour)}
	}
	offline := []Kind{KindOffline}
	for name, c := range map[string]struct {
		Allowance
		excepted bool
	}{
		"by address":             {Allowance{Address: `vap_environment.all["a"]`, Kinds: offline}, true},
		"by address without key": {Allowance{Address: "vap_environment.all", Kinds: offline}, true},
		"by pattern":             {Allowance{Address: "vap_*", Kinds: offline}, true},
		"another address":        {Allowance{Address: "vap_environment.other", Kinds: offline}, false},
		"another kind":           {Allowance{Address: "*", Kinds: []Kind{KindUnknown}}, false},
		"on its last day":        {Allowance{Address: "*", Kinds: offline, Expires: day("2026-06-15")}, true},
		"expired":                {Allowance{Address: "*", Kinds: offline, Expires: day("2026-06-14")}, false},
		"to the region":          {Allowance{Address: "*", Kinds: offline, ToRegions: []string{"south"}}, true},
		"to another region":      {Allowance{Address: "*", Kinds: offline, ToRegions: []string{"north"}}, false},
	} {
		kinds, exceptions := deniedKinds(gate(c.Allowance), m)
		want := []string{"missing-permission", "offline", "ip-change"}
		if c.excepted {
			want = []string{"missing-permission", "ip-change"}
		}
		if !slices.Equal(kinds, want) || len(exceptions) > 0 != c.excepted {
			t.Errorf("%s: denied %q, excepted %q", name, kinds, exceptions)
		}
	}
}

// An exception expires at midnight in the time zone of the machine.
func TestExceptionsExpireAtLocalMidnight(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		zone   int
		now    string
		denied bool
	}{
		{14, "2026-06-15T00:30", false}, {14, "2026-06-15T23:30", false}, {14, "2026-06-16T00:30", true},
		{-11, "2026-06-15T00:30", false}, {-11, "2026-06-15T23:30", false}, {-11, "2026-06-16T00:30", true},
	} {
		now, err := time.ParseInLocation("2006-01-02T15:04", c.now, time.FixedZone("", c.zone*3600))
		if err != nil {
			t.Fatal(err)
		}
		allowed := Allowance{Address: "*", Kinds: []Kind{KindOffline}, Expires: time.Date(2026, 6, 15, 0, 0, 0, 0, time.UTC)}
		kinds, _ := deniedKinds(Gate{Deny: []Kind{KindOffline}, Allow: []Allowance{allowed}, Today: now},
			Move{Address: "a", Downtime: true})
		if len(kinds) > 0 != c.denied {
			t.Errorf("at %s: %q", now, kinds)
		}
	}
}
