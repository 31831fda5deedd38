package localplatform

import (
	"fmt"
	"strings"
	"testing"
)

func TestVariables(t *testing.T) {
	t.Parallel()
	p, c := open(t, Options{})
	p.seed(t, "shop-1")
	group := []string{"envName", "shop-1", "nodeGroup", "cp"}
	id := func(i int) string { return fmt.Sprintf("%.0f", nodes(c.info("shop-1"), "cp")[i]["id"]) }
	read := func(parameters ...string) object {
		t.Helper()
		return c.ok("environment.control.getcontainerenvvars",
			append([]string{"envName", "shop-1"}, parameters...)...)["object"].(object)
	}
	c.ok("environment.control.addcontainerenvvars", append(group, "vars", `{"A":"1","B":"2"}`)...)
	c.ok("environment.control.addcontainerenvvars", "envName", "shop-1", "nodeId", id(1), "vars", `{"B":"node","C":"3"}`)
	expectFields(t, "layer", read("nodeGroup", "cp"), object{"A": "1", "B": "2", "C": nil, "STACK_NAME": "nginxphp",
		"HOST_GROUP": "north-economy"})
	if v := read("nodeId", id(0)); v["B"] != "2" || v["C"] != nil {
		t.Errorf("first node: %v", v)
	}
	if v := read("nodeId", id(1)); v["A"] != "1" || v["B"] != "node" || v["C"] != "3" {
		t.Errorf("second node: %v", v)
	}
	c.ok("environment.control.removecontainerenvvars", append(group, "vars", `["A","STACK_NAME","UNKNOWN"]`)...)
	if v := c.ok("environment.control.getcontainerenvvarsbygroup", group...)["object"].(object); v["A"] != nil ||
		v["B"] != "2" || v["STACK_NAME"] != "nginxphp" {
		t.Errorf("after the removal: %v", v)
	}
	c.ok("environment.control.setcontainerenvvarsbygroup", append(group, "data", `{"D":"4"}`)...)
	if v := read("nodeGroup", "cp"); v["B"] != nil || v["D"] != "4" {
		t.Errorf("after the replacement: %v", v)
	}
	if v := read("nodeId", id(1)); v["C"] != nil || v["D"] != "4" {
		t.Errorf("second node after the replacement: %v", v)
	}
	c.ok("environment.control.setcontainerenvvars", "envName", "shop-1", "nodeId", id(0), "vars", `{}`)
	if v := read("nodeId", id(0)); v["D"] != nil {
		t.Errorf("first node after the replacement: %v", v)
	}
	c.code(3, "environment.control.getcontainerenvvars", "envName", "shop-1")
	c.code(3, "environment.control.getcontainerenvvars", "envName", "shop-1", "nodeGroup", "bl")
	c.code(3, "environment.control.getcontainerenvvars", "envName", "shop-1", "nodeId", "1")
	c.code(3, "environment.control.addcontainerenvvars", append(group, "vars", `["A"]`)...)
	for _, status := range []int{2, 4, 5, 11} {
		if err := p.SetStatus("shop-1", status); err != nil {
			t.Fatal(err)
		}
		c.code(2212, "environment.control.getcontainerenvvars", group...)
		c.code(2212, "environment.control.addcontainerenvvars", append(group, "vars", `{}`)...)
	}
}

func TestNodeGroupVariablesReachNewNodes(t *testing.T) {
	t.Parallel()
	_, c := open(t, Options{})
	c.createWith("shop-1", "", `[{"nodeType":"nginx","env":{"A":"1"}}]`)
	c.ok("environment.control.changetopology", "envName", "shop-1", "env", `{}`, "nodes",
		`[{"nodeType":"nginx","count":2}]`)
	id := fmt.Sprintf("%.0f", nodes(c.info("shop-1"), "bl")[1]["id"])
	if v := c.ok("environment.control.getcontainerenvvars", "envName", "shop-1", "nodeId",
		id)["object"].(object); v["A"] != "1" {
		t.Errorf("variables of the new node: %v", v)
	}
}

