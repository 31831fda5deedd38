package pipeline

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The commands of the hook after the plan, from the README: they write a review of this plan, or write none and fail.
func TestSpaceliftHook(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../examples/ci/spacelift/README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, hook, _ := strings.Cut(string(readme), "# after plan")
	hook, _, found := strings.Cut("# after plan"+hook, "   ```")
	if !found || !strings.Contains(hook, "/mnt/workspace/bin/planreview ") {
		t.Fatalf("the README shows no hook:\n%s", hook)
	}
	hook = strings.ReplaceAll(hook, "/mnt/workspace/bin/planreview", built(t))
	for name, c := range map[string]struct {
		terraform string
		code      int
		says      string
	}{
		"denied":        {`cat "$PLANS/far.json"`, 0, `"denied": true`},
		"allowed":       {`cat "$PLANS/live.json"`, 0, `"denied": false`},
		"no plan":       {`echo "no plan" >&2; exit 1`, 1, ""},
		"half a plan":   {`head -c 1000 "$PLANS/far.json"`, 1, ""},
		"another state": {`echo '{"format_version":"1.0","values":{}}'`, 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder, bin := t.TempDir(), t.TempDir()
			script := "#!/bin/sh\n[ \"$*\" = 'show -json spacelift.plan' ] || exit 9\n" + c.terraform + "\n"
			if err := os.WriteFile(filepath.Join(bin, "terraform"), []byte(script), 0o700); err != nil {
				t.Fatal(err)
			}
			// A committed file must not pass for a review.
			review := filepath.Join(folder, "vap.custom.spacelift.json")
			if err := os.WriteFile(review, []byte(`{"format_version":"1.0","denied":false}`), 0o600); err != nil {
				t.Fatal(err)
			}
			plans, err := filepath.Abs("../planreview/testdata/plans/terraform-1.11")
			if err != nil {
				t.Fatal(err)
			}
			command := exec.Command("sh", "-c", hook)
			command.Dir, command.Env = folder, append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "PLANS="+plans)
			out, err := command.CombinedOutput()
			code := 0
			if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
				code = exit.ExitCode()
			} else if err != nil {
				t.Fatal(err)
			}
			content, _ := os.ReadFile(review)
			if code != c.code || (c.says == "") != (content == nil) || !strings.Contains(string(content), c.says) {
				t.Errorf("exit code %d, want %d; the review is %.200s\n%s", code, c.code, content, out)
			}
		})
	}
}
