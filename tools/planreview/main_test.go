package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/planreview"
)

const plans = "../../internal/planreview/testdata/plans/terraform-1.11/"

func recorded(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(plans + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// call runs the program in the current folder.
func call(stdin string, arguments ...string) (code int, stdout, stderr string) {
	var out, complaints bytes.Buffer
	code = run(arguments, strings.NewReader(stdin), &out, &complaints, time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC))
	return code, out.String(), complaints.String()
}

func TestExitCodes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		plan      string
		arguments string
		code      int
		stderr    string
	}{
		{"nothing", "", 0, ""},
		{"nothing", "-deny offline,ip-change,unknown,delete,replace,incomplete,cost-increase=0", 0, ""},
		{"live", "-deny offline,ip-change,domain-change,live-database,external-move,unknown", 0, ""},
		{"far", "", 0, ""},
		{"far", "-deny offline", 1, "vap_environment.shop: offline: "},
		{"far", "-deny ip-change -deny unknown", 1, "vap_environment.shop: ip-change: "},
		{"far", "-deny domain-change", 1, "vap_environment.shop: domain-change: "},
		{"far", "-deny window", 1, "vap_environment.shop: window: "},
		{"window", "-deny window", 0, ""},
		{"far", "-deny cost-increase=50%", 1, "vap_environment.shop: cost-increase: "},
		{"far", "-deny cost-increase=60%", 0, ""},
		{"live-database", "-deny live-database", 1, "vap_environment.shop: live-database: "},
		{"external-move", "-deny external-move", 1, "vap_environment.shop: external-move: "},
		{"unknown-region", "-deny unknown", 1, "vap_environment.shop: unknown: "},
		{"unknown-region", "-deny offline", 0, ""},
		{"delete", "-deny delete", 1, "vap_environment.shop: delete: "},
		{"replace", "-deny replace", 1, "vap_environment.shop: replace: "},
		{"private-registry", "-deny offline,ip-change", 1, "vap_environment.shop: ip-change: "},
		{"node-type", "", 0, ""},
		{"node-type", "-deny data-loss", 1, "vap_environment.shop: data-loss: layer sqldb is replaced with everything on " +
			"its nodes"},
		{"renamed", "-deny data-loss", 1, "a moved block from vap_environment.shop to vap_environment.store keeps it"},
		{"import-unmanaged", "-deny data-loss", 0, ""},
		{"targeted", "", 0, ""},
		{"targeted", "-deny incomplete", 1, "the plan: incomplete: "},
		{"denied", "", 1, "vap_environment.shop: missing-permission: migration_policy lacks allow_downtime and " +
			"allow_ip_change"},
		{"errored", "", 1, "the plan: errored: "},
		{"refused", "-format json", 1, "the plan: errored: "},
		{"far", "-deny ofline", 2, `-deny: "ofline" cannot be denied`},
		{"far", "-format text", 2, `there is no format "text"; there are html, json, junit, markdown`},
		{"far", "-format markdown -format json", 2, "two formats go to standard output"},
		{"far", "-nonsense", 2, "flag provided but not defined: -nonsense"},
		{"far", "one.json two.json", 2, `one plan at a time: "two.json"`},
		{"far", "missing.json", 2, "missing.json"},
		{"far", "-config missing.yml", 2, "missing.yml"},
		{"far", "-format json=no/such/folder/x.json", 2, "no/such/folder/x.json"},
		{"far", "-h", 0, "Usage: "},
	} {
		arguments := strings.Fields(c.arguments)
		code, stdout, stderr := call(recorded(t, c.plan), arguments...)
		if code != c.code || !strings.Contains(stderr, c.stderr) || (stderr == "") != (c.stderr == "") {
			t.Errorf("%s %s: exit code %d, want %d; it says %q, want %q", c.plan, c.arguments, code, c.code, stderr, c.stderr)
		}
		if review := code != badInput && c.arguments != "-h"; (stdout != "") != review {
			t.Errorf("%s %s: exit code %d with the output %q", c.plan, c.arguments, code, stdout)
		}
	}
}

func TestBadInput(t *testing.T) {
	t.Parallel()
	for _, input := range []string{"", "text", "[]", "{", "PK\x03\x04", `{"format_version":"3.0","planned_values":{}}`,
		recorded(t, "far")[:5000]} {
		code, stdout, stderr := call(input)
		if code != badInput || stdout != "" || strings.Count(stderr, "\n") != 1 ||
			!strings.HasPrefix(stderr, "planreview: The ") {
			t.Errorf("%.20q: exit code %d, %q, %q", input, code, stdout, stderr)
		}
	}
}

