package localplatform

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

// FaultKind is what goes wrong, or with the kinds in temperaments.go what is only unusual.
type FaultKind string

// The kinds of faults. Those that concern the answer (the first group) happen at Fault.When.
const (
	// FaultCut closes the connection without an answer.
	FaultCut FaultKind = "cut"
	// FaultGateway answers with HTTP status Fault.Status (302, 403, 429, 499, 500, 502, 503 or 504) and an HTML body, as
	// a proxy in between does; the header Retry-After says Fault.Delay in whole seconds, unless that is 0. A 302 leads to
	// another host, where nothing is.
	FaultGateway FaultKind = "gateway"
	// FaultSilence answers nothing and keeps the connection open until the client gives up.
	FaultSilence FaultKind = "silence"
	// FaultTruncate closes the connection in the middle of the answer.
	FaultTruncate FaultKind = "truncate"
	// FaultHTML answers with HTTP status 200 and an HTML body.
	FaultHTML FaultKind = "html"
	// FaultDelay waits for Fault.Delay (not scaled).
	FaultDelay FaultKind = "delay"

	// FaultUnreachable lets no connection come about, so that the request never arrives. Only clients that use Transport
	// meet it; it cannot be limited to an environment.
	FaultUnreachable FaultKind = "unreachable"

	// FaultRefuse answers with Fault.Code and Fault.Words and does nothing.
	FaultRefuse FaultKind = "refuse"
	// FaultExpire ends the session: this call and all later ones with the same token answer 702.
	FaultExpire FaultKind = "expire"
	// FaultLegacy answers checkmigrationpossibility and migrate in the old envelope {"response":{"result":0}}.
	FaultLegacy FaultKind = "legacy"

	// FaultFail lets the operation be accepted and then fail with Fault.Code and Fault.Words: the environment is what
	// it was before, or with Fault.Broken in status 11.
	FaultFail FaultKind = "fail"
	// FaultOffline accepts a live migration and does it offline.
	FaultOffline FaultKind = "offline"
	// FaultProlong makes the operation last Fault.Delay longer (not scaled).
	FaultProlong FaultKind = "prolong"
	// FaultLate shows the operation in the status only Fault.Delay after its start (not scaled).
	FaultLate FaultKind = "late"
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
	Kind FaultKind `json:"kind"`
	// Method is the last part of the path, such as "migrate", or all of it ("environment/control/migrate"), in any
	// letter case; "*" or nothing means every method.
	Method string `json:"method,omitempty"`
	// Environment limits the fault to calls about the environment of this name.
	Environment string `json:"environment,omitempty"`
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
	answerFaults    = []FaultKind{FaultCut, FaultGateway, FaultSilence, FaultTruncate, FaultHTML, FaultDelay}
	refusingFaults  = []FaultKind{FaultRefuse, FaultExpire, FaultLegacy}
	operationFaults = []FaultKind{FaultFail, FaultOffline, FaultProlong, FaultLate}
	wayFaults       = []FaultKind{FaultUnreachable}
)

var gatewayTitles = map[int]string{
	http.StatusFound: "Found", http.StatusForbidden: "Forbidden", statusClientClosedRequest: "Client Closed Request",
	http.StatusTooManyRequests: "Too Many Requests", http.StatusInternalServerError: "Internal Server Error",
	http.StatusBadGateway: "Bad Gateway", http.StatusServiceUnavailable: "Service Temporarily Unavailable",
	http.StatusGatewayTimeout: "Gateway Time-out",
}

// statusClientClosedRequest is nginx's own.
const statusClientClosedRequest = 499

func (f *Fault) check() error {
	switch {
	case !slices.Contains(slices.Concat(answerFaults, refusingFaults, operationFaults, wayFaults, temperaments), f.Kind):
		return fmt.Errorf("there is no fault of kind %q", f.Kind)
	case !slices.Contains([]string{"", WhenBefore, WhenStarted, WhenAfter}, f.When):
		return fmt.Errorf("fault %s: when %q is not before, started or after", f.Kind, f.When)
	case f.When != "" && !slices.Contains(answerFaults, f.Kind) && f.Kind != FaultUnknownStatus:
		return fmt.Errorf("fault %s: when has no meaning for it", f.Kind)
	case f.Kind == FaultGateway && gatewayTitles[f.Status] == "":
		return fmt.Errorf("fault %s: status must be 302, 403, 429, 499, 500, 502, 503 or 504", f.Kind)
	case f.Kind == FaultRefuse && f.Code == 0:
		return fmt.Errorf("fault %s: code is missing", f.Kind)
	case slices.Contains([]FaultKind{FaultUnreachable, FaultClock, FaultTimeZone}, f.Kind) && f.Environment != "":
		return fmt.Errorf("fault %s: environment has no meaning for it", f.Kind)
	case f.Nth < 0 || f.Times < -1 || f.Delay < 0 && !slices.Contains(clockFaults, f.Kind):
		return fmt.Errorf("fault %s: nth, times and delay must not be negative", f.Kind)
	case slices.Contains([]FaultKind{FaultDelay, FaultProlong, FaultLate}, f.Kind) && f.Delay == 0:
		return fmt.Errorf("fault %s: delay is missing", f.Kind)
	}
	return f.checkTemperament()
}

// armedFault is a fault with the number of matching calls so far, or what an operation has left behind.
type armedFault struct {
	Fault
	Seen int `json:"seen,omitempty"`
	trace
}

// Inject adds faults to those in the folder.
func (p *Platform) Inject(faults ...Fault) error {
	for i := range faults {
		if err := faults[i].check(); err != nil {
			return err
		}
	}
	return p.update(func(t *tx) error {
		for _, f := range faults {
			if err := t.arm(armedFault{Fault: f}); err != nil {
				return err
			}
		}
		return nil
	})
}

// arm stores a fault.
func (t *tx) arm(f armedFault) error {
	b := t.bolt.Bucket(bucketFaults)
	id, err := b.NextSequence()
	if err != nil {
		return err
	}
	return put(b, idKey(int64(id)), f) // counts up from 1
}

// ClearFaults takes all faults out of the folder, with what operations show of them. A session that one of them has
// ended stays ended.
func (p *Platform) ClearFaults() error {
	return p.update(func(t *tx) error {
		if err := t.bolt.DeleteBucket(bucketFaults); err != nil {
			return err
		}
		if _, err := t.bolt.CreateBucket(bucketFaults); err != nil {
			return err
		}
		return t.forgetHistory()
	})
}

// ReadFaults reads a JSON array of faults.
func ReadFaults(path string) ([]Fault, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("the file of faults cannot be read: %w", err)
	}
	defer file.Close()
	decoder := json.NewDecoder(file)
	decoder.DisallowUnknownFields()
	var faults []Fault
	if err := decoder.Decode(&faults); err != nil {
		return nil, fmt.Errorf("the file of faults %s is not usable: %w", path, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("the file of faults %s is not usable: there is something after the end of the array", path)
	}
	var errs []error
	for i := range faults {
		errs = append(errs, faults[i].check())
	}
	return faults, errors.Join(errs...)
}
