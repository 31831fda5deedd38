package domain_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

func TestPlan(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, "shop-prod", "shop-test")
	i := createBound(t, p)
	for name, row := range map[string]struct {
		config   map[string]any
		replaces bool
		id       any
		warns    bool
	}{
		"another environment": {config("shop-test", "www.Example.test"), false, "shop-test/www.example.test", true},
		"unknown environment": {config(acctest.Unknown{}, www), false, acctest.Unknown{}, true},
		"another domain": {config("shop-prod", "shop.example.test"), true,
			"shop-prod/shop.example.test", false},
		"unknown domain": {config("shop-prod", acctest.Unknown{}), true, acctest.Unknown{}, false},
		"another domain on another environment": {config("shop-test", "shop.example.test"), true,
			"shop-test/shop.example.test", false},
	} {
		t.Run(name, func(t *testing.T) {
			planned, d := i.Plan(row.config)
			var replace []string
			if row.replaces {
				replace = []string{`AttributeName("domain")`}
			}
			if !slices.Equal(planned.Replace, replace) {
				t.Errorf("replaced because of %v", planned.Replace)
			}
			if !reflect.DeepEqual(planned.State["id"], row.id) {
				t.Errorf("the planned id is %v", planned.State["id"])
			}
			if row.warns {
				expectOne(t, d, isWarning, "environment")
			} else if len(d) > 0 {
				t.Error(acctest.Text(d))
			}
		})
	}
}

func TestInvalidConfigurations(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ environment, domain, at string }{
		"a URL for a domain":          {"shop-blue", "https://www.example.test/", "domain"},
		"a word for a domain":         {"shop-blue", "www", "domain"},
		"a domain for an environment": {"shop-blue.north.vap.test", www, "environment"},
		"no environment":              {"", www, "environment"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := acctest.NewServer(t).ValidateResource("vap_domain_binding", config(row.environment, row.domain))
			expectOne(t, d, isError, row.at)
		})
	}
}

func TestPlanWithUnknownProvider(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, "shop-prod")
	i := createBound(t, p)
	before := i.State
	i.Provider = map[string]any{"endpoint": acctest.Unknown{}, "token": "x"}
	if d := i.Refresh(); len(d) > 0 || !reflect.DeepEqual(i.State, before) {
		t.Errorf("%v\n%s", i.State, acctest.Text(d))
	}
	if i.Changes(plan(t, i, config("shop-prod", www))) {
		t.Error("the plan is not empty")
	}
	plan(t, newBinding(t, p), config("shop-prod", "shop.example.test"))
}

// Terraform does not apply with an unconfigured provider, but such a call must not crash.
func TestApplyWithUnknownProvider(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, "shop-prod", "shop-test")
	existing, missing := createBound(t, p), newBinding(t, p)
	unknown := map[string]any{"endpoint": acctest.Unknown{}, "token": "x"}
	existing.Provider, missing.Provider = unknown, unknown
	for name, try := range map[string]struct {
		i      *acctest.Instance
		config map[string]any
	}{
		"create": {missing, config("shop-prod", "shop.example.test")},
		"move":   {existing, config("shop-test", www)},
		"delete": {existing, nil},
	} {
		t.Run(name, func(t *testing.T) {
			planned, _ := try.i.Plan(try.config)
			before := try.i.State
			d := slices.DeleteFunc(try.i.Apply(planned), func(d *tfprotov6.Diagnostic) bool { return d.Severity == isWarning })
			expectOne(t, d, isError, "")
			if !reflect.DeepEqual(try.i.State, before) {
				t.Errorf("the state is %v", try.i.State)
			}
		})
	}
	existing.Provider = p.Provider()
	apply(t, existing, nil)
}

func TestImport(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, "shop-prod")
	original := createBound(t, p)
	i := newBinding(t, p)
	if d := i.Import("shop-prod/WWW.example.test."); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	if d := i.Refresh(); len(d) > 0 || !reflect.DeepEqual(i.State, original.State) {
		t.Errorf("imported %v\nwant     %v\n%s", i.State, original.State, acctest.Text(d))
	}
	for _, id := range []string{"www.example.test", "www.example.test/shop-prod"} {
		expectOne(t, newBinding(t, p).Import(id), isError, "")
	}
	absent := newBinding(t, p)
	if d := absent.Import("shop-prod/other.example.test"); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	if d := absent.Refresh(); len(d) > 0 || absent.State != nil {
		t.Errorf("an unbound domain was imported: %v\n%s", absent.State, acctest.Text(d))
	}
}

