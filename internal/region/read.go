package region

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/diagutil"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/providerdata"
)

type reader struct{ providerdata.DataSource }

// read reads all regions; from names the region from which live migration is checked, and may be null.
func (r *reader) read(ctx context.Context, from types.String) ([]model, diag.Diagnostics) {
	var diags diag.Diagnostics
	if problem := r.Missing("Regions"); problem != nil {
		diags.Append(problem)
		return nil, diags
	}
	regions, catalog, err := r.Service.ListRegions(ctx)
	if err != nil {
		diags.AddError("The platform's regions cannot be read", err.Error()+".")
		return nil, diags
	}
	if from.IsNull() {
		return describe(regions, catalog, nil), diags
	}
	origin, ok := catalog.Region(from.ValueString())
	if !ok {
		diags.Append(noSuchRegion(path.Root("from"), describe(regions, catalog, nil), from.ValueString()))
		return nil, diags
	}
	return describe(regions, catalog, &origin), diags
}

func noSuchRegion(at path.Path, regions []model, name string) diag.Diagnostic {
	names := map[string]string{}
	for _, r := range regions {
		names[r.displayName()] = r.name()
	}
	for _, r := range regions {
		names[r.name()] = r.name()
	}
	return diag.NewAttributeErrorDiagnostic(at, fmt.Sprintf("Region %q does not exist", name),
		fmt.Sprintf("The platform lists no environment region with the unique name %q. ", name)+
			diagutil.DidYouMean(migration.NearestOf(name, names))+
			"Regions of the platform: "+list(regions, model.name)+".")
}

// didYouMean suggests the region whose word (name, display name or data centre) is most similar to the written one.
func didYouMean(regions []model, written string, word func(model) string) string {
	words := make([]string, len(regions))
	for i, r := range regions {
		words[i] = word(r)
	}
	return diagutil.DidYouMean(migration.Nearest(written, words))
}
