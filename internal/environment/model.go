package environment

import (
	"context"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

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

type policyModel struct {
	Mode               types.String  `tfsdk:"mode"`
	AllowDowntime      types.Bool    `tfsdk:"allow_downtime"`
	AllowIPChange      types.Bool    `tfsdk:"allow_ip_change"`
	AllowLiveDatabases types.Bool    `tfsdk:"allow_live_databases"`
	AllowLiveMounts    types.Bool    `tfsdk:"allow_live_mounts"`
	PermitFor          types.Set     `tfsdk:"permit_for"`
	AllowedRegions     types.Set     `tfsdk:"allowed_regions"`
	MaxHourlyCost      types.Float64 `tfsdk:"max_hourly_cost"`
	OnExternalMove     types.String  `tfsdk:"on_external_move"`
	DatabaseLayers     types.Set     `tfsdk:"database_layers"`
	Window             types.Object  `tfsdk:"window"`
	Verify             types.Object  `tfsdk:"verify"`
	Timeout            types.String  `tfsdk:"timeout"`
}

// The types of the nested attributes, taken from the schema so that they are written down once.
var (
	plannedType   = plannedMigrationAttribute().GetType().(types.ObjectType)
	lastType      = lastMigrationAttribute().GetType().(types.ObjectType)
	costType      = costAttribute("").GetType().(types.ObjectType)
	dependentType = moveAttributes()["dependents"].GetType().(types.ListType).ElemType
)

const defaultMigrationTimeout = 2 * time.Hour

// undeciding are the parts of a policy that decide nothing of what a plan says: they come into play during the apply, or
// only refuse, which the apply's own plan does when they are known.
var undeciding = []string{"allowed_regions", "max_hourly_cost", "on_external_move", "verify", "timeout"}

// policy is the migration policy of a configuration. It is not known if any part of it is not that decides what a plan
// says; then it has no more than its allowed regions. What else is not known is left out.
func (m resourceModel) policy(ctx context.Context) (p migration.Policy, known bool, diags diag.Diagnostics) {
	if m.MigrationPolicy.IsNull() {
		return p, true, nil
	}
	if m.MigrationPolicy.IsUnknown() {
		return p, false, nil
	}
	var model policyModel
	diags = m.MigrationPolicy.As(ctx, &model, basetypes.ObjectAsOptions{})
	if tfvalue.IsFullyKnown(ctx, model.AllowedRegions) {
		diags.Append(model.AllowedRegions.ElementsAs(ctx, &p.AllowedRegions, false)...)
		slices.Sort(p.AllowedRegions)
	}
	for name, value := range m.MigrationPolicy.Attributes() {
		if !tfvalue.IsFullyKnown(ctx, value) && !slices.Contains(undeciding, name) {
			return p, false, diags
		}
	}
	p.Mode = migration.Mode(model.Mode.ValueString())
	p.AllowDowntime = model.AllowDowntime.ValueBool()
	p.AllowIPChange = model.AllowIPChange.ValueBool()
	p.AllowLiveDatabases = model.AllowLiveDatabases.ValueBool()
	p.AllowLiveMounts = model.AllowLiveMounts.ValueBool()
	if !model.MaxHourlyCost.IsUnknown() {
		p.MaxHourlyCost = model.MaxHourlyCost.ValueFloat64Pointer()
	}
	var d diag.Diagnostics
	p.Window, d = windowOf(ctx, model.Window)
	diags.Append(d...)
	diags.Append(model.PermitFor.ElementsAs(ctx, &p.PermitFor, false)...)
	diags.Append(model.DatabaseLayers.ElementsAs(ctx, &p.DatabaseLayers, false)...)
	return p, true, diags
}

// migrationTimeout is how long a migration may take.
func (m resourceModel) migrationTimeout() time.Duration {
	timeout, ok := m.MigrationPolicy.Attributes()["timeout"].(types.String)
	if !ok || timeout.ValueString() == "" {
		return defaultMigrationTimeout
	}
	d, err := time.ParseDuration(timeout.ValueString())
	if err != nil {
		return defaultMigrationTimeout
	}
	return d
}

// describe takes everything from the platform's description of the environment that the platform knows, all layers if
// it is being imported, else those that the model has. What only the configuration or Terraform itself knows stays as
// it is.
func (m *resourceModel) describe(ctx context.Context, env platform.Environment, facts migration.Facts, imported bool) diag.Diagnostics {
	var diags diag.Diagnostics
	m.Name = types.StringValue(env.Name)
	m.ID = types.StringValue(env.Name)
	m.AppID = tfvalue.StringOrNull(env.AppID)
	m.DisplayName = tfvalue.StringOrNull(env.DisplayName)
	m.Region = tfvalue.StringOrNull(env.Region)
	m.Domain = tfvalue.StringOrNull(env.Domain)
	m.URL = urlOf(env)
	m.Datacenter = types.StringNull()
	if region, ok := facts.Region(env.Region); ok {
		m.Datacenter = tfvalue.StringOrNull(region.DataCenter)
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

// layers are the node groups of a model by name; nil if they are null or unknown.
func (m resourceModel) layers(ctx context.Context) (map[string]nodegroup.Model, diag.Diagnostics) {
	return nodegroup.FromMap(ctx, m.NodeGroups)
}

func (m *resourceModel) setLayers(layers map[string]nodegroup.Model) (diags diag.Diagnostics) {
	m.NodeGroups, diags = nodegroup.ToMap(layers)
	return diags
}

// setLayersIfManaged leaves node groups null that were never written.
func (m *resourceModel) setLayersIfManaged(layers map[string]nodegroup.Model) diag.Diagnostics {
	if layers == nil {
		return nil
	}
	return m.setLayers(layers)
}

// fillUnknownLayers completes a plan with the node groups that the platform has.
func (m *resourceModel) fillUnknownLayers(ctx context.Context, actual map[string]nodegroup.Model) (diags diag.Diagnostics) {
	m.NodeGroups, diags = nodegroup.FillUnknowns(ctx, m.NodeGroups, actual)
	return diags
}

// The values of power.
const (
	powerRunning = "running"
	powerStopped = "stopped"
)

// powerOf is whether an environment is switched on. While something is at work on it, or it is broken, that is what it
// was before.
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

func urlOf(env platform.Environment) types.String {
	switch {
	case env.Domain == "":
		return types.StringNull()
	case env.BuiltInSSL:
		return types.StringValue("https://" + env.Domain)
	}
	return types.StringValue("http://" + env.Domain)
}

// settled gives every value that the plan left unknown the value that it has in actual: nothing may be unknown after
// an apply, and what was known must be as planned.
func (m *resourceModel) settled(actual resourceModel) {
	m.ID = tfvalue.CoalesceUnknown(m.ID, actual.ID)
	m.AppID = tfvalue.CoalesceUnknown(m.AppID, actual.AppID)
	m.DisplayName = tfvalue.CoalesceUnknown(m.DisplayName, actual.DisplayName)
	m.Domain = tfvalue.CoalesceUnknown(m.Domain, actual.Domain)
	m.URL = tfvalue.CoalesceUnknown(m.URL, actual.URL)
	m.Datacenter = tfvalue.CoalesceUnknown(m.Datacenter, actual.Datacenter)
	m.CreatedAt = tfvalue.CoalesceUnknown(m.CreatedAt, actual.CreatedAt)
	m.Groups = tfvalue.CoalesceUnknown(m.Groups, actual.Groups)
	m.Nodes = tfvalue.CoalesceUnknown(m.Nodes, actual.Nodes)
	m.Endpoints = tfvalue.CoalesceUnknown(m.Endpoints, actual.Endpoints)
	m.BuiltInSSL = tfvalue.CoalesceUnknown(m.BuiltInSSL, actual.BuiltInSSL)
	m.Power = tfvalue.CoalesceUnknown(m.Power, actual.Power)
	m.PlannedMigration = tfvalue.CoalesceUnknown(m.PlannedMigration, actual.PlannedMigration)
	m.LastMigration = tfvalue.CoalesceUnknown(m.LastMigration, actual.LastMigration)
}
