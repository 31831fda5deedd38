// Package environment is the resource vap_environment: its schema, what its plan says, and how its apply carries it
// out. Decisions about migrations are made in package migration.
package environment

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/configured"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/diagutil"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/tfvalue"
)

// NewResource makes the resource vap_environment. It expects a *migration.Service as provider data; without one, while
// the provider's configuration is not known, it plans everything about a migration as unknown.
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

func (r *environmentResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_environment"
}

func (r *environmentResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = resourceSchema(ctx)
}

func (r *environmentResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.service = configured.Service(req.ProviderData, &resp.Diagnostics)
}

// Read takes the environment as the platform has it. Terraform's own questions are answered by Refresh, in the same way.
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
	privateReader
	privateWriter
}

// read brings a state up to date and keeps, in private state, what a plan of a migration will rest on. It waits for
// nothing: an environment that is migrating is where the platform says it is. Gone is one that does not exist any more.
func (r *environmentResource) read(ctx context.Context, state *resourceModel, private privateState) (gone bool, diags diag.Diagnostics) {
	// Left in state, a planned migration would make a postcondition on it fail in every later plan.
	state.PlannedMigration = types.ObjectNull(plannedType.AttrTypes)
	if r.service == nil {
		return false, nil
	}
	timeout, diags := state.Timeouts.Read(ctx, 5*time.Minute)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	name := state.Name.ValueString()
	last, _ := loadSnapshot(ctx, private)
	wait := r.service.StartFacts(ctx, last.Facts)
	begun := loadIntent(ctx, private)
	env, gone, d := r.readExisting(ctx, name, last, begun)
	if gone || d != nil {
		diags.Append(d)
		return gone, diags
	}
	facts, err := wait()
	if err != nil {
		diags.Append(diagutil.FromError(name, "the regions cannot be read", err, "\n\nThe state was kept as it was."))
		return false, diags
	}
	if env.Region == "" {
		// An answer that leaves out where the environment is must not look like a move.
		env.Region = state.Region.ValueString()
	}
	env = r.confirmPlace(ctx, state.Region.ValueString(), env, begun)
	accepted := loadAppID(ctx, private)
	if accepted == "" && env.AppID != state.AppID.ValueString() && r.wasMoved(ctx, state.Region.ValueString(), env, begun) {
		accepted = env.AppID
	}
	if d := anotherEnvironment(*state, accepted, env); d != nil {
		return false, append(diags, d)
	}
	diags.Append(private.SetKey(ctx, appIDKey, nil)...)
	diags.Append(loadExternal(ctx, private).seen(state.Region.ValueString(), env, begun).store(ctx, private)...)
	left, more := r.complete(ctx, begun, env, state)
	diags.Append(more...)
	diags.Append(left.store(ctx, private)...)
	imported, _ := private.GetKey(ctx, importedKey)
	diags.Append(state.describe(ctx, env, facts, string(imported) == "true")...)
	diags.Append(private.SetKey(ctx, importedKey, nil)...)
	diags.Append(r.readVariables(ctx, env, state)...)
	if diags.HasError() {
		return false, diags
	}
	if env.Status == platform.StatusMigrating {
		diags.Append(r.underWay(ctx, env))
	}
	s := snapshot{Environment: migration.Describe(env), Facts: facts}
	if around, large, listed := r.service.SurroundingsAtHand(env); listed {
		s.Around, s.Large = around, large
	} else {
		s.Unlisted, s.Large = true, last.Large
	}
	diags.Append(s.store(ctx, private)...)
	return false, diags
}

// readExisting reads an environment, and finds out whether it is gone if the platform does not know its name. The
// diagnostic says why it was not read.
func (r *environmentResource) readExisting(ctx context.Context, name string, last snapshot, begun intent) (env platform.Environment, gone bool, d diag.Diagnostic) {
	ask := r.service.EnvironmentAmongOthers
	if last.Large {
		ask = r.service.Environment
	}
	env, err := ask(ctx, name)
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
		return env, false, diagutil.FromError(name, "the environment cannot be read", err, "\n\nThe state was kept as it was.")
	}
	return env, false, nil
}

// notSeen warns of an environment that the platform does not know by its name for the moment.
func notSeen(name string, err error, migrating bool) diag.Diagnostic {
	why := "it is listed among the account's environments, something is at work on it, or the account cannot be listed."
	if migrating {
		why = "it was migrating when it was last seen, and nobody could look long enough."
	}
	return diag.NewWarningDiagnostic(name+": the platform does not show it at the moment", diagutil.Explain(err)+
		"\n\nThat alone does not say that it was deleted: "+why+" It stays in the state as it was. Plan again; if it is gone for good, run: terraform state rm ADDRESS.")
}

// wasMoved says whether an environment whose identifier is a new one has it from a migration: one that an earlier run
// asked for, or that the platform's log tells of.
func (r *environmentResource) wasMoved(ctx context.Context, known string, env platform.Environment, begun intent) bool {
	if known == env.Region {
		return false
	}
	if begun.To == env.Region {
		return true
	}
	actions, err := r.service.History(ctx)
	return err == nil && slices.ContainsFunc(actions, func(a platform.Action) bool {
		return a.Kind == platform.ActionMigrate && a.Environment == env.Name && a.Region == env.Region && a.Result != nil && *a.Result == 0
	})
}

// underWay warns of a migration that goes on: until it ends, the environment is where it was, and whoever wants it to
// stay there has to know that it will not.
func (r *environmentResource) underWay(ctx context.Context, env platform.Environment) diag.Diagnostic {
	target, route := "", "from "+env.Region
	otherwise := "One that goes elsewhere makes the apply fail once it has ended"
	if actions, err := r.service.Ongoing(ctx); err == nil {
		for _, a := range actions {
			if a.Kind == platform.ActionMigrate && a.Environment == env.Name && a.Region != "" {
				target, route = " to "+a.Region, env.Region+" → "+a.Region
				otherwise = "An apply that wants another region than " + a.Region + " waits, too, and fails then"
			}
		}
	}
	return diag.NewAttributeWarningDiagnostic(path.Root("region"), env.Name+" is migrating at the moment: "+route,
		fmt.Sprintf("A migration%s goes on at the platform, of an earlier run that was interrupted or of somebody else. Until it ends the platform reports the environment in %s. "+
			"An apply that moves the environment waits for its end first and takes it over if it goes to the wished region. %s, because the environment is not where the plan saw it; "+
			"plan again after its end. A migration cannot be called off from here.", target, env.Region, otherwise))
}

// snapshot reads afresh what a plan would rest on.
func (r *environmentResource) snapshot(ctx context.Context, name string) (snapshot, diag.Diagnostics) {
	env, err := r.service.Environment(ctx, name)
	if err != nil {
		return snapshot{}, diag.Diagnostics{diagutil.FromError(name, "the environment cannot be read", err, diagutil.NothingChanged)}
	}
	facts, err := r.service.Facts(ctx, migration.Facts{})
	if err != nil {
		return snapshot{}, diag.Diagnostics{diagutil.FromError(name, "the regions cannot be read", err, diagutil.NothingChanged)}
	}
	s := snapshot{Environment: migration.Describe(env), Facts: facts}
	// What cannot be listed must not keep anybody from planning.
	s.Around, err = r.service.Surroundings(ctx, name)
	s.Unlisted = err != nil
	return s, nil
}
