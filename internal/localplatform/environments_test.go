package localplatform

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestCreationTakesTime(t *testing.T) {
	t.Parallel()
	clock := newClock()
	_, c := open(t, Options{Now: clock.Now, TimeScale: 1})
	answers := c.begin("shop-1", 6, "environment.control.createenvironment",
		"env", `{"shortdomain":"shop-1","region":"north-standard","displayName":"Shop","sslstate":true}`, "nodes", twoLayers,
		"envGroups", `["shop/prod"]`)
	if n := int(nodes(c.info("shop-1"), "cp")[0]["status"].(float64)); n != 6 {
		t.Errorf("a node being created has status %d", n)
	}
	clock.advance(34 * time.Second)
	expectOpen(t, answers)
	if got := status(c.info("shop-1")); got != 6 {
		t.Errorf("status %d before the end", got)
	}
	clock.advance(time.Second)
	if answer := <-answers; effective(answer) != 0 {
		t.Fatalf("createenvironment: %v", answer)
	}
	info := c.info("shop-1")
	e := env(info)
	if status(info) != 1 || e["engine"].(object)["keyword"] != "php" || info["right"] != "OWNER" {
		t.Errorf("environment: %v", info)
	}
	expectFields(t, "environment", e, object{"displayName": "Shop", "hardwareNodeGroup": "north-standard",
		"domain": "shop-1.north.vap.test", "sslstate": true, "createdOn": "2026-03-01 09:30:00"})
	if groups := fmt.Sprint(info["envGroups"]); groups != "[shop/prod]" {
		t.Errorf("groups: %s", groups)
	}
	cp, sqldb := nodes(info, "cp"), nodes(info, "sqldb")
	if len(cp) != 2 || len(sqldb) != 1 {
		t.Fatalf("nodes: %v", info["nodes"])
	}
	expectFields(t, "first node", cp[0], object{"ismaster": true, "address": "192.0.2.2", "intIP": "10.10.0.2"})
	expectFields(t, "second node", cp[1], object{"ismaster": false, "address": "192.0.2.3"})
	expectFields(t, "database", sqldb[0], object{"diskLimit": 20000.0, "flexibleCloudlets": 8.0,
		"address": sqldb[0]["intIP"], "version": "8.0.43"})
	if want := fmt.Sprintf("http://node%d-shop-1.north.vap.test", int(cp[0]["id"].(float64))); cp[0]["url"] != want {
		t.Errorf("url %v, want %s", cp[0]["url"], want)
	}
}

func TestCreationRefused(t *testing.T) {
	t.Parallel()
	_, c := open(t, Options{})
	for _, test := range []struct {
		env, nodes string
		code       int
		words      string
	}{
		{`{"shortdomain":"shop"}`, twoLayers, 3, "shortdomain"},
		{`{"shortdomain":"Shop-1"}`, twoLayers, 3, "lower-case"},
		{`{"shortdomain":"shop_1"}`, twoLayers, 3, "lower-case"},
		{`{"shortdomain":"-shop1"}`, twoLayers, 3, "lower-case"},
		{`{"shortdomain":"` + strings.Repeat("a", 42) + `"}`, twoLayers, 3, "41"},
		{`{"shortdomain":"shop-1","region":"nowhere"}`, twoLayers, 3, "nowhere"},
		{`{"shortdomain":"shop-1","region":"north"}`, twoLayers, 3, "north"},
		{`{"shortdomain":"shop-1","region":"north-legacy"}`, twoLayers, 3, "north-legacy"},
		{`{"shortdomain":"shop-1","region":"south-retired"}`, twoLayers, 3, "south-retired"},
		{`not JSON`, twoLayers, 3, "[env]"},
		{`{"shortdomain":"shop-1"}`, `not JSON`, 3, "[nodes]"},
		{`{"shortdomain":"shop-1"}`, `[]`, 3, "[nodes]"},
		{`{"shortdomain":"shop-1"}`, `[{}]`, 3, "nodeType"},
		{`{"shortdomain":"shop-1"}`, `[{"nodeType":"cobol"}]`, 2372, "cobol"},
		{`{"shortdomain":"shop-1","region":"north-economy"}`, `[{"nodeType":"windows2022"}]`, 2372, "north-economy"},
		{`{"shortdomain":"shop-1"}`, `[{"nodeType":"docker"}]`, 3, "image"},
		{`{"shortdomain":"shop-1"}`, `[{"nodeType":"nginx","tag":"0.1"}]`, 3, "1.28.0"},
		{`{"shortdomain":"shop-1"}`, `[{"nodeType":"mysql8","flexibleCloudlets":3}]`, 3, "at least 4"},
		{`{"shortdomain":"shop-1"}`, `[{"nodeType":"nginx","fixedCloudlets":4,"flexibleCloudlets":2}]`, 3,
			"flexibleCloudlets"},
		{`{"shortdomain":"shop-1"}`, `[{"nodeType":"nginx","scalingMode":"UP"}]`, 3, "scalingMode"},
		{`{"shortdomain":"shop-1"}`, `[{"nodeType":"nginx","count":-1}]`, 3, "negative"},
		{`{"shortdomain":"shop-1"}`, `[{"nodeType":"nginx"},{"nodeType":"haproxy"}]`, 3, "twice"},
		{`{"shortdomain":"shop-1"}`, `[{"nodeType":"nginx","nodeGroup":"a b"}]`, 3, "nodeGroup"},
	} {
		answer := c.code(test.code, "environment.control.createenvironment", "env", test.env, "nodes", test.nodes)
		if !strings.Contains(words(answer), test.words) {
			t.Errorf("%s %s: %q does not mention %q", test.env, test.nodes, words(answer), test.words)
		}
	}
	if infos := c.ok("environment.control.getenvs")["infos"].([]any); len(infos) != 0 {
		t.Errorf("refused creations left %v", infos)
	}
}

