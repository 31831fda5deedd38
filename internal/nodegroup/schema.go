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

// Attribute returns the schema of an environment's node groups. The attribute is not computed, because it contains
// write-only attributes. Node groups that are not configured are therefore not in the state, and not managed.
func Attribute() schema.MapNestedAttribute {
	return schema.MapNestedAttribute{
		MarkdownDescription: "The node groups of the environment, by the name of their layer. " +
			"The platform's own layers are `cp` (compute), `bl` (load balancer), `sqldb`, `nosqldb`, `cache`, " +
			"`storage`, `build`, `vps` and `docker`. Other names are custom layers. Required to create an environment. " +
			"Terraform does not manage arguments that you leave out, nor layers that were never in the configuration. " +
			"If you remove a layer from the configuration, Terraform removes it with its nodes.",
		Optional: true,
		Validators: []validator.Map{
			mapvalidator.SizeAtLeast(1),
			mapvalidator.KeysAre(stringvalidator.RegexMatches(regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*$`),
				"must be the name of a layer: letters, digits, hyphens and underscores")),
		},
		NestedObject: schema.NestedAttributeObject{
			Validators: []validator.Object{withoutContradictions{}},
			Attributes: map[string]schema.Attribute{
				"node_type": schema.StringAttribute{
					MarkdownDescription: "The keyword of the stack, for example `nginx`, `mysql8`, or `docker` for your own image. " +
						"The data source `vap_stacks` lists all stacks. Spell it as listed there: the plan fails if it differs. " +
						"Changing it replaces the nodes of the layer and deletes their data.",
					Required:   true,
					Validators: []validator.String{stringvalidator.LengthAtLeast(1), Visible{}},
				},
				"count": schema.Int64Attribute{
					MarkdownDescription: "The number of nodes in the layer, for example `2`. " +
						"If you leave it out, the platform creates 1 node, and Terraform does not interfere with autoscaling.",
					Optional:   true,
					Computed:   true,
					Validators: []validator.Int64{int64validator.AtLeast(1)},
				},
				"reserved_cloudlets": schema.Int64Attribute{
					MarkdownDescription: "The number of cloudlets (128 MiB of memory and 400 MHz of processor each) " +
						"that are reserved for each node and always charged, for example `2`; `0` reserves none. " +
						"By default, the platform decides.",
					Optional:   true,
					Computed:   true,
					Validators: []validator.Int64{int64validator.AtLeast(0)},
				},
				"dynamic_cloudlets": schema.Int64Attribute{
					MarkdownDescription: "The maximum number of cloudlets of each node, reserved cloudlets included, for example " +
						"`8`. Cloudlets above the reserved ones are charged while they are used. By default, the platform decides.",
					Optional:   true,
					Computed:   true,
					Validators: []validator.Int64{int64validator.AtLeast(1), atLeastReserved{}},
				},
				"disk_gb": schema.Int64Attribute{
					MarkdownDescription: "The disk limit of each node in GB, for example `20`. " +
						"You can increase it, but not decrease it. By default, the platform decides.",
					Optional:   true,
					Computed:   true,
					Validators: []validator.Int64{int64validator.AtLeast(1)},
				},
				"tag": schema.StringAttribute{
					MarkdownDescription: "The version of the stack or the tag of the image, for example `8.0.36`. " +
						"Changing it redeploys the nodes: they restart with the new version and keep the data in their volumes. " +
						"By default, the platform decides.",
					Optional:   true,
					Computed:   true,
					Validators: []validator.String{stringvalidator.LengthAtLeast(1), Visible{}},
				},
				"image": schema.StringAttribute{
					MarkdownDescription: "The container image of a `docker` node type, without the tag, for example `library/nginx`.",
					Optional:            true,
					Computed:            true,
					Validators: []validator.String{
						stringvalidator.LengthAtLeast(1),
						Visible{},
						stringvalidator.RegexMatches(regexp.MustCompile(`^([^@]*/)?[^/:@]+$`),
							"must not contain a tag or digest: write the tag in `tag`"),
					},
				},
				"registry": registryAttribute(),
				"env": schema.MapAttribute{
					MarkdownDescription: "Environment variables of the layer's nodes, for example `{ APP_MODE = \"production\" }`. " +
						"Terraform manages only the names that you set. It does not change variables that the platform or somebody " +
						"else sets, and it removes a variable that you remove here. The provider can read variables only while " +
						"the environment is running. An import leaves them out, because they may contain secrets.",
					ElementType: types.StringType,
					Optional:    true,
					Validators:  []validator.Map{mapvalidator.KeysAre(variableName)},
				},
				"secret_env_wo": schema.MapAttribute{
					MarkdownDescription: "Environment variables whose values must not be in the state, " +
						"for example `{ DB_PASSWORD = var.password }`. Write-only: requires Terraform 1.11 or newer. " +
						"Terraform sets them when it creates the layer and when `secret_env_wo_version` changes.",
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
					MarkdownDescription: "Any number, for example `1`. If it changes, " +
						"Terraform sets the variables of `secret_env_wo` again and removes those that are no longer there.",
					Optional: true,
				},
				"public_ipv4_count": schema.Int64Attribute{
					MarkdownDescription: "The number of public IPv4 addresses of each node, for example `1`. " +
						"If you leave it out, the platform assigns none.",
					Optional:   true,
					Computed:   true,
					Validators: []validator.Int64{int64validator.AtLeast(0)},
				},
				"public_ipv6_count": schema.Int64Attribute{
					MarkdownDescription: "The number of public IPv6 addresses of each node, for example `1`. " +
						"If you leave it out, the platform assigns none.",
					Optional:   true,
					Computed:   true,
					Validators: []validator.Int64{int64validator.AtLeast(0)},
				},
				"display_name": schema.StringAttribute{
					MarkdownDescription: "The name of the layer in the dashboard, for example `Web`. " +
						"By default, Terraform does not manage it.",
					Optional:   true,
					Computed:   true,
					Validators: []validator.String{stringvalidator.LengthAtLeast(1), Visible{}},
				},
				"scaling_mode": schema.StringAttribute{
					MarkdownDescription: "What a new node of the layer starts from: " +
						"a fresh image (`stateless`) or a copy of the master (`stateful`). By default, the platform decides.",
					Optional:   true,
					Computed:   true,
					Validators: []validator.String{stringvalidator.OneOf("stateless", "stateful")},
				},
				"links": schema.SetAttribute{
					MarkdownDescription: "Layers whose addresses the nodes get as variables, in the form `layer:alias`, " +
						"for example `[\"sqldb:db\"]`. By default, Terraform does not manage them.",
					ElementType: types.StringType,
					Optional:    true,
					Computed:    true,
					Validators: []validator.Set{setvalidator.ValueStringsAre(
						stringvalidator.RegexMatches(regexp.MustCompile(`^[A-Za-z0-9_-]+:[A-Za-z0-9_-]+$`),
							"must be a layer and an alias, such as sqldb:db"))},
				},
				"volumes": VolumesAttribute(),
			},
		},
	}
}

var variableName = stringvalidator.RegexMatches(regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*$`),
	"must be the name of a variable, such as APP_MODE")

var absolutePath = stringvalidator.RegexMatches(regexp.MustCompile(`^/`), "must be an absolute path")

func registryAttribute() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		MarkdownDescription: "The private registry of the image of a `docker` node type. Terraform uses it when it creates " +
			"or redeploys the layer. The platform does not report it, so the state has the configured values.",
		Optional: true,
		Attributes: map[string]schema.Attribute{
			"url": schema.StringAttribute{
				MarkdownDescription: "The address of the registry, for example `registry.example.com`. " +
					"The default is a public registry that the platform selects.",
				Optional: true,
			},
			"username": schema.StringAttribute{
				MarkdownDescription: "The user name, for example `deploy`.",
				Optional:            true,
			},
			"password_wo": schema.StringAttribute{
				MarkdownDescription: "The password. Write-only: it is not in the state and requires Terraform 1.11 or newer.",
				Optional:            true,
				Sensitive:           true,
				WriteOnly:           true,
				Validators: []validator.String{stringvalidator.AlsoRequires(
					path.MatchRelative().AtParent().AtName("password_wo_version"))},
			},
			"password_wo_version": schema.Int64Attribute{
				MarkdownDescription: "Any number, for example `1`. " +
					"If it changes, Terraform redeploys the layer with the current `password_wo`.",
				Optional: true,
			},
		},
	}
}

// VolumesAttribute describes the volumes and mounts of a node group.
func VolumesAttribute() schema.MapNestedAttribute {
	return schema.MapNestedAttribute{
		MarkdownDescription: "Directories of the nodes that keep their data across redeployments, by path, " +
			"for example `{ \"/var/lib/data\" = {} }`. A volume with a source mounts a directory of another node. " +
			"By default, Terraform does not manage them.",
		Optional:   true,
		Computed:   true,
		Validators: []validator.Map{mapvalidator.KeysAre(absolutePath, Visible{})},
		NestedObject: schema.NestedAttributeObject{
			Validators: []validator.Object{mountSource{}},
			Attributes: map[string]schema.Attribute{
				"source_node_group": schema.StringAttribute{
					MarkdownDescription: "The layer of this environment that serves the directory, " +
						"for example `storage`. Null for a local volume.",
					Optional:   true,
					Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
				},
				"source_node_id": schema.Int64Attribute{
					MarkdownDescription: "The ID of the node that serves the directory, for example `50123`. " +
						"It may belong to another environment. Null for a local volume.",
					Optional:   true,
					Validators: []validator.Int64{int64validator.AtLeast(1)},
				},
				"source_path": schema.StringAttribute{
					MarkdownDescription: "The directory on the node that serves it, for example `/data`. Null for a local volume.",
					Optional:            true,
					Validators:          []validator.String{absolutePath},
				},
				"protocol": schema.StringAttribute{
					MarkdownDescription: "`nfs` or `glusterfs`. Required for a mount, null for a local volume.",
					Optional:            true,
					Validators:          []validator.String{stringvalidator.OneOf("nfs", "glusterfs")},
				},
				"read_only": schema.BoolAttribute{
					MarkdownDescription: "Whether the mount is read-only. Null means `false`.",
					Optional:            true,
				},
			},
		},
	}
}
