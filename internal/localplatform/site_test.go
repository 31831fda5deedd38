package localplatform

import (
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

var errElsewhere = errors.New("elsewhere")

type foreignTransport struct{}

func (foreignTransport) RoundTrip(*http.Request) (*http.Response, error) { return nil, errElsewhere }

// visit requests an address.
func visit(t *testing.T, visitor *http.Client, address string) (status int, text string, err error) {
	t.Helper()
	response, err := visitor.Get(address)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body), nil
}

func TestSites(t *testing.T) {
	t.Parallel()
	clock := newClock()
	p, c := open(t, Options{TimeScale: 1, Now: clock.Now})
	p.seed(t, "shop-1")
	visitor := &http.Client{Transport: p.Sites(foreignTransport{})}
	expect := func(address string, status int, text string) {
		t.Helper()
		if got, says, err := visit(t, visitor, address); err != nil || got != status || text != "" && says != text {
			t.Errorf("%s: %d %q %v, want %d %q", address, got, says, err, status, text)
		}
	}
	const home, away = "http://shop-1.north.vap.test", "http://shop-1.south.vap.test"
	expect(home, 200, "shop-1 runs in north-economy\n")
	expect("https://SHOP-1.north.vap.test:443/healthz?deep=1", 200, "")
	expect("http://other.north.vap.test/", 404, "no environment has this domain\n")
	expect("http://node1-shop-1.north.vap.test/", 404, "")
	expect(away, 404, "")
	for _, address := range []string{"http://www.example.com/", "http://localhost/", "https://shop-1.example.com/"} {
		if _, _, err := visit(t, visitor, address); !errors.Is(err, errElsewhere) {
			t.Errorf("%s: %v", address, err)
		}
	}
	c.ok("environment.binder.bindextdomain", "envName", "shop-1", "extdomain", "www.example.com")
	expect("https://www.example.com/", 200, "")

	// A live move does not interrupt the site, an offline one does.
	live := c.begin("shop-1", wire.StatusMigrating, "environment.control.migrate", "envName", "shop-1",
		"hardwareNodeGroup", "north-standard", "isOnline", "true")
	expect(home, 200, "shop-1 runs in north-economy\n")
	clock.advance(time.Hour)
	<-live
	expect(home, 200, "shop-1 runs in north-standard\n")
	offline := c.begin("shop-1", wire.StatusMigrating, "environment.control.migrate", "envName", "shop-1",
		"hardwareNodeGroup", "south-standard", "isOnline", "false")
	expect(home, 503, "shop-1 does not run\n")
	expect("http://www.example.com/", 503, "")
	clock.advance(time.Hour)
	<-offline
	expect(home, 404, "")
	expect(away, 200, "shop-1 runs in south-standard\n")
	if err := p.SetStatus("shop-1", wire.StatusDown); err != nil {
		t.Fatal(err)
	}
	expect(away, 503, "")
}
