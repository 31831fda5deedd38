package migration

import (
	"context"
	"slices"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// Existence tells whether an environment exists after the platform has once answered by name that it does not.
type Existence int

const (
	// Doubtful means that the witnesses disagree, or nobody could look long enough.
	Doubtful Existence = iota
	// Present means that the platform shows it after all.
	Present
	// Absent means that it is gone.
	Absent
)

// Witness is other information about an environment that the platform does not know by name: a list of all
// environments read after that response, and the current actions.
type Witness struct {
	// Listed says that the list shows the environment, Busy that an action on it is under way.
	Listed, Busy bool
	// Environment is the environment as the list shows it.
	Environment platform.Environment
	// ListErr and ActionsErr are why one of them could not be read; nil if it was.
	ListErr, ActionsErr error
}

// Agrees reports whether the list and the current actions were both read and neither shows the environment.
func (w Witness) Agrees() bool {
	return w.ListErr == nil && w.ActionsErr == nil && !w.Listed && !w.Busy
}

// Contradicts reports whether the list or the current actions show the environment.
func (w Witness) Contradicts() bool { return w.Listed || w.Busy }

// Existence finds out whether an environment exists after the platform has just said by name that it does not. If
// it was not migrating, it is absent if the list and the current actions agree. Otherwise Existence looks at it
// over the settling time. If the list or the current actions show it all that time, its existence is doubtful.
// The environment is valid if it is present.
func (s *Service) Existence(ctx context.Context, name string, migrating bool) (platform.Environment, Existence) {
	witness := s.Witness(ctx, name)
	if witness.Agrees() && !migrating {
		return platform.Environment{}, Absent
	}
	var found platform.Environment
	absence := Streak{}
	absence.Add(time.Now())
	poll := s.PollPolicy
	poll.Ceiling = min(poll.Ceiling, max(poll.Limits.Settle/4, poll.Floor))
	err := poll.Poll(ctx, func() (bool, error) {
		env, err := s.Get(ctx, name, ByName)
		switch {
		case err == nil && env.Status != platform.StatusGone:
			found = env
			return true, nil
		case err == nil, platform.IsMissing(err):
			absence.Add(time.Now())
		}
		return s.PollPolicy.Limits.Confirms(absence), nil
	})
	switch {
	case found.Name != "":
		return found, Present
	case err != nil:
		return platform.Environment{}, Doubtful
	}
	if s.Witness(ctx, name).Contradicts() {
		return platform.Environment{}, Doubtful
	}
	return platform.Environment{}, Absent
}

// Witness reads the list of all environments and the current actions, both without caches.
func (s *Service) Witness(ctx context.Context, name string) Witness {
	var w Witness
	environments := s.listed.join(ctx, s.batcher.window, s.cache.account.Environments)
	ongoing := s.acting.join(ctx, s.batcher.window, s.current)
	list, err := environments.wait(ctx)
	w.ListErr = err
	if i := slices.IndexFunc(list, func(env platform.Environment) bool { return env.Name == name }); i >= 0 {
		w.Listed, w.Environment = true, list[i]
	}
	actions, err := ongoing.wait(ctx)
	w.ActionsErr = err
	w.Busy = slices.ContainsFunc(actions, func(a platform.Action) bool { return a.Environment == name })
	return w
}
