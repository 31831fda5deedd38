package environment

import (
	"slices"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/nodegroup"
)

func TestSteps(t *testing.T) {
	t.Parallel()
	variables := nodegroup.Change{Name: "cp", Variables: true}
	for name, row := range map[string]struct {
		change  func(plan *resourceModel)
		changes []nodegroup.Change
		want    []StepKind
	}{
		"nothing": {},
		"migration": {
			change: func(plan *resourceModel) { plan.Region = types.StringValue("south") },
			want:   []StepKind{StepMigrate},
		},
		"variables before the stop": {
			change: func(plan *resourceModel) {
				plan.Region, plan.Power = types.StringValue("south"), types.StringValue(powerStopped)
			},
			changes: []nodegroup.Change{variables},
			want:    []StepKind{StepChangeVariables, StepStop, StepMigrate},
		},
		"the topology after the migration": {
			change:  func(plan *resourceModel) { plan.Region = types.StringValue("south") },
			changes: []nodegroup.Change{{Name: "cp", Topology: true, IPv4: true}, variables},
			want:    []StepKind{StepCheckTopology, StepMigrate, StepChangeTopology, StepChangeNodeGroups, StepChangeVariables},
		},
		"SSL": {
			change: func(plan *resourceModel) { plan.BuiltInSSL = types.BoolValue(true) },
			want:   []StepKind{StepCheckTopology, StepChangeTopology},
		},
		"names": {
			change: func(plan *resourceModel) { plan.DisplayName = types.StringValue("Shop") },
			want:   []StepKind{StepChangeNames},
		},
		"addresses of a removed node group": {
			changes: []nodegroup.Change{{Name: "cache", Removed: true, Topology: true, IPv4: true}},
			want:    []StepKind{StepCheckTopology, StepChangeTopology},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			state := resourceModel{Region: types.StringValue("north"), Power: types.StringValue(powerRunning),
				BuiltInSSL: types.BoolValue(false), Groups: types.SetNull(types.StringType)}
			plan := state
			if row.change != nil {
				row.change(&plan)
			}
			var kinds []StepKind
			for _, step := range planSteps(state, plan, row.changes, time.Minute) {
				kinds = append(kinds, step.Kind)
				if want := time.Minute; step.Kind != StepMigrate && step.Timeout != want {
					t.Errorf("%s has %s, want %s", step.Kind, step.Timeout, want)
				}
			}
			if !slices.Equal(kinds, row.want) {
				t.Errorf("steps %q, want %q", kinds, row.want)
			}
		})
	}
}
