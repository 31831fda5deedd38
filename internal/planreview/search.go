package planreview

import (
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"
)

// oldValues has the addresses and host names that environments lose, each with the indices of the moves that change it.
type oldValues map[string][]int

// add records what a move changes: addresses, host names, or both if that is not known.
func (g oldValues) add(index int, m movement) {
	note := func(value string) {
		if value != "" && !slices.Contains(g[value], index) {
			g[value] = append(g[value], index)
		}
	}
	if m.move.IPChange || m.move.Class == ClassUnknown {
		for _, n := range m.move.Nodes {
			for _, address := range slices.Concat([]string{n.InternalIP}, n.PublicIPv4, n.PublicIPv6) {
				if ip, err := netip.ParseAddr(address); err == nil {
					note(ip.String())
				}
			}
		}
	}
	if m.move.DomainChange || m.move.Class == ClassUnknown {
		note(strings.ToLower(m.move.PreviousDomain))
		for _, name := range m.hosts {
			note(name)
		}
	}
}

func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}

// find calls visit for each old value in a text: 10.0.0.1 is in "10.0.0.1:80", in "10.0.0.1-10.0.0.9" and in
// "1.0.0.10.in-addr.arpa", but not in "10.0.0.12"; shop.example.com is in "https://www.shop.example.com/", but not
// in "my-shop.example.com".
func (g oldValues) find(text string, visit func(value string, moves []int)) {
	address := func(text string) {
		if ip, err := netip.ParseAddr(text); err == nil {
			if moves := g[ip.String()]; moves != nil {
				visit(ip.String(), moves)
			}
		}
	}
	for token := range runsOf(text, hostCharacter) {
		token = strings.ToLower(strings.Trim(token, ".-"))
		// Also look for parent domains: names below an environment's host name count.
		for rest, more := token, true; more; _, rest, more = strings.Cut(rest, ".") {
			moves := g[rest]
			if moves == nil {
				continue
			}
			if _, err := netip.ParseAddr(rest); err != nil {
				visit(rest, moves)
				break
			}
		}
		if strings.HasSuffix(token, ".arpa") {
			address(reversed(token))
		}
	}
	for token := range runsOf(text, ipv4Character) {
		address(strings.Trim(token, "."))
	}
	if strings.Count(text, ":") < 2 {
		return
	}
	for token := range runsOf(text, ipv6Character) {
		if strings.Contains(token, ":") {
			address(token)
		}
	}
}

// reversed is the address of a reverse DNS name such as 1.2.0.192.in-addr.arpa; empty for other names.
func reversed(name string) string {
	if labels, found := strings.CutSuffix(name, ".in-addr.arpa"); found {
		parts := strings.Split(labels, ".")
		slices.Reverse(parts)
		return strings.Join(parts, ".")
	}
	labels, found := strings.CutSuffix(name, ".ip6.arpa")
	if !found {
		return ""
	}
	parts := strings.Split(labels, ".")
	slices.Reverse(parts)
	var groups []string
	for group := range slices.Chunk(parts, 4) {
		groups = append(groups, strings.Join(group, ""))
	}
	return strings.Join(groups, ":")
}

func hostCharacter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '-' || c == '_'
}

func ipv4Character(c byte) bool { return c >= '0' && c <= '9' || c == '.' }

func ipv6Character(c byte) bool {
	return c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' || c >= '0' && c <= '9' || c == ':' || c == '.'
}

// runsOf are the runs of characters that of accepts.
func runsOf(text string, of func(byte) bool) func(func(string) bool) {
	return func(yield func(string) bool) {
		start := -1
		for i := 0; i <= len(text); i++ {
			switch inside := i < len(text) && of(text[i]); {
			case inside && start < 0:
				start = i
			case !inside && start >= 0:
				if !yield(text[start:i]) {
					return
				}
				start = -1
			}
		}
	}
}

// hit is an old value and where it was found.
type hit struct {
	at        path
	value     string
	moves     []int
	sensitive bool
}

// search finds every old value in a value, including keys of maps. The marks say which parts are sensitive.
func (g oldValues) search(value, marks any, found func(hit)) {
	if len(g) > 0 {
		g.walk(nil, value, marks, found)
	}
}

func (g oldValues) walk(at path, value, marks any, found func(hit)) {
	in := func(text string, at path) {
		g.find(text, func(v string, moves []int) {
			found(hit{at: slices.Clone(at), value: v, moves: moves, sensitive: anyMarked(marks)})
		})
	}
	switch value := value.(type) {
	case string:
		in(value, at)
	case []any:
		for i, element := range value {
			g.walk(append(at, i), element, marksBelow(marks, i), found)
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(value)) {
			in(name, append(at, name))
			g.walk(append(at, name), value[name], marksBelow(marks, name), found)
		}
	}
}

// constants searches the literal values in the expressions of a block.
func (g oldValues) constants(at path, expressions map[string]*tfjson.Expression, found func(hit)) {
	for _, name := range slices.Sorted(maps.Keys(expressions)) {
		e, at := expressions[name], append(at, name)
		if e == nil || e.ExpressionData == nil {
			continue
		}
		g.search(e.ConstantValue, nil, func(h hit) {
			h.at = slices.Concat(at, h.at)
			found(h)
		})
		for i, block := range e.NestedBlocks {
			g.constants(append(at, i), block, found)
		}
	}
}

// valueAt is the value at a path, and whether it exists.
func valueAt(value any, at path) (any, bool) {
	for _, step := range at {
		switch step := step.(type) {
		case string:
			object, _ := value.(map[string]any)
			inner, ok := object[step]
			if !ok {
				return nil, false
			}
			value = inner
		case int:
			list, _ := value.([]any)
			if step >= len(list) {
				return nil, false
			}
			value = list[step]
		}
	}
	return value, true
}
