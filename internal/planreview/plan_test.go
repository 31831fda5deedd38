package planreview

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"
)

// For other input than a plan, the error says what it is and what to run instead.
func TestReadErrors(t *testing.T) {
	t.Parallel()
	plan, err := os.ReadFile("testdata/plans/terraform-1.11/live.json")
	if err != nil {
		t.Fatal(err)
	}
	for input, want := range map[string]string{
		"":      "The input is empty.",
		" \n\t": "The input is empty.",
		"\nTerraform used the selected providers to generate ...": "The input is not JSON.",
		"PK\x03\x04\x14\x00": "a binary file",
		"\xff\xfe{\x00":      "UTF-16",
		"[command]/bin/terraform show -json p\n" + string(plan):                   "a wrapper of terraform",
		"12:00:00.000 STDOUT terraform: \n{\n  \"format_version\": \"1.2\"\n}":    "begins with other output",
		"Running in HCP Terraform\n" + `{"format_version":"1.2"}`:                 "a wrapper of terraform",
		string(plan) + "\n::debug::Terraform exited with code 0.":                 "output of a wrapper of terraform",
		`{"format_version":"1.2","planned_values":{},"errored":1}`:                "not that of a plan",
		`{"format_version":"1.2","resource_changes":[],"resource_changes":[]}`:    "resource_changes twice",
		`{"format_version":"1.2","planned_values":{},"prior_state":{"values":5}}`: "not that of a plan",
		"[]":                                  "a JSON array",
		"[{}]":                                "a JSON array",
		"null":                                "The input is not JSON.",
		"{":                                   "truncated",
		string(plan[:len(plan)/2]):            "truncated",
		string(plan[:len(plan)-3]):            "truncated",
		string(plan) + string(plan):           "goes on after the end",
		string(plan) + "\nWarning: something": "goes on after the end",
		`{"format_version":"1.2",}`:           "not JSON: invalid character '}'",
		`{}`:                                  "no format_version",
		`{"format_version":"2.0","planned_values":{}}`:                    `format version "2.0"`,
		`{"format_version":"2.0","resource_changes":"new"}`:               `format version "2.0"`,
		`{"format_version":"0.1","planned_values":{}}`:                    `format version "0.1"`,
		`{"format_version":1,"planned_values":{}}`:                        "cannot unmarshal number",
		`{"format_version":"1.2","resource_changes":5}`:                   "not that of a plan",
		`{"format_version":"1.0"}`:                                        "an empty state",
		`{"format_version":"1.0","values":{"root_module":{}}}`:            "the JSON of a state",
		`{"version":4,"serial":1,"lineage":"x","resources":[]}`:           "a state file",
		`{"@level":"info","@message":"x"}`:                                "messages of plan -json",
		`{"@level":"info","@message":"x"}` + "\n" + `{"@level":"info"}`:   "messages of plan -json",
		`{"format_version":"1.0","provider_schemas":{}}`:                  "schemas of providers",
		`{"format_version":"1.0","valid":true,"diagnostics":[]}`:          "validate -json",
		`{"format_version":"1.0","headline":"x","moves":[]}`:              "a review",
		`{"format_version":"1.2","planned_values":{},"configuration":[]}`: "not that of a plan",
	} {
		_, err := Read(strings.NewReader(input))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: %v, want %q", input, err, want)
			continue
		}
		if !strings.Contains(want, "format version") && !strings.Contains(err.Error(), "terraform show -json plan.out") {
			t.Errorf("%.60q: what to run is missing: %v", input, err)
		}
	}
}

func TestReadAcceptsByteOrderMark(t *testing.T) {
	t.Parallel()
	if _, err := Read(strings.NewReader("\xef\xbb\xbf" + `{"format_version":"1.2","planned_values":{}}`)); err != nil {
		t.Error(err)
	}
}

func TestReadLimit(t *testing.T) {
	t.Parallel()
	if _, err := read(strings.NewReader(strings.Repeat(" ", 3<<20)), 1<<20); err == nil ||
		!strings.Contains(err.Error(), "larger than 1 MiB") {
		t.Error(err)
	}
	if _, err := Read(brokenPipe{}); !errors.Is(err, io.ErrClosedPipe) {
		t.Error(err)
	}
}

type brokenPipe struct{}

func (brokenPipe) Read([]byte) (int, error) { return 0, io.ErrClosedPipe }
