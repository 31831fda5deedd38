package migration

import (
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// Role distinguishes a node from the others of its environment.
type Role struct {
	ID        int64
	NodeGroup string
	Master    bool
}

// RoleOf returns the role of a node as the platform reports it.
func RoleOf(n platform.Node) Role { return Role{ID: n.ID, NodeGroup: n.NodeGroup, Master: n.Master} }

// NodePair is a node before and after a migration.
type NodePair[N any] struct{ Before, After N }

// PairNodes pairs the nodes of an environment before and after a migration: by ID, which usually stays,
// and otherwise by node group, role and order. Added and removed nodes have no pair. The pairs are in
// the order of the nodes after the migration.
func PairNodes[N any](before, after []N, role func(N) Role) []NodePair[N] {
	partner := make([]int, len(after)) // index before, plus 1
	taken := make([]bool, len(before))
	for _, same := range []func(b, a Role) bool{
		func(b, a Role) bool { return b.ID == a.ID },
		func(b, a Role) bool { return b.NodeGroup == a.NodeGroup && b.Master == a.Master },
		func(b, a Role) bool { return b.NodeGroup == a.NodeGroup },
	} {
		for i, a := range after {
			if partner[i] > 0 {
				continue
			}
			for j, b := range before {
				if !taken[j] && same(role(b), role(a)) {
					partner[i], taken[j] = j+1, true
					break
				}
			}
		}
	}
	var pairs []NodePair[N]
	for i, a := range after {
		if partner[i] > 0 {
			pairs = append(pairs, NodePair[N]{Before: before[partner[i]-1], After: a})
		}
	}
	return pairs
}
