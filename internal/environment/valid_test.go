package environment_test

import (
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/environment"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/provider"
)

var framework = sync.OnceValue(func() tfprotov6.ProviderServer {
	return providerserver.NewProtocol6(provider.New("test")())()
})

// expectSameValidity expects that IsValid accepts a configuration if and only if it is known and neither the
// framework nor the provider reports anything. It returns whether IsValid accepts it.
func expectSameValidity(t *testing.T, s *acctest.Server, config map[string]any, writeOnly bool) bool {
	t.Helper()
	encoded := s.Encode(s.Schema.ResourceSchemas[environment.TypeName], config)
	request := &tfprotov6.ValidateResourceConfigRequest{
		TypeName: environment.TypeName, Config: encoded,
		ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: writeOnly},
	}
	var said []*tfprotov6.Diagnostic
	for _, server := range []tfprotov6.ProviderServer{framework(), s} {
		answer, err := server.ValidateResourceConfig(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		said = append(said, answer.Diagnostics...)
	}
	valid := environment.IsValid(t.Context(), encoded,
		validator.ValidateSchemaClientCapabilities{WriteOnlyAttributesAllowed: writeOnly})
	raw, err := encoded.Unmarshal(s.Schema.ResourceSchemas[environment.TypeName].ValueType())
	if err != nil {
		t.Fatal(err)
	}
	if valid != (raw.IsFullyKnown() && len(said) == 0) {
		t.Errorf("IsValid: %v, but the diagnostics of %v are: %s", valid, config, acctest.Text(said))
	}
	return valid
}

// IsValid gives the same result as the framework. The tests of generated configurations compare the two for every
// attribute of the schema.
func TestValidationMatchesFramework(t *testing.T) {
	t.Parallel()
	s := acctest.NewServer(t)
	secret := in("cp", "secret_env_wo", map[string]any{"KEY": "very-secret"})
	version := in("cp", "secret_env_wo_version", 1)
	for name, row := range map[string]struct {
		config       map[string]any
		oldTerraform bool
		want         bool
	}{
		"the smallest":                       {config: small(1), want: true},
		"a shop":                             {config: shop(), want: true},
		"everything":                         {config: full(), want: true},
		"the whole move":                     {config: configWithMove(), want: true},
		"write-only":                         {config: full(secret, version), want: true},
		"write-only, older Terraform":        {config: full(secret, version), oldTerraform: true},
		"without a name":                     {config: full(top("name", nil))},
		"a name that is too short":           {config: full(top("name", "shop"))},
		"computed attribute":                 {config: full(top("domain", "shop.example.com"))},
		"a record that the provider sets":    {config: full(top("last_migration", map[string]any{"mode": "live"}))},
		"a power that does not exist":        {config: full(top("power", "sleeping"))},
		"nested: a number below its range":   {config: full(in("cp", "count", 0))},
		"nested: required attribute missing": {config: full(in("cp", "node_type", nil))},
		"an empty timeout":                   {config: full(top("timeouts", map[string]any{"update": ""}))},
		"a timeout":                          {config: full(top("timeouts", map[string]any{"update": "1h"})), want: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := expectSameValidity(t, s, row.config, !row.oldTerraform); got != row.want {
				t.Errorf("valid: %v, want %v", got, row.want)
			}
		})
	}
}

// IsValid leaves configurations that are unknown, null or unreadable to the framework.
func TestValidRequiresKnownValues(t *testing.T) {
	t.Parallel()
	s := acctest.NewServer(t)
	schema := s.Schema.ResourceSchemas[environment.TypeName]
	for name, config := range map[string]*tfprotov6.DynamicValue{
		"nothing":    nil,
		"null":       s.Encode(schema, nil),
		"unknown":    s.Encode(schema, full(top("region", acctest.Unknown{}))),
		"unreadable": {MsgPack: []byte("x")},
	} {
		if environment.IsValid(t.Context(), config, validator.ValidateSchemaClientCapabilities{}) {
			t.Errorf("%s is valid", name)
		}
	}
}
