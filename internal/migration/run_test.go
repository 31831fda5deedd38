package migration

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// scripted is a platform that shows one sight of the environment after the other, and the last one from then on.
type scripted struct {
	sights []view
	looked int
	// busy is how often the check first responds that an operation is running; check is its response after that.
	busy    int
	check   error
	checked bool
	// answer is the response of migrate; with hang, it responds only when its context ends.
	answer error
	hang   bool
	calls  []platform.MigrateRequest
	log    []platform.Action
	logErr error
	// onLook is called before each look with its number, counted from 1.
	onLook func(int)
	// asked, if not nil, is closed by migrate. Looks between the check and that wait for it.
	asked chan struct{}
}

type view struct {
	env platform.Environment
	err error
}

func (s *scripted) Environment(context.Context, string) (platform.Environment, error) {
	if s.asked != nil && s.checked {
		<-s.asked
	}
	s.looked++
	if s.onLook != nil {
		s.onLook(s.looked)
	}
	now := s.sights[min(s.looked, len(s.sights))-1]
	return now.env, now.err
}

func (s *scripted) CheckMigration(context.Context, string, string) error {
	if s.busy--; s.busy >= 0 {
		return busy
	}
	s.checked = true
	return s.check
}

func (s *scripted) Migrate(ctx context.Context, request platform.MigrateRequest) error {
	s.calls = append(s.calls, request)
	close(s.asked)
	if s.hang {
		<-ctx.Done()
		if s.answer != nil {
			return s.answer
		}
		return &platform.Error{Class: platform.ClassOutcomeUnknown, Cause: ctx.Err()}
	}
	return s.answer
}

func (s *scripted) PastActions(context.Context, time.Time, int) ([]platform.Action, error) {
	if s.asked != nil && len(s.calls) == 0 {
		return nil, s.logErr
	}
	return s.log, s.logErr
}

func (s *scripted) Environments(context.Context) ([]platform.Environment, error) {
	return nil, nil
}

func (s *scripted) CurrentActions(context.Context) ([]platform.Action, error) {
	return nil, s.logErr
}

// quick is a policy with only nanoseconds of delay, for any clock.
var quick = PollPolicy{Floor: 1, Ceiling: 1, Limits: Limits{Settle: 4, Looks: 3, Believe: 20, Appear: 20}}

func seen(region string, status platform.Status) view {
	return view{env: platform.Environment{Name: "shop", Region: region, Status: status}}
}

var (
	home      = seen("a", platform.StatusRunning)
	migrating = seen("a", platform.StatusMigrating)
	arrived   = seen("b", platform.StatusRunning)
	lost      = &platform.Error{Class: platform.ClassOutcomeUnknown, Method: "environment/control/migrate",
		HTTPStatus: 504}
	refused  = &platform.Error{Class: platform.ClassNotAllowed, Code: 2373, Words: "not for you"}
	busy     = &platform.Error{Class: platform.ClassWrongState, Code: 2212, Words: "busy"}
	trouble  = &platform.Error{Class: platform.ClassTransient, Code: 17}
	gone     = &platform.Error{Class: platform.ClassNotFound, Code: 11}
	unlocked = &platform.Error{Class: platform.ClassAuthentication, Code: 702}
)

