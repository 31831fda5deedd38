package migration

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// countingPlatform is a platform with some environments that counts its calls.
type countingPlatform struct {
	mu          sync.Mutex
	names       []string
	ones, lists int
	listErr     error
	slow        time.Duration
}

func (c *countingPlatform) Environment(_ context.Context, name string) (platform.Environment, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ones++
	return platform.Environment{Name: name, Region: "one"}, nil
}

func (c *countingPlatform) Environments(ctx context.Context) ([]platform.Environment, error) {
	c.mu.Lock()
	c.lists++
	names, err, slow := c.names, c.listErr, c.slow
	c.mu.Unlock()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(slow):
	}
	var list []platform.Environment
	for _, name := range names {
		list = append(list, platform.Environment{Name: name, Region: "list"})
	}
	return list, err
}

// ask reads environments concurrently and returns the region of each.
func ask(t *testing.T, l *batcher, names ...string) map[string]string {
	t.Helper()
	found := map[string]string{}
	var mu sync.Mutex
	var wait sync.WaitGroup
	for _, name := range names {
		wait.Go(func() {
			env, err := l.Environment(t.Context(), name)
			if err != nil || env.Name != name {
				t.Errorf("%s: %+v, %v", name, env, err)
			}
			mu.Lock()
			defer mu.Unlock()
			found[name] = env.Region
		})
	}
	wait.Wait()
	return found
}

func TestBatcherSharesLists(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var names []string
		for n := range 50 {
			names = append(names, fmt.Sprintf("shop-%d", n))
		}
		p := &countingPlatform{names: names[1:]}
		l := &batcher{platform: p, window: time.Second, backlogged: never}
		found := ask(t, l, names...)
		if p.lists != 1 || p.ones != 1 || found["shop-0"] != "one" || found["shop-1"] != "list" {
			t.Errorf("%d lists and %d reads by name: %v", p.lists, p.ones,
				found)
		}
		ask(t, l, names...)
		if p.lists != 2 {
			t.Errorf("%d lists: a result must not be older than its request", p.lists)
		}
	})
}

// never reports that no request is waiting.
func never() bool { return false }

func TestBatcherReadsFewByName(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		account     int
		ask         []string
		ones, lists int
	}{
		"one":                        {account: 3, ask: []string{"shop-0"}, ones: 1},
		"two of few":                 {account: largeAccount - 1, ask: []string{"shop-0", "shop-1"}, lists: 1},
		"two of many":                {account: largeAccount, ask: []string{"shop-0", "shop-1"}, ones: 2},
		"three of many":              {account: largeAccount, ask: []string{"shop-0", "shop-1", "shop-2"}, lists: 1},
		"two of which none is there": {ask: []string{"a", "b"}, ones: 2, lists: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := &countingPlatform{}
				for n := range row.account {
					p.names = append(p.names, fmt.Sprintf("shop-%d", n))
				}
				l := &batcher{platform: p, window: time.Second, backlogged: never}
				if row.account > 0 {
					ask(t, l, p.names[:3]...) // to learn how large the account is
				}
				p.ones, p.lists = 0, 0
				ask(t, l, row.ask...)
				if p.ones != row.ones || p.lists != row.lists {
					t.Errorf("%d reads by name and %d lists, want %d and %d", p.ones, p.lists, row.ones, row.lists)
				}
			})
		})
	}
}

// A read waits for the creations and deletions that are running, but not for ever.
func TestBatcherWaitsForExpectedCallers(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		expected int64
		want     time.Duration
	}{
		"no other callers":         {0, time.Second},
		"all callers arrive":       {3, 3 * time.Second},
		"one caller never arrives": {4, maxWindows * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				l := &batcher{platform: &countingPlatform{names: []string{"a", "b", "c"}}, window: time.Second, backlogged: never}
				l.expected.Store(row.expected)
				var first time.Duration
				var wait sync.WaitGroup
				wait.Go(func() {
					ask(t, l, "a")
					first = time.Since(start)
				})
				<-time.After(2500 * time.Millisecond)
				ask(t, l, "b", "c")
				wait.Wait()
				if first != row.want {
					t.Errorf("the first result came after %v, want %v", first, row.want)
				}
			})
		})
	}
}

// While requests are queued, a read waits for more reads to join, but not for ever.
func TestBatcherWaitsWithBacklog(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		backlog, want time.Duration
	}{
		"none":  {0, time.Second},
		"short": {2500 * time.Millisecond, 3 * time.Second},
		"long":  {time.Hour, maxWindows * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				p := &countingPlatform{names: []string{"a", "b"}}
				l := &batcher{platform: p, window: time.Second,
					backlogged: func() bool { return time.Since(start) < row.backlog }}
				var wait sync.WaitGroup
				wait.Go(func() { ask(t, l, "a") })
				<-time.After(row.want - time.Millisecond)
				found := ask(t, l, "b")
				wait.Wait()
				if took := time.Since(start); took != row.want || p.lists != 1 || found["b"] != "list" {
					t.Errorf("after %v, want %v: %d lists, %v", took, row.want, p.lists, found)
				}
			})
		})
	}
}

