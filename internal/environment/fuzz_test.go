package environment_test

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
	vap "github.com/terraform-provider-vap/terraform-provider-vap/internal/provider"
)

// cannedResponses are the platform's responses by method, which is the last part of the path; "" is the response to all
// others.
type cannedResponses map[string][]byte

func (a cannedResponses) RoundTrip(r *http.Request) (*http.Response, error) {
	body, ok := a[r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]]
	if !ok {
		body = a[""]
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{},
		Body: io.NopCloser(strings.NewReader(string(body)))}, nil
}

// cannedProvider is the provider with a client that gets these responses and does not retry.
type cannedProvider struct {
	provider.Provider
	cannedResponses
}

func (a cannedProvider) Configure(_ context.Context, _ provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	client, err := platform.New(platform.Config{
		Endpoint: "http://platform.test", Token: "token", Transport: a.cannedResponses, RequestsPerSecond: 1e6,
		Retry: platform.RetryPolicy{Attempts: 1},
	})
	if err != nil {
		resp.Diagnostics.AddError("unusable", err.Error())
	}
	service := migration.NewService(client, migration.Settings{})
	resp.ResourceData, resp.DataSourceData = service, service
}

func (a cannedResponses) server(t *testing.T) *acctest.Server {
	t.Helper()
	server, err := providerserver.NewProtocol6WithError(cannedProvider{vap.New("test")(), a})()
	if err != nil {
		t.Fatal(err)
	}
	s := acctest.NewServerOf(t, vap.PackPrivateState(server))
	if d := s.Configure(map[string]any{}); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	return s
}

// recordedShop is an environment as a state has it, with its private state.
func recordedShop(f interface{ Fatal(...any) }) (state map[string]any, private map[string][]byte) {
	content, err := os.ReadFile("testdata/state_v0.json")
	if err != nil {
		f.Fatal(err)
	}
	var recorded struct {
		Attributes map[string]any
		Private    []byte
	}
	if err := json.Unmarshal(content, &recorded); err != nil {
		f.Fatal(err)
	}
	if err := json.Unmarshal(recorded.Private, &private); err != nil {
		f.Fatal(err)
	}
	// One node group is enough, because the framework's work on each takes most of the time.
	groups, _ := recorded.Attributes["node_groups"].(map[string]any)
	maps.DeleteFunc(groups, func(name string, _ any) bool { return name != "cp" })
	nodes, _ := recorded.Attributes["nodes"].([]any)
	recorded.Attributes["nodes"] = slices.DeleteFunc(nodes, func(node any) bool {
		return node.(map[string]any)["node_group"] != "cp"
	})
	return recorded.Attributes, private
}

var oneNodeGroup = map[string]any{"node_groups": map[string]any{"cp": map[string]any{"node_type": "nginxphp"}}}

const (
	someRegions = `{"result":0,"array":[{"uniqueName":"north","domain":"north.vap.test",` +
		`"hardNodeGroups":[{"uniqueName":"north-economy","isEnabled":true},` +
		`{"uniqueName":"north-performance","isEnabled":true}]},{"uniqueName":"south","domain":"south.vap.test",` +
		`"hardNodeGroups":[{"uniqueName":"south-standard","isEnabled":true}]}]}`
	someEnvironment = `{"result":0,"env":{"envName":"shop-prod","domain":"shop-prod.south.vap.test",` +
		`"hardwareNodeGroup":"south-standard","status":1,"createdOn":"2026-01-02 03:04:05"},` +
		`"nodeGroups":[{"name":"cp"}],"nodes":[{"id":1,"nodeGroup":"cp","nodeType":"nginxphp","intIP":"10.0.0.1",` +
		`"extIPs":["192.0.2.1"],"fixedCloudlets":1,"flexibleCloudlets":8,` +
		`"endpoints":[{"id":1,"privatePort":3306}],"customitem":{"dockerName":"x","dockerTag":"1",` +
		`"dockerLinks":[{"sourceNodeId":1,"alias":"a"}],"dockerVolumes":["/data"]}}],` +
		`"mountpoints":[{"nodeGroup":"cp","path":"/files","protocol":"NFS","sourceNodeId":2}]}`
)

// read refreshes and plans a move, with and without a refresh. Whatever the responses, the provider reports what is
// wrong without a mistake of its own, and an error leaves the state unchanged.
func (a cannedResponses) read(t *testing.T, state map[string]any, private []byte) {
	t.Helper()
	s := a.server(t)
	move := shop(permitted, oneNodeGroup, region(economy))
	i := acctest.NewInstance(t, "vap_environment", nil)
	i.State, i.Private = maps.Clone(state), private
	_, _ = i.PlanOn(s, move)
	// The recorded state lacks attributes that were added later.
	schema := s.Schema.ResourceSchemas["vap_environment"]
	whole := s.Decode(schema, s.Encode(schema, state))
	if d := i.RefreshOn(s); acctest.HasErrors(d) && !reflect.DeepEqual(any(i.State), whole) {
		t.Errorf("an error changed the state: %s", acctest.Text(d))
	}
	if i.State != nil {
		_, _ = i.PlanOn(s, move)
	}
}

func (a cannedResponses) readData(t *testing.T) {
	t.Helper()
	s := a.server(t)
	for source, config := range map[string]map[string]any{
		"vap_regions": {}, "vap_region": {"name": economy}, "vap_stacks": {}, "vap_environments": {},
		"vap_environment":     {"name": "shop-prod"},
		"vap_migration_check": {"environment": "shop-prod", "to_region": economy},
	} {
		if state, d := s.Read(source, config); state == nil && !acctest.HasErrors(d) {
			t.Errorf("%s: neither a state nor an error", source)
		}
	}
}

