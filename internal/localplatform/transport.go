package localplatform

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"
)

// Transport is for an http.Client: it speaks real HTTP with the platform, over pipes in memory, whatever host the URL
// names (the scheme must be http). Each connection is served on its own and ends when it has been idle for a short
// while, so a client that is dropped without being closed leaves nothing behind.
func (p *Platform) Transport() http.RoundTripper {
	return &http.Transport{
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
	}
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
