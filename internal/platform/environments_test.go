package platform

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"
)

const shopAnswer = `{"result":0,"right":"OWNER","envGroups":["shop/prod","eu"],
 "env":{"appid":"0123456789abcdef0123456789abcdef","envName":"shop-prod","shortdomain":"shop-prod",
 "domain":"shop-prod.north.paas.example.com",
  "displayName":"Shop","status":1,"hardwareNodeGroup":"north_std","hostGroup":{"uniqueName":"north_std",
  "displayName":"North Standard"},
  "uid":4711,"creatorUid":4712,"createdOn":"2025-03-01 09:30:00","sslstate":true,"ishaenabled":false,
  "isTransferring":false,
  "isFirewallEnabled":true,"contexts":[],"extdomains":["www.example.test","shop.example.test"],"engine":{"id":1,
  "vcsSupport":{"x":[1]}}},
 "nodeGroups":[{"name":"cp","scalingMode":"STATELESS","vType":"CT","features":["FIREWALL"]},{"name":"bl",
 "displayName":"Balancer"}],
 "nodes":[
  {"id":30,"name":"nginx","nodeType":"nginx","nodeGroup":"bl","version":"1.28","status":2,"intIP":"10.1.2.5"},
  {"id":12,"nodeType":"docker","nodeGroup":"cp","customitem":{"dockerName":"acme/app","dockerTag":"7",
  "dockerManifest":{"a":1}},"status":1,"intIP":"10.1.2.4","diskLimit":51200},
  {"id":11,"name":"Apache","displayName":"Web","nodeType":"apache2","nodeGroup":"cp","nodemission":"cp",
  "version":"2.4-php-8.3","status":1,"ismaster":true,
   "address":"198.51.100.9","intIP":"10.1.2.3","extIPs":["198.51.100.9","198.51.100.8","198.51.100.7"],
   "extipsv6":["2001:db8::1"],
   "url":"http://node11-shop","adminUrl":"https://node11-shop:4848","fixedCloudlets":2,"flexibleCloudlets":8,
   "diskLimit":50000,"osType":"LINUX","vType":"CT","password":"hunter2"},
  {"id":40,"nodeGroup":"later"}],
 "mountpoints":[{"nodeGroup":"cp","path":"/data","protocol":"NFS","readOnly":true,"sourceNodeId":99,
 "sourceNodeGroup":"storage","sourcePath":"/export","sourceHost":"10.9.9.9"}]}`

var shop = Environment{
	Name: "shop-prod", AppID: "0123456789abcdef0123456789abcdef", DisplayName: "Shop",
	Domain: "shop-prod.north.paas.example.com",
	Status: StatusRunning, Region: "north_std", Right: "OWNER", OwnerUID: 4711, CreatorUID: 4712,
	CreatedAt: time.Date(2025, 3, 1, 9, 30, 0, 0, time.UTC), Groups: []string{"eu", "shop/prod"}, BuiltInSSL: true,
	CustomDomains: []string{"shop.example.test", "www.example.test"},
	NodeGroups: []NodeGroup{{Name: "cp", ScalingMode: "STATELESS", Virtualization: "CT"},
		{Name: "bl", DisplayName: "Balancer"}},
	Nodes: []Node{
		{ID: 11, NodeGroup: "cp", NodeType: "apache2", Name: "Apache", DisplayName: "Web", Tag: "2.4-php-8.3",
			Status: StatusRunning, Master: true,
			InternalIP: "10.1.2.3", PublicIPv4: []string{"198.51.100.9", "198.51.100.7", "198.51.100.8"},
			PublicIPv6: []string{"2001:db8::1"},
			URL:        "http://node11-shop", AdminURL: "https://node11-shop:4848", ReservedCloudlets: 2, DynamicCloudlets: 8,
			DiskGB: 50, Virtualization: "CT", OS: "LINUX"},
		{ID: 12, NodeGroup: "cp", NodeType: "docker", Tag: "7", Image: "acme/app", Status: StatusRunning,
			InternalIP: "10.1.2.4", DiskGB: 50},
		{ID: 30, NodeGroup: "bl", NodeType: "nginx", Name: "nginx", Tag: "1.28", Status: StatusStopped,
			InternalIP: "10.1.2.5"},
		{ID: 40, NodeGroup: "later", Status: StatusRunning},
	},
	Mounts: []Mount{{NodeGroup: "cp", Path: "/data", Protocol: "NFS", ReadOnly: true, SourceNodeID: 99,
		SourceNodeGroup: "storage", SourcePath: "/export", SourceHost: "10.9.9.9"}},
}

