package platform

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/sanitize"
)

// progress tells whether a request may have reached the server.
type progress struct{ asked, connected atomic.Bool }

func (p *progress) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn: func(string) { p.asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { p.connected.Store(true) },
	}
}

// possible is false only if a connection was needed and never became ready (TLS included). A transport that reports
// neither may have sent the request.
func (p *progress) possible() bool { return p.connected.Load() || !p.asked.Load() }

// classifyResponse determines the outcome of an attempt, sets failure, payloads and again, and returns the platform's
// result code if there is one.
func (x *exchange) classifyResponse(response *http.Response, body received, err error, sent bool) (result *int) {
	x.failure, x.payloads, x.again = nil, nil, false
	if err != nil {
		x.classifyFault(err, sent)
	} else {
		result = x.classifyAnswer(response, body)
	}
	if x.failure != nil && response != nil {
		x.failure.HTTPStatus = response.StatusCode
	}
	return result
}

// classifyAnswer is classifyResponse for a complete answer. Only the platform's own JSON decides the outcome of a
// write: a gateway may have let the request through, whatever status and page it returns.
func (x *exchange) classifyAnswer(response *http.Response, body received) *int {
	status := response.StatusCode
	switch {
	case status >= 300 && status < 400:
		x.noAnswer(ClassUntrusted, false, x.redirectFault(response))
		return nil
	case status == http.StatusTooManyRequests:
		x.noAnswer(ClassTransient, true, errors.New("HTTP status 429, too many requests"))
		return nil
	}
	outcome, parseErr := body.outcome()
	gateway := outcome.fromGateway(x.request.write)
	switch {
	case parseErr == nil && outcome.code != 0 && !gateway:
		x.refused(outcome)
		return &outcome.code
	case status >= 500 || status == http.StatusRequestTimeout || gateway:
		x.noAnswer(ClassTransient, true, x.quote(response, errors.New("a gateway or the server failed"), body))
	case parseErr != nil:
		x.noAnswer(ClassMalformed, status < 400 && errors.Is(parseErr, errCutOff), x.quote(response, parseErr, body))
	case x.request.write && status >= 400:
		x.noAnswer(ClassMalformed, false, x.quote(response, errors.New("the status contradicts the answer"), body))
	default:
		x.payloads = [][]byte{body.rest}
		if outcome.wrapped != nil {
			x.payloads = append(x.payloads, outcome.wrapped)
		}
		return &outcome.code
	}
	return nil
}

// classifyFault is classifyResponse for an attempt without a complete answer. It is certain that nothing happened only
// if no connection was established.
func (x *exchange) classifyFault(err error, sent bool) {
	cause := x.fault(err)
	switch {
	case errors.Is(err, errOversize):
		x.noAnswer(ClassMalformed, false, cause)
	case sent:
		x.noAnswer(ClassTransient, true, cause)
	case isTLSFault(err):
		x.failure = x.fail(ClassUntrusted, cause)
	default:
		x.failure, x.again = x.fail(ClassTransient, cause), true
	}
}

// refused returns the failure that the platform reports with a result code.
func (x *exchange) refused(o outcome) {
	x.failure = x.fail(classify(o.code, x.request.write), nil)
	x.failure.Code = o.code
	x.failure.Words = x.redact.clean(o.words, wordsLimit)
	x.failure.Source = x.redact.clean(o.source, excerptLimit)
	x.failure.Reason = o.reason
	x.again = x.failure.Class == ClassTransient
}

// noAnswer returns the failure of a request that may have arrived but got no answer from the platform itself. The
// outcome of a write is then unknown, and it is never repeated; class and again apply to a read.
func (x *exchange) noAnswer(class Class, again bool, cause error) {
	if x.request.write {
		class, again = ClassOutcomeUnknown, false
	}
	x.failure, x.again = x.fail(class, cause), again
}

func (x *exchange) fail(class Class, cause error) *Error {
	return &Error{Class: class, Method: x.request.method, Environment: x.request.environment, Cause: cause}
}

// quote returns what came instead of an answer of the API.
func (x *exchange) quote(response *http.Response, what error, body received) error {
	head := x.redact.excerpt(body.head)
	switch {
	case head == "":
		return fmt.Errorf("HTTP status %d with an empty body: %w", response.StatusCode, what)
	case x.request.confidential && body.hasObjects:
		return fmt.Errorf("HTTP status %d: %w (it may hold secrets and is not shown)", response.StatusCode, what)
	case head == withheld:
		return fmt.Errorf("HTTP status %d: %w: %s", response.StatusCode, what, withheld)
	}
	return fmt.Errorf("HTTP status %d: %w: it begins with %q", response.StatusCode, what, head)
}

func (x *exchange) redirectFault(response *http.Response) error {
	target := "an unnamed address"
	if location, err := response.Location(); err == nil {
		if host := x.redact.clean(sanitize.Clean(location.Scheme+"://"+location.Host), excerptLimit); host != withheld {
			target = fmt.Sprintf("%q", host)
		}
	}
	return fmt.Errorf("HTTP status %d redirects to %s, which is not followed so that the token stays with the "+
		"configured host; if that is the platform, write its address as the endpoint",
		response.StatusCode, target)
}

// fault is an error below the API. Its text is safe to show; errors.Is finds the underlying error.
type fault struct {
	text  string
	cause error
}

func (f *fault) Error() string { return f.text }
func (f *fault) Unwrap() error { return f.cause }

func (x *exchange) fault(err error) error {
	var inURL *url.Error
	if errors.As(err, &inURL) {
		err = inURL.Err // its text would repeat the address
	}
	text := err.Error()
	switch {
	case errors.Is(err, context.Canceled):
		text = "cancelled before the answer came"
	case errors.Is(err, context.DeadlineExceeded):
		text = "timed out before the answer came"
	}
	return &fault{x.redact.clean(text, wordsLimit), err}
}

// isTLSFault reports whether a connection failed because certificates or TLS versions do not match. Repeating does not
// help then.
func isTLSFault(err error) bool {
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	text := err.Error()
	return errors.As(err, &certificate) || errors.As(err, &record) || errors.As(err, &alert) ||
		strings.HasPrefix(text, "tls: ") || strings.HasPrefix(text, "remote error: tls: ") ||
		strings.Contains(text, "server gave HTTP response to HTTPS client")
}
