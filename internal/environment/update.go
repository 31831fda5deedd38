package environment

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/configured"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/diagutil"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migrationplan"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/nodegroup"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/privatestate"
)

// Update checks the preconditions of everything that the plan changes, then carries out the migration, and then the
// other changes, in the new region. Whatever fails, the state says what is so: each finished step, and the region where
// the platform says the environment is.
func (r *environmentResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	u := update{environmentResource: r, leave: func() {}}
	resp.Diagnostics.Append(req.Plan.Get(ctx, &u.plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &u.state)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &u.config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	// The state of an older Terraform has no identity yet.
	resp.Diagnostics.Append(resp.Identity.Set(ctx, u.plan.identity())...)
	if d := configured.Missing(r.service); d != nil {
		resp.Diagnostics.Append(d)
		return
	}
	defer func() { u.leave() }()
	timeout, diags := u.plan.Timeouts.Update(ctx, 20*time.Minute)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(u.prepare(ctx, req.Private)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(u.carryOut(ctx, timeout)...)
	resp.Diagnostics.Append(u.intent.Store(ctx, resp.Private)...)
	resp.Diagnostics.Append(u.secrets.store(ctx, resp.Private)...)
	if !resp.Diagnostics.HasError() {
		u.managed = managedLayers(u.plan.NodeGroups)
		// Whoever moved it, where it is now is as planned.
		resp.Diagnostics.Append(migrationplan.ExternalMove{}.Store(ctx, resp.Private)...)
	}
	resp.Diagnostics.Append(u.managed.store(ctx, resp.Private)...)
	if !u.asked {
		if !resp.Diagnostics.HasError() {
			// Only what lives in the configuration changed: no reason to ask the platform anything.
			resp.Diagnostics.Append(resp.State.Set(ctx, &u.plan)...)
		}
		return
	}

	look, cancel := outlasting(ctx, time.Minute)
	defer cancel()
	env, err := u.seen, error(nil)
	if !u.current {
		env, err = r.service.Client.Environment(look, u.name)
	}
	switch {
	case platform.IsMissing(err) && u.gone:
		resp.State.RemoveResource(ctx)
		if !resp.Diagnostics.HasError() {
			resp.Diagnostics.Append(diagutil.FromError(u.name, "the environment was changed and is gone now", err, ""))
		}
		return
	case err != nil && u.seen.Name == "":
		if !resp.Diagnostics.HasError() {
			resp.Diagnostics.Append(diagutil.FromError(u.name, "the environment was changed but cannot be read", err, "\n\nThe next plan reads it again."))
		}
		return
	case err != nil:
		env = u.seen
		if u.behind && !resp.Diagnostics.HasError() {
			resp.Diagnostics.Append(diagutil.FromError(u.name, "the environment was changed but cannot be read", err,
				"\n\nThe state has it as it was last seen. The next plan reads it again."))
		}
	}
	facts := u.latestFacts(look, req.Private)
	state, diags := u.outcome(ctx, env, facts, resp.Diagnostics.HasError())
	resp.Diagnostics.Append(diags...)
	last, _ := migrationplan.LoadSnapshot(ctx, req.Private)
	last.Environment, last.Facts = migration.Describe(env), facts
	resp.Diagnostics.Append(last.Store(ctx, resp.Private)...)
	if u.acceptedAppID != "" {
		resp.Diagnostics.Append(migrationplan.StoreAppID(ctx, resp.Private, state.AppID.ValueString(), u.acceptedAppID)...)
	}
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(u.verify(ctx, env, &state)...)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
}

// latestFacts are the freshest facts about regions that there are: a state must not be lost because they cannot be
// read now.
func (u *update) latestFacts(ctx context.Context, private privatestate.Reader) migration.Facts {
	if u.facts != nil {
		return *u.facts
	}
	snap, _ := migrationplan.LoadSnapshot(ctx, private)
	facts, err := u.service.Facts(ctx, snap.Facts)
	if err != nil {
		return snap.Facts
	}
	return facts
}

// lastLook bounds the reading of the true state after an interrupt.
const lastLook = 1500 * time.Millisecond

// outlasting is a context for reading the true state, which has to be read even after an interrupt, and be short then. It
// ends after the patience, or as long after ctx as a last look may take.
func outlasting(ctx context.Context, patience time.Duration) (context.Context, context.CancelFunc) {
	look, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(lastLook, cancel) })
	return look, func() { stop(); cancel() }
}

