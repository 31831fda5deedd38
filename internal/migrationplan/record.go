// Package migrationplan turns a migration into what Terraform shows of it: the plan, the record and the diagnostics.
package migrationplan

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/tfvalue"
)

// MoveModel is planned_migration. Attributes with nothing to report are null, so that a plan does not show them:
// people read plans with thirty live moves.
type MoveModel struct {
	FromRegion         types.String  `tfsdk:"from_region"`
	ToRegion           types.String  `tfsdk:"to_region"`
	Mode               types.String  `tfsdk:"mode"`
	Reason             types.String  `tfsdk:"reason"`
	Trigger            types.String  `tfsdk:"trigger"`
	Downtime           types.Bool    `tfsdk:"downtime"`
	IPChange           types.Bool    `tfsdk:"ip_change"`
	DomainChange       types.Bool    `tfsdk:"domain_change"`
	ExpectedDomain     types.String  `tfsdk:"expected_domain"`
	Databases          []string      `tfsdk:"databases"`
	Mounts             []string      `tfsdk:"mounts"`
	CustomDomains      []string      `tfsdk:"custom_domains"`
	AddOns             []string      `tfsdk:"add_ons"`
	Dependents         types.List    `tfsdk:"dependents"`
	MissingPermissions []string      `tfsdk:"missing_permissions"`
	HourlyCostBefore   types.Float64 `tfsdk:"hourly_cost_before"`
	HourlyCostAfter    types.Float64 `tfsdk:"hourly_cost_after"`
	Currency           types.String  `tfsdk:"currency"`
	CostExcludes       types.List    `tfsdk:"cost_excludes"`
}

type lastModel struct {
	FromRegion      types.String            `tfsdk:"from_region"`
	ToRegion        types.String            `tfsdk:"to_region"`
	Mode            types.String            `tfsdk:"mode"`
	Trigger         types.String            `tfsdk:"trigger"`
	Downtime        types.Bool              `tfsdk:"downtime"`
	PreviousDomain  types.String            `tfsdk:"previous_domain"`
	StartedAt       types.String            `tfsdk:"started_at"`
	FinishedAt      types.String            `tfsdk:"finished_at"`
	DurationSeconds int64                   `tfsdk:"duration_seconds"`
	Verified        types.Bool              `tfsdk:"verified"`
	AddressChanges  map[string]types.String `tfsdk:"address_changes"`
}

type dependentModel struct {
	Kind        types.String `tfsdk:"kind"`
	Environment types.String `tfsdk:"environment"`
	NodeGroup   types.String `tfsdk:"node_group"`
	Name        types.String `tfsdk:"name"`
}

// NewMove describes an assessed migration.
func NewMove(ctx context.Context, a migration.Assessment, trigger migration.Trigger) (MoveModel, diag.Diagnostics) {
	dependents, diags := Dependents(ctx, a.Environment)
	if a.Mode == migration.ModeLive && len(dependents.Elements()) == 0 {
		dependents = types.ListNull(DependentType)
	}
	m := MoveModel{
		FromRegion:    types.StringValue(a.From.Name),
		ToRegion:      types.StringValue(a.To.Name),
		Mode:          types.StringValue(string(a.Mode)),
		Reason:        unless(migration.ReasonLiveAvailable, a.Reason),
		Trigger:       unless(migration.TriggerConfiguration, trigger),
		Downtime:      types.BoolValue(a.Downtime),
		IPChange:      types.BoolValue(a.IPChange),
		DomainChange:  types.BoolValue(a.DomainChange),
		Databases:     sorted(a.Databases),
		Mounts:        sorted(a.Mounted),
		CustomDomains: sorted(a.Environment.CustomDomains),
		AddOns:        nonEmpty(a.Environment.AddOns),
		Dependents:    dependents,
	}
	if a.DomainChange {
		m.ExpectedDomain = tfvalue.StringOrNull(a.ExpectedDomain)
	}
	diags.Append(m.setCosts(ctx, a.CostBefore, a.CostAfter)...)
	return m, diags
}

