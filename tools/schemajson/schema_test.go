package main

import (
	"context"
	"encoding/json"
	"reflect"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/provider"
)

// The provider does not use every shape of a schema, so this test does.
func TestEverySchemaType(t *testing.T) {
	t.Parallel()
	answer := &tfprotov6.GetProviderSchemaResponse{
		Provider: &tfprotov6.Schema{Block: &tfprotov6.SchemaBlock{}},
		ResourceSchemas: map[string]*tfprotov6.Schema{"vap_thing": {Version: 2, Block: &tfprotov6.SchemaBlock{
			Description:     "A *thing*.",
			DescriptionKind: tfprotov6.StringKindMarkdown,
			Attributes: []*tfprotov6.SchemaAttribute{
				{Name: "id", Type: tftypes.String, Computed: true, Description: "Its name."},
				{Name: "key", Type: tftypes.String, Optional: true, Sensitive: true, WriteOnly: true, Deprecated: true},
				{Name: "tags", Type: tftypes.Map{ElementType: tftypes.Bool}, Required: true},
				{Name: "any", Type: tftypes.DynamicPseudoType, Optional: true},
				{Name: "parts", Optional: true, NestedType: &tfprotov6.SchemaObject{
					Nesting:    tfprotov6.SchemaObjectNestingModeMap,
					Attributes: []*tfprotov6.SchemaAttribute{{Name: "size", Type: tftypes.Number, Optional: true}},
				}},
			},
			BlockTypes: []*tfprotov6.SchemaNestedBlock{{
				TypeName: "rule", Nesting: tfprotov6.SchemaNestedBlockNestingModeList, MaxItems: 3, Block: &tfprotov6.SchemaBlock{},
			}},
		}}},
		ActionSchemas: map[string]*tfprotov6.ActionSchema{
			"vap_do": {Schema: &tfprotov6.Schema{Block: &tfprotov6.SchemaBlock{}}},
		},
		Functions: map[string]*tfprotov6.Function{"sum": {
			Summary:           "Adds.",
			Parameters:        []*tfprotov6.FunctionParameter{{Name: "first", Type: tftypes.Number, AllowNullValue: true}},
			VariadicParameter: &tfprotov6.FunctionParameter{Name: "rest", Type: tftypes.Number},
			Return: &tfprotov6.FunctionReturn{
				Type: tftypes.Object{AttributeTypes: map[string]tftypes.Type{"n": tftypes.Number}},
			},
		}},
	}
	identities := &tfprotov6.GetResourceIdentitySchemasResponse{}
	identities.IdentitySchemas = map[string]*tfprotov6.ResourceIdentitySchema{
		"vap_thing": {Version: 1, IdentityAttributes: []*tfprotov6.ResourceIdentitySchemaAttribute{
			{Name: "name", Type: tftypes.String, RequiredForImport: true},
		}},
	}
	want := `{"format_version": "1.0", "provider_schemas": {"here": {
		"provider": {"version": 0, "block": {"description_kind": "plain"}},
		"resource_schemas": {"vap_thing": {"version": 2, "block": {
			"description": "A *thing*.", "description_kind": "markdown",
			"attributes": {
				"id": {"type": "string", "computed": true, "description": "Its name.", "description_kind": "plain"},
				"key": {"type": "string", "optional": true, "sensitive": true, "write_only": true, "deprecated": true,
					"description_kind": "plain"},
				"tags": {"type": ["map", "bool"], "required": true, "description_kind": "plain"},
				"any": {"type": "dynamic", "optional": true, "description_kind": "plain"},
				"parts": {"optional": true, "description_kind": "plain", "nested_type": {
					"nesting_mode": "map",
					"attributes": {"size": {"type": "number", "optional": true, "description_kind": "plain"}}
				}}
			},
			"block_types": {"rule": {"nesting_mode": "list", "max_items": 3, "block": {"description_kind": "plain"}}}
		}}},
		"action_schemas": {"vap_do": {"block": {"description_kind": "plain"}}},
		"functions": {"sum": {
			"summary": "Adds.", "return_type": ["object", {"n": "number"}],
			"parameters": [{"name": "first", "type": "number", "is_nullable": true}],
			"variadic_parameter": {"name": "rest", "type": "number"}
		}},
		"resource_identity_schemas": {"vap_thing": {
			"version": 1, "attributes": {"name": {"type": "string", "required_for_import": true}}
		}}
	}}}`
	same(t, "document", decoded(t, encoded(t, documentOf("here", answer, identities))), decoded(t, []byte(want)))
}

