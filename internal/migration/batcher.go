package migration

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// batcher looks at environments on behalf of several resources at once: those that ask within a short window share one
// list of all environments. A list is asked for only after everybody who gets it has asked, so no answer is older than
// its question. It is safe for concurrent use.
type batcher struct {
	platform environments
	// window is how long a question waits for others.
	window time.Duration
	// backlogged says whether requests wait for their turn. While they do, a question waits for more others.
	backlogged func() bool
	// expected is how many creations and deletions are under way, which will all ask. A question waits for them, too.
	expected atomic.Int64

	mu   sync.Mutex
	open *batch
	// listed is how many environments the last list had.
	listed int
}

// batch is the questions of one window.
type batch struct {
	names []string
	done  chan struct{}
	seen  map[string]platform.Environment
	err   error // of the list
}

// fewEnvironments is up to how many questions are asked one by one in a large account, of which a list costs more than
// they do. In another one that is only a single question.
const fewEnvironments = 2

// maxWindows is how many windows a question waits at most for others that are expected, or while requests wait for
// their turn: whatever it asks for would only have to wait as well, and make them wait longer.
const maxWindows = 8

// listPatience bounds the list that several share, which the end of one's context must not cut short for the others.
const listPatience = time.Minute

// Environment looks at an environment. What is missing from a list is asked for by name before it is believed gone;
// after a list that ended in a plea for fewer requests nobody is.
func (b *batcher) Environment(ctx context.Context, name string) (platform.Environment, error) {
	env, unlisted, err := b.Find(ctx, name)
	if unlisted {
		return b.platform.Environment(ctx, name)
	}
	return env, err
}

// Find is Environment, but what is missing from a list is not asked for by name: it is unlisted. Where no list is read,
// the platform's word about the name is the error.
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

// wait closes a batch after its window, or after some more while others are expected to join it.
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

// close ends a batch: from now on questions go to the next one.
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
		return // each asks for its own, if the platform lets it
	}
	b.mu.Lock()
	b.listed = len(list)
	b.mu.Unlock()
	s.seen = make(map[string]platform.Environment, len(list))
	for _, env := range list {
		s.seen[env.Name] = env
	}
}
