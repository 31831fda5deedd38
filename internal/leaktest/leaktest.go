// Package leaktest is for tests of what a server that quotes secrets can bring to light: it draws secrets and parts of
// them, writes them in every encoding, and finds what is left of them in what was shown.
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

// Run is how many characters of a secret, one after the other, must not be shown.
const Run = 8

// Encodings are the ways in which a server may write what it was sent.
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
	quoted, _ := json.Marshal(s) // a text always can be
	return string(quoted[1 : len(quoted)-1])
}

func inOthersJSON(s string) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(s) // a text always can be
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

// Alphabets are what secrets are made of. Those of tokens have no spaces.
var (
	TokenAlphabets = []string{
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", "0123456789abcdef",
		`<>&"'\/%+=-_{}[]:;,.!?#$*()~^abcABC`,
	}
	ValueAlphabets = append([]string{
		`<>&"'\/ %+=-_ {}[]`, "äöüßÄéèñλΩжЖ漢字😀abc", "correct horse battery ",
	}, TokenAlphabets...)
)

// Draw makes a text of a number of characters of an alphabet.
func Draw(random *rand.Rand, alphabet string, length int) string {
	runes := []rune(alphabet)
	var b strings.Builder
	for range length {
		b.WriteRune(runes[random.IntN(len(runes))])
	}
	return b.String()
}

// Secret draws one of 10 to 72 characters. It neither begins nor ends with a space, which could not be given.
func Secret(random *rand.Rand, alphabets []string) string {
	return "s" + Draw(random, alphabets[random.IntN(len(alphabets))], Run+random.IntN(63)) + "s"
}

// Quote draws a part of a secret, writes it in an encoding, and may cut that and change its case.
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

// Finder finds runs of secrets, as they are and in the usual encodings, whatever their case.
type Finder struct {
	byBeginning map[string][]trace
}

// trace is how a run of a secret looks.
type trace struct{ look, secret string }

// Add makes the finder look for a secret. A run that begins or ends with a space is not looked for, because what stands
// around a quotation may have that; a longer run is found by another part.
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
				encoded = encoded[:len(encoded)-1] // what follows has a part in it
			}
			looks = append(looks, encoded[first:])
		}
		for _, look := range looks {
			look = strings.ToLower(look)
			f.byBeginning[look[:Run]] = append(f.byBeginning[look[:Run]], trace{look, secret})
		}
	}
}

// Find returns what there is of a secret in a content, and of which; empty texts if there is nothing.
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
