package providerdata_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/diagutil"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/providerdata"
)

func TestService(t *testing.T) {
	t.Parallel()
	var diags diag.Diagnostics
	service := new(migration.Service)
	if providerdata.Service(service, &diags) != service || providerdata.Service(nil, &diags) != nil || len(diags) > 0 {
		t.Errorf("the service is not what the provider handed over: %v", diags)
	}
	if got := providerdata.Service("a text", &diags); got != nil || len(diags) != 1 ||
		!strings.Contains(diags[0].Detail(), "A string instead of") {
		t.Errorf("of a text it made %v, %v", got, diags)
	}
}

func TestMissing(t *testing.T) {
	t.Parallel()
	if d := providerdata.Missing(new(migration.Service)); d != nil {
		t.Errorf("with a service: %v", d)
	}
	if d := providerdata.Missing(nil); d == nil || d.Severity() != diag.SeverityError ||
		!strings.HasSuffix(d.Detail(), diagutil.NothingChanged) {
		t.Errorf("without a service: %v", d)
	}
}
