package nodegroup

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

// Spec returns the request for a node group. For an existing one it contains only changes, so that it does not revert
// what the platform changes by itself, such as autoscaling.
func (c Change) Spec(ctx context.Context, written Model) (platform.NodeGroupSpec, diag.Diagnostics) {
	spec, diags := c.After.Spec(ctx, c.Name, written)
	if c.Replaced() {
		variables, d := c.After.Variables(ctx)
		diags.Append(d...)
		secrets, d := written.Secrets(ctx)
		diags.Append(d...)
		spec.Env = MergeVariables(variables, secrets)
		return spec, diags
	}
	clearUnless(Differ(c.Before.Count, c.After.Count), &spec.Count)
	clearUnless(Differ(c.Before.ReservedCloudlets, c.After.ReservedCloudlets), &spec.ReservedCloudlets)
	clearUnless(Differ(c.Before.DynamicCloudlets, c.After.DynamicCloudlets), &spec.DynamicCloudlets)
	clearUnless(Differ(c.Before.DiskGB, c.After.DiskGB), &spec.DiskGB)
	// Image and tag form one reference: neither is complete without the other.
	clearUnless(Differ(c.Before.Tag, c.After.Tag) || Differ(c.Before.Image, c.After.Image), &spec.Tag)
	clearUnless(Differ(c.Before.Tag, c.After.Tag) || Differ(c.Before.Image, c.After.Image), &spec.Image)
	clearUnless(Differ(c.Before.ScalingMode, c.After.ScalingMode), &spec.ScalingMode)
	clearUnless(Differ(c.Before.Links, c.After.Links), &spec.Links)
	clearUnless(Differ(c.Before.Volumes, c.After.Volumes), &spec.Volumes)
	clearUnless(Differ(c.Before.Volumes, c.After.Volumes), &spec.Mounts)
	// These have their own calls.
	spec.PublicIPv4Count, spec.PublicIPv6Count, spec.DisplayName = 0, 0, ""
	return spec, diags
}

func clearUnless[T any](keep bool, field *T) {
	if !keep {
		*field = *new(T)
	}
}

// MergeVariables returns nil if both are empty.
func MergeVariables(variables, secrets map[string]string) map[string]string {
	all := maps.Clone(variables)
	maps.Copy(all, secrets)
	if len(all) == 0 {
		return nil
	}
	return all
}

// nodeGroupOrder is the order in which requests pass through the platform's predefined node groups.
var nodeGroupOrder = []string{"bl", "cp", "cache", "sqldb", "nosqldb", "storage", "build", "vps", "docker"}

// IsPlatformName reports whether a name is that of one of the platform's predefined node groups.
func IsPlatformName(name string) bool { return slices.Contains(nodeGroupOrder, name) }

// CompareNames gives node groups a fixed order: the platform's predefined ones first, the others by name.
func CompareNames(a, b string) int {
	rank := func(name string) int {
		if i := slices.Index(nodeGroupOrder, name); i >= 0 {
			return i
		}
		return len(nodeGroupOrder)
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b))
}

// Spec returns the request for the node group. It leaves unknown values to the platform. The
// registry's password is only in the configuration.
func (g Model) Spec(ctx context.Context, name string, config Model) (platform.NodeGroupSpec, diag.Diagnostics) {
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
		var volumes map[string]Volume
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
		var registry registry
		diags.Append(config.Registry.As(ctx, &registry, basetypes.ObjectAsOptions{})...)
		spec.RegistryURL, spec.RegistryUser, spec.RegistryPassword =
			registry.URL.ValueString(), registry.Username.ValueString(), registry.PasswordWO.ValueString()
	}
	return spec, diags
}

var wireProtocols = map[string]string{"nfs": "NFS", "glusterfs": "GLUSTER"}

// FillUnknown returns the node group with the previous values where the plan has none because the configuration sets
// none.
func (g Model) FillUnknown(before, written Model) Model {
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

// Variables returns the configured variables of the node group.
func (g Model) Variables(ctx context.Context) (map[string]string, diag.Diagnostics) {
	return stringMap(ctx, g.Env)
}

// Secrets returns the secret variables in a configuration's node group.
func (g Model) Secrets(ctx context.Context) (map[string]string, diag.Diagnostics) {
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
