package environment_test

import (
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform"
)

var shopIdentity = map[string]any{"name": "shop-prod"}

func expectIdentity(t *testing.T, i *acctest.Instance, after string) {
	t.Helper()
	if !reflect.DeepEqual(i.Identity, shopIdentity) {
		t.Errorf("after %s the identity is %v", after, i.Identity)
	}
}

// This test runs without Terraform, because only newer versions support identities.
func TestIdentity(t *testing.T) {
	t.Parallel()
	p := acctest.NewPlatform(t)
	i := acctest.NewInstance(t, "vap_environment", p.Provider())
	apply(t, i, shop())
	expectIdentity(t, i, "the creation")
	if d := i.Refresh(); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	expectIdentity(t, i, "reading")
	apply(t, i, shop(region(performance)))
	expectIdentity(t, i, "a migration")

	// A state written by an older Terraform has no identity. It gets one from whichever step comes first.
	for name, step := range map[string]func(*acctest.Instance){
		"an update": func(i *acctest.Instance) {
			apply(t, i, shop(region(performance), map[string]any{"display_name": "Shop"}))
		},
		"a change of the configuration alone": func(i *acctest.Instance) {
			apply(t, i, shop(region(performance), permitted))
		},
		"a refresh": func(i *acctest.Instance) {
			if d := i.Refresh(); len(d) > 0 {
				t.Fatal(acctest.Text(d))
			}
		},
	} {
		old := *i
		old.Identity = nil
		step(&old)
		expectIdentity(t, &old, name+" of a state without one")
	}

	// A refresh adds the identity even while the provider's configuration is unknown.
	unknown := *i
	unknown.Identity, unknown.Provider = nil, map[string]any{"endpoint": acctest.Unknown{}, "token": "x"}
	if d := unknown.Refresh(); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	expectIdentity(t, &unknown, "reading without a configured provider")

	// A refused refresh does not lose the identity.
	if err := p.Inject(refusal("getenvs", 8, "not yours"), refusal("getenvinfo", 8, "not yours")); err != nil {
		t.Fatal(err)
	}
	if d := i.Refresh(); len(errorsOf(d)) != 1 {
		t.Fatal(acctest.Text(d))
	}
	expectIdentity(t, i, "a refused reading")
}

func TestImportByIdentity(t *testing.T) {
	t.Parallel()
	p := acctest.NewPlatform(t)
	create(t, p, full())
	byID, byIdentity := acctest.NewInstance(t, "vap_environment", p.Provider()), acctest.NewInstance(t, "vap_environment",
		p.Provider())
	if d := slices.Concat(byID.Import("shop-prod"), byIdentity.ImportIdentity(shopIdentity)); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	for _, i := range []*acctest.Instance{byID, byIdentity} {
		expectIdentity(t, i, "the import")
		if d := i.Refresh(); len(d) > 0 {
			t.Fatal(acctest.Text(d))
		}
		expectIdentity(t, i, "reading what was imported")
	}
	if !reflect.DeepEqual(byID.State, byIdentity.State) {
		t.Errorf("by id       %v\nby identity %v", byID.State, byIdentity.State)
	}
	nothing := acctest.NewInstance(t, "vap_environment", p.Provider())
	for _, d := range [][]*tfprotov6.Diagnostic{nothing.Import(""), nothing.ImportIdentity(map[string]any{"name": ""})} {
		expectOne(t, d, isError, "")
	}
}

func TestAccEnvironmentImportByIdentity(t *testing.T) {
	t.Parallel()
	p := acctest.NewPlatform(t)
	create(t, p, shop())
	resource.Test(t, resource.TestCase{
		PreCheck:                 func() { acctest.PreCheck(t) },
		ProtoV6ProviderFactories: acctest.ProviderFactories,
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
		Steps: []resource.TestStep{{
			Config: p.Config(hcl(economy, "") + `
import {
  to       = vap_environment.shop
  identity = { name = "shop-prod" }
}`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address,
				plancheck.ResourceActionNoop)}},
			ConfigStateChecks: []statecheck.StateCheck{expectValue("region")(knownvalue.StringExact(economy))},
		}},
	})
}

// An import describes a mount as users write it, whichever name of the source the platform reports.
func TestImportOfMounts(t *testing.T) {
	t.Parallel()
	p := createUnmanaged(t, true)
	imported := func(name, nodeGroup string) map[string]any {
		i := acctest.NewInstance(t, "vap_environment", p.Provider())
		if d := slices.Concat(i.Import(name), i.Refresh(), i.Refresh()); len(d) > 0 {
			t.Fatal(acctest.Text(d))
		}
		return get(t, i.State, "node_groups", nodeGroup, "volumes", "/files").(map[string]any)
	}
	want := map[string]any{"source_node_group": "storage", "source_node_id": nil, "source_path": "/data",
		"protocol": "nfs", "read_only": true}
	if got := imported("shop-prod", "worker"); !reflect.DeepEqual(got, want) {
		t.Errorf("from a layer of the same environment: %v", got)
	}
	got := imported("wiki-prod", "cp")
	if id, ok := got["source_node_id"].(float64); !ok || id == 0 || got["source_node_group"] != nil {
		t.Errorf("from a node of another environment: %v", got)
	}
}

