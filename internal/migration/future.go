package migration

import (
	"context"
	"sync"
	"time"
)

// future is what one question brings to all who wait for it.
type future[T any] struct {
	// asked is when the question was asked: the answer is not older.
	asked time.Time
	done  chan struct{}
	value T
	err   error
}

// start asks a question on behalf of all who will wait for the answer: the end of one's context must not cut it short
// for the others. How long the platform may take is the client's business.
func start[T any](ctx context.Context, question func(context.Context) (T, error)) *future[T] {
	return startAfter(ctx, 0, question)
}

// startAfter is start after a pause, in which others may join: the answer is not older than their questions either.
func startAfter[T any](ctx context.Context, pause time.Duration, question func(context.Context) (T, error)) *future[T] {
	f := &future[T]{asked: time.Now().Add(pause), done: make(chan struct{})}
	go func() {
		defer close(f.done)
		if pause > 0 {
			time.Sleep(pause)
		}
		f.value, f.err = question(context.WithoutCancel(ctx))
	}()
	return f
}

func (f *future[T]) wait(ctx context.Context) (T, error) {
	select {
	case <-ctx.Done():
		var none T
		return none, context.Cause(ctx)
	case <-f.done:
		return f.value, f.err
	}
}

// isDone says whether the answer has come.
func (f *future[T]) isDone() bool {
	select {
	case <-f.done:
		return true
	default:
		return false
	}
}

// cached keeps the last answer to a question for those who ask it again. The zero value has none. It is safe for
// concurrent use.
type cached[T any] struct {
	mu   sync.Mutex
	last *future[T]
}

// get is the last answer if it was asked for since then and did not fail, or is under way; otherwise it asks again.
func (c *cached[T]) get(ctx context.Context, since time.Time, question func(context.Context) (T, error)) *future[T] {
	c.mu.Lock()
	defer c.mu.Unlock()
	if a := c.last; a == nil || a.asked.Before(since) || a.isDone() && a.err != nil {
		c.last = start(ctx, question)
	}
	return c.last
}

// join is get for an answer that is no older than this question: all who ask within a window share one, which is asked
// for at its end.
func (c *cached[T]) join(
	ctx context.Context, window time.Duration, question func(context.Context) (T, error),
) *future[T] {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last == nil || c.last.asked.Before(time.Now()) {
		c.last = startAfter(ctx, window, question)
	}
	return c.last
}

// recall is the last answer if it was asked for since then, whether it came, failed or is under way; otherwise nil.
func (c *cached[T]) recall(since time.Time) *future[T] {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last == nil || c.last.asked.Before(since) {
		return nil
	}
	return c.last
}
