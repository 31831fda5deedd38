package environment

import (
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
)

// sized are an environment's layers with the sizes that changes give them, for the cost after a move; nil if nothing
// changes. Known is false if the configuration writes a size that is not known before the apply. What it leaves to the
// platform is not decided before the layer is made: such a layer says so.
func sized(env migration.Environment, changes []layerChange, written map[string]nodeGroupModel) (layers []migration.Layer, known bool) {
	if len(changes) == 0 {
		return nil, true
	}
	layers, known = slices.Clone(env.Layers), true
	for _, c := range changes {
		i := slices.IndexFunc(layers, func(l migration.Layer) bool { return l.Name == c.name })
		if i >= 0 && (c.removed || c.renewed()) {
			layers, i = slices.Delete(layers, i, i+1), -1
		}
		if c.removed {
			continue
		}
		if i < 0 {
			// A new layer has a node at least.
			layers, i = append(layers, migration.Layer{Name: c.name, Nodes: 1}), len(layers)
			c.before = nodeGroupModel{}
		}
		layer, config := &layers[i], written[c.name]
		take := func(size *int, before, after, written types.Int64) {
			switch {
			case written.IsUnknown():
				known = false
			case after.IsUnknown():
				layer.Undecided = true
			case differ(before, after):
				*size = int(after.ValueInt64())
			}
		}
		nodes := layer.Nodes
		take(&layer.Nodes, c.before.Count, c.after.Count, config.Count)
		take(&layer.ReservedCloudlets, c.before.ReservedCloudlets, c.after.ReservedCloudlets, config.ReservedCloudlets)
		take(&layer.DynamicCloudlets, c.before.DynamicCloudlets, c.after.DynamicCloudlets, config.DynamicCloudlets)
		take(&layer.DiskGB, c.before.DiskGB, c.after.DiskGB, config.DiskGB)
		known = known && !config.PublicIPv4Count.IsUnknown() && !config.PublicIPv6Count.IsUnknown()
		if nodes != layer.Nodes || differ(c.before.PublicIPv4Count, c.after.PublicIPv4Count) || differ(c.before.PublicIPv6Count, c.after.PublicIPv6Count) {
			// Each node has as many; a new one has none that are not written.
			layer.PublicIPv4 = int(c.after.PublicIPv4Count.ValueInt64()) * layer.Nodes
			layer.PublicIPv6 = int(c.after.PublicIPv6Count.ValueInt64()) * layer.Nodes
		}
	}
	return layers, known
}
