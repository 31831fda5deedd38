package environment

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// spec is the environment that a plan wishes. What the plan does not know is left to the platform; what only the
// configuration knows, write-only values, is taken from there.
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
	wished, d := m.layers(ctx)
	diags.Append(d...)
	written, d := config.layers(ctx)
	diags.Append(d...)
	for name, g := range wished {
		group, d := g.spec(ctx, name, written[name])
		diags.Append(d...)
		variables, d := g.variables(ctx)
		diags.Append(d...)
		secrets, d := written[name].secrets(ctx)
		diags.Append(d...)
		group.Env = merged(variables, secrets)
		spec.NodeGroups = append(spec.NodeGroups, group)
	}
	slices.SortFunc(spec.NodeGroups, func(a, b platform.NodeGroupSpec) int { return compareLayers(a.Name, b.Name) })
	return spec, diags
}

// merged is nil if there is nothing in either.
func merged(variables, secrets map[string]string) map[string]string {
	all := maps.Clone(variables)
	maps.Copy(all, secrets)
	if len(all) == 0 {
		return nil
	}
	return all
}

// settleLayers completes a plan with the layers that the platform has.
func (m *resourceModel) settleLayers(ctx context.Context, actual map[string]nodeGroupModel) diag.Diagnostics {
	planned, diags := m.layers(ctx)
	if planned == nil {
		return diags
	}
	for name, group := range planned {
		made, ok := actual[name]
		if !ok {
			made = noNodeGroup
		}
		planned[name] = group.kept(made, noNodeGroup)
	}
	diags.Append(m.setLayers(planned)...)
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
