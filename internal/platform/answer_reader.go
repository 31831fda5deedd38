package platform

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
)

// readAnswer reads an answer as it comes. The elements of its list go to where they are decoded one by one, and the
// rest is small: so an answer takes in memory what is made of it and no copy of itself. Each text of the rest or of an
// element that is longer than a 64th of the limit counts as absent, and the rest or an element that is larger than a
// quarter of it makes the answer too large. The list is looked for at level 0, in the answer itself, and at level 1, in
// its response.
//
// It also refuses what is small and would be large in memory: an empty object takes two bytes of an answer and hundreds
// as a node. Real answers have far longer objects and members than the limits suppose.
//
// The error is of the connection or errOversize; that the answer is not what it should be is in received.malformed.
func readAnswer(body io.Reader, limit int64, list *list) (received, error) {
	r := &answerReader{body: body, limit: limit, list: list, buffer: make([]byte, 16<<10)}
	malformed := r.answer()
	for r.fault == nil { // a connection serves again only if nothing is left in it
		r.position = r.end
		r.fill()
	}
	if !errors.Is(r.fault, io.EOF) {
		return received{}, r.fault
	}
	if errors.Is(malformed, errCutOff) && !cutOff(r.rest) {
		malformed = errNotJSON
	}
	return received{rest: r.rest, head: r.head, hasObjects: r.objects > 0, malformed: malformed}, nil
}

// received is what is kept of an answer.
type received struct {
	rest       []byte // all but the elements of its list
	head       []byte // the beginning as it came, for quoting
	hasObjects bool   // there is a { somewhere
	malformed  error  // errNotJSON or errCutOff if it could not be read to its end
}

// answerReader reads JSON. It takes only the structure apart; what it hands out is still to be decoded, which finds out
// about the rest.
type answerReader struct {
	body    io.Reader
	limit   int64
	list    *list // nil if there is none to read
	rest    []byte
	element []byte
	head    []byte

	buffer                 []byte
	position, end          int
	size, objects, members int64
	fault                  error // why there is no more
}

// headLimit is how much of an answer is kept for quoting.
const headLimit = 64 * excerptLimit

// fill reads more once all in the buffer is used up.
func (r *answerReader) fill() {
	if r.fault != nil {
		return
	}
	n, err := r.body.Read(r.buffer)
	read := r.buffer[:n]
	r.position, r.end, r.fault = 0, n, err
	r.size += int64(n)
	r.objects += int64(bytes.Count(read, []byte("{")))
	r.members += int64(bytes.Count(read, []byte(",")))
	if missing := headLimit - len(r.head); missing > 0 {
		r.head = append(r.head, read[:min(n, missing)]...)
	}
	if r.size > r.limit || r.objects > max(64, r.limit/256) || r.members > max(64, r.limit/16) {
		r.fault, r.end = errOversize, 0
	}
}

// more says whether there is another byte, which is then at the position.
func (r *answerReader) more() bool {
	for r.position == r.end {
		if r.fault != nil {
			return false
		}
		r.fill()
	}
	return true
}

// next returns the next byte that is no space, without taking it.
func (r *answerReader) next() (byte, error) {
	for r.more() {
		switch c := r.buffer[r.position]; c {
		case ' ', '\t', '\n', '\r':
			r.position++
		default:
			return c, nil
		}
	}
	return 0, errCutOff
}

// take takes the next byte that is no space into the rest, if it is one of the wanted ones.
func (r *answerReader) take(wanted string) (byte, error) {
	c, err := r.next()
	switch {
	case err != nil:
		return 0, err
	case strings.IndexByte(wanted, c) < 0:
		return 0, errNotJSON
	}
	r.position++
	r.rest = append(r.rest, c)
	return c, nil
}

func (r *answerReader) answer() error {
	if c, err := r.next(); err != nil || c != '{' {
		return errNotJSON
	}
	if err := r.object(0); err != nil {
		return err
	}
	if _, err := r.next(); err == nil {
		return errNotJSON // something follows
	}
	return nil
}

