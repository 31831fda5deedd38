package environment_test

import (
	"maps"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

// tokenMethods returns the methods that the README requires for a token, from the table rows that begin with these
// texts.
func tokenMethods(t *testing.T, rows ...string) []any {
	t.Helper()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var methods []any
	for _, row := range rows {
		line := regexp.MustCompile(`(?m)^\| ` + regexp.QuoteMeta(row) + `[^|]*\|(.*)\|$`).FindSubmatch(readme)
		if line == nil {
			t.Fatalf("the README has no row %q", row)
		}
		for _, method := range regexp.MustCompile("`([a-z]+\\.[a-z]+\\.[A-Za-z]+)`").FindAllSubmatch(line[1], -1) {
			methods = append(methods, string(method[1]))
		}
	}
	if len(methods) == 0 {
		t.Fatalf("the rows %q name no methods", rows)
	}
	return methods
}

// limitToken returns the provider block for a token that has only these methods.
func limitToken(t *testing.T, methods []any) (*acctest.Platform, map[string]any) {
	t.Helper()
	const token = "a-token-that-may-do-only-what-it-must-do"
	p := acctest.NewPlatformWith(t,
		localplatform.Options{TimeScale: acctest.TimeScale, Catalogue: catalogueWith(t, map[string]any{
			"accounts": []any{map[string]any{"uid": 1001, "email": "owner@vap.test", "name": "Owner", "tokens": []any{
				map[string]any{"token": localplatform.OwnerToken, "methods": []any{"*"}},
				map[string]any{"token": token, "methods": methods},
			}}},
		})})
	server := httptest.NewServer(p.Platform)
	t.Cleanup(server.Close)
	return p, map[string]any{"endpoint": server.URL, "token": token, "requests_per_second": 1000}
}

// expectUsed expects that every method was called since that request, and that no call lacked a permission.
func expectUsed(t *testing.T, p *acctest.Platform, since int, methods []any) {
	t.Helper()
	called := map[string]bool{}
	for _, r := range p.Requests(t, "")[since:] {
		called[r.Method] = true
		if r.Result != nil && *r.Result == wire.ResultMissingTokenPermission {
			t.Errorf("the token lacks %s", r.Method)
		}
	}
	for _, method := range methods {
		path := strings.ToLower(strings.ReplaceAll(method.(string), ".", "/"))
		if after, short := strings.CutPrefix(path, "env/"); short {
			path = "environment/" + after
		}
		if !called[path] {
			t.Errorf("%s was never called; called: %v", method, slices.Sorted(maps.Keys(called)))
		}
	}
}

// planEverything plans every kind of change of environments that the owner has created. An environment that was moved
// outside Terraform is only among them if the token can read the log: TestExternalMoveWithoutLog has the other case.
func planEverything(t *testing.T, p *acctest.Platform, provider map[string]any, log bool) (since int) {
	t.Helper()
	owned := create(t, p, full())
	away := create(t, p, shop(map[string]any{"name": "away-prod"}))
	if err := p.Client.Migrate(t.Context(),
		platform.MigrateRequest{Environment: "away-prod", Region: performance, Live: true}); err != nil {
		t.Fatal(err)
	}
	busy := create(t, p, shop(map[string]any{"name": "busy-prod"}))
	prolonged := fault(faults.Prolong, "migrate", "")
	prolonged.Delay = faults.Duration(time.Hour)
	if err := p.Inject(prolonged, fault(faults.Cut, "migrate", faults.WhenStarted)); err != nil {
		t.Fatal(err)
	}
	err := p.Client.Migrate(t.Context(),
		platform.MigrateRequest{Environment: "busy-prod", Region: performance, Live: true})
	if !platform.IsOutcomeUnknown(err) {
		t.Fatal(err)
	}

	since = len(p.Requests(t, ""))
	for _, i := range []*acctest.Instance{owned, away, busy} {
		i.Provider = provider
		if i != away || log {
			refresh(t, i)
		}
	}
	for _, config := range []map[string]any{
		full(), full(in("cp", "count", 3), in("cp", "env", map[string]any{"APP_MODE": "new"}), top("power", "stopped")),
		full(top("region", performance), top("migration_policy", permitted["migration_policy"])),
		full(top("region", south), top("migration_policy", permitted["migration_policy"])),
	} {
		plan(t, owned, config)
	}
	if log {
		_, d := away.Plan(shop(map[string]any{"name": "away-prod"}))
		expectOne(t, d, isError, "region")
	}
	plan(t, busy, shop(map[string]any{"name": "busy-prod"}, region(performance)))
	plan(t, acctest.NewInstance(t, "vap_environment", provider), shop(map[string]any{"name": "other-prod"}))
	return since
}

// A token with the methods that the README lists for planning can plan everything.
func TestTokenForPlanning(t *testing.T) {
	t.Parallel()
	t.Run("least", func(t *testing.T) {
		t.Parallel()
		p, provider := limitToken(t, tokenMethods(t, "planning"))
		planEverything(t, p, provider, false)
	})
	t.Run("all", func(t *testing.T) {
		t.Parallel()
		methods := tokenMethods(t, "planning", "plans that say more", "prices")
		p, provider := limitToken(t, methods)
		since := planEverything(t, p, provider, true)
		expectUsed(t, p, since, methods)
	})
}

// With those for applying, too, it can do everything that the resources do.
func TestTokenForApplying(t *testing.T) {
	t.Parallel()
	applying := tokenMethods(t, "applying", "`vap_domain_binding`")
	p, provider := limitToken(t, slices.Concat(applying, tokenMethods(t, "planning", "plans that say more", "prices")))
	i := acctest.NewInstance(t, "vap_environment", provider)
	for _, config := range []map[string]any{
		full(),
		full(in("cp", "count", 3), in("cp", "env", map[string]any{"APP_MODE": "new"}), in("bl", "public_ipv4_count", 2),
			in("sqldb", "display_name", "Database"),
			top("display_name", "Shop 2"), top("groups", []any{"other"}), top("power", "stopped")),
		full(top("power", "running"), top("region", south), top("migration_policy", permitted["migration_policy"])),
	} {
		apply(t, i, config)
		refresh(t, i)
	}
	domain := acctest.NewInstance(t, "vap_domain_binding", provider)
	apply(t, domain, map[string]any{"environment": "shop-prod", "domain": "www.example.com"})
	refresh(t, domain)
	for _, instance := range []*acctest.Instance{domain, i} {
		planned, _ := instance.Plan(nil)
		if d := instance.Apply(planned); acctest.HasErrors(d) || instance.State != nil {
			t.Fatal(acctest.Text(d))
		}
	}
	expectUsed(t, p, 0, applying)
}

func TestTokenForDataSources(t *testing.T) {
	t.Parallel()
	for dataSource, row := range map[string]string{"vap_environments": "`vap_environments`",
		"vap_stacks": "`vap_stacks`"} {
		methods := tokenMethods(t, row)
		p, provider := limitToken(t, slices.Concat(methods, tokenMethods(t, "planning", "prices")))
		s := acctest.NewServer(t)
		if d := s.Configure(provider); acctest.HasErrors(d) {
			t.Fatal(acctest.Text(d))
		}
		if _, d := s.Read(dataSource, nil); len(d) > 0 {
			t.Errorf("%s: %s", dataSource, acctest.Text(d))
		}
		expectUsed(t, p, 0, methods)
	}
}
