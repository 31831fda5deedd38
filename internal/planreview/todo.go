package planreview

import (
	"cmp"
	"fmt"
)

// toDo is what is to be done by hand about a move, a sentence each.
func (m movement) toDo() []string {
	todo := []string{}
	say := func(format string, arguments ...any) { todo = append(todo, fmt.Sprintf(format, arguments...)) }
	if m.Class == ClassUnknown {
		say("To know the kind before the apply: apply first what the region or the policy depends on, then plan again.")
	}
	if len(m.HardCoded) > 0 {
		begin := "Change the hard-coded values"
		if m.Class == ClassUnknown {
			begin = "If it gets other addresses or another domain, change the hard-coded values"
		}
		say("%s: %s.", begin, some(places(m.HardCoded), ", "))
	}
	if stale := staleAddresses(m.Unchanged); len(stale) > 0 {
		say("Look at what refers to something that changes and stays as it is nevertheless: %s.", some(stale, ", "))
	}
	if m.IPChange {
		say("Change DNS records, allow-lists and certificates outside this configuration. Moving back does not restore the old addresses.")
	}
	if len(m.CustomDomains) > 0 && (m.IPChange || m.DomainChange) {
		say("Change the DNS records of %s, which point to %s or its addresses.", some(m.CustomDomains, ", "), cmp.Or(m.PreviousDomain, "the old domain"))
	}
	if m.DomainChange && m.before.truth("built_in_ssl") {
		say("Check the certificate: built-in SSL covers only the platform's own domain, so that of the old name ends.")
	}
	return append(todo, m.toCheck()...)
}

// toCheck is what of toDo is to be checked after the move.
func (m movement) toCheck() []string {
	var todo []string
	say := func(format string, arguments ...any) { todo = append(todo, fmt.Sprintf(format, arguments...)) }
	if len(m.Dependents) > 0 && m.Class != ClassLive {
		names := make([]string, len(m.Dependents))
		for i, d := range m.Dependents {
			names[i] = d.String()
		}
		say("Check what depends on its nodes: %s.", some(names, "; "))
	}
	if m.dependentsUnknown && m.Class != ClassLive && m.Class != ClassUnknown {
		say("Find out what depends on its nodes, which the plan does not tell: mounts and links of other environments, and variables with its addresses.")
	}
	if len(m.AddOns) > 0 {
		say("Check the add-ons, which may have handlers for migrations: %s.", some(m.AddOns, ", "))
	}
	if m.LiveDatabase {
		say("Check the data of the databases (%s): a live move may lose or damage what they are processing.", some(m.Databases, ", "))
	}
	if m.LiveMounts {
		say("Check the mounts (%s): they do not work while a live move runs.", some(m.Mounts, ", "))
	}
	return todo
}

func places(all []HardCoded) []string {
	names := make([]string, len(all))
	for i, h := range all {
		names[i] = h.Place()
	}
	return names
}

func staleAddresses(all []Reference) []string {
	var stale []string
	for _, ref := range all {
		if ref.Stale {
			stale = append(stale, ref.Address)
		}
	}
	return stale
}
