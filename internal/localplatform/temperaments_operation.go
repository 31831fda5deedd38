package localplatform

import (
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

// trace limits what an operation leaves behind in time: it ends Fault.Delay after End.
type trace struct {
	End time.Time `json:"end,omitzero"` // of the operation
	// Before and Region are for tracePlace: what to show while the environment is in the region.
	Before   *environment `json:"before,omitempty"`
	Region   string       `json:"region,omitempty"`
	InRegion string       `json:"inRegion,omitempty"` // what to show as the region
}

// over says whether the time of a trace is up. Faults have no such time.
func (f *armedFault) over(now time.Time) bool {
	return !f.End.IsZero() && !now.Before(f.End.Add(time.Duration(f.Delay)))
}

// leave arms what a call shows in later reads of the environment until the delay after the end.
func (t *tx) leave(kind FaultKind, env *environment, end time.Time, delay Duration) error {
	return t.leaveTrace(armedFault{Fault: Fault{Kind: kind, Delay: delay}, trace: trace{End: end}}, env)
}

func (t *tx) leaveTrace(f armedFault, env *environment) error {
	f.Environment, f.Times = env.Name, -1
	return t.arm(f)
}

// moveTraces lets what the operation with this end has left behind count from now.
func (t *tx) moveTraces(name string, end time.Time) error {
	b := t.bolt.Bucket(bucketFaults)
	moved := map[string]armedFault{}
	err := b.ForEach(func(key, _ []byte) error {
		f, _, err := get[armedFault](b, key)
		if err == nil && !f.End.IsZero() && f.End.Equal(end) && f.Environment == name {
			f.End = t.now
			moved[string(key)] = f
		}
		return err
	})
	if err != nil {
		return err
	}
	for key, f := range moved {
		if err := put(b, []byte(key), f); err != nil {
			return err
		}
	}
	return nil
}

// answersAtOnce says whether the call does not wait for the end of what it has started.
func (c *call) answersAtOnce() bool { return c.hasFault(FaultAsync) || c.hasFault(FaultPhantom) }

// postpone is for an operation that begins only later.
func (t *tx) postpone(env *environment, op *operation) error {
	op.Shown = op.Start
	if err := t.bolt.Bucket(bucketMeta).Put(unorderedKey, []byte("1")); err != nil {
		return err
	}
	if !op.brings() {
		return nil
	}
	if err := t.leave(traceHidden, env, op.Start, 0); err != nil {
		return err
	}
	return t.leave(traceOff, env, op.Start, 0)
}

// unorderedKey is there if actions may have begun in another order than that of their ids.
var unorderedKey = []byte("unordered")

func (t *tx) unordered() bool { return t.bolt.Bucket(bucketMeta).Get(unorderedKey) != nil }

// brings says whether the operation brings forth an environment.
func (o *operation) brings() bool { return o.Kind == wire.ActionCreate || o.Kind == wire.ActionClone }

// applyToAction changes an entry that is about to get into the action log.
func (c *call) applyToAction(a *action) {
	for i := range c.faults {
		switch f := &c.faults[i]; f.Kind {
		case FaultLateLog:
			a.Late = time.Duration(f.Delay)
		case FaultLoseKey:
			a.RequestKey = ""
		}
	}
}

// applyTemperament changes an operation whose start and end are known, or arms what it is to leave behind.
func (f *Fault) applyTemperament(t *tx, env *environment, op *operation, entry *action) error {
	switch f.Kind {
	case FaultPhantom:
		return f.failUnseen(t, env, op)
	case FaultLateAction:
		entry.Shown = op.Start.Add(time.Duration(f.Delay))
	case FaultLateList:
		return t.leave(traceLag, env, op.End, f.Delay)
	case FaultNotFound:
		return t.leave(traceHidden, env, op.End, f.Delay)
	case FaultUnlisted:
		return t.leave(traceOff, env, op.End, f.Delay)
	case FaultUnknownStatus:
		if f.When != WhenAfter {
			op.ShownStatus = f.Code
			return nil
		}
		return t.leaveTrace(armedFault{Fault: Fault{Kind: traceStatus, Code: f.Code, Delay: f.Delay}, trace: trace{End: op.End}}, env)
	}
	if op.Kind != wire.ActionMigrate {
		return nil
	}
	switch f.Kind {
	case FaultLateRegion:
		if f.Delay == 0 {
			op.After = env.copy()
			return nil
		}
		return f.leavePlace(t, env, op, env.Region)
	case FaultLateAddresses:
		return f.leavePlace(t, env, op, op.After.Region)
	case FaultNewAppID:
		op.After.AppID, op.After.Created = newAppID(), op.End
	case FaultNewNodeIDs:
		return t.renumber(op.After)
	}
	return nil
}

// failUnseen lets the operation fail without anybody noticing but in the action log.
func (f *Fault) failUnseen(t *tx, env *environment, op *operation) error {
	op.Failure = &failure{Code: f.Code, Words: f.Words}
	if f.Code == 0 {
		op.Failure.Code = wire.ResultFailed
	}
	if f.Words == "" {
		op.Failure.Words = "operation failed"
	}
	if !op.brings() {
		return nil
	}
	if err := t.leave(traceHidden, env, op.End, 0); err != nil {
		return err
	}
	return t.leave(traceOff, env, op.End, 0)
}

func (f *Fault) leavePlace(t *tx, env *environment, op *operation, region string) error {
	return t.leaveTrace(armedFault{
		Fault: Fault{Kind: tracePlace, Delay: f.Delay},
		trace: trace{End: op.End, Before: env.copy(), Region: op.After.Region, InRegion: region},
	}, env)
}

// renumber gives the nodes new ids, also where mounts inside the environment name them.
func (t *tx) renumber(env *environment) error {
	ids := map[int64]int64{}
	for i := range env.Nodes {
		id, err := t.newNodeID()
		if err != nil {
			return err
		}
		ids[env.Nodes[i].ID] = nodeIDBase + id
		env.Nodes[i].ID, env.Nodes[i].CTID = nodeIDBase+id, containerIDBase+id
	}
	for i := range env.Layers {
		for path, m := range env.Layers[i].Mounts {
			if id, ours := ids[m.SourceNodeID]; ours {
				m.SourceNodeID = id
				env.Layers[i].Mounts[path] = m
			}
		}
	}
	return nil
}
