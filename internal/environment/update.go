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
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/nodegroup"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/privatestate"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/providerdata"
)

// Update checks the preconditions of all planned changes, carries out the migration, and then makes the other changes
// in the new region. If a step fails, the state contains each completed step and the region that the platform reports.
func (r *environmentResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	u := update{resource: r, leave: func() {}}
	resp.Diagnostics.Append(req.Plan.Get(ctx, &u.plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &u.state)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &u.config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	// The state of an older version of Terraform has no identity yet.
	resp.Diagnostics.Append(resp.Identity.Set(ctx, u.plan.identity())...)
	if d := providerdata.Missing(r.service); d != nil {
		resp.Diagnostics.Append(d)
		return
	}
	defer func() { u.leave() }()
	defer u.closeLog(ctx)
	timeout, diags := u.plan.Timeouts.Update(ctx, 20*time.Minute)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(u.prepare(ctx, req.Private)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(u.execute(ctx, planSteps(u.state, u.plan, u.changes, timeout))...)
	resp.Diagnostics.Append(u.progress.intent.Store(ctx, resp.Private)...)
	resp.Diagnostics.Append(u.progress.secrets.store(ctx, resp.Private)...)
	if !resp.Diagnostics.HasError() {
		u.progress.managed = managedNodeGroups(u.plan.NodeGroups)
		// Wherever it was moved outside Terraform, the environment is now in the planned region.
		resp.Diagnostics.Append(migrationplan.ExternalMove{}.Store(ctx, resp.Private)...)
	}
	resp.Diagnostics.Append(u.progress.managed.store(ctx, resp.Private)...)
	if !u.progress.asked && !u.repeatsCheck {
		if !resp.Diagnostics.HasError() {
			// Only values in the configuration changed, so there is no reason to contact the platform.
			resp.Diagnostics.Append(resp.State.Set(ctx, &u.plan)...)
		}
		return
	}

	look, cancel := outlasting(ctx, time.Minute)
	defer cancel()
	env, gone, unread := u.lastLook(look)
	if unread != nil && !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(unread)
	}
	switch {
	case gone:
		resp.State.RemoveResource(ctx)
		return
	case env.Name == "":
		return
	}
	catalog := u.latestRegions(look, req.Private)
	state, diags := u.outcome(ctx, env, catalog, resp.Diagnostics.HasError())
	resp.Diagnostics.Append(diags...)
	last, _ := migrationplan.LoadSnapshot(ctx, req.Private)
	last.Environment, last.Catalog = migration.Describe(env), catalog
	resp.Diagnostics.Append(last.Store(ctx, resp.Private)...)
	if u.progress.acceptedAppID != "" {
		resp.Diagnostics.Append(
			migrationplan.StoreAppID(ctx, resp.Private, state.AppID.ValueString(), u.progress.acceptedAppID)...)
	}
	resp.Diagnostics.Append(u.verify(ctx, env, &state, resp.Diagnostics.HasError())...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
}

// lastLook returns the environment after the update: as just read, or as last seen if it cannot be read; its name is
// empty if it was never seen. For an update that was otherwise successful, the diagnostic says what could not be
// read.
func (u *update) lastLook(ctx context.Context) (env platform.Environment, gone bool, unread diag.Diagnostic) {
	if u.progress.current {
		return u.progress.seen, false, nil
	}
	const fact = "the environment was changed but cannot be read"
	env, err := u.resource.service.Get(ctx, u.name, migration.Fresh)
	switch {
	case err == nil:
		return env, false, nil
	case platform.IsMissing(err) && u.progress.gone:
		return env, true, diagutil.FromError(u.name, "the environment was changed and is gone now", err, "")
	case u.progress.seen.Name == "":
		return u.progress.seen, false, diagutil.FromError(u.name, fact, err, "\n\nThe next plan reads it again.")
	case u.progress.behind:
		unread = diagutil.FromError(u.name, fact, err, "\n\nThe state has it as it was last seen. The next plan reads it "+
			"again.")
	}
	return u.progress.seen, false, unread
}

// closeLog ends the log of a migration that is over and whose end has not been logged yet.
func (u *update) closeLog(ctx context.Context) {
	if u.log != nil && u.progress.moved {
		u.log.done(ctx)
	}
}

// latestRegions returns the most recent catalog of regions available, so that the state is stored even if the catalog
// cannot be read now.
func (u *update) latestRegions(ctx context.Context, private privatestate.Reader) migration.RegionCatalog {
	if u.progress.catalog != nil {
		return *u.progress.catalog
	}
	snap, _ := migrationplan.LoadSnapshot(ctx, private)
	catalog, err := u.resource.service.Regions(ctx, migration.Recent, snap.Catalog)
	if err != nil {
		return snap.Catalog
	}
	return catalog
}

// lastLook limits how long to read the actual state after an interrupt.
const lastLook = 1500 * time.Millisecond

// outlasting returns a context for reading the actual state, which must be read even after an interrupt, but quickly
// then. It ends after the patience, or lastLook after ctx, whichever is first.
func outlasting(ctx context.Context, patience time.Duration) (context.Context, context.CancelFunc) {
	look, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(lastLook, cancel) })
	return look, func() { stop(); cancel() }
}

