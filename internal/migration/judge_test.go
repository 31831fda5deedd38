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
	seenSoon := []int{11, 41, 71}  // 60 s from the first to the last
	justUnder := []int{11, 41, 70} // 59 s from the first to the last
	twice := []int{11, 71}         // long enough, but not often enough
	lostCall := func(e *Evidence) { asks(10)(e); answers(10, lost)(e) }
	accepted := func(e *Evidence) { asks(10)(e); answers(10, nil)(e) }
	twoTwelve := func(e *Evidence) { asks(10)(e); answers(10, busy)(e) }

	for name, row := range map[string]struct {
		facts []fact
		want  Verdict
	}{
		// Before any look.
		"without a look there is nothing to judge": {nil, look},
		"who is interrupted does " +
			"not know": {[]fact{shows("b", running, 0), func(e *Evidence) { e.Interrupted = context.Canceled }},
			verdict(NotKnown)},
		"who is interrupted without a look does not know": {[]fact{func(e *Evidence) { e.Interrupted = context.Canceled }},
			verdict(NotKnown)},
		"what is in the target already is done":        {[]fact{shows("b", platform.StatusStopped, 0)}, verdict(Done)},
		"the platform is asked first whether it would": {[]fact{shows("a", running, 0)}, check},
		"the log is read before asking":                {[]fact{shows("a", running, 0), checks(0, nil)}, journal},
		"a log from before the check is read again": {[]fact{shows("a", running, 0), past(0), checks(1, nil)},
			journal},
		"a log from before the look is read " +
			"again": {[]fact{shows("a", running, 0), past(1), checks(1, nil), shows("a", running, 2)}, journal},
		"nothing stands against asking": {[]fact{shows("a", running, 0), checks(0, nil), past(0)},
			verdict(Ask)},
		"a sleeping environment is " +
			"asked for": {[]fact{shows("a", platform.StatusSleeping, 0), checks(0, nil), past(0)}, verdict(Ask)},
		"a suspended environment is " +
			"asked for": {[]fact{shows("a", platform.StatusSuspended, 0), checks(0, nil), past(0)}, verdict(Ask)},
		"a log that this token may not read is no " +
			"obstacle": {[]fact{shows("a", running, 0), checks(0, nil), unreadable(0, forbidden)}, verdict(Ask)},
		"a log that cannot be read now is " +
			"waited for": {[]fact{shows("a", running, 0), checks(0, nil), unreadable(0, trouble)}, again},
		"a log that stays unreadable is no " +
			"obstacle": {[]fact{shows("a", running, 0, 30, 60), checks(0, nil), unreadable(60, trouble)}, verdict(Ask)},
		"an old log does not make up for an " +
			"unreadable one": {[]fact{shows("a", running, 0), checks(0, nil), past(0), shows("a", running, 5),
			unreadable(5, trouble)}, again},

		// The check.
		"what the check refuses is refused when the log knows of " +
			"nothing": {[]fact{shows("a", running, 0), checks(0, refused), past(0)}, verdict(Refused)},
		"the log is read before a refusal is " +
			"believed": {[]fact{shows("a", running, 0), checks(0, refused)}, journal},
		"a refusal of what an earlier run has done already is " +
			"waited out": {[]fact{shows("a", running, 0), checks(0, refused), past(0, ends("K", "b", -30, 0))}, after(60)},
		"a check that cannot be asked is no " +
			"refusal": {[]fact{shows("a", running, 0), checks(0, trouble)}, verdict(Unchecked)},
		"a check that is not permitted is no " +
			"refusal": {[]fact{shows("a", running, 0), checks(0, unlocked)}, verdict(Unchecked)},
		"something at work that does not show is " +
			"waited for": {[]fact{shows("a", running, 0), checks(0, busy), past(0)}, again},
		"whether something is still at work is asked after the " +
			"next look": {[]fact{shows("a", running, 0), checks(0, busy), past(0), shows("a", running, 20)}, check},
		"something at work that never shows refuses after the " +
			"settling time": {[]fact{shows("a", running, 0, 30, 60), checks(60, busy), past(60)}, verdict(Refused)},
		"something at work that never shows is waited for just " +
			"under it": {[]fact{shows("a", running, 0, 30, 59), checks(59, busy), past(59)}, again},
		"something at work that the log shows is " +
			"waited for": {[]fact{shows("a", running, 0, 30, 60), checks(60, busy),
			current(60, platform.Action{Environment: "shop"})}, again},
		"the check is asked anew after something was " +
			"at work": {[]fact{shows("a", running, 0), checks(0, nil), shows("a", platform.StatusUpdating, 5),
			shows("a", running, 10), past(10)}, check},
		"the check is asked anew after something was among current " +
			"actions": {[]fact{shows("a", running, 0), checks(0, nil), current(1, begins("", "c", 0)), shows("a", running, 10),
			past(10)}, check},
		"the check is asked anew after an unknown " +
			"status": {[]fact{shows("a", running, 0), checks(0, nil), shows("a", 42, 5), shows("a", running, 10), past(10)},
			check},
		"nothing is asked while somebody migrates it " +
			"elsewhere": {[]fact{shows("a", running, 0), checks(0, nil), current(0, begins("", "c", 0))}, again},
		"a migration elsewhere that has just ended may " +
			"show yet": {[]fact{shows("a", running, 0), checks(0, nil), past(0, ends("", "c", -20, 0))}, after(40)},
		"a migration elsewhere that ended a settling time ago " +
			"shows": {[]fact{shows("a", running, 0), checks(0, nil), past(0, ends("", "c", -60, 0))}, verdict(Ask)},
		"a failed migration elsewhere will " +
			"not show": {[]fact{shows("a", running, 0), checks(0, nil), past(0, ends("", "c", -20, noMatch))}, verdict(Ask)},
		"a migration to where it is now does not " +
			"matter": {[]fact{shows("a", running, 0), checks(0, nil), past(0, ends("", "a", -20, 0))}, verdict(Ask)},
		"another kind of past action does not " +
			"matter": {[]fact{shows("a", running, 0), checks(0, nil),
			past(0, platform.Action{Region: "b", Finished: second(-1), Result: new(int)})}, verdict(Ask)},

		// Found running before this run requested anything.
		"who finds it migrating reads the log for where it goes": {[]fact{shows("a", atWork, 0)}, journal},
		"a migration that was found is " +
			"looked at": {[]fact{shows("a", atWork, 0), current(0, begins("K", "b", -9))}, look},
		"a migration that was found and arrived " +
			"is done": {[]fact{shows("a", atWork, 0), current(0, begins("", "b", -9)), shows("b", running, 9)}, verdict(Done)},
		"a migration that arrived with another identifier " +
			"is done": {[]fact{shows("a", atWork, 0), current(0, begins("", "b", -9)),
			looks(Look{Region: "b", Status: running, AppID: "new"}, 9)}, verdict(Done)},
		"one that was found and is back is believed after a " +
			"while": {[]fact{shows("a", atWork, 0), shows("a", running, seenSoon...), past(71)}, verdict(FailedBack)},
		"one that was found and is back is not believed just " +
			"under it": {[]fact{shows("a", atWork, 0), shows("a", running, justUnder...), past(70)}, again},
		"one that was found and failed by the log is believed " +
			"at once": {[]fact{shows("a", atWork, 0), shows("a", running, 9), past(9, ends("K", "b", 8, noMatch))},
			verdict(FailedBack)},
		"one that was found and succeeded by the log is " +
			"waited for": {[]fact{shows("a", atWork, 0), shows("a", running, 9), past(9, ends("K", "b", 8, 0))}, after(60)},
		"one that was found is known by its key five hours " +
			"behind": {[]fact{shows("a", atWork, 0), current(0, begins("X", "b", -fiveHours)), shows("a", running, 9),
			past(9, ends("X", "b", 8-fiveHours, noMatch))}, verdict(FailedBack)},
		"one that was found is known by the intent's key five hours " +
			"ahead": {[]fact{intends("b", "I", -9), shows("a", atWork, 0), shows("a", running, 9),
			past(9, ends("I", "b", 8+fiveHours, noMatch))}, verdict(FailedBack)},
		"a success under our key counts five hours " +
			"behind": {[]fact{shows("a", atWork, 0), shows("a", running, seenSoon...), past(71, ends("K", "b", 8-fiveHours, 0))},
			after(60)},
		"a failure beside a current one is an earlier " +
			"attempt's": {[]fact{intends("b", "I", -900), shows("a", atWork, 0),
			reads(Journal{Current: []platform.Action{begins("K", "b", -9)},
				Past: []platform.Action{ends("I", "b", -800, noMatch)}}, 0), shows("a", running, 9),
			past(9, ends("I", "b", -800, noMatch))}, again},
		"somebody's migration elsewhere is not " +
			"this one": {[]fact{shows("a", atWork, 0), current(0, begins("", "c", -9)), shows("a", running, 9)}, check},
		"somebody's migration that the log shows to the target is " +
			"adopted": {[]fact{shows("a", running, 0), checks(0, nil), current(0, begins("", "b", -1))}, again},

		// Started by an earlier run.
		"an intent is looked up in the log " +
			"first": {[]fact{intends("b", "K", -10), shows("a", running, 0)}, journal},
		"a young intent without a trace " +
			"means wait": {[]fact{intends("b", "K", -10), shows("a", running, 0), past(0)}, after(290)},
		"a young intent means wait although the log is " +
			"unreadable": {[]fact{intends("b", "K", -10), shows("a", running, 0), unreadable(0, forbidden)}, after(290)},
		"a young intent of another target " +
			"means wait": {[]fact{intends("c", "X", -299), shows("a", running, 0), past(0)}, after(1)},
		"an intent just old enough is " +
			"asked for": {[]fact{intends("b", "K", -300), shows("a", running, 0), past(0)}, check},
		"an intent that failed by the log need not be " +
			"waited for": {[]fact{intends("b", "K", -10), shows("a", running, 0), past(0, ends("K", "b", -5, noMatch))}, check},
		"an intent from the future means wait, not " +
			"for ever": {[]fact{intends("b", "K", 9999), shows("a", running, 0), past(0)}, after(300)},
		"an intent from the future is waited " +
			"for once": {[]fact{intends("b", "K", 9999), shows("a", running, 0, 300), past(300)}, check},
		"a success that an earlier run was told is " +
			"waited for": {[]fact{intends("b", "K", -4000), told, shows("a", running, 0), past(0)}, after(60)},
		"a success that an earlier run was told never " +
			"shows": {[]fact{intends("b", "K", -4000), told, shows("a", running, 0, 150, 300), past(300)}, verdict(NotShown)},
		"a success that an earlier run was told is forgotten " +
			"one day": {[]fact{intends("b", "K", -24*60*60), told, shows("a", running, 0), past(0)}, check},
		"a told success of another target does not " +
			"count": {[]fact{intends("c", "X", -4000), told, shows("a", running, 0), past(0)}, check},
		"a key in the log that succeeded is " +
			"waited for": {[]fact{shows("a", running, 0), checks(0, nil), past(0, ends("K", "b", -3600, 0))}, after(60)},
		"a further attempt's key that succeeded is " +
			"waited for": {[]fact{shows("a", running, 0), checks(0, nil), past(0, ends("K-2", "b", -3600, 0))}, after(60)},
		"a key in the log that succeeded five hours ahead " +
			"is too": {[]fact{shows("a", running, 0), checks(0, nil), past(0, ends("K", "b", fiveHours, 0))}, after(60)},
		"a key in the log that succeeded five hours behind " +
			"is too": {[]fact{shows("a", running, 0), checks(0, nil), past(0, ends("K", "b", -fiveHours, 0))}, after(60)},
		"a key that only begins like ours is " +
			"another's": {[]fact{shows("a", running, 0), checks(0, nil), past(0, ends("K2", "b", -3600, 0))}, verdict(Ask)},
		"a success before the last move away " +
			"is over": {[]fact{shows("a", running, 0), checks(0, nil),
			past(0, ends("", "a", -600, 0), ends("K", "b", -3600, 0))}, verdict(Ask)},
		"of two in the same second the later entry " +
			"counts": {[]fact{shows("a", running, 0), checks(0, nil),
			past(0, numbered(2, ends("", "a", -600, 0)), numbered(1, ends("K", "b", -600, 0)))}, verdict(Ask)},
		"a key that failed is no obstacle to a new " +
			"attempt": {[]fact{shows("a", running, 0), checks(0, nil), past(0, ends("K", "b", -10, noMatch))}, verdict(Ask)},
		"a young key without an end " +
			"means wait": {[]fact{shows("a", running, 0), checks(0, nil), past(0, begins("K", "b", -10))}, after(290)},
		"an old key without an end is no " +
			"obstacle": {[]fact{shows("a", running, 0), checks(0, nil), past(0, begins("K", "b", -300))}, verdict(Ask)},
		"a key without an end from the future " +
			"means wait": {[]fact{shows("a", running, 0), checks(0, nil), past(0, begins("K", "b", fiveHours))}, after(300)},
		"somebody's young migration to the target " +
			"means wait": {[]fact{shows("a", running, 0), checks(0, nil), past(0, begins("", "b", -10))}, after(290)},
		"somebody's success a moment ago is " +
			"waited for": {[]fact{shows("a", running, 0), checks(0, nil), past(0, ends("", "b", -299, 0))}, after(60)},
		"somebody's success long ago is no " +
			"obstacle": {[]fact{shows("a", running, 0), checks(0, nil), past(0, ends("", "b", -300, 0))}, verdict(Ask)},
		"somebody's success five hours off is no " +
			"obstacle": {[]fact{shows("a", running, 0), checks(0, nil), past(0, ends("", "b", fiveHours, 0))}, verdict(Ask)},
		"what an earlier run asked for " +
			"arrives": {[]fact{intends("b", "K", -10), shows("a", running, 0), past(0), shows("b", running, 9)}, verdict(Done)},
		"what an earlier run asked for arrives with another " +
			"identifier": {[]fact{intends("b", "K", -10), shows("a", running, 0), past(0),
			looks(Look{Region: "b", Status: running, AppID: "new"}, 9)}, verdict(Done)},
		"a success that was told arrives with another " +
			"identifier": {[]fact{shows("a", running, 0), checks(0, nil), past(0, ends("K", "b", -9, 0)),
			looks(Look{Region: "b", Status: running, AppID: "new"}, 9)}, verdict(Done)},

		// Identity.
		"another environment of the name is " +
			"refused": {[]fact{looks(Look{Region: "a", Status: running, AppID: "new"}, 0)}, verdict(Another)},
		"another environment in the target is " +
			"refused": {[]fact{looks(Look{Region: "b", Status: running, AppID: "new"}, 0)}, verdict(Another)},
		"another one in the source is refused in spite of an " +
			"intent": {[]fact{intends("b", "K", -10), looks(Look{Region: "a", Status: running, AppID: "new"}, 0)},
			verdict(Another)},
		"an answer without an identifier is this environment": {[]fact{looks(Look{Region: "a", Status: running}, 0)},
			check},
		"an order without an identifier " +
			"takes any": {[]fact{func(e *Evidence) { e.Order.AppID = "" }, shows("a", running, 0)}, check},
		"an identifier that changed after the call is " +
			"this one": {[]fact{shows("a", running, 0), asks(10), looks(Look{Region: "b", Status: running, AppID: "new"}, 20)},
			verdict(Done)},

		// The call.
		"an open call without a trace is " +
			"looked on": {[]fact{shows("a", running, 0), asks(10), shows("a", running, 20, 50, 99)}, look},
		"an open call and arrived " +
			"is done": {[]fact{shows("a", running, 0), asks(10), shows("b", running, 20)}, verdict(Done)},
		"an accepted call and arrived is done at the " +
			"first look": {[]fact{shows("a", running, 0), accepted, shows("b", running, 11)}, verdict(Done)},
		"a refused call and arrived " +
			"is done": {[]fact{shows("a", running, 0), asks(10), answers(10, refused), shows("b", running, 11)}, verdict(Done)},
		"a lost call and arrived " +
			"is done": {[]fact{shows("a", running, 0), lostCall, shows("b", running, 11)}, verdict(Done)},
		"still starting in the target is " +
			"no end": {[]fact{shows("a", running, 0), accepted, shows("b", platform.StatusLaunching, 11)}, look},
		"the log is read where a call ended and nothing " +
			"shows": {[]fact{shows("a", running, 0), accepted, shows("a", running, 11)}, journal},
		"a success that was told and does not show is " +
			"waited for": {[]fact{shows("a", running, 0), accepted, shows("a", running, 11), past(11)}, after(60)},
		"a success that was told is waited for to " +
			"the end": {[]fact{shows("a", running, 0), accepted, shows("a", running, 20, 100, 309), past(309)}, after(1)},
		"a success that was told and never shows is told " +
			"as that": {[]fact{shows("a", running, 0), accepted, shows("a", running, 20, 100, 310), past(310)},
			verdict(NotShown)},
		"a success that was told and seldom looked for is looked for " +
			"again": {[]fact{shows("a", running, 0), accepted, shows("a", running, 309, 310), past(310)}, again},
		"waiting for a told success begins when nothing is at work " +
			"any more": {[]fact{shows("a", running, 0), accepted, shows("a", atWork, 300), shows("a", running, 310), past(310)},
			after(60)},
		"a success that was told and failed by the log has " +
			"failed": {[]fact{shows("a", running, 0), accepted, shows("a", running, 11), past(11, ends("K", "b", 11, noMatch))},
			verdict(FailedBack)},
		"a success in the log is believed after a lost " +
			"answer": {[]fact{shows("a", running, 0), lostCall, shows("a", running, seenSoon...),
			past(71, ends("K", "b", 30, 0))}, after(60)},
		"a success in the log is believed although the call was " +
			"refused": {[]fact{shows("a", running, 0), asks(10), answers(10, refused), shows("a", running, 11),
			past(11, ends("K", "b", 11, 0))}, after(60)},
		"our success counts five hours " +
			"behind": {[]fact{shows("a", running, 0), lostCall, shows("a", running, seenSoon...),
			past(71, ends("K", "b", 30-fiveHours, 0))}, after(60)},
		"our success counts five hours " +
			"ahead": {[]fact{shows("a", running, 0), lostCall, shows("a", running, seenSoon...),
			past(71, ends("K", "b", 30+fiveHours, 0))}, after(60)},
		"a keyless success of now is " +
			"this one": {[]fact{shows("a", running, 0), lostCall, shows("a", running, seenSoon...),
			past(71, ends("", "b", 30, 0))}, after(60)},
		"a keyless success five hours behind is " +
			"another": {[]fact{shows("a", running, 0), lostCall, shows("a", running, seenSoon...),
			past(71, ends("", "b", 30-fiveHours, 0))}, verdict(NeverStarted)},
		"a keyless failure five hours ahead is " +
			"another": {[]fact{shows("a", running, 0), lostCall, shows("a", running, 11),
			past(11, ends("", "b", 11+fiveHours, noMatch))}, again},
		"a keyless failure that the log had before the call is " +
			"another": {[]fact{shows("a", running, 0), past(9, numbered(7, ends("", "b", 9, noMatch))), lostCall,
			shows("a", running, 11), past(11, numbered(7, ends("", "b", 9, noMatch)))}, again},
		"a keyless failure a second before the call is " +
			"this one": {[]fact{shows("a", running, 0), lostCall, shows("a", running, 11), past(11, ends("", "b", 8, noMatch))},
			verdict(FailedBack)},
		"a keyless failure three seconds before the call is " +
			"another": {[]fact{shows("a", running, 0), lostCall, shows("a", running, 11), past(11, ends("", "b", 7, noMatch))},
			again},
		"a keyless failure elsewhere is " +
			"another": {[]fact{shows("a", running, 0), lostCall, shows("a", running, 11), past(11, ends("", "c", 11, noMatch))},
			again},
		"a failure under another key is " +
			"another": {[]fact{shows("a", running, 0), lostCall, shows("a", running, 11), past(11, ends("X", "b", 11, noMatch))},
			again},
		"our failure in the log is believed " +
			"at once": {[]fact{shows("a", running, 0), lostCall, shows("a", running, 11), past(11, ends("K", "b", 11, noMatch))},
			verdict(FailedBack)},
		"our failure five hours ahead may be an earlier " +
			"attempt's": {[]fact{shows("a", running, 0), lostCall, shows("a", running, 11),
			past(11, ends("K", "b", 11+fiveHours, noMatch))}, again},
		"our failure five hours ahead is believed after a " +
			"while": {[]fact{shows("a", running, 0), lostCall, shows("a", running, seenSoon...),
			past(71, ends("K", "b", 30+fiveHours, noMatch))}, verdict(FailedBack)},
		"our failure five hours behind is, although the call was " +
			"accepted": {[]fact{shows("a", running, 0), accepted, shows("a", running, seenSoon...),
			past(71, ends("K", "b", 30-fiveHours, noMatch))}, verdict(FailedBack)},
		"our failure from before the call is a killed " +
			"run's": {[]fact{shows("a", running, 0), lostCall, shows("a", running, 11), past(11, ends("K", "b", -99, noMatch))},
			again},
		"our failure without times is " +
			"believed": {[]fact{shows("a", running, 0), lostCall, shows("a", running, 11),
			past(11, platform.Action{Kind: platform.ActionMigrate, RequestKey: "K", Result: new(noMatch)})},
			verdict(FailedBack)},
		"of several ends the last one " +
			"counts": {[]fact{shows("a", running, 0), lostCall, shows("a", running, 20),
			past(20, ends("", "b", 18, 0), ends("", "b", 12, noMatch))}, after(60)},
		"a refusal is believed when the log knows of " +
			"nothing": {[]fact{shows("a", running, 0), asks(10), answers(10, refused), shows("a", running, 11), past(11)},
			verdict(Refused)},
		"a refusal after it was seen under way is a " +
			"failure": {[]fact{shows("a", running, 0), asks(10), shows("a", atWork, 11), answers(12, refused),
			shows("a", running, 12), past(12)}, verdict(FailedBack)},
		"a refusal after it was a current action is a " +
			"failure": {[]fact{shows("a", running, 0), asks(10), current(11, begins("K", "b", 10)), answers(12, refused),
			shows("a", running, 12), past(12)}, verdict(FailedBack)},
		"a refusal without a log is believed after a " +
			"while": {[]fact{shows("a", running, 0), asks(10), answers(10, refused), shows("a", running, seenSoon...),
			unreadable(71, forbidden)}, verdict(FailedBack)},
		"a refusal without a log is not believed " +
			"at once": {[]fact{shows("a", running, 0), asks(10), answers(10, refused), shows("a", running, 11),
			unreadable(11, forbidden)}, again},
		"a refusal with our failure in the log is a " +
			"failure": {[]fact{shows("a", running, 0), asks(10), answers(10, refused), shows("a", running, 11),
			past(11, ends("K", "b", 11, noMatch))}, verdict(FailedBack)},
		"a lost call without a trace never started after a " +
			"while": {[]fact{shows("a", running, 0), lostCall, shows("a", running, seenSoon...), past(71)},
			verdict(NeverStarted)},
		"a lost call without a trace is not given up just " +
			"under it": {[]fact{shows("a", running, 0), lostCall, shows("a", running, justUnder...), past(70)}, again},
		"a lost call without a trace is not given up by two " +
			"looks": {[]fact{shows("a", running, 0), lostCall, shows("a", running, twice...), past(71)}, again},
		"a lost call is given up well " +
			"over it": {[]fact{shows("a", running, 0), lostCall, shows("a", running, 11, 41, 200), past(200)},
			verdict(NeverStarted)},
		"a lost call is given up although the log is " +
			"unreadable": {[]fact{shows("a", running, 0), lostCall, shows("a", running, seenSoon...), unreadable(71, trouble)},
			verdict(NeverStarted)},
		"what a look does not show does not break a row of " +
			"looks": {[]fact{shows("a", running, 0), lostCall, shows("a", running, 11), hides(trouble, 20),
			shows("a", running, 41), hides(forbidden, 50), shows("a", running, 71), past(71)}, verdict(NeverStarted)},
		"looks before the call say nothing " +
			"about it": {[]fact{shows("a", running, 0, 5), lostCall, shows("a", running, 65), past(65)}, again},
		"looks while the call was open say nothing about " +
			"its end": {[]fact{shows("a", running, 0), asks(10), shows("a", running, 20, 50, 80), answers(81, lost),
			shows("a", running, 90), past(90)}, again},
		"a lost call that shows as a current action is " +
			"waited for": {[]fact{shows("a", running, 0), lostCall, shows("a", running, seenSoon...),
			current(71, begins("K", "b", 10))}, again},
		"a lost call that was seen under way and is back has " +
			"failed": {[]fact{shows("a", running, 0), asks(10), shows("a", atWork, 10), answers(10, lost),
			shows("a", running, seenSoon...), past(71)}, verdict(FailedBack)},
		"a lost call after something else was at work never " +
			"started": {[]fact{shows("a", running, 0), asks(10), shows("a", platform.StatusUpdating, 10), answers(10, lost),
			shows("a", running, seenSoon...), past(71)}, verdict(NeverStarted)},
		"a call that was never sent never started after a " +
			"while": {[]fact{shows("a", running, 0), asks(10), answers(10, trouble), shows("a", running, seenSoon...), past(71)},
			verdict(NeverStarted)},
		"a call that was never sent is not given up " +
			"at once": {[]fact{shows("a", running, 0), asks(10), answers(10, trouble), shows("a", running, 11), past(11)},
			again},
		"a redirect is no refusal": {[]fact{shows("a", running, 0), asks(10),
			answers(10, redirected), shows("a", running, 11), past(11)}, again},
		"a page of a gateway is no " +
			"refusal": {[]fact{shows("a", running, 0), asks(10), answers(10, page), shows("a", running, 11), past(11)}, again},
		"a foreign error is no " +
			"refusal": {[]fact{shows("a", running, 0), asks(10), answers(10, errors.New("reset")), shows("a", running, 11),
			past(11)}, again},
		"a call that found something at work waits " +
			"for it": {[]fact{shows("a", running, 0), twoTwelve, shows("a", running, 11), past(11)}, again},
		"a call that found something at work that never shows is " +
			"refused": {[]fact{shows("a", running, 0), twoTwelve, shows("a", running, seenSoon...), past(71)}, verdict(Refused)},
		"a call that found something at work is not refused just " +
			"under it": {[]fact{shows("a", running, 0), twoTwelve, shows("a", running, justUnder...), past(70)}, again},
		"what a call found at work and is back has " +
			"failed": {[]fact{shows("a", running, 0), twoTwelve, shows("a", atWork, 10), shows("a", running, seenSoon...),
			past(71)}, verdict(FailedBack)},
		"what a call found at work and failed by the log has " +
			"failed": {[]fact{shows("a", running, 0), twoTwelve, shows("a", atWork, 10), shows("a", running, 20),
			past(20, ends("X", "b", 19, noMatch))}, verdict(FailedBack)},
		"somebody's success before the call is not " +
			"this one": {[]fact{shows("a", running, 0), lostCall, shows("a", running, seenSoon...),
			past(71, ends("", "b", 2, 0))}, verdict(NeverStarted)},
		"our key's success a day ago is no " +
			"obstacle": {[]fact{shows("a", running, 0), checks(0, nil), past(0, ends("K", "b", -24*60*60, 0))}, verdict(Ask)},
		"of several ends the last one counts, in any " +
			"order": {[]fact{shows("a", running, 0), lostCall, shows("a", running, 20),
			past(20, ends("", "b", 12, noMatch), ends("", "b", 18, 0))}, after(60)},
		"what went elsewhere before the call does not matter " +
			"after it": {[]fact{shows("a", running, 0), current(0, begins("", "c", -1)), asks(10), shows("a", atWork, 11),
			answers(12, refused), shows("a", running, 12), past(12)}, verdict(FailedBack)},
		"an answer without a status does not break a row of " +
			"looks": {[]fact{shows("a", running, 0), lostCall, shows("a", running, 11, 41),
			shows("a", platform.StatusAbsent, 50), shows("a", running, 71), past(71)}, verdict(NeverStarted)},
		"looks while it was a current action say nothing about " +
			"its end": {[]fact{shows("a", running, 0), lostCall, shows("a", running, 11, 41), current(41, begins("K", "b", 10)),
			shows("a", running, 71), unreadable(71, trouble)}, again},
		"a keyless failure that stood beside a current one is " +
			"another": {[]fact{shows("a", running, 0), current(0, begins("", "b", -1)),
			reads(Journal{Current: []platform.Action{begins("", "b", -1)}, Past: []platform.Action{ends("", "b", 0, noMatch)}},
				1), shows("a", running, 9), past(9, ends("", "b", 0, noMatch))}, again},
		"a keyless failure that stood in the log while it went on is " +
			"another": {[]fact{shows("a", atWork, 0), past(1, ends("", "b", 1, noMatch)), shows("a", atWork, 5),
			shows("a", running, 9), past(9, ends("", "b", 1, noMatch))}, again},
		"an open call that was seen under way and is back needs " +
			"the log": {[]fact{shows("a", running, 0), asks(10), shows("a", atWork, 11), shows("a", running, 20)}, journal},
		"an open call that was seen under way and is back is looked at " +
			"again": {[]fact{shows("a", running, 0), asks(10), shows("a", atWork, 11), shows("a", running, 20), past(20)},
			again},

		// What a status says.
		"an unknown status is work in " +
			"progress": {[]fact{shows("a", running, 0), accepted, shows("b", 42, 11, 41, 999)}, look},
		"an unknown status in the source is work in " +
			"progress": {[]fact{shows("a", running, 0), lostCall, shows("a", 42, 11, 41, 999)}, look},
		"an unknown status breaks a row of " +
			"looks": {[]fact{shows("a", running, 0), lostCall, shows("a", running, 11), shows("a", 42, 20),
			shows("a", running, 41, 71), past(71)}, again},
		"before asking an unknown status is work in progress": {[]fact{shows("a", 42, 0)}, look},
		"an answer without a status shows " +
			"nothing": {[]fact{shows("a", running, 0), accepted, shows("b", platform.StatusAbsent, 11)}, look},
		"an answer without a region shows nothing": {[]fact{shows("a", running, 0), accepted, shows("", running, 11)}, look},
		"a look that failed shows nothing": {[]fact{shows("a", running, 0), accepted, hides(trouble, 11, 41, 999)},
			look},

		// Arrived, with something wrong.
		"a status that is not the one from before may " +
			"change yet": {[]fact{shows("a", running, 0), accepted, shows("b", platform.StatusStopped, 11)}, again},
		"a status that stays another " +
			"is told": {[]fact{shows("a", running, 0), accepted, shows("b", platform.StatusStopped, seenSoon...)},
			verdict(OtherState)},
		"a status that is another is not told just " +
			"under it": {[]fact{shows("a", running, 0), accepted, shows("b", platform.StatusStopped, justUnder...)}, again},
		"a sleeping one that woke is in the same " +
			"state": {[]fact{before(platform.StatusSleeping), shows("a", platform.StatusSleeping, 0), accepted,
			shows("b", running, 11)}, verdict(Done)},
		"a stopped one stays stopped": {[]fact{before(platform.StatusStopped),
			shows("a", platform.StatusStopped, 0), accepted, shows("b", platform.StatusStopped, 11)}, verdict(Done)},
		"a stopped one that runs is in another " +
			"state": {[]fact{before(platform.StatusStopped), shows("a", platform.StatusStopped, 0), accepted,
			shows("b", running, seenSoon...)}, verdict(OtherState)},
		"a status from before that is not known is never " +
			"another": {[]fact{before(platform.StatusAbsent), shows("a", atWork, 0), shows("b", platform.StatusStopped, 11)},
			verdict(Done)},
		"a status from before that was no rest is never " +
			"another": {[]fact{before(42), shows("a", 42, 0), accepted, shows("b", platform.StatusStopped, 11)}, verdict(Done)},
		"old addresses may change yet": {[]fact{shows("a", running, 0), accepted,
			looks(Look{Region: "b", Status: running, Stale: true}, 11)}, again},
		"old addresses that stay " +
			"are done": {[]fact{shows("a", running, 0), accepted,
			looks(Look{Region: "b", Status: running, Stale: true}, seenSoon...)}, verdict(Done)},
		"new addresses are done " +
			"at once": {[]fact{shows("a", running, 0), accepted, looks(Look{Region: "b", Status: running, Stale: true}, 11),
			shows("b", running, 12)}, verdict(Done)},

		// Gone, broken, elsewhere, or not readable.
		"not found while migrating is not believed before the " +
			"settling time": {[]fact{shows("a", running, 0), accepted, hides(gone, justUnder...), past(70)}, again},
		"in a log without ids a failure is told from an earlier one by " +
			"its end": {[]fact{shows("a", running, 0), past(0, ends("K", "b", -100, noMatch)), lostCall, shows("a", running, 11),
			past(11, ends("K", "b", -100, noMatch), ends("K", "b", 10, noMatch))}, verdict(FailedBack)},
		"a failure without a key is believed when nothing goes on " +
			"after it": {[]fact{shows("a", atWork, 0), shows("a", running, 11), past(11, ends("", "b", 10, noMatch)),
			shows("a", running, 20), past(20, ends("", "b", 10, noMatch))}, verdict(FailedBack)},
		"not found is looked up among the current " +
			"actions": {[]fact{shows("a", running, 0), accepted, hides(gone, 11)}, journal},
		"not found is not believed while something is " +
			"at work": {[]fact{shows("a", running, 0), accepted, hides(gone, seenSoon...), current(71, begins("K", "b", 5))},
			again},
		"not found begins anew when something was " +
			"at work": {[]fact{shows("a", running, 0), accepted, hides(gone, 11), current(11, begins("K", "b", 5)),
			hides(gone, 41, 70), past(70)}, again},
		"not found is not believed while a list " +
			"shows it": {[]fact{shows("a", running, 0), accepted, looks(Look{Err: gone, Listed: true}, 11, 41, 71, 999)}, look},
		"not found while migrating is believed after the " +
			"settling time": {[]fact{shows("a", running, 0), accepted, hides(gone, seenSoon...), past(71)}, verdict(Gone)},
		"not found is not believed by two " +
			"looks": {[]fact{shows("a", running, 0), accepted, hides(gone, twice...), past(71)}, again},
		"not found before asking is not believed " +
			"at once": {[]fact{shows("a", running, 0), hides(gone, 11), past(11)}, again},
		"the status of what does not exist is as good as not " +
			"found": {[]fact{shows("a", running, 0), accepted, shows("a", platform.StatusGone, 11), hides(gone, 41),
			shows("a", platform.StatusGone, 71), past(71)}, verdict(Gone)},
		"not found that flaps " +
			"begins anew": {[]fact{shows("a", running, 0), accepted, hides(gone, 11, 41), shows("a", atWork, 50),
			hides(gone, 71), past(71)}, again},
		"trouble between does not make not found " +
			"begin anew": {[]fact{shows("a", running, 0), accepted, hides(gone, 11, 41), hides(trouble, 50), hides(gone, 71),
			past(71)}, verdict(Gone)},
		"a code that says nothing about existence says " +
			"nothing": {[]fact{shows("a", running, 0), accepted, hides(vague, 11, 41, 71, 999)}, look},
		"broken is looked up in " +
			"the log": {[]fact{shows("a", running, 0), accepted, shows("a", platform.StatusBroken, 11)}, journal},
		"broken is not believed " +
			"at once": {[]fact{shows("a", running, 0), accepted, shows("a", platform.StatusBroken, 11), past(11)}, again},
		"broken is believed after a " +
			"while": {[]fact{shows("a", running, 0), accepted, shows("a", platform.StatusBroken, seenSoon...), past(71)},
			verdict(Broken)},
		"broken by an answer that leaves the status out is " +
			"broken": {[]fact{shows("a", running, 0), accepted,
			looks(Look{Region: "b", Status: running, Broken: true}, seenSoon...), past(71)}, verdict(Broken)},
		"broken and failed by the log is believed " +
			"at once": {[]fact{shows("a", running, 0), accepted, shows("a", platform.StatusBroken, 11),
			past(11, ends("K", "b", 11, noMatch))}, verdict(Broken)},
		"broken and refused is believed " +
			"at once": {[]fact{shows("a", running, 0), asks(10), answers(10, refused), shows("a", platform.StatusBroken, 11),
			past(11)}, verdict(Broken)},
		"broken while something else is at work is not believed " +
			"at once": {[]fact{shows("a", running, 0), twoTwelve, shows("a", platform.StatusBroken, 11), past(11)}, again},
		"a third region is looked up in " +
			"the log": {[]fact{shows("a", running, 0), accepted, shows("c", running, 11)}, journal},
		"a third region that the log tells of is believed " +
			"at once": {[]fact{shows("a", running, 0), accepted, shows("c", running, 11), past(11, ends("", "c", 11, 0))},
			verdict(Elsewhere)},
		"a third region where it was long ago is not believed " +
			"at once": {[]fact{shows("a", running, 0), accepted, shows("c", running, 11), past(11, ends("", "c", -900, 0))},
			again},
		"a third region where it did not get is not believed " +
			"at once": {[]fact{shows("a", running, 0), accepted, shows("c", running, 11), past(11, ends("", "c", 11, noMatch))},
			again},
		"a third region is believed after a " +
			"while": {[]fact{shows("a", running, 0), accepted, shows("c", running, seenSoon...), past(71)}, verdict(Elsewhere)},
		"who may not look waits for the " +
			"answer": {[]fact{shows("a", running, 0), asks(10), hides(unlocked, 11)}, answer},
		"who may not look believes a " +
			"refusal": {[]fact{shows("a", running, 0), asks(10), hides(unlocked, 11), answers(12, forbidden)}, verdict(Refused)},
		"who may not look does not know what was seen " +
			"under way": {[]fact{shows("a", running, 0), asks(10), shows("a", atWork, 11), hides(forbidden, 12),
			answers(12, refused)}, verdict(NotKnown)},
		"who may not look does not know of an " +
			"accepted call": {[]fact{shows("a", running, 0), accepted, hides(forbidden, 11)}, verdict(NotKnown)},
		"who may not look does not know what else was " +
			"at work": {[]fact{shows("a", running, 0), twoTwelve, hides(forbidden, 11)}, verdict(NotKnown)},
		"who may not look before asking does not know": {[]fact{shows("a", running, 0), hides(unlocked, 11)},
			verdict(NotKnown)},
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
		"nothing was asked":           {[]fact{shows("a", running, 0)}, false, false},
		"open":                        {[]fact{shows("a", running, 0), asks(1)}, false, true},
		"accepted":                    {[]fact{shows("a", running, 0), asks(1), answers(2, nil)}, false, true},
		"lost":                        {[]fact{shows("a", running, 0), asks(1), answers(2, lost)}, false, true},
		"never sent":                  {[]fact{shows("a", running, 0), asks(1), answers(2, trouble)}, false, false},
		"something else was at work":  {[]fact{shows("a", running, 0), asks(1), answers(2, busy)}, true, false},
		"found under way":             {[]fact{shows("a", atWork, 0)}, true, false},
		"found on its way elsewhere":  {[]fact{shows("a", atWork, 0), current(0, begins("", "c", 0))}, false, false},
		"found among current actions": {[]fact{shows("a", running, 0), current(0, begins("K", "", 0))}, true, false},
		"came meanwhile":              {[]fact{shows("a", running, 0), shows("b", running, 1)}, true, false},
		"was there":                   {[]fact{shows("b", running, 0, 1)}, false, false},
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
		"nothing seen":           {Limits{}, nil, false},
		"no limits":              {Limits{}, []int{0}, true},
		"just under":             {patient, []int{0, 30, 59}, false},
		"exactly":                {patient, []int{0, 30, 60}, true},
		"over":                   {patient, []int{0, 30, 61}, true},
		"not often enough":       {patient, []int{0, 600}, false},
		"often, not long enough": {patient, []int{0, 1, 2, 3, 4, 5}, false},
		"often and long":         {patient, []int{0, 1, 2, 3, 4, 60}, true},
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
		t.Errorf("%s and %s mark the same migration", key, again)
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
		"no key is wanted": {[]fact{func(e *Evidence) { e.Order.RequestKey = "" }, intends("b", "I", 0)},
			""},
		"after an intent":                   {[]fact{intends("b", "K", 0)}, "K-2"},
		"after an intent under another key": {[]fact{intends("b", "older", 0)}, "K"},
		"after an intent of another target": {[]fact{intends("c", "K", 0)}, "K"},
		"after the log":                     {[]fact{past(0, ends("K", "b", 0, 1))}, "K-2"},
		"after both":                        {[]fact{intends("b", "K-2", 0), past(0, ends("K", "b", 0, 1))}, "K-3"},
		"after several, told in any " +
			"order": {[]fact{past(0, ends("K-3", "b", 0, 1), ends("K", "b", 0, 1)), past(1, ends("K-2", "b", 0, 1))}, "K-4"},
		"the log forgets the first ones": {[]fact{past(0, ends("K-11", "b", 0, 1))}, "K-12"},
		"others' keys do not count": {
			[]fact{past(0, ends("L-7", "b", 0, 1), ends("", "b", 0, 1), ends("K2", "b", 0, 1))}, "K"},
		"a key with something else behind ours": {[]fact{past(0, ends("K-x", "b", 0, 1))}, "K-2"},
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
		"the role goes before the order": {[]Role{cp(1), master(2)}, []Role{master(12), cp(11)},
			[][2]int64{{2, 12}, {1, 11}}},
		"new identifiers and another master": {[]Role{master(1), cp(2)}, []Role{cp(11), cp(12)},
			[][2]int64{{2, 11}, {1, 12}}},
		"the identifier goes before the role": {[]Role{cp(1), cp(2)}, []Role{cp(9), cp(1)}, [][2]int64{{2, 9}, {1, 1}}},
		"a kept identifier in a new group":    {[]Role{cp(1)}, []Role{db(1)}, [][2]int64{{1, 1}}},
		"fewer":                               {[]Role{cp(1), cp(2), cp(3)}, []Role{cp(2)}, [][2]int64{{2, 2}}},
		"fewer and new":                       {[]Role{cp(1), cp(2)}, []Role{cp(11)}, [][2]int64{{1, 11}}},
		"more":                                {[]Role{cp(1)}, []Role{cp(11), cp(1)}, [][2]int64{{1, 1}}},
		"more and new":                        {[]Role{cp(1)}, []Role{cp(11), cp(12)}, [][2]int64{{1, 11}}},
		"another group":                       {[]Role{cp(1)}, []Role{db(11)}, nil},
		"none before":                         {nil, []Role{cp(1)}, nil},
		"none after":                          {[]Role{cp(1)}, nil, nil},
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