func TestEveryStackAndCustomNodeGroups(t *testing.T) {
	t.Parallel()
	_, c := open(t, Options{})
	templates := c.ok("environment.control.gettemplates")["array"].([]any)
	layers := map[string]bool{}
	for i, one := range templates {
		s := one.(object)
		for _, l := range s["nodeGroups"].([]any) {
			layers[l.(string)] = true
		}
		node := object{"nodeType": s["nodeType"], "nodeGroup": fmt.Sprintf("custom%d", i)}
		if s["nodeType"] == "docker" {
			node["image"] = "registry.example.test:5000/team/app:2.1"
		}
		name := fmt.Sprintf("stack-%d", i)
		c.createWith(name, "north-performance", marshal([]object{node}))
		n := nodes(c.info(name), node["nodeGroup"].(string))
		if len(n) != 1 || n[0]["nodeType"] != s["nodeType"] ||
			n[0]["flexibleCloudlets"].(float64) < s["minCloudletCount"].(float64) {
			t.Errorf("%s: %v", s["nodeType"], n)
		}
		if s["nodeType"] == "docker" {
			if item := n[0]["customitem"].(object); item["dockerName"] != "registry.example.test:5000/team/app" ||
				item["dockerTag"] != "2.1" {
				t.Errorf("docker: %v", item)
			}
		}
	}
	for _, want := range []string{"cp", "bl", "sqldb", "nosqldb", "cache", "storage", "vps", "docker"} {
		if !layers[want] {
			t.Errorf("there is no stack for layer %s", want)
		}
	}
	if some := c.ok("environment.control.gettemplates", "type", "DOCKERIZED")["array"].([]any); len(some) != 1 {
		t.Errorf("%d stacks of type DOCKERIZED", len(some))
	}
	c.createWith("docker-1", "", `[{"docker":{"image":"redis","env":{"A":"b"}}}]`)
	n := nodes(c.info("docker-1"), "docker")
	if len(n) != 1 || n[0]["nodeType"] != "docker" || n[0]["version"] != "latest" {
		t.Errorf("container with only an image: %v", n)
	}
}

func TestPowerStates(t *testing.T) {
	t.Parallel()
	clock := newClock()
	p, c := open(t, Options{Now: clock.Now, TimeScale: 1})
	p.seed(t, "shop-1")
	for _, step := range []struct {
		method          string
		meanwhile, then int
	}{
		{"stopenv", 13, 2}, {"startenv", 3, 1}, {"sleepenv", 14, 4}, {"startenv", 3, 1}, {"sleepenv", 14, 4},
		{"stopenv", 13, 2},
	} {
		answers := c.begin("shop-1", step.meanwhile, "environment.control."+step.method, "envName", "shop-1")
		refused := c.code(2212, "environment.control.stopenv", "envName", "shop-1")
		if !strings.Contains(words(refused), "ENV_STATUS_TYPE_"+statusNames[step.meanwhile]) ||
			!strings.Contains(words(refused), "required [ENV_STATUS_TYPE_RUNNING") {
			t.Errorf("%s: %q does not name both statuses", step.method, words(refused))
		}
		clock.advance(time.Minute)
		if answer := <-answers; effective(answer) != 0 {
			t.Errorf("%s: %v", step.method, answer)
		}
		info := c.info("shop-1")
		if status(info) != step.then || int(nodes(info, "cp")[0]["status"].(float64)) != step.then {
			t.Errorf("%s: status %d", step.method, status(info))
		}
	}
	c.code(2212, "environment.control.stopenv", "envName", "shop-1")
	c.code(2212, "environment.control.sleepenv", "envName", "shop-1")
}

