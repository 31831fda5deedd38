package migration

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// These tests run in synctest bubbles, with fake clocks.

// slowPlatform is a platform on which every call takes a second. A response shows the state when the call began, which
// is the worst case.
type slowPlatform struct {
	mu           sync.Mutex
	environments map[string]platform.Environment
	hidden       string // from the list
	listErr      error

	ones, lists  int
	asking, peak int
	changed      atomic.Bool
	warnings     []string
}

func newSlowPlatform(n int) *slowPlatform {
	t := &slowPlatform{environments: map[string]platform.Environment{}}
	for i := range n {
		t.put(platform.Environment{Name: fmt.Sprintf("shop-%d", i), Region: "north", Status: platform.StatusRunning})
	}
	return t
}

func (t *slowPlatform) put(env platform.Environment) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.environments[env.Name] = env
}

func (t *slowPlatform) Environment(_ context.Context, name string) (platform.Environment, error) {
	t.mu.Lock()
	t.ones++
	t.asking++
	t.peak = max(t.peak, t.asking)
	env, ok := t.environments[name]
	t.mu.Unlock()
	<-time.After(time.Second)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.asking--
	if !ok {
		return env, &platform.Error{Class: platform.ClassNotFound, Code: 11}
	}
	return env, nil
}

func (t *slowPlatform) Environments(context.Context) ([]platform.Environment, error) {
	t.mu.Lock()
	t.lists++
	err := t.listErr
	var all []platform.Environment
	for name, env := range t.environments {
		if name != t.hidden {
			all = append(all, env)
		}
	}
	t.mu.Unlock()
	<-time.After(time.Second)
	if err != nil {
		return nil, err
	}
	return all, nil
}

func (t *slowPlatform) cache() *environmentCache {
	a := newAccount(t, func(_ context.Context, message string, fields map[string]any) {
		t.warnings = append(t.warnings, fmt.Sprint(message, fields))
	})
	return newEnvironmentCache(a, &batcher{platform: a, window: 100 * time.Millisecond, backlogged: never}, t.changed.Load)
}

