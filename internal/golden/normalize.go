package golden

import (
	"os"
	"regexp"
)

// changing is what differs from run to run, and what stands for it in golden files.
var changing = []struct {
	pattern *regexp.Regexp
	with    string
}{
	{regexp.MustCompile(`127\.0\.0\.1:\d+`), "127.0.0.1:PORT"},
	{regexp.MustCompile(regexp.QuoteMeta(os.TempDir()) + `/[\w.-]+/\d{3}`), "TEMP"},
}

// normalize replaces what differs from run to run.
func normalize(text string) string {
	for _, c := range changing {
		text = c.pattern.ReplaceAllString(text, c.with)
	}
	return text
}
