package localplatform

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// No web page reaches the platform, neither through its own domain that resolves to this machine nor with requests to
// the right host.
func TestWebPagesAreRefused(t *testing.T) {
	t.Parallel()
	p, _ := open(t, Options{})
	p.seed(t, "shop-1")
	const call, site = "/1.0/environment/control/rest/getenvs?session=" + OwnerToken, "/"
	for name, row := range map[string]struct {
		host, path string
		header     http.Header
		status     int
	}{
		"a program":                       {"127.0.0.1:8787", call, nil, 200},
		"by name":                         {"LocalHost:8787", call, nil, 200},
		"by the other family":             {"[::1]:8787", call, nil, 200},
		"by the other family, no port":    {"[::1]", call, nil, 200},
		"another loopback address":        {"127.1.2.3", call, nil, 200},
		"a program that names its host":   {"127.0.0.1:8787", call, http.Header{"Origin": {"http://127.0.0.1:8787"}}, 200},
		"address bar":                     {"localhost:8787", call, http.Header{"Sec-Fetch-Site": {"none"}}, 200},
		"rebinding":                       {"evil.example:8787", call, nil, 403},
		"rebinding to a port of the web":  {"evil.example", call, nil, 403},
		"same prefix":                     {"localhost.evil.example:8787", call, nil, 403},
		"same suffix":                     {"evil-localhost:8787", call, nil, 403},
		"an address of a network":         {"192.0.2.7:8787", call, nil, 403},
		"no host":                         {"", call, nil, 403},
		"a page":                          {"127.0.0.1:8787", call, http.Header{"Origin": {"https://evil.example"}}, 403},
		"a page of this machine":          {"127.0.0.1:8787", call, http.Header{"Origin": {"http://127.0.0.1:3000"}}, 403},
		"a page of this machine, by name": {"127.0.0.1:8787", call, http.Header{"Origin": {"http://localhost:8787"}}, 403},
		"a page without an origin":        {"127.0.0.1:8787", call, http.Header{"Origin": {"null"}}, 403},
		"a picture": {"127.0.0.1:8787", call,
			http.Header{"Sec-Fetch-Site": {"cross-site"}, "Sec-Fetch-Mode": {"no-cors"}}, 403},
		"a picture of this machine":      {"localhost:8787", call, http.Header{"Sec-Fetch-Site": {"same-site"}}, 403},
		"an environment's site":          {"shop-1.north.vap.test", site, nil, 200},
		"an environment's site, by port": {"shop-1.north.vap.test:8787", site, nil, 200},
		"site of no environment":         {"shop-2.north.vap.test", site, nil, 403},
		"the prices":                     {"evil.example", "/auth/GetDefaultPricingModels", nil, 403},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, verb := range []string{http.MethodGet, http.MethodPost} {
				request := httptest.NewRequestWithContext(t.Context(), verb, row.path, http.NoBody)
				request.Host, request.Header = row.host, row.header.Clone()
				recorder := httptest.NewRecorder()
				p.LoopbackHandler().ServeHTTP(recorder, request)
				response := recorder.Result()
				status := response.StatusCode
				if status != row.status {
					t.Errorf("%s: %d, want %d: %s", verb, status, row.status, recorder.Body)
				}
				if status == http.StatusForbidden {
					response.StatusCode = http.StatusOK
					if answer, err := decoded(response); err != nil || effective(answer) != 8 {
						t.Errorf("%s: %v %v", verb, answer, err)
					}
				}
			}
		})
	}
	// At an environment's domain there is only its site, whatever the path.
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, call, http.NoBody)
	request.Host = "shop-1.north.vap.test"
	recorder := httptest.NewRecorder()
	p.LoopbackHandler().ServeHTTP(recorder, request)
	if recorder.Code != http.StatusOK || recorder.Body.String() != "shop-1 runs in north-economy\n" {
		t.Errorf("the API by an environment's domain: %d %s", recorder.Code, recorder.Body)
	}
}
