package environmentdata_test

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// newServer is a provider that is configured for the platform.
func newServer(t *testing.T, p *acctest.Platform) *acctest.Server {
	t.Helper()
	s := acctest.NewServer(t)
	if d := s.Configure(p.Provider()); acctest.HasErrors(d) {
		t.Fatal(acctest.Text(d))
	}
	return s
}

// readData reads a data source and expects no diagnostics.
func readData(t *testing.T, p *acctest.Platform, dataSource string, config map[string]any) map[string]any {
	t.Helper()
	state, d := newServer(t, p).Read(dataSource, config)
	if len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	return state
}

func TestDataSourceAttributes(t *testing.T) {
	t.Parallel()
	p := acctest.NewPlatform(t)
	on := true
	env := createOnPlatform(t, p, "shop-prod", economy, func(s *platform.EnvironmentSpec) {
		s.DisplayName, s.Groups, s.BuiltInSSL = "Shop", []string{"shop/prod", "eu"}, &on
		s.NodeGroups = []platform.NodeGroupSpec{
			{Name: "cp", NodeType: "nginxphp", Count: 2, ReservedCloudlets: 2, DynamicCloudlets: 6, DiskGB: 15,
				ScalingMode: "STATEFUL", DisplayName: "Web"},
			{Name: "worker", NodeType: "docker", Image: "library/busybox", Tag: "1.36", PublicIPv4Count: 1},
		}
	})
	state := readData(t, p, "vap_environment", map[string]any{"name": "shop-prod"})
	expectValues(t, state, map[string]any{
		"name": "shop-prod", "id": "shop-prod", "app_id": env.AppID, "display_name": "Shop", "status": "running",
		"region": economy, "datacenter": "north", "domain": "shop-prod.north.vap.test",
		"url":          "https://shop-prod.north.vap.test",
		"built_in_ssl": true, "owner_uid": float64(env.OwnerUID),
		"created_at":               env.CreatedAt.UTC().Format("2006-01-02T15:04:05Z"),
		"node_groups.cp.node_type": "nginxphp", "node_groups.cp.count": 2.0, "node_groups.cp.reserved_cloudlets": 2.0,
		"node_groups.cp.dynamic_cloudlets": 6.0, "node_groups.cp.disk_gb": 15.0, "node_groups.cp.image": nil,
		"node_groups.cp.scaling_mode": "stateful", "node_groups.cp.display_name": "Web",
		"node_groups.worker.image": "library/busybox", "node_groups.worker.tag": "1.36",
		"node_groups.worker.public_ipv4_count": 1.0, "node_groups.worker.public_ipv6_count": 0.0,
	})
	if got := state["groups"]; !reflect.DeepEqual(got, []any{"eu", "shop/prod"}) {
		t.Errorf("groups %v", got)
	}
	if got := state["custom_domains"]; !reflect.DeepEqual(got, []any{}) {
		t.Errorf("custom_domains %v", got)
	}
	nodes := state["nodes"].([]any)
	if len(nodes) != 3 {
		t.Fatalf("%d nodes", len(nodes))
	}
	for i, n := range env.Nodes {
		expectValues(t, nodes[i].(map[string]any), map[string]any{
			"id": float64(n.ID), "node_group": n.NodeGroup, "node_type": n.NodeType, "internal_ip": n.InternalIP,
			"master": n.Master, "status": "running",
		})
	}
	if got := nodes[2].(map[string]any)["public_ipv4"]; !reflect.DeepEqual(got, []any{env.Nodes[2].PublicIPv4[0]}) {
		t.Errorf("public_ipv4 %v, want %v", got, env.Nodes[2].PublicIPv4)
	}

	if err := p.Client.StopEnvironment(t.Context(), "shop-prod"); err != nil {
		t.Fatal(err)
	}
	state = readData(t, p, "vap_environment", map[string]any{"name": "shop-prod"})
	if status := state["nodes"].([]any)[0].(map[string]any)["status"]; state["status"] != "stopped" ||
		status != "stopped" {
		t.Errorf("the environment is %v and a node %v, both are stopped", state["status"], status)
	}
}

