package secrecy

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"
	"github.com/hashicorp/terraform-plugin-log/tfsdklogtest"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
)

// logged is the provider with a recorded log, down to level TRACE.
type logged struct{ tfprotov6.ProviderServer }

// log has the logs of all providers in this package's tests.
var log struct {
	mu sync.Mutex
	bytes.Buffer
}

type logWriter struct{}

func (logWriter) Write(p []byte) (int, error) {
	log.mu.Lock()
	defer log.mu.Unlock()
	return log.Write(p)
}

func init() {
	plain := acctest.ProviderFactories["vap"]
	acctest.ProviderFactories["vap"] = func() (tfprotov6.ProviderServer, error) {
		server, err := plain()
		return logged{server}, err
	}
}

func logging(ctx context.Context) context.Context {
	return tfsdklogtest.RootLogger(tflogtest.RootLogger(ctx, logWriter{}), logWriter{})
}

func (l logged) ConfigureProvider(ctx context.Context,
	r *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	return l.ProviderServer.ConfigureProvider(logging(ctx), r)
}

func (l logged) ReadResource(ctx context.Context,
	r *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return l.ProviderServer.ReadResource(logging(ctx), r)
}

func (l logged) PlanResourceChange(ctx context.Context,
	r *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return l.ProviderServer.PlanResourceChange(logging(ctx), r)
}

func (l logged) ApplyResourceChange(ctx context.Context,
	r *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return l.ProviderServer.ApplyResourceChange(logging(ctx), r)
}

func (l logged) ReadDataSource(ctx context.Context,
	r *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	return l.ProviderServer.ReadDataSource(logging(ctx), r)
}

// scenario runs resources and data sources through the protocol, step by step, with a platform that spoils its
// responses.
type scenario struct {
	t        *testing.T
	provider map[string]any
	// spoil spoils the next response to a method in the n-th way; it returns false if there are no more ways.
	spoil func(method string, n int) bool
	heal  func()
	told  *collector
	all   secrets
	// refused counts the steps that ended with an error.
	steps, refused int
}

// record records the results of a step.
func (c *scenario) record(where string, i *acctest.Instance, plan acctest.Plan, diagnostics []*tfprotov6.Diagnostic) {
	c.t.Helper()
	c.steps++
	if acctest.HasErrors(diagnostics) {
		c.refused++
	}
	state, err := json.Marshal(i.State)
	if err != nil {
		c.t.Fatal(err)
	}
	planned, err := json.Marshal(plan.State) // unknown values are {}
	if err != nil {
		c.t.Fatal(err)
	}
	for what, content := range map[string][]byte{
		"diagnostics": []byte(acctest.Text(diagnostics)), "state": state, "private state": acctest.Unpacked(c.t,
			i.Private), "plan": planned, "plan's private state": acctest.Unpacked(c.t, plan.Private),
	} {
		c.told.keep(where+": "+what, content)
	}
}

// step applies a configuration, after failures in every way to spoil the responses to these methods.
func (c *scenario) step(i *acctest.Instance, config map[string]any, methods ...string) {
	c.t.Helper()
	try := func(where string) bool {
		c.t.Helper()
		refresh := i.State != nil
		if refresh {
			before := *i
			d := i.Refresh()
			c.record(where+", refresh", i, acctest.Plan{}, d)
			if acctest.HasErrors(d) {
				i.State, i.Private = before.State, before.Private
				return false
			}
			if i.State == nil && config == nil {
				return true
			}
		}
		plan, d := i.Plan(config)
		c.record(where+", plan", i, plan, d)
		if acctest.HasErrors(d) {
			return false
		}
		if config != nil && i.State != nil && !i.Changes(plan) {
			return true
		}
		d = i.Apply(plan)
		c.record(where+", apply", i, plan, d)
		return !acctest.HasErrors(d)
	}
	done := false
	for _, method := range methods {
		for n := 0; !done && c.spoil(method, n); n++ {
			done = try(fmt.Sprintf("%s spoilt in way %d", method, n))
			c.heal()
		}
	}
	if !done && !try("nothing spoilt") {
		c.t.Fatalf("a step of %v failed", config["name"])
	}
}

