package environment

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

type resourceModel struct {
	Name             types.String   `tfsdk:"name"`
	Region           types.String   `tfsdk:"region"`
	DisplayName      types.String   `tfsdk:"display_name"`
	Groups           types.Set      `tfsdk:"groups"`
	NodeGroups       types.Map      `tfsdk:"node_groups"`
	MigrationPolicy  types.Object   `tfsdk:"migration_policy"`
	Timeouts         timeouts.Value `tfsdk:"timeouts"`
	ID               types.String   `tfsdk:"id"`
	AppID            types.String   `tfsdk:"app_id"`
	Domain           types.String   `tfsdk:"domain"`
	URL              types.String   `tfsdk:"url"`
	Datacenter       types.String   `tfsdk:"datacenter"`
	CreatedAt        types.String   `tfsdk:"created_at"`
	Nodes            types.List     `tfsdk:"nodes"`
	PlannedMigration types.Object   `tfsdk:"planned_migration"`
	LastMigration    types.Object   `tfsdk:"last_migration"`
}

type nodeGroupModel struct {
	NodeType          types.String `tfsdk:"node_type"`
	Count             types.Int64  `tfsdk:"count"`
	ReservedCloudlets types.Int64  `tfsdk:"reserved_cloudlets"`
	DynamicCloudlets  types.Int64  `tfsdk:"dynamic_cloudlets"`
	DiskGB            types.Int64  `tfsdk:"disk_gb"`
	Tag               types.String `tfsdk:"tag"`
	Image             types.String `tfsdk:"image"`
	PublicIPv4Count   types.Int64  `tfsdk:"public_ipv4_count"`
	PublicIPv6Count   types.Int64  `tfsdk:"public_ipv6_count"`
}

type nodeModel struct {
	ID         int64        `tfsdk:"id"`
	NodeGroup  types.String `tfsdk:"node_group"`
	NodeType   types.String `tfsdk:"node_type"`
	InternalIP types.String `tfsdk:"internal_ip"`
	PublicIPv4 []string     `tfsdk:"public_ipv4"`
	PublicIPv6 []string     `tfsdk:"public_ipv6"`
	URL        types.String `tfsdk:"url"`
	Master     bool         `tfsdk:"master"`
}

type policyModel struct {
	Mode               types.String `tfsdk:"mode"`
	AllowDowntime      types.Bool   `tfsdk:"allow_downtime"`
	AllowIPChange      types.Bool   `tfsdk:"allow_ip_change"`
	AllowLiveDatabases types.Bool   `tfsdk:"allow_live_databases"`
	AllowLiveMounts    types.Bool   `tfsdk:"allow_live_mounts"`
	PermitFor          types.Set    `tfsdk:"permit_for"`
	DatabaseLayers     types.Set    `tfsdk:"database_layers"`
	Timeout            types.String `tfsdk:"timeout"`
}

// The types of the nested attributes, taken from the schema so that they are written down once.
var (
	nodeGroupType = nodeGroupsAttribute().GetType().(types.MapType).ElemType
	nodeType      = nodesAttribute().GetType().(types.ListType).ElemType
	plannedType   = plannedMigrationAttribute().GetType().(types.ObjectType)
	lastType      = lastMigrationAttribute().GetType().(types.ObjectType)
	costType      = costAttribute("").GetType().(types.ObjectType)
)

const defaultMigrationTimeout = 2 * time.Hour

