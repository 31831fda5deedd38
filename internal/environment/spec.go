package environment

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/nodegroup"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// spec returns the planned environment. It leaves unknown values to the platform, and takes write-only values from the
// configuration.
func (m resourceModel) spec(ctx context.Context, config resourceModel) (platform.EnvironmentSpec, diag.Diagnostics) {
	spec := platform.EnvironmentSpec{
		Name:        m.Name.ValueString(),
		Region:      m.Region.ValueString(),
		DisplayName: m.DisplayName.ValueString(),
	}
	if !m.BuiltInSSL.IsUnknown() {
		spec.BuiltInSSL = m.BuiltInSSL.ValueBoolPointer()
	}
	var diags diag.Diagnostics
	if !m.Groups.IsUnknown() {
		diags.Append(m.Groups.ElementsAs(ctx, &spec.Groups, false)...)
	}
	wished, d := m.decodeNodeGroups(ctx)
	diags.Append(d...)
	written, d := config.decodeNodeGroups(ctx)
	diags.Append(d...)
	for name, g := range wished {
		group, d := g.Spec(ctx, name, written[name])
		diags.Append(d...)
		variables, d := g.Variables(ctx)
		diags.Append(d...)
		secrets, d := written[name].Secrets(ctx)
		diags.Append(d...)
		group.Env = nodegroup.MergeVariables(variables, secrets)
		spec.NodeGroups = append(spec.NodeGroups, group)
	}
	slices.SortFunc(spec.NodeGroups, func(a, b platform.NodeGroupSpec) int {
		return nodegroup.CompareNames(a.Name, b.Name)
	})
	return spec, diags
}
