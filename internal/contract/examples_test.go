package contract

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// The READMEs of these examples describe how to apply them, step by step.
func TestAccExamples(t *testing.T) {
	t.Parallel()
	tf := acctest.NewTerraformInProcess(t)
	for name, test := range map[string]func(folder){"promotion": promotion, "blue-green": blueGreen} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := acctest.NewPlatform(t)
			test(folder{tf.Example(t, name, p), p, t})
		})
	}
}

// Three environments move up and down the stages.
func promotion(f folder) {
	t := f.t
	to := func(stage string, more ...string) []string {
		return append([]string{"-var-file=stages/" + stage + ".tfvars"}, more...)
	}
	const permissions = "-var-file=production-permissions.tfvars"
	apply := func(stage string, more ...string) {
		t.Helper()
		f.apply(to(stage, more...)...)
		f.code(0, to(stage, more...)...)
	}
	refused := func(arguments []string, at ...string) {
		t.Helper()
		f.Fails(append([]string{"plan", "-input=false"}, arguments...), at...)
	}
	all := []string{"shop-web", "shop-api", "shop-database"}
	seen := map[string]int{}
	const condition = "vap_environment.this" // as Terraform names the block in the module
	// stopping returns the addresses whose conditions fail for modules whose environments would stop.
	stopping := func(modules ...string) (at []string) {
		for _, name := range modules {
			at = append(at, condition, "warning: module."+name+".vap_environment.this.region")
		}
		return at
	}
	// moved expects one more migration of each environment, with these modes.
	moved := func(region string, modes ...string) {
		t.Helper()
		for i, environment := range all {
			got := migrations(t, f.Platform)[environment][seen[environment]:]
			if want := []string{region + " " + modes[i]}; !slices.Equal(got, want) {
				t.Errorf("migrations requested: %q of %s, want %q", got, environment, want)
			}
			seen[environment]++
			f.region(fmt.Sprintf("module.%s.vap_environment.this", strings.TrimPrefix(environment, "shop-")), region)
		}
	}

	apply("economy")
	refused(to("performance", permissions), stopping("web", "api", "database")...)
	refused(to("economy", "-var", "web_stage=production"), condition)
	for _, environment := range all {
		f.expectMigrations(environment)
	}

	apply("standard")
	moved("north-standard", "live", "live", "offline")

	refused(to("performance"), "module.api.vap_environment.this", "module.database.vap_environment.this",
		"module.web.vap_environment.this")
	apply("performance", permissions)
	moved("south-performance", "offline", "offline", "offline")

	refused(to("economy", permissions), stopping("web", "api", "database")...)
	refused(to("standard"), stopping("web", "api", "database")...)
	apply("standard", permissions)
	moved("north-standard", "offline", "offline", "offline")
	apply("economy")
	moved("north-economy", "live", "live", "offline")

	// After a move outside Terraform, the module does not know which stages lie between that region and its own.
	if err := f.MoveOutside("shop-api", "south-standard"); err != nil {
		t.Fatal(err)
	}
	f.Write("restore_override.tf",
		`module "api" { migration_policy = { on_external_move = "restore", allow_downtime = true, allow_ip_change = true } }`)
	refused(to("economy"), stopping("api")...)
}

