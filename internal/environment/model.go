package environment

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/nodegroup"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/tfvalue"
)

type resourceModel struct {
	Name               types.String   `tfsdk:"name"`
	Region             types.String   `tfsdk:"region"`
	DisplayName        types.String   `tfsdk:"display_name"`
	Groups             types.Set      `tfsdk:"groups"`
	BuiltInSSL         types.Bool     `tfsdk:"built_in_ssl"`
	Power              types.String   `tfsdk:"power"`
	DeletionProtection types.Bool     `tfsdk:"deletion_protection"`
	NodeGroups         types.Map      `tfsdk:"node_groups"`
	MigrationPolicy    types.Object   `tfsdk:"migration_policy"`
	Timeouts           timeouts.Value `tfsdk:"timeouts"`
	ID                 types.String   `tfsdk:"id"`
	AppID              types.String   `tfsdk:"app_id"`
	Domain             types.String   `tfsdk:"domain"`
	URL                types.String   `tfsdk:"url"`
	Datacenter         types.String   `tfsdk:"datacenter"`
	CreatedAt          types.String   `tfsdk:"created_at"`
	Nodes              types.List     `tfsdk:"nodes"`
	Endpoints          types.List     `tfsdk:"endpoints"`
	PlannedMigration   types.Object   `tfsdk:"planned_migration"`
	LastMigration      types.Object   `tfsdk:"last_migration"`
}

// describe sets everything that the platform reports: all node groups after an import, otherwise those that the model
// has. It leaves values unchanged that only the configuration or Terraform knows.
func (m *resourceModel) describe(
	ctx context.Context, env platform.Environment, catalog migration.RegionCatalog, imported bool,
) diag.Diagnostics {
	var diags diag.Diagnostics
	m.Name = types.StringValue(env.Name)
	m.ID = types.StringValue(env.Name)
	m.AppID = tfvalue.StringOrNull(env.AppID)
	m.DisplayName = tfvalue.StringOrNull(env.DisplayName)
	m.Region = tfvalue.StringOrNull(env.Region)
	m.Domain = tfvalue.StringOrNull(env.Domain)
	m.URL = tfvalue.StringOrNull(env.URL())
	m.Datacenter = types.StringNull()
	if region, ok := catalog.Region(env.Region); ok {
		m.Datacenter = tfvalue.StringOrNull(region.Datacenter)
	}
	m.CreatedAt = types.StringNull()
	if !env.CreatedAt.IsZero() {
		m.CreatedAt = tfvalue.Timestamp(env.CreatedAt)
	}
	groups := env.Groups
	if groups == nil {
		groups = []string{}
	}
	var d diag.Diagnostics
	m.Groups, d = types.SetValueFrom(ctx, types.StringType, groups)
	diags.Append(d...)
	m.BuiltInSSL = types.BoolValue(env.BuiltInSSL)
	m.Power = powerOf(env.Status, m.Power)
	m.NodeGroups, d = nodegroup.Refresh(ctx, m.NodeGroups, env, imported)
	diags.Append(d...)
	m.Endpoints, d = types.ListValueFrom(ctx, nodegroup.EndpointType, nodegroup.EndpointsFromPlatform(env))
	diags.Append(d...)
	m.Nodes, d = nodegroup.NodesToList(nodegroup.NodesFromPlatform(env))
	return append(diags, d...)
}

// decodeNodeGroups returns the node groups of a model by name, without those that are wholly unknown; nil if all of
// them are null or unknown.
func (m resourceModel) decodeNodeGroups(context.Context) (map[string]nodegroup.Model, diag.Diagnostics) {
	return nodegroup.FromMap(m.NodeGroups)
}

func (m *resourceModel) setNodeGroups(nodeGroups map[string]nodegroup.Model) (diags diag.Diagnostics) {
	m.NodeGroups, diags = nodegroup.ToMap(nodeGroups)
	return diags
}

// setNodeGroupsIfManaged leaves node groups null that were never configured.
func (m *resourceModel) setNodeGroupsIfManaged(nodeGroups map[string]nodegroup.Model) diag.Diagnostics {
	if nodeGroups == nil {
		return nil
	}
	return m.setNodeGroups(nodeGroups)
}

// fillUnknownNodeGroups fills unknown values of a plan with the platform's node groups.
func (m *resourceModel) fillUnknownNodeGroups(
	_ context.Context, actual map[string]nodegroup.Model,
) (diags diag.Diagnostics) {
	m.NodeGroups, diags = nodegroup.FillUnknowns(m.NodeGroups, actual)
	return diags
}

// The values of power.
const (
	powerRunning = "running"
	powerStopped = "stopped"
)

// powerOf returns whether an environment is switched on. It returns the previous value while an operation is running
// on the environment, or if the environment is broken.
func powerOf(status platform.Status, before types.String) types.String {
	switch {
	case status == platform.StatusStopped:
		return types.StringValue(powerStopped)
	case status == platform.StatusRunning, status == platform.StatusSleeping:
		return types.StringValue(powerRunning)
	case before.IsNull(), before.IsUnknown():
		return types.StringValue(powerRunning)
	}
	return before
}

// fillUnknowns replaces every value that the plan left unknown with the one in actual: after an apply no value may be
// unknown, and the known ones must match the plan.
func (m *resourceModel) fillUnknowns(actual resourceModel) {
	m.ID = tfvalue.CoalesceUnknown(m.ID, actual.ID)
	m.AppID = tfvalue.CoalesceUnknown(m.AppID, actual.AppID)
	m.DisplayName = tfvalue.CoalesceUnknown(m.DisplayName, actual.DisplayName)
	m.Domain = tfvalue.CoalesceUnknown(m.Domain, actual.Domain)
	m.URL = tfvalue.CoalesceUnknown(m.URL, actual.URL)
	m.Datacenter = tfvalue.CoalesceUnknown(m.Datacenter, actual.Datacenter)
	m.CreatedAt = tfvalue.CoalesceUnknown(m.CreatedAt, actual.CreatedAt)
	m.Groups = tfvalue.CoalesceUnknown(m.Groups, actual.Groups)
	m.Nodes = nodegroup.FillNodes(m.Nodes, actual.Nodes)
	m.Endpoints = tfvalue.CoalesceUnknown(m.Endpoints, actual.Endpoints)
	m.BuiltInSSL = tfvalue.CoalesceUnknown(m.BuiltInSSL, actual.BuiltInSSL)
	m.Power = tfvalue.CoalesceUnknown(m.Power, actual.Power)
	m.PlannedMigration = tfvalue.CoalesceUnknown(m.PlannedMigration, actual.PlannedMigration)
	m.LastMigration = tfvalue.CoalesceUnknown(m.LastMigration, actual.LastMigration)
}
