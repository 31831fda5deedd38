package localplatform

import (
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

// readMatches says whether a fault that concerns what a read finds happens to the call. A call that names no
// environment is about all of them.
func (c *call) readMatches(t *tx, f *Fault) bool {
	if !c.method.looks() {
		return false
	}
	subject := c.subject()
	if name := t.nameOf(subject); name != "" {
		subject = name
	}
	if f.Environment != "" && subject != "" && f.Environment != subject && t.known(subject) {
		return false
	}
	if f.Kind != FaultFlap {
		return true
	}
	if subject == "" {
		subject = f.Environment
	}
	return t.operating(subject)
}

// known says whether there is an environment of this name now. Under another name there may have been one.
func (t *tx) known(name string) bool {
	return t.bolt.Bucket(bucketEnvironments).Get([]byte(name)) != nil
}

// operating says whether an operation runs on the environment of this name; with no name, on any.
func (t *tx) operating(name string) bool {
	b := t.bolt.Bucket(bucketRunning)
	if name != "" {
		return b.Get([]byte(name)) != nil
	}
	key, _ := b.Cursor().First()
	return key != nil
}

// lists says whether the call lists environments.
func (c *call) lists() bool {
	return c.name == "environment/control/getenvs" || c.name == "environment/control/getbasicenvsinfo"
}

// lag is how long ago what the call reads of the environment of this name is.
func (c *call) lag(name string) time.Duration {
	longest := Duration(0)
	for i := range c.faults {
		f := &c.faults[i]
		if (f.Kind == FaultLag || f.Kind == traceLag && c.lists()) && (f.Environment == "" || f.Environment == name) {
			longest = max(longest, f.Delay)
		}
	}
	return time.Duration(longest)
}

func (c *call) lags() bool { return c.hasFault(FaultLag) || c.hasFault(traceLag) && c.lists() }

// instantOf is when the record is to be looked at.
func (t *tx) instantOf(env *environment) time.Time {
	if env.seenAt.IsZero() {
		return t.now
	}
	return env.seenAt
}

// look is the environment of this name or appid as a read is to find it, nil if it is not to find it; present is the
// one there is now, if there is one.
func (c *call) look(t *tx, name string, present *environment) (*environment, error) {
	env := present
	if c.lags() {
		env = nil
		err := c.environments(t, func(e *environment) error {
			if e.Name == name || e.AppID == name {
				env = e
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	if env == nil {
		return nil, nil
	}
	return c.appearance(t, env), nil
}

// environments calls f for each environment in the order of their names, as they were as long ago as the call reads.
func (c *call) environments(t *tx, f func(*environment) error) error {
	if !c.lags() {
		return t.environments(f)
	}
	all, err := t.past(c.lag)
	if err != nil {
		return err
	}
	err = t.environments(func(env *environment) error {
		if _, changed := all[env.Name]; !changed {
			all[env.Name] = env
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		env := all[name]
		if env == nil {
			continue
		}
		env.seenAt = t.now.Add(-c.lag(name))
		if err := f(env); err != nil {
			return err
		}
	}
	return nil
}

// appearance is what the call is to see of the environment; nil if nothing.
func (c *call) appearance(t *tx, env *environment) *environment {
	for i := range c.faults {
		f := &c.faults[i]
		if f.Environment != "" && f.Environment != env.Name {
			continue
		}
		ended := !t.now.Before(f.End)
		switch {
		case f.Kind == FaultFlap && t.operating(env.Name),
			f.Kind == traceHidden && !c.lists(),
			f.Kind == traceOff && c.lists():
			return nil
		case f.Kind == traceStatus && ended && env.Op == nil:
			changed := *env
			changed.Status = f.Code
			env = &changed
		case f.Kind == tracePlace && ended && env.Region == f.Region:
			env = env.placed(f)
		}
	}
	return env
}

// placed is a copy with the region, domain and addresses that the trace says.
func (e *environment) placed(f *armedFault) *environment {
	shown := *e
	shown.Region, shown.Domain = f.InRegion, f.Before.Domain
	shown.Nodes = slices.Clone(e.Nodes)
	for i := range shown.Nodes {
		n := &shown.Nodes[i]
		old := f.Before.node(n.ID)
		if old == nil && len(f.Before.Nodes) == len(e.Nodes) {
			old = &f.Before.Nodes[i] // it has a new id
		}
		if old != nil {
			n.IntIP, n.IPv4, n.IPv6 = old.IntIP, old.IPv4, old.IPv6
		}
	}
	return &shown
}

// runningActions calls f with the action of each operation that runs, in the order of the environments' names.
func (c *call) runningActions(t *tx, f func(id int64) error) error {
	if c.lags() {
		return c.environments(t, func(env *environment) error {
			if env.Op == nil {
				return nil
			}
			return f(env.Op.ID)
		})
	}
	running := t.bolt.Bucket(bucketRunning)
	return running.ForEach(func(name, _ []byte) error {
		op, _, err := get[runningOperation](running, name)
		if err != nil {
			return err
		}
		return f(op.ID)
	})
}

// actionAsSeen makes the entry what it was as long ago as the call reads, and says whether it is to be seen.
func (c *call) actionAsSeen(t *tx, a *action) bool {
	at := t.now.Add(-c.lag(a.Env))
	if !a.Running && at.Before(a.End) {
		a.Running, a.Result, a.Words = true, wire.ResultOK, ""
	}
	if a.Running {
		return !at.Before(a.Start) && !at.Before(a.Shown)
	}
	return a.Late == 0 || !at.Before(a.End.Add(a.Late))
}

// clockShift is how far the platform's clock is ahead.
func (c *call) clockShift() time.Duration { return c.sumOf(FaultClock) }

// logShift is how far the times in the action log are ahead.
func (c *call) logShift() time.Duration { return c.sumOf(FaultClock) + c.sumOf(FaultTimeZone) }

func (c *call) sumOf(kind FaultKind) time.Duration {
	sum := Duration(0)
	for i := range c.faults {
		if c.faults[i].Kind == kind {
			sum += c.faults[i].Delay
		}
	}
	return time.Duration(sum)
}

// setDate sends the time of a clock that is wrong; that of one that is right comes by itself.
func (c *call) setDate(w http.ResponseWriter) {
	if shift := c.clockShift(); shift != 0 {
		w.Header().Set("Date", c.platform.now().Add(shift).Format(http.TimeFormat))
	}
}
