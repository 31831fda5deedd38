package environment

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/diagutil"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migrationplan"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/nodegroup"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// moveInput is the input of a migration: the plan, the state, and private state.
type moveInput struct {
	service  *migration.Service
	name     string
	from, to string
	policy   migration.Policy
	// planned is the planned migration; nil if the plan did not know its kind.
	planned *migrationplan.MoveModel
	// stopsFirst reports whether the environment stops before it moves.
	stopsFirst bool
	// changes are the changes of node groups; configured are the node groups of the configuration.
	changes    []nodegroup.Change
	configured map[string]nodegroup.Model

	appID, acceptedAppID string
	domain               types.String
	nodes                []platform.Node
	lastMigration        types.Object

	snapshot migrationplan.Snapshot
	// refreshed reports whether there is a snapshot.
	refreshed bool
	// earlier is a migration that an earlier run began but did not see end.
	earlier migrationplan.Intent
}

// newMoveInput collects the input of the update's migration.
func newMoveInput(ctx context.Context, u *update) (in moveInput, diags diag.Diagnostics) {
	in = moveInput{
		service:       u.resource.service,
		name:          u.name,
		from:          u.state.Region.ValueString(),
		to:            u.plan.Region.ValueString(),
		stopsFirst:    stopsFirst(u.state, u.plan),
		changes:       u.changes,
		configured:    u.written,
		appID:         u.state.AppID.ValueString(),
		acceptedAppID: migrationplan.LoadAppID(ctx, u.private),
		domain:        u.state.Domain,
		lastMigration: u.state.LastMigration,
		nodes:         u.nodes,
		earlier:       u.progress.intent,
	}
	in.snapshot, in.refreshed = migrationplan.LoadSnapshot(ctx, u.private)
	var d diag.Diagnostics
	in.planned, d = migrationplan.ReadPlanned(ctx, u.plan.PlannedMigration)
	diags.Append(d...)
	in.policy, _, d = migrationplan.ReadPolicy(ctx, u.plan.MigrationPolicy)
	diags.Append(d...)
	return in, diags
}

// preparedMove is a migration that may begin.
type preparedMove struct {
	input      moveInput
	assessment migration.Assessment
	// record is the record of the migration: what was planned, updated with how the provider carries it out.
	record migrationplan.MoveModel
	// seen is the environment and catalog the regions, as read when the migration was prepared.
	seen    platform.Environment
	catalog migration.RegionCatalog
	// newAppID is the identifier that the environment got from a migration that no run waited for; usually empty.
	newAppID string
}

// prepareMove reads everything from the platform again. Before the first write, it refuses a migration that is worse
// than planned or not permitted.
func prepareMove(ctx context.Context, in moveInput) (*preparedMove, diag.Diagnostics) {
	var absence migration.Streak
	env, err := waitFor(ctx, in.service, in.name, func(env platform.Environment, err error) bool {
		if platform.IsMissing(err) {
			absence.Add(time.Now())
			return in.service.PollPolicy.Limits.Confirms(absence) || in.service.Witness(ctx, in.name).Agrees()
		}
		absence = migration.Streak{}
		return !platform.IsTransient(err) && (!env.Status.Transitional() || env.Status == platform.StatusMigrating)
	})
	if err != nil {
		return nil, diag.Diagnostics{diagutil.FromError(in.name, "the environment cannot be read, or something is at work "+
			"on it that does not end", err, diagutil.NothingChanged)}
	}
	accepted, newAppID := in.acceptedAppID, ""
	isNew := in.appID != "" && env.AppID != "" && env.AppID != in.appID && env.AppID != accepted
	if isNew && migrationplan.WasMoved(ctx, in.service, in.from, env, in.earlier) {
		accepted, newAppID = env.AppID, env.AppID
	}
	if d := migrationplan.AnotherEnvironment(in.appID, accepted, env); d != nil {
		return nil, diag.Diagnostics{d}
	}
	catalog, err := in.service.Regions(ctx, migration.Fresh, in.snapshot.Catalog)
	if err != nil {
		return nil, diag.Diagnostics{diagutil.FromError(in.name, "the regions cannot be read", err, diagutil.NothingChanged)}
	}
	a, diags := in.check(ctx, env, catalog)
	move := preparedMove{input: in, assessment: a, seen: env, catalog: catalog, newAppID: newAppID}
	record, d := migrationplan.NewMove(ctx, a, migration.TriggerConfiguration)
	if move.record = record; in.planned != nil {
		// The record keeps the planned trigger; the rest is what the provider now does.
		move.record = *in.planned
		move.record.AsAsked(a)
	}
	return &move, append(diags, d...)
}

// check assesses the migration of the environment as it is now, and returns the errors that prevent it.
func (in moveInput) check(
	ctx context.Context, env platform.Environment, catalog migration.RegionCatalog,
) (migration.Assessment, diag.Diagnostics) {
	request := in.request(migration.Describe(env), catalog)
	a := migration.Assess(request)
	before := in.snapshot.WithSurroundings()
	var then *migration.Assessment
	var said []migration.Finding
	if in.planned != nil && in.refreshed {
		rested := migration.Assess(in.request(before, in.snapshot.Catalog))
		then, said = &rested, in.policy.Review(rested, in.snapshot.Catalog, in.service.Enforcement)
	}
	if then != nil && a.Mode == migration.ModeLive && then.Mode == migration.ModeOffline {
		// A live migration has become possible since the plan. The migration stays offline, as planned.
		request.Policy.Mode = migration.ModeOffline
		a = migration.Assess(request)
	}
	if a.Mode == migration.ModeLive {
		// Other environments may mount from it by now, which only the list shows.
		if around, err := in.service.Surroundings(ctx, in.name); err == nil {
			request.Environment = request.Environment.In(around)
			a = migration.Assess(request)
			if then != nil && in.snapshot.Unlisted && in.policy.Mode == migration.ModeLive {
				// The plan could not list those mounts and only warned of them, so they are not worse than planned.
				then.Mounted = a.Mounted
			}
		}
	}
	if env.Status == platform.StatusMigrating || env.Region == in.to {
		return a, nil
	}
	diags := migrationplan.RefuseWorse(in.name, in.from, env, a, then,
		migration.Assess(in.request(before, catalog)).CostAfter)
	if !diags.HasError() {
		diags.Append(migrationplan.RefuseNow(in.name, in.to, catalog, a, in.policy, in.service.Now(), said)...)
	}
	return a, diags
}

