package environment

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
)

// ModifyPlan decides what the plan may call known and whether a migration is permitted. The values it plans depend on
// nothing but configuration, prior state and the snapshot in private state; what it asks the platform only leads to
// errors and warnings. Terraform calls it again during the apply and insists on the same values.
func (r *environmentResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return
	}
	var config, plan resourceModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if req.State.Raw.IsNull() {
		planCreate(&plan)
		resp.Diagnostics.Append(r.checkCreate(ctx, config)...)
		resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
		return
	}

	var state resourceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if !plan.Name.Equal(state.Name) {
		// Terraform replaces the environment and plans again, as a creation: nothing moves.
		return
	}
	snap, found := loadSnapshot(ctx, req.Private)
	if !found && r.service != nil && !plan.Region.Equal(state.Region) {
		var diags diag.Diagnostics
		snap, diags = r.snapshot(ctx, state.Name.ValueString())
		resp.Diagnostics.Append(diags...)
		if diags.HasError() {
			return
		}
	}
	move, diags := r.planUpdate(ctx, config, state, &plan, snap)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
	if move != nil {
		resp.Diagnostics.Append(r.reviewMove(ctx, *move)...)
	}
}

// planCreate makes known what a new environment cannot have.
func planCreate(plan *resourceModel) {
	plan.ID = plan.Name
	plan.PlannedMigration = types.ObjectNull(plannedType.AttrTypes)
	plan.LastMigration = types.ObjectNull(lastType.AttrTypes)
}

func (r *environmentResource) checkCreate(ctx context.Context, config resourceModel) diag.Diagnostics {
	var diags diag.Diagnostics
	if config.NodeGroups.IsNull() {
		diags.AddAttributeError(path.Root("node_groups"), config.Name.ValueString()+": a new environment needs node groups",
			"An environment is created with at least one layer. Write for example:\n\n"+
				"  node_groups = {\n    cp = { node_type = \"nginxphp\" }\n  }"+nothingChanged)
	}
	if r.service == nil || config.Region.IsUnknown() {
		return diags
	}
	facts, err := r.service.Facts(ctx)
	if err != nil {
		diags.Append(problem(config.Name.ValueString(), "the regions cannot be read", err, nothingChanged))
		return diags
	}
	if finding := facts.CheckTarget(config.Name.ValueString(), config.Region.ValueString()); finding != nil {
		diags.Append(diagnostic(*finding))
	}
	return diags
}

// plannedMigration is a migration that a plan contains, with what it takes to review it.
type plannedMigration struct {
	assessment migration.Assessment
	policy     migration.Policy
}

// planUpdate decides what stays known in the plan of a change, and returns the migration that the plan contains, if
// its kind can be told. It is a pure function but for the settings of the provider's configuration.
func (r *environmentResource) planUpdate(ctx context.Context, config, state resourceModel, plan *resourceModel, snap snapshot) (*plannedMigration, diag.Diagnostics) {
	plan.ID, plan.AppID, plan.CreatedAt = state.ID, state.AppID, state.CreatedAt
	plan.Domain, plan.URL, plan.Datacenter, plan.Nodes = state.Domain, state.URL, state.Datacenter, state.Nodes
	plan.LastMigration = state.LastMigration
	plan.PlannedMigration = types.ObjectNull(plannedType.AttrTypes)
	if config.DisplayName.IsNull() {
		plan.DisplayName = state.DisplayName
	}
	if config.Groups.IsNull() {
		plan.Groups = state.Groups
	}
	diags := planNodeGroups(ctx, config, state, plan)
	if plan.Region.Equal(state.Region) || diags.HasError() {
		return nil, diags
	}

	policy, policyKnown, d := config.policy(ctx)
	diags.Append(d...)
	plan.LastMigration = types.ObjectUnknown(lastType.AttrTypes)
	if r.service == nil || plan.Region.IsUnknown() || !policyKnown {
		plan.Datacenter, plan.Domain, plan.URL = types.StringUnknown(), types.StringUnknown(), types.StringUnknown()
		plan.Nodes = types.ListUnknown(nodeType)
		plan.PlannedMigration = types.ObjectUnknown(plannedType.AttrTypes)
		return nil, diags
	}

	a := migration.Assess(migration.Request{
		Environment: snap.Environment,
		To:          plan.Region.ValueString(),
		Policy:      policy,
		Facts:       r.service.Corrected(snap.Facts),
	})
	plan.Datacenter = text(a.To.DataCenter)
	if a.IPChange {
		plan.Nodes = types.ListUnknown(nodeType)
	}
	if a.DomainChange {
		plan.Domain, plan.URL = types.StringUnknown(), types.StringUnknown()
		plan.Nodes = types.ListUnknown(nodeType) // their addresses contain the domain
	}
	move, d := moveOf(ctx, a, migration.TriggerConfiguration)
	diags.Append(d...)
	plan.PlannedMigration, d = plannedObject(ctx, move, policy.Missing(a))
	diags.Append(d...)
	return &plannedMigration{assessment: a, policy: policy}, diags
}

