package localplatform

import (
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

func init() {
	register("environment/control", map[string]*method{
		"startenv": {run: (*call).startEnv, required: []string{"envName"}},
		"stopenv":  {run: (*call).stopEnv, required: []string{"envName"}},
		"sleepenv": {run: (*call).sleepEnv, required: []string{"envName"}},
	})
}

// How long the platform takes to start or stop an environment. The figures are our choice.
const (
	powerBase    = 5 * time.Second
	powerPerNode = 3 * time.Second
)

func (c *call) startEnv() (any, error) {
	return c.power([]int{wire.StatusDown, wire.StatusSleep}, wire.ActionStart, wire.StatusLaunching, wire.StatusRunning)
}

func (c *call) stopEnv() (any, error) {
	return c.power([]int{wire.StatusRunning, wire.StatusSleep}, wire.ActionStop, wire.StatusStopping, wire.StatusDown)
}

// sleepEnv is logged as a stop, because the platform's text table has no action for sleep.
func (c *call) sleepEnv() (any, error) {
	return c.power([]int{wire.StatusRunning}, wire.ActionStop, wire.StatusGoingToSleep, wire.StatusSleep)
}

func (c *call) power(from []int, kind, meanwhile, to int) (any, error) {
	return c.change(from, func(_ *tx, env *environment) (operation, time.Duration, error) {
		after := env.copy()
		after.Status = to
		return operation{Kind: kind, Status: meanwhile, After: after}, powerBase + time.Duration(len(env.Nodes))*powerPerNode,
			nil
	})
}
