// Package sanitize makes foreign text safe to show: Clean replaces characters that could forge a line or hide
// others, and a Redactor removes secrets.
package sanitize

import (
	"strings"
	"unicode"
)

// replacement stands for a character that Clean cannot show. Decoders also write it for invalid text, so where it
// occurs, the original is not known.
const replacement = unicode.ReplacementChar

// Clean replaces by U+FFFD every character that could forge a line, reverse the text after it or be invisible:
// control characters (C0, DEL and C1, so also line breaks), bidirectional overrides and marks, zero-width and other
// invisible characters, line and paragraph separators, and bytes that are not UTF-8. It is idempotent. It drops
// nothing, so two names stay different if one of them was clean. An altered name must not be sent back to the
// platform; IsAltered detects it.
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

// Line is Clean for prose, which nobody compares or sends back: it joins lines with one space between words, and
// drops what Clean would replace.
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

// isPlain recognises printable ASCII, which nearly all text is.
func isPlain(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}

// isHidden accepts U+FE0E and U+FE0F: they choose between two ways to draw the symbol before them.
func isHidden(r rune) bool {
	switch {
	case r < ' ' || r == 0x7f, r == '\u2028', r == '\u2029':
		return true
	case r < 0x7f, r == '\ufe0e', r == '\ufe0f':
		return false
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}
