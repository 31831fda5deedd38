package sanitize

import (
	"slices"
	"strings"
)

const (
	// run is how many bytes of a secret, one after the other, are recognised.
	run = 8
	// shortest is how many bytes a secret must have to be recognised as a whole: to take out each "1" would leave nothing
	// to read.
	shortest = 6
	// window is how much of a text is looked at for each character that is shown of it.
	window = 64
)

// What stands where a secret was.
const (
	tokenLabel = "[token]"
	otherLabel = "[left out]"
)

// Redactor takes secrets out of texts: every run of 8 or more characters of a secret, in upper and lower case, as it
// is, as HTML, JSON, a URL, base64 (at whatever offset) or hexadecimal write it, and in up to four such layers of
// escapes. A secret of 6 or 7 characters is taken out as a whole only, a shorter one not at all. The zero value knows
// no secrets. It is immutable, and so safe for concurrent use.
type Redactor struct{ secrets []secret }

type secret struct {
	text string
	kind byte // ofToken or ofOther
}

// Values of a mask: which kind of secret a byte is a part of.
const (
	ofNone byte = iota
	ofToken
	ofOther
)

// NewRedactor returns a redactor that knows a token.
func NewRedactor(token string) Redactor { return Redactor{secrets: []secret{{token, ofToken}}} }

// With returns a redactor that knows these secrets too.
func (r Redactor) With(secrets ...string) Redactor {
	all := slices.Clip(r.secrets) // so that what is appended is not shared
	for _, text := range secrets {
		if one := (secret{text, ofOther}); len(text) >= shortest && !slices.Contains(all, one) {
			all = append(all, one)
		}
	}
	return Redactor{secrets: all}
}

// Quote makes a text of foreign origin fit for a message: one clean line without secrets, at most limit characters
// long. It is false if the text cannot be rid of secrets with certainty, so that nothing of it may be shown: something
// of a secret is left if all but letters and digits is overlooked, or there are more layers of escapes than can be
// looked through. What it takes grows with the sum of the text that is looked at and the secrets.
func (r Redactor) Quote(text string, limit int) (quoted string, ok bool) {
	// The secrets go before anything is cut off. What this cut leaves of one at the end is a run like any other.
	text = Line(text[:min(len(text), window*limit)])
	if text == "" {
		return "", true
	}
	views, complete := unfold(text)
	if !complete {
		return "", false
	}
	mask := make([]byte, len(text))
	r.find(views, mask, exactly)
	if r.find(views, mask, loosely) {
		return "", false
	}
	text = replace(text, mask)
	if runes := []rune(text); len(runes) > limit {
		text = string(runes[:limit]) + "…"
	}
	return text, true
}

// replace puts a label in the place of each stretch that the mask marks.
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

// find marks in a mask of the text where secrets are, in whichever view of it, and reports whether there was any that
// the mask did not have yet.
func (r Redactor) find(views []view, mask []byte, how reading) bool {
	index := newIndex(views, mask, how)
	found := false
	for _, s := range r.secrets {
		for form := range forms(s.text) {
			found = index.mark(foldAll(form, how), mask, s.kind) || found
		}
	}
	return found
}
