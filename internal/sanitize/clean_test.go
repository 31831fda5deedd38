package sanitize

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// hostile has characters that could forge a line, reverse the text after them or be invisible.
const hostile = "\x00\t\n\r\x1b\x7f\u0085\u009b\u00ad\u034f\u061c\u115f\u180e" +
	"\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e" +
	"\u2060\u2066\u2067\u2068\u2069\u3164\ufe00\ufeff\ufff9\U000e0001\U000e0041\U000e0100"

func TestClean(t *testing.T) {
	t.Parallel()
	for _, r := range hostile {
		name := "shop" + string(r) + "1"
		if got := Clean(name); got != "shop\ufffd1" || !IsAltered(name) || !IsAltered(got) || Clean(got) != got {
			t.Errorf("%+q becomes %+q", name, got)
		}
		if line := Line(name); strings.ContainsRune(line, r) || strings.ContainsRune(line, '\n') {
			t.Errorf("%+q becomes %+q", name, line)
		}
	}
	for _, name := range []string{"", "shop-1", "Übergröße: 50 %", "店舗", "متجر", "🛍\ufe0f Shop", "a\u00a0b", "\\n", "é"} {
		if Clean(name) != name || IsAltered(name) || Line(name) != strings.Join(strings.Fields(name), " ") {
			t.Errorf("%q becomes %q", name, Clean(name))
		}
	}
	if got := Clean("a\xffb"); got != "a\ufffdb" || !IsAltered("a\xffb") {
		t.Errorf("got %+q", got)
	}
}

func FuzzClean(f *testing.F) {
	f.Add("shop-1", "token")
	f.Add(hostile, "a secret of the user")
	f.Add(`a \u0061&#x61;%61 secret`, "a aaa secret")
	f.Fuzz(func(t *testing.T, text, secret string) {
		clean := Clean(text)
		if strings.ContainsFunc(clean, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }) ||
			Clean(clean) != clean || IsAltered(text) != (IsAltered(clean)) {
			t.Fatalf("%q becomes %q", text, clean)
		}
		if shown, ok := NewRedactor(secret).Quote(text+secret+text, 200); ok && utf8.RuneCountInString(secret) >= run &&
			!IsAltered(Line(secret)) && utf8.RuneCountInString(Line(secret)) >= run && strings.Contains(shown, Line(secret)) {
			t.Fatalf("%q shows %q", shown, secret)
		}
	})
}
