package environmentdata

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/nodegroup"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// statuses are the values of status that the platform documents.
var statuses = []platform.Status{
	platform.StatusRunning, platform.StatusStopped, platform.StatusSleeping, platform.StatusSuspended,
	platform.StatusBroken,
	platform.StatusLaunching, platform.StatusStopping, platform.StatusGoingToSleep, platform.StatusCreating,
	platform.StatusCloning,
	platform.StatusExporting, platform.StatusMigrating, platform.StatusUpdating, platform.StatusRestoring,
	platform.StatusGone,
}

func statusNames() []string {
	names := make([]string, len(statuses))
	for i, s := range statuses {
		names[i] = s.String()
	}
	return names
}

// dataAttributes are an environment's attributes in the data sources.
func dataAttributes() map[string]schema.Attribute {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
	return map[string]schema.Attribute{
		"name":         text("The name of the environment, for example `shop-prod`."),
		"id":           text("The ID of the environment, which is its name."),
		"app_id":       text("The platform's internal ID of the environment: 32 hexadecimal digits."),
		"display_name": text("The name in the dashboard. Null if there is none."),
		"status": text("What the environment is doing: `" + strings.Join(statusNames(), "`, `") +
			"`, or `unknown (n)` for a number that the provider does not know. `suspended` means that the platform " +
			"itself stopped the environment."),
		"region": text("The unique name of the environment's region."),
		"datacenter": text("The unique name of the region's data centre. " +
			"Null if the platform does not list the region for this account."),
		"domain": text("The host name of the environment, for example `shop-prod.north.example.com`."),
		"url": text("The URL of the environment, for example `http://shop-prod.north.example.com`. " +
			"It starts with `https` if `built_in_ssl` is on."),
		"built_in_ssl": schema.BoolAttribute{
			MarkdownDescription: "Whether the platform's own certificate enables HTTPS for the environment's domain.",
			Computed:            true,
		},
		"custom_domains": schema.SetAttribute{
			MarkdownDescription: "The custom domains that are bound to the environment, for example `[\"www.example.com\"]`.",
			ElementType:         types.StringType,
			Computed:            true,
		},
		"groups": schema.SetAttribute{
			MarkdownDescription: "The environment groups of the environment, with `/` between levels.",
			ElementType:         types.StringType,
			Computed:            true,
		},
		"owner_uid": schema.Int64Attribute{
			MarkdownDescription: "The number of the account that owns the environment. It differs from the token's account " +
				"if another account shares the environment. Null if the platform does not report it.",
			Computed: true,
		},
		"created_at": text("The time of creation in UTC (RFC 3339). Null if the platform does not report it."),
		"node_groups": schema.MapNestedAttribute{
			MarkdownDescription: "The node groups of the environment, by the name of their layer, " +
				"for example `cp`, `bl` or `sqldb`.",
			Computed:     true,
			NestedObject: schema.NestedAttributeObject{Attributes: dataNodeGroupAttributes()},
		},
		"nodes": schema.ListNestedAttribute{
			MarkdownDescription: "The nodes of the environment, sorted by layer and then by ID.",
			Computed:            true,
			NestedObject:        schema.NestedAttributeObject{Attributes: nodeAttributes()},
		},
		"endpoints": schema.ListNestedAttribute{
			MarkdownDescription: "The endpoints: " +
				"ports of nodes that are open to the outside under the environment's domain, sorted by node and ID.",
			Computed: true,
			NestedObject: schema.NestedAttributeObject{Attributes: mirrored(
				nodegroup.EndpointsAttribute().NestedObject.Attributes, true)},
		},
	}
}

func dataNodeGroupAttributes() map[string]schema.Attribute {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
	number := func(description string) schema.Int64Attribute {
		return schema.Int64Attribute{MarkdownDescription: description, Computed: true}
	}
	return map[string]schema.Attribute{
		"node_type":    text("The keyword of the stack, for example `nginx`."),
		"display_name": text("The name of the layer in the dashboard. Null if there is none."),
		"count":        number("The number of nodes in the layer."),
		"reserved_cloudlets": number("The number of cloudlets (128 MiB of memory and 400 MHz of processor each) that " +
			"are reserved for each node and always charged."),
		"dynamic_cloudlets": number("The maximum number of cloudlets of each node, reserved cloudlets included."),
		"disk_gb":           number("The disk limit of each node in GB."),
		"tag": text("The version of the stack or the tag of the image. " +
			"Null if the platform does not report it."),
		"image":             text("The container image without the tag. Null if the layer does not use an image."),
		"public_ipv4_count": number("The number of public IPv4 addresses of each node."),
		"public_ipv6_count": number("The number of public IPv6 addresses of each node."),
		"scaling_mode": text("What a new node of the layer starts from: " +
			"a fresh image (`stateless`) or a copy of the master (`stateful`). Null if the platform does not report it."),
		"links": schema.SetAttribute{
			MarkdownDescription: "Layers whose addresses the nodes get as variables, in the form `layer:alias`, " +
				"for example `[\"sqldb:db\"]`.",
			ElementType: types.StringType,
			Computed:    true,
		},
		"volumes": schema.MapNestedAttribute{
			MarkdownDescription: "Directories of the nodes that keep their data across redeployments, by path. " +
				"A volume with a source mounts a directory of another node.",
			Computed: true,
			NestedObject: schema.NestedAttributeObject{Attributes: mirrored(nodegroup.VolumesAttribute().NestedObject.Attributes,
				true)},
		},
	}
}

func nodeAttributes() map[string]schema.Attribute {
	attributes := mirrored(nodegroup.NodesAttribute().NestedObject.Attributes, true)
	attributes["status"] = schema.StringAttribute{
		MarkdownDescription: "What the node is doing, with the values of the environment's `status`. " +
			"If the platform does not report it, the environment's `status`.",
		Computed: true,
	}
	return attributes
}
