// Package platform is a client of the Virtuozzo Application Platform's HTTP API. It converts between the
// platform's wire format and plain types, classifies failures, repeats reads after transient failures, and repeats
// a write only if no connection was established.
//
// This folder's README.md lists what the client assumes of the platform, and how certain each assumption is.
package platform

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Client talks to one platform as one account. It is safe for concurrent use. Its errors are of type *Error.
type Client struct {
	root   string // the address without /1.0
	common url.Values
	redact *knownSecrets
	// writes opens a connection for each call: an idle connection that the server has just closed would needlessly
	// leave the outcome of a write unknown.
	reads, writes http.RoundTripper
	limiter       *limiter
	retry         RetryPolicy
	patience      time.Duration
	answerLimit   int64
	userAgent     string
	log           func(ctx context.Context, message string, fields map[string]any)
	changed       atomic.Bool
	clock         clock
}

// Changed reports whether this client has begun to change anything. It is true from just before the first write.
func (c *Client) Changed() bool { return c.changed.Load() }

// Backlogged reports whether requests are waiting for their turn now, because of Config.RequestsPerSecond or because
// the platform has asked for a pause.
func (c *Client) Backlogged() bool { return c.limiter.waiting.Load() > 0 }

// New returns a client. It does not contact the platform. Errors are of type *ConfigError.
func New(config Config) (*Client, error) {
	root, err := parseEndpoint(strings.TrimSpace(config.Endpoint), config.Transport != nil)
	if err != nil {
		return nil, err
	}
	token := strings.TrimSpace(config.Token)
	if err := checkToken(token); err != nil {
		return nil, err
	}
	perSecond, err := requestRate(config.RequestsPerSecond)
	if err != nil {
		return nil, err
	}
	if config.OwnerUID < 0 {
		return nil, &ConfigError{Field: "OwnerUID", Message: "it must be an account number greater than 0"}
	}
	c := &Client{
		root:        root,
		common:      url.Values{"session": {token}},
		redact:      &knownSecrets{redactor: newRedactor(token)},
		reads:       config.Transport,
		writes:      config.Transport,
		limiter:     newLimiter(perSecond),
		retry:       config.Retry.withDefaults(),
		patience:    config.Patience,
		answerLimit: config.AnswerLimit,
		userAgent:   config.UserAgent,
		log:         config.Log,
	}
	if config.AppID != "" {
		c.common.Set("appid", config.AppID)
	}
	if config.OwnerUID != 0 {
		c.common.Set("ownerUid", strconv.FormatInt(config.OwnerUID, 10))
	}
	if c.patience <= 0 {
		c.patience = 2 * time.Minute
	}
	if c.answerLimit <= 0 {
		c.answerLimit = 64 << 20
	}
	if config.Transport == nil {
		reads, err := newTransport(config.CACertificate)
		if err != nil {
			return nil, err
		}
		writes := reads.Clone()
		writes.DisableKeepAlives = true
		c.reads, c.writes = reads, writes
	}
	return c, nil
}

// request is one call as its service describes it.
type request struct {
	method      string // for example environment/control/migrate
	environment string // name, for messages
	parameters  url.Values
	write       bool // changes something, so it is repeated only if no connection was established
	bestEffort  bool // a read that is not worth repeating or waiting for
	// secrets are parameter values that must not appear in any text, even if the platform quotes them in an answer.
	// confidential means that a valid answer contains secrets, so a broken one is not quoted at all.
	secrets      []string
	confidential bool
	names        []name // names within structured parameters; see sendable
	public       bool   // a GET at the endpoint's root, without credentials
	list         *list  // takes the answer's list, nil if it has none that may be long
}

func newRequest(method string, write bool, environment string, parameters ...string) request {
	r := request{method: method, environment: environment, write: write, parameters: url.Values{}}
	if environment != "" {
		r.parameters.Set("envName", environment)
	}
	for i := 0; i+1 < len(parameters); i += 2 {
		r.parameters.Set(parameters[i], parameters[i+1])
	}
	return r
}

// read prepares a call that changes nothing; parameters alternates names and values.
func read(method, environment string, parameters ...string) request {
	return newRequest(method, false, environment, parameters...)
}

// write prepares a call that changes something; parameters alternates names and values.
func write(method, environment string, parameters ...string) request {
	return newRequest(method, true, environment, parameters...)
}

// jsonText encodes a structured parameter, which the platform takes as a JSON text in one form field.
func jsonText(value any) string {
	data, err := json.Marshal(value)
	if err != nil { // the request types hold nothing that cannot be marshalled
		panic(fmt.Sprintf("platform: %v", err))
	}
	return string(data)
}

// call carries out a request and reads the answer's payload into a struct, which may be nil. Members of the payload
// with a wrong type count as absent.
func (c *Client) call(ctx context.Context, r request, payload any) error {
	answers, err := c.exchange(ctx, r)
	if err != nil {
		return err
	}
	readPayloads(answers, payload)
	return nil
}

// readPayloads reads the payloads of an answer into a struct, which may be nil.
func readPayloads(answers [][]byte, payload any) {
	if payload == nil {
		return
	}
	for _, answer := range answers {
		_ = lenient(answer, payload) // the envelope was read, so it is JSON
	}
}

// malformed returns the error for an answer with a valid envelope and an invalid payload.
func (r request) malformed(cause error) *Error {
	class := ClassMalformed
	if r.write {
		class = ClassOutcomeUnknown
	}
	return &Error{Class: class, Method: r.method, Environment: r.environment, Cause: cause}
}
