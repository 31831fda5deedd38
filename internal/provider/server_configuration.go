package provider

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/environment"
)

// ValidateProviderConfig validates the provider block; see validate.
func (s server) ValidateProviderConfig(
	ctx context.Context,
	req *tfprotov6.ValidateProviderConfigRequest,
) (*tfprotov6.ValidateProviderConfigResponse, error) {
	diagnostics, err := validate(
		configurations().provider,
		req.Config,
		func(config *tfprotov6.DynamicValue) ([]*tfprotov6.Diagnostic, error) {
			resp, err := s.frameworkServer.ValidateProviderConfig(
				ctx,
				&tfprotov6.ValidateProviderConfigRequest{Config: config},
			)
			if err != nil {
				return nil, err
			}
			return resp.Diagnostics, nil
		},
	)
	return &tfprotov6.ValidateProviderConfigResponse{PreparedConfig: req.Config, Diagnostics: diagnostics}, err
}

// ValidateResourceConfig validates a resource. It skips the framework for valid environments; see validate.
func (s server) ValidateResourceConfig(
	ctx context.Context,
	req *tfprotov6.ValidateResourceConfigRequest,
) (*tfprotov6.ValidateResourceConfigResponse, error) {
	allowed := validator.ValidateSchemaClientCapabilities{
		WriteOnlyAttributesAllowed: req.ClientCapabilities != nil && req.ClientCapabilities.WriteOnlyAttributesAllowed,
	}
	if req.TypeName == environment.TypeName && environment.IsValid(ctx, req.Config, allowed) {
		return &tfprotov6.ValidateResourceConfigResponse{}, nil
	}
	diagnostics, err := validate(
		configurations().resources[req.TypeName],
		req.Config,
		func(config *tfprotov6.DynamicValue) ([]*tfprotov6.Diagnostic, error) {
			resp, err := s.frameworkServer.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{
				TypeName: req.TypeName, Config: config, ClientCapabilities: req.ClientCapabilities,
			})
			if err != nil {
				return nil, err
			}
			return resp.Diagnostics, nil
		},
	)
	return &tfprotov6.ValidateResourceConfigResponse{Diagnostics: diagnostics}, err
}

// ValidateDataResourceConfig validates a data source; see validate.
func (s server) ValidateDataResourceConfig(
	ctx context.Context,
	req *tfprotov6.ValidateDataResourceConfigRequest,
) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	diagnostics, err := validate(
		configurations().dataSources[req.TypeName],
		req.Config,
		func(config *tfprotov6.DynamicValue) ([]*tfprotov6.Diagnostic, error) {
			resp, err := s.frameworkServer.ValidateDataResourceConfig(
				ctx,
				&tfprotov6.ValidateDataResourceConfigRequest{TypeName: req.TypeName, Config: config},
			)
			if err != nil {
				return nil, err
			}
			return resp.Diagnostics, nil
		},
	)
	return &tfprotov6.ValidateDataResourceConfigResponse{Diagnostics: diagnostics}, err
}

// ValidateListResourceConfig validates a list block; see validate.
func (s server) ValidateListResourceConfig(
	ctx context.Context,
	req *tfprotov6.ValidateListResourceConfigRequest,
) (*tfprotov6.ValidateListResourceConfigResponse, error) {
	diagnostics, err := validate(
		configurations().lists[req.TypeName],
		req.Config,
		func(config *tfprotov6.DynamicValue) ([]*tfprotov6.Diagnostic, error) {
			passed := *req
			passed.Config = config
			resp, err := s.frameworkServer.ValidateListResourceConfig(ctx, &passed)
			if err != nil {
				return nil, err
			}
			return resp.Diagnostics, nil
		},
	)
	return &tfprotov6.ValidateListResourceConfigResponse{Diagnostics: diagnostics}, err
}

// ConfigureProvider refuses an invalid provider block, although Terraform has validated it before.
func (s server) ConfigureProvider(
	ctx context.Context,
	req *tfprotov6.ConfigureProviderRequest,
) (*tfprotov6.ConfigureProviderResponse, error) {
	valid, err := s.ValidateProviderConfig(ctx, &tfprotov6.ValidateProviderConfigRequest{Config: req.Config})
	if err != nil {
		return nil, err
	}
	if hasErrors(valid.Diagnostics) {
		return &tfprotov6.ConfigureProviderResponse{Diagnostics: valid.Diagnostics}, nil
	}
	return s.frameworkServer.ConfigureProvider(ctx, req)
}

// ReadDataSource refuses invalid data sources, although Terraform has validated them before, and unknown ones,
// although Terraform defers them.
func (s server) ReadDataSource(
	ctx context.Context,
	req *tfprotov6.ReadDataSourceRequest,
) (*tfprotov6.ReadDataSourceResponse, error) {
	valid, err := s.ValidateDataResourceConfig(
		ctx,
		&tfprotov6.ValidateDataResourceConfigRequest{TypeName: req.TypeName, Config: req.Config},
	)
	if err != nil {
		return nil, err
	}
	if hasErrors(valid.Diagnostics) {
		return &tfprotov6.ReadDataSourceResponse{Diagnostics: valid.Diagnostics}, nil
	}
	if c, ok := readConfiguration(configurations().dataSources[req.TypeName], req.Config); ok && !c.raw.IsFullyKnown() {
		return &tfprotov6.ReadDataSourceResponse{Diagnostics: []*tfprotov6.Diagnostic{{
			Severity: tfprotov6.DiagnosticSeverityError,
			Summary:  "The data source cannot be read yet: a part of its configuration is not known",
			Detail:   "Terraform reads it during the apply, when everything to which it refers is known.",
		}}}, nil
	}
	return s.frameworkServer.ReadDataSource(ctx, req)
}

func hasErrors(diagnostics []*tfprotov6.Diagnostic) bool {
	return slices.ContainsFunc(
		diagnostics,
		func(d *tfprotov6.Diagnostic) bool { return d.Severity == tfprotov6.DiagnosticSeverityError },
	)
}

// ApplyResourceChange refuses a configuration with faults before it changes anything.
func (s server) ApplyResourceChange(
	ctx context.Context,
	req *tfprotov6.ApplyResourceChangeRequest,
) (*tfprotov6.ApplyResourceChangeResponse, error) {
	if faults := findFaults(configurations().resources[req.TypeName], req.Config); len(faults) > 0 {
		return &tfprotov6.ApplyResourceChangeResponse{
			NewState:    req.PriorState,
			Private:     req.PlannedPrivate,
			Diagnostics: faults,
		}, nil
	}
	return s.frameworkServer.ApplyResourceChange(ctx, req)
}
