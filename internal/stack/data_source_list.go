// Package stack is the data source vap_stacks, which lists the node types that a platform offers.
package stack

import (
	"cmp"
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/glob"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/providerdata"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/tfvalue"
)

type listDataSource struct{ providerdata.DataSource }

// NewListDataSource returns the data source vap_stacks.
func NewListDataSource() datasource.DataSource { return &listDataSource{} }

// listModel holds the filters of vap_stacks and the stacks that match.
type listModel struct {
	Layer       types.String `tfsdk:"layer"`
	NamePattern types.String `tfsdk:"name_pattern"`
	Stacks      []model      `tfsdk:"stacks"`
}

type model struct {
	NodeType       types.String `tfsdk:"node_type"`
	Name           types.String `tfsdk:"name"`
	Kind           types.String `tfsdk:"kind"`
	Layers         []string     `tfsdk:"layers"`
	Tags           []string     `tfsdk:"tags"`
	DefaultTag     types.String `tfsdk:"default_tag"`
	MinCloudlets   types.Int64  `tfsdk:"min_cloudlets"`
	Virtualization types.String `tfsdk:"virtualization"`
	OS             types.String `tfsdk:"os"`
}

// Metadata implements datasource.DataSource.
func (d *listDataSource) Metadata(
	_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse,
) {
	resp.TypeName = req.ProviderTypeName + "_stacks"
}

// Schema implements datasource.DataSource.
func (d *listDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
	texts := func(description string) schema.ListAttribute {
		return schema.ListAttribute{MarkdownDescription: description, ElementType: types.StringType, Computed: true}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the stacks that the platform offers, for `node_type` and `tag` of a node group. " +
			"Without filters, it lists all stacks. The platform's documentation does not say which fields it reports; " +
			"missing ones are null or empty.",
		Attributes: map[string]schema.Attribute{
			"layer": schema.StringAttribute{
				MarkdownDescription: "Only stacks for the layer with this name, for example `sqldb`.",
				Optional:            true,
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"name_pattern": schema.StringAttribute{
				MarkdownDescription: "Only stacks whose node type or name matches this pattern, for example `nginx*`. " +
					glob.Description,
				Optional:   true,
				Validators: []validator.String{glob.Valid()},
			},
			"stacks": schema.ListNestedAttribute{
				MarkdownDescription: "The stacks that match all filters, sorted by node type.",
				Computed:            true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"node_type": text("The keyword of the stack, for `node_type` of a node group, for example `mysql8`."),
					"name":      text("The name in the dashboard, for example `MySQL CE`. It may not be unique."),
					"kind":      text("The kind of stack, in the platform's words, for example `NATIVE` or `DOCKERIZED`."),
					"layers":    texts("The layers that can use the stack, for example `[\"sqldb\"]`."),
					"tags": texts("The available versions, for `tag` of a node group, in the platform's order. " +
						"Empty for your own container images, whose tags are in their registry."),
					"default_tag": text("The version that the platform uses by default."),
					"min_cloudlets": schema.Int64Attribute{
						MarkdownDescription: "The minimum number of cloudlets (128 MiB of memory " +
							"and 400 MHz of processor each) of a node.",
						Computed: true,
					},
					"virtualization": text("`CT` (containers) or `VM` (virtual machines)."),
					"os": text("The operating system, in the platform's words, for example `LINUX` or `WINDOWS`. " +
						"Environments with Windows virtual machines cannot migrate."),
				}},
			},
		},
	}
}

// Read implements datasource.DataSource.
func (d *listDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config listModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if problem := d.Missing("Stacks"); problem != nil {
		resp.Diagnostics.Append(problem)
		return
	}
	stacks, err := d.Service.Stacks(ctx)
	if err != nil {
		resp.Diagnostics.AddError("The platform's stacks cannot be read", err.Error()+".")
		return
	}
	config.Stacks = []model{}
	for _, s := range stacks {
		if config.passes(s) {
			config.Stacks = append(config.Stacks, describe(s))
		}
	}
	slices.SortStableFunc(config.Stacks, func(a, b model) int {
		return cmp.Compare(a.NodeType.ValueString(), b.NodeType.ValueString())
	})
	resp.Diagnostics.Append(resp.State.Set(ctx, &config)...)
}

// passes says whether a stack matches all configured filters.
func (l listModel) passes(s platform.Stack) bool {
	return (l.Layer.IsNull() || slices.Contains(s.NodeGroups, l.Layer.ValueString())) &&
		(glob.Passes(l.NamePattern, s.NodeType) || glob.Passes(l.NamePattern, s.Name))
}

func describe(s platform.Stack) model {
	m := model{
		NodeType: tfvalue.StringOrNull(s.NodeType), Name: tfvalue.StringOrNull(s.Name), Kind: tfvalue.StringOrNull(s.Kind),
		Layers: append([]string{}, s.NodeGroups...), Tags: append([]string{}, s.Tags...),
		DefaultTag: tfvalue.StringOrNull(s.DefaultTag), Virtualization: tfvalue.StringOrNull(s.Virtualization),
		OS: tfvalue.StringOrNull(s.OS),
	}
	if s.MinCloudlets > 0 {
		m.MinCloudlets = types.Int64Value(int64(s.MinCloudlets))
	}
	return m
}