// read reads environments as Terraform does, with the given parallelism, and returns the region of each.
func read(t *testing.T, r *environmentCache, parallelism int, names ...string) map[string]string {
	t.Helper()
	found := map[string]string{}
	var mu sync.Mutex
	var wait sync.WaitGroup
	queue := make(chan string, len(names))
	for _, name := range names {
		queue <- name
	}
	close(queue)
	for range parallelism {
		wait.Go(func() {
			for name := range queue {
				env, err := r.Environment(t.Context(), name, false)
				if err != nil || env.Name != name {
					t.Errorf("%s: %+v, %v", name, env, err)
				}
				mu.Lock()
				found[name] = env.Region
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	return found
}

func names(n int) (all []string) {
	for i := range n {
		all = append(all, fmt.Sprintf("shop-%d", i))
	}
	return all
}

// The regions and the prices take one call each, so two of the four calls of a plan are left.
func TestCacheReadsInTwoCalls(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2, 3, 20, 300} {
		for _, parallelism := range []int{1, 2, 3, 10, 50} {
			synctest.Test(t, func(t *testing.T) {
				p := newSlowPlatform(1000)
				r := p.cache()
				started := time.Now()
				read(t, r, parallelism, names(n)...)
				if took := time.Since(started); p.ones+p.lists > 2 || took > 2*time.Second+gathering {
					t.Errorf("%d environments by %d: %d calls and %d lists in %s", n, parallelism, p.ones, p.lists, took)
				}
				if n == 1 && p.lists != 0 || n > 1 && p.lists != 1 {
					t.Errorf("%d environments of a large account by %d: %d lists", n, parallelism, p.lists)
				}
				// Other readers share the responses.
				started = time.Now()
				read(t, r, parallelism, append(names(n), names(n)...)...)
				if took := time.Since(started); p.ones+p.lists > 2 || took > 0 {
					t.Errorf("%d environments by %d, read again: %d calls and %d lists in %s", n, parallelism, p.ones, p.lists, took)
				}
			})
		}
	}
}

func TestCacheExpires(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2} {
		synctest.Test(t, func(t *testing.T) {
			p := newSlowPlatform(n)
			r := p.cache()
			read(t, r, n, names(n)...)
			p.put(platform.Environment{Name: "shop-0", Region: "south", Status: platform.StatusRunning})
			if found := read(t, r, n, names(n)...); p.ones+p.lists != 1 || found["shop-0"] != "north" {
				t.Errorf("%d calls for one environment, %d lists", p.ones, p.lists)
			}
			<-time.After(sharedLifetime)
			if found := read(t, r, n, names(n)...); p.ones+p.lists != 2 || found["shop-0"] != "south" {
				t.Errorf("after that time: %d calls for one environment, %d lists, %v", p.ones, p.lists, found)
			}
		})
	}
}

// A read after a write never returns older data, whatever was requested before the write, and whenever the response
// arrives.
func TestCacheIsFreshAfterWrite(t *testing.T) {
	t.Parallel()
	const asked = 500 * time.Millisecond // a call takes a second
	for name, row := range map[string]struct{ began, ended time.Duration }{
		"before and after the list": {asked, 1500 * time.Millisecond},
		"during the list call":      {asked, asked + 100*time.Millisecond},
		"after the list call":       {1500 * time.Millisecond, 1600 * time.Millisecond},
		"just before the list call": {0, asked},
		"when the list returns":     {asked, time.Second + gathering},
	} {
		for _, n := range []int{1, 2} { // by name, and by the list
			synctest.Test(t, func(t *testing.T) {
				p := newSlowPlatform(n)
				r := p.cache()
				var wait sync.WaitGroup
				wait.Go(func() { read(t, r, n, names(n)...) })
				// The write takes effect between its beginning and its end; the end is the worst case.
				<-time.After(row.began)
				p.changed.Store(true)
				<-time.After(row.ended - row.began)
				p.put(platform.Environment{Name: "shop-0", Region: "south", Status: platform.StatusRunning})
				for range 3 {
					if found := read(t, r, n, names(n)...); found["shop-0"] != "south" {
						t.Errorf("%s, %d environments: a stale read after a write: %v", name, n, found)
					}
					if c, err := r.List(t.Context()); err != nil || c.byName["shop-0"].Region != "south" || r.cachedList() != nil {
						t.Errorf("%s, %d environments: a stale list after a write: %v, %v", name, n, c, err)
					}
				}
				wait.Wait()
			})
		}
	}
}

// After a change, many concurrent reads still share a list.
func TestCacheSharesListsAfterWrite(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newSlowPlatform(50)
		p.changed.Store(true)
		read(t, p.cache(), 10, names(50)...)
		if p.lists != 5 || p.ones != 0 {
			t.Errorf("%d lists and %d calls by name for five waves of ten", p.lists, p.ones)
		}
	})
}

func TestCacheReadsUnlistedByName(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newSlowPlatform(5)
		p.hidden = "shop-1"
		p.put(platform.Environment{Name: "shop-2", Status: platform.StatusMigrating})
		r := p.cache()
		read(t, r, 10, names(5)...)
		if p.lists != 1 || p.ones != 2 {
			t.Errorf("%d lists and %d calls by name", p.lists, p.ones)
		}
		if _, err := r.Environment(t.Context(), "gone", false); !platform.IsMissing(err) {
			t.Errorf("an environment that does not exist: %v", err)
		}
		// Environments with a running operation are read again each time, those that are only missing from the list are
		// not.
		read(t, r, 10, names(5)...)
		if p.lists != 1 || p.ones != 4 {
			t.Errorf("read again: %d lists and %d calls by name", p.lists, p.ones)
		}
	})
}

