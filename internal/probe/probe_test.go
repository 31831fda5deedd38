package probe

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// site answers /NUMBER with that status, and redirects /to?URL there.
func site(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/to":
		http.Redirect(w, r, r.URL.RawQuery, http.StatusFound)
	case "/round":
		http.Redirect(w, r, "/round", http.StatusMovedPermanently)
	case "/endless":
		for {
			if _, err := io.WriteString(w, strings.Repeat("x", 1<<16)); err != nil {
				return
			}
		}
	case "/hidden":
		w.Header().Set("Location", "https://shop.test\u202e\u200b/")
		w.WriteHeader(http.StatusFound)
	case "/quote":
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			_, _ = io.WriteString(conn, "HTTP/1.1 "+r.URL.RawQuery+"\r\n\r\n")
			_ = conn.Close()
		}
	case "/silent":
		<-r.Context().Done()
	case "/rude":
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			_, _ = io.WriteString(conn, "HTTP/1.1 "+strings.Repeat("x", 2000)+"\r\n\r\n")
			_ = conn.Close()
		}
	case "/204":
		w.WriteHeader(http.StatusNoContent)
	case "/503":
		w.WriteHeader(http.StatusServiceUnavailable)
	case "/299":
		w.WriteHeader(299)
	}
}

func TestProbe(t *testing.T) {
	t.Parallel()
	plain, secure := httptest.NewServer(http.HandlerFunc(site)), httptest.NewTLSServer(http.HandlerFunc(site))
	t.Cleanup(plain.Close)
	t.Cleanup(secure.Close)
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	var strangers atomic.Int64
	stranger := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { strangers.Add(1) }))
	t.Cleanup(stranger.Close)
	elsewhere := strings.Replace(stranger.URL, "127.0.0.1", "localhost", 1)
	closed := httptest.NewServer(nil)
	closed.Close()

	trusting := secure.Client().Transport
	for name, row := range map[string]struct {
		transport http.RoundTripper
		address   string
		expected  []int
		says      string // empty: success
	}{
		"as expected":                    {nil, plain.URL + "/", []int{200}, ""},
		"as expected, one of several":    {nil, plain.URL + "/204", []int{200, 204}, ""},
		"another status":                 {nil, plain.URL + "/204", []int{200}, "204 No Content"},
		"unavailable":                    {nil, plain.URL + "/503", []int{200}, "503 Service Unavailable"},
		"a status without a name":        {nil, plain.URL + "/299", []int{200}, "299"},
		"a body without end":             {nil, plain.URL + "/endless", []int{200}, ""},
		"a redirect on the host":         {nil, plain.URL + "/to?/204", []int{204}, ""},
		"a failing redirect on the host": {nil, plain.URL + "/to?/503", []int{200}, "503 Service Unavailable"},
		"an expected redirect":           {nil, plain.URL + "/to?/503", []int{302}, ""},
		"a redirect to another host": {nil, plain.URL + "/to?" + elsewhere + "/login?key=secret", []int{200},
			"302 Found to " + elsewhere + ", which is not followed"},
		"a redirect loop": {nil, plain.URL + "/round", []int{200},
			"301 Moved Permanently to " + plain.URL + ", which is not followed"},
		"https":                    {trusting, secure.URL + "/", []int{200}, ""},
		"an untrusted certificate": {nil, secure.URL + "/?key=secret", []int{200}, "certificate"},
		"from http to https":       {trusting, plain.URL + "/to?" + secure.URL + "/204", []int{204}, ""},
		"from https to http": {trusting, secure.URL + "/to?" + plain.URL + "/204", []int{204},
			"302 Found to " + plain.URL + ", which is not followed"},
		"to another scheme": {nil, plain.URL + "/to?ftp://127.0.0.1/", []int{200},
			"302 Found to ftp://127.0.0.1, which is not followed"},
		"a redirect to a secret": {nil, plain.URL + "/to?http://secret-of-the-query.test/", []int{200},
			"302 Found to http://[left out], which is not followed"},
		"a redirect with hidden characters": {nil, plain.URL + "/hidden?key=secret", []int{200},
			"302 Found to https://shop.test\ufffd\ufffd, which is not followed"},
		"a response that quotes the address": {nil, plain.URL + "/quote?key=secret-that-is-long", []int{200}, "[left out]"},
		"connection refused":                 {nil, closed.URL + "/?key=secret", []int{200}, "refused"},
		"no address":                         {nil, "http://[secret", []int{200}, "the address is not valid"},
		"no HTTP":                            {nil, plain.URL + "/rude", []int{200}, "malformed HTTP status code"},
		"a plain server at an https URL": {nil, strings.Replace(plain.URL, "http:", "https:", 1), []int{200},
			"HTTP response to HTTPS client"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if row.transport == nil {
				row.transport = &http.Transport{DisableKeepAlives: true}
			}
			err := New(row.transport).Probe(t.Context(), row.address, row.expected)
			switch {
			case row.says == "":
				if err != nil {
					t.Errorf("unexpected failure: %v", err)
				}
			case err == nil || !strings.Contains(err.Error(), row.says):
				t.Errorf("got %v, want %s", err, row.says)
			case strings.Contains(err.Error(), "secret"), strings.ContainsAny(err.Error(), "\u202e\u200b"),
				len(err.Error()) > maxReason+len("…"):
				t.Errorf("the error contains a secret: %v", err)
			case row.says[0] >= '0' && row.says[0] <= '9' && err.Error() != row.says:
				t.Errorf("got %q, want %q", err, row.says)
			}
		})
	}
	t.Cleanup(func() {
		if strangers.Load() > 0 {
			t.Error("another host got a request")
		}
	})
}

// A probe sends nothing that identifies the sender.
func TestProbeIsAnonymous(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, name := range []string{"Authorization", "Proxy-Authorization", "Cookie", "Referer"} {
			if r.Header.Get(name) != "" {
				t.Errorf("%s: %q", name, r.Header.Get(name))
			}
		}
		if body, err := io.ReadAll(r.Body); err != nil || len(body) > 0 || r.Method != http.MethodGet ||
			strings.Contains(r.UserAgent(), "vap") {
			t.Errorf("%s by %s with %q", r.Method, r.UserAgent(), body)
		}
	}))
	t.Cleanup(server.Close)
	if err := New(&http.Transport{DisableKeepAlives: true}).Probe(t.Context(), server.URL, []int{200}); err != nil {
		t.Error(err)
	}
}

func TestProbeTimeout(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(site))
	t.Cleanup(server.Close)
	c := New(&http.Transport{DisableKeepAlives: true})
	ctx, cancel := context.WithCancelCause(t.Context())
	reached := make(chan struct{})
	c.transport.(*http.Transport).DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		close(reached)
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}
	enough := errors.New("enough")
	go func() {
		<-reached
		cancel(enough)
	}()
	if err := c.Probe(ctx, server.URL+"/silent", []int{200}); !errors.Is(err, enough) {
		t.Errorf("interrupted: %v", err)
	}
	c = New(&http.Transport{DisableKeepAlives: true})
	c.patience = 20 * time.Millisecond
	if err := c.Probe(t.Context(), server.URL+"/silent", []int{200}); err == nil ||
		err.Error() != "no answer within 20ms" {
		t.Errorf("silence: %v", err)
	}
}
