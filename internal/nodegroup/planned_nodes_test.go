package nodegroup

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/tfvalue"
)

func nodeList(t *testing.T, nodes ...Node) types.List {
	t.Helper()
	list, diags := NodesToList(nodes)
	if diags.HasError() {
		t.Fatal(diags)
	}
	return list
}

// Planned values of nodes stay, and addresses come from the node that has replaced the planned one.
func TestFillNodes(t *testing.T) {
	t.Parallel()
	node := func(id int64, group, ip string, public ...string) Node {
		return Node{
			ID: id, NodeGroup: types.StringValue(group), NodeType: types.StringValue("nginx"),
			InternalIP: tfvalue.StringOrNull(ip),
			PublicIPv4: public, URL: tfvalue.StringOrNull(ip),
		}
	}
	planned := WithUnknownAddresses(nodeList(t, node(1, "bl", "10.0.0.1", "192.0.2.1"), node(2, "cp", "10.0.0.2")))
	if len(planned.Elements()) != 2 || tfvalue.IsFullyKnown(t.Context(), planned) {
		t.Fatalf("planned %v", planned)
	}
	for name, row := range map[string]struct{ planned, actual, want types.List }{
		"the same nodes": {planned, nodeList(t, node(1, "bl", "10.2.0.1", "192.0.2.9"), node(2, "cp", "10.2.0.2")),
			nodeList(t, node(1, "bl", "10.2.0.1", "192.0.2.9"), node(2, "cp", "10.2.0.2"))},
		"in another order": {planned, nodeList(t, node(2, "cp", "10.2.0.2"), node(1, "bl", "10.2.0.1")),
			nodeList(t, node(1, "bl", "10.2.0.1"), node(2, "cp", "10.2.0.2"))},
		"under new ids": {planned, nodeList(t, node(8, "cp", "10.2.0.2"), node(9, "bl", "10.2.0.1")),
			nodeList(t, node(1, "bl", "10.2.0.1"), node(2, "cp", "10.2.0.2"))},
		"one has gone": {planned, nodeList(t, node(2, "cp", "10.2.0.2")),
			nodeList(t, node(1, "bl", ""), node(2, "cp", "10.2.0.2"))},
		"one has come": {planned,
			nodeList(t, node(1, "bl", "10.2.0.1"), node(2, "cp", "10.2.0.2"), node(3, "cp", "10.2.0.3")),
			nodeList(t, node(1, "bl", "10.2.0.1"), node(2, "cp", "10.2.0.2"))},
		"nothing was known": {types.ListUnknown(NodeType), nodeList(t, node(3, "cp", "10.2.0.3")),
			nodeList(t, node(3, "cp", "10.2.0.3"))},
		"everything is known": {nodeList(t, node(1, "bl", "10.0.0.1")), nodeList(t, node(1, "bl", "10.2.0.1")),
			nodeList(t, node(1, "bl", "10.0.0.1"))},
	} {
		if got := FillNodes(row.planned, row.actual); !got.Equal(row.want) {
			t.Errorf("%s: %v\nwant %v", name, got, row.want)
		}
	}
}
