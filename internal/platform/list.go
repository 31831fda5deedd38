package platform

import (
	"context"
	"encoding/json"
	"errors"
)

var errNotAList = errors.New("the answer has something else where a list should be")

// list decodes the elements of an answer's list as they arrive. It skips an element that is not an object; an absent
// list is empty, and anything else in its place makes the answer malformed.
type list struct {
	member string
	// decode decodes an object and keeps the result; forget drops everything kept at a level.
	decode func(level int, element []byte) error
	forget func(level int)
	levels [2]struct{ there, wrong bool }
}

func (l *list) begin(level int, isList bool) {
	l.levels[level].there, l.levels[level].wrong = true, !isList
	l.forget(level)
}

func (l *list) add(level int, element []byte) error {
	if len(element) > 0 && element[0] == '{' {
		return l.decode(level, element)
	}
	if !json.Valid(element) {
		return errNotJSON
	}
	return nil
}

// restart drops the results of an earlier attempt.
func (l *list) restart() {
	for level := range l.levels {
		l.forget(level)
	}
	clear(l.levels[:])
}

// keep keeps an element unchanged.
func keep[T any](one T) (T, bool) { return one, true }

// callList is Client.call for an answer that has a list, which is read as it arrives. convert turns an element into a
// value and reports whether to keep it. If a payload takes the rest, the list is a member like any other, and counts as
// absent if something else is in its place.
func callList[T, R any](
	ctx context.Context, c *Client, r request, payload any, member string, convert func(T) (R, bool),
) ([]R, error) {
	var all [2][]R
	level, err := c.readList(ctx, r, payload, &list{
		member: member,
		forget: func(level int) { all[level] = nil },
		decode: func(level int, element []byte) error {
			var one T
			if err := lenient(element, &one); err != nil {
				return err
			}
			if converted, kept := convert(one); kept {
				all[level] = append(all[level], converted)
			}
			return nil
		},
	})
	if err != nil {
		return nil, err
	}
	return all[level], nil
}

// readList reads an answer and returns the level of its list: in the old wrapped shape it may be inside the response.
func (c *Client) readList(ctx context.Context, r request, payload any, l *list) (level int, err error) {
	r.list = l
	payloads, err := c.exchange(ctx, r)
	if err != nil {
		return 0, err
	}
	readPayloads(payloads, payload)
	if len(payloads) > 1 && l.levels[1].there {
		level = 1
	}
	if l.levels[level].wrong && payload == nil {
		return 0, r.malformed(errNotAList)
	}
	return level, nil
}
