package platform

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// bestEffortPatience is how long to wait for an answer that the caller can do without.
const bestEffortPatience = 10 * time.Second

// exchange carries out a request with its repetitions and returns the payloads of a successful answer: the whole answer
// and, in the old wrapped shape, its inner object.
func (c *Client) exchange(ctx context.Context, r request) ([][]byte, error) {
	if err := r.sendable(); err != nil {
		return nil, err
	}
	if r.write {
		c.changed.Store(true)
	}
	// The wait for a turn does not count against the patience with the server.
	if err := c.limiter.wait(ctx, r.write); err != nil {
		return nil, &Error{Class: ClassTransient, Method: r.method, Environment: r.environment, Cause: err}
	}
	x := &exchange{
		client: c, request: r, caller: ctx, parameters: c.parameters(r), limit: c.retry.Attempts, patience: c.patience,
		base: c.writes, redact: c.redact.with(r.secrets),
	}
	if r.bestEffort {
		x.limit, x.patience = 1, min(x.patience, bestEffortPatience)
	}
	if !r.write {
		x.base = c.reads
	}
	httpRequest, err := x.newHTTPRequest(ctx)
	if err != nil {
		return nil, &Error{Class: ClassMalformed, Method: r.method, Environment: r.environment, Cause: err}
	}
	retrier := &retryablehttp.Client{
		HTTPClient: &http.Client{
			Transport:     x,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		RetryMax:     x.limit - 1,
		CheckRetry:   x.repeat,
		Backoff:      func(_, _ time.Duration, _ int, _ *http.Response) time.Duration { return x.pause },
		PrepareRetry: func(next *http.Request) error { return c.limiter.wait(next.Context(), r.write) },
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	_, err = retrier.Do(httpRequest) //nolint:bodyclose // RoundTrip has read and closed the body
	switch {
	case x.failure != nil && x.caller.Err() != nil && x.failure.Class == ClassTransient:
		x.failure.Cause = fmt.Errorf("%w (before that: %s)", x.caller.Err(), x.failure.Fact())
		return nil, x.failure
	case x.failure != nil:
		return nil, x.failure
	case err != nil: // no attempt was made
		return nil, x.fail(ClassTransient, x.fault(err))
	}
	return x.payloads, nil
}

func (c *Client) parameters(r request) url.Values {
	all := url.Values{}
	if !r.public {
		for name, values := range c.common {
			all[name] = values
		}
	}
	for name, values := range r.parameters {
		all[name] = values
	}
	return all
}

// exchange is a request in progress. It is the transport of its own HTTP client, so that one place sees everything that
// happens to an attempt.
type exchange struct {
	client     *Client
	request    request
	caller     context.Context
	parameters url.Values
	base       http.RoundTripper
	limit      int // of attempts
	// patience is the time left to a read for attempts and the pauses between them. The pauses that the server asks for
	// do not count.
	patience time.Duration
	redact   redactor

	// of the last attempt
	attempts int
	failure  *Error // nil if it succeeded
	payloads [][]byte
	again    bool          // a repetition is safe and may help
	pause    time.Duration // before the repetition
}

func (x *exchange) newHTTPRequest(ctx context.Context) (*retryablehttp.Request, error) {
	verb, address, body := http.MethodPost, "", []byte(x.parameters.Encode())
	if x.request.public {
		verb, address, body = http.MethodGet, x.client.root+"/"+x.request.method, nil
	} else {
		address = x.client.root + "/1.0/" + path.Dir(x.request.method) + "/rest/" + path.Base(x.request.method)
	}
	r, err := retryablehttp.NewRequestWithContext(ctx, verb, address, body)
	if err != nil {
		return nil, err
	}
	if verb == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
	}
	r.Header.Set("Accept", "application/json")
	if x.client.userAgent != "" {
		r.Header.Set("User-Agent", x.client.userAgent)
	}
	return r, nil
}

// RoundTrip makes one attempt, reads the whole answer and classifies it.
func (x *exchange) RoundTrip(r *http.Request) (*http.Response, error) {
	x.attempts++
	ctx, cancel := x.attemptContext(r.Context())
	defer cancel()
	var sent progress
	started := time.Now()
	var answered time.Time
	response, err := x.base.RoundTrip(r.WithContext(httptrace.WithClientTrace(ctx, sent.trace())))
	var body received
	if err == nil {
		answered = time.Now()
		if x.request.list != nil {
			x.request.list.restart()
		}
		body, err = readAnswer(response.Body, x.client.answerLimit, x.request.list)
		_ = response.Body.Close() // the body was read or abandoned
	}
	if err != nil && ctx.Err() != nil && x.caller.Err() == nil {
		err = fmt.Errorf("no complete answer within %s", time.Since(started).Round(time.Millisecond))
	} else if err != nil && x.caller.Err() != nil {
		err = x.caller.Err()
	}
	x.patience -= time.Since(started)
	result := x.classifyResponse(response, body, err, sent.possible())
	if response != nil {
		x.heed(response, started, answered, result != nil)
	}
	x.record(started, response, result)
	if err != nil {
		return nil, err
	}
	response.Body = http.NoBody
	return response, nil
}

// heed takes from an answer what concerns all calls of the client: a pause that the server asks for and, if the
// platform itself answered, its time.
func (x *exchange) heed(response *http.Response, started, answered time.Time, fromPlatform bool) {
	if response.StatusCode == http.StatusTooManyRequests {
		x.client.limiter.pause(retryAfter(response.Header))
	}
	if fromPlatform {
		x.client.clock.observe(response.Header, started, answered)
	}
}

// attemptContext gives an attempt of a read half of the remaining patience, and the last attempt all of it: a server
// that did not answer once may answer the next time.
func (x *exchange) attemptContext(ctx context.Context) (context.Context, context.CancelFunc) {
	switch {
	case x.request.write:
		return context.WithCancel(ctx)
	case x.attempts >= x.limit:
		return context.WithTimeout(ctx, x.patience)
	}
	return context.WithTimeout(ctx, x.patience/2)
}

// repeat is the retry policy: RoundTrip has already classified the attempt.
func (x *exchange) repeat(ctx context.Context, response *http.Response, _ error) (bool, error) {
	if x.failure == nil || !x.again || ctx.Err() != nil {
		return false, nil
	}
	x.pause = x.client.retry.pause(x.attempts)
	x.patience -= x.pause
	if !x.request.write && x.patience <= 0 {
		return false, nil
	}
	if response != nil {
		x.pause = max(x.pause, retryAfter(response.Header))
	}
	deadline, limited := ctx.Deadline()
	return !limited || time.Until(deadline) > x.pause, nil
}

// pause returns how long to wait after the given number of attempts: exponential, with a random upper half.
func (p RetryPolicy) pause(attempts int) time.Duration {
	full := p.Ceiling
	if shift := attempts - 1; shift < 30 {
		full = min(p.Ceiling, p.Base<<shift)
	}
	if full <= 1 {
		return full
	}
	return full/2 + rand.N(full/2)
}

// longestRetryAfter is the longest pause that a server can ask for.
const longestRetryAfter = 5 * time.Minute

// retryAfter returns the pause that a server asks for: a number of seconds, or a date, which is compared with the
// server's own clock if known.
func retryAfter(header http.Header) time.Duration {
	var wait time.Duration
	text := header.Get("Retry-After")
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
		wait = time.Duration(min(seconds, int64(longestRetryAfter/time.Second))) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		now, err := http.ParseTime(header.Get("Date"))
		if err != nil {
			now = time.Now()
		}
		wait = at.Sub(now)
	}
	return max(0, min(wait, longestRetryAfter))
}

var errOversize = errors.New("the answer is larger than this client reads")

// record logs an attempt.
func (x *exchange) record(started time.Time, response *http.Response, result *int) {
	if x.client.log == nil {
		return
	}
	names := make([]string, 0, len(x.parameters))
	for name := range x.parameters {
		names = append(names, name)
	}
	slices.Sort(names)
	fields := map[string]any{
		"method":      x.request.method,
		"parameters":  strings.Join(names, " "),
		"attempt":     x.attempts,
		"duration_ms": time.Since(started).Milliseconds(),
	}
	if x.request.environment != "" {
		fields["environment"] = x.request.environment
	}
	if response != nil {
		fields["http_status"] = response.StatusCode
	}
	if result != nil {
		fields["result"] = *result
	}
	if x.failure != nil {
		fields["failure"] = x.failure.Fact()
	}
	x.client.log(x.caller, "platform call", fields)
}
