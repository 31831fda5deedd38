package environment

import (
	"cmp"
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// spec is the environment that a plan wishes. What the plan does not know is left to the platform.
func (m resourceModel) spec(ctx context.Context) (platform.EnvironmentSpec, diag.Diagnostics) {
	spec := platform.EnvironmentSpec{
		Name:        m.Name.ValueString(),
		Region:      m.Region.ValueString(),
		DisplayName: m.DisplayName.ValueString(),
	}
	var diags diag.Diagnostics
	if !m.Groups.IsUnknown() {
		diags.Append(m.Groups.ElementsAs(ctx, &spec.Groups, false)...)
	}
	var groups map[string]nodeGroupModel
	diags.Append(m.NodeGroups.ElementsAs(ctx, &groups, false)...)
	for name, g := range groups {
		spec.NodeGroups = append(spec.NodeGroups, platform.NodeGroupSpec{
			Name:              name,
			NodeType:          g.NodeType.ValueString(),
			Count:             int(g.Count.ValueInt64()),
			ReservedCloudlets: int(g.ReservedCloudlets.ValueInt64()),
			DynamicCloudlets:  int(g.DynamicCloudlets.ValueInt64()),
			DiskGB:            int(g.DiskGB.ValueInt64()),
			Tag:               g.Tag.ValueString(),
			Image:             g.Image.ValueString(),
			PublicIPv4Count:   int(g.PublicIPv4Count.ValueInt64()),
			PublicIPv6Count:   int(g.PublicIPv6Count.ValueInt64()),
		})
	}
	slices.SortFunc(spec.NodeGroups, func(a, b platform.NodeGroupSpec) int { return compareLayers(a.Name, b.Name) })
	return spec, diags
}

// settleCreated completes a plan with what the platform made of it.
func (m *resourceModel) settleCreated(ctx context.Context, actual resourceModel) diag.Diagnostics {
	m.settled(actual)
	if m.NodeGroups.IsUnknown() {
		m.NodeGroups = actual.NodeGroups
		return nil
	}
	var planned, made map[string]nodeGroupModel
	diags := m.NodeGroups.ElementsAs(ctx, &planned, false)
	diags.Append(actual.NodeGroups.ElementsAs(ctx, &made, false)...)
	for name, group := range planned {
		// A layer that the platform did not make has no values; kept then turns what is unknown into null.
		planned[name] = group.kept(made[name])
	}
	var d diag.Diagnostics
	m.NodeGroups, d = types.MapValueFrom(ctx, nodeGroupType, planned)
	diags.Append(d...)
	return diags
}

// layerOrder is the order in which requests pass through the platform's own layers.
var layerOrder = []string{"bl", "cp", "cache", "sqldb", "nosqldb", "storage", "build", "vps", "docker"}

// compareLayers orders layers the same way every time: the platform's own first, the others by name.
func compareLayers(a, b string) int {
	rank := func(name string) int {
		if i := slices.Index(layerOrder, name); i >= 0 {
			return i
		}
		return len(layerOrder)
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b))
}