// update is an update in progress: its starting point, and how far it has come.
type update struct {
	resource            *environmentResource
	plan, state, config resourceModel
	name                string
	// written are the node groups of the configuration; changes are the differences between state and plan.
	written map[string]nodegroup.Model
	changes []nodegroup.Change
	// repeatsCheck reports that the check of an earlier migration has not succeeded yet and must be repeated.
	repeatsCheck bool
	// nodes are the nodes of the state.
	nodes   []platform.Node
	private privatestate.Reader

	progress progress
	// leave gives up the migration's place in the queue; it may be called more than once.
	leave func()
	log   *migrationLog
}

// progress is what an update has done, and what it saw last.
type progress struct {
	// changes is what the steps have changed so far, including a failed one.
	changes changesDone
	// asked reports whether the platform was asked to change something.
	asked bool

	// seen is the environment as last seen; catalog has the regions, or nil if they were not read.
	seen    platform.Environment
	catalog *migration.RegionCatalog
	// current reports that nothing has changed since seen was read, behind that nodes or addresses have.
	current, behind bool
	// gone reports that the environment no longer exists.
	gone bool

	// present are the node groups of the state with the changes made so far; managed and secrets are the values about
	// them in private state.
	present map[string]nodegroup.Model
	managed nodeGroupNames
	secrets secretNames

	// moved reports that a migration succeeded; ended is its error, or that of the check after it.
	moved bool
	ended error
	// intent is a migration that this run no longer waits for and that may still be running.
	intent migrationplan.Intent
	// record is last_migration; acceptedAppID is the environment's identifier after a migration.
	record        types.Object
	acceptedAppID string
}

// changing records that the platform is now asked to change something.
func (u *update) changing() { u.progress.asked, u.progress.current = true, false }

func (u *update) prepare(ctx context.Context, private privatestate.Reader) diag.Diagnostics {
	u.name, u.progress.record = u.plan.Name.ValueString(), u.state.LastMigration
	u.private, u.progress.intent = private, migrationplan.LoadIntent(ctx, private)
	u.progress.secrets, u.progress.managed = loadSecretNames(ctx, private), loadManagedNodeGroups(ctx, private)
	if u.repeatsCheck = migrationplan.RepeatsCheck(u.plan.LastMigration); u.repeatsCheck {
		u.plan.LastMigration = u.state.LastMigration
	}
	var diags diag.Diagnostics
	wished, d := u.plan.decodeNodeGroups(ctx)
	diags.Append(d...)
	u.written, d = u.config.decodeNodeGroups(ctx)
	diags.Append(d...)
	u.progress.present, d = u.state.decodeNodeGroups(ctx)
	diags.Append(d...)
	u.nodes, d = nodegroup.PlatformNodes(ctx, u.state.Nodes)
	diags.Append(d...)
	if wished != nil {
		u.changes = nodegroup.Diff(u.progress.managed.among(u.progress.present, wished), wished)
	}
	return diags
}

// outcome returns the state after the update. If everything succeeded, that is the plan; otherwise it is what the
// platform reports, with the completed steps for values that only Terraform knows.
func (u *update) outcome(
	ctx context.Context, env platform.Environment, catalog migration.RegionCatalog, failed bool,
) (resourceModel, diag.Diagnostics) {
	actual := u.state
	diags := actual.setNodeGroupsIfManaged(u.progress.present)
	if env.Region == "" {
		env.Region = u.state.Region.ValueString()
	}
	diags.Append(actual.describe(ctx, env, catalog, false)...)
	actual.PlannedMigration = types.ObjectNull(migrationplan.PlannedType.AttrTypes)
	actual.LastMigration = u.progress.record
	if failed {
		return actual, diags
	}
	u.plan.fillUnknowns(actual)
	made, d := nodegroup.FromPlatform(ctx, env)
	diags.Append(d...)
	diags.Append(u.plan.fillUnknownNodeGroups(ctx, made)...)
	return u.plan, diags
}
