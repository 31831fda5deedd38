package platform_test

import (
	"errors"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// whole is an environment with everything that can be configured.
var whole = platform.EnvironmentSpec{
	Name: "whole-1", Region: "north-economy", DisplayName: "Whole", BuiltInSSL: new(bool),
	NodeGroups: []platform.NodeGroupSpec{
		{Name: "bl", NodeType: "nginx", PublicIPv4Count: 1, PublicIPv6Count: 1, DisplayName: "Balancer",
			Links: []string{"cp:app"}},
		{Name: "cp", NodeType: "nginxphp", Count: 2, Tag: "1.26.3-php-8.3.24", ReservedCloudlets: 2, DynamicCloudlets: 12,
			DiskGB: 30, ScalingMode: "STATEFUL",
			Env: map[string]string{"MODE": "prod", "TOKEN": "s3cret"}, Volumes: []string{"/own"},
			Mounts: []platform.Mount{{Path: "/files", SourceNodeGroup: "storage", SourcePath: "/data", ReadOnly: true}}},
		{Name: "sqldb", NodeType: "mysql8", DynamicCloudlets: 16},
		{Name: "storage", NodeType: "storage"},
		{Name: "worker", NodeType: "docker", Image: "private/worker", Tag: "3", Cmd: "work -v",
			RegistryURL: "registry.example.test", RegistryUser: "u", RegistryPassword: "p4ss"},
	},
}

func wholeEnvironment(t *testing.T) (*localplatform.Platform, string, *platform.Client) {
	t.Helper()
	local, directory := open(t)
	client := connect(t, func(c *platform.Config) { c.Endpoint, c.Transport = "http://local", local.Transport() })
	_, err := client.CreateEnvironment(t.Context(), whole)
	must(t, err)
	must(t, client.SetVariables(t.Context(), "whole-1", "worker", map[string]string{"LATER": "1"}))
	must(t, local.InstallAddOn("whole-1", "cp", "backup", "Backup"))
	must(t, local.OpenEndpoint("whole-1", "sqldb", "MySQL", 3306))
	return local, directory, client
}

// differingFields returns the names of the fields in which two environments differ.
func differingFields(x, y platform.Environment) (parts []string) {
	a, b := reflect.ValueOf(x), reflect.ValueOf(y)
	for i := range a.NumField() {
		if name := a.Type().Field(i).Name; name != "Nodes" &&
			!reflect.DeepEqual(a.Field(i).Interface(), b.Field(i).Interface()) {
			parts = append(parts, name)
		}
	}
	if len(x.Nodes) != len(y.Nodes) {
		return append(parts, "number of nodes")
	}
	for k := range x.Nodes {
		a, b := reflect.ValueOf(x.Nodes[k]), reflect.ValueOf(y.Nodes[k])
		for i := range a.NumField() {
			part := x.Nodes[k].NodeGroup + "." + a.Type().Field(i).Name
			if !reflect.DeepEqual(a.Field(i).Interface(), b.Field(i).Interface()) && !slices.Contains(parts, part) {
				parts = append(parts, part)
			}
		}
	}
	return parts
}

// The local platform resets whatever a topology leaves out, so these tests show that a change affects only what it
// names.
func TestTopologyChangesOnlyNamedFields(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*platform.Topology)
		want   []string
	}{
		"nothing": {func(*platform.Topology) {}, nil},
		"cloudlets": {func(x *platform.Topology) {
			x.Put(platform.NodeGroupSpec{Name: "cp", ReservedCloudlets: 3, DynamicCloudlets: 14})
		}, []string{"cp.ReservedCloudlets", "cp.DynamicCloudlets"}},
		"disk": {func(x *platform.Topology) {
			x.Put(platform.NodeGroupSpec{Name: "cp", DiskGB: 31})
		}, []string{"cp.DiskGB"}},
		"tag": {func(x *platform.Topology) { x.Put(platform.NodeGroupSpec{Name: "cp", Tag: "1.28.0-php-8.4.11"}) },
			[]string{"cp.Tag"}},
		"scaling mode": {func(x *platform.Topology) { x.Put(platform.NodeGroupSpec{Name: "cp", ScalingMode: "STATELESS"}) },
			[]string{"NodeGroups"}},
		"display name": {func(x *platform.Topology) { x.Put(platform.NodeGroupSpec{Name: "bl", DisplayName: "Front"}) },
			[]string{"NodeGroups"}},
		"links": {func(x *platform.Topology) { x.Put(platform.NodeGroupSpec{Name: "bl", Links: []string{"sqldb:db"}}) },
			[]string{"bl.Links"}},
		"volumes": {func(x *platform.Topology) { x.Put(platform.NodeGroupSpec{Name: "cp", Volumes: []string{}}) },
			[]string{"cp.Volumes"}},
		"no mounts": {func(x *platform.Topology) { x.Put(platform.NodeGroupSpec{Name: "cp", Mounts: []platform.Mount{}}) },
			[]string{"Mounts"}},
		"SSL": {func(x *platform.Topology) { x.SetBuiltInSSL(true) }, []string{"BuiltInSSL"}},
		"more nodes": {func(x *platform.Topology) {
			x.Put(platform.NodeGroupSpec{Name: "bl", Count: 2})
		}, []string{"number of nodes"}},
		"new layer": {func(x *platform.Topology) { x.Put(platform.NodeGroupSpec{Name: "cache", NodeType: "memcached"}) },
			[]string{"NodeGroups", "number of nodes"}},
		"removed": {func(x *platform.Topology) { x.Remove("sqldb") }, []string{"NodeGroups", "number of nodes"}},
		"redeployed": {func(x *platform.Topology) {
			x.Put(platform.NodeGroupSpec{Name: "worker", Tag: "4", RegistryURL: "r", RegistryUser: "u",
				RegistryPassword: "p4ss"})
		}, []string{"worker.Tag"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, directory, client := wholeEnvironment(t)
			topology, err := client.Topology(t.Context(), "whole-1")
			must(t, err)
			before := topology.Environment()
			variables := map[string]map[string]string{}
			for _, nodeGroup := range []string{"cp", "worker"} {
				variables[nodeGroup], err = client.Variables(t.Context(), "whole-1", nodeGroup)
				must(t, err)
			}
			c.change(topology)
			must(t, client.ChangeTopology(t.Context(), topology))
			after, err := client.Environment(t.Context(), "whole-1")
			must(t, err)
			if got := differingFields(before, after); !slices.Equal(got, c.want) {
				t.Errorf("changed %q, want %q\nbefore %+v\nafter  %+v", got, c.want, before, after)
			}
			for nodeGroup, want := range variables {
				got, err := client.Variables(t.Context(), "whole-1", nodeGroup)
				must(t, err)
				delete(got, "STACK_VERSION") // the tag
				delete(want, "STACK_VERSION")
				if !reflect.DeepEqual(got, want) {
					t.Errorf("variables of %s: %v, want %v", nodeGroup, got, want)
				}
			}
			requests, err := localplatform.ReadRequests(directory)
			must(t, err)
			sent := 0
			for _, r := range requests {
				if strings.HasSuffix(r.Method, "/changetopology") {
					sent++
					if !strings.Contains(r.Parameters["env"], `"region":"north-economy"`) {
						t.Errorf("without the current region: %s", r.Parameters["env"])
					}
				}
			}
			if sent != 1 {
				t.Errorf("changetopology was sent %d times", sent)
			}
		})
	}
}