// Two environments swap their domains in one apply.
func blueGreen(f folder) {
	t := f.t
	const shop, preview = "shop.example.com", "preview.shop.example.com"
	// since returns the migrations and the changes of domains after the first n requests, in order.
	since := func(n int) []string {
		var done []string
		for _, r := range f.Requests(t, "")[n:] {
			switch method := r.Method[strings.LastIndex(r.Method, "/")+1:]; method {
			case "migrate", "bindextdomain", "removeextdomain":
				done = append(done, strings.TrimSpace(fmt.Sprint(method, " ", r.Parameters["envname"], " ",
					r.Parameters["extdomain"])))
			}
		}
		return done
	}
	expect := func(n int, want ...string) {
		t.Helper()
		if got := since(n); !slices.Equal(got, want) {
			t.Errorf("calls\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	leads := func(domain, environment string) {
		t.Helper()
		if env, err := f.Client.Environment(t.Context(), environment); err != nil ||
			!slices.Contains(env.CustomDomains, domain) {
			t.Errorf("%s has the domains %v, not %s (%v)", environment, env.CustomDomains, domain, err)
		}
	}
	toGreen := []string{"-var", "green_stage=performance", "-var", "live=green"}
	swapped := []string{
		"removeextdomain shop-blue " + shop, "bindextdomain shop-green " + shop,
		"removeextdomain shop-green " + preview, "bindextdomain shop-blue " + preview,
	}

	f.apply()
	leads(shop, "shop-blue")
	leads(preview, "shop-green")
	f.Fails([]string{"plan", "-input=false", "-var", "live=green"}, "vap_domain_binding.live")

	// Promotion and swap in one apply: the domains move after the environment has moved.
	n := len(f.Requests(t, ""))
	for _, c := range f.Plan(toGreen...) {
		if !slices.Contains([]string{"update", "no-op"}, c.Change.Actions[0]) {
			t.Errorf("the swap plans %v of %s", c.Change.Actions, c.Address)
		}
	}
	f.Run("apply", "-input=false", "plan")
	expect(n, append([]string{"migrate shop-green"}, swapped...)...)
	f.code(0, toGreen...)

	// A rollback is the same swap. If it fails, both domains stay where they were.
	refusal := faults.Fault{Kind: faults.Refuse, Method: "bindextdomain", Code: 8, Words: "no way"}
	if err := f.Inject(refusal); err != nil {
		t.Fatal(err)
	}
	back := []string{"-var", "green_stage=performance"}
	n = len(f.Requests(t, ""))
	failsToSwap := func() {
		t.Helper()
		f.Fails(append([]string{"apply", "-input=false", "-auto-approve"}, back...), "vap_domain_binding.live",
			"warning: vap_domain_binding.live.environment", "warning: vap_domain_binding.preview.environment")
	}
	failsToSwap()
	expect(n, "removeextdomain shop-green "+shop, "bindextdomain shop-blue "+shop, "bindextdomain shop-green "+shop)
	for _, c := range f.Plan(toGreen...) { // the outputs of a failed apply have the planned values
		if c.Change.Actions[0] != "no-op" {
			t.Errorf("after a swap that failed the plan has %v for %s", c.Change.Actions, c.Address)
		}
	}

	// A domain that is bound to no environment after a failed swap is bound by the next apply.
	refusal.Times = 2
	if err := f.Inject(refusal); err != nil {
		t.Fatal(err)
	}
	failsToSwap()
	n = len(f.Requests(t, ""))
	f.apply(back...)
	expect(n, "bindextdomain shop-blue "+shop, "removeextdomain shop-blue "+preview, "bindextdomain shop-green "+preview)
	f.code(0, back...)

	// After a swap in the dashboard, the domains are imported at their new environments.
	for _, change := range []error{
		f.Client.UnbindDomain(t.Context(), "shop-blue", shop), f.Client.UnbindDomain(t.Context(), "shop-green", preview),
		f.Client.BindDomain(t.Context(), "shop-green", shop), f.Client.BindDomain(t.Context(), "shop-blue", preview),
	} {
		if change != nil {
			t.Fatal(change)
		}
	}
	f.Write("swapped.tf", `
import {
  to = vap_domain_binding.live
  id = "shop-green/shop.example.com"
}

import {
  to = vap_domain_binding.preview
  id = "shop-blue/preview.shop.example.com"
}
`)
	f.Run("state", "rm", "vap_domain_binding.live", "vap_domain_binding.preview")
	n = len(f.Requests(t, ""))
	f.apply(toGreen...)
	expect(n)
	f.code(0, toGreen...)
}

// The module passes on every argument of vap_environment, except for the region, which its stages set, for what the
// module itself decides, and for what a module cannot pass on in all supported versions of Terraform.
func TestAccPromotionPassesAllArguments(t *testing.T) {
	t.Parallel()
	own := []string{
		"migration_policy.allowed_regions", "migration_policy.permit_for",
		"node_groups.registry.password_wo", "node_groups.registry.password_wo_version", "node_groups.secret_env_wo",
		"node_groups.secret_env_wo_version", "region",
	}
	p := acctest.NewPlatform(t)
	storage, err := p.Client.CreateEnvironment(t.Context(), platform.EnvironmentSpec{
		Name: "storage", Region: economy, NodeGroups: []platform.NodeGroupSpec{{Name: "cp", NodeType: "nginxphp"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	given := map[string]any{
		"name": "given", "display_name": "Given", "groups": []any{"given/all"}, "built_in_ssl": true, "power": "stopped",
		"deletion_protection": true,
		"timeouts":            map[string]any{"create": "1h", "read": "2m", "update": "3h", "delete": "4h"},
		"node_groups": map[string]any{
			"cp": map[string]any{
				"node_type": "docker", "image": "portal/worker", "tag": "2026.3",
				"registry": map[string]any{"url": "registry.example.com", "username": "deploy"},
				"count":    2.0, "reserved_cloudlets": 3.0, "dynamic_cloudlets": 12.0, "disk_gb": 20.0, "public_ipv4_count": 1.0,
				"public_ipv6_count": 2.0,
				"display_name":      "Worker", "scaling_mode": "stateful", "links": []any{"storage:files"},
				"env": map[string]any{"MODE": "given"},
				"volumes": map[string]any{
					"/mnt/own": map[string]any{"protocol": "nfs", "source_node_group": "storage", "source_path": "/data"},
					"/mnt/other": map[string]any{"protocol": "glusterfs", "source_node_id": float64(storage.Nodes[0].ID),
						"source_path": "/data", "read_only": true},
				},
			},
			"storage": map[string]any{"node_type": "storage"},
		},
		"migration_policy": map[string]any{
			"mode": "live", "allow_downtime": true, "allow_ip_change": true, "allow_live_databases": true,
			"allow_live_mounts": true,
			"database_layers":   []any{"cp"}, "max_hourly_cost": 0.75, "on_external_move": "restore", "timeout": "3h",
			"window": map[string]any{"days": []any{"Sat"}, "start": "22:00", "duration": "4h", "time_zone": "Europe/Berlin"},
			"verify": map[string]any{"path": "/healthz", "expected_status": []any{204.0}, "patience": "5m"},
		},
	}
	other := map[string]any{"name": "other", "node_groups": map[string]any{"cp": map[string]any{"node_type": "nginx"}},
		"migration_policy": map[string]any{
			"allow_downtime": false, "allow_ip_change": false, "allow_live_databases": false, "allow_live_mounts": false,
			"verify": map[string]any{"url": "https://shop.example.com"},
		}}

	var missing []string
	var look func(at string, attributes []*tfprotov6.SchemaAttribute, values []any)
	look = func(at string, attributes []*tfprotov6.SchemaAttribute, values []any) {
		for _, a := range attributes {
			if !a.Required && !a.Optional {
				continue
			}
			var written []any
			for _, value := range values {
				switch value := value.(map[string]any)[a.Name].(type) {
				case nil:
				case map[string]any:
					if a.NestedType != nil && a.NestedType.Nesting == tfprotov6.SchemaObjectNestingModeMap {
						written = slices.AppendSeq(written, maps.Values(value))
						continue
					}
					written = append(written, value)
				default:
					written = append(written, value)
				}
			}
			if len(written) == 0 {
				missing = append(missing, at+a.Name)
			}
			if a.NestedType != nil {
				look(at+a.Name+".", a.NestedType.Attributes, written)
			}
		}
	}
	look("", acctest.NewServer(t).Schema.ResourceSchemas["vap_environment"].Block.Attributes, []any{given, other})
	if slices.Sort(missing); !slices.Equal(missing, own) {
		t.Fatalf("arguments not passed: %q, want %q", missing, own)
	}

	tf := acctest.NewTerraformInProcess(t)
	if err := os.CopyFS(filepath.Join(tf.Folder, "promotion"), os.DirFS("../../examples/modules/promotion")); err != nil {
		t.Fatal(err)
	}
	environments, modules := map[string]any{}, map[string]any{}
	for _, arguments := range []map[string]any{given, other} {
		name := arguments["name"].(string)
		environments[name] = with(arguments, map[string]any{"region": economy})
		modules[name] = with(arguments, map[string]any{"source": "./promotion", "stage": "first",
			"stages": []any{map[string]any{"name": "first", "region": economy},
				map[string]any{"name": "last", "region": performance}}})
	}
	content, err := json.Marshal(map[string]any{"provider": map[string]any{"vap": p.Provider()},
		"resource": map[string]any{"vap_environment": environments}, "module": modules})
	if err != nil {
		t.Fatal(err)
	}
	tf.Write("main.tf.json", string(content))
	tf.Run("get")
	planned := map[string]map[string]any{}
	for _, c := range tf.Plan() {
		delete(c.Change.After["migration_policy"].(map[string]any), "allowed_regions")
		delete(c.Change.After["migration_policy"].(map[string]any), "permit_for")
		planned[c.Address] = c.Change.After
	}
	for name := range environments {
		passed, want := planned["module."+name+".vap_environment.this"], planned["vap_environment."+name]
		for argument := range want {
			if !reflect.DeepEqual(passed[argument], want[argument]) {
				t.Errorf("%s of %s is %v, want %v", argument, name, passed[argument], want[argument])
			}
		}
	}
}

// with merges two maps; the second one wins.
func with(values, more map[string]any) map[string]any {
	values = maps.Clone(values)
	maps.Copy(values, more)
	return values
}
