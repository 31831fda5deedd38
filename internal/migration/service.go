package migration

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// Settings are what the provider's configuration says about migrations.
type Settings struct {
	// LivePairs corrects which pairs of regions allow live migration.
	LivePairs []LivePair
	// Prices are the configured prices by region; they go before the platform's own.
	Prices map[string]platform.Prices
	// Enforcement says when a missing permission is an error; empty means EnforceAtPlan.
	Enforcement Enforcement
	// MaxConcurrent is how many migrations run at once; 0 means 2.
	MaxConcurrent int
	// Pace is how often running migrations are looked at; the zero value means DefaultPace.
	Pace Pace
	// StopAfterFailed is after how many failed migrations no further one is begun; 0 means never.
	StopAfterFailed int
	// Now is the clock by which windows are judged; nil means time.Now.
	Now func() time.Time
	// Prober asks environments that have moved whether they answer.
	Prober Prober
}

// Service is what resources and data sources of one provider configuration share: the client, the settings, the facts
// about regions, and the queue of migrations. It is safe for concurrent use.
type Service struct {
	Client *platform.Client
	Settings

	queue   *semaphore.Weighted
	lookout *lookout
	mu      sync.Mutex
	facts   *Facts
	regions []platform.Region
	taken   time.Time
	prices  *platform.PriceList

	failuresMu sync.Mutex
	failures   []string

	listMu sync.Mutex
	list   []platform.Environment
	listed time.Time
}

// factsLifetime is how long what does not concern one environment alone is shared between the resources of one run. A
// plan is shorter.
const factsLifetime = time.Minute

// pricesPatience bounds the wait for prices.
const pricesPatience = 10 * time.Second

// NewService makes the service of one provider configuration.
func NewService(client *platform.Client, settings Settings) *Service {
	if settings.MaxConcurrent <= 0 {
		settings.MaxConcurrent = 2
	}
	if settings.Pace == (Pace{}) {
		settings.Pace = DefaultPace
	}
	if settings.Enforcement == "" {
		settings.Enforcement = EnforceAtPlan
	}
	if settings.Now == nil {
		settings.Now = time.Now
	}
	return &Service{
		Client:   client,
		Settings: settings,
		queue:    semaphore.NewWeighted(int64(settings.MaxConcurrent)),
		lookout:  &lookout{platform: client, window: settings.Pace.Floor / 2},
	}
}

// Run carries out a migration as the function Run does, sharing its looks with the migrations that run beside it.
func (s *Service) Run(ctx context.Context, order Order, before platform.Environment) (Outcome, error) {
	return Run(ctx, shared{s.Client, s.lookout}, order, before, s.Pace)
}

// shared is the platform to which one goes with a lookout for looking at environments.
type shared struct {
	*platform.Client
	lookout *lookout
}

func (p shared) Environment(ctx context.Context, name string) (platform.Environment, error) {
	return p.lookout.Environment(ctx, name)
}

// Facts are the platform's own facts about its regions, at most a minute old and without the configuration's
// corrections: what may be kept in private state. Prices that cannot be had are left out; that is no error.
func (s *Service) Facts(ctx context.Context) (Facts, error) {
	_, facts, err := s.Regions(ctx)
	return facts, err
}

// Regions are the regions as the platform describes them, beside the facts that were made of them.
func (s *Service) Regions(ctx context.Context) ([]platform.Region, Facts, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.facts == nil || time.Since(s.taken) >= factsLifetime {
		if _, err := s.load(ctx); err != nil {
			return nil, Facts{}, err
		}
	}
	return s.regions, *s.facts, nil
}

// FreshFacts asks the platform anew, for a decision that must not rest on what was true a minute ago.
func (s *Service) FreshFacts(ctx context.Context) (Facts, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.load(ctx)
}

func (s *Service) load(ctx context.Context) (Facts, error) {
	regions, err := s.Client.Regions(ctx)
	if err != nil {
		return Facts{}, err
	}
	if s.prices == nil {
		prices := s.loadPrices(ctx)
		if ctx.Err() != nil {
			return Facts{}, ctx.Err()
		}
		s.prices = &prices
	}
	facts := NewFacts(regions, *s.prices)
	s.facts, s.regions, s.taken = &facts, regions, time.Now()
	return facts, nil
}

