package faultinjection

import (
	"slices"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
)

// readKinds change what a read returns.
var readKinds = []faults.Kind{faults.Lag, faults.Flap, traceLag, traceHidden, traceOff, traceStatus, tracePlace}

// matchesRead says whether a fault that changes reads affects the call. A call that names no environment covers all
// of them.
func matchesRead(c *localplatform.Call, t *localplatform.Tx, f *faults.Fault) bool {
	if !c.Reads() {
		return false
	}
	subject := c.Subject()
	if name := t.NameOf(subject); name != "" {
		subject = name
	}
	if f.Environment != "" && subject != "" && f.Environment != subject && t.Exists(subject) {
		return false
	}
	if f.Kind != faults.Flap {
		return true
	}
	if subject == "" {
		subject = f.Environment
	}
	return t.Operating(subject)
}

// Lag implements localplatform.CallHooks.
func (c *call) Lag(name string) time.Duration {
	longest := faults.Duration(0)
	for i := range c.faults {
		f := &c.faults[i]
		if (f.Kind == faults.Lag || f.Kind == traceLag && c.request.Lists()) &&
			(f.Environment == "" || f.Environment == name) {
			longest = max(longest, f.Delay)
		}
	}
	return time.Duration(longest)
}

// Lags implements localplatform.CallHooks.
func (c *call) Lags() bool { return c.has(faults.Lag) || c.has(traceLag) && c.request.Lists() }

// Appearance implements localplatform.CallHooks.
func (c *call) Appearance(t *localplatform.Tx, env *localplatform.Environment) *localplatform.Environment {
	for i := range c.faults {
		f := &c.faults[i]
		if f.Environment != "" && f.Environment != env.Name {
			continue
		}
		ended := !t.Now().Before(f.End)
		switch {
		case f.Kind == faults.Flap && t.Operating(env.Name),
			f.Kind == traceHidden && !c.request.Lists(),
			f.Kind == traceOff && c.request.Lists():
			return nil
		case f.Kind == traceStatus && ended && env.Op == nil:
			changed := *env
			changed.Status = f.Code
			env = &changed
		case f.Kind == tracePlace && ended && env.Region == f.Region:
			env = f.placed(env)
		}
	}
	return env
}

// placed returns a copy with the region, domain and addresses of the trace.
func (f *armedFault) placed(env *localplatform.Environment) *localplatform.Environment {
	shown := *env
	shown.Region, shown.Domain = f.InRegion, f.Before.Domain
	shown.Nodes = slices.Clone(env.Nodes)
	shown.ShowAddressesOf(f.Before)
	return &shown
}

// ClockShift implements localplatform.CallHooks.
func (c *call) ClockShift() time.Duration { return c.sum(faults.Clock) }

// LogShift implements localplatform.CallHooks.
func (c *call) LogShift() time.Duration { return c.sum(faults.Clock) + c.sum(faults.TimeZone) }
