package migration

import (
	"maps"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
)

// Nearest returns the name that is most similar to what somebody wrote; empty if none is similar. A
// name that differs only in letter case wins.
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

// NearestOf is Nearest for things with several names, such as the name in the dashboard: names maps each word to a
// name, and NearestOf returns the name of the most similar word.
func NearestOf(written string, names map[string]string) string {
	words := slices.Sorted(maps.Keys(names)) // the same suggestion every time
	return names[Nearest(written, words)]
}

// Nearest returns the usable region with this display name or a similar name; empty if none is similar.
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
