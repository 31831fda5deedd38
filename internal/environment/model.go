package environment

import (
	"context"
	"slices"
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
	nodeType      = nodesAttribute().GetType().(types.ListType).ElemType.(types.ObjectType)
	endpointType  = endpointsAttribute().GetType().(types.ListType).ElemType
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
	if isKnown(ctx, model.AllowedRegions) {
		diags.Append(model.AllowedRegions.ElementsAs(ctx, &p.AllowedRegions, false)...)
		slices.Sort(p.AllowedRegions)
	}
	for name, value := range m.MigrationPolicy.Attributes() {
		if !isKnown(ctx, value) && !slices.Contains(undeciding, name) {
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

// isKnown says whether nothing in a value is unknown.
func isKnown(ctx context.Context, value attr.Value) bool {
	v, err := value.ToTerraformValue(ctx)
	return err == nil && v.IsFullyKnown()
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
	m.AppID = text(env.AppID)
	m.DisplayName = text(env.DisplayName)
	m.Region = text(env.Region)
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
	m.BuiltInSSL = types.BoolValue(env.BuiltInSSL)
	m.Power = powerOf(env.Status, m.Power)
	diags.Append(m.describeNodeGroups(ctx, env, imported)...)
	m.Endpoints, d = types.ListValueFrom(ctx, endpointType, endpointsOf(env))
	diags.Append(d...)
	m.Nodes, d = nodesValue(nodesOf(env))
	return append(diags, d...)
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

func nodesValue(nodes []nodeModel) (types.List, diag.Diagnostics) {
	elements := make([]attr.Value, len(nodes))
	for i, n := range nodes {
		elements[i] = types.ObjectValueMust(nodeType.AttrTypes, map[string]attr.Value{
			"id":          types.Int64Value(n.ID),
			"node_group":  n.NodeGroup,
			"node_type":   n.NodeType,
			"internal_ip": n.InternalIP,
			"public_ipv4": textList(n.PublicIPv4),
			"public_ipv6": textList(n.PublicIPv6),
			"url":         n.URL,
			"master":      types.BoolValue(n.Master),
		})
	}
	return types.ListValue(nodeType, elements)
}

func textList(values []string) types.List {
	elements := make([]attr.Value, len(values))
	for i, value := range values {
		elements[i] = types.StringValue(value)
	}
	return types.ListValueMust(types.StringType, elements)
}

// nodes are the nodes of a model; none if they are null or unknown.
func (m resourceModel) nodes(ctx context.Context) ([]nodeModel, diag.Diagnostics) {
	if m.Nodes.IsNull() || m.Nodes.IsUnknown() {
		return nil, nil
	}
	var nodes []nodeModel
	diags := m.Nodes.ElementsAs(ctx, &nodes, false)
	return nodes, diags
}

type endpointModel struct {
	ID          int64        `tfsdk:"id"`
	NodeID      int64        `tfsdk:"node_id"`
	Name        types.String `tfsdk:"name"`
	Domain      types.String `tfsdk:"domain"`
	PublicPort  int64        `tfsdk:"public_port"`
	PrivatePort int64        `tfsdk:"private_port"`
	Protocol    types.String `tfsdk:"protocol"`
}

func endpointsOf(env platform.Environment) []endpointModel {
	endpoints := []endpointModel{}
	for _, n := range env.Nodes {
		for _, e := range n.Endpoints {
			endpoints = append(endpoints, endpointModel{
				ID:          e.ID,
				NodeID:      n.ID,
				Name:        text(e.Name),
				Domain:      text(e.Domain),
				PublicPort:  int64(e.PublicPort),
				PrivatePort: int64(e.PrivatePort),
				Protocol:    text(e.Protocol),
			})
		}
	}
	return endpoints
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
	m.Endpoints = known(m.Endpoints, actual.Endpoints)
	m.BuiltInSSL = known(m.BuiltInSSL, actual.BuiltInSSL)
	m.Power = known(m.Power, actual.Power)
	m.PlannedMigration = known(m.PlannedMigration, actual.PlannedMigration)
	m.LastMigration = known(m.LastMigration, actual.LastMigration)
}

func known[T attr.Value](planned, actual T) T {
	if planned.IsUnknown() {
		return actual
	}
	return planned
}
