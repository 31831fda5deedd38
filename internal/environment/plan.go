package environment

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migrationplan"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/nodegroup"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/tfvalue"
)

// ModifyPlan decides which values are known in the plan and whether a migration is permitted. The planned
// values depend only on the configuration, the prior state and the snapshot in private state, because
// Terraform calls ModifyPlan again during the apply and requires the same values. The platform's
// responses lead only to errors and warnings.
//
// Only if the region changes, ModifyPlan asks the platform once whether it would carry out the migration.
func (r *environmentResource) ModifyPlan(
	ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse,
) {
	var config, plan, state resourceModel
	if req.Plan.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
		resp.Diagnostics.Append(protected(state, "destroy the environment")...)
		return
	}
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	r.notePlan(config)
	if req.State.Raw.IsNull() {
		planCreate(&plan)
		var d diag.Diagnostics
		plan.NodeGroups, d = nodegroup.PlanUnknown(plan.NodeGroups, config.NodeGroups)
		resp.Diagnostics.Append(d...)
		resp.Diagnostics.Append(r.checkCreate(ctx, config, plan)...)
		resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
		return
	}

	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if !plan.Name.Equal(state.Name) {
		// Terraform replaces the environment and plans the new one as a creation, so nothing moves.
		resp.Diagnostics.Append(protected(state, "rename the environment, which would replace it")...)
		if !resp.Diagnostics.HasError() {
			resp.Diagnostics.Append(renamed(state, plan))
		}
		return
	}
	before := prior{state: state, managed: loadManagedNodeGroups(ctx, req.Private)}
	before.snapshot, before.refreshed = migrationplan.LoadSnapshot(ctx, req.Private)
	// This comes before diagnostics that suggest lines of a policy, so that they do not repeat its mistakes.
	resp.Diagnostics.Append(r.checkPolicy(ctx, config, before)...)
	if resp.Diagnostics.HasError() {
		return
	}
	policy, _, diags := migrationplan.ReadPolicy(ctx, config.MigrationPolicy)
	resp.Diagnostics.Append(diags...)
	forbidden := policy.CheckRegion(state.Name.ValueString(), plan.Region.ValueString(), before.snapshot.Catalog)
	if forbidden != nil && !plan.Region.IsUnknown() {
		resp.Diagnostics.Append(migrationplan.PlanDiagnostic(*forbidden))
		return
	}
	outside := migrationplan.LoadExternalMove(ctx, req.Private)
	if outside.IsRevertedBy(state.Region.ValueString(), plan.Region.ValueString()) {
		wish := migrationplan.OnExternalMove(config.MigrationPolicy)
		switch {
		case wish.IsUnknown():
			resp.Diagnostics.Append(migrationplan.PlanDiagnostic(migration.MovedOutsideUndecided(
				state.Name.ValueString(), migration.Outside{From: outside.From, To: outside.To})))
		case wish.ValueString() != migrationplan.ExternalRestore:
			resp.Diagnostics.Append(migrationplan.RefuseExternalMove(ctx, r.service, state.Name.ValueString(), outside))
			return
		}
		before.movedOutside = true
	}
	move, diags := r.planUpdate(ctx, config, before, &plan)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(r.checkNodeGroups(ctx, config, plan, before)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
	if move != nil {
		move.waits = migrationplan.LoadIntent(ctx, req.Private).To == move.assessment.To.Name
		resp.Diagnostics.Append(r.reviewMove(ctx, *move)...)
	}
}

// notePlan records, for the plans of actions, which node groups the environment will have.
func (r *environmentResource) notePlan(config resourceModel) {
	if r.service == nil || config.Name.IsUnknown() {
		return
	}
	var nodeGroups []string
	if !config.NodeGroups.IsUnknown() {
		nodeGroups = append(make([]string, 0), slices.Sorted(maps.Keys(config.NodeGroups.Elements()))...)
	}
	r.service.NotePlan(config.Name.ValueString(), nodeGroups)
}

// planCreate sets what is known of a new environment: its ID, and that it does not migrate.
func planCreate(plan *resourceModel) {
	plan.ID = plan.Name
	plan.PlannedMigration = types.ObjectNull(migrationplan.PlannedType.AttrTypes)
	plan.LastMigration = types.ObjectNull(migrationplan.LastType.AttrTypes)
}

