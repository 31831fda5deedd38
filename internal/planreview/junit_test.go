package planreview

import (
	"encoding/xml"
	"strings"
	"testing"
)

// The parts of a JUnit report that GitLab reads. It identifies test cases by name and classname, and shows the text
// of failure.
type gitlabReport struct {
	XMLName xml.Name `xml:"testsuites"`
	Suites  []struct {
		Name     string `xml:"name,attr"`
		Tests    int    `xml:"tests,attr"`
		Failures int    `xml:"failures,attr"`
		Cases    []struct {
			Name    string  `xml:"name,attr"`
			Class   string  `xml:"classname,attr"`
			Time    float64 `xml:"time,attr"`
			Failure *string `xml:"failure"`
			Out     string  `xml:"system-out"`
		} `xml:"testcase"`
	} `xml:"testsuite"`
}

func TestJUnit(t *testing.T) {
	t.Parallel()
	r := filled()
	r.Moves[0].Name = "a\x00b\x1b]]>&<x>" // what XML cannot have, or has to escape
	var b strings.Builder
	if err := JUnit(&b, r); err != nil {
		t.Fatal(err)
	}
	var report gitlabReport
	if err := xml.Unmarshal([]byte(b.String()), &report); err != nil {
		t.Fatalf("%v in\n%s", err, b.String())
	}
	if len(report.Suites) != 1 {
		t.Fatalf("%d suites", len(report.Suites))
	}
	suite := report.Suites[0]
	failures, known, failed := 0, map[string]bool{}, map[string]string{}
	for _, c := range suite.Cases {
		if c.Name == "" || c.Class == "" || c.Out == "" || known[c.Name] {
			t.Errorf("a test case without name, class or text, or one that is there already: %+v", c)
		}
		known[c.Name] = true
		if c.Failure != nil {
			failures++
			failed[c.Name] = *c.Failure
		}
	}
	// The plan, four moves and three other changes, one of them of an environment that moves.
	if suite.Tests != 7 || len(suite.Cases) != 7 || suite.Failures != failures || failures != 2 {
		t.Errorf("%d tests, %d cases, %d failures, %d failed", suite.Tests, len(suite.Cases), suite.Failures, failures)
	}
	for name, want := range map[string]string{"plan": "incomplete: ",
		`module.shop.vap_environment.all["a|b"]`: "missing-permission: migration_policy lacks allow_downtime"} {
		if !strings.Contains(failed[name], want) {
			t.Errorf("%s failed with %q", name, failed[name])
		}
	}
}
