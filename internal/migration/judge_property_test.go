package migration

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

// upTo returns a random time up to the longest.
func upTo(r *rand.Rand, longest time.Duration) time.Duration {
	return time.Duration(r.Int64N(int64(longest) + 1))
}

func seconds(r *rand.Rand, most int) time.Duration { return upTo(r, time.Duration(most)*time.Second) }

// anyEvidence returns evidence that combines arbitrary facts.
func anyEvidence(r *rand.Rand) Evidence {
	clock := 0
	var facts []fact
	anyAction := func() platform.Action {
		finished := clock + pick(r, -fiveHours, -900, -30, -1, 0, 1, fiveHours)
		if r.IntN(5) == 0 {
			return begins(pick(r, "K", "K-2", "X", ""), pick(r, "a", "b", "c", ""), finished)
		}
		return numbered(r.Int64N(4),
			ends(pick(r, "K", "K-2", "X", ""), pick(r, "a", "b", "c", ""), finished, pick(r, 0, noMatch)))
	}
	actions := func() (all []platform.Action) {
		for range r.IntN(3) {
			all = append(all, anyAction())
		}
		return all
	}
	if r.IntN(3) == 0 {
		facts = append(facts, intends(pick(r, "b", "c"), pick(r, "K", "X", ""), pick(r, -fiveHours, -301, -10, 99)))
	}
	asked := false
	for range 1 + r.IntN(12) {
		switch r.IntN(8) {
		case 0:
			facts = append(facts, checks(clock, pick[error](r, nil, refused, busy, trouble)))
		case 1, 2:
			facts = append(facts, reads(Journal{Current: actions(), Past: actions(),
				PastErr: pick[error](r, nil, nil, trouble, forbidden)}, clock))
		case 3:
			if !asked {
				facts = append(facts, asks(clock))
			} else {
				facts = append(facts, answers(clock, pick[error](r, nil, lost, refused, busy, trouble, unlocked)))
			}
			asked = true
		default:
			l := Look{Region: pick(r, "a", "a", "b", "c", ""), AppID: pick(r, "app", "app", "new", ""), Broken: r.IntN(9) == 0,
				Status: pick(r, running, running, atWork, platform.StatusStopped, platform.StatusBroken, platform.StatusGone,
					platform.StatusAbsent, 42)}
			if r.IntN(3) == 0 {
				l = Look{Err: pick[error](r, gone, vague, trouble, unlocked)}
			}
			at := []int{clock}
			if r.IntN(3) == 0 { // often the same
				step := pick(r, 20, 29, 30, 31, 150)
				at = append(at, clock+step, clock+2*step)
				clock += 2 * step
			}
			facts = append(facts, looks(l, at...))
		}
		clock += r.IntN(30)
	}
	return evidence(facts...)
}

// Judge never reports a bad end because of a single look, and never requests a migration twice, whatever the
// evidence.
func TestJudgeNeedsConfirmedEvidence(t *testing.T) {
	t.Parallel()
	const cases = 60000
	r := rand.New(rand.NewPCG(13, 1))
	kinds := map[Kind]int{}
	for i := range cases {
		e := anyEvidence(r)
		v := Judge(e)
		kinds[v.Kind]++
		if v.Kind != KeepLooking && v != (Verdict{Kind: v.Kind}) {
			t.Fatalf("case %d: final verdict with a need: %+v", i, v)
		}
		if v.Kind == Ask && e.asked() {
			t.Fatalf("case %d: second request: %+v", i, e)
		}
		if v.Kind != Gone && v.Kind != FailedBack && v.Kind != NeverStarted {
			continue
		}
		failed := func(a platform.Action) bool {
			return a.Result != nil && *a.Result != 0 && (a.Region == "b" || a.RequestKey != "")
		}
		wasUnderWay := slices.ContainsFunc(e.Looks, func(l Look) bool { return l.Status == atWork }) ||
			slices.ContainsFunc(e.Journals, func(j Journal) bool { return len(j.Current) > 0 })
		switch {
		case v.Kind == FailedBack && slices.ContainsFunc(e.Journals, func(j Journal) bool {
			return slices.ContainsFunc(j.Past, failed)
		}):
		case v.Kind == FailedBack && wasUnderWay && (errors.Is(e.Call.Err, refused) || errors.Is(e.Call.Err, unlocked)):
		case !isConfirmed(e):
			t.Fatalf("case %d: %s without confirmation: %+v", i, v.Kind, e)
		}
	}
	for kind := KeepLooking; kind <= NotKnown; kind++ {
		if kinds[kind] == 0 && kind != NotKnown {
			t.Errorf("no case results in %s", kind)
		}
	}
}