func TestGroups(t *testing.T) {
	t.Parallel()
	p, c := open(t, Options{})
	p.seed(t, "shop-1")
	of := func() string { return fmt.Sprint(c.info("shop-1")["envGroups"]) }
	all := func(parameters ...string) string {
		names := []string{}
		for _, g := range c.ok("environment.group.getgroups", parameters...)["array"].([]any) {
			names = append(names, g.(object)["name"].(string))
		}
		return fmt.Sprint(names)
	}
	c.ok("environment.control.attachenvgroup", "envName", "shop-1", "envGroup", "shop/prod")
	c.ok("environment.control.attachenvgroup", "envName", "shop-1", "envGroups", `["a","shop/prod"]`)
	if of() != "[shop/prod a]" {
		t.Errorf("attached: %s", of())
	}
	c.ok("environment.control.setenvgroup", "envName", "shop-1", "envGroup", `["b","c"]`)
	if of() != "[b c]" {
		t.Errorf("set: %s", of())
	}
	c.ok("environment.control.detachenvgroup", "envName", "shop-1", "envGroup", "b")
	c.ok("environment.group.attachenv", "envGroup", "d", "targetAppid", "appshop-1")
	if of() != "[c d]" || all() != "[a b c d shop/prod]" || all("targetAppid", "appshop-1") != "[c d]" {
		t.Errorf("groups: %s, %s", of(), all())
	}
	c.code(3, "environment.control.setenvgroup", "envName", "shop-1")
	c.code(3, "environment.control.setenvgroup", "envName", "shop-1", "envGroup", `["b"`)

	c.ok("environment.group.creategroup", "envGroup", "e", "data", `{"color":"#ff0000","name":"other"}`)
	c.code(3, "environment.group.creategroup", "envGroup", "e")
	c.ok("environment.group.editgroup", "srcGroupName", "c", "dstGroupName", "c2")
	c.ok("environment.group.setisolationenabled", "groupName", "c2", "enabled", "true")
	c.ok("environment.group.removegroup", "envGroup", "d")
	c.code(5, "environment.group.removegroup", "envGroup", "d")
	c.code(5, "environment.group.editgroup", "srcGroupName", "d")
	if of() != "[c2]" || all() != "[a b c2 e shop/prod]" {
		t.Errorf("groups: %s, %s", of(), all())
	}
	for _, g := range c.ok("environment.group.getgroups")["array"].([]any) {
		switch g := g.(object); g["name"] {
		case "c2":
			if g["isIsolated"] != true {
				t.Errorf("isolated group: %v", g)
			}
		case "e":
			if g["color"] != "#ff0000" {
				t.Errorf("coloured group: %v", g)
			}
		}
	}
	c.ok("environment.control.setenvgroup", "envName", "shop-1", "envGroup", "[]")
	if of() != "[]" {
		t.Errorf("emptied: %s", of())
	}
}

func TestDomains(t *testing.T) {
	t.Parallel()
	p, c := open(t, Options{})
	p.seed(t, "shop-1", "shop-2")
	bound := c.ok("environment.binder.bindextdomain", "envName", "shop-1", "extdomain", "Shop.Example.test")
	if bound["extDomain"].(object)["domain"] != "shop.example.test" {
		t.Errorf("bound: %v", bound)
	}
	c.code(2330, "environment.binder.bindextdomain", "envName", "shop-2", "extdomain", "shop.example.test")
	c.code(2330, "environment.binder.bindextdomain", "envName", "shop-1", "extdomain", "shop.example.test")
	c.code(3, "environment.binder.bindextdomain", "envName", "shop-1", "extdomain", "not a domain")
	c.code(2330, "environment.binder.bindextdomains", "envName", "shop-2", "extDomains",
		"new.example.test,shop.example.test")
	c.ok("environment.binder.bindextdomains", "envName", "shop-2", "extDomains", "new.example.test, www.example.test")
	if all := c.ok("environment.binder.getextdomains")["extDomains"].([]any); len(all) != 3 {
		t.Errorf("all: %v", all)
	}
	if some := c.ok("environment.binder.getextdomains", "envName", "shop-2")["extDomains"].([]any); len(some) != 2 {
		t.Errorf("of one environment: %v", some)
	}
	c.code(2322, "environment.binder.removeextdomain", "envName", "shop-2", "extdomain", "shop.example.test")
	c.ok("environment.binder.removeextdomain", "envName", "shop-1", "extdomain", "SHOP.example.test")
	c.ok("environment.binder.bindextdomain", "envName", "shop-2", "extdomain", "shop.example.test")
	c.ok("environment.control.deleteenv", "envName", "shop-2")
	c.ok("environment.binder.bindextdomain", "envName", "shop-1", "extdomain", "www.example.test")
}

