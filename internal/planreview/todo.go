package planreview

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"
)

// toDo says in sentences what to do by hand about a move.
func (m movement) toDo(plans *ownChanges) []string {
	todo := []string{}
	say := func(format string, arguments ...any) { todo = append(todo, fmt.Sprintf(format, arguments...)) }
	if m.move.Class == ClassUnknown {
		say("To know the kind before the apply: apply first what the region or the policy depends on, then plan again.")
	}
	if len(m.move.HardCoded) > 0 {
		begin := "Change the hard-coded values"
		if m.move.Class == ClassUnknown {
			begin = "If it gets other addresses or another domain, change the hard-coded values"
		}
		say("%s: %s.", begin, listFew(places(m.move.HardCoded), ", "))
	}
	if stale := staleAddresses(m.move.Unchanged); len(stale) > 0 {
		say("Look at what refers to something that changes and stays as it is nevertheless: %s.", listFew(stale, ", "))
	}
	if m.move.IPChange {
		say("Change DNS records, allow-lists and certificates outside this configuration. Moving back does not restore " +
			"the old addresses.")
	}
	if domains := plans.unchangedDomains(m); len(domains) > 0 && (m.move.IPChange || m.move.DomainChange) {
		say("Change the DNS records of %s, which point to %s or its addresses.", listFew(domains, ", "),
			cmp.Or(m.move.PreviousDomain, "the old domain"))
	}
	if m.move.DomainChange && m.builtInSSL {
		say("Check the certificate: built-in SSL covers only the platform's own domain, so that of the old name ends.")
	}
	return append(todo, m.toCheck(plans)...)
}

