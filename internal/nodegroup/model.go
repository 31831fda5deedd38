// Package nodegroup implements the node groups of an environment and their nodes: schema, model, differences, and
// requests to the platform.
package nodegroup

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/diagutil"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/tfvalue"
)

// Model is a node group in configuration, plan and state.
type Model struct {
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

type registry struct {
	URL               types.String `tfsdk:"url"`
	Username          types.String `tfsdk:"username"`
	PasswordWO        types.String `tfsdk:"password_wo"`
	PasswordWOVersion types.Int64  `tfsdk:"password_wo_version"`
}

// Volume is a local volume or a mount; its key in the map is the path.
type Volume struct {
	SourceNodeGroup types.String `tfsdk:"source_node_group"`
	SourceNodeID    types.Int64  `tfsdk:"source_node_id"`
	SourcePath      types.String `tfsdk:"source_path"`
	Protocol        types.String `tfsdk:"protocol"`
	ReadOnly        types.Bool   `tfsdk:"read_only"`
}

var (
	objectType   = Attribute().GetType().(types.MapType).ElemType.(types.ObjectType)
	registryType = registryAttribute().GetType().(types.ObjectType)
	volumeType   = VolumesAttribute().GetType().(types.MapType).ElemType
)

// Empty returns a node group without any values. The zero value does not work, because its collections have no type.
var Empty = Model{
	Registry:    types.ObjectNull(registryType.AttrTypes),
	Env:         types.MapNull(types.StringType),
	SecretEnvWO: types.MapNull(types.StringType),
	Links:       types.SetNull(types.StringType),
	Volumes:     types.MapNull(volumeType),
}

// FromMap returns the node groups of a map by name, without those that are wholly
// unknown; nil if the map is null or unknown.
func FromMap(all types.Map) (map[string]Model, diag.Diagnostics) {
	if all.IsNull() || all.IsUnknown() {
		return nil, nil
	}
	var diags diag.Diagnostics
	groups := make(map[string]Model, len(all.Elements()))
	for name, element := range all.Elements() {
		object, ok := element.(types.Object)
		switch {
		case !ok || object.IsNull():
			at := path.Root("node_groups").AtMapKey(name)
			diags.AddAttributeError(at, "Null value", fmt.Sprintf("%s is null. Leave out the layer, or write what it is.", at)+
				diagutil.NothingChanged)
		case !object.IsUnknown():
			var group Model
			tfvalue.SetFields(&group, object.Attributes())
			groups[name] = group
		}
	}
	return groups, diags
}

// UnknownNames returns the names of the node groups that are wholly unknown, such as an
// output of a module that is not applied yet.
func UnknownNames(all types.Map) []string {
	var names []string
	for name, element := range all.Elements() {
		if element.IsUnknown() {
			names = append(names, name)
		}
	}
	return names
}

// PlanUnknown returns the node groups, with those that are wholly unknown in the configuration as a plan shows them.
func PlanUnknown(planned, config types.Map) (types.Map, diag.Diagnostics) {
	unknown := UnknownNames(config)
	if len(unknown) == 0 {
		return planned, nil
	}
	groups, diags := FromMap(planned)
	all, d := ToMap(Without(groups, unknown), unknown...)
	return all, append(diags, d...)
}

// Without returns the node groups except those with these names.
func Without(groups map[string]Model, names []string) map[string]Model {
	if len(names) == 0 {
		return groups
	}
	rest := maps.Clone(groups)
	maps.DeleteFunc(rest, func(name string, _ Model) bool { return slices.Contains(names, name) })
	return rest
}

// unknownGroup is a node group whose values are all unknown. It is not wholly unknown, because a
// plan must set write-only attributes to null.
var unknownGroup = func() types.Object {
	attributes := make(map[string]attr.Value, len(objectType.AttrTypes))
	for name, t := range objectType.AttrTypes {
		attributes[name], _ = t.ValueFromTerraform(context.Background(),
			tftypes.NewValue(t.TerraformType(context.Background()), tftypes.UnknownValue))
	}
	attributes["secret_env_wo"] = types.MapNull(types.StringType)
	return types.ObjectValueMust(objectType.AttrTypes, attributes)
}()

// ToMap is the reverse of FromMap and UnknownNames.
func ToMap(groups map[string]Model, unknown ...string) (types.Map, diag.Diagnostics) {
	if groups == nil {
		return types.MapNull(objectType), nil
	}
	elements := make(map[string]attr.Value, len(groups)+len(unknown))
	var diags diag.Diagnostics
	for name, group := range groups {
		object, d := types.ObjectValue(objectType.AttrTypes, tfvalue.AttributesOf(group))
		diags.Append(d...)
		elements[name] = object
	}
	for _, name := range unknown {
		elements[name] = unknownGroup
	}
	all, d := types.MapValue(objectType, elements)
	return all, append(diags, d...)
}

// Refresh updates the node groups of a model from the platform: the managed ones, or all of them after an import.
// Values that the platform does not report stay as they are.
func Refresh(
	ctx context.Context, current types.Map, env platform.Environment, imported bool,
) (types.Map, diag.Diagnostics) {
	if current.IsNull() && !imported || current.IsUnknown() {
		return current, nil
	}
	managed, diags := FromMap(current)
	actual, d := FromPlatform(ctx, env)
	diags.Append(d...)
	if len(actual) == 0 && imported {
		return current, diags
	}
	for name, group := range actual {
		before, ok := managed[name]
		if !ok && !imported {
			delete(actual, name)
			continue
		}
		if ok {
			group.Registry, group.Env, group.SecretEnvWOVersion = before.Registry, before.Env, before.SecretEnvWOVersion
			group.Volumes, d = keepConfigured(ctx, group.Volumes, before.Volumes)
			diags.Append(d...)
		} else {
			if group.NodeType.ValueString() != dockerType {
				group.Image = types.StringNull() // a configuration must not set it
			}
			group.Volumes, d = normalizeImported(ctx, group.Volumes, env)
			diags.Append(d...)
		}
		actual[name] = group
	}
	all, d := ToMap(actual)
	return all, append(diags, d...)
}

// FillUnknowns fills unknown values of planned node groups with the platform's.
func FillUnknowns(all types.Map, actual map[string]Model) (types.Map, diag.Diagnostics) {
	planned, diags := FromMap(all)
	if planned == nil {
		return all, diags
	}
	for name, group := range planned {
		made, ok := actual[name]
		if !ok {
			made = Empty
		}
		planned[name] = group.FillUnknown(made, Empty)
	}
	filled, d := ToMap(planned)
	return filled, append(diags, d...)
}

// FromPlatform describes each node group by its first node: the nodes of a node group are alike.
func FromPlatform(ctx context.Context, env platform.Environment) (map[string]Model, diag.Diagnostics) {
	var diags diag.Diagnostics
	groups := map[string]Model{}
	for _, g := range env.NodesByGroup() {
		n := g.Nodes[0]
		group := Empty
		group.NodeType = types.StringValue(n.NodeType)
		group.Count = types.Int64Value(int64(len(g.Nodes)))
		group.ReservedCloudlets = types.Int64Value(int64(n.ReservedCloudlets))
		group.DynamicCloudlets = types.Int64Value(int64(n.DynamicCloudlets))
		group.DiskGB = types.Int64Value(int64(n.DiskGB))
		group.Tag = tfvalue.StringOrNull(n.Tag)
		group.Image = tfvalue.StringOrNull(n.Image)
		group.PublicIPv4Count = types.Int64Value(int64(len(n.PublicIPv4)))
		group.PublicIPv6Count = types.Int64Value(int64(len(n.PublicIPv6)))
		group.DisplayName = tfvalue.StringOrNull(g.Group.DisplayName)
		group.ScalingMode = tfvalue.StringOrNull(strings.ToLower(g.Group.ScalingMode))
		var d diag.Diagnostics
		group.Links, d = types.SetValueFrom(ctx, types.StringType, tfvalue.EmptyIfNil(n.Links))
		diags.Append(d...)
		group.Volumes, d = types.MapValueFrom(ctx, volumeType, VolumesFromPlatform(env, n))
		diags.Append(d...)
		groups[g.Group.Name] = group
	}
	return groups, diags
}

// VolumesFromPlatform returns the local volumes and the mounts of a node group, by path.
func VolumesFromPlatform(env platform.Environment, n platform.Node) map[string]Volume {
	volumes := map[string]Volume{}
	for _, path := range n.Volumes {
		volumes[path] = Volume{}
	}
	for _, m := range env.Mounts {
		if m.NodeGroup != n.NodeGroup || m.Path == "" {
			continue
		}
		volume := Volume{
			SourceNodeGroup: tfvalue.StringOrNull(m.SourceNodeGroup),
			SourcePath:      tfvalue.StringOrNull(m.SourcePath),
			Protocol:        tfvalue.StringOrNull(protocolNames[strings.ToUpper(m.Protocol)]),
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

// keepConfigured removes from mounts what the configuration leaves out: the platform reports both the source's node
// group and its node, one of which is enough.
func keepConfigured(ctx context.Context, now, before types.Map) (types.Map, diag.Diagnostics) {
	if len(now.Elements()) == 0 || len(before.Elements()) == 0 {
		return now, nil
	}
	var actual, written map[string]Volume
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

// normalizeImported names the sources of an imported node group's mounts as people would: a node group of the same
// environment by name, which stays valid when its nodes change, and a node of another environment by ID.
func normalizeImported(ctx context.Context, now types.Map, env platform.Environment) (types.Map, diag.Diagnostics) {
	var volumes map[string]Volume
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

// protocolNames maps the platform's names of protocols to ours.
var protocolNames = map[string]string{"NFS": "nfs", "NFS4": "nfs", "GLUSTER": "glusterfs", "GLUSTERFS": "glusterfs"}
