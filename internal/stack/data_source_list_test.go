package stack_test

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

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
)

func configured(t *testing.T, p *acctest.Platform) *acctest.Server {
	t.Helper()
	server := acctest.NewServer(t)
	if diags := server.Configure(p.Provider()); acctest.HasErrors(diags) {
		t.Fatal(acctest.Text(diags))
	}
	return server
}

func TestStacks(t *testing.T) {
	t.Parallel()
	server := configured(t, acctest.NewPlatform(t))
	for _, row := range []struct {
		config map[string]any
		want   string
	}{
		{map[string]any{"layer": "sqldb"}, "mariadb-dockerized mysql mysql8 postgres16 postgresql"},
		{map[string]any{"layer": "cache"}, "memcached redis"},
		{map[string]any{"name_pattern": "nginx*"}, "nginx nginxphp"},
		{map[string]any{"name_pattern": "PostgreSQL"}, "postgres16 postgresql"},
		{map[string]any{"name_pattern": "*sql*", "layer": "sqldb"}, "mysql mysql8 postgresql"},
		{map[string]any{"layer": "worker"}, ""},
		{map[string]any{"name_pattern": "no*such"}, ""},
	} {
		state, diags := server.Read("vap_stacks", row.config)
		if len(diags) > 0 {
			t.Fatal(acctest.Text(diags))
		}
		var got []string
		for _, s := range state["stacks"].([]any) {
			got = append(got, s.(map[string]any)["node_type"].(string))
		}
		if strings.Join(got, " ") != row.want {
			t.Errorf("%v: got %q, want %q", row.config, got, row.want)
		}
	}
}

func TestStackAttributes(t *testing.T) {
	t.Parallel()
	server := configured(t, acctest.NewPlatform(t))
	for pattern, want := range map[string]map[string]any{
		"redis": {
			"node_type": "redis", "name": "Redis", "kind": "NATIVE", "layers": []any{"nosqldb", "cache"},
			"tags":        []any{"7.4.5", "7.2.10"},
			"default_tag": "7.4.5", "min_cloudlets": 2.0, "virtualization": "CT", "os": "LINUX",
		},
		"windows*": {
			"node_type": "windows2022", "name": "Windows Server 2022", "kind": "NATIVE", "layers": []any{"vps"},
			"tags":        []any{"2022"},
			"default_tag": "2022", "min_cloudlets": 16.0, "virtualization": "VM", "os": "WINDOWS",
		},
		"docker": {
			"node_type": "docker", "name": "Custom container", "kind": "DOCKERIZED", "layers": []any{"docker"}, "tags": []any{},
			"default_tag": nil, "min_cloudlets": 1.0, "virtualization": "CT", "os": "LINUX",
		},
	} {
		state, diags := server.Read("vap_stacks", map[string]any{"name_pattern": pattern})
		if len(diags) > 0 {
			t.Fatal(acctest.Text(diags))
		}
		if got := state["stacks"].([]any); len(got) != 1 || !reflect.DeepEqual(got[0], want) {
			t.Errorf("got %v\nwant %v", got, want)
		}
	}
}

func TestReadErrors(t *testing.T) {
	t.Parallel()
	p := acctest.NewPlatform(t)
	fault := faults.Fault{Kind: faults.Refuse, Method: "gettemplates", Code: 8202, Words: "permission not granted",
		Times: -1}
	if err := p.Inject(fault); err != nil {
		t.Fatal(err)
	}
	_, diags := configured(t, p).Read("vap_stacks", map[string]any{})
	acctest.ExpectOne(t, diags, tfprotov6.DiagnosticSeverityError, "")
	_, diags = acctest.NewServer(t).Read("vap_stacks", map[string]any{})
	acctest.ExpectOne(t, diags, tfprotov6.DiagnosticSeverityError, "")
}

func TestInvalidPattern(t *testing.T) {
	t.Parallel()
	acctest.ExpectOne(t, acctest.NewServer(t).ValidateDataSource("vap_stacks", map[string]any{"name_pattern": "nginx["}),
		tfprotov6.DiagnosticSeverityError, "name_pattern")
}

func TestAccStacks(t *testing.T) {
	t.Parallel()
	platform := acctest.NewPlatform(t)
	config := func(filters string) string {
		return platform.Config(fmt.Sprintf(`
data "vap_stacks" "this" {
  %s
}

output "tags" { value = { for s in data.vap_stacks.this.stacks : s.node_type => s.tags } }
`, filters))
	}
	example, err := os.ReadFile("../../examples/data-sources/vap_stacks/data-source.tf")
	if err != nil {
		t.Fatal(err)
	}
	resource.Test(t, resource.TestCase{
		PreCheck:                 func() { acctest.PreCheck(t) },
		ProtoV6ProviderFactories: acctest.ProviderFactories,
		Steps: []resource.TestStep{
			{Config: config(`name_pattern = "nginx["`),
				ExpectError: acctest.ErrorAt("data.vap_stacks.this", "name_pattern")},
			{
				Config: config("name_pattern = \"p*\"\n layer = \"sqldb\""),
				ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownOutputValue("tags",
					knownvalue.ObjectExact(map[string]knownvalue.Check{
						"postgres16": knownvalue.ListExact([]knownvalue.Check{knownvalue.StringExact("16.10")}),
						"postgresql": knownvalue.ListExact([]knownvalue.Check{knownvalue.StringExact("17.6"),
							knownvalue.StringExact("16.10")}),
					}))},
			},
			{
				Config: platform.Config(string(example)),
				ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownOutputValue("php",
					knownvalue.StringExact("1.28.0-php-8.4.11"))},
			},
		},
	})
}
