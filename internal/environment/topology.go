package environment

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// changesTopology says whether the update needs the platform's change of the whole topology.
func (u *update) changesTopology() bool {
	for _, c := range u.changes {
		if c.topology {
			return true
		}
	}
	return !u.plan.BuiltInSSL.Equal(u.state.BuiltInSSL)
}

// checkTopology finds what stands against the change of the topology before anything is begun.
func (u *update) checkTopology(ctx context.Context) diag.Diagnostics {
	if !u.changesTopology() {
		return nil
	}
	topology, err := u.service.Client.Topology(ctx, u.name)
	if err != nil {
		return diag.Diagnostics{problemAt(path.Root("node_groups"), u.name, "the layers cannot be read", err, nothingChanged)}
	}
	var diags diag.Diagnostics
	present, d := nodeGroupsOf(ctx, topology.Environment())
	diags.Append(d...)
	for _, c := range u.changes {
		if now, ok := present[c.name]; ok && !c.removed && differ(c.before.DiskGB, c.after.DiskGB) && c.after.DiskGB.ValueInt64() < now.DiskGB.ValueInt64() {
			c.before = now
			diags.Append(losses(u.name, []layerChange{c}).Errors()...)
		}
	}
	return diags
}

// changeTopology changes layers. It starts from what the platform has, so that what is not managed survives.
func (u *update) changeTopology(ctx context.Context) diag.Diagnostics {
	if !u.changesTopology() {
		return nil
	}
	at := path.Root("node_groups")
	topology, diags, err := u.topologyToAskFor(ctx)
	if err != nil {
		return diag.Diagnostics{problemAt(at, u.name, "the layers cannot be read", err, "")}
	}
	if diags.HasError() {
		return diags
	}
	u.changing()
	u.behind = true
	err = u.service.Write(ctx, migration.Write{
		Environment: u.name,
		Call: func(ctx context.Context) error {
			asked := topology
			if topology = nil; asked == nil {
				// What was at work meanwhile may have changed it.
				var err error
				if asked, _, err = u.topologyToAskFor(ctx); err != nil {
					return err
				}
			}
			return u.service.Client.ChangeTopology(ctx, asked)
		},
		Arrived: u.topologyReached,
	})
	if err != nil {
		return diag.Diagnostics{undone(at, u.name, "the layers", "were changed", err)}
	}
	u.managed = managedLayers(u.plan.NodeGroups)
	for _, c := range u.changes {
		switch {
		case c.removed:
			delete(u.present, c.name)
			delete(u.secrets, c.name)
		case c.renewed():
			if u.present == nil {
				u.present = map[string]nodeGroupModel{}
			}
			u.present[c.name] = c.after
			secrets, d := u.written[c.name].secrets(ctx)
			diags.Append(d...)
			u.secrets.written(c.name, secrets)
		case c.topology:
			layer := u.present[c.name]
			layer.Registry = c.after.Registry
			u.present[c.name] = layer
		}
	}
	return diags
}

// topologyAtRest reads the topology when nothing is at work on the environment: what was read during a migration would
// name the region from before.
func (u *update) topologyAtRest(ctx context.Context) (*platform.Topology, error) {
	topology, err := u.service.Client.Topology(ctx, u.name)
	if err != nil || !topology.Environment().Status.Transitional() {
		return topology, err
	}
	if _, err := u.settle(ctx, u.name, atRest); err != nil {
		return nil, err
	}
	return u.service.Client.Topology(ctx, u.name)
}

