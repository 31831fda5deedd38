package nodegroup

import (
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Attribute describes the node groups of an environment. It is not computed because it has write-only attributes in it. So layers that the configuration does
// not write are not in the state, which is right: they are not managed.
func Attribute() schema.MapNestedAttribute {
	return schema.MapNestedAttribute{
		MarkdownDescription: "The layers of the environment: node groups by their layer's name. The platform's own layers are `cp` (compute), " +
			"`bl` (load balancer), `sqldb`, `nosqldb`, `cache`, `storage`, `build`, `vps` and `docker`; other names are custom layers. " +
			"Needed to create an environment. What is not written in a node group is not managed, nor is a layer that is not written and " +
			"never was; a layer that an apply has written and that is taken out of the configuration is removed with its nodes.",
		Optional: true,
		Validators: []validator.Map{
			mapvalidator.SizeAtLeast(1),
			mapvalidator.KeysAre(stringvalidator.RegexMatches(regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*$`),
				"must be the name of a layer: letters, digits, hyphens and underscores")),
		},
		NestedObject: schema.NestedAttributeObject{
			Attributes: map[string]schema.Attribute{
				"node_type": schema.StringAttribute{
					MarkdownDescription: "The keyword of the stack from which the nodes are made, for example `nginx`, `mysql8`, or `docker` for an image of one's own; " +
						"the data source `vap_stacks` lists them. Changing it replaces the nodes of the layer with everything on them.",
					Required:   true,
					Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
				},
				"count": schema.Int64Attribute{
					MarkdownDescription: "How many nodes the layer has, for example `2`. The platform makes 1 if it is not written, and autoscaling is left alone.",
					Optional:            true,
					Computed:            true,
					Validators:          []validator.Int64{int64validator.AtLeast(1)},
				},
				"reserved_cloudlets": schema.Int64Attribute{
					MarkdownDescription: "How many cloudlets (128 MiB of memory and 400 MHz of processor each) are reserved for each node and always paid for, " +
						"for example `2`. The platform decides if it is not written.",
					Optional:   true,
					Computed:   true,
					Validators: []validator.Int64{int64validator.AtLeast(1)},
				},
				"dynamic_cloudlets": schema.Int64Attribute{
					MarkdownDescription: "The limit of cloudlets up to which each node may grow, reserved ones included, for example `8`; what is used above " +
						"the reserved ones is paid for when it is used. The platform decides if it is not written.",
					Optional:   true,
					Computed:   true,
					Validators: []validator.Int64{int64validator.AtLeast(1), atLeastReserved{}},
				},
				"disk_gb": schema.Int64Attribute{
					MarkdownDescription: "The disk limit of each node in GB, for example `20`. It can grow and not shrink. The platform decides if it is not written.",
					Optional:            true,
					Computed:            true,
					Validators:          []validator.Int64{int64validator.AtLeast(1)},
				},
				"tag": schema.StringAttribute{
					MarkdownDescription: "The version of the stack or the tag of the image, for example `8.0.36`. Changing it redeploys the nodes: they are restarted " +
						"with the new version and keep what is in their volumes. The platform decides if it is not written.",
					Optional:   true,
					Computed:   true,
					Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
				},
				"image": schema.StringAttribute{
					MarkdownDescription: "The container image of a `docker` node type without its tag, for example `library/nginx`.",
					Optional:            true,
					Computed:            true,
					Validators: []validator.String{
						stringvalidator.LengthAtLeast(1),
						stringvalidator.RegexMatches(regexp.MustCompile(`^([^@]*/)?[^/:@]+$`), "must not contain a tag or digest: write the tag in `tag`"),
					},
				},
				"registry": registryAttribute(),
				"env": schema.MapAttribute{
					MarkdownDescription: "Environment variables of the layer's nodes, for example `{ APP_MODE = \"production\" }`. Only the names that are written are " +
						"compared and changed; those that the platform or somebody else sets are left alone, and one that is taken out is removed. They can " +
						"be read only while the environment is running. An import takes none of them over, because secrets may be among them.",
					ElementType: types.StringType,
					Optional:    true,
					Validators:  []validator.Map{mapvalidator.KeysAre(variableName)},
				},
				"secret_env_wo": schema.MapAttribute{
					MarkdownDescription: "Environment variables whose values must not be in the state, for example `{ DB_PASSWORD = var.password }`. Write-only: needs " +
						"Terraform 1.11 or newer. They are set when the layer is created and when `secret_env_wo_version` changes.",
					ElementType: types.StringType,
					Optional:    true,
					Sensitive:   true,
					WriteOnly:   true,
					Validators: []validator.Map{
						mapvalidator.KeysAre(variableName),
						mapvalidator.AlsoRequires(path.MatchRelative().AtParent().AtName("secret_env_wo_version")),
					},
				},
				"secret_env_wo_version": schema.Int64Attribute{
					MarkdownDescription: "Any number, for example `1`. Changing it sets the variables of `secret_env_wo` again and removes those that are no longer in it.",
					Optional:            true,
				},
				"public_ipv4_count": schema.Int64Attribute{
					MarkdownDescription: "How many public IPv4 addresses each node of the layer has, for example `1`. The platform gives none if it is not written.",
					Optional:            true,
					Computed:            true,
					Validators:          []validator.Int64{int64validator.AtLeast(0)},
				},
				"public_ipv6_count": schema.Int64Attribute{
					MarkdownDescription: "How many public IPv6 addresses each node of the layer has, for example `1`. The platform gives none if it is not written.",
					Optional:            true,
					Computed:            true,
					Validators:          []validator.Int64{int64validator.AtLeast(0)},
				},
				"display_name": schema.StringAttribute{
					MarkdownDescription: "The name that the dashboard shows for the layer, for example `Web`. Not managed if it is not written.",
					Optional:            true,
					Computed:            true,
					Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
				},
				"scaling_mode": schema.StringAttribute{
					MarkdownDescription: "What a new node of the layer begins with: `stateless`, a fresh image, or `stateful`, a copy of the master. The platform decides if " +
						"it is not written.",
					Optional:   true,
					Computed:   true,
					Validators: []validator.String{stringvalidator.OneOf("stateless", "stateful")},
				},
				"links": schema.SetAttribute{
					MarkdownDescription: "Layers whose addresses the nodes get as variables, as `layer:alias`, for example `[\"sqldb:db\"]`. Not managed if it is not written.",
					ElementType:         types.StringType,
					Optional:            true,
					Computed:            true,
					Validators: []validator.Set{setvalidator.ValueStringsAre(
						stringvalidator.RegexMatches(regexp.MustCompile(`^[A-Za-z0-9_-]+:[A-Za-z0-9_-]+$`), "must be a layer and an alias, such as sqldb:db"))},
				},
				"volumes": VolumesAttribute(),
			},
		},
	}
}

var variableName = stringvalidator.RegexMatches(regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*$`), "must be the name of a variable, such as APP_MODE")

func registryAttribute() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		MarkdownDescription: "The private registry from which the image of a `docker` node type comes. It is used when the layer is created or redeployed; the " +
			"platform does not tell it, so it is kept as written.",
		Optional: true,
		Attributes: map[string]schema.Attribute{
			"url": schema.StringAttribute{
				MarkdownDescription: "The address of the registry, for example `registry.example.com`. The default is the platform's own choice of a public registry.",
				Optional:            true,
			},
			"username": schema.StringAttribute{
				MarkdownDescription: "The user name, for example `deploy`.",
				Optional:            true,
			},
			"password_wo": schema.StringAttribute{
				MarkdownDescription: "The password. Write-only: needs Terraform 1.11 or newer, and is in no state.",
				Optional:            true,
				Sensitive:           true,
				WriteOnly:           true,
				Validators:          []validator.String{stringvalidator.AlsoRequires(path.MatchRelative().AtParent().AtName("password_wo_version"))},
			},
			"password_wo_version": schema.Int64Attribute{
				MarkdownDescription: "Any number, for example `1`. Changing it redeploys the layer with the present `password_wo`.",
				Optional:            true,
			},
		},
	}
}

// VolumesAttribute describes the volumes and mounts of a node group.
func VolumesAttribute() schema.MapNestedAttribute {
	return schema.MapNestedAttribute{
		MarkdownDescription: "Directories of the nodes that outlive a redeployment, by their path, for example `{ \"/var/lib/data\" = {} }`; with a source they are " +
			"mounts of another node's directory. Not managed if it is not written.",
		Optional: true,
		Computed: true,
		Validators: []validator.Map{mapvalidator.KeysAre(
			stringvalidator.RegexMatches(regexp.MustCompile(`^/`), "must be an absolute path"))},
		NestedObject: schema.NestedAttributeObject{
			Validators: []validator.Object{mountSource{}},
			Attributes: map[string]schema.Attribute{
				"source_node_group": schema.StringAttribute{
					MarkdownDescription: "The layer of this environment that serves the directory, for example `storage`. Null for a local volume.",
					Optional:            true,
				},
				"source_node_id": schema.Int64Attribute{
					MarkdownDescription: "The node that serves the directory, also one of another environment, for example `50123`. Null for a local volume.",
					Optional:            true,
				},
				"source_path": schema.StringAttribute{
					MarkdownDescription: "The directory on the node that serves it, for example `/data`. Null for a local volume.",
					Optional:            true,
				},
				"protocol": schema.StringAttribute{
					MarkdownDescription: "`nfs` or `glusterfs`; needed for a mount, null for a local volume.",
					Optional:            true,
					Validators:          []validator.String{stringvalidator.OneOf("nfs", "glusterfs")},
				},
				"read_only": schema.BoolAttribute{
					MarkdownDescription: "Whether the mount cannot be written to; null means `false`.",
					Optional:            true,
				},
			},
		},
	}
}
