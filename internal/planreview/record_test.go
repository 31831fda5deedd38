package planreview_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform"
)

var (
	record = flag.Bool("record", false, "record the plans in testdata anew, for the Terraform or OpenTofu at hand")
	only   = flag.String("only", "", "the only `plans` to record or compare, with commas between them")
)

// recorder is a folder with a platform and a configuration.
type recorder struct {
	*acctest.Terraform
	*acctest.Platform
	t *testing.T
}

// "make plans" records what Terraform and the provider report. This test makes two of the plans again and compares
// them, so that it notices changes that affect every plan; the others change only with -record.
func TestAccRecordedPlans(t *testing.T) {
	tf := acctest.NewTerraform(t)
	folder := filepath.Join("testdata", "plans", program(t, tf))
	if *record && *only == "" {
		if err := os.RemoveAll(folder); err != nil {
			t.Fatal(err)
		}
	}
	if *record {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	} else if _, err := os.Stat(folder); err != nil {
		t.Skipf("%s has no plans of this program: make plans records them", folder)
	}
	for _, row := range rows {
		if !*record && row.name != "references" && row.name != "denied" || *only != "" &&
			!slices.Contains(strings.Split(*only, ","), row.name) {
			continue
		}
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			another := tf.Another(t)
			if row.source != "" {
				const source = `"terraform-provider-vap/vap"`
				for _, file := range []string{"cli.tfrc", "versions.tf"} {
					another.Write(file, strings.ReplaceAll(tf.Read(file), source, strconv.Quote(row.source)))
				}
				another.Env = []string{"TF_CLI_CONFIG_FILE=" + filepath.Join(another.Folder, "cli.tfrc")}
			}
			plan := row.plan(t, another)
			file := filepath.Join(folder, row.name+".json")
			if *record {
				if err := os.WriteFile(file, plan, 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			recorded, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if difference := missing("", decoded(t, recorded), decoded(t, plan)); difference != "" {
				t.Errorf("the plan is no longer the one in %s: run make plans and look at what has changed. The first "+
					"difference: %s", file, difference)
			}
		})
	}
}

// program is the command line program with its major and minor version: terraform-1.11.
func program(t *testing.T, tf *acctest.Terraform) string {
	t.Helper()
	var name string
	var major, minor int
	if _, err := fmt.Sscanf(tf.Run("version"), "%s v%d.%d", &name, &major, &minor); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%s-%d.%d", strings.ToLower(name), major, minor)
}

// plan makes the plan of a row and returns its JSON, normalised.
func (r row) plan(t *testing.T, tf *acctest.Terraform) []byte {
	t.Helper()
	// The plan contains the folder's name, so use one that is valid everywhere.
	local := acctest.NewPlatformWith(t,
		localplatform.Options{Directory: filepath.Join(tf.Folder, ".vap"), TimeScale: acctest.TimeScale})
	rec := &recorder{tf, local, t}
	for name, content := range r.modules {
		if err := os.MkdirAll(filepath.Join(tf.Folder, filepath.Dir(name)), 0o700); err != nil {
			t.Fatal(err)
		}
		tf.Write(name, content)
	}
	rec.configure(r.before)
	if r.modules != nil {
		tf.Run("get")
	}
	for _, address := range r.first {
		tf.Run("apply", "-input=false", "-auto-approve", "-target="+address)
	}
	if r.before != "" {
		tf.Run("apply", "-input=false", "-auto-approve")
	}
	if r.prepare != nil {
		rec.configure(r.after)
		if err := r.prepare(rec); err != nil {
			t.Fatal(err)
		}
	}
	rec.configure(r.after)
	if r.modules != nil {
		tf.Run("get")
	}
	enforcement := r.enforcement
	if enforcement == "" {
		enforcement = "apply"
	}
	tf.Env = append(tf.Env, "VAP_MIGRATION_ENFORCEMENT="+enforcement)
	out, complaints, code := tf.Try(append([]string{"plan", "-input=false", "-out=plan.out"}, r.arguments...)...)
	if (code != 0) != r.fails {
		t.Fatalf("the plan ended with exit code %d\n%s%s", code, out, complaints)
	}
	return normalised(t, []byte(tf.Run("show", "-json", "plan.out")))
}

// configure writes the configuration.
func (r *recorder) configure(body string) {
	var arguments []string
	for line := range strings.Lines(body) {
		if argument, found := strings.CutPrefix(line, "#provider: "); found {
			arguments = append(arguments, argument)
		}
	}
	body = strings.NewReplacer("PUBLIC", "192.0.2.2", "INTERNAL", "10.10.0.2").Replace(body)
	r.Write("main.tf", fmt.Sprintf("provider \"vap\" {\n  local_platform = { directory = \".vap\", time_scale = %d }\n "+
		" requests_per_second = 1000\n  %s}\n%s",
		acctest.TimeScale, strings.Join(arguments, "  "), body))
}

var (
	timestamp = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`)
	uuid      = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	appID     = regexp.MustCompile(`\b[0-9a-f]{32}\b`)
)

// normalised is a plan without what differs from one recording to the next: times, random IDs, and the order of
// unordered lists.
func normalised(t *testing.T, plan []byte) []byte {
	t.Helper()
	var content map[string]any
	if err := json.Unmarshal(plan, &content); err != nil {
		t.Fatal(err)
	}
	if attributes, ok := content["relevant_attributes"].([]any); ok {
		slices.SortFunc(attributes, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(content); err != nil {
		t.Fatal(err)
	}
	text := timestamp.ReplaceAll(out.Bytes(), []byte("2026-01-02T03:04:05Z"))
	text = numbered(text, uuid, "00000000-0000-0000-0000-%012d")
	return numbered(text, appID, "%032d")
}

// numbered replaces each match by a number, in the order of first appearance.
func numbered(text []byte, pattern *regexp.Regexp, format string) []byte {
	known := map[string][]byte{}
	return pattern.ReplaceAllFunc(text, func(found []byte) []byte {
		if known[string(found)] == nil {
			known[string(found)] = fmt.Appendf(nil, format, len(known)+1)
		}
		return known[string(found)]
	})
}

func decoded(t *testing.T, plan []byte) any {
	t.Helper()
	var content map[string]any
	if err := json.Unmarshal(plan, &content); err != nil {
		t.Fatal(err)
	}
	delete(content, "terraform_version") // patch versions change more often than their plans
	return content
}

// missing says which part of a recorded value is missing or different now. New attributes do not matter.
func missing(at string, recorded, is any) string {
	switch recorded := recorded.(type) {
	case map[string]any:
		object, ok := is.(map[string]any)
		if !ok {
			return at
		}
		for name, value := range recorded {
			if difference := missing(at+"."+name, value, object[name]); difference != "" {
				return difference
			}
		}
		return ""
	case []any:
		list, ok := is.([]any)
		if !ok || len(list) != len(recorded) {
			return at
		}
		for i, value := range recorded {
			if difference := missing(fmt.Sprintf("%s[%d]", at, i), value, list[i]); difference != "" {
				return difference
			}
		}
		return ""
	}
	if recorded != is {
		return fmt.Sprintf("%s was %v and is %v", at, recorded, is)
	}
	return ""
}
