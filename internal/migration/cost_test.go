package migration

import "testing"

// Two costs compare only if the actual rise is at least as large as the difference between them.
func TestComparableCosts(t *testing.T) {
	t.Parallel()
	cost := func(currency string, excludes ...string) Cost { return Cost{Currency: currency, Excludes: excludes} }
	for name, row := range map[string]struct {
		before, after Cost
		want          bool
	}{
		"same currency":             {cost("EUR"), cost("EUR"), true},
		"no currencies":             {cost(""), cost(""), true},
		"different currencies":      {cost("EUR"), cost("USD"), false},
		"one currency unknown":      {cost("EUR"), cost(""), false},
		"same exclusions":           {cost("EUR", "disk_gb"), cost("EUR", "disk_gb"), true},
		"only the old one excludes": {cost("EUR", "disk_gb"), cost("EUR"), true},
		"only the new one excludes": {cost("EUR"), cost("EUR", "disk_gb"), false},
		"different exclusions":      {cost("EUR", "disk_gb"), cost("EUR", "public_ipv4"), false},
		"new one excludes more":     {cost("EUR", "disk_gb"), cost("EUR", "disk_gb", "public_ipv4"), false},
	} {
		if got := row.before.ComparesWith(row.after); got != row.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
