package migration

import (
	"context"
	"math/rand/v2"
	"time"
)

// PollPolicy is how often a running migration is read: first after Floor, then at growing intervals up to Ceiling.
type PollPolicy struct {
	Floor, Ceiling time.Duration
	// Limits are the times that the platform may take to show a change.
	Limits Limits

	// phase is how far the ticks of this process are ahead of those of the clock.
	phase time.Duration
}

// withPhase returns the policy with a random phase: processes that started together must not send requests together.
func (p PollPolicy) withPhase() PollPolicy {
	p.phase = rand.N(max(p.Ceiling, 1))
	return p
}

// DefaultPollPolicy looks first after a quarter of a second and finally every fifteen seconds.
var DefaultPollPolicy = PollPolicy{
	Floor: 250 * time.Millisecond, Ceiling: 15 * time.Second,
	Limits: Limits{Settle: time.Minute, Looks: 3, Believe: 5 * time.Minute, Appear: 5 * time.Minute},
}

// Scaled returns the policy for a platform that is faster by a factor, with intervals that are not too short.
func (p PollPolicy) Scaled(scale float64) PollPolicy {
	scaled := func(d, floor time.Duration) time.Duration { return max(time.Duration(float64(d)/scale), floor) }
	if scale > 1 {
		p.Floor, p.Ceiling = scaled(p.Floor, 5*time.Millisecond), scaled(p.Ceiling, 50*time.Millisecond)
		l := &p.Limits
		l.Settle, l.Believe, l.Appear = scaled(l.Settle, 20*time.Millisecond), scaled(l.Believe,
			100*time.Millisecond), scaled(l.Appear, 100*time.Millisecond)
	}
	return p
}

// Poll calls look at once and then at the policy's intervals, until look is done or ctx ends. It returns
// look's error, or the cause that ended ctx.
func (p PollPolicy) Poll(ctx context.Context, look func() (done bool, err error)) error {
	for interval := p.Floor; ; interval = p.next(interval) {
		if done, err := look(); done {
			return err
		}
		timer := time.NewTimer(jitter(interval))
		select {
		case <-ctx.Done():
			timer.Stop()
		case <-timer.C:
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
}

// nextTick returns the time until the next tick of an interval, which is the same for all migrations of this process:
// so they look at the same time, whenever they began, and share the result. It is at least half an interval.
func (p PollPolicy) nextTick(interval time.Duration) time.Duration {
	now := time.Now().Add(p.phase)
	return now.Add(interval / 2).Truncate(interval).Add(interval).Sub(now)
}

func (p PollPolicy) next(interval time.Duration) time.Duration { return min(interval*3/2, p.Ceiling) }

// jitter spreads looks, so that callers that each wait for something else do not ask at the same time.
func jitter(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.8 + 0.4*rand.Float64()))
}
