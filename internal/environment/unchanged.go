package environment

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// TypeName is the name of the resource in configurations.
const TypeName = "vap_environment"

// IsNoOp says whether the plan of an environment has nothing to decide: Terraform proposes the state byte
// by byte, the state has no planned migration that the plan would remove, and no check of a migration has
// to be repeated. ModifyPlan then plans the state without a diagnostic. IsNoOp runs for thousands of
// environments, so it looks at nothing else.
func IsNoOp(prior, proposed *tfprotov6.DynamicValue) bool {
	if prior == nil || proposed == nil || len(prior.MsgPack) == 0 || !bytes.Equal(prior.MsgPack, proposed.MsgPack) {
		return false
	}
	state, err := prior.Unmarshal(stateType())
	if err != nil || state.IsNull() {
		return false
	}
	var attributes map[string]tftypes.Value
	if state.As(&attributes) != nil || !attributes["planned_migration"].IsNull() {
		return false
	}
	var last map[string]tftypes.Value
	return attributes["last_migration"].IsNull() ||
		attributes["last_migration"].As(&last) == nil && !last["verified"].Equal(tftypes.NewValue(tftypes.Bool, false))
}

var stateSchema = sync.OnceValue(func() schema.Schema { return resourceSchema(context.Background()) })

var stateType = sync.OnceValue(func() tftypes.Type { return stateSchema().Type().TerraformType(context.Background()) })

// IsCurrent says whether a stored state has the current schema and no attribute that the schema does not know.
func IsCurrent(version int64, stored *tfprotov6.RawState) bool {
	if stored == nil || len(stored.JSON) == 0 || version != stateSchema().Version {
		return false
	}
	decoder := json.NewDecoder(bytes.NewReader(stored.JSON))
	decoder.UseNumber()
	var state any
	if decoder.Decode(&state) != nil {
		return false
	}
	_, err := decoder.Token()
	return errors.Is(err, io.EOF) && conforms(state, stateType())
}

// conforms says whether what was decoded from JSON is of a type as it is. Decoding it as values of the type, as the
// framework does, takes several times as long.
func conforms(decoded any, typ tftypes.Type) bool {
	switch decoded := decoded.(type) {
	case nil:
		return true
	case string:
		return typ.Is(tftypes.String)
	case bool:
		return typ.Is(tftypes.Bool)
	case json.Number:
		return typ.Is(tftypes.Number)
	case []any:
		var element tftypes.Type
		switch typ := typ.(type) {
		case tftypes.List:
			element = typ.ElementType
		case tftypes.Set:
			element = typ.ElementType
		default:
			return false
		}
		for _, one := range decoded {
			if !conforms(one, element) {
				return false
			}
		}
		return true
	case map[string]any:
		switch typ := typ.(type) {
		case tftypes.Map:
			for _, one := range decoded {
				if !conforms(one, typ.ElementType) {
					return false
				}
			}
			return true
		case tftypes.Object:
			for name, one := range decoded {
				attribute, known := typ.AttributeTypes[name]
				if !known || !conforms(one, attribute) {
					return false
				}
			}
			return true
		}
	}
	return false
}
