package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/environment"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
)

// NewServer returns a function that creates the provider as a server of protocol 6. The arguments are those of New.
func NewServer(version string, adjust ...func(*migration.Settings)) func() tfprotov6.ProviderServer {
	p := &vapProvider{version: version, adjust: adjust}
	framework := providerserver.NewProtocol6(p)
	return func() tfprotov6.ProviderServer { return server{PackPrivateState(framework()).(frameworkServer), p} }
}

// frameworkServer has all methods of the framework's server.
type frameworkServer interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
	tfprotov6.StateStoreServer
}

// server passes requests to the framework, except those that Terraform makes for each of many environments.
type server struct {
	frameworkServer
	provider *vapProvider
}

// ReadResource refreshes environments without the framework.
func (s server) ReadResource(
	ctx context.Context, req *tfprotov6.ReadResourceRequest,
) (*tfprotov6.ReadResourceResponse, error) {
	if req.TypeName == environment.TypeName {
		if resp, answered := environment.Refresh(ctx, s.provider.service.Load(), req); answered {
			return resp, nil
		}
	}
	return s.frameworkServer.ReadResource(ctx, req)
}

// UpgradeResourceState returns a state of the current schema unchanged.
func (s server) UpgradeResourceState(
	ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest,
) (*tfprotov6.UpgradeResourceStateResponse, error) {
	if req.TypeName == environment.TypeName && environment.IsCurrent(req.Version, req.RawState) {
		return &tfprotov6.UpgradeResourceStateResponse{UpgradedState: &tfprotov6.DynamicValue{JSON: req.RawState.JSON}}, nil
	}
	return s.frameworkServer.UpgradeResourceState(ctx, req)
}

// planNoOp returns the plan of an environment that does not change; nil if there is something to decide. The
// framework would decode configuration, state and plan several times for the same result: most of the cost of a plan
// of many environments.
func planNoOp(req *tfprotov6.PlanResourceChangeRequest) *tfprotov6.PlanResourceChangeResponse {
	if req.TypeName != environment.TypeName || !environment.IsNoOp(req.PriorState, req.ProposedNewState) {
		return nil
	}
	return &tfprotov6.PlanResourceChangeResponse{
		PlannedState: req.PriorState, PlannedPrivate: req.PriorPrivate, PlannedIdentity: req.PriorIdentity,
	}
}

// PlanResourceChange lets the framework plan changes, unless the configuration has faults.
func (s server) PlanResourceChange(
	ctx context.Context, req *tfprotov6.PlanResourceChangeRequest,
) (*tfprotov6.PlanResourceChangeResponse, error) {
	if resp := planNoOp(req); resp != nil {
		return resp, nil
	}
	if faults := findFaults(configurations().resources[req.TypeName], req.Config); len(faults) > 0 {
		return &tfprotov6.PlanResourceChangeResponse{PlannedState: req.PriorState, PlannedPrivate: req.PriorPrivate,
			Diagnostics: faults}, nil
	}
	return s.frameworkServer.PlanResourceChange(ctx, req)
}
