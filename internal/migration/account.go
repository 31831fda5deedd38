package migration

import (
	"context"
	"sync"

	"golang.org/x/sync/semaphore"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// environments is how a platform is asked for environments.
type environments interface {
	Environment(ctx context.Context, name string) (platform.Environment, error)
	Environments(ctx context.Context) ([]platform.Environment, error)
}

// account asks for the environments of an account: some at a time by their names, or all at once as long as the
// platform lets it. It is safe for concurrent use.
type account struct {
	platform environments
	warn     func(ctx context.Context, message string, fields map[string]any)
	byName   *semaphore.Weighted

	mu      sync.Mutex
	refused error
	told    bool
}

// manyByName is how many environments are asked for by their names at the same time.
const manyByName = 8

func newAccount(p environments, warn func(context.Context, string, map[string]any)) *account {
	return &account{platform: p, warn: warn, byName: semaphore.NewWeighted(manyByName)}
}

// Environment reads one environment.
func (a *account) Environment(ctx context.Context, name string) (platform.Environment, error) {
	if err := a.byName.Acquire(ctx, 1); err != nil {
		return platform.Environment{}, context.Cause(ctx)
	}
	defer a.byName.Release(1)
	return a.platform.Environment(ctx, name)
}

// Environments reads all environments. If the platform refuses the list, or responds with more than the client
// reads, later calls do not try again, because that would only cost time. One log line says why each
// environment then takes a call of its own.
func (a *account) Environments(ctx context.Context) ([]platform.Environment, error) {
	a.mu.Lock()
	refused := a.refused
	a.mu.Unlock()
	if refused != nil {
		return nil, refused
	}
	list, err := a.platform.Environments(ctx)
	if err == nil || ctx.Err() != nil {
		return list, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if platform.IsPermission(err) || platform.IsMalformed(err) || platform.IsRefusal(err) {
		a.refused = err
	}
	if !a.told && a.warn != nil {
		a.warn(ctx, "The account's environments cannot be listed, so each is asked for by its name. That takes a call for "+
			"each.",
			map[string]any{"error": err.Error()})
	}
	a.told = true
	return nil, err
}