// TestDataSourceRelations checks domains, endpoints and mounts.
func TestDataSourceRelations(t *testing.T) {
	t.Parallel()
	p := acctest.NewPlatform(t)
	files := createOnPlatform(t, p, "files-prod", economy, func(s *platform.EnvironmentSpec) {
		s.NodeGroups = []platform.NodeGroupSpec{{Name: "storage", NodeType: "storage"}}
	})
	shop := createOnPlatform(t, p, "shop-prod", economy, func(s *platform.EnvironmentSpec) {
		s.NodeGroups = []platform.NodeGroupSpec{
			{Name: "sqldb", NodeType: "mysql8"},
			{Name: "worker", NodeType: "docker", Image: "library/busybox", Links: []string{"sqldb:db"},
				Volumes: []string{"/var/lib/data"},
				Mounts: []platform.Mount{{Path: "/mnt/files", Protocol: "NFS", ReadOnly: true, SourceNodeID: files.Nodes[0].ID,
					SourcePath: "/data"}}},
		}
	})
	if err := p.Client.BindDomain(t.Context(), "shop-prod", "www.example.com"); err != nil {
		t.Fatal(err)
	}
	if err := p.OpenEndpoint("shop-prod", "sqldb", "MySQL", 3306); err != nil {
		t.Fatal(err)
	}
	state := readData(t, p, "vap_environment", map[string]any{"name": "shop-prod"})
	if got := state["custom_domains"]; !reflect.DeepEqual(got, []any{"www.example.com"}) {
		t.Errorf("custom_domains %v", got)
	}
	endpoints := state["endpoints"].([]any)
	if len(endpoints) != 1 {
		t.Fatalf("endpoints %v", endpoints)
	}
	expectValues(t, endpoints[0].(map[string]any), map[string]any{
		"node_id": float64(shop.Nodes[0].ID), "name": "MySQL", "private_port": 3306.0, "public_port": 11001.0,
		"protocol": "TCP",
		"domain":   fmt.Sprintf("node%d-shop-prod.north.vap.test", shop.Nodes[0].ID),
	})
	worker := get(t, state, "node_groups", "worker").(map[string]any)
	if got := worker["links"]; !reflect.DeepEqual(got, []any{"sqldb:db"}) {
		t.Errorf("links %v", got)
	}
	volumes := worker["volumes"].(map[string]any)
	if len(volumes) != 2 {
		t.Errorf("volumes %v", volumes)
	}
	expectValues(t, volumes, map[string]any{
		"/var/lib/data.protocol": nil, "/mnt/files.protocol": "nfs", "/mnt/files.source_node_id": float64(files.Nodes[0].ID),
		"/mnt/files.source_path": "/data", "/mnt/files.read_only": true,
	})

	check := readData(t, p, "vap_migration_check",
		map[string]any{"environment": "files-prod", "to_region": performance, "policy": permitted["migration_policy"]})
	want := []any{map[string]any{"kind": "mount", "environment": "shop-prod", "node_group": "worker",
		"name": "/mnt/files"}}
	if got := check["dependents"]; !reflect.DeepEqual(got, want) {
		t.Errorf("dependents %v, want %v", got, want)
	}
	if text := detail(t, check, "warnings"); check["reason"] != "shared_storage" || !strings.Contains(text, "shop-prod") {
		t.Errorf("reason %v: %s", check["reason"], text)
	}
}

