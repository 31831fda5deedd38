package planreview

import (
	"fmt"
	"slices"
	"strings"
)

// mdListed is how many lines of a list of details are shown.
const mdListed = 50

// details are what follows from a move, in Markdown, and a summary of it as plain text; empty if nothing does.
func (m *Move) details() (summary, text string) {
	var b strings.Builder
	var parts []string
	list := func(part, title string, lines []string) {
		if len(lines) == 0 {
			return
		}
		if part != "" {
			parts = append(parts, fmt.Sprint(len(lines), " ", part))
		}
		fmt.Fprintf(&b, "**%s** (%d)\n\n", title, len(lines))
		for _, line := range lines[:min(mdListed, len(lines))] {
			b.WriteString("- " + line + "\n")
		}
		if more := len(lines) - mdListed; more > 0 {
			fmt.Fprintf(&b, "- and %d more, left out here; the formats json and html have them\n", more)
		}
		b.WriteByte('\n')
	}
	var places []string
	for _, h := range m.HardCoded {
		line := mdCode(h.Place(), false)
		if h.Sensitive {
			line += ", sensitive, so its value is not shown"
		} else {
			line += ": " + mdCode(h.Value, false)
		}
		places = append(places, line)
	}
	list("hard-coded", "⚠️ Old addresses and domains, hard-coded, that stay as they are", places)
	var stale, unchanged, following []string
	for _, ref := range m.Unchanged {
		if ref.Stale {
			stale = append(stale, ref.line())
		} else if m.Class != ClassLive {
			unchanged = append(unchanged, ref.line())
		}
	}
	for _, ref := range m.Following {
		following = append(following, ref.line())
	}
	list("left behind", "⚠️ Refers to what changes, and stays as it is", stale)
	list("changing with it", "Changes with it", following)
	list("", "Refers to it, and stays as it is", unchanged)
	var dependents []string
	for _, d := range m.Dependents {
		dependents = append(dependents, mdText(d.String()))
	}
	list("depending on its nodes", "Depends on its nodes", dependents)
	if m.IPChange {
		var nodes []string
		for _, n := range m.Nodes {
			nodes = append(nodes, fmt.Sprintf("%s %d: %s", mdText(n.NodeGroup), n.ID,
				mdCodes(slices.DeleteFunc(slices.Concat(n.PublicIPv4, n.PublicIPv6, []string{n.InternalIP}), func(a string) bool { return a == "" }), false)))
		}
		list("", "Addresses that it gives up, by node", nodes)
	}
	var todo []string
	for _, line := range m.ToDo {
		todo = append(todo, mdText(line))
	}
	list("to do by hand", "By hand", todo)
	return strings.Join(parts, ", "), b.String()
}

// line is a reference in Markdown.
func (f Reference) line() string {
	text := mdCode(f.Address, false)
	if f.Action != "no-op" && f.Action != "update" {
		text += " (" + mdText(f.Action) + ")"
	}
	switch {
	case f.ByValue:
		text += ", which holds an old address or domain"
	case len(f.Attributes) > 0:
		text += ", by " + mdCodes(f.Attributes, false)
	}
	if len(f.Via) > 0 {
		text += " through " + mdCodes(f.Via, false)
	}
	return text
}
