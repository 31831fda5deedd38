package platform

import (
	"net/http"
	"reflect"
	"testing"
)

func TestNodeDetails(t *testing.T) {
	t.Parallel()
	e, err := inProcess(t, http.StatusOK, laden).Environment(t.Context(), "shop")
	if err != nil {
		t.Fatal(err)
	}
	n := e.Nodes[2]
	if !reflect.DeepEqual(n.Links, []string{"77:far", "cp:web"}) || !reflect.DeepEqual(n.Volumes, []string{"/v"}) {
		t.Errorf("links %v, volumes %v", n.Links, n.Volumes)
	}
	for body, want := range map[string]Node{
		`{"endpoints":[{"id":9,"name":"MySQL","domain":"node1-shop.test","privatePort":3306,"publicPort":11002,` +
			`"protocol":"TCP"},{"id":3,"privatePort":"22"}]}`: {
			Endpoints: []Endpoint{{ID: 3, PrivatePort: 22},
				{ID: 9, Name: "MySQL", Domain: "node1-shop.test", PrivatePort: 3306, PublicPort: 11002, Protocol: "TCP"}}},
		`{"addons":[{"uniqueName":"u2","name":"Z"},{"appTemplateId":"backup"},"plain",{"odd":1},7]}`: {
			AddOns: []AddOn{{}, {Name: "7"}, {ID: "u2", Name: "Z"}, {ID: "backup", Name: "backup"}, {Name: "plain"}}},
		`{"endpoints":"none","addons":{}}`:                        {},
		`{"customitem":{"dockerLinks":"?","dockerVolumes":"/v"}}`: {Volumes: []string{"/v"}},
	} {
		e, err := inProcess(t, http.StatusOK, `{"result":0,"env":{"envName":"shop","status":1},"nodes":[{"nodeGroup":"cp",`+
			body[1:]+`]}`).Environment(t.Context(), "shop")
		if err != nil || len(e.Nodes) != 1 {
			t.Fatalf("%s: %v, %+v", body, err, e)
		}
		want.NodeGroup, want.Status = "cp", StatusRunning
		if !reflect.DeepEqual(e.Nodes[0], want) {
			t.Errorf("%s:\n got %+v\nwant %+v", body, e.Nodes[0], want)
		}
	}
}

func TestStacks(t *testing.T) {
	t.Parallel()
	got, err := inProcess(t, http.StatusOK, `{"result":0,"array":[
		{"nodeType":"nodejs","nodeTypeAliases":["nodejs22","nodejs20"],"name":"nodejs","displayName":"Node.js",
		"type":"NATIVE","nodeMission":"cp","nodeGroups":["cp","api"],
		 "tags":[{"name":"22.1-pm2"},{"name":"20.9-pm2"}],"defaultTag":"22.1-pm2","minCloudletCount":2,"vType":"CT",
		 "osType":"LINUX"},
		{"nodeType":"plain","tags":["1","2"],"mission":"vps","templateType":"CARTRIDGE","minCloudlets":"16","name":"Plain"},
		{"name":"no type"}, 7, {"nodeType":"bare"}]}`).Stacks(t.Context())
	want := []Stack{
		{NodeType: "nodejs", Aliases: []string{"nodejs20", "nodejs22"}, Name: "Node.js", NodeGroups: []string{"cp", "api"},
			Tags:       []string{"22.1-pm2", "20.9-pm2"},
			DefaultTag: "22.1-pm2", Kind: "NATIVE", MinCloudlets: 2, Virtualization: "CT", OS: "LINUX"},
		{NodeType: "plain", Name: "Plain", NodeGroups: []string{"vps"}, Tags: []string{"1", "2"}, Kind: "CARTRIDGE",
			MinCloudlets: 16},
		{NodeType: "bare"},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v\n got %+v\nwant %+v", err, got, want)
	}
	for body, class := range map[string]Class{`{"result":0,"array":{}}`: ClassMalformed,
		`{"result":8202}`: ClassPermission} {
		_, err := inProcess(t, http.StatusOK, body).Stacks(t.Context())
		wantError(t, err, class)
	}
}

func TestVariables(t *testing.T) {
	t.Parallel()
	platform := &recorder{answer: func(string) string {
		return `{"result":0,"object":{"A":"b","N":7,"EMPTY":"","B":true,"NOTHING":null}}`
	}}
	got, err := testClient(t, Config{Transport: platform}).Variables(t.Context(), "shop", "cp")
	if want := map[string]string{"A": "b", "N": "7", "EMPTY": "", "B": "true", "NOTHING": ""}; err != nil ||
		!reflect.DeepEqual(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	if f := platform.forms[0]; platform.paths[0] != "POST /1.0/environment/control/rest/getcontainerenvvarsbygroup" ||
		f.Get("envName") != "shop" || f.Get("nodeGroup") != "cp" {
		t.Errorf("request %s %v", platform.paths, f)
	}
	for body, class := range map[string]Class{`{"result":2212}`: ClassWrongState,
		`{"result":0,"object":[]}`: ClassMalformed, `{"result":0}`: ClassUnclassified} {
		got, err := inProcess(t, http.StatusOK, body).Variables(t.Context(), "shop", "cp")
		if class == ClassUnclassified {
			if err != nil || len(got) != 0 {
				t.Errorf("without any: %v, %v", got, err)
			}
			continue
		}
		wantError(t, err, class)
	}
}

func TestGroups(t *testing.T) {
	t.Parallel()
	got, err := inProcess(t, http.StatusOK,
		`{"result":0,"array":[{"name":"b/c","isIsolated":true,"color":"x"},{"name":"a"},{}]}`).Groups(t.Context())
	if want := []Group{{Name: "b/c", Isolated: true}, {Name: "a"}}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	_, err = inProcess(t, http.StatusOK, `{"result":0,"array":"none"}`).Groups(t.Context())
	wantError(t, err, ClassMalformed)
}
