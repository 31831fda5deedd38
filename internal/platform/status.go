package platform

import (
	"fmt"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

// Status is the state of an environment. The values are the platform's numbers. A number that is not listed here is
// kept, prints as "unknown (n)" and counts as work in progress.
type Status int

// Statuses of environments. StatusAbsent stands for an answer without one.
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

// String returns the status as the provider shows it to users, for example "running" or "migrating".
func (s Status) String() string {
	if name, ok := statusNames[s]; ok {
		return name
	}
	return fmt.Sprintf("unknown (%d)", int(s))
}

// Transitional reports whether an operation is running on the environment: the status will then change by itself, and
// the platform refuses most other operations until it does. It is true for a number that is not listed here, because
// treating an unknown operation as idle would be worse than waiting too long.
func (s Status) Transitional() bool {
	switch s {
	case StatusAbsent, StatusRunning, StatusStopped, StatusSleeping, StatusSuspended, StatusBroken, StatusGone:
		return false
	}
	return true
}
