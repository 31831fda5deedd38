package nodegroup

import (
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
)

// changingAddresses are the attributes of a node that a migration to another data centre changes.
var changingAddresses = []string{"internal_ip", "public_ipv4", "public_ipv6", "url"}

// WithUnknownAddresses returns nodes whose addresses will change. The length stays known, so
// that other resources can use it for count.
func WithUnknownAddresses(nodes types.List) types.List {
	elements := nodes.Elements()
	for i, element := range elements {
		object, ok := element.(types.Object)
		if !ok || object.IsUnknown() {
			return types.ListUnknown(NodeType)
		}
		attributes := maps.Clone(object.Attributes())
		attributes["internal_ip"], attributes["url"] = types.StringUnknown(), types.StringUnknown()
		attributes["public_ipv4"], attributes["public_ipv6"] = types.ListUnknown(types.StringType), types.ListUnknown(
			types.StringType)
		elements[i] = types.ObjectValueMust(NodeType.AttrTypes, attributes)
	}
	return types.ListValueMust(NodeType, elements)
}

// CountIsWritten reports whether a configuration sets the number of nodes of each node group to which the nodes belong,
// so that the platform does not change it.
func CountIsWritten(nodes []Node, written map[string]Model) bool {
	for _, n := range nodes {
		group, ok := written[n.NodeGroup.ValueString()]
		if !ok || group.Count.IsNull() || group.Count.IsUnknown() {
			return false
		}
	}
	return true
}

// FillNodes sets values of nodes that a plan left unknown to those of the actual nodes, paired like the nodes before
// and after a migration. Known values stay as planned; the next refresh corrects them.
func FillNodes(planned, actual types.List) types.List {
	if planned.IsUnknown() {
		return actual
	}
	pairs := migration.PairNodes(planned.Elements(), actual.Elements(), roleOfElement)
	partner := map[int64]map[string]attr.Value{}
	for _, pair := range pairs {
		partner[roleOfElement(pair.Before).ID] = pair.After.(types.Object).Attributes()
	}
	elements := planned.Elements()
	for i, element := range elements {
		attributes := maps.Clone(element.(types.Object).Attributes())
		after, paired := partner[roleOfElement(element).ID]
		for _, name := range changingAddresses {
			switch {
			case !attributes[name].IsUnknown():
			case paired:
				attributes[name] = after[name]
			default:
				attributes[name] = noAddress[name] // the node no longer exists
			}
		}
		elements[i] = types.ObjectValueMust(NodeType.AttrTypes, attributes)
	}
	return types.ListValueMust(NodeType, elements)
}

var noAddress = map[string]attr.Value{
	"internal_ip": types.StringNull(),
	"url":         types.StringNull(),
	"public_ipv4": types.ListValueMust(types.StringType, nil),
	"public_ipv6": types.ListValueMust(types.StringType, nil),
}

func roleOfElement(element attr.Value) migration.Role {
	attributes := element.(types.Object).Attributes()
	id, _ := attributes["id"].(types.Int64)
	group, _ := attributes["node_group"].(types.String)
	master, _ := attributes["master"].(types.Bool)
	return migration.Role{ID: id.ValueInt64(), NodeGroup: group.ValueString(), Master: master.ValueBool()}
}
