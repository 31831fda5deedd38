package migration

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// The times in these tests are seconds after the first look.
var firstLook = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func second(s int) time.Time { return firstLook.Add(time.Duration(s) * time.Second) }

// patient are the default limits.
var patient = Limits{Settle: time.Minute, Looks: 3, Believe: 5 * time.Minute, Appear: 5 * time.Minute}

const (
	fiveHours = 5 * 60 * 60
	running   = platform.StatusRunning
	atWork    = platform.StatusMigrating
)

type fact func(*Evidence)

// evidence is what is known of a migration from a to b at the time of its last fact.
func evidence(facts ...fact) Evidence {
	e := Evidence{
		Order: Order{Environment: "shop", AppID: "app", From: "a", To: "b", RequestKey: "K"}, Before: running,
		Limits: patient,
	}
	for _, f := range facts {
		f(&e)
	}
	if e.Now.IsZero() && len(e.Looks) > 0 {
		e.Now = e.last().At
	}
	return e
}

func looks(l Look, seconds ...int) fact {
	return func(e *Evidence) {
		for _, s := range seconds {
			l.At = second(s)
			e.Looks = append(e.Looks, l)
		}
	}
}

func shows(region string, status platform.Status, seconds ...int) fact {
	return looks(Look{Region: region, Status: status, AppID: "app"}, seconds...)
}

func hides(err error, seconds ...int) fact { return looks(Look{Err: err}, seconds...) }

func reads(j Journal, s int) fact {
	return func(e *Evidence) {
		j.At = second(s)
		e.Journals = append(e.Journals, j)
	}
}

func past(s int, actions ...platform.Action) fact    { return reads(Journal{Past: actions}, s) }
func current(s int, actions ...platform.Action) fact { return reads(Journal{Current: actions}, s) }
func unreadable(s int, err error) fact               { return reads(Journal{CurrentErr: err, PastErr: err}, s) }

func checks(s int, err error) fact {
	return func(e *Evidence) { e.Check = Check{At: second(s), Err: err} }
}

func asks(s int) fact { return func(e *Evidence) { e.Call.Key, e.Call.Asked = "K", second(s) } }

func answers(s int, err error) fact {
	return func(e *Evidence) { e.Call.Answered, e.Call.Err = second(s), err }
}

func intends(to, key string, s int) fact {
	return func(e *Evidence) {
		e.Order.Intent = Intent{RequestKey: key, To: to, AskedAt: second(s), Status: running}
	}
}

func told(e *Evidence) { e.Order.Intent.Told = true }

func before(s platform.Status) fact { return func(e *Evidence) { e.Before = s } }

// ends is a finished migration; begins is one that has no end in the log.
func ends(key, region string, finished, result int) platform.Action {
	a := begins(key, region, finished-5)
	a.Finished, a.Result = second(finished), &result
	return a
}

func begins(key, region string, started int) platform.Action {
	return platform.Action{Kind: platform.ActionMigrate, Environment: "shop", Region: region, RequestKey: key,
		Started: second(started)}
}

func numbered(id int64, a platform.Action) platform.Action {
	a.ID = id
	return a
}

const (
	noMatch = 4099
)

var (
	forbidden  = &platform.Error{Class: platform.ClassPermission, Code: 8}
	vague      = &platform.Error{Class: platform.ClassNotFound, Code: 2322}
	redirected = &platform.Error{Class: platform.ClassUntrusted, HTTPStatus: 302}
	page       = &platform.Error{Class: platform.ClassMalformed, HTTPStatus: 403}
)

