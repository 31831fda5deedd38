package localplatform

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.etcd.io/bbolt"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

func anyFaults(b *bbolt.Tx) bool {
	key, _ := b.Bucket(bucketFaults).Cursor().First()
	return key != nil
}

// takeFaults counts the call against the faults in the folder and applies those that happen to it.
func (c *call) takeFaults() error {
	var err error
	if c.faults, err = c.platform.takeFaults(c.matches); err != nil {
		return err
	}
	return c.applyBefore()
}

// takeFaults finds the faults that happen to a call. It writes only if it matters how many calls there were.
func (p *Platform) takeFaults(matches func(*tx, *Fault) bool) (happening []armedFault, err error) {
	err = p.view(func(t *tx) error {
		list, changed, err := t.matchFaults(matches)
		if err == nil && len(changed) > 0 {
			return errToCount
		}
		happening = list
		return err
	})
	if errors.Is(err, errToCount) {
		err = p.update(func(t *tx) error {
			var err error
			happening, err = t.countFaults(matches)
			return err
		})
	}
	return happening, err
}

// errToCount tells a reader that the call is to be written down.
var errToCount = errors.New("the call is to be counted")

// unreachable counts a request that is about to be sent against the faults in the folder, and says whether there is no
// way for it.
func (p *Platform) unreachable(name string) (bool, error) {
	armed := false
	if err := p.store.view(func(b *bbolt.Tx) error { armed = anyFaults(b); return nil }); err != nil || !armed {
		return false, err
	}
	faults, err := p.takeFaults(func(_ *tx, f *Fault) bool { return f.Kind == FaultUnreachable && f.names(name) })
	return len(faults) > 0, err
}

// matchFaults finds those faults in the folder that happen to a call, and those that have changed by it.
func (t *tx) matchFaults(matches func(*tx, *Fault) bool) (happening []armedFault, changed map[string]armedFault, err error) {
	b := t.bolt.Bucket(bucketFaults)
	changed = map[string]armedFault{}
	err = b.ForEach(func(key, _ []byte) error {
		f, _, err := get[armedFault](b, key)
		switch {
		case err != nil:
			return err
		case f.over(t.now):
			changed[string(key)] = f
		case matches(t, &f.Fault):
			f.Seen++
			if f.counts() {
				changed[string(key)] = f
			}
			if f.happens() {
				happening = append(happening, f)
			}
		}
		return nil
	})
	return happening, changed, err
}

// countFaults counts a call against those faults in the folder that match it, and returns those that happen to it.
func (t *tx) countFaults(matches func(*tx, *Fault) bool) ([]armedFault, error) {
	happening, changed, err := t.matchFaults(matches)
	if err != nil {
		return nil, err
	}
	for key, f := range changed {
		if err := t.keep(&f, []byte(key)); err != nil {
			return nil, err
		}
	}
	return happening, nil
}

func (c *call) matches(t *tx, f *Fault) bool {
	switch {
	case f.Kind == FaultUnreachable || !f.names(c.name):
		return false
	case slices.Contains(readFaults, f.Kind):
		return c.readMatches(t, f)
	}
	return f.Environment == "" || f.Environment == c.subject() || f.Environment == t.nameOf(c.subject())
}

// names says whether the fault is for the method of this name.
func (f *Fault) names(name string) bool {
	method := strings.ToLower(strings.ReplaceAll(f.Method, ".", "/"))
	return method == "" || method == "*" || method == name || strings.HasSuffix(name, "/"+method)
}

// subject is the name of the environment that the call is about, as far as the request says.
func (c *call) subject() string {
	for _, name := range []string{"envName", "srcEnvName", "dstEnvName"} {
		if v := c.value(name); v != "" {
			return v
		}
	}
	var spec wire.EnvSpec
	if _ = json.Unmarshal([]byte(c.value("env")), &spec); spec.ShortDomain != "" {
		return spec.ShortDomain
	}
	return c.target()
}

func (f *armedFault) happens() bool {
	first := max(f.Nth, 1)
	if f.Kind == FaultFlap && (f.Seen-first)%2 != 0 {
		return false
	}
	return f.Seen >= first && (f.Times == -1 || f.Seen < first+max(f.Times, 1))
}

// counts says whether it matters how many calls there were.
func (f *armedFault) counts() bool { return f.Times != -1 || f.Nth > 1 || f.Kind == FaultFlap }

