package providerdata

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
)

// DataSource is embedded by data sources; it implements datasource.DataSourceWithConfigure for them.
type DataSource struct {
	// Service is nil during validation, and while a part of the provider's configuration is unknown.
	Service *migration.Service
}

// Configure implements datasource.DataSourceWithConfigure.
func (d *DataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.Service = Service(req.ProviderData, &resp.Diagnostics)
}

// Missing is the error of a data source that is read without a service; nil if there is one. what names, in the
// plural, what the data source reads, for example "Regions".
func (d *DataSource) Missing(what string) diag.Diagnostic {
	if d.Service != nil {
		return nil
	}
	return diag.NewErrorDiagnostic("The provider is not configured: a part of its configuration is not known yet",
		what+" can be read only when every argument of the provider block is known. Where one refers to a resource that "+
			"this plan creates, apply that resource first (terraform apply -target=…), or give the data source depends_on "+
			"with that resource so that it is read during the apply.")
}
