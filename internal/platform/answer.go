package platform

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
)

// outcome is the envelope that every answer carries.
type outcome struct {
	code   int
	words  string
	source string
	reason int
	// wrapped is the inner object of an answer that has a result only there.
	wrapped json.RawMessage
}

// fromGateway reports whether a dashboard in between wraps a gateway's failure in the form of an answer. For a write it
// is enough that the answer looks like one.
func (o outcome) fromGateway(write bool) bool {
	return o.source == "server" && (o.code == 502 || o.code == 504 || write && o.code >= 300 && o.code < 600)
}

type envelope struct {
	Result   json.RawMessage `json:"result"`
	Error    prose           `json:"error"`
	Source   prose           `json:"source"`
	Reason   number          `json:"reason"`
	Response json.RawMessage `json:"response"`
}

var (
	errNotJSON     = errors.New("the answer is not JSON")
	errCutOff      = errors.New("the answer breaks off in the middle")
	errNoResult    = errors.New("the answer is JSON, but has no result")
	errWrongResult = errors.New("the answer is JSON, but its result is not a number")
)

// outcome reads an answer's envelope. The effective result is the first non-zero one of result and response.result:
// methods that the platform evaluates as scripts report the script's success outside and their own inside, and old
// platforms wrap the whole answer in the same way.
func (a received) outcome() (outcome, error) {
	if a.malformed != nil {
		return outcome{}, a.malformed
	}
	var outer, inner envelope
	if lenient(a.rest, &outer) != nil { // members of a wrong type count as absent
		return outcome{}, errNotJSON
	}
	if len(outer.Response) > 0 && outer.Response[0] == '{' {
		_ = lenient(outer.Response, &inner)
	}
	found := false
	var last outcome
	for _, e := range []envelope{outer, inner} {
		if len(e.Result) == 0 || string(e.Result) == "null" {
			continue
		}
		code, ok := parseNumber(e.Result)
		if !ok {
			return outcome{}, errWrongResult
		}
		found = true
		last = outcome{code: int(code), words: string(e.Error), source: string(e.Source), reason: int(e.Reason)}
		if code != 0 {
			break
		}
	}
	if !found {
		return outcome{}, errNoResult
	}
	if len(outer.Result) == 0 {
		last.wrapped = outer.Response
	}
	return last, nil
}

// cutOff reports whether more of the same answer could make it valid.
func cutOff(answer []byte) bool {
	var all json.RawMessage
	return errors.Is(json.NewDecoder(bytes.NewReader(answer)).Decode(&all), io.ErrUnexpectedEOF)
}

// decodeList reads the list in an answer, element by element. It skips an element that is not an object; an absent list
// is empty, and anything else in its place makes the answer malformed.
func decodeList[T any](data json.RawMessage) ([]T, error) {
	if len(data) == 0 || string(data) == "null" {
		return nil, nil
	}
	var all []T
	if json.Unmarshal(data, &all) == nil && !hasEmpty(all) {
		return all, nil // the usual list, in one go: no element was skipped
	}
	var elements []json.RawMessage
	if err := json.Unmarshal(data, &elements); err != nil {
		return nil, errNotAList
	}
	all = make([]T, 0, len(elements))
	for _, element := range elements {
		if element[0] != '{' {
			continue
		}
		var one T
		_ = lenient(element, &one)
		all = append(all, one)
	}
	return all, nil
}

// hasEmpty reports whether a list may have held elements that were not objects, such as null.
func hasEmpty[T any](list []T) bool {
	for i := range list {
		if reflect.ValueOf(&list[i]).Elem().IsZero() {
			return true
		}
	}
	return false
}