func TestRun(t *testing.T) {
	t.Parallel()
	const (
		succeeds = Done
		key      = "key"
	)
	failedAction := 4099
	for name, row := range map[string]struct {
		before   view
		platform scripted
		want     Kind
		calls    int
		says     string
	}{
		"answered and arrived": {home, scripted{sights: []view{arrived}}, succeeds, 1, ""},
		"answered, seen migrating, arrived": {home, scripted{sights: []view{migrating, migrating, arrived}}, succeeds,
			1, ""},
		"answered before anything is visible": {home, scripted{sights: []view{home, home, migrating, arrived}}, succeeds,
			1, ""},
		"answer lost, goes on": {home, scripted{sights: []view{migrating, arrived}, answer: lost},
			succeeds, 1, ""},
		"answer lost, begins late": {home,
			scripted{sights: []view{home, home, migrating, arrived}, answer: lost}, succeeds, 1, ""},
		"answer never comes": {home, scripted{sights: []view{home, migrating, arrived}, hang: true},
			succeeds, 1, ""},
		"refused by an answer but done": {home, scripted{sights: []view{arrived}, answer: refused}, succeeds, 1,
			""},
		"unreadable for a while": {home, scripted{sights: []view{{err: trouble}, {err: trouble}, arrived}},
			succeeds, 1, ""},
		"sleeping, wakes": {seen("a", platform.StatusSleeping), scripted{sights: []view{arrived}},
			succeeds, 1, ""},
		"stopped, stays so": {seen("a", platform.StatusStopped),
			scripted{sights: []view{seen("b", platform.StatusStopped)}}, succeeds, 1, ""},
		"found migrating":            {migrating, scripted{sights: []view{migrating, arrived}}, succeeds, 0, ""},
		"found arrived":              {arrived, scripted{}, succeeds, 0, ""},
		"refused by the check":       {home, scripted{check: refused}, Refused, 0, "not for you"},
		"check fails":                {home, scripted{check: trouble}, Unchecked, 0, "17"},
		"the check is not permitted": {home, scripted{check: unlocked}, Unchecked, 0, "702"},
		"refused, and the log cannot be read": {home, scripted{sights: []view{home}, answer: refused, logErr: unlocked},
			FailedBack, 1, "not for you"},
		"token revoked during the call": {home, scripted{sights: []view{home, {err: unlocked}}, answer: unlocked},
			Refused, 1, "702"},
		"an answer without a region": {home, scripted{sights: []view{seen("", platform.StatusRunning), arrived}},
			succeeds, 1, ""},
		"refused by the answer": {home, scripted{sights: []view{home}, answer: refused}, Refused, 1,
			"not for you"},
		"accepted, back without a reason": {home, scripted{sights: []view{migrating, home}}, NotShown, 1, ""},
		"fails in the background": {home,
			scripted{sights: []view{migrating, home},
				log: []platform.Action{{Kind: platform.ActionMigrate, RequestKey: key, Result: &failedAction,
					Words: "no hardware"}}}, FailedBack, 1, "no hardware"},
		"fails with the answer": {home, scripted{sights: []view{migrating, home}, hang: true}, FailedBack,
			1, ""},
		"answer lost, log has the reason": {home, scripted{sights: []view{home}, answer: lost,
			log: []platform.Action{{Kind: platform.ActionMigrate, RequestKey: key, Result: &failedAction,
				Words: "no hardware"}}}, FailedBack, 1, "no hardware"},
		"answer lost, log has another migration": {home, scripted{sights: []view{home}, answer: lost,
			log: []platform.Action{{Kind: platform.ActionMigrate, RequestKey: "other", Result: &failedAction}}}, NeverStarted, 1,
			""},
		"answer lost, never begins": {home, scripted{sights: []view{home}, answer: lost}, NeverStarted, 1,
			"504"},
		"found migrating, back in the source": {migrating, scripted{sights: []view{migrating, home}}, FailedBack, 0, ""},
		"broken": {home,
			scripted{sights: []view{migrating, seen("a", platform.StatusBroken)}}, Broken, 1, ""},
		"ends elsewhere": {home,
			scripted{sights: []view{migrating, seen("c", platform.StatusRunning)}}, Elsewhere, 1, "ended up in c"},
		"deleted while migrating": {home, scripted{sights: []view{migrating, {err: gone}}}, Gone, 1, ""},
		"arrives stopped, ran before": {home, scripted{sights: []view{migrating, seen("b", platform.StatusStopped)}},
			OtherState, 1, "stopped"},
		"token revoked while migrating": {home, scripted{sights: []view{migrating, {err: unlocked}}}, NotKnown, 1,
			"702"},
		"busy once": {home, scripted{busy: 1, sights: []view{home, migrating, arrived}},
			succeeds, 1, ""},
		"busy with something else": {home,
			scripted{busy: 1, sights: []view{seen("a", platform.StatusUpdating), home, migrating, arrived}}, succeeds, 1, ""},
		"busy with this migration": {home, scripted{busy: 9, sights: []view{home, migrating, arrived}},
			succeeds, 0, ""},
		"busy until it has arrived": {home, scripted{busy: 9, sights: []view{home, arrived}}, succeeds, 0, ""},
		"busy with another migration": {home,
			scripted{busy: 9, sights: []view{migrating, seen("c", platform.StatusRunning)}}, Elsewhere, 0, ""},
		"always busy": {home, scripted{busy: 99, sights: []view{home}}, Refused, 0, "busy"},
		"busy at the call": {home,
			scripted{sights: []view{home, home, migrating, arrived}, answer: busy}, succeeds, 1, ""},
		"always busy at the call": {home, scripted{sights: []view{home}, answer: busy}, Refused, 1, "busy"},
		"busy at the call, fails": {home, scripted{sights: []view{home, migrating, home}, answer: busy},
			FailedBack, 1, "busy"},
		"launching in the target": {home, scripted{sights: []view{seen("b", platform.StatusLaunching), arrived}}, succeeds,
			1, ""},
		"broken before the call": {home, scripted{sights: []view{seen("b", platform.StatusBroken)}}, Broken,
			1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := row.platform
				if row.calls > 0 {
					p.asked = make(chan struct{})
				}
				order := Order{Environment: "shop", From: "a", To: "b", Live: true, RequestKey: key}
				outcome, err := Run(t.Context(), &p, order, row.before.env, quick, nil)
				var failure *Failure
				switch {
				case row.want == succeeds && err != nil:
					t.Fatalf("failed: %v", err)
				case row.want != succeeds && !errors.As(err, &failure):
					t.Fatalf("got %v, want a failure", err)
				case row.want != succeeds && failure.Kind != row.want:
					t.Fatalf("got kind %s: %v, want kind %s", failure.Kind, err, row.want)
				}
				if err != nil && !strings.Contains(err.Error(), row.says) {
					t.Errorf("%q does not contain %q", err, row.says)
				}
				if len(p.calls) != row.calls {
					t.Errorf("%d calls of migrate, want %d", len(p.calls), row.calls)
				}
				if len(p.calls) == 1 && row.calls == 1 &&
					p.calls[0] != (platform.MigrateRequest{Environment: "shop", Region: "b", Live: true, RequestKey: key}) {
					t.Errorf("migration request %+v", p.calls[0])
				}
				if other := row.calls == 0 && row.before.env.Region == "a" ||
					errors.Is(row.platform.answer, busy); row.want == succeeds && outcome.Adopted != other {
					t.Errorf("adopted: %v", outcome.Adopted)
				}
				if row.want == succeeds && outcome.After.Region != "b" {
					t.Errorf("after: %+v", outcome.After)
				}
			})
		})
	}
}

