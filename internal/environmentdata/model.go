package environmentdata

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/nodegroup"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/tfvalue"
)

// dataModel is an environment in the data sources.
type dataModel struct {
	Name          types.String             `tfsdk:"name"`
	ID            types.String             `tfsdk:"id"`
	AppID         types.String             `tfsdk:"app_id"`
	DisplayName   types.String             `tfsdk:"display_name"`
	Status        types.String             `tfsdk:"status"`
	Region        types.String             `tfsdk:"region"`
	Datacenter    types.String             `tfsdk:"datacenter"`
	Domain        types.String             `tfsdk:"domain"`
	URL           types.String             `tfsdk:"url"`
	BuiltInSSL    bool                     `tfsdk:"built_in_ssl"`
	CustomDomains []string                 `tfsdk:"custom_domains"`
	Groups        []string                 `tfsdk:"groups"`
	OwnerUID      types.Int64              `tfsdk:"owner_uid"`
	CreatedAt     types.String             `tfsdk:"created_at"`
	NodeGroups    map[string]dataNodeGroup `tfsdk:"node_groups"`
	Nodes         []dataNode               `tfsdk:"nodes"`
	Endpoints     []nodegroup.Endpoint     `tfsdk:"endpoints"`
}

type dataNodeGroup struct {
	NodeType          types.String                `tfsdk:"node_type"`
	DisplayName       types.String                `tfsdk:"display_name"`
	Count             int64                       `tfsdk:"count"`
	ReservedCloudlets int64                       `tfsdk:"reserved_cloudlets"`
	DynamicCloudlets  int64                       `tfsdk:"dynamic_cloudlets"`
	DiskGB            int64                       `tfsdk:"disk_gb"`
	Tag               types.String                `tfsdk:"tag"`
	Image             types.String                `tfsdk:"image"`
	PublicIPv4Count   int64                       `tfsdk:"public_ipv4_count"`
	PublicIPv6Count   int64                       `tfsdk:"public_ipv6_count"`
	ScalingMode       types.String                `tfsdk:"scaling_mode"`
	Links             []string                    `tfsdk:"links"`
	Volumes           map[string]nodegroup.Volume `tfsdk:"volumes"`
}

type dataNode struct {
	nodegroup.Node
	Status types.String `tfsdk:"status"`
}

// describeData converts the platform's environment into a model.
func describeData(env platform.Environment, catalog migration.RegionCatalog) dataModel {
	m := dataModel{
		Name:          types.StringValue(env.Name),
		ID:            types.StringValue(env.Name),
		AppID:         tfvalue.StringOrNull(env.AppID),
		DisplayName:   tfvalue.StringOrNull(env.DisplayName),
		Status:        types.StringValue(migration.Describe(env).Status.String()),
		Region:        tfvalue.StringOrNull(env.Region),
		Domain:        tfvalue.StringOrNull(env.Domain),
		URL:           tfvalue.StringOrNull(env.URL()),
		BuiltInSSL:    env.BuiltInSSL,
		CustomDomains: tfvalue.EmptyIfNil(env.CustomDomains),
		Groups:        tfvalue.EmptyIfNil(env.Groups),
		NodeGroups:    dataNodeGroupsOf(env),
		Nodes:         []dataNode{},
		Endpoints:     nodegroup.EndpointsFromPlatform(env),
	}
	if region, ok := catalog.Region(env.Region); ok {
		m.Datacenter = tfvalue.StringOrNull(region.Datacenter)
	}
	if env.OwnerUID != 0 {
		m.OwnerUID = types.Int64Value(env.OwnerUID)
	}
	if !env.CreatedAt.IsZero() {
		m.CreatedAt = tfvalue.Timestamp(env.CreatedAt)
	}
	for i, node := range nodegroup.NodesFromPlatform(env) {
		m.Nodes = append(m.Nodes, dataNode{Node: node, Status: types.StringValue(env.Nodes[i].Status.String())})
	}
	return m
}

// dataNodeGroupsOf describes a node group by its first node, because all of its nodes are alike.
func dataNodeGroupsOf(env platform.Environment) map[string]dataNodeGroup {
	nodeGroups := map[string]dataNodeGroup{}
	for _, g := range env.NodesByGroup() {
		n := g.Nodes[0]
		nodeGroups[g.Group.Name] = dataNodeGroup{
			DisplayName:       tfvalue.StringOrNull(g.Group.DisplayName),
			ScalingMode:       tfvalue.StringOrNull(strings.ToLower(g.Group.ScalingMode)),
			NodeType:          tfvalue.StringOrNull(n.NodeType),
			Count:             int64(len(g.Nodes)),
			ReservedCloudlets: int64(n.ReservedCloudlets),
			DynamicCloudlets:  int64(n.DynamicCloudlets),
			DiskGB:            int64(n.DiskGB),
			Tag:               tfvalue.StringOrNull(n.Tag),
			Image:             tfvalue.StringOrNull(n.Image),
			PublicIPv4Count:   int64(len(n.PublicIPv4)),
			PublicIPv6Count:   int64(len(n.PublicIPv6)),
			Links:             tfvalue.EmptyIfNil(n.Links),
			Volumes:           nodegroup.VolumesFromPlatform(env, n),
		}
	}
	return nodeGroups
}
