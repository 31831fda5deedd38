package planreview

import (
	"fmt"
	"slices"
	"strings"
)

// mdListed is how many lines of a list in the details are shown.
const mdListed = 50

// details describes what follows from a move, in Markdown, and a summary of it as plain text; empty if nothing
// does.
func (m *Move) details() (summary, text string) {
	var stale, unchanged []Reference
	for _, ref := range m.Unchanged {
		if ref.Stale {
			stale = append(stale, ref)
		} else if m.Class != ClassLive {
			unchanged = append(unchanged, ref)
		}
	}
	var nodes []Node
	if m.IPChange {
		nodes = m.Nodes
	}
	var b strings.Builder
	mdList(&b, "⚠️ Old addresses and domains, hard-coded, that stay as they are", m.HardCoded, HardCoded.line)
	mdList(&b, "⚠️ Refers to what changes, and stays as it is", stale, Reference.line)
	mdList(&b, "Changes with it", m.Following, Reference.line)
	mdList(&b, "Refers to it, and stays as it is", unchanged, Reference.line)
	mdList(&b, "Depends on its nodes", m.Dependents, func(d Dependent) string { return mdText(d.String()) })
	mdList(&b, "Addresses that it gives up, by node", nodes, Node.line)
	mdList(&b, "By hand", m.ToDo, mdText)

	var parts []string
	for _, part := range []struct {
		n    int
		what string
	}{
		{len(m.HardCoded), "hard-coded"}, {len(stale), "left behind"}, {len(m.Following), "changing with it"},
		{len(m.Dependents), "depending on its nodes"}, {len(m.ToDo), "to do by hand"},
	} {
		if part.n > 0 {
			parts = append(parts, fmt.Sprint(part.n, " ", part.what))
		}
	}
	return strings.Join(parts, ", "), b.String()
}

// mdList writes a list under a title if it has any items.
func mdList[T any](b *strings.Builder, title string, items []T, line func(T) string) {
	if len(items) == 0 {
		return
	}
	fmt.Fprintf(b, "**%s** (%d)\n\n", title, len(items))
	for _, item := range items[:min(mdListed, len(items))] {
		b.WriteString("- " + line(item) + "\n")
	}
	if more := len(items) - mdListed; more > 0 {
		fmt.Fprintf(b, "- and %d more, left out here; the format json has them\n", more)
	}
	b.WriteByte('\n')
}

func (h HardCoded) line() string {
	if h.Sensitive {
		return mdCode(h.Place(), false) + ", sensitive, so its value is not shown"
	}
	return mdCode(h.Place(), false) + ": " + mdCode(h.Value, false)
}

func (n Node) line() string {
	addresses := slices.Concat(n.PublicIPv4, n.PublicIPv6)
	if n.InternalIP != "" {
		addresses = append(addresses, n.InternalIP)
	}
	return fmt.Sprintf("%s %d: %s", mdValue(n.NodeGroup), n.ID, mdCodes(addresses, false))
}

func (f Reference) line() string {
	text := mdCode(f.Address, false)
	if f.Action != "no-op" && f.Action != "update" {
		text += " (" + mdValue(f.Action) + ")"
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