func TestJudge(t *testing.T) {
	t.Parallel()
	check, journal, answer := Verdict{Need: NeedCheck}, Verdict{Need: NeedJournal}, Verdict{Need: NeedAnswer}
	look := Verdict{}
	after := func(seconds int) Verdict { return Verdict{After: time.Duration(seconds) * time.Second} }
	again := after(20)
	verdict := func(k Kind) Verdict { return Verdict{Kind: k} }
	confirmed := []int{11, 41, 71} // 60 s from the first to the last
	justUnder := []int{11, 41, 70} // 59 s from the first to the last
	twice := []int{11, 71}         // long enough, but not often enough
	lostCall := func(e *Evidence) { asks(10)(e); answers(10, lost)(e) }
	accepted := func(e *Evidence) { asks(10)(e); answers(10, nil)(e) }
	busyCall := func(e *Evidence) { asks(10)(e); answers(10, busy)(e) }

	for name, row := range map[string]struct {
		facts []fact
		want  Verdict
	}{
		// Before any look.
		"no look yet": {nil, look},
		"interrupted": {[]fact{shows("b", running, 0), func(e *Evidence) { e.Interrupted = context.Canceled }},
			verdict(NotKnown)},
		"interrupted before the first look": {[]fact{func(e *Evidence) { e.Interrupted = context.Canceled }},
			verdict(NotKnown)},
		"already in the target":       {[]fact{shows("b", platform.StatusStopped, 0)}, verdict(Done)},
		"check comes first":           {[]fact{shows("a", running, 0)}, check},
		"log is read before the call": {[]fact{shows("a", running, 0), checks(0, nil)}, journal},
		"log older than the check":    {[]fact{shows("a", running, 0), past(0), checks(1, nil)}, journal},
		"log older than the look": {[]fact{shows("a", running, 0), past(1), checks(1, nil), shows("a", running, 2)},
			journal},
		"ready to call":          {[]fact{shows("a", running, 0), checks(0, nil), past(0)}, verdict(Ask)},
		"sleeping":               {[]fact{shows("a", platform.StatusSleeping, 0), checks(0, nil), past(0)}, verdict(Ask)},
		"suspended":              {[]fact{shows("a", platform.StatusSuspended, 0), checks(0, nil), past(0)}, verdict(Ask)},
		"log not permitted":      {[]fact{shows("a", running, 0), checks(0, nil), unreadable(0, forbidden)}, verdict(Ask)},
		"log unreadable for now": {[]fact{shows("a", running, 0), checks(0, nil), unreadable(0, trouble)}, again},
		"log stays unreadable": {[]fact{shows("a", running, 0, 30, 60), checks(0, nil), unreadable(60, trouble)},
			verdict(Ask)},
		"old log does not replace unreadable log": {[]fact{shows("a", running, 0), checks(0, nil), past(0),
			shows("a", running, 5), unreadable(5, trouble)}, again},

		// The check.
		"check refuses, log empty":    {[]fact{shows("a", running, 0), checks(0, refused), past(0)}, verdict(Refused)},
		"check refuses, log not read": {[]fact{shows("a", running, 0), checks(0, refused)}, journal},
		"check refuses what an earlier run has done": {[]fact{shows("a", running, 0), checks(0, refused),
			past(0, ends("K", "b", -30, 0))}, after(60)},
		"check fails":                 {[]fact{shows("a", running, 0), checks(0, trouble)}, verdict(Unchecked)},
		"check not permitted":         {[]fact{shows("a", running, 0), checks(0, unlocked)}, verdict(Unchecked)},
		"check busy, nothing visible": {[]fact{shows("a", running, 0), checks(0, busy), past(0)}, again},
		"check busy, next look repeats check": {[]fact{shows("a", running, 0), checks(0, busy), past(0),
			shows("a", running, 20)}, check},
		"check busy past settling time": {[]fact{shows("a", running, 0, 30, 60), checks(60, busy), past(60)},
			verdict(Refused)},
		"check busy just under settling time": {[]fact{shows("a", running, 0, 30, 59), checks(59, busy), past(59)}, again},
		"check busy, visible in log": {[]fact{shows("a", running, 0, 30, 60), checks(60, busy),
			current(60, platform.Action{Environment: "shop"})}, again},
		"check repeated after other work": {[]fact{shows("a", running, 0), checks(0, nil),
			shows("a", platform.StatusUpdating, 5), shows("a", running, 10), past(10)}, check},
		"check repeated after current action": {[]fact{shows("a", running, 0), checks(0, nil),
			current(1, begins("", "c", 0)), shows("a", running, 10), past(10)}, check},
		"check repeated after unknown status": {[]fact{shows("a", running, 0), checks(0, nil), shows("a", 42, 5),
			shows("a", running, 10), past(10)}, check},
		"external migration elsewhere running": {[]fact{shows("a", running, 0), checks(0, nil),
			current(0, begins("", "c", 0))}, again},
		"external migration elsewhere just ended": {[]fact{shows("a", running, 0), checks(0, nil),
			past(0, ends("", "c", -20, 0))}, after(40)},
		"external migration elsewhere settled": {[]fact{shows("a", running, 0), checks(0, nil),
			past(0, ends("", "c", -60, 0))}, verdict(Ask)},
		"external migration elsewhere failed": {[]fact{shows("a", running, 0), checks(0, nil),
			past(0, ends("", "c", -20, noMatch))}, verdict(Ask)},
		"external migration to current region": {[]fact{shows("a", running, 0), checks(0, nil),
			past(0, ends("", "a", -20, 0))}, verdict(Ask)},
		"other kind of past action": {[]fact{shows("a", running, 0), checks(0, nil),
			past(0, platform.Action{Region: "b", Finished: second(-1), Result: new(int)})}, verdict(Ask)},

		// Found running before this run requested anything.
		"found migrating, target unknown": {[]fact{shows("a", atWork, 0)}, journal},
		"found migrating to target":       {[]fact{shows("a", atWork, 0), current(0, begins("K", "b", -9))}, look},
		"found migrating, then arrived": {[]fact{shows("a", atWork, 0), current(0, begins("", "b", -9)),
			shows("b", running, 9)}, verdict(Done)},
		"found migrating, arrived with new identifier": {[]fact{shows("a", atWork, 0), current(0, begins("", "b", -9)),
			looks(Look{Region: "b", Status: running, AppID: "new"}, 9)}, verdict(Done)},
		"found migrating, back and confirmed": {[]fact{shows("a", atWork, 0), shows("a", running, confirmed...), past(71)},
			verdict(FailedBack)},
		"found migrating, back just under confirmation": {[]fact{shows("a", atWork, 0), shows("a", running, justUnder...),
			past(70)}, again},
		"found migrating, failure in log": {[]fact{shows("a", atWork, 0), shows("a", running, 9),
			past(9, ends("K", "b", 8, noMatch))}, verdict(FailedBack)},
		"found migrating, success in log": {[]fact{shows("a", atWork, 0), shows("a", running, 9),
			past(9, ends("K", "b", 8, 0))}, after(60)},
		"found migrating, failure by key five hours behind": {[]fact{shows("a", atWork, 0),
			current(0, begins("X", "b", -fiveHours)), shows("a", running, 9), past(9, ends("X", "b", 8-fiveHours, noMatch))},
			verdict(FailedBack)},
		"found migrating, failure by intent's key five hours ahead": {[]fact{intends("b", "I", -9), shows("a", atWork, 0),
			shows("a", running, 9), past(9, ends("I", "b", 8+fiveHours, noMatch))}, verdict(FailedBack)},
		"own success five hours behind while migrating": {[]fact{shows("a", atWork, 0), shows("a", running, confirmed...),
			past(71, ends("K", "b", 8-fiveHours, 0))}, after(60)},
		"old failure beside a current action": {[]fact{intends("b", "I", -900), shows("a", atWork, 0),
			reads(Journal{Current: []platform.Action{begins("K", "b", -9)}, Past: []platform.Action{ends("I", "b", -800,
				noMatch)}}, 0), shows("a", running, 9), past(9, ends("I", "b", -800, noMatch))}, again},
		"found migrating elsewhere, then back": {[]fact{shows("a", atWork, 0), current(0, begins("", "c", -9)),
			shows("a", running, 9)}, check},
		"external migration to target is adopted": {[]fact{shows("a", running, 0), checks(0, nil),
			current(0, begins("", "b", -1))}, again},

		// Started by an earlier run.
		"intent, log not read":    {[]fact{intends("b", "K", -10), shows("a", running, 0)}, journal},
		"young intent, log empty": {[]fact{intends("b", "K", -10), shows("a", running, 0), past(0)}, after(290)},
		"young intent, log unreadable": {[]fact{intends("b", "K", -10), shows("a", running, 0), unreadable(0, forbidden)},
			after(290)},
		"young intent for another target": {[]fact{intends("c", "X", -299), shows("a", running, 0), past(0)}, after(1)},
		"intent just old enough":          {[]fact{intends("b", "K", -300), shows("a", running, 0), past(0)}, check},
		"young intent, failure in log": {[]fact{intends("b", "K", -10), shows("a", running, 0),
			past(0, ends("K", "b", -5, noMatch))}, check},
		"intent from the future": {[]fact{intends("b", "K", 9999), shows("a", running, 0), past(0)}, after(300)},
		"intent from the future after waiting": {[]fact{intends("b", "K", 9999), shows("a", running, 0, 300), past(300)},
			check},
		"reported success of earlier run, not visible": {[]fact{intends("b", "K", -4000), told, shows("a", running, 0),
			past(0)}, after(60)},
		"reported success of earlier run never visible": {[]fact{intends("b", "K", -4000), told,
			shows("a", running, 0, 150, 300), past(300)}, verdict(NotShown)},
		"reported success of earlier run expires": {[]fact{intends("b", "K", -24*60*60), told, shows("a", running, 0),
			past(0)}, check},
		"reported success for another target": {[]fact{intends("c", "X", -4000), told, shows("a", running, 0), past(0)},
			check},
		"own key succeeded": {[]fact{shows("a", running, 0), checks(0, nil), past(0, ends("K", "b", -3600, 0))}, after(60)},
		"later attempt's key succeeded": {[]fact{shows("a", running, 0), checks(0, nil),
			past(0, ends("K-2", "b", -3600, 0))}, after(60)},
		"own key succeeded five hours ahead": {[]fact{shows("a", running, 0), checks(0, nil),
			past(0, ends("K", "b", fiveHours, 0))}, after(60)},
		"own key succeeded five hours behind": {[]fact{shows("a", running, 0), checks(0, nil),
			past(0, ends("K", "b", -fiveHours, 0))}, after(60)},
		"key with own key as prefix": {[]fact{shows("a", running, 0), checks(0, nil), past(0, ends("K2", "b", -3600, 0))},
			verdict(Ask)},
		"success before the last move away": {[]fact{shows("a", running, 0), checks(0, nil),
			past(0, ends("", "a", -600, 0), ends("K", "b", -3600, 0))}, verdict(Ask)},
		"same second, later entry counts": {[]fact{shows("a", running, 0), checks(0, nil),
			past(0, numbered(2, ends("", "a", -600, 0)), numbered(1, ends("K", "b", -600, 0)))}, verdict(Ask)},
		"own key failed": {[]fact{shows("a", running, 0), checks(0, nil), past(0, ends("K", "b", -10, noMatch))},
			verdict(Ask)},
		"young key without end": {[]fact{shows("a", running, 0), checks(0, nil), past(0, begins("K", "b", -10))},
			after(290)},
		"old key without end": {[]fact{shows("a", running, 0), checks(0, nil), past(0, begins("K", "b", -300))},
			verdict(Ask)},
		"key without end from the future": {[]fact{shows("a", running, 0), checks(0, nil),
			past(0, begins("K", "b", fiveHours))}, after(300)},
		"young external migration to target": {[]fact{shows("a", running, 0), checks(0, nil),
			past(0, begins("", "b", -10))}, after(290)},
		"recent external success": {[]fact{shows("a", running, 0), checks(0, nil), past(0, ends("", "b", -299, 0))},
			after(60)},
		"old external success": {[]fact{shows("a", running, 0), checks(0, nil), past(0, ends("", "b", -300, 0))},
			verdict(Ask)},
		"external success five hours ahead": {[]fact{shows("a", running, 0), checks(0, nil),
			past(0, ends("", "b", fiveHours, 0))}, verdict(Ask)},
		"earlier run's migration arrives": {[]fact{intends("b", "K", -10), shows("a", running, 0), past(0),
			shows("b", running, 9)}, verdict(Done)},
		"earlier run's migration arrives with new identifier": {[]fact{intends("b", "K", -10), shows("a", running, 0),
			past(0), looks(Look{Region: "b", Status: running, AppID: "new"}, 9)}, verdict(Done)},
		"logged success arrives with new identifier": {[]fact{shows("a", running, 0), checks(0, nil),
			past(0, ends("K", "b", -9, 0)), looks(Look{Region: "b", Status: running, AppID: "new"}, 9)}, verdict(Done)},

		// Identity.
		"another environment in the source": {[]fact{looks(Look{Region: "a", Status: running, AppID: "new"}, 0)},
			verdict(Another)},
		"another environment in the target": {[]fact{looks(Look{Region: "b", Status: running, AppID: "new"}, 0)},
			verdict(Another)},
		"another environment in the source despite intent": {[]fact{intends("b", "K", -10),
			looks(Look{Region: "a", Status: running, AppID: "new"}, 0)}, verdict(Another)},
		"look without identifier":  {[]fact{looks(Look{Region: "a", Status: running}, 0)}, check},
		"order without identifier": {[]fact{func(e *Evidence) { e.Order.AppID = "" }, shows("a", running, 0)}, check},
		"identifier changes after the call": {[]fact{shows("a", running, 0), asks(10),
			looks(Look{Region: "b", Status: running, AppID: "new"}, 20)}, verdict(Done)},

		// The call.
		"open call, nothing visible": {[]fact{shows("a", running, 0), asks(10), shows("a", running, 20, 50, 99)}, look},
		"open call, arrived":         {[]fact{shows("a", running, 0), asks(10), shows("b", running, 20)}, verdict(Done)},
		"accepted call, arrived":     {[]fact{shows("a", running, 0), accepted, shows("b", running, 11)}, verdict(Done)},
		"refused call, arrived": {[]fact{shows("a", running, 0), asks(10), answers(10, refused), shows("b", running, 11)},
			verdict(Done)},
		"lost call, arrived": {[]fact{shows("a", running, 0), lostCall, shows("b", running, 11)}, verdict(Done)},
		"launching in the target": {[]fact{shows("a", running, 0), accepted, shows("b", platform.StatusLaunching, 11)},
			look},
		"accepted call, not visible, log not read": {[]fact{shows("a", running, 0), accepted, shows("a", running, 11)},
			journal},
		"accepted call, not visible": {[]fact{shows("a", running, 0), accepted, shows("a", running, 11), past(11)},
			after(60)},
		"accepted call, not visible just under limit": {[]fact{shows("a", running, 0), accepted,
			shows("a", running, 20, 100, 309), past(309)}, after(1)},
		"accepted call never visible": {[]fact{shows("a", running, 0), accepted, shows("a", running, 20, 100, 310),
			past(310)}, verdict(NotShown)},
		"accepted call, too few looks": {[]fact{shows("a", running, 0), accepted, shows("a", running, 309, 310),
			past(310)}, again},
		"accepted call, wait starts when idle": {[]fact{shows("a", running, 0), accepted, shows("a", atWork, 300),
			shows("a", running, 310), past(310)}, after(60)},
		"accepted call, failure in log": {[]fact{shows("a", running, 0), accepted, shows("a", running, 11),
			past(11, ends("K", "b", 11, noMatch))}, verdict(FailedBack)},
		"lost call, success in log": {[]fact{shows("a", running, 0), lostCall, shows("a", running, confirmed...),
			past(71, ends("K", "b", 30, 0))}, after(60)},
		"refused call, success in log": {[]fact{shows("a", running, 0), asks(10), answers(10, refused),
			shows("a", running, 11), past(11, ends("K", "b", 11, 0))}, after(60)},
		"own success five hours behind": {[]fact{shows("a", running, 0), lostCall, shows("a", running, confirmed...),
			past(71, ends("K", "b", 30-fiveHours, 0))}, after(60)},
		"own success five hours ahead": {[]fact{shows("a", running, 0), lostCall, shows("a", running, confirmed...),
			past(71, ends("K", "b", 30+fiveHours, 0))}, after(60)},
		"keyless success now": {[]fact{shows("a", running, 0), lostCall, shows("a", running, confirmed...),
			past(71, ends("", "b", 30, 0))}, after(60)},
		"keyless success five hours behind": {[]fact{shows("a", running, 0), lostCall, shows("a", running, confirmed...),
			past(71, ends("", "b", 30-fiveHours, 0))}, verdict(NeverStarted)},
		"keyless failure five hours ahead": {[]fact{shows("a", running, 0), lostCall, shows("a", running, 11),
			past(11, ends("", "b", 11+fiveHours, noMatch))}, again},
		"keyless failure logged before the call": {[]fact{shows("a", running, 0),
			past(9, numbered(7, ends("", "b", 9, noMatch))), lostCall, shows("a", running, 11),
			past(11, numbered(7, ends("", "b", 9, noMatch)))}, again},
		"keyless failure one second before the call": {[]fact{shows("a", running, 0), lostCall, shows("a", running, 11),
			past(11, ends("", "b", 8, noMatch))}, verdict(FailedBack)},
		"keyless failure three seconds before the call": {[]fact{shows("a", running, 0), lostCall,
			shows("a", running, 11), past(11, ends("", "b", 7, noMatch))}, again},
		"keyless failure elsewhere": {[]fact{shows("a", running, 0), lostCall, shows("a", running, 11),
			past(11, ends("", "c", 11, noMatch))}, again},
		"failure under another key": {[]fact{shows("a", running, 0), lostCall, shows("a", running, 11),
			past(11, ends("X", "b", 11, noMatch))}, again},
		"own failure in log": {[]fact{shows("a", running, 0), lostCall, shows("a", running, 11),
			past(11, ends("K", "b", 11, noMatch))}, verdict(FailedBack)},
		"own failure five hours ahead, unconfirmed": {[]fact{shows("a", running, 0), lostCall, shows("a", running, 11),
			past(11, ends("K", "b", 11+fiveHours, noMatch))}, again},
		"own failure five hours ahead, confirmed": {[]fact{shows("a", running, 0), lostCall,
			shows("a", running, confirmed...), past(71, ends("K", "b", 30+fiveHours, noMatch))}, verdict(FailedBack)},
		"own failure five hours behind, accepted call": {[]fact{shows("a", running, 0), accepted,
			shows("a", running, confirmed...), past(71, ends("K", "b", 30-fiveHours, noMatch))}, verdict(FailedBack)},
		"own failure before the call": {[]fact{shows("a", running, 0), lostCall, shows("a", running, 11),
			past(11, ends("K", "b", -99, noMatch))}, again},
		"own failure without times": {[]fact{shows("a", running, 0), lostCall, shows("a", running, 11),
			past(11, platform.Action{Kind: platform.ActionMigrate, RequestKey: "K", Result: new(noMatch)})},
			verdict(FailedBack)},
		"several ends, last counts": {[]fact{shows("a", running, 0), lostCall, shows("a", running, 20),
			past(20, ends("", "b", 18, 0), ends("", "b", 12, noMatch))}, after(60)},
		"refused call, log empty": {[]fact{shows("a", running, 0), asks(10), answers(10, refused),
			shows("a", running, 11), past(11)}, verdict(Refused)},
		"refused call, seen migrating": {[]fact{shows("a", running, 0), asks(10), shows("a", atWork, 11),
			answers(12, refused), shows("a", running, 12), past(12)}, verdict(FailedBack)},
		"refused call, was a current action": {[]fact{shows("a", running, 0), asks(10), current(11, begins("K", "b", 10)),
			answers(12, refused), shows("a", running, 12), past(12)}, verdict(FailedBack)},
		"refused call, log not permitted, confirmed": {[]fact{shows("a", running, 0), asks(10), answers(10, refused),
			shows("a", running, confirmed...), unreadable(71, forbidden)}, verdict(FailedBack)},
		"refused call, log not permitted, unconfirmed": {[]fact{shows("a", running, 0), asks(10), answers(10, refused),
			shows("a", running, 11), unreadable(11, forbidden)}, again},
		"refused call, failure in log": {[]fact{shows("a", running, 0), asks(10), answers(10, refused),
			shows("a", running, 11), past(11, ends("K", "b", 11, noMatch))}, verdict(FailedBack)},
		"lost call, nothing visible, confirmed": {[]fact{shows("a", running, 0), lostCall,
			shows("a", running, confirmed...), past(71)}, verdict(NeverStarted)},
		"lost call, nothing visible, just under limit": {[]fact{shows("a", running, 0), lostCall,
			shows("a", running, justUnder...), past(70)}, again},
		"lost call, nothing visible, only two looks": {[]fact{shows("a", running, 0), lostCall,
			shows("a", running, twice...), past(71)}, again},
		"lost call, nothing visible, well over limit": {[]fact{shows("a", running, 0), lostCall,
			shows("a", running, 11, 41, 200), past(200)}, verdict(NeverStarted)},
		"lost call, nothing visible, log unreadable": {[]fact{shows("a", running, 0), lostCall,
			shows("a", running, confirmed...), unreadable(71, trouble)}, verdict(NeverStarted)},
		"lost call, failed looks between": {[]fact{shows("a", running, 0), lostCall, shows("a", running, 11),
			hides(trouble, 20), shows("a", running, 41), hides(forbidden, 50), shows("a", running, 71), past(71)},
			verdict(NeverStarted)},
		"lost call, looks before the call do not count": {[]fact{shows("a", running, 0, 5), lostCall,
			shows("a", running, 65), past(65)}, again},
		"lost call, looks during the call do not count": {[]fact{shows("a", running, 0), asks(10),
			shows("a", running, 20, 50, 80), answers(81, lost), shows("a", running, 90), past(90)}, again},
		"lost call, current action": {[]fact{shows("a", running, 0), lostCall, shows("a", running, confirmed...),
			current(71, begins("K", "b", 10))}, again},
		"lost call, seen migrating, back": {[]fact{shows("a", running, 0), asks(10), shows("a", atWork, 10),
			answers(10, lost), shows("a", running, confirmed...), past(71)}, verdict(FailedBack)},
		"lost call after other work": {[]fact{shows("a", running, 0), asks(10), shows("a", platform.StatusUpdating, 10),
			answers(10, lost), shows("a", running, confirmed...), past(71)}, verdict(NeverStarted)},
		"unsent call, confirmed": {[]fact{shows("a", running, 0), asks(10), answers(10, trouble),
			shows("a", running, confirmed...), past(71)}, verdict(NeverStarted)},
		"unsent call, unconfirmed": {[]fact{shows("a", running, 0), asks(10), answers(10, trouble),
			shows("a", running, 11), past(11)}, again},
		"redirect": {[]fact{shows("a", running, 0), asks(10), answers(10, redirected), shows("a", running, 11), past(11)},
			again},
		"gateway page": {[]fact{shows("a", running, 0), asks(10), answers(10, page), shows("a", running, 11), past(11)},
			again},
		"unknown error type": {[]fact{shows("a", running, 0), asks(10), answers(10, errors.New("reset")),
			shows("a", running, 11), past(11)}, again},
		"busy call, unconfirmed": {[]fact{shows("a", running, 0), busyCall, shows("a", running, 11), past(11)}, again},
		"busy call, nothing visible, confirmed": {[]fact{shows("a", running, 0), busyCall,
			shows("a", running, confirmed...), past(71)}, verdict(Refused)},
		"busy call, nothing visible, just under limit": {[]fact{shows("a", running, 0), busyCall,
			shows("a", running, justUnder...), past(70)}, again},
		"busy call, seen migrating, back": {[]fact{shows("a", running, 0), busyCall, shows("a", atWork, 10),
			shows("a", running, confirmed...), past(71)}, verdict(FailedBack)},
		"busy call, seen migrating, failure in log": {[]fact{shows("a", running, 0), busyCall, shows("a", atWork, 10),
			shows("a", running, 20), past(20, ends("X", "b", 19, noMatch))}, verdict(FailedBack)},
		"external success before the call": {[]fact{shows("a", running, 0), lostCall, shows("a", running, confirmed...),
			past(71, ends("", "b", 2, 0))}, verdict(NeverStarted)},
		"own success a day ago": {[]fact{shows("a", running, 0), checks(0, nil), past(0, ends("K", "b", -24*60*60, 0))},
			verdict(Ask)},
		"several ends in any order, last counts": {[]fact{shows("a", running, 0), lostCall, shows("a", running, 20),
			past(20, ends("", "b", 12, noMatch), ends("", "b", 18, 0))}, after(60)},
		"migration elsewhere before the call": {[]fact{shows("a", running, 0), current(0, begins("", "c", -1)), asks(10),
			shows("a", atWork, 11), answers(12, refused), shows("a", running, 12), past(12)}, verdict(FailedBack)},
		"look without status between": {[]fact{shows("a", running, 0), lostCall, shows("a", running, 11, 41),
			shows("a", platform.StatusAbsent, 50), shows("a", running, 71), past(71)}, verdict(NeverStarted)},
		"lost call, looks during current action do not count": {[]fact{shows("a", running, 0), lostCall,
			shows("a", running, 11, 41), current(41, begins("K", "b", 10)), shows("a", running, 71),
			unreadable(71, trouble)}, again},
		"keyless failure beside a current action": {[]fact{shows("a", running, 0), current(0, begins("", "b", -1)),
			reads(Journal{Current: []platform.Action{begins("", "b", -1)}, Past: []platform.Action{ends("", "b", 0,
				noMatch)}}, 1), shows("a", running, 9), past(9, ends("", "b", 0, noMatch))}, again},
		"keyless failure logged while running": {[]fact{shows("a", atWork, 0), past(1, ends("", "b", 1, noMatch)),
			shows("a", atWork, 5), shows("a", running, 9), past(9, ends("", "b", 1, noMatch))}, again},
		"open call, seen migrating, back, log not read": {[]fact{shows("a", running, 0), asks(10), shows("a", atWork, 11),
			shows("a", running, 20)}, journal},
		"open call, seen migrating, back": {[]fact{shows("a", running, 0), asks(10), shows("a", atWork, 11),
			shows("a", running, 20), past(20)}, again},

		// What a status says.
		"unknown status in the target": {[]fact{shows("a", running, 0), accepted, shows("b", 42, 11, 41, 999)}, look},
		"unknown status in the source": {[]fact{shows("a", running, 0), lostCall, shows("a", 42, 11, 41, 999)}, look},
		"unknown status restarts the looks": {[]fact{shows("a", running, 0), lostCall, shows("a", running, 11),
			shows("a", 42, 20), shows("a", running, 41, 71), past(71)}, again},
		"unknown status before the call": {[]fact{shows("a", 42, 0)}, look},
		"no status in the target": {[]fact{shows("a", running, 0), accepted, shows("b", platform.StatusAbsent, 11)},
			look},
		"no region after the call":    {[]fact{shows("a", running, 0), accepted, shows("", running, 11)}, look},
		"failed looks after the call": {[]fact{shows("a", running, 0), accepted, hides(trouble, 11, 41, 999)}, look},

		// Arrived, with something wrong.
		"other status in the target, unconfirmed": {[]fact{shows("a", running, 0), accepted,
			shows("b", platform.StatusStopped, 11)}, again},
		"other status in the target, confirmed": {[]fact{shows("a", running, 0), accepted,
			shows("b", platform.StatusStopped, confirmed...)}, verdict(OtherState)},
		"other status in the target, just under limit": {[]fact{shows("a", running, 0), accepted,
			shows("b", platform.StatusStopped, justUnder...)}, again},
		"sleeping before, running after": {[]fact{before(platform.StatusSleeping), shows("a", platform.StatusSleeping, 0),
			accepted, shows("b", running, 11)}, verdict(Done)},
		"stopped before and after": {[]fact{before(platform.StatusStopped), shows("a", platform.StatusStopped, 0),
			accepted, shows("b", platform.StatusStopped, 11)}, verdict(Done)},
		"stopped before, running after": {[]fact{before(platform.StatusStopped), shows("a", platform.StatusStopped, 0),
			accepted, shows("b", running, confirmed...)}, verdict(OtherState)},
		"status before not known": {[]fact{before(platform.StatusAbsent), shows("a", atWork, 0),
			shows("b", platform.StatusStopped, 11)}, verdict(Done)},
		"status before unstable": {[]fact{before(42), shows("a", 42, 0), accepted,
			shows("b", platform.StatusStopped, 11)}, verdict(Done)},
		"old addresses, unconfirmed": {[]fact{shows("a", running, 0), accepted,
			looks(Look{Region: "b", Status: running, Stale: true}, 11)}, again},
		"old addresses, confirmed": {[]fact{shows("a", running, 0), accepted,
			looks(Look{Region: "b", Status: running, Stale: true}, confirmed...)}, verdict(Done)},
		"new addresses": {[]fact{shows("a", running, 0), accepted, looks(Look{Region: "b", Status: running, Stale: true},
			11), shows("b", running, 12)}, verdict(Done)},

		// Gone, broken, elsewhere, or not readable.
		"not found, just under settling time": {[]fact{shows("a", running, 0), accepted, hides(gone, justUnder...),
			past(70)}, again},
		"no action ids, failure told apart by its end": {[]fact{shows("a", running, 0),
			past(0, ends("K", "b", -100, noMatch)), lostCall, shows("a", running, 11),
			past(11, ends("K", "b", -100, noMatch), ends("K", "b", 10, noMatch))}, verdict(FailedBack)},
		"keyless failure, idle since": {[]fact{shows("a", atWork, 0), shows("a", running, 11),
			past(11, ends("", "b", 10, noMatch)), shows("a", running, 20), past(20, ends("", "b", 10, noMatch))},
			verdict(FailedBack)},
		"not found, log not read": {[]fact{shows("a", running, 0), accepted, hides(gone, 11)}, journal},
		"not found, current action": {[]fact{shows("a", running, 0), accepted, hides(gone, confirmed...),
			current(71, begins("K", "b", 5))}, again},
		"not found restarts after a current action": {[]fact{shows("a", running, 0), accepted, hides(gone, 11),
			current(11, begins("K", "b", 5)), hides(gone, 41, 70), past(70)}, again},
		"not found, but listed": {[]fact{shows("a", running, 0), accepted,
			looks(Look{Err: gone, Listed: true}, 11, 41, 71, 999)}, look},
		"not found, confirmed": {[]fact{shows("a", running, 0), accepted, hides(gone, confirmed...), past(71)},
			verdict(Gone)},
		"not found, only two looks": {[]fact{shows("a", running, 0), accepted, hides(gone, twice...), past(71)},
			again},
		"not found before the call, unconfirmed": {[]fact{shows("a", running, 0), hides(gone, 11), past(11)}, again},
		"status gone counts as not found": {[]fact{shows("a", running, 0), accepted, shows("a", platform.StatusGone, 11),
			hides(gone, 41), shows("a", platform.StatusGone, 71), past(71)}, verdict(Gone)},
		"not found restarts when it flaps": {[]fact{shows("a", running, 0), accepted, hides(gone, 11, 41),
			shows("a", atWork, 50), hides(gone, 71), past(71)}, again},
		"not found despite errors between": {[]fact{shows("a", running, 0), accepted, hides(gone, 11, 41),
			hides(trouble, 50), hides(gone, 71), past(71)}, verdict(Gone)},
		"ambiguous not-found code": {[]fact{shows("a", running, 0), accepted, hides(vague, 11, 41, 71, 999)}, look},
		"broken, log not read": {[]fact{shows("a", running, 0), accepted, shows("a", platform.StatusBroken, 11)},
			journal},
		"broken, unconfirmed": {[]fact{shows("a", running, 0), accepted, shows("a", platform.StatusBroken, 11), past(11)},
			again},
		"broken, confirmed": {[]fact{shows("a", running, 0), accepted, shows("a", platform.StatusBroken, confirmed...),
			past(71)}, verdict(Broken)},
		"broken without status": {[]fact{shows("a", running, 0), accepted,
			looks(Look{Region: "b", Status: running, Broken: true}, confirmed...), past(71)}, verdict(Broken)},
		"broken, failure in log": {[]fact{shows("a", running, 0), accepted, shows("a", platform.StatusBroken, 11),
			past(11, ends("K", "b", 11, noMatch))}, verdict(Broken)},
		"broken, refused call": {[]fact{shows("a", running, 0), asks(10), answers(10, refused),
			shows("a", platform.StatusBroken, 11), past(11)}, verdict(Broken)},
		"broken, busy call": {[]fact{shows("a", running, 0), busyCall, shows("a", platform.StatusBroken, 11), past(11)},
			again},
		"third region, log not read": {[]fact{shows("a", running, 0), accepted, shows("c", running, 11)}, journal},
		"third region, success in log": {[]fact{shows("a", running, 0), accepted, shows("c", running, 11),
			past(11, ends("", "c", 11, 0))}, verdict(Elsewhere)},
		"third region, old success in log": {[]fact{shows("a", running, 0), accepted, shows("c", running, 11),
			past(11, ends("", "c", -900, 0))}, again},
		"third region, failure in log": {[]fact{shows("a", running, 0), accepted, shows("c", running, 11),
			past(11, ends("", "c", 11, noMatch))}, again},
		"third region, confirmed": {[]fact{shows("a", running, 0), accepted, shows("c", running, confirmed...), past(71)},
			verdict(Elsewhere)},
		"reads not permitted, open call": {[]fact{shows("a", running, 0), asks(10), hides(unlocked, 11)}, answer},
		"reads not permitted, refused call": {[]fact{shows("a", running, 0), asks(10), hides(unlocked, 11),
			answers(12, forbidden)}, verdict(Refused)},
		"reads not permitted, seen migrating": {[]fact{shows("a", running, 0), asks(10), shows("a", atWork, 11),
			hides(forbidden, 12), answers(12, refused)}, verdict(NotKnown)},
		"reads not permitted, accepted call": {[]fact{shows("a", running, 0), accepted, hides(forbidden, 11)},
			verdict(NotKnown)},
		"reads not permitted, busy call": {[]fact{shows("a", running, 0), busyCall, hides(forbidden, 11)},
			verdict(NotKnown)},
		"reads not permitted before the call": {[]fact{shows("a", running, 0), hides(unlocked, 11)}, verdict(NotKnown)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := Judge(evidence(row.facts...)); got != row.want {
				t.Errorf("got %s, need %d after %s, want %s, need %d after %s", got.Kind, got.Need, got.After, row.want.Kind,
					row.want.Need, row.want.After)
			}
		})
	}
}

