package environment_test

import (
	"net/http/httptest"
	"reflect"
	"testing"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

// ownerUID is the owner of everything that the tests create.
const ownerUID = 1001

// The plan reports the limits of migrations that the platform documents.
func TestLimitsOfMigration(t *testing.T) {
	t.Parallel()
	group := func(nodeType string) map[string]any { return map[string]any{"node_type": nodeType} }
	for name, row := range map[string]struct {
		config map[string]any
		world  func(*acctest.Platform) error
		to     map[string]any
		error  bool
	}{
		"Windows virtual machines": {shop(region(performance), withNodeGroups(map[string]any{"vps": group("windows2022")})),
			nil, region(economy), true},
		"shared storage moves offline": {shop(withNodeGroups(map[string]any{"storage": group("storage")})), nil,
			region(performance), true},
		"mount within the environment": {shop(
			withNodeGroups(map[string]any{"bl": group("nginx"),
				"cp": map[string]any{"node_type": "nginxphp", "volumes": map[string]any{
					"/data": map[string]any{"protocol": "nfs", "source_node_group": "bl", "source_path": "/data"}}}}),
			map[string]any{"migration_policy": map[string]any{"mode": "live"}}),
			nil, region(performance), true},
		"mount from another environment": {shop(), func(p *acctest.Platform) error {
			occupyErr := occupy(t, p, "other-shop")
			if occupyErr != nil {
				return occupyErr
			}
			return p.Mount("other-shop", "cp", "/shared", "shop-prod", "cp", "/var/www")
		}, region(performance), true},
		"only some nodes have IPv6": {shop(permitted), func(p *acctest.Platform) error {
			return p.SetNodeAddresses("shop-prod", "cp", 0, "ipv6", 1)
		}, region(performance), false},
		"a stopped cluster of a database": {
			shop(withNodeGroups(map[string]any{"sqldb": map[string]any{"node_type": "mysql8", "count": 3}})),
			func(p *acctest.Platform) error { return p.SetStatus("shop-prod", wire.StatusDown) }, region(performance), true},
		"an isolated group": {shop(permitted, map[string]any{"groups": []any{"secret"}}), func(p *acctest.Platform) error {
			return p.IsolateGroup(ownerUID, "secret", true)
		}, region(south), false},
		"another group": {shop(permitted, map[string]any{"groups": []any{"open"}}), func(p *acctest.Platform) error {
			return p.IsolateGroup(ownerUID, "secret", true)
		}, region(south), false},
		"add-ons": {shop(permitted), func(p *acctest.Platform) error {
			return p.InstallAddOn("shop-prod", "cp", "le", "Let's Encrypt")
		}, region(south), false},
		"link from another environment": {shop(permitted), func(p *acctest.Platform) error {
			if err := occupy(t, p, "other-shop"); err != nil {
				return err
			}
			return p.Link("other-shop", "cp", "backend", "shop-prod", "cp")
		}, region(south), false},
		"built-in SSL": {shop(permitted, map[string]any{"built_in_ssl": true}), nil, region(south), false},
		"a custom domain": {shop(permitted), func(p *acctest.Platform) error {
			return p.Client.BindDomain(t.Context(), "shop-prod", "www.example.com")
		}, region(south), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, i := newCreated(t, row.config)
			if row.world != nil {
				if err := row.world(p); err != nil {
					t.Fatal(err)
				}
				if d := i.Refresh(); len(d) > 0 {
					t.Fatal(acctest.Text(d))
				}
			}
			after := map[string]any{}
			for _, config := range []map[string]any{row.config, row.to} {
				for key, value := range config {
					after[key] = value
				}
			}
			planned, d := i.Plan(after)
			severity := isWarning
			if row.error {
				severity = isError
			}
			if len(d) != 1 {
				t.Fatalf("%d diagnostics: %s", len(d), acctest.Text(d))
			}
			expect(t, d[0], severity, acctest.At(d[0]))
			if name == "add-ons" {
				if got := get(t, planned.State, "planned_migration", "add_ons"); !reflect.DeepEqual(got, []any{"Let's Encrypt"}) {
					t.Errorf("add-ons %v", got)
				}
			}
		})
	}
}

// as returns the provider block for another account's token, over a real connection.
func as(t *testing.T, p *acctest.Platform, token string) map[string]any {
	t.Helper()
	server := httptest.NewServer(p.Platform)
	t.Cleanup(server.Close)
	return map[string]any{"endpoint": server.URL, "token": token, "owner_uid": ownerUID, "requests_per_second": 1000}
}

// A collaborator manages an environment of another owner. Errors name what the role does not include, and an
// environment that the collaborator can no longer see stays in the state.
func TestCollaboration(t *testing.T) {
	t.Parallel()
	p := acctest.NewPlatform(t)
	create(t, p, shop())
	i := acctest.NewInstance(t, "vap_environment", as(t, p, localplatform.CollaboratorToken))
	if d := i.Import("shop-prod"); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	if d := i.Refresh(); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	apply(t, i, shop(map[string]any{"display_name": "Shared shop"}))
	for _, r := range p.Requests(t, "setenvdisplayname") {
		if r.Parameters["owneruid"] != "1001" {
			t.Errorf("ownerUid %q", r.Parameters["owneruid"])
		}
	}

	// The role may check whether a migration is possible, but not migrate.
	planned := plan(t, i, shop(map[string]any{"display_name": "Shared shop"}, region(performance)))
	expectOne(t, i.Apply(planned), isError, "region")
	more := shop(withNodeGroups(map[string]any{"bl": map[string]any{"node_type": "nginx", "public_ipv4_count": 1},
		"cp": map[string]any{"node_type": "nginxphp", "count": 3}}),
		map[string]any{"display_name": "Shared shop"})
	planned, _ = i.Plan(more)
	expectOne(t, errorsOf(i.Apply(planned)), isError, "node_groups")

	// The environment is not in the list and refused by name, so the state keeps it.
	if err := p.SetCollaborators(ownerUID); err != nil {
		t.Fatal(err)
	}
	before := i.State
	expectOne(t, i.Refresh(), isError, "")
	if !reflect.DeepEqual(before, i.State) {
		t.Errorf("state %v", i.State)
	}
	list, err := p.Client.Environments(t.Context())
	if err != nil || len(list) != 1 || list[0].Status != platform.StatusRunning {
		t.Errorf("%v, %v", list, err)
	}
}
