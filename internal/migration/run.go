package migration

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// Platform is the part of the platform that carrying out a migration needs.
type Platform interface {
	Environment(ctx context.Context, name string) (platform.Environment, error)
	CheckMigration(ctx context.Context, name, region string) error
	Migrate(ctx context.Context, request platform.MigrateRequest) error
	PastActions(ctx context.Context, since time.Time, count int) ([]platform.Action, error)
}

// Order is a migration to be carried out.
type Order struct {
	Environment string
	// From is the region where the environment is, To the one where it shall be.
	From, To string
	Live     bool
	// RequestKey is a random text by which the platform's action log tells this migration from every other; empty for one
	// that somebody else asked for.
	RequestKey string
	// Earlier is what is known of a migration that may be under way already.
	Earlier Earlier
	// Reached, if not nil, is called when the migration is started and when the platform first shows it under way.
	Reached func(Phase)
}

// Earlier is a migration that an earlier run or somebody else asked for.
type Earlier struct {
	// RequestKey is that of an earlier run; empty for a migration that somebody else asked for.
	RequestKey string
	// Status is the environment's from before that migration, StatusAbsent if it is not known.
	Status platform.Status
}

func (o Order) reached(phase Phase) {
	if o.Reached != nil {
		o.Reached(phase)
	}
}

// Outcome is how a migration ended.
type Outcome struct {
	// Before and After are the environment as the platform reported it before the start and after the end. After is the
	// last thing seen, also if the migration failed.
	Before, After platform.Environment
	// StartedAt and FinishedAt are when the migration was asked for and seen to have ended; for one that somebody else
	// asked for, what the action log says, if it does.
	StartedAt, FinishedAt time.Time
	// Adopted says that the migration was asked for by an earlier run or by somebody else.
	Adopted bool
	// Stopped says that nodes of an environment that had been running were seen stopped: the migration was not live.
	Stopped bool
}

// FailureKind says how a migration failed.
type FailureKind int

// The kinds of failures.
const (
	// FailedRefused: the platform refused to start it; nothing was changed.
	FailedRefused FailureKind = iota
	// FailedUnchecked: the platform could not be asked whether it would do it; nothing was changed.
	FailedUnchecked
	// FailedBack: it was started and ended with the environment where it had been.
	FailedBack
	// FailedBroken: the platform reports the environment as broken.
	FailedBroken
	// FailedElsewhere: the environment ended up in a third region.
	FailedElsewhere
	// FailedGone: the environment was deleted meanwhile.
	FailedGone
	// FailedState: the environment moved, but is not in the state from before.
	FailedState
	// FailedNotStarted: the platform did not refuse the call, but shows no trace of a migration.
	FailedNotStarted
	// Interrupted: the context ended before the migration did; the platform goes on with it if it was started.
	Interrupted
)

// Failure is a migration that did not end as ordered.
type Failure struct {
	Kind  FailureKind
	Order Order
	// Started says whether the platform was asked to migrate.
	Started bool
	// Last is the environment as last seen; its Status is StatusAbsent if it was never seen.
	Last platform.Environment
	// Cause is the platform's answer, or the end of the context; nil if there is none.
	Cause error
	// Unseen is why the environment could not be looked at in the end; nil if it could.
	Unseen error
}

// Error says what happened, without advice.
func (f *Failure) Error() string {
	var text string
	switch f.Kind {
	case FailedRefused:
		text = "the platform refused the migration"
	case FailedUnchecked:
		text = "the platform could not be asked whether it would migrate the environment"
	case FailedBack:
		text = fmt.Sprintf("the migration failed; the environment is in %s, where it was before", f.Order.From)
	case FailedBroken:
		text = "the platform reports the environment as broken"
	case FailedElsewhere:
		text = fmt.Sprintf("the environment ended up in %s", f.Last.Region)
	case FailedGone:
		text = "the environment was deleted while it was migrating"
	case FailedState:
		text = fmt.Sprintf("the environment moved, but it is %s now", f.Last.Status)
	case FailedNotStarted:
		text = "the platform shows no trace of the migration"
	case Interrupted:
		text = "interrupted after the migration was asked for; the platform goes on with it"
		if !f.Started {
			text = "interrupted before the migration was asked for"
		}
	}
	if f.Cause != nil {
		text += ": " + f.Cause.Error()
	}
	if f.Unseen != nil {
		text += "; the environment could not be looked at: " + f.Unseen.Error()
	}
	return text
}

