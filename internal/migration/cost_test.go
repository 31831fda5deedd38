package migration

import "testing"

// Two costs compare only if the actual rise is at least as large as the difference between them.
func TestCostsThatCanBeCompared(t *testing.T) {
	t.Parallel()
	cost := func(currency string, excludes ...string) Cost { return Cost{Currency: currency, Excludes: excludes} }
	for name, row := range map[string]struct {
		before, after Cost
		want          bool
	}{
		"of one kind":          {cost("EUR"), cost("EUR"), true},
		"without currencies":   {cost(""), cost(""), true},
		"in other currencies":  {cost("EUR"), cost("USD"), false},
		"one currency unknown": {cost("EUR"), cost(""), false},
		"both leave out":       {cost("EUR", "disk_gb"), cost("EUR", "disk_gb"), true},
		"the old one leaves":   {cost("EUR", "disk_gb"), cost("EUR"), true},
		"the new one leaves":   {cost("EUR"), cost("EUR", "disk_gb"), false},
		"each leaves another":  {cost("EUR", "disk_gb"), cost("EUR", "public_ipv4"), false},
		"the new one also":     {cost("EUR", "disk_gb"), cost("EUR", "disk_gb", "public_ipv4"), false},
	} {
		if got := row.before.ComparesWith(row.after); got != row.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
