package planreview

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"
)

// module is a module of the configuration, not one of its instances.
type module struct {
	parent    *module
	name      string
	depth     int // 0 is the root module
	call      *tfjson.ModuleCall
	outputs   map[string]*tfjson.ConfigOutput
	resources map[string]*tfjson.ConfigResource // by address within the module
	children  map[string]*module
}

func newModule(parent *module, name string, call *tfjson.ModuleCall, config *tfjson.ConfigModule) *module {
	m := &module{parent: parent, name: name, call: call, resources: map[string]*tfjson.ConfigResource{},
		children: map[string]*module{}}
	if parent != nil {
		m.depth = parent.depth + 1
	}
	if config == nil {
		return m
	}
	m.outputs = config.Outputs
	for _, r := range config.Resources {
		if r != nil {
			m.resources[r.Address] = r
		}
	}
	for name, call := range config.ModuleCalls {
		if call != nil {
			m.children[name] = newModule(m, name, call, call.Module)
		}
	}
	return m
}

// address is the address of something in the module, without keys.
func (m *module) address(local string) string {
	for ; m.parent != nil; m = m.parent {
		local = "module." + m.name + "." + local
	}
	return local
}

// below returns the module with an address relative to this one, as far as it exists.
func (m *module) below(address string) *module {
	for i, s := range steps(address) {
		if child := m.children[s.name]; i%2 == 1 && child != nil {
			m = child
		}
	}
	return m
}

// link is a reference to an environment, resolved through modules and data sources. Keys narrow down which instance
// of the environment it refers to. A slot is the position of a key in an address: 0 for the outermost module.
type link struct {
	// target is the environment's address without keys.
	target string
	// attribute is the environment's attribute; empty for the environment as a whole.
	attribute string
	// keys are the keys in the reference; an empty one stands for any.
	keys []string
	// scope is how many outer modules the referrer and the environment share. Both are in the same instances of these.
	scope int
	// pair is the slot of the referrer's key that is also a key of the environment, because of for_each or count; -1
	// if none.
	pair int
	// pairKey is that key if the reference contains it.
	pairKey string
	via     []string
}

// resolver finds the references to environments in a configuration.
type resolver struct {
	// changing says whether a plan changes any instance of the resource at this address.
	changing func(config string) bool
	known    map[string][]link
	visiting map[string]bool
}

// memoize computes the links of something once. A reference that leads back to itself adds none.
func (r *resolver) memoize(what string, compute func() []link) []link {
	links, known := r.known[what]
	if known || r.visiting[what] {
		return links
	}
	r.visiting[what] = true
	links = unique(compute())
	delete(r.visiting, what)
	r.known[what] = links
	return links
}

// resource returns the links of a resource or data source.
func (r *resolver) resource(m *module, local string) []link {
	return r.memoize(m.address(local), func() []link {
		config := m.resources[local]
		if config == nil {
			return nil
		}
		each := repetition(config.ForEachExpression, config.CountExpression)
		links := pairLinks(r.expression(m, each, nil), m.depth)
		for _, name := range slices.Sorted(maps.Keys(config.Expressions)) {
			links = append(links, r.expression(m, config.Expressions[name], each)...)
		}
		for _, p := range config.Provisioners {
			if p != nil {
				for _, name := range slices.Sorted(maps.Keys(p.Expressions)) {
					links = append(links, r.expression(m, p.Expressions[name], each)...)
				}
			}
		}
		if config.Mode == tfjson.DataResourceMode { // a pending dependency makes Terraform read it again
			for _, ref := range config.DependsOn {
				links = append(links, r.reference(m, steps(ref), nil, false)...)
			}
		}
		return links
	})
}

func (r *resolver) output(m *module, name string) []link {
	return r.memoize(m.address("output."+name), func() []link {
		if output := m.outputs[name]; output != nil {
			return r.expression(m, output.Expression, nil)
		}
		return nil
	})
}

// provider returns the links of a provider's configuration.
func (r *resolver) provider(m *module, p *tfjson.ProviderConfig) []link {
	var links []link
	for _, name := range slices.Sorted(maps.Keys(p.Expressions)) {
		links = append(links, r.expression(m, p.Expressions[name], nil)...)
	}
	return unique(links)
}

func repetition(forEach, count *tfjson.Expression) *tfjson.Expression {
	return cmp.Or(forEach, count)
}

// expression returns the links of an expression in a module. each is the for_each or count expression of the block
// that contains it; each.value stands for its elements.
func (r *resolver) expression(m *module, e, each *tfjson.Expression) []link {
	if e == nil || e.ExpressionData == nil {
		return nil
	}
	var links []link
	for _, block := range e.NestedBlocks {
		for _, name := range slices.Sorted(maps.Keys(block)) {
			links = append(links, r.expression(m, block[name], each)...)
		}
	}
	repeated := slices.ContainsFunc(e.References, func(ref string) bool {
		return strings.HasPrefix(ref, "each.") || strings.HasPrefix(ref, "count.")
	})
	for _, ref := range e.References {
		longer := func(other string) bool { return strings.HasPrefix(other, ref+".") || strings.HasPrefix(other, ref+"[") }
		if !slices.ContainsFunc(e.References, longer) { // Terraform also lists the prefixes of each reference
			links = append(links, r.reference(m, steps(ref), each, repeated)...)
		}
	}
	return links
}

