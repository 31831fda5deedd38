package environment

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/diagutil"
)

// protected refuses what deletion_protection in the state forbids: to destroy or rename the environment, or to remove
// node groups.
func protected(state resourceModel, what string) diag.Diagnostics {
	if !state.DeletionProtection.ValueBool() {
		return nil
	}
	name := state.Name.ValueString()
	var diags diag.Diagnostics
	diags.AddAttributeError(path.Root("deletion_protection"), fmt.Sprintf("%s: deletion protection forbids to %s", name, what),
		"The state says deletion_protection = true. To go on, set it to false and apply that alone, then apply this change. If Terraform wants to replace the "+
			"environment because it is tainted, keep it instead: terraform untaint RESOURCE."+diagutil.NothingChanged)
	return diags
}
