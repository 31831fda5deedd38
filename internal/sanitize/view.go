package sanitize

import (
	"strconv"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// layers is how many layers of escapes are decoded.
const layers = 4

// view is a text with some escapes decoded, and the position of each byte in the original.
type view struct {
	bytes    []byte
	from, to []int32
}

// newView is the view of a text without decoding.
func newView(text []byte) view {
	v := view{bytes: text, from: make([]int32, len(text)), to: make([]int32, len(text))}
	for i := range text {
		v.from[i], v.to[i] = int32(i), int32(i+1)
	}
	return v
}

// add appends the decoded bytes of a stretch of another view.
func (v *view) add(what []byte, other view, from, to int) {
	for _, b := range what {
		v.bytes = append(v.bytes, b)
		v.from = append(v.from, other.from[from])
		v.to = append(v.to, other.to[to-1])
	}
}

// unfold returns a text and all views of it with decoded escapes, one kind after the other in every order. It is
// not complete if more escapes remain below the last layer.
func unfold(text string) (all []view, complete bool) {
	all = []view{newView([]byte(text))}
	seen := map[string]bool{text: true}
	for layer, first := 0, 0; first < len(all); layer++ {
		last := len(all)
		for _, v := range all[first:last] {
			for _, escape := range []func([]byte) ([]byte, int){backslash, percent, entity} {
				decoded := v.decode(escape)
				if seen[string(decoded.bytes)] {
					continue
				}
				if layer == layers {
					return all, false
				}
				seen[string(decoded.bytes)] = true
				all = append(all, decoded)
			}
		}
		first = last
	}
	return all, true
}

// decode decodes the escapes of one kind: escape returns what the escape at the start of a text stands for, and its
// length, or 0 if there is none.
func (v view) decode(escape func([]byte) ([]byte, int)) view {
	var decoded view
	for i := 0; i < len(v.bytes); {
		what, length := escape(v.bytes[i:])
		if length == 0 {
			what, length = v.bytes[i:i+1], 1
		}
		decoded.add(what, v, i, i+length)
		i += length
	}
	return decoded
}

// backslash decodes the escapes of JSON and of Go, also in upper case.
func backslash(text []byte) ([]byte, int) {
	if len(text) < 2 || text[0] != '\\' {
		return nil, 0
	}
	switch kind := text[1] | 0x20; kind {
	case 'n', 'r', 't', 'f', 'v':
		return []byte(" "), 2
	case 'b', 'a':
		return nil, 2
	case 'x':
		if code, ok := hexadecimal(text, 2, 2); ok {
			return []byte{byte(code)}, 4
		}
	case 'u':
		return escapedRune(text)
	}
	return text[1:2], 2
}

// escapedRune decodes \U of Go, with 8 digits, and \u of JSON, which writes some characters as two of them.
func escapedRune(text []byte) ([]byte, int) {
	if code, ok := hexadecimal(text, 2, 8); ok && text[1] == 'U' {
		return utf8.AppendRune(nil, code), 10
	}
	code, ok := hexadecimal(text, 2, 4)
	if !ok {
		return text[1:2], 2
	}
	if len(text) > 7 && text[6] == '\\' && text[7]|0x20 == 'u' {
		low, ok := hexadecimal(text, 8, 4)
		if pair := utf16.DecodeRune(code, low); ok && pair != unicode.ReplacementChar {
			return utf8.AppendRune(nil, pair), 12
		}
	}
	return utf8.AppendRune(nil, code), 6
}

// percent decodes the escapes of a URL.
func percent(text []byte) ([]byte, int) {
	if text[0] != '%' {
		return nil, 0
	}
	code, ok := hexadecimal(text, 1, 2)
	if !ok {
		return nil, 0
	}
	return []byte{byte(code)}, 3
}

func hexadecimal(text []byte, from, digits int) (rune, bool) {
	if len(text) < from+digits {
		return 0, false
	}
	code, err := strconv.ParseUint(string(text[from:from+digits]), 16, 32)
	return rune(code), err == nil && code <= unicode.MaxRune
}

func isASCIILetterOrDigit(b byte) bool {
	return b >= '0' && b <= '9' || b|0x20 >= 'a' && b|0x20 <= 'z'
}

// strictness is how strictly a text is compared with a secret.
type strictness bool

const (
	// strict ignores case, invisible characters, and the differences between the alphabets of base64 and between the
	// spaces of form encoding.
	strict strictness = false
	// loose ignores everything except letters and digits.
	loose strictness = true
)

// barrier replaces a byte that the mask marks; no secret contains one.
const barrier = 0

// normalize returns a view in the form in which it is compared.
func normalize(v view, mask []byte, how strictness) view {
	var folded view
	for i := 0; i < len(v.bytes); {
		r, size := utf8.DecodeRune(v.bytes[i:])
		var what []byte
		switch {
		case mask != nil && mask[v.from[i]] != ofNone:
			what = []byte{barrier}
		case r == utf8.RuneError && size == 1:
			what = v.bytes[i : i+1]
		default:
			what = fold(r, how)
		}
		folded.add(what, v, i, i+size)
		i += size
	}
	return folded
}

// foldAll is like normalize, without positions.
func foldAll(text string, how strictness) []byte {
	folded := make([]byte, 0, len(text))
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && size == 1 {
			folded = append(folded, text[i])
		} else {
			folded = append(folded, fold(r, how)...)
		}
		i += size
	}
	return folded
}

// ascii has the folded form of every ASCII character, for each reading.
var ascii = func() (all [2][utf8.RuneSelf][]byte) {
	for r := range rune(utf8.RuneSelf) {
		all[0][r], all[1][r] = foldRune(r, strict), foldRune(r, loose)
	}
	return all
}()

func fold(r rune, how strictness) []byte {
	switch {
	case r >= utf8.RuneSelf:
		return foldRune(r, how)
	case how == loose:
		return ascii[1][r]
	}
	return ascii[0][r]
}

func foldRune(r rune, how strictness) []byte {
	switch {
	case r == replacement, r > ' ' && isHidden(r), how == loose && !unicode.IsLetter(r) && !unicode.IsDigit(r):
		return nil
	case r == '-', r == '+', unicode.IsSpace(r):
		return []byte("+")
	case r == '_', r == '/':
		return []byte("/")
	case r < ' ':
		return nil
	}
	return utf8.AppendRune(nil, unicode.ToLower(unicode.ToUpper(r)))
}
