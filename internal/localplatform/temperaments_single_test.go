package localplatform

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// A creation that never appears is answered before it has failed.
func TestPhantomIsAnsweredAtOnce(t *testing.T) {
	t.Parallel()
	clock := newClock()
	p, c := open(t, Options{Now: clock.Now})
	c.http.Timeout = 10 * time.Second
	inject(t, p, Fault{Kind: FaultPhantom, Method: "createenvironment", Code: 4711, Words: "no"}, Fault{Kind: FaultAsync, Method: "createenvironment", Nth: 2})
	c.create("shop-1", "north-economy")
	clock.advance(minute)
	if past := actions(c.ok("environment.tracking.getuidactions")); len(past) != 1 || past[0]["result"] != 4711.0 || past[0]["error"] != "no" {
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
	w := &witness{client: c}
	inject(t, p, delayed(FaultProlong, "migrate", minute), Fault{Kind: FaultAsync, Method: "migrate"},
		forever(Fault{Kind: FaultFlap, Method: "getenvinfo", Environment: "shop-1", Nth: 2}), forever(Fault{Kind: FaultFlap, Method: "getenvs"}))
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
		kind             FaultKind
		shift            time.Duration
		log, created, at string
		date             string
	}{
		{FaultClock, 5 * time.Hour, "2026-03-01 14:30:00", "2026-03-01 14:30:00", "2026-03-01 14:30:00", "Sun, 01 Mar 2026 14:30:00 GMT"},
		{FaultClock, -5 * time.Hour, "2026-03-01 04:30:00", "2026-03-01 04:30:00", "2026-03-01 04:30:00", "Sun, 01 Mar 2026 04:30:00 GMT"},
		{FaultTimeZone, 5 * time.Hour, "2026-03-01 14:30:00", at, at, ""},
		{FaultTimeZone, -5 * time.Hour, "2026-03-01 04:30:00", at, at, ""},
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
			response, err := c.http.PostForm(c.base+"/1.0/"+path("environment.tracking.getserverutctime"), url.Values{"session": {c.token}})
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

// An operation that is ended from outside takes with it what it shows afterwards.
func TestTemperamentsAfterAnEarlyEnd(t *testing.T) {
	t.Parallel()
	clock := newClock()
	p, c := open(t, Options{Now: clock.Now})
	p.seed(t, "shop-1")
	w := &witness{client: c}
	inject(t, p, delayed(FaultProlong, "migrate", time.Hour), Fault{Kind: FaultAsync, Method: "migrate"}, delayed(FaultLateRegion, "migrate", minute))
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

// A migration that did nothing can be done again; one whose result shows late cannot.
func TestMigrationAfterALateRegion(t *testing.T) {
	t.Parallel()
	for delay, want := range map[time.Duration]int{0: 0, longTime: 3} {
		p, c := open(t, Options{})
		p.seed(t, "shop-1")
		inject(t, p, delayed(FaultLateRegion, "migrate", delay))
		migrate := []string{"envName", "shop-1", "hardwareNodeGroup", "south-standard", "isOnline", "false"}
		c.ok("environment.control.migrate", migrate...)
		if got := env(c.info("shop-1"))["hardwareNodeGroup"]; got != "north-economy" {
			t.Errorf("delay %s: region %v", delay, got)
		}
		c.code(want, "environment.control.migrate", migrate...)
	}
}

// The table for users names every kind.
func TestDocumentedKinds(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "tools", "localplatform", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range slices.Concat(answerFaults, refusingFaults, operationFaults, wayFaults, temperaments) {
		if !strings.Contains(string(text), "`"+string(kind)+"`") {
			t.Errorf("the README does not name %s", kind)
		}
	}
}

func TestTemperamentFiles(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "faults.json")
	for text, usable := range map[string]bool{
		`[{"kind":"lag"}]`: false, `[{"kind":"lag","delay":"1s","method":"getenvs","times":-1}]`: true,
		`[{"kind":"lag","delay":"-1s"}]`: false, `[{"kind":"clock","delay":"-5h","times":-1}]`: true, `[{"kind":"clock"}]`: false,
		`[{"kind":"time_zone","delay":"5h","environment":"shop-1"}]`: false, `[{"kind":"async"}]`: true, `[{"kind":"async","delay":"-1s"}]`: false,
		`[{"kind":"unknown_status"}]`: false, `[{"kind":"unknown_status","code":99}]`: true, `[{"kind":"unknown_status","code":99,"delay":"1s"}]`: false,
		`[{"kind":"unknown_status","code":99,"when":"after"}]`: false, `[{"kind":"unknown_status","code":99,"when":"after","delay":"1s"}]`: true,
		`[{"kind":"unknown_status","code":99,"when":"before"}]`: false, `[{"kind":"late_region"}]`: true, `[{"kind":"late_addresses"}]`: false,
		`[{"kind":"trace of late_list","delay":"1s"}]`: false, `[{"kind":"gateway","status":418}]`: false,
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadFaults(file); (err == nil) != usable {
			t.Errorf("%s: error %v", text, err)
		}
	}
}
