package migration

import (
	"context"
	"sync"
	"time"
)

// future is the result of one question, shared by all who wait for it.
type future[T any] struct {
	// asked is when the question was asked: the answer is not older.
	asked time.Time
	done  chan struct{}
	value T
	err   error
}

// start asks a question for all who will wait for the answer: the end of one caller's context must not cut it short for
// the others. The client limits how long the platform may take.
func start[T any](ctx context.Context, question func(context.Context) (T, error)) *future[T] {
	return startAfter(ctx, 0, question)
}

// startAfter is start after a pause, in which others may join: the answer is no older than their questions either.
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

// isDone reports whether the answer has arrived.
func (f *future[T]) isDone() bool {
	select {
	case <-f.done:
		return true
	default:
		return false
	}
}

// cached keeps the last answer to a question for later callers. The zero value has none. It is safe for concurrent use.
type cached[T any] struct {
	mu   sync.Mutex
	last *future[T]
}

// get returns the last answer if it was requested since then and did not fail, or is in progress; otherwise it asks
// again.
func (c *cached[T]) get(ctx context.Context, since time.Time, question func(context.Context) (T, error)) *future[T] {
	c.mu.Lock()
	defer c.mu.Unlock()
	if a := c.last; a == nil || a.asked.Before(since) || a.isDone() && a.err != nil {
		c.last = start(ctx, question)
	}
	return c.last
}

// join is get for an answer that is no older than this question: all who ask within a window share one, which is
// requested at its end.
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

// recall returns the last answer if it was requested since then, whether it arrived, failed or is in progress;
// otherwise nil.
func (c *cached[T]) recall(since time.Time) *future[T] {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last == nil || c.last.asked.Before(since) {
		return nil
	}
	return c.last
}
