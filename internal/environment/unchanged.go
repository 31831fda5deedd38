package environment

import (
	"bytes"
	"context"
	"sync"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// TypeName is the name of the resource in configurations.
const TypeName = "vap_environment"

// Unchanged says whether the plan of an environment has nothing to decide: Terraform proposes what the state has, byte by
// byte, and the state has no planned migration left that the plan would forget. ModifyPlan then plans the state and says
// nothing. It is asked for thousands of environments, so it looks at no more than that.
func Unchanged(prior, proposed *tfprotov6.DynamicValue) bool {
	if prior == nil || proposed == nil || len(prior.MsgPack) == 0 || !bytes.Equal(prior.MsgPack, proposed.MsgPack) {
		return false
	}
	state, err := prior.Unmarshal(stateType())
	if err != nil || state.IsNull() {
		return false
	}
	var attributes map[string]tftypes.Value
	return state.As(&attributes) == nil && attributes["planned_migration"].IsNull()
}

var stateType = sync.OnceValue(func() tftypes.Type {
	ctx := context.Background()
	return resourceSchema(ctx).Type().TerraformType(ctx)
})
