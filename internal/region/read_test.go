package region_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
)

func configure(t *testing.T, p *acctest.Platform, catalogue string) *acctest.Server {
	t.Helper()
	server := acctest.NewServer(t)
	local := map[string]any{"directory": p.Directory}
	if catalogue != "" {
		local["catalogue"] = catalogue
	}
	if diags := server.Configure(map[string]any{"local_platform": local}); acctest.HasErrors(diags) {
		t.Fatal(acctest.Text(diags))
	}
	return server
}

func TestPlatformErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault faults.Fault
		words []string
	}{
		"token unknown": {
			faults.Fault{Kind: faults.Refuse, Code: 702, Words: "session not exist"},
			[]string{"702", "session not exist", "VAP_TOKEN"},
		},
		"method not permitted": {
			faults.Fault{Kind: faults.Refuse, Code: 8202, Words: "permission not granted"},
			[]string{"8202", "permission not granted", "VAP_TOKEN", "getregions"},
		},
		"not this API": {faults.Fault{Kind: faults.HTML}, []string{"VAP_ENDPOINT"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := acctest.NewPlatform(t)
			server := configure(t, p, "")
			test.fault.Method, test.fault.Times = "getregions", -1
			if err := p.Inject(test.fault); err != nil {
				t.Fatal(err)
			}
			for _, dataSource := range []string{"vap_region", "vap_regions"} {
				config := map[string]any{}
				if dataSource == "vap_region" {
					config["name"] = "north-economy"
				}
				_, diags := server.Read(dataSource, config)
				text := acctest.Text(diags)
				for _, words := range append(test.words, "ERROR: The platform's regions cannot be read") {
					if !strings.Contains(text, words) {
						t.Errorf("%s: %q is not in %s", dataSource, words, text)
					}
				}
			}
		})
	}
}

// TestReadingIsCheap: one provider configuration asks once, whoever wants to know.
func TestReadingIsCheap(t *testing.T) {
	t.Parallel()
	p := acctest.NewPlatform(t)
	server := configure(t, p, "")
	for range 3 {
		if _, diags := server.Read("vap_regions", map[string]any{"from": "north-economy"}); len(diags) > 0 {
			t.Fatal(acctest.Text(diags))
		}
	}
	if got := len(p.Requests(t, "getregions")); got != 1 {
		t.Errorf("%d calls of getregions, want 1", got)
	}
}

const strangeCatalogue = `{
  "currency": "EUR",
  "hidePricing": true,
  "hideDefaultPrices": true,
  "dataCenters": [
    {"name": "dc", "domain": "dc.vap.test", "migrationAllowed": true, "maintenance": true,
      "internal": "10.40.0.0/16", "regions": [
      {"name": "b", "displayName": "Standard", "enabled": true},
      {"name": "a", "displayName": "Standard", "enabled": true},
      {"name": "c", "enabled": true}
    ]}
  ],
  "accounts": [{"uid": 1, "email": "owner@vap.test"}],
  "stacks": [{"nodeType": "nginx", "name": "NGINX", "layers": ["bl"]}]
}`

// TestWhatThePlatformDoesNotTell: no prices, no display names, a data centre in maintenance, one display name twice.
func TestWhatThePlatformDoesNotTell(t *testing.T) {
	t.Parallel()
	catalogue := filepath.Join(t.TempDir(), "catalogue.json")
	if err := os.WriteFile(catalogue, []byte(strangeCatalogue), 0o600); err != nil {
		t.Fatal(err)
	}
	server := configure(t, acctest.NewPlatformWith(t, localplatform.Options{Catalogue: catalogue}), catalogue)

	state, diags := server.Read("vap_region", map[string]any{"name": "c", "from": "a"})
	if len(diags) > 0 {
		t.Fatal(acctest.Text(diags))
	}
	for attribute, want := range map[string]any{
		"display_name": "c", "datacenter_display_name": "dc", "description": nil, "price": nil,
		"status": "maintenance", "live_migration": false,
	} {
		if state[attribute] != want {
			t.Errorf("%s is %v, want %v", attribute, state[attribute], want)
		}
	}
	if targets, ok := state["live_migration_targets"].([]any); !ok || len(targets) != 0 {
		t.Errorf("live_migration_targets is %v, want an empty list", state["live_migration_targets"])
	}

	_, diags = server.Read("vap_region", map[string]any{"display_name": "Standard"})
	text := acctest.Text(diags)
	if !strings.Contains(text, `ERROR at display_name: 2 regions have the display name "Standard"`) ||
		!strings.Contains(text, `name = "a", name = "b"`) {
		t.Errorf("got %s", text)
	}
	_, diags = server.Read("vap_region", map[string]any{"name": "Standard"})
	if text := acctest.Text(diags); !strings.Contains(text, "ERROR at name:") || !strings.Contains(text, "Did you mean") {
		t.Errorf("got %s", text)
	}
}