// GoesOn says whether the platform may still be carrying out a migration that this run asked for.
func (f *Failure) GoesOn() bool {
	return f.Started && (f.Kind == Interrupted || f.Kind == FailedNotStarted)
}

// Unwrap returns the cause.
func (f *Failure) Unwrap() error { return f.Cause }

// Run carries out a migration of an environment that was found to be as before: it checks that the platform would do
// it, asks for it once, watches the environment while the call stays open, and decides by looking where the
// environment is, whatever became of the call's answer. If the environment is found migrating already, Run asks for
// nothing and waits for that migration's end; if it was found at the target, there is nothing to do. While the platform
// says that something is at work on the environment and does not show it, Run looks for a while: that may be a migration
// that was asked for a moment ago.
//
// The error is a *Failure. The outcome is valid in either case as far as it was seen. Run returns within moments of
// the end of ctx.
func Run(ctx context.Context, p Platform, order Order, before platform.Environment, pace Pace) (Outcome, error) {
	now := time.Now()
	r := run{Platform: p, order: order, pace: pace}
	r.outcome = Outcome{Before: before, After: before, StartedAt: now, FinishedAt: now}

	answer := make(chan error, 1)
	switch {
	case before.Status == platform.StatusMigrating:
		r.adopt()
	case before.Region == order.To:
		r.adoptTimes(ctx)
		return r.outcome, nil
	default:
		switch err := r.check(ctx); {
		case err == nil:
		case ctx.Err() != nil:
			return r.outcome, r.interrupted(ctx)
		case !platform.IsRefusal(err):
			return r.outcome, r.fail(FailedUnchecked, err)
		default:
			return r.outcome, r.fail(FailedRefused, err)
		}
	}
	if !r.outcome.Adopted {
		// The call is given up only when the outcome is known otherwise, or with ctx.
		call, cancel := context.WithCancel(ctx)
		defer cancel()
		r.started = true
		order.reached(PhaseStarted)
		go func() {
			answer <- p.Migrate(call, platform.MigrateRequest{
				Environment: order.Environment, Region: order.To, Live: order.Live, RequestKey: order.RequestKey,
			})
		}()
	}
	err := r.watch(ctx, answer)
	r.outcome.FinishedAt = time.Now()
	if err == nil && platform.IsWrongState(r.refusal) {
		// It was at work already when this run asked for it.
		r.outcome.Adopted = true
	}
	if r.outcome.Adopted {
		r.adoptTimes(ctx)
	}
	return r.outcome, err
}

// check asks whether the platform would migrate the environment. It adopts a migration that it finds meanwhile.
func (r *run) check(ctx context.Context) error {
	return r.pace.Poll(ctx, func() (done bool, err error) {
		err = r.CheckMigration(ctx, r.order.Environment, r.order.To)
		if !platform.IsWrongState(err) || r.quiet >= r.pace.Patience {
			r.quiet = 0
			return true, err
		}
		env, lookErr := r.Environment(ctx, r.order.Environment)
		if lookErr == nil && env.Region != "" {
			r.outcome.After = env
			if env.Status == platform.StatusMigrating || env.Region == r.order.To && !env.Status.Transitional() {
				r.adopt()
				return true, nil
			}
		}
		if !env.Status.Transitional() {
			r.quiet++
		}
		return false, err
	})
}

