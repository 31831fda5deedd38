package faultmatrix

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

// reading has the methods that change nothing.
var reading = []string{
	"getenvinfo", "getenvs", "getregions", "getpricing", "getgroups", "getcontainerenvvarsbygroup",
	"checkmigrationpossibility", "getuidactions", "getcurrentactions", "gettemplates",
}

// lasting has the changes that take time on the platform: they continue in the background after the call.
var lasting = []string{"createenvironment", "changetopology", "startenv", "stopenv", "migrate", "deleteenv"}

func isWrite(r localplatform.Request) bool { return !slices.Contains(reading, path.Base(r.Method)) }

// callsOf returns the recorded calls.
func callsOf(t *testing.T, p *acctest.Platform) []localplatform.Request {
	t.Helper()
	return withoutDocuments(p.Requests(t, ""))
}

// withoutDocuments leaves out public documents, which no fault affects.
func withoutDocuments(requests []localplatform.Request) []localplatform.Request {
	return slices.DeleteFunc(requests, func(r localplatform.Request) bool { return strings.Count(r.Method, "/") < 2 })
}

// words is the text of refusals in the matrix.
const words = "broken on purpose"

// late is longer than one attempt of a read may take, and than an impatient configuration waits for anything.
const late = faults.Duration(8 * time.Second)

// soon is when an overloaded server accepts a repetition.
const soon = faults.Duration(time.Second)

// passing are faults of reads that disappear when the call is repeated.
var passing = []faults.Fault{
	{Kind: faults.Cut},
	{Kind: faults.Silence},
	{Kind: faults.Gateway, Status: 502},
	{Kind: faults.Gateway, Status: 504},
	{Kind: faults.Gateway, Status: 503},
	{Kind: faults.Gateway, Status: 503, Delay: soon},
	{Kind: faults.Gateway, Status: 429},
	{Kind: faults.Gateway, Status: 429, Delay: soon},
	{Kind: faults.Truncate},
	{Kind: faults.Refuse, Code: wire.ResultIOTimeout, Words: words},
	{Kind: faults.Refuse, Code: wire.ResultUnknownError, Words: words},
	{Kind: faults.Delay, Delay: late},
}

// definite are faults that repeating the call does not help against.
var definite = []faults.Fault{
	{Kind: faults.HTML},
	{Kind: faults.Gateway, Status: 429, Delay: soon, Times: -1},
	{Kind: faults.Refuse, Code: wire.ResultAuthenticationFailed, Words: words},
	{Kind: faults.Refuse, Code: wire.ResultWrongStatus, Words: words},
	{Kind: faults.Refuse, Code: wire.ResultMigrationNotAllowed, Words: words},
}

// trial is the set of faults in one run.
type trial struct {
	name   string
	faults []faults.Fault
	// cases is the number of calls with a fault.
	cases int
	// bearable means that the run must succeed without an error.
	bearable bool
	// impatient means that the timeouts are short.
	impatient bool
	// interrupt, if not nil, reports whether the run is interrupted now; after delays that.
	interrupt func([]localplatform.Request) bool
	after     time.Duration
}

// trialsOf returns the trials for a step with these calls. Each fault affects each call separately. But reads that
// succeed when repeated fail together: in every round, each call with a different fault.
func trialsOf(calls []localplatform.Request) []trial {
	var trials []trial
	for call, r := range calls {
		nth, method := occurrence(calls, call)
		list := definite
		if isWrite(r) {
			list = slices.Concat(definite, faultsOfWrites(method))
		}
		for _, f := range list {
			f.Method, f.Nth = method, nth
			trials = append(trials, trial{
				name: fmt.Sprintf("%s %d/%s", method, nth, describe(f)), faults: []faults.Fault{f}, cases: 1,
				bearable: method == dispensable,
				impatient: f.Kind == faults.Silence || f.Kind == faults.Delay || f.Status == http.StatusTooManyRequests &&
					f.Times == -1,
			})
		}
		trials = append(trials, trial{name: fmt.Sprintf("%s %d/token revoked", method, nth), cases: 1, faults: []faults.Fault{
			{Kind: faults.Refuse, Code: wire.ResultNotAuthenticated, Words: words, Nth: call + 1, Times: -1},
		}})
	}
	for round := range len(passing) + 1 {
		c := trial{name: fmt.Sprintf("reads/round %d", round), bearable: true}
		for call, r := range calls {
			if isWrite(r) {
				continue
			}
			// Calls that do not arrive are counted differently, so they have a round of their own.
			f := faults.Fault{Kind: faults.Unreachable}
			if round < len(passing) {
				f = passing[(call+round)%len(passing)]
			}
			nth, method := occurrence(calls, call)
			f.Method, f.Nth = method, nth
			if method != dispensable {
				// Every earlier call of the method was made twice, because it failed once, too.
				f.Nth = 2*nth - 1
			}
			c.faults = append(c.faults, f)
		}
		c.cases = len(c.faults)
		trials = append(trials, c)
	}
	return trials
}

// dispensable is the call that is not repeated: the provider works without prices.
const dispensable = "getpricing"

