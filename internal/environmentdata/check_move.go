package environmentdata

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migrationplan"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/tfvalue"
)

// moveModel describes a migration. Unlike in planned_migration, empty lists are not null: conditions use their
// lengths, and there is one check to read instead of thirty plans.
type moveModel struct {
	FromRegion         types.String `tfsdk:"from_region"`
	FromDatacenter     types.String `tfsdk:"from_datacenter"`
	ToDatacenter       types.String `tfsdk:"to_datacenter"`
	Mode               types.String `tfsdk:"mode"`
	Reason             types.String `tfsdk:"reason"`
	Downtime           types.Bool   `tfsdk:"downtime"`
	IPChange           types.Bool   `tfsdk:"ip_change"`
	DomainChange       types.Bool   `tfsdk:"domain_change"`
	PreviousDomain     types.String `tfsdk:"previous_domain"`
	ExpectedDomain     types.String `tfsdk:"expected_domain"`
	AffectedNodes      []int64      `tfsdk:"affected_nodes"`
	Databases          []string     `tfsdk:"databases"`
	Mounts             []string     `tfsdk:"mounts"`
	Dependents         types.List   `tfsdk:"dependents"`
	CustomDomains      []string     `tfsdk:"custom_domains"`
	AddOns             []string     `tfsdk:"add_ons"`
	MissingPermissions []string     `tfsdk:"missing_permissions"`
	Window             types.String `tfsdk:"window"`
	CostBefore         *costModel   `tfsdk:"cost_before"`
	CostAfter          *costModel   `tfsdk:"cost_after"`
}

type costModel struct {
	Currency   types.String `tfsdk:"currency"`
	HourlyMin  float64      `tfsdk:"hourly_min"`
	HourlyMax  float64      `tfsdk:"hourly_max"`
	MonthlyMin float64      `tfsdk:"monthly_min"`
	MonthlyMax float64      `tfsdk:"monthly_max"`
	Excludes   []string     `tfsdk:"excludes"`
}

// moveAttributes describes moveModel. Attributes that planned_migration has, too, take its descriptions.
func moveAttributes() map[string]schema.Attribute {
	attributes := mirrored(migrationplan.PlannedAttribute().Attributes, true)
	for _, name := range []string{"to_region", "trigger", "hourly_cost_before", "hourly_cost_after", "currency",
		"cost_excludes"} {
		delete(attributes, name)
	}
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
	attributes["mode"] = text("`live` or `offline`. Null if the environment is already in `to_region`.")
	attributes["reason"] = text("The reason for this kind of migration: `requested`, `live_available`, " +
		"`database`, `shared_storage`, `mounts`, `live_not_possible` or `environment_stopped`. " +
		"Null if the environment is already in `to_region`.")
	attributes["from_datacenter"] = text("The data centre of the region that the environment would leave.")
	attributes["to_datacenter"] = text("The data centre of `to_region`.")
	attributes["domain_change"] = schema.BoolAttribute{MarkdownDescription: "Whether the environment " +
		"is expected to get another domain.", Computed: true}
	attributes["previous_domain"] = text("The present domain.")
	attributes["expected_domain"] = text("The domain expected after the migration. " +
		"Null if the platform does not report the target's domain.")
	attributes["window"] = text("The `window` of `policy`, for example `Sat, Sun 22:00 for 4h, Europe/Berlin`. " +
		"Null without a window. If it is closed, that is one of the `blockers`.")
	attributes["affected_nodes"] = schema.ListAttribute{
		MarkdownDescription: "The IDs of the nodes that would stop or get new addresses. Empty for a live migration.",
		ElementType:         types.Int64Type,
		Computed:            true,
	}
	attributes["missing_permissions"] = schema.ListAttribute{
		MarkdownDescription: "The permissions that the migration needs and `policy` does not give, " +
			"for example `[\"allow_downtime\"]`.",
		ElementType: types.StringType,
		Computed:    true,
	}
	dependents := attributes["dependents"].(schema.ListNestedAttribute)
	dependents.MarkdownDescription = "What depends on the environment's nodes, " +
		"as far as the provider can see: other environments that mount from them or are linked to them. " +
		"Null if the provider did not list the account's environments."
	attributes["dependents"] = dependents
	attributes["cost_before"] = costAttribute("The cost of the environment in the region where it is. " +
		"Null if the price of its cloudlets is not known.")
	attributes["cost_after"] = costAttribute("The cost that the current environment would have in `to_region`. " +
		"Null if the price of its cloudlets is not known.")
	return attributes
}

