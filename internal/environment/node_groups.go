package environment

import (
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

type nodeGroupModel struct {
	NodeType           types.String `tfsdk:"node_type"`
	Count              types.Int64  `tfsdk:"count"`
	ReservedCloudlets  types.Int64  `tfsdk:"reserved_cloudlets"`
	DynamicCloudlets   types.Int64  `tfsdk:"dynamic_cloudlets"`
	DiskGB             types.Int64  `tfsdk:"disk_gb"`
	Tag                types.String `tfsdk:"tag"`
	Image              types.String `tfsdk:"image"`
	Registry           types.Object `tfsdk:"registry"`
	Env                types.Map    `tfsdk:"env"`
	SecretEnvWO        types.Map    `tfsdk:"secret_env_wo"`
	SecretEnvWOVersion types.Int64  `tfsdk:"secret_env_wo_version"`
	PublicIPv4Count    types.Int64  `tfsdk:"public_ipv4_count"`
	PublicIPv6Count    types.Int64  `tfsdk:"public_ipv6_count"`
	DisplayName        types.String `tfsdk:"display_name"`
	ScalingMode        types.String `tfsdk:"scaling_mode"`
	Links              types.Set    `tfsdk:"links"`
	Volumes            types.Map    `tfsdk:"volumes"`
}

type registryModel struct {
	URL               types.String `tfsdk:"url"`
	Username          types.String `tfsdk:"username"`
	PasswordWO        types.String `tfsdk:"password_wo"`
	PasswordWOVersion types.Int64  `tfsdk:"password_wo_version"`
}

type volumeModel struct {
	SourceNodeGroup types.String `tfsdk:"source_node_group"`
	SourceNodeID    types.Int64  `tfsdk:"source_node_id"`
	SourcePath      types.String `tfsdk:"source_path"`
	Protocol        types.String `tfsdk:"protocol"`
	ReadOnly        types.Bool   `tfsdk:"read_only"`
}

var (
	nodeGroupType = nodeGroupsAttribute().GetType().(types.MapType).ElemType.(types.ObjectType)
	registryType  = registryAttribute().GetType().(types.ObjectType)
	volumeType    = volumesAttribute().GetType().(types.MapType).ElemType
)

// noNodeGroup is a node group of which nothing is known. The zero value would not do: its collections have no type.
var noNodeGroup = nodeGroupModel{
	Registry:    types.ObjectNull(registryType.AttrTypes),
	Env:         types.MapNull(types.StringType),
	SecretEnvWO: types.MapNull(types.StringType),
	Links:       types.SetNull(types.StringType),
	Volumes:     types.MapNull(volumeType),
}

// layers are the node groups of a model by name; nil if they are null or unknown.
func (m resourceModel) layers(ctx context.Context) (map[string]nodeGroupModel, diag.Diagnostics) {
	if m.NodeGroups.IsNull() || m.NodeGroups.IsUnknown() {
		return nil, nil
	}
	layers := make(map[string]nodeGroupModel, len(m.NodeGroups.Elements()))
	for name, element := range m.NodeGroups.Elements() {
		object, ok := element.(types.Object)
		if !ok || object.IsNull() || object.IsUnknown() {
			// The framework has the words for it.
			return nil, m.NodeGroups.ElementsAs(ctx, &layers, false)
		}
		var group nodeGroupModel
		setFields(&group, object.Attributes())
		layers[name] = group
	}
	return layers, nil
}

func (m *resourceModel) setLayers(layers map[string]nodeGroupModel) diag.Diagnostics {
	if layers == nil {
		m.NodeGroups = types.MapNull(nodeGroupType)
		return nil
	}
	elements := make(map[string]attr.Value, len(layers))
	var diags diag.Diagnostics
	for name, group := range layers {
		object, d := types.ObjectValue(nodeGroupType.AttrTypes, attributesOf(group))
		diags.Append(d...)
		elements[name] = object
	}
	var d diag.Diagnostics
	m.NodeGroups, d = types.MapValue(nodeGroupType, elements)
	return append(diags, d...)
}

// setLayersIfManaged leaves node groups null that were never written.
func (m *resourceModel) setLayersIfManaged(layers map[string]nodeGroupModel) diag.Diagnostics {
	if layers == nil {
		return nil
	}
	return m.setLayers(layers)
}

// describeNodeGroups takes the layers that are managed from the platform's description, all of them if the environment
// has just been imported. What the platform does not tell is kept.
func (m *resourceModel) describeNodeGroups(ctx context.Context, env platform.Environment, imported bool) diag.Diagnostics {
	if m.NodeGroups.IsNull() && !imported || m.NodeGroups.IsUnknown() {
		return nil
	}
	managed, diags := m.layers(ctx)
	actual, d := nodeGroupsOf(ctx, env)
	diags.Append(d...)
	if len(actual) == 0 && imported {
		return diags
	}
	for name, group := range actual {
		before, ok := managed[name]
		if !ok && !imported {
			delete(actual, name)
			continue
		}
		if ok {
			group.Registry, group.Env, group.SecretEnvWOVersion = before.Registry, before.Env, before.SecretEnvWOVersion
			group.Volumes, d = asWritten(ctx, group.Volumes, before.Volumes)
			diags.Append(d...)
		} else {
			group.Volumes, d = asOneWrites(ctx, group.Volumes, env)
			diags.Append(d...)
		}
		actual[name] = group
	}
	diags.Append(m.setLayers(actual)...)
	return diags
}

// nodeGroupsOf describes the layers by their first node: nodes of a layer are alike.
func nodeGroupsOf(ctx context.Context, env platform.Environment) (map[string]nodeGroupModel, diag.Diagnostics) {
	var diags diag.Diagnostics
	groups := map[string]nodeGroupModel{}
	counts := map[string]int64{}
	for _, n := range env.Nodes {
		counts[n.NodeGroup]++
		if counts[n.NodeGroup] > 1 {
			continue
		}
		group := noNodeGroup
		group.NodeType = types.StringValue(n.NodeType)
		group.ReservedCloudlets = types.Int64Value(int64(n.ReservedCloudlets))
		group.DynamicCloudlets = types.Int64Value(int64(n.DynamicCloudlets))
		group.DiskGB = types.Int64Value(int64(n.DiskGB))
		group.Tag = text(n.Tag)
		group.Image = text(n.Image)
		group.PublicIPv4Count = types.Int64Value(int64(len(n.PublicIPv4)))
		group.PublicIPv6Count = types.Int64Value(int64(len(n.PublicIPv6)))
		var d diag.Diagnostics
		group.Links, d = types.SetValueFrom(ctx, types.StringType, list(n.Links))
		diags.Append(d...)
		group.Volumes, d = types.MapValueFrom(ctx, volumeType, volumesOf(env, n))
		diags.Append(d...)
		groups[n.NodeGroup] = group
	}
	for _, g := range env.NodeGroups {
		if group, ok := groups[g.Name]; ok {
			group.DisplayName = text(g.DisplayName)
			group.ScalingMode = text(strings.ToLower(g.ScalingMode))
			groups[g.Name] = group
		}
	}
	for name, group := range groups {
		group.Count = types.Int64Value(counts[name])
		groups[name] = group
	}
	return groups, diags
}

// volumesOf are the local volumes and the mounts of a layer, by path.
func volumesOf(env platform.Environment, n platform.Node) map[string]volumeModel {
	volumes := map[string]volumeModel{}
	for _, path := range n.Volumes {
		volumes[path] = volumeModel{}
	}
	for _, m := range env.Mounts {
		if m.NodeGroup != n.NodeGroup || m.Path == "" {
			continue
		}
		volume := volumeModel{
			SourceNodeGroup: text(m.SourceNodeGroup),
			SourcePath:      text(m.SourcePath),
			Protocol:        text(protocolNames[strings.ToUpper(m.Protocol)]),
		}
		if m.SourceNodeID != 0 {
			volume.SourceNodeID = types.Int64Value(m.SourceNodeID)
		}
		if m.ReadOnly {
			volume.ReadOnly = types.BoolValue(true)
		}
		volumes[m.Path] = volume
	}
	return volumes
}

// asWritten leaves out of the mounts what their writer left out: the platform tells the source's layer and its node,
// one of which is enough to name it.
func asWritten(ctx context.Context, now, before types.Map) (types.Map, diag.Diagnostics) {
	if now.IsNull() || before.IsNull() || before.IsUnknown() {
		return now, nil
	}
	var actual, written map[string]volumeModel
	diags := now.ElementsAs(ctx, &actual, false)
	diags.Append(before.ElementsAs(ctx, &written, false)...)
	for path, volume := range actual {
		was, ok := written[path]
		if !ok || was.Protocol.IsNull() {
			continue
		}
		if was.SourceNodeID.IsNull() {
			volume.SourceNodeID = types.Int64Null()
		}
		if was.SourceNodeGroup.IsNull() {
			volume.SourceNodeGroup = types.StringNull()
		}
		if !volume.ReadOnly.ValueBool() && !was.ReadOnly.ValueBool() {
			volume.ReadOnly = was.ReadOnly
		}
		actual[path] = volume
	}
	result, d := types.MapValueFrom(ctx, volumeType, actual)
	return result, append(diags, d...)
}

// asOneWrites names the sources of an imported layer's mounts as one writes them: a layer of the same environment by
// its name, which holds for whatever nodes it will have, and a node of another environment by its identifier.
func asOneWrites(ctx context.Context, now types.Map, env platform.Environment) (types.Map, diag.Diagnostics) {
	var volumes map[string]volumeModel
	diags := now.ElementsAs(ctx, &volumes, false)
	for path, volume := range volumes {
		i := slices.IndexFunc(env.Nodes, func(n platform.Node) bool { return n.ID == volume.SourceNodeID.ValueInt64() })
		switch {
		case volume.SourceNodeID.IsNull(), volume.SourceNodeGroup.IsNull():
		case i < 0:
			volume.SourceNodeGroup = types.StringNull()
		case env.Nodes[i].Master:
			volume.SourceNodeID = types.Int64Null()
		}
		volumes[path] = volume
	}
	result, d := types.MapValueFrom(ctx, volumeType, volumes)
	return result, append(diags, d...)
}

// protocolNames are the platform's names of protocols and ours.
var protocolNames = map[string]string{"NFS": "nfs", "NFS4": "nfs", "GLUSTER": "glusterfs", "GLUSTERFS": "glusterfs"}

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
