// Package leaktest is for tests of servers that quote secrets. It generates secrets and parts of them, writes them in
// every encoding, and searches output for what is left of them.
package leaktest

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"math/rand/v2"
	"net/url"
	"strconv"
	"strings"
)

// Run is the number of consecutive characters of a secret that must not be shown.
const Run = 8

// Encodings are the ways in which a server may quote its input.
var Encodings = map[string]func(string) string{
	"as it is":          func(s string) string { return s },
	"HTML":              html.EscapeString,
	"HTML in numbers":   func(s string) string { return each(s, "&#%d;") },
	"HTML in hex":       func(s string) string { return each(s, "&#x%x;") },
	"JSON":              inJSON,
	"JSON of others":    inOthersJSON,
	"JSON in JSON":      func(s string) string { return inOthersJSON(inJSON(s)) },
	"JSON, all escaped": inUTF16,
	"Go":                func(s string) string { return strings.Trim(strconv.QuoteToASCII(s), `"`) },
	"a form":            url.QueryEscape,
	"a path":            url.PathEscape,
	"a form of JSON":    func(s string) string { return url.QueryEscape(inJSON(s)) },
	"HTML of a form":    func(s string) string { return html.EscapeString(url.QueryEscape(s)) },
	"base64":            func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"base64 for URLs":   func(s string) string { return base64.URLEncoding.EncodeToString([]byte(s)) },
	"base64, 1 further": func(s string) string { return base64.StdEncoding.EncodeToString([]byte("x" + s + "yz")) },
	"base64, 2 further": func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte("xy" + s + "z")) },
	"base64 of JSON": func(s string) string {
		return base64.StdEncoding.EncodeToString([]byte(`{"a":"` + inJSON(s) + `"}`))
	},
	"base64 in a form": func(s string) string {
		return url.QueryEscape(base64.StdEncoding.EncodeToString([]byte("u:" + s)))
	},
	"hex":               func(s string) string { return hex.EncodeToString([]byte(s)) },
	"hidden characters": func(s string) string { return each(s, "%c\u200b") },
}

func each(s, format string) string {
	var b strings.Builder
	for _, r := range s {
		fmt.Fprintf(&b, format, r)
	}
	return b.String()
}

func inJSON(s string) string {
	quoted, _ := json.Marshal(s) // strings always marshal
	return string(quoted[1 : len(quoted)-1])
}

func inOthersJSON(s string) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(s) // strings always encode
	return b.String()[1 : b.Len()-2]
}

func inUTF16(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r > 0xffff {
			b.WriteString(inJSON(string(r)))
			continue
		}
		fmt.Fprintf(&b, `\u%04x`, r)
	}
	return b.String()
}

// Alphabets are the characters of secrets. Those of tokens have no spaces.
var (
	TokenAlphabets = []string{
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", "0123456789abcdef",
		`<>&"'\/%+=-_{}[]:;,.!?#$*()~^abcABC`,
	}
	ValueAlphabets = append([]string{
		`<>&"'\/ %+=-_ {}[]`, "äöüßÄéèñλΩжЖ漢字😀abc", "correct horse battery ",
	}, TokenAlphabets...)
)

// Draw returns a random text of length characters from the alphabet.
func Draw(random *rand.Rand, alphabet string, length int) string {
	runes := []rune(alphabet)
	var b strings.Builder
	for range length {
		b.WriteRune(runes[random.IntN(len(runes))])
	}
	return b.String()
}

// Secret returns a random secret of 10 to 72 characters. It neither starts nor ends with a space, because users
// cannot set such a value.
func Secret(random *rand.Rand, alphabets []string) string {
	return "s" + Draw(random, alphabets[random.IntN(len(alphabets))], Run+random.IntN(63)) + "s"
}

// Quote encodes a random part of a secret, and may truncate it and change its case.
func Quote(random *rand.Rand, secret string, encode func(string) string) string {
	runes := []rune(secret)
	from := random.IntN(len(runes) - Run + 1)
	quoted := encode(string(runes[from : from+Run+random.IntN(len(runes)-from-Run+1)]))
	if random.IntN(2) == 0 {
		cut := random.IntN(len(quoted))
		quoted = strings.ToValidUTF8([]string{quoted[:cut], quoted[cut:]}[random.IntN(2)], "")
	}
	switch random.IntN(4) {
	case 0:
		return strings.ToUpper(quoted)
	case 1:
		return strings.ToLower(quoted)
	}
	return quoted
}

// Finder finds runs of secrets, plain or in the usual encodings, in any case.
type Finder struct {
	byBeginning map[string][]trace
}

// trace is a run of a secret in one encoding.
type trace struct{ look, secret string }

// Add makes the finder search for a secret. It skips runs that start or end with a space, because the text around a
// quotation may contribute that space. A longer quotation contains another run.
func (f *Finder) Add(secret string) {
	if f.byBeginning == nil {
		f.byBeginning = map[string][]trace{}
	}
	runes := []rune(secret)
	for i := range len(runes) - Run + 1 {
		part := string(runes[i : i+Run])
		if part != strings.TrimSpace(part) {
			continue
		}
		looks := []string{
			part, html.EscapeString(part), inJSON(part), inOthersJSON(part),
			url.QueryEscape(part), url.PathEscape(part), hex.EncodeToString([]byte(part)),
		}
		for offset, first := range []int{0, 2, 3} {
			encoded := base64.RawStdEncoding.EncodeToString(append(make([]byte, offset), part...))
			if (offset+len(part))%3 != 0 {
				encoded = encoded[:len(encoded)-1] // the last character also encodes bits of what follows
			}
			looks = append(looks, encoded[first:])
		}
		for _, look := range looks {
			look = strings.ToLower(look)
			f.byBeginning[look[:Run]] = append(f.byBeginning[look[:Run]], trace{look, secret})
		}
	}
}

// Find returns a run of a secret in the content and the secret, or empty strings if there is none.
func (f *Finder) Find(content []byte) (found, secret string) {
	content = bytes.ToLower(content)
	for i := range len(content) - Run + 1 {
		for _, t := range f.byBeginning[string(content[i:i+Run])] {
			if bytes.HasPrefix(content[i:], []byte(t.look)) {
				return t.look, t.secret
			}
		}
	}
	return "", ""
}