func TestBatcherWithoutLists(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &countingPlatform{listErr: errors.New("not for you")}
		l := &batcher{platform: p, window: time.Second, backlogged: never}
		ask(t, l, "a", "b", "c", "d")
		if p.lists != 1 || p.ones != 4 {
			t.Errorf("%d lists and %d reads by name", p.lists, p.ones)
		}
	})
}

func TestBatcherReleasesCancelledCallers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &countingPlatform{names: []string{"a", "b", "c"}, slow: 10 * time.Second}
		l := &batcher{platform: p, window: time.Second, backlogged: never}
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		var wait sync.WaitGroup
		wait.Go(func() {
			start := time.Now()
			if _, err := l.Environment(ctx, "a"); !errors.Is(err, context.DeadlineExceeded) ||
				time.Since(start) != 3*time.Second {
				t.Errorf("after %v: %v", time.Since(start), err)
			}
		})
		// The end of the first read does not end the list for the others.
		found := ask(t, l, "b", "c")
		wait.Wait()
		if p.lists != 1 || found["b"] != "list" {
			t.Errorf("%d lists, %v", p.lists, found)
		}
	})
}

// slowMovers is an account whose environments take ten minutes to move.
type slowMovers struct {
	*slowPlatform
	batcher *batcher
}

func (m slowMovers) Environment(ctx context.Context, name string) (platform.Environment, error) {
	return m.batcher.Environment(ctx, name)
}

func (m slowMovers) CheckMigration(context.Context, string, string) error { return nil }

func (m slowMovers) CurrentActions(context.Context) ([]platform.Action, error) { return nil, nil }

func (m slowMovers) PastActions(context.Context, time.Time, int) ([]platform.Action, error) {
	return nil, nil
}

func (m slowMovers) Migrate(_ context.Context, r platform.MigrateRequest) error {
	m.put(platform.Environment{Name: r.Environment, Region: "north", Status: platform.StatusMigrating})
	<-time.After(10 * time.Minute)
	m.put(platform.Environment{Name: r.Environment, Region: r.Region, Status: platform.StatusRunning})
	return nil
}

// Environments that move at the same time share one list for each tick, whenever each of them began. Each alone makes
// only the quick reads at its beginning. How many of those share a list depends on the phase, which is random.
func TestMigrationsShareReads(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		apart       time.Duration
		lists, ones int
	}{
		"together":            {0, 60, 0},
		"one after the other": {7 * time.Second, 170, 50 * 9},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := newSlowPlatform(50)
			m := slowMovers{p, &batcher{platform: p, window: DefaultPollPolicy.Floor / 2, backlogged: never}}
			poll := DefaultPollPolicy.withPhase()
			var wait sync.WaitGroup
			for i, name := range names(50) {
				wait.Go(func() {
					<-time.After(time.Duration(i) * row.apart)
					before := platform.Environment{Name: name, Region: "north", Status: platform.StatusRunning}
					outcome, err := Run(t.Context(), m, Order{Environment: name, From: "north", To: "south"}, before, poll, nil)
					if err != nil || outcome.After.Region != "south" {
						t.Errorf("%s: %+v, %v", name, outcome, err)
					}
				})
			}
			wait.Wait()
			if p.lists > row.lists || p.ones > row.ones {
				t.Errorf("%s: %d lists and %d calls by name for 50 migrations", name, p.lists, p.ones)
			}
		})
	}
}

// Find learns from the list that an environment does not exist, and reads by name only if no list is read.
func TestFind(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &countingPlatform{names: []string{"shop-1", "shop-2"}}
		b := &batcher{platform: p, window: time.Second, backlogged: never}
		find := func(names ...string) (unlisted []string) {
			var mu sync.Mutex
			var wait sync.WaitGroup
			for _, name := range names {
				wait.Go(func() {
					env, absent, err := b.Find(t.Context(), name)
					if err != nil || absent == (env.Name == name) {
						t.Errorf("%s: %+v, %t, %v", name, env, absent, err)
					}
					mu.Lock()
					defer mu.Unlock()
					if absent {
						unlisted = append(unlisted, name)
					}
				})
			}
			wait.Wait()
			return unlisted
		}
		if unlisted := find("shop-1", "shop-2", "shop-3"); len(unlisted) != 1 || unlisted[0] != "shop-3" || p.lists != 1 ||
			p.ones != 0 {
			t.Errorf("%v are not listed, %d lists, %d by name", unlisted, p.lists, p.ones)
		}
		if unlisted := find("shop-3"); len(unlisted) != 0 || p.lists != 1 || p.ones != 1 {
			t.Errorf("%v are not listed, %d lists, %d by name", unlisted, p.lists, p.ones)
		}
	})
}
