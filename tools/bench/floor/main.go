// Floor is the smallest provider with vap_environment's schema: it returns its input for each request of a plan. No
// provider with this schema can make cheaper plans. It has the real provider's address, so that the same
// configuration and the same state work with both.
package main

import (
	"context"
	"log"
	"os"
	"runtime/debug"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/environment"
	vap "github.com/terraform-provider-vap/terraform-provider-vap/internal/provider"
)

func main() {
	// Like the real provider: drop logs that nobody reads, and collect garbage rarely.
	os.Setenv("TF_LOG_SDK", "off")
	debug.SetGCPercent(400)
	schemas := providerserver.NewProtocol6(floor{vap.New("floor")()})
	err := tf6server.Serve("registry.terraform.io/terraform-provider-vap/vap", func() tfprotov6.ProviderServer {
		return echo{schemas()}
	})
	if err != nil {
		log.Fatal(err)
	}
}

// floor uses the real provider's name and schema, and the schema of vap_environment.
type floor struct{ provider.Provider }

func (floor) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}

func (floor) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (floor) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{environment.NewResource}
}

// echo lets the framework return the schemas, and nothing else.
type echo struct{ tfprotov6.ProviderServer }

func (echo) ValidateResourceConfig(context.Context,
	*tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return &tfprotov6.ValidateResourceConfigResponse{}, nil
}

func (echo) UpgradeResourceState(_ context.Context,
	r *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return &tfprotov6.UpgradeResourceStateResponse{UpgradedState: &tfprotov6.DynamicValue{JSON: r.RawState.JSON}}, nil
}

func (echo) ReadResource(_ context.Context, r *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return &tfprotov6.ReadResourceResponse{NewState: r.CurrentState, Private: r.Private, NewIdentity: r.CurrentIdentity},
		nil
}

func (echo) PlanResourceChange(_ context.Context,
	r *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return &tfprotov6.PlanResourceChangeResponse{PlannedState: r.ProposedNewState, PlannedPrivate: r.PriorPrivate,
		PlannedIdentity: r.PriorIdentity}, nil
}
