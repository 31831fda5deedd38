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

	htmlPage = template.Must(template.New("review").Funcs(template.FuncMap{"turns": splitArrow, "breaks": breakable}).
			Parse(htmlTemplate))
)

const (
	// unfolded is how many moves, reasons or other changes are listed one by one. More of them are put into groups
	// that a reader unfolds.
	unfolded = 25
	// opened is up to how many moves have their details open initially.
	opened = 3
	// printed is up to how many moves are printed with their details: those of a thousand moves fill five hundred
	// pages.
	printed = 100
	// listed is how many lines all moves together have in one kind of list, and listedEach how many each list has at
	// least. A module to which each of a thousand environments refers does not make a million lines.
	listed     = 20_000
	listedEach = 20
)

// HTML writes a review as a single file that contains all moves. It needs no network, runs no script, and has a
// policy with which the browser permits neither.
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

// visibleWriter replaces invisible characters piece by piece, so that a page of a hundred megabytes is never in
// memory. The template writes whole characters.
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

// breakable is a text in which a line may break after each character that separates words: a word breaks only if it is
// longer than a line.
func breakable(text string) template.HTML {
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

// visible replaces characters that are invisible but change the text: control characters, and those that change the
// direction of writing, with which a name could pass for another.
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

// splitArrow splits "from → to", so that it can be shown in two lines.
func splitArrow(text string) []string { return strings.Split(text, " → ") }

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

// htmlGroup is a group of moves; without a title, it contains all of them.
type htmlGroup struct {
	// Title is the route of the moves.
	Title  string
	Kind   string
	Shade  string
	Denied int
	Moves  []htmlMove
	// Total is the review's total if the group has all moves.
	Total []string
}

type htmlMove struct {
	*Move
	// ID identifies the move in links within the page.
	ID         int
	Denied     bool
	CostDenied bool
	Open       bool
	// Alerts and Facts say what to look at in the details.
	Alerts, Facts []string
	Lists         []htmlList
	// ListedNodes are nodes that get other addresses, and MoreNodes is how many more there are.
	ListedNodes []Node
	MoreNodes   int
}

// htmlReasons are lines about one environment or, if there are many, about one kind.
type htmlReasons struct {
	Name, Address string
	// Folded says that the reader has to unfold it.
	Folded bool
	Lines  []htmlLine
}

type htmlList struct {
	Title string
	Lines []htmlLine
	// More is how many lines are left out.
	More int
}

// htmlLine is a line of a list: its subject, which is set as code, then text, then what is wrong.
type htmlLine struct {
	Name, Code, Text, Alert string
	// Block is HCL to write, in several lines.
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
	moves := r.markedMoves()
	v.Map = pictureOf(moves)
	switch {
	case r.Denied:
		v.Verdict = "Denied"
	case !r.Empty(): // otherwise the headline says that there is nothing to review
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

// groupsOf returns one group of moves or, if there are many, a group for each flow between regions or, if there are
// too many flows, between data centres.
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

// Detailed says that a move has details beyond its row.
func (m htmlMove) Detailed() bool { return len(m.Lists) > 0 || len(m.ListedNodes) > 0 }

// Unprinted is how many moves are printed without their details.
func (v *htmlView) Unprinted() int {
	if n := len(v.Review.Moves); n > printed {
		return n
	}
	return 0
}

// LossTitle is the heading of the changes that lose data.
func (v *htmlView) LossTitle() string { return v.lossTitle() }

// Notes are footnotes to the moves.
func (v *htmlView) Notes() []string { return v.notes() }

// Permission is the text for a move that lacks no permission.
func (m htmlMove) Permission() string {
	if m.Class == ClassUnknown {
		return notKnown
	}
	return "none"
}

// facts returns the details that a reader should not overlook; alerts are the more important ones.
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

// lists returns the details of a move, with at most limit lines in each list. What needs a change by hand comes
// first.
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
		case m.Class != ClassLive: // a live move does not affect them
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

// words says what it refers to: "refers to domain, url through module.dns.var.targets".
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