// TestDataSourceCalls counts the calls about environments.
func TestDataSourceCalls(t *testing.T) {
	t.Parallel()
	p := acctest.NewPlatform(t)
	for i := range 3 {
		createOnPlatform(t, p, fmt.Sprintf("shop-%d", i), economy, nil)
	}
	before := len(p.Requests(t, "getenvinfo"))
	readData(t, p, "vap_environments", map[string]any{"region": economy})
	if info, list := len(p.Requests(t, "getenvinfo"))-before, len(p.Requests(t, "getenvs")); info != 0 || list != 1 {
		t.Errorf("listing made %d calls of getenvinfo and %d of getenvs, want 0 and 1", info, list)
	}
	readData(t, p, "vap_environment", map[string]any{"name": "shop-1"})
	if info, list := len(p.Requests(t, "getenvinfo"))-before, len(p.Requests(t, "getenvs")); info != 1 || list != 1 {
		t.Errorf("reading one made %d calls of getenvinfo and %d of getenvs, want 1 and none", info, list-1)
	}
}

func TestDataSourceOfMissingEnvironment(t *testing.T) {
	t.Parallel()
	p := acctest.NewPlatform(t)
	createOnPlatform(t, p, "shop-prod", economy, func(s *platform.EnvironmentSpec) { s.DisplayName = "The Web Shop" })
	for _, name := range []string{"shop-prd", "the web shop", "unlike-any"} {
		_, d := newServer(t, p).Read("vap_environment", map[string]any{"name": name})
		expectOne(t, d, isError, "name")
	}
}

func TestDataSourceReadErrors(t *testing.T) {
	t.Parallel()
	configs := map[string]map[string]any{
		"vap_environment":     {"name": "shop-prod"},
		"vap_environments":    {},
		"vap_migration_check": {"environment": "shop-prod", "to_region": performance},
	}
	for name, row := range map[string]struct {
		dataSource string
		fault      faults.Fault
		at         string
	}{
		"environment":            {"vap_environment", refusal("getenvinfo", 8202, "no permission"), ""},
		"its regions":            {"vap_environment", refusal("getregions", 8202, "no permission"), ""},
		"environments":           {"vap_environments", refusal("getenvs", 702, "session not exist"), ""},
		"regions of a list":      {"vap_environments", refusal("getregions", 8202, "no permission"), ""},
		"environment of a check": {"vap_migration_check", refusal("getenvinfo", 8202, "no permission"), ""},
		"check not permitted": {"vap_migration_check", refusal("checkmigrationpossibility", 8202, "no permission"),
			"environment"},
		"check without a response": {"vap_migration_check",
			faults.Fault{Kind: faults.HTML, Method: "checkmigrationpossibility"},
			"environment"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := acctest.NewPlatform(t)
			createOnPlatform(t, p, "shop-prod", economy, nil)
			row.fault.Times = -1
			if err := p.Inject(row.fault); err != nil {
				t.Fatal(err)
			}
			_, d := newServer(t, p).Read(row.dataSource, configs[row.dataSource])
			expectOne(t, d, isError, row.at)
		})
	}
	for dataSource, config := range configs {
		t.Run("provider not configured, "+dataSource, func(t *testing.T) {
			_, d := acctest.NewServer(t).Read(dataSource, config)
			expectOne(t, d, isError, "")
		})
	}
}

func TestDataSourceValidation(t *testing.T) {
	t.Parallel()
	s := acctest.NewServer(t)
	for _, row := range []struct {
		dataSource string
		config     map[string]any
		at         string
	}{
		{"vap_environment", map[string]any{"name": ""}, "name"},
		{"vap_environments", map[string]any{"status": "up"}, "status"},
		{"vap_environments", map[string]any{"name_pattern": "shop-["}, "name_pattern"},
		{"vap_environments", map[string]any{"group": "shop/"}, "group"},
		{"vap_environments", map[string]any{"region": ""}, "region"},
		{"vap_migration_check", map[string]any{"environment": "shop-prod", "to_region": ""}, "to_region"},
		{"vap_migration_check", map[string]any{"environment": "shop-prod", "to_region": south,
			"policy": map[string]any{"mode": "fast"}}, "policy.mode"},
	} {
		resp, err := s.ValidateDataResourceConfig(t.Context(), &tfprotov6.ValidateDataResourceConfigRequest{
			TypeName: row.dataSource, Config: s.Encode(s.Schema.DataSourceSchemas[row.dataSource], row.config),
		})
		if err != nil {
			t.Fatal(err)
		}
		expectOne(t, resp.Diagnostics, isError, row.at)
	}
}