// Environments are all environments that the account sees, from a list that is shared: it is at most a minute old and
// was asked for after the last Forget.
func (s *Service) Environments(ctx context.Context) ([]platform.Environment, error) {
	s.listMu.Lock()
	defer s.listMu.Unlock()
	if s.list == nil || time.Since(s.listed) >= factsLifetime {
		listed := time.Now()
		list, err := s.Client.Environments(ctx)
		if err != nil {
			return nil, err
		}
		s.list, s.listed = list, listed
	}
	return s.list, nil
}

// Environment is an environment for reading, from the shared list if it is in it and rests, so that the calls of a plan
// do not grow with the number of environments. What the list lacks is asked for by its name before it is believed gone;
// what is at work, and what somebody is about to change, is asked for by its name, too: by the client, not by this.
func (s *Service) Environment(ctx context.Context, name string) (platform.Environment, error) {
	if list, err := s.Environments(ctx); err == nil {
		i := slices.IndexFunc(list, func(env platform.Environment) bool { return env.Name == name })
		if i >= 0 && !list[i].Status.Transitional() {
			return list[i], nil
		}
	}
	return s.Client.Environment(ctx, name)
}

// Forget makes later readings ask the platform anew. Whoever has changed an environment calls it, so that nothing read
// after a change is older than it.
func (s *Service) Forget() {
	s.listMu.Lock()
	defer s.listMu.Unlock()
	s.list = nil
}

// LookUpGroups completes an assessed move that changes addresses by which of the environment's groups are isolated. A
// list of groups that cannot be read leaves that unknown.
func (s *Service) LookUpGroups(ctx context.Context, a *Assessment) {
	if !a.IPChange || len(a.Environment.Groups) == 0 {
		return
	}
	groups, err := s.Client.Groups(ctx)
	if err != nil {
		return
	}
	for _, g := range groups {
		if g.Isolated && slices.Contains(a.Environment.Groups, g.Name) {
			a.IsolatedGroups = append(a.IsolatedGroups, g.Name)
		}
	}
}

// loadPrices asks for prices once. Most platforms tell a token none, so nothing may depend on them: neither their
// absence nor a server that never answers.
func (s *Service) loadPrices(ctx context.Context) platform.PriceList {
	ctx, cancel := context.WithTimeout(ctx, pricesPatience)
	defer cancel()
	prices, err := s.Client.Prices(ctx, platform.PriceList{})
	if err != nil {
		prices = platform.PriceList{}
	}
	return prices
}

// Corrected lays the configuration's corrections and prices over facts.
func (s *Service) Corrected(facts Facts) Facts {
	return facts.Corrected(s.LivePairs, s.Prices)
}

// Enqueue waits until fewer than MaxConcurrent migrations run, and refuses by a *StoppedError once StopAfterFailed have
// failed. The caller calls leave when its own is over, with the error that it ended with.
func (s *Service) Enqueue(ctx context.Context, environment string) (leave func(error), err error) {
	if err := s.queue.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	s.failuresMu.Lock()
	defer s.failuresMu.Unlock()
	if s.StopAfterFailed > 0 && len(s.failures) >= s.StopAfterFailed {
		s.queue.Release(1)
		return nil, &StoppedError{Failed: slices.Clone(s.failures)}
	}
	return func(err error) {
		s.failuresMu.Lock()
		defer s.failuresMu.Unlock()
		var failure *Failure
		var unhealthy *UnhealthyError
		if errors.As(err, &failure) && failure.Kind != Interrupted || errors.As(err, &unhealthy) {
			s.failures = append(s.failures, environment+": "+err.Error())
		}
		s.queue.Release(1)
	}, nil
}

// StoppedError refuses a migration because others failed before it: what they ran into it would most probably run into,
// too.
type StoppedError struct {
	// Failed says of each failed migration which environment it was and how it failed.
	Failed []string
}

// Error names the migrations that failed.
func (e *StoppedError) Error() string {
	return "no further migration is begun after these failed: " + strings.Join(e.Failed, "; ")
}
