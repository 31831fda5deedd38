package localplatform

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

// LoopbackHandler serves the platform on a port of the loopback interface, which any web page open in a browser on
// this machine could reach. It answers 403 to requests that a browser sends for a page of another origin, and to
// requests for a Host that is not this machine, because a page's own domain may resolve to it (DNS rebinding). At an
// environment's domain it serves only the site, never the API.
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

// fromPage says whether a browser sends the request for a page of another origin. Other programs send neither header.
func fromPage(r *http.Request) bool {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
		return true
	}
	own := "http://" + r.Host
	return slices.ContainsFunc(r.Header.Values("Origin"), func(origin string) bool {
		return !strings.EqualFold(origin, own)
	})
}

// isLoopbackHost accepts a host with or without a port.
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
