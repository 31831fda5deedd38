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
		diags.AddError("The provider handed over something unexpected",
			fmt.Sprintf("A %T instead of a migration service. This is a mistake in the provider; please report it.",
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
		"The provider's configuration is not known even now, so the platform cannot be asked. Make its arguments known "+
			"before this resource is applied."+diagutil.NothingChanged)
}
