package localplatform

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// at returns the value at a path in an answer: member names and list indices, separated by dots. "#" is the length.
func at(answer any, path string) any {
	for _, step := range strings.Split(path, ".") {
		switch v := answer.(type) {
		case object:
			answer = v[step]
		case []any:
			var i int
			if step == "#" {
				answer = float64(len(v))
			} else if n, err := fmt.Sscan(step, &i); n != 1 || err != nil || i >= len(v) {
				return nil
			} else {
				answer = v[i]
			}
		default:
			return nil
		}
	}
	return answer
}

// has says whether the member is present, even if it is null.
func has(answer any, path string) bool {
	cut := strings.LastIndex(path, ".")
	if cut < 0 {
		cut = 0
	}
	parent, last := at(answer, path[:cut]), strings.TrimPrefix(path[cut:], ".")
	if cut == 0 {
		parent = answer
	}
	members, ok := parent.(object)
	if !ok {
		return false
	}
	_, there := members[last]
	return there
}

const (
	control   = "environment.control."
	groups    = "environment.group."
	nodegroup = "environment.nodegroup."
	file      = "environment.file."
	binder    = "environment.binder."
)

// TestClientRequests replays requests of third-party clients and checks the members of the answers that they
// read. In each row, "shop-1" has the given nodes. The calls, each a method and its parameters, are sent in order.
// The wanted values are looked up in the last answer, which may come from a different call than the tested one.
func TestClientRequests(t *testing.T) {
	t.Parallel()
	type calls [][]string
	info := []string{control + "getenvinfo", "envName", "shop-1"}
	const docker = `[{"nodeType":"docker","docker":{"image":"acme/app:1","nodeGroup":"cp"}}]`
	env := func(nodeGroup string) []string {
		return []string{control + "getcontainerenvvarsbygroup", "envName", "shop-1", "nodeGroup", nodeGroup}
	}
	for name, row := range map[string]struct {
		nodes  string
		calls  calls
		wanted object
	}{
		"booleans for public " +
			"addresses": {`[{"nodeType":"nginx","extip":false,"extipv4":false,"extipv6":false},{"nodeType":"memcached",
			"extip":true,"extipv6":true},
			{"nodeType":"redis","nodeGroup":"nosqldb","extipv4":true},{"nodeType":"mysql8","extip":"true"},{"nodeType":"storage",
			"extipv4":"2"}]`, calls{info},
			object{"nodes.0.extIPs": nil, "nodes.0.extipsv6": nil, "nodes.1.extIPs.#": 1.0, "nodes.1.extipsv6.#": 1.0,
				"nodes.2.extIPs.#": 1.0, "nodes.3.extIPs.#": 1.0, "nodes.4.extIPs.#": 2.0}},
		"booleans in a change of topology": {`[{"nodeType":"nginx"}]`, calls{
			{control + "changetopology", "envName", "shop-1", "env", `{"sslstate":"true","ishaenabled":0}`, "nodes",
				`[{"nodeType":"nginx","extip":false,"extipv6":false,"extipv4":true}]`}, info},
			object{"nodes.0.extIPs.#": 1.0, "nodes.0.extipsv6": nil, "env.sslstate": true, "env.ishaenabled": false}},
		"texts for numbers": {`[{"nodeType":"nginx","count":"2","fixedCloudlets":"1","flexibleCloudlets":"6",` +
			`"diskLimit":"12","restartDelay":"7","isSequentialDeploy":"true"}]`, calls{info},
			object{"nodes.#": 2.0, "nodes.0.fixedCloudlets": 1.0, "nodes.0.flexibleCloudlets": 6.0, "nodes.0.diskLimit": 12000.0,
				"nodeGroups.0.restartNodeDelay": 7.0, "nodeGroups.0.isSequentialDeploy": true}},
		"another provider's request": {
			`[{"cmd":"","count":1,"diskLimit":0,"env":{},"extip":false,"extipv6":false,"fixedCloudlets":1,
			"flexibleCloudlets":4,"image":"","mission":"bl","nodeGroup":"bl",
			"nodeType":"nginx","restartDelay":30,"scalingMode":"STATEFUL","tag":"1.28.0","volumeMounts":null,"volumes":[],
			"volumesFrom":[]}]`, calls{info},
			object{"nodes.0.nodeGroup": "bl", "nodes.0.version": "1.28.0", "nodeGroups.0.restartNodeDelay": 30.0,
				"nodeGroups.0.scalingMode": "STATEFUL"}},
		"numbers and booleans as " +
			"variables": {`[{"nodeType":"nginx","env":{"PORT":8080,"DEBUG":true,"RATE":0.5,"NONE":null}}]`, calls{env("bl")},
			object{"object.PORT": "8080", "object.DEBUG": "true", "object.RATE": "0.5", "object.NONE": nil}},
		"numbers and booleans as added variables": {`[{"nodeType":"nginx"}]`, calls{
			{control + "addcontainerenvvars", "envName", "shop-1", "nodeGroup", "bl", "vars", `{"PORT":8080,"DEBUG":false}`},
			env("bl")},
			object{"object.PORT": "8080", "object.DEBUG": "false"}},
		"variables of PHP": {`[{"nodeType":"nginx","env":[]}]`,
			calls{{control + "setcontainerenvvarsbygroup", "envName", "shop-1", "nodeGroup", "bl", "data", `[]`}, env("bl")},
			object{"object.STACK_NAME": "nginx"}},
		"variables removed by one name": {`[{"nodeType":"nginx","env":{"A":"1","B":"2"}}]`, calls{
			{control + "removecontainerenvvars", "envName", "shop-1", "nodeGroup", "bl", "vars", "A"}, env("bl")},
			object{"object.A": nil, "object.B": "2"}},
		"one node that is no list": {`{"nodeType":"nginx"}`, calls{info}, object{"nodes.#": 1.0}},

		"layers of two docker nodes": {`[{"nodeType":"docker","docker":{"image":"acme/app:1","nodeGroup":"cp"}},` +
			`{"nodeType":"docker","docker":{"image":"acme/cache:2","nodeGroup":"cache"}}]`, calls{info},
			object{"nodeGroups.#": 2.0, "nodeGroups.0.name": "cp", "nodeGroups.1.name": "cache", "nodes.1.nodeGroup": "cache",
				"nodes.1.customitem.dockerName": "acme/cache", "nodes.1.customitem.dockerTag": "2"}},
		"everything below docker": {`[{"nodeType":"storage"},{"nodeType":"docker","docker":{"image":"acme/app","tag":"3",
		"nodeGroup":"cp","displayName":"App","cmd":"run -v","env":{"A":1},
			"links":["storage:s"],"volumes":["/data"],"volumesFrom":["storage"],
			"volumeMounts":{"/files":{"sourceNodeGroup":"storage","sourcePath":"/x","readOnly":"true",
			"name":"files"}}}}]`, calls{info},
			object{"nodes.1.customitem.dockerVolumes.0": "/data", "nodes.1.customitem.dockerVolumesFrom.0": "storage",
				"nodes.1.customitem.dockerLinks.0.alias": "s", "nodes.1.customitem.dockerTag": "3",
				"nodes.1.customitem.dockerManifest.cmd.1": "-v", "nodes.1.displayName": "App", "mountpoints.0.path": "/files",
				"mountpoints.0.readOnly": true, "mountpoints.0.name": "files", "mountpoints.0.sourcePath": "/x"}},
		"values given twice": {`[{"nodeType":"docker","nodeGroup":"web","image":"acme/new","docker":{"image":"acme/old",` +
			`"nodeGroup":"cp","volumes":"/v"}}]`, calls{info},
			object{"nodes.0.nodeGroup": "web", "nodes.0.customitem.dockerName": "acme/new",
				"nodes.0.customitem.dockerVolumes.0": "/v"}},

		"a name of a mount": {`[{"nodeType":"storage"},{"nodeType":"nginx"}]`, calls{
			{file + "addmountpointbygroup", "envName", "shop-1", "nodeGroup", "bl", "path", "/m", "sourceNodeId", "50001",
				"sourcePath", "/x", "name", "shared"},
			{control + "changetopology", "envName", "shop-1", "env", `{}`, "nodes",
				`[{"nodeType":"storage"},{"nodeType":"nginx","volumeMounts":{"/m":{"sourceNodeId":"50001","sourcePath":"/x"}}}]`},
			{file + "getmountpoints", "envName", "shop-1", "nodeGroup", "bl"}},
			object{"array.#": 1.0, "array.0.name": "shared", "array.0.path": "/m", "array.0.sourcePath": "/x",
				"array.0.sourceNodeId": 50001.0, "array.0.readOnly": false}},
		"mounts without a layer": {`[{"nodeType":"storage"},{"nodeType":"nginx",` +
			`"volumeMounts":{"/m":{"sourceNodeGroup":"storage"}}},{"nodeType":"memcached",` +
			`"volumeMounts":{"/n":{"sourceNodeGroup":"storage"}}}]`,
			calls{{file + "getmountpoints", "envName", "shop-1"}},
			object{"array.#": 2.0, "array.0.path": "/m", "array.1.path": "/n", "array.0.name": ""}},
		"mounts of a node": {`[{"nodeType":"storage"},{"nodeType":"nginx",` +
			`"volumeMounts":{"/m":{"sourceNodeGroup":"storage"}}},{"nodeType":"memcached",` +
			`"volumeMounts":{"/n":{"sourceNodeGroup":"storage"}}}]`,
			calls{{file + "getmountpoints", "envName", "shop-1", "nodeId", "50003"}},
			object{"array.#": 1.0, "array.0.path": "/n"}},

		"PATH of every image": {docker, calls{env("cp")}, object{"object.PATH": imagePath}},
		"PATH and other variables": {`[{"nodeType":"docker","image":"a/b","env":{"A":"1"}}]`, calls{env("docker")},
			object{"object.PATH": imagePath, "object.A": "1"}},
		"PATH that is set": {`[{"nodeType":"docker","image":"a/b","env":{"PATH":"/opt/bin"}}]`, calls{env("docker")},
			object{"object.PATH": "/opt/bin"}},
		"PATH after an addition": {docker,
			calls{{control + "addcontainerenvvars", "envName", "shop-1", "nodeGroup", "cp", "vars", `{"A":"1"}`}, env("cp")},
			object{"object.PATH": imagePath, "object.A": "1"}},
		"PATH after a replacement": {docker,
			calls{{control + "setcontainerenvvarsbygroup", "envName", "shop-1", "nodeGroup", "cp", "data", `{"A":"1"}`},
				env("cp")},
			object{"object.PATH": nil, "object.A": "1"}},
		"PATH after replacement and change": {docker, calls{{control + "setcontainerenvvarsbygroup", "envName", "shop-1",
			"nodeGroup", "cp", "data",
			`{}`},
			{control + "changetopology", "envName", "shop-1", "env", `{}`, "nodes", docker}, env("cp")},
			object{"object.PATH": nil, "object.STACK_NAME": "docker"}},
		"PATH of a new node": {docker,
			calls{{control + "changetopology", "envName", "shop-1", "env", `{}`, "nodes",
				strings.Replace(docker, `"nodeType"`, `"count":2,"nodeType"`, 1)},
				{control + "getcontainerenvvars", "envName", "shop-1", "nodeId", "50002"}}, object{"object.PATH": imagePath}},
		"declared by the image": {`[{"nodeType":"docker","image":"a/b","cmd":["serve","--all of it"],` +
			`"entrypoint":["/bin/tini","--"],"dockerManifest":{"env":["PATH=/go/bin","LANG=C.UTF-8"],"workdir":"/srv"},` +
			`"env":{"A":"1"}}]`,
			calls{info}, object{"nodes.0.customitem.dockerManifest.cmd.1": "--all of it",
				"nodes.0.customitem.dockerManifest.entrypoint.0": "/bin/tini", "nodes.0.customitem.dockerManifest.env.#": 2.0,
				"nodes.0.customitem.dockerManifest.env.1": "PATH=/go/bin", "nodes.0.customitem.dockerManifest.workdir": "/srv"}},
		"variables that the image " +
			"declares": {`[{"nodeType":"docker","docker":{"image":"a/b","dockerManifest":{"env":{"LANG":"C.UTF-8",` +
			`"A":"image"}},"env":{"A":"1"}}}]`, calls{env("docker")},
			object{"object.PATH": imagePath, "object.LANG": "C.UTF-8", "object.A": "1"}},
		"a text as entry point": {`[{"nodeType":"docker","image":"a/b","entrypoint":"/start.sh"}]`, calls{info},
			object{"nodes.0.customitem.dockerManifest.entrypoint.0": "/start.sh"}},

		"nodes that are no master": {`[{"nodeType":"nginx","count":2}]`, calls{info},
			object{"nodes.0.ismaster": true, "nodes.1.ismaster": false}},
		"values of a recorded answer": {docker, calls{info}, object{
			"nodes.0.isExternalIpRequired": false, "nodes.0.fixedCloudlets": 0.0, "nodes.0.maxchanks": 8.0,
			"nodes.0.type": "NATIVE", "nodes.0.canBeExported": false, "nodes.0.isResetPassword": false,
			"nodes.0.customitem.dockerVolumes.#": 0.0, "nodes.0.customitem.dockerVolumesFrom.#": 0.0,
			"nodes.0.customitem.dockerManifest.env.0":        "PATH=" + imagePath,
			"nodes.0.customitem.dockerManifest.entrypoint.#": 0.0, "nodes.0.adminUrl": "https://node50001-shop-1.north.vap.test",
			"nodes.0.url":               "http://node50001-shop-1.north.vap.test",
			"nodeGroups.0.templateType": "NATIVE", "nodeGroups.0.isSequentialDeploy": false,
			"nodeGroups.0.restartNodeDelay": 0.0, "nodeGroups.0.restartContainerDelay": 0.0, "env.isBroken": false}},
		"the limit of cloudlets as the upper bound": {`[{"nodeType":"nginx","flexibleCloudlets":17}]`, calls{info},
			object{"nodes.0.maxchanks": 17.0, "nodes.0.flexibleCloudlets": 17.0}},
		"false values are present": {`[{"nodeType":"storage"},{"nodeType":"nginx"}]`, calls{
			{file + "addmountpointbygroup", "envName", "shop-1", "nodeGroup", "bl", "path", "/m", "sourceNodeId", "50001"},
			info},
			object{"mountpoints.0.readOnly": false, "env.isBroken": false, "env.isTransferring": false,
				"nodes.0.isClusterSupport": false}},
		"regions that are not the default": {"", calls{{control + "getregions"}},
			object{"array.1.isDefault": false, "array.0.hardNodeGroups.1.isDefault": false}},
		"no custom domains": {docker, calls{{binder + "getextdomains"}}, object{"extDomains.#": 0.0}},
		"quotas":            {"", calls{{"billing.account.getquotas"}}, object{"array.0.quota.isBusiness": false}},

		"access through the balancer": {`[{"nodeType":"nginx"}]`,
			calls{{nodegroup + "setslbaccessenabled", "envName", "shop-1", "nodeGroup", "bl", "enabled", "false"}, info},
			object{"nodeGroups.0.isSLBAccessEnabled": false}},
		"access through the balancer again": {`[{"nodeType":"nginx","isSLBAccessEnabled":"false"}]`,
			calls{{nodegroup + "setslbaccessenabled", "envName", "shop-1", "nodeGroup", "bl", "enabled", "true"}, info},
			object{"nodeGroups.0.isSLBAccessEnabled": true}},
		"access through the balancer, older API": {`[{"nodeType":"nginx"}]`,
			calls{{control + "setslbaccessenabled", "envName", "shop-1", "nodeGroup", "bl", "enabled", "False"}, info},
			object{"nodeGroups.0.isSLBAccessEnabled": false}},
		"settings as texts": {`[{"nodeType":"nginx"}]`,
			calls{{nodegroup + "applydata", "envName", "shop-1", "nodeGroup", "bl", "data",
				`{"displayName":"Front","isSLBAccessEnabled":"false","restartNodeDelay":"9"}`},
				{nodegroup + "get", "envName", "shop-1", "nodeGroup", "bl"}},
			object{"nodeGroup.displayName": "Front", "nodeGroup.isSLBAccessEnabled": false, "nodeGroup.restartNodeDelay": 9.0,
				"object": nil}},
		"layers": {`[{"nodeType":"nginx"},{"nodeType":"memcached"}]`,
			calls{{control + "getnodegroups", "envName", "shop-1"}},
			object{"object.#": 2.0, "object.0.name": "bl", "object.1.name": "cache"}},
		"a name for every node": {`[{"nodeType":"nginx","count":2}]`,
			calls{{control + "setnodedisplayname", "envName", "shop-1", "displayName", "N"}, info},
			object{"nodes.0.displayName": "N", "nodes.1.displayName": "N"}},
		"a name for a node": {`[{"nodeType":"nginx","count":2}]`,
			calls{{control + "setnodedisplayname", "envName", "shop-1", "displayName", "N", "nodeId", "50002"}, info},
			object{"nodes.0.displayName": nil, "nodes.1.displayName": "N"}},
		"a name removed": {`[{"nodeType":"nginx","displayName":"N"}]`,
			calls{{control + "setnodedisplayname", "envName", "shop-1"}, info},
			object{"nodes.0.displayName": nil, "nodeGroups.0.displayName": "N"}},
		"a name from the beginning": {`[{"nodeType":"nginx","displayName":"Front"}]`, calls{info},
			object{"nodes.0.displayName": "Front", "nodeGroups.0.displayName": "Front"}},
		"a lazy read": {docker, calls{append(info, "lazy", "true")},
			object{"env.status": 1.0, "env.hardwareNodeGroup": "north-economy", "right": "OWNER", "nodes": nil,
				"nodeGroups": nil, "nodesData": nil}},
		"a read that is not lazy": {docker, calls{append(info, "lazy", "false")},
			object{"nodes.#": 1.0, "nodeGroups.#": 1.0}},
		"a lazy list": {docker, calls{{control + "getenvs", "lazy", "true"}},
			object{"infos.0.env.envName": "shop-1", "infos.0.nodes": nil}},
		"a basic list": {docker, calls{{control + "getbasicenvsinfo"}},
			object{"infos.0.nodes.0.id": 50001.0, "infos.0.nodes.0.customitem.dockerName": "acme/app",
				"infos.0.nodes.0.customitem.dockerManifest": nil, "infos.0.nodes.0.endpoints": nil,
				"infos.0.nodes.0.packages": nil}},
		"volumes": {`[{"nodeType":"storage"},{"nodeType":"docker","image":"a/b","nodeGroup":"cp","volumes":["/b","/a"],` +
			`"volumeMounts":{"/m":{"sourceNodeGroup":"storage"}}}]`,
			calls{{control + "getcontainervolumesbygroup", "envName", "shop-1", "nodeGroup", "cp"}},
			object{"object.#": 3.0, "object.0": "/a", "object.1": "/b", "object.2": "/m"}},
		"volumes of a node": {`[{"nodeType":"docker","image":"a/b","volumes":["/a"]}]`,
			calls{{control + "getcontainervolumesbyid", "envName", "shop-1", "nodeId", "50001"}}, object{"object.0": "/a"}},
		"volumes added and removed": {`[{"nodeType":"docker","image":"a/b","volumes":["/a"]}]`,
			calls{{control + "addcontainervolumes", "envName", "shop-1", "nodeGroup", "docker", "volumes", `["/b","/c"]`},
				{control + "addcontainervolumebygroup", "envName", "shop-1", "nodeGroup", "docker", "path", "/d"},
				{control + "removecontainervolumes", "envName", "shop-1", "nodeGroup", "docker", "volumes", `["/a","/c"]`},
				{control + "getcontainervolumes", "envName", "shop-1"}},
			object{"object.#": 2.0, "object.0": "/b", "object.1": "/d"}},
		"cloudlets of a layer": {`[{"nodeType":"nginx","count":2}]`,
			calls{{control + "setcloudletscountbygroup", "envName", "shop-1", "nodeGroup", "bl", "count", "10",
				"flexibleCloudlets", "10", "fixedCloudlets", "2"}, info},
			object{"nodes.0.flexibleCloudlets": 10.0, "nodes.1.fixedCloudlets": 2.0, "nodes.1.maxchanks": 10.0}},
		"cloudlets without a count": {`[{"nodeType":"nginx","fixedCloudlets":3}]`,
			calls{{control + "setcloudletscountbygroup", "envName", "shop-1", "nodeGroup", "bl", "flexibleCloudlets", "10"},
				info}, object{"nodes.0.flexibleCloudlets": 10.0, "nodes.0.fixedCloudlets": 3.0}},
		"endpoints": {`[{"nodeType":"nginx"}]`,
			calls{{control + "addendpoint", "envName", "shop-1", "nodeId", "50001", "privatePort", "22"},
				{control + "getendpoints", "envName", "shop-1"}},
			object{"array.0.privatePort": 22.0, "array.0.domain": "node50001-shop-1.north.vap.test"}},
		"session check": {"", calls{{"users.authentication.checksign"}},
			object{"accessType": "FULL_ACCESS", "email": "owner@vap.test", "status": "ENABLED", "uid": 1001.0}},
		"the version of the engine": {"", calls{{"marketplace.jps.getengineversion"}}, object{"version": EngineVersion}},
		"statistics of the last hour": {docker, calls{{control + "getsumstat", "envName", "shop-1", "duration", "3600"}},
			object{"stats.#": 1.0, "stats.0.duration": 3600.0, "status": 1.0}},
		"statistics in intervals": {docker,
			calls{{control + "getstats", "envName", "shop-1", "duration", "3600", "interval", "1000", "endtime",
				"2030-01-01 00:00:00"}}, object{"stats.#": 4.0, "stats.0.duration": 1000.0, "stats.3.duration": 600.0}},

		"a group by its alias": {"",
			calls{{groups + "creategroup", "groupName", "shop", "data", `{"color":"#ff0000","visibility":2,"isIsolated":true}`},
				{groups + "getgroups"}}, object{"array.0.id": 1.0, "array.0.name": "shop", "array.0.color": "#ff0000",
				"array.0.visibility": 2.0, "array.0.isIsolated": true}},
		"a group as answered": {"", calls{{groups + "creategroup", "envGroup", "shop"}},
			object{"array.0.name": "shop", "array.0.visibility": 0.0, "array.0.isIsolated": false, "array.0.id": 1.0}},
		"a group named in data": {"", calls{{groups + "creategroup", "data", `{"name":"shop","visibility":"HIDE"}`}},
			object{"array.0.name": "shop", "array.0.visibility": 1.0}},
		"an edited group": {"",
			calls{{groups + "creategroup", "envGroup", "a"}, {groups + "creategroup", "envGroup", "shop"},
				{groups + "editgroup", "groupName", "shop", "data", `{"visibility":"1","color":"#00ff00","id":77}`}},
			object{"array.#": 2.0, "array.0.name": "shop", "array.0.id": 2.0, "array.0.visibility": 1.0,
				"array.0.color": "#00ff00"}},
		"a renamed group": {`[{"nodeType":"nginx"}]`,
			calls{{groups + "attachenv", "envGroup", "shop", "envName", "shop-1"},
				{groups + "editgroup", "srcGroupName", "shop", "dstGroupName", "store"}, info},
			object{"envGroups.0": "store", "envGroups.#": 1.0}},
		"a removed group": {"",
			calls{{groups + "creategroup", "groupName", "shop"}, {groups + "removegroup", "groupName", "shop"},
				{groups + "getgroups"}}, object{"array.#": 0.0}},
		"an isolated group": {"",
			calls{{groups + "creategroup", "groupName", "shop"},
				{groups + "setisolationenabled", "envGroup", "shop", "enabled", "1"}, {groups + "getgroups"}},
			object{"array.0.isIsolated": true}},
		"attached by envName": {`[{"nodeType":"nginx"}]`,
			calls{{groups + "attachenv", "groupName", "shop", "envName", "shop-1"}, info}, object{"envGroups.0": "shop"}},
		"detached by envName": {`[{"nodeType":"nginx"}]`,
			calls{{groups + "attachenv", "envGroup", `["a","b"]`, "envName", "shop-1"},
				{groups + "detachenv", "envGroup", "a", "envName", "shop-1"}, info},
			object{"envGroups.0": "b", "envGroups.#": 1.0}},
		"set, answered by groups": {`[{"nodeType":"nginx"}]`,
			calls{{groups + "setenv", "envGroup", "shop", "envName", "shop-1"}}, object{"array.#": 1.0, "array.0.name": "shop"}},
		"groups of an environment": {`[{"nodeType":"nginx"}]`,
			calls{{groups + "creategroup", "envGroup", "other"}, {groups + "attachenv", "envGroup", "shop", "envName", "shop-1"},
				{groups + "getgroups", "envName", "shop-1"}},
			object{"array.#": 1.0, "array.0.name": "shop"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, c := open(t, Options{})
			if row.nodes != "" {
				c.createWith("shop-1", "", row.nodes)
			}
			var answer object
			for _, call := range row.calls {
				answer = c.ok(call[0], call[1:]...)
			}
			for path, want := range row.wanted {
				if got := at(answer, path); got != want {
					t.Errorf("%s is %v, want %v", path, got, want)
				}
				if want == nil && has(answer, path) {
					t.Errorf("%s is present as null", path)
				}
			}
			if t.Failed() {
				t.Log(marshal(answer))
			}
		})
	}
}

