package faultinjection

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
)

// Before implements localplatform.CallHooks.
func (c *call) Before() error {
	for i := range c.faults {
		switch f := &c.faults[i]; {
		case f.ConcernsAnswer() && f.When != "" && f.When != faults.WhenBefore:
			continue
		case f.Kind == faults.Delay:
			if err := c.request.Sleep(time.Duration(f.Delay)); err != nil {
				return err
			}
		case f.ConcernsAnswer():
			return &disturbance{fault: &f.Fault}
		case f.Kind == faults.Refuse:
			return localplatform.Refusal(f.Code, f.Words)
		case f.Kind == faults.Expire:
			if err := c.request.Platform().ExpireToken(c.request.Value("session")); err != nil {
				return err
			}
			return localplatform.NotAuthenticated()
		}
	}
	return nil
}

// Started implements localplatform.CallHooks.
func (c *call) Started() localplatform.Disturbance { return c.disturb(faults.WhenStarted) }

// After implements localplatform.CallHooks. A call without an operation counts as started when it is done.
func (c *call) After(operated bool) localplatform.Disturbance {
	if d := c.disturb(faults.WhenAfter); d != nil || operated {
		return d
	}
	return c.disturb(faults.WhenStarted)
}

func (c *call) disturb(when string) localplatform.Disturbance {
	for i := range c.faults {
		f := &c.faults[i].Fault
		if f.When != when || !f.ConcernsAnswer() {
			continue
		}
		if f.Kind == faults.Delay {
			if c.request.Sleep(time.Duration(f.Delay)) != nil {
				return &disturbance{fault: &faults.Fault{Kind: faults.Cut}}
			}
			continue
		}
		return &disturbance{fault: f}
	}
	return nil
}

// OldEnvelope implements localplatform.CallHooks.
func (c *call) OldEnvelope() bool {
	return c.has(faults.Legacy) &&
		(c.request.Name() == "environment/control/migrate" ||
			c.request.Name() == "environment/control/checkmigrationpossibility")
}

// disturbance is a fault that replaces an answer.
type disturbance struct{ fault *faults.Fault }

func (d *disturbance) Error() string { return "fault " + d.Kind() }

// Kind implements localplatform.Disturbance.
func (d *disturbance) Kind() string { return string(d.fault.Kind) }

// Serve implements localplatform.Disturbance.
func (d *disturbance) Serve(c *localplatform.Call, w http.ResponseWriter, body []byte) {
	switch d.fault.Kind {
	case faults.Gateway:
		if d.fault.Delay > 0 {
			seconds := math.Ceil(time.Duration(d.fault.Delay).Seconds())
			w.Header().Set("Retry-After", strconv.FormatFloat(seconds, 'f', 0, 64))
		}
		if d.fault.Status == http.StatusFound {
			w.Header().Set("Location", "http://maintenance.vap.test/")
		}
		writePage(w, d.fault.Status, faults.GatewayTitle(d.fault.Status))
	case faults.HTML:
		writePage(w, http.StatusOK, "Welcome")
	case faults.Silence:
		_ = c.Sleep(math.MaxInt64)
		panic(http.ErrAbortHandler)
	case faults.Truncate:
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

func writePage(w http.ResponseWriter, status int, title string) {
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, "<html>\r\n<head><title>%d %s</title></head>\r\n<body>\r\n<center><h1>%d %s</h1></center>\r\n"+
		"<hr><center>openresty</center>\r\n</body>\r\n</html>\r\n", status, title, status, title)
}
