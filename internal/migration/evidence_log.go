package migration

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// isOurs reports whether an action has the key of this migration, from this run or from an earlier one with the same
// goal.
func (e Evidence) isOurs(a platform.Action) bool {
	key := a.RequestKey
	switch {
	case key == "":
		return false
	case key == e.Call.Key, e.Order.Intent.To == e.Order.To && key == e.Order.Intent.RequestKey:
		return true
	}
	return e.Order.RequestKey != "" &&
		(key == e.Order.RequestKey || strings.HasPrefix(key, e.Order.RequestKey+attemptMark))
}

// isWanted reports whether an action is a migration to this one's target, whoever requested it.
func (e Evidence) isWanted(a platform.Action) bool {
	return a.Kind == platform.ActionMigrate && (a.Region == e.Order.To || e.isOurs(a))
}

// tolerance is how far times of the platform's log may be off even if the clocks agree: the log has whole seconds.
const tolerance = 2 * time.Second

// isThis reports whether a finished action is the migration that the evidence is about: by its key or, if the log has
// no keys or somebody else requested it, because it ended while this run was working on the migration.
func (e Evidence) isThis(a platform.Action) bool {
	switch key := a.RequestKey; {
	case a.Kind != platform.ActionMigrate, a.Result == nil, e.isEarlier(a):
		return false
	case key != "" && e.asked() && !e.Adopted():
		// An earlier run that stored nothing has used the same key, and the log may show its failure late.
		return key == e.Call.Key && (succeeded(a) || a.Finished.IsZero() || e.endedMeanwhile(a))
	case key != "" && e.isFollowed(key):
		return true
	}
	return (e.asked() || e.underWay()) && e.isWanted(a) && e.endedMeanwhile(a)
}

// endedMeanwhile reports whether an action ended while this run was working on the migration.
func (e Evidence) endedMeanwhile(a platform.Action) bool {
	return within(a.Finished, e.began(), e.Now)
}

// zoneStep is the unit of differences between time zones.
const zoneStep = 15 * time.Minute

// failedInAnyZone returns the failure of the call in a log that may be in a wrong time zone, as far as it can be
// distinguished from that of an earlier attempt; nil if there is none.
func (e Evidence) failedInAnyZone() *platform.Action {
	for _, j := range slices.Backward(e.Journals) {
		for i, a := range j.Past {
			if e.asked() && !e.Adopted() && a.Kind == platform.ActionMigrate && a.RequestKey != "" &&
				a.RequestKey == e.Call.Key &&
				a.Result != nil && !succeeded(a) && !e.isEarlier(a) &&
				e.endedInAnyZone(a) {
				return &j.Past[i]
			}
		}
	}
	return nil
}

// endedInAnyZone is endedMeanwhile for a log that may be in a wrong time zone.
func (e Evidence) endedInAnyZone(a platform.Action) bool {
	off := e.Now.Sub(a.Finished)
	shifted := a.Finished.Add(off.Truncate(zoneStep))
	return off.Abs() < remembered &&
		(within(shifted, e.began(), e.Now) || within(shifted.Add(-zoneStep), e.began(), e.Now))
}

// began is when this run began to work on the migration.
func (e Evidence) began() time.Time {
	if e.asked() {
		return e.Call.Asked
	}
	return e.Looks[0].At
}

// within reports whether a time of the log lies between two times.
func within(at, from, to time.Time) bool {
	return !at.Before(from.Add(-tolerance)) && !at.After(to.Add(tolerance))
}

// isFollowed reports whether a key belongs to a migration that this run found running.
func (e Evidence) isFollowed(key string) bool {
	intent := e.Order.Intent
	return e.sawCurrent(key) || e.underWay() && intent.To == e.Order.To && key == intent.RequestKey
}

