package migration

import (
	"slices"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// Evidence is everything known about one migration of one environment at one moment. It is plain data, and Judge
// decides from it alone. Times are on the clock of the machine that runs Terraform; the client has converted the
// platform's.
type Evidence struct {
	Now   time.Time
	Order Order
	// Before is the environment's status before the migration; StatusAbsent if it is not known.
	Before platform.Status
	// Looks are the reads of the environment, earliest first.
	Looks []Look
	// Check is the platform's latest answer on whether it would migrate the environment.
	Check Check
	Call  Call
	// Journals are readings of the platform's current and past actions, earliest first.
	Journals []Journal
	Limits   Limits
	// Interrupted is why the run stopped waiting; nil while it waits.
	Interrupted error
}

// Limits are the times that the platform may take to show a change. With the zero value, everything is believed at
// once.
type Limits struct {
	// Settle is how long, and Looks how often at least, bad news must be seen before it is believed.
	Settle time.Duration
	Looks  int
	// Believe is how long a reported success may take to show.
	Believe time.Duration
	// Appear is how long after the request a migration may start to show.
	Appear time.Duration
}

// remembered is how long to wait for a success in the platform's log to show instead of requesting again. It is longer
// than the difference of any two time zones, because the log may not be in the zone that it claims.
const remembered = 24 * time.Hour

// Look is one read of the environment.
type Look struct {
	At time.Time
	// Err is why the environment could not be read; nil if it was.
	Err    error
	Status platform.Status
	Broken bool
	Region string
	AppID  string
	// Listed reports that a list shows the environment although the platform does not know it by name.
	Listed bool
	// Stopped reports that nodes were seen stopped.
	Stopped bool
	// Stale reports that addresses or the domain are still the old ones although the migration changes them.
	Stale bool
}

// Check is the platform's answer on whether it would migrate the environment. It is zero before the question.
type Check struct {
	At  time.Time
	Err error
}

// Call is the request for the migration. It is zero before the request.
type Call struct {
	// Key is the request key that the platform's log is expected to show for the call.
	Key   string
	Asked time.Time
	// Answered is when the call ended; zero while it is open. Err is its error: nil if the platform accepted.
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

// sight is the result of one look.
type sight int

const (
	sightUnseen  sight = iota // nothing that decides anything
	sightDenied               // this token may not look
	sightMissing              // the platform says that the environment does not exist
	sightAnother              // another environment of the name
	sightAtWork               // an operation is running on it
	sightBroken
	sightSource // idle in its original region
	sightTarget // idle in the target region
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

// rests reports whether no operation is running on an environment. An unknown status number counts as running.
func rests(s platform.Status) bool {
	switch s {
	case platform.StatusRunning, platform.StatusStopped, platform.StatusSleeping, platform.StatusSuspended:
		return true
	}
	return false
}

// isAnother reports whether a look shows another environment of the same name. A migrated environment may have another
// identifier.
func (e Evidence) isAnother(l Look) bool {
	if e.Order.AppID == "" || l.AppID == "" || l.AppID == e.Order.AppID || e.asked() || e.underWay() {
		return false
	}
	return l.Region != e.Order.To || e.Order.Intent.To != e.Order.To && e.toldAt().IsZero()
}

func (e Evidence) last() Look { return e.Looks[len(e.Looks)-1] }

func (e Evidence) asked() bool    { return !e.Call.Asked.IsZero() }
func (e Evidence) answered() bool { return !e.Call.Answered.IsZero() }

// refused reports whether the platform itself refused the call. That another operation is already running does not
// count as a refusal of this migration.
func (e Evidence) refused() bool {
	err := e.Call.Err
	return e.answered() && !platform.IsWrongState(err) &&
		(platform.IsRefusal(err) || platform.IsAuthentication(err) || platform.IsPermission(err))
}

// underWay reports whether the migration has been seen running: in the status or among the platform's current actions.
// One that is known to go elsewhere does not count.
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

// goesElsewhere reports whether somebody's migration to another region was seen.
func (e Evidence) goesElsewhere() bool {
	return slices.ContainsFunc(e.Journals, func(j Journal) bool {
		return slices.ContainsFunc(j.Current, func(a platform.Action) bool {
			return a.Kind == platform.ActionMigrate && a.Region != "" && !e.isWanted(a)
		})
	})
}

// Adopted reports whether an earlier run or somebody else requested the migration.
func (e Evidence) Adopted() bool {
	if e.asked() {
		return platform.IsWrongState(e.Call.Err)
	}
	return e.underWay() || e.cameMeanwhile()
}

// cameMeanwhile reports whether the environment was seen in its original region and then in the target.
func (e Evidence) cameMeanwhile() bool {
	return len(e.Looks) > 1 && e.sight(e.Looks[0]) == sightSource && e.sight(e.last()) == sightTarget
}

// Started reports whether the platform may be carrying out this run's request.
func (e Evidence) Started() bool {
	return e.asked() && (!e.answered() || !platform.IsTransient(e.Call.Err) && !platform.IsWrongState(e.Call.Err))
}
