package migrationplan

import (
	"context"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/tfvalue"
)

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

const defaultMigrationTimeout = 2 * time.Hour

// nonDecidingArguments are the parts of a policy that do not affect what a plan says. They take effect during the
// apply, or they only refuse, and the apply's own plan does that once they are known.
var nonDecidingArguments = []string{"allowed_regions", "max_hourly_cost", "on_external_move", "verify", "timeout"}

// ReadPolicy reads a migration policy. known is false if any argument that affects the plan is unknown; the policy
// then contains only its allowed regions. Other unknown arguments are left out.
func ReadPolicy(ctx context.Context, object types.Object) (p migration.Policy, known bool, diags diag.Diagnostics) {
	if object.IsNull() {
		return p, true, nil
	}
	if object.IsUnknown() {
		return p, false, nil
	}
	var model policyModel
	diags = object.As(ctx, &model, basetypes.ObjectAsOptions{})
	if tfvalue.IsFullyKnown(ctx, model.AllowedRegions) {
		diags.Append(model.AllowedRegions.ElementsAs(ctx, &p.AllowedRegions, false)...)
		slices.Sort(p.AllowedRegions)
	}
	for name, value := range object.Attributes() {
		if !tfvalue.IsFullyKnown(ctx, value) && !slices.Contains(nonDecidingArguments, name) {
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
	p.Window, d = readWindow(ctx, model.Window)
	diags.Append(d...)
	diags.Append(model.PermitFor.ElementsAs(ctx, &p.PermitFor, false)...)
	diags.Append(model.DatabaseLayers.ElementsAs(ctx, &p.DatabaseLayers, false)...)
	return p, true, diags
}

// Timeout is how long a migration may take.
func Timeout(object types.Object) time.Duration {
	timeout, ok := object.Attributes()["timeout"].(types.String)
	if !ok || timeout.ValueString() == "" {
		return defaultMigrationTimeout
	}
	d, err := time.ParseDuration(timeout.ValueString())
	if err != nil {
		return defaultMigrationTimeout
	}
	return d
}

// The values of migration_policy.on_external_move.
const (
	externalRefuse  = "refuse"
	ExternalRestore = "restore"
)

// OnExternalMove is what to do about a move outside Terraform.
func OnExternalMove(object types.Object) types.String {
	if object.IsUnknown() {
		return types.StringUnknown()
	}
	wish, _ := object.Attributes()["on_external_move"].(types.String)
	return wish
}
