package environment

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Nodes come and go by autoscaling, and somebody may remove a layer or make one; what a plan promises is that the nodes
// which stay keep their addresses, and that no layer has other nodes altogether.
func TestPromisedNodes(t *testing.T) {
	t.Parallel()
	node := func(id int64, layer, address string) nodeModel {
		return nodeModel{ID: id, NodeGroup: types.StringValue(layer), NodeType: types.StringValue("nginxphp"), InternalIP: types.StringValue(address), PublicIPv4: []string{}, PublicIPv6: []string{}}
	}
	planned := []nodeModel{node(1, "cp", "10.0.0.1"), node(2, "cp", "10.0.0.2"), node(3, "sqldb", "10.0.0.3")}
	for name, row := range map[string]struct {
		actual []nodeModel
		kept   bool
	}{
		"the same":           {planned, true},
		"one more":           {append([]nodeModel{node(4, "cp", "10.0.0.4")}, planned...), true},
		"one less":           {planned[1:], true},
		"a layer removed":    {planned[:2], true},
		"a new layer":        {append([]nodeModel{node(8, "cache", "10.0.0.8")}, planned...), true},
		"another address":    {append([]nodeModel{node(1, "cp", "10.9.0.1")}, planned[1:]...), false},
		"other identifiers":  {[]nodeModel{node(5, "cp", "10.9.0.1"), node(6, "cp", "10.9.0.2"), node(7, "sqldb", "10.9.0.3")}, false},
		"another identifier": {append([]nodeModel{node(7, "sqldb", "10.0.0.3")}, planned[:2]...), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if kept := sameAddresses(planned, row.actual); kept != row.kept {
				t.Errorf("kept %t, want %t", kept, row.kept)
			}
		})
	}
}
