package diagutil

import (
	"fmt"
	"strings"

	"github.com/agext/levenshtein"
)

// DidYouMean suggests which of the names somebody meant who wrote another one: "Did you mean "cp"? ". It is empty if
// none is similar.
func DidYouMean(written string, names []string) string {
	best, bestScore := "", 0.55
	for _, name := range names {
		if score := levenshtein.Match(strings.ToLower(written), strings.ToLower(name), nil); score > bestScore {
			best, bestScore = name, score
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("Did you mean %q? ", best)
}