// plannedMigration is a migration in a plan, with what is needed to review it.
type plannedMigration struct {
	request    migration.Request
	assessment migration.Assessment
	// waits reports whether an earlier run requested the migration, so that the apply waits for it to appear.
	waits bool
}

// prior is the starting point for the plan of a change: the state and private state.
type prior struct {
	state    resourceModel
	snapshot migrationplan.Snapshot
	// refreshed reports whether there is a snapshot.
	refreshed bool
	managed   nodeGroupNames
	// movedOutside reports whether a migration would undo a move outside Terraform.
	movedOutside bool
}

// planUpdate decides which values stay known in the plan of a change, and returns the planned migration if its kind
// is known. It is a pure function. Of the provider's configuration, it uses only whether there is one, because the
// configuration may come from files that change before the apply.
func (r *environmentResource) planUpdate(
	ctx context.Context, config resourceModel, before prior, plan *resourceModel,
) (*plannedMigration, diag.Diagnostics) {
	plan.ID, plan.AppID, plan.CreatedAt = before.state.ID, before.state.AppID, before.state.CreatedAt
	plan.Domain, plan.Datacenter, plan.Nodes, plan.Endpoints =
		before.state.Domain, before.state.Datacenter, before.state.Nodes, before.state.Endpoints
	plan.LastMigration = before.state.LastMigration
	plan.PlannedMigration = types.ObjectNull(migrationplan.PlannedType.AttrTypes)
	if config.DisplayName.IsNull() {
		plan.DisplayName = before.state.DisplayName
	}
	if config.Groups.IsNull() {
		plan.Groups = before.state.Groups
	}
	if config.BuiltInSSL.IsNull() {
		plan.BuiltInSSL = before.state.BuiltInSSL
	}
	if config.Power.IsNull() {
		plan.Power = before.state.Power
	}
	diags := planNodeGroups(ctx, config, before, plan)
	if diags.HasError() {
		return nil, diags
	}
	move, d := r.planMove(ctx, config, before, plan)
	diags.Append(d...)
	if plan.Region.Equal(before.state.Region) && migrationplan.CheckFailed(before.state.LastMigration) &&
		migrationplan.Verifies(config.MigrationPolicy) {
		repeats := plan.Power.ValueString() == powerRunning
		diags.Append(migrationplan.NotVerifiedYet(before.state.Name.ValueString(), before.state.LastMigration, repeats))
		if repeats {
			plan.LastMigration, d = migrationplan.PlanCheck(before.state.LastMigration)
			diags.Append(d...)
		}
	}
	plan.URL = before.state.URL
	if !plan.BuiltInSSL.Equal(before.state.BuiltInSSL) || !plan.Domain.Equal(before.state.Domain) {
		plan.URL = types.StringUnknown()
	}
	return move, diags
}

// planNodeGroups keeps unconfigured values unchanged, and decides which values of nodes stay known after changes of
// node groups.
func planNodeGroups(ctx context.Context, config resourceModel, before prior, plan *resourceModel) diag.Diagnostics {
	if plan.NodeGroups.IsUnknown() {
		plan.Nodes, plan.Endpoints = types.ListUnknown(nodegroup.NodeType), types.ListUnknown(nodegroup.EndpointType)
		return nil
	}
	if plan.NodeGroups.IsNull() {
		// The node groups are no longer managed, but they are not removed.
		return nil
	}
	planned, diags := plan.decodeNodeGroups(ctx)
	present, d := before.state.decodeNodeGroups(ctx)
	diags.Append(d...)
	written, d := config.decodeNodeGroups(ctx)
	diags.Append(d...)
	if diags.HasError() {
		return diags
	}
	for name, group := range planned {
		if current, ok := present[name]; ok && current.NodeType.Equal(group.NodeType) {
			planned[name] = group.FillUnknown(current, written[name])
		}
	}
	// Node groups that are wholly unknown cannot be planned yet.
	unknown := nodegroup.UnknownNames(config.NodeGroups)
	planned, present = nodegroup.Without(planned, unknown), nodegroup.Without(present, unknown)
	plan.NodeGroups, d = nodegroup.ToMap(planned, unknown...)
	diags.Append(d...)
	if len(unknown) > 0 {
		plan.Nodes, plan.Endpoints = types.ListUnknown(nodegroup.NodeType), types.ListUnknown(nodegroup.EndpointType)
	}
	managed := before.managed.among(present, planned)
	diags.Append(unmanaged(before.state.Name.ValueString(), present, managed)...)
	changes := nodegroup.Diff(managed, planned)
	plan.forgetNodes(changes)
	if removed := nodegroup.RemovedNodeGroups(changes); removed != "" {
		diags.Append(protected(before.state, removed)...)
	}
	diags.Append(nodegroup.CheckLosses(before.state.Name.ValueString(), changes)...)
	staysStopped := before.state.Power.ValueString() == powerStopped && plan.Power.ValueString() == powerStopped
	diags.Append(nodegroup.CheckPossible(before.state.Name.ValueString(), changes, planned, staysStopped)...)
	return diags
}

