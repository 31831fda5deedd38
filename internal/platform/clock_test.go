package platform

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// These tests use a fake clock that starts at 2000-01-01.

func TestClockOffset(t *testing.T) {
	t.Parallel()
	const hour = time.Hour
	type reply struct {
		took, ahead time.Duration
		status      int
		body        string
	}
	fine := func(took, ahead time.Duration) reply { return reply{took, ahead, http.StatusOK, `{"result":0}`} }
	for name, c := range map[string]struct {
		replies []reply
		want    time.Duration
		known   bool
	}{
		"equal":  {[]reply{fine(0, 0)}, 0, true},
		"ahead":  {[]reply{fine(0, hour)}, hour, true},
		"behind": {[]reply{fine(0, -hour)}, -hour, true},
		"hardly": {[]reply{fine(0, time.Second)}, 0, true},
		"the quickest counts": {[]reply{fine(4*time.Second, 3*hour), fine(time.Second, hour),
			fine(3*time.Second, 2*hour)}, hour, true},
		"too slow":                {[]reply{fine(time.Minute, hour)}, 0, false},
		"a refusal is an answer":  {[]reply{{0, hour, http.StatusOK, `{"result":8}`}}, hour, true},
		"a gateway's page is not": {[]reply{{0, hour, http.StatusForbidden, "<html>"}}, 0, false},
		"only recent ones": {append([]reply{fine(0, hour)}, func() (all []reply) {
			for range recentAnswers {
				all = append(all, fine(2*time.Second, 2*hour))
			}
			return all
		}()...), 2 * hour, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				n := 0
				client := testClient(t, Config{Retry: RetryPolicy{Attempts: 1}, Patience: hour,
					Transport: roundTrip(func(*http.Request) (*http.Response, error) {
						r := c.replies[n]
						n++
						<-time.After(r.took / 2)
						response := answer(r.status, r.body)
						response.Header.Set("Date", time.Now().Add(r.ahead).UTC().Format(http.TimeFormat))
						<-time.After(r.took - r.took/2)
						return response, nil
					})})
				if offset, known := client.ClockOffset(); known || offset != 0 {
					t.Errorf("before any answer: %s, %t", offset, known)
				}
				for range c.replies {
					_, _ = client.CurrentUser(t.Context())
				}
				offset, known := client.ClockOffset()
				if known != c.known || (offset-c.want).Abs() > time.Second {
					t.Errorf("%s, %t, want %s, %t", offset, known, c.want, c.known)
				}
				if c.want == 0 && offset != 0 {
					t.Errorf("%s, want no offset", offset)
				}
			})
		})
	}
}

// Times of actions follow our clock, whether answers have a Date or the client asks the platform for its time.
func TestPastActionsUseLocalClock(t *testing.T) {
	t.Parallel()
	const ahead = 3 * time.Hour
	const actions = `{"result":0,"array":[{"id":5,"startDate":"2000-01-01 02:00:00","endDate":"2000-01-01 02:30:00",` +
		`"result":0},{"id":6,"startDate":"2000-01-01 02:00:00"}]}`
	for name, c := range map[string]struct {
		date      func() time.Time
		told      string // by getserverutctime
		asked     string // as starttime
		converted bool
		questions int // calls of getserverutctime
	}{
		"by Date": {func() time.Time { return time.Now().Add(ahead) }, `{"result":0}`, "2000-01-01 02:00:00", true,
			0},
		"by the time":               {nil, `{"result":0,"object":"2000-01-01 03:00:00"}`, "2000-01-01 02:00:00", true, 1},
		"by milliseconds":           {nil, `{"result":0,"object":946695600000}`, "2000-01-01 02:00:00", true, 1},
		"no time reported":          {nil, `{"result":0}`, "1999-12-30 23:00:00", false, 1},
		"the time is not permitted": {nil, `{"result":8202}`, "1999-12-30 23:00:00", false, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				platform := &recorder{date: c.date, answer: func(path string) string {
					if strings.HasSuffix(path, "getserverutctime") {
						return c.told
					}
					return actions
				}}
				client := testClient(t, Config{Transport: platform})
				since := time.Now().Add(-time.Hour)
				var got []Action
				for range 2 {
					var err error
					if got, err = client.PastActions(t.Context(), since, 0); err != nil {
						t.Fatal(err)
					}
				}
				started := time.Date(2000, 1, 1, 2, 0, 0, 0, time.UTC)
				if c.converted {
					started = started.Add(-ahead)
				}
				if d := got[0].Started.Sub(started).Abs(); d > time.Second ||
					got[0].Finished.Sub(got[0].Started) != 30*time.Minute {
					t.Errorf("started %s, want %s; finished %s", got[0].Started, started, got[0].Finished)
				}
				if !got[1].Finished.IsZero() {
					t.Errorf("an end without an endDate: %s", got[1].Finished)
				}
				if first := platform.forms[0].Get("starttime"); first != "1999-12-30 23:00:00" {
					t.Errorf("requested since %s before the clock was known", first)
				}
				questions, asked := 0, ""
				for i, path := range platform.paths {
					if strings.HasSuffix(path, "getserverutctime") {
						questions++
					} else {
						asked = platform.forms[i].Get("starttime")
					}
				}
				if want, err := time.Parse(time.DateTime, c.asked); err != nil {
					t.Fatal(err)
				} else if at, err := time.Parse(time.DateTime, asked); err != nil || at.Sub(want).Abs() > time.Second {
					t.Errorf("requested since %s, want %s", asked, c.asked)
				}
				if questions != c.questions {
					t.Errorf("%d calls for the time, want %d", questions, c.questions)
				}
			})
		})
	}
}

// If there is nothing to convert, the client does not ask for the time.
func TestNoActionsNeedNoClock(t *testing.T) {
	t.Parallel()
	platform := &recorder{}
	if _, err := testClient(t, Config{Transport: platform}).PastActions(t.Context(), time.Now(), 0); err != nil ||
		len(platform.paths) != 1 {
		t.Errorf("%v after %q", err, platform.paths)
	}
}
