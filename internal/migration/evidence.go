package migration

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// Evidence is everything that is known about one migration of one environment at one moment. It is plain data: Judge
// decides from it alone. Times are by the clock of the machine that runs Terraform; the client has converted the
// platform's.
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

// Limits say how long the platform may take to show what is so. A zero value believes everything at once.
type Limits struct {
	// Settle is for how long bad news has to be seen, Looks how often at least, before it is believed.
	Settle time.Duration
	Looks  int
	// Believe is how long a success that the platform has told may take to show.
	Believe time.Duration
	// Appear is how long after it was asked for a migration may begin to show.
	Appear time.Duration
}

// remembered is for how long a success in the platform's log is waited for instead of asking again. It is longer than any
// two time zones are apart, because the log's may not be the one that it claims.
const remembered = 24 * time.Hour

// Look is one look at the environment.
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

// Check is an answer to the question whether the platform would migrate the environment. It is zero before the question.
type Check struct {
	At  time.Time
	Err error
}

// Call is the call that asks for the migration. It is zero before the call.
type Call struct {
	// Key is what the platform's log is expected to know the call by.
	Key   string
	Asked time.Time
	// Answered is when the call ended; zero while it is open. Err is how: nil if the platform accepted.
	Answered time.Time
	Err      error
}

// Journal is one reading of the platform's actions: those of the environment, with why they could not be read.
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

// isAnother says whether a look shows another environment of the name. One that has migrated may have another identifier.
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

// underWay says whether the migration has been seen under way: in the status or among the platform's current actions. One
// that is known to go elsewhere is none.
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

// Adopted says whether the migration that the evidence is about was asked for by an earlier run or by somebody else.
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

// Started says whether the platform may be carrying out what this run asked for.
func (e Evidence) Started() bool {
	return e.asked() && (!e.answered() || !platform.IsTransient(e.Call.Err) && !platform.IsWrongState(e.Call.Err))
}

// isOurs says whether an action carries the key of this wish: of this run, or of an earlier one that wished the same.
func (e Evidence) isOurs(a platform.Action) bool {
	key := a.RequestKey
	switch {
	case key == "":
		return false
	case key == e.Call.Key, e.Order.Intent.To == e.Order.To && key == e.Order.Intent.RequestKey:
		return true
	}
	return e.Order.RequestKey != "" && (key == e.Order.RequestKey || strings.HasPrefix(key, e.Order.RequestKey+attemptMark))
}

// isWanted says whether an action is a migration that goes where this one is to go, whoever asked for it.
func (e Evidence) isWanted(a platform.Action) bool {
	return a.Kind == platform.ActionMigrate && (a.Region == e.Order.To || e.isOurs(a))
}

// tolerance is by how much times of the platform's log may be off although the clocks agree: they are told to the second.
const tolerance = 2 * time.Second

// isThis says whether a finished action is the migration that the evidence is about: by its key, or, where the log does
// not tell keys or somebody else asked for it, because it ended while this run was about it.
func (e Evidence) isThis(a platform.Action) bool {
	switch key := a.RequestKey; {
	case a.Kind != platform.ActionMigrate, a.Result == nil, e.isEarlier(a):
		return false
	case key != "" && e.asked() && !e.Adopted():
		// An earlier run of which nothing was stored has used the same key, and the log may be late to tell of its failure.
		return key == e.Call.Key && (succeeded(a) || a.Finished.IsZero() || e.endedMeanwhile(a))
	case key != "" && e.isFollowed(key):
		return true
	}
	return (e.asked() || e.underWay()) && e.isWanted(a) && e.endedMeanwhile(a)
}

// endedMeanwhile says whether an action ended while this run was about the migration.
func (e Evidence) endedMeanwhile(a platform.Action) bool {
	return within(a.Finished, e.began(), e.Now)
}

// zoneStep is what time zones differ by, or a multiple of it.
const zoneStep = 15 * time.Minute

