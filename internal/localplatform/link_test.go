package localplatform_test

import (
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faultinjection"
)

// Tests inside the package cannot import what imports the package.
func init() {
	localplatform.InjectFaults, localplatform.ClearFaults = faultinjection.Inject, faultinjection.Clear
}
