package nodegroup

import (
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// NodesAttribute describes the nodes of an environment.
func NodesAttribute() schema.ListNestedAttribute {
	return schema.ListNestedAttribute{
		MarkdownDescription: "The nodes of the environment, sorted by layer and then by ID. Unknown in the plan of a " +
			"migration that changes addresses, so that Terraform updates everything that refers to an address in the same run.",
		Computed: true,
		NestedObject: schema.NestedAttributeObject{
			Attributes: map[string]schema.Attribute{
				"id": schema.Int64Attribute{MarkdownDescription: "The ID of the node, for example `50123`.",
					Computed: true},
				"node_group": schema.StringAttribute{MarkdownDescription: "The name of the layer, for example `cp`.",
					Computed: true},
				"node_type": schema.StringAttribute{MarkdownDescription: "The keyword of the stack, for example `nginx`.",
					Computed: true},
				"internal_ip": schema.StringAttribute{MarkdownDescription: "The internal address, for example `10.1.0.4`.",
					Computed: true},
				"public_ipv4": schema.ListAttribute{MarkdownDescription: "The public IPv4 addresses: the primary address first, " +
					"then the others in order.", ElementType: types.StringType, Computed: true},
				"public_ipv6": schema.ListAttribute{MarkdownDescription: "The public IPv6 addresses: the primary address first, " +
					"then the others in order.", ElementType: types.StringType, Computed: true},
				"url": schema.StringAttribute{MarkdownDescription: "The URL of the node, " +
					"which contains the environment's domain.", Computed: true},
				"master": schema.BoolAttribute{MarkdownDescription: "Whether the node is the master of its layer.", Computed: true},
			},
		},
	}
}

// EndpointsAttribute describes the endpoints of an environment.
func EndpointsAttribute() schema.ListNestedAttribute {
	return schema.ListNestedAttribute{
		MarkdownDescription: "The endpoints: ports of nodes that are open to the outside under the environment's domain, " +
			"sorted by node and ID. Unknown in the plan of a migration that changes the domain.",
		Computed: true,
		NestedObject: schema.NestedAttributeObject{
			Attributes: map[string]schema.Attribute{
				"id":      schema.Int64Attribute{MarkdownDescription: "The ID of the endpoint.", Computed: true},
				"node_id": schema.Int64Attribute{MarkdownDescription: "The ID of the node.", Computed: true},
				"name": schema.StringAttribute{MarkdownDescription: "The name of the endpoint, for example `SSH`.",
					Computed: true},
				"domain":       schema.StringAttribute{MarkdownDescription: "The host name to connect to.", Computed: true},
				"public_port":  schema.Int64Attribute{MarkdownDescription: "The port to connect to.", Computed: true},
				"private_port": schema.Int64Attribute{MarkdownDescription: "The port of the node.", Computed: true},
				"protocol":     schema.StringAttribute{MarkdownDescription: "`TCP` or `UDP`.", Computed: true},
			},
		},
	}
}