func TestCacheWithoutList(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		err error
		// forGood reports whether this process never reads the list again.
		forGood bool
	}{
		"no permission": {&platform.Error{Class: platform.ClassPermission, Code: 8202, Words: "not for you"}, true},
		"too large": {&platform.Error{Class: platform.ClassMalformed,
			Cause: errors.New("larger than this client reads")}, true},
		"not now":        {&platform.Error{Class: platform.ClassTransient, HTTPStatus: 502}, false},
		"something else": {&platform.Error{Class: platform.ClassUnclassified, Code: 4711}, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := newSlowPlatform(100)
			p.listErr = row.err
			r := p.cache()
			read(t, r, 50, names(100)...)
			if p.lists != 1 || p.ones != 100 || p.peak != manyByName {
				t.Errorf("%s: %d lists, %d calls by name, %d at a time", name, p.lists, p.ones, p.peak)
			}
			read(t, r, 50, names(100)...)
			if p.lists != 1 || p.ones != 100 {
				t.Errorf("%s: read again: %d lists, %d calls by name", name, p.lists, p.ones)
			}
			<-time.After(sharedLifetime)
			read(t, r, 50, names(100)...)
			if _, err := r.List(t.Context()); !errors.Is(err, row.err) {
				t.Errorf("%s: the list of them: %v", name, err)
			}
			if wanted := map[bool]int{true: 1, false: 3}[row.forGood]; p.lists != wanted || p.ones != 200 {
				t.Errorf("%s: later: %d lists, want %d, and %d calls by name", name, p.lists, wanted, p.ones)
			}
			if len(p.warnings) != 1 || !strings.Contains(p.warnings[0], "each is asked for by its name") ||
				!strings.Contains(p.warnings[0], "error:") {
				t.Errorf("%s: log %q", name, p.warnings)
			}
		})
	}
}

// A reader stops waiting when its context ends, without ending the read for others.
func TestCacheReleasesCancelledCallers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newSlowPlatform(3)
		r := p.cache()
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		var wait sync.WaitGroup
		wait.Go(func() {
			started := time.Now()
			if _, err := r.Environment(ctx, "shop-0", false); !errors.Is(err, context.DeadlineExceeded) ||
				time.Since(started) != 500*time.Millisecond {
				t.Errorf("after %s: %v", time.Since(started), err)
			}
		})
		read(t, r, 2, "shop-1", "shop-2")
		wait.Wait()
		if p.lists != 1 || p.ones != 0 {
			t.Errorf("%d lists and %d calls by name", p.lists, p.ones)
		}
	})
}

// A list that is already cached is used even for one environment.
func TestCacheUsesPendingList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newSlowPlatform(3)
		p.environments["shop-2"] = platform.Environment{Name: "shop-2", Mounts: []platform.Mount{{SourceNodeID: 1}},
			Status: platform.StatusRunning}
		r := p.cache()
		if r.cachedList() != nil {
			t.Error("a list is cached without a request")
		}
		if _, err := r.List(t.Context()); err != nil {
			t.Fatal(err)
		}
		read(t, r, 1, "shop-0")
		if p.lists != 1 || p.ones != 0 || r.cachedList() == nil || len(r.cachedList().tied) != 1 ||
			len(r.cachedList().all) != 3 {
			t.Errorf("%d lists and %d calls by name, %+v", p.lists, p.ones, r.cachedList())
		}
	})
}

// In a small account, the list is read even for one environment, because only the list shows other environments that
// depend on it.
func TestCacheListsSmallAccount(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newSlowPlatform(3)
		r := p.cache()
		env, err := r.Environment(t.Context(), "shop-0", true)
		if err != nil || env.Name != "shop-0" || p.lists != 1 || p.ones != 0 || r.cachedList() == nil {
			t.Errorf("%+v, %v: %d lists and %d calls by name", env, err, p.lists, p.ones)
		}
	})
}

// If the platform throttles the list, environments are not read by name instead.
func TestCacheDoesNotBypassThrottling(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newSlowPlatform(20)
		p.listErr = &platform.Error{Class: platform.ClassTransient, HTTPStatus: 429}
		for _, changed := range []bool{false, true} {
			p.changed.Store(changed)
			r := p.cache()
			var wait sync.WaitGroup
			for _, name := range names(20) {
				wait.Go(func() {
					if _, err := r.Environment(t.Context(), name, false); !platform.IsThrottled(err) {
						t.Errorf("%s: %v", name, err)
					}
				})
			}
			wait.Wait()
		}
		if p.ones != 0 || p.lists != 2 {
			t.Errorf("%d lists and %d calls by name", p.lists, p.ones)
		}
	})
}
