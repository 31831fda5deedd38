package environment

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// BenchmarkModel converts an environment with three nodes: the platform's response into the model, the model into a
// state, and a state into the model.
func BenchmarkModel(b *testing.B) {
	ctx := b.Context()
	env := platform.Environment{Name: "shop-prod", Region: "north-economy", Status: platform.StatusRunning,
		Domain: "shop-prod.north.vap.test", Groups: []string{"shop"}}
	for i, nodeGroup := range []string{"bl", "cp", "cp"} {
		env.Nodes = append(env.Nodes, platform.Node{
			ID: int64(i), NodeGroup: nodeGroup, NodeType: "nginx", InternalIP: "10.10.0.4", PublicIPv4: []string{"192.0.2.4"},
			ReservedCloudlets: 1, DynamicCloudlets: 8, DiskGB: 10,
		})
	}
	schema := resourceSchema(ctx)
	nothing := map[string]tftypes.Value{}
	object := stateType().(tftypes.Object)
	for name, typ := range object.AttributeTypes {
		nothing[name] = tftypes.NewValue(typ, nil)
	}
	state := tfsdk.State{Schema: schema, Raw: tftypes.NewValue(object, nothing)}
	var m resourceModel
	if d := state.Get(ctx, &m); d.HasError() {
		b.Fatal(d)
	}
	b.Run("platform to model", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if d := m.describe(ctx, env, migration.RegionCatalog{}, true); d.HasError() || len(m.Nodes.Elements()) != 3 {
				b.Fatal(d, m.Nodes)
			}
		}
	})
	b.Run("model to state", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if d := state.Set(ctx, &m); d.HasError() {
				b.Fatal(d)
			}
		}
	})
	b.Run("state to model", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var read resourceModel
			if d := state.Get(ctx, &read); d.HasError() || len(read.Nodes.Elements()) != 3 {
				b.Fatal(d, read.Nodes)
			}
		}
	})
}
