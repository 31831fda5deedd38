package migration

import (
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// Took is the duration of a migration.
type Took struct {
	Environment string
	Duration    time.Duration
}

// LastTook returns the duration of the environment's last successful migration that was requested in the mode, or
// otherwise of the account's last one. It is nil if the log has none, or does not report the mode of requests.
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