// setCosts sets the costs with every node at its limits, as max_hourly_cost compares them. It sets the cost before
// only if it can be compared with the cost after: two numbers that exclude different things, or are in different
// currencies, would look like an increase or a decrease.
func (m *MoveModel) setCosts(ctx context.Context, before, after *migration.Cost) (diags diag.Diagnostics) {
	m.CostExcludes = types.ListNull(types.StringType)
	reference := after
	if reference == nil {
		reference = before
	}
	if reference == nil {
		return nil
	}
	m.Currency = tfvalue.StringOrNull(reference.Currency)
	excludes := reference.Excludes
	if after != nil {
		m.HourlyCostAfter = types.Float64Value(after.HourlyMax)
	}
	if before != nil && before.ComparesWith(*reference) {
		m.HourlyCostBefore, excludes = types.Float64Value(before.HourlyMax), before.Excludes
	}
	if len(excludes) > 0 {
		m.CostExcludes, diags = types.ListValueFrom(ctx, types.StringType, excludes)
	}
	return diags
}

// CostsUnknown makes the costs of a plan unknown.
func (m *MoveModel) CostsUnknown() {
	m.HourlyCostBefore, m.HourlyCostAfter = types.Float64Unknown(), types.Float64Unknown()
	m.Currency, m.CostExcludes = types.StringUnknown(), types.ListUnknown(types.StringType)
}

// CausedBy is the trigger of the migration.
func (m *MoveModel) CausedBy() migration.Trigger {
	return cmp.Or(migration.Trigger(m.Trigger.ValueString()), migration.TriggerConfiguration)
}

// Dependents returns what depends on an environment. It is null if the other environments were not read,
// because an incomplete list would look complete.
func Dependents(ctx context.Context, env migration.Environment) (types.List, diag.Diagnostics) {
	if !env.Surrounded {
		return types.ListNull(DependentType), nil
	}
	models := []dependentModel{}
	for _, d := range env.Dependents {
		models = append(models, dependentModel{
			Kind: types.StringValue(string(d.Kind)), Environment: types.StringValue(d.Environment),
			NodeGroup: tfvalue.StringOrNull(d.NodeGroup), Name: tfvalue.StringOrNull(d.Name),
		})
	}
	return types.ListValueFrom(ctx, DependentType, models)
}

// unless returns a text, or null if it is the usual one.
func unless[T ~string](usual, value T) types.String {
	if value == usual {
		return types.StringNull()
	}
	return types.StringValue(string(value))
}

// nonEmpty returns nil, which becomes null, for an empty list.
func nonEmpty(values []string) []string {
	if len(values) == 0 {
		return nil
	}
	return values
}

// sorted returns a list in an order that does not depend on the platform's; nil if it is empty.
func sorted(values []string) []string { return nonEmpty(slices.Sorted(slices.Values(values))) }

// PlannedObject is planned_migration.
func PlannedObject(
	ctx context.Context, move MoveModel, missing []migration.Permission,
) (types.Object, diag.Diagnostics) {
	for _, p := range missing {
		move.MissingPermissions = append(move.MissingPermissions, string(p))
	}
	return types.ObjectValueFrom(ctx, PlannedType.AttrTypes, move)
}

// ReadPlanned reads planned_migration; nil if it is null or unknown.
func ReadPlanned(ctx context.Context, object types.Object) (*MoveModel, diag.Diagnostics) {
	if object.IsNull() || object.IsUnknown() {
		return nil, nil
	}
	var planned MoveModel
	diags := object.As(ctx, &planned, basetypes.ObjectAsOptions{})
	return &planned, diags
}

// RecordObject is last_migration: the record of a finished migration of an environment with this domain and these
// nodes.
func RecordObject(
	ctx context.Context,
	move MoveModel,
	outcome migration.Outcome,
	domain types.String,
	before []platform.Node,
) (types.Object, diag.Diagnostics) {
	last := lastModel{
		FromRegion:      move.FromRegion,
		ToRegion:        move.ToRegion,
		Mode:            move.Mode,
		Trigger:         move.Trigger,
		Downtime:        move.Downtime,
		StartedAt:       tfvalue.Timestamp(outcome.StartedAt),
		FinishedAt:      tfvalue.Timestamp(outcome.FinishedAt),
		DurationSeconds: int64(math.Ceil(outcome.FinishedAt.Sub(outcome.StartedAt).Seconds())),
		AddressChanges:  newAddresses(before, outcome.After.Nodes),
	}
	if move.DomainChange.ValueBool() {
		last.PreviousDomain = domain
	}
	return types.ObjectValueFrom(ctx, LastType.AttrTypes, last)
}
