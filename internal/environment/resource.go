// Package environment is the resource vap_environment: its schema, what its plan says, and how its apply carries it
// out. Decisions about migrations are made in package migration.
package environment

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/configured"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
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
	case !diags.HasError() && !sameFields(before, state):
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
	ask := r.service.EnvironmentAmongOthers
	if last.Large {
		ask = r.service.Environment
	}
	env, err := ask(ctx, name)
	switch {
	case platform.IsMissing(err):
		return true, diags
	case err != nil:
		diags.Append(problem(name, "the environment cannot be read", err, "\n\nThe state was kept as it was."))
		return false, diags
	}
	facts, err := wait()
	if err != nil {
		diags.Append(problem(name, "the regions cannot be read", err, "\n\nThe state was kept as it was."))
		return false, diags
	}
	if env.Region == "" {
		// An answer that leaves out where the environment is must not look like a move.
		env.Region = state.Region.ValueString()
	}
	begun := loadIntent(ctx, private)
	diags.Append(loadExternal(ctx, private).seen(state.Region.ValueString(), env, begun).store(ctx, private)...)
	left, d := r.complete(ctx, begun, env, state)
	diags.Append(d...)
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
		return snapshot{}, diag.Diagnostics{problem(name, "the environment cannot be read", err, nothingChanged)}
	}
	facts, err := r.service.Facts(ctx, migration.Facts{})
	if err != nil {
		return snapshot{}, diag.Diagnostics{problem(name, "the regions cannot be read", err, nothingChanged)}
	}
	s := snapshot{Environment: migration.Describe(env), Facts: facts}
	// What cannot be listed must not keep anybody from planning.
	s.Around, err = r.service.Surroundings(ctx, name)
	s.Unlisted = err != nil
	return s, nil
}
