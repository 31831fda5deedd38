package contract

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

// A saved plan is applied after something has changed. The provider refuses each move before the first write and says
// what changed, so that core never reports an inconsistent plan. Package environment tests without Terraform what
// each change leads to.
func TestAccSavedPlan(t *testing.T) {
	t.Parallel()
	tf := acctest.NewTerraformInProcess(t)
	prices, err := os.ReadFile("../localplatform/catalogue.json")
	if err != nil {
		t.Fatal(err)
	}
	catalogue := filepath.Join(t.TempDir(), "catalogue.json")
	writeCatalogue := func(content string) {
		if err := os.WriteFile(catalogue, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	writeCatalogue(string(prices))
	p := acctest.NewPlatformWith(t, localplatform.Options{TimeScale: acctest.TimeScale, Catalogue: catalogue})

	const standard = "north-standard"
	rows := map[string]struct {
		from, to string
		power    int
		world    func(name string) error
		moves    bool // otherwise the move is refused
	}{
		"better": {economy, standard, wire.StatusRunning, func(name string) error {
			return p.Client.SetDisplayName(t.Context(), name, "Shop")
		}, true},
		"costlier": {economy, performance, wire.StatusRunning, func(string) error {
			writeCatalogue(strings.ReplaceAll(string(prices), `"price": 0.0081`, `"price": 0.81`))
			return nil
		}, false},
		"started": {economy, standard, wire.StatusDown, func(name string) error {
			return p.SetStatus(name, wire.StatusRunning)
		}, false},
		"broken": {economy, standard, wire.StatusRunning, func(name string) error {
			return p.SetStatus(name, wire.StatusBroken)
		}, false},
		"moved": {economy, standard, wire.StatusRunning, func(name string) error {
			return p.MoveOutside(name, performance)
		}, false},
		"grown": {economy, standard, wire.StatusRunning, func(name string) error {
			topology, err := p.Client.Topology(t.Context(), name)
			if err != nil {
				return err
			}
			topology.Put(platform.NodeGroupSpec{Name: "sqldb", NodeType: "mysql8"})
			return p.Client.ChangeTopology(t.Context(), topology)
		}, false},
		"disabled": {standard, economy, wire.StatusRunning, func(string) error {
			return p.SetRegionEnabled(economy, false)
		}, false},
		"forbidden": {south, "south-performance", wire.StatusRunning, func(string) error {
			return p.SetMigrationAllowed("south", false)
		}, false},
	}
	write := func(region func(from, to string) string) {
		provider := p.Provider()
		provider["local_platform"].(map[string]any)["catalogue"] = catalogue
		block, err := json.Marshal(map[string]any{"provider": map[string]any{"vap": provider}})
		if err != nil {
			t.Fatal(err)
		}
		tf.Write("provider.tf.json", string(block))
		configuration := ""
		for label, row := range rows {
			configuration += shop(label, quoted(region(row.from, row.to)))
			configuration += `resource "terraform_data" "` + label + `" { input = vap_environment.` + label +
				`.last_migration }` + "\n"
		}
		tf.Write("main.tf", configuration)
	}
	write(func(from, _ string) string { return from })
	tf.Run("apply", "-input=false", "-auto-approve")
	for label, row := range rows {
		if err := p.SetStatus(label+"-prod", row.power); err != nil {
			t.Fatal(err)
		}
	}
	write(func(_, to string) string { return to })
	tf.Plan()
	for label, row := range rows {
		if err := row.world(label + "-prod"); err != nil {
			t.Fatalf("%s: %v", label, err)
		}
	}

	f := folder{tf, p, t}
	var refused []string
	for label, row := range rows {
		if !row.moves {
			refused = append(refused, "vap_environment."+label+".region")
		}
	}
	f.Fails([]string{"apply", "-input=false", "plan"}, refused...)
	state := tf.State()
	for label, row := range rows {
		if row.moves {
			f.expectMigrations(label+"-prod", row.to+" live")
			f.region("vap_environment."+label, row.to)
			continue
		}
		f.expectMigrations(label + "-prod")
		if output := state["terraform_data."+label]["output"]; output != nil {
			t.Errorf("%s: its dependent has %v", label, output)
		}
	}
}

// Changes in other environments, failed reads, and changed files and values in the configuration never invalidate the
// planned values: core reports no inconsistency, whatever happens between plan and apply.
func TestAccExternalChangesKeepPlanConsistent(t *testing.T) {
	t.Parallel()
	tf := acctest.NewTerraformInProcess(t)
	for name, test := range map[string]func(folder){
		"mounts appear":                     mountsAppear,
		"mounts appear in a large account":  mountsAppearInLargeAccount,
		"account cannot be listed":          accountCannotBeListed,
		"mounting environment is destroyed": mountingEnvironmentDestroyed,
		"variable contains the domain":      variableContainsDomain,
		"prices in a file increase":         pricesIncrease,
		"live pair removed from a file":     livePairRemoved,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(folder{tf.Another(t), acctest.NewPlatform(t), t})
		})
	}
}

