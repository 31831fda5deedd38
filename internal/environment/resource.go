// Package environment is the resource vap_environment: its schema, what its plan says, and how its apply carries it
// out. Decisions about migrations are made in package migration.
package environment

import (
	"context"
	"fmt"
	"strings"
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

// Read takes the environment as the platform has it and keeps, in private state, what a plan of a migration will rest
// on. It waits for nothing: an environment that is migrating is where the platform says it is.
func (r *environmentResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state resourceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
	before := state
	// Left in state, a planned migration would make a postcondition on it fail in every later plan.
	state.PlannedMigration = types.ObjectNull(plannedType.AttrTypes)
	if r.service == nil {
		resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
		return
	}
	timeout, diags := state.Timeouts.Read(ctx, 5*time.Minute)
	resp.Diagnostics.Append(diags...)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	name := state.Name.ValueString()
	last, _ := loadSnapshot(ctx, req.Private)
	wait := r.service.StartFacts(ctx, last.Facts)
	read := r.service.EnvironmentAmongOthers
	if last.Large {
		read = r.service.Environment
	}
	env, err := read(ctx, name)
	switch {
	case platform.IsNotFound(err):
		resp.State.RemoveResource(ctx)
		return
	case err != nil:
		resp.Diagnostics.Append(problem(name, "the environment cannot be read", err, "\n\nThe state was kept as it was."))
		return
	}
	facts, err := wait()
	if err != nil {
		resp.Diagnostics.Append(problem(name, "the regions cannot be read", err, "\n\nThe state was kept as it was."))
		return
	}
	if env.Region == "" {
		// An answer that leaves out where the environment is must not look like a move.
		env.Region = state.Region.ValueString()
	}
	// What the state said before tells a move outside Terraform: once an apply has accepted the new place, the state
	// agrees with the platform.
	resp.Diagnostics.Append(movedOutside(state.Region.ValueString(), env).store(ctx, resp.Private)...)
	left, diags := r.complete(ctx, loadIntent(ctx, req.Private), env, &state)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(left.store(ctx, resp.Private)...)
	imported, _ := req.Private.GetKey(ctx, importedKey)
	resp.Diagnostics.Append(state.describe(ctx, env, facts, string(imported) == "true")...)
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, importedKey, nil)...)
	resp.Diagnostics.Append(r.readVariables(ctx, env, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if env.Status == platform.StatusMigrating {
		resp.Diagnostics.Append(r.underWay(ctx, env))
	}
	s := snapshot{Environment: migration.Describe(env), Facts: facts}
	if around, large, listed := r.service.SurroundingsAtHand(env); listed {
		s.Around, s.Large = around, large
	} else {
		s.Unlisted, s.Large = true, last.Large
	}
	resp.Diagnostics.Append(s.store(ctx, resp.Private)...)
	if !sameFields(before, state) {
		resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
	}
}

// underWay warns of a migration that goes on: until it ends, the environment is where it was, and whoever wants it to
// stay there has to know that it will not.
func (r *environmentResource) underWay(ctx context.Context, env platform.Environment) diag.Diagnostic {
	target := ""
	if actions, err := r.service.Ongoing(ctx); err == nil {
		for _, a := range actions {
			if a.Kind == platform.ActionMigrate && a.Environment == env.Name && a.Region != "" {
				target = " to " + a.Region
			}
		}
	}
	return diag.NewAttributeWarningDiagnostic(path.Root("region"), env.Name+" is migrating at the moment: "+env.Region+" →"+strings.TrimPrefix(target, " to"),
		fmt.Sprintf("A migration%s goes on at the platform, of an earlier run that was interrupted or of somebody else. Until it ends the platform reports the environment in %s. "+
			"An apply that moves the environment waits for its end first and takes it over if it goes to the wished region. A migration cannot be called off from here.", target, env.Region))
}

// snapshot reads what a plan rests on where private state has none, as after an upgrade of the provider.
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
