package provider_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// expectSentences expects diagnostics that are written for users, without the framework's texts about mistakes in a
// provider.
func expectSentences(t *testing.T, name string, diagnostics []*tfprotov6.Diagnostic) {
	t.Helper()
	text := acctest.Text(diagnostics)
	for _, phrase := range []string{"Value Conversion", "always an error in the provider", "report the following", "%!",
		"big.Float", "tftypes.", "basetypes.", "Type Validation Error"} {
		if strings.Contains(text, phrase) {
			t.Errorf("%s: a diagnostic contains %q:\n%s", name, phrase, text)
		}
	}
}

// isUnknown reports whether a variant has an unknown value and no mistake; a third region of a pair is one.
func isUnknown(v acctest.Variant) bool {
	return v.Kind == "unknown" || v.Kind == "unknown element" && !strings.HasSuffix(v.Path, ".between")
}

var regionOfAPair = regexp.MustCompile(`^live_migration\[\d\]\.between\[\d\]$`)

// Each value of the provider block that is null, unknown, empty, misspelt or a wrong number, however deeply nested,
// is either accepted or refused with a clear error. Unknown values are accepted.
func TestProviderBlockVariants(t *testing.T) {
	t.Parallel()
	p := acctest.NewPlatform(t)
	tier := func(price any) []any {
		return []any{object{"from": 1, "free": 0, "price": price}, object{"from": 16, "free": 1, "price": price}}
	}
	base := p.Provider()
	maps.Copy(base, object{
		"app_id": "1dd8", "owner_uid": 1001, "max_concurrent_migrations": 3, "stop_after_failed_migrations": 2,
		"requests_per_second": 1000, "migration_enforcement": "plan",
		"live_migration": []any{object{"between": []any{"north-standard", "south-standard"}, "possible": true},
			object{"between": []any{"north-economy", "south-standard"}, "possible": false}},
		"prices": object{"north-economy": object{
			"currency": "EUR", "reserved_cloudlet": tier(0.1), "dynamic_cloudlet": tier(0.1), "disk_gb": tier(0.1),
			"public_ipv4": tier(0.1), "public_ipv6": tier(0),
		}},
	})
	if d := acctest.NewServer(t).Configure(base); acctest.HasErrors(d) {
		t.Fatal(acctest.Text(d))
	}
	validator := acctest.NewServer(t)
	cases, refused, regions := 0, 0, 0
	for _, v := range acctest.Variants(validator.Schema.Provider, base) {
		cases++
		d := validator.Validate(v.Config)
		expectSentences(t, v.String(), d)
		if isUnknown(v) && acctest.HasErrors(d) {
			t.Errorf("%s: refused although unknown:\n%s", v, acctest.Text(d))
		}
		if acctest.HasErrors(d) {
			refused++
		}
		if strings.HasPrefix(v.Path, "local_platform") {
			continue // a misspelt path would create folders
		}
		configured := acctest.NewServer(t).Configure(v.Config)
		expectSentences(t, v.String(), configured)
		if acctest.HasErrors(configured) && !acctest.HasErrors(d) { // only the platform shows the mistake
			regions++
			if len(configured) != 1 || !regionOfAPair.MatchString(acctest.At(configured[0])) ||
				v.Kind != "misspelt" && v.Kind != "in another case" {
				t.Errorf("%s: %s", v, acctest.Text(configured))
			}
		}
		if isUnknown(v) && acctest.HasErrors(configured) {
			t.Errorf("%s: refused although unknown:\n%s", v, acctest.Text(configured))
		}
	}
	t.Logf("%d configurations, %d refused at validate, %d because of a region that does not exist", cases, refused,
		regions)
	if regions < 4 {
		t.Error("misspelt regions are accepted")
	}
}

func TestUnknownRegionsInProviderBlock(t *testing.T) {
	t.Parallel()
	p := acctest.NewPlatform(t)
	with := func(more object) object {
		config := p.Provider()
		maps.Copy(config, more)
		return config
	}
	price := object{"currency": "EUR", "reserved_cloudlet": []any{object{"price": 0.1}}}
	for _, row := range []struct {
		config object
		at     string
	}{
		{object{"prices": object{"nort-economy": price}}, `prices["nort-economy"]`},
		{object{"prices": object{"south": price}}, `prices["south"]`},
		{object{"live_migration": []any{object{"between": []any{"north-economy", "South Standard"}, "possible": true}}},
			"live_migration[0].between[1]"},
	} {
		d := slices.DeleteFunc(acctest.NewServer(t).Configure(with(row.config)), func(d *tfprotov6.Diagnostic) bool {
			return d.Severity != isError
		})
		acctest.ExpectOne(t, d, isError, row.at)
	}
}

