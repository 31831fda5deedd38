package migration

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// Settings are what the provider's configuration says about migrations.
type Settings struct {
	// LivePairs corrects which pairs of regions allow live migration.
	LivePairs []LivePair
	// Prices are the configured prices by region; they override the platform's own.
	Prices map[string]platform.Prices
	// Enforcement is when a missing permission is an error; empty means EnforceAtPlan.
	Enforcement Enforcement
	// MaxConcurrent is how many migrations run at once; 0 means 2.
	MaxConcurrent int
	// PollPolicy is how often running migrations are looked at; the zero value means DefaultPollPolicy.
	PollPolicy PollPolicy
	// StopAfterFailed is the number of failed migrations after which no further one begins; 0 means no limit.
	StopAfterFailed int
	// Now is the clock for windows; nil means time.Now.
	Now func() time.Time
	// Warn, if not nil, logs what users should know and no diagnostic says. It must be safe for concurrent use.
	Warn func(ctx context.Context, message string, fields map[string]any)
	// Prober checks whether moved environments answer.
	Prober Prober
	// AssumeRefreshed treats this process as one that has refreshed all states. It is for tests that plan without a
	// refresh.
	AssumeRefreshed bool
}

// Service is what resources and data sources of one provider configuration share: the platform, the settings, the
// regions and environments that were read, and the queue of migrations. Get and List read environments, Regions reads
// regions, Write changes something. It is safe for concurrent use.
type Service struct {
	Settings

	client  *platform.Client
	cache   *environmentCache
	batcher *batcher
	regions cached[[]platform.Region]
	prices  cached[platform.PriceList]
	groups  cached[[]platform.Group]
	stacks  cached[[]platform.Stack]
	size    cached[int]
	ongoing cached[[]platform.Action]
	// listed, acting and acted are shared by callers that need fresh data within the same moment.
	listed cached[[]platform.Environment]
	acting cached[[]platform.Action]
	acted  cached[[]platform.Action]
	// current reads the account's running actions.
	current func(context.Context) ([]platform.Action, error)
	history cached[[]platform.Action]
	// creating and created are the current and past actions that creations use.
	creating, created cached[[]platform.Action]
	queue             *semaphore.Weighted
	// inQueue is the number of migrations that are running or waiting for their turn.
	inQueue atomic.Int64
	// planned has, by name, the node groups that this process has planned for environments.
	planned sync.Map

	// refreshed has the environments whose states this process has brought up to date.
	refreshed sync.Map
	// deletions has, by name, whether the deletion that this process has begun has ended.
	deletions sync.Map

	failuresMu sync.Mutex
	failures   []string
}

// NewService creates the service of one provider configuration.
func NewService(client *platform.Client, settings Settings) *Service {
	if settings.MaxConcurrent <= 0 {
		settings.MaxConcurrent = 2
	}
	if settings.PollPolicy.Floor == 0 {
		settings.PollPolicy = DefaultPollPolicy
	}
	if settings.Enforcement == "" {
		settings.Enforcement = EnforceAtPlan
	}
	if settings.Now == nil {
		settings.Now = time.Now
	}
	settings.PollPolicy = settings.PollPolicy.withPhase()
	account := newAccount(client, settings.Warn)
	batcher := &batcher{platform: account, window: settings.PollPolicy.Floor / 2, backlogged: client.Backlogged}
	return &Service{
		client:   client,
		Settings: settings,
		cache:    newEnvironmentCache(account, batcher, client.Changed),
		batcher:  batcher,
		current:  client.CurrentActions,
		queue:    semaphore.NewWeighted(int64(settings.MaxConcurrent)),
	}
}

// Run carries out a migration as the function Run does, sharing its looks with concurrent migrations.
func (s *Service) Run(ctx context.Context, order Order, before platform.Environment,
	reached func(Phase)) (Outcome, error) {
	return Run(ctx, shared{s.client, s}, order, before, s.PollPolicy, reached)
}

// CheckMigration asks whether the platform would migrate an environment to a region; nil means that it would.
func (s *Service) CheckMigration(ctx context.Context, name, region string) error {
	return s.client.CheckMigration(ctx, name, region)
}

// shared is the platform for concurrent migrations: those that look within the same moment share the result.
type shared struct {
	writer
	service *Service
}

// writer has the calls of a migration that cannot be shared.
type writer interface {
	CheckMigration(ctx context.Context, name, region string) error
	Migrate(ctx context.Context, request platform.MigrateRequest) error
}

func (p shared) Environment(ctx context.Context, name string) (platform.Environment, error) {
	return p.service.Get(ctx, name, Fresh)
}

func (p shared) Environments(ctx context.Context) ([]platform.Environment, error) {
	return p.service.List(ctx, Fresh)
}

func (p shared) CurrentActions(ctx context.Context) ([]platform.Action, error) {
	return p.service.currentActions(ctx)
}

// PastActions goes a little further back than requested, so that callers can share the answer.
func (p shared) PastActions(ctx context.Context, since time.Time, count int) ([]platform.Action, error) {
	const back = remembered + time.Hour
	if time.Since(since) > back {
		return p.service.client.PastActions(ctx, since, count)
	}
	return p.service.acted.join(ctx, p.service.batcher.window, func(ctx context.Context) ([]platform.Action, error) {
		return p.service.client.PastActions(ctx, time.Now().Add(-back), count)
	}).wait(ctx)
}

