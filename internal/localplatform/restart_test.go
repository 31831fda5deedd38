package localplatform

import (
	"fmt"
	"testing"
	"time"
)

// running returns the ids of a node group's nodes that show as running.
func running(answer object, layer string) (ids []string) {
	for _, n := range nodes(answer, layer) {
		if n["status"] == 1.0 {
			ids = append(ids, nodeID(n))
		}
	}
	return ids
}

func nodeID(n object) string { return fmt.Sprintf("%.0f", n["id"]) }

// actions lists the current or past actions.
func (c *client) actions(method string) (list []object) {
	c.t.Helper()
	for _, a := range c.ok(method)["array"].([]any) {
		list = append(list, a.(object))
	}
	return list
}

func TestRestartIsLogged(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		method     string
		parameters []string
		status     int
		action     float64
		length     time.Duration
		down       int // nodes of the group that are down at the beginning
		responses  int
	}{
		"all nodes": {"restartnodes", nil, 3, 6, 15 * time.Second, 2, -1},
		"a layer":   {"restartnodes", []string{"nodeGroup", "cp"}, 3, 6, 15 * time.Second, 2, -1},
		"a node":    {"restartnodes", []string{"nodeId", "first"}, 3, 6, 15 * time.Second, 1, -1},
		"one after the other": {"restartnodes", []string{"nodeGroup", "cp", "isSequential", "true", "delay", "5"}, 3, 6,
			35 * time.Second, 1, -1},
		"by layer":    {"restartnodesbygroup", []string{"nodeGroup", "cp"}, 3, 6, 15 * time.Second, 2, 2},
		"by node":     {"restartnodebyid", []string{"nodeId", "first"}, 3, 6, 15 * time.Second, 1, -1},
		"a container": {"restartcontainerbyid", []string{"nodeid", "first"}, 3, 6, 15 * time.Second, 1, -1},
		"redeploying": {"redeploycontainersbygroup", []string{"nodeGroup", "cp", "tag", "1.26.3-php-8.3.24"}, 12, 95,
			20 * time.Second, 2, 2},
		"redeploying in turns": {"redeploycontainersbygroup",
			[]string{"nodeGroup", "cp", "tag", "1.26.3-php-8.3.24", "isSequential", "true"}, 12, 95, 70 * time.Second, 1, 2},
		"redeploying a node": {"redeploycontainerbyid",
			[]string{"nodeId", "first", "tag", "1.26.3-php-8.3.24", "useExistingVolumes", "true"}, 12, 94, 20 * time.Second, 1,
			1},
		"redeploying any way": {"redeploycontainers", []string{"nodeGroup", "cp", "tag", "1.26.3-php-8.3.24"}, 12, 95,
			20 * time.Second, 2, -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := newClock()
			p, c := open(t, Options{Now: clock.Now, TimeScale: 1})
			p.seed(t, "shop-1")
			first := nodeID(nodes(c.info("shop-1"), "cp")[0])
			parameters := []string{"envName", "shop-1", "ruk", "key-1"}
			for _, one := range test.parameters {
				if one == "first" {
					one = first
				}
				parameters = append(parameters, one)
			}
			answers := c.begin("shop-1", test.status, "environment.control."+test.method, parameters...)
			current := c.actions("environment.tracking.getcurrentactions")
			if len(current) != 1 || current[0]["action"].(object)["id"] != test.action ||
				current[0]["requestUniqueKey"] != "key-1" ||
				current[0]["text"].(object)["env"] != "shop-1" {
				t.Errorf("running: %v", current)
			}
			if up := running(c.info("shop-1"), "cp"); len(up) != 2-test.down {
				t.Errorf("nodes up at the beginning: %v", up)
			}
			c.code(2212, "environment.control.restartnodes", "envName", "shop-1")
			c.code(2212, "environment.control.migrate", "envName", "shop-1", "hardwareNodeGroup", "north-standard", "isOnline",
				"false")
			clock.advance(test.length - time.Second)
			if got := status(c.info("shop-1")); got != test.status {
				t.Errorf("status a second before the end: %d", got)
			}
			expectOpen(t, answers)
			clock.advance(time.Second)
			answer := <-answers
			if effective(answer) != 0 {
				t.Fatalf("answer: %v", answer)
			}
			if list, told := answer["responses"].([]any); told != (test.responses >= 0) || told && len(list) != test.responses {
				t.Errorf("results of the nodes: %v", answer)
			}
			info := c.info("shop-1")
			if status(info) != 1 || len(running(info, "cp")) != 2 || len(running(info, "sqldb")) != 1 {
				t.Errorf("afterwards: %v", info)
			}
			past := c.actions("environment.tracking.getuidactions")
			if len(c.actions("environment.tracking.getcurrentactions")) != 0 || len(past) != 1 ||
				past[0]["action"].(object)["id"] != test.action || past[0]["result"] != 0.0 {
				t.Errorf("past: %v", past)
			}
		})
	}
}