func TestAdoptedAndStarted(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		facts            []fact
		adopted, started bool
	}{
		"no call":                     {[]fact{shows("a", running, 0)}, false, false},
		"open":                        {[]fact{shows("a", running, 0), asks(1)}, false, true},
		"accepted":                    {[]fact{shows("a", running, 0), asks(1), answers(2, nil)}, false, true},
		"lost":                        {[]fact{shows("a", running, 0), asks(1), answers(2, lost)}, false, true},
		"never sent":                  {[]fact{shows("a", running, 0), asks(1), answers(2, trouble)}, false, false},
		"busy":                        {[]fact{shows("a", running, 0), asks(1), answers(2, busy)}, true, false},
		"found migrating":             {[]fact{shows("a", atWork, 0)}, true, false},
		"found migrating elsewhere":   {[]fact{shows("a", atWork, 0), current(0, begins("", "c", 0))}, false, false},
		"found among current actions": {[]fact{shows("a", running, 0), current(0, begins("K", "", 0))}, true, false},
		"arrived without a call":      {[]fact{shows("a", running, 0), shows("b", running, 1)}, true, false},
		"already in the target":       {[]fact{shows("b", running, 0, 1)}, false, false},
		"seen before the call":        {[]fact{shows("a", atWork, 0), shows("a", running, 1), asks(2)}, false, true},
	} {
		if e := evidence(row.facts...); e.Adopted() != row.adopted || e.Started() != row.started {
			t.Errorf("%s: adopted %v, started %v", name, e.Adopted(), e.Started())
		}
	}
}

