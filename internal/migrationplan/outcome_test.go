package migrationplan

import (
	"testing"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// Autoscaling adds and removes nodes, and somebody may add or remove a node group. A plan promises only that the
// remaining nodes keep their addresses, and that no node group gets entirely different nodes.
func TestPlannedNodesKept(t *testing.T) {
	t.Parallel()
	node := func(id int64, nodeGroup, address string) platform.Node {
		return platform.Node{ID: id, NodeGroup: nodeGroup, NodeType: "nginxphp", InternalIP: address}
	}
	planned := []platform.Node{node(1, "cp", "10.0.0.1"), node(2, "cp", "10.0.0.2"), node(3, "sqldb", "10.0.0.3")}
	for name, row := range map[string]struct {
		actual []platform.Node
		kept   bool
	}{
		"the same":           {planned, true},
		"one more":           {append([]platform.Node{node(4, "cp", "10.0.0.4")}, planned...), true},
		"one less":           {planned[1:], true},
		"node group removed": {planned[:2], true},
		"node group added":   {append([]platform.Node{node(8, "cache", "10.0.0.8")}, planned...), true},
		"another address":    {append([]platform.Node{node(1, "cp", "10.9.0.1")}, planned[1:]...), false},
		"other identifiers": {[]platform.Node{node(5, "cp", "10.9.0.1"), node(6, "cp", "10.9.0.2"),
			node(7, "sqldb", "10.9.0.3")}, false},
		"another identifier": {append([]platform.Node{node(7, "sqldb", "10.0.0.3")}, planned[:2]...), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if kept := sameAddresses(planned, row.actual); kept != row.kept {
				t.Errorf("kept %t, want %t", kept, row.kept)
			}
		})
	}
}
