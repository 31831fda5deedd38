package planreview

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Gate says what is denied. The zero value denies what is always denied: missing permissions, a plan that failed,
// and environments that are not understood.
type Gate struct {
	// Deny are the kinds that are denied.
	Deny []Kind
	// CostIncrease is by how many percent a cost may rise if KindCostIncrease is denied.
	CostIncrease float64
	// Allow are exceptions.
	Allow []Allowance
	// Today is the date on which exceptions must still hold, in the time zone of the people who wrote them.
	Today time.Time
}

// Allowance is an exception of the gate: these kinds at these addresses are allowed.
type Allowance struct {
	// Address is a pattern in which * stands for any characters. Without keys it matches every instance.
	Address string
	Kinds   []Kind
	// ToRegions limits the exception to moves to these regions; nil means no limit.
	ToRegions []string
	Reason    string
	// Expires is the last day on which the exception holds; hour and zone are ignored. The zero time means that it
	// never expires.
	Expires time.Time
}

// deniable are the kinds that users can deny, in the order in which they are reported.
var deniable = []Kind{
	KindDataLoss, KindOffline, KindWindow, KindIPChange, KindDomainChange, KindLiveDatabase, KindExternalMove, KindUnknown,
	KindCostIncrease,
	KindDelete, KindReplace, KindIncomplete,
}

// ParseDeny adds a list such as "offline,cost-increase=10%" to what a gate denies.
func (g *Gate) ParseDeny(list string) error {
	for word := range strings.SplitSeq(list, ",") {
		word = strings.TrimSpace(word)
		if word == "" {
			continue
		}
		name, limit, limited := strings.Cut(word, "=")
		kind := Kind(name)
		switch {
		case !slices.Contains(deniable, kind):
			return fmt.Errorf("%q cannot be denied; what can: %s", name, Kinds())
		case kind != KindCostIncrease && limited:
			return fmt.Errorf("%s takes no limit: %q", name, word)
		case kind == KindCostIncrease:
			percent, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(limit, "%")), 64)
			if err != nil || percent < 0 || math.IsInf(percent, 0) || math.IsNaN(percent) {
				return fmt.Errorf("%q does not say by how many per cent a cost may rise: write cost-increase=10%%", word)
			}
			g.CostIncrease = percent
		}
		if !slices.Contains(g.Deny, kind) {
			g.Deny = append(g.Deny, kind)
		}
	}
	return nil
}

// Kinds lists what can be denied, in the syntax of ParseDeny.
func Kinds() string {
	names := make([]string, len(deniable))
	for i, kind := range deniable {
		names[i] = string(kind)
		if kind == KindCostIncrease {
			names[i] += "=N%"
		}
	}
	return strings.Join(names, ", ")
}

// evaluate adds the denials and exceptions to a review.
func (g *Gate) evaluate(r *Review, failed bool) {
	switch {
	case failed:
		r.Denials = append(r.Denials,
			Denial{Address: "", Kind: KindErrored, Text: "planning failed, and what failed is missing from it"})
	case len(r.Incomplete) > 0 && slices.Contains(g.Deny, KindIncomplete):
		r.Denials = append(r.Denials,
			Denial{Address: "", Kind: KindIncomplete, Text: "it does not show everything that is asked for"})
	}
	r.Denials = append(r.Denials, r.notUnderstood...)
	for i := range r.Moves {
		m := &r.Moves[i]
		if len(m.MissingPermissions) > 0 && m.Trigger != TriggerInProgress { // a permission cannot stop a running migration
			r.Denials = append(r.Denials, Denial{Address: m.Address, Kind: KindMissingPermission,
				Text: "migration_policy lacks " + listFew(m.MissingPermissions, " and ") + ", so the apply will refuse the move"})
		}
		for _, kind := range deniable {
			if text := g.denyReason(m, kind); text != "" && slices.Contains(g.Deny, kind) {
				g.deny(r, Denial{Address: m.Address, Kind: kind, Text: text}, m.toRegion)
			}
		}
	}
	g.evaluateOthers(r)
	r.Denied = len(r.Denials) > 0
	sortDenials(r.Denials)
}

// evaluateOthers adds the denials of changes other than moves.
func (g *Gate) evaluateOthers(r *Review) {
	for _, o := range r.Others {
		if len(o.DataLosses) > 0 && slices.Contains(g.Deny, KindDataLoss) {
			g.deny(r, Denial{Address: o.Address, Kind: KindDataLoss, Text: o.lossWords()}, "")
		}
		if kind := Kind(o.Action); (kind == KindDelete || kind == KindReplace) && slices.Contains(g.Deny, kind) {
			g.deny(r, Denial{Address: o.Address, Kind: kind, Text: o.Summary}, "")
		}
	}
}

