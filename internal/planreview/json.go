package planreview

import (
	"encoding/json"
	"io"
)

// JSON writes a review as JSON, for machines. Its names and types are an interface: see FormatVersion, and the JSON Schema
// in tools/planreview/review.schema.json.
func JSON(w io.Writer, r *Review) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(withLists(r))
}
