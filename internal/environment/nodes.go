package environment

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/tfvalue"
)

type nodeModel struct {
	ID         int64        `tfsdk:"id"`
	NodeGroup  types.String `tfsdk:"node_group"`
	NodeType   types.String `tfsdk:"node_type"`
	InternalIP types.String `tfsdk:"internal_ip"`
	PublicIPv4 []string     `tfsdk:"public_ipv4"`
	PublicIPv6 []string     `tfsdk:"public_ipv6"`
	URL        types.String `tfsdk:"url"`
	Master     bool         `tfsdk:"master"`
}

func nodesOf(env platform.Environment) []nodeModel {
	nodes := []nodeModel{}
	for _, n := range env.Nodes {
		nodes = append(nodes, nodeModel{
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

func nodesValue(nodes []nodeModel) (types.List, diag.Diagnostics) {
	elements := make([]attr.Value, len(nodes))
	for i, n := range nodes {
		elements[i] = types.ObjectValueMust(nodeType.AttrTypes, map[string]attr.Value{
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
	return types.ListValue(nodeType, elements)
}

type endpointModel struct {
	ID          int64        `tfsdk:"id"`
	NodeID      int64        `tfsdk:"node_id"`
	Name        types.String `tfsdk:"name"`
	Domain      types.String `tfsdk:"domain"`
	PublicPort  int64        `tfsdk:"public_port"`
	PrivatePort int64        `tfsdk:"private_port"`
	Protocol    types.String `tfsdk:"protocol"`
}

func endpointsOf(env platform.Environment) []endpointModel {
	endpoints := []endpointModel{}
	for _, n := range env.Nodes {
		for _, e := range n.Endpoints {
			endpoints = append(endpoints, endpointModel{
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

// nodesIn are the nodes of a list; none if it is null or unknown.
func nodesIn(ctx context.Context, all types.List) ([]nodeModel, diag.Diagnostics) {
	if all.IsNull() || all.IsUnknown() {
		return nil, nil
	}
	var nodes []nodeModel
	diags := all.ElementsAs(ctx, &nodes, false)
	return nodes, diags
}

// The types of the elements, taken from the schema so that they are written down once.
var (
	nodeType     = nodesAttribute().GetType().(types.ListType).ElemType.(types.ObjectType)
	endpointType = endpointsAttribute().GetType().(types.ListType).ElemType
)