// failedInAnyZone is the failure of the call in a log that may be in a wrong time zone, as far as it can be told from that
// of an earlier attempt; nil if there is none.
func (e Evidence) failedInAnyZone() *platform.Action {
	for _, j := range slices.Backward(e.Journals) {
		for i, a := range j.Past {
			if e.asked() && !e.Adopted() && a.Kind == platform.ActionMigrate && a.RequestKey != "" && a.RequestKey == e.Call.Key &&
				a.Result != nil && !succeeded(a) && !e.isEarlier(a) && e.endedInAnyZone(a) {
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
	return off.Abs() < remembered && (within(shifted, e.began(), e.Now) || within(shifted.Add(-zoneStep), e.began(), e.Now))
}

// began is since when this run is about the migration.
func (e Evidence) began() time.Time {
	if e.asked() {
		return e.Call.Asked
	}
	return e.Looks[0].At
}

// within says whether a time of the log lies between two times.
func within(at, from, to time.Time) bool {
	return !at.Before(from.Add(-tolerance)) && !at.After(to.Add(tolerance))
}

// isFollowed says whether a key is that of a migration which this run has found under way.
func (e Evidence) isFollowed(key string) bool {
	intent := e.Order.Intent
	return e.sawCurrent(key) || e.underWay() && intent.To == e.Order.To && key == intent.RequestKey
}

// isEarlier says whether a finished action stood in the log before this run asked. A failure is an earlier one's also if it
// stood there beside a current action that it is not, or, without a key, before a look that shows the migration go on.
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

// journal is the last reading of the actions since a time; nil if there is none.
func (e Evidence) journal(since time.Time) *Journal {
	if n := len(e.Journals); n > 0 && !e.Journals[n-1].At.Before(since) {
		return &e.Journals[n-1]
	}
	return nil
}

// ended is the end of the migration in the log, the last one if there are several; nil if the log does not have it.
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

// newest is the migration of the environment that succeeded last according to a reading; nil if there is none.
func (j Journal) newest() *platform.Action {
	return lastMigration(j.Past, func(platform.Action) bool { return true })
}

// LastMigration is the migration of an environment that succeeded last according to a list of actions; nil if the list has
// none.
func LastMigration(actions []platform.Action, environment string) *platform.Action {
	return lastMigration(actions, func(a platform.Action) bool { return a.Environment == environment })
}

func lastMigration(actions []platform.Action, about func(platform.Action) bool) *platform.Action {
	var last *platform.Action
	for i, a := range actions {
		if a.Kind == platform.ActionMigrate && succeeded(a) && about(a) && (last == nil || later(a, *last) > 0) {
			last = &actions[i]
		}
	}
	return last
}

func later(a, b platform.Action) int {
	return cmp.Or(a.Finished.Compare(b.Finished), cmp.Compare(a.ID, b.ID))
}

// toldAt is when the platform told that the migration has succeeded, zero if it did not: in its answer, in its log, or to
// an earlier run.
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

// cameBefore says whether the last migration in the log is one to the target that may not show yet: an earlier run's, or
// somebody's from a moment ago.
func (e Evidence) cameBefore(a *platform.Action) bool {
	if a == nil {
		return false
	}
	age := e.Now.Sub(a.Finished).Abs()
	return e.isOurs(*a) && age < remembered || a.Region == e.Order.To && age < e.Limits.Believe
}

// Streak is how often in a row the same was seen, and since when.
type Streak struct {
	Since, Until time.Time
	Looks        int
}

// Add counts a look.
func (s *Streak) Add(at time.Time) {
	if s.Looks == 0 {
		s.Since = at
	}
	s.Until = at
	s.Looks++
}

// Confirms says whether what a streak shows is believed.
func (l Limits) Confirms(s Streak) bool {
	return s.Looks > 0 && s.Looks >= l.Looks && s.Until.Sub(s.Since) >= l.Settle
}

// restsSince is since when a look that shows the environment at rest where it was says something: not while the call has
// not ended or a current action is at work behind that sight.
func (e Evidence) restsSince() time.Time {
	since := e.Call.Asked
	if e.answered() {
		since = e.Call.Answered
	}
	for _, j := range e.Journals {
		if len(j.Current) > 0 && !j.At.Before(since) {
			since = j.At.Add(1)
		}
	}
	return since
}

// streak is how often and since when the last looks show the same sight, leaving out those that show nothing.
func (e Evidence) streak(s sight) Streak {
	var since time.Time
	if s == sightSource {
		since = e.restsSince()
	}
	if s == sightMissing {
		since = e.lastBusy()
	}
	var same []time.Time
	for i := len(e.Looks) - 1; i >= 0; i-- {
		seen := e.sight(e.Looks[i])
		if seen == sightUnseen || seen == sightDenied {
			continue
		}
		if seen != s || e.Looks[i].At.Before(since) {
			break
		}
		same = append(same, e.Looks[i].At)
	}
	var streak Streak
	for _, at := range slices.Backward(same) {
		streak.Add(at)
	}
	return streak
}
