package platform

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
)

// readAnswer reads an answer as it arrives. It decodes the elements of the list one by one and keeps the rest, which is
// small, so memory holds the decoded values and no copy of the answer. A text that is longer than a 64th of the limit
// counts as absent, in the rest as in an element. If the rest or an element is larger than a quarter of the limit, the
// answer is too large. The list may be at level 0, in the answer itself, or at level 1, in its response.
//
// It also refuses answers that are small but would be large in memory: an empty object takes two bytes of an answer and
// hundreds as a node. Real answers have far longer objects and members than the limits assume.
//
// The error is a connection error or errOversize; received.malformed tells that the answer is not valid.
func readAnswer(body io.Reader, limit int64, list *list) (received, error) {
	r := &answerReader{body: body, limit: limit, list: list, buffer: make([]byte, 16<<10)}
	malformed := r.answer()
	for r.fault == nil { // the connection can be reused only if nothing is left in it
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

// received is the part of an answer that is kept.
type received struct {
	rest       []byte // everything except the elements of its list
	head       []byte // the beginning as it came, for quoting
	hasObjects bool   // there is a { somewhere
	malformed  error  // errNotJSON or errCutOff if it could not be read to its end
}

// answerReader splits JSON into its parts and does not validate them; decoding them later does.
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
	fault                  error // why reading ended
}

// headLimit is the length in bytes of the part of an answer that is kept for quoting.
const headLimit = 64 * excerptLimit

// fill reads more when the buffer is used up.
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

// more reports whether there is another byte; if so, it is at the current position.
func (r *answerReader) more() bool {
	for r.position == r.end {
		if r.fault != nil {
			return false
		}
		r.fill()
	}
	return true
}

// next returns the next byte that is not a space, without taking it.
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

// take takes the next byte that is not a space into the rest, if it is one of the wanted ones.
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

// object takes an object; the list may be at its level.
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

// listAt hands out the elements of the list and leaves the list empty in the rest.
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
			r.rest = append(r.rest, r.element...) // it may show what is wrong
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

// nested appends an object or a list. Decoding finds out whether its brackets match.
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

// upTo appends everything before the first of the given characters.
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

// text appends a text with its quotation marks; a text that is too long becomes empty.
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
