package planreview

import (
	"fmt"
	"slices"
	"strings"
)

// headline summarises a review in a sentence or a few.
func headline(r *Review, failed bool) string {
	var sentences []string
	lost := lossClauses(r.Others)
	if len(lost) > 0 {
		begin := "Data loss: "
		if !slices.ContainsFunc(r.Others, func(o Other) bool { return o.certainlyLosesData() }) {
			begin = "Possible data loss: "
		}
		sentences = append(sentences, begin+strings.Join(lost, ", ")+".")
	}
	if n := len(r.notUnderstood); n > 0 {
		sentences = append(sentences, count(n, "environment")+" cannot be understood.")
	}
	if failed {
		sentences = append(sentences, "Planning failed, so this is incomplete.")
	}
	if len(r.Moves) > 0 {
		sentences = append(sentences, movesSentence(r.Moves))
	}
	if clauses := othersClauses(r.Others); len(clauses) > 0 {
		if len(r.Moves) == 0 && len(lost) == 0 {
			sentences = append(sentences, "No environment moves.")
		}
		sentences = append(sentences, strings.Join(clauses, ", ")+".")
	}
	if len(sentences) == 0 {
		return "Nothing to review: no environment of the Virtuozzo Application Platform moves or changes."
	}
	return strings.Join(sentences, " ")
}

func movesSentence(moves []Move) string {
	kind := func(m *Move) string {
		if m.Class == ClassLive && m.atRisk() != "" {
			return "live with " + m.atRisk()
		}
		return string(m.Class)
	}
	classes := counted(moves, kind, []clause{
		{string(ClassLive), "live"}, {"live with mounts at risk", "live with mounts at risk"},
		{"live with databases at risk", "live with databases at risk"},
		{string(ClassOffline), "offline"}, {string(ClassOfflineNewAddresses), "offline with new addresses"},
		{string(ClassUnknown), "of a kind not known yet"},
	})
	marks := counted(moves, func(m *Move) string { return m.Trigger }, []clause{
		{TriggerInProgress, "in progress already"}, {TriggerExternalMove, "back after a move outside Terraform"},
	})
	text := count(len(moves), "environment") + " move: "
	if len(moves) == 1 {
		text = "1 environment moves: "
	}
	text += strings.Join(classes, ", ")
	if len(marks) > 0 {
		text += " (" + strings.Join(marks, ", ") + ")"
	}
	return text + "."
}

// clause is the phrase for the moves of one kind.
type clause struct{ kind, words string }

// counted says how many moves are of each kind: "2 live". It leaves out the number of a single move.
func counted(moves []Move, kind func(*Move) string, clauses []clause) []string {
	var all []string
	for _, c := range clauses {
		n := 0
		for i := range moves {
			if kind(&moves[i]) == c.kind {
				n++
			}
		}
		switch {
		case n == 0:
		case len(moves) == 1:
			all = append(all, c.words)
		default:
			all = append(all, fmt.Sprint(n, " ", c.words))
		}
	}
	return all
}

// otherPhrase is the phrase for environments with some change, in the singular and the plural.
type otherPhrase struct {
	is             func(o *Other) bool
	single, plural string
}

// lossPhrases are the phrases for environments that lose data, the worst first.
var lossPhrases = []otherPhrase{
	{func(o *Other) bool { return o.RenamedTo != "" }, "is renamed without moved, so it is deleted",
		"are renamed without moved, so they are deleted"},
	{func(o *Other) bool { return o.Action == ActionReplace }, "is replaced", "are replaced"},
	{func(o *Other) bool { return o.Action == ActionDelete }, "is deleted", "are deleted"},
	{func(o *Other) bool { return len(o.RemovedLayers) > 0 }, "loses layers with their data",
		"lose layers with their data"},
	{func(o *Other) bool { return o.loses(LossLayerReplaced) }, "has layers replaced with their data",
		"have layers replaced with their data"},
	{func(o *Other) bool { return o.loses(LossNodesRemoved) }, "loses nodes with their data",
		"lose nodes with their data"},
	{func(*Other) bool { return true }, "may lose data", "may lose data"},
}

// lossClauses say how many environments lose data, and how.
func lossClauses(others []Other) []string {
	return countPhrases(others, lossPhrases, func(o *Other) bool { return o.losesData() })
}

// othersClauses say how many environments change otherwise.
func othersClauses(others []Other) []string {
	action := func(a Action) func(*Other) bool { return func(o *Other) bool { return o.Action == a } }
	return countPhrases(others, []otherPhrase{
		{action(ActionForget), "leaves the state", "leave the state"},
		{action(ActionMovedOutside), "was moved outside Terraform", "were moved outside Terraform"},
		{action(ActionTopology), "changes its layers", "change their layers"},
		{action(ActionUpdate), "changes otherwise", "change otherwise"},
		{action(ActionCreate), "is created", "are created"},
	}, func(o *Other) bool { return !o.losesData() })
}

// loses says whether the change certainly causes a loss of this kind.
func (o *Other) loses(what LossKind) bool {
	return slices.ContainsFunc(o.DataLosses, func(l Loss) bool { return l.What == what && l.Certain })
}

// countPhrases counts the changes that about selects, each under the first phrase that applies.
func countPhrases(others []Other, of []otherPhrase, about func(*Other) bool) []string {
	numbers := make([]int, len(of))
	for i := range others {
		if about(&others[i]) {
			if n := slices.IndexFunc(of, func(o otherPhrase) bool { return o.is(&others[i]) }); n >= 0 {
				numbers[n]++
			}
		}
	}
	var clauses []string
	for i, n := range numbers {
		switch {
		case n == 1:
			clauses = append(clauses, "1 "+of[i].single)
		case n > 1:
			clauses = append(clauses, fmt.Sprint(n, " ", of[i].plural))
		}
	}
	return clauses
}
