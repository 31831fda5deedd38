package migration

import (
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// Took is how long a migration took.
type Took struct {
	Environment string
	Duration    time.Duration
}

// LastTook is how long the last successful migration of the environment took of those that were asked for in the given
// mode, else the last one of the account. Nil means that the log has none, or does not tell how migrations were asked
// for.
func LastTook(actions []platform.Action, environment string, mode Mode) *Took {
	ofMode := func(a platform.Action) bool {
		return a.Live != nil && *a.Live == (mode == ModeLive) && !a.Started.IsZero() && !a.Finished.Before(a.Started)
	}
	last := lastMigration(actions, func(a platform.Action) bool { return ofMode(a) && a.Environment == environment })
	if last == nil {
		last = lastMigration(actions, ofMode)
	}
	if last == nil {
		return nil
	}
	return &Took{Environment: last.Environment, Duration: last.Finished.Sub(last.Started)}
}
