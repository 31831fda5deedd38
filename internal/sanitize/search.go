package sanitize

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"iter"
	"net/url"
	"slices"
	"strings"
)

// forms yields a secret as it is and in every encoding that is searched for as such; escapes are decoded in the
// text instead.
func forms(text string) iter.Seq[string] {
	line := Line(text)
	escaped := []string{text, line, quoteJSON(text, true), quoteJSON(text, false), htmlEscaper.Replace(text),
		url.QueryEscape(text), url.PathEscape(text)}
	slices.Sort(escaped)
	escaped = slices.Compact(escaped)
	return func(yield func(string) bool) {
		if !yield(text) || line != text && !yield(line) {
			return
		}
		for _, one := range escaped {
			for offset := range 3 {
				if !yield(base64At(offset, one)) {
					return
				}
			}
			if !yield(hex.EncodeToString([]byte(one))) {
				return
			}
		}
	}
}

// htmlEscaper escapes like package html and most others.
var htmlEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;")

// quoteJSON is a text as it stands between the quotation marks of JSON, in Go's style or in that of most others.
func quoteJSON(text string, escapeHTML bool) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(escapeHTML)
	_ = encoder.Encode(text) // a string always encodes
	return strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(b.String()), `"`), `"`)
}

// base64At is the base64 of a text that begins offset bytes after a multiple of three within a longer text, without
// the characters that also depend on the text around it.
func base64At(offset int, text string) string {
	encoded := base64.RawStdEncoding.EncodeToString(append(make([]byte, offset, offset+len(text)), text...))
	if (offset+len(text))%3 != 0 {
		encoded = encoded[:len(encoded)-1]
	}
	return encoded[min(len(encoded), []int{0, 2, 3}[offset]):]
}

// index finds the runs of a secret in the readings of a text. A run fits into a number, so comparisons are exact.
type index struct {
	how      strictness
	readings []view
	places   map[uint64][]place
	filter   []uint64 // bits; a run whose bit is not set is in no reading
}

// place is the position of a run in a reading.
type place struct{ reading, at int32 }

const filterBits = 16

func newIndex(views []view, mask []byte, how strictness) *index {
	x := &index{how: how, places: map[uint64][]place{}, filter: make([]uint64, 1<<filterBits/64)}
	for i, v := range views {
		v = normalize(v, mask, how)
		x.readings = append(x.readings, v)
		for at, gram := range runs(v.bytes) {
			bit := filterBit(gram)
			x.filter[bit/64] |= 1 << (bit % 64)
			x.places[gram] = append(x.places[gram], place{int32(i), int32(at)})
		}
	}
	return x
}

// runs yields each run of a text and its position.
func runs(text []byte) iter.Seq2[int, uint64] {
	return func(yield func(int, uint64) bool) {
		var gram uint64
		for i, b := range text {
			gram = gram<<8 | uint64(b)
			if i+1 >= run && !yield(i+1-run, gram) {
				return
			}
		}
	}
}

// filterBit distributes runs, which have much in common, over the filter.
func filterBit(gram uint64) uint64 { return gram * 0x9e3779b97f4a7c15 >> (64 - filterBits) }

// mark marks all parts of a secret in the readings, and reports whether there are any.
func (x *index) mark(secret, mask []byte, kind byte) (found bool) {
	if len(secret) < run {
		return len(secret) >= shortest && x.how == strict && x.markShort(secret, mask, kind)
	}
	for _, gram := range runs(secret) {
		if bit := filterBit(gram); x.filter[bit/64]&(1<<(bit%64)) == 0 {
			continue
		}
		for _, p := range x.places[gram] {
			x.fill(p, run, mask, kind)
			found = true
		}
		delete(x.places, gram) // all its places are marked now, however many secrets contain it
	}
	return found
}

// markShort marks a secret that is shorter than a run.
func (x *index) markShort(secret, mask []byte, kind byte) (found bool) {
	for i, v := range x.readings {
		for at := 0; ; at++ {
			next := bytes.Index(v.bytes[at:], secret)
			if next < 0 {
				break
			}
			at += next
			x.fill(place{int32(i), int32(at)}, len(secret), mask, kind)
			found = true
		}
	}
	return found
}

func (x *index) fill(p place, length int, mask []byte, kind byte) {
	v := x.readings[p.reading]
	from, to := v.from[p.at], v.to[int(p.at)+length-1]
	for i := from; i < to; i++ {
		if mask[i] != ofToken {
			mask[i] = kind
		}
	}
}
