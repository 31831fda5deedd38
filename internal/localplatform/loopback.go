package localplatform

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

// LoopbackHandler is the platform for a port of the loopback interface, which every web page that is open in a browser
// of this machine could otherwise reach, too. It refuses with HTTP status 403 what a browser sends for a page of
// another origin, and every request whose Host is not this machine: a page's own domain may lead here (DNS rebinding).
// Under the domain of an environment only its site is served, never the API.
func (p *Platform) LoopbackHandler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case fromPage(r):
			refuseHTTP(w, http.StatusForbidden, forbidden("requests of web pages are refused"))
		case isLoopbackHost(r.Host):
			p.ServeHTTP(w, r)
		case p.isSite(r.Host):
			p.serveSite(w, r)
		default:
			refuseHTTP(w, http.StatusForbidden, forbidden("the host must be a loopback address or localhost"))
		}
	})
}

func forbidden(words string) *refusal {
	return &refusal{Code: wire.ResultPermissionDenied, Source: "hx-core", Words: "permission denied: " + words}
}

// fromPage says whether a browser sends the request for a page of another origin. Programs send neither header.
func fromPage(r *http.Request) bool {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
		return true
	}
	own := "http://" + r.Host
	return slices.ContainsFunc(r.Header.Values("Origin"), func(origin string) bool {
		return !strings.EqualFold(origin, own)
	})
}

// isLoopbackHost takes a host with or without a port.
func isLoopbackHost(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	address, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(host, "["), "]"))
	return err == nil && address.Unmap().IsLoopback()
}