// faultsOfWrites are the faults that affect only changes, or affect them in a different way.
func faultsOfWrites(method string) []faults.Fault {
	moments := []string{faults.WhenBefore, faults.WhenAfter}
	list := []faults.Fault{
		{Kind: faults.Unreachable},
		{Kind: faults.Unreachable, Times: -1},
		{Kind: faults.Truncate, When: faults.WhenAfter},
		{Kind: faults.HTML, When: faults.WhenAfter},
		{Kind: faults.Refuse, Code: wire.ResultIOTimeout, Words: words},
		{Kind: faults.Refuse, Code: wire.ResultUnknownError, Words: words},
		{Kind: faults.Delay, Delay: late, When: faults.WhenAfter},
		{Kind: faults.Gateway, Status: 429},
		{Kind: faults.Gateway, Status: 429, Delay: soon},
		{Kind: faults.Gateway, Status: 503, Delay: soon, When: faults.WhenBefore},
	}
	if slices.Contains(lasting, method) {
		moments = append(moments, faults.WhenStarted)
		list = append(list,
			faults.Fault{Kind: faults.Fail, Code: 4099, Words: words},
			faults.Fault{Kind: faults.Fail, Code: 4099, Words: words, Broken: true})
	}
	for _, when := range moments {
		list = append(list,
			faults.Fault{Kind: faults.Cut, When: when},
			faults.Fault{Kind: faults.Silence, When: when},
			faults.Fault{Kind: faults.Gateway, Status: 502, When: when},
			faults.Fault{Kind: faults.Gateway, Status: 503, When: when},
			faults.Fault{Kind: faults.Gateway, Status: 504, When: when})
	}
	return list
}

// occurrence returns which call of its method a call is, counted from 1.
func occurrence(calls []localplatform.Request, call int) (nth int, method string) {
	for _, r := range calls[:call+1] {
		if r.Method == calls[call].Method {
			nth++
		}
	}
	return nth, path.Base(calls[call].Method)
}

func describe(f faults.Fault) string {
	label := string(f.Kind)
	switch {
	case f.Kind == faults.Gateway:
		label = fmt.Sprint(f.Status)
		if f.Delay > 0 {
			label += " with Retry-After"
		}
	case f.Kind == faults.Refuse:
		label = fmt.Sprint("code ", f.Code)
	case f.Broken:
		label += " broken"
	}
	if f.When != "" {
		label += " " + f.When
	}
	if f.Times == -1 {
		label += " for ever"
	}
	return label
}

// taken leaves out the calls that an overloaded server did not accept.
func (c trial) taken(calls []localplatform.Request) []localplatform.Request {
	return slices.DeleteFunc(calls, func(r localplatform.Request) bool {
		return r.Fault == string(faults.Gateway) && c.faults[0].Status == http.StatusTooManyRequests
	})
}

// strikes reports whether one of the faults may affect a method.
func (c trial) strikes(method string) bool {
	return slices.ContainsFunc(c.faults, func(f faults.Fault) bool { return f.Method == method || f.Method == "" })
}

// struck reports whether the faults affected calls, as far as the record shows.
func (c trial) struck(calls []localplatform.Request) bool {
	f := c.faults[0]
	switch f.Kind {
	case faults.Unreachable, faults.Fail:
		return true // neither is in the record
	case faults.Refuse:
		return slices.ContainsFunc(calls, func(r localplatform.Request) bool {
			return r.Result != nil && *r.Result == f.Code
		})
	}
	return slices.ContainsFunc(calls, func(r localplatform.Request) bool {
		return r.Fault == string(f.Kind) || f.Kind == faults.Delay
	})
}

// sample chooses every method in every step with some fault, and every fault with every kind of call; all cases if
// the flag is set.
func sample[T any](cases []T, of func(T) (step string, c trial)) []T {
	if *everyCase {
		return cases
	}
	met := map[string]bool{}
	var chosen []T
	for _, n := range rand.New(rand.NewPCG(1, 2)).Perm(len(cases)) { // always the same ones
		step, c := of(cases[n])
		call, fault, _ := strings.Cut(c.name, "/")
		method, _, _ := strings.Cut(call, " ")
		kind := "read"
		switch {
		case slices.Contains(lasting, method):
			kind = "lasting write"
		case method != "reads" && !slices.Contains(reading, method):
			kind = "write"
		}
		pairs := []string{step + " " + method, kind + " " + fault}
		if slices.ContainsFunc(pairs, func(pair string) bool { return !met[pair] }) {
			chosen = append(chosen, cases[n])
		}
		for _, pair := range pairs {
			met[pair] = true
		}
	}
	return chosen
}

// tally counts how the runs of a test ended.
type tally struct {
	mu                      sync.Mutex
	cases, runs             int
	unnoticed, told, missed int
}

func (n *tally) add(c trial, errors int, struck bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.cases += c.cases
	n.runs++
	if errors == 0 {
		n.unnoticed++
	} else {
		n.told++
	}
	if !struck {
		n.missed++
	}
}

// report logs the figures of all runs of a test.
func (n *tally) report(t *testing.T, what string, all int) {
	t.Helper()
	figure(t, "%s: %d cases of a fault that meets a call, in %d of %d runs: %d succeeded all the same, %d ended with "+
		"one error, in %d the fault met no call",
		what, n.cases, n.runs, all, n.unnoticed, n.told, n.missed)
}