// topologyToAskFor is the present topology with what the plan changes in it.
func (u *update) topologyToAskFor(ctx context.Context) (*platform.Topology, diag.Diagnostics, error) {
	topology, err := u.topologyAtRest(ctx)
	if err != nil {
		return nil, nil, err
	}
	var diags diag.Diagnostics
	for _, c := range u.changes {
		switch {
		case c.removed:
			topology.Remove(c.name)
		case c.topology:
			if c.renewed() {
				topology.Remove(c.name) // nothing of the old stack is for the new one
			}
			spec, d := c.spec(ctx, u.written[c.name])
			diags.Append(d...)
			topology.Put(spec)
		}
	}
	if !u.plan.BuiltInSSL.Equal(u.state.BuiltInSSL) {
		topology.SetBuiltInSSL(u.plan.BuiltInSSL.ValueBool())
	}
	return topology, diags, nil
}

// topologyReached says whether the layers are as planned. One call changes all of them, so what the platform tells of one
// stands for another of which it tells nothing.
func (u *update) topologyReached(ctx context.Context, env platform.Environment) (bool, error) {
	present, diags := nodeGroupsOf(ctx, env)
	if diags.HasError() {
		return false, migration.ErrNotShown
	}
	shown := false
	for _, c := range u.changes {
		now, there := present[c.name]
		switch {
		case !c.topology:
			continue
		case c.removed:
			if there {
				return false, nil
			}
		case !c.renewed() && !c.missesTopology():
			continue // only the registry changes, which the platform never tells
		case !there, (layerChange{before: now, after: c.after.kept(now, noNodeGroup)}).missesTopology():
			return false, nil
		}
		shown = true
	}
	if !u.plan.BuiltInSSL.IsUnknown() && !u.plan.BuiltInSSL.Equal(u.state.BuiltInSSL) {
		if u.plan.BuiltInSSL.ValueBool() != env.BuiltInSSL {
			return false, nil
		}
		shown = true
	}
	if !shown {
		return false, migration.ErrNotShown
	}
	u.seen, u.behind = env, false
	return true, nil
}

// spec is what to ask for: of a layer that is there only what changes, so that what the platform changes by itself,
// as autoscaling does, is left alone.
func (c layerChange) spec(ctx context.Context, written nodeGroupModel) (platform.NodeGroupSpec, diag.Diagnostics) {
	spec, diags := c.after.spec(ctx, c.name, written)
	if c.renewed() {
		variables, d := c.after.variables(ctx)
		diags.Append(d...)
		secrets, d := written.secrets(ctx)
		diags.Append(d...)
		spec.Env = merged(variables, secrets)
		return spec, diags
	}
	clearUnless(differ(c.before.Count, c.after.Count), &spec.Count)
	clearUnless(differ(c.before.ReservedCloudlets, c.after.ReservedCloudlets), &spec.ReservedCloudlets)
	clearUnless(differ(c.before.DynamicCloudlets, c.after.DynamicCloudlets), &spec.DynamicCloudlets)
	clearUnless(differ(c.before.DiskGB, c.after.DiskGB), &spec.DiskGB)
	// Image and tag are one reference: the one is not complete without the other.
	clearUnless(differ(c.before.Tag, c.after.Tag) || differ(c.before.Image, c.after.Image), &spec.Tag)
	clearUnless(differ(c.before.Tag, c.after.Tag) || differ(c.before.Image, c.after.Image), &spec.Image)
	clearUnless(differ(c.before.ScalingMode, c.after.ScalingMode), &spec.ScalingMode)
	clearUnless(differ(c.before.Links, c.after.Links), &spec.Links)
	clearUnless(differ(c.before.Volumes, c.after.Volumes), &spec.Volumes)
	clearUnless(differ(c.before.Volumes, c.after.Volumes), &spec.Mounts)
	// These have calls of their own.
	spec.PublicIPv4Count, spec.PublicIPv6Count, spec.DisplayName = 0, 0, ""
	return spec, diags
}

func clearUnless[T any](keep bool, field *T) {
	if !keep {
		*field = *new(T)
	}
}

// errUnexpectedStatus is an environment that came to rest otherwise than asked.
type errUnexpectedStatus platform.Status

func (e errUnexpectedStatus) Error() string {
	return fmt.Sprintf("the platform accepted the request, but the environment is %s now", platform.Status(e))
}
