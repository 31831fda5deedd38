package faultinjection

import (
	"cmp"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

// An operation's lasting effects on reads are stored as faults, limited in time and to its environment.
const (
	traceLag    faults.Kind = "trace of late_list"
	traceHidden faults.Kind = "trace of not_found"
	traceOff    faults.Kind = "trace of unlisted"
	traceStatus faults.Kind = "trace of unknown_status"
	tracePlace  faults.Kind = "trace of late_region or late_addresses"
)

// trace limits the lasting effect of an operation: it ends Fault.Delay after End.
type trace struct {
	End time.Time `json:"end,omitzero"` // of the operation
	// Before and Region are for tracePlace: the old state, shown while the environment is in Region.
	Before   *localplatform.Environment `json:"before,omitempty"`
	Region   string                     `json:"region,omitempty"`
	InRegion string                     `json:"inRegion,omitempty"` // the region to show
}

// over says whether a trace has expired. Other faults do not expire.
func (f *armedFault) over(now time.Time) bool {
	return !f.End.IsZero() && !now.Before(f.End.Add(time.Duration(f.Delay)))
}

// Ended implements localplatform.Hooks. Traces of the operation now count from its early end.
func (hooks) Ended(t *localplatform.Tx, name string, planned time.Time) error {
	moved := map[string]armedFault{}
	err := each(t.Bolt(), func(key []byte, f armedFault) {
		if !f.End.IsZero() && f.End.Equal(planned) && f.Environment == name {
			f.End = t.Now()
			moved[string(key)] = f
		}
	})
	if err != nil {
		return err
	}
	for key, f := range moved {
		if err := put(t.Bolt().Bucket(bucketFaults), []byte(key), f); err != nil {
			return err
		}
	}
	return nil
}

// AnswersAtOnce implements localplatform.CallHooks.
func (c *call) AnswersAtOnce() bool { return c.has(faults.Async) || c.has(faults.Phantom) }

// Offline implements localplatform.CallHooks.
func (c *call) Offline() bool { return c.has(faults.Offline) }

// Action implements localplatform.CallHooks.
func (c *call) Action(a *localplatform.Action) {
	for i := range c.faults {
		switch f := &c.faults[i]; f.Kind {
		case faults.LateLog:
			a.Late = time.Duration(f.Delay)
		case faults.LoseKey:
			a.RequestKey = ""
		}
	}
}

// Operation implements localplatform.CallHooks.
func (c *call) Operation(
	t *localplatform.Tx, env *localplatform.Environment, op *localplatform.Operation, entry *localplatform.Action,
) error {
	s := start{tx: t, env: env, op: op, entry: entry}
	for i := range c.faults { // first change the times that the other faults count from
		switch f := &c.faults[i]; f.Kind {
		case faults.Async:
			op.Start, op.End = op.Start.Add(time.Duration(f.Delay)), op.End.Add(time.Duration(f.Delay))
		case faults.Prolong:
			op.End = op.End.Add(time.Duration(f.Delay))
		}
	}
	if op.Start.After(t.Now()) {
		op.Shown = op.Start
		if op.Creates() {
			if err := s.hideUntil(op.Start); err != nil {
				return err
			}
		}
	}
	for i := range c.faults {
		if err := s.apply(&c.faults[i].Fault); err != nil {
			return err
		}
	}
	return nil
}

// start is an operation about to start on an environment.
type start struct {
	tx    *localplatform.Tx
	env   *localplatform.Environment
	op    *localplatform.Operation
	entry *localplatform.Action
}

// apply changes an operation whose start and end are set, or arms its traces.
func (s *start) apply(f *faults.Fault) error {
	switch f.Kind {
	case faults.Fail:
		s.fail(f)
		s.op.Failure.Broken = f.Broken
	case faults.Late:
		s.op.Shown = s.op.Start.Add(time.Duration(f.Delay))
	case faults.Phantom:
		s.fail(f)
		if s.op.Creates() {
			return s.hideUntil(s.op.End)
		}
	case faults.LateAction:
		s.entry.Shown = s.op.Start.Add(time.Duration(f.Delay))
	case faults.LateList:
		return s.leave(traceLag, f.Delay)
	case faults.NotFound:
		return s.leave(traceHidden, f.Delay)
	case faults.Unlisted:
		return s.leave(traceOff, f.Delay)
	case faults.UnknownStatus:
		if f.When == faults.WhenAfter {
			return s.leaveTrace(faults.Fault{Kind: traceStatus, Code: f.Code, Delay: f.Delay}, trace{End: s.op.End})
		}
		s.op.ShownStatus = f.Code
	default:
		if s.op.Kind == wire.ActionMigrate {
			return s.applyToMigration(f)
		}
	}
	return nil
}

// applyToMigration changes the result of a migration, or what reads show of it.
func (s *start) applyToMigration(f *faults.Fault) error {
	switch f.Kind {
	case faults.LateRegion:
		if f.Delay == 0 {
			s.op.After = s.env.Copy()
			return nil
		}
		return s.leavePlace(s.env.Region, f.Delay)
	case faults.LateAddresses:
		return s.leavePlace(s.op.After.Region, f.Delay)
	case faults.NewAppID:
		s.op.After.RenewAppID(s.op.End)
	case faults.NewNodeIDs:
		return s.tx.Renumber(s.op.After)
	}
	return nil
}

func (s *start) fail(f *faults.Fault) {
	s.op.Failure = &localplatform.Failure{
		Code: cmp.Or(f.Code, wire.ResultFailed), Words: cmp.Or(f.Words, "operation failed"),
	}
}

// hideUntil hides the environment from reads until end.
func (s *start) hideUntil(end time.Time) error {
	if err := s.leaveTrace(faults.Fault{Kind: traceHidden}, trace{End: end}); err != nil {
		return err
	}
	return s.leaveTrace(faults.Fault{Kind: traceOff}, trace{End: end})
}

// leave arms a trace that later reads show until delay after the operation's end.
func (s *start) leave(kind faults.Kind, delay faults.Duration) error {
	return s.leaveTrace(faults.Fault{Kind: kind, Delay: delay}, trace{End: s.op.End})
}

// leavePlace makes reads show the old domain and addresses, and the given region.
func (s *start) leavePlace(region string, delay faults.Duration) error {
	return s.leaveTrace(faults.Fault{Kind: tracePlace, Delay: delay}, trace{
		End: s.op.End, Before: s.env.Copy(), Region: s.op.After.Region, InRegion: region,
	})
}

func (s *start) leaveTrace(f faults.Fault, left trace) error {
	f.Environment, f.Times = s.env.Name, -1
	return arm(s.tx, armedFault{Fault: f, trace: left})
}
