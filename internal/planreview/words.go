package planreview

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// The phrases about a move that all output formats share, as plain text.

const notKnown = "not known"

// Route is the path of the move: "north-economy → south-standard".
func (m *Move) Route() string {
	return cmp.Or(briefly(m.From.Region), "?") + " → " + cmp.Or(briefly(m.To.Region), notKnown)
}

// Kind is the kind of the move in a few words: "offline, new addresses".
func (m *Move) Kind() string {
	switch m.Class {
	case ClassLive:
		if risk := m.atRisk(); risk != "" {
			return "live, " + risk
		}
		return "live"
	case ClassOffline:
		return "offline"
	case ClassOfflineNewAddresses:
		return "offline, new addresses"
	}
	return "kind not known yet"
}

// triggeredTitle is the heading of changes whose trigger is not known.
const triggeredTitle = "May follow from a move: the plan's JSON does not name what triggers it"

// atRisk says what a live move endangers, the worse of the two; empty if nothing.
func (m *Move) atRisk() string {
	switch {
	case m.LiveDatabase:
		return "databases at risk"
	case m.LiveMounts:
		return "mounts at risk"
	}
	return ""
}

// Shade is the visual class of the move: its class, except for live moves that endanger something or are denied.
func (m *Move) Shade() string {
	switch {
	case m.Class == ClassLive && m.denied:
		return "live_denied"
	case m.Class == ClassLive && m.atRisk() != "":
		return "live_at_risk"
	}
	return string(m.Class)
}

// markedMoves returns the moves for display: each knows whether it is denied, and whether because of its cost.
func (r *Review) markedMoves() []Move {
	denied, costly := map[string]bool{}, map[string]bool{}
	for _, d := range r.Denials {
		denied[d.Address] = true
		costly[d.Address] = costly[d.Address] || d.Kind == KindCostIncrease
	}
	moves := slices.Clone(r.Moves)
	for i := range moves {
		moves[i].denied, moves[i].costDenied = denied[moves[i].Address], costly[moves[i].Address]
	}
	return moves
}

// liveRisk is the risk of every live move; liveNote says it in a footnote.
const (
	liveRisk = "under high load requests may fail with 502, usually for under 10 s"
	liveNote = "Live: no downtime, but " + liveRisk + "."
)

// durationNote says where to find durations, which are not in the plan's JSON.
const durationNote = "How long a move takes is not in the plan's JSON. Where Terraform has moved the environment " +
	"before, the warnings of terraform plan may say how long that took: look at the output of the job that made the " +
	"plan, or at last_migration.duration_seconds in the state."

// notes are footnotes to the moves.
func (r *Review) notes() []string {
	var notes []string
	if r.anyLive() {
		notes = append(notes, liveNote)
	}
	if slices.ContainsFunc(r.Moves, func(m Move) bool { return m.Downtime || m.Class == ClassUnknown }) {
		notes = append(notes, durationNote)
	}
	return notes
}

// anyLive says whether any move is live.
func (r *Review) anyLive() bool {
	return slices.ContainsFunc(r.Moves, func(m Move) bool { return m.Class == ClassLive })
}

// Why says why the move is of its kind: "another data centre".
func (m *Move) Why() string {
	switch m.Reason {
	case "requested":
		return "the policy's mode asks for it"
	case reasonLiveAvailable:
		if m.From.Datacenter != "" && m.From.Datacenter == m.To.Datacenter {
			return "same data centre"
		}
		return "live is possible"
	case "database":
		return "a layer is a database"
	case "shared_storage":
		return "a layer is shared storage"
	case "mounts":
		return "a layer has mounts"
	case "environment_stopped":
		return "the environment is stopped"
	case "live_not_possible":
		if m.From.Datacenter != "" && m.To.Datacenter != "" && m.From.Datacenter != m.To.Datacenter {
			return "another data centre"
		}
		return "live is not possible"
	case "":
		return "region, policy or provider known only during the apply"
	}
	return m.Reason
}

// Mark says what is unusual about the cause of the move; empty if the configuration asks for it.
func (m *Move) Mark() string {
	switch m.Trigger {
	case TriggerExternalMove:
		return "moves back after a move outside Terraform"
	case TriggerInProgress:
		return "in progress already, the apply waits for its end"
	}
	return ""
}

// DowntimeWords says how long the environment is down.
func (m *Move) DowntimeWords() string {
	switch {
	case m.Class == ClassUnknown:
		return notKnown
	case m.Downtime:
		return "from start to end"
	case m.Reason == "environment_stopped":
		return "none, it is stopped"
	}
	return "none"
}

// AddressWords says what happens to the nodes' addresses.
func (m *Move) AddressWords() string {
	switch {
	case m.Class == ClassUnknown:
		return notKnown
	case !m.IPChange:
		return "stay"
	}
	ipv4, ipv6 := 0, 0
	for _, n := range m.Nodes {
		ipv4, ipv6 = ipv4+len(n.PublicIPv4), ipv6+len(n.PublicIPv6)
	}
	var public []string
	if ipv4 > 0 {
		public = append(public, fmt.Sprintf("%d public IPv4", ipv4))
	}
	if ipv6 > 0 {
		public = append(public, fmt.Sprintf("%d public IPv6", ipv6))
	}
	text := "new on " + count(len(m.Nodes), "node")
	if len(public) > 0 {
		text += " (" + strings.Join(public, ", ") + ")"
	}
	return text
}

