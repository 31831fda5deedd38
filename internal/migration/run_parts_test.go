package migration

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// listOnlyPlatform is a platform that only lists environments and records how far back it was asked for past actions.
type listOnlyPlatform struct {
	Platform
	all   []platform.Environment
	err   error
	since time.Time
}

func (l *listOnlyPlatform) Environments(context.Context) ([]platform.Environment, error) {
	return l.all, l.err
}

func (l *listOnlyPlatform) CurrentActions(context.Context) ([]platform.Action, error) {
	return nil, nil
}

func (l *listOnlyPlatform) PastActions(_ context.Context, since time.Time, _ int) ([]platform.Action, error) {
	l.since = since
	return nil, nil
}

func TestIsListed(t *testing.T) {
	t.Parallel()
	shop, other := platform.Environment{Name: "shop"}, platform.Environment{Name: "other"}
	for name, row := range map[string]struct {
		platform *listOnlyPlatform
		want     bool
	}{
		"listed":     {&listOnlyPlatform{all: []platform.Environment{other, shop}}, true},
		"not listed": {&listOnlyPlatform{all: []platform.Environment{other}}, false},
		"unreadable": {&listOnlyPlatform{all: []platform.Environment{shop}, err: errors.New("no")}, false},
	} {
		r := run{Platform: row.platform}
		r.evidence.Order.Environment = "shop"
		if got := r.isListed(t.Context()); got != row.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// A node without any address shows nothing. A node that has any address, and all of its old ones, is unchanged.
func TestStaleAddresses(t *testing.T) {
	t.Parallel()
	node := func(internal string, v4, v6 []string) []platform.Node {
		return []platform.Node{{ID: 1, NodeGroup: "cp", InternalIP: internal, PublicIPv4: v4, PublicIPv6: v6}}
	}
	one, two := []string{"192.0.2.1"}, []string{"192.0.2.2"}
	for name, row := range map[string]struct {
		before, after []platform.Node
		want          bool
	}{
		"internal, the same": {node("10.0.0.1", nil, nil), node("10.0.0.1", nil, nil), true},
		"internal, another":  {node("10.0.0.1", nil, nil), node("10.2.0.1", nil, nil), false},
		"IPv4, the same":     {node("", one, nil), node("", one, nil), true},
		"IPv4, another":      {node("", one, nil), node("", two, nil), false},
		"IPv6, the same":     {node("", nil, one), node("", nil, one), true},
		"both, the same":     {node("", one, two), node("", one, two), true},
		"both, one is new":   {node("", one, two), node("", one, one), false},
		"nothing is known":   {node("", nil, nil), node("", nil, nil), false},
		"internal not shown": {node("10.0.0.1", nil, nil), node("", nil, nil), false},
		"only public is new": {node("10.0.0.1", one, nil), node("10.0.0.1", two, nil), false},
	} {
		r := run{before: platform.Environment{Nodes: row.before}}
		r.evidence.Order.NewAddresses = true
		if got := r.stale(platform.Environment{Nodes: row.after}); got != row.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// The first look shows the state from before, so nothing in it is stale.
func TestFirstReadIsNotStale(t *testing.T) {
	t.Parallel()
	env := platform.Environment{Name: "shop", Region: "a", Domain: "shop.a"}
	r := run{before: env, reached: func(Phase) {}}
	r.evidence.Order = Order{Environment: "shop", From: "a", To: "b", NewDomain: true}
	r.see(env, nil)
	r.see(env, nil)
	if r.evidence.Looks[0].Stale || !r.evidence.Looks[1].Stale {
		t.Errorf("looks %+v", r.evidence.Looks)
	}
}

// The log is read as far back as a success may still appear.
func TestActionLogStart(t *testing.T) {
	t.Parallel()
	p := &listOnlyPlatform{}
	began := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	r := run{Platform: p, reached: func(Phase) {}}
	r.evidence.Looks = []Look{{At: began, Region: "a"}}
	r.read(t.Context())
	if want := began.Add(-24 * time.Hour); !p.since.Equal(want) {
		t.Errorf("read since %s, want %s", p.since, want)
	}
}

// A migration ended when it was first seen to have ended, not when that was confirmed.
func TestStartedAndFinishedAt(t *testing.T) {
	t.Parallel()
	began := time.Now().Add(-time.Hour)
	r := run{before: platform.Environment{Region: "a"}, after: platform.Environment{Region: "b"}}
	r.evidence.Order, r.evidence.Before, r.evidence.Now = Order{Environment: "shop", From: "a",
		To: "b"}, platform.StatusRunning, time.Now()
	r.evidence.Call = Call{Key: "k", Asked: began}
	r.evidence.Looks = []Look{
		{At: began, Region: "a", Status: platform.StatusRunning},
		{At: began.Add(time.Minute), Region: "b", Status: platform.StatusRunning},
		{At: began.Add(2 * time.Minute), Region: "b", Status: platform.StatusRunning},
	}
	if o := r.outcome(); !o.StartedAt.Equal(began) || !o.FinishedAt.Equal(began.Add(time.Minute)) {
		t.Errorf("from %s to %s", o.StartedAt, o.FinishedAt)
	}
	r.evidence.Looks = r.evidence.Looks[:1]
	if o := r.outcome(); time.Since(o.FinishedAt) > time.Minute {
		t.Errorf("end not seen, but recorded at %s", o.FinishedAt)
	}
}

func TestDefaultSettings(t *testing.T) {
	t.Parallel()
	s := NewService(&platform.Client{}, Settings{})
	if s.MaxConcurrent != 2 || s.Enforcement != EnforceAtPlan || s.Now == nil ||
		s.PollPolicy.Floor != DefaultPollPolicy.Floor ||
		s.batcher.window != DefaultPollPolicy.Floor/2 {
		t.Errorf("%+v, window %s", s.Settings, s.batcher.window)
	}
	now := func() time.Time { return time.Unix(7, 0) }
	s = NewService(&platform.Client{},
		Settings{MaxConcurrent: 7, Enforcement: EnforceAtApply, Now: now,
			PollPolicy: PollPolicy{Floor: time.Second, Ceiling: time.Minute}})
	if s.MaxConcurrent != 7 || s.Enforcement != EnforceAtApply || !s.Now().Equal(now()) ||
		s.batcher.window != time.Second/2 {
		t.Errorf("%+v, window %s", s.Settings, s.batcher.window)
	}
}
