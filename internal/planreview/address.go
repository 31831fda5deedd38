package planreview

import "strings"

// step is one name of an address or a reference, with its key as written in the brackets: 0, "a" (in quotes) or
// empty.
type step struct{ name, key string }

// steps splits an address such as module.a["x.y"].vap_environment.b[0] or a reference such as var.target.
func steps(text string) []step {
	var all []step
	for text != "" {
		end := strings.IndexAny(text, ".[")
		if end < 0 {
			return append(all, step{name: text})
		}
		s := step{name: text[:end]}
		text = text[end:]
		for strings.HasPrefix(text, "[") {
			closing := bracket(text)
			if s.key == "" {
				s.key = strings.TrimSuffix(text[1:closing], "]")
			}
			text = text[closing:]
		}
		text = strings.TrimPrefix(text, ".")
		all = append(all, s)
	}
	return all
}

// bracket returns the length of the index at the start of a text; a bracket in quotes does not end it.
func bracket(text string) int {
	quoted := false
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case c == ']' && !quoted:
			return i + 1
		}
	}
	return len(text)
}

// address locates a resource instance: the names of its modules and of itself without keys, and the key of each.
type address struct {
	// config is the address without keys: module.a.vap_environment.b.
	config string
	// keys has an entry for each module, the outermost first, and then the instance's own.
	keys []string
}

func parseAddress(text string) address {
	all := steps(text)
	var names []string
	var a address
	for len(all) >= 2 && all[0].name == "module" {
		names = append(names, "module", all[1].name)
		a.keys = append(a.keys, all[1].key)
		all = all[2:]
	}
	key := ""
	for _, s := range all {
		names = append(names, s.name)
		if s.key != "" {
			key = s.key
		}
	}
	a.keys = append(a.keys, key)
	a.config = strings.Join(names, ".")
	return a
}