// Each row is a refused call, with the code and a word of the message.
func TestRefusedClientRequests(t *testing.T) {
	t.Parallel()
	_, c := open(t, Options{})
	c.createWith("shop-1", "", `[{"nodeType":"nginx","count":2},{"nodeType":"docker","image":"a/b","volumes":["/a"]}]`)
	for name, row := range map[string]struct {
		call []string
		code int
		says string
	}{
		"a text that is no number": {[]string{control + "createenvironment", "env", `{}`, "nodes",
			`[{"nodeType":"nginx","extip":"some"}]`}, 3, "[some]"},
		"fractional node ID": {[]string{control + "createenvironment", "env", `{}`, "nodes",
			`[{"nodeType":"nginx","count":1.5}]`}, 3, "[1.5]"},
		"a negative count": {[]string{control + "createenvironment", "env", `{}`, "nodes",
			`[{"nodeType":"nginx","extipv4":-1}]`}, 3, "negative"},
		"an object as a variable": {[]string{control + "addcontainerenvvars", "envName", "shop-1", "nodeGroup", "bl",
			"vars", `{"A":{}}`}, 3, "[vars]"},
		"a list of variables": {[]string{control + "addcontainerenvvars", "envName", "shop-1", "nodeGroup", "bl",
			"vars", `["A"]`}, 3, "[vars]"},
		"neither true nor false": {[]string{control + "getenvinfo", "envName", "shop-1", "lazy", "yes"}, 3, "[lazy]"},
		"a group without a name": {[]string{groups + "creategroup", "data", `{"color":"#ff0000"}`}, 3, "[envGroup]"},
		"unknown visibility": {[]string{groups + "creategroup", "envGroup", "x", "data", `{"visibility":3}`}, 3,
			"[3]"},
		"group without an environment": {[]string{groups + "attachenv", "envGroup", "x"}, 3, "[envName]"},
		"environment without a group":  {[]string{groups + "attachenv", "envName", "shop-1"}, 3, "[envGroup]"},
		"an edited group without any":  {[]string{groups + "editgroup"}, 3, "[srcGroupName]"},
		"a volume twice": {[]string{control + "addcontainervolumes", "envName", "shop-1", "nodeGroup", "docker",
			"volumes", `["/a"]`}, 3, "/a"},
		"a volume that is not there": {[]string{control + "removecontainervolumebygroup", "envName", "shop-1", "nodeGroup",
			"docker", "path", "/z"}, 5, "/z"},
		"a relative volume": {[]string{control + "addcontainervolumebygroup", "envName", "shop-1", "nodeGroup",
			"docker", "path", "z"}, 3, "absolute"},
		"volumes of any layer": {[]string{control + "getcontainervolumes", "envName", "shop-1"}, 3, "[nodeGroup]"},
		"mounts, unknown layer": {[]string{
			file + "getmountpoints", "envName", "shop-1", "nodeGroup", "nope"}, 3, "[nope]"},
		"statistics of zero duration": {[]string{control + "getsumstat", "envName", "shop-1", "duration", "0"}, 3, "[0]"},
		"statistics of yesterday": {[]string{control + "getsumstat", "envName", "shop-1", "duration", "1", "endtime",
			"yesterday"}, 3, "[yesterday]"},
		"too few cloudlets": {[]string{control + "setcloudletscountbygroup", "envName", "shop-1", "nodeGroup", "bl",
			"flexibleCloudlets", "1", "fixedCloudlets", "2"}, 3, "fixed"},
		"invalid session": {[]string{"users.authentication.checksign", "session", "other"}, 702, "not authenticated"},
		"a marketplace":   {[]string{"marketplace.jps.install"}, 1, "marketplace.jps.install] is out of the scope"},
		"files":           {[]string{file + "read", "envName", "shop-1", "path", "/x"}, 1, "out of the scope"},
		"commands":        {[]string{control + "execcmdbyid", "envName", "shop-1", "nodeid", "50001"}, 1, "out of the scope"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer := c.code(row.code, row.call[0], row.call[1:]...)
			if !strings.Contains(words(answer), row.says) {
				t.Errorf("%q does not contain %q", words(answer), row.says)
			}
			if row.code == 702 && has(answer, "accessType") {
				t.Error("an invalid session has an access type")
			}
		})
	}
}

