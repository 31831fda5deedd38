package contract

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
)

// expressions are ways to write a value that is unknown during validation.
func expressions(name, value string) map[string]string {
	return map[string]string{
		"variable":    "var." + name,
		"conditional": fmt.Sprintf("var.flag ? %s : %s", value, value),
		"for":         fmt.Sprintf(`{ for k in ["only"] : k => var.%s }["only"]`, name),
		"module":      "module.values." + name,
		"local":       "local." + name,
		"known":       value,
	}
}

// values are objects in collections, from all levels of the provider's schemas.
var values = map[string]string{
	"layer":    `{ node_type = "nginxphp", count = 1 }`,
	"volume":   `{ source_node_group = "storage", source_path = "/data", protocol = "nfs" }`,
	"registry": `{ url = "registry.example.com", username = "deploy" }`,
	"policy":   `{ allow_downtime = true, permit_for = ["south-standard"] }`,
	"window":   `{ start = "00:00", duration = "168h" }`,
	"verify":   `{ path = "/" }`,
	"timeouts": `{ update = "20m" }`,
	"text":     `"north-economy"`,
	"price":    `{ currency = "EUR", reserved_cloudlet = [{ price = 0.1 }] }`,
	"tier":     `{ from = 1, price = 0.1 }`,
	"pair":     `{ between = ["north-economy", "south-standard"], possible = true }`,
}

// A valid configuration stays valid if parts of it are unknown during validation: each object in a collection, and
// each collection, as a variable, a conditional, an element of a for expression, an output of a module and a local
// value.
func TestAccValidateAcceptsUnknowns(t *testing.T) {
	t.Parallel()
	tf := acctest.NewTerraformInProcess(t)
	for name, program := range tf.Programs() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := acctest.NewPlatform(t)
			f := folder{program.Another(t), p, t}
			if err := os.Mkdir(filepath.Join(f.Folder, "values"), 0o700); err != nil {
				t.Fatal(err)
			}
			f.Write("values/main.tf", moduleOfValues())
			f.Run("get")
			for _, kind := range []string{"variable", "conditional", "for", "module", "local", "known"} {
				f.Write("main.tf", configurationOf(p, kind))
				f.Run("get")
				f.Run("validate")
				f.Run("plan", "-input=false", "-refresh=false")
			}
		})
	}
}

// moduleOfValues returns a module with the values as outputs that depend on a variable, so that they are unknown
// during validation.
func moduleOfValues() string {
	var b strings.Builder
	b.WriteString("variable \"flag\" { type = bool }\n")
	for name, value := range values {
		fmt.Fprintf(&b, "output %q { value = var.flag ? %s : %s }\n", name, value, value)
	}
	return b.String()
}

// configurationOf uses every value, written in one way, in every place where it is allowed.
func configurationOf(p *acctest.Platform, kind string) string {
	say := func(name string) string { return expressions(name, values[name])[kind] }
	var b strings.Builder
	b.WriteString("variable \"flag\" {\n  type    = bool\n  default = true\n}\nmodule \"values\" {\n  source = " +
		"\"./values\"\n  flag   = var.flag\n}\nlocals {\n")
	for name := range values {
		fmt.Fprintf(&b, "  %s = var.%s\n", name, name)
	}
	b.WriteString("}\n")
	for name, value := range values {
		fmt.Fprintf(&b, "variable %q {\n  type    = any\n  default = %s\n}\n", name, value)
	}
	fmt.Fprintf(&b, `
resource "vap_environment" "all" {
  name   = "shop-prod"
  region = "north-economy"
  groups = ["shop", %[1]s]
  node_groups = {
    cp      = %[2]s
    storage = { node_type = "storage" }
    own = {
      node_type = "docker"
      image     = "library/busybox"
      env       = { REGION = %[1]s }
      links     = ["storage:files"]
      registry  = %[3]s
      volumes   = { "/files" = %[4]s, "/local" = {} }
    }
  }
  migration_policy = {
    allow_downtime  = true
    permit_for      = [%[1]s]
    allowed_regions = [%[1]s]
    window          = %[5]s
    verify          = %[6]s
  }
  timeouts = %[7]s
}
resource "vap_environment" "policy" {
  name             = "other-prod"
  region           = %[1]s
  node_groups      = { for name, layer in { cp = %[2]s } : name => layer }
  migration_policy = %[8]s
}
data "vap_migration_check" "this" {
  count       = 0
  environment = "shop-prod"
  to_region   = %[1]s
  policy      = %[8]s
}
`, say("text"), say("layer"), say("registry"), say("volume"), say("window"), say("verify"), say("timeouts"),
		say("policy"))
	return p.Config(b.String(),
		fmt.Sprintf(`prices = {
    "north-economy"  = %s
    "south-standard" = { currency = "EUR", reserved_cloudlet = [%s], disk_gb = [{ price = 0 }, %[2]s] }
  }`, say("price"), say("tier")),
		fmt.Sprintf("live_migration = [%s]", say("pair")))
}

// A node group that is unknown until the apply can be planned. The apply refuses mistakes in it before anything
// stops, and makes valid changes.
func TestAccUnknownNodeGroup(t *testing.T) {
	t.Parallel()
	tf := acctest.NewTerraformInProcess(t)
	p := acctest.NewPlatform(t)
	f := folder{tf, p, t}
	write := func(region, layer string) {
		f.write(fmt.Sprintf(`
resource "terraform_data" "layer" { input = %s }
resource "vap_environment" "shop" {
  name             = "shop-prod"
  region           = %q
  node_groups      = { cp = { node_type = "nginxphp" }, cache = terraform_data.layer.output }
  %s
}
`, layer, region, permitted))
	}
	write(economy, `{ node_type = "memcached" }`)
	f.apply()
	refused := func(layer string, at ...string) {
		t.Helper()
		write("south-standard", layer)
		f.Run("plan", "-input=false", "-out=saved")
		f.Fails([]string{"apply", "-input=false", "saved"}, at...)
		f.expectMigrations("shop-prod")
		if stops := p.Requests(t, "stopenv"); len(stops) > 0 {
			t.Fatalf("%s: the environment was stopped", layer)
		}
	}
	const shop = "vap_environment.shop"
	refused(`{ node_type = "memcachd" }`, shop, "warning: "+shop) // it would replace the node group
	for _, layer := range []string{
		`{ node_type = "memcached", tag = "1.6.40" }`,
		`{ node_type = "memcached", links = ["cpp:web"] }`,
		`{ node_type = "memcached", env = { MODE = null } }`,
		`{ node_type = "memcached", count = 1.5 }`,
		`{ node_type = "memcached", image = "library/memcached" }`,
		`{ node_type = "memcached", disk_gb = 20, count = -1 }`,
		`{ node_type = "memcached", volumes = { "data" = {} } }`,
		`{ node_type = "memcached", volumes = { "/data" = null } }`,
		`{ node_type = "memcached", scaling_mode = "statefull" }`,
		`{ node_type = "memcached", links = ["cp:web", null] }`,
	} {
		refused(layer, shop)
	}
	write("south-standard", `{ node_type = "memcached", count = 2, links = ["cp:web"] }`)
	f.Run("plan", "-input=false", "-out=saved")
	f.Run("apply", "-input=false", "saved")
	f.expectMigrations("shop-prod", "south-standard offline")
	f.code(0)
}
