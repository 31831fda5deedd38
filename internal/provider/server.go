package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/environment"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
)

// NewServer returns what makes the provider as Terraform talks to it, by protocol 6. The arguments are those of New.
func NewServer(version string, adjust ...func(*migration.Settings)) func() tfprotov6.ProviderServer {
	p := &vapProvider{version: version, adjust: adjust}
	framework := providerserver.NewProtocol6(p)
	return func() tfprotov6.ProviderServer { return server{PackPrivateState(framework()).(frameworkServer), p} }
}

// frameworkServer is everything that the framework's server can be asked.
type frameworkServer interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
	tfprotov6.StateStoreServer
}

// server lets the framework answer, but for what Terraform asks about each of many environments.
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

// UpgradeResourceState takes a state of the present schema as it is.
func (s server) UpgradeResourceState(
	ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest,
) (*tfprotov6.UpgradeResourceStateResponse, error) {
	if req.TypeName == environment.TypeName && environment.IsCurrent(req.Version, req.RawState) {
		return &tfprotov6.UpgradeResourceStateResponse{UpgradedState: &tfprotov6.DynamicValue{JSON: req.RawState.JSON}}, nil
	}
	return s.frameworkServer.UpgradeResourceState(ctx, req)
}

// planNoOp plans what does not change without the framework, which takes config, state and plan apart
// several times to come to the same: that would be most of what the plan of many environments costs. It is
// nil if there is something to decide.
func planNoOp(req *tfprotov6.PlanResourceChangeRequest) *tfprotov6.PlanResourceChangeResponse {
	if req.TypeName != environment.TypeName || !environment.IsNoOp(req.PriorState, req.ProposedNewState) {
		return nil
	}
	return &tfprotov6.PlanResourceChangeResponse{
		PlannedState: req.PriorState, PlannedPrivate: req.PriorPrivate, PlannedIdentity: req.PriorIdentity,
	}
}

// PlanResourceChange leaves to the framework what changes and has no faults.
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
