package contract

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

// A saved plan is applied after the world has changed: each move is refused before the first write, in the provider's
// words that say what changed, never in core's words about a provider that contradicts its plan. What a change of the
// world leads to in detail is tested without Terraform, in package environment.
func TestAccSavedPlanIsKeptOrRefused(t *testing.T) {
	t.Parallel()
	tf := acctest.NewTerraform(t)
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
		says     []string // nil: it moves
	}{
		"better": {economy, standard, wire.StatusRunning, func(name string) error { return p.Client.SetDisplayName(t.Context(), name, "Shop") }, nil},
		"dearer": {economy, performance, wire.StatusRunning, func(string) error {
			writeCatalogue(strings.ReplaceAll(string(prices), `"price": 0.0081`, `"price": 0.81`))
			return nil
		}, []string{"dearer-prod: the migration is not what was planned any more", "the price of region north-performance has risen"}},
		"started": {economy, standard, wire.StatusDown, func(name string) error { return p.SetStatus(name, wire.StatusRunning) },
			[]string{"started-prod: the migration is not what was planned any more", "the environment is running, and the migration would stop it"}},
		"broken": {economy, standard, wire.StatusRunning, func(name string) error { return p.SetStatus(name, wire.StatusBroken) },
			[]string{"broken-prod is broken and cannot move: north-economy → north-standard"}},
		"moved": {economy, standard, wire.StatusRunning, func(name string) error { return p.MoveOutside(name, performance) },
			[]string{"moved-prod: the migration is not what was planned any more", "the environment is in north-performance now; the plan moved it from north-economy"}},
		"grown": {economy, standard, wire.StatusRunning, func(name string) error {
			topology, err := p.Client.Topology(t.Context(), name)
			if err != nil {
				return err
			}
			topology.Put(platform.NodeGroupSpec{Name: "sqldb", NodeType: "mysql8"})
			return p.Client.ChangeTopology(t.Context(), topology)
		}, []string{"grown-prod: the migration is not what was planned any more", `layer "sqldb" is a database`}},
		"disabled": {standard, economy, wire.StatusRunning, func(string) error { return p.SetRegionEnabled(economy, false) },
			[]string{"disabled-prod: region north-economy cannot be used", "not enabled"}},
		"forbidden": {south, "south-performance", wire.StatusRunning, func(string) error { return p.SetMigrationAllowed("south", false) },
			[]string{"forbidden-prod: the platform refuses to migrate it to south-performance", "2373"}},
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
			configuration += `resource "terraform_data" "` + label + `" { input = vap_environment.` + label + `.last_migration }` + "\n"
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
	var phrases []string
	for _, row := range rows {
		phrases = append(phrases, row.says...)
	}
	f.fails([]string{"apply", "-input=false", "plan"}, phrases...)
	state := tf.State()
	for label, row := range rows {
		if row.says == nil {
			f.expectMigrations(label+"-prod", row.to+" live")
			f.region("vap_environment."+label, row.to)
			continue
		}
		f.expectMigrations(label + "-prod")
		if output := state["terraform_data."+label]["output"]; output != nil {
			t.Errorf("%s: its dependent took note of %v", label, output)
		}
	}
}
