package migration

import (
	"context"
	"sync"

	"golang.org/x/sync/semaphore"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// environments is the part of the platform that reads environments.
type environments interface {
	Environment(ctx context.Context, name string) (platform.Environment, error)
	Environments(ctx context.Context) ([]platform.Environment, error)
}

// account reads the environments of an account: a few at a time by name, or all at once as long as the platform allows
// it. It is safe for concurrent use.
type account struct {
	platform environments
	warn     func(ctx context.Context, message string, fields map[string]any)
	byName   *semaphore.Weighted

	mu      sync.Mutex
	refused error
	told    bool
}

// manyByName is how many environments are read by name at the same time.
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

// Environments reads all environments. If the platform refuses the list, or the list is larger than the client accepts,
// later calls do not try again, because that would only cost time. One log line says why each environment then takes
// its own call.
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
