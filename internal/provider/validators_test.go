package provider_test

import (
	"strings"
	"testing"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
)

func TestValidators(t *testing.T) {
	t.Parallel()
	pair := func(a, b any) object { return object{"between": []any{a, b}, "possible": true} }
	tier := func(from, price any) object { return object{"from": from, "price": price} }
	prices := func(tiers ...any) object {
		return object{"prices": object{"north-economy": object{"currency": "EUR", "reserved_cloudlet": tiers}}}
	}
	tests := map[string]struct {
		config object
		at     string
	}{
		"everything right": {config: object{
			"endpoint": "https://app.paas.example.com/1.0/", "token": "0123456789abcdef0123456789abcdef01234567",
			"app_id": "1dd8", "owner_uid": 1, "max_concurrent_migrations": 1, "requests_per_second": 1,
			"migration_enforcement": "apply",
			"live_migration":        []any{pair("a", "b"), pair("a", "c")},
			"prices": object{"a": object{
				"currency": "EUR", "reserved_cloudlet": []any{tier(nil, 0), tier(16, 0.1)}, "public_ipv4": []any{tier(0, 1)},
			}},
			"local_platform": object{"directory": ".vap", "catalogue": "c.json", "time_scale": 0.5},
		}},
		"loopback without TLS": {config: object{"endpoint": "http://127.0.0.1:8787"}},

		"empty endpoint": {object{"endpoint": ""}, "endpoint"},
		"empty token":    {object{"token": ""}, "token"},
		"empty app_id":   {object{"app_id": ""}, "app_id"},
		"owner below 1":  {object{"owner_uid": 0}, "owner_uid"},
		"no migrations":  {object{"max_concurrent_migrations": 0}, "max_concurrent_migrations"},
		"no requests":    {object{"requests_per_second": 0}, "requests_per_second"},
		"enforcement":    {object{"migration_enforcement": "never"}, "migration_enforcement"},
		"one region": {object{"live_migration": []any{object{"between": []any{"a"}, "possible": true}}},
			"live_migration[0].between"},
		"same region":    {object{"live_migration": []any{pair("a", "a")}}, "live_migration[0].between"},
		"unnamed region": {object{"live_migration": []any{pair("a", "")}}, "live_migration[0].between[1]"},
		"pair twice":     {object{"live_migration": []any{pair("a", "b"), pair("b", "a")}}, "live_migration[1].between"},
		"currency": {object{"prices": object{"a": object{"currency": "Euro", "reserved_cloudlet": []any{tier(1, 1)}}}},
			`prices["a"].currency`},
		"price below 0":   {prices(tier(1, -1)), `prices["north-economy"].reserved_cloudlet[0].price`},
		"from below 0":    {prices(tier(-1, 1)), `prices["north-economy"].reserved_cloudlet[0].from`},
		"no tiers":        {prices(), `prices["north-economy"].reserved_cloudlet`},
		"tiers twice":     {prices(tier(nil, 1), tier(0, 2)), `prices["north-economy"].reserved_cloudlet[1].from`},
		"empty directory": {object{"local_platform": object{"directory": ""}}, "local_platform.directory"},
		"time scale below": {object{"local_platform": object{"directory": "d", "time_scale": 0}},
			"local_platform.time_scale"},
	}
	server := acctest.NewServer(t)
	for name, test := range tests {
		diags := server.Validate(test.config)
		if test.at == "" {
			if len(diags) > 0 {
				t.Errorf("%s: %s", name, acctest.Text(diags))
			}
			continue
		}
		t.Run(name, func(t *testing.T) { acctest.ExpectOne(t, diags, isError, test.at) })
	}
}

// TestEverythingIsDocumented keeps the registry's pages complete.
func TestEverythingIsDocumented(t *testing.T) {
	t.Parallel()
	for _, a := range acctest.NewServer(t).Schema.Provider.Block.Attributes {
		if !strings.HasSuffix(a.Description, ".") && !strings.HasSuffix(a.Description, ")") {
			t.Errorf("%s: the description is not made of sentences: %q", a.Name, a.Description)
		}
		for _, part := range []string{"efault", "`"} {
			if a.NestedType == nil && !strings.Contains(a.Description, part) {
				t.Errorf("%s: the description lacks a default or an example: %q", a.Name, a.Description)
			}
		}
	}
}
