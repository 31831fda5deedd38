package environment

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

// layerChange is what a plan changes in one layer, by the calls that it takes.
type layerChange struct {
	name           string
	before, after  nodeGroupModel
	added, removed bool
	// topology is what only changetopology changes.
	topology bool
	// ipv4, ipv6, displayName, variables and secrets have calls of their own.
	ipv4, ipv6, displayName, variables, secrets bool
}

// changesOf compares layers, in the order in which layers are always treated.
func changesOf(before, after map[string]nodeGroupModel) []layerChange {
	names := slices.Collect(maps.Keys(before))
	names = slices.AppendSeq(names, maps.Keys(after))
	slices.SortFunc(names, compareLayers)
	var changes []layerChange
	for _, name := range slices.Compact(names) {
		b, had := before[name]
		a, has := after[name]
		c := layerChange{name: name, before: b, after: a, added: !had, removed: !has}
		switch {
		case c.removed:
			c.topology = true
		case c.renewed():
			c.topology = true
		default:
			c.topology = c.missesTopology() || differ(b.Registry, a.Registry)
			c.ipv4, c.ipv6 = differ(b.PublicIPv4Count, a.PublicIPv4Count), differ(b.PublicIPv6Count, a.PublicIPv6Count)
			c.displayName = differ(b.DisplayName, a.DisplayName)
			c.variables = differ(b.Env, a.Env)
			c.secrets = differ(b.SecretEnvWOVersion, a.SecretEnvWOVersion)
		}
		if c.topology || c.ipv4 || c.ipv6 || c.displayName || c.variables || c.secrets {
			changes = append(changes, c)
		}
	}
	return changes
}

// missesTopology says whether the layer is not yet what it shall be, as far as changetopology changes it and the
// platform tells it.
func (c layerChange) missesTopology() bool {
	b, a := c.before, c.after
	return differ(b.NodeType, a.NodeType) || differ(b.Count, a.Count) || differ(b.ReservedCloudlets, a.ReservedCloudlets) ||
		differ(b.DynamicCloudlets, a.DynamicCloudlets) || differ(b.DiskGB, a.DiskGB) || differ(b.Tag, a.Tag) || differ(b.Image, a.Image) ||
		differ(b.ScalingMode, a.ScalingMode) || differ(b.Links, a.Links) || differ(b.Volumes, a.Volumes)
}

func differ(before, after attr.Value) bool { return !before.Equal(after) }

// renewed says whether all nodes of the layer are new: they get their variables and secrets when they are made.
func (c layerChange) renewed() bool {
	return !c.removed && (c.added || differ(c.before.NodeType, c.after.NodeType))
}

// changesVariables says whether variables or secrets of nodes that stay are changed.
func (c layerChange) changesVariables() bool {
	return !c.removed && !c.renewed() && (c.variables || c.secrets)
}

// otherNodes says whether the change makes or removes nodes.
func (c layerChange) otherNodes() bool {
	return c.removed || c.renewed() || differ(c.before.Count, c.after.Count)
}

// keepsData says whether the nodes of a layer are of a kind that keeps data: then removing a node is losing data.
func (g nodeGroupModel) keepsData(name string) bool {
	layer := migration.Layer{Name: name, NodeType: g.NodeType.ValueString(), Image: g.Image.ValueString()}
	return layer.IsDatabase() || layer.IsSharedStorage() || g.ScalingMode.ValueString() == "stateful" || len(g.Volumes.Elements()) > 0
}

