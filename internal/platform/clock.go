package platform

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"sync"
	"time"
)

const (
	// recentAnswers is the number of recent answers among which the quickest one is used.
	recentAnswers = 16
	// slowestAnswer is the longest round trip from which the clock is still measured.
	slowestAnswer = 10 * time.Second
	// sameClock is the difference below which two clocks count as equal: the platform reports whole seconds.
	sameClock = 2 * time.Second
)

// clock measures from answers how far the platform's clock is ahead of ours. The zero value has no measurements. It is
// safe for concurrent use.
type clock struct {
	mu           sync.Mutex
	measurements []clockMeasurement // the recent ones, the oldest first
	asked        bool               // the platform was asked for its time
}

type clockMeasurement struct{ offset, roundTrip time.Duration }

// observe takes a measurement from the Date header of an answer that arrived at the time answered.
func (c *clock) observe(header http.Header, started, answered time.Time) {
	if date, err := http.ParseTime(header.Get("Date")); err == nil {
		c.measure(date, started, answered)
	}
}

// measure assumes that the platform told its time, in whole seconds, in the middle of the round trip.
func (c *clock) measure(theirs, started, answered time.Time) {
	roundTrip := answered.Sub(started)
	if roundTrip > slowestAnswer {
		return
	}
	offset := theirs.Add(time.Second / 2).Sub(started.Add(roundTrip / 2))
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.measurements) == recentAnswers {
		c.measurements = slices.Delete(c.measurements, 0, 1)
	}
	c.measurements = append(c.measurements, clockMeasurement{offset, roundTrip})
}

func (c *clock) offset() (offset time.Duration, known bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.measurements) == 0 {
		return 0, false
	}
	best := slices.MinFunc(c.measurements, func(a, b clockMeasurement) int {
		return cmp.Compare(a.roundTrip, b.roundTrip)
	})
	if best.offset.Abs() < sameClock {
		return 0, true
	}
	return best.offset, true
}

// ask reports whether to ask the platform for its time. It returns true only once.
func (c *clock) ask() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	first := !c.asked
	c.asked = true
	return first
}

// ClockOffset returns the platform's time minus ours, accurate to about a second, from the quickest of the recent
// answers; a difference below 2 s counts as none. It is not known before the first answer, nor if answers have no Date
// header. It sends no request.
func (c *Client) ClockOffset() (offset time.Duration, known bool) { return c.clock.offset() }

// clockOffset returns ClockOffset for the times in an answer. If answers have no Date header, it asks the platform for
// its time; if that fails too, it returns 0.
func (c *Client) clockOffset(ctx context.Context) time.Duration {
	offset, known := c.clock.offset()
	if known || !c.clock.ask() {
		return offset
	}
	r := read("environment/tracking/getserverutctime", "")
	r.bestEffort = true
	var answer struct {
		Object text `json:"object"`
	}
	started := time.Now()
	if err := c.call(ctx, r, &answer); err == nil {
		if theirs := parseTime(answer.Object); !theirs.IsZero() {
			c.clock.measure(theirs, started, time.Now())
		}
	}
	offset, _ = c.clock.offset()
	return offset
}

// onOurClock converts a time of the platform's clock; zero stays zero.
func onOurClock(theirs time.Time, offset time.Duration) time.Time {
	if theirs.IsZero() {
		return theirs
	}
	return theirs.Add(-offset)
}