// DomainWords says what happens to the domain.
func (m *Move) DomainWords() string {
	switch {
	case m.Class == ClassUnknown:
		return notKnown
	case !m.DomainChange:
		return "stays"
	}
	return cmp.Or(briefly(m.PreviousDomain), "?") + " → " + cmp.Or(briefly(m.ExpectedDomain), notKnown)
}

// CostWords is the cost per month before and after, with every node at its limits, and the increase or decrease.
func (m *Move) CostWords() string {
	if m.CostBefore == nil && m.CostAfter == nil {
		return notKnown
	}
	text := m.CostBefore.monthly() + " → " + m.CostAfter.monthly()
	if m.CostBefore != nil && m.CostAfter != nil {
		text = m.CostBefore.amount() + " → " + m.CostAfter.monthly()
	}
	if percent, known := m.CostIncrease(); known && !math.IsInf(percent, 0) {
		text += fmt.Sprintf(" (%s)", signed(percent))
	}
	if left := m.costExcludes(); len(left) > 0 {
		text += ", without " + strings.Join(left, ", ")
	}
	return text
}

// costExcludes are the parts that at least one of the costs leaves out.
func (m *Move) costExcludes() []string {
	words := map[string]string{"disk_gb": "disk", "public_ipv4": "public IPv4", "public_ipv6": "public IPv6"}
	var left []string
	for _, c := range []*Cost{m.CostBefore, m.CostAfter} {
		if c == nil {
			continue
		}
		for _, name := range c.Excludes {
			word := cmp.Or(words[name], briefly(name))
			if layer, of := strings.CutPrefix(word, "node_groups."); of {
				word = "what is open about layer " + layer
			}
			if !slices.Contains(left, word) {
				left = append(left, word)
			}
		}
	}
	return left
}

func (c *Cost) amount() string {
	return fmt.Sprintf("%.2f", c.MonthlyMax)
}

func (c *Cost) monthly() string {
	if c == nil {
		return notKnown
	}
	return strings.TrimSpace(c.amount() + " " + briefly(c.Currency))
}

// CostIncrease is by how many percent the cost rises, negative if it falls. It is not known if a cost is not known,
// or if the two cannot be compared. From zero, any increase is infinite.
func (m *Move) CostIncrease() (percent float64, known bool) {
	if m.CostBefore == nil || m.CostAfter == nil {
		return 0, false
	}
	return increase(m.CostBefore.HourlyMax, m.CostAfter.HourlyMax), true
}

func increase(before, after float64) float64 {
	switch {
	case before == after:
		return 0
	case before <= 0:
		return math.Inf(1)
	}
	return (after - before) / before * 100
}

// signed is a rounded percentage with its sign: "+18 %".
func signed(percent float64) string {
	if rounded := math.Round(percent); rounded != 0 {
		return fmt.Sprintf("%+.0f %%", rounded)
	}
	return "±0 %"
}

// String names a dependent: "mount /var/www of layer cp in blog-prod".
func (d Dependent) String() string {
	text := briefly(d.Kind)
	if d.Name != "" {
		text += " " + briefly(d.Name)
	}
	if d.NodeGroup != "" {
		text += " of layer " + briefly(d.NodeGroup)
	}
	if d.Environment != "" {
		text += " in " + briefly(d.Environment)
	}
	return text
}

// truncate is a text in one line with at most this many characters.
func truncate(text string, most int) string {
	if runes := []rune(flat(strings.ToValidUTF8(text, "\ufffd"))); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return flat(strings.ToValidUTF8(text, "\ufffd"))
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Place is the place of a hard-coded value: "var.allow_list[0]".
func (h HardCoded) Place() string {
	switch {
	case h.Path == "":
		return h.Address
	case strings.HasPrefix(h.Path, "["):
		return h.Address + h.Path
	}
	return h.Address + "." + h.Path
}

// listFew lists the first few names, and how many more there are.
func listFew(names []string, separator string) string {
	const few = 5
	if len(names) <= few+1 {
		return joinBriefly(names, separator)
	}
	return fmt.Sprintf("%s and %d more", joinBriefly(names[:few], separator), len(names)-few)
}

func joinBriefly(names []string, separator string) string {
	brief := make([]string, len(names))
	for i, name := range names {
		brief[i] = briefly(name)
	}
	return strings.Join(brief, separator)
}

// countEqual counts equal texts: "900 live" and "100 offline".
func countEqual(texts []string) []string {
	counts := map[string]int{}
	var order []string
	for _, text := range texts {
		if counts[text] == 0 {
			order = append(order, text)
		}
		counts[text]++
	}
	for i, text := range order {
		order[i] = fmt.Sprintf("%d %s", counts[text], text)
	}
	return order
}
