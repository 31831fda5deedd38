package localplatform

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"testing"
)

// BenchmarkCall measures whole calls over the in-memory transport: the regions of an empty account, and reading one,
// listing all and changing one of a thousand environments.
func BenchmarkCall(b *testing.B) {
	p, err := Open(Options{Directory: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	defer p.Close()
	client := &http.Client{Transport: p.Transport()}
	call := func(b *testing.B, method string, parameters url.Values) {
		for b.Loop() {
			parameters.Set("session", OwnerToken)
			response, err := client.PostForm("http://local/1.0/"+path(method), parameters)
			if err != nil {
				b.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, response.Body)
			_ = response.Body.Close()
		}
	}
	b.Run("getregions", func(b *testing.B) { call(b, "environment.control.getregions", url.Values{}) })
	err = p.update(func(t *tx) error {
		for i := range 1000 {
			env := &environment{
				Name: fmt.Sprintf("shop-%04d", i), AppID: fmt.Sprintf("%032x", i), Region: "north-standard", Owner: 1001, Status: 1,
				Domain: fmt.Sprintf("shop-%04d.north.vap.test", i), Created: t.now,
			}
			layers := []layer{
				{Name: "cp", NodeType: "nginxphp", Tag: "1.28.0-php-8.4.11", Fixed: 1, Flexible: 8, DiskGB: 10, count: 2},
				{Name: "sqldb", NodeType: "mysql8", Tag: "8.0.43", Fixed: 1, Flexible: 8, DiskGB: 10, count: 1},
			}
			if err := t.rebuild(env, layers); err != nil {
				return err
			}
			if err := t.put(env); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Run("getenvinfo of 1000", func(b *testing.B) {
		call(b, "environment.control.getenvinfo", url.Values{"envName": {"shop-0500"}})
	})
	b.Run("getenvs of 1000", func(b *testing.B) { call(b, "environment.control.getenvs", url.Values{}) })
	b.Run("setenvdisplayname", func(b *testing.B) {
		call(b, "environment.control.setenvdisplayname", url.Values{"envName": {"shop-0500"}, "displayName": {"x"}})
	})
}
