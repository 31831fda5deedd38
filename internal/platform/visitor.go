package platform

import "net/http"

// VisitorTransport is for asking environments what they answer, with nothing of a client's credentials. It goes the ways
// that a client goes, with the same certificates and proxies. Each request has a connection of its own, because the
// address behind a domain changes when an environment moves. The error is a *ConfigError.
func VisitorTransport(caCertificate string) (*http.Transport, error) {
	transport, err := newTransport(caCertificate)
	if err != nil {
		return nil, err
	}
	transport.DisableKeepAlives = true
	transport.MaxResponseHeaderBytes = 64 << 10
	return transport, nil
}
