package migration

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// callCounts has the number of calls by kind.
type callCounts struct{ looks, lists, actions atomic.Int32 }

// vanishedPlatform is a platform that has just reported that the environment does not exist.
type vanishedPlatform struct {
	byName func(since time.Duration) (platform.Environment, error)
	// listed and busy are what list and actions show about the environment, in the first call and in later ones.
	listed, busy       [2]bool
	listErr, actionErr error

	began time.Time
	*callCounts
}

func (w *vanishedPlatform) Environment(context.Context, string) (platform.Environment, error) {
	w.looks.Add(1)
	return w.byName(time.Since(w.began))
}

func (w *vanishedPlatform) Environments(context.Context) ([]platform.Environment, error) {
	all := []platform.Environment{{Name: "other"}}
	if w.listed[min(w.lists.Add(1), 2)-1] {
		all = append(all, platform.Environment{Name: "shop"})
	}
	return all, w.listErr
}

func (w *vanishedPlatform) CurrentActions(context.Context) ([]platform.Action, error) {
	all := []platform.Action{{Environment: "other"}}
	if w.busy[min(w.actions.Add(1), 2)-1] {
		all = append(all, platform.Action{Environment: "shop"})
	}
	return all, w.actionErr
}

func (w *vanishedPlatform) service() *Service {
	w.began, w.callCounts = time.Now(), &callCounts{}
	a := newAccount(w, nil)
	l := &batcher{platform: a, window: time.Millisecond, backlogged: never}
	return &Service{
		Settings: Settings{PollPolicy: DefaultPollPolicy}, cache: newEnvironmentCache(a, l, func() bool { return false }),
		batcher: l, current: w.CurrentActions,
	}
}

// "Not found" is believed only if list and actions agree, or after repeated reads.
func TestExistence(t *testing.T) {
	t.Parallel()
	missing := func(time.Duration) (platform.Environment, error) { return platform.Environment{}, gone }
	here := platform.Environment{Name: "shop", Region: "a", Status: running}
	comesBack := func(after time.Duration) func(time.Duration) (platform.Environment, error) {
		return func(since time.Duration) (platform.Environment, error) {
			if since >= after {
				return here, nil
			}
			return platform.Environment{}, gone
		}
	}
	const settle = time.Minute
	both := [2]bool{true, true}
	atFirst := [2]bool{true, false}
	for name, row := range map[string]struct {
		platform  vanishedPlatform
		migrating bool
		want      Existence
		// least and most limit how long it takes to decide.
		least, most time.Duration
	}{
		"missing by name and from the list": {vanishedPlatform{byName: missing}, false, Absent, 0,
			time.Millisecond},
		"missing while migrating": {vanishedPlatform{byName: missing}, true, Absent, settle,
			2 * settle},
		"migrating, comes back": {vanishedPlatform{byName: comesBack(50 * time.Second)}, true,
			Present, 50 * time.Second, settle + 15*time.Second},
		"listed, comes back": {vanishedPlatform{byName: comesBack(0), listed: both}, false,
			Present, 0, time.Second},
		"still listed": {vanishedPlatform{byName: missing, listed: both}, false, Doubtful,
			settle, 2 * settle},
		"no longer listed": {vanishedPlatform{byName: missing, listed: atFirst}, false,
			Absent, settle, 2 * settle},
		"current action persists": {vanishedPlatform{byName: missing, busy: both}, false, Doubtful,
			settle, 2 * settle},
		"current action ends": {vanishedPlatform{byName: missing, busy: atFirst}, false, Absent,
			settle, 2 * settle},
		"list fails": {vanishedPlatform{byName: missing, listErr: trouble}, false,
			Absent, settle, 2 * settle},
		"list not permitted": {vanishedPlatform{byName: missing, listErr: forbidden}, false,
			Absent, settle, 2 * settle},
		"current actions not permitted": {vanishedPlatform{byName: missing, actionErr: forbidden}, false, Absent,
			settle, 2 * settle},
		"status gone is not presence": {vanishedPlatform{byName: func(time.Duration) (platform.Environment, error) {
			return platform.Environment{Name: "shop", Status: platform.StatusGone}, nil
		}}, true, Absent, settle, 2 * settle},
		"ambiguous codes do not count": {vanishedPlatform{byName: func(time.Duration) (platform.Environment, error) {
			return platform.Environment{}, vague
		}}, true, Doubtful, 5 * time.Minute, 5 * time.Minute},
		"errors do not count": {vanishedPlatform{byName: func(time.Duration) (platform.Environment, error) {
			return platform.Environment{}, trouble
		}}, true, Doubtful, 5 * time.Minute, 5 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := row.platform
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
				defer cancel()
				env, got := w.service().Existence(ctx, "shop", row.migrating)
				took := time.Since(w.began)
				if got != row.want || (env.Name == "shop") != (got == Present) || took < row.least || took > row.most {
					t.Errorf("%d after %s: %+v", got, took, env)
				}
				if row.most <= time.Millisecond && w.looks.Load() > 0 {
					t.Errorf("%d further reads", w.looks.Load())
				}
				if got == Absent && row.most > time.Millisecond && w.looks.Load() < 2 {
					t.Errorf("gone after %d further reads", w.looks.Load())
				}
			})
		})
	}
}