func TestSequentialRestartsLeaveOthersRunning(t *testing.T) {
	t.Parallel()
	clock := newClock()
	p, c := open(t, Options{Now: clock.Now, TimeScale: 1})
	p.seed(t, "shop-1")
	cp := nodes(c.info("shop-1"), "cp")
	answers := c.begin("shop-1", 3, "environment.control.restartnodesbygroup", "envName", "shop-1", "nodeGroup", "cp",
		"isSequential", "true", "delay", "10")
	for _, step := range []struct {
		after time.Duration
		up    []string
	}{
		{0, []string{nodeID(cp[1])}}, {14 * time.Second, []string{nodeID(cp[1])}},
		{2 * time.Second, []string{nodeID(cp[0]), nodeID(cp[1])}},
		{10 * time.Second, []string{nodeID(cp[0])}},
	} {
		clock.advance(step.after)
		if up := running(c.info("shop-1"), "cp"); fmt.Sprint(up) != fmt.Sprint(step.up) {
			t.Errorf("after another %s: %v run, want %v", step.after, up, step.up)
		}
		if len(running(c.info("shop-1"), "sqldb")) != 1 {
			t.Error("a node of another layer is down")
		}
	}
	clock.advance(time.Minute)
	<-answers
}

func TestRedeployingSetsTheTag(t *testing.T) {
	t.Parallel()
	_, c := open(t, Options{})
	c.createWith("shop-1", "", `[{"nodeType":"nginx","tag":"1.26.3","count":2},
		{"nodeType":"docker","image":"acme/app:1.0","nodeGroup":"cp","env":{"A":"1"},"volumes":["/data"]},
		{"nodeType":"docker","image":"private/app:1","nodeGroup":"cache","registry":{"user":"u","password":"p"}}]`)
	versions := func(layer string) (list []any) {
		for _, n := range nodes(c.info("shop-1"), layer) {
			list = append(list, n["version"])
		}
		return list
	}
	ids := func(layer string) (list []any) {
		for _, n := range nodes(c.info("shop-1"), layer) {
			list = append(list, n["id"])
		}
		return list
	}
	before := ids("bl")
	c.ok("environment.control.redeploycontainersbygroup", "envName", "shop-1", "nodeGroup", "bl", "tag", "1.28.0")
	if got := fmt.Sprint(versions("bl")); got != "[1.28.0 1.28.0]" || fmt.Sprint(ids("bl")) != fmt.Sprint(before) {
		t.Errorf("the layer: %s, ids %v, before %v", got, ids("bl"), before)
	}
	second := nodeID(nodes(c.info("shop-1"), "bl")[1])
	c.ok("environment.control.redeploycontainerbyid", "envName", "shop-1", "nodeId", second, "tag", "1.26.3")
	if got := fmt.Sprint(versions("bl")); got != "[1.28.0 1.26.3]" {
		t.Errorf("a node: %s", got)
	}
	c.ok("environment.control.redeploycontainers", "envName", "shop-1", "nodeId", nodeID(nodes(c.info("shop-1"), "bl")[0]),
		"tag", "1.26.3")
	c.ok("environment.control.changetopology", "envName", "shop-1", "env", `{}`, "nodes",
		`[{"nodeType":"nginx","tag":"1.26.3","count":3},
		{"nodeType":"docker","image":"acme/app:1.0","nodeGroup":"cp"},{"nodeType":"docker","image":"private/app:1",
		"nodeGroup":"cache"}]`)
	if got := fmt.Sprint(versions("bl")); got != "[1.26.3 1.26.3 1.26.3]" {
		t.Errorf("the other node too, and a new one: %s", got)
	}

	c.ok("environment.control.redeploycontainersbygroup", "envName", "shop-1", "nodeGroup", "cp", "tag", "2.0")
	item := nodes(c.info("shop-1"), "cp")[0]["customitem"].(object)
	if item["dockerName"] != "acme/app" || item["dockerTag"] != "2.0" {
		t.Errorf("an image: %v", item)
	}
	if v := c.ok("environment.control.getcontainerenvvarsbygroup", "envName", "shop-1", "nodeGroup",
		"cp")["object"].(object); v["A"] != "1" {
		t.Errorf("variables: %v", v)
	}

	// The platform keeps a registry's credentials from the creation.
	c.ok("environment.control.redeploycontainersbygroup", "envName", "shop-1", "nodeGroup", "cache", "tag", "2")
	c.code(4072, "environment.control.redeploycontainersbygroup", "envName", "shop-1", "nodeGroup", "cache", "tag", "3",
		"login", "u", "password", WrongRegistryPassword)
	if got := fmt.Sprint(versions("cache")); got != "[2]" {
		t.Errorf("a refused redeployment changed the tag: %s", got)
	}
	c.ok("environment.control.redeploycontainersbygroup", "envName", "shop-1", "nodeGroup", "cache", "tag", "3", "login",
		"u", "password", "new")
}

