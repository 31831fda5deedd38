package phaselog

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestInfo(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	ctx := WithOutput(t.Context(), &out)
	Info(ctx, "shop: queued, 2 before it")
	Info(ctx, "shop: moving live to "+strings.Repeat("ü", 200))
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if len(lines) != 2 || lines[0] != "[INFO] shop: queued, 2 before it" {
		t.Fatalf("lines %q", lines)
	}
	if n := len([]rune(lines[1])) - len(marker); n != MaxLength || !strings.HasSuffix(lines[1], "ü…") {
		t.Errorf("%d characters: %s", n, lines[1])
	}
}

func TestShown(t *testing.T) {
	t.Parallel()
	for variables, want := range map[string]bool{
		"": false, "TF_LOG=INFO": true, "TF_LOG=warn": false, "TF_LOG=JSON": true, "TF_LOG_PROVIDER=info": true,
		"TF_LOG_PROVIDER=OFF":                false,
		"TF_LOG=TRACE TF_LOG_PROVIDER=ERROR": false, "TF_LOG_PROVIDER=INFO " +
			"TF_LOG_PROVIDER_VAP=ERROR": false, "TF_LOG_PROVIDER_VAP=DEBUG": true,
	} {
		getenv := func(name string) string {
			for _, v := range strings.Fields(variables) {
				if value, found := strings.CutPrefix(v, name+"="); found {
					return value
				}
			}
			return ""
		}
		if got := shown(getenv); got != want {
			t.Errorf("%s: shown is %t", variables, got)
		}
	}
}

func TestDuration(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0: "0 s", 499 * time.Millisecond: "0 s", 40 * time.Second: "40 s", 59600 * time.Millisecond: "1m0s",
		72 * time.Second:            "1m12s",
		2*time.Hour + 5*time.Second: "2h0m5s",
	} {
		if got := Duration(d); got != want {
			t.Errorf("%s is %q, want %q", d, got, want)
		}
	}
}
