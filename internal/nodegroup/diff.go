package nodegroup

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/diagutil"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
)

// Change is what a plan changes in one node group, grouped by the calls that it takes.
type Change struct {
	Name           string
	Before, After  Model
	added, Removed bool
	// topology holds the changes that only changetopology makes.
	Topology bool
	// ipv4, ipv6, displayName, variables and secrets have calls of their own.
	IPv4, IPv6, DisplayName, Variables, Secrets bool
}

// Diff compares node groups. Changes are in the order of CompareNames.
func Diff(before, after map[string]Model) []Change {
	names := slices.Collect(maps.Keys(before))
	names = slices.AppendSeq(names, maps.Keys(after))
	slices.SortFunc(names, CompareNames)
	var changes []Change
	for _, name := range slices.Compact(names) {
		b, had := before[name]
		a, has := after[name]
		c := Change{Name: name, Before: b, After: a, added: !had, Removed: !has}
		switch {
		case c.Removed:
			c.Topology = true
		case c.Replaced():
			c.Topology = true
		default:
			c.Topology = c.TopologyDiffers() || Differ(b.Registry, a.Registry)
			c.IPv4, c.IPv6 = Differ(b.PublicIPv4Count, a.PublicIPv4Count), Differ(b.PublicIPv6Count, a.PublicIPv6Count)
			c.DisplayName = Differ(b.DisplayName, a.DisplayName)
			c.Variables = Differ(b.Env, a.Env)
			c.Secrets = Differ(b.SecretEnvWOVersion, a.SecretEnvWOVersion)
		}
		if c.Topology || c.IPv4 || c.IPv6 || c.DisplayName || c.Variables || c.Secrets {
			changes = append(changes, c)
		}
	}
	return changes
}

// TopologyDiffers reports whether the node group still differs from the plan in something that changetopology changes
// and the platform reports.
func (c Change) TopologyDiffers() bool {
	b, a := c.Before, c.After
	return Differ(b.NodeType, a.NodeType) || Differ(b.Count, a.Count) ||
		Differ(b.ReservedCloudlets, a.ReservedCloudlets) ||
		Differ(b.DynamicCloudlets, a.DynamicCloudlets) || Differ(b.DiskGB, a.DiskGB) || Differ(b.Tag, a.Tag) ||
		Differ(b.Image, a.Image) ||
		Differ(b.ScalingMode, a.ScalingMode) || Differ(b.Links, a.Links) || Differ(b.Volumes, a.Volumes)
}

// Differ reports whether two values are not equal.
func Differ(before, after attr.Value) bool { return !before.Equal(after) }

// Replaced reports whether all nodes of the node group are new: they get their variables and secrets at creation.
func (c Change) Replaced() bool {
	return !c.Removed && (c.added || Differ(c.Before.NodeType, c.After.NodeType))
}

// ChangesVariables reports whether variables or secrets of existing nodes change.
func (c Change) ChangesVariables() bool {
	return !c.Removed && !c.Replaced() && (c.Variables || c.Secrets)
}

// NodesChange reports whether the change creates or removes nodes.
func (c Change) NodesChange() bool {
	return c.Removed || c.Replaced() || Differ(c.Before.Count, c.After.Count)
}

// keepsData reports whether the nodes of a node group hold data, so that removing a node deletes data. The data of a
// directory that is mounted from another node is on that node.
func (g Model) keepsData(name string) bool {
	nodeGroup := migration.NodeGroup{Name: name, NodeType: g.NodeType.ValueString(), Image: g.Image.ValueString()}
	return nodeGroup.IsDatabase() || nodeGroup.IsSharedStorage() || g.ScalingMode.ValueString() == "stateful" ||
		g.hasLocalVolume()
}

// hasLocalVolume reports whether one of the volumes is on the nodes themselves.
func (g Model) hasLocalVolume() bool {
	for _, volume := range g.Volumes.Elements() {
		object, ok := volume.(types.Object)
		if !ok {
			continue
		}
		group, id := object.Attributes()["source_node_group"], object.Attributes()["source_node_id"]
		if (group == nil || group.IsNull()) && (id == nil || id.IsNull()) {
			return true
		}
	}
	return false
}