// The same holds for data sources and domain bindings.
func TestDataSourceAndBindingVariants(t *testing.T) {
	t.Parallel()
	p := acctest.NewPlatform(t)
	if _, err := p.Client.CreateEnvironment(t.Context(), platform.EnvironmentSpec{
		Name: "shop-prod", Region: "north-economy",
		NodeGroups: []platform.NodeGroupSpec{{Name: "cp", NodeType: "nginxphp", Count: 1}},
	}); err != nil {
		t.Fatal(err)
	}
	s := acctest.NewServer(t)
	if d := s.Configure(p.Provider()); acctest.HasErrors(d) {
		t.Fatal(acctest.Text(d))
	}
	cases, refusals := 0, map[string][]*tfprotov6.Diagnostic{} // by their text
	for source, config := range map[string]object{
		"vap_region": {"name": "north-economy", "from": "north-standard"},
		"vap_regions": {"from": "north-economy", "datacenter": "north", "enabled": true, "usable": true,
			"live_migration": true},
		"vap_environment": {"name": "shop-prod"},
		"vap_environments": {"region": "north-economy", "datacenter": "north", "group": "shop", "status": "running",
			"name_pattern": "shop-*"},
		"vap_stacks": {"layer": "cp", "name_pattern": "nginx*"},
		"vap_migration_check": {"environment": "shop-prod", "to_region": "north-standard", "policy": object{
			"mode": "auto", "allow_downtime": true, "allow_ip_change": true, "allow_live_databases": false,
			"allow_live_mounts": false, "permit_for": []any{"north-standard"},
			"allowed_regions": []any{"north-economy", "north-standard"}, "max_hourly_cost": 10, "database_layers": []any{"cp"},
			"window": object{"days": []any{"Mon", "Sun"}, "start": "00:00", "duration": "168h", "time_zone": "Europe/Berlin"},
		}},
	} {
		if _, d := s.Read(source, config); acctest.HasErrors(d) {
			t.Fatalf("%s: %s", source, acctest.Text(d))
		}
		for _, v := range acctest.Variants(s.Schema.DataSourceSchemas[source], config) {
			cases++
			name := source + " " + v.String()
			d := s.ValidateDataSource(source, v.Config)
			expectSentences(t, name, d)
			if isUnknown(v) && acctest.HasErrors(d) {
				t.Errorf("%s: refused although unknown:\n%s", name, acctest.Text(d))
			}
			_, d = s.Read(source, v.Config)
			expectSentences(t, name, d)
			if isUnknown(v) {
				if !acctest.HasErrors(d) {
					t.Errorf("%s: it is read", name)
				}
				refusals[acctest.Text(d)] = d
			}
		}
	}
	if len(refusals) != 1 {
		t.Errorf("unknown values are refused in several ways: %v", slices.Collect(maps.Keys(refusals)))
	}
	for _, d := range refusals {
		acctest.ExpectOne(t, d, isError, "")
	}
	binding := acctest.NewInstance(t, "vap_domain_binding", p.Provider())
	config := object{"environment": "shop-prod", "domain": "www.example.com",
		"timeouts": object{"create": "30m", "read": "5m", "update": "30m", "delete": "30m"}}
	for _, v := range acctest.Variants(s.Schema.ResourceSchemas["vap_domain_binding"], config) {
		cases++
		d := s.ValidateResource("vap_domain_binding", v.Config)
		expectSentences(t, v.String(), d)
		if isUnknown(v) && acctest.HasErrors(d) {
			t.Errorf("%s: refused although unknown:\n%s", v, acctest.Text(d))
		}
		if acctest.HasErrors(d) {
			continue
		}
		_, d = binding.PlanOn(s, v.Config)
		expectSentences(t, v.String(), d)
		if isUnknown(v) && acctest.HasErrors(d) {
			t.Errorf("%s: the plan is refused although unknown:\n%s", v, acctest.Text(d))
		}
	}
	t.Logf("%d configurations", cases)
}
