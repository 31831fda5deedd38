package migration

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// environmentCache is how environments are read for plans and data sources, so that the calls of a run do not grow
// with their number. Where the account is known to be small all come from one list, which also tells what
// environments have to do with each other. Otherwise the first environment is asked for by its name, in case it
// remains the only one: a large account is not fetched for it. As soon as another one is asked for, all come from one
// list. With the regions and the prices that makes four calls at most, however Terraform spreads its questions; two
// by name before the list would make five.
//
// How fresh what is read is:
//
//   - As long as this process has changed nothing, an answer is shared by all who ask within ten minutes of its
//     question. Processes of Terraform that plan never change anything.
//   - From before the first writing call is sent, no answer is older than its question. So what is read after a write
//     was asked for after it, also if a list was under way when the write began or ended.
//   - What something is at work on, and what the list lacks, is asked for by its name.
//   - Who changes an environment, or waits for a change, comes not here but to the client, or to the batcher.
//
// What others change meanwhile, another provider configuration included, may be seen up to ten minutes late. It is
// safe for concurrent use.
type environmentCache struct {
	account *account
	batcher *batcher
	// changed says whether this process has begun to change anything.
	changed func() bool
	list    cached[*accountList]

	mu sync.Mutex
	// alone is the first environment that was asked for; several is closed when there is another.
	alone   string
	several chan struct{}
	ones    map[string]*cached[platform.Environment]
}

func newEnvironmentCache(a *account, l *batcher, changed func() bool) *environmentCache {
	return &environmentCache{account: a, batcher: l, changed: changed, several: make(chan struct{}),
		ones: map[string]*cached[platform.Environment]{}}
}

// sharedLifetime is how long an answer is shared. Most plans are shorter; the longest ones must not ask more for it
// than once in a while.
const sharedLifetime = 10 * time.Minute

// gathering is how long the first environment waits for others: Terraform asks for several at a time, as many as its
// -parallelism lets it.
const gathering = 5 * time.Millisecond

func shareable() time.Time { return time.Now().Add(-sharedLifetime) }

// Environment reads an environment. Listed says that the account is to be listed even for this one alone.
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
		// Asking for each by its name is the last thing that such a platform needs.
		return platform.Environment{}, err
	}
	if err == nil {
		if env, ok := all.byName[name]; ok && !env.Status.Transitional() {
			return env, nil
		}
	}
	return r.byName(ctx, name)
}

// isOneOfSeveral says whether other environments are read besides this one. The first one waits a moment for others.
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

// byName asks for an environment by its name. Several who ask for the same share the answer if the environment rests.
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

// cachedList is the list if it has been read already, else nil. It asks for nothing.
func (r *environmentCache) cachedList() *accountList {
	list := r.list.recall(shareable())
	if r.changed() || list == nil || !list.isDone() || list.err != nil {
		return nil
	}
	return list.value
}

// accountList is a list of the account's environments. Several share it, so nobody may change it.
type accountList struct {
	all    []platform.Environment
	byName map[string]platform.Environment
	// tied are those that mount from environments or are linked to them.
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
	// Terraform plans twice, and the same has to come out whatever the platform's order.
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
