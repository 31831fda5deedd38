package region

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

type dataSource struct{ reader }

// NewDataSource returns the data source vap_region.
func NewDataSource() datasource.DataSource { return &dataSource{} }

// dataSourceModel is the model of vap_region: a region, and the region from which live migration is checked.
type dataSourceModel struct {
	model
	From types.String `tfsdk:"from"`
}

// Metadata implements datasource.DataSource.
func (d *dataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_region"
}

// Schema implements datasource.DataSource.
func (d *dataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = regionSchema()
}

// Read implements datasource.DataSource.
func (d *dataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config dataSourceModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	regions, diags := d.read(ctx, config.From)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	found, problem := find(regions, config.model)
	if problem != nil {
		resp.Diagnostics.Append(problem)
		return
	}
	config.model = found
	resp.Diagnostics.Append(resp.State.Set(ctx, &config)...)
}

// find returns the region with the given name or, without a name, with the given display name.
func find(regions []model, wished model) (model, diag.Diagnostic) {
	if !wished.Name.IsNull() {
		for _, r := range regions {
			if r.Name.Equal(wished.Name) {
				return r, nil
			}
		}
		return model{}, noSuchRegion(path.Root("name"), regions, wished.Name.ValueString())
	}
	var found []model
	for _, r := range regions {
		if r.DisplayName.Equal(wished.DisplayName) {
			found = append(found, r)
		}
	}
	at, displayName := path.Root("display_name"), wished.DisplayName.ValueString()
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return model{}, diag.NewAttributeErrorDiagnostic(at, fmt.Sprintf("No region has the display name %q", displayName),
			didYouMean(regions, displayName, model.displayName)+
				"Regions of the platform, as name (display name): "+list(regions, model.label)+".")
	}
	return model{}, diag.NewAttributeErrorDiagnostic(at,
		fmt.Sprintf("%d regions have the display name %q", len(found), displayName),
		"Choose one of them by its unique name: "+list(found, func(m model) string {
			return fmt.Sprintf("name = %q", m.name())
		})+".")
}

func (m model) name() string        { return m.Name.ValueString() }
func (m model) displayName() string { return m.DisplayName.ValueString() }

func (m model) label() string {
	if m.displayName() == m.name() {
		return m.name()
	}
	return m.name() + " (" + m.displayName() + ")"
}

func list(regions []model, word func(model) string) string {
	words := make([]string, len(regions))
	for i, r := range regions {
		words[i] = word(r)
	}
	return strings.Join(words, ", ")
}
