package platform

import (
	"context"
	"encoding/json"
	"errors"
)

var errNotAList = errors.New("the answer has something else where a list should be")

// list decodes the elements of an answer's list as they come and keeps what is made of them. An element that is no
// object is skipped, an absent list is empty, and anything else in its place makes the answer malformed.
type list[T, R any] struct {
	member string
	// convert says what becomes of an element, and whether it is kept.
	convert func(T) (R, bool)
	levels  [2]struct {
		there, wrong bool
		all          []R
	}
}

func (l *list[T, R]) name() string { return l.member }

func (l *list[T, R]) begin(level int, isList bool) {
	l.levels[level].there, l.levels[level].wrong, l.levels[level].all = true, !isList, nil
}

func (l *list[T, R]) add(level int, element []byte) error {
	if len(element) == 0 || element[0] != '{' {
		if !json.Valid(element) {
			return errNotJSON
		}
		return nil
	}
	var one T
	if err := lenient(element, &one); err != nil {
		return err
	}
	if converted, kept := l.convert(one); kept {
		l.levels[level].all = append(l.levels[level].all, converted)
	}
	return nil
}

// restart forgets what another attempt has brought.
func (l *list[T, R]) restart() { clear(l.levels[:]) }

// of is the list of an answer: in the old wrapped shape it may stand in the response.
func (l *list[T, R]) of(wrapped bool) ([]R, error) {
	level := &l.levels[0]
	if wrapped && l.levels[1].there {
		level = &l.levels[1]
	}
	if level.wrong {
		return nil, errNotAList
	}
	return level.all, nil
}

// keep keeps an element as it is.
func keep[T any](one T) (T, bool) { return one, true }

// callList is Client.call for an answer that has a list, which is read as it comes. If a payload takes the rest, the list
// is a member like any other, and counts as absent where something else is in its place.
func callList[T, R any](ctx context.Context, c *Client, r request, payload any, member string, convert func(T) (R, bool)) ([]R, error) {
	l := &list[T, R]{member: member, convert: convert}
	r.list = l
	payloads, err := c.exchange(ctx, r)
	if err != nil {
		return nil, err
	}
	readPayloads(payloads, payload)
	all, err := l.of(len(payloads) > 1)
	if err != nil && payload == nil {
		return nil, r.malformed(err)
	}
	return all, nil
}
