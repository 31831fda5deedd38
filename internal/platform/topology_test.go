package platform

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
)

// laden has everything that a topology must preserve: settings that we do not model, uneven nodes, links and mounts
// to other environments, and a node group that appears only in its nodes.
const laden = `{"result":0,
 "env":{"envName":"shop","hardwareNodeGroup":"north","displayName":"Shop","status":1,"sslstate":true,"ishaenabled":true,
 "engine":{"keyword":"php8"}},
 "nodeGroups":[
  {"name":"cp","displayName":"App","scalingMode":"STATELESS","templateType":"NATIVE","vType":"CT",
  "features":["FIREWALL"],"deployments":[],
   "isSLBAccessEnabled":false,"restartNodeDelay":45,"cluster":{"settings":{"repl":1}}},
  {"name":"docker","scalingMode":"STATEFUL"}],
 "nodes":[
  {"id":2,"nodeGroup":"cp","nodemission":"cp","nodeType":"apache2","version":"2.4","fixedCloudlets":1,
  "flexibleCloudlets":8,"diskLimit":20000,"extIPs":["192.0.2.2"]},
  {"id":1,"nodeGroup":"cp","nodemission":"cp","nodeType":"apache2","version":"2.4","fixedCloudlets":2,
  "flexibleCloudlets":9,"diskLimit":30000,"extIPs":["192.0.2.3","192.0.2.4"],"extipsv6":["2001:db8::1"]},
  {"id":3,"nodeGroup":"docker","nodemission":"docker","nodeType":"docker","fixedCloudlets":1,"flexibleCloudlets":4,
  "diskLimit":10000,
   "customitem":{"dockerName":"acme/app","dockerTag":"7.1","dockerVolumes":["/v","/mnt"],"dockerVolumesFrom":["cp"],
   "dockerManifest":{"cmd":["run","-v"]},
    "dockerLinks":[{"type":"IN","sourceNodeId":2,"alias":"web"},{"type":"IN","sourceNodeId":1,"alias":"web"},
    {"type":"OUT","sourceNodeId":3,"alias":"x"},{"sourceNodeId":77,"alias":"far"}]}},
  {"id":4,"nodeGroup":"cache","nodeType":"memcached","fixedCloudlets":1,"flexibleCloudlets":2}],
 "mountpoints":[{"nodeGroup":"docker","path":"/mnt","protocol":"NFS","sourceNodeId":88,"sourcePath":"/data",
 "sourceHost":"10.0.0.8"}]}`

var ladenNodeGroups = map[string]string{
	"cp": `{"nodeType":"apache2","nodeGroup":"cp","mission":"cp","count":2,"fixedCloudlets":1,"flexibleCloudlets":8,
	"diskLimit":30,"displayName":"App","tag":"2.4",
		"extip":true,"extipv4":2,"extipv6":1,"scalingMode":"STATELESS","isSLBAccessEnabled":false,"restartNodeDelay":45,
		"restartDelay":45,"cluster":{"settings":{"repl":1}}}`,
	"docker": `{"nodeType":"docker","nodeGroup":"docker","mission":"docker","count":1,"fixedCloudlets":1,
	"flexibleCloudlets":4,"diskLimit":10,"image":"acme/app","tag":"7.1",
		"docker":{"image":"acme/app:7.1","cmd":"run -v","links":["77:far","cp:web"]},"links":["77:far","cp:web"],
		"volumes":["/v"],"volumesFrom":["cp"],"cmd":"run -v","scalingMode":"STATEFUL",
		"volumeMounts":{"/mnt":{"protocol":"NFS","sourceNodeId":88,"sourcePath":"/data","sourceHost":"10.0.0.8"}}}`,
	"cache": `{"nodeType":"memcached","nodeGroup":"cache","count":1,"fixedCloudlets":1,"flexibleCloudlets":2}`,
}

