package localplatform

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func (c *client) topology(code int, name, nodes string) object {
	c.t.Helper()
	return c.code(code, "environment.control.changetopology", "envName", name, "env", "{}", "nodes", nodes)
}

func groupOf(answer object, name string) object {
	for _, g := range answer["nodeGroups"].([]any) {
		if g.(object)["name"] == name {
			return g.(object)
		}
	}
	return nil
}

func ids(list []object) string {
	var all []any
	for _, n := range list {
		all = append(all, n["id"])
	}
	return fmt.Sprint(all)
}

// A topology change resets what the request leaves out, which is the worst that a platform may do.
func TestTopologyResetsOmittedFields(t *testing.T) {
	t.Parallel()
	_, c := open(t, Options{})
	c.ok("environment.control.createenvironment", "env",
		`{"shortdomain":"shop-1","displayName":"Shop","sslstate":true,"ishaenabled":true}`, "nodes",
		`[{"nodeType":"docker","nodeGroup":"app",
		"image":"acme/app","tag":"7","cmd":"run -v","count":2,"fixedCloudlets":2,"flexibleCloudlets":9,"diskLimit":30,
		"displayName":"App","extipv4":1,"extipv6":1,"env":{"A":"1"},
		"links":["cache:c","cache:d"],"volumes":["/v"],"volumesFrom":["cache"],
		"volumeMounts":{"/m":{"sourceNodeGroup":"cache"}},"scalingMode":"STATEFUL","isSLBAccessEnabled":false,
		"restartDelay":7},
		{"nodeType":"memcached","nodeGroup":"cache"}]`)
	c.ok("environment.nodegroup.applydata", "envName", "shop-1", "nodeGroup", "app", "data", `{"redeployContextDelay":3}`)
	before := c.info("shop-1")
	n, g := nodes(before, "app")[0], groupOf(before, "app")
	item := n["customitem"].(object)
	if fmt.Sprint(item["dockerVolumes"], item["dockerVolumesFrom"], item["dockerManifest"].(object)["cmd"],
		len(item["dockerLinks"].([]any))) != "[/v] [cache] [run -v] 2" {
		t.Errorf("container: %v", item)
	}
	if fmt.Sprint([]any{g["displayName"], g["scalingMode"], g["isSLBAccessEnabled"], g["restartNodeDelay"],
		g["redeployContextDelay"], g["restartContainerDelay"]}) != "[App STATEFUL false 7 3 0]" {
		t.Errorf("layer: %v", g)
	}
	c.topology(0, "shop-1", `[{"nodeType":"docker","nodeGroup":"app","image":"acme/app"},{"nodeType":"memcached",`+
		`"nodeGroup":"cache"}]`)
	after := c.info("shop-1")
	n, g = nodes(after, "app")[0], groupOf(after, "app")
	if item := n["customitem"].(object); item["dockerTag"] != "latest" ||
		fmt.Sprint(item["dockerVolumes"], item["dockerVolumesFrom"],
			item["dockerManifest"].(object)["cmd"]) != "[] [] <nil>" || item["dockerLinks"] != nil {
		t.Errorf("container: %v", item)
	}
	if fmt.Sprint([]any{g["displayName"], g["scalingMode"], g["isSLBAccessEnabled"], g["restartNodeDelay"],
		g["redeployContextDelay"]}) != "[<nil> STATELESS true 0 30]" {
		t.Errorf("layer: %v", g)
	}
	if fmt.Sprint(n["fixedCloudlets"], n["flexibleCloudlets"], n["extIPs"], n["extipsv6"],
		len(nodes(after, "app"))) != "0 8 <nil> <nil> 1" || after["mountpoints"] != nil {
		t.Errorf("node: %v, mounts %v", n, after["mountpoints"])
	}
	if e := env(after); e["displayName"] != nil || e["sslstate"] != false || e["ishaenabled"] != false {
		t.Errorf("environment: %v", e)
	}
	if n["diskLimit"] != 30000.0 || n["id"] != nodes(before, "app")[0]["id"] ||
		n["intIP"] != nodes(before, "app")[0]["intIP"] {
		t.Errorf("the disk or the node changed: %v", n)
	}
	variables := func() object {
		return c.ok("environment.control.getcontainerenvvarsbygroup", "envName", "shop-1", "nodeGroup",
			"app")["object"].(object)
	}
	if v := variables(); v["A"] != "1" {
		t.Errorf("the variables changed: %v", v)
	}
	c.topology(0, "shop-1", `[{"nodeType":"docker","nodeGroup":"app","image":"acme/app","env":{"B":"2"}},`+
		`{"nodeType":"memcached","nodeGroup":"cache"}]`)
	id := fmt.Sprintf("%.0f", n["id"])
	of := c.ok("environment.control.getcontainerenvvars", "envName", "shop-1", "nodeId", id)["object"].(object)
	if v := variables(); v["A"] != nil || v["B"] != "2" || of["B"] != "2" || of["A"] != nil {
		t.Errorf("the sent variables did not replace the others: %v, node %v", v, of)
	}
}

