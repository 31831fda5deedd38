package platform_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faultinjection"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// These tests run the client against the local platform, which was written independently from the same public facts,
// so that a misreading of one does not hide in the other.

func open(t *testing.T) (*localplatform.Platform, string) {
	t.Helper()
	directory := t.TempDir()
	if err := localplatform.EnableRequestLog(directory); err != nil {
		t.Fatal(err)
	}
	local, err := localplatform.Open(localplatform.Options{Directory: directory, TimeScale: 1e6})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = local.Close() })
	return local, directory
}

func connect(t *testing.T, change func(*platform.Config)) *platform.Client {
	t.Helper()
	config := platform.Config{Token: localplatform.OwnerToken, RequestsPerSecond: 1e6,
		Retry: platform.RetryPolicy{Attempts: 3, Base: time.Nanosecond, Ceiling: time.Nanosecond}}
	change(&config)
	client, err := platform.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

var shop = platform.EnvironmentSpec{
	Name: "shop-prod", Region: "north-economy", DisplayName: "Shop", Groups: []string{"shop/prod"},
	NodeGroups: []platform.NodeGroupSpec{
		{Name: "bl", NodeType: "nginx", ReservedCloudlets: 1, DynamicCloudlets: 4, PublicIPv4Count: 1},
		{Name: "cp", NodeType: "docker", Image: "acme/app", Tag: "7.1", Count: 2, ReservedCloudlets: 2, DynamicCloudlets: 8,
			DiskGB: 20, Env: map[string]string{"A": "b"}},
	},
}

// runLifecycle takes an environment from creation to deletion.
func runLifecycle(t *testing.T, client *platform.Client) {
	ctx := t.Context()
	user, err := client.CurrentUser(ctx)
	must(t, err)
	created, err := client.CreateEnvironment(ctx, shop)
	must(t, err)
	want := created
	want.Status, want.Region, want.OwnerUID = platform.StatusRunning, "north-economy", user.UID
	want.DisplayName, want.Groups = "Shop", []string{"shop/prod"}
	if diff := cmp.Diff(want, created); diff != "" {
		t.Errorf("created (-want +got):\n%s", diff)
	}
	if created.CreatedAt.IsZero() || !strings.HasPrefix(created.Domain, "shop-prod.north.") {
		t.Errorf("created %+v", created)
	}
	if len(created.Nodes) != 3 {
		t.Fatalf("nodes %+v", created.Nodes)
	}
	bl, cp := nodeGroup(created, "bl"), nodeGroup(created, "cp")
	if len(bl) != 1 || len(bl[0].PublicIPv4) != 1 || bl[0].DynamicCloudlets != 4 ||
		bl[0].Status != platform.StatusRunning {
		t.Errorf("balancer %+v", bl)
	}
	if len(cp) != 2 || cp[0].InternalIP == "" {
		t.Fatalf("application %+v", cp)
	}
	node := cp[0]
	node.Image, node.Tag, node.DiskGB, node.ReservedCloudlets = "acme/app", "7.1", 20, 2
	if diff := cmp.Diff(node, cp[0]); diff != "" {
		t.Errorf("application (-want +got):\n%s", diff)
	}

	must(t, client.CheckMigration(ctx, "shop-prod", "north-performance"))
	must(t, client.Migrate(ctx, platform.MigrateRequest{Environment: "shop-prod", Region: "north-performance", Live: true,
		RequestKey: "live-1"}))
	moved, err := client.Environment(ctx, "shop-prod")
	must(t, err)
	if moved.Region != "north-performance" || moved.Domain != created.Domain ||
		!reflect.DeepEqual(addresses(moved), addresses(created)) {
		t.Errorf("a live move changed more than the region: %+v", moved)
	}
	err = client.Migrate(ctx, platform.MigrateRequest{Environment: "shop-prod", Region: "south-standard", Live: true})
	if err == nil || platform.IsOutcomeUnknown(err) {
		t.Errorf("live between data centres: %v", err)
	}
	must(t, client.Migrate(ctx, platform.MigrateRequest{Environment: "shop-prod", Region: "south-standard",
		RequestKey: "offline-1"}))
	far, err := client.Environment(ctx, "shop-prod")
	must(t, err)
	if far.Region != "south-standard" || far.Domain == created.Domain || far.Status != platform.StatusRunning ||
		reflect.DeepEqual(addresses(far), addresses(created)) {
		t.Errorf("a move to another data centre kept the addresses: %+v", far)
	}
	past, err := client.PastActions(ctx, time.Time{}, 50)
	must(t, err)
	i := slices.IndexFunc(past, func(a platform.Action) bool { return a.RequestKey == "offline-1" })
	if i < 0 || past[i].Kind != platform.ActionMigrate || past[i].Environment != "shop-prod" || past[i].Result == nil ||
		*past[i].Result != 0 || past[i].Finished.IsZero() {
		t.Errorf("the move is not in the action log: %+v", past)
	}
	current, err := client.CurrentActions(ctx)
	must(t, err)
	if len(current) != 0 {
		t.Errorf("still running: %+v", current)
	}

	topology, err := client.Topology(ctx, "shop-prod")
	must(t, err)
	topology.Put(platform.NodeGroupSpec{Name: "cp", Count: 3})
	must(t, client.ChangeTopology(ctx, topology))
	must(t, client.SetDisplayName(ctx, "shop-prod", "Größe & more"))
	must(t, client.SetGroups(ctx, "shop-prod", []string{"b", "a"}))
	must(t, client.StopEnvironment(ctx, "shop-prod"))
	all, err := client.Environments(ctx)
	must(t, err)
	if len(all) != 1 || all[0].Status != platform.StatusStopped || all[0].DisplayName != "Größe & more" ||
		len(nodeGroup(all[0], "cp")) != 3 || !reflect.DeepEqual(all[0].Groups, []string{"a", "b"}) {
		t.Errorf("after the changes: %+v", all)
	}
	must(t, client.StartEnvironment(ctx, "shop-prod"))
	must(t, client.DeleteEnvironment(ctx, "shop-prod"))
	if _, err = client.Environment(ctx, "shop-prod"); !platform.IsMissing(err) {
		t.Errorf("after deletion: %v", err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func nodeGroup(e platform.Environment, name string) []platform.Node {
	return slices.DeleteFunc(slices.Clone(e.Nodes), func(n platform.Node) bool { return n.NodeGroup != name })
}

func addresses(e platform.Environment) (all []string) {
	for _, n := range e.Nodes {
		all = append(all, n.InternalIP)
		all = append(all, n.PublicIPv4...)
	}
	return all
}

func TestLifeOverTCP(t *testing.T) {
	t.Parallel()
	local, _ := open(t)
	s := httptest.NewServer(local)
	t.Cleanup(s.Close)
	runLifecycle(t, connect(t, func(c *platform.Config) { c.Endpoint = s.URL }))
}

func TestLifeInProcess(t *testing.T) {
	t.Parallel()
	local, _ := open(t)
	runLifecycle(t, connect(t, func(c *platform.Config) { c.Endpoint, c.Transport = "http://local", local.Transport() }))
}

func TestLocalPlatformRegionsAndPrices(t *testing.T) {
	t.Parallel()
	local, _ := open(t)
	client := connect(t, func(c *platform.Config) { c.Endpoint, c.Transport = "http://local", local.Transport() })
	regions, err := client.Regions(t.Context())
	must(t, err)
	facts := map[string]platform.Region{}
	for _, r := range regions {
		facts[r.Name] = r
	}
	economy, legacy, retired, east :=
		facts["north-economy"], facts["north-legacy"], facts["south-retired"], facts["east-standard"]
	if !economy.Enabled || !economy.Default || economy.Datacenter.Name != "north" ||
		economy.Datacenter.Domain != "north.vap.test" || !economy.Datacenter.MigrationAllowed {
		t.Errorf("%+v", economy)
	}
	if legacy.Enabled || legacy.Name == "" || !retired.InMaintenance || east.Datacenter.MigrationAllowed ||
		east.Name == "" {
		t.Errorf("%+v\n%+v\n%+v", legacy, retired, east)
	}
	prices, err := client.Prices(t.Context(), platform.PriceList{})
	must(t, err)
	price, known := prices.For("north-economy")
	type tariff struct {
		Known               bool
		Source              platform.PriceSource
		Currency            string
		Reserved            []platform.Tier
		FreeGB              float64
		Dynamic, IPv4, IPv6 int // tiers
	}
	got := tariff{known, prices.Source, price.Currency, price.ReservedCloudlet, price.DiskGB[0].Free,
		len(price.DynamicCloudlet), len(price.PublicIPv4), len(price.PublicIPv6)}
	want := tariff{true, platform.PricesOfAccount, "EUR",
		[]platform.Tier{{From: 1, Price: 0.0028}, {From: 16, Price: 0.0025}},
		10, 2, 1, 1}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("prices (-want +got):\n%s", diff)
	}
	must(t, faultinjection.Inject(local, faults.Fault{Kind: faults.Refuse, Method: "getpricing", Code: 8202}))
	prices, err = client.Prices(t.Context(), platform.PriceList{})
	price, known = prices.For("north-economy")
	if err != nil || !known || prices.Source != platform.PricesOfPlatform || price.Currency != "EUR" ||
		len(price.ReservedCloudlet) == 0 {
		t.Errorf("default prices: %+v, %v", prices, err)
	}
}

func TestLocalPlatformRefusals(t *testing.T) {
	t.Parallel()
	local, _ := open(t)
	as := func(token string) *platform.Client {
		return connect(t, func(c *platform.Config) {
			c.Endpoint, c.Transport, c.Token = "http://local", local.Transport(), token
		})
	}
	owner, ctx := as(localplatform.OwnerToken), t.Context()
	_, err := owner.CreateEnvironment(ctx, shop)
	must(t, err)
	for name, c := range map[string]struct {
		err   error
		class platform.Class
		code  int
	}{
		"unknown token": {errorOf(as("0000").CurrentUser(ctx)), platform.ClassAuthentication, 702},
		"token without": {as(localplatform.ReadOnlyToken).DeleteEnvironment(ctx, "shop-prod"), platform.ClassPermission,
			8202},
		"unknown name":       {errorOf(owner.Environment(ctx, "nobody-has-it")), platform.ClassNotFound, 11},
		"name taken":         {errorOf(owner.CreateEnvironment(ctx, shop)), platform.ClassInvalid, 2314},
		"no migration there": {owner.CheckMigration(ctx, "shop-prod", "east-standard"), platform.ClassNotAllowed, 2373},
	} {
		var e *platform.Error
		if !errors.As(c.err, &e) || e.Class != c.class || e.Code != c.code || e.Words == "" {
			t.Errorf("%s: %v, want class %q and code %d", name, c.err, c.class, c.code)
		}
		if c.err != nil && strings.Contains(c.err.Error(), localplatform.OwnerToken) {
			t.Errorf("%s: the token is in the error", name)
		}
	}
}

func errorOf[T any](_ T, err error) error { return err }

// A migration is sent once, whatever breaks the call.
func TestMigrateIsSentOnce(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]faults.Fault{
		"cut before":   {Kind: faults.Cut, When: faults.WhenBefore},
		"cut started":  {Kind: faults.Cut, When: faults.WhenStarted},
		"cut after":    {Kind: faults.Cut, When: faults.WhenAfter},
		"502 before":   {Kind: faults.Gateway, Status: http.StatusBadGateway, When: faults.WhenBefore},
		"504 after":    {Kind: faults.Gateway, Status: http.StatusGatewayTimeout, When: faults.WhenAfter},
		"truncated":    {Kind: faults.Truncate, When: faults.WhenAfter},
		"a page":       {Kind: faults.HTML, When: faults.WhenAfter},
		"code 99":      {Kind: faults.Refuse, Code: 99, Words: "java"},
		"silence":      {Kind: faults.Silence, When: faults.WhenStarted},
		"old envelope": {Kind: faults.Legacy},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			local, directory := open(t)
			client := connect(t, func(c *platform.Config) { c.Endpoint, c.Transport = "http://local", local.Transport() })
			_, err := client.CreateEnvironment(t.Context(), shop)
			must(t, err)
			fault.Method, fault.Times = "migrate", -1
			must(t, faultinjection.Inject(local, fault))
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if fault.Kind == faults.Silence {
				go func() { // give up once the move has ended
					for ctx.Err() == nil {
						if e, err := client.Environment(ctx, "shop-prod"); err == nil && e.Region == "north-performance" &&
							e.Status == platform.StatusRunning {
							cancel()
						}
					}
				}()
			}
			err = client.Migrate(ctx, platform.MigrateRequest{Environment: "shop-prod", Region: "north-performance", Live: true})
			if fault.Kind == faults.Legacy {
				must(t, err)
			} else if !platform.IsOutcomeUnknown(err) {
				t.Errorf("got %v, want an unknown outcome", err)
			}
			requests, err := localplatform.ReadRequests(directory)
			must(t, err)
			sent := 0
			for _, r := range requests {
				if strings.HasSuffix(r.Method, "migrate") {
					sent++
				}
			}
			if sent != 1 {
				t.Errorf("migrate was sent %d times", sent)
			}
		})
	}
}
