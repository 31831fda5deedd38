package planreview

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"
)

// LossKind says what an environment loses.
type LossKind string

// The kinds of losses.
const (
	// LossEnvironmentDeleted and LossEnvironmentReplaced lose everything.
	LossEnvironmentDeleted  LossKind = "environment_deleted"
	LossEnvironmentReplaced LossKind = "environment_replaced"
	// LossLayerRemoved and LossLayerReplaced lose everything on the nodes of a layer. A change of the node type replaces
	// a layer.
	LossLayerRemoved  LossKind = "layer_removed"
	LossLayerReplaced LossKind = "layer_replaced"
	// LossNodesRemoved loses everything on some of the nodes of a layer that keeps data.
	LossNodesRemoved LossKind = "nodes_removed"
	// LossVolumeRemoved loses a directory of a layer that kept its data when nodes were redeployed.
	LossVolumeRemoved LossKind = "volume_removed"
)

// Loss is data that a plan deletes.
type Loss struct {
	What LossKind `json:"what"`
	// Layer is the layer that loses it; empty if the whole environment, or any layer, may lose it.
	Layer string `json:"layer,omitempty"`
	// Certain is false if the loss depends on something that is not known yet, or on whether the platform deletes data
	// that nothing refers to any more.
	Certain bool `json:"certain"`
	// Text is a clause: "layer sqldb is removed with its data".
	Text string `json:"text"`
}

// layerChanges are the layers of an environment that lose data or become unmanaged.
type layerChanges struct {
	losses []Loss
	// removed layers are deleted with their data; unmanaged ones stay, but Terraform no longer manages them.
	removed, unmanaged []string
	// covered are the attributes of layers, as LAYER.ATTRIBUTE, that the losses cover.
	covered map[string]bool
}

// layerChanges finds what happens to the layers that exist before the plan.
func (e environment) layerChanges() layerChanges {
	c := layerChanges{covered: map[string]bool{}, removed: []string{}, unmanaged: []string{}}
	before, after := e.before.object("node_groups"), e.after.object("node_groups")
	unknown := e.unknown["node_groups"]
	if unknown == true {
		if len(before) > 0 {
			c.losses = append(c.losses,
				Loss{What: LossLayerRemoved, Layer: "", Certain: false,
					Text: "layers are not known yet: any of them may be removed or replaced with its data"})
		}
		return c
	}
	stay := e.layersStayUnmanaged()
	for _, name := range slices.Sorted(maps.Keys(before)) {
		marks := marksBelow(unknown, name)
		switch {
		case marks == true:
			c.addLoss(LossLayerReplaced, name, false, "layer "+briefly(name)+" is not known yet: it may be removed or replaced "+
				"with its data", "")
		case after[name] != nil:
			e.layerLosses(&c, name, before.object(name), after.object(name), asObject(marks))
		case stay:
			c.unmanaged = append(c.unmanaged, briefly(name))
		default:
			c.removed = append(c.removed, briefly(name))
			c.addLoss(LossLayerRemoved, name, true, removedClause([]string{briefly(name)}), "")
		}
	}
	return c
}

// addLoss records a loss, and the attribute of the layer that it covers.
func (c *layerChanges) addLoss(what LossKind, layer string, certain bool, text, attribute string) {
	c.losses = append(c.losses, Loss{What: what, Layer: briefly(layer), Certain: certain, Text: text})
	if attribute != "" {
		c.covered[layer+"."+attribute] = true
	}
}

// layerLosses finds the losses of a layer that stays.
func (e environment) layerLosses(c *layerChanges, name string, before, after, unknown object) {
	layer := "layer " + briefly(name)
	if was, is := before["node_type"], after["node_type"]; anyMarked(unknown["node_type"]) {
		c.addLoss(LossLayerReplaced, name, false, layer+" is replaced with everything on its nodes if its node_type "+
			"changes, which is not known yet", "node_type")
		return
	} else if !reflect.DeepEqual(was, is) {
		c.addLoss(LossLayerReplaced, name, true,
			fmt.Sprintf("%s is replaced with everything on its nodes: node_type %s → %s", layer, e.nodeTypeText(name, was),
				e.nodeTypeText(name, is)), "node_type")
		return
	}
	if e.stateful(name) {
		c.nodeLosses(name, before, after, unknown)
	}
	c.volumeLosses(name, before, after, unknown)
}

// nodeLosses finds out whether a layer that keeps data loses nodes.
func (c *layerChanges) nodeLosses(name string, before, after, unknown object) {
	layer := "layer " + briefly(name)
	was, counted := before["count"].(float64)
	is, known := after["count"].(float64)
	switch isUnknown := anyMarked(unknown["count"]); {
	case isUnknown && (!counted || was > 1), !isUnknown && counted != known:
		c.addLoss(LossNodesRemoved, name, false, layer+" keeps data, and loses nodes with everything on them if its count "+
			"falls, which is not known yet", "count")
	case counted && known && is < was:
		c.addLoss(LossNodesRemoved, name, true,
			fmt.Sprintf("%s keeps data, and loses %s with everything on it: count %v → %v", layer, count(int(was-is), "node"),
				was, is), "count")
	}
}