// object takes an object, at whose level the list may be.
func (r *answerReader) object(level int) error {
	c, err := r.take("{")
	for first := true; err == nil && c != '}'; first = false {
		if c, err = r.next(); err == nil && first && c == '}' {
			_, err = r.take("}")
			break
		}
		if err = r.member(level); err == nil {
			c, err = r.take(",}")
		}
	}
	return err
}

func (r *answerReader) member(level int) error {
	switch c, err := r.next(); {
	case err != nil:
		return err
	case c != '"':
		return errNotJSON
	}
	begin := len(r.rest)
	if err := r.value(&r.rest); err != nil {
		return err
	}
	var key string
	if json.Unmarshal(r.rest[begin:], &key) != nil {
		return errNotJSON
	}
	if _, err := r.take(":"); err != nil {
		return err
	}
	c, err := r.next()
	switch {
	case err != nil:
		return err
	case r.list != nil && strings.EqualFold(key, r.list.member): // as encoding/json compares
		r.list.begin(level, c == '[' || c == 'n') // null is an empty list
		if c == '[' {
			return r.listAt(level)
		}
	case level == 0 && c == '{' && strings.EqualFold(key, "response"):
		return r.object(1)
	}
	return r.value(&r.rest)
}

// listAt hands out the elements of the list and leaves it empty in the rest.
func (r *answerReader) listAt(level int) error {
	c, err := r.take("[")
	for first := true; err == nil && c != ']'; first = false {
		if c, err = r.next(); err == nil && first && c == ']' {
			break
		}
		r.element = r.element[:0]
		if err == nil {
			err = r.value(&r.element)
		}
		if err != nil {
			r.rest = append(r.rest, r.element...) // it may tell what is wrong
			return err
		}
		if err = r.list.add(level, r.element); err != nil {
			return errNotJSON
		}
		if c, err = r.next(); err == nil && c == ',' {
			r.position++
		}
	}
	if err == nil {
		_, err = r.take("]")
	}
	return err
}

// value appends the next value to a text.
func (r *answerReader) value(to *[]byte) error {
	c, err := r.next()
	switch {
	case err != nil:
		return err
	case c == '"':
		return r.text(to)
	case c == '{' || c == '[':
		return r.nested(to)
	}
	return r.upTo(",:]}\" \t\r\n", to)
}

// nested appends an object or a list. Whether its brackets match is found out when it is decoded.
func (r *answerReader) nested(to *[]byte) error {
	for depth := 0; ; {
		if err := r.upTo(`"{}[]`, to); err != nil {
			return err
		}
		c := r.buffer[r.position]
		switch c {
		case '"':
			if err := r.text(to); err != nil {
				return err
			}
			continue
		case '{', '[':
			depth++
		default:
			depth--
		}
		*to = append(*to, c)
		r.position++
		if depth == 0 {
			return nil
		}
	}
}

// upTo appends what there is before one of some characters.
func (r *answerReader) upTo(stops string, to *[]byte) error {
	for r.more() {
		ahead := r.buffer[r.position:r.end]
		i := bytes.IndexAny(ahead, stops)
		if i < 0 {
			i = len(ahead)
		}
		*to = append(*to, ahead[:i]...)
		r.position += i
		if int64(len(*to)) > r.limit/4 {
			r.fault = errOversize
			return errOversize
		}
		if i < len(ahead) {
			return nil
		}
	}
	return errCutOff
}

// text appends a text with its quotation marks; one that is too long reads as empty.
func (r *answerReader) text(to *[]byte) error {
	begin, longest, tooLong, escaped := len(*to), int(max(1<<10, r.limit/64)), false, false
	*to = append(*to, '"')
	r.position++
	for r.more() {
		ahead := r.buffer[r.position:r.end]
		end := 0
		for ; end < len(ahead) && (escaped || ahead[end] != '"'); end++ {
			escaped = !escaped && ahead[end] == '\\'
		}
		*to = append(*to, ahead[:end]...)
		r.position += end
		if len(*to)-begin > longest || tooLong {
			tooLong, *to = true, (*to)[:begin+1]
		}
		if end < len(ahead) {
			r.position++
			*to = append(*to, '"')
			return nil
		}
	}
	return errCutOff
}
