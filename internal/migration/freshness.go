package migration

import (
	"context"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// Freshness is how old data read from the platform may be. Everything that reads environments or regions passes one.
type Freshness int

// The kinds of freshness.
const (
	// Recent is for plans and data sources. It is at most ten minutes old as long as this process has changed nothing,
	// and from the first change on no older than its question. Regions are at most ten minutes old in both cases.
	Recent Freshness = iota
	// Listed is Recent from a list of the account, even for a single environment, so that SurroundingsAtHand knows the
	// others. It is meant for accounts that are not large.
	Listed
	// Fresh is no older than its question: for what decides about a change, or waits for one. Callers that ask within
	// the same moment share an answer that was requested after all of them had asked.
	Fresh
	// ByName is Fresh, and the environment is read by its own name: for what a list may omit.
	ByName
)

// Get returns an environment by name. A missing environment is only the platform's answer about the name; Existence
// verifies it.
func (s *Service) Get(ctx context.Context, name string, freshness Freshness) (platform.Environment, error) {
	switch freshness {
	case Fresh:
		return s.batcher.Environment(ctx, name)
	case ByName:
		return s.cache.account.Environment(ctx, name)
	case Recent, Listed:
	}
	return s.cache.Environment(ctx, name, freshness == Listed)
}

// Find is Get for an environment that need not exist: if a fresh list of the account omits it, Find does not read it by
// name, and it is unlisted. If no list is read, the error is the platform's answer about the name.
func (s *Service) Find(ctx context.Context, name string) (env platform.Environment, unlisted bool, err error) {
	return s.batcher.Find(ctx, name)
}

// List returns all environments that the account sees. Callers must not change the list.
func (s *Service) List(ctx context.Context, freshness Freshness) ([]platform.Environment, error) {
	if freshness == Fresh || freshness == ByName {
		return s.listed.join(ctx, s.batcher.window, s.cache.account.Environments).wait(ctx)
	}
	list, err := s.cache.List(ctx)
	if err != nil {
		return nil, err
	}
	return list.all, nil
}

// Topology returns an environment's node groups in the form that a change of them needs.
func (s *Service) Topology(ctx context.Context, name string) (*platform.Topology, error) {
	return s.client.Topology(ctx, name)
}

// Variables returns the environment variables of a node group.
func (s *Service) Variables(ctx context.Context, name, nodeGroup string) (map[string]string, error) {
	return s.client.Variables(ctx, name, nodeGroup)
}

// ActionsSince returns the account's last thousand actions that ended after a time, freshly read.
func (s *Service) ActionsSince(ctx context.Context, since time.Time) ([]platform.Action, error) {
	return s.client.PastActions(ctx, since, 1000)
}

// CreateEnvironment requests an environment once. Later looks find out whether it exists.
func (s *Service) CreateEnvironment(ctx context.Context, spec platform.EnvironmentSpec) error {
	_, err := s.client.RequestCreation(ctx, spec)
	return err
}