// FuzzPlatform gives arbitrary responses to the provider when it reads and plans.
func FuzzPlatform(f *testing.F) {
	state, _ := recordedShop(f)
	for _, rest := range []string{
		``, `{}`, `{"result":0}`, `{"result":8,"error":"no"}`, `<html>`, `{"result":0,"infos":[` + someEnvironment +
			`],"array":[],"object":{"GREETING":"x"}}`,
		`{"result":0,"infos":[{"env":{"envName":"other"},"nodes":[{"id":7,"nodeGroup":"cp"}],` +
			`"mountpoints":{"cp":[{"sourceNodeId":1}]}}],"array":[{"nodeType":"x"}]}`,
		`{"result":0,"array":[{"hardNodeGroup":"north-economy","currency":{"code":"EUR"},"tariffPlans":[{"type":"FIXED",` +
			`"keyword":"cloudlets","tiers":[{"value":0,"price":1e308}]},` +
			`{"type":"FLEXIBLE","keyword":"cloudlets","tiers":[{"value":0,"price":1}]}]}]}`,
	} {
		f.Add([]byte(someEnvironment), []byte(someRegions), []byte(rest))
	}
	f.Add([]byte(`{"result":11}`), []byte(someRegions), []byte(``))
	f.Add([]byte(`{"result":0,"env":{"envName":"shop-prod","status":10},"nodes":[{}]}`), []byte(`{"result":0}`),
		[]byte(`{"result":0,"array":[{"action":{"id":83},"text":{"env":"shop-prod"}}]}`))
	f.Add([]byte(strings.ReplaceAll(someEnvironment, "1", "-9e15")), []byte(someRegions), []byte(`{"result":0}`))
	f.Add([]byte(strings.ReplaceAll(someEnvironment, "cp", "")),
		[]byte(`{"result":0,"array":[{"hardNodeGroups":[{"uniqueName":"south-standard"}]}]}`), []byte(`{"result":0}`))
	f.Fuzz(func(t *testing.T, environment, regions, rest []byte) {
		a := cannedResponses{"getenvinfo": environment, "getregions": regions, "": rest}
		acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
			a.read(t, state, nil) // without private state, a plan reads everything that it needs
			a.readData(t)
		})
	})
}

// FuzzPrivateState puts arbitrary bytes into the private state: another version, or a user, may have written them.
func FuzzPrivateState(f *testing.F) {
	state, private := recordedShop(f)
	keys := []string{"snapshot", "intent", "managed_layers", "secret_names", "external_move"}
	add := func(one, two, three, four, five string) {
		f.Add([]byte(one), []byte(two), []byte(three), []byte(four), []byte(five))
	}
	intent := `{"key":"tf-1","to":"south-standard","started_at":"2026-01-02T03:04:05Z","assessment":{"From":{"n":"a"},` +
		`"CostAfter":{"HourlyMin":1}},"trigger":"configuration"}`
	add(string(private["snapshot"]), intent, string(private["managed_layers"]), string(private["secret_names"]),
		`{"from":"north-economy","to":"south-standard"}`)
	add(`{"version":2}`, `{"to":"x"}`, `[]`, `{"worker":null}`, `{"from":1}`)
	add(`{"version":1}`, `[]`, `{}`, `[]`, `null`)
	add(`{"version":2,"environment":{"n":"x","s":-1,"l":[{}],"no":[{}],"de":[{}]},"facts":{"r":[{}],"p":{"":{}}}}`, `null`,
		`[1]`, `{"a":["b",""]}`, `"x"`)
	add(strings.Replace(string(private["snapshot"]), `"c":1`, `"c":9e9`, 1), ``, `["cp","cp"]`, ``, ``)
	a := cannedResponses{
		"getenvinfo": []byte(someEnvironment), "getregions": []byte(someRegions),
		"": []byte(`{"result":0,"array":[{"requestUniqueKey":"tf-1","startDate":"2026-01-02 03:04:05",` +
			`"endDate":"2026-01-02 03:14:05"}]}`),
	}
	f.Fuzz(func(t *testing.T, one, two, three, four, five []byte) {
		values := map[string][]byte{"imported": []byte("false")}
		for n, value := range [][]byte{one, two, three, four, five} {
			// The framework only passes on JSON in UTF-8.
			if json.Valid(value) && utf8.Valid(value) {
				values[keys[n]] = value
			}
		}
		kept, err := json.Marshal(values)
		if err != nil {
			t.Fatal(err)
		}
		a.read(t, state, kept)
	})
}

// The seeds are useful only if the provider can read and plan from the responses that they begin with.
func TestFuzzSeedsAreValid(t *testing.T) {
	t.Parallel()
	state, private := recordedShop(t)
	kept, err := json.Marshal(private)
	if err != nil {
		t.Fatal(err)
	}
	a := cannedResponses{"getenvinfo": []byte(someEnvironment), "getregions": []byte(someRegions),
		"": []byte(`{"result":0,"array":[],"infos":[]}`)}
	i := acctest.NewInstance(t, "vap_environment", nil)
	i.State, i.Private = state, kept
	s := a.server(t)
	var all []*tfprotov6.Diagnostic
	all = append(all, i.RefreshOn(s)...)
	_, d := i.PlanOn(s, shop(permitted, oneNodeGroup, region(economy)))
	if all = append(all, d...); acctest.HasErrors(all) {
		t.Error(acctest.Text(all))
	}
}
