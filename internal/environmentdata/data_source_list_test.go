package environmentdata_test

import (
	"reflect"
	"strings"
	"testing"
)

func TestListFilters(t *testing.T) {
	t.Parallel()
	p := newPlatformWithPlaces(t)
	for _, row := range []struct {
		filters map[string]any
		want    string
	}{
		{nil, "docs-prod shop-prod shop-test shopping wiki-prod"},
		{map[string]any{"region": economy}, "docs-prod shop-test shopping"},
		{map[string]any{"region": "north-standard"}, ""},
		{map[string]any{"datacenter": "north"}, "docs-prod shop-prod shop-test shopping"},
		{map[string]any{"datacenter": "east"}, ""},
		{map[string]any{"group": "shop"}, "docs-prod shop-prod shop-test"},
		{map[string]any{"group": "shop/prod"}, "shop-prod"},
		{map[string]any{"group": "prod"}, ""},
		{map[string]any{"status": "stopped"}, "shop-test"},
		{map[string]any{"status": "running", "region": economy}, "docs-prod shopping"},
		{map[string]any{"status": "migrating"}, ""},
		{map[string]any{"name_pattern": "shop-*"}, "shop-prod shop-test"},
		{map[string]any{"name_pattern": "*-prod", "datacenter": "north", "group": "shop"}, "docs-prod shop-prod"},
		{map[string]any{"name_pattern": "shop"}, ""},
	} {
		var got []string
		for _, env := range readData(t, p, "vap_environments", row.filters)["environments"].([]any) {
			got = append(got, env.(map[string]any)["name"].(string))
		}
		if strings.Join(got, " ") != row.want {
			t.Errorf("%v: got %q, want %q", row.filters, got, row.want)
		}
	}
}

// TestListMatchesSingleRead checks that both calls return the same about an environment.
func TestListMatchesSingleRead(t *testing.T) {
	t.Parallel()
	p := newPlatformWithPlaces(t)
	list := readData(t, p, "vap_environments", map[string]any{"name_pattern": "shop-test"})["environments"].([]any)
	expectValues(t, list[0].(map[string]any), map[string]any{"name": "shop-test", "status": "stopped", "region": economy})
	one := readData(t, p, "vap_environment", map[string]any{"name": "shop-test"})
	if !reflect.DeepEqual(list[0], one) {
		t.Errorf("in the list %v\nalone %v", list[0], one)
	}
}

func TestListOfUnknownLocation(t *testing.T) {
	t.Parallel()
	p := newPlatformWithPlaces(t)
	for _, row := range []struct {
		at, value string
	}{
		{"region", "north-economi"},
		{"datacenter", "nord"},
	} {
		_, d := newServer(t, p).Read("vap_environments", map[string]any{row.at: row.value})
		expectOne(t, d, isError, row.at)
	}
}
