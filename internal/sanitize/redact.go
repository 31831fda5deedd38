package sanitize

import (
	"slices"
	"strings"
)

const (
	// run is how many consecutive bytes of a secret are recognised.
	run = 8
	// shortest is the minimum size in bytes of a secret that is recognised as a whole: removing each "1" would leave
	// nothing to read.
	shortest = 6
	// window is how many bytes of a text are searched for each character that is shown.
	window = 64
)

// The replacements of secrets.
const (
	tokenLabel = "[token]"
	otherLabel = "[left out]"
)

// Redactor removes secrets from texts: every run of 8 or more characters of a secret, in any case, plain or encoded
// as HTML, JSON, a URL, base64 (at any offset) or hexadecimal, and within up to four layers of escapes. It removes
// a secret of 6 or 7 characters only as a whole, and a shorter one not at all. The zero value knows no secrets. A
// Redactor is immutable, and so safe for concurrent use.
type Redactor struct{ secrets []secret }

type secret struct {
	text string
	kind byte // ofToken or ofOther
}

// Values of a mask: the kind of secret that a byte belongs to.
const (
	ofNone byte = iota
	ofToken
	ofOther
)

// NewRedactor returns a redactor that knows a token.
func NewRedactor(token string) Redactor { return Redactor{secrets: []secret{{token, ofToken}}} }

// With returns a redactor that also knows these secrets.
func (r Redactor) With(secrets ...string) Redactor {
	all := slices.Clip(r.secrets) // so that appending does not share the array
	for _, text := range secrets {
		if one := (secret{text, ofOther}); len(text) >= shortest && !slices.Contains(all, one) {
			all = append(all, one)
		}
	}
	return Redactor{secrets: all}
}

// Quote makes foreign text safe for a message: one clean line without secrets, of at most limit characters. ok is
// false if secrets may remain, so that nothing of the text may be shown: a part of a secret is found if only
// letters and digits are compared, or the text has too many layers of escapes. The cost grows with the sum of the
// searched text and the secrets.
func (r Redactor) Quote(text string, limit int) (quoted string, ok bool) {
	// Remove secrets before cutting the text. A secret that this first cut splits is still found as a run.
	text = Line(text[:min(len(text), window*limit)])
	if text == "" {
		return "", true
	}
	views, complete := unfold(text)
	if !complete {
		return "", false
	}
	mask := make([]byte, len(text))
	r.find(views, mask, strict)
	if r.find(views, mask, loose) {
		return "", false
	}
	text = replace(text, mask)
	if runes := []rune(text); len(runes) > limit {
		text = string(runes[:limit]) + "…"
	}
	return text, true
}

// replace puts a label in place of each stretch that the mask marks.
func replace(text string, mask []byte) string {
	var b strings.Builder
	for at := 0; at < len(text); {
		end := at
		for end < len(text) && (mask[end] == ofNone) == (mask[at] == ofNone) {
			end++
		}
		switch {
		case mask[at] == ofNone:
			b.WriteString(text[at:end])
		case slices.Contains(mask[at:end], ofToken):
			b.WriteString(tokenLabel)
		default:
			b.WriteString(otherLabel)
		}
		at = end
	}
	return b.String()
}

// find marks secrets in the mask of the text, in any of its views, and reports whether it found any that the mask
// did not have yet.
func (r Redactor) find(views []view, mask []byte, how strictness) bool {
	index := newIndex(views, mask, how)
	found := false
	for _, s := range r.secrets {
		for form := range forms(s.text) {
			found = index.mark(foldAll(form, how), mask, s.kind) || found
		}
	}
	return found
}
