package platform

import (
	"fmt"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

// Status is the state of an environment. The values are the platform's numbers; a number that is not listed here is
// kept, reads as "unknown (n)" and counts as work in progress.
type Status int

// Statuses of environments. StatusAbsent is for answers that carry none.
const (
	StatusAbsent       Status = 0
	StatusRunning      Status = wire.StatusRunning
	StatusStopped      Status = wire.StatusDown
	StatusLaunching    Status = wire.StatusLaunching
	StatusSleeping     Status = wire.StatusSleep
	StatusSuspended    Status = wire.StatusUnknown
	StatusCreating     Status = wire.StatusCreating
	StatusCloning      Status = wire.StatusCloning
	StatusGone         Status = wire.StatusNotExists
	StatusExporting    Status = wire.StatusExporting
	StatusMigrating    Status = wire.StatusMigrating
	StatusBroken       Status = wire.StatusBroken
	StatusUpdating     Status = wire.StatusUpdating
	StatusStopping     Status = wire.StatusStopping
	StatusGoingToSleep Status = wire.StatusGoingToSleep
	StatusRestoring    Status = wire.StatusRestoring
)

var statusNames = map[Status]string{
	StatusRunning: "running", StatusStopped: "stopped", StatusLaunching: "launching", StatusSleeping: "sleeping",
	StatusSuspended: "suspended", StatusCreating: "creating", StatusCloning: "cloning", StatusGone: "gone",
	StatusExporting: "exporting", StatusMigrating: "migrating", StatusBroken: "broken", StatusUpdating: "updating",
	StatusStopping: "stopping", StatusGoingToSleep: "going_to_sleep", StatusRestoring: "restoring",
}

// String returns the status as users of the provider read it, for example "running" or "migrating".
func (s Status) String() string {
	if name, ok := statusNames[s]; ok {
		return name
	}
	return fmt.Sprintf("unknown (%d)", int(s))
}

// Transitional says whether something is at work on the environment, so that its status will change by itself and
// most other operations are refused until then. It is true of a number that is not listed here: to take unknown work
// for rest would be worse than to wait too long.
func (s Status) Transitional() bool {
	switch s {
	case StatusAbsent, StatusRunning, StatusStopped, StatusSleeping, StatusSuspended, StatusBroken, StatusGone:
		return false
	}
	return true
}
