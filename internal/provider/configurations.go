package provider

import (
	"context"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/environment"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/tfvalue"
)

// configurationTypes are the types of all that configurations say to the provider.
type configurationTypes struct {
	provider                      attr.Type
	resources, dataSources, lists map[string]attr.Type
}

// configurations are the same for every provider.
var configurations = sync.OnceValue(func() configurationTypes {
	ctx, p := context.Background(), &vapProvider{}
	c := configurationTypes{
		provider:  providerSchema().Type(),
		resources: map[string]attr.Type{}, dataSources: map[string]attr.Type{}, lists: map[string]attr.Type{},
	}
	const name = "vap"
	for _, newResource := range p.Resources(ctx) {
		var meta resource.MetadataResponse
		var schema resource.SchemaResponse
		r := newResource()
		r.Metadata(ctx, resource.MetadataRequest{ProviderTypeName: name}, &meta)
		r.Schema(ctx, resource.SchemaRequest{}, &schema)
		c.resources[meta.TypeName] = schema.Schema.Type()
	}
	for _, newDataSource := range p.DataSources(ctx) {
		var meta datasource.MetadataResponse
		var schema datasource.SchemaResponse
		d := newDataSource()
		d.Metadata(ctx, datasource.MetadataRequest{ProviderTypeName: name}, &meta)
		d.Schema(ctx, datasource.SchemaRequest{}, &schema)
		c.dataSources[meta.TypeName] = schema.Schema.Type()
	}
	for _, newList := range p.ListResources(ctx) {
		var meta resource.MetadataResponse
		var schema list.ListResourceSchemaResponse
		l := newList()
		l.Metadata(ctx, resource.MetadataRequest{ProviderTypeName: name}, &meta)
		l.ListResourceConfigSchema(ctx, list.ListResourceSchemaRequest{}, &schema)
		c.lists[meta.TypeName] = schema.Schema.Type()
	}
	return c
})

// configuration is a configuration as it came, with what Faults says of it.
type configuration struct {
	raw, masked tftypes.Value
	faults      diag.Diagnostics
}

// readConfiguration looks at a configuration of a type. What it cannot read it leaves to the framework to complain of.
func readConfiguration(typ attr.Type, encoded *tfprotov6.DynamicValue) (configuration, bool) {
	if typ == nil || encoded == nil {
		return configuration{}, false
	}
	raw, err := encoded.Unmarshal(typ.TerraformType(context.Background()))
	if err != nil {
		return configuration{}, false
	}
	c := configuration{raw: raw}
	c.faults, c.masked = tfvalue.Faults(typ, raw)
	return c, true
}

// validate has a configuration validated by the framework without its faults, which the framework would call mistakes
// of the provider, and completes the answer: it has the faults in it, and not what the framework says of parts of an
// unknown value. It looks for required attributes even there, although nobody can say yet whether they are written.
func validate(
	typ attr.Type,
	encoded *tfprotov6.DynamicValue,
	framework func(*tfprotov6.DynamicValue) ([]*tfprotov6.Diagnostic, error),
) ([]*tfprotov6.Diagnostic, error) {
	c, ok := readConfiguration(typ, encoded)
	if !ok {
		return framework(encoded)
	}
	if len(c.faults) > 0 {
		masked, err := tfprotov6.NewDynamicValue(c.masked.Type(), c.masked)
		if err != nil {
			return nil, err
		}
		encoded = &masked
	}
	said, err := framework(encoded)
	diagnostics := environment.ProtocolDiagnostics(c.faults)
	for _, d := range said {
		if !tfvalue.IsBelow(c.masked, d.Attribute, func(part tftypes.Value) bool { return !part.IsKnown() }) {
			diagnostics = append(diagnostics, d)
		}
	}
	return diagnostics, err
}

// findFaults are the faults of a configuration that is about to be used. Terraform validates it again as soon as it is
// known, so that this is for who does not.
func findFaults(typ attr.Type, encoded *tfprotov6.DynamicValue) []*tfprotov6.Diagnostic {
	c, ok := readConfiguration(typ, encoded)
	if !ok {
		return nil
	}
	return environment.ProtocolDiagnostics(c.faults)
}
