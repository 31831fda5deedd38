package nodegroup

import (
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
)

// ProjectSizes returns an environment's node groups with their sizes after the changes, for the cost after a
// migration; nil if nothing changes. Known is false if the configuration sets a size that is known only during the
// apply. If the platform decides a size, it does so when it creates the node group; such a node group is marked.
func ProjectSizes(
	env migration.Environment, changes []Change, written map[string]Model,
) (nodeGroups []migration.NodeGroup, known bool) {
	if len(changes) == 0 {
		return nil, true
	}
	nodeGroups, known = slices.Clone(env.NodeGroups), true
	for _, c := range changes {
		i := slices.IndexFunc(nodeGroups, func(l migration.NodeGroup) bool { return l.Name == c.Name })
		if i >= 0 && (c.Removed || c.Replaced()) {
			nodeGroups, i = slices.Delete(nodeGroups, i, i+1), -1
		}
		if c.Removed {
			continue
		}
		if i < 0 {
			// A new node group has at least one node.
			nodeGroups, i = append(nodeGroups, migration.NodeGroup{Name: c.Name, Nodes: 1}), len(nodeGroups)
			c.Before = Model{}
		}
		known = c.project(&nodeGroups[i], written[c.Name]) && known
	}
	return nodeGroups, known
}

// project gives a node group its sizes after the change, and reports whether they are known.
func (c Change) project(nodeGroup *migration.NodeGroup, config Model) (known bool) {
	// With another node type, it would be recreated.
	known = !c.After.NodeType.IsUnknown() && !config.PublicIPv4Count.IsUnknown() && !config.PublicIPv6Count.IsUnknown()
	take := func(size *int, before, after, written types.Int64) {
		switch {
		case written.IsUnknown():
			known = false
		case after.IsUnknown():
			nodeGroup.Undecided = true
		case Differ(before, after):
			*size = int(after.ValueInt64())
		}
	}
	nodes := nodeGroup.Nodes
	take(&nodeGroup.Nodes, c.Before.Count, c.After.Count, config.Count)
	take(&nodeGroup.ReservedCloudlets, c.Before.ReservedCloudlets, c.After.ReservedCloudlets, config.ReservedCloudlets)
	take(&nodeGroup.DynamicCloudlets, c.Before.DynamicCloudlets, c.After.DynamicCloudlets, config.DynamicCloudlets)
	take(&nodeGroup.DiskGB, c.Before.DiskGB, c.After.DiskGB, config.DiskGB)
	if nodes != nodeGroup.Nodes || Differ(c.Before.PublicIPv4Count, c.After.PublicIPv4Count) ||
		Differ(c.Before.PublicIPv6Count, c.After.PublicIPv6Count) {
		// Every node has the same number; a new one has no addresses unless they are configured.
		nodeGroup.PublicIPv4 = int(c.After.PublicIPv4Count.ValueInt64()) * nodeGroup.Nodes
		nodeGroup.PublicIPv6 = int(c.After.PublicIPv6Count.ValueInt64()) * nodeGroup.Nodes
	}
	return known
}
