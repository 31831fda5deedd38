// Package environment implements the resource vap_environment: its schema, its plan and its apply. Package
// migration makes the decisions about migrations.
package environment

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/diagutil"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migrationplan"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/privatestate"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/providerdata"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/tfvalue"
)

// NewResource returns the resource vap_environment. Its provider data is a *migration.Service. Without one, because
// the provider's configuration is not known yet, it plans everything about a migration as unknown.
func NewResource() resource.Resource { return &environmentResource{} }

type environmentResource struct {
	service *migration.Service
}

var (
	_ resource.ResourceWithConfigure   = (*environmentResource)(nil)
	_ resource.ResourceWithIdentity    = (*environmentResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*environmentResource)(nil)
	_ resource.ResourceWithImportState = (*environmentResource)(nil)
)

func (r *environmentResource) Metadata(
	_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse,
) {
	resp.TypeName = req.ProviderTypeName + "_environment"
}

func (r *environmentResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = resourceSchema(ctx)
}

func (r *environmentResource) Configure(
	_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse,
) {
	r.service = providerdata.Service(req.ProviderData, &resp.Diagnostics)
}

// Read reads the environment from the platform. Terraform's own requests go to Refresh, which does the same.
func (r *environmentResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state resourceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
	before := state
	gone, diags := r.read(ctx, &state, resp.Private)
	resp.Diagnostics.Append(diags...)
	switch {
	case gone:
		resp.State.RemoveResource(ctx)
	case !diags.HasError() && !tfvalue.SameFields(before, state):
		resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
	}
}

type privateState interface {
	privatestate.Reader
	privatestate.Writer
}

// read refreshes a state and stores, in private state, what a plan of a migration will need. It does not wait for
// operations: a migrating environment is where the platform says it is. gone reports that the environment no longer
// exists.
func (r *environmentResource) read(
	ctx context.Context, state *resourceModel, private privateState,
) (gone bool, diags diag.Diagnostics) {
	// If it stayed in the state, a planned migration would make a postcondition on it fail in every later plan.
	state.PlannedMigration = types.ObjectNull(migrationplan.PlannedType.AttrTypes)
	if r.service == nil {
		return false, nil
	}
	timeout, diags := state.Timeouts.Read(ctx, 5*time.Minute)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	name := state.Name.ValueString()
	r.service.NoteRefresh(name)
	last, _ := migrationplan.LoadSnapshot(ctx, private)
	wait := r.service.StartRegions(ctx, migration.Recent, last.Catalog)
	begun := migrationplan.LoadIntent(ctx, private)
	env, gone, d := r.readExisting(ctx, name, last, begun)
	if gone || d != nil {
		diags.Append(d)
		return gone, diags
	}
	catalog, err := wait()
	if err != nil {
		diags.Append(diagutil.FromError(name, "the regions cannot be read", err, "\n\nThe state was kept as it was."))
		return false, diags
	}
	if env.Region == "" {
		// A response that omits the environment's region must not look like a move.
		env.Region = state.Region.ValueString()
	}
	env = migrationplan.ConfirmRegion(ctx, r.service, state.Region.ValueString(), env, begun)
	accepted := migrationplan.LoadAppID(ctx, private)
	if known := state.AppID.ValueString(); known != "" && accepted == "" && env.AppID != known &&
		migrationplan.WasMoved(ctx, r.service, state.Region.ValueString(), env, begun) {
		accepted = env.AppID
		diags.Append(migrationplan.NewAppID(env.Name, state.AppID.ValueString(), env))
	}
	if d := migrationplan.AnotherEnvironment(state.AppID.ValueString(), accepted, env); d != nil {
		return false, append(diags, d)
	}
	diags.Append(migrationplan.StoreAppID(ctx, private, "", "")...)
	outside := migrationplan.LoadExternalMove(ctx, private).Detect(state.Region.ValueString(), env, begun)
	diags.Append(outside.Store(ctx, private)...)
	left, record, more := begun.Reconcile(ctx, r.service, env, state.LastMigration)
	state.LastMigration = record
	diags.Append(more...)
	diags.Append(left.Store(ctx, private)...)
	imported, _ := private.GetKey(ctx, importedKey)
	diags.Append(state.describe(ctx, env, catalog, string(imported) == "true")...)
	diags.Append(private.SetKey(ctx, importedKey, nil)...)
	diags.Append(r.readVariables(ctx, env, state)...)
	if diags.HasError() {
		return false, diags
	}
	if env.Status == platform.StatusMigrating {
		diags.Append(migrationplan.UnderWay(ctx, r.service, env))
	}
	s := migrationplan.Snapshot{Environment: migration.Describe(env), Catalog: catalog}
	if around, large, listed := r.service.SurroundingsAtHand(env); listed {
		s.Around, s.Large = around, large
	} else {
		s.Unlisted, s.Large = true, last.Large
	}
	diags.Append(s.Store(ctx, private)...)
	return false, diags
}

// readExisting reads an environment. If the platform does not know its name, it finds out whether the environment is
// gone. The diagnostic says why the environment was not read.
func (r *environmentResource) readExisting(
	ctx context.Context, name string, last migrationplan.Snapshot, begun migrationplan.Intent,
) (env platform.Environment, gone bool, d diag.Diagnostic) {
	freshness := migration.Listed
	if last.Large {
		freshness = migration.Recent
	}
	env, err := r.service.Get(ctx, name, freshness)
	if platform.IsMissing(err) {
		migrating := begun.To != "" || last.Environment.Status == platform.StatusMigrating
		var existence migration.Existence
		switch env, existence = r.service.Existence(ctx, name, migrating); existence {
		case migration.Absent:
			return env, true, nil
		case migration.Doubtful:
			return env, false, notSeen(name, err, migrating)
		case migration.Present:
			return env, false, nil
		}
	}
	if err != nil {
		return env, false, diagutil.FromError(name, "the environment cannot be read", err,
			"\n\nThe state was kept as it was.")
	}
	return env, false, nil
}

// notSeen warns that the platform does not know the environment's name at the moment.
func notSeen(name string, err error, migrating bool) diag.Diagnostic {
	why := "the account's list still has it, an operation is running on it, or the account cannot be listed."
	if migrating {
		why = "it was migrating when it was last seen, and Terraform could not wait long enough."
	}
	return diag.NewWarningDiagnostic(name+": the platform does not show it at the moment", diagutil.Explain(err)+
		"\n\nThat alone does not mean that it was deleted: "+why+" The state keeps it as it was. Plan again; if it no "+
		"longer exists, run: terraform state rm ADDRESS.")
}
