package region

import (
	"context"
	"fmt"
	"strings"

	"github.com/agext/levenshtein"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/providerdata"
)

type reader struct{ providerdata.DataSource }

// read asks for all regions, as seen from the region that from names, which may be null.
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
	similar := nearest(regions, name, model.name)
	for _, r := range regions {
		if strings.EqualFold(r.displayName(), name) {
			similar = r.name()
		}
	}
	return diag.NewAttributeErrorDiagnostic(at, fmt.Sprintf("Region %q does not exist", name),
		fmt.Sprintf("The platform lists no environment region with the unique name %q. ", name)+didYouMean(similar)+
			"Regions of the platform: "+list(regions, model.name)+".")
}

func didYouMean(name string) string {
	if name == "" {
		return ""
	}
	return fmt.Sprintf("Did you mean %q? ", name)
}

// nearest is the word of a region that somebody who wrote name most probably meant, empty if none is similar. Unlike
// the one of migration.RegionCatalog it also knows regions in which no environment can be put.
func nearest(regions []model, name string, word func(model) string) string {
	best, bestScore := "", 0.55
	for _, r := range regions {
		if score := levenshtein.Match(strings.ToLower(name), strings.ToLower(word(r)), nil); score > bestScore {
			best, bestScore = word(r), score
		}
	}
	return best
}
