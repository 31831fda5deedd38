package migration

import (
	"context"
	"math/rand/v2"
	"time"
)

// Pace is how often a running migration is looked at: first after Floor, then less and less often, up to Ceiling.
type Pace struct {
	Floor, Ceiling time.Duration
	// Limits say how long the platform may take to show what is so.
	Limits Limits

	// phase is by how much the beats of this process come before those of the clock.
	phase time.Duration
}

// outOfStep is the pace with beats of its own: processes that began together must not ask the platform together.
func (p Pace) outOfStep() Pace {
	p.phase = rand.N(max(p.Ceiling, 1))
	return p
}

// DefaultPace looks after a quarter of a second first and every fifteen seconds in the end.
var DefaultPace = Pace{
	Floor: 250 * time.Millisecond, Ceiling: 15 * time.Second,
	Limits: Limits{Settle: time.Minute, Looks: 3, Believe: 5 * time.Minute, Appear: 5 * time.Minute},
}

// Scaled is the pace for a platform on which everything takes the scaledth part of its time, but never a hasty one.
func (p Pace) Scaled(scale float64) Pace {
	scaled := func(d, floor time.Duration) time.Duration { return max(time.Duration(float64(d)/scale), floor) }
	if scale > 1 {
		p.Floor, p.Ceiling = scaled(p.Floor, 5*time.Millisecond), scaled(p.Ceiling, 50*time.Millisecond)
		l := &p.Limits
		l.Settle, l.Believe, l.Appear = scaled(l.Settle, 20*time.Millisecond), scaled(l.Believe, 100*time.Millisecond), scaled(l.Appear, 100*time.Millisecond)
	}
	return p
}

// Poll looks at once, and then at this pace, until look says that it is done or ctx ends. It returns look's error, or
// what ended ctx.
func (p Pace) Poll(ctx context.Context, look func() (done bool, err error)) error {
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

// beat is how long to wait for the next beat of an interval, which is the same for all migrations of this process: so they
// look together, whenever they began, and share what they see. It is half an interval away at least.
func (p Pace) beat(interval time.Duration) time.Duration {
	now := time.Now().Add(p.phase)
	return now.Add(interval / 2).Truncate(interval).Add(interval).Sub(now)
}

func (p Pace) next(interval time.Duration) time.Duration { return min(interval*3/2, p.Ceiling) }

// jitter spreads looks so that those who wait for something else each do not ask together.
func jitter(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.8 + 0.4*rand.Float64()))
}
