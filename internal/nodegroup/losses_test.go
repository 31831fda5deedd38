package nodegroup

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Removing nodes warns of lost data only in node groups that keep data on their nodes.
func TestScaleInWarnsAboutStoredData(t *testing.T) {
	t.Parallel()
	volumes := func(all map[string]Volume) types.Map {
		elements := map[string]attr.Value{}
		for at, v := range all {
			object, diags := types.ObjectValueFrom(t.Context(), volumeType.(types.ObjectType).AttrTypes, v)
			if diags.HasError() {
				t.Fatal(diags)
			}
			elements[at] = object
		}
		return types.MapValueMust(volumeType, elements)
	}
	local := Volume{}
	nfs := Volume{
		SourceNodeGroup: types.StringValue("storage"),
		SourcePath:      types.StringValue("/data"),
		Protocol:        types.StringValue("nfs"),
	}
	elsewhere := Volume{
		SourceNodeID: types.Int64Value(7),
		SourcePath:   types.StringValue("/data"),
		Protocol:     types.StringValue("glusterfs"),
	}
	group := func(nodeType, mode string, mounted map[string]Volume) Model {
		g := Empty
		g.NodeType, g.ScalingMode, g.Volumes = types.StringValue(nodeType), types.StringValue(mode), volumes(mounted)
		return g
	}
	for name, row := range map[string]struct {
		before Model
		warns  bool
	}{
		"stateless":              {group("nginxphp", "stateless", nil), false},
		"stateless with a mount": {group("nginxphp", "stateless", map[string]Volume{"/a": nfs}), false},
		"stateless with mounts": {group("nginxphp", "stateless", map[string]Volume{"/a": nfs, "/b": elsewhere}),
			false},
		"stateless with a local volume":   {group("nginxphp", "stateless", map[string]Volume{"/a": local}), true},
		"stateless with a volume of each": {group("nginxphp", "stateless", map[string]Volume{"/a": nfs, "/b": local}), true},
		"stateful":                        {group("nginxphp", "stateful", nil), true},
		"stateful with a mount":           {group("nginxphp", "stateful", map[string]Volume{"/a": nfs}), true},
		"stateless database with a mount": {group("mysql8", "stateless", map[string]Volume{"/a": nfs}), true},
		"stateless storage":               {group("storage", "stateless", nil), true},
		"no scaling mode, a mount":        {group("nginxphp", "", map[string]Volume{"/a": nfs}), false},
		"no scaling mode, a local volume": {group("nginxphp", "", map[string]Volume{"/a": local}), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			after := row.before
			row.before.Count, after.Count = types.Int64Value(3), types.Int64Value(1)
			diags := CheckLosses("shop", Diff(map[string]Model{"cp": row.before}, map[string]Model{"cp": after}))
			if warns := diags.WarningsCount() == 1; warns != row.warns || diags.HasError() {
				t.Errorf("warns %t, want %t: %v", warns, row.warns, diags)
			}
			if diags := CheckLosses(
				"shop",
				Diff(map[string]Model{"cp": after}, map[string]Model{"cp": row.before}),
			); len(
				diags,
			) > 0 {
				t.Errorf("a scale-out: %v", diags)
			}
		})
	}
}
