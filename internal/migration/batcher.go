package migration

import (
	"context"
	"sync"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// lookout looks at environments on behalf of several migrations at once: those that ask within a short window share one
// list of all environments. A list is asked for only after everybody who gets it has asked, so no answer is older than
// its question. It is safe for concurrent use.
type lookout struct {
	platform environments
	// window is how long a question waits for others.
	window time.Duration

	mu   sync.Mutex
	open *shift
}

// shift is the questions of one window.
type shift struct {
	names []string
	done  chan struct{}
	seen  map[string]platform.Environment
	err   error // of the list
}

// fewEnvironments is up to how many questions are asked one by one: a list of a large account costs more than they do.
const fewEnvironments = 2

// listPatience bounds the list that several share, which the end of one's context must not cut short for the others.
const listPatience = time.Minute

// Environment looks at an environment. What is missing from a list is asked for by name before it is believed gone;
// after a list that ended in a plea for fewer requests nobody is.
func (l *lookout) Environment(ctx context.Context, name string) (platform.Environment, error) {
	s := l.join(ctx, name)
	select {
	case <-ctx.Done():
		return platform.Environment{}, context.Cause(ctx)
	case <-s.done:
	}
	if platform.IsThrottled(s.err) {
		return platform.Environment{}, s.err
	}
	if env, ok := s.seen[name]; ok {
		return env, nil
	}
	return l.platform.Environment(ctx, name)
}

// join adds a question to the open shift, or opens one.
func (l *lookout) join(ctx context.Context, name string) *shift {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open == nil {
		l.open = &shift{done: make(chan struct{})}
		s := l.open
		time.AfterFunc(l.window, func() { l.close(context.WithoutCancel(ctx), s) })
	}
	l.open.names = append(l.open.names, name)
	return l.open
}

// close ends a shift: from now on questions go to the next one.
func (l *lookout) close(ctx context.Context, s *shift) {
	l.mu.Lock()
	l.open = nil
	l.mu.Unlock()
	defer close(s.done)
	if len(s.names) <= fewEnvironments {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, listPatience)
	defer cancel()
	list, err := l.platform.Environments(ctx)
	if err != nil {
		s.err = err
		return // each asks for its own, if the platform lets it
	}
	s.seen = make(map[string]platform.Environment, len(list))
	for _, env := range list {
		s.seen[env.Name] = env
	}
}
