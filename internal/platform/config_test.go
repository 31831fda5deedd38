package platform

import (
	"crypto/tls"
	"errors"
	"math"
	"net/http"
	"strings"
	"testing"
)

func TestEndpoints(t *testing.T) {
	t.Parallel()
	for endpoint, root := range map[string]string{
		"https://app.paas.example.com":       "https://app.paas.example.com",
		"https://app.paas.example.com/":      "https://app.paas.example.com",
		"https://app.paas.example.com/1.0/":  "https://app.paas.example.com",
		"https://app.paas.example.com/1.0":   "https://app.paas.example.com",
		"https://app.paas.example.com:8443":  "https://app.paas.example.com:8443",
		"https://gate.example.com/paas/1.0/": "https://gate.example.com/paas",
		"http://127.0.0.1:8787":              "http://127.0.0.1:8787",
		"http://127.9.9.9":                   "http://127.9.9.9",
		"http://[::1]:8787/":                 "http://[::1]:8787",
		"http://localhost:8787":              "http://localhost:8787",
	} {
		client, err := New(Config{Endpoint: " " + endpoint + "\n", Token: testToken + "\n"})
		if err != nil || client.root != root {
			t.Errorf("%q: %v, want %s", endpoint, err, root)
		}
	}
	if _, err := New(Config{Endpoint: "http://platform.test", Token: testToken, Transport: &recorder{}}); err != nil {
		t.Errorf("plain http with a custom transport: %v", err)
	}
}

func TestUnusableConfig(t *testing.T) {
	t.Parallel()
	good := Config{Endpoint: "https://app.paas.example.com", Token: testToken}
	for name, c := range map[string]struct {
		change      func(*Config)
		field, part string
	}{
		"no endpoint":      {func(c *Config) { c.Endpoint = "" }, "Endpoint", "empty"},
		"no scheme":        {func(c *Config) { c.Endpoint = "app.paas.example.com" }, "Endpoint", "no scheme"},
		"no host":          {func(c *Config) { c.Endpoint = "https://" }, "Endpoint", "not an address"},
		"rubbish":          {func(c *Config) { c.Endpoint = "https://a b:c" }, "Endpoint", "not an address"},
		"plain http":       {func(c *Config) { c.Endpoint = "http://app.paas.example.com" }, "Endpoint", "unencrypted"},
		"loopback by name": {func(c *Config) { c.Endpoint = "http://127.0.0.1.example.com" }, "Endpoint", "unencrypted"},
		"another scheme":   {func(c *Config) { c.Endpoint = "ftp://app.paas.example.com" }, "Endpoint", "scheme"},
		"a user": {func(c *Config) {
			c.Endpoint = "https://me:secret@app.paas.example.com"
		}, "Endpoint", "user name"},
		"a query": {func(c *Config) { c.Endpoint = "https://app.paas.example.com/?session=secret" }, "Endpoint",
			"query"},
		"no token":       {func(c *Config) { c.Token = " " }, "Token", "empty"},
		"a token in two": {func(c *Config) { c.Token = "secret secret" }, "Token", "spaces"},
		"no certificate": {func(c *Config) { c.CACertificate = "secret" }, "CACertificate", "PEM"},
		"negative rate":  {func(c *Config) { c.RequestsPerSecond = -1 }, "RequestsPerSecond", "greater"},
		"no rate":        {func(c *Config) { c.RequestsPerSecond = math.NaN() }, "RequestsPerSecond", "greater"},
		"negative owner": {func(c *Config) { c.OwnerUID = -1 }, "OwnerUID", "account number"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := good
			c.change(&config)
			_, err := New(config)
			var wrong *ConfigError
			if !errors.As(err, &wrong) || wrong.Field != c.field || !strings.Contains(wrong.Message, c.part) {
				t.Errorf("got %v, want %s … %s", err, c.field, c.part)
			}
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("%v repeats a possible secret", err)
			}
		})
	}
}

func TestTransportSettings(t *testing.T) {
	t.Parallel()
	client, err := New(Config{Endpoint: "https://app.paas.example.com", Token: testToken})
	if err != nil {
		t.Fatal(err)
	}
	for _, transport := range []http.RoundTripper{client.reads, client.writes} {
		own := transport.(*http.Transport)
		if own.TLSClientConfig.MinVersion != tls.VersionTLS12 || own.TLSClientConfig.InsecureSkipVerify {
			t.Error("TLS is not strict enough")
		}
	}
}