func TestForeignDomains(t *testing.T) {
	t.Parallel()
	p, c := open(t, Options{})
	p.seed(t, "shop-1")
	other := c.as(CollaboratorToken)
	other.create("other-1", "north-economy")
	other.ok("environment.binder.bindextdomain", "envName", "other-1", "extdomain", "www.example.test")
	c.code(2330, "environment.binder.bindextdomain", "envName", "shop-1", "extdomain", "www.example.test")
	c.code(8, "environment.binder.removeextdomain", "envName", "other-1", "extdomain", "www.example.test")
	c.code(2322, "environment.binder.removeextdomain", "envName", "shop-1", "extdomain", "www.example.test")

	// A developer may bind domains, a viewer may not.
	other.ok("environment.binder.bindextdomain", "envName", "shop-1", "extdomain", "dev.example.test")
	if err := p.SetCollaborators(1001, Collaborator{UID: 1002, Role: RoleViewer}); err != nil {
		t.Fatal(err)
	}
	other.code(8, "environment.binder.removeextdomain", "envName", "shop-1", "extdomain", "dev.example.test")
	other.code(8, "environment.binder.bindextdomain", "envName", "shop-1", "extdomain", "x.example.test")
	c.as(ReadOnlyToken).code(8202, "environment.binder.bindextdomain", "envName", "shop-1", "extdomain", "x.example.test")
	c.code(11, "environment.binder.bindextdomain", "envName", "nobody", "extdomain", "x.example.test")
}

func TestPlatformDomains(t *testing.T) {
	t.Parallel()
	p, c := open(t, Options{})
	p.seed(t, "shop-1")
	for _, domain := range []string{"north.vap.test", "shop-1.north.vap.test", "*.south.vap.test", "other.EAST.vap.test"} {
		answer := c.code(1, "environment.binder.bindextdomain", "envName", "shop-1", "extdomain", domain)
		if !strings.Contains(words(answer), "ENV_EXT_DOMAIN_NOT_ALLOWED") {
			t.Errorf("%s: %q", domain, words(answer))
		}
	}
	c.ok("environment.binder.bindextdomain", "envName", "shop-1", "extdomain", "farnorth.vap.test")
	c.ok("environment.binder.bindextdomain", "envName", "shop-1", "extdomain", "*.example.test")
	c.code(3, "environment.binder.bindextdomain", "envName", "shop-1", "extdomain", "a.example.test,b.example.test")
	c.code(2330, "environment.binder.bindextdomains", "envName", "shop-1", "extDomains", "c.example.test,c.example.test")
	if e := env(c.info("shop-1"))["extdomains"]; fmt.Sprint(e) != "[farnorth.vap.test *.example.test]" {
		t.Errorf("bound: %v", e)
	}
}

func TestPublicAddresses(t *testing.T) {
	t.Parallel()
	p, c := open(t, Options{})
	p.seed(t, "shop-1")
	ips := func(answer object, node object) []any {
		var list []any
		for _, one := range answer["ipAddresses"].(object)[fmt.Sprintf("%.0f", node["id"])].([]any) {
			list = append(list, one.(object)["ipAddress"])
		}
		return list
	}
	cp := nodes(c.info("shop-1"), "cp")
	more := c.ok("environment.binder.setextipcount", "envName", "shop-1", "type", "IPv4", "nodeGroup", "cp", "count", "3")
	primary := cp[0]["extIPs"].([]any)[0]
	if list := ips(more, cp[0]); len(list) != 3 || list[0] != primary {
		t.Errorf("more addresses: %v, primary was %v", list, primary)
	}
	id := fmt.Sprintf("%.0f", cp[1]["id"])
	c.ok("environment.binder.setextipcount", "envName", "shop-1", "type", "ipv6", "nodeId", id, "count", "1")
	fewer := c.ok("environment.binder.setextipcount", "envName", "shop-1", "type", "ipv4", "nodeGroup", "cp", "count", "1")
	if list := ips(fewer, cp[0]); len(list) != 1 || list[0] != primary {
		t.Errorf("fewer addresses: %v", list)
	}
	info := c.info("shop-1")
	if n := nodes(info, "cp"); n[0]["extipsv6"] != nil || len(n[1]["extipsv6"].([]any)) != 1 ||
		n[0]["address"] != primary {
		t.Errorf("nodes: %v", n)
	}
	none := c.ok("environment.binder.setextipcount", "envName", "shop-1", "type", "ipv4", "nodeGroup", "cp", "count", "0")
	if list := ips(none, cp[0]); len(list) != 0 {
		t.Errorf("no addresses: %v", list)
	}
	if n := nodes(c.info("shop-1"), "cp")[0]; n["address"] != n["intIP"] {
		t.Errorf("address of a node without public ones: %v", n["address"])
	}
	c.code(3, "environment.binder.setextipcount", "envName", "shop-1", "type", "ipv5", "nodeGroup", "cp", "count", "1")
	c.code(3, "environment.binder.setextipcount", "envName", "shop-1", "type", "ipv4", "nodeGroup", "cp", "count", "many")
	c.code(3, "environment.binder.setextipcount", "envName", "shop-1", "type", "ipv4", "nodeGroup", "cp", "count", "-1")
	c.code(3, "environment.binder.setextipcount", "envName", "shop-1", "type", "ipv4", "count", "1")
	c.code(2338, "environment.binder.setextipcount", "envName", "shop-1", "type", "ipv4", "nodeGroup", "cp", "count", "5")
}
