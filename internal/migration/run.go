package migration

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// Platform is the part of the platform that Run needs.
type Platform interface {
	Environment(ctx context.Context, name string) (platform.Environment, error)
	Environments(ctx context.Context) ([]platform.Environment, error)
	CheckMigration(ctx context.Context, name, region string) error
	Migrate(ctx context.Context, request platform.MigrateRequest) error
	CurrentActions(ctx context.Context) ([]platform.Action, error)
	PastActions(ctx context.Context, since time.Time, count int) ([]platform.Action, error)
}

// Order is a migration to be carried out.
type Order struct {
	Environment string
	// AppID identifies the environment in the plan; empty if it is not known.
	AppID string
	// From is the region where the environment is, To the target.
	From, To string
	Live     bool
	// NewAddresses and NewDomain report that the migration changes them, so the run waits until the old ones are gone.
	NewAddresses, NewDomain bool
	// RequestKey comes from the function of that name. Empty means that nothing marks the migration.
	RequestKey string
	// Intent is what is known of a migration that an earlier run requested.
	Intent Intent
}

// Intent is a migration that an earlier run requested and did not see the end of; the zero value is none.
type Intent struct {
	RequestKey string
	To         string
	AskedAt    time.Time
	// Told reports whether the platform reported success without showing it.
	Told bool
	// Status is the environment's status before that migration, StatusAbsent if it is not known.
	Status platform.Status
}

// Outcome is how a migration ended.
type Outcome struct {
	// Before and After are the environment as the platform reported it before the start and after the end. If the
	// migration failed, After is the last state seen.
	Before, After platform.Environment
	// StartedAt and FinishedAt are when the migration was requested and when its end was seen; for a migration that
	// somebody else requested, they come from the action log, if it has them.
	StartedAt, FinishedAt time.Time
	// RequestKey is the key of the request; empty if there was none.
	RequestKey string
	// Adopted reports whether an earlier run or somebody else requested the migration.
	Adopted bool
	// Stopped reports whether nodes of a running environment were seen stopped: the migration was not live.
	Stopped bool
	// Stale reports whether addresses or the domain stayed although the migration was to change them.
	Stale bool
}

// Run carries out a migration of an environment that is as the plan found it. It gathers evidence and follows Judge,
// which decides whether to request the migration (at most once), how long to look, and how the migration ended. Run
// adopts a running migration to the same region, and waits for the end of one to another region.
//
// It calls reached, if that is not nil, when the migration starts and when the platform first shows it
// running. The error is a *Failure. The outcome is valid in either case as far as it was seen. Run
// returns within moments of the end of ctx.
func Run(
	ctx context.Context, p Platform, order Order, before platform.Environment, poll PollPolicy, reached func(Phase),
) (Outcome, error) {
	if reached == nil {
		reached = func(Phase) {}
	}
	// The call is abandoned only when the outcome is known from elsewhere, or with ctx.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r := run{Platform: p, poll: poll, reached: reached, before: before, after: before, interval: poll.Floor}
	r.evidence.Order, r.evidence.Limits, r.evidence.Before = order, poll.Limits, before.Status
	if before.Status == platform.StatusMigrating {
		r.evidence.Before = order.Intent.Status
	}
	r.see(before, nil)
	for {
		verdict := r.judge(ctx)
		switch verdict.Kind {
		case KeepLooking:
			r.gather(ctx, verdict)
		case Ask:
			r.ask(ctx)
		case Done:
			return r.outcome(), nil
		case Refused, Unchecked, FailedBack, NeverStarted, NotShown, Broken, Elsewhere, OtherState, Gone, Another, NotKnown:
			return r.outcome(), r.fail(verdict.Kind)
		}
	}
}

// run is a migration in progress: the evidence so far, and what it takes to gather more.
type run struct {
	Platform
	evidence Evidence
	poll     PollPolicy
	reached  func(Phase)
	before   platform.Environment
	after    platform.Environment // as last seen
	interval time.Duration        // until the next look
	answer   chan error           // of the open call
}

func (r *run) judge(ctx context.Context) Verdict {
	r.evidence.Now = time.Now()
	if ctx.Err() != nil {
		if r.evidence.asked() && !r.evidence.answered() {
			r.answeredWith(<-r.answer) // it comes at once, because its context has ended, too
		}
		r.evidence.Interrupted = context.Cause(ctx)
	}
	return Judge(r.evidence)
}