// keep stores the fault, or takes it away after its last time, so that calls are cheap again.
func (t *tx) keep(f *armedFault, key []byte) error {
	b := t.bolt.Bucket(bucketFaults)
	if f.over(t.now) || f.Times != -1 && f.Seen >= max(f.Nth, 1)+max(f.Times, 1)-1 {
		return b.Delete(key)
	}
	return put(b, key, f)
}

// applyBefore is what happens to the call before it does anything.
func (c *call) applyBefore() error {
	for i := range c.faults {
		switch f := &c.faults[i]; {
		case f.Kind == FaultDelay && (f.When == "" || f.When == WhenBefore):
			if err := c.sleep(time.Duration(f.Delay)); err != nil {
				return err
			}
		case slices.Contains(answerFaults, f.Kind) && (f.When == "" || f.When == WhenBefore):
			return &answerFault{fault: &f.Fault}
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

// applyToOperation changes an operation that is about to start on the environment, and its entry in the action log.
func (c *call) applyToOperation(t *tx, env *environment, op *operation, entry *action) error {
	for i := range c.faults { // the instants that the others are counted from
		switch f := &c.faults[i]; f.Kind {
		case FaultAsync:
			op.Start, op.End = op.Start.Add(time.Duration(f.Delay)), op.End.Add(time.Duration(f.Delay))
		case FaultProlong:
			op.End = op.End.Add(time.Duration(f.Delay))
		}
	}
	if op.Start.After(t.now) {
		if err := t.postpone(env, op); err != nil {
			return err
		}
	}
	for i := range c.faults {
		f := &c.faults[i].Fault
		switch f.Kind {
		case FaultFail:
			op.Failure = &failure{Code: f.Code, Words: f.Words, Broken: f.Broken}
			if f.Code == 0 {
				op.Failure.Code = wire.ResultFailed
			}
			if f.Words == "" {
				op.Failure.Words = "operation failed"
			}
		case FaultLate:
			op.Shown = op.Start.Add(time.Duration(f.Delay))
		default:
			if err := f.applyTemperament(t, env, op, entry); err != nil {
				return err
			}
		}
	}
	return nil
}

// hasFault says whether a fault of the kind happens to this call.
func (c *call) hasFault(kind FaultKind) bool {
	return slices.ContainsFunc(c.faults, func(f armedFault) bool { return f.Kind == kind })
}

func (c *call) legacy() bool {
	return c.hasFault(FaultLegacy) &&
		(c.name == "environment/control/migrate" || c.name == "environment/control/checkmigrationpossibility")
}

// applyOnceStarted is for calls whose operation has begun.
func (c *call) applyOnceStarted() *answerFault { return c.applyToAnswer(WhenStarted) }

// applyAfter is for calls that are done. One that has no operation to wait for has begun and ended at once.
func (c *call) applyAfter() *answerFault {
	if t := c.applyToAnswer(WhenAfter); t != nil || c.begun {
		return t
	}
	return c.applyToAnswer(WhenStarted)
}

func (c *call) applyToAnswer(when string) *answerFault {
	for i := range c.faults {
		f := &c.faults[i].Fault
		if f.When != when || !slices.Contains(answerFaults, f.Kind) {
			continue
		}
		if f.Kind == FaultDelay {
			if c.sleep(time.Duration(f.Delay)) != nil {
				return &answerFault{fault: &Fault{Kind: FaultCut}}
			}
			continue
		}
		return &answerFault{fault: f}
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

// answerFault is a fault on its way to the connection.
type answerFault struct {
	fault *Fault
	body  []byte // the answer that would have been sent
}

func (t *answerFault) Error() string { return "fault " + string(t.fault.Kind) }

func (t *answerFault) serve(c *call, w http.ResponseWriter) {
	page := func(status int, title string) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, "<html>\r\n<head><title>%d %s</title></head>\r\n<body>\r\n<center><h1>%d %s</h1></center>\r\n<hr><center>openresty</center>\r\n</body>\r\n</html>\r\n", status, title, status, title)
	}
	switch t.fault.Kind {
	case FaultGateway:
		if t.fault.Delay > 0 {
			w.Header().Set("Retry-After", strconv.FormatFloat(math.Ceil(time.Duration(t.fault.Delay).Seconds()), 'f', 0, 64))
		}
		if t.fault.Status == http.StatusFound {
			w.Header().Set("Location", "http://maintenance.vap.test/")
		}
		page(t.fault.Status, gatewayTitles[t.fault.Status])
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