// An unknown method gets the HTTP status of an unknown path, and the platform's JSON for clients that read only that.
func TestUnknownMethodsAnswerJSON(t *testing.T) {
	t.Parallel()
	_, c := open(t, Options{})
	for path, want := range map[string]string{
		"/1.0/environment/control/rest/nosuchmethod": "environment/control/rest/nosuchmethod",
		"/1.0/no/such/rest/service":                  "no/such/rest/service",
		"/1.0/environment/control/rest/":             "environment/control/rest", "/1.0/": "1.0",
		"/1.0/Environment/Nodegroup/rest/NoSuch":                                "nosuch",
		"/1.0/users/authentication/rest/signin?login=owner@vap.test&password=x": "signin", "/1.0/a/b/c/d/e/f": "a/b/c/d/e/f",
	} {
		for _, verb := range []string{http.MethodGet, http.MethodPost, http.MethodPut} {
			if verb == http.MethodPost && strings.Contains(path, "signin") {
				continue
			}
			request, err := http.NewRequestWithContext(t.Context(), verb, c.base+path, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			response, err := c.http.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			status, kind := response.StatusCode, response.Header.Get("Content-Type")
			response.StatusCode = http.StatusOK
			answer, err := decoded(response)
			if err != nil || status != http.StatusNotFound || !strings.HasPrefix(kind, "application/json") ||
				effective(answer) != 5 || !strings.Contains(words(answer), want) {
				t.Errorf("%s %s: %d %s %v %v", verb, path, status, kind, answer, err)
			}
		}
	}
}

func TestSwappingAddresses(t *testing.T) {
	t.Parallel()
	const swapIPs = binder + "swapextips"
	p, c := open(t, Options{})
	p.seed(t, "shop-1", "shop-2", "shop-3")
	cp := func(name string, i int) object { return nodes(c.info(name), "cp")[i] }
	ip := func(name string, i int) any { return at(cp(name, i), "extIPs.0") }
	a, b, other := nodeID(cp("shop-1", 0)), nodeID(cp("shop-1", 1)), nodeID(cp("shop-2", 0))
	first, second, third := ip("shop-1", 0), ip("shop-1", 1), ip("shop-2", 0)

	answer := c.ok(swapIPs, "envName", "shop-1", "sourceNodeId", a, "targetNodeId", b)
	if ip("shop-1", 0) != second || ip("shop-1", 1) != first || at(answer, "nodes.0.extIPs.0") != second ||
		at(answer, "nodes.1.id") != cp("shop-1", 1)["id"] {
		t.Errorf("inside an environment: %v", answer)
	}
	c.ok(swapIPs, "envName", "shop-1", "sourceNodeId", a, "targetNodeId", other, "sourceIp", second.(string), "targetIp",
		third.(string))
	if ip("shop-1", 0) != third || ip("shop-2", 0) != second || cp("shop-2", 0)["address"] != second {
		t.Errorf("between environments: %v and %v", ip("shop-1", 0), ip("shop-2", 0))
	}
	c.ok(swapIPs, "envName", "shop-1", "sourceNodeId", a, "targetNodeId", other, "sourceIp", third.(string))
	if cp("shop-1", 0)["extIPs"] != nil || at(cp("shop-2", 0), "extIPs.#") != 2.0 ||
		at(cp("shop-2", 0), "extIPs.1") != third {
		t.Errorf("moved: %v and %v", cp("shop-1", 0)["extIPs"], cp("shop-2", 0)["extIPs"])
	}
	c.ok(control+"swapextips", "envname", "shop-2", "sourcenodeid", other, "destnodeid", a, "sourceip", third.(string))
	if ip("shop-1", 0) != third || at(cp("shop-2", 0), "extIPs.#") != 1.0 {
		t.Errorf("moved back in the older way: %v and %v", cp("shop-1", 0)["extIPs"], cp("shop-2", 0)["extIPs"])
	}
	// A swapped address belongs to its new node. Nobody else gets it, and it is released with that node.
	c.createWith("shop-4", "", `[{"nodeType":"nginx","count":16,"extipv4":1}]`)
	for i := range 16 {
		if got := at(nodes(c.info("shop-4"), "bl")[i], "extIPs.0"); got == first || got == second || got == third {
			t.Errorf("%v was assigned twice", got)
		}
	}

	if err := p.MoveOutside("shop-2", "south-standard"); err != nil {
		t.Fatal(err)
	}
	if err := p.SetStatus("shop-3", 2); err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct {
		target string
		more   []string
		code   int
	}{
		"another region": {other, nil, 3}, "itself": {a, nil, 3}, "nobody": {"1", nil, 3},
		"a stopped one":            {nodeID(cp("shop-3", 0)), nil, 2212},
		"not its address":          {b, []string{"sourceIp", "192.0.2.250"}, 3},
		"not the target's address": {b, []string{"targetIp", "192.0.2.250"}, 3},
	} {
		if answer := c.code(row.code, swapIPs,
			append([]string{"envName", "shop-1", "sourceNodeId", a, "targetNodeId", row.target}, row.more...)...); words(
			answer) == "" {
			t.Errorf("%s: no message", name)
		}
	}
}
