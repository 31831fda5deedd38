package platform

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// These tests use a fake clock, which jumps ahead when every goroutine waits.

// arrivalTimes records when requests reach the platform.
type arrivalTimes struct {
	mu sync.Mutex
	at []time.Time
}

func (a *arrivalTimes) add() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.at = append(a.at, time.Now())
	return len(a.at)
}

// most returns the largest number of requests within one second.
func (a *arrivalTimes) most() int {
	slices.SortFunc(a.at, time.Time.Compare)
	most, from := 0, 0
	for to := range a.at {
		for a.at[to].Sub(a.at[from]) >= time.Second-time.Microsecond { // uneven intervals are rounded
			from++
		}
		most = max(most, to-from+1)
	}
	return most
}

// A thousand simultaneous creations, with their reads and retries, keep to the rate. Only the initial burst may
// exceed it.
func TestBurstStaysBelowTheRate(t *testing.T) {
	t.Parallel()
	for _, perSecond := range []int{3, 10, 1000} {
		t.Run(fmt.Sprint(perSecond), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var seen arrivalTimes
				client := pacedClient(t, float64(perSecond), func(r *http.Request) (*http.Response, error) {
					n := seen.add()
					switch {
					case n%10 == 3:
						return answer(http.StatusTooManyRequests, ""), nil
					case n%10 == 6 && strings.HasSuffix(r.URL.Path, "getenvinfo"):
						return answer(http.StatusBadGateway, ""), nil
					}
					return answer(http.StatusOK,
						`{"result":0,"response":{"result":0},"env":{"envName":"shop","hardwareNodeGroup":"n"}}`), nil
				})
				started := time.Now()
				var wait sync.WaitGroup
				for n := range 1000 {
					wait.Go(func() {
						// Some creations fail because chance hits all their attempts. That does not matter here.
						_, _ = client.CreateEnvironment(t.Context(), EnvironmentSpec{Name: fmt.Sprintf("shop-%d", n)})
					})
				}
				wait.Wait()
				if most := seen.most(); most > 2*perSecond {
					t.Errorf("%d requests in one second, want at most %d", most, 2*perSecond)
				}
				slices.SortFunc(seen.at, time.Time.Compare)
				for n, at := range seen.at {
					if allowed := perSecond + int(at.Sub(started).Seconds()*float64(perSecond)+0.001); n >= allowed+1 {
						t.Fatalf("%d requests after %s", n+1, at.Sub(started))
					}
				}
				// The client is not slower than necessary either, apart from the pauses of the last retries.
				took, need := time.Since(started), time.Duration(len(seen.at)/perSecond)*time.Second
				if len(seen.at) < 2000 || took > need+need/10+time.Minute {
					t.Errorf("%d requests took %s, want about %s", len(seen.at), took, need)
				}
			})
		})
	}
}

// A small plan is not slowed down: one second's worth of requests is sent at once.
func TestFewRequestsDoNotWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var seen arrivalTimes
		client := pacedClient(t, 10, func(*http.Request) (*http.Response, error) {
			seen.add()
			return answer(http.StatusOK, `{"result":0,"uid":7}`), nil
		})
		started := time.Now()
		for range 10 {
			if _, err := client.CurrentUser(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(started); took != 0 {
			t.Errorf("ten requests took %s at ten a second", took)
		}
	})
}