func TestNodesOfEnvironment(t *testing.T) {
	t.Parallel()
	local, _, client := wholeEnvironment(t)
	e, err := client.Environment(t.Context(), "whole-1")
	must(t, err)
	cp, sqldb, worker := nodeGroup(e, "cp"), nodeGroup(e, "sqldb"), nodeGroup(e, "worker")
	if !reflect.DeepEqual(cp[1].AddOns, []platform.AddOn{{ID: "backup", Name: "Backup"}}) ||
		!reflect.DeepEqual(cp[0].Volumes, []string{"/own"}) {
		t.Errorf("application %+v", cp)
	}
	if len(sqldb[0].Endpoints) != 1 || sqldb[0].Endpoints[0].PrivatePort != 3306 ||
		sqldb[0].Endpoints[0].PublicPort == 0 || !strings.HasSuffix(sqldb[0].Endpoints[0].Domain, e.Domain) {
		t.Errorf("database %+v", sqldb)
	}
	if worker[0].Image != "private/worker" || worker[0].Tag != "3" ||
		!reflect.DeepEqual(nodeGroup(e, "bl")[0].Links, []string{"cp:app"}) {
		t.Errorf("worker %+v, balancer %+v", worker, nodeGroup(e, "bl"))
	}
	storage := nodeGroup(e, "storage")[0]
	if want := []platform.Mount{{NodeGroup: "cp", Path: "/files", Protocol: "NFS", ReadOnly: true,
		SourceNodeID: storage.ID, SourceNodeGroup: "storage", SourcePath: "/data",
		SourceHost: storage.InternalIP}}; !reflect.DeepEqual(e.Mounts, want) {
		t.Errorf("mounts %+v", e.Mounts)
	}
	variables, err := client.Variables(t.Context(), "whole-1", "cp")
	must(t, err)
	if variables["MODE"] != "prod" || variables["TOKEN"] != "s3cret" || variables["STACK_NAME"] != "nginxphp" {
		t.Errorf("variables %v", variables)
	}
	must(t, client.SetVariables(t.Context(), "whole-1", "cp", map[string]string{"MODE": "test", "MORE": ""}))
	must(t, client.RemoveVariables(t.Context(), "whole-1", "cp", []string{"TOKEN", "NEVER"}))
	variables, err = client.Variables(t.Context(), "whole-1", "cp")
	must(t, err)
	if more, there := variables["MORE"]; variables["MODE"] != "test" || variables["TOKEN"] != "" || !there || more != "" ||
		variables["STACK_NAME"] != "nginxphp" {
		t.Errorf("variables %v", variables)
	}
	primary := nodeGroup(e, "bl")[0].PublicIPv4[0]
	for _, count := range []int{3, 1, 0} {
		must(t, client.SetPublicAddressCount(t.Context(), "whole-1", "bl", platform.IPv4, count))
		e, err := client.Environment(t.Context(), "whole-1")
		must(t, err)
		if n := nodeGroup(e, "bl")[0]; len(n.PublicIPv4) != count || count > 0 && n.PublicIPv4[0] != primary ||
			len(n.PublicIPv6) != 1 {
			t.Errorf("%d addresses: %v %v, primary was %s", count, n.PublicIPv4, n.PublicIPv6, primary)
		}
	}
	must(t, client.SetNodeGroupDisplayName(t.Context(), "whole-1", "cp", "App"))
	must(t, local.IsolateGroup(1001, "shop", true))
	groups, err := client.Groups(t.Context())
	must(t, err)
	if !reflect.DeepEqual(groups, []platform.Group{{Name: "shop", Isolated: true}}) {
		t.Errorf("groups %+v", groups)
	}
	e, err = client.Environment(t.Context(), "whole-1")
	must(t, err)
	if e.NodeGroups[1].DisplayName != "App" {
		t.Errorf("layers %+v", e.NodeGroups)
	}
	stacks, err := client.Stacks(t.Context())
	must(t, err)
	i := slices.IndexFunc(stacks, func(s platform.Stack) bool { return s.NodeType == "windows2022" })
	if i < 0 {
		t.Fatalf("stacks %+v", stacks)
	}
	want := stacks[i]
	want.Name, want.Virtualization, want.OS, want.MinCloudlets = "Windows Server 2022", "VM", "WINDOWS", 16
	want.DefaultTag, want.NodeGroups = "2022", []string{"vps"}
	if diff := cmp.Diff(want, stacks[i]); diff != "" {
		t.Errorf("stack (-want +got):\n%s", diff)
	}
}