func TestEnvironment(t *testing.T) {
	t.Parallel()
	got, err := inProcess(t, http.StatusOK, shopAnswer).Environment(t.Context(), "shop-prod")
	if err != nil || !reflect.DeepEqual(got, shop) {
		t.Errorf("%v\n got %+v\nwant %+v", err, got, shop)
	}
}

// The API reference and real answers use different types for some fields. Both must give the same result.
func TestEnvironmentWithOtherTypes(t *testing.T) {
	t.Parallel()
	other := strings.NewReplacer(
		`"domain":"shop-prod.north.paas.example.com"`, `"domain":{"domain":"shop-prod.north.paas.example.com"}`,
		`"hardwareNodeGroup":"north_std"`, `"hardwareNodeGroup":{"uniqueName":"north_std","id":3}`,
		`["www.example.test","shop.example.test"]`, `[{"domain":"www.example.test"},{"domain":"shop.example.test"}]`,
		`["198.51.100.9","198.51.100.8","198.51.100.7"]`,
		`[{"ipAddress":"198.51.100.9","domain":"x"},{"ipAddress":"198.51.100.8"},{"ipAddress":"198.51.100.7"}]`,
		`["shop/prod","eu"]`, `[{"name":"shop/prod","color":"#fff"},{"name":"eu"}]`,
		`{"dockerName":"acme/app","dockerTag":"7","dockerManifest":{"a":1}}`,
		`"{\"dockerName\":\"acme/app\",\"dockerTag\":\"7\"}"`,
		`"status":1`, `"status":"1"`, `"id":11`, `"id":"11"`, `"uid":4711`, `"uid":4711.0`, `"fixedCloudlets":2`,
		`"fixedCloudlets":"2"`,
		`"sslstate":true`, `"sslState":"true"`, `"ismaster":true`, `"isMaster":1`, `"readOnly":true`, `"readOnly":"true"`,
		`"contexts":[]`, `"contexts":7`, `"features":["FIREWALL"]`, `"features":"x"`, `"envName":"shop-prod",`, ``,
		`"createdOn":"2025-03-01 09:30:00"`, `"createdOn":1740821400000`, `"ishaenabled":false`, `"ishaenabled":null`,
	).Replace(shopAnswer)
	got, err := inProcess(t, http.StatusOK, other).Environment(t.Context(), "shop-prod")
	if err != nil || !reflect.DeepEqual(got, shop) {
		t.Errorf("%v\n got %+v\nwant %+v", err, got, shop)
	}
}

func TestWrongTypesAffectOnlyTheirField(t *testing.T) {
	t.Parallel()
	got, err := inProcess(t, http.StatusOK, `{"result":0,"right":["?"],"envGroups":7,"nodeGroups":"x","nodes":{"a":1},
		"env":{"envName":"shop","status":"?","uid":{},"hardwareNodeGroup":["x"],"hostGroup":{"uniqueName":"north"},
		"sslstate":[],"createdOn":"yesterday"}}`).
		Environment(t.Context(), "shop")
	if err != nil || got.Name != "shop" || got.Region != "north" || got.Status != StatusAbsent || !got.CreatedAt.IsZero() {
		t.Errorf("%+v, %v", got, err)
	}
	_, err = inProcess(t, http.StatusOK, `{"result":0,"env":{}}`).Environment(t.Context(), "shop")
	wantError(t, err, ClassMalformed, "names no environment")
}

func TestEnvironmentInOldShape(t *testing.T) {
	t.Parallel()
	got, err := inProcess(t, http.StatusOK, `{"response":`+shopAnswer+`}`).Environment(t.Context(), "shop-prod")
	if err != nil || !reflect.DeepEqual(got, shop) {
		t.Errorf("%v\n got %+v", err, got)
	}
}

