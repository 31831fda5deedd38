package environmentdata

import (
	"testing"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/nodegroup"
)

// The data sources have every attribute of a node group in the resource, except what the platform does not report
// or must not be asked for: credentials, and variables, which may be secrets.
func TestNodeGroupsAreComplete(t *testing.T) {
	t.Parallel()
	untold := map[string]bool{"registry": true, "env": true, "secret_env_wo": true, "secret_env_wo_version": true}
	data := dataNodeGroupAttributes()
	for name, attribute := range nodegroup.Attribute().NestedObject.Attributes {
		shown, there := data[name]
		if there == untold[name] {
			t.Errorf("%s is in the data source: %t", name, there)
		}
		if there && !shown.GetType().Equal(attribute.GetType()) {
			t.Errorf("%s is %s, in the resource %s", name, shown.GetType(), attribute.GetType())
		}
	}
}
