package planreview

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	_ "embed" // the template and its style
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"
	"unicode/utf8"
)

var (
	//go:embed html.tmpl
	htmlTemplate string
	//go:embed html.css
	htmlStyle string

	htmlPage = template.Must(template.New("review").Funcs(template.FuncMap{"turns": turns, "breaks": breaks}).
			Parse(htmlTemplate))
)

const (
	// unfolded is how many moves, reasons or other changes are listed one by one. More of them are gathered into groups
	// that a reader unfolds.
	unfolded = 25
	// opened is how many moves have their details open from the beginning.
	opened = 3
	// printed is how many moves there are at most if their details are to be printed, too: those of a thousand are five
	// hundred pages.
	printed = 100
	// listed is how many lines the lists of one sort in the details have, of all moves together, and listedEach how many
	// any of them has at least: a module to which each of a thousand environments refers does not make a million lines.
	listed     = 20_000
	listedEach = 20
)

// HTML writes a review as a page of its own: one file that needs no network, runs no script and asks the browser to
// permit neither. All of the moves are in it.
func HTML(w io.Writer, r *Review) error {
	v := &visibleWriter{w: w}
	err := htmlPage.Execute(v, viewOf(r))
	if err == nil {
		err = v.flush()
	}
	if err != nil {
		return fmt.Errorf("rendering HTML: %w", err)
	}
	return nil
}

// visibleWriter writes what can be seen, so that a page of a hundred megabytes is never in memory. The template writes
// whole characters.
type visibleWriter struct {
	w       io.Writer
	pending bytes.Buffer
}

func (v *visibleWriter) Write(text []byte) (int, error) {
	v.pending.Write(text)
	if v.pending.Len() < 64<<10 {
		return len(text), nil
	}
	return len(text), v.flush()
}

func (v *visibleWriter) flush() error {
	_, err := v.w.Write(bytes.Map(visible, v.pending.Bytes()))
	v.pending.Reset()
	return err
}

// breaks is a text of which a line may end after each character that separates words: a word never breaks in its middle
// unless it is longer than a line.
func breaks(text string) template.HTML {
	const separators = "._/:@[]=,–"
	var b strings.Builder
	for text != "" {
		i := strings.IndexAny(text, separators)
		if i < 0 {
			break
		}
		_, size := utf8.DecodeRuneInString(text[i:])
		b.WriteString(template.HTMLEscapeString(text[:i+size]))
		if text = text[i+size:]; text != "" {
			b.WriteString("<wbr/>")
		}
	}
	b.WriteString(template.HTMLEscapeString(text))
	return template.HTML(b.String())
}

// visible replaces characters that are not seen but change what is: controls, and those that turn the direction of
// writing, by which a name could pass for another.
func visible(r rune) rune {
	switch {
	case r == '\n' || r == '\t':
		return r
	case r < ' ', r >= 0x7f && r <= 0x9f, r >= 0x200b && r <= 0x200f, r >= 0x2028 && r <= 0x202e,
		r >= 0x2066 && r <= 0x2069, r == 0xfeff, r == 0xfffe, r == 0xffff:
		return '\ufffd'
	}
	return r
}

// turns takes "from → to" apart, to be shown in two lines.
func turns(text string) []string { return strings.Split(text, " → ") }

// htmlView is a review as the template shows it.
type htmlView struct {
	*Review
	Style template.CSS
	// Policy is the page's content security policy: nothing is permitted but its own style.
	Policy  string
	Verdict string
	Map     *picture
	Moves   []htmlGroup
	// Total is what all moves together do to the bill, a text each; nil if there are not several moves.
	Total    []string
	Denials  []htmlReasons
	Excepted []htmlReasons
	// Losses are the other changes that lose data, Others those that do not.
	Losses, Others []htmlReasons
	// Triggers are the changes that may follow from a move.
	Triggers []htmlReasons
}

// htmlGroup is a part of the moves; without a title, all of them.
type htmlGroup struct {
	// Title is where from and where to.
	Title  string
	Kind   string
	Shade  string
	Denied int
	Moves  []htmlMove
	// Total is that of the review, if all moves are in the group.
	Total []string
}