// adopt takes over a migration that is under way already.
func (r *run) adopt() {
	r.outcome.Adopted, r.seen, r.quiet = true, true, 0
	r.order.RequestKey = r.order.Earlier.RequestKey
	if r.outcome.Before.Status == platform.StatusMigrating && r.order.Earlier.Status != platform.StatusAbsent {
		r.outcome.Before.Status = r.order.Earlier.Status
	}
	r.order.reached(PhaseMigrating)
}

type run struct {
	Platform
	order   Order
	pace    Pace
	outcome Outcome
	started bool
	// seen says that the platform has shown the migration under way.
	seen bool
	// answered says that the call has ended, with refusal as its answer.
	answered bool
	refusal  error
	// unseen is why the last look saw nothing; blind says that the platform lets this token look no more, so that only the
	// answer is left to wait for.
	unseen error
	blind  bool
	// quiet counts looks at an environment that rests at its old place after the call has ended.
	quiet int
}

func (r *run) fail(kind FailureKind, cause error) error {
	return &Failure{Kind: kind, Order: r.order, Started: r.started, Last: r.outcome.After, Cause: cause}
}

// interrupted is the failure of a run whose context has ended. What certainly never arrived, or was not taken because
// something else is at work, has not been started.
func (r *run) interrupted(ctx context.Context) error {
	if platform.IsTransient(r.refusal) || platform.IsWrongState(r.refusal) {
		r.started = false
	}
	return &Failure{Kind: Interrupted, Order: r.order, Started: r.started, Last: r.outcome.After, Cause: context.Cause(ctx), Unseen: r.unseen}
}

// watch looks until the outcome is known. The answer of the call only makes it look at once: what decides is where the
// platform says the environment is.
func (r *run) watch(ctx context.Context, answer <-chan error) error {
	interval := r.pace.Floor
	for {
		timer := time.NewTimer(r.pace.beat(interval))
		tick := timer.C
		if r.blind {
			tick = nil
		}
		select {
		case <-ctx.Done():
			timer.Stop()
			if r.started && !r.answered {
				r.refusal = <-answer // which comes at once, because its context has ended, too
			}
			return r.interrupted(ctx)
		case err := <-answer:
			timer.Stop()
			r.answered, r.refusal, r.blind = true, err, false
			answer = nil
			if ctx.Err() != nil {
				return r.interrupted(ctx)
			}
			interval = r.pace.Floor
		case <-tick:
			interval = r.pace.next(interval)
		}
		if done, err := r.look(ctx); done {
			return err
		}
	}
}

// look asks the platform where the environment is and says whether that decides the outcome.
func (r *run) look(ctx context.Context) (done bool, err error) {
	env, err := r.Environment(ctx, r.order.Environment)
	if ctx.Err() == nil {
		r.unseen = err
	}
	switch {
	case platform.IsMissing(err):
		return true, r.fail(FailedGone, err)
	case (platform.IsAuthentication(err) || platform.IsPermission(err)) && r.started && !r.answered:
		r.blind = true
		return false, nil
	case platform.IsAuthentication(err), platform.IsPermission(err):
		if r.refused() && !r.seen {
			return true, r.fail(FailedRefused, r.refusal)
		}
		return true, r.fail(Interrupted, err)
	case err != nil:
		// Not to be seen for the moment. How long that is borne is ctx's business.
		return false, nil
	}
	if env.Region == "" {
		// An answer that leaves out where the environment is decides nothing.
		return false, nil
	}
	r.outcome.After = env
	switch {
	case env.Status == platform.StatusBroken || env.Broken:
		return true, r.fail(FailedBroken, r.reason(ctx))
	case env.Status.Transitional():
		if !r.seen {
			r.order.reached(PhaseMigrating)
		}
		r.seen, r.quiet = true, 0
		if env.Status == platform.StatusMigrating && awake(r.outcome.Before.Status) && slices.ContainsFunc(env.Nodes, stopped) {
			r.outcome.Stopped = true
		}
		return false, nil
	case env.Region == r.order.To:
		return true, r.verify()
	case env.Region != r.order.From:
		return true, r.fail(FailedElsewhere, r.reason(ctx))
	}
	return r.atRest(ctx)
}

