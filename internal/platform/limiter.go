package platform

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// limiter paces everything that a client sends, repetitions included: a number of requests per second and, after an
// idle time, up to the same number at once. Calls that change something take their turns one by one, so that a read
// does not wait behind a hundred creations. It is safe for concurrent use.
type limiter struct {
	bucket *rate.Limiter
	// writer is held by the one call that changes something and is waiting for its turn.
	writer chan struct{}
	// waiting is the number of requests that wait for their turn.
	waiting atomic.Int64

	mu     sync.Mutex
	paused time.Time // nothing is sent before this time
}

func newLimiter(perSecond float64) *limiter {
	return &limiter{
		bucket: rate.NewLimiter(rate.Limit(perSecond), max(1, int(perSecond))),
		writer: make(chan struct{}, 1),
	}
}

var errNoTurn = errors.New("it would time out before its turn to be sent: other requests are ahead " +
	"(requests_per_second), or the platform has asked for a pause (HTTP status 429)")

// wait returns when a request may be sent. It fails at once if that would be after the deadline of ctx.
func (l *limiter) wait(ctx context.Context, write bool) error {
	l.waiting.Add(1)
	defer l.waiting.Add(-1)
	if write {
		select {
		case l.writer <- struct{}{}:
			defer func() { <-l.writer }()
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return errNoTurn
			}
			return ctx.Err()
		}
	}
	for {
		if err := l.waitPause(ctx); err != nil {
			return err
		}
		if err := l.bucket.Wait(ctx); ctx.Err() != nil {
			return ctx.Err()
		} else if err != nil {
			if deadline, limited := ctx.Deadline(); limited && time.Until(deadline) <= 0 {
				<-ctx.Done() // the time is over, not taken by others; a busy machine ends the context a moment later
				return ctx.Err()
			}
			return errNoTurn
		}
		if l.pauseLeft() <= 0 {
			return nil
		}
	}
}

// pause holds back every request from now on, because the server asked for a pause.
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
