package platform

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

const testToken = "t0kenthatnobodymaysee5e5e5e5e5e5e5e5e5e5"

// roundTrip is a platform as a function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func answer(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
}

// hasty retries without noticeable pauses.
var hasty = RetryPolicy{Attempts: 3, Base: time.Nanosecond, Ceiling: time.Nanosecond}

// testClient returns a client whose log must stay free of the token.
func testClient(t *testing.T, config Config) *Client {
	t.Helper()
	if config.Endpoint == "" {
		config.Endpoint = "http://platform.test"
	}
	if config.Retry == (RetryPolicy{}) {
		config.Retry = hasty
	}
	config.Token = testToken
	config.RequestsPerSecond = 1e6
	log := config.Log
	config.Log = func(ctx context.Context, message string, fields map[string]any) {
		if line := fmt.Sprint(message, fields); strings.Contains(line, testToken) {
			t.Errorf("the token is in the log: %s", line)
		}
		if log != nil {
			log(ctx, message, fields)
		}
	}
	client, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// inProcess returns a client of a platform that gives every call the same answer.
func inProcess(t *testing.T, status int, body string) *Client {
	t.Helper()
	return testClient(t, Config{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
		return answer(status, body), nil
	})})
}

// recorder is a platform that records its requests.
type recorder struct {
	mu     sync.Mutex
	paths  []string
	forms  []url.Values
	answer func(path string) string
	date   func() time.Time // of answers; nil means no Date
}

func (p *recorder) RoundTrip(r *http.Request) (*http.Response, error) {
	body := []byte{}
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.paths = append(p.paths, r.Method+" "+r.URL.RequestURI())
	p.forms = append(p.forms, form)
	reply := `{"result":0}`
	if p.answer != nil {
		reply = p.answer(r.URL.Path)
	}
	response := answer(http.StatusOK, reply)
	if p.date != nil {
		response.Header.Set("Date", p.date().UTC().Format(http.TimeFormat))
	}
	return response, nil
}

// server starts a platform on the loopback interface that counts its calls.
func server(t *testing.T, handler http.HandlerFunc) (*httptest.Server, func() int) {
	t.Helper()
	var mu sync.Mutex
	calls := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		calls++
		mu.Unlock()
		handler(w, r)
	}))
	t.Cleanup(s.Close)
	return s, func() int { mu.Lock(); defer mu.Unlock(); return calls }
}

func wantError(t *testing.T, err error, class Class, parts ...string) {
	t.Helper()
	_ = expectError(t, err, class, parts...)
}

// expectError checks class and the parts of an error's text, and that the token is not in it.
func expectError(t *testing.T, err error, class Class, parts ...string) *Error {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("got %T %v, want an *Error", err, err)
	}
	if e.Class != class {
		t.Errorf("class %q, want %q: %v", e.Class, class, err)
	}
	if text := fmt.Sprintf("%v %+v %#v %q", err, err, err, e.Cause); strings.Contains(text, testToken) {
		t.Errorf("the token is in the error: %s", text)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q is not in %q", part, err.Error())
		}
	}
	return e
}