func (c *scenario) run() {
	c.t.Helper()
	i := acctest.NewInstance(c.t, "vap_environment", c.provider)
	i.Adjust = shortenWaits
	config := func(region string, version int) map[string]any {
		return map[string]any{
			"name": "shop-prod", "region": region,
			"migration_policy": map[string]any{"allow_downtime": true, "allow_ip_change": true},
			"node_groups": map[string]any{"worker": map[string]any{
				"node_type": "docker", "image": "private/worker", "env": map[string]any{"MODE": "production"},
				"registry": map[string]any{"url": "registry.example.com", "username": "deploy",
					"password_wo": c.all["the registry password"], "password_wo_version": version},
				"secret_env_wo": map[string]any{"DB_CRED": c.all["a secret variable"]}, "secret_env_wo_version": version,
			}},
		}
	}
	c.step(i, config("north-economy", 1), "getregions", "createenvironment")
	c.step(i, config("north-performance", 1), "getenvinfo", "checkmigrationpossibility", "migrate")
	c.step(i, config("north-performance", 2), "getcontainerenvvarsbygroup", "changetopology", "addcontainerenvvars")
	domain := acctest.NewInstance(c.t, "vap_domain_binding", c.provider)
	domain.Adjust = shortenWaits
	c.step(domain, map[string]any{"environment": "shop-prod", "domain": "www.example.test"}, "bindextdomain")
	for source, call := range map[string]struct {
		config map[string]any
		method string
	}{
		"vap_regions": {map[string]any{}, "getregions"}, "vap_stacks": {map[string]any{}, "gettemplates"},
		"vap_environments": {map[string]any{}, "getenvs"},
		"vap_environment":  {map[string]any{"name": "shop-prod"}, "getenvinfo"},
		"vap_migration_check": {map[string]any{"environment": "shop-prod", "to_region": "south-standard"},
			"checkmigrationpossibility"},
	} {
		for n, more := 0, true; more; n++ {
			more = c.spoil(call.method, n)
			s := acctest.NewServer(c.t)
			diagnostics := s.Configure(c.provider)
			state, d := s.Read(source, call.config)
			c.heal()
			c.record(source, &acctest.Instance{State: state}, acctest.Plan{}, append(diagnostics, d...))
		}
	}
	c.step(domain, nil, "removeextdomain")
	c.step(i, nil, "deleteenv")

	log.mu.Lock()
	c.told.keep("the log", slices.Clone(log.Bytes()))
	log.mu.Unlock()
	c.told.expectNone(c.t, c.all)
	if len(c.told.written["the log"]) < 10000 {
		c.t.Error("hardly anything was logged")
	}
	if c.refused < 15 {
		c.t.Errorf("only %d of %d steps failed: too little was spoilt", c.refused, c.steps)
	}
	c.t.Logf("%d steps, %d of them refused", c.steps, c.refused)
}

func someSecrets(token string) secrets {
	return secrets{
		"the token": token, "the registry password": `registry "` + rand.Text() + `" & more`,
		"a secret variable":      "variable <" + rand.Text() + ">",
		"the password of a node": nodePassword,
	}
}

// shortenWaits makes the provider wait as briefly over TCP as in process.
func shortenWaits(s *migration.Settings) {
	s.PollPolicy = migration.DefaultPollPolicy.Scaled(acctest.TimeScale)
}

// A life over TCP, with a token of its own, with a platform and proxies that repeat whatever they receive.
func TestSecretsDoNotAppearOverTCP(t *testing.T) {
	t.Parallel()
	all := someSecrets("token-" + rand.Text())
	p := newPlatform(t, all)
	// Responses that the client retries or waits for, with its own clock, are left out.
	ways := []spoiling{echo, redirect, strange}
	c := &scenario{
		t: t, told: &collector{}, all: all,
		provider: map[string]any{"endpoint": p.URL, "token": p.token, "requests_per_second": 1000},
		spoil: func(method string, n int) bool {
			if n < len(ways) {
				p.spoil(ways[n], method)
			}
			return n < len(ways)
		},
		heal: func() { p.spoil("") },
	}
	c.run()
	p.requests.expectNone(t, all)
	p.expectSecretsWhereTheyBelong(t, all)
}

// The same in process, with the local platform's own token and faults.
func TestSecretsDoNotAppearInProcess(t *testing.T) {
	t.Parallel()
	all := someSecrets(localplatform.OwnerToken)
	p := acctest.NewPlatform(t)
	// A refusal can quote what was sent, but no other secrets.
	sent := map[string][]string{
		"createenvironment": {"the registry password", "a secret variable"}, "changetopology": {"the registry password"},
		"addcontainerenvvars": {"a secret variable"},
	}
	c := &scenario{
		t: t, told: &collector{}, all: all, provider: p.Provider(),
		spoil: func(method string, n int) bool {
			words := "session [" + all["the token"] + "]"
			for _, what := range sent[method] {
				words += fmt.Sprintf(" %s %q", all[what], all[what])
			}
			list := []faults.Fault{
				{Kind: faults.Refuse, Method: method, Code: 3, Words: words},
				{Kind: faults.Refuse, Method: method, Code: 4711, Words: words},
			}
			if n >= len(list) {
				return false
			}
			if err := p.Inject(list[n]); err != nil {
				t.Fatal(err)
			}
			return true
		},
		heal: func() {
			if err := p.ClearFaults(); err != nil {
				t.Fatal(err)
			}
		},
	}
	c.run()

	var kept collector
	kept.folder(t, p.Directory)
	delete(all, "a secret variable") // the platform keeps variables
	kept.expectNone(t, all)
}
