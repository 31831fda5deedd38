package platform

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
)

// progress tells whether a request may have reached the server.
type progress struct{ asked, connected atomic.Bool }

func (p *progress) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn: func(string) { p.asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { p.connected.Store(true) },
	}
}

// possible is false only if a connection was wanted and never ready (TLS included). A transport that reports neither
// may have sent the request.
func (p *progress) possible() bool { return p.connected.Load() || !p.asked.Load() }

// judge decides what an attempt's outcome is, sets failure, payloads and again, and returns the platform's result code
// if there is one.
func (x *exchange) judge(response *http.Response, body []byte, err error, sent bool) *int {
	x.failure, x.payloads, x.again = nil, nil, false
	switch {
	case err != nil:
		x.judgeFault(err, sent)
		if response != nil {
			x.failure.HTTPStatus = response.StatusCode
		}
		return nil
	case response.StatusCode >= 300 && response.StatusCode < 400:
		x.failure = x.fail(ClassUntrusted, x.redirectFault(response))
	case response.StatusCode == http.StatusTooManyRequests:
		x.failure = x.fail(ClassTransient, errors.New("HTTP status 429, too many requests"))
		x.again = true
	default:
		outcome, parseErr := parseOutcome(body)
		switch gateway := outcome.source == "server" && (outcome.code == 502 || outcome.code == 504); {
		case parseErr == nil && outcome.code != 0 && !gateway:
			x.refused(outcome)
			x.failure.HTTPStatus = response.StatusCode
			return &outcome.code
		case response.StatusCode >= 500 || response.StatusCode == http.StatusRequestTimeout || gateway:
			x.lost(x.quote(response, errors.New("a gateway or the server failed"), body))
			x.again = !x.request.write
		case parseErr != nil && response.StatusCode >= 400:
			// The server did not take the request as one of this API, so nothing can have happened.
			x.failure = x.fail(ClassMalformed, x.quote(response, parseErr, body))
		case parseErr != nil:
			x.lost(x.quote(response, parseErr, body))
			if !x.request.write {
				x.failure.Class = ClassMalformed
				x.again = errors.Is(parseErr, errCutOff)
			}
		default:
			x.payloads = [][]byte{body}
			if outcome.wrapped != nil {
				x.payloads = append(x.payloads, outcome.wrapped)
			}
			return &outcome.code
		}
	}
	x.failure.HTTPStatus = response.StatusCode
	return nil
}

// judgeFault is judge for an attempt without a complete answer.
func (x *exchange) judgeFault(err error, sent bool) {
	cause := x.fault(err)
	switch {
	case errors.Is(err, errOversize):
		x.lost(cause)
		if !x.request.write {
			x.failure.Class = ClassMalformed
		}
	case !sent && isTLSFault(err):
		x.failure = x.fail(ClassUntrusted, cause)
	case !sent:
		x.failure = x.fail(ClassTransient, cause)
		x.again = true
	default:
		x.lost(cause)
		x.again = !x.request.write
	}
}

// refused is the failure that the platform reports with a result code.
func (x *exchange) refused(o outcome) {
	x.failure = x.fail(classify(o.code, x.request.write), nil)
	x.failure.Code = o.code
	x.failure.Words = x.redact.clean(o.words, wordsLimit)
	x.failure.Source = x.redact.clean(o.source, excerptLimit)
	x.failure.Reason = o.reason
	x.again = x.failure.Class == ClassTransient
}

// lost is the failure of a request that may have arrived, without a usable answer.
func (x *exchange) lost(cause error) {
	class := ClassTransient
	if x.request.write {
		class = ClassOutcomeUnknown
	}
	x.failure = x.fail(class, cause)
}

func (x *exchange) fail(class Class, cause error) *Error {
	return &Error{Class: class, Method: x.request.method, Environment: x.request.environment, Cause: cause}
}

// quote says what came instead of an answer of the API.
func (x *exchange) quote(response *http.Response, what error, body []byte) error {
	head := x.redact.excerpt(body)
	switch {
	case head == "":
		return fmt.Errorf("HTTP status %d with an empty body: %w", response.StatusCode, what)
	case x.request.confidential && bytes.ContainsRune(body, '{'):
		return fmt.Errorf("HTTP status %d: %w (it may hold secrets and is not shown)", response.StatusCode, what)
	}
	return fmt.Errorf("HTTP status %d: %w: it begins with %q", response.StatusCode, what, head)
}

func (x *exchange) redirectFault(response *http.Response) error {
	target := "an unnamed address"
	if location, err := response.Location(); err == nil {
		target = fmt.Sprintf("%q", x.redact.clean(location.Scheme+"://"+location.Host, excerptLimit))
	}
	return fmt.Errorf("HTTP status %d redirects to %s, which is not followed so that the token stays with the configured host; if that is the platform, write its address as the endpoint",
		response.StatusCode, target)
}

// fault is an error below the platform's own. Its text is fit for a message; errors.Is finds what is under it.
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
		text = "the time given for it ended before the answer came"
	}
	return &fault{x.redact.clean(text, wordsLimit), err}
}

// isTLSFault says whether a connection could not be made because certificates or TLS versions do not match. Repeating
// does not help then.
func isTLSFault(err error) bool {
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	text := err.Error()
	return errors.As(err, &certificate) || errors.As(err, &record) || errors.As(err, &alert) ||
		strings.HasPrefix(text, "tls: ") || strings.HasPrefix(text, "remote error: tls: ") ||
		strings.Contains(text, "server gave HTTP response to HTTPS client")
}
