package planreview

import (
	"cmp"
	"fmt"
	"html"
	"io"
	"strings"
)

// markdownLimit is the maximum size of a review in Markdown, in bytes. Comments on GitHub have at most 65,536
// characters; the rest is for users who add something to the review.
const markdownLimit = 62_000

// Markdown writes a review for a comment on a merge request. It summarises lines that do not fit into a comment,
// and says how many.
func Markdown(w io.Writer, r *Review) error {
	if r.Empty() {
		_, err := fmt.Fprintln(w, r.Headline)
		return err
	}
	text := markdown(r, func(s section) string { return s.text(-1) })
	if len(text) > markdownLimit {
		left := markdownLimit - 1000
		text = markdown(r, func(s section) string {
			part := s.text(left / s.share)
			left -= len(part)
			return part
		})
	}
	_, err := io.WriteString(w, text)
	return err
}

// section is a part of the review whose lines may have to be summarised.
type section struct {
	head  string
	lines []string
	// foot follows the last line that is shown.
	foot string
	// rest summarises, in one line, the lines starting with the given one.
	rest func(from int) string
	// share is the part of the remaining space that the section may take: all of it for 1, half of it for 2.
	share int
}

// text is the section within a number of bytes, or without a limit if that is negative.
func (s section) text(limit int) string {
	if len(s.lines) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString(s.head)
	rest := ""
	for i, line := range s.lines {
		if limit >= 0 && b.Len()+len(line)+len(s.foot) > limit {
			rest = s.rest(i)
			break
		}
		b.WriteString(line)
	}
	b.WriteString(s.foot + rest)
	b.WriteByte('\n')
	return b.String()
}

func markdown(r *Review, fit func(section) string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s\n\n", mdText(r.Headline))
	for _, text := range r.Incomplete {
		fmt.Fprintf(&b, "⚠️ **Incomplete.** %s\n\n", mdText(text))
	}
	b.WriteString(fit(denialSection(r)))
	b.WriteString(fit(otherSection("🔴 **"+r.lossTitle()+"**", r.Others, func(o *Other) bool { return o.losesData() })))
	b.WriteString(fit(tableSection(r)))
	for _, note := range r.notes() {
		fmt.Fprintf(&b, "%s\n\n", mdText(note))
	}
	b.WriteString(fit(otherSection("**Other changes of environments**", r.Others, func(o *Other) bool {
		return !o.losesData()
	})))
	b.WriteString(fit(triggeredSection(r)))
	b.WriteString(fit(exceptionSection(r)))
	b.WriteString(fit(detailSection(r)))
	return strings.TrimRight(b.String(), "\n") + "\n"
}

func denialSection(r *Review) section {
	s := section{share: 6, head: fmt.Sprintf("⛔ **Denied** for %s:\n\n", count(len(r.Denials), "reason"))}
	var upTo []int // for each line, the number of denials up to its end
	for i := 0; i < len(r.Denials); {
		address, line := r.Denials[i].Address, "- the plan"
		if address != "" {
			line = "- " + mdCode(address, false)
		}
		separator := ": "
		for ; i < len(r.Denials) && r.Denials[i].Address == address; i++ {
			line += fmt.Sprintf("%s**%s**, %s", separator, r.Denials[i].Kind, mdSentence(r.Denials[i].Text))
			separator = "; "
		}
		s.lines, upTo = append(s.lines, line+"\n"), append(upTo, i)
	}
	s.rest = func(from int) string {
		shown := 0
		if from > 0 {
			shown = upTo[from-1]
		}
		var kinds []string
		for _, d := range r.Denials[shown:] {
			kinds = append(kinds, string(d.Kind))
		}
		return fmt.Sprintf("- and %s, summarised: %s\n", count(len(kinds), "more reason"),
			strings.Join(countEqual(kinds), ", "))
	}
	return s
}

func tableSection(r *Review) section {
	s := section{share: 2, head: "| Environment | From → to | Kind and why | Downtime | Addresses | Domain | Cost per " +
		"month at most | Permission missing |\n|---|---|---|---|---|---|---|---|\n"}
	moves := r.markedMoves()
	for i := range moves {
		s.lines = append(s.lines, tableRow(&moves[i]))
	}
	if total := r.totalWords(); len(total) > 0 {
		for i, text := range total {
			total[i] = "**" + mdText(text) + "**"
		}
		s.foot = fmt.Sprintf("| **All %s together** | | | | | | %s | |\n", count(len(moves), "move"),
			strings.Join(total, "<br>"))
	}
	s.rest = func(from int) string {
		var kinds []string
		for i := range r.Moves[from:] {
			kinds = append(kinds, r.Moves[from+i].Kind())
		}
		return fmt.Sprintf("\n**%s summarised**, %d in the table above: %s.\n",
			count(len(kinds), "more move")+isAre(len(kinds)), from, strings.Join(countEqual(kinds), ", "))
	}
	return s
}

