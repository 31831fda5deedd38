package planreview

import (
	"bytes"
	"encoding/json"
	"io"
	"reflect"
	"strings"
)

// JSON writes a review as JSON, for machines. Names and types are a stable interface: see FormatVersion, the
// comments on Review and its parts, and tools/planreview/README.md. Every attribute is present except those with
// omitempty, lists are never null, and costs are numbers with a decimal point. It writes list by list and element
// by element, so that the JSON of ten thousand moves is never in memory.
func JSON(w io.Writer, r *Review) error {
	write := func(texts ...string) error {
		for _, text := range texts {
			if _, err := io.WriteString(w, text); err != nil {
				return err
			}
		}
		return nil
	}
	separator := "{"
	review := reflect.ValueOf(r).Elem()
	for i := range review.NumField() {
		name, options, _ := strings.Cut(review.Type().Field(i).Tag.Get("json"), ",")
		value := review.Field(i)
		if name == "" || options == "omitempty" && value.IsZero() {
			continue
		}
		if err := write(separator, "\n  \"", name, "\": "); err != nil {
			return err
		}
		separator = ","
		if value.Kind() != reflect.Slice {
			if err := jsonElement(w, value.Interface(), "  "); err != nil {
				return err
			}
			continue
		}
		if err := jsonList(w, value, write); err != nil {
			return err
		}
	}
	return write("\n}\n")
}

// jsonList writes a list.
func jsonList(w io.Writer, list reflect.Value, write func(...string) error) error {
	separator := "["
	for i := range list.Len() {
		if err := write(separator, "\n    "); err != nil {
			return err
		}
		separator = ","
		if err := jsonElement(w, list.Index(i).Addr().Interface(), "    "); err != nil {
			return err
		}
	}
	if list.Len() == 0 {
		return write("[]")
	}
	return write("\n  ]")
}

// jsonElement writes a value at an indentation.
func jsonElement(w io.Writer, value any, indentation string) error {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent(indentation, "  ")
	if err := encoder.Encode(withLists(value)); err != nil {
		return err
	}
	_, err := w.Write(bytes.TrimSuffix(text.Bytes(), []byte("\n")))
	return err
}
