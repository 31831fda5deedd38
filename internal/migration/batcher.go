package migration

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// batcher reads environments for several resources at once: those that ask within a short window share one list of all
// environments. It requests the list only after all of them have asked, so no answer is older than its question. It is
// safe for concurrent use.
type batcher struct {
	platform environments
	// window is how long a question waits for others to join.
	window time.Duration
	// backlogged reports whether requests wait for their turn. While they do, a question waits longer for others to
	// join.
	backlogged func() bool
	// expected is the number of creations and deletions in progress, which will all ask. A question waits for them,
	// too.
	expected atomic.Int64

	mu   sync.Mutex
	open *batch
	// listed is the number of environments in the last list.
	listed int
}

// batch holds the questions of one window.
type batch struct {
	names []string
	done  chan struct{}
	seen  map[string]platform.Environment
	err   error // of the list
}

// fewEnvironments is the number of questions up to which a large account is read by name, because a list would cost
// more. In any other account only a single question is.
const fewEnvironments = 2

// maxWindows is the highest number of windows that a question waits for expected others, or while requests wait for
// their turn: its own request would only have to wait as well, and make the others wait longer.
const maxWindows = 8

// listPatience limits the shared list. The end of one caller's context must not cut it short for the others.
const listPatience = time.Minute

// Environment reads an environment. If a list omits it, Environment reads it by name before it counts as gone, except
// after a list that failed because the platform asked for fewer requests.
func (b *batcher) Environment(ctx context.Context, name string) (platform.Environment, error) {
	env, unlisted, err := b.Find(ctx, name)
	if unlisted {
		return b.platform.Environment(ctx, name)
	}
	return env, err
}

// Find is Environment, but it does not read by name what a list omits: that is unlisted. If no list is read, the error
// is the platform's answer about the name.
func (b *batcher) Find(ctx context.Context, name string) (env platform.Environment, unlisted bool, err error) {
	s := b.join(ctx, name)
	select {
	case <-ctx.Done():
		return platform.Environment{}, false, context.Cause(ctx)
	case <-s.done:
	}
	if platform.IsThrottled(s.err) {
		return platform.Environment{}, false, s.err
	}
	if env, ok := s.seen[name]; ok {
		return env, false, nil
	}
	if s.seen != nil {
		return platform.Environment{}, true, nil
	}
	env, err = b.platform.Environment(ctx, name)
	return env, false, err
}

// join adds a question to the open batch, or opens one.
func (b *batcher) join(ctx context.Context, name string) *batch {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.open == nil {
		b.open = &batch{done: make(chan struct{})}
		b.wait(context.WithoutCancel(ctx), b.open, maxWindows)
	}
	b.open.names = append(b.open.names, name)
	return b.open
}

// wait closes a batch after its window, or a few windows later while others are expected to join it.
func (b *batcher) wait(ctx context.Context, s *batch, windows int) {
	time.AfterFunc(b.window, func() {
		if windows > 1 && b.othersWillAsk(s) {
			b.wait(ctx, s, windows-1)
			return
		}
		b.close(ctx, s)
	})
}

func (b *batcher) othersWillAsk(s *batch) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.backlogged() || int64(len(s.names)) < b.expected.Load()
}

// close ends a batch: later questions go to the next one.
func (b *batcher) close(ctx context.Context, s *batch) {
	b.mu.Lock()
	b.open = nil
	few := 1
	if b.listed >= largeAccount {
		few = fewEnvironments
	}
	b.mu.Unlock()
	defer close(s.done)
	if len(s.names) <= few {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, listPatience)
	defer cancel()
	list, err := b.platform.Environments(ctx)
	if err != nil {
		s.err = err
		return // each reads its own, if the platform allows it
	}
	b.mu.Lock()
	b.listed = len(list)
	b.mu.Unlock()
	s.seen = make(map[string]platform.Environment, len(list))
	for _, env := range list {
		s.seen[env.Name] = env
	}
}
