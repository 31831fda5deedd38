package platform

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"
)

// Limits, in characters, of what is quoted from an answer.
const (
	wordsLimit   = 400
	excerptLimit = 120
)

// redactor takes a token out of texts.
type redactor struct{ replacer *strings.Replacer }

func newRedactor(token string) redactor {
	return redactor{strings.NewReplacer(token, "[token]", url.QueryEscape(token), "[token]")}
}

// clean makes a text of foreign origin fit for a message: one line, without control and invisible characters, without
// the token, at most limit characters.
func (r redactor) clean(text string, limit int) string {
	text = strings.Map(func(c rune) rune {
		switch {
		case unicode.IsSpace(c):
			return ' '
		case unicode.IsControl(c), unicode.Is(unicode.Cf, c):
			return -1
		}
		return c
	}, strings.ToValidUTF8(text, "?"))
	text = r.replacer.Replace(strings.Join(strings.Fields(text), " "))
	if runes := []rune(text); len(runes) > limit {
		text = string(runes[:limit]) + "…"
	}
	return text
}

// secretMember matches a member of a JSON object that may hold a secret, complete or cut off.
var secretMember = regexp.MustCompile(`(?i)"[^"]*(?:pass|session|token|secret|key)[^"]*"\s*:\s*(?:"(?:[^"\\]|\\.)*"?)?`)

// excerpt returns the beginning of an answer that is not what it should be. Broken answers of the platform may carry
// passwords of nodes, so members that look like secrets are left out.
func (r redactor) excerpt(answer []byte) string {
	head := answer[:min(len(answer), 64*excerptLimit)]
	return r.clean(secretMember.ReplaceAllString(string(head), "[left out]"), excerptLimit)
}
