package migration

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func window(t *testing.T, days, start, length, zone string) *Window {
	t.Helper()
	w, err := NewWindow(strings.Fields(days), start, length, zone)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func instant(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestWindowPeriods(t *testing.T) {
	t.Parallel()
	const never = ""
	const berlin, newYork = "Europe/Berlin", "America/New_York"
	for name, row := range map[string]struct {
		days, start, length, zone string
		at                        string
		open                      bool
		opens, closes             string // opens is empty if the window is open
	}{
		// 2026-11-28 is a Saturday.
		"days before": {"Sat Sun", "22:00", "4h", berlin, "2026-11-26T10:00:00+01:00", false,
			"2026-11-28T22:00:00+01:00", "2026-11-29T02:00:00+01:00"},
		"the last instant before": {"Sat Sun", "22:00", "4h", berlin, "2026-11-28T21:59:59.999999999+01:00", false,
			"2026-11-28T22:00:00+01:00", "2026-11-29T02:00:00+01:00"},
		"the first instant": {"Sat Sun", "22:00", "4h", berlin, "2026-11-28T22:00:00+01:00", true, "",
			"2026-11-29T02:00:00+01:00"},
		"the last instant": {"Sat Sun", "22:00", "4h", berlin, "2026-11-29T01:59:59.999999999+01:00", true, "",
			"2026-11-29T02:00:00+01:00"},
		"the first instant after": {"Sat Sun", "22:00", "4h", berlin, "2026-11-29T02:00:00+01:00", false,
			"2026-11-29T22:00:00+01:00", "2026-11-30T02:00:00+01:00"},
		"the day is the one it starts": {"Sun", "22:00", "4h", berlin, "2026-11-30T01:00:00+01:00", true, "",
			"2026-11-30T02:00:00+01:00"},
		"not the day it ends": {"Mon", "22:00", "4h", berlin, "2026-11-30T01:00:00+01:00", false,
			"2026-11-30T22:00:00+01:00", "2026-12-01T02:00:00+01:00"},
		"midnight": {"Sun", "00:00", "1h", berlin, "2026-11-28T23:59:59+01:00", false,
			"2026-11-29T00:00:00+01:00", "2026-11-29T01:00:00+01:00"},
		"every day": {"", "03:30", "90m", "UTC", "2026-11-27T05:00:00Z", false, "2026-11-28T03:30:00Z",
			"2026-11-28T05:00:00Z"},
		"over the end of a month": {"Mon", "23:00", "2h", "UTC", "2026-12-01T00:30:00Z", true, "",
			"2026-12-01T01:00:00Z"},
		"the next is in another year": {"Fri", "23:00", "2h", "UTC", "2026-12-27T00:00:00Z", false, "2027-01-01T23:00:00Z",
			"2027-01-02T01:00:00Z"},
		"a leap day": {"Tue", "12:00", "24h", "UTC", "2028-03-01T11:00:00Z", true, "",
			"2028-03-01T12:00:00Z"},
		"a whole weekend": {"Sat", "00:00", "48h", berlin, "2026-11-29T23:59:00+01:00", true, "",
			"2026-11-30T00:00:00+01:00"},
		"adjacent periods merge": {"Sat Sun", "00:00", "24h", berlin, "2026-11-28T12:00:00+01:00", true, "",
			"2026-11-30T00:00:00+01:00"},
		"overlapping periods merge": {"Sat Sun", "12:00", "30h", "UTC", "2026-11-28T13:00:00Z", true, "",
			"2026-11-30T18:00:00Z"},
		"overlapping periods, days before": {"Sat Sun", "12:00", "30h", "UTC", "2026-11-27T13:00:00Z", false,
			"2026-11-28T12:00:00Z", "2026-11-30T18:00:00Z"},
		"always":       {"", "09:00", "24h", "UTC", "2026-11-27T08:59:00Z", true, "", never},
		"a whole week": {"Wed", "09:00", "168h", "UTC", "2026-11-25T08:59:59Z", true, "", never},
		"all but an hour of the week": {"Wed", "09:00", "167h", "UTC", "2026-11-25T08:30:00Z", false, "2026-11-25T09:00:00Z",
			"2026-12-02T08:00:00Z"},
		"time in another zone": {"Sat", "22:00", "4h", "Asia/Tokyo", "2026-11-28T13:00:00Z", true, "",
			"2026-11-28T17:00:00Z"},

		// In Berlin, clocks go from 02:00 to 03:00 on 2026-03-29, and from 03:00 back to 02:00 on 2026-10-25; both are
		// Sundays.
		"the start is skipped": {"Sun", "02:30", "1h", berlin, "2026-03-29T00:00:00+01:00", false,
			"2026-03-29T03:00:00+02:00", "2026-03-29T04:00:00+02:00"},
		"just before the skipped start": {"Sun", "02:30", "1h", berlin, "2026-03-29T01:59:59+01:00", false,
			"2026-03-29T03:00:00+02:00", "2026-03-29T04:00:00+02:00"},
		"start occurs twice": {"Sun", "02:30", "30m", berlin, "2026-10-25T00:00:00+02:00", false,
			"2026-10-25T02:30:00+02:00", "2026-10-25T03:00:00+02:00"},
		"second occurrence of the start": {"Sun", "02:30", "30m", berlin, "2026-10-25T02:30:00+01:00", false,
			"2026-11-01T02:30:00+01:00", "2026-11-01T03:00:00+01:00"},
		"clock goes forward inside the window": {"Sat", "22:00", "6h", berlin, "2026-03-29T04:30:00+02:00", true, "",
			"2026-03-29T05:00:00+02:00"},
		"clock goes back inside the window": {"Sat", "22:00", "6h", berlin, "2026-10-25T02:30:00+01:00", true, "",
			"2026-10-25T03:00:00+01:00"},
		"open except in the repeated hour": {"Sun", "00:00", "168h", berlin, "2026-10-31T22:59:59+01:00", true, "",
			"2026-10-31T23:00:00+01:00"},
		"repeated hour at the end": {"Sun", "00:00", "168h", berlin, "2026-10-31T23:00:00+01:00", false,
			"2026-11-01T00:00:00+01:00", never},
		"the day after the switch": {"", "22:00", "4h", newYork, "2026-03-08T03:30:00-04:00", false,
			"2026-03-08T22:00:00-04:00", "2026-03-09T02:00:00-04:00"},

		"an odd offset": {"Fri", "22:00", "2h", "Asia/Kathmandu", "2026-11-27T16:14:59Z", false,
			"2026-11-27T22:00:00+05:45", "2026-11-28T00:00:00+05:45"},
		"a switch of half an hour": {"Sun", "02:15", "1h", "Australia/Lord_Howe", "2026-10-03T00:00:00Z", false,
			"2026-10-04T02:30:00+11:00", "2026-10-04T03:30:00+11:00"},
		"a switch at midnight": {"Fri", "00:30", "1h", "Africa/Cairo", "2026-04-23T12:00:00Z", false,
			"2026-04-24T01:00:00+03:00", "2026-04-24T02:00:00+03:00"},
		"a switch over midnight": {"Sat", "23:30", "1h", "America/Nuuk", "2026-03-28T12:00:00Z", false,
			"2026-03-29T00:00:00-01:00", "2026-03-29T01:00:00-01:00"},
		"skipped calendar day": {"Fri", "12:00", "1h", "Pacific/Apia", "2011-12-29T12:00:00-10:00", false,
			"2011-12-31T00:00:00+14:00", "2011-12-31T01:00:00+14:00"},
		"the other side of the date line": {"Mon", "00:00", "1h", "Pacific/Kiritimati", "2026-11-29T09:59:00Z", false,
			"2026-11-30T00:00:00+14:00", "2026-11-30T01:00:00+14:00"},
		"daylight saving without a pattern": {"", "02:30", "1h", "Africa/Casablanca", "2026-02-15T12:00:00Z", false,
			"2026-02-16T02:30:00+00:00", "2026-02-16T03:30:00+00:00"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := instant(t, row.at)
			opens, closes := window(t, row.days, row.start, row.length, row.zone).Period(at)
			if open := !opens.After(at); open != row.open {
				t.Errorf("open is %v; it opens %v and closes %v", open, opens, closes)
			}
			if !row.open && !opens.Equal(instant(t, row.opens)) {
				t.Errorf("it opens %v, want %v", opens, row.opens)
			}
			if row.closes == never != closes.IsZero() || row.closes != never && !closes.Equal(instant(t, row.closes)) {
				t.Errorf("it closes %v, want %q", closes, row.closes)
			}
		})
	}
}

// ruled returns a time zone with only a rule, without recorded changes, as files of zones have for future years.
// Which years those are differs between machines.
func ruled(t *testing.T, rule string) *time.Location {
	t.Helper()
	name, _, _ := strings.Cut(rule, "-")
	hour := rule[len(name)+1] - '0'
	header := append(append([]byte("TZif2"), make([]byte, 15)...), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		1, 0, 0, 0, byte(len(name)+1))
	offset := binary.BigEndian.AppendUint32(nil, uint32(hour)*3600)
	data := append(append(offset, 0, 0), append([]byte(name), 0)...)
	zone, err := time.LoadLocationFromTZData(name, slices.Concat(header, data, header, data, []byte("\n"+rule+"\n")))
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func TestWindowInRuleBasedTimeZone(t *testing.T) {
	t.Parallel()
	w := &Window{Start: 22*time.Hour + 30*time.Minute, Length: time.Hour, Zone: ruled(t, "CET-1CEST,M3.5.0,M10.5.0/3")}
	for at, want := range map[string]string{
		"2028-12-31T12:00:00+01:00": "2028-12-31T22:30:00+01:00", // the last day of a leap year
		"2028-12-31T23:30:00+01:00": "2029-01-01T22:30:00+01:00",
		"2029-12-31T23:30:00+01:00": "2030-01-01T22:30:00+01:00",
		"2030-03-30T23:30:00+01:00": "2030-03-31T22:30:00+02:00",
		"2030-10-26T23:30:00+02:00": "2030-10-27T22:30:00+01:00",
	} {
		if opens, closes := w.Period(instant(t, at)); !opens.Equal(instant(t, want)) || !closes.Equal(opens.Add(time.Hour)) {
			t.Errorf("at %s: it opens %v and closes %v, want %s", at, opens, closes, want)
		}
	}
}

// Every window opens at its next opening and not before, and stays open until it closes.
func TestWindowProperties(t *testing.T) {
	t.Parallel()
	names := []string{"UTC", "Europe/Berlin", "America/New_York", "America/Nuuk", "Asia/Kathmandu", "Australia/Lord_Howe",
		"Pacific/Apia", "Pacific/Kiritimati", "Africa/Casablanca"}
	zones := []*time.Location{ruled(t, "CET-1CEST,M3.5.0,M10.5.0/3"), ruled(t, "AES-9AED,M10.1.0,M4.1.0/3")}
	for _, name := range names {
		zone, err := LoadZone(name)
		if err != nil {
			t.Fatal(err)
		}
		zones = append(zones, zone)
	}
	for seed := range uint64(3000) {
		d := generator{rand.New(rand.NewPCG(seed, 2))}
		zone := one(d, zones...)
		w := &Window{
			Start:  time.Duration(d.IntN(24*60)) * time.Minute,
			Length: one(d, time.Minute, time.Hour, 4*time.Hour, 24*time.Hour, 25*time.Hour, 60*time.Hour, MaxWindow),
			Zone:   zone,
		}
		if d.yes() {
			w.Days = some(d, time.Monday, time.Wednesday, time.Saturday, time.Sunday)
		}
		at := time.Date(2011+d.IntN(30), time.Month(1+d.IntN(12)), 1+d.IntN(31), d.IntN(24), d.IntN(60), d.IntN(60), 0,
			time.UTC)
		opens, closes := w.Period(at)
		open := func(t time.Time) bool { opens, _ := w.Period(t); return !opens.After(t) }
		between := func(a, b time.Time) time.Time { return a.Add(time.Duration(d.Int64N(int64(b.Sub(a))))) }
		if closes.IsZero() {
			closes = at.Add(MaxWindow)
		} else if open(closes) {
			t.Errorf("open when it closes, %v", closes)
		}
		if !closes.After(at) || !closes.After(opens) {
			t.Errorf("it closes %v", closes)
		}
		first := opens
		if opens.After(at) {
			if open(at) || open(between(at, opens)) || open(opens.Add(-1)) {
				t.Errorf("open before it opens, %v", opens)
			}
			if wall := opens.In(zone); !skipped(opens, zone) &&
				(time.Duration(wall.Hour())*time.Hour+time.Duration(wall.Minute())*time.Minute != w.Start ||
					len(w.Days) > 0 && !slices.Contains(w.Days, wall.Weekday())) {
				t.Errorf("it opens at %v", wall)
			}
		} else {
			first = at
		}
		if !open(first) || !open(between(first, closes)) || !open(closes.Add(-1)) {
			t.Errorf("closed between %v and %v", first, closes)
		}
		if t.Failed() {
			t.Fatalf("seed %d: %s at %v", seed, w, at)
		}
	}
}

// skipped reports whether the clock has just gone forward.
func skipped(t time.Time, zone *time.Location) bool {
	_, before := t.Add(-time.Second).In(zone).Zone()
	_, after := t.In(zone).Zone()
	return after > before
}

func TestWindowInWords(t *testing.T) {
	t.Parallel()
	for want, w := range map[string]*Window{
		"Sat, Sun 22:00 for 4h, Europe/Berlin": window(t, "Sun Sat Sat", "22:00", "240m", "Europe/Berlin"),
		"every day 03:05 for 1h30m, UTC":       window(t, "", "03:05", "1h30m", "UTC"),
		"Mon, Tue, Wed, Thu, Fri 00:00 for 10m, Asia/Kathmandu": window(t, "Mon Tue Wed Thu Fri", "00:00", "10m",
			"Asia/Kathmandu"),
		"Mon 12:00 for 168h, UTC":  window(t, "Mon", "12:00", "168h", "UTC"),
		"Mon 12:00 for 1m30s, UTC": window(t, "Mon", "12:00", "90s", "UTC"),
	} {
		if got := w.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for _, wrong := range [][3]string{
		{"24:00", "1h", "UTC"}, {"noon", "1h", "UTC"}, {"12:00", "", "UTC"}, {"12:00", "0s", "UTC"}, {"12:00", "-1h",
			"UTC"}, {"12:00", "168h1s", "UTC"},
		{"12:00", "1h", ""}, {"12:00", "1h", "Local"}, {"12:00", "1h", "Europe/Atlantis"}, {"12:00", "1h", "../UTC"},
	} {
		if w, err := NewWindow(nil, wrong[0], wrong[1], wrong[2]); err == nil {
			t.Errorf("%q is a window: %s", wrong, w)
		}
	}
}

func TestCheckWindow(t *testing.T) {
	t.Parallel()
	a := Assessment{Environment: Environment{Name: "shop"}, To: Region{Name: "b"}}
	now := instant(t, "2026-11-26T09:00:00Z")
	check := func(w *Window, severity Severity) *Finding { return Policy{Window: w}.CheckWindow(a, now, severity) }
	if f := check(nil, Error); f != nil {
		t.Errorf("without a window: %+v", f)
	}
	if f := check(window(t, "Thu", "10:00", "1h", "Europe/Berlin"), Error); f != nil {
		t.Errorf("inside: %+v", f)
	}
	weekend := window(t, "Sat Sun", "22:00", "4h", "Europe/Berlin")
	for _, severity := range []Severity{Warning, Error} {
		f := check(weekend, severity)
		if f == nil || f.Policy.Window != weekend {
			t.Fatalf("%+v", f)
		}
		type facts struct {
			code        Code
			severity    Severity
			environment string
		}
		got := facts{f.Code, f.Severity, f.Environment}
		if diff := cmp.Diff(facts{CodeWindowClosed, severity, "shop"}, got, cmp.AllowUnexported(facts{})); diff != "" {
			t.Errorf("finding (-want +got):\n%s", diff)
		}
		for want, got := range map[string]time.Time{
			"2026-11-26 10:00 CET": f.Now, "2026-11-28 22:00 CET": f.Opens, "2026-11-29 02:00 CET": f.Closes,
		} {
			if got := got.Format("2006-01-02 15:04 MST"); got != want {
				t.Errorf("%s, want %s", got, want)
			}
		}
	}
}
