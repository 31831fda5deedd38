package environment_test

import (
	"testing"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
)

// Validation reports mistakes at their attribute, before the plan.
func TestInvalidConfigurations(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		change map[string]any
		at     string
	}{
		"a short name":   {map[string]any{"name": "shop"}, "name"},
		"a title":        {map[string]any{"name": "Shop Prod"}, "name"},
		"no node groups": {withNodeGroups(map[string]any{}), "node_groups"},
		"more reserved than dynamic cloudlets": {
			withNodeGroups(map[string]any{"cp": map[string]any{"node_type": "nginx", "reserved_cloudlets": 4,
				"dynamic_cloudlets": 2}}),
			`node_groups["cp"].dynamic_cloudlets`},
		"a tag in the image": {
			withNodeGroups(map[string]any{"docker": map[string]any{"node_type": "docker", "image": "library/nginx:1.27"}}),
			`node_groups["docker"].image`},
		"a mount from nowhere": {
			withNodeGroups(map[string]any{"cp": map[string]any{"node_type": "nginx",
				"volumes": map[string]any{"/data": map[string]any{"source_path": "/data"}}}}),
			`node_groups["cp"].volumes["/data"]`},
		"a mode that does not exist": {map[string]any{"migration_policy": map[string]any{"mode": "warp"}},
			"migration_policy.mode"},
		"a timeout that is no duration": {map[string]any{"migration_policy": map[string]any{"timeout": "soon"}},
			"migration_policy.timeout"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expectOne(t, acctest.NewServer(t).ValidateResource("vap_environment", shop(row.change)), isError, row.at)
		})
	}
}