func TestLimitsConfirm(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		limits  Limits
		seconds []int
		want    bool
	}{
		"nothing seen":     {Limits{}, nil, false},
		"no limits":        {Limits{}, []int{0}, true},
		"just under":       {patient, []int{0, 30, 59}, false},
		"exactly":          {patient, []int{0, 30, 60}, true},
		"over":             {patient, []int{0, 30, 61}, true},
		"not often enough": {patient, []int{0, 600}, false},
		"often, too short": {patient, []int{0, 1, 2, 3, 4, 5}, false},
		"often and long":   {patient, []int{0, 1, 2, 3, 4, 60}, true},
	} {
		var s Streak
		for _, at := range row.seconds {
			s.Add(second(at))
		}
		if got := row.limits.Confirms(s); got != row.want {
			t.Errorf("%s: %v", name, got)
		}
		if n := len(row.seconds); s.Looks != n || n > 0 &&
			(!s.Since.Equal(second(row.seconds[0])) || !s.Until.Equal(second(row.seconds[n-1]))) {
			t.Errorf("%s: %+v", name, s)
		}
	}
}

func TestRequestKey(t *testing.T) {
	t.Parallel()
	end := time.Date(2026, 3, 1, 12, 0, 0, 0, time.FixedZone("", 5*60*60))
	key := RequestKey("app", "a", "b", end)
	if again := RequestKey("app", "a", "b", end.UTC().Add(time.Millisecond)); again != key {
		t.Errorf("%s and %s must be equal", key, again)
	}
	keys := []string{
		key, RequestKey("other", "a", "b", end), RequestKey("app", "c", "b", end), RequestKey("app", "a", "c", end),
		RequestKey("app", "b", "a", end),
		RequestKey("app", "a", "b", end.Add(time.Second)), RequestKey("app", "a", "b", time.Time{}),
		RequestKey("ap", "pa", "b", end), RequestKey("", "", "", time.Time{}),
	}
	slices.Sort(keys)
	if len(slices.Compact(keys)) != 9 {
		t.Errorf("different migrations have the same key: %v", keys)
	}
	if want := len(RequestKeyPrefix) + 24; len(key) != want {
		t.Errorf("%s is %d long, want %d", key, len(key), want)
	}
}

