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
	platform.StatusRunning, platform.StatusStopped, platform.StatusSleeping, platform.StatusSuspended, platform.StatusBroken,
	platform.StatusLaunching, platform.StatusStopping, platform.StatusGoingToSleep, platform.StatusCreating, platform.StatusCloning,
	platform.StatusExporting, platform.StatusMigrating, platform.StatusUpdating, platform.StatusRestoring, platform.StatusGone,
}

func statusNames() []string {
	names := make([]string, len(statuses))
	for i, s := range statuses {
		names[i] = s.String()
	}
	return names
}

// dataAttributes are an environment's attributes as the data sources show them.
func dataAttributes() map[string]schema.Attribute {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
	return map[string]schema.Attribute{
		"name":         text("The name of the environment, for example `shop-prod`."),
		"id":           text("The name of the environment, which is its identifier."),
		"app_id":       text("The platform's internal identifier of the environment: 32 hexadecimal digits."),
		"display_name": text("The name that the dashboard shows; null if there is none."),
		"status": text("What the environment is doing: `" + strings.Join(statusNames(), "`, `") +
			"`, or `unknown (n)` for a number that the provider does not know. `suspended` is how the platform calls what it stopped itself."),
		"region": text("The unique name of the region in which the environment is."),
		"datacenter": text("The unique name of the data centre to which the region belongs; null if the platform does not list the region " +
			"for this account."),
		"domain": text("The host name under which the environment is reached, for example `shop-prod.north.example.com`."),
		"url": text("The address of the environment, for example `http://shop-prod.north.example.com`; `https` if the platform's built-in " +
			"SSL is on."),
		"built_in_ssl": schema.BoolAttribute{
			MarkdownDescription: "Whether the platform's own certificate makes the environment's domain reachable by HTTPS.",
			Computed:            true,
		},
		"custom_domains": schema.SetAttribute{
			MarkdownDescription: "The custom domains that are bound to the environment, for example `[\"www.example.com\"]`.",
			ElementType:         types.StringType,
			Computed:            true,
		},
		"groups": schema.SetAttribute{
			MarkdownDescription: "The environment groups to which the environment belongs; levels are separated by `/`.",
			ElementType:         types.StringType,
			Computed:            true,
		},
		"owner_uid": schema.Int64Attribute{
			MarkdownDescription: "The number of the account that owns the environment, which another one than the token's has shared if they differ; " +
				"null if the platform does not tell.",
			Computed: true,
		},
		"created_at": text("When the environment was created, in UTC as RFC 3339; null if the platform does not tell."),
		"node_groups": schema.MapNestedAttribute{
			MarkdownDescription: "The layers of the environment: node groups by their layer's name, such as `cp`, `bl` or `sqldb`.",
			Computed:            true,
			NestedObject:        schema.NestedAttributeObject{Attributes: layerAttributes()},
		},
		"nodes": schema.ListNestedAttribute{
			MarkdownDescription: "The nodes of the environment, ordered by layer and then by identifier.",
			Computed:            true,
			NestedObject:        schema.NestedAttributeObject{Attributes: nodeAttributes()},
		},
		"endpoints": schema.ListNestedAttribute{
			MarkdownDescription: "The endpoints: ports of nodes that are reachable from outside under the environment's domain, ordered by node and identifier.",
			Computed:            true,
			NestedObject:        schema.NestedAttributeObject{Attributes: mirrored(nodegroup.EndpointsAttribute().NestedObject.Attributes, true)},
		},
	}
}

func layerAttributes() map[string]schema.Attribute {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
	number := func(description string) schema.Int64Attribute {
		return schema.Int64Attribute{MarkdownDescription: description, Computed: true}
	}
	return map[string]schema.Attribute{
		"node_type":          text("The keyword of the stack from which the nodes are made, for example `nginx`."),
		"display_name":       text("The name that the dashboard shows for the layer; null if there is none."),
		"count":              number("How many nodes the layer has."),
		"reserved_cloudlets": number("How many cloudlets (128 MiB of memory and 400 MHz of processor each) are reserved for each node and always paid for."),
		"dynamic_cloudlets":  number("The limit of cloudlets up to which each node may grow, reserved ones included."),
		"disk_gb":            number("The disk limit of each node in GB."),
		"tag":                text("The version of the stack or the tag of the image; null if the platform does not tell."),
		"image":              text("The container image without its tag; null if the layer is not made from one."),
		"public_ipv4_count":  number("How many public IPv4 addresses each node of the layer has."),
		"public_ipv6_count":  number("How many public IPv6 addresses each node of the layer has."),
		"scaling_mode": text("What a new node of the layer begins with: `stateless`, a fresh image, or `stateful`, a copy of the master; null if the " +
			"platform does not tell."),
		"links": schema.SetAttribute{
			MarkdownDescription: "Layers whose addresses the nodes get as variables, as `layer:alias`, for example `[\"sqldb:db\"]`.",
			ElementType:         types.StringType,
			Computed:            true,
		},
		"volumes": schema.MapNestedAttribute{
			MarkdownDescription: "Directories of the nodes that outlive a redeployment, by their path; with a source they are mounts of another node's directory.",
			Computed:            true,
			NestedObject:        schema.NestedAttributeObject{Attributes: mirrored(nodegroup.VolumesAttribute().NestedObject.Attributes, true)},
		},
	}
}

func nodeAttributes() map[string]schema.Attribute {
	attributes := mirrored(nodegroup.NodesAttribute().NestedObject.Attributes, true)
	attributes["status"] = schema.StringAttribute{
		MarkdownDescription: "What the node is doing, in the words of the environment's `status`, which it is if the platform does not tell the node's own.",
		Computed:            true,
	}
	return attributes
}
