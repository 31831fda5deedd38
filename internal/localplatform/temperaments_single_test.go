package localplatform

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
)

// A creation that never appears is answered before it fails.
func TestPhantomRespondsAtOnce(t *testing.T) {
	t.Parallel()
	clock := newClock()
	p, c := open(t, Options{Now: clock.Now})
	c.http.Timeout = 10 * time.Second
	inject(t, p, faults.Fault{Kind: faults.Phantom, Method: "createenvironment", Code: 4711, Words: "no"},
		faults.Fault{Kind: faults.Async, Method: "createenvironment", Nth: 2})
	c.create("shop-1", "north-economy")
	clock.advance(minute)
	if past := actions(c.ok("environment.tracking.getuidactions")); len(past) != 1 || past[0]["result"] != 4711.0 ||
		past[0]["error"] != "no" {
		t.Errorf("log: %v", past)
	}
	c.code(11, "environment.control.getenvinfo", "envName", "shop-1")
	c.create("shop-1", "north-economy") // the name is free
}

func TestFlap(t *testing.T) {
	t.Parallel()
	clock := newClock()
	p, c := open(t, Options{Now: clock.Now})
	p.seed(t, "shop-1")
	w := &observer{client: c}
	inject(t, p, delayed(faults.Prolong, "migrate", minute), faults.Fault{Kind: faults.Async, Method: "migrate"},
		forever(faults.Fault{Kind: faults.Flap, Method: "getenvinfo", Environment: "shop-1", Nth: 2}),
		forever(faults.Fault{Kind: faults.Flap, Method: "getenvs"}))
	six := func() string {
		var seen []string
		for range 3 {
			seen = append(seen, w.info(), w.list())
		}
		return strings.Join(seen, ", ")
	}
	if got, want := six(), strings.Repeat(", "+oldRest, 6)[2:]; got != want {
		t.Errorf("before: %s", got)
	}
	c.ok("environment.control.migrate", "envName", "shop-1", "hardwareNodeGroup", "north-standard", "isOnline", "false")
	if got, want := six(), strings.Join([]string{moving, "none", "code 11", moving, moving, "none"}, ", "); got != want {
		t.Errorf("meanwhile:\n got %s\nwant %s", got, want)
	}
	clock.advance(oneMore)
	if got, want := six(), strings.Repeat(", 1 north-standard", 6)[2:]; got != want {
		t.Errorf("afterwards: %s", got)
	}
}

func TestClockAndTimeZone(t *testing.T) {
	t.Parallel()
	const at = "2026-03-01 09:30:00"
	for _, row := range []struct {
		kind             faults.Kind
		shift            time.Duration
		log, created, at string
		date             string
	}{
		{faults.Clock, 5 * time.Hour, "2026-03-01 14:30:00", "2026-03-01 14:30:00", "2026-03-01 14:30:00",
			"Sun, 01 Mar 2026 14:30:00 GMT"},
		{faults.Clock, -5 * time.Hour, "2026-03-01 04:30:00", "2026-03-01 04:30:00", "2026-03-01 04:30:00",
			"Sun, 01 Mar 2026 04:30:00 GMT"},
		{faults.TimeZone, 5 * time.Hour, "2026-03-01 14:30:00", at, at, ""},
		{faults.TimeZone, -5 * time.Hour, "2026-03-01 04:30:00", at, at, ""},
	} {
		t.Run(fmt.Sprint(row.kind, row.shift), func(t *testing.T) {
			t.Parallel()
			clock := newClock()
			p, c := open(t, Options{Now: clock.Now})
			p.seed(t, "shop-1")
			inject(t, p, forever(delayed(row.kind, "*", row.shift)))
			c.ok("environment.control.setenvdisplayname", "envName", "shop-1", "displayName", "x")
			clock.advance(time.Second)
			c.ok("environment.control.setenvdisplayname", "envName", "shop-1", "displayName", "y")
			clock.advance(-time.Second)
			past := actions(c.ok("environment.tracking.getuidactions", "endtime", row.log))
			if len(past) != 1 || past[0]["startDate"] != row.log || past[0]["endDate"] != row.log {
				t.Errorf("log until %s: %v", row.log, past)
			}
			if got := env(c.info("shop-1"))["createdOn"]; got != row.created {
				t.Errorf("created on %v", got)
			}
			response, err := c.http.PostForm(c.base+"/1.0/"+path("environment.tracking.getserverutctime"),
				url.Values{"session": {c.token}})
			if err != nil {
				t.Fatal(err)
			}
			date := response.Header.Get("Date")
			answer, err := decoded(response)
			if err != nil || answer["object"] != row.at || row.date != "" && date != row.date {
				t.Errorf("answer %v at %s, error %v", answer, date, err)
			}
			if sent, err := http.ParseTime(date); row.date == "" && (err != nil || time.Since(sent).Abs() > time.Hour) {
				t.Errorf("the header Date is not that of the machine: %s, error %v", date, err)
			}
		})
	}
}

// If an operation is ended from outside, the delays of its temperaments start at that end.
func TestTemperamentsAfterEarlyEnd(t *testing.T) {
	t.Parallel()
	clock := newClock()
	p, c := open(t, Options{Now: clock.Now})
	p.seed(t, "shop-1")
	w := &observer{client: c}
	inject(t, p, delayed(faults.Prolong, "migrate", time.Hour), faults.Fault{Kind: faults.Async, Method: "migrate"},
		delayed(faults.LateRegion, "migrate", minute))
	c.ok("environment.control.migrate", "envName", "shop-1", "hardwareNodeGroup", "south-standard", "isOnline", "false")
	clock.advance(minute)
	if err := p.EndOperation("shop-1"); err != nil {
		t.Fatal(err)
	}
	if got := w.info(); got != oldRest {
		t.Errorf("at the end: %s", got)
	}
	clock.advance(minute)
	if got := w.info(); got != "1 south-standard" {
		t.Errorf("after the delay: %s", got)
	}
}

// A migration that had no effect can be repeated. One whose result shows late cannot.
func TestMigrationAfterLateRegion(t *testing.T) {
	t.Parallel()
	for delay, want := range map[time.Duration]int{0: 0, longTime: 3} {
		p, c := open(t, Options{})
		p.seed(t, "shop-1")
		inject(t, p, delayed(faults.LateRegion, "migrate", delay))
		migrate := []string{"envName", "shop-1", "hardwareNodeGroup", "south-standard", "isOnline", "false"}
		c.ok("environment.control.migrate", migrate...)
		if got := env(c.info("shop-1"))["hardwareNodeGroup"]; got != "north-economy" {
			t.Errorf("delay %s: region %v", delay, got)
		}
		c.code(want, "environment.control.migrate", migrate...)
	}
}