func parse(t *testing.T, text string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

// sent changes the laden environment and returns what the platform receives, with node groups by name.
func sent(t *testing.T, change func(*Topology)) (env any, nodeGroups map[string]any) {
	t.Helper()
	platform := &recorder{answer: func(path string) string {
		if strings.HasSuffix(path, "/getenvinfo") {
			return laden
		}
		return `{"result":0,"response":{"result":0}}`
	}}
	client := testClient(t, Config{Transport: platform})
	topology, err := client.Topology(t.Context(), "shop")
	if err != nil {
		t.Fatal(err)
	}
	change(topology)
	if err := client.ChangeTopology(t.Context(), topology); err != nil {
		t.Fatal(err)
	}
	form := platform.forms[1]
	if !strings.HasSuffix(platform.paths[1], "/changetopology") || form.Get("envName") != "shop" {
		t.Errorf("%s %v", platform.paths, form)
	}
	nodeGroups = map[string]any{}
	for _, one := range parse(t, form.Get("nodes")).([]any) {
		nodeGroups[one.(map[string]any)["nodeGroup"].(string)] = one
	}
	return parse(t, form.Get("env")), nodeGroups
}

func TestTopologyRoundTrip(t *testing.T) {
	t.Parallel()
	env, nodeGroups := sent(t, func(*Topology) {})
	if want := parse(t, `{"shortdomain":"shop","region":"north","displayName":"Shop","engine":"php8",`+
		`"ishaenabled":true,"sslstate":true}`); !reflect.DeepEqual(env, want) {
		t.Errorf("env: %v", env)
	}
	for name, want := range ladenNodeGroups {
		if !reflect.DeepEqual(nodeGroups[name], parse(t, want)) {
			t.Errorf("%s:\n got %v\nwant %v", name, nodeGroups[name], parse(t, want))
		}
	}
	if len(nodeGroups) != len(ladenNodeGroups) {
		t.Errorf("layers: %v", nodeGroups)
	}
}

func TestTopologyChanges(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change    func(*Topology)
		nodeGroup string
		want      map[string]any // fields of the node group that differ from what was read; nil: removed
	}{
		"count": {func(x *Topology) { x.Put(NodeGroupSpec{Name: "cp", Count: 5}) }, "cp", map[string]any{"count": 5.0}},
		"figures": {func(x *Topology) {
			x.Put(NodeGroupSpec{Name: "cp", ReservedCloudlets: 3, DynamicCloudlets: 12, DiskGB: 40})
		}, "cp", map[string]any{"fixedCloudlets": 3.0, "flexibleCloudlets": 12.0, "diskLimit": 40.0}},
		"tag": {func(x *Topology) { x.Put(NodeGroupSpec{Name: "cp", Tag: "2.5"}) }, "cp", map[string]any{"tag": "2.5"}},
		"names": {func(x *Topology) { x.Put(NodeGroupSpec{Name: "cp", DisplayName: "Web", ScalingMode: "STATEFUL"}) },
			"cp", map[string]any{"displayName": "Web", "scalingMode": "STATEFUL"}},
		"IPs": {func(x *Topology) { x.Put(NodeGroupSpec{Name: "cp", PublicIPv4Count: 3, PublicIPv6Count: 2}) }, "cp",
			map[string]any{"extipv4": 3.0, "extipv6": 2.0}},
		"stack": {func(x *Topology) {
			x.Put(NodeGroupSpec{Name: "cp", NodeType: "nginxphp"})
		}, "cp", map[string]any{"nodeType": "nginxphp", "tag": nil, "mission": nil}},
		"no env": {func(x *Topology) { x.Put(NodeGroupSpec{Name: "docker", Env: map[string]string{"A": "b"}}) }, "docker",
			map[string]any{}},
		"redeploy": {func(x *Topology) {
			x.Put(NodeGroupSpec{Name: "docker", Tag: "8"})
		}, "docker", map[string]any{"tag": "8",
			"docker": parse(t, `{"image":"acme/app:8","cmd":"run -v","links":["77:far","cp:web"]}`)}},
		"image": {func(x *Topology) {
			x.Put(NodeGroupSpec{Name: "docker", Image: "acme/new"})
		}, "docker", map[string]any{"image": "acme/new", "tag": nil, "cmd": nil,
			"docker": parse(t, `{"image":"acme/new","links":["77:far","cp:web"]}`)}},
		"lists": {func(x *Topology) {
			x.Put(NodeGroupSpec{Name: "docker", Links: []string{}, Volumes: []string{"/w"}, Mounts: []Mount{}})
		}, "docker",
			map[string]any{"links": nil, "volumes": []any{"/w"}, "volumeMounts": nil,
				"docker": parse(t, `{"image":"acme/app:7.1","cmd":"run -v"}`)}},
		"registry": {func(x *Topology) {
			x.Put(NodeGroupSpec{Name: "docker", RegistryURL: "r.example.test", RegistryUser: "u", RegistryPassword: "p"})
		}, "docker", map[string]any{"registry": parse(t, `{"url":"r.example.test","user":"u","password":"p"}`),
			"docker": parse(t, `{"image":"acme/app:7.1","cmd":"run -v","links":["77:far","cp:web"],`+
				`"registry":{"url":"r.example.test","user":"u","password":"p"}}`)}},
		"removed": {func(x *Topology) { x.Remove("cache") }, "cache", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env, nodeGroups := sent(t, c.change)
			if engine := env.(map[string]any)["engine"]; (engine == nil) != (name == "stack") {
				t.Errorf("engine %v", engine)
			}
			for other, text := range ladenNodeGroups {
				want := parse(t, text).(map[string]any)
				if other == c.nodeGroup {
					if c.want == nil {
						if nodeGroups[other] != nil {
							t.Errorf("still there: %v", nodeGroups[other])
						}
						continue
					}
					for member, value := range c.want {
						if want[member] = value; value == nil {
							delete(want, member)
						}
					}
				}
				if !reflect.DeepEqual(nodeGroups[other], any(want)) {
					t.Errorf("%s:\n got %v\nwant %v", other, nodeGroups[other], want)
				}
			}
		})
	}
}