type htmlMove struct {
	*Move
	// ID is what links within the page call it.
	ID         int
	Denied     bool
	CostDenied bool
	Open       bool
	// Alerts and Facts are what should be looked at in the details.
	Alerts, Facts []string
	Lists         []htmlList
	// ListedNodes are those that get other addresses, and MoreNodes is how many more of them there are.
	ListedNodes []Node
	MoreNodes   int
}

// htmlReasons are lines about one environment or, when there are many, of one sort.
type htmlReasons struct {
	Name, Address string
	// Folded says that it is shown when a reader unfolds it.
	Folded bool
	Lines  []htmlLine
}

type htmlList struct {
	Title string
	Lines []htmlLine
	// More is how many lines are left out.
	More int
}

// htmlLine is a line of a list: what it is about, which is code, then text, then what is wrong with it.
type htmlLine struct {
	Name, Code, Text, Alert string
	// Block is what is to be written in a configuration, in several lines.
	Block string
}

func viewOf(r *Review) *htmlView {
	hash := sha256.Sum256([]byte(htmlStyle))
	v := &htmlView{
		Review: r,
		Style:  template.CSS(htmlStyle),
		Policy: "default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'sha256-" +
			base64.StdEncoding.EncodeToString(hash[:]) + "'",
		Total: r.totalWords(),
	}
	moves := r.judged()
	v.Map = pictureOf(moves)
	switch {
	case r.Denied:
		v.Verdict = "Denied"
	case !r.Empty(): // else the headline says that there is nothing to review
		v.Verdict = "Allowed"
	}

	names := map[string]string{}
	for i := range r.Moves {
		names[r.Moves[i].Address] = r.Moves[i].Name
	}
	for i := range r.Others {
		names[r.Others[i].Address] = r.Others[i].Name
	}
	v.Moves = groupsOf(moves)
	if len(v.Moves) == 1 && v.Moves[0].Title == "" {
		v.Moves[0].Total, v.Total = v.Total, nil
	}

	v.Denials = reasonsOf(r.Denials, names)
	var excepted []Denial
	for _, e := range r.Exceptions {
		d := e.Denial
		if e.Reason != "" {
			d.Text += "; accepted: " + e.Reason
		}
		if e.Expires != "" {
			d.Text += ", until " + e.Expires
		}
		excepted = append(excepted, d)
	}
	v.Excepted = reasonsOf(excepted, names)
	v.Losses = othersOf(r.Others, func(o *Other) bool { return o.losesData() })
	v.Others = othersOf(r.Others, func(o *Other) bool { return !o.losesData() })
	v.Triggers = triggersOf(r.Triggered)
	return v
}

// groupsOf is one group of moves, or if there are many a group for each flow between regions or, if those are many,
// too, between data centres.
func groupsOf(moves []Move) []htmlGroup {
	id, limit := 0, max(listedEach, listed/max(1, len(moves)))
	group := func(moves []*Move, title string) htmlGroup {
		g := htmlGroup{Title: title, Kind: moves[0].Kind(), Shade: moves[0].Shade()}
		for _, m := range moves {
			id++
			v := htmlMove{Move: m, ID: id, Denied: m.denied, CostDenied: m.costDenied, Open: title == "" && len(moves) <= opened,
				Lists: m.lists(limit)}
			v.Alerts, v.Facts = m.facts()
			if m.IPChange {
				v.ListedNodes, v.MoreNodes = m.Nodes[:min(limit, len(m.Nodes))], max(0, len(m.Nodes)-limit)
			}
			g.Moves = append(g.Moves, v)
			if m.denied {
				g.Denied++
			}
		}
		return g
	}
	if len(moves) <= unfolded {
		all := make([]*Move, len(moves))
		for i := range moves {
			all[i] = &moves[i]
		}
		if len(all) == 0 {
			return nil
		}
		return []htmlGroup{group(all, "")}
	}
	flows := flowsOf(moves, true)
	if len(flows) > unfolded {
		flows = flowsOf(moves, false)
	}
	var groups []htmlGroup
	for i := range flows {
		groups = append(groups, group(flows[i].Moves, flows[i].route()))
	}
	return groups
}

