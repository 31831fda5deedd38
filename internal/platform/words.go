package platform

import (
	"cmp"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Limits, in characters, of what is quoted from an answer.
const (
	wordsLimit   = 400
	excerptLimit = 120
)

// redactor takes a token and other secrets out of texts.
type redactor struct {
	replacer *strings.Replacer
	pairs    []string // what it replaces, by what
}

func newRedactor(token string) redactor {
	pairs := []string{token, "[token]", url.QueryEscape(token), "[token]"}
	return redactor{strings.NewReplacer(pairs...), pairs}
}

// shortestSecret is how many characters a value must have to be recognised: to take out each "1" would leave nothing to
// read.
const shortestSecret = 6

// withSecrets returns a redactor that also takes out these values, in the forms in which a server may quote them.
func (r redactor) withSecrets(secrets []string) redactor {
	if len(secrets) == 0 {
		return r
	}
	// A replacer takes the first pair that matches, and one secret may begin with another.
	secrets = slices.Clone(secrets)
	slices.SortFunc(secrets, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	pairs := slices.Clone(r.pairs)
	for _, secret := range secrets {
		for _, inJSON := range []string{secret, quoted(secret, true), quoted(secret, false)} {
			for _, form := range []string{inJSON, quoted(inJSON, true), quoted(inJSON, false), url.QueryEscape(inJSON)} {
				if form = oneLine(form); len(form) >= shortestSecret {
					pairs = append(pairs, form, "[left out]")
				}
			}
		}
	}
	return redactor{strings.NewReplacer(pairs...), pairs}
}

// quoted is a text as it stands between the quotation marks of JSON: as Go writes it, or as most others do.
func quoted(text string, escapeHTML bool) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(escapeHTML)
	_ = encoder.Encode(text) // a text always can be
	return strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(b.String()), `"`), `"`)
}

// clean makes a text of foreign origin fit for a message: one line, without control and invisible characters, without
// the token, at most limit characters.
func (r redactor) clean(text string, limit int) string {
	text = r.replacer.Replace(oneLine(text))
	if runes := []rune(text); len(runes) > limit {
		text = string(runes[:limit]) + "…"
	}
	return text
}

func oneLine(text string) string {
	text = strings.Map(func(c rune) rune {
		switch {
		case unicode.IsSpace(c):
			return ' '
		case unicode.IsControl(c), unicode.Is(unicode.Cf, c):
			return -1
		}
		return c
	}, strings.ToValidUTF8(text, "?"))
	return strings.Join(strings.Fields(text), " ")
}

// secretMember matches a member of a JSON object that may hold a secret, complete or cut off.
var secretMember = regexp.MustCompile(`(?i)"[^"\\]*(?:pass|session|token|secret|key)[^"\\]*"\s*:\s*(?:"(?:[^"\\]|\\.)*"?|[^\s",{}\[\]]*)`)

// excerpt returns the beginning of an answer that is not what it should be. Broken answers of the platform may carry
// passwords of nodes, so members that look like secrets are left out.
func (r redactor) excerpt(answer []byte) string {
	head := answer[:min(len(answer), 64*excerptLimit)]
	text := secretMember.ReplaceAllString(string(head), "[left out]")
	// The same once more for objects that are written as a text inside another one.
	text = secretMember.ReplaceAllString(strings.ReplaceAll(text, `\"`, `"`), "[left out]")
	return r.clean(text, excerptLimit)
}