// update is an update under way.
type update struct {
	*environmentResource
	plan, state, config resourceModel
	name                string
	// wished, written and present are the layers of plan, configuration and state.
	wished, written, present map[string]nodegroup.Model
	changes                  []nodegroup.Change
	secrets                  secretNames
	managed                  layerNames
	private                  privatestate.Reader
	// intent is the migration that goes on at the platform although nobody waits for it any more.
	intent migrationplan.Intent

	// gone says that the environment was seen to be gone for good, acceptedAppID is its identifier after a migration.
	gone          bool
	acceptedAppID string

	// asked says that the platform was asked to change something, moved that a migration ended well.
	asked, moved bool
	// seen is the environment as last seen, facts are the regions if they were read.
	seen platform.Environment
	// current says that nothing has been changed since, behind that nodes or addresses have been.
	current, behind bool
	facts           *migration.Facts
	record          types.Object

	// leave gives up the migration's place in the queue, with ended as what came of it; it may be called again.
	leave    func()
	ended    error
	progress *progress
}

// changing says that the platform is asked to change something now.
func (u *update) changing() { u.asked, u.current = true, false }

func (u *update) prepare(ctx context.Context, private privatestate.Reader) diag.Diagnostics {
	u.name, u.record = u.plan.Name.ValueString(), u.state.LastMigration
	u.private, u.intent = private, migrationplan.LoadIntent(ctx, private)
	u.secrets, u.managed = loadSecretNames(ctx, private), loadManagedLayers(ctx, private)
	var diags, d diag.Diagnostics
	u.wished, d = u.plan.layers(ctx)
	diags.Append(d...)
	u.written, d = u.config.layers(ctx)
	diags.Append(d...)
	u.present, d = u.state.layers(ctx)
	diags.Append(d...)
	if u.wished != nil {
		u.changes = nodegroup.Diff(u.managed.among(u.present, u.wished), u.wished)
	}
	return diags
}

// carryOut does what the plan says, step by step, and stops at the first that fails.
func (u *update) carryOut(ctx context.Context, timeout time.Duration) (diags diag.Diagnostics) {
	var move *preparedMove
	if !u.plan.Region.Equal(u.state.Region) {
		u.progress = newProgress(u.name, u.state.Region.ValueString(), u.plan.Region.ValueString())
		defer func() {
			if diags.HasError() && !u.moved {
				u.progress.failed(ctx, diags)
			}
		}()
		u.progress.reached(ctx, migration.PhaseQueued)
		release, err := u.service.Enqueue(ctx, u.name)
		if err != nil {
			return diag.Diagnostics{u.notBegun(err)}
		}
		u.leave = sync.OnceFunc(func() { release(u.ended) })
		bounded, cancel := context.WithTimeoutCause(ctx, migrationplan.Timeout(u.plan.MigrationPolicy), migrationplan.ErrTimeout)
		move, diags = u.prepareMove(bounded)
		cancel()
		if diags.HasError() {
			return diags
		}
		u.progress.add("mode", move.record.Mode.ValueString())
		u.progress.reached(ctx, migration.PhaseChecked)
	}
	// Each step has its time from when it begins: a long migration must not take it away from the others.
	bounded := func(step func(context.Context) diag.Diagnostics) func() diag.Diagnostics {
		return func() diag.Diagnostics {
			ctx, cancel := context.WithTimeout(ctx, timeout)
			defer cancel()
			return step(ctx)
		}
	}
	for _, step := range []func() diag.Diagnostics{
		bounded(u.checkTopology),
		// Variables can be changed only while the environment runs.
		bounded(func(ctx context.Context) diag.Diagnostics { return u.changeVariables(ctx, stopsFirst(u.state, u.plan)) }),
		bounded(func(ctx context.Context) diag.Diagnostics { return u.power(ctx, powerStopped) }),
		func() diag.Diagnostics {
			bounded, cancel := context.WithTimeoutCause(ctx, migrationplan.Timeout(u.plan.MigrationPolicy), migrationplan.ErrTimeout)
			defer cancel()
			var diags diag.Diagnostics
			diags, u.ended = u.move(bounded, move)
			if u.ended != nil || !migrationplan.Verifies(u.plan.MigrationPolicy) {
				u.leave()
			}
			return diags
		},
		bounded(func(ctx context.Context) diag.Diagnostics { return u.power(ctx, powerRunning) }),
		bounded(u.changeTopology),
		bounded(u.changeLayers),
		bounded(func(ctx context.Context) diag.Diagnostics {
			return u.changeVariables(ctx, !stopsFirst(u.state, u.plan))
		}),
		bounded(u.changeNames),
	} {
		diags.Append(step()...)
		if diags.HasError() {
			break
		}
	}
	return diags
}