// unmanaged warns of node groups that leave the state because Terraform never managed them.
func unmanaged(environment string, present, managed map[string]nodegroup.Model) (diags diag.Diagnostics) {
	for _, name := range slices.SortedFunc(maps.Keys(present), nodegroup.CompareNames) {
		if _, ours := managed[name]; !ours {
			diags.AddAttributeWarning(path.Root("node_groups"), fmt.Sprintf("%s: layer %q is not managed", environment, name),
				"The environment has this layer, but node_groups does not. It stays as it is, and Terraform removes it from the "+
					"state. To manage it, add it to node_groups.")
		}
	}
	return diags
}

// forgetNodes sets the values of nodes to unknown that changes of node groups affect.
func (m *resourceModel) forgetNodes(changes []nodegroup.Change) {
	for _, c := range changes {
		if c.NodesChange() {
			m.Endpoints = types.ListUnknown(nodegroup.EndpointType)
		}
		if c.NodesChange() || c.IPv4 || c.IPv6 {
			m.Nodes = types.ListUnknown(nodegroup.NodeType)
		}
	}
}

// planMove decides what stays known after a change of the region.
func (r *environmentResource) planMove(
	ctx context.Context, config resourceModel, before prior, plan *resourceModel,
) (*plannedMigration, diag.Diagnostics) {
	if plan.Region.Equal(before.state.Region) {
		return nil, nil
	}
	policy, policyKnown, diags := migrationplan.ReadPolicy(ctx, config.MigrationPolicy)
	plan.LastMigration = types.ObjectUnknown(migrationplan.LastType.AttrTypes)
	if r.service == nil || plan.Region.IsUnknown() || plan.Power.IsUnknown() || !policyKnown || !before.refreshed {
		return nil, append(diags, plan.moveUnknown())
	}

	env := before.snapshot.WithSurroundings()
	if stopsFirst(before.state, *plan) {
		env.Status = switchedOff(env.Status)
	}
	request := migration.Request{Environment: env, To: plan.Region.ValueString(), Policy: policy,
		Regions: before.snapshot.Catalog}
	var sizesKnown bool
	var d diag.Diagnostics
	request.After, sizesKnown, d = nodeGroupsAfter(ctx, config, before, *plan)
	diags.Append(d...)
	a := migration.Assess(request)
	if !sizesKnown {
		a.CostAfter = nil
	}
	variablesKnown := true
	if a.IPChange || a.DomainChange {
		var variables []migration.Dependent
		variables, variablesKnown, d = variableDependents(ctx, before.state, *plan, a)
		diags.Append(d...)
		a.Environment.Dependents = append(slices.Clone(a.Environment.Dependents), variables...)
	}
	diags.Append(plan.forgetAddresses(ctx, config, a)...)
	move, d := migrationplan.NewMove(ctx, a, before.trigger(env.Status))
	diags.Append(d...)
	if !variablesKnown && !move.Dependents.IsNull() {
		move.Dependents = types.ListUnknown(migrationplan.DependentType)
	}
	if !sizesKnown {
		move.CostsUnknown()
	}
	plan.PlannedMigration, d = migrationplan.PlannedObject(ctx, move, policy.Missing(a))
	diags.Append(d...)
	return &plannedMigration{request: request, assessment: a}, diags
}

