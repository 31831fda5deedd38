package migration

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
)

// Nearest is the name that somebody who wrote another one most probably meant; empty if none is similar. What is only
// spelled in another case comes before everything else.
func Nearest(written string, names []string) string {
	best, bestScore := "", 0.55
	for _, name := range names {
		if strings.EqualFold(written, name) {
			return name
		}
		if score := levenshtein.Match(strings.ToLower(written), strings.ToLower(name), nil); score > bestScore {
			best, bestScore = name, score
		}
	}
	return best
}

// NearestOf is Nearest where people know the same things by other words, too, such as the names in the dashboard: of
// the names by words it gives the one whose word is nearest.
func NearestOf(written string, names map[string]string) string {
	words := slices.Sorted(maps.Keys(names)) // the same suggestion every time
	return names[Nearest(written, words)]
}

// DidYouMean is the sentence of a suggestion, with a space after it; empty if there is none.
func DidYouMean(name string) string {
	if name == "" {
		return ""
	}
	return fmt.Sprintf("Did you mean %q? ", name)
}

// Nearest is the usable region that somebody who wrote name most probably meant: a region by its display name or by a
// similar name. It is empty if none is similar.
func (c RegionCatalog) Nearest(name string) string { return c.nearest(name, Region.Usable) }

// NearestListed is Nearest among all regions that the platform lists.
func (c RegionCatalog) NearestListed(name string) string {
	return c.nearest(name, func(Region) bool { return true })
}

func (c RegionCatalog) nearest(written string, among func(Region) bool) string {
	var names []string
	for _, r := range c.Regions {
		if !among(r) {
			continue
		}
		if strings.EqualFold(r.DisplayName, written) {
			return r.Name
		}
		names = append(names, r.Name)
	}
	return Nearest(written, names)
}

// Unlisted says of a name that no environment region has what the platform lists instead: a suggestion, or the regions
// of the data centre that has the name, and the names of all regions.
func (c RegionCatalog) Unlisted(name string) string {
	var inDatacenter, all []string
	for _, r := range c.Regions {
		if all = append(all, r.Name); r.Datacenter == name {
			inDatacenter = append(inDatacenter, r.Name)
		}
	}
	slices.Sort(inDatacenter)
	slices.Sort(all)
	text := fmt.Sprintf("The platform lists no environment region with the unique name %q. ", name)
	if len(inDatacenter) > 0 {
		text += fmt.Sprintf("%s is a data centre; its regions are: %s. ", name, strings.Join(inDatacenter, ", "))
	} else {
		text += DidYouMean(c.NearestListed(name))
	}
	return text + "Regions of the platform: " + strings.Join(all, ", ") + "."
}
