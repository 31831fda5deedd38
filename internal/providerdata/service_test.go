package providerdata_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/golden"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/providerdata"
)

func TestService(t *testing.T) {
	t.Parallel()
	var diags diag.Diagnostics
	service := new(migration.Service)
	if providerdata.Service(service, &diags) != service || providerdata.Service(nil, &diags) != nil || len(diags) > 0 {
		t.Errorf("the service differs from the provider's: %v", diags)
	}
	if got := providerdata.Service("a text", &diags); got != nil || len(diags) != 1 {
		t.Errorf("a string gave %v, %v", got, diags)
	}
	golden.Expect(t, golden.Of(diags...)...)
}

func TestMissing(t *testing.T) {
	t.Parallel()
	if d := providerdata.Missing(new(migration.Service)); d != nil {
		t.Errorf("with a service: %v", d)
	}
	d := providerdata.Missing(nil)
	if d == nil {
		t.Fatal("no error without a service")
	}
	golden.Expect(t, golden.Of(d)...)
}