func TestRefusedRestarts(t *testing.T) {
	t.Parallel()
	clock := newClock()
	p, c := open(t, Options{Now: clock.Now, TimeScale: 1})
	p.seed(t, "shop-1")
	const restart, redeploy = "environment.control.restartnodes", "environment.control.redeploycontainersbygroup"
	c.code(3, restart, "envName", "shop-1", "nodeGroup", "bl")
	c.code(3, restart, "envName", "shop-1", "nodeId", "1")
	c.code(3, restart, "envName", "shop-1", "isSequential", "perhaps")
	c.code(3, restart, "envName", "shop-1", "delay", "-1")
	c.code(3, restart, "envName", "shop-1", "delay", "soon")
	c.code(3, redeploy, "envName", "shop-1", "nodeGroup", "cp", "tag", "no-such-tag")
	c.code(3, redeploy, "envName", "shop-1", "nodeGroup", "cp", "tag", "1.26.3-php-8.3.24", "useExistingVolumes",
		"perhaps")
	c.code(3, "environment.control.redeploycontainers", "envName", "shop-1", "tag", "8.0.43")
	c.code(3, "environment.control.redeploycontainerbyid", "envName", "shop-1", "tag", "8.0.43")
	c.code(11, restart, "envName", "shop-9")
	for _, stopped := range []int{2, 4, 5, 11} {
		if err := p.SetStatus("shop-1", stopped); err != nil {
			t.Fatal(err)
		}
		c.code(2212, restart, "envName", "shop-1")
		c.code(2212, redeploy, "envName", "shop-1", "nodeGroup", "cp", "tag", "1.26.3-php-8.3.24")
	}
	if err := p.SetStatus("shop-1", 1); err != nil {
		t.Fatal(err)
	}
	answers := c.begin("shop-1", 10, "environment.control.migrate", "envName", "shop-1", "hardwareNodeGroup",
		"north-standard", "isOnline", "true")
	for _, method := range []string{"restartnodes", "restartnodesbygroup", "redeploycontainers",
		"redeploycontainersbygroup"} {
		c.code(2212, "environment.control."+method, "envName", "shop-1", "nodeGroup", "cp", "tag", "1.26.3-php-8.3.24")
	}
	id := nodeID(nodes(c.info("shop-1"), "cp")[0])
	for _, method := range []string{"restartnodebyid", "restartcontainerbyid", "redeploycontainerbyid"} {
		c.code(2212, "environment.control."+method, "envName", "shop-1", "nodeId", id, "tag", "1.26.3-php-8.3.24")
	}
	clock.advance(time.Hour)
	if answer := <-answers; effective(answer) != 0 {
		t.Errorf("the migration: %v", answer)
	}
	if got := nodes(c.info("shop-1"), "cp")[0]["version"]; got != "1.28.0-php-8.4.11" {
		t.Errorf("the tag is %v", got)
	}
}