// planNodeGroups keeps what the configuration does not write as it is.
func planNodeGroups(ctx context.Context, config, state resourceModel, plan *resourceModel) diag.Diagnostics {
	if config.NodeGroups.IsNull() {
		plan.NodeGroups = state.NodeGroups
		return nil
	}
	if plan.NodeGroups.IsUnknown() {
		return nil
	}
	var planned, prior map[string]nodeGroupModel
	diags := plan.NodeGroups.ElementsAs(ctx, &planned, false)
	diags.Append(state.NodeGroups.ElementsAs(ctx, &prior, false)...)
	if diags.HasError() {
		return diags
	}
	for name, group := range planned {
		if before, ok := prior[name]; ok {
			planned[name] = group.kept(before)
		}
	}
	var d diag.Diagnostics
	plan.NodeGroups, d = types.MapValueFrom(ctx, nodeGroupType, planned)
	diags.Append(d...)
	if !plan.NodeGroups.Equal(state.NodeGroups) {
		diags.AddAttributeError(path.Root("node_groups"), state.Name.ValueString()+": node groups cannot be changed in place yet",
			"The configuration and the platform differ in the layers of the environment. This version of the provider creates, reads and "+
				"migrates environments, but does not change their layers. Change them in the dashboard and the configuration alike, or take "+
				"node_groups out of the configuration to leave them unmanaged."+nothingChanged)
	}
	return diags
}

// kept is the node group with the values of before where the plan knows none.
func (g nodeGroupModel) kept(before nodeGroupModel) nodeGroupModel {
	g.Count = known(g.Count, before.Count)
	g.ReservedCloudlets = known(g.ReservedCloudlets, before.ReservedCloudlets)
	g.DynamicCloudlets = known(g.DynamicCloudlets, before.DynamicCloudlets)
	g.DiskGB = known(g.DiskGB, before.DiskGB)
	g.Tag = known(g.Tag, before.Tag)
	g.Image = known(g.Image, before.Image)
	g.PublicIPv4Count = known(g.PublicIPv4Count, before.PublicIPv4Count)
	g.PublicIPv6Count = known(g.PublicIPv6Count, before.PublicIPv6Count)
	return g
}

// reviewMove asks the platform whether it would carry out a planned migration, now, and says what stands against it
// or what its risks are.
func (r *environmentResource) reviewMove(ctx context.Context, move plannedMigration) diag.Diagnostics {
	var diags diag.Diagnostics
	a := move.assessment
	name, to := a.Environment.Name, a.To.Name
	facts, err := r.service.Facts(ctx)
	if err != nil {
		diags.Append(problem(name, "the regions cannot be read", err, nothingChanged))
		return diags
	}
	if finding := facts.CheckTarget(name, to); finding != nil {
		diags.Append(diagnostic(*finding))
		return diags
	}
	findings := move.policy.Review(a, r.service.Enforcement)
	refusal := checkRefusal(a, r.service.Client.CheckMigration(ctx, name, to), findings)
	if refusal != nil {
		diags.Append(refusal)
	}
	if diags.HasError() {
		// What a migration would do does not matter if the platform would not do it.
		return diags
	}
	for _, finding := range findings {
		diags.Append(diagnostic(finding))
	}
	return diags
}
