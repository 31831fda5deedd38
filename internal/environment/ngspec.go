package environment

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// spec is what to ask for: of a layer that is there only what changes, so that what the platform changes by itself,
// as autoscaling does, is left alone.
func (c layerChange) spec(ctx context.Context, written nodeGroupModel) (platform.NodeGroupSpec, diag.Diagnostics) {
	spec, diags := c.after.spec(ctx, c.name, written)
	if c.renewed() {
		variables, d := c.after.variables(ctx)
		diags.Append(d...)
		secrets, d := written.secrets(ctx)
		diags.Append(d...)
		spec.Env = merged(variables, secrets)
		return spec, diags
	}
	clearUnless(differ(c.before.Count, c.after.Count), &spec.Count)
	clearUnless(differ(c.before.ReservedCloudlets, c.after.ReservedCloudlets), &spec.ReservedCloudlets)
	clearUnless(differ(c.before.DynamicCloudlets, c.after.DynamicCloudlets), &spec.DynamicCloudlets)
	clearUnless(differ(c.before.DiskGB, c.after.DiskGB), &spec.DiskGB)
	// Image and tag are one reference: the one is not complete without the other.
	clearUnless(differ(c.before.Tag, c.after.Tag) || differ(c.before.Image, c.after.Image), &spec.Tag)
	clearUnless(differ(c.before.Tag, c.after.Tag) || differ(c.before.Image, c.after.Image), &spec.Image)
	clearUnless(differ(c.before.ScalingMode, c.after.ScalingMode), &spec.ScalingMode)
	clearUnless(differ(c.before.Links, c.after.Links), &spec.Links)
	clearUnless(differ(c.before.Volumes, c.after.Volumes), &spec.Volumes)
	clearUnless(differ(c.before.Volumes, c.after.Volumes), &spec.Mounts)
	// These have calls of their own.
	spec.PublicIPv4Count, spec.PublicIPv6Count, spec.DisplayName = 0, 0, ""
	return spec, diags
}

func clearUnless[T any](keep bool, field *T) {
	if !keep {
		*field = *new(T)
	}
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

// spec is the layer as it is asked for. What is not known is left to the platform. The registry's password comes from
// the configuration, the only place where it is.
func (g nodeGroupModel) spec(ctx context.Context, name string, config nodeGroupModel) (platform.NodeGroupSpec, diag.Diagnostics) {
	spec := platform.NodeGroupSpec{
		Name:              name,
		NodeType:          g.NodeType.ValueString(),
		Count:             int(g.Count.ValueInt64()),
		ReservedCloudlets: int(g.ReservedCloudlets.ValueInt64()),
		DynamicCloudlets:  int(g.DynamicCloudlets.ValueInt64()),
		DiskGB:            int(g.DiskGB.ValueInt64()),
		Tag:               g.Tag.ValueString(),
		Image:             g.Image.ValueString(),
		DisplayName:       g.DisplayName.ValueString(),
		ScalingMode:       strings.ToUpper(g.ScalingMode.ValueString()),
		PublicIPv4Count:   int(g.PublicIPv4Count.ValueInt64()),
		PublicIPv6Count:   int(g.PublicIPv6Count.ValueInt64()),
	}
	var diags diag.Diagnostics
	if !g.Links.IsNull() && !g.Links.IsUnknown() {
		diags.Append(g.Links.ElementsAs(ctx, &spec.Links, false)...)
	}
	if !g.Volumes.IsNull() && !g.Volumes.IsUnknown() {
		var volumes map[string]volumeModel
		diags.Append(g.Volumes.ElementsAs(ctx, &volumes, false)...)
		spec.Volumes, spec.Mounts = []string{}, []platform.Mount{}
		for _, path := range slices.Sorted(maps.Keys(volumes)) {
			v := volumes[path]
			if v.Protocol.IsNull() {
				spec.Volumes = append(spec.Volumes, path)
				continue
			}
			spec.Mounts = append(spec.Mounts, platform.Mount{
				Path:            path,
				Protocol:        wireProtocols[v.Protocol.ValueString()],
				ReadOnly:        v.ReadOnly.ValueBool(),
				SourceNodeID:    v.SourceNodeID.ValueInt64(),
				SourceNodeGroup: v.SourceNodeGroup.ValueString(),
				SourcePath:      v.SourcePath.ValueString(),
			})
		}
	}
	if !config.Registry.IsNull() && !config.Registry.IsUnknown() {
		var registry registryModel
		diags.Append(config.Registry.As(ctx, &registry, basetypes.ObjectAsOptions{})...)
		spec.RegistryURL, spec.RegistryUser, spec.RegistryPassword =
			registry.URL.ValueString(), registry.Username.ValueString(), registry.PasswordWO.ValueString()
	}
	return spec, diags
}

var wireProtocols = map[string]string{"nfs": "NFS", "glusterfs": "GLUSTER"}

// kept is the node group with the values of before where the plan knows none because the configuration writes none.
func (g nodeGroupModel) kept(before, written nodeGroupModel) nodeGroupModel {
	g.Count = keep(g.Count, before.Count, written.Count)
	g.ReservedCloudlets = keep(g.ReservedCloudlets, before.ReservedCloudlets, written.ReservedCloudlets)
	g.DynamicCloudlets = keep(g.DynamicCloudlets, before.DynamicCloudlets, written.DynamicCloudlets)
	g.DiskGB = keep(g.DiskGB, before.DiskGB, written.DiskGB)
	g.Tag = keep(g.Tag, before.Tag, written.Tag)
	g.Image = keep(g.Image, before.Image, written.Image)
	g.PublicIPv4Count = keep(g.PublicIPv4Count, before.PublicIPv4Count, written.PublicIPv4Count)
	g.PublicIPv6Count = keep(g.PublicIPv6Count, before.PublicIPv6Count, written.PublicIPv6Count)
	g.DisplayName = keep(g.DisplayName, before.DisplayName, written.DisplayName)
	g.ScalingMode = keep(g.ScalingMode, before.ScalingMode, written.ScalingMode)
	g.Links = keep(g.Links, before.Links, written.Links)
	g.Volumes = keep(g.Volumes, before.Volumes, written.Volumes)
	return g
}

func keep[T attr.Value](planned, before, written T) T {
	if planned.IsUnknown() && !written.IsUnknown() {
		return before
	}
	return planned
}

// variables are the written variables of the layer.
func (g nodeGroupModel) variables(ctx context.Context) (map[string]string, diag.Diagnostics) {
	return stringMap(ctx, g.Env)
}

// secrets are the written secret variables of a configuration's layer.
func (g nodeGroupModel) secrets(ctx context.Context) (map[string]string, diag.Diagnostics) {
	return stringMap(ctx, g.SecretEnvWO)
}

func stringMap(ctx context.Context, m types.Map) (map[string]string, diag.Diagnostics) {
	values := map[string]string{}
	if m.IsNull() || m.IsUnknown() {
		return values, nil
	}
	diags := m.ElementsAs(ctx, &values, false)
	return values, diags
}
