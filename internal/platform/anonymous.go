package platform

import "net/http"

// AnonymousTransport is for asking environments what they answer, without a client's credentials. It uses the
// certificates and proxies that a client uses. Each request has a connection of its own, because the address behind a
// domain changes when an environment moves. The error is a *ConfigError.
func AnonymousTransport(caCertificate string) (*http.Transport, error) {
	transport, err := newTransport(caCertificate)
	if err != nil {
		return nil, err
	}
	transport.DisableKeepAlives = true
	transport.MaxResponseHeaderBytes = 64 << 10
	return transport, nil
}