// CheckLosses warns of data that a change of node groups deletes, and refuses impossible changes.
func CheckLosses(environment string, changes []Change) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, c := range changes {
		at := path.Root("node_groups").AtMapKey(c.Name)
		gone := c.Before.Count.ValueInt64() - c.After.Count.ValueInt64()
		switch {
		case c.Removed:
			diags.AddAttributeWarning(path.Root("node_groups"),
				fmt.Sprintf("%s: layer %q is removed with everything on its nodes", environment, c.Name),
				fmt.Sprintf("The apply deletes %s of the layer, including all data. Save what you need first.",
					nodesInWords(c.Before.Count)))
		case c.added:
		case c.After.NodeType.IsUnknown():
			diags.AddAttributeWarning(at.AtName("node_type"),
				fmt.Sprintf("%s: layer %q may be replaced with everything on its nodes", environment, c.Name),
				fmt.Sprintf("Its node type is not known before the apply. If it is not %s, the apply deletes %s, including all "+
					"data. Save what you need first.",
					c.Before.NodeType.ValueString(), nodesInWords(c.Before.Count)))
		case c.Replaced():
			diags.AddAttributeWarning(at.AtName("node_type"),
				fmt.Sprintf("%s: layer %q is replaced with everything on its nodes", environment, c.Name),
				fmt.Sprintf("The platform cannot change the type of a node: the apply deletes %s of type %s, including all data, "+
					"and creates new ones. Save what you need first.",
					nodesInWords(c.Before.Count), c.Before.NodeType.ValueString()))
		default:
			if !c.After.DiskGB.IsUnknown() && c.After.DiskGB.ValueInt64() < c.Before.DiskGB.ValueInt64() {
				diags.AddAttributeError(at.AtName("disk_gb"),
					fmt.Sprintf("%s: the disk of layer %q cannot shrink", environment, c.Name),
					fmt.Sprintf("The nodes have disks of %d GB, and the platform only lets disks grow: %d GB is less. Write at "+
						"least %d, or leave disk_gb out.",
						c.Before.DiskGB.ValueInt64(), c.After.DiskGB.ValueInt64(), c.Before.DiskGB.ValueInt64())+diagutil.NothingChanged)
			}
			if !c.After.Count.IsUnknown() && gone > 0 && c.Before.keepsData(c.Name) {
				diags.AddAttributeWarning(at.AtName("count"),
					fmt.Sprintf("%s: layer %q loses %s with everything on them", environment, c.Name,
						nodesInWords(types.Int64Value(gone))),
					"The layer keeps data on its nodes. Make sure that the remaining nodes have it, too. The platform chooses "+
						"which nodes it deletes, and keeps the master.")
			}
		}
	}
	return diags
}

// CheckPossible refuses changes of node groups that the platform could refuse only after other steps: removing a node
// group from which another one has links or mounts, and changing variables of an environment that stays stopped.
func CheckPossible(environment string, changes []Change, planned map[string]Model, staysStopped bool) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, c := range changes {
		at := path.Root("node_groups").AtMapKey(c.Name)
		if staysStopped && !c.Removed && !c.Replaced() && (c.Variables || c.Secrets) {
			diags.AddAttributeError(at.AtName("env"),
				fmt.Sprintf("%s: variables of layer %q cannot be changed while the environment is stopped", environment, c.Name),
				"The platform changes variables only of a running environment. Write power = \"running\", or change the "+
					"variables later."+diagutil.NothingChanged)
		}
		if !c.Removed {
			continue
		}
		for _, name := range slices.SortedFunc(maps.Keys(planned), CompareNames) {
			if what := planned[name].dependsOn(c.Name); what != "" {
				diags.AddAttributeError(path.Root("node_groups").AtMapKey(name).AtName(what),
					fmt.Sprintf("%s: layer %q cannot be removed: layer %q needs it", environment, c.Name, name),
					fmt.Sprintf("The %s of layer %q name layer %q. Remove that in the same change or before it.", what,
						name, c.Name)+diagutil.NothingChanged)
			}
		}
	}
	return diags
}

// dependsOn returns the attribute with which a node group refers to another one; empty if none does.
func (g Model) dependsOn(nodeGroup string) string {
	for _, link := range g.Links.Elements() {
		if source, _, _ := strings.Cut(strings.Trim(link.String(), `"`), ":"); source == nodeGroup {
			return "links"
		}
	}
	for _, volume := range g.Volumes.Elements() {
		object, ok := volume.(types.Object)
		if !ok {
			continue
		}
		if source, ok := object.Attributes()["source_node_group"].(types.String); ok && source.ValueString() == nodeGroup {
			return "volumes"
		}
	}
	return ""
}

func nodesInWords(n types.Int64) string {
	if n.ValueInt64() == 1 {
		return "1 node"
	}
	return fmt.Sprintf("%d nodes", n.ValueInt64())
}

// RemovedNodeGroups names the node groups that changes remove or replace, as a
// phrase for messages; empty if there are none.
func RemovedNodeGroups(changes []Change) string {
	var names []string
	for _, c := range changes {
		if c.Removed || c.Replaced() && !c.added && !c.After.NodeType.IsUnknown() {
			names = append(names, c.Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "remove the layer " + strings.Join(names, ", ")
}