func (r *run) gather(ctx context.Context, verdict Verdict) {
	switch verdict.Need {
	case NeedLook:
		if !r.wait(ctx, verdict.After) {
			return
		}
		env, err := r.Environment(ctx, r.evidence.Order.Environment)
		listed := platform.IsMissing(err) && r.isListed(ctx)
		if ctx.Err() == nil {
			r.see(env, err)
			r.evidence.Looks[len(r.evidence.Looks)-1].Listed = listed
		}
	case NeedCheck:
		err := r.CheckMigration(ctx, r.evidence.Order.Environment, r.evidence.Order.To)
		if ctx.Err() == nil {
			r.evidence.Check = Check{At: time.Now(), Err: err}
		}
	case NeedJournal:
		r.read(ctx)
	case NeedAnswer:
		select {
		case <-ctx.Done():
		case err := <-r.answer:
			r.answeredWith(err)
		}
	}
}

// wait waits for the next look, which comes at once when the call ends. It returns false if ctx ended before.
func (r *run) wait(ctx context.Context, most time.Duration) bool {
	pause := r.poll.nextTick(r.interval)
	r.interval = r.poll.next(r.interval)
	if most > 0 {
		pause = min(pause, max(most, r.poll.Floor))
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case err := <-r.answer:
		r.answeredWith(err)
		r.interval = r.poll.Floor
	case <-timer.C:
	}
	return ctx.Err() == nil
}

// isListed reports whether a list shows the environment. A list that cannot be read proves nothing.
func (r *run) isListed(ctx context.Context) bool {
	all, err := r.Environments(ctx)
	return err == nil && slices.ContainsFunc(all, func(env platform.Environment) bool {
		return env.Name == r.evidence.Order.Environment
	})
}

func (r *run) answeredWith(err error) {
	r.evidence.Call.Answered, r.evidence.Call.Err, r.answer = time.Now(), err, nil
}

// ask requests the migration. The call stays open until the platform has finished, unless it is cut off.
func (r *run) ask(ctx context.Context) {
	r.evidence.Call = Call{Key: r.evidence.nextKey(), Asked: time.Now()}
	r.reached(PhaseStarted)
	answer := make(chan error, 1)
	r.answer = answer
	request := platform.MigrateRequest{Environment: r.evidence.Order.Environment, Region: r.evidence.Order.To,
		Live:       r.evidence.Order.Live,
		RequestKey: r.evidence.Call.Key}
	go func() { answer <- r.Migrate(ctx, request) }()
	r.interval = r.poll.Floor
}

// see adds a look to the evidence.
func (r *run) see(env platform.Environment, err error) {
	before := r.evidence.underWay()
	look := Look{At: time.Now(), Err: err, Status: env.Status, Broken: env.Broken, Region: env.Region, AppID: env.AppID}
	if err == nil && env.Region != "" {
		r.after = env
		look.Stopped = slices.ContainsFunc(env.Nodes, stopped)
		look.Stale = len(r.evidence.Looks) > 0 && r.stale(env)
	}
	r.evidence.Looks = append(r.evidence.Looks, look)
	if !before && r.evidence.underWay() {
		r.reached(PhaseMigrating)
	}
}

func stopped(n platform.Node) bool { return n.Status == platform.StatusStopped }

// stale reports whether something that the migration changes is still as before.
func (r *run) stale(env platform.Environment) bool {
	if r.evidence.Order.NewDomain && env.Domain == r.before.Domain {
		return true
	}
	if !r.evidence.Order.NewAddresses {
		return false
	}
	return slices.ContainsFunc(PairNodes(r.before.Nodes, env.Nodes, RoleOf), func(p NodePair[platform.Node]) bool {
		b, a := p.Before, p.After
		return (b.InternalIP != "" || len(b.PublicIPv4)+len(b.PublicIPv6) > 0) && b.InternalIP == a.InternalIP &&
			slices.Equal(b.PublicIPv4, a.PublicIPv4) && slices.Equal(b.PublicIPv6, a.PublicIPv6)
	})
}

