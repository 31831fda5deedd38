package environment_test

import (
	"testing"
)

// The record distinguishes a live move that endangers something from a harmless one, and lists what depends on an
// address.
func TestRecordListsDatabasesAndDomains(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		config    func(...map[string]any) map[string]any
		policy    map[string]any
		databases any
	}{
		"a harmless move": {shop, nil, nil},
		"a database":      {withDatabase, permitting("allow_live_databases"), []any{"sqldb"}},
		"declared": {shop, policy(map[string]any{"database_layers": []any{"cp", "bl"}, "allow_live_databases": true}),
			[]any{"bl", "cp"}},
		"declared as none": {withDatabase, policy(map[string]any{"database_layers": []any{}}), nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, i := newCreated(t, row.config())
			for _, domain := range []string{"www.example.com", "shop.example.com"} {
				if err := p.Client.BindDomain(t.Context(), "shop-prod", domain); err != nil {
					t.Fatal(err)
				}
			}
			refresh(t, i)
			live := map[string]any{"mode": "live"}
			if row.policy != nil {
				live = row.policy["migration_policy"].(map[string]any)
				live["mode"] = "live"
			}
			planned := plan(t, i, row.config(region(performance), policy(live)))
			said := map[string]any{"mode": "live", "reason": "requested", "databases": row.databases, "mounts": nil,
				"custom_domains": []any{"shop.example.com", "www.example.com"}}
			expectValues(t, get(t, planned.State, "planned_migration").(map[string]any), said)
		})
	}
}

// If a cost is incomplete, the record itself says so.
func TestRecordListsCostExclusions(t *testing.T) {
	t.Parallel()
	_, i := newCreated(t, shop())
	price := []any{map[string]any{"from": 1, "price": 0.01}}
	i.Provider["prices"] = map[string]any{
		economy: map[string]any{"currency": "EUR", "reserved_cloudlet": price, "dynamic_cloudlet": price},
		performance: map[string]any{"currency": "EUR", "reserved_cloudlet": price, "dynamic_cloudlet": price,
			"disk_gb": price, "public_ipv4": price},
	}
	refresh(t, i)
	expectValues(t, plan(t, i, shop(region(performance))).State, map[string]any{
		"planned_migration.cost_excludes": []any{"disk_gb", "public_ipv4"}, "planned_migration.currency": "EUR",
	})
}
