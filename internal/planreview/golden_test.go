package planreview_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/golden"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/planreview"
)

// programs are the folders of recorded plans, one for each program and version.
func programs(t *testing.T) []string {
	t.Helper()
	folders, err := filepath.Glob("testdata/plans/*")
	if err != nil || len(folders) == 0 {
		t.Fatal("no recorded plans", err)
	}
	return folders
}

// strict denies everything that can be denied.
func strict(t *testing.T) planreview.Gate {
	t.Helper()
	gate := planreview.Gate{Today: time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)}
	const everything = "data-loss,offline,window,ip-change,domain-change,live-database,external-move,unknown," +
		"cost-increase=100%,delete,replace,incomplete"
	if err := gate.ParseDeny(everything); err != nil {
		t.Fatal(err)
	}
	return gate
}

func read(t *testing.T, file string) *planreview.Plan {
	t.Helper()
	content, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	plan, err := planreview.Read(content)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return plan
}

// Each row has a plan of each program, and there are no other plans. Data loss does not depend on the program, so
// those rows may be recorded with only one.
func TestEveryRowIsRecorded(t *testing.T) {
	t.Parallel()
	var want, optional []string
	for _, row := range rows {
		want = append(want, row.name+".json")
	}
	for _, row := range truth {
		optional = append(optional, row.name+".json")
	}
	slices.Sort(want)
	recorded := map[string]bool{}
	for _, folder := range programs(t) {
		entries, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, entry := range entries {
			got = append(got, entry.Name())
			recorded[entry.Name()] = true
		}
		needed := slices.DeleteFunc(slices.Clone(want), func(name string) bool {
			return slices.Contains(optional, name) && !slices.Contains(got, name)
		})
		if !slices.Equal(got, needed) {
			t.Errorf("%s has the plans\n%q, want\n%q: make plans", folder, got, needed)
		}
	}
	for _, name := range want {
		if !recorded[name] {
			t.Errorf("%s is recorded with no program: make plans", name)
		}
	}
}

// The reviews of recorded plans are those in testdata, whichever program made the plan.
func TestReviews(t *testing.T) {
	t.Parallel()
	formats := map[string]func(io.Writer, *planreview.Review) error{"md": planreview.Markdown}
	withMachines := map[string]func(io.Writer, *planreview.Review) error{"md": planreview.Markdown,
		"json": planreview.JSON, "xml": planreview.JUnit}
	for _, folder := range programs(t) {
		for _, row := range rows {
			if _, err := os.Stat(filepath.Join(folder, row.name+".json")); err != nil {
				continue // TestEveryRowIsRecorded checks whether it must exist
			}
			t.Run(filepath.Base(folder)+"/"+row.name, func(t *testing.T) {
				t.Parallel()
				review := planreview.New(read(t, filepath.Join(folder, row.name+".json")), strict(t))
				review.TerraformVersion = ""
				used := formats
				if slices.Contains([]string{"references", "modules", "denied", "errored", "unknown-region", "nothing", "triggers"},
					row.name) {
					used = withMachines
				}
				for extension, format := range used {
					var got bytes.Buffer
					if err := format(&got, review); err != nil {
						t.Fatal(err)
					}
					expectGolden(t, filepath.Join("testdata", "reviews", row.name+"."+extension), got.Bytes())
				}
			})
		}
	}
}

func expectGolden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *golden.Update {
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("the review is not that of %s (%v); -update writes it anew:\n%s", file, err, got)
	}
}

// The classes of the moves in the plans of the decision table.
func TestClasses(t *testing.T) {
	t.Parallel()
	const permission = "missing-permission"
	for name, want := range map[string]string{
		"refused":              "errored",
		"broken":               "errored",
		"stopped":              "offline environment_stopped",
		"stopped-far":          "offline_new_addresses environment_stopped; ip-change domain-change",
		"live":                 "live live_available",
		"sleeping":             "live live_available",
		"database":             "offline database; offline window",
		"storage":              "offline shared_storage; offline window",
		"mounts":               "offline mounts; offline window",
		"no-live":              "offline live_not_possible; offline window",
		"far":                  "offline_new_addresses live_not_possible; offline window ip-change domain-change",
		"dependents":           "offline_new_addresses live_not_possible; offline window ip-change domain-change",
		"window":               "offline_new_addresses live_not_possible; offline ip-change domain-change",
		"live-requested":       "live requested",
		"live-database":        "live requested; live-database",
		"sensitive-region":     "live requested; live-database",
		"live-mounts":          "live requested",
		"live-database-denied": "live requested; " + permission + " live-database",
		"live-impossible":      "errored",
		"live-storage":         "errored",
		"offline":              "offline requested; offline window",
		"offline-far":          "offline_new_addresses requested; offline window ip-change domain-change",
		"power-off":            "offline environment_stopped",
		"denied": "offline_new_addresses live_not_possible; " + permission + " offline window ip-change " +
			"domain-change",
		"errored":        "live live_available; errored",
		"unknown-region": "unknown ; unknown cost-increase",
		"unknown-policy": "unknown ; unknown cost-increase",
		"external-move":  "live live_available external_move; external-move",
		"in-progress":    "live live_available in_progress",
	} {
		for _, folder := range programs(t) {
			gate := strict(t)
			gate.CostIncrease = 1000
			review := planreview.New(read(t, filepath.Join(folder, name+".json")), gate)
			var got, kinds []string
			for _, m := range review.Moves {
				text := string(m.Class) + " " + m.Reason
				if m.Trigger != planreview.TriggerConfiguration && m.Trigger != "" {
					text += " " + m.Trigger
				}
				got = append(got, text)
			}
			for _, d := range review.Denials {
				kinds = append(kinds, string(d.Kind))
			}
			if len(kinds) > 0 {
				got = append(got, strings.Join(kinds, " "))
			}
			if text := strings.Join(got, "; "); text != want {
				t.Errorf("%s %s is reviewed as %q, want %q", filepath.Base(folder), name, text, want)
			}
		}
	}
}