// toCheck is the part of toDo that is to be checked after the move.
func (m movement) toCheck(plans *ownChanges) []string {
	var todo []string
	say := func(format string, arguments ...any) { todo = append(todo, fmt.Sprintf(format, arguments...)) }
	var names []string
	for _, d := range m.move.Dependents {
		if !plans.change(d) {
			names = append(names, d.String())
		}
	}
	if len(names) > 0 && m.move.Class != ClassLive {
		say("Check what depends on its nodes: %s.", listFew(names, "; "))
	}
	if m.move.dependentsUnknown && m.move.Class != ClassLive && m.move.Class != ClassUnknown {
		say("Find out what depends on its nodes, which the plan does not tell: mounts and links of other environments, " +
			"and variables with its addresses.")
	}
	if len(m.move.AddOns) > 0 {
		say("Check the add-ons, which may have handlers for migrations: %s.", listFew(m.move.AddOns, ", "))
	}
	if databases := m.remainingLayers(m.move.Databases); m.move.LiveDatabase && len(databases) > 0 {
		say("Check the data of the databases (%s): a live move may lose or damage what they are processing.",
			listFew(databases, ", "))
	}
	if mounts := m.remainingLayers(m.move.Mounts); m.move.LiveMounts && len(mounts) > 0 {
		say("Check the mounts (%s): they do not work while a live move runs.", listFew(mounts, ", "))
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

// remainingLayers are the layers that the plan neither removes nor replaces.
func (m movement) remainingLayers(layers []string) []string {
	return slices.DeleteFunc(slices.Clone(layers), func(layer string) bool { return slices.Contains(m.lost, layer) })
}

// ownChanges are changes of a plan that make work by hand unnecessary.
type ownChanges struct {
	// environments has, by name, what the plan changes in each environment.
	environments map[string]environmentChanges
	// followed has the custom domains in resources that change with a move, by the move's address.
	followed map[string]map[string]bool
}

// environmentChanges are what a plan changes in an environment: all of it, or values by layer and attribute such as
// "cp.env.DB_HOST" or "cp.volumes".
type environmentChanges struct {
	all     bool
	changed map[string]bool
}

func newOwnChanges(p *Plan, moves []movement) *ownChanges {
	own := &ownChanges{environments: map[string]environmentChanges{}, followed: map[string]map[string]bool{}}
	followers := map[string][]*movement{} // moves with custom domains, by the address of a resource that follows them
	for i := range moves {
		if m := &moves[i]; len(m.move.CustomDomains) > 0 {
			for _, f := range m.move.Following {
				followers[f.Address] = append(followers[f.Address], m)
			}
		}
	}
	for _, c := range p.changes {
		if word := actionWord(c.actions()); word == "no-op" || word == "read" || c.Mode == tfjson.DataResourceMode {
			continue
		}
		if isEnvironment(c) {
			own.note(environmentOf(c))
		}
		if moves := followers[c.Address]; len(moves) > 0 {
			found := hostNames(c.values())
			for _, m := range moves {
				own.follow(m, found)
			}
		}
	}
	return own
}

// follow records which custom domains of a move are among the names in a resource: in one piece, or as a record
// name and the name of its zone.
func (o *ownChanges) follow(m *movement, names map[string]bool) {
	for _, domain := range m.move.CustomDomains {
		domain = canonical(domain)
		held := names[domain]
		for i := range domain {
			held = held || domain[i] == '.' && names[domain[:i]] && names[domain[i+1:]]
		}
		if held {
			if o.followed[m.move.Address] == nil {
				o.followed[m.move.Address] = map[string]bool{}
			}
			o.followed[m.move.Address][domain] = true
		}
	}
}

// canonical is a host name in lower case without dots around it.
func canonical(host string) string { return strings.ToLower(strings.Trim(host, ".")) }

// note records what the plan changes in the layers of an environment.
func (o *ownChanges) note(e environment) {
	name := e.before.text("name")
	if name == "" {
		return
	}
	changes := environmentChanges{all: e.change.does(tfjson.ActionDelete), changed: map[string]bool{}}
	before, after := e.before.object("node_groups"), e.after.object("node_groups")
	for layer := range before {
		marks := asObject(marksBelow(e.unknown["node_groups"], layer))
		gone := after[layer] == nil && !e.layersStayUnmanaged()
		for _, attribute := range []string{"volumes", "links", "node_type"} {
			was, is := before.object(layer)[attribute], after.object(layer)[attribute]
			if gone || anyMarked(marks[attribute]) || after[layer] != nil && !reflect.DeepEqual(was, is) {
				changes.changed[layer+"."+attribute] = true
			}
		}
		variables, now := before.object(layer).object("env"), after.object(layer).object("env")
		for variable := range variables {
			if gone || anyMarked(marksBelow(marks["env"], variable)) || after[layer] != nil &&
				!reflect.DeepEqual(variables[variable], now[variable]) {
				changes.changed[layer+".env."+variable] = true
			}
		}
	}
	o.environments[name] = changes
}

// change says whether the plan changes something that depends on an environment that moves.
func (o *ownChanges) change(d Dependent) bool {
	e, there := o.environments[d.Environment]
	attribute := map[string]string{"mount": "volumes", "link": "links", "variable": "env." + d.Name}[d.Kind]
	return there && (e.all || e.changed[d.NodeGroup+"."+attribute] || e.changed[d.NodeGroup+".node_type"])
}

// unchangedDomains are the custom domains that no resource contains that changes with the move.
func (o *ownChanges) unchangedDomains(m movement) []string {
	return slices.DeleteFunc(slices.Clone(m.move.CustomDomains), func(domain string) bool {
		return o.followed[m.move.Address][canonical(domain)]
	})
}

// hostNames are the texts in a resource that may be host names.
func hostNames(c changeValues) map[string]bool {
	found := map[string]bool{}
	var collect func(value any)
	collect = func(value any) {
		switch value := value.(type) {
		case string:
			if len(value) < 255 {
				found[canonical(value)] = true
			}
		case []any:
			for _, element := range value {
				collect(element)
			}
		case map[string]any:
			for _, element := range value {
				collect(element)
			}
		}
	}
	collect(c.Before)
	collect(c.After)
	return found
}
