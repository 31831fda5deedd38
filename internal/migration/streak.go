package migration

import (
	"slices"
	"time"
)

// Streak counts how many times in a row the same thing was seen, and since when.
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

// Confirms reports whether a streak is long enough to be believed.
func (l Limits) Confirms(s Streak) bool {
	return s.Looks > 0 && s.Looks >= l.Looks && s.Until.Sub(s.Since) >= l.Settle
}

// restsSince is the time from which on a look that shows the environment idle in its original region counts: not while
// the call is open or a current action is still running.
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

// streak returns how often and since when the last looks show the same sight, leaving out those that show nothing.
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