// isConfirmed reports, independently of Judge, whether the last looks that show anything show the same.
func isConfirmed(e Evidence) bool {
	shown := func(l Look) string {
		switch {
		case errors.Is(l.Err, gone), l.Err == nil && l.Status == platform.StatusGone:
			return "gone"
		case l.Err != nil, l.Region == "", l.Status == platform.StatusAbsent && !l.Broken:
			return ""
		}
		return l.Region
	}
	var same []Look
	for _, l := range slices.Backward(e.Looks) {
		if s := shown(l); s == "" {
			continue
		} else if s != shown(e.last()) {
			break
		}
		same = append(same, l)
	}
	return len(same) >= 3 && same[0].At.Sub(same[len(same)-1].At) >= time.Minute
}

// unreliablePlatform is a platform that shows changes late, out of order, or never. It knows the truth.
type unreliablePlatform struct {
	mu   sync.Mutex // the open call runs concurrently with the looks
	rng  *rand.Rand
	mood behaviour
	// truth has the actual states, each with its beginning.
	truth []moment
	log   []entry
	calls []time.Time
	// effects counts the calls that took effect, blind those sent while another migration already showed.
	effects, blind int
	looked         int
}

type moment struct {
	from time.Time
	env  platform.Environment
	gone bool
}

type entry struct {
	shows, over time.Time // when it is among the current actions
	action      platform.Action
}

type fate int

const (
	arrives fate = iota
	failsBack
	neverArrives
	isDeleted
)

// behaviour is how a platform behaves. Lags are upper limits.
type behaviour struct {
	fate                         fate
	lookLag, currentLag, pastLag time.Duration
	begins, lasts, answers       time.Duration
	answer                       error // returned after answers; nil is success
	sync                         bool  // responds when the migration is over
	hidden                       bool  // the status does not show it
	inCurrent, keyless, collab   bool
	troubled                     bool // reads of actions sometimes fail
	skew                         time.Duration
	status                       platform.Status
	hides                        time.Duration // how long it is not found after the beginning
	flaps                        bool          // every other look does not find it
	newID                        bool
}

func anyBehaviour(r *rand.Rand) behaviour {
	chance := func(n int) bool { return r.IntN(n) == 0 }
	m := behaviour{
		fate:    pick(r, arrives, arrives, arrives, failsBack, neverArrives, isDeleted),
		lookLag: seconds(r, pick(r, 0, 1, 10, 40)), currentLag: seconds(r, pick(r, 0, 20)),
		pastLag: seconds(r, pick(r, 0, 5, 120)), begins: seconds(r, pick(r, 0, 1, 15)),
		lasts: seconds(r, pick(r, 1, 30, 240)), inCurrent: !chance(3), keyless: chance(4), collab: chance(4),
		troubled: chance(4), skew: time.Duration(pick(r, 0, 0, -fiveHours, fiveHours)) * time.Second,
		status: pick(r, atWork, atWork, 42), newID: chance(4), flaps: chance(6),
	}
	if chance(4) {
		m.hides, m.flaps = upTo(r, 50*time.Second-m.lookLag), false
	}
	switch r.IntN(4) {
	case 0:
		m.sync = true
	case 1:
		m.hidden = chance(2) // accepted, but the status does not show it
	default:
		m.answer, m.answers = lost, seconds(r, pick(r, 0, 5, 60))
	}
	if m.troubled {
		// A skewed clock that nobody measured, with a log that cannot be read when it matters, looks the same as the truth.
		m.skew = 0
	}
	if m.fate == neverArrives {
		m.sync, m.answer = false, lost
	}
	return m
}

