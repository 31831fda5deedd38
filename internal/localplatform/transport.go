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

// Transport returns a transport for an http.Client. It speaks real HTTP with the platform over in-memory pipes,
// whatever host the URL names (the scheme must be http). Idle connections close after a short time, so a client that
// is dropped without being closed leaves nothing behind.
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
					_ = server.Close() // the server may have been closed before it accepted the connection
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

// RoundTrip makes a request unless a hook makes the platform unreachable. Then it tells the request's trace that a
// connection was needed, and returns the error of a failed dial.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	unreachable, err := t.platform.unreachable(methodName(strings.ToLower(r.URL.Path)))
	if err != nil || !unreachable {
		return t.Transport.RoundTrip(r) // the server reports a store that cannot be read
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

// oneConnection is a listener with one connection.
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
