package migration

import (
	"cmp"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// Kind is the result of judging evidence of a migration.
type Kind int

// The kinds of verdicts. All but the first two are final.
const (
	// KeepLooking: the evidence does not decide yet.
	KeepLooking Kind = iota
	// Ask: nothing prevents requesting the migration from the platform now. It is never the verdict on evidence that
	// already has a call, so the migration is requested only once.
	Ask
	// Done: the environment is idle in the target region.
	Done
	// Refused: the platform refused; nothing was changed.
	Refused
	// Unchecked: the platform could not be asked whether it would migrate the environment; nothing was changed.
	Unchecked
	// FailedBack: the migration began and ended with the environment in its original region.
	FailedBack
	// NeverStarted: the platform did not refuse the call, and shows no trace of a migration.
	NeverStarted
	// NotShown: the platform reported that the migration succeeded, but still shows the environment in its original
	// region.
	NotShown
	// Broken: the platform reports the environment as broken.
	Broken
	// Elsewhere: the environment ended up in a third region.
	Elsewhere
	// OtherState: the environment moved, but its status is not the one from before.
	OtherState
	// Gone: the environment was deleted.
	Gone
	// Another: an environment of the same name exists that is not the one to move; nothing was changed.
	Another
	// NotKnown: nobody waits any longer, or this token may not read the environment; the platform goes on if it was
	// asked.
	NotKnown
)

var kindNames = map[Kind]string{
	KeepLooking: "keep looking", Ask: "ask", Done: "done", Refused: "refused", Unchecked: "unchecked",
	FailedBack:   "failed and back",
	NeverStarted: "never started", NotShown: "not shown", Broken: "broken", Elsewhere: "elsewhere",
	OtherState: "other state",
	Gone:       "gone", Another: "another", NotKnown: "not known",
}

// String returns the kind in words.
func (k Kind) String() string { return kindNames[k] }

// Need is what to find out next.
type Need int

// The kinds of needs.
const (
	// NeedLook: read the environment.
	NeedLook Need = iota
	// NeedCheck: ask whether the platform would migrate it.
	NeedCheck
	// NeedJournal: read the platform's actions.
	NeedJournal
	// NeedAnswer: wait for the end of the call; reading the environment is of no use.
	NeedAnswer
)

// Verdict is what to do, or how the migration ended.
type Verdict struct {
	Kind Kind
	// Need is what to find out if Kind is KeepLooking. After is the longest time to wait before; 0 leaves it to the
	// caller.
	Need  Need
	After time.Duration
}

// Judge decides what the evidence shows about a migration. Success needs one look. A failure is believed if
// the platform's log or response reports it for this migration; otherwise the same must be seen over a
// settling time. Judge is a pure function.
func Judge(e Evidence) Verdict {
	switch {
	case e.Interrupted != nil:
		return Verdict{Kind: NotKnown}
	case len(e.Looks) == 0:
		return Verdict{}
	}
	switch e.sight(e.last()) {
	case sightDenied:
		return e.judgeDenied()
	case sightMissing:
		if e.journal(e.last().At) == nil {
			return Verdict{Need: NeedJournal} // the actions show whether an operation is running on it
		}
		return e.confirm(sightMissing, Gone)
	case sightAnother:
		return Verdict{Kind: Another}
	case sightBroken:
		return e.judgeBroken()
	case sightElsewhere:
		return e.judgeElsewhere()
	case sightTarget:
		return e.judgeArrived()
	case sightSource:
		if e.asked() {
			return e.judgeAsked()
		}
		return e.judgeUnasked()
	case sightAtWork:
		return e.judgeAtWork()
	case sightUnseen:
	}
	return Verdict{}
}

// judgeAtWork judges an environment with a running operation. If it was already migrating, the log tells where to and
// who requested it.
func (e Evidence) judgeAtWork() Verdict {
	if !e.asked() && e.last().Status == platform.StatusMigrating && len(e.Journals) == 0 {
		return Verdict{Need: NeedJournal}
	}
	return Verdict{}
}

// confirm believes bad news once it has been seen repeatedly.
func (e Evidence) confirm(s sight, kind Kind) Verdict {
	if e.Limits.Confirms(e.streak(s)) {
		return Verdict{Kind: kind}
	}
	return e.lookAgain()
}

// lookAgain looks often enough to confirm a sight as soon as the settling time is over.
func (e Evidence) lookAgain() Verdict { return Verdict{After: e.Limits.Settle / 3} }

// hasFailed reports whether the log shows that this migration has failed.
func (e Evidence) hasFailed() bool {
	a := e.ended()
	return a != nil && !succeeded(*a)
}

// judgeBroken judges an environment that the platform reports as broken.
func (e Evidence) judgeBroken() Verdict {
	switch {
	case e.journal(e.last().At) == nil:
		return Verdict{Need: NeedJournal}
	case e.refused(), e.hasFailed():
		return Verdict{Kind: Broken}
	}
	return e.confirm(sightBroken, Broken)
}

// judgeElsewhere judges an environment that is idle in a third region. The log may tell who moved it there.
func (e Evidence) judgeElsewhere() Verdict {
	journal := e.journal(e.last().At)
	if journal == nil {
		return Verdict{Need: NeedJournal}
	}
	if a := journal.newest(); a != nil && a.Region == e.last().Region &&
		!a.Finished.Before(e.Looks[0].At.Add(-tolerance)) {
		return Verdict{Kind: Elsewhere}
	}
	return e.confirm(sightElsewhere, Elsewhere)
}

// judgeDenied judges if this token may not read the environment. The answer of an open call may still tell the outcome.
func (e Evidence) judgeDenied() Verdict {
	switch {
	case e.asked() && !e.answered():
		return Verdict{Need: NeedAnswer}
	case e.refused() && !e.underWay():
		return Verdict{Kind: Refused}
	}
	return Verdict{Kind: NotKnown}
}

// judgeArrived judges an environment that is idle in the target.
func (e Evidence) judgeArrived() Verdict {
	moved := e.asked() || e.Adopted()
	switch settled := e.Limits.Confirms(e.streak(sightTarget)); {
	case !moved:
		return Verdict{Kind: Done}
	case e.last().Stale && !settled:
		return e.lookAgain()
	case !rests(e.Before), sameState(e.Before, e.last().Status):
		return Verdict{Kind: Done}
	case settled:
		return Verdict{Kind: OtherState}
	}
	return e.lookAgain()
}

func sameState(before, after platform.Status) bool {
	return before == after || awake(before) && awake(after)
}

// awake reports whether an environment serves requests: a sleeping one wakes at the first.
func awake(s platform.Status) bool {
	return s == platform.StatusRunning || s == platform.StatusSleeping
}

// judgeTold judges a migration that the platform reported as succeeded while it shows the environment in its original
// region.
func (e Evidence) judgeTold(told time.Time) Verdict {
	if last := e.lastAtWork(); last.After(told) {
		told = last
	}
	if waited := e.last().At.Sub(told); waited < e.Limits.Believe {
		return Verdict{After: min(e.Limits.Believe-waited, max(e.Limits.Settle, 1))}
	}
	return e.confirm(sightSource, NotShown)
}

// judgeUnasked judges an environment that is idle in its original region before this run has requested anything.
func (e Evidence) judgeUnasked() Verdict {
	journal, intended := e.journal(e.last().At), !e.Order.Intent.AskedAt.IsZero()
	switch {
	case e.underWay():
		// A migration to the target was seen, and has ended or is not visible for a moment.
		return e.judgeEnded(journal)
	case !intended && e.Check.At.IsZero():
		return Verdict{Need: NeedCheck}
	case intended && journal == nil:
		return Verdict{Need: NeedJournal}
	}
	if told := e.toldAt(); !told.IsZero() {
		return e.judgeTold(told)
	}
	if wait := e.mayAppear(); wait > 0 {
		return Verdict{After: wait}
	}
	switch {
	case journal != nil && len(journal.Current) > 0:
		// An operation is running that the status does not show yet.
		return e.lookAgain()
	case !e.Check.At.After(e.lastAtWork()):
		return Verdict{Need: NeedCheck}
	}
	return e.judgeChecked(journal)
}

// judgeChecked judges the platform's answer on whether it would migrate the environment. It also refuses what it has
// already done, or is about to do; the log shows that.
func (e Evidence) judgeChecked(journal *Journal) Verdict {
	err := e.Check.Err
	switch {
	case err != nil && !platform.IsRefusal(err):
		return Verdict{Kind: Unchecked}
	case platform.IsWrongState(err) && e.Check.At.Before(e.last().At):
		return Verdict{Need: NeedCheck}
	case journal == nil, journal.At.Before(e.Check.At):
		return Verdict{Need: NeedJournal}
	case platform.IsWrongState(err):
		// An operation is running that is not visible.
		return e.confirm(sightSource, Refused)
	case err != nil:
		return Verdict{Kind: Refused}
	case platform.IsTransient(cmp.Or(journal.CurrentErr, journal.PastErr)):
		return e.confirm(sightSource, Ask)
	}
	return Verdict{Kind: Ask}
}

// lastAtWork is when an operation was last seen running on the environment; zero if never.
func (e Evidence) lastAtWork() time.Time {
	var at time.Time
	for _, l := range e.Looks {
		if e.sight(l) == sightAtWork {
			at = l.At
		}
	}
	if busy := e.lastBusy(); busy.After(at) {
		return busy
	}
	return at
}

// lastBusy is when the platform last had a running action on the environment; zero if never.
func (e Evidence) lastBusy() time.Time {
	var at time.Time
	for _, j := range e.Journals {
		if len(j.Current) > 0 {
			at = j.At
		}
	}
	return at
}

// mayAppear returns how much longer a migration without a trace may still appear because an earlier run requested it,
// or may show its end elsewhere because the log says that it has just ended. It is not positive if neither applies.
func (e Evidence) mayAppear() time.Duration {
	left := func(since time.Time, limit time.Duration) time.Duration {
		if since.After(e.Now.Add(tolerance)) {
			since = e.Looks[0].At // because that clock cannot be right
		}
		return limit - e.Now.Sub(since)
	}
	var wait time.Duration
	intent, known := e.Order.Intent, false
	if n := len(e.Journals); n > 0 {
		j := e.Journals[n-1]
		for _, a := range j.Past {
			known = known || a.Result != nil && a.RequestKey != "" && a.RequestKey == intent.RequestKey
			if a.Result == nil && e.isWanted(a) {
				wait = max(wait, left(a.Started, e.Limits.Appear))
			}
		}
		if a := j.newest(); a != nil && a.Region != e.Order.From && a.Region != e.Order.To {
			// The look may be older than the log.
			wait = max(wait, left(a.Finished, e.Limits.Settle))
		}
	}
	if !intent.AskedAt.IsZero() && !known {
		wait = max(wait, left(intent.AskedAt, e.Limits.Appear))
	}
	return wait
}

// judgeAsked judges an environment that is idle in its original region after this run's request.
func (e Evidence) judgeAsked() Verdict {
	if !e.answered() && !e.underWay() {
		return Verdict{}
	}
	journal := e.journal(e.last().At)
	if journal == nil {
		return Verdict{Need: NeedJournal}
	}
	if e.refused() && !e.hasFailed() && e.toldAt().IsZero() {
		// A refusal and a failure look the same in an answer. The log has only what was begun.
		switch {
		case e.underWay():
			return Verdict{Kind: FailedBack}
		case journal.PastErr == nil:
			return Verdict{Kind: Refused}
		}
		return e.confirm(sightSource, FailedBack)
	}
	return e.judgeEnded(journal)
}

// judgeEnded judges an environment that is idle in its original region after a migration was requested or seen.
func (e Evidence) judgeEnded(journal *Journal) Verdict {
	if journal == nil {
		return Verdict{Need: NeedJournal}
	}
	if e.hasFailed() {
		return Verdict{Kind: FailedBack}
	}
	if e.failedInAnyZone() != nil {
		return e.confirm(sightSource, FailedBack)
	}
	if told := e.toldAt(); !told.IsZero() {
		return e.judgeTold(told)
	}
	switch {
	case platform.IsWrongState(e.Call.Err) && !e.underWay():
		return e.confirm(sightSource, Refused)
	case e.underWay():
		return e.confirm(sightSource, FailedBack)
	}
	return e.confirm(sightSource, NeverStarted)
}
