package nodegroup

import (
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
)

// ProjectSizes are an environment's layers with the sizes that changes give them, for the cost after a move; nil if nothing
// changes. Known is false if the configuration writes a size that is not known before the apply. What it leaves to the
// platform is not decided before the layer is made: such a layer says so.
func ProjectSizes(env migration.Environment, changes []Change, written map[string]Model) (layers []migration.Layer, known bool) {
	if len(changes) == 0 {
		return nil, true
	}
	layers, known = slices.Clone(env.Layers), true
	for _, c := range changes {
		i := slices.IndexFunc(layers, func(l migration.Layer) bool { return l.Name == c.Name })
		if i >= 0 && (c.Removed || c.Replaced()) {
			layers, i = slices.Delete(layers, i, i+1), -1
		}
		if c.Removed {
			continue
		}
		if i < 0 {
			// A new layer has a node at least.
			layers, i = append(layers, migration.Layer{Name: c.Name, Nodes: 1}), len(layers)
			c.Before = Model{}
		}
		layer, config := &layers[i], written[c.Name]
		take := func(size *int, before, after, written types.Int64) {
			switch {
			case written.IsUnknown():
				known = false
			case after.IsUnknown():
				layer.Undecided = true
			case Differ(before, after):
				*size = int(after.ValueInt64())
			}
		}
		nodes := layer.Nodes
		take(&layer.Nodes, c.Before.Count, c.After.Count, config.Count)
		take(&layer.ReservedCloudlets, c.Before.ReservedCloudlets, c.After.ReservedCloudlets, config.ReservedCloudlets)
		take(&layer.DynamicCloudlets, c.Before.DynamicCloudlets, c.After.DynamicCloudlets, config.DynamicCloudlets)
		take(&layer.DiskGB, c.Before.DiskGB, c.After.DiskGB, config.DiskGB)
		known = known && !config.PublicIPv4Count.IsUnknown() && !config.PublicIPv6Count.IsUnknown()
		if nodes != layer.Nodes || Differ(c.Before.PublicIPv4Count, c.After.PublicIPv4Count) || Differ(c.Before.PublicIPv6Count, c.After.PublicIPv6Count) {
			// Each node has as many; a new one has none that are not written.
			layer.PublicIPv4 = int(c.After.PublicIPv4Count.ValueInt64()) * layer.Nodes
			layer.PublicIPv6 = int(c.After.PublicIPv6Count.ValueInt64()) * layer.Nodes
		}
	}
	return layers, known
}
