package region_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

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
	for name, fault := range map[string]faults.Fault{
		"token unknown":        {Kind: faults.Refuse, Code: 702, Words: "session not exist"},
		"method not permitted": {Kind: faults.Refuse, Code: 8202, Words: "permission not granted"},
		"not this API":         {Kind: faults.HTML},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := acctest.NewPlatform(t)
			server := configure(t, p, "")
			fault.Method, fault.Times = "getregions", -1
			if err := p.Inject(fault); err != nil {
				t.Fatal(err)
			}
			for _, dataSource := range []string{"vap_region", "vap_regions"} {
				config := map[string]any{}
				if dataSource == "vap_region" {
					config["name"] = "north-economy"
				}
				_, diags := server.Read(dataSource, config)
				acctest.ExpectOne(t, diags, tfprotov6.DiagnosticSeverityError, "")
			}
		})
	}
}

func TestInvalidConfigurations(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		dataSource string
		config     map[string]any
		at         string
	}{
		"no name": {"vap_region", map[string]any{}, "name"},
		"two names": {"vap_region", map[string]any{"name": "north-economy", "display_name": "North Economy"},
			"name"},
		"live_migration without from": {"vap_regions", map[string]any{"live_migration": true}, "live_migration"},
		"a misspelt name":             {"vap_region", map[string]any{"name": "north-standart"}, "name"},
		"a misspelt display name":     {"vap_region", map[string]any{"display_name": "north performance"}, "display_name"},
		"a display name":              {"vap_regions", map[string]any{"from": "North Economy"}, "from"},
		"a misspelt data centre":      {"vap_regions", map[string]any{"datacenter": "nord"}, "datacenter"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := configure(t, acctest.NewPlatform(t), "")
			diags := server.ValidateDataSource(row.dataSource, row.config)
			if len(diags) == 0 {
				_, diags = server.Read(row.dataSource, row.config)
			}
			acctest.ExpectOne(t, diags, tfprotov6.DiagnosticSeverityError, row.at)
		})
	}
}

// TestReadCalls: with one provider configuration, any number of reads makes one call.
func TestReadCalls(t *testing.T) {
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

// TestUnreportedAttributes: no prices, no display names, a data centre in maintenance, one display name
// twice.
func TestUnreportedAttributes(t *testing.T) {
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
	acctest.ExpectOne(t, diags, tfprotov6.DiagnosticSeverityError, "display_name")
	_, diags = server.Read("vap_region", map[string]any{"name": "Standard"})
	acctest.ExpectOne(t, diags, tfprotov6.DiagnosticSeverityError, "name")
}
