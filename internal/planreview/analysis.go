package planreview

import (
	"cmp"
	"slices"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"
)

// New reviews a plan and applies a gate to it.
func New(p *Plan, g Gate) *Review {
	r := &Review{
		FormatVersion: FormatVersion, TerraformVersion: p.TerraformVersion,
		Incomplete: p.incomplete(), Moves: []Move{}, Others: []Other{}, Triggered: []Triggered{}, Denials: []Denial{},
		Exceptions: []Exception{},
	}
	moves := r.environments(p)
	c := newConsequences(p, moves)
	c.references()
	c.values()
	c.sorted()
	if c.cut {
		r.Incomplete = append(r.Incomplete, "There are too many references to environments that move to tell all of them: "+
			"what refers to them and follows, or stays as it is, is told in part.")
	}
	r.Triggered = c.triggered()
	slices.SortFunc(moves, func(a, b movement) int { return worstFirst(a.move, b.move) })
	plans := newOwnChanges(p, moves)
	for _, m := range moves {
		m.move.ToDo = m.toDo(plans)
		r.Moves = append(r.Moves, *m.move)
	}
	r.CostTotals, r.MovesWithoutCost = totals(r.Moves)
	slices.SortStableFunc(r.Others, func(a, b Other) int {
		return cmp.Or(cmp.Compare(a.rank(), b.rank()), strings.Compare(a.Address, b.Address))
	})
	g.evaluate(r, p.Errored)
	r.Headline = headline(r, p.Errored)
	return r
}

// environments adds what the plan does to environments, and returns those that move.
func (r *Review) environments(p *Plan) []movement {
	var moves []movement
	var renamed renames
	moving := map[string]bool{}
	for _, c := range p.changes {
		if !isEnvironment(c) {
			continue
		}
		e := environmentOf(c)
		if why := e.unsupportedReason(); why != "" {
			r.notUnderstood = append(r.notUnderstood,
				Denial{Address: c.Address, Kind: KindNotUnderstood,
					Text: "planreview does not understand this vap_environment of the provider " +
						briefly(cmp.Or(c.ProviderName, "without a name")) + ", so that it may do anything: " + why})
		}
		if m := e.move(); m != nil {
			moves = append(moves, movementOf(m, e))
			moving[m.Address] = true
		}
		if o := e.other(); o != nil {
			r.Others = append(r.Others, *o)
		}
		renamed.note(e)
	}
	renamed.connect(r.Others)
	for _, c := range p.drift {
		if !isEnvironment(c) || moving[c.Address] {
			continue
		}
		if o := environmentOf(c).externalMove(); o != nil {
			r.Others = append(r.Others, *o)
		}
	}
	return moves
}

// incomplete says in sentences why a plan does not show everything.
func (p *Plan) incomplete() []string {
	incomplete := []string{}
	if p.Errored {
		incomplete = append(incomplete, "Planning failed, and what failed is missing here, denied moves among it. Make "+
			"the plan again with VAP_MIGRATION_ENFORCEMENT=apply, so that moves without permission are in it, and look at "+
			"the errors that are left.")
	}
	var deferred []string
	for _, c := range p.deferred {
		if isEnvironment(c) {
			deferred = append(deferred, c.Address)
		}
	}
	if len(deferred) > 0 {
		incomplete = append(incomplete, "What happens to these environments is left to a later plan: "+
			listFew(deferred, ", ")+".")
	}
	left, environments := p.leftOut()
	partial := len(left) > 0
	if p.Complete != nil {
		partial = !*p.Complete
	}
	switch {
	case p.Errored:
	case len(environments) > 0:
		incomplete = append(incomplete, "The plan leaves out these environments, by -target or the like: "+
			listFew(environments, ", ")+".")
	case partial && len(p.deferred) == 0:
		incomplete = append(incomplete, "The plan leaves out a part of what the configuration asks for, by -target or the "+
			"like.")
	}
	return incomplete
}

// leftOut returns the resources of the state that the plan leaves out, and the environments among them. It is the
// only sign of an incomplete plan in OpenTofu's JSON. A plan without any change only refreshes.
func (p *Plan) leftOut() (all, environments []string) {
	if len(p.changes) == 0 {
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
