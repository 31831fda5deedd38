// Package probe checks whether addresses of environments answer as expected. Like a visitor, it sends neither the
// token nor anything else from the platform's requests.
package probe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/sanitize"
)

const (
	// patience is the time limit for one answer, redirects included.
	patience = 10 * time.Second
	// maxRedirects is the largest number of redirects to follow.
	maxRedirects = 5
	// maxReason is the maximum length of the reason for a failure, in characters. It may quote the answer.
	maxReason = 300
)

// Client sends requests to addresses. It is safe for concurrent use.
type Client struct {
	transport http.RoundTripper
	patience  time.Duration
}

// New returns a client that uses the transport, which determines proxies and certificates.
func New(transport http.RoundTripper) *Client {
	return &Client{transport: transport, patience: patience}
}

// Probe sends one GET request to an address. It returns nil if the status of the answer is in expected; otherwise the
// error says what the answer was. It follows redirects only on the same host, never from https to http, and not if
// their status is in expected. It reads no body. The address may contain a secret, so it is not in the error.
func (c *Client) Probe(ctx context.Context, address string, expected []int) error {
	attempt, cancel := context.WithTimeout(ctx, c.patience)
	defer cancel()
	req, err := http.NewRequestWithContext(attempt, http.MethodGet, address, nil)
	if err != nil {
		return errors.New("the address is not valid")
	}
	req.Header.Set("Cache-Control", "no-cache")
	shown, elsewhere := quoter(req.URL), ""
	visitor := http.Client{Transport: c.transport, CheckRedirect: func(next *http.Request, via []*http.Request) error {
		first := via[0].URL
		switch {
		case slices.Contains(expected, next.Response.StatusCode):
			return http.ErrUseLastResponse
		case next.URL.Hostname() != first.Hostname(), next.URL.Scheme != first.Scheme && next.URL.Scheme != "https",
			len(via) > maxRedirects:
			elsewhere = " to " + shown(next.URL.Scheme) + "://" + shownHost(next.URL, shown) + ", which is not followed"
			return http.ErrUseLastResponse
		}
		return nil
	}}
	answer, err := visitor.Do(req)
	if err != nil {
		return c.reason(ctx, err, shown)
	}
	_ = answer.Body.Close()
	if !slices.Contains(expected, answer.StatusCode) {
		return errors.New(strings.TrimSpace(strconv.Itoa(answer.StatusCode)+" "+http.StatusText(answer.StatusCode)) +
			elsewhere)
	}
	return nil
}

// quoter returns a function that makes text from a server fit to show. The server may repeat path and query of the
// address.
func quoter(address *url.URL) func(text string) string {
	hidden := sanitize.Redactor{}.With(address.RequestURI(), address.Path, address.RawQuery)
	return func(text string) string {
		if quoted, ok := hidden.Quote(text, maxReason); ok {
			return quoted
		}
		return "something that is withheld because it contains a part of the address"
	}
}

// shownHost returns the target host of a redirect. An IP address or localhost is shown as it is, because it is not
// secret.
func shownHost(target *url.URL, shown func(string) string) string {
	if name := target.Hostname(); name == "localhost" || net.ParseIP(name) != nil {
		return target.Host
	}
	return shown(sanitize.Clean(target.Host))
}

// reason returns why there was no answer, without the address.
func (c *Client) reason(ctx context.Context, err error, shown func(string) string) error {
	var timeout net.Error
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.As(err, &timeout) && timeout.Timeout():
		return fmt.Errorf("no answer within %s", c.patience)
	}
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	return errors.New(shown(err.Error()))
}
