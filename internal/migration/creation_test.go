package migration

import (
	"testing"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// The environment of a creation may still appear only if the creation is recent and the last entry about the
// environment.
func TestRecentCreation(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	ok, failed := 0, 4099
	entry := func(id int64, kind platform.ActionKind, result *int, ago time.Duration) platform.Action {
		return platform.Action{ID: id, Kind: kind, Environment: "shop-prod", Result: result, Finished: now.Add(-ago)}
	}
	another := entry(1, platform.ActionCreate, &ok, time.Minute)
	another.Environment = "shop-test"
	for name, row := range map[string]struct {
		log  []platform.Action
		want int64
	}{
		"nothing":             {nil, 0},
		"created":             {[]platform.Action{entry(1, platform.ActionCreate, &ok, time.Minute)}, 1},
		"just young enough":   {[]platform.Action{entry(1, platform.ActionCreate, &ok, 5*time.Minute-time.Second)}, 1},
		"long ago":            {[]platform.Action{entry(1, platform.ActionCreate, &ok, 5*time.Minute)}, 0},
		"the clocks differ":   {[]platform.Action{entry(1, platform.ActionCreate, &ok, -time.Minute)}, 1},
		"failed":              {[]platform.Action{entry(1, platform.ActionCreate, &failed, time.Minute)}, 0},
		"no result":           {[]platform.Action{entry(1, platform.ActionCreate, nil, time.Minute)}, 0},
		"another environment": {[]platform.Action{another}, 0},
		"started": {[]platform.Action{entry(2, platform.ActionStart, &ok, time.Second),
			entry(1, platform.ActionCreate, &ok, time.Minute)}, 1},
		"deleted since": {[]platform.Action{entry(2, platform.ActionDelete, &ok, time.Second),
			entry(1, platform.ActionCreate, &ok, time.Minute)}, 0},
		"deleted at once": {[]platform.Action{entry(1, platform.ActionCreate, &ok, time.Minute),
			entry(2, platform.ActionDelete, &ok, time.Minute)}, 0},
		"deletion failed": {[]platform.Action{entry(2, platform.ActionDelete, &failed, time.Second),
			entry(1, platform.ActionCreate, &ok, time.Minute)}, 1},
		"deleted before": {[]platform.Action{entry(1, platform.ActionDelete, &ok, 2*time.Minute),
			entry(2, platform.ActionCreate, &ok, time.Minute)}, 2},
		"several, in any order": {[]platform.Action{entry(1, platform.ActionCreate, &ok, 4*time.Minute),
			entry(3, platform.ActionCreate, &ok, time.Minute), entry(2, platform.ActionDelete, &ok, 2*time.Minute)}, 3},
	} {
		got := int64(0)
		if a := recentCreation(row.log, "shop-prod", now, 5*time.Minute); a != nil {
			got = a.ID
		}
		if got != row.want {
			t.Errorf("%s: %d, want %d", name, got, row.want)
		}
	}
}
