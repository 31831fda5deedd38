package localplatform

import (
	"fmt"
	"math"
	"testing"
	"time"
)

const history = "billing.account.getaccountbillinghistorybyperiod"

// A day in each of two regions gives two rows, each with the prices of its region.
func TestBillingHistoryByDayAndRegion(t *testing.T) {
	t.Parallel()
	clock := newClock()
	clock.advance(14*time.Hour + 30*time.Minute) // midnight
	p, c := open(t, Options{Now: clock.Now})
	p.seed(t, "shop-1", "shop-2")
	appID := env(c.info("shop-1"))["appid"].(string)
	clock.advance(24 * time.Hour)
	if err := p.MoveOutside("shop-1", "south-standard"); err != nil {
		t.Fatal(err)
	}
	clock.advance(36 * time.Hour)
	if err := p.DeleteOutside("shop-1"); err != nil {
		t.Fatal(err)
	}
	clock.advance(24 * time.Hour)
	rows := func(parameters ...string) (list []string) {
		t.Helper()
		for _, row := range c.ok(history,
			append([]string{"starttime", "2026-03-01 00:00:00", "endtime", "2026-03-10 00:00:00"},
				parameters...)...)["array"].([]any) {
			r := row.(object)
			list = append(list, fmt.Sprintf("%s %s %s %.6f %s", r["dateTime"], r["envName"], r["hardwareNodeGroup"], r["cost"],
				r["currency"]))
		}
		return list
	}
	// The compute group has two nodes, each with 1 reserved cloudlet, 2 used of at most 8, 10 GB and one address. The
	// database has no reserved cloudlets, 2 used, and 20 GB. The prices are those of the catalogue.
	hourly := func(reserved, dynamic, disk, ip float64) float64 {
		return 2*reserved + 2*dynamic + 2*dynamic + (40-10)*disk + 2*ip
	}
	north, south := hourly(0.0028, 0.0035, 0.00012, 0.004), hourly(0.0045, 0.0056, 0.00019, 0.0045)
	want := []string{
		fmt.Sprintf("2026-03-02 00:00:00 shop-1 north-economy %.6f EUR", 24*north),
		fmt.Sprintf("2026-03-03 00:00:00 shop-1 south-standard %.6f EUR", 24*south),
		fmt.Sprintf("2026-03-04 00:00:00 shop-1 south-standard %.6f EUR", 12*south),
	}
	for _, target := range []string{appID, "shop-1"} {
		if got := rows("targetAppid", target); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("by %s\n got %q\nwant %q", target, got, want)
		}
	}
	if got := rows("targetAppid", appID, "period", "month"); len(got) != 2 ||
		got[0] != fmt.Sprintf("2026-03-01 00:00:00 shop-1 north-economy %.6f EUR", 24*north) {
		t.Errorf("by month: %q", got)
	}
	if got := rows("targetAppid", appID, "period", "HOUR"); len(got) != 60 {
		t.Errorf("by hour: %d", len(got))
	}
	if got := rows(); len(got) != 3+4 { // the other environment is still there
		t.Errorf("of the account: %q", got)
	}
	if got := rows("targetAppid", appID, "timeOffset", "120"); len(got) != 4 {
		t.Errorf("by days of another zone: %q", got)
	}
	if other := c.as(CollaboratorToken).ok(history, "starttime", "2026-03-01", "endtime",
		"2026-03-10"); len(other["array"].([]any)) != 0 {
		t.Errorf("of another account: %v", other)
	}

	parts := at(c.ok("billing.account.getextendedaccountbillinghistorybyperiod", "starttime", "2026-03-02", "endtime",
		"2026-03-02T12:00:00", "targetAppid", "shop-1"), "object")
	sum, names := 0.0, ""
	for _, part := range at(parts, "array.0.resources").([]any) {
		sum += at(part, "cost").(float64)
		names += fmt.Sprint(at(part, "type"), " ", at(part, "amount"), "; ")
	}
	if names != "FIXED 24; FLEXIBLE 48; STORAGE 480; OPTION 24; " || math.Abs(sum-12*north) > 1e-5 ||
		at(parts, "cost") != at(parts, "array.0.cost") || at(parts, "currency") != "EUR" {
		t.Errorf("half a day: %s %v", names, parts)
	}
	for _, wrong := range [][]string{{"starttime", "2026-03-10"}, {"starttime", "soon", "endtime", "2026-03-10"},
		{"starttime", "2026-03-10", "endtime", "2026-03-01"},
		{"starttime", "2026-03-01", "endtime", "2026-03-10", "period", "FORTNIGHT"},
		{"starttime", "2026-03-01", "endtime", "2026-03-10", "timeOffset", "x"}} {
		c.code(3, history, wrong...)
	}
}

// A stopped environment pays for reserved cloudlets, disks and addresses. Nothing is charged before its creation
// ends.
func TestCharges(t *testing.T) {
	t.Parallel()
	clock := newClock()
	p, c := open(t, Options{Now: clock.Now, TimeScale: 1})
	cost := func() float64 {
		t.Helper()
		return at(c.ok("billing.account.getextendedaccountbillinghistorybyperiod", "starttime", "2026-03-01", "endtime",
			"2026-04-01"), "object.cost").(float64)
	}
	created := make(chan object, 1)
	go func() {
		answer, err := c.post(control+"createenvironment", "env", `{"shortdomain":"shop-1"}`, "nodes",
			`[{"nodeType":"nginx","fixedCloudlets":1,"flexibleCloudlets":16,"extipv4":1}]`)
		if err != nil {
			t.Error(err)
		}
		created <- answer
	}()
	eventually(t, func() bool { return len(c.actions("environment.tracking.getcurrentactions")) == 1 })
	clock.advance(10 * time.Second)
	if got := cost(); got != 0 {
		t.Errorf("during the creation: %f", got)
	}
	clock.advance(15 * time.Second)
	<-created
	if got := cost(); got != 0 {
		t.Errorf("right after the creation: %f", got)
	}
	clock.advance(time.Hour)
	const running, stopped = 0.0028 + 3*0.0035 + 0.004, 0.0028 + 0.004
	if got := cost(); math.Abs(got-running) > 1e-6 {
		t.Errorf("after an hour: %f, want %f", got, running)
	}
	if err := p.SetStatus("shop-1", 2); err != nil {
		t.Fatal(err)
	}
	clock.advance(10 * time.Hour)
	if got := cost(); math.Abs(got-running-10*stopped) > 1e-6 {
		t.Errorf("after ten stopped hours: %f, want %f", got, running+10*stopped)
	}
	// 22 h, running for one of them
	stat := at(c.ok(control+"getsumstat", "envName", "shop-1", "duration", "79200"), "stats.0")
	if at(stat, "cpu") != rounded(4*400.0/22) || at(stat, "mem") != rounded(4*128.0/22) ||
		at(stat, "duration") != 79200.0 {
		t.Errorf("statistics: %v", stat)
	}
}
