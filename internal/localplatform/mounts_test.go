package localplatform

import (
	"fmt"
	"strings"
	"testing"
)

func TestMountSources(t *testing.T) {
	t.Parallel()
	p, c := open(t, Options{})
	c.createWith("files-1", "north-economy", `[{"nodeType":"storage","count":2}]`)
	c.createWith("shop-1", "north-economy", `[{"nodeType":"memcached"},{"nodeType":"nginx"}]`)
	storage := nodes(c.info("files-1"), "storage")[0]
	mounts := func(name string) string { return marshal(c.info(name)["mountpoints"]) }
	id := fmt.Sprintf("%.0f", storage["id"])
	c.ok("environment.file.addmountpointbygroup", "envName", "shop-1", "nodeGroup", "bl", "path", "/far", "sourceNodeId",
		id, "sourcePath", "/data", "readOnly", "true")
	c.topology(0, "shop-1", `[{"nodeType":"memcached"},{"nodeType":"nginx",`+
		`"volumeMounts":{"/far":{"protocol":"gluster","sourceNodeId":`+id+`,"sourcePath":"/data","readOnly":true},
		"/near":{"sourceNodeGroup":"cache"},"/out":{"sourceHost":"192.0.2.77","sourcePath":"/x"}}}]`)
	cache := nodes(c.info("shop-1"), "cache")[0]
	near := fmt.Sprintf(`{"name":"","nodeGroup":"bl","path":"/near","protocol":"NFS","readOnly":false,`+
		`"sourceHost":"%s","sourceNodeGroup":"cache","sourceNodeId":%.0f,"sourcePath":"/near"}`, cache["intIP"], cache["id"])
	const out = `{"name":"","nodeGroup":"bl","path":"/out","protocol":"NFS","readOnly":false,"sourceHost":"192.0.2.77",` +
		`"sourcePath":"/x"}`
	far := func(host any) string {
		return fmt.Sprintf(`{"name":"","nodeGroup":"bl","path":"/far","protocol":"GLUSTER","readOnly":true,`+
			`"sourceHost":"%s","sourceNodeGroup":"storage","sourceNodeId":%s,"sourcePath":"/data"}`, host, id)
	}
	if got, want := mounts("shop-1"), "["+far(storage["intIP"])+","+near+","+out+"]"; got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
	if list := marshal(c.ok("environment.file.getmountpoints", "envName", "shop-1", "nodeGroup",
		"bl")["array"]); list != mounts("shop-1") {
		t.Errorf("of the layer: %s", list)
	}

	if err := p.MoveOutside("files-1", "south-standard"); err != nil {
		t.Fatal(err)
	}
	moved := nodes(c.info("files-1"), "storage")[0]["intIP"]
	if !strings.Contains(mounts("shop-1"), far(moved)) || moved == storage["intIP"] {
		t.Errorf("the source moved to %v: %s", moved, mounts("shop-1"))
	}
	c.ok("environment.control.deleteenv", "envName", "files-1")
	if got := mounts("shop-1"); !strings.Contains(got, `"sourceNodeId":`+id+`,"sourcePath":"/data"}`) {
		t.Errorf("the source is gone: %s", got)
	}

	c.code(3, "environment.file.addmountpointbygroup", "envName", "shop-1", "nodeGroup", "bl", "path", "/far",
		"sourceHost", "h")
	c.code(3, "environment.file.addmountpointbygroup", "envName", "shop-1", "nodeGroup", "bl", "path", "/new",
		"sourceNodeId", id)
	c.ok("environment.file.removemountpointbygroup", "envName", "shop-1", "nodeGroup", "bl", "path", "/far")
	c.code(5, "environment.file.removemountpointbygroup", "envName", "shop-1", "nodeGroup", "bl", "path", "/far")
	if got := mounts("shop-1"); got != "["+near+","+out+"]" {
		t.Errorf("after the removal: %s", got)
	}
}

func TestEndpoints(t *testing.T) {
	t.Parallel()
	p, c := open(t, Options{})
	p.seed(t, "shop-1", "shop-2")
	id := fmt.Sprintf("%.0f", nodes(c.info("shop-1"), "cp")[0]["id"])
	first := c.ok("environment.control.addendpoint", "envName", "shop-1", "nodeId", id, "privatePort", "22", "name",
		"SSH")["object"].(object)
	if first["publicPort"] != 11001.0 || first["protocol"] != "TCP" {
		t.Errorf("opened: %v", first)
	}
	if err := p.OpenEndpoint("shop-2", "sqldb", "MySQL", 3306); err != nil {
		t.Fatal(err)
	}
	if err := p.MoveOutside("shop-1", "south-standard"); err != nil {
		t.Fatal(err)
	}
	shown := marshal(nodes(c.info("shop-1"), "cp")[0]["endpoints"])
	if want := `[{"domain":"node` + id +
		`-shop-1.south.vap.test","id":1,"name":"SSH","privatePort":22,"protocol":"TCP","publicPort":11001}]`; shown != want {
		t.Errorf(" got %s\nwant %s", shown, want)
	}
	if n := nodes(c.info("shop-2"), "sqldb")[0]["endpoints"].([]any); n[0].(object)["publicPort"] != 11002.0 {
		t.Errorf("another one: %v", n)
	}
	c.code(3, "environment.control.addendpoint", "envName", "shop-1", "nodeId", id, "privatePort", "0")
	c.code(3, "environment.control.addendpoint", "envName", "shop-1", "nodeId", id, "privatePort", "22", "protocol",
		"ICMP")
	c.ok("environment.control.removeendpoint", "envName", "shop-1", "id", "1")
	c.code(5, "environment.control.removeendpoint", "envName", "shop-1", "id", "2")
	if n := nodes(c.info("shop-1"), "cp")[0]["endpoints"].([]any); len(n) != 0 {
		t.Errorf("after the removal: %v", n)
	}
}

