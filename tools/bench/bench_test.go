package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestAccBench measures very little, so that the benchmark keeps working: all rows are there, the plans have the
// expected results, and only the provider calls the platform.
func TestAccBench(t *testing.T) {
	t.Parallel()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("an acceptance test: needs TF_ACC=1 and Terraform or OpenTofu")
	}
	const module = "github.com/terraform-provider-vap/terraform-provider-vap"
	folder := t.TempDir()
	build := func(name, path string) string {
		executable := filepath.Join(folder, name, "terraform-provider-vap")
		if out, err := exec.CommandContext(t.Context(), "go", "build", "-ldflags=-s -w", "-o", executable,
			path).CombinedOutput(); err != nil {
			t.Fatalf("building %s: %v\n%s", path, err, out)
		}
		return executable
	}
	var out bytes.Buffer
	review := filepath.Join(folder, "planreview")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-ldflags=-s -w", "-o", review,
		module+"/tools/planreview").
		CombinedOutput(); err != nil {
		t.Fatalf("building planreview: %v\n%s", err, out)
	}
	err := run(t.Context(), []string{
		"-provider", build("vap", module), "-floor", build("floor", module+"/tools/bench/floor"), "-n", "2", "-latency", "1",
		"-runs", "1", "-starts", "2", "-moves", "-commit", "abc",
		"-planreview", review, "-plan", "../../internal/planreview/testdata/plans/terraform-1.11/references.json", "-reviews",
		"500", "-applies", "2",
	}, &out)
	if err != nil {
		t.Fatal(err)
	}
	const number = `[0-9.e+]+`
	// what a plan costs: wall, CPU and memory
	const cost = number + ` s +\| ` + number + ` s +\| ` + number + ` MiB`
	// The cost of an apply: wall, CPU, the provider's memory, the peak of any process, the state, calls.
	taken := `\| ` + number + ` s +\| ` + number + ` s +\| ` + number + ` MiB +\| ` + number +
		` MiB +\| [0-9]+ kB +\| [0-9]+ +\| `
	for _, row := range []string{
		`^commit abc, (Terraform|OpenTofu) v`,
		`^\| vap +\| ` + number + ` MiB +\| ` + number + ` ms +\| ` + number + ` ms +\| ` + number + ` ms +\| [0-9]+ kB`,
		`^\| the smallest provider +\| ` + number + ` MiB +\| ` + number + ` ms +\| ` + number + ` ms +\| ` + number +
			` ms +\| [0-9]+ kB`,
		`^\| goal of vap +\| ≤ 20 MiB: (met|MISSED) +\| ≤ 7 ms: (met|MISSED) +\| +\| ≤ 20 ms: (met|MISSED)`,
		`^\| 500 moves +\| ` + number + ` MiB +\| markdown +\| ` + number + ` s +\| ` + number + ` MiB +\| ` + number +
			` +\| `,
		`^\| 500 moves +\| ` + number + ` MiB +\| html +\| ` + number + ` s +\| ` + number + ` MiB +\| ` + number +
			` +\| `,
		`^\| 500 moves +\| ` + number + ` MiB +\| json +\| ` + number + ` s +\| ` + number + ` MiB +\| ` + number +
			` +\| `,
		`^\| 500 moves +\| ` + number + ` MiB +\| junit +\| ` + number + ` s +\| ` + number + ` MiB +\| ` + number +
			` +\| `,
		`^\| 2 +\| +\| terraform_data \(core\) +\| ` + cost + ` +\| 0 +\| 1.00 `,
		`^\| 2 +\| +\| the smallest provider +\| ` + cost + ` +\| 0 .*\| 1.00 +\| 1.00 `,
		`^\| 2 +\| 1 ms +\| vap_environment +\| ` + cost + ` +\| [1-4] .*\| ≤ ` + number +
			` s: (met|MISSED)`,
		`^\| 2 +\| create +` + taken + `.*2 createenvironment`,
		`^\| 2 +\| move live +` + taken + `.*4 checkmigrationpossibility.*2 migrate`,
		`^\| 2 +\| destroy +` + taken + `.*2 deleteenv`,
		`^\| 2 +\| 1 ms +\| vap_environment, all move +\| ` + cost + ` +\| [2-9] `,
	} {
		if !regexp.MustCompile("(?m)" + row).MatchString(out.String()) {
			t.Errorf("no row like %s in\n%s", row, out.String())
		}
	}
}

func TestArguments(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ argument, complaint string }{
		{"-n=0", `-n: "0" is not a whole number of at least 1`},
		{"-n=1,x", `-n: "x" is not a whole number`},
		{"-latency=-1", `-latency: "-1" is not a whole number of at least 0`},
		{"-reviews=0", `-reviews: "0" is not a whole number of at least 1`},
		{"-applies=0", `-applies: "0" is not a whole number of at least 1`},
		{"-runs=0", "-runs and -starts must be at least 1"},
		{"-starts=0", "-runs and -starts must be at least 1"},
		{"-provider=none", "the provider has not been built"},
	} {
		var out bytes.Buffer
		if err := run(t.Context(), []string{c.argument}, &out); err == nil || !strings.Contains(err.Error(), c.complaint) {
			t.Errorf("%s: %v", c.argument, err)
		}
	}
}

func TestMedian(t *testing.T) {
	t.Parallel()
	if m := median([]time.Duration{9, 1, 3, 2, 4}); m != 3 {
		t.Errorf("got %d", m)
	}
}
