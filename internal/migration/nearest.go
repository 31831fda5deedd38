package migration

import (
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
