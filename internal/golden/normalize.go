package golden

import (
	"os"
	"regexp"
)

// changing has the patterns of texts that differ from run to run, and their replacements in golden files.
var changing = []struct {
	pattern *regexp.Regexp
	with    string
}{
	{regexp.MustCompile(`127\.0\.0\.1:\d+`), "127.0.0.1:PORT"},
	{regexp.MustCompile(regexp.QuoteMeta(os.TempDir()) + `/[\w.-]+/\d{3}`), "TEMP"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`), "TIME"},
	{regexp.MustCompile(`\b[0-9a-f]{32}\b`), "ID"},
	{regexp.MustCompile(`asked \d+ times in [\d.]+s\b`), "asked N times in DURATION"},
}

// normalize replaces texts that differ from run to run.
func normalize(text string) string {
	for _, c := range changing {
		text = c.pattern.ReplaceAllString(text, c.with)
	}
	return text
}
