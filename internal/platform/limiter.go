package platform

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// limiter paces everything that a client sends, repetitions included, so that no second sees more requests than the
// rate. One token bucket with room for a burst would let through twice the rate in the second of the burst, and one
// without would space out the few calls of a small plan. So a rate of n a second is n buckets that take turns, each
// good for one request a second. It is safe for concurrent use.
type limiter struct {
	buckets []*rate.Limiter
	turn    atomic.Uint64

	mu     sync.Mutex
	paused time.Time // until when nothing is sent
}

// manyPerSecond is from what rate on a burst is not worth a bucket for each of its requests: they are 10 ms apart.
const manyPerSecond = 100

func newLimiter(perSecond float64) *limiter {
	n := 1
	if perSecond > 1 && perSecond <= manyPerSecond {
		n = int(perSecond)
	}
	l := &limiter{buckets: make([]*rate.Limiter, n)}
	for i := range l.buckets {
		l.buckets[i] = rate.NewLimiter(rate.Limit(perSecond/float64(n)), 1)
	}
	return l
}

var errNoTurn = errors.New("the time given for it ends before its turn to be sent: other requests are ahead (requests_per_second), or the platform has asked for a pause (HTTP status 429)")

// wait returns when a request may be sent. It fails at once if that will not be before the end of ctx.
func (l *limiter) wait(ctx context.Context) error {
	for {
		if err := l.waitPause(ctx); err != nil {
			return err
		}
		bucket := l.buckets[(l.turn.Add(1)-1)%uint64(len(l.buckets))]
		if err := bucket.Wait(ctx); ctx.Err() != nil {
			return ctx.Err()
		} else if err != nil {
			return errNoTurn
		}
		if l.pauseLeft() <= 0 {
			return nil
		}
	}
}

// pause holds back every request from now on, because the server has asked for it.
func (l *limiter) pause(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if until := time.Now().Add(d); until.After(l.paused) {
		l.paused = until
	}
}

func (l *limiter) pauseLeft() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Until(l.paused)
}

func (l *limiter) waitPause(ctx context.Context) error {
	for {
		left := l.pauseLeft()
		if left <= 0 {
			return ctx.Err()
		}
		if deadline, limited := ctx.Deadline(); limited && time.Until(deadline) < left {
			return errNoTurn
		}
		timer := time.NewTimer(left)
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-timer.C:
		}
	}
}
