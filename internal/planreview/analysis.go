package planreview

import (
	"cmp"
	"slices"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"
)

// New reviews a plan by a gate.
func New(p *Plan, g Gate) *Review {
	r := &Review{
		FormatVersion: FormatVersion, TerraformVersion: p.TerraformVersion,
		Incomplete: p.incomplete(), Moves: []Move{}, Others: []Other{}, Triggered: []Triggered{}, Denials: []Denial{}, Exceptions: []Exception{},
	}
	var moves []movement
	moving := map[string]bool{}
	for _, c := range p.Changes {
		if !isEnvironment(c) {
			continue
		}
		e := environmentOf(c)
		if m := e.move(); m != nil {
			moves = append(moves, movement{m, e, parseAddress(m.Address)})
			moving[m.Address] = true
		}
		if o := e.other(); o != nil {
			r.Others = append(r.Others, *o)
		}
	}
	for _, c := range p.Drift {
		if !isEnvironment(c) || moving[c.Address] {
			continue
		}
		if o := environmentOf(c).movedOutside(); o != nil {
			r.Others = append(r.Others, *o)
		}
	}
	c := newConsequences(p, moves)
	c.references()
	c.values()
	c.sorted()
	r.Triggered = c.triggered()
	slices.SortFunc(moves, func(a, b movement) int { return worstFirst(a.Move, b.Move) })
	for _, m := range moves {
		m.ToDo = m.toDo()
		r.Moves = append(r.Moves, *m.Move)
	}
	slices.SortStableFunc(r.Others, func(a, b Other) int {
		return cmp.Or(cmp.Compare(a.rank(), b.rank()), strings.Compare(a.Address, b.Address))
	})
	g.judge(r, p.Errored)
	r.Headline = headline(r, p.Errored)
	return r
}

// incomplete says why a plan does not show everything.
func (p *Plan) incomplete() []string {
	incomplete := []string{}
	if p.Errored {
		incomplete = append(incomplete, "Planning failed, and what failed is missing here, denied moves among it. Make the plan again with "+
			"VAP_MIGRATION_ENFORCEMENT=apply, so that moves without permission are in it, and look at the errors that are left.")
	}
	var deferred []string
	for _, d := range p.Deferred {
		if d != nil && isEnvironment(d.ResourceChange) {
			deferred = append(deferred, d.ResourceChange.Address)
		}
	}
	if len(deferred) > 0 {
		incomplete = append(incomplete, "What happens to these environments is left to a later plan: "+some(deferred, ", ")+".")
	}
	left, environments := p.leftOut()
	partial := len(left) > 0
	if p.Complete != nil {
		partial = !*p.Complete
	}
	switch {
	case p.Errored:
	case len(environments) > 0:
		incomplete = append(incomplete, "The plan leaves out these environments, by -target or the like: "+some(environments, ", ")+".")
	case partial && len(p.Deferred) == 0:
		incomplete = append(incomplete, "The plan leaves out a part of what the configuration asks for, by -target or the like.")
	}
	if foreign := p.foreign(); len(foreign) > 0 {
		incomplete = append(incomplete, "Not reviewed, because they are of another provider: "+some(foreign, ", ")+".")
	}
	return incomplete
}

// foreign are the resources that another provider calls vap_environment, too.
func (p *Plan) foreign() []string {
	var foreign []string
	for _, c := range p.Changes {
		if c != nil && c.Change != nil && c.Type == "vap_environment" && c.Mode != tfjson.DataResourceMode && !isEnvironment(c) {
			foreign = append(foreign, c.Address+" of "+c.ProviderName)
		}
	}
	return foreign
}

// leftOut are the resources of the state that the plan leaves out, and those of them that are environments. OpenTofu does
// not tell otherwise that a plan is not complete. A plan without any change only refreshes.
func (p *Plan) leftOut() (all, environments []string) {
	if len(p.Changes) == 0 {
		return nil, nil
	}
	for _, r := range p.unplanned() {
		if r.Mode == tfjson.DataResourceMode {
			continue
		}
		all = append(all, r.Address)
		if r.Type == "vap_environment" {
			environments = append(environments, r.Address)
		}
	}
	return all, environments
}
