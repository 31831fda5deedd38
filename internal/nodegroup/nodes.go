package nodegroup

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/tfvalue"
)

// Node is a node in state and data sources.
type Node struct {
	ID         int64        `tfsdk:"id"`
	NodeGroup  types.String `tfsdk:"node_group"`
	NodeType   types.String `tfsdk:"node_type"`
	InternalIP types.String `tfsdk:"internal_ip"`
	PublicIPv4 []string     `tfsdk:"public_ipv4"`
	PublicIPv6 []string     `tfsdk:"public_ipv6"`
	URL        types.String `tfsdk:"url"`
	Master     bool         `tfsdk:"master"`
}

// NodesFromPlatform returns the nodes of an environment.
func NodesFromPlatform(env platform.Environment) []Node {
	nodes := []Node{}
	for _, n := range env.Nodes {
		nodes = append(nodes, Node{
			ID:         n.ID,
			NodeGroup:  tfvalue.StringOrNull(n.NodeGroup),
			NodeType:   tfvalue.StringOrNull(n.NodeType),
			InternalIP: tfvalue.StringOrNull(n.InternalIP),
			PublicIPv4: tfvalue.EmptyIfNil(n.PublicIPv4),
			PublicIPv6: tfvalue.EmptyIfNil(n.PublicIPv6),
			URL:        tfvalue.StringOrNull(n.URL),
			Master:     n.Master,
		})
	}
	return nodes
}

// NodesToList is the reverse of NodesFromList.
func NodesToList(nodes []Node) (types.List, diag.Diagnostics) {
	elements := make([]attr.Value, len(nodes))
	for i, n := range nodes {
		elements[i] = types.ObjectValueMust(NodeType.AttrTypes, map[string]attr.Value{
			"id":          types.Int64Value(n.ID),
			"node_group":  n.NodeGroup,
			"node_type":   n.NodeType,
			"internal_ip": n.InternalIP,
			"public_ipv4": tfvalue.StringList(n.PublicIPv4),
			"public_ipv6": tfvalue.StringList(n.PublicIPv6),
			"url":         n.URL,
			"master":      types.BoolValue(n.Master),
		})
	}
	return types.ListValue(NodeType, elements)
}

// Endpoint is an endpoint in state and data sources.
type Endpoint struct {
	ID          int64        `tfsdk:"id"`
	NodeID      int64        `tfsdk:"node_id"`
	Name        types.String `tfsdk:"name"`
	Domain      types.String `tfsdk:"domain"`
	PublicPort  int64        `tfsdk:"public_port"`
	PrivatePort int64        `tfsdk:"private_port"`
	Protocol    types.String `tfsdk:"protocol"`
}

// EndpointsFromPlatform returns the endpoints of all nodes of an environment.
func EndpointsFromPlatform(env platform.Environment) []Endpoint {
	endpoints := []Endpoint{}
	for _, n := range env.Nodes {
		for _, e := range n.Endpoints {
			endpoints = append(endpoints, Endpoint{
				ID:          e.ID,
				NodeID:      n.ID,
				Name:        tfvalue.StringOrNull(e.Name),
				Domain:      tfvalue.StringOrNull(e.Domain),
				PublicPort:  int64(e.PublicPort),
				PrivatePort: int64(e.PrivatePort),
				Protocol:    tfvalue.StringOrNull(e.Protocol),
			})
		}
	}
	return endpoints
}

// NodesFromList returns the nodes of a list; none if it is null or unknown.
func NodesFromList(ctx context.Context, all types.List) ([]Node, diag.Diagnostics) {
	if all.IsNull() || all.IsUnknown() {
		return nil, nil
	}
	var nodes []Node
	diags := all.ElementsAs(ctx, &nodes, false)
	return nodes, diags
}

// The types of the elements, taken from the schema so that they are defined only once.
var (
	NodeType     = NodesAttribute().GetType().(types.ListType).ElemType.(types.ObjectType)
	EndpointType = EndpointsAttribute().GetType().(types.ListType).ElemType
)

// PlatformNodes returns the nodes of a list as the platform would describe them, as far as the list tells.
func PlatformNodes(ctx context.Context, all types.List) ([]platform.Node, diag.Diagnostics) {
	models, diags := NodesFromList(ctx, all)
	nodes := make([]platform.Node, len(models))
	for i, n := range models {
		nodes[i] = platform.Node{
			ID:         n.ID,
			NodeGroup:  n.NodeGroup.ValueString(),
			NodeType:   n.NodeType.ValueString(),
			InternalIP: n.InternalIP.ValueString(),
			PublicIPv4: n.PublicIPv4,
			PublicIPv6: n.PublicIPv6,
			URL:        n.URL.ValueString(),
			Master:     n.Master,
		}
	}
	return nodes, diags
}
