package platform

import "net/http"

// AnonymousTransport returns a transport for requests to environments without a client's credentials. It uses the same
// certificates and proxies as a client. Each request has its own connection, because the address behind a domain
// changes when an environment moves. The error is a *ConfigError.
func AnonymousTransport(caCertificate string) (*http.Transport, error) {
	transport, err := newTransport(caCertificate)
	if err != nil {
		return nil, err
	}
	transport.DisableKeepAlives = true
	transport.MaxResponseHeaderBytes = 64 << 10
	return transport, nil
}
