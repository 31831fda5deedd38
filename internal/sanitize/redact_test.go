package sanitize

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/leaktest"
)

// Whatever part of a secret is quoted, in any encoding and cut anywhere: at most 7 consecutive characters of it
// remain.
func TestSecretFragmentsAreRedacted(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	withheld, n := 0, 0
	for _, name := range slices.Sorted(maps.Keys(leaktest.Encodings)) {
		encode := leaktest.Encodings[name]
		for range 200 {
			secret := leaktest.Secret(random, leaktest.ValueAlphabets)
			before, behind := leaktest.Draw(random, "xyz .", random.IntN(40)), leaktest.Draw(random, "xyz .", random.IntN(40))
			text := before + leaktest.Quote(random, secret, encode) + behind
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
			var finder leaktest.Finder
			finder.Add(secret)
			if leak, _ := finder.Find([]byte(shown)); leak != "" {
				t.Fatalf("%s: of %q, %q is shown as %q, which has %q", name, secret, text, shown, leak)
			}
			// If the finder does not know an encoding, hardly anything of the quoted text may remain.
			if rest := strings.Trim(strings.ReplaceAll(shown, tokenLabel, " "), "xyz .…"); strings.Contains(shown, tokenLabel) &&
				utf8.RuneCountInString(rest) > 80 {
				t.Fatalf("%s: of %q, %q is shown as %q", name, secret, text, shown)
			}
		}
	}
	if withheld > n/20 {
		t.Errorf("%d of %d texts were withheld", withheld, n)
	}
	t.Logf("%d of %d texts were withheld", withheld, n)
}

func TestQuote(t *testing.T) {
	t.Parallel()
	const token, password = "t0ken-that-nobody-may-see", `pass "word" & more <of> it`
	redactor := NewRedactor(token).With(password, "shorty", "tiny", token)
	for name, row := range map[string]struct {
		text string
		want string // empty: withheld
	}{
		"nothing secret":    {"the environment is  busy\n", "the environment is busy"},
		"the token":         {"session [" + token + "] expired", "session [[token]] expired"},
		"seven characters":  {"of " + token[:7], "of " + token[:7]},
		"eight characters":  {"of " + token[3:11] + ".", "of [token]."},
		"another secret":    {"value " + password, "value [left out]"},
		"short, whole":      {"it is shorty", "it is [left out]"},
		"shorter":           {"it is tiny", "it is tiny"},
		"at the cut":        {strings.Repeat("x", 95) + token, strings.Repeat("x", 95) + "[toke…"},
		"in between":        {"a" + token + "b" + password + "c", "a[token]b[left out]c"},
		"spread out":        {"t 0 k e n | t h a t | n o b o d y", ""},
		"line by line":      {"pass\n\"wo\nrd\" & more", "[left out] [left out]"},
		"too deep":          {`\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\"`, ""},
		"hidden characters": {"a\u202e\u200bb\x00\u0085c", "ab c"},
		"invalid":           {"a\xffb", "a\ufffdb"},
		"a path of Windows": {`C:\\Users\\me`, `C:\\Users\\me`},
		"an address":        {"https://a.test/?x=1&amp;y=%20", "https://a.test/?x=1&amp;y=%20"},
		"nothing":           {"\n", ""},
	} {
		shown, ok := redactor.Quote(row.text, 100)
		if shown != row.want || ok != (row.want != "" || name == "nothing") {
			t.Errorf("%s: got %q, %t, want %q", name, shown, ok, row.want)
		}
	}
}

// The cost of redaction grows with the secrets, not with their square, even if they and the text are all the same.
func BenchmarkQuoteManySecrets(b *testing.B) {
	random := rand.New(rand.NewPCG(5, 6))
	var secrets []string
	for range 100 {
		secrets = append(secrets, leaktest.Draw(random, leaktest.ValueAlphabets[3], 4000))
	}
	redactor := NewRedactor("t0ken").With(append(secrets, strings.Repeat("a", 100_000))...)
	for name, text := range map[string]string{"words": strings.Repeat("the words of the platform ", 15),
		"the same": strings.Repeat("a", 25_000)} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				redactor.Quote(text, 400)
			}
		})
	}
}