func TestRunReportsUnplannedDowntime(t *testing.T) {
	t.Parallel()
	down := migrating
	down.env.Nodes = []platform.Node{{ID: 1, Status: platform.StatusStopped}}
	p := scripted{sights: []view{migrating, down, arrived}, asked: make(chan struct{})}
	outcome, err := Run(t.Context(), &p, Order{Environment: "shop", From: "a", To: "b", Live: true}, home.env, quick, nil)
	if err != nil || !outcome.Stopped {
		t.Errorf("%+v, %v", outcome, err)
	}
}

// If a migration is found running, only an earlier run knows the status from before it.
func TestRunComparesWithStateBeforeEarlierRun(t *testing.T) {
	t.Parallel()
	down, arrivedDown := migrating, arrived
	down.env.Nodes = []platform.Node{{ID: 1, Status: platform.StatusStopped}}
	arrivedDown.env.Status = platform.StatusStopped
	for name, row := range map[string]struct {
		before  platform.Status
		last    view
		stopped bool
		kind    Kind
	}{
		"it ran":                     {platform.StatusRunning, arrived, true, Done},
		"it ran and arrives stopped": {platform.StatusRunning, arrivedDown, true, OtherState},
		"it was stopped":             {platform.StatusStopped, arrivedDown, false, Done},
		"not known":                  {platform.StatusAbsent, arrivedDown, false, Done},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := scripted{sights: []view{down, row.last}}
			order := Order{Environment: "shop", From: "a", To: "b", Live: true, Intent: Intent{Status: row.before}}
			outcome, err := Run(t.Context(), &p, order, migrating.env, quick, nil)
			kind := Done
			var failure *Failure
			if errors.As(err, &failure) {
				kind = failure.Kind
			}
			if outcome.Stopped != row.stopped || kind != row.kind || !outcome.Adopted {
				t.Errorf("%+v, %v", outcome, err)
			}
		})
	}
}

