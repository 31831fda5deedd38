// Package providerdata is how resources and data sources get at what the provider's configuration gives them.
package providerdata

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/diagutil"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
)

// Service takes the service out of what the provider hands over to resources and data sources. It is nil while the
// provider validates, and while a part of its configuration is unknown.
func Service(providerData any, diags *diag.Diagnostics) *migration.Service {
	if providerData == nil {
		return nil
	}
	service, ok := providerData.(*migration.Service)
	if !ok {
		diags.AddError("Unexpected provider data",
			fmt.Sprintf("Expected a migration service, got %T. This is a bug in the provider; please report it.",
				providerData))
	}
	return service
}

// Missing is the error of a resource whose apply has no service; nil if there is one. Terraform makes no such call: it
// knows the provider's configuration before it applies anything.
func Missing(service *migration.Service) diag.Diagnostic {
	if service != nil {
		return nil
	}
	return diag.NewErrorDiagnostic("The provider is not configured",
		"An argument of the provider block is still unknown, so the provider cannot ask the platform. Apply the resources "+
			"that it refers to first, for example with -target."+diagutil.NothingChanged)
}
