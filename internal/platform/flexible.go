package platform

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"sort"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/sanitize"
)

// The types in this file read values for which the platform's reference and its real answers differ. Their
// UnmarshalJSON never fails: a value that cannot be read counts as absent.

// text reads a string, a number (as its digits), or an object that names something, such as {"uniqueName":"x"}.
type text string

// textKeys are the members that name an object, the most specific first.
var textKeys = []string{"ipAddress", "uniqueName", "domain", "name"}

func (t *text) UnmarshalJSON(data []byte) error {
	*t = newText(readText(data))
	return nil
}

// newText cleans names and other short texts, so that they can be shown anywhere. sendable refuses to send back a name
// that this has altered.
func newText(s string) text { return text(sanitize.Clean(s)) }

func readText(data []byte) string {
	switch data[0] {
	case '"':
		if inner := data[1 : len(data)-1]; bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
			return string(inner) // stands for itself
		}
		var s string
		_ = json.Unmarshal(data, &s) // anything but a string stays empty
		return s
	case '{':
		var object map[string]json.RawMessage
		_ = json.Unmarshal(data, &object) // an unreadable object has no keys
		for _, key := range textKeys {
			var s string
			if json.Unmarshal(object[key], &s) == nil && s != "" {
				return s
			}
		}
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return string(data)
	}
	return ""
}

// prose is text that is only shown, such as the platform's words and descriptions. It is on one line.
type prose string

func (p *prose) UnmarshalJSON(data []byte) error {
	*p = prose(sanitize.Line(readText(data)))
	return nil
}

// texts reads an array of text, or a single one.
type texts []text

func (t *texts) UnmarshalJSON(data []byte) error {
	*t = nil
	for _, one := range readTexts(data) {
		*t = append(*t, newText(one))
	}
	return nil
}

// verbatim reads the same as texts, for values that are only sent back unchanged and never shown.
type verbatim []string

func (v *verbatim) UnmarshalJSON(data []byte) error {
	*v = readTexts(data)
	return nil
}

func readTexts(data []byte) []string {
	if data[0] != '[' {
		data = bytes.Join([][]byte{[]byte("["), data, []byte("]")}, nil)
	}
	var elements []json.RawMessage
	_ = json.Unmarshal(data, &elements) // anything but a text is left out
	var all []string
	for _, element := range elements {
		if one := readText(element); one != "" {
			all = append(all, one)
		}
	}
	return all
}

func (t texts) strings() []string {
	var all []string
	for _, one := range t {
		all = append(all, string(one))
	}
	return all
}

func (t texts) sorted() []string {
	all := t.strings()
	sort.Strings(all)
	return all
}

// number reads an integer that may be written as a string or with a fraction of zero.
type number int64

func (n *number) UnmarshalJSON(data []byte) error {
	*n, _ = parseNumber(data)
	return nil
}

func parseNumber(data []byte) (number, bool) {
	digits := strings.Trim(string(data), `" `)
	if whole, err := strconv.ParseInt(digits, 10, 64); err == nil {
		return number(whole), true
	}
	parsed, err := strconv.ParseFloat(digits, 64)
	if err != nil || parsed != math.Trunc(parsed) || math.Abs(parsed) > 1<<53 {
		return 0, false
	}
	return number(parsed), true
}

// amount reads a finite number that may be written as a string. An unreadable one is NaN.
type amount float64

func (a *amount) UnmarshalJSON(data []byte) error {
	*a = amount(math.NaN())
	parsed, err := strconv.ParseFloat(strings.Trim(string(data), `" `), 64)
	if err == nil && !math.IsInf(parsed, 0) {
		*a = amount(parsed)
	}
	return nil
}

// flag reads a boolean that may be written as a string or as 0 and 1.
type flag bool

func (f *flag) UnmarshalJSON(data []byte) error {
	set, err := strconv.ParseBool(strings.ToLower(strings.Trim(string(data), `" `)))
	*f = flag(err == nil && set)
	return nil
}

// loose reads an object, or the same object as a JSON text in a string.
type loose[T any] struct{ value T }

func (l *loose[T]) UnmarshalJSON(data []byte) error {
	var zero T
	l.value = zero
	var inner string
	if data[0] == '"' && json.Unmarshal(data, &inner) == nil {
		data = []byte(inner)
	}
	_ = lenient(data, &l.value) // what cannot be read counts as absent
	return nil
}

// lenient decodes JSON and ignores members of a wrong type: encoding/json leaves those out and reads the rest.
func lenient(data []byte, into any) error {
	err := json.Unmarshal(data, into)
	var wrongType *json.UnmarshalTypeError
	if errors.As(err, &wrongType) {
		return nil
	}
	return err
}

// timeLayouts are the formats of the platform's times, which are in UTC.
var timeLayouts = []string{"2006-01-02 15:04:05", "2006-01-02 15:04:05.0", time.RFC3339, "2006-01-02T15:04:05"}

// parseTime reads a time, also as milliseconds since 1970. An unreadable time is zero.
func parseTime(t text) time.Time {
	for _, layout := range timeLayouts {
		if parsed, err := time.Parse(layout, string(t)); err == nil {
			return parsed.UTC()
		}
	}
	if milliseconds, err := strconv.ParseInt(string(t), 10, 64); err == nil && milliseconds > 0 {
		return time.UnixMilli(milliseconds).UTC()
	}
	return time.Time{}
}
