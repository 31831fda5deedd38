// Package phaselog writes the lines by which users follow in a log what goes on at the platform: one for each phase,
// short enough to be read as they scroll by.
package phaselog

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// MaxLength is how long a line is at most, in characters, without what Terraform puts before it.
const MaxLength = 120

// marker is how Terraform and OpenTofu tell the level of a line that is plain text.
const marker = "[INFO] "

// stderr is the standard error as Terraform reads it: what serves the provider puts another one in its place.
var stderr = os.Stderr

// Info writes a line at the level INFO, shortened if need be. It is plain text on the standard error, which Terraform
// takes for its log: every line that goes there by way of the framework gets time, caller, module and more as fields
// behind it, which makes it four times as long. Nothing is written if the log does not show the level. It is safe for
// concurrent use.
func Info(ctx context.Context, line string) {
	out, redirected := ctx.Value(outputKey{}).(io.Writer)
	if !redirected {
		if !shown(os.Getenv) {
			return
		}
		out = stderr
	}
	// In one call, so that lines do not mix.
	_, _ = out.Write([]byte(marker + Shorten(line) + "\n"))
}

type outputKey struct{}

// WithOutput is a context whose lines go to a writer, whatever the log shows. It is for tests.
func WithOutput(ctx context.Context, out io.Writer) context.Context {
	return context.WithValue(ctx, outputKey{}, out)
}

// shown says whether the variables by which users choose the level of the provider's log let INFO through.
func shown(getenv func(string) string) bool {
	switch strings.ToUpper(cmp.Or(getenv("TF_LOG_PROVIDER_VAP"), getenv("TF_LOG_PROVIDER"), getenv("TF_LOG"))) {
	case "INFO", "DEBUG", "TRACE", "JSON":
		return true
	}
	return false
}

// Shorten is a line that is no longer than MaxLength.
func Shorten(line string) string {
	characters := []rune(line)
	if len(characters) <= MaxLength {
		return line
	}
	return string(characters[:MaxLength-1]) + "…"
}

// Duration is how long something took, to the second: "40 s", "1m12s", "2h0m5s".
func Duration(d time.Duration) string {
	d = d.Round(time.Second)
	if d < time.Minute {
		return fmt.Sprintf("%d s", int(d.Seconds()))
	}
	return d.String()
}
