package environment

import (
	"bytes"
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/privatestate"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/tfvalue"
)

// Refresh responds to Terraform's request to refresh an environment. It does the same as Read, but without the
// framework, which decodes and encodes each state several times: most of the cost of a plan of many environments.
// Refresh leaves a request to the framework (answered is false) if the service is nil, because the provider's
// configuration is not known, or if the framework keeps private data of its own, as after an import.
func Refresh(
	ctx context.Context, service *migration.Service, req *tfprotov6.ReadResourceRequest,
) (resp *tfprotov6.ReadResourceResponse, answered bool) {
	private, ok := parsePrivate(req.Private)
	if !ok || req.CurrentState == nil || service == nil {
		return nil, false
	}
	raw, err := req.CurrentState.Unmarshal(stateType())
	if err != nil {
		return nil, false
	}
	state := tfsdk.State{Schema: stateSchema(), Raw: raw}
	value, err := tfvalue.FromTerraform(ctx, stateValueType(), raw)
	object, ok := value.(types.Object)
	if err != nil || !ok || object.IsNull() {
		return nil, false
	}
	var m resourceModel
	tfvalue.SetFields(&m, object.Attributes())
	before := m
	identity, err := m.identity().encoded()
	if err != nil {
		return nil, false
	}
	gone, diags := (&environmentResource{service: service}).read(ctx, &m, private)
	resp = &tfprotov6.ReadResourceResponse{NewState: req.CurrentState, NewIdentity: identity}
	changed := gone
	switch {
	case gone:
		state.RemoveResource(ctx)
	case !diags.HasError() && !tfvalue.SameFields(before, m):
		diags.Append(state.Set(ctx, &m)...)
		changed = !state.Raw.Equal(raw)
	}
	if changed {
		value, err := tfprotov6.NewDynamicValue(stateType(), state.Raw)
		if err != nil {
			diags.Append(privatestate.NotEncoded(err))
		}
		resp.NewState = &value
	}
	if resp.Private, err = private.pack(); err != nil {
		diags.Append(privatestate.NotEncoded(err))
	}
	resp.Diagnostics = ProtocolDiagnostics(diags)
	return resp, true
}

// privateValues are the values in private state: as Terraform stored them, and as they are now.
type privateValues struct {
	stored  []byte
	values  privatestate.Values
	changed bool
}

// parsePrivate parses private state. It is not ok if the framework keeps private data of its own in it.
func parsePrivate(data []byte) (private *privateValues, ok bool) {
	values, err := privatestate.Parse(data)
	if err != nil {
		return nil, false
	}
	for key := range values {
		if strings.HasPrefix(key, ".") {
			return nil, false
		}
	}
	return &privateValues{stored: data, values: values, changed: len(data) > 0 && !privatestate.IsPacked(data)}, true
}

// pack returns the private state for Terraform to store. Packing is expensive, and a refresh rarely changes a value.
func (p *privateValues) pack() ([]byte, error) {
	if !p.changed {
		return p.stored, nil
	}
	return p.values.Pack()
}

func (p *privateValues) GetKey(_ context.Context, key string) ([]byte, diag.Diagnostics) {
	return p.values[key], nil
}

func (p *privateValues) SetKey(_ context.Context, key string, value []byte) diag.Diagnostics {
	if before, found := p.values[key]; found == (value != nil) && bytes.Equal(before, value) {
		return nil
	}
	p.changed = true
	if value == nil {
		delete(p.values, key)
	} else {
		p.values[key] = value
	}
	return nil
}

// ProtocolDiagnostics converts diagnostics to the protocol's type.
func ProtocolDiagnostics(all diag.Diagnostics) []*tfprotov6.Diagnostic {
	var translated []*tfprotov6.Diagnostic
	for _, d := range all {
		one := &tfprotov6.Diagnostic{Severity: tfprotov6.DiagnosticSeverityError, Summary: d.Summary(), Detail: d.Detail()}
		if d.Severity() == diag.SeverityWarning {
			one.Severity = tfprotov6.DiagnosticSeverityWarning
		}
		if at, ok := d.(diag.DiagnosticWithPath); ok {
			one.Attribute = protocolPath(at.Path())
		}
		translated = append(translated, one)
	}
	return translated
}

func protocolPath(p path.Path) *tftypes.AttributePath {
	translated := tftypes.NewAttributePath()
	for _, step := range p.Steps() {
		switch step := step.(type) {
		case path.PathStepAttributeName:
			translated = translated.WithAttributeName(string(step))
		case path.PathStepElementKeyString:
			translated = translated.WithElementKeyString(string(step))
		case path.PathStepElementKeyInt:
			translated = translated.WithElementKeyInt(int(step))
		}
	}
	return translated
}
