// Package faults is the words for what may go wrong on the local platform, or be only unusual. They are data: who is to
// obey them links package faultinjection, which the provider as it is shipped does not.
package faults

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"time"
)

// Kind is what goes wrong, or with the kinds in temperaments.go what is only unusual.
type Kind string

// The kinds of faults. Those that concern the answer (the first group) happen at Fault.When.
const (
	// Cut closes the connection without an answer.
	Cut Kind = "cut"
	// Gateway answers with HTTP status Fault.Status (302, 403, 429, 499, 500, 502, 503 or 504) and an HTML body, as
	// a proxy in between does; the header Retry-After says Fault.Delay in whole seconds, unless that is 0. A 302 leads to
	// another host, where nothing is.
	Gateway Kind = "gateway"
	// Silence answers nothing and keeps the connection open until the client gives up.
	Silence Kind = "silence"
	// Truncate closes the connection in the middle of the answer.
	Truncate Kind = "truncate"
	// HTML answers with HTTP status 200 and an HTML body.
	HTML Kind = "html"
	// Delay waits for Fault.Delay (not scaled).
	Delay Kind = "delay"

	// Unreachable lets no connection come about, so that the request never arrives. Only clients that use Transport
	// meet it; it cannot be limited to an environment.
	Unreachable Kind = "unreachable"

	// Refuse answers with Fault.Code and Fault.Words and does nothing.
	Refuse Kind = "refuse"
	// Expire ends the session: this call and all later ones with the same token answer 702.
	Expire Kind = "expire"
	// Legacy answers checkmigrationpossibility and migrate in the old envelope {"response":{"result":0}}.
	Legacy Kind = "legacy"

	// Fail lets the operation be accepted and then fail with Fault.Code and Fault.Words: the environment is what
	// it was before, or with Fault.Broken in status 11.
	Fail Kind = "fail"
	// Offline accepts a live migration and does it offline.
	Offline Kind = "offline"
	// Prolong makes the operation last Fault.Delay longer (not scaled).
	Prolong Kind = "prolong"
	// Late shows the operation in the status only Fault.Delay after its start (not scaled).
	Late Kind = "late"
)

// When a fault that concerns the answer happens.
const (
	// WhenBefore: nothing has been done, and nothing will be. The default.
	WhenBefore = "before"
	// WhenStarted: what was asked for has begun and goes on, but the answer does not wait for its end.
	WhenStarted = "started"
	// WhenAfter: everything has been done.
	WhenAfter = "after"
)

// Fault is chosen for certain calls. It is kept in the folder, so that every process that shares it obeys.
type Fault struct {
	Kind Kind `json:"kind"`
	// Method is the last part of the path, such as "migrate", or all of it ("environment/control/migrate"), in any
	// letter case; "*" or nothing means every method.
	Method string `json:"method,omitempty"`
	// Environment limits the fault to calls about the environment of this name.
	Environment string `json:"environment,omitempty"`
	// Since is a method, written like Method: calls count only once one of it, about the same environment if there is
	// one, has arrived. So a fault happens while or after something is done, however many calls were made before.
	Since string `json:"since,omitempty"`
	// Nth is the first matching call it happens to; 0 and 1 both mean the next one.
	Nth int `json:"nth,omitempty"`
	// Times is for how many calls from then on: 0 means one, -1 means for ever.
	Times int `json:"times,omitempty"`

	When   string   `json:"when,omitempty"`
	Status int      `json:"status,omitempty"`
	Delay  Duration `json:"delay,omitempty"`
	Code   int      `json:"code,omitempty"`
	Words  string   `json:"words,omitempty"`
	Broken bool     `json:"broken,omitempty"`
}

// Duration is written in JSON as a text such as "250ms".
type Duration time.Duration

// MarshalText makes Duration an encoding.TextMarshaler.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText makes Duration an encoding.TextUnmarshaler.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	*d = Duration(parsed)
	return err
}

var (
	answerKinds    = []Kind{Cut, Gateway, Silence, Truncate, HTML, Delay}
	refusingKinds  = []Kind{Refuse, Expire, Legacy}
	operationKinds = []Kind{Fail, Offline, Prolong, Late}
	wayKinds       = []Kind{Unreachable}
)

var gatewayTitles = map[int]string{
	http.StatusFound: "Found", http.StatusForbidden: "Forbidden", statusClientClosedRequest: "Client Closed Request",
	http.StatusTooManyRequests: "Too Many Requests", http.StatusInternalServerError: "Internal Server Error",
	http.StatusBadGateway: "Bad Gateway", http.StatusServiceUnavailable: "Service Temporarily Unavailable",
	http.StatusGatewayTimeout: "Gateway Time-out",
}

// GatewayTitle is what a proxy calls the HTTP status; empty if Gateway cannot answer with it.
func GatewayTitle(status int) string { return gatewayTitles[status] }

// ConcernsAnswer says whether the fault happens to the answer, at Fault.When.
func (f *Fault) ConcernsAnswer() bool { return slices.Contains(answerKinds, f.Kind) }

// statusClientClosedRequest is nginx's own.
const statusClientClosedRequest = 499

// Check says what is wrong with the fault itself.
func (f *Fault) Check() error {
	switch {
	case !slices.Contains(slices.Concat(answerKinds, refusingKinds, operationKinds, wayKinds, temperaments), f.Kind):
		return fmt.Errorf("there is no fault of kind %q", f.Kind)
	case !slices.Contains([]string{"", WhenBefore, WhenStarted, WhenAfter}, f.When):
		return fmt.Errorf("fault %s: when %q is not before, started or after", f.Kind, f.When)
	case f.When != "" && !f.ConcernsAnswer() && f.Kind != UnknownStatus:
		return fmt.Errorf("fault %s: when has no meaning for it", f.Kind)
	}
	if err := f.checkValues(); err != nil {
		return err
	}
	return f.checkTemperament()
}

func (f *Fault) checkValues() error {
	switch {
	case f.Kind == Gateway && GatewayTitle(f.Status) == "":
		return fmt.Errorf("fault %s: status must be 302, 403, 429, 499, 500, 502, 503 or 504", f.Kind)
	case f.Kind == Refuse && f.Code == 0:
		return fmt.Errorf("fault %s: code is missing", f.Kind)
	case slices.Contains([]Kind{Unreachable, Clock, TimeZone}, f.Kind) && f.Environment != "":
		return fmt.Errorf("fault %s: environment has no meaning for it", f.Kind)
	case f.Nth < 0 || f.Times < -1 || f.Delay < 0 && !slices.Contains(clockKinds, f.Kind):
		return fmt.Errorf("fault %s: nth, times and delay must not be negative", f.Kind)
	case slices.Contains([]Kind{Delay, Prolong, Late}, f.Kind) && f.Delay == 0:
		return fmt.Errorf("fault %s: delay is missing", f.Kind)
	}
	return nil
}

// Read reads a JSON array of faults.
func Read(path string) ([]Fault, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("the file of faults cannot be read: %w", err)
	}
	defer file.Close()
	decoder := json.NewDecoder(file)
	decoder.DisallowUnknownFields()
	var list []Fault
	if err := decoder.Decode(&list); err != nil {
		return nil, fmt.Errorf("the file of faults %s is not usable: %w", path, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("the file of faults %s is not usable: there is something after the end of the array", path)
	}
	var errs []error
	for i := range list {
		errs = append(errs, list[i].Check())
	}
	return list, errors.Join(errs...)
}