func (m *unreliablePlatform) at(when time.Time) moment {
	now := m.truth[0]
	for _, t := range m.truth {
		if !t.from.After(when) {
			now = t
		}
	}
	return now
}

func (m *unreliablePlatform) Environment(context.Context, string) (platform.Environment, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.looked++
	now := time.Now()
	seen := m.at(now.Add(-upTo(m.rng, m.mood.lookLag)))
	began := len(m.truth) > 1 && !m.truth[1].from.After(now)
	switch {
	case seen.gone, began && now.Sub(m.truth[1].from) < m.mood.hides, began && m.mood.flaps && m.looked%2 == 0 &&
		now.Sub(m.truth[1].from) < 10*time.Minute && m.mood.fate != isDeleted:
		return platform.Environment{}, gone
	}
	return seen.env, nil
}

// Environments returns a list that is as late as a look by name, or an error.
func (m *unreliablePlatform) Environments(context.Context) ([]platform.Environment, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.readErr(); err != nil {
		return nil, err
	}
	seen := m.at(time.Now().Add(-upTo(m.rng, m.mood.lookLag)))
	if seen.gone {
		return nil, nil
	}
	return []platform.Environment{seen.env}, nil
}

// atWork reports whether a migration was accepted and is not over.
func (m *unreliablePlatform) atWork() bool {
	return slices.ContainsFunc(m.log, func(e entry) bool { return time.Now().Before(e.over) })
}

func (m *unreliablePlatform) CheckMigration(context.Context, string, string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.atWork():
		return busy
	case m.at(time.Now()).env.Region != "a":
		return refused
	}
	return nil
}

func (m *unreliablePlatform) Migrate(ctx context.Context, request platform.MigrateRequest) error {
	after, err := m.take(request)
	return m.reply(ctx, after, err)
}

// take carries out a call, and returns how long it takes to respond, and with what.
func (m *unreliablePlatform) take(request platform.MigrateRequest) (after time.Duration, answer error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	m.calls = append(m.calls, now)
	if m.shows(now) {
		m.blind++
	}
	if m.mood.fate == neverArrives {
		return m.mood.answers, lost
	}
	if m.atWork() && len(m.calls) == 1 {
		return 0, busy
	}
	m.effects++
	m.begin(request.RequestKey, request.Region, m.mood.fate)
	if !m.mood.sync {
		return m.mood.answers, m.mood.answer
	}
	wait := m.mood.begins + m.mood.lasts
	switch m.mood.fate {
	case failsBack:
		return wait, refused
	case isDeleted:
		return wait, lost
	case arrives, neverArrives:
	}
	return wait, nil
}

func (m *unreliablePlatform) reply(ctx context.Context, after time.Duration, err error) error {
	timer := time.NewTimer(after)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return &platform.Error{Class: platform.ClassOutcomeUnknown, Cause: ctx.Err()}
	case <-timer.C:
		return err
	}
}

// begin begins a migration by this run or by somebody else.
func (m *unreliablePlatform) begin(key, region string, fate fate) {
	now := time.Now()
	env, began, over := m.truth[0].env, now.Add(m.mood.begins), now.Add(m.mood.begins+m.mood.lasts)
	work, end := env, env
	if !m.mood.hidden {
		work.Status = m.mood.status
	}
	code := 0
	if fate == failsBack {
		code = noMatch
	} else if end.Region = region; m.mood.newID {
		end.AppID = "new"
	}
	m.truth = append(m.truth, moment{began, work, false}, moment{over, end, fate == isDeleted})
	if m.mood.keyless {
		key = ""
	}
	m.log = append(m.log, entry{now, over,
		platform.Action{ID: int64(10 + len(m.log)), Kind: platform.ActionMigrate, Environment: "shop", Region: region,
			RequestKey: key,
			Started:    now.Add(m.mood.skew), Finished: over.Add(m.mood.skew), Result: &code}})
}

