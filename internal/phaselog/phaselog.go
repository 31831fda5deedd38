// Package phaselog writes short log lines, one for each phase of an operation, so that users can follow it as they
// scroll by.
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

// MaxLength is the maximum length of a line, in characters, without the prefix that Terraform adds.
const MaxLength = 120

// marker is how Terraform and OpenTofu recognize the level of a plain-text line.
const marker = "[INFO] "

// stderr is the standard error that Terraform reads. The plugin server replaces os.Stderr later.
var stderr = os.Stderr

// Info writes a line at level INFO and shortens it if necessary. It writes plain text to the standard error, which
// Terraform adds to its log, because a line of the framework's logger is four times as long: it has time, caller,
// module and more as fields. Info writes nothing if the log does not include the level. It is safe for concurrent
// use.
func Info(ctx context.Context, line string) {
	out, redirected := ctx.Value(outputKey{}).(io.Writer)
	if !redirected {
		if !shown(os.Getenv) {
			return
		}
		out = stderr
	}
	// Use a single call, so that lines do not mix.
	_, _ = out.Write([]byte(marker + Shorten(line) + "\n"))
}

type outputKey struct{}

// WithOutput returns a context whose lines go to out, whatever the log level. It is for tests.
func WithOutput(ctx context.Context, out io.Writer) context.Context {
	return context.WithValue(ctx, outputKey{}, out)
}

// shown says whether the log level that the user set for the provider includes INFO.
func shown(getenv func(string) string) bool {
	switch strings.ToUpper(cmp.Or(getenv("TF_LOG_PROVIDER_VAP"), getenv("TF_LOG_PROVIDER"), getenv("TF_LOG"))) {
	case "INFO", "DEBUG", "TRACE", "JSON":
		return true
	}
	return false
}

// Shorten returns a line of at most MaxLength characters.
func Shorten(line string) string {
	characters := []rune(line)
	if len(characters) <= MaxLength {
		return line
	}
	return string(characters[:MaxLength-1]) + "…"
}

// Duration formats a duration to the second: "40 s", "1m12s", "2h0m5s".
func Duration(d time.Duration) string {
	d = d.Round(time.Second)
	if d < time.Minute {
		return fmt.Sprintf("%d s", int(d.Seconds()))
	}
	return d.String()
}
