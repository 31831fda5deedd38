package planreview

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// longest is how many characters of a value are shown; a longer value ends with an ellipsis.
const longest = 300

// noBreak is invisible. It follows characters that would otherwise begin a mention, a reference to an issue, a
// label or a link on a forge.
const noBreak = "\u200b"

// mdValue escapes a value from a plan for Markdown. mdText escapes a sentence in which values are already short.
func mdValue(text string) string { return mdText(briefly(text)) }

// mdSentence escapes a sentence of this package, in which the word moved is code.
func mdSentence(text string) string {
	return strings.ReplaceAll(mdText(text), "\\`moved\\`", "`moved`")
}

func mdText(text string) string {
	var b strings.Builder
	text = flat(text)
	for i, r := range text {
		switch {
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '_' && inWord(text, i):
			b.WriteByte('_')
		case strings.ContainsRune("\\`*_{}[]|", r):
			b.WriteByte('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
		next, _ := utf8.DecodeRuneInString(text[i+utf8.RuneLen(r):])
		if strings.ContainsRune("@#!~%$&^", r) && (isWord(next) || next == '"') || r == ':' && next == '/' {
			b.WriteString(noBreak)
		}
	}
	return b.String()
}

// inWord says whether the character at an index is between two characters of a word.
func inWord(text string, i int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:i])
	after, _ := utf8.DecodeRuneInString(text[i+1:])
	return isWord(before) && isWord(after)
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// mdCode is text from a plan as code in Markdown. Only in tables, a vertical bar in code needs a backslash.
func mdCode(text string, inTable bool) string {
	text = flat(briefly(text))
	if text == "" {
		return ""
	}
	fence := "`"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	if strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`") || strings.HasPrefix(text, " ") &&
		strings.HasSuffix(text, " ") {
		text = " " + text + " "
	}
	if inTable {
		text = strings.ReplaceAll(text, "|", `\|`)
	}
	return fence + text + fence
}

func mdCodes(texts []string, inTable bool) string {
	codes := make([]string, len(texts))
	for i, text := range texts {
		codes[i] = mdCode(text, inTable)
	}
	return strings.Join(codes, ", ")
}

// briefly shortens a single value. Cutting the sentence around it instead would lose what follows a long value.
func briefly(value string) string {
	n := 0
	for i := range value {
		if n++; n > longest {
			return value[:i] + "…"
		}
	}
	return value
}

// flat is a text in one line, without invisible characters.
func flat(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '\n', r == '\r', r == '\t':
			r = ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			r = utf8.RuneError
		}
		b.WriteRune(r)
	}
	return b.String()
}