// prepareMove prepares the migration that the plan contains.
func (u *update) prepareMove(ctx context.Context) (*preparedMove, diag.Diagnostics) {
	in, diags := newMoveInput(ctx, u)
	if diags.HasError() {
		return nil, diags
	}
	move, diags := prepareMove(ctx, in)
	if move != nil {
		u.seen, u.facts = move.seen, &move.facts
	}
	return move, diags
}

// move carries out a prepared migration, if there is one, and takes over what came of it.
func (u *update) move(ctx context.Context, move *preparedMove) (diag.Diagnostics, error) {
	if move == nil {
		return nil, nil
	}
	asked := u.asked
	u.asked = true
	result, diags, err := move.move(ctx, u.seen, asked, u.progress)
	// A move that broke its promise has ended, too.
	u.seen, u.current = result.seen, result.moved
	u.moved, u.gone, u.intent, u.record = result.moved, result.gone, result.intent, result.record
	u.acceptedAppID = result.acceptedAppID
	return diags, err
}

// notBegun is the error of a migration whose turn has not come.
func (u *update) notBegun(err error) diag.Diagnostic {
	var stopped *migration.StoppedError
	if errors.As(err, &stopped) {
		return diag.NewAttributeErrorDiagnostic(path.Root("region"), u.name+": not migrated, because another migration failed", diagutil.Capitalize(diagutil.Explain(err))+
			"\n\nFind out why, then apply again. How many may fail is the provider's stop_after_failed_migrations."+diagutil.NothingChanged)
	}
	return diagutil.FromErrorAt(path.Root("region"), u.name, "interrupted before the migration to "+u.plan.Region.ValueString()+" began", err, diagutil.NothingChanged)
}

// power switches the environment on or off if that is what the plan changes.
func (u *update) power(ctx context.Context, to string) diag.Diagnostics {
	if u.plan.Power.Equal(u.state.Power) || u.plan.Power.ValueString() != to {
		return nil
	}
	u.changing()
	env, diags := u.switchPower(ctx, u.name, to)
	if !diags.HasError() {
		u.seen, u.current, u.behind = env, true, false
	}
	return diags
}

// switchPower starts or stops an environment and waits until it is as wished.
func (r *environmentResource) switchPower(ctx context.Context, name, to string) (platform.Environment, diag.Diagnostics) {
	call, done := r.service.Client.StartEnvironment, "was started"
	if to == powerStopped {
		call, done = r.service.Client.StopEnvironment, "was stopped"
	}
	failed := func(err error) diag.Diagnostics {
		return diag.Diagnostics{diagutil.UpdateFailed(path.Root("power"), name, "the environment", done, err)}
	}
	reached := func(env platform.Environment) bool {
		return powerOf(env.Status, types.StringNull()).ValueString() == to
	}
	if err := r.write(ctx, name, func(ctx context.Context) error { return call(ctx, name) }, reached); err != nil {
		return platform.Environment{}, failed(err)
	}
	var otherwise migration.Streak // which a read that lags shows for a while, too
	env, err := waitFor(ctx, r.service, name, func(env platform.Environment, err error) bool {
		if !atRest(env, err) || err != nil || reached(env) {
			return atRest(env, err)
		}
		otherwise.Add(time.Now())
		return r.service.Pace.Limits.Confirms(otherwise)
	})
	switch {
	case err != nil:
		return env, failed(err)
	case !reached(env):
		return env, failed(errUnexpectedStatus(env.Status))
	}
	return env, nil
}

// atRest ends a settling as soon as nothing is at work on the environment, or it cannot be seen.
func atRest(env platform.Environment, err error) bool {
	return !platform.IsTransient(err) && !env.Status.Transitional()
}

