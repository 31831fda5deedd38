package localplatform_test

import (
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faultinjection"
)

// This is in an external test package because tests inside the package cannot import its importers.
func init() {
	localplatform.InjectFaults, localplatform.ClearFaults = faultinjection.Inject, faultinjection.Clear
}