func TestTopologyKeepsNodesAndAppends(t *testing.T) {
	t.Parallel()
	_, c := open(t, Options{})
	c.createWith("shop-1", "", `[{"nodeType":"nginxphp","count":3},{"nodeType":"redis","nodeGroup":"cache"}]`)
	all := nodes(c.info("shop-1"), "cp")
	c.topology(0, "shop-1", `[{"nodeType":"nginxphp","count":1},{"nodeType":"redis","nodeGroup":"cache",`+
		`"flexibleCloudlets":12,"diskLimit":20}]`)
	one := nodes(c.info("shop-1"), "cp")
	if ids(one) != ids(all[:1]) || one[0]["ismaster"] != true {
		t.Errorf("scaled in: %v", one)
	}
	if n := nodes(c.info("shop-1"), "cache")[0]; n["flexibleCloudlets"] != 12.0 || n["diskLimit"] != 20000.0 {
		t.Errorf("changed in place: %v", n)
	}
	c.topology(0, "shop-1", `[{"nodeType":"nginxphp","count":4},{"nodeType":"redis","nodeGroup":"cache"}]`)
	four := nodes(c.info("shop-1"), "cp")
	if ids(four[:1]) != ids(all[:1]) || len(four) != 4 || strings.Contains(ids(four[1:]), ids(all[1:2])) {
		t.Errorf("scaled out: %s after %s", ids(four), ids(all))
	}
	for i, n := range four {
		if (n["ismaster"] == true) != (i == 0) {
			t.Errorf("masters: %v", four)
		}
	}
	c.topology(0, "shop-1", `[{"nodeType":"apache2","count":1},{"nodeType":"redis","nodeGroup":"cache"}]`)
	if n := nodes(c.info("shop-1"), "cp"); n[0]["id"] == four[0]["id"] || n[0]["ismaster"] != true {
		t.Errorf("a new stack kept old containers: %v", n)
	}
}

func TestTagChangeRedeploys(t *testing.T) {
	t.Parallel()
	clock := newClock()
	p, c := open(t, Options{Now: clock.Now, TimeScale: 1})
	p.seed(t, "shop-1")
	before := nodes(c.info("shop-1"), "cp")
	answers := c.begin("shop-1", 12, "environment.control.changetopology", "envName", "shop-1", "env", "{}",
		"nodes", `[{"nodeType":"nginxphp","nodeGroup":"cp","count":2,"tag":"1.26.3-php-8.3.24"},{"nodeType":"mysql8",`+
			`"nodeGroup":"sqldb"}]`)
	if n := nodes(c.info("shop-1"), "cp")[0]; n["version"] != "1.28.0-php-8.4.11" {
		t.Errorf("meanwhile: %v", n["version"])
	}
	clock.advance(createBase + 2*redeployPerNode - time.Second)
	expectOpen(t, answers)
	clock.advance(time.Second)
	if answer := <-answers; effective(answer) != 0 {
		t.Fatalf("changetopology: %v", answer)
	}
	after := nodes(c.info("shop-1"), "cp")
	if ids(after) != ids(before) || after[0]["version"] != "1.26.3-php-8.3.24" ||
		after[1]["version"] != "1.26.3-php-8.3.24" {
		t.Errorf("after: %v", after)
	}
}

