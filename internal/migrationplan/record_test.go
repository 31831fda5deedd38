package migrationplan

import (
	"maps"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// The record has the cost before only if it can be compared with the cost after, and lists excluded parts once.
func TestRecordCosts(t *testing.T) {
	t.Parallel()
	cost := func(most float64, currency string, excludes ...string) *migration.Cost {
		return &migration.Cost{Currency: currency, HourlyMin: most / 2, HourlyMax: most, Excludes: excludes}
	}
	known, null := types.Float64Value, types.Float64Null()
	for name, row := range map[string]struct {
		before, after       *migration.Cost
		wantBefore, wantNow types.Float64
		currency            string
		excludes            []string
	}{
		"both":              {cost(1, "EUR"), cost(2, "EUR"), known(1), known(2), "EUR", nil},
		"free":              {cost(0, "EUR"), cost(0, "EUR"), known(0), known(0), "EUR", nil},
		"neither":           {nil, nil, null, null, "", nil},
		"only before":       {cost(1, "EUR", "disk_gb"), nil, known(1), null, "EUR", []string{"disk_gb"}},
		"only after":        {nil, cost(2, "EUR", "disk_gb"), null, known(2), "EUR", []string{"disk_gb"}},
		"another currency":  {cost(1, "EUR"), cost(2, "USD"), null, known(2), "USD", nil},
		"no currency":       {cost(1, ""), cost(2, ""), known(1), known(2), "", nil},
		"a currency before": {cost(1, "EUR"), cost(2, ""), null, known(2), "", nil},
		"same exclusions": {cost(1, "EUR", "disk_gb"), cost(2, "EUR", "disk_gb"), known(1), known(2), "EUR",
			[]string{"disk_gb"}},
		"only the old one excludes": {cost(1, "EUR", "disk_gb"), cost(2, "EUR"), known(1), known(2), "EUR",
			[]string{"disk_gb"}},
		"only the new one excludes": {cost(1, "EUR"), cost(2, "EUR", "disk_gb"), null, known(2), "EUR", []string{"disk_gb"}},
		"different exclusions": {cost(1, "EUR", "disk_gb"), cost(2, "EUR", "public_ipv4"), null, known(2), "EUR",
			[]string{"public_ipv4"}},
	} {
		a := migration.Assess(migration.Request{Environment: shop(), To: "south-standard", Regions: regions()})
		a.CostBefore, a.CostAfter = row.before, row.after
		m, diags := NewMove(t.Context(), a, migration.TriggerConfiguration)
		var excludes []string
		diags.Append(m.CostExcludes.ElementsAs(t.Context(), &excludes, false)...)
		if diags.HasError() {
			t.Fatal(diags)
		}
		if !m.HourlyCostBefore.Equal(row.wantBefore) || !m.HourlyCostAfter.Equal(row.wantNow) ||
			m.Currency.ValueString() != row.currency ||
			m.Currency.IsNull() != (row.currency == "") || m.CostExcludes.IsNull() != (row.excludes == nil) ||
			len(excludes) != len(row.excludes) ||
			len(excludes) > 0 && excludes[0] != row.excludes[0] {
			t.Errorf("%s: %v → %v %v, without %v", name, m.HourlyCostBefore, m.HourlyCostAfter, m.Currency, m.CostExcludes)
		}
	}
}

// "Not read" must not look like "none" in a move that stops something.
func TestRecordDependents(t *testing.T) {
	t.Parallel()
	mount := migration.Dependent{Kind: "mount", Environment: "blog", NodeGroup: "cp", Name: "/data"}
	for name, row := range map[string]struct {
		mode       migration.Mode
		surrounded bool
		dependents []migration.Dependent
		null       bool
	}{
		"live, none":     {migration.ModeLive, true, nil, true},
		"live, not read": {migration.ModeLive, false, nil, true},
		"live, one":      {migration.ModeLive, true, []migration.Dependent{mount}, false},
		"offline, none":  {migration.ModeOffline, true, nil, false},
		"offline, one":   {migration.ModeOffline, true, []migration.Dependent{mount}, false},
		"not read":       {migration.ModeOffline, false, []migration.Dependent{mount}, true},
	} {
		a := migration.Assessment{Mode: row.mode,
			Environment: migration.Environment{Surrounded: row.surrounded, Dependents: row.dependents}}
		m, diags := NewMove(t.Context(), a, migration.TriggerConfiguration)
		if diags.HasError() {
			t.Fatal(diags)
		}
		if m.Dependents.IsNull() != row.null || !row.null && len(m.Dependents.Elements()) != len(row.dependents) {
			t.Errorf("%s: %v", name, m.Dependents)
		}
	}
}

func TestRecordAddressChanges(t *testing.T) {
	t.Parallel()
	node := func(id int64, internal string, ipv4, ipv6 []string) platform.Node {
		return platform.Node{ID: id, NodeGroup: "cp", InternalIP: internal, PublicIPv4: ipv4, PublicIPv6: ipv6}
	}
	value, none := types.StringValue, types.StringNull()
	for name, row := range map[string]struct {
		before, after platform.Node
		want          map[string]types.String
	}{
		"the same": {node(1, "10.0.0.1", []string{"192.0.2.1"}, nil), node(1, "10.0.0.1", []string{"192.0.2.1"}, nil),
			nil},
		"internal": {node(1, "10.0.0.1", []string{"192.0.2.1"}, nil), node(1, "10.0.0.2", []string{"192.0.2.1"}, nil),
			map[string]types.String{"10.0.0.1": value("10.0.0.2")}},
		"all": {node(1, "10.0.0.1", []string{"192.0.2.1", "192.0.2.2"}, []string{"2001:db8::1"}),
			node(1, "10.0.0.2", []string{"192.0.2.3", "192.0.2.4"}, []string{"2001:db8::2"}),
			map[string]types.String{"10.0.0.1": value("10.0.0.2"), "192.0.2.1": value("192.0.2.3"),
				"192.0.2.2": value("192.0.2.4"), "2001:db8::1": value("2001:db8::2")}},
		"one is lost": {node(1, "10.0.0.1", []string{"192.0.2.1", "192.0.2.2"}, nil),
			node(1, "10.0.0.1", []string{"192.0.2.1"}, nil), map[string]types.String{"192.0.2.2": none}},
		"not reported": {node(1, "10.0.0.1", nil, nil), node(1, "", nil, nil), map[string]types.String{"10.0.0.1": none}},
		"one is new":   {node(1, "", nil, nil), node(1, "10.0.0.2", []string{"192.0.2.1"}, nil), nil},
	} {
		got := newAddresses([]platform.Node{row.before}, []platform.Node{row.after})
		if !maps.EqualFunc(got, row.want, func(a, b types.String) bool { return a.Equal(b) }) ||
			(got == nil) != (row.want == nil) {
			t.Errorf("%s: %v, want %v", name, got, row.want)
		}
	}
}