// policy is the migration policy of a configuration. It is not known if any part of it is not.
func (m resourceModel) policy(ctx context.Context) (p migration.Policy, known bool, diags diag.Diagnostics) {
	if m.MigrationPolicy.IsNull() {
		return p, true, nil
	}
	if value, err := m.MigrationPolicy.ToTerraformValue(ctx); err != nil || !value.IsFullyKnown() {
		return p, false, nil
	}
	var model policyModel
	diags = m.MigrationPolicy.As(ctx, &model, basetypes.ObjectAsOptions{})
	p = migration.Policy{
		Mode:               migration.Mode(model.Mode.ValueString()),
		AllowDowntime:      model.AllowDowntime.ValueBool(),
		AllowIPChange:      model.AllowIPChange.ValueBool(),
		AllowLiveDatabases: model.AllowLiveDatabases.ValueBool(),
		AllowLiveMounts:    model.AllowLiveMounts.ValueBool(),
	}
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

// describe takes everything from the platform's description of the environment that the platform knows. What only the
// configuration or Terraform itself knows stays as it is.
func (m *resourceModel) describe(ctx context.Context, env platform.Environment, facts migration.Facts) diag.Diagnostics {
	var diags diag.Diagnostics
	m.Name = types.StringValue(env.Name)
	m.ID = types.StringValue(env.Name)
	m.AppID = text(env.AppID)
	m.DisplayName = text(env.DisplayName)
	m.Region = types.StringValue(env.Region)
	m.Domain = text(env.Domain)
	m.URL = urlOf(env)
	m.Datacenter = types.StringNull()
	if region, ok := facts.Region(env.Region); ok {
		m.Datacenter = text(region.DataCenter)
	}
	m.CreatedAt = types.StringNull()
	if !env.CreatedAt.IsZero() {
		m.CreatedAt = timestamp(env.CreatedAt)
	}
	groups := env.Groups
	if groups == nil {
		groups = []string{}
	}
	var d diag.Diagnostics
	m.Groups, d = types.SetValueFrom(ctx, types.StringType, groups)
	diags.Append(d...)
	m.NodeGroups, d = types.MapValueFrom(ctx, nodeGroupType, nodeGroupsOf(env))
	diags.Append(d...)
	m.Nodes, d = types.ListValueFrom(ctx, nodeType, nodesOf(env))
	diags.Append(d...)
	return diags
}

// nodeGroupsOf describes the layers by their first node: nodes of a layer are alike.
func nodeGroupsOf(env platform.Environment) map[string]nodeGroupModel {
	groups := map[string]nodeGroupModel{}
	counts := map[string]int64{}
	for _, n := range env.Nodes {
		counts[n.NodeGroup]++
		if counts[n.NodeGroup] > 1 {
			continue
		}
		groups[n.NodeGroup] = nodeGroupModel{
			NodeType:          types.StringValue(n.NodeType),
			ReservedCloudlets: types.Int64Value(int64(n.ReservedCloudlets)),
			DynamicCloudlets:  types.Int64Value(int64(n.DynamicCloudlets)),
			DiskGB:            types.Int64Value(int64(n.DiskGB)),
			Tag:               text(n.Tag),
			Image:             text(n.Image),
			PublicIPv4Count:   types.Int64Value(int64(len(n.PublicIPv4))),
			PublicIPv6Count:   types.Int64Value(int64(len(n.PublicIPv6))),
		}
	}
	for name, group := range groups {
		group.Count = types.Int64Value(counts[name])
		groups[name] = group
	}
	return groups
}

func nodesOf(env platform.Environment) []nodeModel {
	nodes := []nodeModel{}
	for _, n := range env.Nodes {
		nodes = append(nodes, nodeModel{
			ID:         n.ID,
			NodeGroup:  text(n.NodeGroup),
			NodeType:   text(n.NodeType),
			InternalIP: text(n.InternalIP),
			PublicIPv4: list(n.PublicIPv4),
			PublicIPv6: list(n.PublicIPv6),
			URL:        text(n.URL),
			Master:     n.Master,
		})
	}
	return nodes
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

func timestamp(t time.Time) types.String {
	return types.StringValue(t.UTC().Format(time.RFC3339))
}

// text is a string that is null if it is empty: the platform leaves out what it does not have.
func text(s string) types.String {
	if s == "" {
		return types.StringNull()
	}
	return types.StringValue(s)
}

func list(values []string) []string {
	if values == nil {
		return []string{}
	}
	return values
}

// settled gives every value that the plan left unknown the value that it has in actual: nothing may be unknown after
// an apply, and what was known must be as planned.
func (m *resourceModel) settled(actual resourceModel) {
	m.ID = known(m.ID, actual.ID)
	m.AppID = known(m.AppID, actual.AppID)
	m.DisplayName = known(m.DisplayName, actual.DisplayName)
	m.Domain = known(m.Domain, actual.Domain)
	m.URL = known(m.URL, actual.URL)
	m.Datacenter = known(m.Datacenter, actual.Datacenter)
	m.CreatedAt = known(m.CreatedAt, actual.CreatedAt)
	m.Groups = known(m.Groups, actual.Groups)
	m.Nodes = known(m.Nodes, actual.Nodes)
	m.PlannedMigration = known(m.PlannedMigration, actual.PlannedMigration)
	m.LastMigration = known(m.LastMigration, actual.LastMigration)
}

func known[T attr.Value](planned, actual T) T {
	if planned.IsUnknown() {
		return actual
	}
	return planned
}
