package domain

import (
	"fmt"
	"strings"
	"testing"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/golden"
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
	for _, domain := range []string{
		"example.test", "WWW.Example.test.", "*.example.test", "xn--bcher-kva.example", "1a.2.example.test", long + ".test",
	} {
		if err := checkDomain(domain); err != nil {
			t.Errorf("%q: %v", domain, err)
		}
	}
	var refused strings.Builder
	for _, domain := range []string{
		"http://www.example.test/x?y", "https://www.example.test", "www.example.test/shop", "www.example.test:8080",
		"me@example.test", "bücher.example", "", "localhost", "www..example.test", "www.example.test..", "-a.example.test",
		"a-.example.test", "a_b.example.test", "www example.test", "a.*.example.test", "192.0.2.1", long + "a.test",
		strings.Repeat(long+".", 4) + "a.test",
	} {
		err := checkDomain(domain)
		if err == nil {
			t.Errorf("%q is accepted as a domain", domain)
		}
		fmt.Fprintf(&refused, "%q: %v\n", domain, err)
	}
	golden.ExpectText(t, refused.String())
}

func TestParseID(t *testing.T) {
	t.Parallel()
	b, err := parseID("shop-prod/WWW.example.test.")
	if want := (binding{"shop-prod", "www.example.test"}); err != nil || b != want ||
		b.String() != "shop-prod/www.example.test" {
		t.Errorf("%v, %v", b, err)
	}
	var refused strings.Builder
	for _, id := range []string{
		"www.example.test", "/www.example.test", "shop-prod/", "shop-prod/www.example.test/x", "www.example.test/shop-prod",
		"https://www.example.test", "shop-prod/https://www.example.test",
	} {
		b, err := parseID(id)
		if err == nil {
			t.Errorf("%q is parsed as %v", id, b)
		}
		fmt.Fprintf(&refused, "%q: %v\n", id, err)
	}
	golden.ExpectText(t, refused.String())
}