// The log has the reason of a migration that was found running under the key of the earlier run.
func TestRunFindsReasonOfEarlierFailure(t *testing.T) {
	t.Parallel()
	failed := 4099
	for name, before := range map[string]view{"found under way": migrating, "shown late": home} {
		p := scripted{busy: 9, sights: []view{migrating, home},
			log: []platform.Action{{Kind: platform.ActionMigrate, RequestKey: "earlier", Result: &failed, Words: "no hardware"}}}
		order := Order{Environment: "shop", From: "a", To: "b", RequestKey: "new",
			Intent: Intent{RequestKey: "earlier", To: "b"}}
		if _, err := Run(t.Context(), &p, order, before.env, quick, nil); err == nil ||
			!strings.Contains(err.Error(), "no hardware") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRunTakesTimesOfExternalMigrationFromLog(t *testing.T) {
	t.Parallel()
	began, ended, ok := time.Now().Add(-time.Minute), time.Now(), 0
	migrated := func(name, key string, began, ended time.Time) platform.Action {
		return platform.Action{Kind: platform.ActionMigrate, Environment: name, Region: "b", RequestKey: key, Started: began,
			Finished: ended, Result: &ok}
	}
	p := scripted{sights: []view{arrived}, log: []platform.Action{
		migrated("shop", "long ago", time.Unix(1, 0), time.Unix(2, 0)),
		migrated("shop", "", began, ended),
		migrated("other", "", ended, ended.Add(time.Hour)),
	}}
	outcome, err := Run(t.Context(), &p, Order{Environment: "shop", From: "a", To: "b"}, migrating.env, quick, nil)
	if err != nil || !outcome.StartedAt.Equal(began) || !outcome.FinishedAt.Equal(ended) {
		t.Errorf("%v to %v, %v", outcome.StartedAt, outcome.FinishedAt, err)
	}
}

// After an interrupt, Run reports whether the migration was requested, which the end of the call shows, and why the
// environment could not be read.
func TestRunReturnsWhenInterrupted(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		platform scripted
		started  bool
		last     platform.Status
		unseen   error
	}{
		"under way":    {scripted{sights: []view{migrating}}, true, platform.StatusMigrating, nil},
		"not seen yet": {scripted{sights: []view{home}}, true, platform.StatusRunning, nil},
		"never sent":   {scripted{sights: []view{home}, answer: trouble}, false, platform.StatusRunning, nil},
		"token revoked": {scripted{sights: []view{migrating, {err: unlocked}}}, true, platform.StatusMigrating,
			unlocked},
		"platform unreachable": {scripted{sights: []view{migrating, {err: trouble}}}, true, platform.StatusMigrating,
			trouble},
		"platform reachable again": {scripted{sights: []view{{err: trouble}, migrating}}, true, platform.StatusMigrating,
			nil},
		"busy": {scripted{busy: 1 << 20, sights: []view{seen("a", platform.StatusUpdating)}}, false,
			platform.StatusUpdating, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := row.platform
				p.hang, p.asked = true, make(chan struct{})
				enough := errors.New("enough")
				ctx, cancel := context.WithTimeoutCause(t.Context(), 90500*time.Millisecond, enough)
				defer cancel()
				outcome, err := Run(ctx, &p, Order{Environment: "shop", From: "a", To: "b"}, home.env,
					PollPolicy{Floor: time.Second, Ceiling: time.Second, Limits: quick.Limits}, nil)
				var failure *Failure
				if !errors.As(err, &failure) || failure.Kind != NotKnown || !errors.Is(err, enough) {
					t.Fatalf("got %v", err)
				}
				if failure.Started != row.started || failure.GoesOn() != row.started || !errors.Is(failure.Unseen, row.unseen) ||
					outcome.After.Status != row.last {
					t.Errorf("%+v, after %s", failure, outcome.After.Status)
				}
			})
		})
	}
}

// New addresses may show later than the region. Run waits for them, and reports them if they do not change.
func TestRunWaitsForNewAddresses(t *testing.T) {
	t.Parallel()
	with := func(v view, id int64, ip, public, domain string) view {
		v.env.Domain = domain
		v.env.Nodes = []platform.Node{{ID: id, NodeGroup: "cp", InternalIP: ip}}
		if public != "" {
			v.env.Nodes[0].PublicIPv4 = []string{public}
		}
		return v
	}
	before := with(home, 1, "10.0.0.1", "192.0.2.1", "shop.a.test")
	for name, row := range map[string]struct {
		order  Order
		sights []view
		looks  int
		stale  bool
	}{
		"all new at once": {Order{NewAddresses: true, NewDomain: true},
			[]view{with(arrived, 1, "10.0.1.1", "192.0.2.2", "shop.b.test")}, 1, false},
		"the addresses come late": {Order{NewAddresses: true},
			[]view{with(arrived, 1, "10.0.0.1", "192.0.2.1", ""), with(arrived, 1, "10.0.1.1", "192.0.2.1", "")}, 2, false},
		"addresses of a new node are late": {Order{NewAddresses: true},
			[]view{with(arrived, 9, "10.0.0.1", "192.0.2.1", ""), with(arrived, 9, "10.0.0.1", "192.0.2.2", "")}, 2, false},
		"the domain comes late": {Order{NewDomain: true},
			[]view{with(arrived, 1, "", "", "shop.a.test"), with(arrived, 1, "", "", "shop.b.test")}, 2, false},
		"addresses unchanged": {Order{NewAddresses: true}, []view{with(arrived, 1, "10.0.0.1", "192.0.2.1", "")}, 5,
			true},
		"domain unchanged": {Order{NewDomain: true}, []view{with(arrived, 1, "", "", "shop.a.test")}, 5, true},
		"nothing is expected to change": {Order{}, []view{with(arrived, 1, "10.0.0.1", "192.0.2.1", "shop.a.test")}, 1,
			false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := scripted{sights: row.sights, asked: make(chan struct{})}
				row.order.Environment, row.order.From, row.order.To = "shop", "a", "b"
				outcome, err := Run(t.Context(), &p, row.order, before.env, quick, nil)
				if err != nil || outcome.Stale != row.stale || p.looked != row.looks {
					t.Errorf("stale %v after %d reads, %v", outcome.Stale, p.looked, err)
				}
			})
		})
	}
}
