package migrationplan

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"math"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/privatestate"
)

// store is private state in the framework's form.
type store map[string][]byte

func (s store) GetKey(_ context.Context, key string) ([]byte, diag.Diagnostics) { return s[key], nil }

func (s store) SetKey(_ context.Context, key string, value []byte) diag.Diagnostics {
	s[key] = value
	return nil
}

// manyRegions is the catalog of a large hosting company, with separate prices for each region.
func manyRegions() migration.RegionCatalog {
	catalog := migration.RegionCatalog{Prices: map[string]migration.Price{}, PriceSource: platform.PricesOfAccount}
	places := []string{"frankfurt", "london", "paris", "newyork", "tokyo", "sydney", "madrid", "oslo", "vienna", "zurich"}
	for n := range 30 {
		place := places[n/3]
		name := place + "-" + []string{"economy", "standard", "performance"}[n%3]
		catalog.Regions = append(catalog.Regions, migration.Region{
			Name: name, DisplayName: "Region " + name, Datacenter: place, Domain: place + ".example.com", MigrationAllowed: true,
			Enabled: true,
		})
		tiers := func(price float64) []platform.Tier {
			price = math.Round(price*(1+float64(n*7%13)/10)*1e5) / 1e5
			return []platform.Tier{{Price: price}}
		}
		catalog.Prices[name] = migration.Price{Source: platform.PricesOfAccount, Prices: platform.Prices{
			Currency: "EUR", ReservedCloudlet: tiers(0.004), DynamicCloudlet: tiers(0.006), DiskGB: tiers(0.0001),
			PublicIPv4: tiers(0.003),
		}}
	}
	return catalog
}

// Terraform stores a snapshot for each environment, so it must be small however many regions there are.
func TestSnapshotIsSmall(t *testing.T) {
	t.Parallel()
	env := migration.Environment{
		Name: "shop-prod", Region: "frankfurt-economy", Domain: "shop-prod.frankfurt.example.com",
		Status: platform.StatusRunning,
		NodeGroups: []migration.NodeGroup{
			{Name: "bl", NodeType: "nginx", Nodes: 1, ReservedCloudlets: 1, DynamicCloudlets: 8, DiskGB: 10, PublicIPv4: 1},
			{Name: "cp", NodeType: "nginxphp", Nodes: 2, ReservedCloudlets: 2, DynamicCloudlets: 16, DiskGB: 20},
		},
		Nodes: []migration.NodeRef{{ID: 1001, PublicIPv4: 1}, {ID: 1002}, {ID: 1003}},
	}
	private := store{}
	if d := (Snapshot{Environment: env, Catalog: manyRegions()}).Store(t.Context(), private); d.HasError() {
		t.Fatal(d)
	}
	state, err := json.Marshal(private)
	if err != nil {
		t.Fatal(err)
	}
	small, err := privatestate.Pack(state)
	if err != nil {
		t.Fatal(err)
	}
	// Terraform core stores it as base64.
	size := base64.StdEncoding.EncodedLen(len(small))
	if size > 1200 {
		t.Errorf("%d bytes in the state", size)
	}
	loaded, found := LoadSnapshot(t.Context(), private)
	if !found || len(loaded.Catalog.Regions) != 30 || loaded.Environment.Name != env.Name {
		t.Errorf("%+v", loaded)
	}
}

func BenchmarkPack(b *testing.B) {
	private := store{}
	if d := (Snapshot{Environment: migration.Environment{Name: "shop-prod"}, Catalog: manyRegions()}).Store(b.Context(),
		private); d.HasError() {
		b.Fatal(d)
	}
	state, err := json.Marshal(private)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		small, err := privatestate.Pack(state)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := privatestate.Unpack(small); err != nil {
			b.Fatal(err)
		}
	}
}
