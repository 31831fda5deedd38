package provider_test

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/provider"
)

// frameworkServer is the provider without its shortcuts: the framework handles every request.
func frameworkServer(t *testing.T) *acctest.Server {
	t.Helper()
	return acctest.NewServerOf(t, provider.PackPrivateState(providerserver.NewProtocol6(provider.New("test")())()))
}

// The provider's own refresh gives the same response as the framework's, for every kind of state and whatever the
// platform responds.
func TestRefreshMatchesFramework(t *testing.T) {
	t.Parallel()
	config := func(changes object) object {
		config := object{
			"name": "shop-prod", "region": "north-economy",
			"node_groups": object{
				"cp": object{"node_type": "nginxphp", "count": 2, "env": object{"A": "1"},
					"secret_env_wo": object{"KEY": "very-secret"}, "secret_env_wo_version": 1},
			},
		}
		maps.Copy(config, changes)
		return config
	}
	refuse := func(method string, code int) func(*acctest.Platform) error {
		return func(p *acctest.Platform) error {
			return p.Inject(faults.Fault{Kind: faults.Refuse, Method: method, Code: code, Words: "not now", Times: -1})
		}
	}
	for name, row := range map[string]struct {
		world func(*acctest.Platform) error
		// spoil changes what Terraform sends.
		spoil func(*testing.T, *acctest.Instance)
	}{
		"nothing changed": {},
		"a migration was done": {spoil: func(t *testing.T, i *acctest.Instance) {
			acctest.MustApply(t, i, config(object{"region": "north-performance"}))
		}},
		"moved outside": {world: func(p *acctest.Platform) error {
			return p.MoveOutside("shop-prod", "north-performance")
		}},
		"stopped outside": {world: func(p *acctest.Platform) error {
			return p.SetStatus("shop-prod", wire.StatusDown)
		}},
		"broken": {world: func(p *acctest.Platform) error {
			return p.SetStatus("shop-prod", wire.StatusBroken)
		}},
		"gone": {world: func(p *acctest.Platform) error {
			return p.Client.DeleteEnvironment(t.Context(), "shop-prod")
		}},
		"not permitted":         {world: refuse("getenvs", 8)},
		"regions unreadable":    {world: refuse("getregions", 8)},
		"variables unreadable":  {world: refuse("getcontainerenvvarsbygroup", 8)},
		"without private state": {spoil: func(_ *testing.T, i *acctest.Instance) { i.Private = nil }},
		"without identity":      {spoil: func(_ *testing.T, i *acctest.Instance) { i.Identity = nil }},
		"an older timeout": {spoil: func(_ *testing.T, i *acctest.Instance) {
			i.State["timeouts"] = object{"read": "1m", "create": nil, "update": nil, "delete": nil}
		}},
		"imported": {spoil: func(t *testing.T, i *acctest.Instance) {
			if d := i.Import("shop-prod"); acctest.HasErrors(d) {
				t.Fatal(acctest.Text(d))
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := acctest.NewPlatform(t)
			first := acctest.NewInstance(t, "vap_environment", p.Provider())
			acctest.MustApply(t, first, config(nil))
			if row.spoil != nil {
				row.spoil(t, first)
			}
			if row.world != nil {
				if err := row.world(p); err != nil {
					t.Fatal(err)
				}
			}
			answer := func(s *acctest.Server) object {
				if d := s.Configure(p.Provider()); acctest.HasErrors(d) {
					t.Fatal(acctest.Text(d))
				}
				i := *first
				i.State, i.Private, i.Identity = maps.Clone(first.State), slices.Clone(first.Private), maps.Clone(first.Identity)
				d := i.RefreshOn(s)
				private := map[string]any{}
				if plain := acctest.Unpacked(t, i.Private); len(plain) > 0 {
					var values map[string][]byte
					if err := json.Unmarshal(plain, &values); err != nil {
						t.Fatal(err)
					}
					for key, value := range values {
						private[key] = string(value)
					}
				}
				return object{"state": i.State, "identity": i.Identity, "private": private, "diagnostics": acctest.Text(d)}
			}
			ours, theirs := answer(acctest.NewServer(t)), answer(frameworkServer(t))
			if difference := cmp.Diff(theirs, ours); difference != "" {
				t.Errorf("framework (-) and provider (+) differ:\n%s", difference)
			}
		})
	}
}

// While the provider's configuration is unknown, the framework decides whether a refresh is deferred or skipped.
func TestRefreshWithUnknownConfigurationMatchesFramework(t *testing.T) {
	t.Parallel()
	p := acctest.NewPlatform(t)
	first := acctest.NewInstance(t, "vap_environment", p.Provider())
	acctest.MustApply(t, first, object{"name": "shop-prod", "region": "north-economy",
		"node_groups": object{"cp": object{"node_type": "nginxphp"}}})
	for _, allowed := range []bool{false, true} {
		answer := func(s *acctest.Server) *tfprotov6.ReadResourceResponse {
			if d := s.Configure(object{"endpoint": acctest.Unknown{}, "token": "x"}); acctest.HasErrors(d) {
				t.Fatal(acctest.Text(d))
			}
			resp, err := s.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{
				TypeName: "vap_environment", CurrentState: s.Encode(s.Schema.ResourceSchemas["vap_environment"], first.State),
				Private:            first.Private,
				ClientCapabilities: &tfprotov6.ReadResourceClientCapabilities{DeferralAllowed: allowed},
			})
			if err != nil {
				t.Fatal(err)
			}
			return resp
		}
		ours, theirs := answer(acctest.NewServer(t)), answer(frameworkServer(t))
		if difference := cmp.Diff(theirs, ours); difference != "" {
			t.Errorf("deferral %t: framework (-) and provider (+) differ:\n%s", allowed, difference)
		}
	}
}
