package planreview

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"
)

// movement is a move with what else is needed of its environment. Keeping the whole environment would cost much
// memory.
type movement struct {
	move    *Move
	address address
	// changed are the attributes that the plan changes or does not know.
	changed map[string]bool
	// hosts are the host names of the environment's nodes and endpoints, which change with the domain.
	hosts []string
	// builtInSSL says that the environment has built-in SSL before and after the move.
	builtInSSL bool
	// lost are the layers that the plan certainly removes or replaces.
	lost []string
}

func movementOf(m *Move, e environment) movement {
	moved := movement{move: m, address: parseAddress(m.Address), changed: e.changed()}
	for _, n := range e.before.objects("nodes") {
		moved.hosts = append(moved.hosts, host(n.text("url")))
	}
	for _, endpoint := range e.before.objects("endpoints") {
		moved.hosts = append(moved.hosts, strings.ToLower(endpoint.text("domain")))
	}
	moved.builtInSSL = e.before.isTrue("built_in_ssl") && e.after["built_in_ssl"] != false
	for _, l := range e.layerChanges().losses {
		if l.Certain && l.What != LossNodesRemoved {
			moved.lost = append(moved.lost, l.Layer)
		}
	}
	return moved
}

// referrer is an instance that may refer to environments.
type referrer struct {
	address string
	keys    []string
	action  string
}

// consequences find what the moves of a plan mean for everything else in it.
type consequences struct {
	plan  *Plan
	moves []movement
	// targets has the indices of the moves for each address without keys; keyed has them for that and each of the
	// keys.
	targets map[string][]int
	keyed   map[[2]string][]int
	// instances has resources and data sources for each address without keys, keys the keys in their addresses.
	instances map[string][]referrer
	keys      map[string]map[string]bool
	// left is how many more references may be recorded, and cut says that some were not.
	left int
	cut  bool
}

// The limit on recorded references: fewReferences, or more in a large plan. If each of ten thousand resources
// refers to each of ten thousand environments, all references would take a hundred times the memory of the plan.
const (
	fewReferences     = 200_000
	bytesPerReference = 64
)

func newConsequences(p *Plan, moves []movement) *consequences {
	c := &consequences{
		plan: p, moves: moves, targets: map[string][]int{}, keyed: map[[2]string][]int{},
		instances: map[string][]referrer{}, keys: map[string]map[string]bool{},
		left: max(fewReferences, p.Size/bytesPerReference),
	}
	for i, m := range moves {
		c.targets[m.address.config] = append(c.targets[m.address.config], i)
		for _, key := range m.address.keys {
			at := [2]string{m.address.config, key}
			if known := c.keyed[at]; len(known) == 0 || known[len(known)-1] != i {
				c.keyed[at] = append(known, i)
			}
		}
	}
	add := func(text, action string) {
		at := parseAddress(text)
		c.instances[at.config] = append(c.instances[at.config], referrer{text, at.keys, action})
		if c.keys[at.config] == nil {
			c.keys[at.config] = map[string]bool{}
		}
		for _, key := range at.keys {
			c.keys[at.config][key] = true
		}
	}
	for _, change := range p.changes {
		if change.DeposedKey == "" {
			add(change.Address, actionWord(change.actions()))
		}
	}
	for _, r := range p.unplanned() {
		add(r.Address, "no-op")
	}
	return c
}

// actionWord names a plan's action in one word.
func actionWord(actions tfjson.Actions) string {
	switch {
	case actions.Replace():
		return "replace"
	case len(actions) == 0:
		return "no-op"
	}
	return string(actions[0])
}

// references finds the expressions of the configuration that refer to the environments that move.
func (c *consequences) references() {
	if c.plan.config == nil || len(c.moves) == 0 {
		return
	}
	r := &resolver{known: map[string][]link{}, visiting: map[string]bool{}, changing: func(config string) bool {
		return slices.ContainsFunc(c.instances[config], func(i referrer) bool { return i.action != "no-op" })
	}}
	root := newModule(nil, "", nil, c.plan.config.RootModule)
	c.referencesOf(root, r)
	for _, name := range slices.Sorted(maps.Keys(root.outputs)) {
		output := referrer{address: "output." + name, keys: []string{""}, action: "no-op"}
		if change := c.plan.outputs[name]; change != nil {
			output.action = actionWord(change.Actions)
		}
		c.refer([]referrer{output}, r.output(root, name))
	}
	for _, key := range slices.Sorted(maps.Keys(c.plan.config.ProviderConfigs)) {
		if p := c.plan.config.ProviderConfigs[key]; p != nil {
			c.refer([]referrer{{providerName(p), parseAddress(p.ModuleAddress).keys, "configure"}},
				r.provider(root.below(p.ModuleAddress), p))
		}
	}
}

// providerName names a provider's configuration: provider.vap, provider.vap.other.
func providerName(p *tfjson.ProviderConfig) string {
	return strings.TrimSuffix("provider."+p.Name+"."+p.Alias, ".")
}