// volumeLosses finds the directories of a layer that no longer keep their data.
func (c *layerChanges) volumeLosses(name string, before, after, unknown object) {
	volumes, isObject := after["volumes"].(map[string]any)
	if !isObject || anyMarked(unknown["volumes"]) {
		return
	}
	var gone []string
	for _, path := range slices.Sorted(maps.Keys(before.object("volumes"))) {
		if isLocal(before.object("volumes").object(path)) && (volumes[path] == nil || !isLocal(asObject(volumes[path]))) {
			gone = append(gone, path)
		}
	}
	if len(gone) > 0 {
		c.addLoss(LossVolumeRemoved, name, false,
			fmt.Sprintf("layer %s no longer has the volume %s, whose data may be lost", briefly(name), listFew(gone, ", ")),
			"volumes")
	}
}

// nodeTypeText is a node type of the layer as text, unless one of its node types is sensitive.
func (e environment) nodeTypeText(layer string, value any) string {
	for _, marks := range []any{e.values.BeforeSensitive, e.values.AfterSensitive} {
		if anyMarked(marksBelow(marksBelow(marksBelow(marks, "node_groups"), layer), "node_type")) {
			return "(sensitive)"
		}
	}
	text, ok := scalarText(value)
	if !ok {
		return notKnown
	}
	return text
}

// isLocal says whether a volume is the node's own, not a mount.
func isLocal(volume object) bool {
	return volume["source_node_group"] == nil && volume["source_node_id"] == nil && volume["source_path"] == nil
}

// layersStayUnmanaged says whether layers that are no longer in the plan stay and become unmanaged: the provider
// removes only layers that were once in the configuration. A plan that removes a layer never knows the nodes. A plan
// that imports removes none, but may not know the nodes for another reason.
func (e environment) layersStayUnmanaged() bool {
	if e.after["node_groups"] == nil {
		return true // the configuration has no layers any more
	}
	if !anyMarked(e.unknown["nodes"]) {
		return e.before["nodes"] != nil && reflect.DeepEqual(e.before["nodes"], e.after["nodes"])
	}
	return e.values.Importing != nil && e.nodesChangeAnyway()
}

// nodesChangeAnyway says whether the nodes are unknown for another reason than a removed layer: a move, a changed
// layer or a new one.
func (e environment) nodesChangeAnyway() bool {
	planned := e.after.object("planned_migration")
	if anyMarked(e.unknown["planned_migration"]) || planned.isTrue("ip_change") || planned.isTrue("domain_change") {
		return true
	}
	before, after := e.before.object("node_groups"), e.after.object("node_groups")
	for _, name := range names(after, asObject(e.unknown["node_groups"])) {
		marks := marksBelow(e.unknown["node_groups"], name)
		if before[name] == nil || marks == true {
			return true
		}
		for _, attribute := range []string{"node_type", "count", "public_ipv4_count", "public_ipv6_count"} {
			if anyMarked(marksBelow(marks, attribute)) ||
				!reflect.DeepEqual(before.object(name)[attribute], after.object(name)[attribute]) {
				return true
			}
		}
	}
	return false
}

// removedClause says that layers are removed.
func removedClause(layers []string) string {
	if len(layers) == 1 {
		return "layer " + layers[0] + " is removed with its data"
	}
	return "layers " + strings.Join(layers, ", ") + " are removed with their data"
}

// unmanagedClause says that layers become unmanaged.
func unmanagedClause(layers []string) string {
	if len(layers) == 1 {
		return "layer " + layers[0] + " is not in the configuration: it stays as it is, unmanaged"
	}
	return "layers " + strings.Join(layers, ", ") + " are not in the configuration: they stay as they are, unmanaged"
}

// clauses describes the losses, with all removed layers in one clause.
func (c *layerChanges) clauses() []string {
	var clauses []string
	if len(c.removed) > 0 {
		clauses = append(clauses, removedClause(c.removed))
	}
	for _, l := range c.losses {
		if l.What != LossLayerRemoved || !l.Certain {
			clauses = append(clauses, l.Text)
		}
	}
	return clauses
}

// allLosses is the loss of the whole environment; empty if the plan does not delete it.
func (e environment) allLosses() []Loss {
	switch {
	case !e.change.does(tfjson.ActionDelete):
		return []Loss{}
	case e.change.does(tfjson.ActionCreate):
		return []Loss{{What: LossEnvironmentReplaced, Layer: "", Certain: true,
			Text: "it is deleted with everything on it, and created anew, empty"}}
	}
	return []Loss{{What: LossEnvironmentDeleted, Layer: "", Certain: true, Text: "it is deleted with everything on it"}}
}