func TestProviderErrors(t *testing.T) {
	t.Parallel()
	err := failures([]*tfprotov6.Diagnostic{
		{Severity: tfprotov6.DiagnosticSeverityWarning, Summary: "only a warning"},
		{Severity: tfprotov6.DiagnosticSeverityError, Summary: "bad schema", Detail: "attribute x"},
	})
	if err == nil || err.Error() != "bad schema: attribute x" {
		t.Fatalf("got %v", err)
	}
}

// This program prints the same as Terraform about the real provider, as far as that Terraform can. It does not
// print kinds that it does not know (identities before 1.12, lists before 1.14), nor newer properties of
// attributes.
func TestAccSameAsTerraform(t *testing.T) {
	t.Parallel()
	tf := acctest.NewTerraform(t)
	doc, err := export(context.Background(), providerserver.NewProtocol6(provider.New("test")())())
	if err != nil {
		t.Fatal(err)
	}
	out := tf.Run("providers", "schema", "-json")
	ours, theirs := onlySchema(t, encoded(t, doc)), onlySchema(t, []byte(out))
	if theirs["resource_schemas"] == nil {
		t.Fatalf("Terraform printed no resources: %s", out)
	}
	if !tf.AtLeast(1, 11) {
		dropWriteOnly(ours)
	}
	for kind, want := range theirs {
		if described, isMap := want.(map[string]any); isMap && len(described) == 0 && ours[kind] == nil {
			continue // some programs omit an empty kind, others print {}
		}
		same(t, kind, ours[kind], want)
	}
}

// dropWriteOnly changes a schema to what Terraform or OpenTofu before 1.11 prints: they treat write-only attributes
// like all others.
func dropWriteOnly(schema any) {
	members, isMap := schema.(map[string]any)
	if !isMap {
		return
	}
	if _, isProperty := members["write_only"].(bool); isProperty { // otherwise it is an attribute with this name
		delete(members, "write_only")
	}
	for _, member := range members {
		dropWriteOnly(member)
	}
}

func TestDropWriteOnly(t *testing.T) {
	t.Parallel()
	schema := decoded(t, []byte(`{"attributes": {
		"write_only": {"type": "bool", "write_only": true},
		"parts": {"nested_type": {"attributes": {"key": {"optional": true, "write_only": true}}}}
	}}`))
	dropWriteOnly(schema)
	same(t, "schema", schema, decoded(t, []byte(`{"attributes": {
		"write_only": {"type": "bool"},
		"parts": {"nested_type": {"attributes": {"key": {"optional": true}}}}
	}}`)))
}

func onlySchema(t *testing.T, doc []byte) map[string]any {
	t.Helper()
	schemas := decoded(t, doc)["provider_schemas"].(map[string]any)
	if len(schemas) != 1 {
		t.Fatalf("%d providers, want one", len(schemas))
	}
	for _, schema := range schemas {
		return schema.(map[string]any)
	}
	return nil
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got %s\nwant %s", what, encoded(t, got), encoded(t, want))
	}
}

func encoded(t *testing.T, value any) []byte {
	t.Helper()
	out, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func decoded(t *testing.T, doc []byte) map[string]any {
	t.Helper()
	var value map[string]any
	if err := json.Unmarshal(doc, &value); err != nil {
		t.Fatalf("%v in %s", err, doc)
	}
	return value
}
