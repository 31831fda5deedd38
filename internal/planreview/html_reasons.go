package planreview

import (
	"slices"
	"strings"
)

// triggersOf returns one group, folded if it is long.
func triggersOf(triggered []Triggered) []htmlReasons {
	if len(triggered) == 0 {
		return nil
	}
	g := htmlReasons{Name: "changes", Folded: len(triggered) > unfolded}
	for _, t := range triggered {
		g.Lines = append(g.Lines, htmlLine{Code: t.Address, Text: t.Action + " by " + t.By})
	}
	return []htmlReasons{g}
}

// TriggeredTitle is the heading of the changes that may follow from a move.
func (*htmlView) TriggeredTitle() string { return triggeredTitle }

// reasonsOf groups reasons by environment or, if there are many, by kind.
func reasonsOf(denials []Denial, names map[string]string) []htmlReasons {
	var groups []htmlReasons
	at := map[string]int{}
	for _, d := range denials {
		key, group := d.Address, htmlReasons{Name: names[d.Address], Address: d.Address}
		line := htmlLine{Name: string(d.Kind), Text: d.Text}
		if len(denials) > unfolded {
			key, group = string(d.Kind), htmlReasons{Name: string(d.Kind), Folded: true}
			line = htmlLine{Name: names[d.Address], Code: d.Address, Text: d.Text}
		}
		n, found := at[key]
		if !found {
			n = len(groups)
			at[key] = n
			groups = append(groups, group)
		}
		groups[n].Lines = append(groups[n].Lines, line)
	}
	return groups
}

// othersOf returns one unnamed group of the changes that about selects or, if there are many, a group for each
// action.
func othersOf(others []Other, about func(*Other) bool) []htmlReasons {
	var groups []htmlReasons
	for i := range others {
		o := &others[i]
		if !about(o) {
			continue
		}
		line := lineOf(o)
		name := ""
		if len(others) > unfolded {
			name = o.Action.words()
		}
		n := slices.IndexFunc(groups, func(g htmlReasons) bool { return g.Name == name })
		if n < 0 {
			n = len(groups)
			groups = append(groups, htmlReasons{Name: name, Folded: name != ""})
		}
		groups[n].Lines = append(groups[n].Lines, line)
	}
	return groups
}

// lineOf describes a change; the data that it loses comes first.
func lineOf(o *Other) htmlLine {
	summary := strings.ReplaceAll(o.Summary, "`moved`", "moved")
	line := htmlLine{Name: o.Name, Text: summary, Code: o.Address, Block: o.Moved}
	switch {
	case o.Action == ActionDelete || o.Action == ActionReplace:
		line.Text, line.Alert = "", summary
	case len(o.RemovedLayers) > 0:
		line.Alert = removedClause(o.RemovedLayers)
	case o.losesData() && len(o.clauses) > 0:
		line.Alert = o.clauses[0]
	}
	if rest, found := strings.CutPrefix(line.Text, line.Alert); found {
		line.Text = strings.TrimPrefix(rest, "; ")
	}
	if o.PreviousAddress != "" {
		line.Code += ", was " + o.PreviousAddress
	}
	return line
}
