// Package platform is a client of the Virtuozzo Application Platform's HTTP API. It translates between the platform's
// wire format and plain types, sorts failures into classes, repeats reads that failed by accident, and never repeats a
// write that may have been carried out.
//
// What the client assumes of the platform, and how certain each assumption is, stands in this folder's README.md.
package platform

import (
	"context"
	"net/http"
	"time"
)

// Config says which platform to talk to, as whom, and how patiently.
type Config struct {
	// Endpoint is the dashboard's address, such as https://app.paas.example.com. A trailing slash or /1.0/ is tolerated.
	// Plain http is accepted on loopback addresses only, or with a Transport.
	Endpoint string
	// Token is a personal access token.
	Token string
	// AppID is sent as appid with every call if it is not empty; only old platforms want it.
	AppID string
	// OwnerUID, if not 0, makes calls act on the account of a collaboration's owner.
	OwnerUID int64
	// CACertificate is an optional PEM bundle, trusted besides the system's certificates.
	CACertificate string
	// RequestsPerSecond limits the rate of requests of this client; 0 means 10.
	RequestsPerSecond float64
	// Transport replaces the TCP transport, for a platform in the same process. Proxies and CACertificate do not apply.
	Transport http.RoundTripper
	UserAgent string
	Retry     RetryPolicy
	// Patience is how long one read may take with all its repetitions; 0 means two minutes. Writes stay open as long as
	// their context lives, because the platform answers them only when the work is done.
	Patience time.Duration
	// AnswerLimit is the greatest size of an answer in bytes; 0 means 64 MiB.
	AnswerLimit int64
	// Log, if not nil, is called once per HTTP attempt. The fields hold the method, the names of the parameters, the
	// duration, the HTTP status and the result code, never a parameter's value.
	Log func(ctx context.Context, message string, fields map[string]any)
}

// RetryPolicy bounds how often and how fast a call is repeated. Zero fields take the defaults.
type RetryPolicy struct {
	Attempts int           // in all, default 5; 1 means never repeat
	Base     time.Duration // before the first repetition, default 500 ms; doubles each time
	Ceiling  time.Duration // of one pause, default 20 s
}

// Client talks to one platform as one account. It is safe for concurrent use.
type Client struct{}
