package acctest

import (
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// identitySchema describes the identities of a resource; nil if it has none.
func (s *Server) identitySchema(typeName string) *tfprotov6.ResourceIdentitySchema {
	s.t.Helper()
	resp, err := s.GetResourceIdentitySchemas(s.t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.IdentitySchemas[typeName]
}

// encodeIdentity returns nil if the resource has no identities, or if there is no identity, as in states of older
// versions of Terraform.
func (s *Server) encodeIdentity(typeName string, identity map[string]any) *tfprotov6.ResourceIdentityData {
	s.t.Helper()
	schema := s.identitySchema(typeName)
	if schema == nil || identity == nil {
		return nil
	}
	typ := schema.ValueType()
	value, err := encode(typ, identity, "")
	if err != nil {
		s.t.Fatal(err)
	}
	dynamic, err := tfprotov6.NewDynamicValue(typ, value)
	if err != nil {
		s.t.Fatal(err)
	}
	return &tfprotov6.ResourceIdentityData{IdentityData: &dynamic}
}

func (s *Server) decodeIdentity(typeName string, data *tfprotov6.ResourceIdentityData) map[string]any {
	s.t.Helper()
	if data == nil || data.IdentityData == nil {
		return nil
	}
	value, err := data.IdentityData.Unmarshal(s.identitySchema(typeName).ValueType())
	if err != nil {
		s.t.Fatal(err)
	}
	decoded, err := decode(value)
	if err != nil {
		s.t.Fatal(err)
	}
	identity, _ := decoded.(map[string]any)
	return identity
}

// Listed is a resource that a list resource found.
type Listed struct {
	DisplayName string
	Identity    map[string]any
	// State is nil unless it was requested.
	State map[string]any
}

// List validates the configuration of a list resource and lists it, as "terraform query" does. It requests at most
// limit results.
func (s *Server) List(
	typeName string, config map[string]any, states bool, limit int64,
) ([]Listed, []*tfprotov6.Diagnostic) {
	s.t.Helper()
	server, ok := s.ProviderServer.(tfprotov6.ListResourceServer)
	if !ok {
		s.t.Fatal("the provider does not list resources")
	}
	encoded := s.Encode(s.Schema.ListResourceSchemas[typeName], config)
	validated, err := server.ValidateListResourceConfig(s.t.Context(),
		&tfprotov6.ValidateListResourceConfigRequest{TypeName: typeName, Config: encoded})
	if err != nil {
		s.t.Fatal(err)
	}
	diagnostics := validated.Diagnostics
	if HasErrors(diagnostics) {
		return nil, diagnostics
	}
	stream, err := server.ListResource(s.t.Context(), &tfprotov6.ListResourceRequest{
		TypeName: typeName, Config: encoded, IncludeResource: states, Limit: limit,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	var found []Listed
	for result := range stream.Results {
		diagnostics = append(diagnostics, result.Diagnostics...)
		if HasErrors(result.Diagnostics) {
			continue
		}
		found = append(found, Listed{
			DisplayName: result.DisplayName,
			Identity:    s.decodeIdentity(typeName, result.Identity),
			State:       decodeState(s, s.Schema.ResourceSchemas[typeName], result.Resource),
		})
	}
	return found, diagnostics
}
