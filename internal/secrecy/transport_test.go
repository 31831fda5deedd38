package secrecy

import (
	"encoding/pem"
	"io"
	stdlog "log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
)

// Connections with arguments of the provider block: certificates are checked, a private authority can be configured,
// and no redirect receives the token.
func TestConnectionErrors(t *testing.T) {
	t.Parallel()
	const token = "a-token-for-one-host-only"
	p := newPlatform(t, secrets{"the token": token})
	var elsewhere atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	t.Cleanup(other.Close)
	tls := func(handler http.Handler) (s *httptest.Server, authority string) {
		s = httptest.NewUnstartedServer(handler)
		s.Config.ErrorLog = stdlog.New(io.Discard, "", 0) // the tests cause refused handshakes
		s.StartTLS()
		t.Cleanup(s.Close)
		return s, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}))
	}
	var reached atomic.Int32
	good, authority := tls(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reached.Add(1)
		p.ServeHTTP(w, r)
	}))
	leading, itsAuthority := tls(http.RedirectHandler(other.URL, http.StatusPermanentRedirect))
	read := func(t *testing.T, endpoint, authority string) []*tfprotov6.Diagnostic {
		t.Helper()
		config := map[string]any{"endpoint": endpoint, "token": token}
		if authority != "" {
			config["ca_certificate"] = authority
		}
		s := acctest.NewServer(t)
		if d := s.Configure(config); acctest.HasErrors(d) {
			return d
		}
		_, d := s.Read("vap_regions", map[string]any{})
		return d
	}
	if d := read(t, good.URL, authority); acctest.HasErrors(d) || reached.Load() == 0 {
		t.Errorf("a certificate of a private authority: %s", acctest.Text(d))
	}
	before := reached.Load()
	for name, row := range map[string]struct {
		endpoint, authority, at string
		// quotes is the part of an error by Go or the system that the provider must quote.
		quotes string
	}{
		"untrusted authority": {good.URL, "", "", "certificate"},
		"name not in the certificate": {strings.Replace(good.URL, "127.0.0.1", "localhost", 1), authority, "",
			"localhost"},
		"plain server at an https endpoint":   {strings.Replace(p.URL, "http:", "https:", 1), "", "", "TLS"},
		"a redirect":                          {leading.URL, itsAuthority, "", ""},
		"plain http to another machine":       {"http://192.0.2.1", "", "endpoint", ""},
		"plain http to a host like localhost": {"http://localhost.example.test", "", "endpoint", ""},
		"plain http to every interface":       {"http://0.0.0.0", "", "endpoint", ""},
		"a name and a password": {strings.Replace(good.URL, "https://", "https://me:hidden@", 1), authority,
			"endpoint", ""},
	} {
		t.Run(name, func(t *testing.T) {
			d := read(t, row.endpoint, row.authority)
			if row.quotes == "" {
				acctest.ExpectOne(t, d, tfprotov6.DiagnosticSeverityError, row.at)
			} else if !acctest.HasErrors(d) || !strings.Contains(acctest.Text(d), row.quotes) {
				t.Errorf("%q is not quoted: %s", row.quotes, acctest.Text(d))
			}
			if text := acctest.Text(d); strings.Contains(text, token) || strings.Contains(text, "hidden") {
				t.Errorf("the output contains a secret: %s", text)
			}
		})
	}
	if elsewhere.Load() != 0 || reached.Load() != before {
		t.Errorf("%d requests went elsewhere, %d over connections that must not be", elsewhere.Load(), reached.Load()-before)
	}
}

// The only credential is a token: a password would open the dashboard, too.
func TestOnlyTokenAuthentication(t *testing.T) {
	t.Parallel()
	tokens := 0
	for _, attribute := range acctest.NewServer(t).Schema.Provider.Block.Attributes {
		switch name := attribute.Name; {
		case name == "token":
			tokens++
			if !attribute.Sensitive {
				t.Error("the token is not sensitive")
			}
		case attribute.Sensitive, strings.Contains(name, "login"), strings.Contains(name, "pass"),
			strings.Contains(name, "user"), strings.Contains(name, "session"):
			t.Errorf("there is an argument %s", name)
		}
	}
	if tokens != 1 {
		t.Error("there is no token")
	}
}