// The plan comes from a file or standard input; the formats go to standard output and to files.
func TestInputAndOutputs(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	page, report := filepath.Join(folder, "review.html"), filepath.Join(folder, "report.xml")
	_, want, _ := call(recorded(t, "far"))
	for _, arguments := range [][]string{{plans + "far.json"}, {"-"}} {
		if code, got, _ := call(recorded(t, "far"), arguments...); code != 0 || got != want {
			t.Errorf("%q: exit code %d, %q", arguments, code, got)
		}
	}
	code, stdout, _ := call(recorded(t, "far"), "-format", "json", "-format", "html="+page, "-format", "junit="+report,
		"-deny", "offline")
	var review planreview.Review
	if err := json.Unmarshal([]byte(stdout), &review); err != nil || code != denied || len(review.Denials) != 1 ||
		review.FormatVersion != planreview.FormatVersion {
		t.Errorf("exit code %d, %v, %+v", code, err, review)
	}
	for file, begins := range map[string]string{page: "<!doctype html>", report: "<?xml"} {
		content, err := os.ReadFile(file)
		if err != nil || !strings.HasPrefix(strings.ToLower(string(content)), begins) {
			t.Errorf("%s: %v, %.40q", file, err, content)
		}
	}
}

// Files get the mode that the umask allows, so that another user or a later step can read them.
func TestFileMode(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	usual, review := filepath.Join(folder, "usual"), filepath.Join(folder, "review.md")
	file, err := os.Create(usual)
	if err != nil {
		t.Fatal(err)
	}
	_ = file.Close()
	if code, _, stderr := call(recorded(t, "far"), "-format", "markdown="+review); code != clean {
		t.Fatal(stderr)
	}
	want, err := os.Stat(usual)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.Stat(review); err != nil || got.Mode() != want.Mode() {
		t.Errorf("%v, %v, want %v", err, got.Mode(), want.Mode())
	}
}

func TestConfiguration(t *testing.T) {
	write := func(name, content string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	far, errored := recorded(t, "far"), recorded(t, "errored")
	t.Chdir(t.TempDir())
	expect := func(plan string, code int, says string, arguments ...string) {
		t.Helper()
		if got, stdout, stderr := call(plan, arguments...); got != code || !strings.Contains(stdout+stderr, says) {
			t.Errorf("%q: exit code %d, want %d; it says %q, want %q", arguments, got, code, stdout+stderr, says)
		}
	}
	write(".vap-review.yml", "format: json\ndeny: [offline, ip-change]\n")
	expect(far, denied, "vap_environment.shop: offline")
	expect(far, denied, `"format_version"`)
	expect(far, denied, "### 1 environment moves", "-format", "markdown")
	expect(far, clean, "", "-deny", "unknown") // a flag overrides the file
	expect(far, clean, "", "-deny", "")
	write("other.yml", "deny: unknown\n")
	expect(far, clean, "", "-config", "other.yml")

	write(".vap-review.yml", "deny: [offline, ip-change]\nallow:\n- {address: 'vap_environment.*', kinds: [offline, "+
		"ip-change], to_regions: [south-standard], reason: OPS-1234, expires: 2026-06-15}\n")
	expect(far, clean, "**Allowed by exception**")
	expect(far, clean, "OPS-1234, until 2026-06-15", "-deny", "offline") // exceptions still apply
	expect(far, denied, "domain-change", "-deny", "domain-change,offline")
	expect(errored, denied, "the plan: errored")
	write(".vap-review.yml", "deny: [offline]\nallow:\n- {address: '*', kinds: [offline], reason: OPS-1234, expires: "+
		"2026-06-14}\n")
	expect(far, denied, "the exception expired on 2026-06-14")

	write(".vap-review.yml", "deny: [offline]\ndenny: [unknown]\n")
	expect(far, badInput, ".vap-review.yml: line 2: field denny not found")
	write(".vap-review.yml", "format: [markdown, text]\n")
	expect(far, badInput, `.vap-review.yml: line 1: format: there is no format "text"`)
	write(".vap-review.yml", "format: [markdown, json]\n")
	expect(far, badInput, ".vap-review.yml: two formats go to standard output")
	write(".vap-review.yml", "deny:\n- ofline\n")
	expect(far, badInput, `.vap-review.yml: line 2: deny: "ofline"`)
}
