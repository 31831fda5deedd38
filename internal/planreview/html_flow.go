package planreview

import (
	"cmp"
	"fmt"
	"strings"
)

// flow is all moves of one kind from one place to another: an arrow of the picture.
type flow struct {
	From, To Place
	Kind     string
	Shade    string
	Moves    []*Move
}

// flowsOf groups moves into flows, in the order of their first moves; between data centres instead of regions if
// byRegion is false.
func flowsOf(moves []Move, byRegion bool) []flow {
	type key struct {
		from, to    Place
		kind, shade string
	}
	datacenters := map[string]string{} // by region, as far as any move says
	for i := range moves {
		for _, p := range []Place{moves[i].From, moves[i].To} {
			if p.Datacenter != "" {
				datacenters[p.Region] = p.Datacenter
			}
		}
	}
	delete(datacenters, "")
	var flows []flow
	at := map[key]int{}
	for i := range moves {
		m := &moves[i]
		k := key{m.From, m.To, m.Kind(), m.Shade()}
		k.from.Datacenter = cmp.Or(k.from.Datacenter, datacenters[k.from.Region])
		k.to.Datacenter = cmp.Or(k.to.Datacenter, datacenters[k.to.Region])
		if !byRegion {
			k.from.Region, k.to.Region = "", ""
		}
		n, found := at[k]
		if !found {
			n = len(flows)
			at[k] = n
			flows = append(flows, flow{From: k.from, To: k.to, Kind: k.kind, Shade: k.shade})
		}
		flows[n].Moves = append(flows[n].Moves, m)
	}
	return flows
}

// words describes a flow in a sentence.
func (f *flow) words() string {
	const named = 8
	var names []string
	for _, m := range f.Moves[:min(named, len(f.Moves))] {
		names = append(names, m.Name)
	}
	text := fmt.Sprintf("%s, %s: %s", f.route(), f.Kind, strings.Join(names, ", "))
	if more := len(f.Moves) - named; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

func (f *flow) route() string {
	if f.From == f.To && f.From.Datacenter != "" {
		return "within " + f.From.words()
	}
	return f.From.words() + " → " + f.To.words()
}

func (p Place) words() string {
	switch {
	case p == Place{}:
		return "a place not known yet"
	case p.Region == "":
		return "data centre " + p.Datacenter
	case p.Datacenter == "":
		return p.Region
	}
	return p.Region + " in " + p.Datacenter
}

// label is the text above a flow's arrow.
func (f *flow) label() string {
	if len(f.Moves) == 1 {
		return f.Moves[0].Name
	}
	return count(len(f.Moves), "environment")
}