func TestDeletion(t *testing.T) {
	t.Parallel()
	clock := newClock()
	p, c := open(t, Options{Now: clock.Now, TimeScale: 1})
	p.seed(t, "shop-1", "shop-2")
	answers := c.begin("shop-1", 13, "environment.control.deleteenv", "envName", "shop-1", "password", "any")
	c.code(2212, "environment.control.deleteenv", "envName", "shop-1")
	clock.advance(time.Minute)
	if answer := <-answers; effective(answer) != 0 {
		t.Fatalf("deleteenv: %v", answer)
	}
	c.code(11, "environment.control.getenvinfo", "envName", "shop-1")
	c.code(11, "environment.control.getenvinfo", "envName", "appshop-1")
	if infos := c.ok("environment.control.getenvs")["infos"].([]any); len(infos) != 1 {
		t.Errorf("after the deletion: %v", infos)
	}
	err := p.view(func(x *tx) error {
		if n := x.counter(counterEnvironments(1001)); n != 1 {
			t.Errorf("%d environments counted", n)
		}
		if n := x.counter(counterCloudlets("north-economy")); n != 24 {
			t.Errorf("%d cloudlets counted", n)
		}
		if n := x.bolt.Bucket(bucketAddresses).Stats().KeyN; n != 5 {
			t.Errorf("%d addresses are taken", n)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestClone(t *testing.T) {
	t.Parallel()
	p, c := open(t, Options{})
	p.seed(t, "shop-1")
	c.ok("environment.control.addcontainerenvvars", "envName", "shop-1", "nodeGroup", "cp", "vars", `{"A":"1"}`)
	c.ok("environment.binder.bindextdomain", "envName", "shop-1", "extdomain", "shop.example.test")
	answer := c.ok("environment.control.cloneenv", "srcEnvName", "shop-1", "dstEnvName", "clone-1")
	if e := env(answer); e["envName"] != "clone-1" || e["hardwareNodeGroup"] != "north-economy" ||
		e["domain"] != "clone-1.north.vap.test" || len(e["extdomains"].([]any)) != 0 {
		t.Errorf("clone: %v", e)
	}
	if len(nodes(answer, "cp")) != 2 || len(nodes(answer, "sqldb")) != 1 ||
		nodes(answer, "cp")[0]["intIP"] == nodes(c.info("shop-1"), "cp")[0]["intIP"] {
		t.Errorf("nodes of the clone: %v", answer["nodes"])
	}
	if got := c.ok("environment.control.getcontainerenvvars", "envName", "clone-1", "nodeGroup",
		"cp")["object"].(object)["A"]; got != "1" {
		t.Errorf("variable of the clone: %v", got)
	}
	c.code(2314, "environment.control.cloneenv", "srcEnvName", "shop-1", "dstEnvName", "clone-1")
	c.code(11, "environment.control.cloneenv", "srcEnvName", "other-1", "dstEnvName", "clone-2")
	if err := p.SetStatus("shop-1", 11); err != nil {
		t.Fatal(err)
	}
	c.code(2212, "environment.control.cloneenv", "srcEnvName", "shop-1", "dstEnvName", "clone-2")
}

func TestTopology(t *testing.T) {
	t.Parallel()
	clock := newClock()
	p, c := open(t, Options{Now: clock.Now, TimeScale: 1})
	p.seed(t, "shop-1")
	before := c.info("shop-1")
	change := func(nodes string) object {
		answers := c.begin("shop-1", 12, "environment.control.changetopology", "envName", "shop-1",
			"env", `{"shortdomain":"shop-1","region":"north-economy"}`, "nodes", nodes)
		clock.advance(time.Hour)
		answer := <-answers
		if effective(answer) != 0 {
			t.Fatalf("changetopology: %v", answer)
		}
		return answer["response"].(object)
	}
	after := change(`[{"nodeType":"nginxphp","nodeGroup":"cp","count":3,"flexibleCloudlets":12,"extipv4":2},` +
		`{"nodeType":"redis","nodeGroup":"cache"}]`)
	cp := nodes(after, "cp")
	if len(cp) != 3 || cp[0]["id"] != nodes(before, "cp")[0]["id"] || cp[0]["flexibleCloudlets"] != 12.0 ||
		len(cp[2]["extIPs"].([]any)) != 2 {
		t.Errorf("changed layer: %v", cp)
	}
	if cp[0]["extIPs"].([]any)[0] != nodes(before, "cp")[0]["extIPs"].([]any)[0] ||
		cp[0]["intIP"] != nodes(before, "cp")[0]["intIP"] {
		t.Errorf("addresses were not kept: %v", cp[0])
	}
	if len(nodes(after, "sqldb")) != 0 || len(nodes(after, "cache")) != 1 {
		t.Errorf("layers: %v", after["nodes"])
	}
	after = change(`[{"nodeType":"nginxphp","nodeGroup":"cp"},{"nodeType":"redis","nodeGroup":"cache"}]`)
	if cp := nodes(after, "cp"); len(cp) != 1 || cp[0]["flexibleCloudlets"] != 8.0 || cp[0]["extIPs"] != nil {
		t.Errorf("a field that was left out did not return to its default: %v", cp)
	}
	for _, test := range []struct{ env, nodes, words string }{
		{`{"region":"north-standard"}`, `[{"nodeType":"nginxphp","nodeGroup":"cp"}]`, "migrate"},
		{`{}`, `[{"nodeType":"nginxphp","nodeGroup":"cp","diskLimit":5}]`, "ENV_NODE_DISK_MIN_LIMIT"},
		{`{}`, `[]`, "[nodes]"},
	} {
		answer := c.code(3, "environment.control.changetopology", "envName", "shop-1", "env", test.env, "nodes", test.nodes)
		if !strings.Contains(words(answer), test.words) || answer["result"] != 0.0 {
			t.Errorf("%s %s: %v", test.env, test.nodes, answer)
		}
	}
}

func TestCloudletsAndNames(t *testing.T) {
	t.Parallel()
	p, c := open(t, Options{})
	p.seed(t, "shop-1")
	id := fmt.Sprintf("%.0f", nodes(c.info("shop-1"), "sqldb")[0]["id"])
	c.ok("environment.control.setcloudletscountbyid", "envName", "shop-1", "nodeid", id, "count", "1", "fixedCloudlets",
		"2", "flexibleCloudlets", "16")
	c.code(3, "environment.control.setcloudletscountbyid", "envName", "shop-1", "nodeid", id, "count", "1",
		"fixedCloudlets", "1", "flexibleCloudlets", "2")
	c.code(2361, "environment.control.setcloudletscountbyid", "envName", "shop-1", "nodeid", id, "count", "1",
		"fixedCloudlets", "1", "flexibleCloudlets", "500")
	c.code(3, "environment.control.setcloudletscountbyid", "envName", "shop-1", "nodeid", "1", "count", "1",
		"fixedCloudlets", "1", "flexibleCloudlets", "8")
	c.ok("environment.control.setenvdisplayname", "envName", "shop-1", "displayName", "Shop & Söhne")
	c.ok("environment.control.setnodegroupdisplayname", "envName", "shop-1", "nodeGroup", "cp", "displayName", "Apps")
	c.ok("environment.control.setnodedisplayname", "envName", "shop-1", "nodeId", id, "displayName", "main")
	info := c.info("shop-1")
	node := nodes(info, "sqldb")[0]
	if node["fixedCloudlets"] != 2.0 || node["flexibleCloudlets"] != 16.0 || node["displayName"] != "main" {
		t.Errorf("node: %v", node)
	}
	if env(info)["displayName"] != "Shop & Söhne" || info["nodeGroups"].([]any)[0].(object)["displayName"] != "Apps" {
		t.Errorf("names: %v", info)
	}
	c.ok("environment.control.setenvdisplayname", "envName", "shop-1", "displayName", "")
	if _, there := env(c.info("shop-1"))["displayName"]; there {
		t.Error("an empty display name does not clear it")
	}
}