// Secrets that were sent must not appear in the error of a refused call.
func TestRefusedTopologies(t *testing.T) {
	t.Parallel()
	local, _, client := wholeEnvironment(t)
	for name, c := range map[string]struct {
		spec  platform.NodeGroupSpec
		code  int
		class platform.Class
	}{
		"smaller disk":      {platform.NodeGroupSpec{Name: "cp", DiskGB: 5}, 3, platform.ClassInvalid},
		"too few cloudlets": {platform.NodeGroupSpec{Name: "sqldb", DynamicCloudlets: 3}, 3, platform.ClassInvalid},
		"too many":          {platform.NodeGroupSpec{Name: "sqldb", DynamicCloudlets: 129}, 2361, platform.ClassNotAllowed},
		"too many nodes":    {platform.NodeGroupSpec{Name: "cp", Count: 17}, 2366, platform.ClassNotAllowed},
		"unknown stack":     {platform.NodeGroupSpec{Name: "new", NodeType: "cobol"}, 2372, platform.ClassNotAllowed},
		"no credentials":    {platform.NodeGroupSpec{Name: "worker", Tag: "4"}, 4072, platform.ClassUnclassified},
		"wrong credentials": {platform.NodeGroupSpec{Name: "worker", Tag: "4", RegistryUser: "u",
			RegistryPassword: localplatform.WrongRegistryPassword}, 4072, platform.ClassUnclassified},
	} {
		topology, err := client.Topology(t.Context(), "whole-1")
		must(t, err)
		topology.Put(c.spec)
		err = client.ChangeTopology(t.Context(), topology)
		var e *platform.Error
		if !errors.As(err, &e) || e.Code != c.code || e.Class != c.class || e.Words == "" {
			t.Errorf("%s: %v, want code %d of class %s", name, err, c.code, c.class)
		}
		if err != nil && strings.Contains(err.Error(), localplatform.WrongRegistryPassword) {
			t.Errorf("%s: the password is in %v", name, err)
		}
	}
	must(t, local.ExhaustAddresses("north", "ipv4"))
	err := client.SetPublicAddressCount(t.Context(), "whole-1", "cp", platform.IPv4, 1)
	if !platform.IsNotAllowed(err) || !strings.Contains(err.Error(), "ENV_NO_FREE_EXT_IPV4") {
		t.Errorf("no free address: %v", err)
	}
	must(t, local.SetStatus("whole-1", 2))
	if _, err := client.Variables(t.Context(), "whole-1", "cp"); !platform.IsWrongState(err) {
		t.Errorf("variables of a stopped environment: %v", err)
	}
	if err := client.SetVariables(t.Context(), "whole-1", "cp",
		map[string]string{"A": "s3cret"}); !platform.IsWrongState(err) || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("variables of a stopped environment: %v", err)
	}
}