func (c *consequences) referencesOf(m *module, r *resolver) {
	for _, local := range slices.Sorted(maps.Keys(m.resources)) {
		if instances := c.instances[m.address(local)]; len(instances) > 0 {
			c.refer(instances, r.resource(m, local))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m.children)) {
		c.referencesOf(m.children[name], r)
	}
}

// refer records which of the instances refer to which moves through these links, with one Reference for an instance
// and a move.
func (c *consequences) refer(instances []referrer, links []link) {
	for _, instance := range instances {
		for _, l := range links {
			for _, i := range c.candidates(l, instance.keys) {
				m := c.moves[i]
				if m.move.Address == instance.address || !l.refersTo(instance.keys, m.address.keys, c.keys[l.target]) {
					continue
				}
				if c.left == 0 {
					c.cut = true
					return
				}
				c.left--
				ref := m.reference(instance, l)
				if l.attribute != "" && !slices.Contains(ref.Attributes, l.attribute) {
					ref.Attributes = append(ref.Attributes, l.attribute)
					ref.Stale = ref.Stale || ref.Action == "no-op" && m.changed[l.attribute]
				}
			}
		}
	}
}

// reference returns the instance's Reference to the move: the last recorded one, or a new one with the path of the
// link.
func (m movement) reference(instance referrer, l link) *Reference {
	list := &m.move.Following
	if instance.action == "no-op" {
		list = &m.move.Unchanged
	}
	if n := len(*list); n == 0 || (*list)[n-1].Address != instance.address {
		*list = append(*list, Reference{Address: instance.address, Action: instance.action, Attributes: []string{},
			Via: slices.Concat([]string{}, l.via)})
	}
	return &(*list)[len(*list)-1]
}

// candidates returns the moves that a link of an instance with these keys may mean, looked up by one key if
// possible.
func (c *consequences) candidates(l link, own []string) []int {
	if key := l.pairedKey(own); key != "" && c.keys[l.target][key] {
		return c.keyed[[2]string{l.target, key}]
	}
	for _, key := range l.keys {
		if key != "" {
			return c.keyed[[2]string{l.target, key}]
		}
	}
	return c.targets[l.target]
}

// pairedKey is the key of an instance with these keys that is also a key of the environment; empty if none is.
func (l link) pairedKey(own []string) string {
	if l.pair >= 0 && l.pair < len(own) {
		return own[l.pair]
	}
	return l.pairKey
}

// refersTo says whether a link of an instance with keys own refers to the environment with keys target. A paired key
// counts only if it occurs in an address of the environment.
func (l link) refersTo(own, target []string, occurring map[string]bool) bool {
	for i := range min(l.scope, len(own), len(target)) {
		if own[i] != target[i] {
			return false
		}
	}
	for i, key := range l.keys {
		if key != "" && i < len(target) && target[i] != key {
			return false
		}
	}
	key := l.pairedKey(own)
	return key == "" || slices.Contains(target[min(l.scope, len(target)):], key) || !occurring[key]
}

// triggered returns changes whose trigger the plan's JSON does not name, unless they are already known to follow
// from a move.
func (c *consequences) triggered() []Triggered {
	triggered := []Triggered{}
	if len(c.moves) == 0 {
		return triggered
	}
	following := map[string]bool{}
	for _, m := range c.moves {
		for _, ref := range m.move.Following {
			following[ref.Address] = true
		}
	}
	arguments := map[tfjson.ActionReason]string{
		tfjson.ActionReasonReplaceByTriggers:            "replace_triggered_by",
		tfjson.ActionReasonReadBecauseDependencyPending: "depends_on",
	}
	for _, change := range c.plan.changes {
		if following[change.Address] || isEnvironment(change) {
			continue // its own review covers it
		}
		if by := arguments[change.ActionReason]; by != "" {
			triggered = append(triggered, Triggered{Address: change.Address, Action: actionWord(change.actions()), By: by})
		}
	}
	slices.SortFunc(triggered, func(a, b Triggered) int { return strings.Compare(a.Address, b.Address) })
	return triggered
}

// sorted sorts what follows from each move by address.
func (c *consequences) sorted() {
	byAddress := func(a, b Reference) int { return strings.Compare(a.Address, b.Address) }
	for _, m := range c.moves {
		for _, list := range [][]Reference{m.move.Following, m.move.Unchanged} {
			for i := range list {
				slices.Sort(list[i].Attributes)
			}
		}
		slices.SortFunc(m.move.Following, byAddress)
		slices.SortFunc(m.move.Unchanged, func(a, b Reference) int {
			if a.Stale && !b.Stale {
				return -1
			}
			if b.Stale && !a.Stale {
				return 1
			}
			return byAddress(a, b)
		})
		slices.SortFunc(m.move.HardCoded, func(a, b HardCoded) int {
			return cmp.Or(strings.Compare(a.Address, b.Address), strings.Compare(a.Path, b.Path),
				strings.Compare(a.Value, b.Value))
		})
	}
}
