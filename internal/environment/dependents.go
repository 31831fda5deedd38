package environment

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/nodegroup"
)

// variableDependents returns the environment's own variables, as planned, that contain an address or the domain that a
// migration will change. known reports whether the plan knows the values of all variables.
func variableDependents(
	ctx context.Context, state, plan resourceModel, a migration.Assessment,
) (dependents []migration.Dependent, known bool, diags diag.Diagnostics) {
	var changing []string
	if a.DomainChange && a.PreviousDomain != "" {
		changing = append(changing, a.PreviousDomain)
	}
	if a.IPChange {
		nodes, d := nodegroup.NodesFromList(ctx, state.Nodes)
		diags.Append(d...)
		for _, n := range nodes {
			changing = append(changing, n.InternalIP.ValueString())
			changing = append(append(changing, n.PublicIPv4...), n.PublicIPv6...)
		}
	}
	nodeGroups, d := plan.decodeNodeGroups(ctx)
	diags.Append(d...)
	known = !plan.NodeGroups.IsUnknown()
	for _, nodeGroup := range slices.SortedFunc(maps.Keys(nodeGroups), nodegroup.CompareNames) {
		known = known && !nodeGroups[nodeGroup].Env.IsUnknown()
		elements := nodeGroups[nodeGroup].Env.Elements()
		for _, name := range slices.Sorted(maps.Keys(elements)) {
			if elements[name].IsUnknown() {
				known = false
				continue
			}
			value := elements[name].String() // quoted, which does not affect addresses
			if slices.ContainsFunc(changing, func(address string) bool { return containsAddress(value, address) }) {
				dependents = append(dependents, migration.Dependent{
					Kind: migration.DependentVariable, Environment: a.Environment.Name, NodeGroup: nodeGroup, Name: name,
				})
			}
		}
	}
	return dependents, known, diags
}

// containsAddress finds an address or host name that is not part of a longer one: 10.1.0.4 is not in 10.1.0.40.
func containsAddress(text, address string) bool {
	if address == "" {
		return false
	}
	isPart := func(b byte) bool {
		return b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b == '-'
	}
	for from := 0; ; {
		i := strings.Index(text[from:], address)
		if i < 0 {
			return false
		}
		start, end := from+i, from+i+len(address)
		if (start == 0 || !isPart(text[start-1])) && (end == len(text) || !isPart(text[end])) {
			return true
		}
		from = start + 1
	}
}
