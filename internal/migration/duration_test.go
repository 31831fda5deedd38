package migration

import (
	"testing"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

func TestLastTook(t *testing.T) {
	t.Parallel()
	began := time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC)
	var id int64
	entry := func(environment string, day int, took time.Duration, result int, live any) platform.Action {
		id++
		a := platform.Action{
			ID: id, Kind: platform.ActionMigrate, Environment: environment, Started: began.AddDate(0, 0, day), Result: &result,
		}
		if a.Finished = a.Started.Add(took); took == 0 {
			a.Finished = time.Time{}
		}
		if live, ok := live.(bool); ok {
			a.Live = &live
		}
		return a
	}
	own, other := entry("shop", 1, 6*time.Minute, 0, false), entry("blog", 2, 9*time.Minute, 0, false)
	another := own
	another.Kind = platform.ActionStop
	for name, row := range map[string]struct {
		log  []platform.Action
		want *Took
	}{
		"this environment's": {[]platform.Action{own, other}, &Took{Environment: "shop", Duration: 6 * time.Minute}},
		"the last one": {[]platform.Action{own, entry("shop", 3, time.Minute, 0, false), other},
			&Took{Environment: "shop", Duration: time.Minute}},
		"the account's":          {[]platform.Action{other}, &Took{Environment: "blog", Duration: 9 * time.Minute}},
		"a live one":             {[]platform.Action{entry("shop", 3, time.Minute, 0, true)}, nil},
		"one that failed":        {[]platform.Action{entry("shop", 3, time.Minute, 4099, false)}, nil},
		"one of an unknown kind": {[]platform.Action{entry("shop", 3, time.Minute, 0, nil)}, nil},
		"one without an end":     {[]platform.Action{entry("shop", 3, 0, 0, false)}, nil},
		"another action":         {[]platform.Action{another}, nil},
		"no history":             {nil, nil},
	} {
		got := LastTook(row.log, "shop", ModeOffline)
		if (got == nil) != (row.want == nil) || got != nil && *got != *row.want {
			t.Errorf("%s: %v, want %v", name, got, row.want)
		}
	}
}