// A read does not wait behind a hundred creations.
func TestReadsDoNotWaitBehindWrites(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := pacedClient(t, 10, func(*http.Request) (*http.Response, error) {
			return answer(http.StatusOK,
				`{"result":0,"response":{"result":0},"env":{"envName":"shop","hardwareNodeGroup":"n"}}`), nil
		})
		var wait sync.WaitGroup
		for n := range 100 {
			wait.Go(func() {
				if _, err := client.RequestCreation(t.Context(), EnvironmentSpec{Name: fmt.Sprintf("shop-%d", n)}); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		started := time.Now()
		if _, err := client.Environment(t.Context(), "shop"); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(started); took > 300*time.Millisecond {
			t.Errorf("a read took %s behind a hundred creations", took)
		}
		wait.Wait()
		if took := time.Since(started); took < 8*time.Second || took > 11*time.Second {
			t.Errorf("a hundred creations took %s at ten a second", took)
		}
	})
}

// After a 429, all requests of the client pause, not only the one that got it.
func TestTooManyRequestsDelaysAll(t *testing.T) {
	t.Parallel()
	for name, header := range map[string]string{"seconds": "30", "a date": "Sat, 01 Jan 2000 00:00:30 GMT"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var seen arrivalTimes
				client := pacedClient(t, 2, func(*http.Request) (*http.Response, error) {
					if seen.add() > 1 {
						return answer(http.StatusOK, `{"result":0,"uid":7}`), nil
					}
					response := answer(http.StatusTooManyRequests, "")
					response.Header.Set("Retry-After", header)
					return response, nil
				})
				var wait sync.WaitGroup
				wait.Go(func() {
					if _, err := client.CurrentUser(t.Context()); err != nil {
						t.Error(err)
					}
				})
				synctest.Wait() // the answer has arrived
				started := time.Now()
				for range 5 {
					wait.Go(func() {
						if _, err := client.CurrentUser(t.Context()); err != nil {
							t.Error(err)
						}
					})
				}
				// A caller that cannot wait gets an error at once. A cancelled caller returns at once.
				short, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				_, err := client.CurrentUser(short)
				wantError(t, err, ClassTransient, "429", "requests_per_second")
				ctx, stop := context.WithCancel(t.Context())
				time.AfterFunc(time.Second, stop)
				if _, err := client.CurrentUser(ctx); !errors.Is(err, context.Canceled) || time.Since(started) != time.Second {
					t.Errorf("cancelled: %v after %s", err, time.Since(started))
				}
				wait.Wait()
				slices.SortFunc(seen.at, time.Time.Compare)
				if len(seen.at) != 7 || seen.at[1].Sub(seen.at[0]) < 30*time.Second || seen.most() > 4 {
					t.Errorf("requests at %v", seen.at)
				}
			})
		})
	}
}

// A 429 for a write pauses all requests, too, and the write is not repeated.
func TestThrottledWriteDelaysAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var seen arrivalTimes
		client := pacedClient(t, 10, func(*http.Request) (*http.Response, error) {
			if seen.add() > 1 {
				return answer(http.StatusOK, `{"result":0,"uid":7}`), nil
			}
			response := answer(http.StatusTooManyRequests, "")
			response.Header.Set("Retry-After", "30")
			return response, nil
		})
		started := time.Now()
		err := client.StopEnvironment(t.Context(), "shop")
		wantError(t, err, ClassOutcomeUnknown, "429")
		if !IsThrottled(err) || time.Since(started) != 0 {
			t.Errorf("%v after %s", err, time.Since(started))
		}
		if _, err := client.CurrentUser(t.Context()); err != nil || time.Since(started) < 30*time.Second {
			t.Errorf("the next call: %v after %s", err, time.Since(started))
		}
		if len(seen.at) != 2 {
			t.Errorf("%d requests, want 2", len(seen.at))
		}
	})
}

// A date in Retry-After counts by the clock of the server that sent it.
func TestRetryAfterUsesServerClock(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		date string
		want time.Duration
	}{
		"a clock that is wrong": {"Fri, 31 Dec 2010 23:59:50 GMT", 20 * time.Second},
		"after that date":       {"Sat, 01 Jan 2011 00:01:00 GMT", 0},
		"endless":               {"Fri, 31 Dec 1999 00:00:00 GMT", longestRetryAfter},
	} {
		header := http.Header{"Retry-After": {"Sat, 01 Jan 2011 00:00:10 GMT"}, "Date": {row.date}}
		if got := retryAfter(header); got != row.want {
			t.Errorf("%s: %s, want %s", name, got, row.want)
		}
	}
}

func pacedClient(t *testing.T, perSecond float64, platform roundTrip) *Client {
	t.Helper()
	client, err := New(Config{Endpoint: "http://platform.test", Token: testToken, RequestsPerSecond: perSecond,
		Transport: platform})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// Backlogged is true only while requests wait for their turn.
func TestBacklogged(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter(1)
		c := &Client{limiter: l}
		for range 2 { // the first one takes the only turn, the second one waits a second
			go func() { _ = l.wait(t.Context(), true) }()
		}
		synctest.Wait()
		if !c.Backlogged() {
			t.Error("no backlog, although the rate is one per second")
		}
		<-time.After(1500 * time.Millisecond)
		if c.Backlogged() {
			t.Error("a backlog, although both requests had their turns")
		}
	})
}

// overdue is a context whose deadline has passed but that is not done yet.
type overdue struct{ context.Context }

func (overdue) Deadline() (time.Time, bool) { return time.Now().Add(-time.Millisecond), true }

// A caller whose deadline has passed gets that error rather than one about the queue, even if its context ends a
// moment later.
func TestDeadlineBeforeTurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := newLimiter(1).wait(overdue{ctx}, false); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
	})
}
