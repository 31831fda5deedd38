package environment

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/attr/xattr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/tfvalue"
)

// IsValid reports whether neither the framework nor tfvalue.Faults would report anything about a configuration. The
// framework looks up every attribute of the schema by its path, which took a third of the provider's time in a plan
// of many environments; IsValid walks the configuration once. It returns false for whatever may deserve a diagnostic,
// and leaves that to the framework.
func IsValid(ctx context.Context, encoded *tfprotov6.DynamicValue,
	allowed validator.ValidateSchemaClientCapabilities) bool {
	if encoded == nil {
		return false
	}
	config, err := encoded.Unmarshal(stateType())
	if err != nil || config.IsNull() || !config.IsFullyKnown() {
		return false
	}
	s := stateSchema()
	if faults, _ := tfvalue.Faults(stateValueType(), config); len(faults) > 0 || len(s.Blocks) > 0 ||
		s.DeprecationMessage != "" {
		return false
	}
	c := validation{allowed: allowed, config: tfsdk.Config{Schema: s, Raw: config}}
	var values map[string]tftypes.Value
	if config.As(&values) != nil {
		return false
	}
	for name, a := range s.Attributes {
		if !c.attributeIsValid(ctx, a, values[name], path.Root(name), path.MatchRoot(name)) {
			return false
		}
	}
	return true
}

// validation is the validation of one configuration.
type validation struct {
	allowed validator.ValidateSchemaClientCapabilities
	config  tfsdk.Config
}

func (c validation) attributeIsValid(ctx context.Context, a schema.Attribute, raw tftypes.Value, at path.Path,
	expression path.Expression) bool {
	if !raw.IsNull() && (a.IsComputed() && !a.IsOptional() || a.GetDeprecationMessage() != "" ||
		a.IsWriteOnly() && !c.allowed.WriteOnlyAttributesAllowed) || raw.IsNull() && a.IsRequired() {
		return false
	}
	return c.validatorsAgree(ctx, a, raw, at, expression) && c.nestedAreValid(ctx, a, raw, at, expression)
}

// validatorsAgree runs an attribute's own validators. It returns false for kinds of attributes that the schema does
// not use.
func (c validation) validatorsAgree(ctx context.Context, a schema.Attribute, raw tftypes.Value, at path.Path,
	expression path.Expression) bool {
	switch a := a.(type) {
	case schema.StringAttribute:
		return agree(ctx, a.Validators, a.GetType(), raw, func(one validator.String, value types.String) diag.Diagnostics {
			var resp validator.StringResponse
			one.ValidateString(ctx, validator.StringRequest{Path: at, PathExpression: expression, Config: c.config,
				ConfigValue: value, ClientCapabilities: c.allowed}, &resp)
			return resp.Diagnostics
		})
	case schema.Int64Attribute:
		return agree(ctx, a.Validators, a.GetType(), raw, func(one validator.Int64, value types.Int64) diag.Diagnostics {
			var resp validator.Int64Response
			one.ValidateInt64(ctx, validator.Int64Request{Path: at, PathExpression: expression, Config: c.config,
				ConfigValue: value, ClientCapabilities: c.allowed}, &resp)
			return resp.Diagnostics
		})
	case schema.Float64Attribute:
		return agree(ctx, a.Validators, a.GetType(), raw, func(one validator.Float64, value types.Float64) diag.Diagnostics {
			var resp validator.Float64Response
			one.ValidateFloat64(ctx, validator.Float64Request{Path: at, PathExpression: expression, Config: c.config,
				ConfigValue: value, ClientCapabilities: c.allowed}, &resp)
			return resp.Diagnostics
		})
	case schema.BoolAttribute:
		return agree(ctx, a.Validators, a.GetType(), raw, func(one validator.Bool, value types.Bool) diag.Diagnostics {
			var resp validator.BoolResponse
			one.ValidateBool(ctx, validator.BoolRequest{Path: at, PathExpression: expression, Config: c.config,
				ConfigValue: value, ClientCapabilities: c.allowed}, &resp)
			return resp.Diagnostics
		})
	case schema.SetAttribute:
		return agree(ctx, a.Validators, a.GetType(), raw, func(one validator.Set, value types.Set) diag.Diagnostics {
			var resp validator.SetResponse
			one.ValidateSet(ctx, validator.SetRequest{Path: at, PathExpression: expression, Config: c.config,
				ConfigValue: value, ClientCapabilities: c.allowed}, &resp)
			return resp.Diagnostics
		})
	case schema.ListAttribute:
		return c.listValidatorsAgree(ctx, a.Validators, a.GetType(), raw, at, expression)
	case schema.ListNestedAttribute:
		return len(a.Validators) == 0 || c.listValidatorsAgree(ctx, a.Validators, a.GetType(), raw, at, expression)
	case schema.MapAttribute:
		return c.mapValidatorsAgree(ctx, a.Validators, a.GetType(), raw, at, expression)
	case schema.MapNestedAttribute:
		return len(a.Validators) == 0 || c.mapValidatorsAgree(ctx, a.Validators, a.GetType(), raw, at, expression)
	case schema.SingleNestedAttribute:
		return len(a.Validators) == 0 || c.objectValidatorsAgree(ctx, a.Validators, a.GetType(), raw, at, expression)
	}
	return false
}

