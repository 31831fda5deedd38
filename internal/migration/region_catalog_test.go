package migration

import (
	"testing"
)

func TestRegionLabel(t *testing.T) {
	t.Parallel()
	for want, r := range map[string]Region{
		"north":               {Name: "north"},
		"south":               {Name: "south", DisplayName: "south"},
		"east (Eastern Land)": {Name: "east", DisplayName: "Eastern Land"},
	} {
		if got := r.Label(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestNearestOfEquallySimilarRegionsIsTheFirst(t *testing.T) {
	t.Parallel()
	catalog := RegionCatalog{Regions: []Region{{Name: "north-1", Enabled: true}, {Name: "north-2", Enabled: true}}}
	if got := catalog.Nearest("north-3"); got != "north-1" {
		t.Errorf("nearest to north-3 is %q", got)
	}
}

func TestWhyNotLive(t *testing.T) {
	t.Parallel()
	north := Region{Name: "north-1", Datacenter: "north", MigrationAllowed: true}
	closed := Region{Name: "north-2", Datacenter: "north"}
	south := Region{Name: "south-1", Datacenter: "south", MigrationAllowed: true}
	nowhere := Region{Name: "atlantis"}
	for _, row := range []struct {
		from, to Region
		why      string
	}{
		{north, north, ""},
		{north, south, "the regions are in different data centres (north and south)"},
		{north, nowhere, "the platform does not list region atlantis or its data centre"},
		{nowhere, north, "the platform does not list region atlantis or its data centre"},
		{nowhere, nowhere, "the platform does not list region atlantis or its data centre"},
		{north, closed, "data centre north does not allow migration"},
		{closed, north, "data centre north does not allow migration"},
	} {
		if possible, why := (RegionCatalog{}).LivePossible(row.from, row.to); possible != (row.why == "") || why != row.why {
			t.Errorf("from %s to %s: %v, %q, want %q", row.from.Name, row.to.Name, possible, why, row.why)
		}
	}
}
