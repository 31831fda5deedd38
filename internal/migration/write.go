package migration

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// Write is a change of an environment by one call to the platform, which may be repeated.
type Write struct {
	Environment string
	// Call asks the platform for the change.
	Call func(context.Context, *platform.Client) error
	// Arrived reports whether the environment, with no operation running, is as the call requests. ErrNotShown means
	// that the platform never shows it.
	Arrived func(context.Context, platform.Environment) (bool, error)
	// Deletes means that the call deletes the environment, which Arrived cannot show: looks follow a successful answer,
	// too, and the call is repeated only if the environment stays idle over the settling time.
	Deletes bool
	// Refuses, if not nil, returns why the change must not wait for the operation that is running on the environment;
	// nil means that it waits.
	Refuses func(platform.Environment) error
	// Disturbs means that the call must not be repeated lightly, because it interrupts something: after a call of
	// unknown outcome it is repeated only if the environment stays idle over the settling time without showing the
	// change.
	Disturbs bool
}

// ErrNotShown is the error of a look at something that the platform does not show.
var ErrNotShown = errors.New("the platform does not show whether the request arrived")

// writeCalls is the highest number of requests for a change if the calls do not arrive.
const writeCalls = 3

// Write makes a change. If the platform refuses because another operation is running on the environment, Write
// waits for its end and tries again. After a call of unknown outcome it reads the environment, and repeats the
// call, a few times, only if the change did not arrive. An error of unknown outcome means that the environment
// could not be read, or that ctx ended first.
func (s *Service) Write(ctx context.Context, change Write) error {
	w := write{change: change, service: s}
	err := s.PollPolicy.Poll(ctx, func() (bool, error) { return w.step(ctx) })
	if ctx.Err() == nil || err == nil || !errors.Is(err, context.Cause(ctx)) {
		return err
	}
	switch {
	case w.lost != nil:
		return w.unknown(err)
	case w.refusal != nil:
		return w.waited(err)
	}
	return err
}

// write is a change in progress.
type write struct {
	change  Write
	service *Service
	// lost is the error of the last call of unknown outcome; calls is their number.
	lost  error
	calls int
	// busy reports that the last call was refused because an operation is running; refusal is the last refusal.
	busy    bool
	refusal error
	// rest counts how long no operation was seen although the change had not arrived, unseen how long nothing could be
	// seen.
	rest, unseen Streak
}

func (w *write) step(ctx context.Context) (done bool, err error) {
	if w.lost != nil || w.refusal != nil {
		if again, done, err := w.look(ctx); !again {
			return done, err
		}
	}
	err = w.change.Call(ctx, w.service.client)
	switch {
	case platform.IsWrongState(err):
		w.busy, w.refusal = true, err
		return w.service.PollPolicy.Limits.Confirms(w.rest), err
	case platform.IsOutcomeUnknown(err), err == nil && w.change.Deletes, w.lost != nil && platform.IsTransient(err):
		w.calls++
		w.lost, w.busy, w.refusal = err, false, nil
		if err == nil {
			w.lost = errAccepted
		}
		w.rest, w.unseen = Streak{}, Streak{}
		return false, err
	case err != nil && w.lost != nil && !platform.IsAuthentication(err):
		// A repetition may be refused because an earlier call arrived after all.
		w.busy, w.refusal = false, err
		w.rest, w.unseen = Streak{}, Streak{}
		return false, err
	}
	return true, err
}

// look reads the environment once and returns whether to request again, or how the write ended.
func (w *write) look(ctx context.Context) (again, done bool, err error) {
	limits := w.service.PollPolicy.Limits
	arrived, atWork, err := w.see(ctx)
	if final := w.final(err); final != nil {
		return false, true, final
	}
	switch {
	case platform.IsTransient(err):
		return false, false, err
	case err != nil:
		w.unseen.Add(time.Now())
		if limits.Confirms(w.unseen) && !platform.IsMissing(err) {
			err = w.unknown(err)
		}
		return false, limits.Confirms(w.unseen), err
	}
	w.unseen = Streak{}
	switch {
	case arrived:
		return false, true, nil
	case atWork:
		w.rest = Streak{}
		return false, false, nil
	}
	w.rest.Add(time.Now())
	settled := limits.Confirms(w.rest)
	switch {
	case w.busy:
		return true, false, nil
	case w.refusal != nil:
		return false, settled, w.refusal
	case w.calls < writeCalls:
		return !w.change.Deletes && !w.change.Disturbs || settled, false, nil
	case settled:
		return false, true, &NotArrivedError{Calls: w.calls, Last: w.lost}
	}
	return false, false, w.lost
}