// currentActions returns the account's running actions, read anew and shared by callers within the same moment.
func (s *Service) currentActions(ctx context.Context) ([]platform.Action, error) {
	return s.acting.join(ctx, s.batcher.window, s.current).wait(ctx)
}

// largeAccount is the number of environments from which on an account is not listed for a single one of them.
const largeAccount = 100

// LargeAccount reports whether the account is large. It is determined once for all users of this service, because it
// only decides how to read. For an account that cannot be listed this is unknown.
func (s *Service) LargeAccount(ctx context.Context) (large, known bool) {
	size, err := s.size.get(ctx, time.Time{}, func(ctx context.Context) (int, error) {
		c, err := s.cache.List(ctx)
		if err != nil {
			return -1, nil // this is an answer, too
		}
		return len(c.all), nil
	}).wait(ctx)
	return size >= largeAccount, err == nil && size >= 0
}

// Surroundings returns how other environments depend on an environment, for which it needs the list of all
// environments.
func (s *Service) Surroundings(ctx context.Context, name string) (Surroundings, error) {
	c, err := s.cache.List(ctx)
	if err != nil {
		return Surroundings{}, err
	}
	own, listed := c.byName[name]
	if !listed {
		if own, err = s.cache.Environment(ctx, name, false); err != nil {
			return Surroundings{}, err
		}
	}
	return surroundings(own, c.tied), nil
}

// SurroundingsAtHand returns the Surroundings of an environment that has just been read, and whether the account is
// large, if the list has been read, too; otherwise known is false. It sends no request.
func (s *Service) SurroundingsAtHand(own platform.Environment) (around Surroundings, large, known bool) {
	c := s.cache.cachedList()
	if c == nil {
		return around, false, false
	}
	return surroundings(own, c.tied), len(c.all) >= largeAccount, true
}

// Ongoing returns the account's running actions, for messages about environments that are read. Callers that ask about
// many environments share the answer.
func (s *Service) Ongoing(ctx context.Context) ([]platform.Action, error) {
	return s.ongoing.get(ctx, s.shareable(), s.current).wait(ctx)
}

// History returns the account's actions of the last three months, shared like Ongoing.
func (s *Service) History(ctx context.Context) ([]platform.Action, error) {
	return s.history.get(ctx, s.shareable(), s.readHistory).wait(ctx)
}

// Durations is History for display only: it may be ten minutes old even after a change.
func (s *Service) Durations(ctx context.Context) ([]platform.Action, error) {
	return s.history.get(ctx, shareable(), s.readHistory).wait(ctx)
}

func (s *Service) readHistory(ctx context.Context) ([]platform.Action, error) {
	return s.client.PastActions(ctx, time.Now().AddDate(0, -3, 0), 1000)
}

// NoteRefresh records that this process refreshes an environment's state. Terraform plans twice, once in a process that
// has refreshed the state and again in the one that applies; the second plan need not repeat the first plan's requests
// to the platform.
func (s *Service) NoteRefresh(name string) { s.refreshed.Store(name, true) }

// Refreshed reports whether NoteRefresh was called for an environment.
func (s *Service) Refreshed(name string) bool {
	_, refreshed := s.refreshed.Load(name)
	return refreshed || s.AssumeRefreshed
}

// shareable is the time from which on answers are fresh enough to be shared: after the first change, only those still
// to be requested.
func (s *Service) shareable() time.Time {
	if s.client.Changed() {
		return time.Now()
	}
	return shareable()
}

// Enqueue waits until fewer than MaxConcurrent migrations run. It returns a *StoppedError once StopAfterFailed
// migrations have failed. Before it waits, it calls queued, if that is not nil, with the number of migrations ahead
// that run or wait; 0 if its turn has come already. The caller calls leave when its own migration is over, with its
// error.
func (s *Service) Enqueue(ctx context.Context, environment string,
	queued func(before int)) (leave func(error), err error) {
	before := int(s.inQueue.Add(1)) - 1
	if before < s.MaxConcurrent {
		before = 0
	}
	if queued != nil {
		queued(before)
	}
	release := func() {
		s.inQueue.Add(-1)
		s.queue.Release(1)
	}
	if err := s.queue.Acquire(ctx, 1); err != nil {
		s.inQueue.Add(-1)
		return nil, err
	}
	s.failuresMu.Lock()
	defer s.failuresMu.Unlock()
	if s.StopAfterFailed > 0 && len(s.failures) >= s.StopAfterFailed {
		release()
		return nil, &StoppedError{Failed: slices.Clone(s.failures)}
	}
	return func(err error) {
		s.failuresMu.Lock()
		defer s.failuresMu.Unlock()
		// Only what somebody called off says nothing about those that wait.
		if err != nil && !errors.Is(err, context.Canceled) {
			s.failures = append(s.failures, environment+": "+err.Error())
		}
		release()
	}, nil
}

// StoppedError refuses a migration because others failed before it: it would most probably fail for the same reason.
type StoppedError struct {
	// Failed lists the failed migrations: the environment and how it failed.
	Failed []string
}

// Error names the migrations that failed.
func (e *StoppedError) Error() string {
	return "no further migration is begun after these failed: " + strings.Join(e.Failed, "; ")
}
