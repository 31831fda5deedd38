package localplatform

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Transport is for an http.Client: it speaks real HTTP with the platform, over pipes in memory, whatever host the URL
// names (the scheme must be http). Each connection is served on its own and ends when it has been idle for a short
// while, so a client that is dropped without being closed leaves nothing behind.
func (p *Platform) Transport() http.RoundTripper {
	return &transport{platform: p, Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			select {
			case <-p.closed:
				return nil, http.ErrServerClosed
			default:
			}
			client, server := net.Pipe()
			go func() {
				if errors.Is(p.server.Serve(&oneConnection{conn: server}), http.ErrServerClosed) {
					_ = server.Close() // perhaps it was closed before it could accept
				}
			}()
			return client, ctx.Err()
		},
		MaxIdleConnsPerHost: 16,
		IdleConnTimeout:     2 * time.Second,
		DisableCompression:  true,
	}}
}

type transport struct {
	*http.Transport
	platform *Platform
}

// RoundTrip makes a request, unless a hook stands in the way. Then it reports to whoever traces the request what a
// failed dial would: that a connection was wanted and did not come about.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	unreachable, err := t.platform.unreachable(methodName(strings.ToLower(r.URL.Path)))
	if err != nil || !unreachable {
		return t.Transport.RoundTrip(r) // a store that cannot be read is the server's to tell of
	}
	if trace := httptrace.ContextClientTrace(r.Context()); trace != nil && trace.GetConn != nil {
		trace.GetConn(r.URL.Host)
	}
	if r.Body != nil {
		_ = r.Body.Close()
	}
	return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
}

func (p *Platform) unreachable(method string) (bool, error) {
	if armed, err := p.armed(); err != nil || !armed {
		return false, err
	}
	return hooks.Unreachable(p, method)
}

// oneConnection is a listener at which one client calls.
type oneConnection struct {
	once sync.Once
	conn net.Conn
}

func (l *oneConnection) Accept() (conn net.Conn, err error) {
	err = net.ErrClosed
	l.once.Do(func() { conn, err = l.conn, nil })
	return conn, err
}

func (l *oneConnection) Close() error { return nil }

func (l *oneConnection) Addr() net.Addr { return l.conn.LocalAddr() }
