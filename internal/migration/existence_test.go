package migration

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// counts has the number of calls by kind.
type counts struct{ looks, lists, actions atomic.Int32 }

// witnesses is a platform that has just reported that the environment does not exist.
type witnesses struct {
	byName func(since time.Duration) (platform.Environment, error)
	// listed and busy are what list and actions show about the environment, in the first call and in later ones.
	listed, busy       [2]bool
	listErr, actionErr error

	began time.Time
	*counts
}

func (w *witnesses) Environment(context.Context, string) (platform.Environment, error) {
	w.looks.Add(1)
	return w.byName(time.Since(w.began))
}

func (w *witnesses) Environments(context.Context) ([]platform.Environment, error) {
	all := []platform.Environment{{Name: "other"}}
	if w.listed[min(w.lists.Add(1), 2)-1] {
		all = append(all, platform.Environment{Name: "shop"})
	}
	return all, w.listErr
}

func (w *witnesses) CurrentActions(context.Context) ([]platform.Action, error) {
	all := []platform.Action{{Environment: "other"}}
	if w.busy[min(w.actions.Add(1), 2)-1] {
		all = append(all, platform.Action{Environment: "shop"})
	}
	return all, w.actionErr
}

func (w *witnesses) service() *Service {
	w.began, w.counts = time.Now(), &counts{}
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
		platform  witnesses
		migrating bool
		want      Existence
		// least and most limit how long it takes to decide.
		least, most time.Duration
	}{
		"two witnesses that agree are enough at once": {witnesses{byName: missing}, false, Absent, 0,
			time.Millisecond},
		"one that was migrating is not gone at once": {witnesses{byName: missing}, true, Absent, settle,
			2 * settle},
		"one that was migrating comes back": {witnesses{byName: comesBack(50 * time.Second)}, true,
			Present, 50 * time.Second, settle + 15*time.Second},
		"one that is listed comes back": {witnesses{byName: comesBack(0), listed: both}, false,
			Present, 0, time.Second},
		"one that is listed all the time is doubtful": {witnesses{byName: missing, listed: both}, false, Doubtful,
			settle, 2 * settle},
		"one that is listed no more is gone": {witnesses{byName: missing, listed: atFirst}, false,
			Absent, settle, 2 * settle},
		"one with an action under way all the time is doubtful": {witnesses{byName: missing, busy: both}, false, Doubtful,
			settle, 2 * settle},
		"one with an action under way no more is gone": {witnesses{byName: missing, busy: atFirst}, false, Absent,
			settle, 2 * settle},
		"without a list only repetition counts": {witnesses{byName: missing, listErr: trouble}, false,
			Absent, settle, 2 * settle},
		"without a list that is permitted only repetition counts": {witnesses{byName: missing, listErr: forbidden}, false,
			Absent, settle, 2 * settle},
		"without current actions only repetition counts": {witnesses{byName: missing, actionErr: forbidden}, false, Absent,
			settle, 2 * settle},
		"the status of what does not exist is no " +
			"presence": {witnesses{byName: func(time.Duration) (platform.Environment, error) {
			return platform.Environment{Name: "shop", Status: platform.StatusGone}, nil
		}}, true, Absent, settle, 2 * settle},
		"codes that say nothing about existence do not " +
			"count": {witnesses{byName: func(time.Duration) (platform.Environment, error) {
			return platform.Environment{}, vague
		}}, true, Doubtful, 5 * time.Minute, 5 * time.Minute},
		"trouble does not count": {witnesses{byName: func(time.Duration) (platform.Environment, error) {
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
					t.Errorf("%d further looks", w.looks.Load())
				}
				if got == Absent && row.most > time.Millisecond && w.looks.Load() < 2 {
					t.Errorf("gone by %d further looks", w.looks.Load())
				}
			})
		})
	}
}
