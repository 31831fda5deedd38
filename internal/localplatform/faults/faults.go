// Package faults describes what can go wrong, or be unusual, on the local platform. Faults are plain data. To apply
// them, link package faultinjection, which the released provider does not.
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

// Kind is a kind of fault, or of unusual behaviour in temperaments.go.
type Kind string

// The kinds of faults. The first group affects the answer at Fault.When.
const (
	// Cut closes the connection without an answer.
	Cut Kind = "cut"
	// Gateway answers with HTTP status Fault.Status (302, 403, 429, 499, 500, 502, 503 or 504) and an HTML body, like a
	// proxy. The header Retry-After is Fault.Delay in whole seconds, unless that is 0. A 302 points to another host that
	// does not exist.
	Gateway Kind = "gateway"
	// Silence sends no answer and keeps the connection open until the client gives up.
	Silence Kind = "silence"
	// Truncate closes the connection in the middle of the answer.
	Truncate Kind = "truncate"
	// HTML answers with HTTP status 200 and an HTML body.
	HTML Kind = "html"
	// Delay waits for Fault.Delay (not scaled).
	Delay Kind = "delay"

	// Unreachable makes connections fail, so that the request never arrives. It affects only clients that use Transport
	// and cannot be limited to an environment.
	Unreachable Kind = "unreachable"

	// Refuse answers with Fault.Code and Fault.Words and has no effect.
	Refuse Kind = "refuse"
	// Expire ends the session: this call and all later ones with the same token answer 702.
	Expire Kind = "expire"
	// Legacy answers checkmigrationpossibility and migrate in the old envelope {"response":{"result":0}}.
	Legacy Kind = "legacy"

	// Fail accepts the operation, which then fails with Fault.Code and Fault.Words. The environment returns to its
	// previous state or, with Fault.Broken, gets status 11.
	Fail Kind = "fail"
	// Offline accepts a live migration and carries it out offline.
	Offline Kind = "offline"
	// Prolong extends the operation by Fault.Delay (not scaled).
	Prolong Kind = "prolong"
	// Late shows the operation's status only Fault.Delay after its start (not scaled).
	Late Kind = "late"
)

// Values of Fault.When.
const (
	// WhenBefore: the call has no effect. This is the default.
	WhenBefore = "before"
	// WhenStarted: the operation has started and continues, but the answer does not wait for its end.
	WhenStarted = "started"
	// WhenAfter: the operation has ended.
	WhenAfter = "after"
)

// Fault is a fault and the calls that it affects. It is stored in the folder, so it affects every process that shares
// it.
type Fault struct {
	Kind Kind `json:"kind"`
	// Method is the last part of the path, such as "migrate", or all of it ("environment/control/migrate"), in any
	// letter case. "*" or nothing means every method.
	Method string `json:"method,omitempty"`
	// Environment limits the fault to calls about the environment of this name.
	Environment string `json:"environment,omitempty"`
	// Since is a method, in the format of Method. Calls count only after a call of it, about the same environment if one
	// is set, has arrived. So a fault happens during or after an action, however many calls came before.
	Since string `json:"since,omitempty"`
	// Nth is the first matching call that the fault affects. 0 and 1 both mean the next one.
	Nth int `json:"nth,omitempty"`
	// Times is the number of calls affected from then on. 0 means one, -1 means all.
	Times int `json:"times,omitempty"`

	When   string   `json:"when,omitempty"`
	Status int      `json:"status,omitempty"`
	Delay  Duration `json:"delay,omitempty"`
	Code   int      `json:"code,omitempty"`
	Words  string   `json:"words,omitempty"`
	Broken bool     `json:"broken,omitempty"`
}

// Duration is a string in JSON, such as "250ms".
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

// GatewayTitle returns a proxy's title for the HTTP status, or an empty string if Gateway does not support it.
func GatewayTitle(status int) string { return gatewayTitles[status] }

// ConcernsAnswer says whether the fault affects the answer, at Fault.When.
func (f *Fault) ConcernsAnswer() bool { return slices.Contains(answerKinds, f.Kind) }

// statusClientClosedRequest is specific to nginx.
const statusClientClosedRequest = 499

// Check reports a mistake in the fault itself.
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
