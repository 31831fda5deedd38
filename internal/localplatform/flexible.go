package localplatform

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// The platform also takes numbers and booleans as strings, and strings as numbers and booleans, because clients in
// untyped languages send them that way. Each of these types reads all forms and writes its own.

type textValue string

func (v *textValue) UnmarshalJSON(data []byte) error {
	text, err := scalar(data)
	*v = textValue(text)
	return err
}

// scalar converts a JSON string, number or boolean to text. null becomes the empty string.
func scalar(data []byte) (string, error) {
	data = bytes.TrimSpace(data)
	var text string
	switch {
	case bytes.Equal(data, []byte("null")):
		return "", nil
	case len(data) > 0 && (data[0] == '{' || data[0] == '['):
		return "", fmt.Errorf("%.40s is neither a text nor a number nor a boolean", data)
	case len(data) > 0 && data[0] == '"':
		return text, json.Unmarshal(data, &text)
	}
	return string(data), nil
}

// intValue reads true as 1, because clients may request a public address with true or a count.
type intValue int

func (v *intValue) UnmarshalJSON(data []byte) error {
	text, err := scalar(data)
	if err != nil {
		return err
	}
	switch strings.ToLower(text) {
	case "", "false":
		*v = 0
		return nil
	case "true":
		*v = 1
		return nil
	}
	number, err := strconv.ParseFloat(text, 64)
	if err != nil || number != math.Trunc(number) || math.Abs(number) > math.MaxInt32 {
		return fmt.Errorf("[%s] is not a whole number", text)
	}
	*v = intValue(number)
	return nil
}

type boolValue bool

func (v *boolValue) UnmarshalJSON(data []byte) error {
	text, err := scalar(data)
	if err != nil {
		return err
	}
	value, ok := parseBool(text)
	if !ok {
		return fmt.Errorf("[%s] is neither true nor false", text)
	}
	*v = boolValue(value)
	return nil
}

// parseBool reads a boolean. An empty text is false.
func parseBool(text string) (value, ok bool) {
	switch strings.ToLower(text) {
	case "true", "1":
		return true, true
	case "", "false", "0":
		return false, true
	}
	return false, false
}

// textList is a list of strings, or a single one.
type textList []string

func (v *textList) UnmarshalJSON(data []byte) error {
	*v = nil
	var list []textValue
	if data = bytes.TrimSpace(data); len(data) > 0 && data[0] != '[' {
		text, err := scalar(data)
		if err == nil && text != "" {
			*v = textList{text}
		}
		return err
	}
	if err := json.Unmarshal(data, &list); err != nil {
		return err
	}
	*v = textList{}
	for _, text := range list {
		*v = append(*v, string(text))
	}
	return nil
}

// textMap is an object of strings. An empty list means an empty object, because PHP does not distinguish them. A name
// with the value null is ignored.
type textMap map[string]string

func (v *textMap) UnmarshalJSON(data []byte) error {
	*v = nil
	data = bytes.TrimSpace(data)
	if bytes.Equal(data, []byte("null")) {
		return nil
	}
	var none []json.RawMessage
	if json.Unmarshal(data, &none) == nil && len(none) == 0 {
		*v = textMap{}
		return nil
	}
	var object map[string]*textValue
	if err := json.Unmarshal(data, &object); err != nil {
		return err
	}
	*v = make(textMap, len(object))
	for name, value := range object {
		if value != nil {
			(*v)[name] = string(*value)
		}
	}
	return nil
}

// assignments is an object of strings, or a list of name=value strings as in images.
type assignments map[string]string

func (v *assignments) UnmarshalJSON(data []byte) error {
	var object textMap
	if json.Unmarshal(data, &object) == nil {
		*v = assignments(object)
		return nil
	}
	var list textList
	if err := json.Unmarshal(data, &list); err != nil {
		return err
	}
	*v = assignments{}
	for _, one := range list {
		name, value, _ := strings.Cut(one, "=")
		(*v)[name] = value
	}
	return nil
}
