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

// configurationTypes are the types of all configurations: the provider's and those of its resources, data sources and
// lists.
type configurationTypes struct {
	provider                      attr.Type
	resources, dataSources, lists map[string]attr.Type
}

// configurations are the same for every provider instance.
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

// configuration is a configuration as received, and the result of tfvalue.Faults for it.
type configuration struct {
	raw, masked tftypes.Value
	faults      diag.Diagnostics
}

// readConfiguration reads a configuration of a type. It leaves what it cannot read for the framework to report.
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

// validate lets the framework validate a configuration without its faults, which the framework would report as bugs
// of the provider. It then adds the faults, and removes what the framework reports about parts of unknown values: the
// framework requires attributes even there, before it is known whether they are set.
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

// findFaults returns the faults of a configuration that is about to be used. Terraform validates a configuration
// again when it becomes known; findFaults is for other clients, which may not.
func findFaults(typ attr.Type, encoded *tfprotov6.DynamicValue) []*tfprotov6.Diagnostic {
	c, ok := readConfiguration(typ, encoded)
	if !ok {
		return nil
	}
	return environment.ProtocolDiagnostics(c.faults)
}
