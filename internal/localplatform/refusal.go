package localplatform

import (
	"errors"
	"fmt"
	"strings"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

// refusal is an unsuccessful answer of the platform.
type refusal struct {
	Code   int    `json:"result"`
	Source string `json:"source,omitempty"`
	Words  string `json:"error,omitempty"`

	outer bool // not a script's outcome, even if the method is evaluated as a script
}

func (r *refusal) Error() string { return fmt.Sprintf("%d %s", r.Code, r.Words) }

func refuse(code int, format string, args ...any) error {
	return &refusal{Code: code, Source: "JEL", Words: fmt.Sprintf(format, args...)}
}

// refuseOuter is for refusals before a script is evaluated.
func refuseOuter(code int, format string, args ...any) error {
	return &refusal{Code: code, Source: "hx-core", Words: fmt.Sprintf(format, args...), outer: true}
}

func invalid(parameter, format string, args ...any) error {
	return refuse(wire.ResultInvalidParameter, "invalid parameter [%s]: %s", parameter, fmt.Sprintf(format, args...))
}

// asRefusal turns an internal error, such as a full disk, into the platform's unknown error.
func asRefusal(err error) *refusal {
	var r *refusal
	if errors.As(err, &r) {
		return r
	}
	return &refusal{Code: wire.ResultUnknownError, Source: "JEL", Words: err.Error(), outer: true}
}

// statusNames are the platform's constants without their prefix.
var statusNames = map[int]string{
	wire.StatusRunning: "RUNNING", wire.StatusDown: "DOWN", wire.StatusLaunching: "LAUNCHING", wire.StatusSleep: "SLEEP",
	wire.StatusUnknown: "UNKNOWN", wire.StatusCreating: "CREATING", wire.StatusCloning: "CLONING",
	wire.StatusExporting: "EXPORTING", wire.StatusMigrating: "MIGRATING", wire.StatusBroken: "BROKEN",
	wire.StatusUpdating: "UPDATING", wire.StatusStopping: "STOPPING", wire.StatusGoingToSleep: "GOING_TO_SLEEP",
}

func statusName(status int) string { return "ENV_STATUS_TYPE_" + statusNames[status] }

func wrongStatus(env *environment, status int, required []int) error {
	names := make([]string, len(required))
	for i, s := range required {
		names[i] = statusName(s)
	}
	return refuse(wire.ResultWrongStatus, "operation is not allowed: environment [%s] has status [%s], required [%s]",
		env.Name, statusName(status), strings.Join(names, ", "))
}
