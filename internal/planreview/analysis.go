package planreview

import (
	"fmt"
	"slices"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"
)

// New reviews a plan by a gate.
func New(p *Plan, g Gate) *Review {
	r := &Review{
		FormatVersion: FormatVersion, TerraformVersion: p.TerraformVersion,
		Incomplete: p.incomplete(), Moves: []Move{}, Others: []Other{}, Denials: []Denial{}, Exceptions: []Exception{},
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
	slices.SortFunc(moves, func(a, b movement) int { return worstFirst(a.Move, b.Move) })
	for _, m := range moves {
		m.ToDo = m.toDo(p)
		r.Moves = append(r.Moves, *m.Move)
	}
	slices.SortStableFunc(r.Others, func(a, b Other) int {
		worst := []Action{ActionReplace, ActionDelete, ActionForget, ActionMovedOutside, ActionTopology, ActionUpdate, ActionCreate}
		if difference := slices.Index(worst, a.Action) - slices.Index(worst, b.Action); difference != 0 {
			return difference
		}
		return strings.Compare(a.Address, b.Address)
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
	var deferred, foreign []string
	for _, d := range p.Deferred {
		if d != nil && isEnvironment(d.ResourceChange) {
			deferred = append(deferred, d.ResourceChange.Address)
		}
	}
	if len(deferred) > 0 {
		incomplete = append(incomplete, "What happens to these environments is left to a later plan: "+some(deferred, ", ")+".")
	}
	if p.Complete != nil && !*p.Complete && !p.Errored && len(p.Deferred) == 0 {
		incomplete = append(incomplete, "The plan was made with -target or the like: it leaves out a part of what the configuration asks for.")
	}
	for _, c := range p.Changes {
		if c != nil && c.Change != nil && c.Type == "vap_environment" && c.Mode != tfjson.DataResourceMode && !isEnvironment(c) {
			foreign = append(foreign, c.Address+" of "+c.ProviderName)
		}
	}
	if len(foreign) > 0 {
		incomplete = append(incomplete, "Not reviewed, because they are of another provider: "+some(foreign, ", ")+".")
	}
	return incomplete
}

// headline is a review in a sentence.
func headline(r *Review, failed bool) string {
	var sentences []string
	if failed {
		sentences = append(sentences, "Planning failed, so this is incomplete.")
	}
	if len(r.Moves) > 0 {
		sentences = append(sentences, movesSentence(r.Moves))
	}
	verbs := []struct {
		action         Action
		single, plural string
	}{
		{ActionReplace, "is replaced", "are replaced"}, {ActionDelete, "is deleted", "are deleted"}, {ActionForget, "leaves the state", "leave the state"},
		{ActionMovedOutside, "was moved outside Terraform", "were moved outside Terraform"},
		{ActionTopology, "changes its layers", "change their layers"}, {ActionUpdate, "changes otherwise", "change otherwise"}, {ActionCreate, "is created", "are created"},
	}
	var clauses []string
	for _, verb := range verbs {
		switch n := countOthers(r.Others, verb.action); n {
		case 0:
		case 1:
			clauses = append(clauses, "1 "+verb.single)
		default:
			clauses = append(clauses, fmt.Sprint(n, " ", verb.plural))
		}
	}
	if len(clauses) > 0 {
		if len(r.Moves) == 0 {
			sentences = append(sentences, "No environment moves.")
		}
		sentences = append(sentences, strings.Join(clauses, ", ")+".")
	}
	if len(sentences) == 0 {
		return "Nothing happens to environments."
	}
	return strings.Join(sentences, " ")
}

func movesSentence(moves []Move) string {
	var parts []string
	add := func(what string, is func(*Move) bool) {
		n := 0
		for i := range moves {
			if is(&moves[i]) {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, what))
		}
	}
	add("live", func(m *Move) bool { return m.Class == ClassLive })
	add("offline", func(m *Move) bool { return m.Class == ClassOffline })
	add("offline with new addresses", func(m *Move) bool { return m.Class == ClassOfflineNewAddresses })
	add("of a kind not known yet", func(m *Move) bool { return m.Class == ClassUnknown })
	text := "1 environment moves: "
	if len(moves) != 1 {
		text = fmt.Sprintf("%d environments move: ", len(moves))
	}
	text += strings.Join(parts, ", ")
	parts = nil
	add("in progress already", func(m *Move) bool { return m.Trigger == TriggerInProgress })
	add("back after a move outside Terraform", func(m *Move) bool { return m.Trigger == TriggerExternalMove })
	if len(parts) > 0 {
		text += " (" + strings.Join(parts, ", ") + ")"
	}
	return text + "."
}

func countOthers(others []Other, action Action) int {
	n := 0
	for _, o := range others {
		if o.Action == action {
			n++
		}
	}
	return n
}
