// Package sanitize makes text of foreign origin fit to be shown: Clean takes out what could forge a line or hide a
// character, and a Redactor takes out secrets.
package sanitize

import (
	"strings"
	"unicode"
)

// replacement stands where Clean found a character that cannot be shown. It is also what decoders put where a text is
// not valid, so that its presence means that the original is not known.
const replacement = unicode.ReplacementChar

// Clean replaces every character that could forge a line, reverse what follows or not be seen by U+FFFD: control
// characters (C0, DEL and C1, thus also line breaks), bidirectional overrides and marks, zero-width and other invisible
// characters, line and paragraph separators, and bytes that are no UTF-8. It is idempotent. Two names stay different
// if one of them was clean: nothing is left out, so no name becomes another one's. The result of a name that was not
// clean must not be sent back, which IsAltered tells.
func Clean(text string) string {
	if isPlain(text) {
		return text
	}
	return strings.Map(func(r rune) rune {
		if isHidden(r) {
			return replacement
		}
		return r
	}, text)
}

// IsAltered reports whether Clean has altered a text or would do so.
func IsAltered(text string) bool {
	return !isPlain(text) && strings.ContainsFunc(text, func(r rune) bool { return r == replacement || isHidden(r) })
}

// Line is Clean for prose, which nobody compares or sends back: it puts it on one line, with one space between words,
// and leaves out what Clean would replace.
func Line(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if isPlain(text) {
		return text
	}
	return strings.Map(func(r rune) rune {
		if isHidden(r) {
			return -1
		}
		return r
	}, text)
}

// isPlain recognizes printable ASCII, which is what nearly all text is.
func isPlain(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}

// isHidden leaves U+FE0E and U+FE0F alone: they choose between two ways to draw the symbol before them.
func isHidden(r rune) bool {
	switch {
	case r < ' ' || r == 0x7f, r == '\u2028', r == '\u2029':
		return true
	case r < 0x7f, r == '\ufe0e', r == '\ufe0f':
		return false
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}