// moveUnknown sets to unknown whatever a migration of unknown kind may change, and warns of that.
func (m *resourceModel) moveUnknown() diag.Diagnostic {
	m.Datacenter, m.Domain = types.StringUnknown(), types.StringUnknown()
	m.Nodes, m.Endpoints = types.ListUnknown(nodegroup.NodeType), types.ListUnknown(nodegroup.EndpointType)
	m.PlannedMigration = types.ObjectUnknown(migrationplan.PlannedType.AttrTypes)
	return diag.NewAttributeWarningDiagnostic(path.Root("region"),
		m.Name.ValueString()+" may move: the kind of its migration is not known yet",
		"The region, the policy or the provider's configuration is not known until the apply, or this is the first plan "+
			"by a new version of the provider and does not refresh. So the plan cannot say whether the environment moves "+
			"live or offline, and what that changes. The guards of migration_policy hold all the same: the apply refuses "+
			"what they do not permit, before it changes anything.")
}

// forgetAddresses sets to unknown what a migration of known kind changes.
func (m *resourceModel) forgetAddresses(
	ctx context.Context, config resourceModel, a migration.Assessment,
) (diags diag.Diagnostics) {
	m.Datacenter = tfvalue.StringOrNull(a.To.Datacenter)
	if a.DomainChange {
		m.Domain = types.StringUnknown()
	}
	if a.IPChange || a.DomainChange {
		// The nodes' own addresses contain the domain.
		m.Endpoints = types.ListUnknown(nodegroup.EndpointType)
		m.Nodes, diags = nodesAfterMove(ctx, config, *m)
	}
	return diags
}

// trigger returns why an environment with this status will migrate.
func (p prior) trigger(status platform.Status) migration.Trigger {
	switch {
	case status == platform.StatusMigrating:
		return migration.TriggerInProgress
	case p.movedOutside:
		return migration.TriggerExternalMove
	}
	return migration.TriggerConfiguration
}

// nodesAfterMove returns the nodes of a plan after a migration that changes addresses: as many as before if the
// configuration sets their number, otherwise unknown.
func nodesAfterMove(ctx context.Context, config, plan resourceModel) (types.List, diag.Diagnostics) {
	unknown := types.ListUnknown(nodegroup.NodeType)
	if plan.Nodes.IsUnknown() || config.NodeGroups.IsUnknown() {
		return unknown, nil
	}
	written, diags := config.decodeNodeGroups(ctx)
	nodes, d := nodegroup.NodesFromList(ctx, plan.Nodes)
	diags.Append(d...)
	if diags.HasError() || !nodegroup.CountIsWritten(nodes, written) {
		return unknown, diags
	}
	return nodegroup.WithUnknownAddresses(plan.Nodes), diags
}

// nodeGroupsAfter returns the sizes of the environment's node groups after the planned changes.
func nodeGroupsAfter(
	ctx context.Context, config resourceModel, before prior, plan resourceModel,
) (nodeGroups []migration.NodeGroup, known bool, diags diag.Diagnostics) {
	planned, diags := plan.decodeNodeGroups(ctx)
	present, d := before.state.decodeNodeGroups(ctx)
	diags.Append(d...)
	written, d := config.decodeNodeGroups(ctx)
	diags.Append(d...)
	if planned == nil || diags.HasError() {
		return nil, !plan.NodeGroups.IsUnknown(), diags
	}
	unknown := nodegroup.UnknownNames(config.NodeGroups)
	planned, present = nodegroup.Without(planned, unknown), nodegroup.Without(present, unknown)
	nodeGroups, known = nodegroup.ProjectSizes(before.snapshot.Environment,
		nodegroup.Diff(before.managed.among(present, planned), planned), written)
	return nodeGroups, known && len(unknown) == 0, diags
}

// stopsFirst reports whether the environment stops before anything else.
func stopsFirst(state, plan resourceModel) bool {
	return !plan.Power.Equal(state.Power) && plan.Power.ValueString() == powerStopped
}

// switchedOff returns the status of an environment that is stopped before it moves; a status that prevents the move
// stays unchanged.
func switchedOff(status platform.Status) platform.Status {
	if status == platform.StatusRunning || status == platform.StatusSleeping {
		return platform.StatusStopped
	}
	return status
}
