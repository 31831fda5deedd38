package migration

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// A migration of an hour is polled often at first, and then four times a minute.
func TestPollsOfLongMigration(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var looks []time.Duration
		p := scripted{sights: []view{migrating}, hang: true, asked: make(chan struct{})}
		p.onLook = func(int) {
			looks = append(looks, time.Since(began))
			if time.Since(began) > time.Hour {
				p.sights = []view{arrived}
			}
		}
		if _, err := Run(t.Context(), &p, Order{Environment: "shop", From: "a", To: "b"}, home.env,
			DefaultPollPolicy.withPhase(), nil); err != nil {
			t.Fatal(err)
		}
		if looks[0] > 400*time.Millisecond {
			t.Errorf("first poll after %s", looks[0])
		}
		var perMinute [61]int
		for _, at := range looks {
			perMinute[int(at.Minutes())]++
		}
		if perMinute[0] < 10 || perMinute[0] > 15 {
			t.Errorf("%d polls in the first minute", perMinute[0])
		}
		for minute, n := range perMinute[1:60] {
			if n != 4 {
				t.Errorf("%d polls in minute %d", n, minute+1)
			}
		}
		if end := looks[len(looks)-1]; end > time.Hour+15*time.Second {
			t.Errorf("its end was seen after %s", end)
		}
	})
}

// Polling begins at once, becomes less frequent, and is not in step with other pollers.
func TestPoll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var gaps []time.Duration
		last := time.Now()
		err := DefaultPollPolicy.Poll(t.Context(), func() (bool, error) {
			gaps = append(gaps, time.Since(last))
			last = time.Now()
			return len(gaps) == 500, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if gaps[0] != 0 {
			t.Errorf("first poll after %s", gaps[0])
		}
		least, most := 1.0, 1.0
		interval := DefaultPollPolicy.Floor
		for _, gap := range gaps[1:] {
			share := float64(gap) / float64(interval)
			least, most = min(least, share), max(most, share)
			interval = min(interval*3/2, DefaultPollPolicy.Ceiling)
		}
		// Among 500 draws, some are almost certain to be near each end of the range.
		if least < 0.8 || least > 0.85 || most < 1.15 || most > 1.2 {
			t.Errorf("intervals vary from %.2f to %.2f of their nominal length", least, most)
		}
	})
}

func TestPollStopsWithContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		began := time.Now()
		err := DefaultPollPolicy.Poll(ctx, func() (bool, error) { return false, trouble })
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != time.Minute {
			t.Errorf("%v after %s", err, time.Since(began))
		}
	})
}

func TestScaledPollPolicy(t *testing.T) {
	t.Parallel()
	for scale, want := range map[float64]PollPolicy{
		0:    {Floor: 250 * time.Millisecond, Ceiling: 15 * time.Second},
		0.5:  {Floor: 250 * time.Millisecond, Ceiling: 15 * time.Second},
		1:    {Floor: 250 * time.Millisecond, Ceiling: 15 * time.Second},
		10:   {Floor: 25 * time.Millisecond, Ceiling: 1500 * time.Millisecond},
		100:  {Floor: 5 * time.Millisecond, Ceiling: 150 * time.Millisecond},
		1000: {Floor: 5 * time.Millisecond, Ceiling: 50 * time.Millisecond},
	} {
		got := DefaultPollPolicy.Scaled(scale)
		if got.Floor != want.Floor || got.Ceiling != want.Ceiling {
			t.Errorf("scaled by %v: %+v", scale, got)
		}
		limits, factor := Limits{Settle: time.Minute, Looks: 3, Believe: 5 * time.Minute, Appear: 5 * time.Minute},
			time.Duration(max(scale, 1))
		limits.Settle = max(limits.Settle/factor, 20*time.Millisecond)
		limits.Believe = max(limits.Believe/factor, 100*time.Millisecond)
		limits.Appear = max(limits.Appear/factor, 100*time.Millisecond)
		if scale >= 1 && got.Limits != limits {
			t.Errorf("scaled by %v: %+v", scale, got.Limits)
		}
	}
	hasty := PollPolicy{Floor: 1, Ceiling: 2}
	if got := hasty.Scaled(1); got != hasty {
		t.Errorf("a scale of 1 must change nothing: %+v", got)
	}
}

// On a platform with faster time, all limits are shorter by the same factor, down to a minimum.
func TestScaledLimits(t *testing.T) {
	t.Parallel()
	p := PollPolicy{Floor: time.Second, Ceiling: 15 * time.Second,
		Limits: Limits{Settle: time.Minute, Looks: 3, Believe: 5 * time.Minute, Appear: 4 * time.Minute}}
	for scale, want := range map[float64]PollPolicy{
		0.5: p,
		1:   p,
		2: {Floor: 500 * time.Millisecond, Ceiling: 7500 * time.Millisecond,
			Limits: Limits{Settle: 30 * time.Second, Looks: 3, Believe: 150 * time.Second, Appear: 2 * time.Minute}},
		1e9: {Floor: 5 * time.Millisecond, Ceiling: 50 * time.Millisecond,
			Limits: Limits{Settle: 20 * time.Millisecond, Looks: 3, Believe: 100 * time.Millisecond,
				Appear: 100 * time.Millisecond}},
	} {
		if got := p.Scaled(scale); got != want {
			t.Errorf("scaled by %v: %+v, want %+v", scale, got, want)
		}
	}
}