func TestListResource(t *testing.T) {
	t.Parallel()
	p := newPlatformWithPlaces(t)
	s := acctest.NewServer(t)
	if d := s.Configure(p.Provider()); acctest.HasErrors(d) {
		t.Fatal(acctest.Text(d))
	}
	for _, row := range []struct {
		filters map[string]any
		limit   int64
		want    string
	}{
		{nil, 100, "docs-prod shop-prod shop-test shopping wiki-prod"},
		{nil, 0, "docs-prod shop-prod shop-test shopping wiki-prod"},
		{nil, 2, "docs-prod shop-prod"},
		{map[string]any{"region": economy}, 100, "docs-prod shop-test shopping"},
		{map[string]any{"datacenter": "south"}, 100, "wiki-prod"},
		{map[string]any{"group": "shop", "name_pattern": "*-prod"}, 1, "docs-prod"},
		{map[string]any{"status": "stopped"}, 100, "shop-test"},
		{map[string]any{"name_pattern": "no*"}, 100, ""},
	} {
		found, d := s.List("vap_environment", row.filters, false, row.limit)
		if len(d) > 0 {
			t.Fatal(acctest.Text(d))
		}
		var names []string
		for _, f := range found {
			names = append(names, f.DisplayName)
			if f.Identity["name"] != f.DisplayName || f.State != nil {
				t.Errorf("%v: found %+v", row.filters, f)
			}
		}
		if strings.Join(names, " ") != row.want {
			t.Errorf("%v, limit %d: found %q, want %q", row.filters, row.limit, names, row.want)
		}
	}
	if calls := len(p.Requests(t, "getenvs")); calls != 1 {
		t.Errorf("%d calls of getenvs, want one for all lists of a run", calls)
	}
}

// The list resource describes an environment exactly as an import does.
func TestListResourceMatchesImport(t *testing.T) {
	t.Parallel()
	p := acctest.NewPlatform(t)
	create(t, p, full())
	imported := acctest.NewInstance(t, "vap_environment", p.Provider())
	if d := slices.Concat(imported.Import("shop-prod"), imported.Refresh()); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	s := acctest.NewServer(t)
	if d := s.Configure(p.Provider()); acctest.HasErrors(d) {
		t.Fatal(acctest.Text(d))
	}
	found, d := s.List("vap_environment", nil, true, 100)
	if len(d) > 0 || len(found) != 1 {
		t.Fatalf("found %v\n%s", found, acctest.Text(d))
	}
	if found[0].DisplayName != "shop-prod (Shop)" || !reflect.DeepEqual(found[0].Identity, imported.Identity) ||
		!reflect.DeepEqual(found[0].State, imported.State) {
		t.Errorf("found    %v\nimported %v", found[0], imported.State)
	}
}

// The list resource shows a collaborator what the account's owner shares.
func TestListResourceOfACollaboration(t *testing.T) {
	t.Parallel()
	p := acctest.NewPlatform(t)
	create(t, p, shop())
	front := httptest.NewServer(p)
	t.Cleanup(front.Close)
	s := acctest.NewServer(t)
	if d := s.Configure(map[string]any{"endpoint": front.URL,
		"token": localplatform.CollaboratorToken}); acctest.HasErrors(d) {
		t.Fatal(acctest.Text(d))
	}
	found, d := s.List("vap_environment", nil, true, 100)
	if len(d) > 0 || len(found) != 1 || found[0].Identity["name"] != "shop-prod" || found[0].State["region"] != economy {
		t.Errorf("found %v\n%s", found, acctest.Text(d))
	}
}

func TestListResourceProblems(t *testing.T) {
	t.Parallel()
	p := newPlatformWithPlaces(t)
	s := acctest.NewServer(t)
	_, d := s.List("vap_environment", map[string]any{"name_pattern": "[a"}, false, 100)
	expectOne(t, d, isError, "name_pattern")
	_, d = s.List("vap_environment", nil, false, 100)
	expectOne(t, d, isError, "")
	if d := s.Configure(p.Provider()); acctest.HasErrors(d) {
		t.Fatal(acctest.Text(d))
	}
	_, d = s.List("vap_environment", map[string]any{"region": "north-economi"}, false, 100)
	expectOne(t, d, isError, "region")
	if err := p.Inject(refusal("getenvs", 8, "not yours")); err != nil {
		t.Fatal(err)
	}
	s = acctest.NewServer(t)
	if d := s.Configure(p.Provider()); acctest.HasErrors(d) {
		t.Fatal(acctest.Text(d))
	}
	_, d = s.List("vap_environment", nil, false, 100)
	expectOne(t, d, isError, "")
}