// costAttribute describes the cost of an environment in a region.
func costAttribute(description string) schema.SingleNestedAttribute {
	number := func(description string) schema.Float64Attribute {
		return schema.Float64Attribute{MarkdownDescription: description, Computed: true}
	}
	return schema.SingleNestedAttribute{
		MarkdownDescription: description + " It excludes traffic and licences, " +
			"and also disk and public addresses if their price is not known.",
		Computed: true,
		Attributes: map[string]schema.Attribute{
			"currency": schema.StringAttribute{MarkdownDescription: "The currency as an ISO 4217 code, " +
				"for example `EUR`. Null if it is not known.", Computed: true},
			"hourly_min":  number("The cost per hour while only the reserved cloudlets are used."),
			"hourly_max":  number("The cost per hour when every node has reached its limits."),
			"monthly_min": number("`hourly_min` for a month of 730 hours."),
			"monthly_max": number("`hourly_max` for a month of 730 hours."),
			"excludes": schema.ListAttribute{
				MarkdownDescription: "What the numbers exclude because its price is not known: `disk_gb`, " +
					"`public_ipv4` or `public_ipv6`. Empty if everything is known. Traffic and licences are always excluded.",
				ElementType: types.StringType,
				Computed:    true,
			},
		},
	}
}

// moveValues are the attributes that describe a migration. The kind is null if the environment is already in the
// target region.
func moveValues(ctx context.Context, a migration.Assessment, policy migration.Policy) (types.Object, diag.Diagnostics) {
	dependents, diags := migrationplan.Dependents(ctx, a.Environment)
	would := moveModel{
		FromRegion:         types.StringValue(a.From.Name),
		FromDatacenter:     tfvalue.StringOrNull(a.From.Datacenter),
		ToDatacenter:       tfvalue.StringOrNull(a.To.Datacenter),
		Mode:               types.StringValue(string(a.Mode)),
		Reason:             types.StringValue(string(a.Reason)),
		Downtime:           types.BoolValue(a.Downtime),
		IPChange:           types.BoolValue(a.IPChange),
		DomainChange:       types.BoolValue(a.DomainChange),
		PreviousDomain:     tfvalue.StringOrNull(a.PreviousDomain),
		ExpectedDomain:     tfvalue.StringOrNull(a.ExpectedDomain),
		AffectedNodes:      append([]int64{}, a.AffectedNodes...),
		Databases:          sortedCopy(a.Databases),
		Mounts:             sortedCopy(a.Mounted),
		Dependents:         dependents,
		CustomDomains:      sortedCopy(a.Environment.CustomDomains),
		AddOns:             tfvalue.EmptyIfNil(a.Environment.AddOns),
		MissingPermissions: []string{},
		CostBefore:         costOf(a.CostBefore),
		CostAfter:          costOf(a.CostAfter),
	}
	for _, p := range policy.Missing(a) {
		would.MissingPermissions = append(would.MissingPermissions, string(p))
	}
	if policy.Window != nil {
		would.Window = types.StringValue(policy.Window.String())
	}
	if a.From.Name == a.To.Name {
		would.Mode, would.Reason = types.StringNull(), types.StringNull()
		would.Downtime, would.AffectedNodes, would.MissingPermissions = types.BoolValue(false), []int64{}, []string{}
	}
	moveType := schema.SingleNestedAttribute{Attributes: moveAttributes()}.GetType().(types.ObjectType)
	values, d := types.ObjectValueFrom(ctx, moveType.AttrTypes, would)
	return values, append(diags, d...)
}

func costOf(c *migration.Cost) *costModel {
	if c == nil {
		return nil
	}
	return &costModel{
		Currency:   tfvalue.StringOrNull(c.Currency),
		HourlyMin:  c.HourlyMin,
		HourlyMax:  c.HourlyMax,
		MonthlyMin: c.MonthlyMin(),
		MonthlyMax: c.MonthlyMax(),
		Excludes:   tfvalue.EmptyIfNil(c.Excludes),
	}
}

// sortedCopy is a list in an order that does not depend on the platform's.
func sortedCopy(values []string) []string {
	return tfvalue.EmptyIfNil(slices.Sorted(slices.Values(values)))
}
