package migration

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

// fakeProber returns one result after the other, and the last one from then on; nil is success.
type fakeProber struct {
	answers  []error
	asked    []string
	expected []int
	// onAsk is called before each result with its number, counted from 1.
	onAsk func(ctx context.Context, n int)
}

func (p *fakeProber) Probe(ctx context.Context, address string, expected []int) error {
	p.asked, p.expected = append(p.asked, address), expected
	if p.onAsk != nil {
		p.onAsk(ctx, len(p.asked))
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return p.answers[min(len(p.asked), len(p.answers))-1]
}

var (
	errUnavailable = errors.New("503 Service Unavailable")
	errNoAnswer    = errors.New("connection refused")
)

func verifying(p *fakeProber) *Service {
	return NewService(nil, Settings{Prober: p, PollPolicy: quick})
}

func TestVerify(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		answers     []error
		attempts    int
		first, last string
	}{
		"at once":       {[]error{nil}, 1, "", ""},
		"after a while": {[]error{errUnavailable, errNoAnswer, nil}, 3, "503 Service Unavailable", "connection refused"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := &fakeProber{answers: row.answers}
			got, err := verifying(p).Verify(t.Context(), Verify{Address: "http://shop.test/healthz"})
			if err != nil || got.Attempts != row.attempts || got.First != row.first || got.Last != row.last {
				t.Errorf("%+v, %v", got, err)
			}
			if len(p.asked) != row.attempts || p.asked[0] != "http://shop.test/healthz" ||
				!slices.Equal(p.expected, []int{200}) {
				t.Errorf("probed %v with %v", p.asked, p.expected)
			}
		})
	}
}

func TestVerifyIsUnhealthy(t *testing.T) {
	t.Parallel()
	p := &fakeProber{answers: []error{errUnavailable, errNoAnswer}}
	got, err := verifying(p).Verify(t.Context(),
		Verify{Address: "http://shop.test/healthz?key=secret", Expected: []int{200, 204}, Patience: 200 * time.Millisecond})
	var unhealthy *UnhealthyError
	if !errors.As(err, &unhealthy) || unhealthy.Verification != got || got.Attempts != len(p.asked) || got.Attempts < 2 ||
		got.Elapsed < 200*time.Millisecond {
		t.Fatalf("%+v, %v", got, err)
	}
	if got.First != "503 Service Unavailable" || got.Last != "connection refused" ||
		!slices.Equal(p.expected, []int{200, 204}) {
		t.Errorf("%+v with %v", got, p.expected)
	}
	unhealthy.Verification.Attempts, unhealthy.Verification.Elapsed = 17, 2*time.Minute+3*time.Millisecond
	if want := "http://shop.test/healthz was asked 17 times in 2m0s, and never answered with 200 or 204. The first " +
		"attempt: 503 Service Unavailable. The last: connection refused."; err.Error() != want {
		t.Errorf("got %q\nwant %q", err, want)
	}
	unhealthy.Verification.Attempts = 1
	if !strings.Contains(err.Error(), "was asked once in 2m0s") {
		t.Error(err)
	}
}

// An attempt that the end of the patience cuts short does not count, unless it is the only one.
func TestVerifyTimeout(t *testing.T) {
	t.Parallel()
	for last, want := range map[int]string{1: "no answer within 200ms", 2: "503 Service Unavailable"} {
		p := &fakeProber{answers: []error{errUnavailable}, onAsk: func(ctx context.Context, n int) {
			if n >= last {
				<-ctx.Done()
			}
		}}
		got, err := verifying(p).Verify(t.Context(), Verify{Patience: 200 * time.Millisecond})
		if err == nil || got.First != want || got.Last != want {
			t.Errorf("cut short in attempt %d: %+v, %v", last, got, err)
		}
	}
}

func TestVerifyInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	p := &fakeProber{answers: []error{errUnavailable}, onAsk: func(_ context.Context, n int) {
		if n == 3 {
			cancel(enough)
		}
	}}
	var unhealthy *UnhealthyError
	if got, err := verifying(p).Verify(ctx, Verify{}); !errors.Is(err, enough) || errors.As(err, &unhealthy) ||
		got.Attempts < 3 {
		t.Errorf("%+v, %v", got, err)
	}
}

// A failed check stops the migrations behind it, but an interrupted check does not.
func TestUnhealthyStopsTheQueue(t *testing.T) {
	t.Parallel()
	s := NewService(nil, Settings{StopAfterFailed: 1})
	calledOff := &Failure{Kind: NotKnown, Cause: context.Canceled}
	for _, step := range []struct {
		ended   error
		refused bool
	}{{context.Canceled, false}, {calledOff, false}, {nil, false}, {&UnhealthyError{}, false}, {nil, true}} {
		leave, err := s.Enqueue(t.Context(), "shop", nil)
		var stopped *StoppedError
		if errors.As(err, &stopped) != step.refused {
			t.Fatalf("%+v: %v", step, err)
		}
		if err == nil {
			leave(step.ended)
		}
	}
}

func TestRunReportsPhases(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		before view
		sights []view
		check  error
		want   []Phase
	}{
		"seen migrating": {home, []view{home, migrating, migrating, arrived}, nil,
			[]Phase{PhaseStarted, PhaseMigrating}},
		"done between two reads": {home, []view{arrived}, nil, []Phase{PhaseStarted}},
		"found migrating":        {migrating, []view{migrating, arrived}, nil, []Phase{PhaseMigrating}},
		"found done":             {arrived, nil, nil, nil},
		"refused":                {home, nil, refused, nil},
		"fails while migrating":  {home, []view{migrating, home}, nil, []Phase{PhaseStarted, PhaseMigrating}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := scripted{sights: row.sights, check: row.check}
			if row.want != nil && row.want[0] == PhaseStarted {
				p.asked = make(chan struct{})
			}
			var got []Phase
			order := Order{Environment: "shop", From: "a", To: "b"}
			_, _ = Run(t.Context(), &p, order, row.before.env, quick, func(phase Phase) { got = append(got, phase) })
			if !slices.Equal(got, row.want) {
				t.Errorf("%v, want %v", got, row.want)
			}
		})
	}
}
