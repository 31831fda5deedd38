// Package migrationplan turns a migration into what Terraform shows of it: the plan, the record and the diagnostics.
package migrationplan

import (
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

// MoveModel is what the plan of a migration and the record of one have in common. It is exported only because the
// framework does not see the fields of an embedded struct otherwise.
type MoveModel struct {
	FromRegion     types.String `tfsdk:"from_region"`
	ToRegion       types.String `tfsdk:"to_region"`
	FromDatacenter types.String `tfsdk:"from_datacenter"`
	ToDatacenter   types.String `tfsdk:"to_datacenter"`
	Mode           types.String `tfsdk:"mode"`
	Reason         types.String `tfsdk:"reason"`
	Trigger        types.String `tfsdk:"trigger"`
	Downtime       types.Bool   `tfsdk:"downtime"`
	IPChange       types.Bool   `tfsdk:"ip_change"`
	DomainChange   types.Bool   `tfsdk:"domain_change"`
	PreviousDomain types.String `tfsdk:"previous_domain"`
	ExpectedDomain types.String `tfsdk:"expected_domain"`
	AffectedNodes  []int64      `tfsdk:"affected_nodes"`
	Databases      []string     `tfsdk:"databases"`
	Mounts         []string     `tfsdk:"mounts"`
	Dependents     types.List   `tfsdk:"dependents"`
	CustomDomains  []string     `tfsdk:"custom_domains"`
	AddOns         []string     `tfsdk:"add_ons"`
	CostBefore     types.Object `tfsdk:"cost_before"`
	CostAfter      types.Object `tfsdk:"cost_after"`
}

type plannedModel struct {
	MoveModel
	MissingPermissions []string     `tfsdk:"missing_permissions"`
	Window             types.String `tfsdk:"window"`
}

type lastModel struct {
	MoveModel
	StartedAt       types.String         `tfsdk:"started_at"`
	FinishedAt      types.String         `tfsdk:"finished_at"`
	DurationSeconds int64                `tfsdk:"duration_seconds"`
	Verified        types.Bool           `tfsdk:"verified"`
	AddressChanges  []addressChangeModel `tfsdk:"address_changes"`
}

type addressChangeModel struct {
	NodeID             int64        `tfsdk:"node_id"`
	NodeGroup          types.String `tfsdk:"node_group"`
	PreviousInternalIP types.String `tfsdk:"previous_internal_ip"`
	InternalIP         types.String `tfsdk:"internal_ip"`
	PreviousPublicIPv4 []string     `tfsdk:"previous_public_ipv4"`
	PublicIPv4         []string     `tfsdk:"public_ipv4"`
	PreviousPublicIPv6 []string     `tfsdk:"previous_public_ipv6"`
	PublicIPv6         []string     `tfsdk:"public_ipv6"`
}

type dependentModel struct {
	Kind        types.String `tfsdk:"kind"`
	Environment types.String `tfsdk:"environment"`
	NodeGroup   types.String `tfsdk:"node_group"`
	Name        types.String `tfsdk:"name"`
}

type costModel struct {
	Currency   types.String `tfsdk:"currency"`
	HourlyMin  float64      `tfsdk:"hourly_min"`
	HourlyMax  float64      `tfsdk:"hourly_max"`
	MonthlyMin float64      `tfsdk:"monthly_min"`
	MonthlyMax float64      `tfsdk:"monthly_max"`
	Excludes   []string     `tfsdk:"excludes"`
}

// NewMove describes an assessed migration. Its dependents are null if what others have to do with the environment is not
// known: a list of some would look like one of all.
func NewMove(ctx context.Context, a migration.Assessment, trigger migration.Trigger) (MoveModel, diag.Diagnostics) {
	before, diags := costObject(ctx, a.CostBefore)
	after, d := costObject(ctx, a.CostAfter)
	diags.Append(d...)
	nodes := a.AffectedNodes
	if nodes == nil {
		nodes = []int64{}
	}
	dependents := types.ListNull(DependentType)
	if a.Environment.Surrounded {
		models := []dependentModel{}
		for _, d := range a.Environment.Dependents {
			models = append(models, dependentModel{
				Kind: types.StringValue(string(d.Kind)), Environment: types.StringValue(d.Environment), NodeGroup: tfvalue.StringOrNull(d.NodeGroup), Name: tfvalue.StringOrNull(d.Name),
			})
		}
		dependents, d = types.ListValueFrom(ctx, DependentType, models)
		diags.Append(d...)
	}
	return MoveModel{
		FromRegion:     types.StringValue(a.From.Name),
		ToRegion:       types.StringValue(a.To.Name),
		FromDatacenter: tfvalue.StringOrNull(a.From.Datacenter),
		ToDatacenter:   tfvalue.StringOrNull(a.To.Datacenter),
		Mode:           types.StringValue(string(a.Mode)),
		Reason:         types.StringValue(string(a.Reason)),
		Trigger:        types.StringValue(string(trigger)),
		Downtime:       types.BoolValue(a.Downtime),
		IPChange:       types.BoolValue(a.IPChange),
		DomainChange:   types.BoolValue(a.DomainChange),
		PreviousDomain: tfvalue.StringOrNull(a.PreviousDomain),
		ExpectedDomain: tfvalue.StringOrNull(a.ExpectedDomain),
		AffectedNodes:  nodes,
		Databases:      sortedCopy(a.Databases),
		Mounts:         sortedCopy(a.Mounted),
		Dependents:     dependents,
		CustomDomains:  sortedCopy(a.Environment.CustomDomains),
		AddOns:         tfvalue.EmptyIfNil(a.Environment.AddOns),
		CostBefore:     before,
		CostAfter:      after,
	}, diags
}

func costObject(ctx context.Context, c *migration.Cost) (types.Object, diag.Diagnostics) {
	if c == nil {
		return types.ObjectNull(CostType.AttrTypes), nil
	}
	return types.ObjectValueFrom(ctx, CostType.AttrTypes, costModel{
		Currency:   tfvalue.StringOrNull(c.Currency),
		HourlyMin:  c.HourlyMin,
		HourlyMax:  c.HourlyMax,
		MonthlyMin: c.MonthlyMin(),
		MonthlyMax: c.MonthlyMax(),
		Excludes:   tfvalue.EmptyIfNil(c.Excludes),
	})
}

// sortedCopy is a list in an order that does not depend on the platform's.
func sortedCopy(values []string) []string {
	return tfvalue.EmptyIfNil(slices.Sorted(slices.Values(values)))
}

// PlannedObject is planned_migration.
func PlannedObject(ctx context.Context, move MoveModel, missing []migration.Permission, window *migration.Window) (types.Object, diag.Diagnostics) {
	planned := plannedModel{MoveModel: move, MissingPermissions: []string{}}
	for _, p := range missing {
		planned.MissingPermissions = append(planned.MissingPermissions, string(p))
	}
	if window != nil {
		planned.Window = types.StringValue(window.String())
	}
	return types.ObjectValueFrom(ctx, PlannedType.AttrTypes, planned)
}

// ReadPlanned reads planned_migration; nil if there is none or it is not known.
func ReadPlanned(ctx context.Context, object types.Object) (*MoveModel, diag.Diagnostics) {
	if object.IsNull() || object.IsUnknown() {
		return nil, nil
	}
	var planned plannedModel
	diags := object.As(ctx, &planned, basetypes.ObjectAsOptions{})
	return &planned.MoveModel, diags
}

// RecordObject is last_migration, the record of a finished migration.
func RecordObject(ctx context.Context, move MoveModel, outcome migration.Outcome, before []platform.Node) (types.Object, diag.Diagnostics) {
	return types.ObjectValueFrom(ctx, LastType.AttrTypes, lastModel{
		MoveModel:       move,
		StartedAt:       tfvalue.Timestamp(outcome.StartedAt),
		FinishedAt:      tfvalue.Timestamp(outcome.FinishedAt),
		DurationSeconds: int64(math.Ceil(outcome.FinishedAt.Sub(outcome.StartedAt).Seconds())),
		AddressChanges:  addressChanges(before, outcome.After.Nodes),
	})
}