func TestTopologyWithNewNodeGroupAndSSL(t *testing.T) {
	t.Parallel()
	env, nodeGroups := sent(t, func(x *Topology) {
		x.Put(NodeGroupSpec{Name: "bl", NodeType: "nginx", Count: 1, Env: map[string]string{"A": "b"}})
		x.Remove("cp")
		x.SetBuiltInSSL(false)
		if x.Environment().Domain != "" || x.Environment().Name != "shop" || !x.Environment().BuiltInSSL {
			t.Errorf("environment: %+v", x.Environment())
		}
	})
	if want := parse(t, `{"shortdomain":"shop","region":"north","displayName":"Shop","ishaenabled":true,`+
		`"sslstate":false}`); !reflect.DeepEqual(env, want) {
		t.Errorf("env: %v", env)
	}
	if want := parse(t, `{"nodeType":"nginx","nodeGroup":"bl","count":1,"env":{"A":"b"}}`); !reflect.DeepEqual(
		nodeGroups["bl"], want) || nodeGroups["cp"] != nil || len(nodeGroups) != 3 {
		t.Errorf("layers: %v", nodeGroups)
	}
}

func TestTopologyHidesSecrets(t *testing.T) {
	t.Parallel()
	x, err := inProcess(t, http.StatusOK, laden).Topology(t.Context(), "shop")
	if err != nil {
		t.Fatal(err)
	}
	x.Put(NodeGroupSpec{Name: "docker", RegistryPassword: "s3cret"})
	if text := fmt.Sprintf("%v %+v %#v %s", x, x, x, x); strings.Contains(text, "s3cret") ||
		!strings.Contains(text, "shop") {
		t.Error(text)
	}
}

// Sending back a node group that was read incompletely would remove or replace it.
func TestInvalidTopologies(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"layer without nodes": `{"result":0,"env":{"envName":"shop","hardwareNodeGroup":"north"},` +
			`"nodeGroups":[{"name":"cp"}],"nodes":[]}`,
		"node without type": `{"result":0,"env":{"envName":"shop","hardwareNodeGroup":"north"},` +
			`"nodeGroups":[{"name":"cp"}],"nodes":[{"id":1,"nodeGroup":"cp"}]}`,
		"node without a layer": `{"result":0,"env":{"envName":"shop","hardwareNodeGroup":"north"},"nodes":[{"id":1,` +
			`"nodeType":"nginx"}]}`,
		"no region": `{"result":0,"env":{"envName":"shop"}}`,
		"no name":   `{"result":0,"env":{"hardwareNodeGroup":"north"}}`,
		"nothing":   `{"result":0}`,
	} {
		_, err := inProcess(t, http.StatusOK, body).Topology(t.Context(), "shop")
		if ClassOf(err) != ClassMalformed {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := inProcess(t, http.StatusOK, `{"result":11,"error":"not exist"}`).Topology(t.Context(), "shop")
	wantError(t, err, ClassNotFound)
	x, err := inProcess(t, http.StatusOK, laden).Topology(t.Context(), "shop")
	if err != nil {
		t.Fatal(err)
	}
	refused := inProcess(t, http.StatusOK, `{"result":0,"response":{"result":2361,"error":"too many"}}`)
	wantError(t, refused.ChangeTopology(t.Context(), x), ClassNotAllowed, `"shop"`, "too many")
	lost := inProcess(t, http.StatusGatewayTimeout, `<html>`)
	wantError(t, lost.ChangeTopology(t.Context(), x), ClassOutcomeUnknown)
}
