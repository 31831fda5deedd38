// Floor is the smallest provider that can be made with the framework and a schema of the size of vap_environment's: it
// reads what the state says, plans what Terraform proposes and knows no platform. What a plan costs with it, no provider
// with this schema can save. It goes under the real provider's address, so that the same configuration and the same state
// are planned with either.
package main

import (
	"context"
	"log"
	"os"
	"runtime/debug"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/environment"
	vap "github.com/terraform-provider-vap/terraform-provider-vap/internal/provider"
)

func main() {
	// As the real provider: nothing is logged that nobody reads, and garbage is collected rarely.
	os.Setenv("TF_LOG_SDK", "off")
	debug.SetGCPercent(400)
	err := tf6server.Serve("registry.terraform.io/terraform-provider-vap/vap", providerserver.NewProtocol6(floor{vap.New("floor")()}))
	if err != nil {
		log.Fatal(err)
	}
}

// floor takes from the real provider its name and its schema.
type floor struct{ provider.Provider }

func (floor) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}

func (floor) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (floor) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource {
		return echo{environment.NewResource().(resource.ResourceWithIdentity)}
	}}
}

// echo takes from the real resource its name, its schema and its identity. The framework answers Read and Update with
// what came in if they do nothing.
type echo struct{ resource.ResourceWithIdentity }

func (e echo) Schema(ctx context.Context, req resource.SchemaRequest, resp *resource.SchemaResponse) {
	e.ResourceWithIdentity.Schema(ctx, req, resp)
	resp.Schema.Attributes = plainAll(resp.Schema.Attributes)
}

func (echo) Create(context.Context, resource.CreateRequest, *resource.CreateResponse) {}

func (echo) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	// A resource with identities must tell one.
	var name string
	resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("name"), &name)...)
	resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root("name"), name)...)
}

func (echo) Update(context.Context, resource.UpdateRequest, *resource.UpdateResponse) {}

func (echo) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}
