package planreview

import (
	"encoding/json"
	"fmt"
)

// The functions here split JSON without copying or decoding it. The JSON must be valid (json.Valid).

// members calls visit for each member of an object, and for none if it is null. The value is a slice of the JSON.
func members(where string, object []byte, visit func(name string, value []byte) error) error {
	return parts(where, object, '{', func(i int) (int, error) {
		end := valueEnd(object, i)
		var name string
		if err := json.Unmarshal(object[i:end], &name); err != nil {
			return 0, fmt.Errorf("%s has a name that is no text: %w", where, err)
		}
		i = skipSpace(object, end)
		i = skipSpace(object, i+1) // the colon
		end = valueEnd(object, i)
		return end, visit(name, object[i:end])
	})
}

// elements calls visit for each element of a list, and for none if it is null. The value is a slice of the JSON.
func elements(where string, list []byte, visit func(value []byte) error) error {
	return parts(where, list, '[', func(i int) (int, error) {
		end := valueEnd(list, i)
		return end, visit(list[i:end])
	})
}

// parts calls part at the start of each part of an object or a list; part returns where it ends.
func parts(where string, data []byte, opening byte, part func(i int) (int, error)) error {
	i := skipSpace(data, 0)
	if i == len(data) || data[i] == 'n' {
		return nil
	}
	if data[i] != opening {
		what := map[byte]string{'{': "an object", '[': "a list"}[opening]
		return fmt.Errorf("%s is not %s", where, what)
	}
	for i = skipSpace(data, i+1); i < len(data) && data[i] != opening+2; { // in ASCII, '}' is '{'+2, and ']' is '['+2
		end, err := part(i)
		if err != nil {
			return err
		}
		if i = skipSpace(data, end); i < len(data) && data[i] == ',' {
			i = skipSpace(data, i+1)
		}
	}
	return nil
}

func skipSpace(data []byte, i int) int {
	for i < len(data) && (data[i] == ' ' || data[i] == '\n' || data[i] == '\r' || data[i] == '\t') {
		i++
	}
	return i
}

// valueEnd returns where the value that starts at i ends.
func valueEnd(data []byte, i int) int {
	depth := 0
	for ; i < len(data); i++ {
		switch data[i] {
		case '"':
			for i++; i < len(data) && data[i] != '"'; i++ {
				if data[i] == '\\' {
					i++
				}
			}
		case '{', '[':
			depth++
			continue
		case '}', ']':
			depth--
		case ',', ':', ' ', '\n', '\r', '\t':
			continue // within an object or a list
		default: // a number, true, false or null
			for i+1 < len(data) && !isDelimiter(data[i+1]) {
				i++
			}
		}
		if depth <= 0 {
			return min(i+1, len(data))
		}
	}
	return len(data)
}

func isDelimiter(c byte) bool {
	switch c {
	case ',', ':', '}', ']', ' ', '\n', '\r', '\t':
		return true
	}
	return false
}