// agree reports whether validators accept a value without a diagnostic. It leaves types that validate themselves to
// the framework.
func agree[Validator any, Value attr.Value](ctx context.Context, all []Validator, typ attr.Type, raw tftypes.Value,
	validate func(Validator, Value) diag.Diagnostics) bool {
	if len(all) == 0 && raw.IsNull() {
		return true
	}
	converted, err := tfvalue.FromTerraform(ctx, typ, raw)
	if err != nil {
		return false
	}
	value, ok := converted.(Value)
	if _, checks := converted.(xattr.ValidateableAttribute); !ok || checks {
		return false
	}
	for _, one := range all {
		if len(validate(one, value)) > 0 {
			return false
		}
	}
	return true
}

func (c validation) listValidatorsAgree(ctx context.Context, all []validator.List, typ attr.Type, raw tftypes.Value,
	at path.Path, expression path.Expression) bool {
	return agree(ctx, all, typ, raw, func(one validator.List, value types.List) diag.Diagnostics {
		var resp validator.ListResponse
		one.ValidateList(ctx, validator.ListRequest{Path: at, PathExpression: expression, Config: c.config,
			ConfigValue: value, ClientCapabilities: c.allowed}, &resp)
		return resp.Diagnostics
	})
}

func (c validation) mapValidatorsAgree(ctx context.Context, all []validator.Map, typ attr.Type, raw tftypes.Value,
	at path.Path, expression path.Expression) bool {
	return agree(ctx, all, typ, raw, func(one validator.Map, value types.Map) diag.Diagnostics {
		var resp validator.MapResponse
		one.ValidateMap(ctx, validator.MapRequest{Path: at, PathExpression: expression, Config: c.config,
			ConfigValue: value, ClientCapabilities: c.allowed}, &resp)
		return resp.Diagnostics
	})
}

func (c validation) objectValidatorsAgree(ctx context.Context, all []validator.Object, typ attr.Type,
	raw tftypes.Value, at path.Path, expression path.Expression) bool {
	return agree(ctx, all, typ, raw, func(one validator.Object, value basetypes.ObjectValuable) diag.Diagnostics {
		object, diags := value.ToObjectValue(ctx)
		var resp validator.ObjectResponse
		one.ValidateObject(ctx, validator.ObjectRequest{Path: at, PathExpression: expression, Config: c.config,
			ConfigValue: object, ClientCapabilities: c.allowed}, &resp)
		return append(diags, resp.Diagnostics...)
	})
}

// nestedAreValid validates the attributes nested in an attribute.
func (c validation) nestedAreValid(ctx context.Context, a schema.Attribute, raw tftypes.Value, at path.Path,
	expression path.Expression) bool {
	if raw.IsNull() {
		return true
	}
	switch a := a.(type) {
	case schema.SingleNestedAttribute:
		return c.objectIsValid(ctx, schema.NestedAttributeObject{Attributes: a.Attributes}, raw, at, expression)
	case schema.ListNestedAttribute:
		var elements []tftypes.Value
		if raw.As(&elements) != nil {
			return false
		}
		for i, element := range elements {
			if !c.objectIsValid(ctx, a.NestedObject, element, at.AtListIndex(i), expression.AtListIndex(i)) {
				return false
			}
		}
	case schema.MapNestedAttribute:
		var elements map[string]tftypes.Value
		if raw.As(&elements) != nil {
			return false
		}
		for key, element := range elements {
			if !c.objectIsValid(ctx, a.NestedObject, element, at.AtMapKey(key), expression.AtMapKey(key)) {
				return false
			}
		}
	case schema.NestedAttribute:
		return false
	}
	return true
}

// objectIsValid validates one object. It leaves null objects to the framework.
func (c validation) objectIsValid(ctx context.Context, object schema.NestedAttributeObject, raw tftypes.Value,
	at path.Path, expression path.Expression) bool {
	var values map[string]tftypes.Value
	if raw.IsNull() || raw.As(&values) != nil ||
		len(object.Validators) > 0 &&
			!c.objectValidatorsAgree(ctx, object.Validators, object.Type(), raw, at, expression) {
		return false
	}
	for name, a := range object.Attributes {
		if !c.attributeIsValid(ctx, a, values[name], at.AtName(name), expression.AtName(name)) {
			return false
		}
	}
	return true
}
