package environment

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/diagutil"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/nodegroup"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// checkTopology finds what would prevent the change of the topology, before anything begins.
func (u *update) checkTopology(ctx context.Context) diag.Diagnostics {
	topology, err := u.resource.service.Topology(ctx, u.name)
	if err != nil {
		return diag.Diagnostics{diagutil.FromErrorAt(path.Root("node_groups"), u.name, "the layers cannot be read", err,
			diagutil.NothingChanged)}
	}
	var diags diag.Diagnostics
	present, d := nodegroup.FromPlatform(ctx, topology.Environment())
	diags.Append(d...)
	for _, c := range u.changes {
		if now, ok := present[c.Name]; ok && !c.Removed && nodegroup.Differ(c.Before.DiskGB, c.After.DiskGB) &&
			c.After.DiskGB.ValueInt64() < now.DiskGB.ValueInt64() {
			c.Before = now
			diags.Append(nodegroup.CheckLosses(u.name, []nodegroup.Change{c}).Errors()...)
		}
	}
	// Unmanaged node groups may have been removed since the plan.
	nodeGroups := slices.Collect(maps.Keys(u.plan.NodeGroups.Elements()))
	for name := range present {
		if !slices.ContainsFunc(u.changes, func(c nodegroup.Change) bool { return c.Name == name && c.Removed }) {
			nodeGroups = append(nodeGroups, name)
		}
	}
	return append(diags, nodegroup.CheckReferences(u.name, u.written, nodeGroups)...)
}

// changeTopology changes node groups. It starts from the platform's topology, so that unmanaged settings survive.
func (u *update) changeTopology(ctx context.Context) diag.Diagnostics {
	at := path.Root("node_groups")
	topology, diags, err := u.topologyToAskFor(ctx)
	if err != nil {
		return diag.Diagnostics{diagutil.FromErrorAt(at, u.name, "the layers cannot be read", err, "")}
	}
	if diags.HasError() {
		return diags
	}
	u.changing()
	u.progress.behind = true
	err = u.resource.service.Write(ctx, migration.Write{
		Environment: u.name,
		Call: func(ctx context.Context, p *platform.Client) error {
			asked := topology
			if topology = nil; asked == nil {
				// Another operation may have changed the topology since the last attempt.
				var err error
				if asked, _, err = u.topologyToAskFor(ctx); err != nil {
					return err
				}
			}
			return p.ChangeTopology(ctx, asked)
		},
		Arrived: u.topologyReached,
	})
	if err != nil {
		return diag.Diagnostics{diagutil.UpdateFailed(at, u.name, "the layers", "were changed", err)}
	}
	u.didPart("the layers were changed")
	u.progress.managed = managedNodeGroups(u.plan.NodeGroups)
	for _, c := range u.changes {
		switch {
		case c.Removed:
			delete(u.progress.present, c.Name)
			delete(u.progress.secrets, c.Name)
		case c.Replaced():
			if u.progress.present == nil {
				u.progress.present = map[string]nodegroup.Model{}
			}
			u.progress.present[c.Name] = c.After
			secrets, d := u.written[c.Name].Secrets(ctx)
			diags.Append(d...)
			u.progress.secrets.written(c.Name, secrets)
		case c.Topology:
			nodeGroup := u.progress.present[c.Name]
			nodeGroup.Registry = c.After.Registry
			u.progress.present[c.Name] = nodeGroup
		}
	}
	return diags
}

// topologyAtRest reads the topology while no operation is running on the environment: during a migration it would
// still have the old region.
func (u *update) topologyAtRest(ctx context.Context) (*platform.Topology, error) {
	topology, err := u.resource.service.Topology(ctx, u.name)
	if err != nil || !topology.Environment().Status.Transitional() {
		return topology, err
	}
	if _, err := waitFor(ctx, u.resource.service, u.name, atRest); err != nil {
		return nil, err
	}
	return u.resource.service.Topology(ctx, u.name)
}

// topologyToAskFor returns the current topology with the planned changes.
func (u *update) topologyToAskFor(ctx context.Context) (*platform.Topology, diag.Diagnostics, error) {
	topology, err := u.topologyAtRest(ctx)
	if err != nil {
		return nil, nil, err
	}
	var diags diag.Diagnostics
	for _, c := range u.changes {
		switch {
		case c.Removed:
			topology.Remove(c.Name)
		case c.Topology:
			if c.Replaced() {
				topology.Remove(c.Name) // the new stack keeps no settings of the old one
			}
			spec, d := c.Spec(ctx, u.written[c.Name])
			diags.Append(d...)
			topology.Put(spec)
		}
	}
	if !u.plan.BuiltInSSL.Equal(u.state.BuiltInSSL) {
		topology.SetBuiltInSSL(u.plan.BuiltInSSL.ValueBool())
	}
	return topology, diags, nil
}

// topologyReached reports whether the node groups are as planned. One call changes all of them, so a node group that
// the platform reports also stands for those that it does not.
func (u *update) topologyReached(ctx context.Context, env platform.Environment) (bool, error) {
	present, diags := nodegroup.FromPlatform(ctx, env)
	if diags.HasError() {
		return false, migration.ErrNotShown
	}
	shown := false
	for _, c := range u.changes {
		now, there := present[c.Name]
		switch {
		case !c.Topology:
			continue
		case c.Removed:
			if there {
				return false, nil
			}
		case !c.Replaced() && !c.TopologyDiffers():
			continue // only the registry changes, which the platform never reports
		case !there, (nodegroup.Change{Before: now, After: c.After.FillUnknown(now, nodegroup.Empty)}).TopologyDiffers():
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
	u.progress.seen, u.progress.behind = env, false
	return true, nil
}

// errUnexpectedStatus means that an operation ended with another status than requested.
type errUnexpectedStatus platform.Status

func (e errUnexpectedStatus) Error() string {
	return fmt.Sprintf("the platform accepted the request, but the environment is %s now", platform.Status(e))
}
