package migration

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// environmentCache reads environments for plans and data sources, so that the calls of a run do not grow with the
// number of environments. If the account is known to be small, all come from one list, which also shows how
// environments depend on each other. Otherwise the first environment is read by name, in case it remains the only one:
// it alone does not justify the list of a large account. As soon as another one is requested, all come from one list.
// With the regions and the prices that makes four calls at most, however Terraform spreads its reads; two by name
// before the list would make five.
//
// Freshness: as long as this process has changed nothing, all who ask within ten minutes share an answer. Terraform
// processes that plan never change anything. From just before the first write, no answer is older than its question, so
// a read after a write is requested after it, even if a list was in progress when the write began or ended.
// Environments with a running operation, and those that the list omits, are read by name. Callers that change an
// environment, or wait for a change, use the client or the batcher instead.
//
// Changes by others, another provider configuration included, may be seen up to ten minutes late. It is safe for
// concurrent use.
type environmentCache struct {
	account *account
	batcher *batcher
	// changed reports whether this process has begun to change anything.
	changed func() bool
	list    cached[*accountList]

	mu sync.Mutex
	// alone is the first environment that was requested; several is closed when there is another.
	alone   string
	several chan struct{}
	ones    map[string]*cached[platform.Environment]
}

func newEnvironmentCache(a *account, l *batcher, changed func() bool) *environmentCache {
	return &environmentCache{account: a, batcher: l, changed: changed, several: make(chan struct{}),
		ones: map[string]*cached[platform.Environment]{}}
}

// sharedLifetime is how long an answer is shared. Most plans are shorter; the longest ones must repeat a request only
// now and then.
const sharedLifetime = 10 * time.Minute

// gathering is how long the first environment waits for others: Terraform reads several at a time, up to its
// -parallelism.
const gathering = 5 * time.Millisecond

func shareable() time.Time { return time.Now().Add(-sharedLifetime) }

// Environment reads an environment. listed means that the account is to be listed even for this one alone.
func (r *environmentCache) Environment(ctx context.Context, name string, listed bool) (platform.Environment, error) {
	if r.changed() {
		return r.batcher.Environment(ctx, name)
	}
	if !listed && !r.isOneOfSeveral(ctx, name) {
		return r.byName(ctx, name)
	}
	list := r.list.recall(shareable())
	if list == nil {
		list = r.list.get(ctx, shareable(), r.fetchList)
	}
	all, err := list.wait(ctx)
	if ctx.Err() != nil {
		return platform.Environment{}, context.Cause(ctx)
	}
	if platform.IsThrottled(err) {
		// Such a platform must not get one request per environment on top.
		return platform.Environment{}, err
	}
	if err == nil {
		if env, ok := all.byName[name]; ok && !env.Status.Transitional() {
			return env, nil
		}
	}
	return r.byName(ctx, name)
}

// isOneOfSeveral reports whether other environments are read besides this one. The first one waits a moment for others.
func (r *environmentCache) isOneOfSeveral(ctx context.Context, name string) bool {
	if r.list.recall(shareable()) != nil {
		return true
	}
	r.mu.Lock()
	if r.alone == "" {
		r.alone = name
	}
	select {
	case <-r.several:
	default:
		if r.alone != name {
			close(r.several)
		}
	}
	one := r.ones[name]
	r.mu.Unlock()

	patience := gathering
	if one != nil && one.recall(shareable()) != nil {
		patience = 0
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-r.several:
		return true
	case <-ctx.Done():
	case <-timer.C:
	}
	return false
}

// byName reads an environment by name. Several callers for the same one share the answer if the environment is idle.
func (r *environmentCache) byName(ctx context.Context, name string) (platform.Environment, error) {
	r.mu.Lock()
	one := r.ones[name]
	if one == nil {
		one = &cached[platform.Environment]{}
		r.ones[name] = one
	}
	r.mu.Unlock()
	question := time.Now()
	result := one.get(ctx, shareable(), func(ctx context.Context) (platform.Environment, error) {
		return r.account.Environment(ctx, name)
	})
	env, err := result.wait(ctx)
	if err == nil && env.Status.Transitional() && result.asked.Before(question) {
		return r.account.Environment(ctx, name)
	}
	return env, err
}

// List lists the account's environments.
func (r *environmentCache) List(ctx context.Context) (*accountList, error) {
	if r.changed() {
		return r.fetchList(ctx)
	}
	return r.list.get(ctx, shareable(), r.fetchList).wait(ctx)
}

// cachedList returns the list if it has already been read, otherwise nil. It sends no request.
func (r *environmentCache) cachedList() *accountList {
	list := r.list.recall(shareable())
	if r.changed() || list == nil || !list.isDone() || list.err != nil {
		return nil
	}
	return list.value
}

// accountList is a list of the account's environments. Several callers share it, so nobody may change it.
type accountList struct {
	all    []platform.Environment
	byName map[string]platform.Environment
	// tied are the environments that mount from others or are linked to them.
	tied []platform.Environment
}

func (r *environmentCache) fetchList(ctx context.Context) (*accountList, error) {
	all, err := r.account.Environments(ctx)
	if err != nil {
		return nil, err
	}
	c := &accountList{all: all, byName: make(map[string]platform.Environment, len(all))}
	for _, env := range all {
		c.byName[env.Name] = env
		if isTied(env) {
			c.tied = append(c.tied, env)
		}
	}
	// Terraform plans twice, and both plans must agree whatever the platform's order.
	slices.SortFunc(c.tied, func(a, b platform.Environment) int { return strings.Compare(a.Name, b.Name) })
	return c, nil
}

func isTied(env platform.Environment) bool {
	for _, n := range env.Nodes {
		if len(n.Links) > 0 {
			return true
		}
	}
	return len(env.Mounts) > 0
}
