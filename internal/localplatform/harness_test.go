package localplatform

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

// clock is a clock that only tests advance.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// fast is a time scale at which every operation ends within milliseconds.
const fast = 1e6

// client sends HTTP requests to a platform.
type client struct {
	t     *testing.T
	http  *http.Client
	base  string
	token string
}

func open(t *testing.T, o Options) (*Platform, *client) {
	t.Helper()
	if o.Directory == "" {
		o.Directory = t.TempDir()
	}
	if o.TimeScale == 0 {
		o.TimeScale = fast
	}
	p, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	token := o.Token
	if token == "" {
		token = OwnerToken
	}
	return p, &client{t: t, http: &http.Client{Transport: p.Transport()}, base: "http://local", token: token}
}

func (c *client) as(token string) *client {
	other := *c
	other.token = token
	return &other
}

// InjectFaults and ClearFaults are those of package faultinjection, which link_test.go links.
var (
	InjectFaults func(*Platform, ...faults.Fault) error
	ClearFaults  func(*Platform) error
)

type object = map[string]any

// post sends a form. parameters alternate between names and values.
func (c *client) post(method string, parameters ...string) (object, error) {
	form := url.Values{"session": {c.token}}
	for i := 0; i+1 < len(parameters); i += 2 {
		form.Set(parameters[i], parameters[i+1])
	}
	response, err := c.http.PostForm(c.base+"/1.0/"+path(method), form)
	if err != nil {
		return nil, err
	}
	return decoded(response)
}

// path converts environment.control.migrate to environment/control/rest/migrate.
func path(method string) string {
	parts := strings.Split(method, ".")
	return parts[0] + "/" + parts[1] + "/rest/" + parts[2]
}

func decoded(response *http.Response) (object, error) {
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, errors.New(response.Status + " " + string(body))
	}
	var answer object
	return answer, json.Unmarshal(body, &answer)
}

// ok makes a call and expects success, both outer and nested.
func (c *client) ok(method string, parameters ...string) object {
	c.t.Helper()
	return c.code(0, method, parameters...)
}

// code makes a call and expects the code. A nested code other than 0 takes precedence.
func (c *client) code(want int, method string, parameters ...string) object {
	c.t.Helper()
	answer, err := c.post(method, parameters...)
	if err != nil {
		c.t.Fatalf("%s: %v", method, err)
	}
	if got := effective(answer); got != want {
		c.t.Fatalf("%s: result %d, want %d: %v", method, got, want, answer)
	}
	return answer
}

func effective(answer object) int {
	if n, ok := answer["result"].(float64); ok && n != 0 {
		return int(n)
	}
	if inner, ok := answer["response"].(object); ok {
		if n, ok := inner["result"].(float64); ok {
			return int(n)
		}
	}
	if n, ok := answer["result"].(float64); ok {
		return int(n)
	}
	return -1
}

// words returns the error's message, outer or nested.
func words(answer object) string {
	if s, ok := answer["error"].(string); ok {
		return s
	}
	if inner, ok := answer["response"].(object); ok {
		return words(inner)
	}
	return ""
}

const twoLayers = `[{"nodeType":"nginxphp","nodeGroup":"cp","count":2,"fixedCloudlets":1,"flexibleCloudlets":8,` +
	`"extipv4":1},` +
	`{"nodeType":"mysql8","nodeGroup":"sqldb","flexibleCloudlets":8,"diskLimit":20}]`

// create creates an environment with two node groups and three nodes.
func (c *client) create(name, region string) object {
	c.t.Helper()
	return c.createWith(name, region, twoLayers)
}

func (c *client) createWith(name, region, nodes string) object {
	c.t.Helper()
	return c.ok("environment.control.createenvironment", "env", marshal(object{"shortdomain": name, "region": region}),
		"nodes", nodes)
}

func marshal(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(data)
}

func (c *client) info(name string) object {
	c.t.Helper()
	return c.ok("environment.control.getenvinfo", "envName", name)
}

func env(answer object) object { return answer["env"].(object) }

func status(answer object) int { return int(env(answer)["status"].(float64)) }

// nodes lists the nodes of a node group, or all nodes if layer is empty.
func nodes(answer object, layer string) []object {
	var list []object
	for _, n := range answer["nodes"].([]any) {
		if layer == "" || n.(object)["nodeGroup"] == layer {
			list = append(list, n.(object))
		}
	}
	return list
}

// begin sends a call that is held open, and returns once the environment has the status.
func (c *client) begin(name string, shown int, method string, parameters ...string) <-chan object {
	c.t.Helper()
	answers := make(chan object, 1)
	go func() {
		answer, err := c.post(method, parameters...)
		if err != nil {
			answer = object{"transport": err.Error()}
		}
		answers <- answer
	}()
	eventually(c.t, func() bool {
		answer, err := c.post("environment.control.getenvinfo", "envName", name)
		return err == nil && effective(answer) == 0 && status(answer) == shown
	})
	return answers
}

// eventually waits for a condition that another goroutine or process fulfils.
func eventually(t *testing.T, condition func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	patience := time.NewTimer(20 * time.Second)
	defer patience.Stop()
	for !condition() {
		select {
		case <-tick.C:
		case <-patience.C:
			t.Fatal("timed out")
		}
	}
}

// expectOpen fails if the call was already answered.
func expectOpen(t *testing.T, answers <-chan object) {
	t.Helper()
	select {
	case answer := <-answers:
		t.Fatalf("response too early: %v", answer)
	default:
	}
}

// seed creates environments without a call, for tests that are not about creation.
func (p *Platform) seed(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		err := p.update(func(x *tx) error {
			var specs []layerSpec
			if err := json.Unmarshal([]byte(twoLayers), &specs); err != nil {
				return err
			}
			region := x.catalogue.region("north-economy")
			layers, err := x.catalogue.layers(specs, region)
			if err != nil {
				return err
			}
			env := &environment{
				Name: name, AppID: "app" + name, Owner: 1001, Creator: 1001, Created: x.now, Status: wire.StatusRunning,
				Region: region.Name, Domain: name + "." + region.datacenter.Domain,
			}
			if err := x.rebuild(env, layers); err != nil {
				return err
			}
			return x.put(env)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// expectFields compares some fields of an answer and ignores the others. A nil value means that the field is absent.
func expectFields(t *testing.T, what string, answer, want object) {
	t.Helper()
	got := object{}
	for name := range want {
		got[name] = answer[name]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}
