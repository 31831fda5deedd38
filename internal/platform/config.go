package platform

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"math"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"
)

// Config selects the platform, the account and the limits of a client.
type Config struct {
	// Endpoint is the dashboard's URL, such as https://app.paas.example.com; a trailing slash or /1.0/ is allowed.
	// Plain http is allowed only for loopback addresses, or with a Transport.
	Endpoint string
	// Token is a personal access token.
	Token string
	// AppID is sent as appid with every call unless it is empty; only old platforms require it.
	AppID string
	// OwnerUID, if not 0, makes calls act on the account of the collaboration's owner.
	OwnerUID int64
	// CACertificate is an optional PEM bundle, trusted in addition to the system's certificates.
	CACertificate string
	// RequestsPerSecond limits the request rate of this client; 0 means 10.
	RequestsPerSecond float64
	// Transport replaces the TCP transport, for a platform in the same process. Proxies and CACertificate do not apply
	// then.
	Transport http.RoundTripper
	// UserAgent is sent unchanged; "" leaves the header to net/http.
	UserAgent string
	// Retry limits how often calls are repeated.
	Retry RetryPolicy
	// Patience is the longest time for one read, repetitions included; 0 means two minutes. Writes stay open as long as
	// their context lives, because the platform answers them only when the work is done.
	Patience time.Duration
	// AnswerLimit is the largest size of an answer in bytes, after decompression; 0 means 64 MiB. To limit its size in
	// memory, an answer may hold one object for each 256 bytes of the limit and one comma for each 16.
	AnswerLimit int64
	// Log, if not nil, is called once per HTTP attempt. The fields hold the method, the names of the parameters, the
	// duration, the HTTP status and the result code, never a parameter's value. It must be safe for concurrent use.
	Log func(ctx context.Context, message string, fields map[string]any)
}

// RetryPolicy limits how often and how fast a call is repeated. Zero fields take the defaults.
type RetryPolicy struct {
	Attempts int           // total, default 5; 1 means never repeat
	Base     time.Duration // before the first repetition, default 500 ms; doubles each time, and half of it is random
	Ceiling  time.Duration // longest pause, default 20 s; a server's Retry-After may exceed it
}

func (p RetryPolicy) withDefaults() RetryPolicy {
	if p.Attempts <= 0 {
		p.Attempts = 5
	}
	if p.Base <= 0 {
		p.Base = 500 * time.Millisecond
	}
	if p.Ceiling <= 0 {
		p.Ceiling = 20 * time.Second
	}
	return p
}

// Scaled returns the policy for a platform where everything takes a scale-th of its time, with a lower limit for the
// pauses.
func (p RetryPolicy) Scaled(scale float64) RetryPolicy {
	p = p.withDefaults()
	if scale > 1 {
		p.Base = max(time.Duration(float64(p.Base)/scale), 5*time.Millisecond)
		p.Ceiling = max(time.Duration(float64(p.Ceiling)/scale), 50*time.Millisecond)
	}
	return p
}

// parseEndpoint returns the base URL of /1.0/, without a trailing slash.
func parseEndpoint(endpoint string, inProcess bool) (string, error) {
	wrong := func(message string) (string, error) { return "", &ConfigError{Field: "Endpoint", Message: message} }
	const form = "write the address of the platform's dashboard, such as https://app.paas.example.com"
	if endpoint == "" {
		return wrong("it is empty; " + form)
	}
	if !strings.Contains(endpoint, "://") {
		return wrong("it has no scheme; " + form)
	}
	u, err := url.Parse(endpoint)
	switch {
	case err != nil || u.Hostname() == "": // err may quote a password in the address
		return wrong("it is not an address; " + form)
	case u.User != nil:
		return wrong("it contains a user name; remove it, the token is the only credential")
	case u.RawQuery != "" || u.Fragment != "":
		return wrong("it has a query or a fragment; " + form)
	case u.Scheme == "http" && !inProcess && !isLoopback(u.Hostname()):
		return wrong("plain http would send the token unencrypted; use https (http is accepted on loopback addresses only)")
	case u.Scheme != "http" && u.Scheme != "https":
		return wrong("its scheme is neither https nor http; " + form)
	}
	path := strings.TrimRight(u.Path, "/")
	path = strings.TrimRight(strings.TrimSuffix(path, "/1.0"), "/")
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: path}).String(), nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

func checkToken(token string) error {
	if token == "" {
		return &ConfigError{Field: "Token",
			Message: "it is empty; create a personal access token in the platform's dashboard"}
	}
	if strings.ContainsFunc(token, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return &ConfigError{Field: "Token", Message: "it contains spaces or control characters; copy it again from the " +
			"dashboard"}
	}
	return nil
}

func requestRate(perSecond float64) (float64, error) {
	switch {
	case perSecond == 0:
		return 10, nil
	case perSecond < 0 || math.IsNaN(perSecond) || math.IsInf(perSecond, 0):
		return 0, &ConfigError{Field: "RequestsPerSecond", Message: "it must be a number greater than 0"}
	}
	return perSecond, nil
}

// newTransport returns a transport that checks certificates, uses the environment's proxies and speaks HTTP/1.1: calls
// stay open for minutes, and with HTTP/2 one broken connection would break all of them.
func newTransport(caCertificate string) (*http.Transport, error) {
	var roots *x509.CertPool
	if caCertificate != "" {
		var err error
		if roots, err = x509.SystemCertPool(); err != nil {
			roots = x509.NewCertPool() // without system certificates, the given one can still be trusted
		}
		if !roots.AppendCertsFromPEM([]byte(caCertificate)) {
			return nil, &ConfigError{Field: "CACertificate",
				Message: "it holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)"}
		}
	}
	dialer := &net.Dialer{Timeout: 15 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:                 proxyFromEnvironment,
		DialContext:           dialer.DialContext,
		TLSClientConfig:       &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:   15 * time.Second,
		MaxIdleConnsPerHost:   16,
		IdleConnTimeout:       30 * time.Second,
		ExpectContinueTimeout: time.Second,
	}, nil
}

// proxyFromEnvironment does not show the address of an invalid proxy, which may hold a password.
func proxyFromEnvironment(r *http.Request) (*url.URL, error) {
	proxy, err := http.ProxyFromEnvironment(r)
	if err != nil {
		return nil, errors.New("the proxy address in HTTPS_PROXY or HTTP_PROXY is unusable")
	}
	return proxy, nil
}
