package planreview

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
)

// object is a JSON object of a plan. A missing attribute, or one of another type than expected, reads as empty.
type object map[string]any

func asObject(value any) object {
	o, _ := value.(map[string]any)
	return o
}

func (o object) text(name string) string {
	s, _ := o[name].(string)
	return s
}

func (o object) isTrue(name string) bool { return o[name] == true }

func (o object) number(name string) float64 {
	n, _ := o[name].(float64)
	return n
}

func (o object) object(name string) object { return asObject(o[name]) }

func (o object) list(name string) []any {
	l, _ := o[name].([]any)
	return l
}

// objects are the elements of a list that are objects.
func (o object) objects(name string) []object {
	var objects []object
	for _, element := range o.list(name) {
		if element, ok := element.(map[string]any); ok {
			objects = append(objects, element)
		}
	}
	return objects
}

// texts are the elements of a list that are texts; never nil.
func (o object) texts(name string) []string {
	texts := []string{}
	for _, element := range o.list(name) {
		if s, ok := element.(string); ok {
			texts = append(texts, s)
		}
	}
	return texts
}

// path is the position of a value within another: names of attributes, keys, and indices.
type path []any

var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*$`)

// String is the path in the syntax of a configuration: rules[0].cidrs["a.b"].
func (p path) String() string {
	var text []byte
	for _, step := range p {
		switch step := step.(type) {
		case int:
			text = fmt.Appendf(text, "[%d]", step)
		case string:
			switch {
			case !identifier.MatchString(step):
				text = append(append(append(text, '['), strconv.Quote(step)...), ']')
			case len(text) > 0:
				text = append(append(text, '.'), step...)
			default:
				text = append(text, step...)
			}
		}
	}
	return string(text)
}

// marksBelow goes one step down in Terraform's marks for sensitive or unknown values; true marks everything below.
func marksBelow(marks any, step any) any {
	switch marks := marks.(type) {
	case bool:
		return marks
	case map[string]any:
		if name, ok := step.(string); ok {
			return marks[name]
		}
	case []any:
		if i, ok := step.(int); ok && i < len(marks) {
			return marks[i]
		}
	}
	return nil
}

// anyMarked says whether a value or any part of it is marked.
func anyMarked(marks any) bool {
	switch marks := marks.(type) {
	case bool:
		return marks
	case map[string]any:
		for _, m := range marks {
			if anyMarked(m) {
				return true
			}
		}
	case []any:
		for _, m := range marks {
			if anyMarked(m) {
				return true
			}
		}
	}
	return false
}

// scalarText is a simple value as text; ok is false for lists and objects.
func scalarText(value any) (text string, ok bool) {
	switch value := value.(type) {
	case nil:
		return "unset", true
	case bool:
		return strconv.FormatBool(value), true
	case string:
		if runes := []rune(value); len(runes) > 80 {
			value = string(runes[:79]) + "…"
		}
		return value, true
	case float64:
		content, err := json.Marshal(value)
		return string(content), err == nil
	}
	return "", false
}