// Detailed says that there is more to say about a move than its row does.
func (m htmlMove) Detailed() bool { return len(m.Lists) > 0 || len(m.ListedNodes) > 0 }

// Unprinted is how many moves are printed without their details.
func (v *htmlView) Unprinted() int {
	if n := len(v.Review.Moves); n > printed {
		return n
	}
	return 0
}

// LossTitle is what stands above what loses data.
func (v *htmlView) LossTitle() string { return v.lossTitle() }

// Notes are footnotes to the moves.
func (v *htmlView) Notes() []string { return v.notes() }

// Permission says what is missing if it is not a permission.
func (m htmlMove) Permission() string {
	if m.Class == ClassUnknown {
		return notKnown
	}
	return "none"
}

// facts are what of the details a reader should not overlook, the first ones least of all.
func (m *Move) facts() (alerts, facts []string) {
	stale := 0
	for _, u := range m.Unchanged {
		if u.Stale {
			stale++
		}
	}
	if n := len(m.HardCoded); n > 0 {
		alerts = append(alerts, "hard-coded in "+count(n, "place"))
	}
	if stale > 0 {
		alerts = append(alerts, count(stale, "stale reference"))
	}
	if n := len(m.Dependents); n > 0 {
		facts = append(facts, count(n, "dependent"))
	}
	if n := len(m.ToDo); n > 0 {
		facts = append(facts, fmt.Sprint(n, " to do by hand"))
	}
	return alerts, facts
}

// lists are the details of a move, what needs a hand first, with so many lines each.
func (m *Move) lists(limit int) []htmlList {
	var lists []htmlList
	add := func(title string, lines []htmlLine) {
		if len(lines) > 0 {
			lists = append(lists, htmlList{title, lines[:min(limit, len(lines))], max(0, len(lines)-limit)})
		}
	}
	var hard, stale, following, unchanged, dependents []htmlLine
	for _, h := range m.HardCoded {
		line := htmlLine{Code: h.Place(), Alert: h.Value}
		if h.Sensitive {
			line.Alert, line.Text = "", "sensitive, so its value is not shown"
		}
		hard = append(hard, line)
	}
	for _, u := range m.Unchanged {
		line := htmlLine{Code: u.Address, Text: u.words()}
		switch {
		case u.Stale:
			stale = append(stale, line)
		case m.Class != ClassLive: // of which nothing follows for them
			unchanged = append(unchanged, line)
		}
	}
	for _, f := range m.Following {
		following = append(following, htmlLine{Name: f.Action, Code: f.Address, Text: f.words()})
	}
	for _, d := range m.Dependents {
		dependents = append(dependents, htmlLine{Text: d.String()})
	}
	var todo []htmlLine
	for _, text := range m.ToDo {
		todo = append(todo, htmlLine{Text: text})
	}
	add("By hand", todo)
	add("Old addresses and domains, hard-coded, that stay as they are", hard)
	add("Refers to what changes, and stays as it is", stale)
	add("Changes with it", following)
	add("Refers to it, and stays as it is", unchanged)
	add("Depends on its nodes", dependents)
	return lists
}

// words says to what it refers: "refers to domain, url through module.dns.var.targets".
func (f Reference) words() string {
	if f.ByValue {
		return "holds an old address or domain, which the plan replaces"
	}
	text := "refers to " + cmp.Or(strings.Join(f.Attributes, ", "), "it")
	if len(f.Via) > 0 {
		text += " through " + strings.Join(f.Via, ", ")
	}
	return text
}

// words is what happens to environments, as a heading.
func (a Action) words() string {
	switch a {
	case ActionCreate:
		return "created"
	case ActionDelete:
		return "deleted with their data"
	case ActionReplace:
		return "replaced, the data is deleted"
	case ActionForget:
		return "no longer managed"
	case ActionTopology:
		return "layers changed"
	case ActionMovedOutside:
		return "moved outside Terraform"
	}
	return "changed otherwise"
}
