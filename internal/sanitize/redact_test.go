package sanitize

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"math/rand/v2"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// encodings are the ways in which a server may write what it was sent.
var encodings = map[string]func(string) string{
	"as it is":          func(s string) string { return s },
	"HTML":              html.EscapeString,
	"HTML in numbers":   func(s string) string { return each(s, "&#%d;") },
	"HTML in hex":       func(s string) string { return each(s, "&#x%x;") },
	"JSON":              func(s string) string { return quoteJSON(s, true) },
	"JSON of others":    func(s string) string { return quoteJSON(s, false) },
	"JSON in JSON":      func(s string) string { return quoteJSON(quoteJSON(s, true), false) },
	"JSON, all escaped": func(s string) string { return inUTF16(s) },
	"Go":                func(s string) string { q := strconv.QuoteToASCII(s); return q[1 : len(q)-1] },
	"a form":            url.QueryEscape,
	"a path":            url.PathEscape,
	"a form of JSON":    func(s string) string { return url.QueryEscape(quoteJSON(s, true)) },
	"HTML of a form":    func(s string) string { return html.EscapeString(url.QueryEscape(s)) },
	"base64":            func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"base64 for URLs":   func(s string) string { return base64.URLEncoding.EncodeToString([]byte(s)) },
	"base64, 1 further": func(s string) string { return base64.StdEncoding.EncodeToString([]byte("x" + s + "yz")) },
	"base64, 2 further": func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte("xy" + s + "z")) },
	"base64 of JSON": func(s string) string {
		return base64.StdEncoding.EncodeToString([]byte(`{"a":"` + quoteJSON(s, true) + `"}`))
	},
	"base64 in a form":    func(s string) string { return url.QueryEscape(base64.StdEncoding.EncodeToString([]byte("u:" + s))) },
	"hex":                 func(s string) string { return hex.EncodeToString([]byte(s)) },
	"hex with zero-width": func(s string) string { return strings.ReplaceAll(hex.EncodeToString([]byte(s)), "6", "6\u200b") },
}

func each(s, format string) string {
	var b strings.Builder
	for _, r := range s {
		fmt.Fprintf(&b, format, r)
	}
	return b.String()
}

func inUTF16(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r > 0xffff {
			q, _ := json.Marshal(string(r)) // a text always can be
			b.WriteString(strings.Trim(string(q), `"`))
			continue
		}
		fmt.Fprintf(&b, `\u%04x`, r)
	}
	return b.String()
}

// alphabets are what secrets are drawn from.
var alphabets = []string{
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", "0123456789abcdef", `<>&"'\/%+=-_ {}[]:;,.!?#$*()~^` + "abcABC", "äöüßÄéèñλΩжЖ漢字😀abc",
}

func draw(random *rand.Rand, alphabet string, length int) string {
	runes := []rune(alphabet)
	var b strings.Builder
	for range length {
		b.WriteRune(runes[random.IntN(len(runes))])
	}
	return b.String()
}

// leaks returns what a text shows of 8 or more characters of a secret, in an encoding.
func leaks(shown, secret string, encode func(string) string) string {
	runes := []rune(secret)
	for i := range len(runes) - run + 1 {
		if part := encode(string(runes[i : i+run])); strings.Contains(strings.ToLower(shown), strings.ToLower(part)) {
			return part
		}
	}
	return ""
}

// Whatever part of whatever secret is quoted in whatever encoding, wherever it is cut: no 8 characters of it are left.
func TestNoRunOfASecretIsShown(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	withheld, n := 0, 0
	for name, encode := range encodings {
		for range 300 {
			secret := draw(random, alphabets[random.IntN(len(alphabets))], 8+random.IntN(60))
			runes := []rune(secret)
			from := random.IntN(len(runes) - run + 1)
			part := string(runes[from : from+run+random.IntN(len(runes)-from-run+1)])
			encoded := encode(part)
			if random.IntN(2) == 0 {
				cut := random.IntN(len(encoded))
				encoded = strings.ToValidUTF8([]string{encoded[:cut], encoded[cut:]}[random.IntN(2)], "")
			}
			switch random.IntN(4) {
			case 0:
				encoded = strings.ToUpper(encoded)
			case 1:
				encoded = strings.ToLower(encoded)
			}
			text := draw(random, "xyz .", random.IntN(40)) + encoded + draw(random, "xyz .", random.IntN(40))
			limit := 1 + random.IntN(200)
			shown, ok := NewRedactor(secret).With("another secret").Quote(text, limit)
			n++
			if !ok {
				withheld++
				continue
			}
			if utf8.RuneCountInString(shown) > limit+1 {
				t.Fatalf("%d characters of at most %d", utf8.RuneCountInString(shown), limit)
			}
			for _, form := range []func(string) string{encode, encodings["as it is"]} {
				if strings.HasPrefix(name, "base64") || name == "hex with zero-width" {
					form = encodings["as it is"]
				}
				if leak := leaks(shown, secret, form); leak != "" {
					t.Fatalf("%s: of %q, %q is shown as %q, which has %q", name, secret, text, shown, leak)
				}
			}
			if strings.HasPrefix(name, "base64") && strings.Contains(strings.Trim(shown, "xyz .…"), "]") {
				if rest := strings.ReplaceAll(shown, tokenLabel, " "); len(strings.Trim(rest, "xyz .…")) > 24 {
					t.Fatalf("%s: of %q, %q is shown as %q", name, secret, text, shown)
				}
			}
		}
	}
	if withheld > n/20 {
		t.Errorf("%d of %d texts were withheld", withheld, n)
	}
	t.Logf("%d of %d texts were withheld", withheld, n)
}
