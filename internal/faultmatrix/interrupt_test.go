package faultmatrix

import (
	"context"
	"fmt"
	"path"
	"slices"
	"testing"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
)

// promptly is how soon the provider must return after an interrupt.
const promptly = 2 * time.Second

// interruptsOf returns trials with Ctrl-C: while a call waits for its response, while the whole platform is silent,
// and, for operations that take time, while their call is open, and while the provider polls because the call was
// cut.
func interruptsOf(calls []localplatform.Request) []trial {
	const long = faults.Duration(10 * time.Second)
	var trials []trial
	for call := range calls {
		nth, method := occurrence(calls, call)
		asked := func(made []localplatform.Request) bool {
			return len(slices.DeleteFunc(made, func(r localplatform.Request) bool {
				return path.Base(r.Method) != method
			})) >= nth
		}
		add := func(name string, after time.Duration, faults ...faults.Fault) {
			trials = append(trials, trial{name: fmt.Sprintf("%s %d/%s", method, nth, name), faults: faults, cases: 1,
				interrupt: asked, after: after})
		}
		add("unanswered", 0, faults.Fault{Kind: faults.Delay, Method: method, Nth: nth, Delay: long})
		add("platform silent", 0, faults.Fault{Kind: faults.Silence, Nth: call + 1, Times: -1})
		trials[len(trials)-1].interrupt = func(made []localplatform.Request) bool { return len(made) > call }
		if slices.Contains(lasting, method) {
			prolonged := faults.Fault{Kind: faults.Prolong, Method: method, Nth: nth, Delay: long}
			add("call open", time.Second, prolonged)
			add("call cut", time.Second, prolonged,
				faults.Fault{Kind: faults.Cut, Method: method, Nth: nth, When: faults.WhenStarted})
		}
	}
	return trials
}

// interrupted runs a step, interrupts it as the trial says, and expects it to return promptly.
func (c trial) interrupted(t *testing.T, p *acctest.Platform, step func(context.Context)) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var at time.Time
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		look := time.NewTicker(time.Millisecond)
		defer look.Stop()
		for ctx.Err() == nil {
			if calls, err := localplatform.ReadRequests(p.Directory); err != nil || c.interrupt(withoutDocuments(calls)) {
				break
			}
			<-look.C
		}
		<-time.After(c.after)
		at = time.Now()
		cancel()
	}()
	step(ctx)
	back := time.Now()
	if ctx.Err() == nil {
		if !c.interrupt(callsOf(t, p)) {
			t.Skip("this time it took fewer looks")
		}
		t.Fatal("the step ended before it could be interrupted")
	}
	<-watched
	if took := back.Sub(at); took >= promptly {
		t.Errorf("after the interrupt it took %s", took)
	}
}

// TestInterruptedAtEveryCall presses Ctrl-C at each call in the life of an environment. It uses a fake clock, so that
// durations do not depend on the machine.
func TestInterruptedAtEveryCall(t *testing.T) {
	var all []cell
	for _, l := range goThrough(t, "vap_environment", snapshot{}, life(), expectConverged) {
		for _, c := range interruptsOf(l.calls) {
			all = append(all, cell{l, c})
		}
	}
	var n tally
	t.Run("cells", func(t *testing.T) {
		for _, c := range sample(all, func(c cell) (string, trial) { return c.lived.name, c.trial }) {
			t.Run(c.lived.name+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				acctest.InNoTime(t, c.before.at, func(t *testing.T) { c.try(t, &n) })
			})
		}
	})
	figure(t, "Ctrl-C at calls of the life of an environment: %d of %d interrupts, each back within %s: %d without an "+
		"error, %d with one", n.runs, len(all), promptly, n.unnoticed, n.told)
}
