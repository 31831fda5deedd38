package platform

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// These tests use a fake clock.

func TestPausesGrowAndAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var at []time.Time
		client := testClient(t, Config{
			Retry: RetryPolicy{Attempts: 6, Base: time.Second, Ceiling: 5 * time.Second}, Patience: time.Hour,
			Transport: roundTrip(func(*http.Request) (*http.Response, error) {
				at = append(at, time.Now())
				return nil, errors.New("connection reset by peer")
			}),
		})
		_, err := client.Regions(t.Context())
		wantError(t, err, ClassTransient, "connection reset")
		for i, full := range []time.Duration{1, 2, 4, 5, 5} {
			full *= time.Second
			if pause := at[i+1].Sub(at[i]); pause < full/2 || pause > full {
				t.Errorf("pause %d is %s, want %s to %s", i+1, pause, full/2, full)
			}
		}
		if len(at) != 6 {
			t.Errorf("%d attempts, want 6", len(at))
		}
	})
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status   int
		header   string
		patience time.Duration
		wait     time.Duration // at least, between the attempts
	}{
		"seconds": {429, "7", time.Hour, 7 * time.Second},
		"in 503":  {503, "7", time.Hour, 7 * time.Second},
		// the clock starts at 2000
		"a date":               {429, "Sat, 01 Jan 2000 00:00:30 GMT", time.Hour, 29 * time.Second},
		"a past date":          {429, "Fri, 01 Jan 1999 00:00:00 GMT", time.Hour, 0},
		"nonsense":             {429, "soon", time.Hour, 0},
		"negative":             {429, "-5", time.Hour, 0},
		"longer than patience": {429, "150", time.Minute, 150 * time.Second}, // patience limits only the server's own work
		"bounded":              {429, "99999999999", time.Minute, longestRetryAfter},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				started := time.Now()
				attempts := 0
				client := testClient(t, Config{Patience: c.patience,
					Transport: roundTrip(func(*http.Request) (*http.Response, error) {
						attempts++
						if attempts > 1 {
							return answer(200, `{"result":0}`), nil
						}
						response := answer(c.status, "")
						response.Header.Set("Retry-After", c.header)
						return response, nil
					})})
				_, err := client.CurrentUser(t.Context())
				if err != nil {
					t.Error(err)
				}
				waited := time.Since(started)
				if attempts != 2 || waited < c.wait || waited > c.wait+2*time.Second {
					t.Errorf("%d attempts in %s, want 2 after %s", attempts, waited, c.wait)
				}
			})
		})
	}
}

func neverRespond(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func TestRetryPatience(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		started := time.Now()
		client := testClient(t, Config{Patience: time.Minute, Transport: roundTrip(neverRespond)})
		_, err := client.Regions(t.Context())
		wantError(t, err, ClassTransient, "no complete answer")
		if waited := time.Since(started); waited != time.Minute {
			t.Errorf("a read waited %s for a silent server, want one minute", waited)
		}
		if errors.Is(err, context.DeadlineExceeded) {
			t.Error("the client's own limit looks like the end of the caller's context")
		}

		attempts := 0
		client = testClient(t, Config{Patience: time.Minute,
			Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				if attempts++; attempts == 1 {
					return neverRespond(r)
				}
				return answer(200, `{"result":0,"uid":7}`), nil
			})})
		if user, err := client.CurrentUser(t.Context()); err != nil || user.UID != 7 {
			t.Errorf("a server that was silent once: %+v, %v", user, err)
		}
	})
}

func TestWritesOutlastRetryPatience(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := testClient(t, Config{Patience: time.Minute,
			Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				select {
				case <-r.Context().Done():
					return nil, r.Context().Err()
				case <-time.After(2 * time.Hour):
					return answer(200, `{"result":0}`), nil
				}
			})})
		move := MigrateRequest{Environment: "shop", Region: "north"}
		if err := client.Migrate(t.Context(), move); err != nil {
			t.Error(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		err := client.Migrate(ctx, move)
		wantError(t, err, ClassOutcomeUnknown)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v does not mention the caller's deadline", err)
		}
	})
}

func TestCancelledBetweenAttempts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		attempts := 0
		client := testClient(t, Config{Retry: RetryPolicy{Attempts: 9, Base: time.Minute, Ceiling: time.Hour},
			Patience:  9 * time.Hour,
			Transport: roundTrip(func(*http.Request) (*http.Response, error) { attempts++; return answer(502, "x"), nil })})
		time.AfterFunc(time.Second, cancel)
		started := time.Now()
		_, err := client.Regions(ctx)
		wantError(t, err, ClassTransient, "502")
		if !errors.Is(err, context.Canceled) || attempts != 1 || time.Since(started) != time.Second {
			t.Errorf("%v after %s and %d attempts", err, time.Since(started), attempts)
		}
	})
}

func TestRequestRateIsLimited(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client, err := New(Config{Endpoint: "http://platform.test", Token: testToken, RequestsPerSecond: 2,
			Transport: &recorder{}})
		if err != nil {
			t.Fatal(err)
		}
		started := time.Now()
		for range 12 {
			if _, err := client.CurrentUser(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(started); took < 4900*time.Millisecond || took > 5100*time.Millisecond {
			t.Errorf("12 requests took %s, want 5 s at 2 per second after 2 at once", took)
		}
	})
}
