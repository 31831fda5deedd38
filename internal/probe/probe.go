// Package probe asks addresses of environments whether they answer as expected, as a visitor would: without the token
// and anything else that the platform is asked with.
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
	// patience is how long one answer is waited for.
	patience = 10 * time.Second
	// maxRedirects is how many redirects are followed.
	maxRedirects = 5
	// maxReason is how many characters are told of a failure, whose text may quote what was answered.
	maxReason = 300
)

// Client asks addresses. It is safe for concurrent use.
type Client struct {
	transport http.RoundTripper
	patience  time.Duration
}

// New makes a client of a transport, which decides about proxies and certificates.
func New(transport http.RoundTripper) *Client {
	return &Client{transport: transport, patience: patience}
}

// Probe asks an address once, by GET. It returns nil if the answer's status is one of the expected ones; otherwise the
// error says what there was instead. Redirects are followed on the same host only, and not from https to http, unless
// their status is expected; no body is read. The address, in which there may be a secret, is not in the error.
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

// quoter returns what makes a text fit to be shown that a server has had a part in: it may repeat what stands behind
// its name in the address.
func quoter(address *url.URL) func(text string) string {
	hidden := sanitize.Redactor{}.With(address.RequestURI(), address.Path, address.RawQuery)
	return func(text string) string {
		if quoted, ok := hidden.Quote(text, maxReason); ok {
			return quoted
		}
		return "something that is withheld because it contains a part of the address"
	}
}

// shownHost is where a redirect leads. The address of a machine is no secret, whatever else has it in it.
func shownHost(target *url.URL, shown func(string) string) string {
	if name := target.Hostname(); name == "localhost" || net.ParseIP(name) != nil {
		return target.Host
	}
	return shown(sanitize.Clean(target.Host))
}

// reason is why there was no answer, without the address.
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
