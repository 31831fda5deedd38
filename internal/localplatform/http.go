package localplatform

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

// maxBody is the largest accepted request body, in bytes.
const maxBody = 8 << 20

// method is one method of the API.
type method struct {
	run func(*call) (any, error)
	// required parameters, in the order in which missing ones are reported.
	required []string
	// reads: the method changes nothing.
	reads bool
	// rehearses: the method reads by trying, in a transaction that it rolls back.
	rehearses bool
	// open: the method needs no session.
	open bool
	// nested: the platform evaluates a script for this method and puts the outcome into the answer's response.
	nested bool
	// postOnly: GET is refused.
	postOnly bool
}

// looks says whether the method only reads, without a rehearsal.
func (m *method) looks() bool { return m.reads && !m.rehearses }

// methods has "group/service/method" in lower case as keys.
var methods = map[string]*method{}

func register(service string, list map[string]*method) {
	for name, m := range list {
		methods[service+"/"+name] = m
	}
}

// ServeHTTP serves the whole API at the root of the host, and the sites of environments at their domains.
func (p *Platform) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.ToLower(r.URL.Path)
	if document, ok := priceDocuments[path]; ok {
		done := 0
		p.log.answer(p.log.request(p.now(), strings.TrimPrefix(path, "/"), nil), &done, "")
		p.servePriceDocument(w, document)
		return
	}
	name := methodName(path)
	if name == "" && (!strings.HasPrefix(path, "/1.0/") || p.isSite(r.Host)) {
		p.serveSite(w, r)
		return
	}
	m := p.methodFor(name, r.Method)
	if m == nil {
		refuseHTTP(w, http.StatusNotFound, noSuchMethod(path))
		return
	}
	if err := parseForm(w, r); err != nil {
		refuseHTTP(w, http.StatusBadRequest,
			&refusal{Code: wire.ResultInvalidParameter, Source: "hx-core", Words: "the request cannot be read"})
		return
	}
	c := newCall(p, r, name, m)
	c.logged = p.log.request(p.now(), name, c.form)
	answer, err := c.perform()
	c.setDate(w)
	var d Disturbance
	if errors.As(err, &d) {
		p.log.answer(c.logged, nil, d.Kind())
		d.Serve(c, w, nil)
		return
	}
	if c.ctx.Err() != nil || errors.Is(err, http.ErrServerClosed) {
		p.log.answer(c.logged, nil, "")
		panic(http.ErrAbortHandler) // the client is gone, or the platform is closing
	}
	body, result := c.encode(answer, err)
	if d := c.hooks.After(c.begun); d != nil {
		p.log.answer(c.logged, &result, d.Kind())
		d.Serve(c, w, body)
		return
	}
	p.log.answer(c.logged, &result, "")
	writeJSON(w, body)
}

// methodFor returns the method for a name and HTTP verb, or nil if there is none.
func (p *Platform) methodFor(name, verb string) *method {
	if name == "" || verb != http.MethodGet && verb != http.MethodPost || name == "billing/pricing/getpricing" &&
		p.base.HidePricing {
		return nil
	}
	m := methodNamed(name)
	if m != nil && m.postOnly && verb != http.MethodPost {
		return nil
	}
	return m
}

// refuseHTTP answers a request that is not a valid method call. It sends an HTTP status, as the platform is reported
// to do, and the usual JSON for clients that read only that.
func refuseHTTP(w http.ResponseWriter, status int, refused *refusal) {
	body, err := json.Marshal(refused)
	if err != nil { // cannot happen: it is made of plain values
		body = []byte(`{"result":99}`)
	}
	w.Header().Set("Content-Type", jsonType)
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

const jsonType = "application/json;charset=UTF-8"

// methodName returns group/service/method of a path /1.0/group/service/rest/method, or an empty string.
func methodName(path string) string {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	if len(parts) != 5 || parts[0] != "1.0" || parts[3] != "rest" {
		return ""
	}
	if parts[1] == "env" {
		parts[1] = "environment"
	}
	return parts[1] + "/" + parts[2] + "/" + parts[4]
}

func writeJSON(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", jsonType)
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(body)
}

// encode returns the body of the answer and the result code that the log records.
func (c *call) encode(answer any, err error) (body []byte, result int) {
	if err != nil {
		refused := asRefusal(err)
		var inner any = refused
		if c.method.nested && !refused.outer {
			inner = nestedAnswer{Response: refused}
		} else if c.hooks.OldEnvelope() {
			inner = legacyAnswer{Response: plainAnswer{Result: refused.Code, Error: refused.Words}}
		}
		answer, result = inner, refused.Code
	} else if answer == nil {
		answer = plainAnswer{}
		if c.hooks.OldEnvelope() {
			answer = legacyAnswer{}
		}
	} else if c.method.nested {
		answer = nestedAnswer{Response: answer}
	}
	body, err = json.Marshal(answer)
	if err != nil { // cannot happen: answers are made of plain values
		return fmt.Appendf(nil, `{"result":99,"error":%q}`, err.Error()), 99
	}
	return body, result
}

type plainAnswer struct {
	Result int    `json:"result"`
	Error  string `json:"error,omitempty"`
}

type nestedAnswer struct {
	Result   int `json:"result"`
	Response any `json:"response"`
}

// legacyAnswer is the old envelope, which has no outer result.
type legacyAnswer struct {
	Response plainAnswer `json:"response"`
}

type arrayAnswer struct {
	Result int `json:"result"`
	Array  any `json:"array"`
}

type objectAnswer struct {
	Result int `json:"result"`
	Object any `json:"object"`
}

// parseForm reads the parameters of query and body. Semicolons are ordinary characters, as on the platform, where
// they separate names. Go rejects them.
func parseForm(w http.ResponseWriter, r *http.Request) error {
	r.URL.RawQuery = strings.ReplaceAll(r.URL.RawQuery, ";", "%3B")
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return err
	}
	r.Body = io.NopCloser(bytes.NewReader(bytes.ReplaceAll(body, []byte(";"), []byte("%3B"))))
	return r.ParseForm()
}
