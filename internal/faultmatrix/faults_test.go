package faultmatrix

import (
	"fmt"
	"path"
	"slices"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

// reading are the methods that change nothing.
var reading = []string{
	"getenvinfo", "getenvs", "getregions", "getpricing", "getgroups", "getcontainerenvvarsbygroup",
	"checkmigrationpossibility", "getactions", "getcurrentactions",
}

// lasting are the changes that take time on the platform: they begin, and end in the background.
var lasting = []string{"createenvironment", "changetopology", "startenv", "stopenv", "migrate", "deleteenv"}

func isWrite(r localplatform.Request) bool { return !slices.Contains(reading, path.Base(r.Method)) }

// words are what refusals of the matrix say.
const words = "a fault of the matrix"

// late is more than what one attempt at reading is given, and more than an impatient configuration gives anything.
const late = localplatform.Duration(8 * time.Second)

// passing are faults of a reading call that are gone when it is repeated.
var passing = []localplatform.Fault{
	{Kind: localplatform.FaultCut},
	{Kind: localplatform.FaultSilence},
	{Kind: localplatform.FaultGateway, Status: 502},
	{Kind: localplatform.FaultGateway, Status: 504},
	{Kind: localplatform.FaultTruncate},
	{Kind: localplatform.FaultRefuse, Code: wire.ResultIOTimeout, Words: words},
	{Kind: localplatform.FaultRefuse, Code: wire.ResultUnknownError, Words: words},
	{Kind: localplatform.FaultDelay, Delay: late},
}

// definite are faults of any call that a repetition does not help against.
var definite = []localplatform.Fault{
	{Kind: localplatform.FaultHTML},
	{Kind: localplatform.FaultRefuse, Code: wire.ResultAuthenticationFailed, Words: words},
	{Kind: localplatform.FaultRefuse, Code: wire.ResultWrongStatus, Words: words},
	{Kind: localplatform.FaultRefuse, Code: wire.ResultMigrationNotAllowed, Words: words},
}

// cellsOf are the cells of a step. Each of its calls suffers each fault, alone; but reads that pass when they are
// repeated suffer theirs together, each call another one in every round.
func cellsOf(l lived) []cell {
	var cells []cell
	add := func(label string, f localplatform.Fault) *cell {
		cells = append(cells, cell{lived: l, name: label, faults: []localplatform.Fault{f}, cases: 1})
		return &cells[len(cells)-1]
	}
	for call, r := range l.calls {
		nth, method := occurrence(l.calls, call)
		label := fmt.Sprintf("%s %d/", method, nth)
		faults := definite
		if isWrite(r) {
			faults = slices.Concat(definite, faultsOfWrites(method))
		}
		for _, f := range faults {
			f.Method, f.Nth = method, nth
			add(label+describe(f), f).impatient = f.Kind == localplatform.FaultSilence || f.Kind == localplatform.FaultDelay
		}
		add(label+"token revoked", localplatform.Fault{Kind: localplatform.FaultRefuse, Code: wire.ResultNotAuthenticated, Words: words, Nth: call + 1, Times: -1})
	}
	for round := range len(passing) + 1 {
		c := cell{lived: l, name: fmt.Sprintf("reads/round %d", round), bearable: true}
		for call, r := range l.calls {
			if isWrite(r) {
				continue
			}
			// What does not arrive is counted on its way, so it has a round of its own.
			f := localplatform.Fault{Kind: localplatform.FaultUnreachable}
			if round < len(passing) {
				f = passing[(call+round)%len(passing)]
			}
			nth, method := occurrence(l.calls, call)
			// Every call of the method before this one was made twice, because it suffered, too.
			f.Method, f.Nth = method, 2*nth-1
			c.faults = append(c.faults, f)
		}
		c.cases = len(c.faults)
		cells = append(cells, c)
	}
	return cells
}

// faultsOfWrites are the faults that only a change can suffer, or suffers in its own way.
func faultsOfWrites(method string) []localplatform.Fault {
	moments := []string{localplatform.WhenBefore, localplatform.WhenAfter}
	faults := []localplatform.Fault{
		{Kind: localplatform.FaultUnreachable},
		{Kind: localplatform.FaultUnreachable, Times: -1},
		{Kind: localplatform.FaultTruncate, When: localplatform.WhenAfter},
		{Kind: localplatform.FaultHTML, When: localplatform.WhenAfter},
		{Kind: localplatform.FaultRefuse, Code: wire.ResultIOTimeout, Words: words},
		{Kind: localplatform.FaultRefuse, Code: wire.ResultUnknownError, Words: words},
		{Kind: localplatform.FaultDelay, Delay: late, When: localplatform.WhenAfter},
	}
	if slices.Contains(lasting, method) {
		moments = append(moments, localplatform.WhenStarted)
		faults = append(faults,
			localplatform.Fault{Kind: localplatform.FaultFail, Code: 4099, Words: words},
			localplatform.Fault{Kind: localplatform.FaultFail, Code: 4099, Words: words, Broken: true})
	}
	for _, when := range moments {
		faults = append(faults,
			localplatform.Fault{Kind: localplatform.FaultCut, When: when},
			localplatform.Fault{Kind: localplatform.FaultSilence, When: when},
			localplatform.Fault{Kind: localplatform.FaultGateway, Status: 502, When: when},
			localplatform.Fault{Kind: localplatform.FaultGateway, Status: 504, When: when})
	}
	return faults
}

// occurrence says which call of its method a call is, counted from 1.
func occurrence(calls []localplatform.Request, call int) (nth int, method string) {
	for _, r := range calls[:call+1] {
		if r.Method == calls[call].Method {
			nth++
		}
	}
	return nth, path.Base(calls[call].Method)
}

func describe(f localplatform.Fault) string {
	label := string(f.Kind)
	switch {
	case f.Kind == localplatform.FaultGateway:
		label = fmt.Sprint(f.Status)
	case f.Kind == localplatform.FaultRefuse:
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