// TestAccDataSource reads an environment of the same configuration, before and after a move outside Terraform.
func TestAccDataSource(t *testing.T) {
	t.Parallel()
	p := acctest.NewPlatform(t)
	config := func(region string) string {
		return p.Config(fmt.Sprintf(`
resource "vap_environment" "shop" {
  name         = "shop-prod"
  region       = %q
  display_name = "Shop"
  node_groups  = { cp = { node_type = "nginxphp", count = 2 } }
}

data "vap_environment" "shop" { name = vap_environment.shop.id }

data "vap_environments" "all" {
  name_pattern = "shop-*"
  depends_on   = [vap_environment.shop]
}
`, region))
	}
	const one, all = "data.vap_environment.shop", "data.vap_environments.all"
	value := statecheck.ExpectKnownValue
	checks := func(region, domain string) []statecheck.StateCheck {
		return []statecheck.StateCheck{
			value(one, tfjsonpath.New("region"), knownvalue.StringExact(region)),
			value(one, tfjsonpath.New("domain"), knownvalue.StringExact(domain)),
			value(one, tfjsonpath.New("status"), knownvalue.StringExact("running")),
			value(one, tfjsonpath.New("node_groups").AtMapKey("cp").AtMapKey("count"), knownvalue.Int64Exact(2)),
			value(one, tfjsonpath.New("nodes"), knownvalue.ListSizeExact(2)),
			value(all, tfjsonpath.New("environments").AtSliceIndex(0).AtMapKey("region"), knownvalue.StringExact(region)),
		}
	}
	resource.Test(t, resource.TestCase{
		PreCheck:                 func() { acctest.PreCheck(t) },
		ProtoV6ProviderFactories: acctest.ProviderFactories,
		Steps: []resource.TestStep{
			{Config: p.Config("data \"vap_environment\" \"shop\" {\n  name = \"shop-prod\"\n}\n"),
				ExpectError: acctest.ErrorAt(one, "name")},
			{Config: config(economy), ConfigStateChecks: checks(economy, "shop-prod.north.vap.test")},
			{
				PreConfig: func() {
					if err := p.MoveOutside("shop-prod", south); err != nil {
						t.Error(err)
					}
				},
				Config:            config(south),
				ConfigStateChecks: checks(south, "shop-prod.south.vap.test"),
			},
		},
	})
}

// TestAccExamplesOfDataSources applies the examples in the documentation to matching environments. It leaves out
// vap_migration_check, because plugin-testing cannot read a state with for_each.
func TestAccExamplesOfDataSources(t *testing.T) {
	t.Parallel()
	p := acctest.NewPlatform(t)
	createOnPlatform(t, p, "shop-prod", economy, func(s *platform.EnvironmentSpec) {
		s.Groups, s.NodeGroups[0].PublicIPv4Count = []string{"shop/prod"}, 1
	})
	createOnPlatform(t, p, "shop-test", performance, func(s *platform.EnvironmentSpec) { s.Groups = []string{"shop"} })
	step := func(dataSource, output string, want knownvalue.Check) resource.TestStep {
		example, err := os.ReadFile("../../examples/data-sources/" + dataSource + "/data-source.tf")
		if err != nil {
			t.Fatal(err)
		}
		return resource.TestStep{
			Config:            p.Config(string(example)),
			ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownOutputValue(output, want)},
		}
	}
	resource.Test(t, resource.TestCase{
		PreCheck:                 func() { acctest.PreCheck(t) },
		ProtoV6ProviderFactories: acctest.ProviderFactories,
		Steps: []resource.TestStep{
			step("vap_environment", "public_ipv4", knownvalue.ListSizeExact(1)),
			step("vap_environments", "could_be_cheaper",
				knownvalue.ListExact([]knownvalue.Check{knownvalue.StringExact("shop-test")})),
		},
	})
}