// A mount that cannot be read must not look like no mount, because mounts forbid some changes.
func TestMountsInUnknownShapes(t *testing.T) {
	t.Parallel()
	for shape, want := range map[string][]Mount{
		`null`:                            nil,
		`[]`:                              nil,
		`[7]`:                             {{}},
		`"yes"`:                           {{}},
		`{"cp":[{"path":"/a"}]}`:          {{NodeGroup: "cp", Path: "/a"}},
		`{"/a":{"protocol":"NFS"}}`:       {{Path: "/a", Protocol: "NFS"}},
		`{"path":"/a","sourcePath":"/b"}`: {{Path: "/a", SourcePath: "/b"}},
	} {
		got, err := inProcess(t, http.StatusOK, `{"result":0,"env":{"envName":"shop"},"mountpoints":`+shape+`}`).
			Environment(t.Context(), "shop")
		if err != nil || !reflect.DeepEqual(got.Mounts, want) {
			t.Errorf("%s: %+v, %v", shape, got.Mounts, err)
		}
	}
}

func TestEnvironments(t *testing.T) {
	t.Parallel()
	got, err := inProcess(t, http.StatusOK,
		`{"result":0,"infos":[`+shopAnswer+`,{"env":{}},null,{"env":{"envName":"other"}}]}`).Environments(t.Context())
	if err != nil || len(got) != 2 || !reflect.DeepEqual(got[0], shop) || got[1].Name != "other" {
		t.Errorf("%v\n got %+v", err, got)
	}
	got, err = inProcess(t, http.StatusOK, `{"result":0}`).Environments(t.Context())
	if err != nil || len(got) != 0 {
		t.Errorf("an account without environments: %+v, %v", got, err)
	}
	_, err = inProcess(t, http.StatusOK, `{"result":0,"infos":{"a":1}}`).Environments(t.Context())
	wantError(t, err, ClassMalformed, "list")
}

func TestDiskSizes(t *testing.T) {
	t.Parallel()
	for mb, gb := range map[number]int{0: 0, 50000: 50, 100000: 100, 51200: 50, 10240: 10, 128000: 128, 1024: 1,
		49999: 50} {
		if got := diskGB(mb); got != gb {
			t.Errorf("%d MB are %d GB, want %d", mb, got, gb)
		}
	}
}

func TestCreateEnvironment(t *testing.T) {
	t.Parallel()
	platform := &recorder{answer: func(path string) string {
		if strings.HasSuffix(path, "/createenvironment") {
			return `{"result":0,"response":{"result":0,"name":"shop-prod","nodes":[{"password":"hunter2"}]}}`
		}
		return shopAnswer
	}}
	ssl := false
	spec := EnvironmentSpec{Name: "shop-prod", Region: "north_std", DisplayName: "Shop", BuiltInSSL: &ssl,
		Groups: []string{"shop/prod"},
		NodeGroups: []NodeGroupSpec{
			{Name: "cp", NodeType: "docker", Image: "acme/app", Tag: "7", Count: 2, ReservedCloudlets: 1, DynamicCloudlets: 4,
				DiskGB:          20,
				PublicIPv4Count: 1, PublicIPv6Count: 2, Env: map[string]string{"A": "b"}, Links: []string{"sqldb:db"},
				Volumes:     []string{"/v"},
				DisplayName: "App", ScalingMode: "STATELESS",
				Mounts: []Mount{{NodeGroup: "ignored", Path: "/data", Protocol: "NFS", SourceNodeGroup: "storage",
					SourcePath: "/export"}}},
			{Name: "sqldb", NodeType: "mysql8"},
		}}
	got, err := testClient(t, Config{Transport: platform}).CreateEnvironment(t.Context(), spec)
	if err != nil || !reflect.DeepEqual(got, shop) {
		t.Fatalf("%v\n got %+v", err, got)
	}
	form := platform.forms[0]
	for name, want := range map[string]string{
		"env":       `{"shortdomain":"shop-prod","region":"north_std","displayName":"Shop","sslstate":false}`,
		"envGroups": `["shop/prod"]`,
		"nodes": `[{"nodeType":"docker","nodeGroup":"cp","count":2,"fixedCloudlets":1,"flexibleCloudlets":4,"diskLimit":20,
		"displayName":"App","tag":"7","image":"acme/app",
			"docker":{"image":"acme/app:7","env":{"A":"b"},"links":["sqldb:db"]},"extip":true,"extipv4":1,"extipv6":2,
			"env":{"A":"b"},"volumes":["/v"],
			"volumeMounts":{"/data":{"protocol":"NFS","sourceNodeGroup":"storage","sourcePath":"/export"}},"links":["sqldb:db"],
			"scalingMode":"STATELESS"},
			{"nodeType":"mysql8","nodeGroup":"sqldb"}]`,
	} {
		var gotValue, wantValue any
		if err := json.Unmarshal([]byte(want), &wantValue); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(form.Get(name)), &gotValue); err != nil || !reflect.DeepEqual(gotValue, wantValue) {
			t.Errorf("%s: %v\n got %s\nwant %s", name, err, form.Get(name), want)
		}
	}
	if form.Has("envName") || platform.forms[1].Get("envName") != "shop-prod" {
		t.Errorf("the creation names the environment, or the read does not: %v", platform.forms)
	}
}

