package acctest

import (
	"context"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/provider"
)

// Server calls the provider as Terraform does, without Terraform: for what plugin-testing cannot test, such as
// warnings, unknown values in the provider block, and private state.
type Server struct {
	tfprotov6.ProviderServer
	Schema *tfprotov6.GetProviderSchemaResponse

	t testing.TB
}

// NewServer starts a provider.
func NewServer(t testing.TB) *Server {
	t.Helper()
	server, err := ProviderFactories["vap"]()
	if err != nil {
		t.Fatal(err)
	}
	return NewServerOf(t, server)
}

// schema is the same for every provider. Without the cache, tests that start hundreds of providers would spend their
// time on it.
var schema = sync.OnceValues(func() (*tfprotov6.GetProviderSchemaResponse, error) {
	return provider.NewServer("test")().GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
})

// NewServerOf is NewServer with the test's own provider.
func NewServerOf(t testing.TB, server tfprotov6.ProviderServer) *Server {
	t.Helper()
	s := &Server{ProviderServer: server, t: t}
	var err error
	if s.Schema, err = schema(); err != nil {
		t.Fatal(err)
	}
	if len(s.Schema.Diagnostics) > 0 {
		t.Fatal(Text(s.Schema.Diagnostics))
	}
	return s
}

// Validate validates a provider block.
func (s *Server) Validate(config map[string]any) []*tfprotov6.Diagnostic {
	s.t.Helper()
	resp, err := s.ValidateProviderConfig(s.t.Context(), &tfprotov6.ValidateProviderConfigRequest{
		Config: s.Encode(s.Schema.Provider, config),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.Diagnostics
}

// ValidateResource validates the configuration of a resource.
func (s *Server) ValidateResource(typeName string, config map[string]any) []*tfprotov6.Diagnostic {
	s.t.Helper()
	resp, err := s.ValidateResourceConfig(s.t.Context(), &tfprotov6.ValidateResourceConfigRequest{
		TypeName: typeName, Config: s.Encode(s.Schema.ResourceSchemas[typeName], config),
		ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: true},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.Diagnostics
}

// ValidateDataSource validates the configuration of a data source.
func (s *Server) ValidateDataSource(typeName string, config map[string]any) []*tfprotov6.Diagnostic {
	s.t.Helper()
	resp, err := s.ValidateDataResourceConfig(s.t.Context(), &tfprotov6.ValidateDataResourceConfigRequest{
		TypeName: typeName, Config: s.Encode(s.Schema.DataSourceSchemas[typeName], config),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.Diagnostics
}

// Configure configures the provider.
func (s *Server) Configure(config map[string]any) []*tfprotov6.Diagnostic {
	s.t.Helper()
	return s.ConfigureContext(s.t.Context(), config)
}

// ConfigureContext is Configure with a context, for example one that carries a logger.
func (s *Server) ConfigureContext(ctx context.Context, config map[string]any) []*tfprotov6.Diagnostic {
	s.t.Helper()
	resp, err := s.ConfigureProvider(ctx, &tfprotov6.ConfigureProviderRequest{
		TerraformVersion: "1.11.4",
		Config:           s.Encode(s.Schema.Provider, config),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.Diagnostics
}

// Read reads a data source. The state is nil after an error.
func (s *Server) Read(dataSource string, config map[string]any) (map[string]any, []*tfprotov6.Diagnostic) {
	s.t.Helper()
	schema := s.Schema.DataSourceSchemas[dataSource]
	resp, err := s.ReadDataSource(s.t.Context(), &tfprotov6.ReadDataSourceRequest{
		TypeName: dataSource, Config: s.Encode(schema, config),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	if HasErrors(resp.Diagnostics) {
		return nil, resp.Diagnostics
	}
	state, _ := s.Decode(schema, resp.State).(map[string]any)
	return state, resp.Diagnostics
}

// Unknown is an unknown value for Encode and from Decode.
type Unknown struct{}

// Encode writes values as Terraform does: nil and absent attributes as null, objects and maps from map[string]any,
// lists and sets from []any, numbers from int or float64.
func (s *Server) Encode(schema *tfprotov6.Schema, values map[string]any) *tfprotov6.DynamicValue {
	s.t.Helper()
	typ := schema.ValueType()
	value, err := encode(typ, values, "")
	if err != nil {
		s.t.Fatal(err)
	}
	dynamic, err := tfprotov6.NewDynamicValue(typ, value)
	if err != nil {
		s.t.Fatal(err)
	}
	return &dynamic
}

// Decode is the reverse of Encode; numbers become float64.
func (s *Server) Decode(schema *tfprotov6.Schema, dynamic *tfprotov6.DynamicValue) any {
	s.t.Helper()
	value, err := dynamic.Unmarshal(schema.ValueType())
	if err != nil {
		s.t.Fatal(err)
	}
	decoded, err := decode(value)
	if err != nil {
		s.t.Fatal(err)
	}
	return decoded
}

func encode(typ tftypes.Type, v any, at string) (tftypes.Value, error) {
	null := tftypes.NewValue(typ, nil)
	switch v.(type) {
	case nil:
		return null, nil
	case Unknown:
		return tftypes.NewValue(typ, tftypes.UnknownValue), nil
	}
	switch typ := typ.(type) {
	case tftypes.Object:
		return encodeObject(typ, v, at)
	case tftypes.Map:
		values, ok := v.(map[string]any)
		if !ok {
			return null, fmt.Errorf("%s is %T, not a map", at, v)
		}
		result := map[string]tftypes.Value{}
		for name, element := range values {
			value, err := encode(typ.ElementType, element, at+"."+name)
			if err != nil {
				return null, err
			}
			result[name] = value
		}
		return tftypes.NewValue(typ, result), nil
	case tftypes.List:
		return encodeAll(typ, typ.ElementType, v, at)
	case tftypes.Set:
		return encodeAll(typ, typ.ElementType, v, at)
	}
	if err := tftypes.ValidateValue(typ, v); err != nil {
		return null, fmt.Errorf("%s: %w", at, err)
	}
	return tftypes.NewValue(typ, v), nil
}

func encodeObject(typ tftypes.Object, v any, at string) (tftypes.Value, error) {
	null := tftypes.NewValue(typ, nil)
	values, ok := v.(map[string]any)
	if !ok {
		return null, fmt.Errorf("%s is %T, not an object", at, v)
	}
	for name := range values {
		if _, ok := typ.AttributeTypes[name]; !ok {
			return null, fmt.Errorf("there is no attribute %s.%s", at, name)
		}
	}
	result := map[string]tftypes.Value{}
	for name, attribute := range typ.AttributeTypes {
		value, err := encode(attribute, values[name], at+"."+name)
		if err != nil {
			return null, err
		}
		result[name] = value
	}
	return tftypes.NewValue(typ, result), nil
}

func encodeAll(typ, elementType tftypes.Type, v any, at string) (tftypes.Value, error) {
	elements, ok := v.([]any)
	if !ok {
		return tftypes.NewValue(typ, nil), fmt.Errorf("%s is %T, not a list", at, v)
	}
	result := []tftypes.Value{}
	for i, element := range elements {
		value, err := encode(elementType, element, fmt.Sprintf("%s[%d]", at, i))
		if err != nil {
			return tftypes.NewValue(typ, nil), err
		}
		result = append(result, value)
	}
	return tftypes.NewValue(typ, result), nil
}

func decode(value tftypes.Value) (any, error) {
	switch {
	case !value.IsKnown():
		return Unknown{}, nil
	case value.IsNull():
		return nil, nil
	}
	switch typ := value.Type(); {
	case typ.Is(tftypes.String):
		var s string
		err := value.As(&s)
		return s, err
	case typ.Is(tftypes.Bool):
		var b bool
		err := value.As(&b)
		return b, err
	case typ.Is(tftypes.Number):
		var n big.Float
		err := value.As(&n)
		f, _ := n.Float64()
		return f, err
	case typ.Is(tftypes.Object{}), typ.Is(tftypes.Map{}):
		var values map[string]tftypes.Value
		if err := value.As(&values); err != nil {
			return nil, err
		}
		result := map[string]any{}
		for name, v := range values {
			decoded, err := decode(v)
			if err != nil {
				return nil, err
			}
			result[name] = decoded
		}
		return result, nil
	}
	var values []tftypes.Value
	if err := value.As(&values); err != nil {
		return nil, err
	}
	result := []any{}
	for _, v := range values {
		decoded, err := decode(v)
		if err != nil {
			return nil, err
		}
		result = append(result, decoded)
	}
	if value.Type().Is(tftypes.Set{}) {
		// A fixed order makes sets comparable.
		slices.SortFunc(result, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	}
	return result, nil
}

// HasErrors reports whether there is an error among the diagnostics.
func HasErrors(diagnostics []*tfprotov6.Diagnostic) bool {
	for _, d := range diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			return true
		}
	}
	return false
}

// Text writes diagnostics one after the other as "ERROR at attribute: summary / detail".
func Text(diagnostics []*tfprotov6.Diagnostic) string {
	var b strings.Builder
	for _, d := range diagnostics {
		fmt.Fprintf(&b, "%s", d.Severity)
		if d.Attribute != nil && len(d.Attribute.Steps()) > 0 {
			fmt.Fprintf(&b, " at %s", At(d))
		}
		fmt.Fprintf(&b, ": %s / %s\n", d.Summary, d.Detail)
	}
	return b.String()
}

// At returns the path of a diagnostic's attribute, for example live_migration[0].between; empty if it has none.
func At(d *tfprotov6.Diagnostic) string {
	if d.Attribute == nil {
		return ""
	}
	var b strings.Builder
	for _, step := range d.Attribute.Steps() {
		switch step := step.(type) {
		case tftypes.AttributeName:
			if b.Len() > 0 {
				b.WriteString(".")
			}
			b.WriteString(string(step))
		case tftypes.ElementKeyInt:
			fmt.Fprintf(&b, "[%d]", int64(step))
		case tftypes.ElementKeyString:
			fmt.Fprintf(&b, "[%q]", string(step))
		}
	}
	return b.String()
}
