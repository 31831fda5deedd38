package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/privatestate"
)

// PackPrivateState packs the private state that a server gives to Terraform, and unpacks what Terraform hands back,
// so that stored states stay small. The server must be one of the framework.
func PackPrivateState(s tfprotov6.ProviderServer) tfprotov6.ProviderServer {
	return packing{s.(frameworkServer)}
}

type packing struct{ frameworkServer }

func (p packing) ReadResource(
	ctx context.Context, req *tfprotov6.ReadResourceRequest,
) (*tfprotov6.ReadResourceResponse, error) {
	unpacked := *req
	var err error
	if unpacked.Private, err = privatestate.Unpack(req.Private); err != nil {
		return &tfprotov6.ReadResourceResponse{Diagnostics: unreadable(err)}, nil
	}
	resp, err := p.frameworkServer.ReadResource(ctx, &unpacked)
	if err == nil && resp != nil {
		resp.Private, err = privatestate.Pack(resp.Private)
	}
	return resp, err
}

func (p packing) PlanResourceChange(
	ctx context.Context, req *tfprotov6.PlanResourceChangeRequest,
) (*tfprotov6.PlanResourceChangeResponse, error) {
	unpacked := *req
	var err error
	if unpacked.PriorPrivate, err = privatestate.Unpack(req.PriorPrivate); err != nil {
		return &tfprotov6.PlanResourceChangeResponse{Diagnostics: unreadable(err)}, nil
	}
	resp, err := p.frameworkServer.PlanResourceChange(ctx, &unpacked)
	if err == nil && resp != nil {
		resp.PlannedPrivate, err = privatestate.Pack(resp.PlannedPrivate)
	}
	return resp, err
}

func (p packing) ApplyResourceChange(
	ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest,
) (*tfprotov6.ApplyResourceChangeResponse, error) {
	unpacked := *req
	var err error
	if unpacked.PlannedPrivate, err = privatestate.Unpack(req.PlannedPrivate); err != nil {
		return &tfprotov6.ApplyResourceChangeResponse{NewState: req.PriorState, Diagnostics: unreadable(err)}, nil
	}
	resp, err := p.frameworkServer.ApplyResourceChange(ctx, &unpacked)
	if err == nil && resp != nil {
		resp.Private, err = privatestate.Pack(resp.Private)
	}
	return resp, err
}

func (p packing) ImportResourceState(
	ctx context.Context, req *tfprotov6.ImportResourceStateRequest,
) (*tfprotov6.ImportResourceStateResponse, error) {
	resp, err := p.frameworkServer.ImportResourceState(ctx, req)
	if err != nil || resp == nil {
		return resp, err
	}
	for _, imported := range resp.ImportedResources {
		if imported.Private, err = privatestate.Pack(imported.Private); err != nil {
			return resp, err
		}
	}
	return resp, nil
}

func unreadable(err error) []*tfprotov6.Diagnostic {
	return []*tfprotov6.Diagnostic{{
		Severity: tfprotov6.DiagnosticSeverityError,
		Summary:  "The provider's private part of the state cannot be read",
		Detail: err.Error() + ". A newer version of the provider may have written it, or the state is damaged: use that " +
			"version, or restore a backup of the state.\n\nNothing was changed.",
	}}
}