// Mounts and links between two environments can be read from either environment's answer.
func TestMountsAndLinksAcrossEnvironments(t *testing.T) {
	t.Parallel()
	local, _, client := wholeEnvironment(t)
	_, err := client.CreateEnvironment(t.Context(),
		platform.EnvironmentSpec{Name: "other-1", Region: "north-economy",
			NodeGroups: []platform.NodeGroupSpec{{Name: "cp", NodeType: "nginxphp"}}})
	must(t, err)
	must(t, local.Mount("other-1", "cp", "/shared", "whole-1", "storage", "/data"))
	must(t, local.Link("other-1", "cp", "db", "whole-1", "sqldb"))
	source, err := client.Environment(t.Context(), "whole-1")
	must(t, err)
	storage, sqldb := nodeGroup(source, "storage")[0], nodeGroup(source, "sqldb")[0]
	for range 2 { // before and after an unrelated change
		e, err := client.Environment(t.Context(), "other-1")
		must(t, err)
		if len(e.Mounts) != 1 || e.Mounts[0].SourceNodeID != storage.ID || e.Mounts[0].SourceHost != storage.InternalIP ||
			e.Mounts[0].SourcePath != "/data" {
			t.Errorf("mounts %+v", e.Mounts)
		}
		if links := nodeGroup(e, "cp")[0].Links; len(links) != 1 || !strings.HasSuffix(links[0], ":db") ||
			!strings.HasPrefix(links[0], strconv.FormatInt(sqldb.ID, 10)) {
			t.Errorf("links %v", links)
		}
		topology, err := client.Topology(t.Context(), "other-1")
		must(t, err)
		topology.Put(platform.NodeGroupSpec{Name: "cp", DiskGB: 20})
		must(t, client.ChangeTopology(t.Context(), topology))
	}
}
