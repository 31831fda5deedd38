// Package providerdata gives resources and data sources access to the configured provider.
package providerdata

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/diagutil"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
)

// Service returns the service in the provider data of resources and data sources. It is nil during validation, and
// while a part of the provider's configuration is unknown.
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

// Missing is the error of a resource whose apply has no service; nil if there is one. Terraform never makes such a
// call: it knows the provider's configuration before it applies anything.
func Missing(service *migration.Service) diag.Diagnostic {
	if service != nil {
		return nil
	}
	return diag.NewErrorDiagnostic("The provider is not configured",
		"An argument of the provider block is still unknown, so the provider cannot ask the platform. Apply the resources "+
			"that it refers to first, for example with -target."+diagutil.NothingChanged)
}
