package planreview

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"
)

// values finds all places that contain old addresses and host names of environments as values.
func (c *consequences) values() {
	g := oldValues{}
	for i, m := range c.moves {
		g.add(i, m)
	}
	if len(g) == 0 {
		return
	}
	c.valuesOfResources(g)
	for _, name := range slices.Sorted(maps.Keys(c.plan.outputs)) {
		if change := c.plan.outputs[name]; change != nil {
			c.valuesOf(g, "output."+name, false, change.Actions, change.values())
		}
	}
	if c.plan.config != nil {
		for _, key := range slices.Sorted(maps.Keys(c.plan.config.ProviderConfigs)) {
			if p := c.plan.config.ProviderConfigs[key]; p != nil {
				g.constants(nil, p.Expressions, func(h hit) { c.addHardCoded(providerName(p), h) })
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.plan.variables)) {
		var value any
		if json.Unmarshal(c.plan.variables[name], &value) == nil {
			g.search(value, c.plan.sensitiveVariable(name), func(h hit) { c.addHardCoded("var."+name, h) })
		}
	}
}

// valuesOfResources looks at all resources and at the data sources of other providers.
func (c *consequences) valuesOfResources(g oldValues) {
	readAgain := map[string]bool{}
	for _, change := range c.plan.changes {
		if change.Mode == tfjson.DataResourceMode {
			readAgain[change.Address] = actionWord(change.actions()) != "no-op"
			continue
		}
		c.valuesOf(g, change.Address, isEnvironment(change), change.actions(), change.values())
	}
	for _, r := range c.plan.unplanned() {
		if r.Mode != tfjson.DataResourceMode {
			values, sensitive := r.values()
			c.valuesOf(g, r.Address, r.Type == "vap_environment", tfjson.Actions{tfjson.ActionNoop},
				changeValues{After: values, AfterSensitive: sensitive})
		}
	}
	for _, r := range c.plan.state {
		// Data sources of this provider, and those that are read again, are up to date by themselves.
		if r.Mode == tfjson.DataResourceMode && !strings.HasPrefix(r.Type, "vap_") && !readAgain[r.Address] {
			values, sensitive := r.values()
			g.search(values, sensitive, func(h hit) { c.addHardCoded(r.Address, h) })
		}
	}
}

// valuesOf examines one change. A value that is still there afterwards is hard-coded. A value that disappears
// follows the move, even if no expression shows it, for example because of a local value.
func (c *consequences) valuesOf(g oldValues, address string, environment bool, actions tfjson.Actions,
	change changeValues) {
	before, after := change.Before, change.After
	if environment {
		// In an environment, only arguments can be hard-coded: the rest comes from the platform.
		before, after = map[string]any{"node_groups": asObject(before)["node_groups"]},
			map[string]any{"node_groups": asObject(after)["node_groups"]}
	}
	configured := c.configured(address)
	var hits []hit
	g.search(after, change.AfterSensitive, func(h hit) { hits = append(hits, h) })
	if slices.ContainsFunc(hits, configured) {
		// Many resources have attributes that only repeat an argument.
		hits = slices.DeleteFunc(hits, func(h hit) bool { return !configured(h) })
	}
	for _, h := range hits {
		c.addHardCoded(address, h)
	}
	if action := actionWord(actions); action != "no-op" && action != "create" && !environment {
		g.search(before, change.BeforeSensitive, func(h hit) {
			if is, known := valueAt(after, h.at); known && is != nil {
				if text, ok := is.(string); !ok || contains(g, text, h.value) {
					return
				}
			}
			c.addFollowing(address, action, h.moves)
		})
	}
}

func contains(g oldValues, text, value string) bool {
	found := false
	g.find(text, func(v string, _ []int) { found = found || v == value })
	return found
}

// configured returns whether a hit is in an argument that the configuration of the resource sets.
func (c *consequences) configured(address string) func(hit) bool {
	if c.plan.config == nil {
		return func(hit) bool { return false }
	}
	m, all := c.plan.config.RootModule, steps(address)
	for ; len(all) >= 2 && all[0].name == "module" && m != nil; all = all[2:] {
		call := m.ModuleCalls[all[1].name]
		if call == nil {
			return func(hit) bool { return false }
		}
		m = call.Module
	}
	var names []string
	for _, s := range all {
		names = append(names, s.name)
	}
	local := strings.Join(names, ".")
	var arguments map[string]*tfjson.Expression
	if m != nil {
		if i := slices.IndexFunc(m.Resources, func(r *tfjson.ConfigResource) bool {
			return r != nil && r.Address == local
		}); i >= 0 {
			arguments = m.Resources[i].Expressions
		}
	}
	return func(h hit) bool {
		if len(h.at) == 0 {
			return false
		}
		name, _ := h.at[0].(string)
		return arguments[name] != nil
	}
}

// addHardCoded records that a place contains an old value.
func (c *consequences) addHardCoded(address string, h hit) {
	place := HardCoded{Address: address, Path: h.at.String(), Value: h.value, Sensitive: h.sensitive}
	if h.sensitive {
		place.Value = ""
	}
	for _, i := range h.moves {
		if m := c.moves[i]; m.move.Address != address && !slices.Contains(m.move.HardCoded, place) {
			m.move.HardCoded = append(m.move.HardCoded, place)
		}
	}
}

// addFollowing records that something changes with moves, unless that is known already.
func (c *consequences) addFollowing(address, action string, moves []int) {
	for _, i := range moves {
		m := c.moves[i]
		if m.move.Address != address && !slices.ContainsFunc(m.move.Following, func(r Reference) bool {
			return r.Address == address
		}) {
			m.move.Following = append(m.move.Following,
				Reference{Address: address, Action: action, Attributes: []string{}, Via: []string{}, ByValue: true})
		}
	}
}
