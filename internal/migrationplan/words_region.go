package migrationplan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/diagutil"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
)

// describeTarget describes a target region that does not exist or cannot be used.
func describeTarget(f migration.Finding) Words {
	w := Words{Attribute: region}
	if target, known := f.Catalog.Region(f.Region); known {
		w.Summary = fmt.Sprintf("%s: region %s cannot be used", f.Environment, f.Region)
		w.Detail = fmt.Sprintf("Region %s %s.", label(target), whyUnusable(target))
	} else {
		w.Summary = fmt.Sprintf("%s: region %q does not exist", f.Environment, f.Region)
		w.Detail = sentences(
			fmt.Sprintf("The platform has no environment region with the unique name %q.", f.Region),
			suggestion(f.Catalog, f.Region),
		)
	}
	usable := f.Catalog.Usable()
	if len(usable) == 0 {
		w.Detail += "\n\nThis account cannot use any region at the moment. Ask the hosting provider."
	} else {
		w.Detail += "\n\nRegions that this account can use: " + strings.Join(usable, ", ") + "."
	}
	return w
}

// suggestion suggests what a user who wrote an unknown region may have meant; empty if nothing is similar.
func suggestion(catalog migration.RegionCatalog, name string) string {
	if regions := catalog.UsableIn(name); len(regions) > 0 {
		return fmt.Sprintf(
			"%s is a data centre with the %s %s.",
			name,
			plural(len(regions), "region", "regions"),
			strings.Join(regions, ", "),
		)
	}
	if nearest := catalog.Nearest(name); nearest != "" {
		return fmt.Sprintf("Did you mean %q?", nearest)
	}
	return ""
}

// NoSuchRegion explains that no region has a name: it suggests the regions of the data centre with that name, or
// otherwise a similar name, and lists all regions.
func NoSuchRegion(catalog migration.RegionCatalog, name string) string {
	text := fmt.Sprintf("The platform lists no environment region with the unique name %q. ", name)
	if regions := catalog.NamesIn(name); len(regions) > 0 {
		text += fmt.Sprintf("%s is a data centre; its regions are: %s. ", name, strings.Join(regions, ", "))
	} else {
		text += diagutil.DidYouMean(catalog.NearestListed(name))
	}
	return text + "Regions of the platform: " + strings.Join(catalog.Names(), ", ") + "."
}

// label is a region's name, followed by its name in the dashboard if that differs.
func label(r migration.Region) string {
	if r.DisplayName == "" || r.DisplayName == r.Name {
		return r.Name
	}
	return r.Name + " (" + r.DisplayName + ")"
}

func whyUnusable(r migration.Region) string {
	if !r.Enabled {
		return "is not enabled for this account"
	}
	return "is in maintenance"
}

// describeNotAllowed describes a region that allowed_regions does not list.
func describeNotAllowed(f migration.Finding) Words {
	allowed := listed(f.Catalog, f.Policy.AllowedRegions)
	w := Words{
		Attribute: policyPath("allowed_regions"),
		Summary:   fmt.Sprintf("%s: region %s is not allowed", f.Environment, f.Region),
		Detail:    "allowed_regions permits only these regions: " + strings.Join(f.Policy.AllowedRegions, ", ") + ".",
	}
	_, exists := f.Catalog.Region(f.Region)
	switch {
	case exists:
		w.Detail = sentences(
			w.Detail,
			unlisted(f.Catalog, f.Policy.AllowedRegions),
		) + " Choose one of them, or write in migration_policy:\n" +
			block(
				[]string{listLine("allowed_regions", append(allowed, f.Region))},
			)
	case len(f.Catalog.Regions) > 0:
		w.Detail = sentences(
			w.Detail,
			fmt.Sprintf("The platform has no region %q.", f.Region),
			suggestion(f.Catalog, f.Region),
		)
	default:
		w.Detail += " Choose one of them, or add the region to allowed_regions."
	}
	return w
}

// listed returns the regions that the platform lists, or all of them if its list is not known. A misspelt name must
// not be suggested.
func listed(catalog migration.RegionCatalog, names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return isUnlisted(catalog, name) })
}

func isUnlisted(catalog migration.RegionCatalog, name string) bool {
	_, known := catalog.Region(name)
	return !known && len(catalog.Regions) > 0
}

// unlisted names the regions that the platform does not list and suggests others; empty if it lists all.
func unlisted(catalog migration.RegionCatalog, names []string) string {
	var parts []string
	for _, name := range names {
		if isUnlisted(catalog, name) {
			parts = append(parts, fmt.Sprintf("The platform has no region %q.", name), suggestion(catalog, name))
		}
	}
	return sentences(parts...)
}
