package localplatform

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

// FaultKind is what goes wrong.
type FaultKind string

// The kinds of faults. Those that concern the answer (the first group) happen at Fault.When.
const (
	// FaultCut closes the connection without an answer.
	FaultCut FaultKind = "cut"
	// FaultGateway answers with HTTP status Fault.Status (502 or 504) and an HTML body, as a proxy in between does.
	FaultGateway FaultKind = "gateway"
	// FaultSilence answers nothing and keeps the connection open until the client gives up.
	FaultSilence FaultKind = "silence"
	// FaultTruncate closes the connection in the middle of the answer.
	FaultTruncate FaultKind = "truncate"
	// FaultHTML answers with HTTP status 200 and an HTML body.
	FaultHTML FaultKind = "html"
	// FaultDelay waits for Fault.Delay (not scaled).
	FaultDelay FaultKind = "delay"

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
)

func (f *Fault) check() error {
	switch {
	case !slices.Contains(slices.Concat(answerFaults, refusingFaults, operationFaults), f.Kind):
		return fmt.Errorf("there is no fault of kind %q", f.Kind)
	case !slices.Contains([]string{"", WhenBefore, WhenStarted, WhenAfter}, f.When):
		return fmt.Errorf("fault %s: when %q is not before, started or after", f.Kind, f.When)
	case f.When != "" && !slices.Contains(answerFaults, f.Kind):
		return fmt.Errorf("fault %s: when has no meaning for it", f.Kind)
	case f.Kind == FaultGateway && f.Status != http.StatusBadGateway && f.Status != http.StatusGatewayTimeout:
		return fmt.Errorf("fault %s: status must be 502 or 504", f.Kind)
	case f.Kind == FaultRefuse && f.Code == 0:
		return fmt.Errorf("fault %s: code is missing", f.Kind)
	case f.Nth < 0 || f.Times < -1 || f.Delay < 0:
		return fmt.Errorf("fault %s: nth, times and delay must not be negative", f.Kind)
	case (f.Kind == FaultDelay || f.Kind == FaultProlong || f.Kind == FaultLate) && f.Delay == 0:
		return fmt.Errorf("fault %s: delay is missing", f.Kind)
	}
	return nil
}

// armedFault is a fault with the number of matching calls so far.
type armedFault struct {
	Fault
	Seen int `json:"seen,omitempty"`
}

// Inject adds faults to those in the folder.
func (p *Platform) Inject(faults ...Fault) error {
	for i := range faults {
		if err := faults[i].check(); err != nil {
			return err
		}
	}
	return p.update(func(t *tx) error {
		b := t.bolt.Bucket(bucketFaults)
		for _, f := range faults {
			id, err := b.NextSequence()
			if err != nil {
				return err
			}
			if err := put(b, idKey(int64(id)), armedFault{Fault: f}); err != nil { // counts up from 1
				return err
			}
		}
		return nil
	})
}