func TestNextKey(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		facts []fact
		want  string
	}{
		"the first attempt": {nil, "K"},
		"no request key": {[]fact{func(e *Evidence) { e.Order.RequestKey = "" }, intends("b", "I", 0)},
			""},
		"after an intent":                   {[]fact{intends("b", "K", 0)}, "K-2"},
		"after an intent under another key": {[]fact{intends("b", "older", 0)}, "K"},
		"after an intent of another target": {[]fact{intends("c", "K", 0)}, "K"},
		"after the log":                     {[]fact{past(0, ends("K", "b", 0, 1))}, "K-2"},
		"after both":                        {[]fact{intends("b", "K-2", 0), past(0, ends("K", "b", 0, 1))}, "K-3"},
		"after several, in any order": {[]fact{past(0, ends("K-3", "b", 0, 1), ends("K", "b", 0, 1)), past(1, ends("K-2",
			"b", 0, 1))}, "K-4"},
		"first attempts no longer in the log": {[]fact{past(0, ends("K-11", "b", 0, 1))}, "K-12"},
		"other keys are ignored": {
			[]fact{past(0, ends("L-7", "b", 0, 1), ends("", "b", 0, 1), ends("K2", "b", 0, 1))}, "K"},
		"own key with a foreign suffix": {[]fact{past(0, ends("K-x", "b", 0, 1))}, "K-2"},
	} {
		e := evidence(row.facts...)
		if got := e.nextKey(); got != row.want {
			t.Errorf("%s: %s, want %s", name, got, row.want)
		}
	}
}