// isEarlier reports whether a finished action was in the log before this run's request. A failure is also an earlier
// one if it was in the log at the same time as a different current action or, without a key, before a look at which the
// migration was still running.
func (e Evidence) isEarlier(a platform.Action) bool {
	isSame := func(b platform.Action) bool {
		return a.ID == b.ID && b.Result != nil && (a.ID != 0 || a.Finished.Equal(b.Finished) && a.RequestKey == b.RequestKey)
	}
	isOther := func(current platform.Action) bool {
		return e.isWanted(current) &&
			(current.RequestKey != a.RequestKey || a.RequestKey == "" && current.Started.Sub(a.Started).Abs() > tolerance)
	}
	return slices.ContainsFunc(e.Journals, func(j Journal) bool {
		if !slices.ContainsFunc(j.Past, isSame) {
			return false
		}
		goesOn := func(l Look) bool { return l.Status == platform.StatusMigrating && l.At.After(j.At) }
		return e.asked() && !j.At.After(e.Call.Asked) || !succeeded(a) &&
			(slices.ContainsFunc(j.Current, isOther) || a.RequestKey == "" && slices.ContainsFunc(e.Looks, goesOn))
	})
}

func (e Evidence) sawCurrent(key string) bool {
	return slices.ContainsFunc(e.Journals, func(j Journal) bool {
		return slices.ContainsFunc(j.Current, func(a platform.Action) bool { return a.RequestKey == key && e.isWanted(a) })
	})
}

// journal returns the last reading of the actions since a time; nil if there is none.
func (e Evidence) journal(since time.Time) *Journal {
	if n := len(e.Journals); n > 0 && !e.Journals[n-1].At.Before(since) {
		return &e.Journals[n-1]
	}
	return nil
}

// ended returns the end of the migration in the log, the last one if there are several; nil if the log does not have
// it.
func (e Evidence) ended() *platform.Action {
	var ended *platform.Action
	for _, j := range e.Journals {
		for i, a := range j.Past {
			if e.isThis(a) && (ended == nil || later(a, *ended) >= 0) {
				ended = &j.Past[i]
			}
		}
	}
	return ended
}

func succeeded(a platform.Action) bool { return a.Result != nil && *a.Result == 0 }

// newest returns the environment's last successful migration in a reading; nil if there is none.
func (j Journal) newest() *platform.Action {
	return lastMigration(j.Past, func(platform.Action) bool { return true })
}

// LastChange returns the last successful migration, creation or deletion of an environment in a list of actions; nil if
// the list has none.
func LastChange(actions []platform.Action, environment string) *platform.Action {
	return lastOf(actions, func(a platform.Action) bool {
		changes := a.Kind == platform.ActionMigrate || a.Kind == platform.ActionCreate || a.Kind == platform.ActionDelete
		return changes && succeeded(a) && a.Environment == environment
	})
}

func lastMigration(actions []platform.Action, about func(platform.Action) bool) *platform.Action {
	return lastOf(actions, func(a platform.Action) bool {
		return a.Kind == platform.ActionMigrate && succeeded(a) && about(a)
	})
}

// lastOf returns the action that ended last among those that count; nil if none does.
func lastOf(actions []platform.Action, counts func(platform.Action) bool) *platform.Action {
	var last *platform.Action
	for i, a := range actions {
		if counts(a) && (last == nil || later(a, *last) > 0) {
			last = &actions[i]
		}
	}
	return last
}

func later(a, b platform.Action) int {
	return cmp.Or(a.Finished.Compare(b.Finished), cmp.Compare(a.ID, b.ID))
}

// toldAt is when the platform reported that the migration succeeded, zero if it did not: in its answer, in its log, or
// to an earlier run.
func (e Evidence) toldAt() time.Time {
	if e.answered() && e.Call.Err == nil {
		return e.Call.Answered
	}
	for _, j := range e.Journals {
		if slices.ContainsFunc(j.Past, func(a platform.Action) bool { return succeeded(a) && e.isThis(a) }) ||
			!e.asked() && e.cameBefore(j.newest()) {
			return j.At
		}
	}
	if i := e.Order.Intent; !e.asked() && i.Told && i.To == e.Order.To && e.Now.Sub(i.AskedAt) < remembered {
		return e.Looks[0].At
	}
	return time.Time{}
}

// cameBefore reports whether the last migration in the log went to the target and may not show yet: an earlier run's,
// or somebody's from a moment ago.
func (e Evidence) cameBefore(a *platform.Action) bool {
	if a == nil {
		return false
	}
	age := e.Now.Sub(a.Finished).Abs()
	return e.isOurs(*a) && age < remembered || a.Region == e.Order.To && age < e.Limits.Believe
}
