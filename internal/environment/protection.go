package environment

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/diagutil"
)

// protected refuses what deletion_protection in the state forbids: destroying or renaming the environment, or removing
// node groups.
func protected(state resourceModel, what string) diag.Diagnostics {
	if !state.DeletionProtection.ValueBool() {
		return nil
	}
	name := state.Name.ValueString()
	var diags diag.Diagnostics
	diags.AddAttributeError(path.Root("deletion_protection"),
		fmt.Sprintf("%s: cannot %s: deletion_protection is on", name, what),
		"Set deletion_protection to false and apply that alone, then apply this change. If Terraform wants to replace the "+
			"environment because it is tainted, keep it instead: terraform untaint ADDRESS."+diagutil.NothingChanged)
	return diags
}

// renamed warns that a change of the name replaces the environment.
func renamed(state, plan resourceModel) diag.Diagnostic {
	name, to := state.Name.ValueString(), "a new one"
	if !plan.Name.IsUnknown() {
		to = plan.Name.ValueString() + ", a new one"
	}
	return diag.NewAttributeWarningDiagnostic(path.Root("name"),
		name+": renaming replaces the environment, and everything on it is lost",
		fmt.Sprintf("The platform cannot rename an environment. Terraform deletes %s with its data, volumes, variables "+
			"set outside Terraform and addresses, and creates %s. To change only the name that the dashboard shows, set "+
			"display_name. To keep the environment from being deleted, set deletion_protection = true and apply that first.",
			name, to))
}
