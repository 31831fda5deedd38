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

// spoiling is what a server does to an answer so that a secret in the request or in the answer may end in an error.
type spoiling string

const (
	echo     spoiling = "echo"     // the platform refuses and quotes what it was sent
	page     spoiling = "page"     // a proxy answers with a page that quotes what it was sent
	half     spoiling = "half"     // the answer breaks off
	strange  spoiling = "strange"  // the answer is in an envelope that nobody knows
	redirect spoiling = "redirect" // a proxy sends elsewhere, with the token in the address
	custom   spoiling = "custom"   // as the test says
)

// platform is a local platform at a TCP port, because only there is a token of one's own. It records what arrives and
// can spoil its answers.
type platform struct {
	*httptest.Server
	local     *localplatform.Platform
	directory string
	token     string
	all       secrets

	mu       sync.Mutex
	spoilt   map[string]spoiling // by method
	instead  http.HandlerFunc    // answers, if it is not nil, what is spoilt with custom
	rewrite  func([]byte) []byte // changes each answer of the platform, if it is not nil
	requests scribe              // lines and headers of requests
	sent     bytes.Buffer        // bodies of requests
	bodies   bytes.Buffer        // of requests and answers
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

// spoil makes the answers of methods useless from now on; with none, all are good again.
func (p *platform) spoil(how spoiling, methods ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.spoilt)
	for _, method := range methods {
		p.spoilt[method] = how
	}
}

// spoilBy is spoil with what a test answers itself.
func (p *platform) spoilBy(instead http.HandlerFunc, methods ...string) {
	p.spoil(custom, methods...)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.instead = instead
}

func (p *platform) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body) // what did not arrive cannot be answered
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

	sent := p.quote(string(body))
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

// quote is what is secret in the body of a request, in the forms in which it is there: with all of it, words would be
// cut before they come to it.
func (p *platform) quote(body string) string {
	quoted := "session"
	values, _ := url.ParseQuery(body) // as much as can be read
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

// expectSecretsWhereTheyBelong is the control: they did go over the wire, in the bodies of requests and answers.
func (p *platform) expectSecretsWhereTheyBelong(t *testing.T, all secrets) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if found := all.find(p.bodies.Bytes()); len(found) != len(all) {
		t.Errorf("of the secrets only %v were ever sent or answered", found)
	}
}