// This test does without Terraform, because only newer versions know identities.
func TestIdentity(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, "shop-prod")
	i := createBound(t, p)
	s := acctest.NewServer(t)
	if d := s.Configure(p.Provider()); acctest.HasErrors(d) {
		t.Fatal(acctest.Text(d))
	}
	schemas, err := s.GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	must(t, err)
	typ := schemas.IdentitySchemas["vap_domain_binding"].ValueType()
	identity := func(environment, domain string) *tfprotov6.ResourceIdentityData {
		value, err := tfprotov6.NewDynamicValue(typ, tftypes.NewValue(typ, map[string]tftypes.Value{
			"environment": tftypes.NewValue(tftypes.String, environment), "domain": tftypes.NewValue(tftypes.String, domain),
		}))
		must(t, err)
		return &tfprotov6.ResourceIdentityData{IdentityData: &value}
	}
	same := func(what string, got *tfprotov6.ResourceIdentityData) {
		t.Helper()
		value, err := got.IdentityData.Unmarshal(typ)
		must(t, err)
		want, err := identity("shop-prod", www).IdentityData.Unmarshal(typ)
		must(t, err)
		if !value.Equal(want) {
			t.Errorf("%s: the identity is %s", what, value)
		}
	}
	schema := s.Schema.ResourceSchemas["vap_domain_binding"]
	imported, err := s.ImportResourceState(t.Context(),
		&tfprotov6.ImportResourceStateRequest{TypeName: "vap_domain_binding", Identity: identity("shop-prod", www)})
	must(t, err)
	if len(imported.Diagnostics) > 0 {
		t.Fatal(acctest.Text(imported.Diagnostics))
	}
	same("imported", imported.ImportedResources[0].Identity)
	read, err := s.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: "vap_domain_binding", CurrentState: imported.ImportedResources[0].State,
		CurrentIdentity: imported.ImportedResources[0].Identity,
		Private:         imported.ImportedResources[0].Private,
	})
	must(t, err)
	if state := s.Decode(schema, read.NewState); len(read.Diagnostics) > 0 || !reflect.DeepEqual(state, any(i.State)) {
		t.Errorf("read %v\nwant %v\n%s", state, i.State, acctest.Text(read.Diagnostics))
	}
	same("read", read.NewIdentity)

	wrong, err := s.ImportResourceState(t.Context(),
		&tfprotov6.ImportResourceStateRequest{TypeName: "vap_domain_binding",
			Identity: identity("shop-prod", "WWW.example.test")})
	must(t, err)
	expectOne(t, wrong.Diagnostics, isError, "")

	// The identity does not depend on the spelling in the configuration.
	created := newBinding(t, p)
	planned := plan(t, created, config("shop-prod", "SHOP.example.test"))
	none, err := tfprotov6.NewDynamicValue(schema.ValueType(), tftypes.NewValue(schema.ValueType(), nil))
	must(t, err)
	result, err := s.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: "vap_domain_binding", PriorState: &none, PlannedState: s.Encode(schema, planned.State),
		Config: s.Encode(schema, planned.Config),
	})
	must(t, err)
	if len(result.Diagnostics) > 0 {
		t.Fatal(acctest.Text(result.Diagnostics))
	}
	value, err := result.NewIdentity.IdentityData.Unmarshal(typ)
	must(t, err)
	if want, err := identity("shop-prod", "shop.example.test").IdentityData.Unmarshal(typ); err != nil ||
		!value.Equal(want) {
		t.Errorf("created with the identity %s", value)
	}
}

// A binding is useless if requests do not pass the shared load balancer.
func TestBindingWithoutPublicAddress(t *testing.T) {
	t.Parallel()
	groups := func(balancer, server int) []platform.NodeGroupSpec {
		all := []platform.NodeGroupSpec{{Name: "cp", NodeType: "nginxphp", PublicIPv4Count: server}}
		if balancer >= 0 {
			all = append(all, platform.NodeGroupSpec{Name: "bl", NodeType: "nginx", PublicIPv4Count: balancer})
		}
		return all
	}
	for name, row := range map[string]struct {
		groups []platform.NodeGroupSpec
		warns  bool
	}{
		"no public address":                  {groups(0, 0), false},
		"balancer has one":                   {groups(1, 0), true},
		"server behind the balancer has one": {groups(0, 1), false},
		"single server has one":              {groups(-1, 1), true},
		"single server without":              {groups(-1, 0), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlatform(t, "shop-test")
			_, err := p.Client.CreateEnvironment(t.Context(),
				platform.EnvironmentSpec{Name: "shop-prod", Region: "north-economy", NodeGroups: row.groups})
			must(t, err)
			i := newBinding(t, p)
			planned, atPlan := i.Plan(config("shop-prod", www))
			for _, d := range [][]*tfprotov6.Diagnostic{atPlan, i.Apply(planned)} {
				if !row.warns {
					if len(d) > 0 {
						t.Error(acctest.Text(d))
					}
					continue
				}
				// The apply plans again, and then warns about what it finds.
				if len(d) == 0 {
					t.Error("no warning")
				}
				for _, one := range d {
					if acctest.At(one) != "environment" || one.Summary != d[0].Summary || one.Detail != d[0].Detail ||
						one.Severity != isWarning {
						t.Error(acctest.Text(d))
					}
				}
				acctest.ExpectText(t, d[:1])
			}
		})
	}
}
