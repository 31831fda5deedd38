package localplatform

import (
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

// instantOf returns the instant that the record shows.
func (t *tx) instantOf(env *environment) time.Time {
	if env.seenAt.IsZero() {
		return t.now
	}
	return env.seenAt
}

// visibleEnvironment returns the environment with this name or appid as a read sees it, or nil if the read does not
// see it. present is its current record, or nil.
func (c *call) visibleEnvironment(t *tx, name string, present *environment) (*environment, error) {
	env := present
	if c.hooks.Lags() {
		env = nil
		err := c.environments(t, func(e *environment) error {
			if e.Name == name || e.AppID == name {
				env = e
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	if env == nil {
		return nil, nil
	}
	return c.hooks.Appearance(t, env), nil
}

// environments calls f for each environment, sorted by name, as it was at the time that the call reads.
func (c *call) environments(t *tx, f func(*environment) error) error {
	if !c.hooks.Lags() {
		return t.environments(f)
	}
	all, err := c.hooks.Past(t)
	if err != nil {
		return err
	}
	err = t.environments(func(env *environment) error {
		if _, changed := all[env.Name]; !changed {
			all[env.Name] = env
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		env := all[name]
		if env == nil {
			continue
		}
		env.seenAt = t.now.Add(-c.hooks.Lag(name))
		if err := f(env); err != nil {
			return err
		}
	}
	return nil
}

// runningActions calls f with the action id of each running operation, sorted by environment name.
func (c *call) runningActions(t *tx, f func(id int64) error) error {
	if c.hooks.Lags() {
		return c.environments(t, func(env *environment) error {
			if env.Op == nil {
				return nil
			}
			return f(env.Op.ID)
		})
	}
	running := t.bolt.Bucket(bucketRunning)
	return running.ForEach(func(name, _ []byte) error {
		op, _, err := get[runningOperation](running, name)
		if err != nil {
			return err
		}
		return f(op.ID)
	})
}

// actionAsSeen sets the entry to its state at the time that the call reads, and says whether the call sees it.
func (c *call) actionAsSeen(t *tx, a *action) bool {
	at := t.now.Add(-c.hooks.Lag(a.Env))
	if !a.Running && at.Before(a.End) {
		a.Running, a.Result, a.Words = true, wire.ResultOK, ""
	}
	if a.Running {
		return !at.Before(a.Start) && !at.Before(a.Shown)
	}
	return a.Late == 0 || !at.Before(a.End.Add(a.Late))
}

// setDate sets the header Date if the platform's clock is shifted. Otherwise the HTTP server sets it.
func (c *call) setDate(w http.ResponseWriter) {
	if shift := c.hooks.ClockShift(); shift != 0 {
		w.Header().Set("Date", c.platform.now().Add(shift).Format(http.TimeFormat))
	}
}
