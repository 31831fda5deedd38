package planreview

import (
	"slices"
	"strings"
)

// CostTotal is what all moves together do to the bill, as far as their costs are in one currency.
type CostTotal struct {
	// Currency is empty if the platform does not tell it.
	Currency string `json:"currency,omitempty"`
	// Moves is how many moves are in it.
	Moves      int  `json:"moves"`
	CostBefore Cost `json:"cost_before"`
	CostAfter  Cost `json:"cost_after"`
}

// totals adds up the costs of the moves by currency, in alphabetical order. A move whose costs are not both known is in
// none, and counted besides.
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

// words are the total as the cost of a move is told.
func (t *CostTotal) words() string {
	m := Move{CostBefore: &t.CostBefore, CostAfter: &t.CostAfter}
	return m.CostWords()
}

// totalWords are the totals, a text each, and last how many moves are in none of them; nil if there are not several
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