// shows reports whether a look now is certain to show a migration to the target, running or done.
func (m *unreliablePlatform) shows(now time.Time) bool {
	return slices.ContainsFunc(m.log, func(e entry) bool {
		inStatus := !m.mood.hidden && m.mood.hides == 0 && !m.mood.flaps && !now.Add(-m.mood.lookLag).Before(m.truth[1].from)
		inCurrent := m.mood.inCurrent && m.readable() && !now.Add(-m.mood.currentLag).Before(e.shows) && now.Before(e.over)
		inPast := m.readable() && *e.action.Result == 0 && !now.Add(-m.mood.pastLag).Before(e.over) &&
			(e.action.RequestKey != "" || m.mood.skew == 0 && now.Sub(e.over) < 5*time.Minute)
		return e.action.Region == "b" && (*e.action.Result == 0 || now.Before(e.over)) && (inStatus || inCurrent || inPast)
	})
}

func (m *unreliablePlatform) readable() bool { return !m.mood.collab }

func (m *unreliablePlatform) readErr() error {
	switch {
	case m.mood.collab:
		return forbidden
	case m.mood.troubled && m.rng.IntN(3) == 0:
		return trouble
	}
	return nil
}

func (m *unreliablePlatform) CurrentActions(context.Context) ([]platform.Action, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.readErr(); err != nil {
		return nil, err
	}
	var all []platform.Action
	when := time.Now().Add(-upTo(m.rng, m.mood.currentLag))
	for _, e := range m.log {
		if m.mood.inCurrent && !when.Before(e.shows) && when.Before(e.over) {
			a := e.action
			a.Result, a.Finished = nil, time.Time{}
			all = append(all, a)
		}
	}
	return all, nil
}

func (m *unreliablePlatform) PastActions(context.Context, time.Time, int) ([]platform.Action, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.readErr(); err != nil {
		return nil, err
	}
	// An old failure that seems to be recent if the clock is skewed.
	all := []platform.Action{numbered(1, platform.Action{Kind: platform.ActionMigrate, Environment: "shop", Region: "b",
		Finished: m.truth[0].from.Add(20*time.Second - fiveHours*time.Second + m.mood.skew), Result: new(noMatch)})}
	when := time.Now().Add(-upTo(m.rng, m.mood.pastLag))
	for _, e := range m.log {
		if !when.Before(e.over) {
			all = append(all, e.action)
		}
	}
	return all, nil
}

func newUnreliable(seed uint64) *unreliablePlatform {
	r := rand.New(rand.NewPCG(13, seed))
	env := platform.Environment{Name: "shop", AppID: "app", Region: "a", Status: running}
	return &unreliablePlatform{rng: r, mood: anyBehaviour(r), truth: []moment{{from: time.Now(), env: env}}}
}

// apply is one run of Terraform: it looks, and migrates the environment if it is not at the target.
func (m *unreliablePlatform) apply(ctx context.Context, i Intent) (Kind, *Failure, Outcome) {
	seen, err := m.Environment(ctx, "shop")
	for err != nil {
		<-time.After(time.Second)
		if seen, err = m.Environment(ctx, "shop"); ctx.Err() != nil {
			return NotKnown, &Failure{Kind: NotKnown}, Outcome{}
		}
	}
	order := Order{Environment: "shop", AppID: seen.AppID, From: "a", To: "b",
		RequestKey: RequestKey("app", "a", "b", time.Time{}), Intent: i}
	outcome, err := Run(ctx, m, order, seen, DefaultPollPolicy, nil)
	var failure *Failure
	if errors.As(err, &failure) {
		return failure.Kind, failure, outcome
	}
	return Done, nil, outcome
}