// read adds a reading of the platform's actions to the evidence.
func (r *run) read(ctx context.Context) {
	before := r.evidence.underWay()
	j := Journal{At: time.Now()}
	j.Current, j.CurrentErr = r.CurrentActions(ctx)
	// One more day allows for wrong time zones: keys tell migrations apart, not times.
	j.Past, j.PastErr = r.PastActions(ctx, r.evidence.Looks[0].At.Add(-remembered), pastActions)
	if ctx.Err() != nil {
		return
	}
	about := func(a platform.Action) bool {
		return a.Environment != r.evidence.Order.Environment && !r.evidence.isOurs(a)
	}
	j.Current = slices.DeleteFunc(slices.Clone(j.Current), about)
	j.Past = slices.DeleteFunc(slices.Clone(j.Past), about)
	r.evidence.Journals = append(r.evidence.Journals, j)
	if !before && r.evidence.underWay() {
		r.reached(PhaseMigrating)
	}
}

// pastActions is the number of log entries to read.
const pastActions = 1000

// outcome returns the course of the migration as the evidence shows it.
func (r *run) outcome() Outcome {
	o := Outcome{Before: r.before, After: r.after, RequestKey: r.evidence.Call.Key, Adopted: r.evidence.Adopted(),
		StartedAt:  r.evidence.Call.Asked,
		FinishedAt: time.Now()}
	o.Before.Status = r.evidence.Before
	if o.StartedAt.IsZero() {
		o.StartedAt = r.evidence.Looks[0].At
	}
	if s := r.evidence.streak(sightTarget); s.Looks > 0 {
		o.FinishedAt = s.Since
	}
	if i := r.evidence.Order.Intent; o.Adopted && i.To == r.evidence.Order.To && !i.AskedAt.IsZero() {
		o.StartedAt = i.AskedAt
		if a := r.asIntended(); a != nil {
			o.StartedAt, o.FinishedAt = a.Started, a.Finished
		}
	}
	if a := r.evidence.ended(); a != nil && o.Adopted && succeeded(*a) && !a.Started.IsZero() &&
		within(a.Finished, r.evidence.Looks[0].At, r.evidence.Now) {
		o.StartedAt, o.FinishedAt = a.Started, a.Finished
	}
	o.Stale = r.evidence.last().Stale && r.evidence.sight(r.evidence.last()) == sightTarget
	o.Stopped = awake(r.evidence.Before) && slices.ContainsFunc(r.evidence.Looks, func(l Look) bool {
		return l.Status == platform.StatusMigrating && l.Stopped
	})
	return o
}

// asIntended returns the success in the log of what an earlier run requested; nil if there is none, or if its times are
// impossible.
func (r *run) asIntended() *platform.Action {
	i := r.evidence.Order.Intent
	for _, j := range slices.Backward(r.evidence.Journals) {
		for n, a := range j.Past {
			if a.RequestKey == i.RequestKey && succeeded(a) && !a.Started.IsZero() &&
				within(a.Started, i.AskedAt, r.evidence.Now) &&
				within(a.Finished, i.AskedAt, r.evidence.Now) {
				return &j.Past[n]
			}
		}
	}
	return nil
}

func (r *run) fail(kind Kind) error {
	f := &Failure{Kind: kind, Order: r.evidence.Order, RequestKey: r.evidence.Call.Key, Started: r.evidence.Started(),
		Last: r.after}
	if f.Cause = r.loggedError(); f.Cause == nil || r.evidence.refused() {
		f.Cause = cmp.Or(r.evidence.Call.Err, f.Cause)
	}
	switch kind {
	case Refused, Unchecked:
		if !r.evidence.asked() {
			f.Cause = r.evidence.Check.Err
		}
	case Gone:
		f.Cause = r.evidence.last().Err
	case NotKnown:
		f.Cause = r.evidence.Interrupted
		if f.Unseen = r.evidence.last().Err; f.Cause == nil {
			f.Cause, f.Unseen = f.Unseen, nil
		}
	case KeepLooking, Ask, Done, FailedBack, NeverStarted, NotShown, Broken, Elsewhere, OtherState, Another:
	}
	return f
}

// loggedError returns the error in the platform's log; nil if it has none.
func (r *run) loggedError() error {
	a := r.evidence.ended()
	if a == nil {
		a = r.evidence.failedInAnyZone()
	}
	if a == nil || succeeded(*a) {
		return nil
	}
	return fmt.Errorf("the platform's action log says code %d: %s", *a.Result, a.Words)
}
