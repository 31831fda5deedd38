package migration

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // for machines without a time zone database; a machine's own is preferred
)

// Window is the time in each week in which migrations may start. Its methods are pure functions of the given time and
// read no clock.
type Window struct {
	// Days are the days on which it opens, in the order of the week; none means every day.
	Days []time.Weekday
	// Start is the time of day at which it opens, as the time since midnight on the wall clock of Zone. If the wall
	// clock skips it, the window opens when the clock goes on; if it occurs twice, at the first.
	Start time.Duration
	// Length is how long it stays open, in elapsed time, up to MaxWindow, whatever the wall clock does in between.
	Length time.Duration
	Zone   *time.Location
}

// MaxWindow is the greatest length of a window.
const MaxWindow = 7 * 24 * time.Hour

// DayNames are the days as a window takes them, in the order of the week.
var DayNames = []string{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}

// NewWindow creates a window from days (some of DayNames, none for every day), a start such as 22:00, a length such as
// 4h and the name of a time zone such as Europe/Berlin. Its errors say what is wrong.
func NewWindow(days []string, start, length, zone string) (*Window, error) {
	w := &Window{}
	for i, name := range DayNames {
		if slices.Contains(days, name) {
			w.Days = append(w.Days, time.Weekday((i+1)%7))
		}
	}
	at, err := time.Parse("15:04", start)
	if err != nil {
		return nil, fmt.Errorf("%q is no time of day such as 22:00", start)
	}
	w.Start = time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute
	if w.Length, err = time.ParseDuration(length); err != nil || w.Length <= 0 || w.Length > MaxWindow {
		return nil, fmt.Errorf("%q is no duration such as 4h of at most %s", length, hours(MaxWindow))
	}
	w.Zone, err = LoadZone(zone)
	return w, err
}

// LoadZone finds a time zone by name. It refuses the machine's local zone, because a plan would mean something else on
// another machine.
func LoadZone(name string) (*time.Location, error) {
	if name == "" || name == "Local" {
		return nil, errors.New(`a name of the IANA database is needed, such as "Europe/Berlin" or "UTC"`)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("the IANA database has no time zone %q", name)
	}
	return zone, nil
}

// String describes the window, for example "Sat, Sun 22:00 for 4h, Europe/Berlin".
func (w *Window) String() string {
	days := "every day"
	if len(w.Days) > 0 {
		var names []string
		for _, day := range w.Days {
			names = append(names, DayNames[(day+6)%7])
		}
		days = strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s %s for %s, %s", days, time.Time{}.Add(w.Start).Format("15:04"), hours(w.Length), w.Zone)
}

// hours formats a duration without trailing units that are zero.
func hours(d time.Duration) string {
	text := d.String()
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, zero) {
			text = text[:len(text)-2]
		}
	}
	return text
}

// Period returns the uninterrupted time in which the window is open: the one that contains t, or else the next. It
// includes opens and excludes closes, which is zero if the window does not close within weeks. If the period contains
// t, opens is some time in it that is not after t.
func (w *Window) Period(t time.Time) (opens, closes time.Time) {
	const weeks = 3 * MaxWindow
	year, month, day := t.In(w.Zone).Date()
	// A window that opened up to its own length ago may still be open; wall clocks have skipped a whole day.
	for day -= 9; ; day++ {
		midnight := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
		if len(w.Days) > 0 && !slices.Contains(w.Days, midnight.Weekday()) {
			continue
		}
		next := w.firstAt(midnight.Add(w.Start))
		switch {
		case opens.IsZero(), next.After(closes) && !closes.After(t):
			opens = next
		case next.After(closes):
			return opens, closes
		case next.After(t.Add(weeks)):
			return opens, time.Time{}
		}
		closes = next.Add(w.Length)
	}
}

// firstAt returns the first instant at which the wall clock shows a time, given as if it were in UTC, or a later one.
func (w *Window) firstAt(wall time.Time) time.Time {
	// No zone is as far from UTC as this.
	for from := wall.Add(-48 * time.Hour); ; {
		_, offset := from.In(w.Zone).Zone()
		_, until := from.In(w.Zone).ZoneBounds()
		if !until.IsZero() && !until.After(from) {
			// Where a zone's data end in a rule, Go ends each year after 365 days, which leaves nothing of the last day
			// of a leap year. Clocks change at quarters of an hour.
			until = from.Add(15 * time.Minute)
		}
		at := wall.Add(-time.Duration(offset) * time.Second)
		if at.Before(from) {
			at = from
		}
		if until.IsZero() || at.Before(until) {
			return at.In(w.Zone)
		}
		from = until
	}
}
