package migration

import (
	"testing"
)

func TestNearestPrefersFirstOfEquallySimilar(t *testing.T) {
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
		why      LiveObstacle
	}{
		{north, north, ""},
		{north, south, ObstacleOtherDatacenter},
		{north, nowhere, ObstacleUnlisted},
		{nowhere, north, ObstacleUnlisted},
		{nowhere, nowhere, ObstacleUnlisted},
		{north, closed, ObstacleClosed},
		{closed, north, ObstacleClosed},
	} {
		if why := (RegionCatalog{}).LiveObstacle(row.from, row.to); why != row.why {
			t.Errorf("from %s to %s: %q, want %q", row.from.Name, row.to.Name, why, row.why)
		}
	}
	catalog := RegionCatalog{LivePairs: []LivePair{{A: "north-1", B: "south-1", Possible: true},
		{A: "north-2", B: "south-1"}}}
	if why := catalog.LiveObstacle(south, north); why != "" {
		t.Errorf("a declared pair: %q", why)
	}
	if why := catalog.LiveObstacle(south, closed); why != ObstacleRuledOut {
		t.Errorf("an excluded pair: %q", why)
	}
}