// final returns the error with which the write ends after a look failed; nil if looking again may help.
func (w *write) final(err error) error {
	var refused *refusedError
	switch {
	case errors.Is(err, ErrNotShown), platform.IsAuthentication(err):
		return w.unknown(err)
	case errors.As(err, &refused) && w.lost == nil:
		return refused.why
	case errors.As(err, &refused):
		return w.unknown(refused.why)
	case errors.As(err, new(*FailedActionError)):
		return err
	}
	return nil
}

// see is the result of one look at the environment.
func (w *write) see(ctx context.Context) (arrived, atWork bool, err error) {
	env, unlisted, err := w.service.Find(ctx, w.change.Environment)
	switch {
	case unlisted && w.change.Deletes && errors.Is(w.lost, errAccepted):
		return w.seeUnlisted(ctx)
	case unlisted:
		env, err = w.service.Get(ctx, w.change.Environment, ByName)
	}
	switch {
	case w.change.Deletes && (platform.IsMissing(err) || err == nil && env.Status == platform.StatusGone):
		return w.seeAbsent(ctx, err)
	case err != nil:
		return false, true, err
	}
	if w.change.Refuses != nil {
		if why := w.change.Refuses(env); why != nil {
			return false, true, &refusedError{why}
		}
	}
	switch {
	case env.Status.Transitional():
		return false, true, nil
	case w.change.Deletes:
		return false, false, nil
	}
	arrived, err = w.change.Arrived(ctx, env)
	return arrived, false, err
}

// seeUnlisted is see for an environment whose deletion was accepted and that a list no longer shows: it is gone, unless
// an operation is running on it.
func (w *write) seeUnlisted(ctx context.Context) (gone, atWork bool, err error) {
	actions, err := w.service.currentActions(ctx)
	if ctx.Err() != nil {
		return false, false, err
	}
	// Actions that cannot be read do not contradict it.
	busy := slices.ContainsFunc(actions, func(a platform.Action) bool { return a.Environment == w.change.Environment })
	return !busy, busy, nil
}

// seeAbsent is see for a deletion when the platform does not know the environment by name. It is deleted if the list
// and the current actions agree; after an accepted deletion one of them is enough if the other cannot be read. If one
// of them shows it, the operation is still running. If neither can be read, only repetition counts.
func (w *write) seeAbsent(ctx context.Context, missing error) (gone, atWork bool, err error) {
	witness := w.service.Witness(ctx, w.change.Environment)
	accepted := errors.Is(w.lost, errAccepted)
	switch {
	case witness.Contradicts():
		return false, true, nil
	case witness.Agrees(), accepted && (witness.ListErr == nil || witness.ActionsErr == nil):
		return true, false, nil
	}
	return false, false, missing
}

// unknown returns the error for a call whose arrival nobody could check.
func (w *write) unknown(why error) error {
	if w.lost == nil {
		return w.waited(why)
	}
	return fmt.Errorf("%w. Terraform could not check whether it arrived: %s", w.lost, reason(why))
}

// waited returns the error for a call that was refused because of a running operation that did not end, or could not be
// seen.
func (w *write) waited(why error) error {
	return fmt.Errorf("%w. Terraform waited for that, without success: %s", w.refusal, reason(why))
}

// reason returns why a wait has ended.
func reason(err error) string {
	switch {
	case errors.Is(err, context.Canceled):
		return "interrupted"
	case errors.Is(err, context.DeadlineExceeded):
		return "timed out"
	}
	return err.Error()
}

// refusedError is the reason why a change does not wait for a running operation.
type refusedError struct{ why error }

func (e *refusedError) Error() string { return e.why.Error() }

// errAccepted stands for the answer of a platform that accepted a change but then does not show it.
var errAccepted = errors.New("the platform accepted the request")

// NotArrivedError is the error of a change that was requested several times and does not show.
type NotArrivedError struct {
	Calls int
	// Last is the error of the last call. It is not wrapped, because it is known that the call did not arrive.
	Last error
}

// Error names the last call.
func (e *NotArrivedError) Error() string {
	return fmt.Sprintf("Terraform asked %d times, and the environment does not show the change. The last time: %s",
		e.Calls, e.Last)
}