// signs make kinds easy to find in a long table.
var signs = map[string]string{
	string(ClassLive): "🟢", "live_at_risk": "🟡", "live_denied": "🔴", string(ClassOffline): "🟠",
	string(ClassOfflineNewAddresses): "🔴", string(ClassUnknown): "❔",
}

func tableRow(m *Move) string {
	kind := signs[m.Shade()] + " **" + mdText(m.Kind()) + "**: " + mdValue(m.Why())
	if mark := m.Mark(); mark != "" {
		kind += "<br>⚠️ " + mdText(mark)
	}
	addresses := mdText(m.AddressWords())
	if m.IPChange {
		addresses = "**" + addresses + "**"
	}
	if n := len(m.HardCoded); n > 0 {
		addresses += "<br>⚠️ hard-coded in " + count(n, "place")
	}
	downtime := mdText(m.DowntimeWords())
	if m.Downtime {
		downtime = "**" + downtime + "**"
	}
	if m.Window != "" {
		downtime += "<br>begins within " + mdValue(m.Window)
	}
	domain := mdText(m.DomainWords())
	if m.DomainChange {
		domain = mdCode(m.PreviousDomain, true) + " → " + mdCode(m.ExpectedDomain, true)
		if m.ExpectedDomain == "" {
			domain = mdCode(m.PreviousDomain, true) + " → " + notKnown
		}
	}
	missing := "none"
	if m.Class == ClassUnknown {
		missing = notKnown
	}
	if len(m.MissingPermissions) > 0 {
		missing = "⛔ " + mdCodes(m.MissingPermissions, true)
	}
	name := mdCode(m.Name, true)
	if m.denied {
		name = "⛔ " + name
	}
	name += "<br>" + mdCode(m.Address, true)
	if m.PreviousAddress != "" {
		name += ", was " + mdCode(m.PreviousAddress, true)
	}
	cost := mdText(m.CostWords())
	if m.costDenied {
		cost = "⛔ **" + cost + "**"
	}
	return "| " + strings.Join([]string{
		name, mdText(m.Route()), kind, downtime, addresses, domain, cost, missing,
	}, " | ") + " |\n"
}

// otherSection lists the changes that about selects.
func otherSection(title string, others []Other, about func(*Other) bool) section {
	s := section{share: 4, head: title + "\n\n"}
	var actions []string
	for i := range others {
		if o := &others[i]; about(o) {
			actions = append(actions, string(o.Action))
			s.lines = append(s.lines, otherLine(o))
		}
	}
	s.rest = func(from int) string {
		return fmt.Sprintf("- and %s, summarised: %s\n", count(len(actions)-from, "more change"),
			strings.Join(countEqual(actions[from:]), ", "))
	}
	return s
}

func otherLine(o *Other) string {
	text := mdSentence(o.brief(longest))
	line := fmt.Sprintf("- %s (%s): %s\n", mdCode(o.Name, false), mdCode(o.Address, false), text)
	if o.Moved == "" {
		return line
	}
	fence := "```"
	for strings.Contains(o.Moved, fence) {
		fence += "`"
	}
	block := strings.ReplaceAll(o.Moved, "\n", "\n  ")
	return line + "\n  To keep it, write:\n\n  " + fence + "terraform\n  " + block + "\n  " + fence + "\n"
}

func triggeredSection(r *Review) section {
	s := section{share: 6, head: "**" + triggeredTitle + "**\n\n"}
	for _, t := range r.Triggered {
		s.lines = append(s.lines, fmt.Sprintf("- %s: %s by %s\n", mdCode(t.Address, false), mdValue(t.Action),
			mdCode(t.By, false)))
	}
	s.rest = func(from int) string {
		return fmt.Sprintf("- and %s, summarised\n", count(len(r.Triggered)-from, "more change"))
	}
	return s
}

func exceptionSection(r *Review) section {
	s := section{share: 6, head: "**Allowed by exception**\n\n"}
	for _, e := range r.Exceptions {
		until := ""
		if e.Expires != "" {
			until = ", until " + e.Expires
		}
		s.lines = append(s.lines, fmt.Sprintf("- %s: **%s**: %s%s\n", mdCode(e.Address, false), e.Kind, mdValue(e.Reason),
			until))
	}
	s.rest = func(from int) string {
		return fmt.Sprintf("- and %s, summarised\n", count(len(r.Exceptions)-from, "more exception"))
	}
	return s
}

func detailSection(r *Review) section {
	s := section{share: 1}
	for i := range r.Moves {
		if summary, details := r.Moves[i].details(); details != "" {
			name := html.EscapeString(flat(briefly(r.Moves[i].Name)))
			s.lines = append(s.lines, fmt.Sprintf("<details><summary><code>%s</code>: %s</summary>\n\n%s</details>\n\n", name,
				cmp.Or(summary, "more"), details))
		}
	}
	total := len(s.lines)
	s.rest = func(from int) string {
		return fmt.Sprintf("What follows from %s is left out here; the format json has it.\n", count(total-from, "more move"))
	}
	return s
}

func isAre(n int) string {
	if n == 1 {
		return " is"
	}
	return " are"
}