// request describes the move of an environment with this catalog of regions.
func (in moveInput) request(env migration.Environment, catalog migration.RegionCatalog) migration.Request {
	if in.stopsFirst {
		env.Status = switchedOff(env.Status)
	}
	request := migration.Request{Environment: env, To: in.to, Policy: in.policy, Regions: catalog}
	request.After, _ = nodegroup.ProjectSizes(env, in.changes, in.configured)
	return request
}

// moveResult is the result of a migration.
type moveResult struct {
	// seen is the environment as last seen.
	seen platform.Environment
	// moved reports whether it succeeded, gone whether the environment no longer exists.
	moved, gone bool
	// intent is what later runs have to find out.
	intent migrationplan.Intent
	// acceptedAppID is the environment's identifier after a migration; empty if this run recorded none.
	acceptedAppID string
	record        types.Object
}

// move carries out a prepared migration of the environment as last seen; done are the changes before it. The error is
// that of the migration, or that of a migration that changed what the plan promised to keep.
func (move *preparedMove) move(
	ctx context.Context, seen platform.Environment, done changesDone, log *migrationLog,
) (moveResult, diag.Diagnostics, error) {
	in := move.input
	order := move.order(seen)
	key := order.RequestKey
	if seen.Status == platform.StatusMigrating && in.earlier.RequestKey != "" {
		key = in.earlier.RequestKey
	}
	log.add("request_key", key)
	outcome, err := in.service.Run(ctx, order, seen, func(phase migration.Phase) { log.reached(ctx, phase) })
	result := moveResult{seen: outcome.After, record: in.lastMigration, acceptedAppID: move.newAppID}
	if err != nil {
		this := migrationplan.NewIntent(order, outcome, move.assessment, move.record.CausedBy())
		result.gone, result.intent = migrationplan.IsGone(err), migrationplan.IntentAfter(err, in.earlier, this)
		return result, diag.Diagnostics{migrationplan.Failed(in.name, err, in.service.LivePairs, done.endOfRefusal())}, err
	}
	result.moved = true
	log.reached(ctx, migration.PhaseDone)
	if outcome.Before.Region == order.To && !outcome.Adopted {
		// It was already there, so this run did not migrate it; at most, an interrupted run began a migration to record.
		var diags diag.Diagnostics
		result.intent, result.record, diags = in.earlier.Reconcile(ctx, in.service, outcome.After, in.lastMigration)
		if move.newAppID != "" {
			diags.Append(migrationplan.NewAppID(in.name, in.appID, outcome.After))
		}
		if broken := move.record.BrokenPromise(in.domain, in.nodes, outcome.After); broken != nil {
			return result, diag.Diagnostics{migrationplan.PromiseBroken(diag.SeverityError, in.name, broken)}, broken
		}
		return result, diags, nil
	}
	result.acceptedAppID = outcome.After.AppID
	diags, broken := move.compare(outcome)
	record, d := migrationplan.RecordObject(ctx, move.record, outcome, in.domain, in.nodes)
	result.record = record
	return result, append(diags, d...), broken
}

// order returns the migration's order for the service.
func (move *preparedMove) order(seen platform.Environment) migration.Order {
	in, a := move.input, move.assessment
	order := migration.Order{
		Environment:  in.name,
		AppID:        seen.AppID,
		From:         seen.Region,
		To:           in.to,
		Live:         a.Mode == migration.ModeLive,
		NewAddresses: a.IPChange,
		NewDomain:    a.DomainChange && a.ExpectedDomain != "",
		RequestKey:   migration.RequestKey(seen.AppID, seen.Region, in.to, migrationplan.FinishedAt(in.lastMigration)),
		Intent:       in.earlier.ForRun(),
	}
	if in.earlier.To == "" && in.refreshed && !in.snapshot.Environment.Status.Transitional() {
		order.Intent.Status = in.snapshot.Environment.Status
	}
	return order
}

// compare compares a successful migration with the plan, and corrects the record. The error broken names what it
// changed although the plan promised to keep it. Addresses count as changed if they differ from the state, because
// resources that use them were planned with the state.
func (move *preparedMove) compare(outcome migration.Outcome) (diags diag.Diagnostics, broken error) {
	in := move.input
	if outcome.Adopted {
		diags.Append(move.record.Adopt(in.name, in.earlier)...)
	}
	if outcome.Stopped && move.record.Mode.ValueString() == string(migration.ModeLive) {
		move.record.DoneOffline()
		diags.Append(migrationplan.WasOffline(in.name))
	}
	diags.Append(move.record.NotChanged(in.name, in.domain, in.nodes, outcome))
	diags.Append(migrationplan.AlsoChanged(outcome.Before, outcome.After))
	broken = move.record.BrokenPromise(in.domain, in.nodes, outcome.After)
	if broken != nil {
		diags.Append(migrationplan.PromiseBroken(diag.SeverityError, in.name, broken))
	}
	return diags, broken
}
