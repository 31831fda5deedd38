package migration

import (
	"context"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// sameMoment is how long creations share a reading of the action log.
const sameMoment = 5 * time.Second

// RecentCreation returns the creation of an environment of this name that is running or has ended so recently
// that the platform may not show the environment yet; nil if the log has none, or has a later deletion. Creations
// that start together share the two calls.
func (s *Service) RecentCreation(ctx context.Context, name string) (*platform.Action, error) {
	since := time.Now().Add(-sameMoment)
	current := s.creating.get(ctx, since, s.client.CurrentActions)
	past := s.created.get(ctx, since, func(ctx context.Context) ([]platform.Action, error) {
		return s.client.PastActions(ctx, time.Now().Add(-remembered), pastActions)
	})
	ongoing, err := current.wait(ctx)
	if err != nil {
		return nil, err
	}
	for _, a := range ongoing {
		if a.Kind == platform.ActionCreate && a.Environment == name {
			return &a, nil
		}
	}
	ended, err := past.wait(ctx)
	if err != nil {
		return nil, err
	}
	return recentCreation(ended, name, time.Now(), s.PollPolicy.Limits.Appear), nil
}

// recentCreation returns the last entry of a log about an environment if it is a creation of at most this age,
// otherwise nil.
func recentCreation(log []platform.Action, name string, now time.Time, age time.Duration) *platform.Action {
	var last *platform.Action
	for i, a := range log {
		if a.Environment != name || !succeeded(a) || a.Kind != platform.ActionCreate && a.Kind != platform.ActionDelete {
			continue
		}
		if last == nil || later(a, *last) > 0 {
			last = &log[i]
		}
	}
	if last == nil || last.Kind != platform.ActionCreate || now.Sub(last.Finished).Abs() >= age {
		return nil
	}
	return last
}

// ExpectLooks records that an environment is being created or deleted and will be read until that has ended, so that
// reads in that time wait a moment for each other. The caller must always call ended.
func (s *Service) ExpectLooks() (ended func()) {
	s.batcher.expected.Add(1)
	return func() { s.batcher.expected.Add(-1) }
}

// BeginDeletion records that this process deletes an environment. The caller calls ended when it no longer exists.
func (s *Service) BeginDeletion(name string) (ended func()) {
	s.deletions.Store(name, false)
	return func() { s.deletions.Store(name, true) }
}

// Deletion reports whether this process has started to delete an environment of this name, and whether that has ended.
func (s *Service) Deletion(name string) (begun, ended bool) {
	value, begun := s.deletions.Load(name)
	ended, _ = value.(bool)
	return begun, ended
}