// changeLayers changes addresses and display names of layers.
func (u *update) changeLayers(ctx context.Context) diag.Diagnostics {
	client := u.service.Client
	for _, c := range u.changes {
		if c.Removed || c.Replaced() {
			continue
		}
		at := path.Root("node_groups").AtMapKey(c.Name)
		for _, f := range []struct {
			changed   bool
			family    platform.Family
			attribute string
			count     types.Int64
		}{
			{c.IPv4, platform.IPv4, "public_ipv4_count", c.After.PublicIPv4Count},
			{c.IPv6, platform.IPv6, "public_ipv6_count", c.After.PublicIPv6Count},
		} {
			if !f.changed {
				continue
			}
			u.changing()
			count := int(f.count.ValueInt64())
			if err := u.write(ctx, u.name,
				func(ctx context.Context) error {
					return client.SetPublicAddressCount(ctx, u.name, c.Name, f.family, count)
				},
				func(env platform.Environment) bool { return hasAddresses(env, c.Name, f.family, count) },
			); err != nil {
				return diag.Diagnostics{diagutil.UpdateFailed(at.AtName(f.attribute), u.name, "the public addresses of layer "+c.Name, "were changed", err)}
			}
			u.behind = true
		}
		if c.DisplayName {
			u.changing()
			name := c.After.DisplayName.ValueString()
			if err := u.write(ctx, u.name,
				func(ctx context.Context) error { return client.SetNodeGroupDisplayName(ctx, u.name, c.Name, name) },
				func(env platform.Environment) bool {
					return slices.ContainsFunc(env.NodeGroups, func(g platform.NodeGroup) bool { return g.Name == c.Name && g.DisplayName == name })
				},
			); err != nil {
				return diag.Diagnostics{diagutil.UpdateFailed(at.AtName("display_name"), u.name, "the display name of layer "+c.Name, "was changed", err)}
			}
		}
	}
	return nil
}

// changeVariables changes variables and secrets of layers, if now is the time for it.
func (u *update) changeVariables(ctx context.Context, now bool) diag.Diagnostics {
	for _, c := range u.changes {
		if !now || !c.ChangesVariables() {
			continue
		}
		reached := u.present[c.Name]
		if c.Variables {
			u.changing()
			if diags := u.writeVariables(ctx, u.name, c); diags.HasError() {
				return diags
			}
			reached.Env = c.After.Env
			u.present[c.Name] = reached
		}
		if c.Secrets {
			u.changing()
			if diags := u.writeSecrets(ctx, u.name, c, u.written[c.Name], u.secrets); diags.HasError() {
				return diags
			}
			reached.SecretEnvWOVersion = c.After.SecretEnvWOVersion
			u.present[c.Name] = reached
		}
	}
	return nil
}

// changeNames changes the display name and the groups.
func (u *update) changeNames(ctx context.Context) diag.Diagnostics {
	if !u.plan.DisplayName.Equal(u.state.DisplayName) {
		u.changing()
		name := u.plan.DisplayName.ValueString()
		if err := u.write(ctx, u.name,
			func(ctx context.Context) error { return u.service.Client.SetDisplayName(ctx, u.name, name) },
			func(env platform.Environment) bool { return env.DisplayName == name },
		); err != nil {
			return diag.Diagnostics{diagutil.UpdateFailed(path.Root("display_name"), u.name, "the display name", "was changed", err)}
		}
	}
	if !u.plan.Groups.Equal(u.state.Groups) {
		u.changing()
		var groups []string
		diags := u.plan.Groups.ElementsAs(ctx, &groups, false)
		if diags.HasError() {
			return diags
		}
		slices.Sort(groups)
		if err := u.write(ctx, u.name,
			func(ctx context.Context) error { return u.service.Client.SetGroups(ctx, u.name, groups) },
			func(env platform.Environment) bool {
				return slices.Equal(slices.Sorted(slices.Values(env.Groups)), groups)
			},
		); err != nil {
			return diag.Diagnostics{diagutil.UpdateFailed(path.Root("groups"), u.name, "the groups", "were changed", err)}
		}
	}
	return nil
}

// outcome is the state after the update: as planned if everything went well, else what the platform says, with the
// finished steps of what only Terraform knows.
func (u *update) outcome(ctx context.Context, env platform.Environment, facts migration.Facts, failed bool) (resourceModel, diag.Diagnostics) {
	actual := u.state
	diags := actual.setLayersIfManaged(u.present)
	if env.Region == "" {
		env.Region = u.state.Region.ValueString()
	}
	diags.Append(actual.describe(ctx, env, facts, false)...)
	actual.PlannedMigration = types.ObjectNull(migrationplan.PlannedType.AttrTypes)
	actual.LastMigration = u.record
	if failed {
		return actual, diags
	}
	u.plan.settled(actual)
	made, d := nodegroup.FromPlatform(ctx, env)
	diags.Append(d...)
	diags.Append(u.plan.fillUnknownLayers(ctx, made)...)
	return u.plan, diags
}