func TestPairNodes(t *testing.T) {
	t.Parallel()
	cp := func(id int64) Role { return Role{ID: id, NodeGroup: "cp"} }
	master := func(id int64) Role { return Role{ID: id, NodeGroup: "cp", Master: true} }
	db := func(id int64) Role { return Role{ID: id, NodeGroup: "sqldb"} }
	for name, row := range map[string]struct {
		before, after []Role
		want          [][2]int64
	}{
		"the same":      {[]Role{cp(1), db(2)}, []Role{cp(1), db(2)}, [][2]int64{{1, 1}, {2, 2}}},
		"another order": {[]Role{cp(1), db(2)}, []Role{db(2), cp(1)}, [][2]int64{{2, 2}, {1, 1}}},
		"new identifiers": {[]Role{cp(1), cp(2), db(3)}, []Role{db(13), cp(11), cp(12)},
			[][2]int64{{3, 13}, {1, 11}, {2, 12}}},
		"role before order": {[]Role{cp(1), master(2)}, []Role{master(12), cp(11)},
			[][2]int64{{2, 12}, {1, 11}}},
		"new identifiers and another master": {[]Role{master(1), cp(2)}, []Role{cp(11), cp(12)},
			[][2]int64{{2, 11}, {1, 12}}},
		"identifier before role":           {[]Role{cp(1), cp(2)}, []Role{cp(9), cp(1)}, [][2]int64{{2, 9}, {1, 1}}},
		"a kept identifier in a new group": {[]Role{cp(1)}, []Role{db(1)}, [][2]int64{{1, 1}}},
		"fewer":                            {[]Role{cp(1), cp(2), cp(3)}, []Role{cp(2)}, [][2]int64{{2, 2}}},
		"fewer and new":                    {[]Role{cp(1), cp(2)}, []Role{cp(11)}, [][2]int64{{1, 11}}},
		"more":                             {[]Role{cp(1)}, []Role{cp(11), cp(1)}, [][2]int64{{1, 1}}},
		"more and new":                     {[]Role{cp(1)}, []Role{cp(11), cp(12)}, [][2]int64{{1, 11}}},
		"another group":                    {[]Role{cp(1)}, []Role{db(11)}, nil},
		"none before":                      {nil, []Role{cp(1)}, nil},
		"none after":                       {[]Role{cp(1)}, nil, nil},
	} {
		var got [][2]int64
		for _, p := range PairNodes(row.before, row.after, func(r Role) Role { return r }) {
			got = append(got, [2]int64{p.Before.ID, p.After.ID})
		}
		if !slices.Equal(got, row.want) {
			t.Errorf("%s: %v, want %v", name, got, row.want)
		}
	}
}
