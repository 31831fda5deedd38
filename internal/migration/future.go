package migration

import (
	"context"
	"sync"
	"time"
)

// answer is what one question brings to all who wait for it.
type answer[T any] struct {
	// asked is when the question was asked: the answer is not older.
	asked time.Time
	done  chan struct{}
	value T
	err   error
}

// pose asks a question on behalf of all who will wait for the answer: the end of one's context must not cut it short for
// the others. How long the platform may take is the client's business.
func pose[T any](ctx context.Context, question func(context.Context) (T, error)) *answer[T] {
	a := &answer[T]{asked: time.Now(), done: make(chan struct{})}
	go func() {
		defer close(a.done)
		a.value, a.err = question(context.WithoutCancel(ctx))
	}()
	return a
}

func (a *answer[T]) wait(ctx context.Context) (T, error) {
	select {
	case <-ctx.Done():
		var none T
		return none, context.Cause(ctx)
	case <-a.done:
		return a.value, a.err
	}
}

// here says whether the answer has come.
func (a *answer[T]) here() bool {
	select {
	case <-a.done:
		return true
	default:
		return false
	}
}

// kept keeps the last answer to a question for those who ask it again. The zero value has none. It is safe for concurrent
// use.
type kept[T any] struct {
	mu   sync.Mutex
	last *answer[T]
}

// get is the last answer if it was asked for since then and did not fail, or is under way; otherwise it asks again.
func (k *kept[T]) get(ctx context.Context, since time.Time, question func(context.Context) (T, error)) *answer[T] {
	k.mu.Lock()
	defer k.mu.Unlock()
	if a := k.last; a == nil || a.asked.Before(since) || a.here() && a.err != nil {
		k.last = pose(ctx, question)
	}
	return k.last
}

// recall is the last answer if it was asked for since then, whether it came, failed or is under way; otherwise nil.
func (k *kept[T]) recall(since time.Time) *answer[T] {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.last == nil || k.last.asked.Before(since) {
		return nil
	}
	return k.last
}
