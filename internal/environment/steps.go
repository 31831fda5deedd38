package environment

import (
	"context"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migrationplan"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/nodegroup"
)

// StepKind is the kind of a step of an update.
type StepKind string

// The steps of an update.
const (
	StepCheckTopology    StepKind = "check topology"
	StepChangeVariables  StepKind = "change variables"
	StepStop             StepKind = "stop"
	StepMigrate          StepKind = "migrate"
	StepStart            StepKind = "start"
	StepChangeTopology   StepKind = "change topology"
	StepChangeNodeGroups StepKind = "change node groups"
	StepChangeNames      StepKind = "change names"
)

// Step is a part of an update that succeeds or fails as a whole.
type Step struct {
	Kind    StepKind
	Timeout time.Duration
	// Changes are the attributes that the step changes; none if it only reads.
	Changes []path.Path
}

// bound returns a context that ends with the step's time limit.
func (s Step) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	if s.Kind == StepMigrate {
		return context.WithTimeoutCause(ctx, s.Timeout, migrationplan.TimedOut(s.Timeout))
	}
	return context.WithTimeout(ctx, s.Timeout)
}

// planSteps returns the steps from a state to a plan in order: changes that need a running environment come
// before it stops or after it starts, and a migration comes before changes that it would revert. The timeout
// applies to each step except the migration.
func planSteps(state, plan resourceModel, changes []nodegroup.Change, timeout time.Duration) []Step {
	root := path.Root
	var steps []Step
	add := func(needed bool, kind StepKind, attributes ...path.Path) {
		if needed {
			steps = append(steps, Step{Kind: kind, Timeout: timeout, Changes: attributes})
		}
	}
	powered := !plan.Power.Equal(state.Power)
	stops, starts := stopsFirst(state, plan), powered && plan.Power.ValueString() == powerRunning
	sslChanges := !plan.BuiltInSSL.Equal(state.BuiltInSSL)
	topology, topologyAttributes := sslChanges, []path.Path(nil)
	if slices.ContainsFunc(changes, func(c nodegroup.Change) bool { return c.Topology }) {
		topology, topologyAttributes = true, append(topologyAttributes, root("node_groups"))
	}
	if sslChanges {
		topologyAttributes = append(topologyAttributes, root("built_in_ssl"))
	}
	variables := slices.ContainsFunc(changes, nodegroup.Change.ChangesVariables)
	ownCalls := func(c nodegroup.Change) bool {
		return !c.Removed && !c.Replaced() && (c.IPv4 || c.IPv6 || c.DisplayName)
	}
	var names []path.Path
	if !plan.DisplayName.Equal(state.DisplayName) {
		names = append(names, root("display_name"))
	}
	if !plan.Groups.Equal(state.Groups) {
		names = append(names, root("groups"))
	}

	add(topology, StepCheckTopology)
	add(variables && stops, StepChangeVariables, root("node_groups"))
	add(stops, StepStop, root("power"))
	if !plan.Region.Equal(state.Region) {
		steps = append(steps, Step{
			Kind: StepMigrate, Timeout: migrationplan.Timeout(plan.MigrationPolicy), Changes: []path.Path{root("region")},
		})
	}
	add(starts, StepStart, root("power"))
	add(topology, StepChangeTopology, topologyAttributes...)
	add(slices.ContainsFunc(changes, ownCalls), StepChangeNodeGroups, root("node_groups"))
	add(variables && !stops, StepChangeVariables, root("node_groups"))
	add(len(names) > 0, StepChangeNames, names...)
	return steps
}