func TestEnvironmentRelations(t *testing.T) {
	t.Parallel()
	p, c := open(t, Options{})
	p.seed(t, "shop-1", "shop-2")
	value := "b"
	for _, err := range []error{
		p.Mount("shop-1", "cp", "/m", "shop-2", "sqldb", "/data"), p.Link("shop-1", "cp", "db", "shop-2", "sqldb"),
		p.InstallAddOn("shop-1", "cp", "backup", "Backup"), p.Scale("shop-1", "cp", 4), p.SetVariable("shop-1", "cp", "A",
			&value),
		p.SetNodeAddresses("shop-1", "cp", 1, "ipv6", 2), p.IsolateGroup(1001, "shop/prod", true),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	info, source := c.info("shop-1"), nodes(c.info("shop-2"), "sqldb")[0]
	if m := info["mountpoints"].([]any)[0].(object); m["sourceNodeId"] != source["id"] ||
		m["sourceHost"] != source["intIP"] || m["sourcePath"] != "/data" {
		t.Errorf("mount: %v", m)
	}
	cp := nodes(info, "cp")
	if l := cp[0]["customitem"].(object)["dockerLinks"].([]any)[0].(object); l["sourceNodeId"] != source["id"] ||
		l["alias"] != "db" {
		t.Errorf("link: %v", l)
	}
	if len(cp) != 4 || marshal(cp[0]["addons"]) != `[{"name":"Backup","uniqueName":"backup"}]` ||
		marshal(cp[3]["addons"]) != "[]" {
		t.Errorf("nodes: %v", cp)
	}
	if cp[0]["extipsv6"] != nil || len(cp[1]["extipsv6"].([]any)) != 2 || len(cp[1]["extIPs"].([]any)) != 1 {
		t.Errorf("addresses: %v", cp)
	}
	variables := func() object {
		return c.ok("environment.control.getcontainerenvvarsbygroup", "envName", "shop-1", "nodeGroup",
			"cp")["object"].(object)
	}
	if v := variables(); v["A"] != "b" {
		t.Errorf("variables: %v", v)
	}
	if err := p.SetVariable("shop-1", "cp", "A", nil); err != nil || variables()["A"] != nil {
		t.Errorf("%v, variables: %v", err, variables())
	}
	if g := c.ok("environment.group.getgroups")["array"].([]any)[0].(object); g["name"] != "shop/prod" ||
		g["isIsolated"] != true {
		t.Errorf("group: %v", g)
	}
	for what, err := range map[string]error{
		"layer": p.Scale("shop-1", "bl", 2), "count": p.Scale("shop-1", "cp", 0), "environment": p.Scale("shop-9", "cp",
			1), "kind": p.SetNodeAddresses("shop-1", "cp", 0, "internal", 1),
		"index": p.SetNodeAddresses("shop-1", "cp", 9, "ipv4", 1), "source": p.Mount("shop-1", "cp", "/n", "shop-9", "cp",
			"/"), "path": p.Mount("shop-1", "cp", "n", "shop-2", "cp", "/"),
		"link": p.Link("shop-1", "cp", "x", "shop-2", "bl"), "port": p.OpenEndpoint("shop-1", "cp", "x", 0),
	} {
		if err == nil {
			t.Errorf("%s: invalid input was accepted", what)
		}
	}
}

func TestWindowsCannotMoveOrClone(t *testing.T) {
	t.Parallel()
	_, c := open(t, Options{})
	c.createWith("win-1", "north-performance", `[{"nodeType":"windows2022"}]`)
	if n := nodes(c.info("win-1"), "vps")[0]; n["vType"] != "VM" || n["osType"] != "WINDOWS" {
		t.Errorf("node: %v", n)
	}
	c.code(2373, "environment.control.checkmigrationpossibility", "envName", "win-1", "hardwareNodeGroup",
		"south-performance")
	c.code(2373, "environment.control.migrate", "envName", "win-1", "hardwareNodeGroup", "south-performance", "isOnline",
		"false")
	c.code(1, "environment.control.cloneenv", "srcEnvName", "win-1", "dstEnvName", "win-2")
}