// sortDenials groups the reasons by address. Those of the plan as a whole come first, then addresses that lose data
// or are not understood, then the rest in the order of their first reasons.
func sortDenials(denials []Denial) {
	rank, order := map[string]int{}, map[string]int{}
	for i, d := range denials {
		if _, known := order[d.Address]; !known {
			order[d.Address], rank[d.Address] = i, 2
		}
		if d.Kind == KindDataLoss || d.Kind == KindNotUnderstood {
			rank[d.Address] = 1
		}
	}
	rank[""] = 0
	first := func(d Denial) int {
		if d.Kind == KindNotUnderstood || d.Kind == KindDataLoss {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(denials, func(a, b Denial) int {
		return cmp.Or(cmp.Compare(rank[a.Address], rank[b.Address]), cmp.Compare(order[a.Address], order[b.Address]),
			cmp.Compare(first(a), first(b)))
	})
}

// lossWords names the data that a change loses.
func (o *Other) lossWords() string {
	texts := make([]string, len(o.DataLosses))
	for i, l := range o.DataLosses {
		texts[i] = l.Text
	}
	text := listFew(texts, "; ")
	if o.Moved != "" {
		text += "; a moved block from " + o.Address + " to " + o.RenamedTo + " keeps it"
	}
	return text
}

// denyReason says why a move is of a kind; empty if it is not.
func (g *Gate) denyReason(m *Move, kind Kind) string {
	is := false
	text := ""
	switch kind {
	case KindOffline:
		is, text = m.Downtime, "it is down from start to end"
	case KindWindow:
		is, text = m.Downtime && m.Window == "", "its downtime has no window (migration_policy.window)"
	case KindIPChange:
		is, text = m.IPChange, "addresses: "+m.AddressWords()
	case KindDomainChange:
		is, text = m.DomainChange, "domain: "+m.DomainWords()
	case KindLiveDatabase:
		is, text = m.LiveDatabase, "it moves live, which may lose what its databases are processing: "+
			listFew(m.Databases, ", ")
	case KindExternalMove:
		is, text = m.Trigger == TriggerExternalMove, "it undoes a move that somebody made outside Terraform"
	case KindUnknown:
		is, text = m.Class == ClassUnknown, "its kind will be known only during the apply"
	case KindCostIncrease:
		return g.costIncrease(m)
	}
	if !is {
		return ""
	}
	return text
}

// costIncrease says that a move raises the cost above the limit, or that the increase is not known.
func (g *Gate) costIncrease(m *Move) string {
	percent, known := m.CostIncrease()
	if known && percent <= g.CostIncrease+1e-6 { // prices are rounded
		return ""
	}
	text := "cost per month at most: " + m.CostWords()
	if !known {
		text += ", so by how much it rises is not known"
	}
	return text + ", and at most " + strconv.FormatFloat(g.CostIncrease, 'f', -1, 64) + " % more is allowed"
}

// deny records a denial, or the exception that allows it. The region is the target of the move.
func (g *Gate) deny(r *Review, d Denial, to string) {
	for _, a := range g.Allow {
		if !slices.Contains(a.Kinds, d.Kind) || !matches(a.Address, d.Address) &&
			!matches(a.Address, parseAddress(d.Address).config) ||
			a.ToRegions != nil && !slices.Contains(a.ToRegions, to) {
			continue
		}
		if !a.Expires.IsZero() && a.Expires.Format(time.DateOnly) < g.Today.Format(time.DateOnly) {
			d.Text += " (the exception expired on " + a.Expires.Format(time.DateOnly) + ")"
			continue
		}
		e := Exception{Denial: d, Reason: a.Reason}
		if !a.Expires.IsZero() {
			e.Expires = a.Expires.Format(time.DateOnly)
		}
		r.Exceptions = append(r.Exceptions, e)
		return
	}
	r.Denials = append(r.Denials, d)
}

// matches says whether an address matches a pattern in which * stands for any characters or none.
func matches(pattern, address string) bool {
	parts := strings.Split(pattern, "*")
	rest, found := strings.CutPrefix(address, parts[0])
	if !found || len(parts) == 1 {
		return found && rest == ""
	}
	last := parts[len(parts)-1]
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(rest, part)
		if i < 0 {
			return false
		}
		rest = rest[i+len(part):]
	}
	return strings.HasSuffix(rest, last)
}

// rank is how bad a move is.
func rank(m *Move) int {
	return map[Class]int{ClassLive: 0, ClassOffline: 2, ClassUnknown: 3, ClassOfflineNewAddresses: 4}[m.Class] +
		map[bool]int{true: 1}[m.LiveDatabase || m.LiveMounts]
}

// worstFirst sorts moves: first those that lack permissions, then by class, then by address.
func worstFirst(a, b *Move) int {
	return cmp.Or(
		cmp.Compare(min(len(b.MissingPermissions), 1), min(len(a.MissingPermissions), 1)),
		cmp.Compare(rank(b), rank(a)),
		strings.Compare(a.Address, b.Address),
	)
}
