package planreview

import (
	"slices"
	"strings"
)

// CostTotal is the change in cost of all moves together, for one currency.
type CostTotal struct {
	// Currency is empty if the platform does not report it.
	Currency string `json:"currency,omitempty"`
	// Moves is the number of moves in the total.
	Moves      int  `json:"moves"`
	CostBefore Cost `json:"cost_before"`
	CostAfter  Cost `json:"cost_after"`
}

// totals adds up the costs of the moves for each currency, in alphabetical order. A move without both costs is in
// no total; without counts these.
func totals(moves []Move) (totals []CostTotal, without int) {
	totals = []CostTotal{}
	at := func(currency string) *CostTotal {
		i := slices.IndexFunc(totals, func(t CostTotal) bool { return t.Currency == currency })
		if i < 0 {
			i = len(totals)
			none := Cost{Currency: currency, Excludes: []string{}}
			totals = append(totals, CostTotal{Currency: currency, CostBefore: none, CostAfter: none})
		}
		return &totals[i]
	}
	for i := range moves {
		before, after := moves[i].CostBefore, moves[i].CostAfter
		if before == nil || after == nil {
			without++
			continue
		}
		t := at(before.Currency)
		t.Moves++
		t.CostBefore.add(before)
		t.CostAfter.add(after)
	}
	slices.SortFunc(totals, func(a, b CostTotal) int { return strings.Compare(a.Currency, b.Currency) })
	return totals, without
}

func (c *Cost) add(other *Cost) {
	c.HourlyMax, c.MonthlyMax = c.HourlyMax+other.HourlyMax, c.MonthlyMax+other.MonthlyMax
	for _, name := range other.Excludes {
		if !slices.Contains(c.Excludes, name) {
			c.Excludes = append(c.Excludes, name)
		}
	}
}

// words shows the total like the cost of a move.
func (t *CostTotal) words() string {
	m := Move{CostBefore: &t.CostBefore, CostAfter: &t.CostAfter}
	return m.CostWords()
}

// totalWords has a text for each total, and finally the number of moves that are in none; nil for fewer than two
// moves.
func (r *Review) totalWords() []string {
	if len(r.Moves) < 2 {
		return nil
	}
	totals, without := totals(r.Moves)
	var words []string
	for i := range totals {
		words = append(words, totals[i].words())
	}
	switch {
	case without == len(r.Moves):
		words = append(words, notKnown)
	case without > 0:
		words = append(words, "not known of "+count(without, "environment"))
	}
	return words
}
