package migration

import (
	"slices"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// Evidence is everything that is known about one migration of one environment at one moment. It is
// plain data, from which alone Judge decides. Times are by the clock of the machine that runs
// Terraform; the client has converted the platform's.
type Evidence struct {
	Now   time.Time
	Order Order
	// Before is the environment's status from before the migration; StatusAbsent if it is not known.
	Before platform.Status
	// Looks are what was seen of the environment, the earliest first.
	Looks []Look
	// Check is the platform's last word on whether it would migrate the environment.
	Check Check
	Call  Call
	// Journals are readings of the platform's current and past actions, the earliest first.
	Journals []Journal
	Limits   Limits
	// Interrupted is why nobody waits any longer; nil while somebody does.
	Interrupted error
}

// Limits is how long the platform may take to show a change. With the zero value, everything is believed at once.
type Limits struct {
	// Settle is for how long bad news has to be seen, Looks how often at least, before it is believed.
	Settle time.Duration
	Looks  int
	// Believe is how long a success that the platform has told may take to show.
	Believe time.Duration
	// Appear is how long after it was asked for a migration may begin to show.
	Appear time.Duration
}

// remembered is for how long a success in the platform's log is waited for instead of asking again. It is longer than
// any two time zones are apart, because the log's may not be the one that it claims.
const remembered = 24 * time.Hour

// Look is one read of the environment.
type Look struct {
	At time.Time
	// Err is why the environment was not seen; nil if it was.
	Err    error
	Status platform.Status
	Broken bool
	Region string
	AppID  string
	// Listed says that a list shows the environment which the platform does not know by its name.
	Listed bool
	// Stopped says that nodes were seen stopped.
	Stopped bool
	// Stale says that addresses or the domain are still the old ones although the migration changes them.
	Stale bool
}

// Check is an answer to the question whether the platform would migrate the
// environment. It is zero before the question.
type Check struct {
	At  time.Time
	Err error
}

// Call is the request for the migration. It is zero before the request.
type Call struct {
	// Key is what the platform's log is expected to know the call by.
	Key   string
	Asked time.Time
	// Answered is when the call ended; zero while it is open. Err is how: nil if the platform accepted.
	Answered time.Time
	Err      error
}

// Journal is one read of the platform's actions on the environment, with the errors of reading them.
type Journal struct {
	At         time.Time
	Current    []platform.Action
	CurrentErr error
	Past       []platform.Action
	PastErr    error
}

// sight is what a look shows.
type sight int

const (
	sightUnseen  sight = iota // nothing that decides anything
	sightDenied               // this token may not look
	sightMissing              // the platform says that the environment does not exist
	sightAnother              // another environment of the name
	sightAtWork               // something is at work on it
	sightBroken
	sightSource // at rest where it was
	sightTarget // at rest where it shall be
	sightElsewhere
)

func (e Evidence) sight(l Look) sight {
	switch {
	case l.Listed:
		return sightUnseen
	case platform.IsMissing(l.Err), l.Err == nil && l.Status == platform.StatusGone:
		return sightMissing
	case platform.IsAuthentication(l.Err), platform.IsPermission(l.Err):
		return sightDenied
	case l.Err != nil, l.Region == "":
		return sightUnseen
	case e.isAnother(l):
		return sightAnother
	case l.Status == platform.StatusBroken, l.Broken:
		return sightBroken
	case l.Status == platform.StatusAbsent:
		return sightUnseen
	case !rests(l.Status):
		return sightAtWork
	case l.Region == e.Order.To:
		return sightTarget
	case l.Region == e.Order.From:
		return sightSource
	}
	return sightElsewhere
}

// rests says whether nothing is at work on an environment. A number that is not known to say so says the contrary.
func rests(s platform.Status) bool {
	switch s {
	case platform.StatusRunning, platform.StatusStopped, platform.StatusSleeping, platform.StatusSuspended:
		return true
	}
	return false
}

// isAnother says whether a look shows another environment of the name. One that has
// migrated may have another identifier.
func (e Evidence) isAnother(l Look) bool {
	if e.Order.AppID == "" || l.AppID == "" || l.AppID == e.Order.AppID || e.asked() || e.underWay() {
		return false
	}
	return l.Region != e.Order.To || e.Order.Intent.To != e.Order.To && e.toldAt().IsZero()
}

func (e Evidence) last() Look { return e.Looks[len(e.Looks)-1] }

func (e Evidence) asked() bool    { return !e.Call.Asked.IsZero() }
func (e Evidence) answered() bool { return !e.Call.Answered.IsZero() }

// refused says whether the platform itself has said no to the call. That something is at work already is no refusal of
// this migration.
func (e Evidence) refused() bool {
	err := e.Call.Err
	return e.answered() && !platform.IsWrongState(err) &&
		(platform.IsRefusal(err) || platform.IsAuthentication(err) || platform.IsPermission(err))
}

// underWay says whether the migration has been seen under way: in the status or among the platform's current actions.
// One that is known to go elsewhere is none.
func (e Evidence) underWay() bool {
	since := e.Call.Asked
	for _, j := range e.Journals {
		if !j.At.Before(since) && slices.ContainsFunc(j.Current, e.isWanted) {
			return true
		}
	}
	if !e.asked() && e.goesElsewhere() {
		return false
	}
	return slices.ContainsFunc(e.Looks, func(l Look) bool {
		return l.Err == nil && !l.At.Before(since) && l.Status == platform.StatusMigrating
	})
}

// goesElsewhere says whether somebody's migration to another region was seen.
func (e Evidence) goesElsewhere() bool {
	return slices.ContainsFunc(e.Journals, func(j Journal) bool {
		return slices.ContainsFunc(j.Current, func(a platform.Action) bool {
			return a.Kind == platform.ActionMigrate && a.Region != "" && !e.isWanted(a)
		})
	})
}

// Adopted says whether an earlier run or somebody else requested the migration.
func (e Evidence) Adopted() bool {
	if e.asked() {
		return platform.IsWrongState(e.Call.Err)
	}
	return e.underWay() || e.cameMeanwhile()
}

// cameMeanwhile says whether the environment was seen where it was and then in the target.
func (e Evidence) cameMeanwhile() bool {
	return len(e.Looks) > 1 && e.sight(e.Looks[0]) == sightSource && e.sight(e.last()) == sightTarget
}

// Started says whether the platform may be carrying out this run's request.
func (e Evidence) Started() bool {
	return e.asked() && (!e.answered() || !platform.IsTransient(e.Call.Err) && !platform.IsWrongState(e.Call.Err))
}