// applyMove applies the saved plan, which moves the shop to another data centre, and expects an empty plan after it.
func (f folder) applyMove() {
	f.t.Helper()
	f.Run("apply", "-input=false", "plan")
	f.expectMigrations("shop-prod", south+" offline")
	f.code(0)
}

// createMounting creates somebody else's environment, which mounts a directory of the shop.
func (f folder) createMounting() {
	f.t.Helper()
	if _, err := f.Client.CreateEnvironment(f.t.Context(), platform.EnvironmentSpec{
		Name: "user-prod", Region: economy, NodeGroups: []platform.NodeGroupSpec{{Name: "cp", NodeType: "nginxphp"}},
	}); err != nil {
		f.t.Fatal(err)
	}
	f.mount()
}

func (f folder) mount() {
	f.t.Helper()
	if err := f.Mount("user-prod", "cp", "/shop", "shop-prod", "cp", "/data"); err != nil {
		f.t.Fatal(err)
	}
}

func mountsAppear(f folder) {
	f.write(shop("shop", quoted(economy), permitted))
	f.apply()
	f.write(shop("shop", quoted(south), permitted))
	f.Plan()
	f.createMounting()
	f.applyMove()
}

// mountsAppearInLargeAccount uses a large account, which is not listed to refresh a single environment, only to plan
// its move.
func mountsAppearInLargeAccount(f folder) {
	for n := range 100 {
		if _, err := f.Client.CreateEnvironment(f.t.Context(), platform.EnvironmentSpec{
			Name: fmt.Sprintf("other-%d", n), Region: economy,
			NodeGroups: []platform.NodeGroupSpec{{Name: "cp", NodeType: "nginxphp"}},
		}); err != nil {
			f.t.Fatal(err)
		}
	}
	mountsAppear(f)
}

func accountCannotBeListed(f folder) {
	f.write(shop("shop", quoted(economy), permitted))
	f.apply()
	f.createMounting()
	f.write(shop("shop", quoted(south), permitted))
	f.Plan()
	if err := f.Inject(faults.Fault{Kind: faults.Refuse, Method: "getenvs", Code: 8, Words: "not yours",
		Times: -1}); err != nil {
		f.t.Fatal(err)
	}
	f.applyMove()
}

func mountingEnvironmentDestroyed(f folder) {
	f.write(shop("shop", quoted(economy), permitted), shop("user", quoted(economy)))
	f.apply()
	f.mount()
	f.Run("apply", "-input=false", "-auto-approve", "-refresh-only")
	f.write(shop("shop", quoted(south), permitted))
	f.Plan("-refresh=false")
	f.applyMove()
}

func variableContainsDomain(f folder) {
	write := func(region, value string) {
		f.write(`
resource "terraform_data" "value" { input = ` + quoted(value) + ` }
resource "vap_environment" "shop" {
  name        = "shop-prod"
  region      = ` + quoted(region) + `
  node_groups = { cp = { node_type = "nginxphp", env = { SELF = terraform_data.value.output } } }
  ` + permitted + `
}
`)
	}
	write(economy, "nothing")
	f.apply()
	write(south, "https://shop-prod.north.vap.test/")
	f.Plan()
	f.applyMove()
}

// configured is the shop with a provider argument that comes from a file.
func (f folder) configured(argument, region string) {
	f.t.Helper()
	f.Write("main.tf", strings.Replace(f.Config(shop("shop", quoted(region), permitted)), `provider "vap" {`,
		"provider \"vap\" {\n  "+argument+` = jsondecode(file("provider.json"))`, 1))
}

func pricesIncrease(f folder) {
	price := func(price string) {
		tiers := `[{ "price": ` + price + ` }]`
		f.Write("provider.json", `{ "north-performance": { "currency": "EUR", "reserved_cloudlet": `+tiers+
			`, "dynamic_cloudlet": `+tiers+` } }`)
	}
	price("0.3")
	f.configured("prices", economy)
	f.apply()
	f.configured("prices", performance)
	f.Plan()
	price("0.5")
	f.Fails([]string{"apply", "-input=false", "plan"}, "vap_environment.shop.region")
	f.expectMigrations("shop-prod")
}

func livePairRemoved(f folder) {
	possible := func(is string) {
		f.Write("provider.json", `[{ "between": ["north-economy", "north-performance"], "possible": `+is+` }]`)
	}
	possible("true")
	f.configured("live_migration", economy)
	f.apply()
	f.configured("live_migration", performance)
	f.Plan()
	possible("false")
	f.Fails([]string{"apply", "-input=false", "plan"}, "vap_environment.shop.region")
	f.expectMigrations("shop-prod")
}