func TestTopologyRefused(t *testing.T) {
	t.Parallel()
	_, c := open(t, Options{})
	c.createWith("shop-1", "", `[{"nodeType":"mysql8","diskLimit":20}]`)
	own := fmt.Sprintf("%.0f", nodes(c.info("shop-1"), "sqldb")[0]["id"])
	before := marshal(c.info("shop-1"))
	for nodes, want := range map[string]string{
		`[{"nodeType":"mysql8","diskLimit":19}]`:                                 "ENV_NODE_DISK_MIN_LIMIT",
		`[{"nodeType":"mysql8","flexibleCloudlets":3}]`:                          "at least 4",
		`[{"nodeType":"mysql8","fixedCloudlets":9,"flexibleCloudlets":8}]`:       "fixed",
		`[{"nodeType":"mysql8","tag":"0.1"}]`:                                    "no tag",
		`[{"nodeType":"mysql8","volumeMounts":{"m":{"sourceHost":"h"}}}]`:        "absolute",
		`[{"nodeType":"mysql8","volumeMounts":{"/m":{}}}]`:                       "no source",
		`[{"nodeType":"mysql8","volumeMounts":{"/m":{"sourceNodeId":7}}}]`:       "node [7]",
		`[{"nodeType":"mysql8","volumeMounts":{"/m":{"sourceNodeGroup":"bl"}}}]`: "no layer [bl]",
		`[{"nodeType":"mysql8","links":["bl:web"]}]`:                             "bl:web",
		`[{"nodeType":"mysql8","links":["sqldb"]}]`:                              "[sqldb]",
		// the mount's source would be removed
		`[{"nodeType":"nginx","volumeMounts":{"/m":{"sourceNodeId":` + own + `}}}]`:         "node [" + own + "]",
		`[{"nodeType":"mysql8","volumeMounts":{"/m":{"sourceHost":"h","protocol":"FTP"}}}]`: "FTP",
		`[{"nodeType":"mysql8"},{"nodeType":"mysql","nodeGroup":"sqldb"}]`:                  "twice",
		`[{"nodeType":"mysql8","restartDelay":"soon"}]`:                                     "[nodes]",
	} {
		if got := words(c.topology(3, "shop-1", nodes)); !strings.Contains(got, want) {
			t.Errorf("%s: %q", nodes, got)
		}
	}
	c.code(3, "environment.control.changetopology", "envName", "shop-1", "env", `{"region":"north-standard"}`, "nodes",
		`[{"nodeType":"mysql8"}]`)
	if after := marshal(c.info("shop-1")); after != before {
		t.Errorf("a refusal changed something:\n%s\n%s", before, after)
	}
}

func TestQuotasOfTopology(t *testing.T) {
	t.Parallel()
	_, c := customized(t, Options{}, func(c *Catalogue) {
		c.Quotas = map[string]int64{quotaNodes: 3, quotaSameNodes: 2, quotaCloudlets: 32, quotaPublicIPs: 2, quotaHA: 0,
			quotaVPS: 0, quotaEndpoints: 1}
	})
	c.createWith("shop-1", "", `[{"nodeType":"nginx"}]`)
	c.topology(2366, "shop-1", `[{"nodeType":"nginx","count":3}]`)
	c.topology(2365, "shop-1", `[{"nodeType":"nginx","count":2},{"nodeType":"nginxphp","count":2}]`)
	c.topology(2361, "shop-1", `[{"nodeType":"nginx","flexibleCloudlets":33}]`)
	c.topology(2338, "shop-1", `[{"nodeType":"nginx","extipv4":3}]`)
	c.topology(2364, "shop-1", `[{"nodeType":"nginx"},{"nodeType":"ubuntu-vps"}]`)
	c.topology(2372, "shop-1", `[{"nodeType":"nginx"},{"nodeType":"windows2022"}]`)
	c.code(2362, "environment.control.changetopology", "envName", "shop-1", "env", `{"ishaenabled":true}`, "nodes",
		`[{"nodeType":"nginx"}]`)
	id := fmt.Sprintf("%.0f", nodes(c.info("shop-1"), "bl")[0]["id"])
	c.ok("environment.control.addendpoint", "envName", "shop-1", "nodeId", id, "privatePort", "22")
	c.code(2378, "environment.control.addendpoint", "envName", "shop-1", "nodeId", id, "privatePort", "23")
}

func TestPrivateImages(t *testing.T) {
	t.Parallel()
	_, c := open(t, Options{})
	image := func(rest string) string {
		return `[{"nodeType":"docker","image":"registry.example.test/private/app"` + rest + `}]`
	}
	const registry = `,"registry":{"url":"registry.example.test","user":"u","password":"p4ss"}`
	create := func(code int, name, nodes string) object {
		return c.code(code, "environment.control.createenvironment", "env", marshal(object{"shortdomain": name}), "nodes",
			nodes)
	}
	create(4072, "shop-1", image(""))
	create(4072, "shop-1", image(`,"registry":{"user":"u"}`))
	if answer := create(4072, "shop-1",
		image(`,"registry":{"user":"u","password":"`+WrongRegistryPassword+`"}`)); strings.Contains(marshal(answer),
		WrongRegistryPassword) {
		t.Errorf("the password is in the answer: %v", answer)
	}
	create(0, "shop-1", image(registry))
	create(0, "shop-2", `[{"docker":{"image":"private/app","registry":{"user":"u","password":"p4ss"}}}]`)
	c.topology(0, "shop-1", image(`,"flexibleCloudlets":12`))
	c.topology(4072, "shop-1", image(`,"tag":"8"`))
	c.topology(4072, "shop-1", image(`,"count":2`))
	c.topology(0, "shop-1", image(`,"tag":"8","count":2`+registry))
	if text := marshal(c.info("shop-1")); strings.Contains(text, "p4ss") || strings.Contains(text, `"u"`) {
		t.Errorf("credentials are returned: %s", text)
	}
}
