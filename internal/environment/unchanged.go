package environment

import (
	"bytes"
	"context"
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
	_, err := stored.Unmarshal(stateType())
	return err == nil
}
