package domain

import (
	"strings"
	"testing"
)

func TestNormalise(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"www.example.test": "www.example.test", "WWW.Example.Test": "www.example.test",
		"www.example.test.": "www.example.test",
	} {
		if got := normalise(given); got != want {
			t.Errorf("%q became %q, want %q", given, got, want)
		}
	}
}

func TestCheckDomain(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 63)
	for domain, says := range map[string]string{
		"example.test":                         "",
		"WWW.Example.test.":                    "",
		"*.example.test":                       "",
		"xn--bcher-kva.example":                "",
		"1a.2.example.test":                    "",
		long + ".test":                         "",
		"http://www.example.test/x?y":          `write the host name alone, "www.example.test"`,
		"https://www.example.test":             `write the host name alone, "www.example.test"`,
		"www.example.test/shop":                "leave out port and path",
		"www.example.test:8080":                "leave out port and path",
		"me@example.test":                      "leave out port and path",
		"bücher.example":                       `begins with "xn--"`,
		"":                                     "not a host name",
		"localhost":                            "not a host name",
		"www..example.test":                    "not a host name",
		"www.example.test..":                   "not a host name",
		"-a.example.test":                      "not a host name",
		"a-.example.test":                      "not a host name",
		"a_b.example.test":                     "not a host name",
		"www example.test":                     "not a host name",
		"a.*.example.test":                     "not a host name",
		"192.0.2.1":                            "not a host name",
		long + "a.test":                        "not a host name",
		strings.Repeat(long+".", 4) + "a.test": "not a host name",
	} {
		err := checkDomain(domain)
		if (err == nil) != (says == "") || err != nil && !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want %q", domain, err, says)
		}
	}
}

func TestParseID(t *testing.T) {
	t.Parallel()
	b, err := parseID("shop-prod/WWW.example.test.")
	if want := (binding{"shop-prod", "www.example.test"}); err != nil || b != want ||
		b.String() != "shop-prod/www.example.test" {
		t.Errorf("%v, %v", b, err)
	}
	for id, says := range map[string]string{
		"www.example.test":                   "it has no slash",
		"/www.example.test":                  `"" is not the name of an environment`,
		"shop-prod/":                         `"" is not a domain`,
		"shop-prod/www.example.test/x":       "leave out port and path",
		"www.example.test/shop-prod":         `"www.example.test" is not the name of an environment`,
		"https://www.example.test":           `"https:" is not the name of an environment`,
		"shop-prod/https://www.example.test": `write the host name alone, "www.example.test"`,
	} {
		if b, err := parseID(id); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, %v, want %q", id, b, err, says)
		}
	}
}