func TestUnreadableCreate(t *testing.T) {
	t.Parallel()
	platform := &recorder{answer: func(path string) string {
		if strings.HasSuffix(path, "/createenvironment") {
			return `{"result":0,"response":{"result":0}}`
		}
		return `{"result":702}`
	}}
	got, err := testClient(t, Config{Transport: platform}).CreateEnvironment(t.Context(), EnvironmentSpec{Name: "shop"})
	wantError(t, err, ClassAuthentication)
	if got.Name != "shop" {
		t.Errorf("the created environment's name is lost: %+v", got)
	}
	_, err = inProcess(t, http.StatusOK, `{"result":0,"response":{"result":2314,"error":"name is busy"}}`).
		CreateEnvironment(t.Context(), EnvironmentSpec{Name: "shop"})
	wantError(t, err, ClassInvalid, `"shop"`, "name is busy", "another environment name")
}

// Each line is a write: its path and what it sends.
func TestWrites(t *testing.T) {
	t.Parallel()
	platform := &recorder{}
	client := testClient(t, Config{Transport: platform})
	ctx := t.Context()
	for _, err := range []error{
		client.DeleteEnvironment(ctx, "shop"), client.StartEnvironment(ctx, "shop"), client.StopEnvironment(ctx, "shop"),
		client.SetDisplayName(ctx, "shop", "Größe & more"), client.SetGroups(ctx, "shop", nil), client.SetGroups(ctx, "shop",
			[]string{"a", "b"}),
		client.SetNodeGroupDisplayName(ctx, "shop", "cp", "App"), client.SetVariables(ctx, "shop", "cp",
			map[string]string{"A": "b"}),
		client.RemoveVariables(ctx, "shop", "cp", []string{"A", "B"}), client.SetPublicAddressCount(ctx, "shop", "cp", IPv6,
			0),
		client.SetVariables(ctx, "shop", "cp", nil), client.RemoveVariables(ctx, "shop", "cp", nil), // nothing to send
	} {
		if err != nil {
			t.Error(err)
		}
	}
	want := []string{
		`deleteenv`, `startenv`, `stopenv`, `setenvdisplayname displayName=Größe & more`, `setenvgroup envGroup=[]`,
		`setenvgroup envGroup=["a","b"]`,
		`setnodegroupdisplayname displayName=App nodeGroup=cp`, `addcontainerenvvars nodeGroup=cp vars={"A":"b"}`,
		`removecontainerenvvars nodeGroup=cp vars=["A","B"]`,
		`setextipcount nodeGroup=cp type=ipv6 count=0`,
	}
	if len(platform.paths) != len(want) {
		t.Fatalf("%d calls, want %d: %s", len(platform.paths), len(want), platform.paths)
	}
	for i, path := range platform.paths {
		line := path[strings.LastIndex(path, "/")+1:]
		if platform.forms[i].Get("envName") != "shop" || platform.forms[i].Get("session") != testToken {
			t.Errorf("%s lacks the environment or the token", line)
		}
		for _, name := range []string{"displayName", "envGroup", "nodeGroup", "vars", "type", "count"} {
			if platform.forms[i].Has(name) {
				line += " " + name + "=" + platform.forms[i].Get(name)
			}
		}
		if line != want[i] {
			t.Errorf(" got %s\nwant %s", line, want[i])
		}
	}
}

func TestStatuses(t *testing.T) {
	t.Parallel()
	transitional := ""
	for s := Status(-1); s <= 16; s++ {
		if s.Transitional() {
			transitional += s.String() + " "
		}
	}
	if want := "unknown (-1) launching creating cloning exporting migrating updating stopping going_to_sleep restoring " +
		"unknown (16) "; transitional != want {
		t.Errorf(" got %s\nwant %s", transitional, want)
	}
	if got := Status(1001).String(); got != "unknown (1001)" {
		t.Error(got)
	}
}
