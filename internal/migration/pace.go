package migration

import (
	"context"
	"math/rand/v2"
	"time"
)

// Pace is how often a running migration is looked at: first after Floor, then less and less often, up to Ceiling.
type Pace struct {
	Floor, Ceiling time.Duration
	// Patience is how many looks without any sign of a migration are believed to mean that there is none.
	Patience int
}

// DefaultPace looks after a quarter of a second first and every fifteen seconds in the end.
var DefaultPace = Pace{Floor: 250 * time.Millisecond, Ceiling: 15 * time.Second, Patience: 12}

// Scaled is the pace for a platform on which everything takes the scaledth part of its time, but never a hasty one.
func (p Pace) Scaled(scale float64) Pace {
	if scale > 1 {
		p.Floor = max(time.Duration(float64(p.Floor)/scale), 5*time.Millisecond)
		p.Ceiling = max(time.Duration(float64(p.Ceiling)/scale), 50*time.Millisecond)
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

func (p Pace) next(interval time.Duration) time.Duration { return min(interval*3/2, p.Ceiling) }

// jitter spreads looks so that environments that migrate together do not ask together.
func jitter(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.8 + 0.4*rand.Float64()))
}