// losses warns of data that a change of layers loses, and refuses what cannot be.
func losses(environment string, changes []layerChange) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, c := range changes {
		at := path.Root("node_groups").AtMapKey(c.name)
		gone := c.before.Count.ValueInt64() - c.after.Count.ValueInt64()
		switch {
		case c.removed:
			diags.AddAttributeWarning(path.Root("node_groups"), fmt.Sprintf("%s: layer %q is removed with everything on its nodes", environment, c.name),
				fmt.Sprintf("The layer's %s and their disks are deleted. Save what is needed from them before the apply.", nodesInWords(c.before.Count)))
		case c.added:
		case c.renewed():
			diags.AddAttributeWarning(at.AtName("node_type"), fmt.Sprintf("%s: layer %q is replaced with everything on its nodes", environment, c.name),
				fmt.Sprintf("Another node type means other nodes: the %s of type %s and their disks are deleted. Save what is needed from them before the apply.",
					nodesInWords(c.before.Count), c.before.NodeType.ValueString()))
		default:
			if !c.after.DiskGB.IsUnknown() && c.after.DiskGB.ValueInt64() < c.before.DiskGB.ValueInt64() {
				diags.AddAttributeError(at.AtName("disk_gb"), fmt.Sprintf("%s: the disk of layer %q cannot shrink", environment, c.name),
					fmt.Sprintf("The nodes have disks of %d GB, and the platform only lets disks grow: %d GB is less. Write at least %d, or leave disk_gb out.",
						c.before.DiskGB.ValueInt64(), c.after.DiskGB.ValueInt64(), c.before.DiskGB.ValueInt64())+diagutil.NothingChanged)
			}
			if !c.after.Count.IsUnknown() && gone > 0 && c.before.keepsData(c.name) {
				diags.AddAttributeWarning(at.AtName("count"), fmt.Sprintf("%s: layer %q loses %s with everything on them", environment, c.name, nodesInWords(types.Int64Value(gone))),
					"The layer keeps data on its nodes. Make sure that what is on the nodes that go is on the others, too; the platform chooses which go and keeps the master.")
			}
		}
	}
	return diags
}

// impossible refuses changes of layers that the platform could only refuse later, when other steps have been done: a
// layer that goes while another one has links or mounts from it, and variables of an environment that stays stopped.
func impossible(environment string, changes []layerChange, planned map[string]nodeGroupModel, staysStopped bool) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, c := range changes {
		at := path.Root("node_groups").AtMapKey(c.name)
		if staysStopped && !c.removed && !c.renewed() && (c.variables || c.secrets) {
			diags.AddAttributeError(at.AtName("env"), fmt.Sprintf("%s: variables of layer %q cannot be changed while the environment is stopped", environment, c.name),
				"The platform changes variables only of a running environment. Write power = \"running\", or change the variables later."+diagutil.NothingChanged)
		}
		if !c.removed {
			continue
		}
		for _, name := range slices.SortedFunc(maps.Keys(planned), compareLayers) {
			if what := planned[name].needs(c.name); what != "" {
				diags.AddAttributeError(path.Root("node_groups").AtMapKey(name).AtName(what), fmt.Sprintf("%s: layer %q cannot be removed, layer %q needs it", environment, c.name, name),
					fmt.Sprintf("The %s of layer %q name layer %q. Take that out of them, in the same change or before it.", what, name, c.name)+diagutil.NothingChanged)
			}
		}
	}
	return diags
}

// needs says by which attribute a layer names another one, empty if by none.
func (g nodeGroupModel) needs(layer string) string {
	for _, link := range g.Links.Elements() {
		if source, _, _ := strings.Cut(strings.Trim(link.String(), `"`), ":"); source == layer {
			return "links"
		}
	}
	for _, volume := range g.Volumes.Elements() {
		object, ok := volume.(types.Object)
		if !ok {
			continue
		}
		if source, ok := object.Attributes()["source_node_group"].(types.String); ok && source.ValueString() == layer {
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

// removedLayers names the layers that changes remove or replace, as words for protected; empty if there are none.
func removedLayers(changes []layerChange) string {
	var names []string
	for _, c := range changes {
		if c.removed || c.renewed() && !c.added {
			names = append(names, c.name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "remove the layer " + strings.Join(names, ", ")
}