// However a platform behaves within the limits, Run requests the migration once and reports its actual end.
func TestRunOnUnreliablePlatforms(t *testing.T) {
	t.Parallel()
	allowed := map[fate][]Kind{
		arrives:      {Done},
		failsBack:    {FailedBack, NotShown, Refused, NeverStarted},
		neverArrives: {NeverStarted},
		isDeleted:    {Gone},
	}
	ends := map[fate]map[Kind]int{arrives: {}, failsBack: {}, neverArrives: {}, isDeleted: {}}
	for seed := range uint64(4000) {
		synctest.Test(t, func(t *testing.T) {
			m := newUnreliable(seed)
			if m.mood.hides > 0 || m.mood.flaps {
				m.mood.hidden = false
			}
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Hour)
			defer cancel()
			kind, _, _ := m.apply(ctx, Intent{})
			ends[m.mood.fate][kind]++
			if !slices.Contains(allowed[m.mood.fate], kind) || len(m.calls) != 1 {
				t.Errorf("seed %d: %s after %s and %d calls: %+v", seed, kind, time.Since(m.truth[0].from), len(m.calls), m.mood)
			}
		})
		if t.Failed() {
			return
		}
	}
	t.Log(ends)
}

// Run adopts somebody else's migration to the target, and never requests a second one while it is running.
func TestRunWithExternalMigrations(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2000) {
		synctest.Test(t, func(t *testing.T) {
			m := newUnreliable(seed)
			m.mood.keyless, m.mood.fate = true, pick(m.rng, arrives, failsBack)
			region := pick(m.rng, "b", "c")
			m.begin("", region, m.mood.fate)
			<-time.After(seconds(m.rng, 100))
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Hour)
			defer cancel()
			kind, _, _ := m.apply(ctx, Intent{})
			wrong := kind == Gone || kind == NeverStarted && m.effects > 0 && m.mood.fate == arrives || kind == NotKnown ||
				kind == Another && !m.mood.newID
			if wrong || len(m.calls) > 1 || m.blind > 0 {
				t.Errorf("seed %d: %s, %d calls, %d blind, to %s: %+v", seed, kind, len(m.calls), m.blind, region, m.mood)
			}
		})
		if t.Failed() {
			return
		}
	}
}

// After an interrupted or killed run, the next one requests no second migration while the first shows or may still
// show, and does not report a failure if the first succeeds.
func TestRunAfterKilledRun(t *testing.T) {
	t.Parallel()
	kinds := map[Kind]int{}
	for seed := range uint64(4000) {
		synctest.Test(t, func(t *testing.T) {
			m := newUnreliable(seed)
			m.mood.fate = pick(m.rng, arrives, arrives, failsBack)
			killed := m.rng.IntN(2) == 0
			ctx, cut := context.WithTimeout(t.Context(), seconds(m.rng, pick(m.rng, 1, 30, 300)))
			kind, failure, outcome := m.apply(ctx, Intent{})
			cut()
			var left Intent
			if !killed && failure != nil && failure.GoesOn() {
				left = Intent{RequestKey: outcome.RequestKey, To: "b", AskedAt: outcome.StartedAt, Told: failure.Kind == NotShown,
					Status: outcome.Before.Status}
			}
			if kind != NotKnown && kind != NotShown && kind != NeverStarted {
				return // nothing is left for the next run
			}
			first := m.effects
			<-time.After(seconds(m.rng, pick(m.rng, 1, 30, 300)))
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Hour)
			defer cancel()
			kind, _, _ = m.apply(ctx, left)
			kinds[kind]++
			describe := func(what string) {
				t.Errorf("seed %d: %s: %s, killed %v, %d and %d effects, %d blind: %+v", seed, what, kind, killed, first,
					m.effects-first, m.blind, m.mood)
			}
			switch {
			case m.blind > 0:
				describe("asked although one showed")
			case !killed && m.mood.fate == arrives && m.effects > 1:
				describe("asked twice")
			case kind == Gone, kind == Another && (!killed || !m.mood.newID), kind == NotKnown:
				describe("untrue")
			case m.mood.fate == arrives && m.effects < 2 && (kind == FailedBack || kind == NeverStarted):
				describe("called a failure")
			}
		})
		if t.Failed() {
			return
		}
	}
	t.Log(kinds)
}