// ClearFaults takes all faults out of the folder. A session that one of them has ended stays ended.
func (p *Platform) ClearFaults() error {
	return p.update(func(t *tx) error {
		if err := t.bolt.DeleteBucket(bucketFaults); err != nil {
			return err
		}
		_, err := t.bolt.CreateBucket(bucketFaults)
		return err
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

func (t *tx) anyFaults() bool {
	key, _ := t.bolt.Bucket(bucketFaults).Cursor().First()
	return key != nil
}

// takeFaults counts the call against the faults in the folder and lets it suffer those that happen to it.
func (c *call) takeFaults() error {
	err := c.platform.update(func(t *tx) error {
		b := t.bolt.Bucket(bucketFaults)
		counted := map[string]armedFault{}
		err := b.ForEach(func(key, _ []byte) error {
			f, _, err := get[armedFault](b, key)
			if err == nil && c.concerns(&f.Fault) {
				f.Seen++
				counted[string(key)] = f
				if f.happens() {
					c.faults = append(c.faults, f.Fault)
				}
			}
			return err
		})
		if err != nil {
			return err
		}
		for key, f := range counted {
			if err := put(b, []byte(key), f); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.sufferBefore()
}

func (c *call) concerns(f *Fault) bool {
	method := strings.ToLower(strings.ReplaceAll(f.Method, ".", "/"))
	if method != "" && method != "*" && method != c.name && !strings.HasSuffix(c.name, "/"+method) {
		return false
	}
	return f.Environment == "" || f.Environment == c.subject()
}

// subject is the name of the environment that the call is about, as far as the request says.
func (c *call) subject() string {
	for _, name := range []string{"envName", "srcEnvName", "dstEnvName"} {
		if v := c.value(name); v != "" {
			return v
		}
	}
	var spec wire.EnvSpec
	_ = json.Unmarshal([]byte(c.value("env")), &spec)
	return spec.ShortDomain
}

func (f *armedFault) happens() bool {
	first := max(f.Nth, 1)
	return f.Seen >= first && (f.Times == -1 || f.Seen < first+max(f.Times, 1))
}

// sufferBefore is what happens to the call before it does anything.
func (c *call) sufferBefore() error {
	for i := range c.faults {
		switch f := &c.faults[i]; {
		case f.Kind == FaultDelay && (f.When == "" || f.When == WhenBefore):
			if err := c.sleep(time.Duration(f.Delay)); err != nil {
				return err
			}
		case slices.Contains(answerFaults, f.Kind) && (f.When == "" || f.When == WhenBefore):
			return &trip{fault: f}
		case f.Kind == FaultRefuse:
			return &refusal{Code: f.Code, Source: "JEL", Words: f.Words}
		case f.Kind == FaultExpire:
			if err := c.platform.ExpireToken(c.value("session")); err != nil {
				return err
			}
			return refuseOuter(wire.ResultNotAuthenticated, "user not authenticated")
		}
	}
	return nil
}

// disturb changes an operation that is about to start.
func (c *call) disturb(op *operation, start time.Time) {
	for i := range c.faults {
		f := &c.faults[i]
		switch f.Kind {
		case FaultFail:
			op.Failure = &failure{Code: f.Code, Words: f.Words, Broken: f.Broken}
			if f.Code == 0 {
				op.Failure.Code = wire.ResultFailed
			}
			if f.Words == "" {
				op.Failure.Words = "operation failed"
			}
		case FaultProlong:
			op.End = op.End.Add(time.Duration(f.Delay))
		case FaultLate:
			op.Shown = start.Add(time.Duration(f.Delay))
		}
	}
}

// suffers says whether a fault of the kind happens to this call.
func (c *call) suffers(kind FaultKind) bool {
	return slices.ContainsFunc(c.faults, func(f Fault) bool { return f.Kind == kind })
}

func (c *call) legacy() bool {
	return c.suffers(FaultLegacy) &&
		(c.name == "environment/control/migrate" || c.name == "environment/control/checkmigrationpossibility")
}

// tripOnceBegun is for calls whose operation has begun.
func (c *call) tripOnceBegun() *trip { return c.tripAt(WhenStarted) }

// tripAfter is for calls that are done. One that has no operation to wait for has begun and ended at once.
func (c *call) tripAfter() *trip {
	if t := c.tripAt(WhenAfter); t != nil || c.begun {
		return t
	}
	return c.tripAt(WhenStarted)
}

func (c *call) tripAt(when string) *trip {
	for i := range c.faults {
		f := &c.faults[i]
		if f.When != when {
			continue
		}
		if f.Kind == FaultDelay {
			if c.sleep(time.Duration(f.Delay)) != nil {
				return &trip{fault: &Fault{Kind: FaultCut}}
			}
			continue
		}
		return &trip{fault: f}
	}
	return nil
}

// sleep ends early with an error when the client goes away.
func (c *call) sleep(d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-c.ctx.Done():
		return c.ctx.Err()
	case <-c.platform.closed:
		return http.ErrServerClosed
	}
}

// trip is a fault on its way to the connection.
type trip struct {
	fault *Fault
	body  []byte // the answer that would have been sent
}

func (t *trip) Error() string { return "fault " + string(t.fault.Kind) }

func (t *trip) serve(c *call, w http.ResponseWriter) {
	page := func(status int, title string) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, "<html>\r\n<head><title>%d %s</title></head>\r\n<body>\r\n<center><h1>%d %s</h1></center>\r\n<hr><center>openresty</center>\r\n</body>\r\n</html>\r\n", status, title, status, title)
	}
	switch t.fault.Kind {
	case FaultGateway:
		page(t.fault.Status, map[int]string{502: "Bad Gateway", 504: "Gateway Time-out"}[t.fault.Status])
	case FaultHTML:
		page(http.StatusOK, "Welcome")
	case FaultSilence:
		select {
		case <-c.ctx.Done():
		case <-c.platform.closed:
		}
		panic(http.ErrAbortHandler)
	case FaultTruncate:
		body := t.body
		if body == nil {
			body = []byte(`{"result":0,"array":[]}`)
		}
		w.Header().Set("Content-Type", "application/json;charset=UTF-8")
		w.Header().Set("Content-Length", fmt.Sprint(len(body)))
		_, _ = w.Write(body[:len(body)/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	default:
		panic(http.ErrAbortHandler)
	}
}
