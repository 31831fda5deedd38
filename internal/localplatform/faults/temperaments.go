package faults

import (
	"errors"
	"fmt"
	"slices"
)

// The temperaments: what a platform may do that works. They are injected as faults are. Delays are not scaled.
//
// Fault.Method of the first group is a method that reads, of the second any, and of the others the method that starts
// the operation. What an operation shows of them in later reads ends by itself.
const (
	// Lag answers a read with what was so Fault.Delay ago: existence, status, region, nodes, list and action log.
	// Fault.Method is "getenvinfo", "getenvs", "getcurrentactions", "getuidactions" or another method that reads, or "*"
	// for all of them; Fault.Environment limits what a list has so to one environment. Only changes since the fault was
	// injected are remembered.
	Lag Kind = "lag"
	// Flap answers every other read code 11 for an environment as long as an operation runs on it; a list
	// (Fault.Method "getenvs") lacks it. The calls of Fault.Nth and Fault.Times are counted only meanwhile.
	Flap Kind = "flap"

	// Clock shifts every time that the platform tells (in the action log, createdOn, getserverutctime and the header
	// Date) by Fault.Delay, which may be negative; starttime and endtime are taken to be shifted, too.
	Clock Kind = "clock"
	// TimeZone shifts the times of the action log alone, and starttime and endtime, as a wrong time zone does.
	TimeZone Kind = "time_zone"

	// Async answers 0 as soon as the operation has been accepted. With Fault.Delay the operation begins only so much
	// later: until then status, region and action log are as before, a new environment is not there, and a second
	// operation is refused as one that runs would refuse it.
	Async Kind = "async"
	// Phantom answers a creation or clone 0 at once. The environment is never seen, and the operation fails in the
	// background with Fault.Code and Fault.Words in the action log. Any other operation it lets fail after answering 0.
	Phantom Kind = "phantom"

	// LateAction lists the operation in getcurrentactions only Fault.Delay after its start.
	LateAction Kind = "late_action"
	// LateList lets getenvs show the environment as it was Fault.Delay ago, or lack a new one, until Fault.Delay after
	// the operation's end.
	LateList Kind = "late_list"
	// LateLog shows the finished action in the log only Fault.Delay after its end.
	LateLog Kind = "late_log"
	// LoseKey leaves requestUniqueKey out of the action's entry.
	LoseKey Kind = "lose_key"

	// NotFound lets reads that name the environment answer code 11, from the call until Fault.Delay (which may be
	// missing) after the operation's end.
	NotFound Kind = "not_found"
	// Unlisted lets getenvs lack the environment, from the call until Fault.Delay (which may be missing) after the
	// operation's end.
	Unlisted Kind = "unlisted"
	// UnknownStatus shows Fault.Code as the status: while the operation runs or, with Fault.When "after", for
	// Fault.Delay after its end.
	UnknownStatus Kind = "unknown_status"

	// LateRegion lets a migration succeed, but getenvinfo and getenvs show the old region, domain and addresses
	// until Fault.Delay after its end. Without Fault.Delay nothing moves at all, and another migration is accepted.
	LateRegion Kind = "late_region"
	// LateAddresses lets getenvinfo and getenvs show the old domain and addresses in the new region until
	// Fault.Delay after the end of a migration.
	LateAddresses Kind = "late_addresses"
	// NewAppID gives the environment a new appid and a new creation time when a migration ends.
	NewAppID Kind = "new_appid"
	// NewNodeIDs gives the nodes new ids when a migration ends; layers and order stay.
	NewNodeIDs Kind = "new_node_ids"
)

var (
	clockKinds = []Kind{Clock, TimeZone}
	// temperaments can be injected.
	temperaments = slices.Concat(clockKinds, []Kind{
		Lag, Flap, Async, Phantom, LateAction, LateList, LateLog, LoseKey, NotFound,
		Unlisted, UnknownStatus, LateRegion, LateAddresses, NewAppID, NewNodeIDs,
	})
	// delayedTemperaments mean nothing without a delay.
	delayedTemperaments = slices.Concat(clockKinds, []Kind{
		Lag, LateAction, LateList, LateLog, LateAddresses,
	})
)

func (f *Fault) checkTemperament() error {
	switch {
	case slices.Contains(delayedTemperaments, f.Kind) && f.Delay == 0:
		return fmt.Errorf("fault %s: delay is missing", f.Kind)
	case f.Kind != UnknownStatus:
		return nil
	case f.Code == 0:
		return fmt.Errorf("fault %s: code is missing", f.Kind)
	case f.When == WhenBefore:
		return fmt.Errorf("fault %s: when must be started or after", f.Kind)
	case f.When == WhenAfter && f.Delay == 0:
		return errors.New("fault unknown_status: after the end it needs a delay")
	case f.When != WhenAfter && f.Delay != 0:
		return errors.New("fault unknown_status: delay has a meaning only with when after")
	}
	return nil
}