// verify compares the state of an environment that has arrived with the one from before.
func (r *run) verify() error {
	before, after := r.outcome.Before.Status, r.outcome.After.Status
	if before == after || before.Transitional() || awake(before) && awake(after) {
		return nil
	}
	return r.fail(FailedState, nil)
}

// awake says whether an environment serves requests: a sleeping one wakes at the first.
func awake(s platform.Status) bool {
	return s == platform.StatusRunning || s == platform.StatusSleeping
}

// atRest decides about an environment that is where it was before and that nothing works on.
func (r *run) atRest(ctx context.Context) (done bool, err error) {
	switch {
	case r.started && !r.answered && !r.seen:
		return false, nil
	case r.refused() && (r.seen || !platform.IsWrongState(r.refusal)):
		// An answer that refuses and one that tells of a failure look the same. The log has only what was begun; if it
		// cannot be read, nobody can say that nothing was.
		if known, logged := r.loggedError(ctx); r.seen || logged != nil || !known {
			return true, r.fail(FailedBack, r.refusal)
		}
		return true, r.fail(FailedRefused, r.refusal)
	case r.seen && (r.answered || !r.started):
		_, logged := r.loggedError(ctx)
		return true, r.fail(FailedBack, logged)
	}
	// The migration may be about to begin, may have ended between two looks, or may never have reached the platform, or
	// something else is at work that it does not show yet.
	// The action log may know; otherwise some more looks decide.
	r.quiet++
	if r.quiet < r.pace.Patience {
		if _, logged := r.loggedError(ctx); logged != nil {
			return true, r.fail(FailedBack, logged)
		}
		return false, nil
	}
	if r.seen {
		_, logged := r.loggedError(ctx)
		return true, r.fail(FailedBack, logged)
	}
	if r.refused() {
		return true, r.fail(FailedRefused, r.refusal)
	}
	return true, r.fail(FailedNotStarted, r.refusal)
}

func stopped(n platform.Node) bool { return n.Status == platform.StatusStopped }

// adoptTimes takes the times of a migration that this run did not ask for from the action log, the last one of this
// environment to the target. A log that does not tell leaves what was seen.
func (r *run) adoptTimes(ctx context.Context) {
	actions, err := r.PastActions(ctx, r.outcome.StartedAt.Add(-24*time.Hour), 100)
	if err != nil {
		return
	}
	var last platform.Action
	for _, a := range actions {
		if a.Kind == platform.ActionMigrate && a.Environment == r.order.Environment && a.Region == r.order.To && a.Finished.After(last.Finished) {
			last = a
		}
	}
	if !last.Started.IsZero() && !last.Finished.IsZero() {
		r.outcome.StartedAt, r.outcome.FinishedAt = last.Started, last.Finished
	}
}

// refused says whether the call has been answered with a refusal or a failure.
func (r *run) refused() bool {
	return r.answered && r.refusal != nil && !platform.IsOutcomeUnknown(r.refusal)
}

// reason is why a migration failed, from whoever tells first: its call or the action log.
func (r *run) reason(ctx context.Context) error {
	if r.refusal != nil {
		return r.refusal
	}
	_, logged := r.loggedError(ctx)
	return logged
}

// loggedError is what the action log says went wrong with this very migration, nil if nothing did; known is false if
// the log cannot be read.
func (r *run) loggedError(ctx context.Context) (known bool, logged error) {
	if r.order.RequestKey == "" {
		return false, nil
	}
	// The log is in the platform's time; an hour bridges clocks that differ.
	actions, err := r.PastActions(ctx, r.outcome.StartedAt.Add(-time.Hour), 50)
	if err != nil {
		return false, nil
	}
	for _, a := range actions {
		if a.RequestKey == r.order.RequestKey && a.Kind == platform.ActionMigrate && a.Result != nil && *a.Result != 0 {
			return true, fmt.Errorf("the platform's action log says code %d: %s", *a.Result, a.Words)
		}
	}
	return true, nil
}
