package planreview

import (
	"encoding/xml"
	"io"
	"strings"
)

// The parts of JUnit's format that GitLab, Jenkins and others read. They identify test cases by class and name, so
// these stay the same from one plan to the next.
type (
	junitSuites struct {
		XMLName  xml.Name   `xml:"testsuites"`
		Name     string     `xml:"name,attr"`
		Tests    int        `xml:"tests,attr"`
		Failures int        `xml:"failures,attr"`
		Suite    junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Class   string        `xml:"classname,attr"`
		Name    string        `xml:"name,attr"`
		Time    string        `xml:"time,attr"`
		Failure *junitFailure `xml:"failure,omitempty"`
		Out     string        `xml:"system-out,omitempty"`
	}
	junitFailure struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Text    string `xml:",chardata"`
	}
)

// JUnit writes a review as a JUnit report. There is a test case for each environment that moves or changes, which
// fails if anything about it is denied, and one for the plan as a whole.
func JUnit(w io.Writer, r *Review) error {
	suite := junitSuite{Name: "planreview"}
	add := func(name, address, out string) {
		c := junitCase{Class: "planreview", Name: name, Time: "0", Out: out}
		if denials := r.DenialsOf(address); len(denials) > 0 {
			var kinds, texts []string
			for _, d := range denials {
				kinds = append(kinds, string(d.Kind))
				texts = append(texts, string(d.Kind)+": "+d.Text)
			}
			c.Failure = &junitFailure{
				Message: "denied: " + strings.Join(kinds, ", "), Type: "denied",
				Text: strings.Join(append([]string{name}, texts...), "\n") + "\n\n" + out,
			}
			suite.Failures++
		}
		suite.Cases = append(suite.Cases, c)
	}
	add("plan", "", strings.Join(append([]string{r.Headline}, r.Incomplete...), "\n"))
	var addresses []string
	lines := map[string][]string{}
	addLine := func(address, line string) {
		if lines[address] == nil {
			addresses = append(addresses, address)
		}
		lines[address] = append(lines[address], line)
	}
	for i := range r.Moves {
		m := &r.Moves[i]
		addLine(m.Address, m.sentence())
		for _, line := range m.ToDo {
			addLine(m.Address, "afterwards: "+line)
		}
	}
	for _, o := range r.Others {
		if o.losesData() {
			addLine(o.Address, "data loss: "+o.Name+": "+o.Summary)
		} else {
			addLine(o.Address, o.Name+": "+o.Summary)
		}
		if o.Moved != "" {
			addLine(o.Address, "to keep it, write:\n"+o.Moved)
		}
	}
	for _, d := range r.Denials {
		if d.Address != "" && lines[d.Address] == nil {
			addLine(d.Address, d.Text)
		}
	}
	for _, address := range addresses {
		add(address, address, strings.Join(lines[address], "\n"))
	}
	suite.Tests = len(suite.Cases)
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	encoder := xml.NewEncoder(w)
	encoder.Indent("", "  ")
	if err := encoder.Encode(junitSuites{Name: "planreview", Tests: suite.Tests, Failures: suite.Failures,
		Suite: suite}); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// sentence describes a move in a line of plain text.
func (m *Move) sentence() string {
	parts := []string{
		m.Name + " moves " + m.Route(), m.Kind() + " (" + m.Why() + ")", "downtime: " + m.DowntimeWords(),
		"addresses: " + m.AddressWords(),
		"domain: " + m.DomainWords(), "cost per month at most: " + m.CostWords(),
	}
	if m.Class == ClassLive {
		parts = append(parts, liveRisk)
	}
	if mark := m.Mark(); mark != "" {
		parts = append(parts, mark)
	}
	return strings.Join(parts, "; ")
}
