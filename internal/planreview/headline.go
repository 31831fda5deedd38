package planreview

import (
	"fmt"
	"strings"
)

// headline is a review in a sentence.
func headline(r *Review, failed bool) string {
	var sentences []string
	if failed {
		sentences = append(sentences, "Planning failed, so this is incomplete.")
	}
	if len(r.Moves) > 0 {
		sentences = append(sentences, movesSentence(r.Moves))
	}
	if clauses := othersClauses(r.Others); len(clauses) > 0 {
		if len(r.Moves) == 0 {
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
		{string(ClassLive), "live"}, {"live with mounts at risk", "live with mounts at risk"}, {"live with databases at risk", "live with databases at risk"},
		{string(ClassOffline), "offline"}, {string(ClassOfflineNewAddresses), "offline with new addresses"}, {string(ClassUnknown), "of a kind not known yet"},
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

// clause is what is said of those of a kind.
type clause struct{ kind, words string }

// counted says how many are of each kind: "2 live". Of a single one there is no need to say how many.
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

func othersClauses(others []Other) []string {
	var clauses []string
	const loses = "loses"
	number := map[Action]int{}
	for _, o := range others {
		if len(o.RemovedLayers) > 0 {
			o.Action = loses
		}
		number[o.Action]++
	}
	for _, verb := range []struct {
		action         Action
		single, plural string
	}{
		{ActionReplace, "is replaced", "are replaced"}, {ActionDelete, "is deleted", "are deleted"},
		{loses, "loses layers with their data", "lose layers with their data"}, {ActionForget, "leaves the state", "leave the state"},
		{ActionMovedOutside, "was moved outside Terraform", "were moved outside Terraform"},
		{ActionTopology, "changes its layers", "change their layers"}, {ActionUpdate, "changes otherwise", "change otherwise"}, {ActionCreate, "is created", "are created"},
	} {
		switch n := number[verb.action]; n {
		case 0:
		case 1:
			clauses = append(clauses, "1 "+verb.single)
		default:
			clauses = append(clauses, fmt.Sprint(n, " ", verb.plural))
		}
	}
	return clauses
}