// reference returns the links of one reference.
func (r *resolver) reference(m *module, ref []step, each *tfjson.Expression, repeated bool) []link {
	if len(ref) < 2 {
		return nil
	}
	switch ref[0].name {
	case "var":
		if m.parent == nil {
			return nil
		}
		of := m.address("var." + ref[1].name)
		return r.memoize(of, func() []link {
			links := r.expression(m.parent, m.call.Expressions[ref[1].name],
				repetition(m.call.ForEachExpression, m.call.CountExpression))
			return addVia(links, of)
		})
	case "module":
		return r.outputs(m, ref, repeated)
	case "each":
		links := pairLinks(r.expression(m, each, nil), m.depth)
		for i := range links {
			if links[i].attribute == "" && len(ref) > 2 {
				links[i].attribute = ref[2].name
			}
		}
		return links
	case "data":
		if len(ref) < 3 {
			return nil
		}
		local := "data." + ref[1].name + "." + ref[2].name
		return addVia(throughKey(r.resource(m, local), m.depth, ref[2].key, repeated), m.address(local))
	case "local", "count", "self", "path", "terraform":
		return nil
	}
	return r.resourceReference(m, ref, repeated)
}

// resourceReference returns the links of a reference to a resource.
func (r *resolver) resourceReference(m *module, ref []step, repeated bool) []link {
	local := ref[0].name + "." + ref[1].name
	if ref[0].name == "vap_environment" {
		l := link{target: m.address(local), keys: make([]string, m.depth+1), scope: m.depth, pair: -1}
		l.keys[m.depth] = ref[1].key
		if ref[1].key == "" && repeated {
			l.pair = m.depth
		}
		if len(ref) > 2 {
			l.attribute = ref[2].name
		}
		return []link{l}
	}
	if !r.changing(m.address(local)) {
		return nil
	}
	return addVia(throughKey(r.resource(m, local), m.depth, ref[1].key, repeated), m.address(local))
}

// outputs returns the links of a reference to one output of a module, or to all of them.
func (r *resolver) outputs(m *module, ref []step, repeated bool) []link {
	child := m.children[ref[1].name]
	if child == nil {
		return nil
	}
	names := slices.Sorted(maps.Keys(child.outputs))
	if len(ref) > 2 {
		names = []string{ref[2].name}
	}
	var links []link
	for _, name := range names {
		found := throughKey(r.output(child, name), m.depth, ref[1].key, repeated)
		for i := range found {
			found[i].scope = min(found[i].scope, m.depth)
			switch {
			case !strings.HasPrefix(found[i].target, child.address("")):
			case ref[1].key != "":
				found[i].keys = slices.Clone(found[i].keys)
				found[i].keys[m.depth] = ref[1].key
			case repeated && found[i].pairKey == "":
				found[i].pair = m.depth
			}
		}
		links = append(links, addVia(found, child.address(name))...)
	}
	return links
}

// pairLinks marks the links of a for_each or count expression: the key in the slot is taken to be the environment's
// key.
func pairLinks(links []link, slot int) []link {
	links = slices.Clone(links)
	for i := range links {
		if links[i].pairKey == "" {
			links[i].pair = slot
		}
	}
	return links
}

// throughKey returns the links of something with keys in a slot as its referrer sees them: the pair becomes the key in
// the reference, stays if the referrer is repeated itself, and is dropped otherwise.
func throughKey(links []link, slot int, key string, repeated bool) []link {
	links = slices.Clone(links)
	for i := range links {
		switch {
		case links[i].pair < slot:
		case links[i].pair == slot && key != "":
			links[i].pair, links[i].pairKey = -1, key
		case links[i].pair > slot || !repeated:
			links[i].pair = -1
		}
	}
	return links
}

// addVia adds a step to the path of links.
func addVia(links []link, what string) []link {
	links = slices.Clone(links)
	for i := range links {
		links[i].via = append([]string{what}, links[i].via...)
	}
	return links
}

// unique removes links that differ only in their path, and keeps the shortest.
func unique(links []link) []link {
	same := func(a, b link) int {
		return cmp.Or(strings.Compare(a.target, b.target), strings.Compare(a.attribute, b.attribute),
			slices.Compare(a.keys, b.keys),
			cmp.Compare(a.scope, b.scope), cmp.Compare(a.pair, b.pair), strings.Compare(a.pairKey, b.pairKey))
	}
	slices.SortStableFunc(links, func(a, b link) int { return cmp.Or(same(a, b), cmp.Compare(len(a.via), len(b.via))) })
	return slices.CompactFunc(links, func(a, b link) bool { return same(a, b) == 0 })
}
