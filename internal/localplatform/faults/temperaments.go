package faults

import (
	"errors"
	"fmt"
	"slices"
)

// The temperaments: unusual behaviour of a working platform. They are injected like faults. Delays are not scaled.
//
// Fault.Method is a reading method in the first group, any method in the second, and in the others a method that
// starts an operation. What later reads show of an operation ends by itself.
const (
	// Lag answers a read with the state of Fault.Delay ago: existence, status, region, nodes, list and action log.
	// Fault.Method is "getenvinfo", "getenvs", "getcurrentactions", "getuidactions" or another reading method, or "*"
	// for all of them. With Fault.Environment, lists show only that environment's old state. Only changes since the
	// fault was injected are remembered.
	Lag Kind = "lag"
	// Flap answers every other read with code 11 for an environment while an operation runs on it. A list (Fault.Method
	// "getenvs") lacks it. Fault.Nth and Fault.Times count only calls during an operation.
	Flap Kind = "flap"

	// Clock shifts every time that the platform reports (in the action log, createdOn, getserverutctime and the header
	// Date) by Fault.Delay, which may be negative. It treats starttime and endtime as shifted, too.
	Clock Kind = "clock"
	// TimeZone shifts only the times of the action log, and starttime and endtime, like a wrong time zone.
	TimeZone Kind = "time_zone"

	// Async answers 0 as soon as the operation is accepted. With Fault.Delay, the operation starts only that much later.
	// Until then, status, region and action log are as before, a new environment does not exist, and a second operation
	// is refused as if the first one were running.
	Async Kind = "async"
	// Phantom answers a creation or clone with 0 at once, but the environment never appears. The operation fails in the
	// background with Fault.Code and Fault.Words in the action log. Other operations also answer 0 and then fail.
	Phantom Kind = "phantom"

	// LateAction lists the operation in getcurrentactions only Fault.Delay after its start.
	LateAction Kind = "late_action"
	// LateList makes getenvs show the environment as it was Fault.Delay ago, or lack a new one, until Fault.Delay after
	// the operation's end.
	LateList Kind = "late_list"
	// LateLog shows the finished action in the log only Fault.Delay after its end.
	LateLog Kind = "late_log"
	// LoseKey leaves requestUniqueKey out of the action's entry.
	LoseKey Kind = "lose_key"

	// NotFound makes reads that name the environment answer code 11, from the call until Fault.Delay (optional) after
	// the operation's end.
	NotFound Kind = "not_found"
	// Unlisted makes getenvs lack the environment, from the call until Fault.Delay (optional) after the operation's end.
	Unlisted Kind = "unlisted"
	// UnknownStatus shows Fault.Code as the status while the operation runs or, with Fault.When "after", for Fault.Delay
	// after its end.
	UnknownStatus Kind = "unknown_status"

	// LateRegion lets a migration succeed, but getenvinfo and getenvs show the old region, domain and addresses until
	// Fault.Delay after its end. Without Fault.Delay nothing moves, and another migration is accepted.
	LateRegion Kind = "late_region"
	// LateAddresses makes getenvinfo and getenvs show the old domain and addresses in the new region until Fault.Delay
	// after the end of a migration.
	LateAddresses Kind = "late_addresses"
	// NewAppID gives the environment a new appid and a new creation time when a migration ends.
	NewAppID Kind = "new_appid"
	// NewNodeIDs gives the nodes new ids when a migration ends. Node groups and order stay.
	NewNodeIDs Kind = "new_node_ids"
)

var (
	clockKinds   = []Kind{Clock, TimeZone}
	temperaments = slices.Concat(clockKinds, []Kind{
		Lag, Flap, Async, Phantom, LateAction, LateList, LateLog, LoseKey, NotFound,
		Unlisted, UnknownStatus, LateRegion, LateAddresses, NewAppID, NewNodeIDs,
	})
	// delayedTemperaments need a delay.
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
