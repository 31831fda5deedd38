package secrecy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform"
)

// spoiling is how a server changes a response so that a secret in the request or the response may end up in an error.
type spoiling string

const (
	echo     spoiling = "echo"     // the platform refuses and quotes the request
	page     spoiling = "page"     // a proxy responds with a page that quotes the request
	half     spoiling = "half"     // the response is cut off
	strange  spoiling = "strange"  // the response has an unknown envelope
	redirect spoiling = "redirect" // a proxy redirects, with the token in the URL
	custom   spoiling = "custom"   // what the test defines
)

// platform is a local platform on a TCP port, because only there a test can use its own token. It records requests
// and can spoil its responses.
type platform struct {
	*httptest.Server
	local     *localplatform.Platform
	directory string
	token     string
	all       secrets

	mu       sync.Mutex
	spoilt   map[string]spoiling // by method
	instead  http.HandlerFunc    // responds to the methods spoilt with custom, if not nil
	rewrite  func([]byte) []byte // changes each response of the platform, if not nil
	requests collector           // lines and headers of requests
	sent     bytes.Buffer        // bodies of requests
	bodies   bytes.Buffer        // of requests and responses
}

func newPlatform(t *testing.T, all secrets) *platform {
	t.Helper()
	token := all["the token"]
	p := &platform{directory: filepath.Join(t.TempDir(), "platform"), token: token, all: all,
		spoilt: map[string]spoiling{}}
	if err := localplatform.EnableRequestLog(p.directory); err != nil {
		t.Fatal(err)
	}
	var err error
	if p.local, err = localplatform.Open(localplatform.Options{Directory: p.directory, Token: token,
		TimeScale: acctest.TimeScale}); err != nil {
		t.Fatal(err)
	}
	p.Server = httptest.NewServer(p)
	t.Cleanup(func() { _ = p.local.Close(); p.Close() })
	return p
}

// spoil spoils the responses to these methods from now on; without methods, all responses are good again.
func (p *platform) spoil(how spoiling, methods ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.spoilt)
	for _, method := range methods {
		p.spoilt[method] = how
	}
}

// spoilBy lets a test respond to these methods.
func (p *platform) spoilBy(instead http.HandlerFunc, methods ...string) {
	p.spoil(custom, methods...)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.instead = instead
}

func (p *platform) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body) // an incomplete request gets no response
	r.Body = io.NopCloser(bytes.NewReader(body))
	var head bytes.Buffer
	fmt.Fprintf(&head, "%s %s\n", r.Method, r.RequestURI)
	_ = r.Header.Write(&head)
	p.requests.keep("the line or a header of a request", head.Bytes())
	method := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	p.mu.Lock()
	how, instead, rewrite := p.spoilt[method], p.instead, p.rewrite
	p.sent.Write(append(body, '&'))
	p.bodies.Write(body)
	p.mu.Unlock()

	sent := p.quoteSecrets(string(body))
	switch how {
	case echo:
		// plain values
		answer, _ := json.Marshal(map[string]any{"result": 3, "error": "invalid parameter in [" + sent + "]",
			"source": "hivext-" + sent})
		_, _ = w.Write(answer)
		return
	case page:
		fmt.Fprintf(w, "<html>cannot forward %s</html>", sent)
		return
	case custom:
		instead(w, r)
		return
	case redirect:
		w.Header().Set("Location", "https://"+p.token+".example.test/?session="+p.token)
		w.WriteHeader(http.StatusTemporaryRedirect)
		return
	}
	answer := httptest.NewRecorder()
	p.local.ServeHTTP(answer, r)
	content := answer.Body.Bytes()
	if rewrite != nil {
		content = rewrite(content)
	}
	p.mu.Lock()
	p.bodies.Write(content)
	p.mu.Unlock()
	switch how {
	case half:
		content = content[:len(content)*9/10]
	case strange:
		content = fmt.Appendf(nil, `{"data":%s}`, content)
	}
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	_, _ = w.Write(content)
}

// quoteSecrets returns the secrets in the body of a request, as they are written there. A quote of the whole body would
// be cut off before them.
func (p *platform) quoteSecrets(body string) string {
	quoted := "session"
	values, _ := url.ParseQuery(body) // ignores parts that cannot be parsed
	for _, list := range append(slices.Collect(maps.Values(values)), []string{body}) {
		for _, value := range list {
			for _, secret := range p.all {
				for _, form := range forms(secret) {
					if strings.Contains(value, form) && secret != nodePassword {
						quoted += " [" + form + "]"
					}
				}
			}
		}
	}
	return quoted
}

// expectSecretsWhereTheyBelong checks that the secrets were really sent, in bodies of requests and responses.
func (p *platform) expectSecretsWhereTheyBelong(t *testing.T, all secrets) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if found := all.find(p.bodies.Bytes()); len(found) != len(all) {
		t.Errorf("only the secrets %v were ever sent or received", found)
	}
}
