package migration

import (
	"context"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// Freshness is how old what is read of the platform may be. It is the only place that says so: everything that reads
// environments or regions passes one.
type Freshness int

// The kinds of freshness.
const (
	// Recent is for plans and data sources. It is at most ten minutes old as long as this process has changed nothing, and
	// no older than its question from the first change on. Regions are at most ten minutes old in both cases.
	Recent Freshness = iota
	// Listed is Recent by a list of the account, even for a single environment, so that SurroundingsAtHand knows of the
	// others. It is meant for accounts that are not large.
	Listed
	// Fresh is no older than its question: for what decides about a change, or waits for one. Several that ask within the
	// same moment share an answer that was asked for after all of them had asked.
	Fresh
	// ByName is Fresh, and the environment is asked for by its own name: for what a list may leave out.
	ByName
)

// Get is an environment by its name. That one is not found is the platform's word about its name; Existence finds out
// what it is worth.
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

// Find is Get of an environment that need not exist: one that a fresh list of the account does not show is not asked
// for by its name, and unlisted. Where no list is read, the platform's word about the name is the error.
func (s *Service) Find(ctx context.Context, name string) (env platform.Environment, unlisted bool, err error) {
	return s.batcher.Find(ctx, name)
}

// List are all environments that the account sees. Nobody may change the list.
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

// Topology is an environment's node groups in the form in which a change of them is asked for.
func (s *Service) Topology(ctx context.Context, name string) (*platform.Topology, error) {
	return s.client.Topology(ctx, name)
}

// Variables are the environment variables of a node group.
func (s *Service) Variables(ctx context.Context, name, nodeGroup string) (map[string]string, error) {
	return s.client.Variables(ctx, name, nodeGroup)
}

// ActionsSince are the account's last thousand actions that ended after a time, read anew.
func (s *Service) ActionsSince(ctx context.Context, since time.Time) ([]platform.Action, error) {
	return s.client.PastActions(ctx, since, 1000)
}

// CreateEnvironment asks once for an environment. Whether it exists is for looks to find out.
func (s *Service) CreateEnvironment(ctx context.Context, spec platform.EnvironmentSpec) error {
	_, err := s.client.RequestCreation(ctx, spec)
	return err
}
