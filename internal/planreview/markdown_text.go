package planreview

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// longest is how many characters of one value are shown; what is longer ends with an ellipsis.
const longest = 300

// noBreak, which cannot be seen, stands after characters that would begin a mention, a reference to an issue, a label
// or the like, or a link on a forge.
const noBreak = "\u200b"

// mdValue is a value from a plan within Markdown, mdText a sentence in which the values are brief already. Both mean
// nothing but themselves there.
func mdValue(text string) string { return mdText(briefly(text)) }

// mdSentence is a sentence of this package, in which the word moved is code.
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

// inWord says whether the character at a place stands between two of a word.
func inWord(text string, i int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:i])
	after, _ := utf8.DecodeRuneInString(text[i+1:])
	return isWord(before) && isWord(after)
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// mdCode is text from a plan as code within Markdown. In tables a bar needs a backslash even there, and only there.
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

// briefly is a value of a bearable length. What it is a part of is not cut, so that nothing behind a long value is
// lost.
func briefly(value string) string {
	n := 0
	for i := range value {
		if n++; n > longest {
			return value[:i] + "…"
		}
	}
	return value
}

// flat is a text in one line, without what cannot be seen.
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
