package environment

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/diagutil"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/providerdata"
)

// Delete removes the environment and waits until the platform reports that the name does not exist. It first waits
// for operations on the environment to end.
func (r *environmentResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state resourceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	timeout, diags := state.Timeouts.Delete(ctx, 20*time.Minute)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	// Terraform never plans some destructions, such as replacing a tainted environment.
	resp.Diagnostics.Append(protected(state, "destroy the environment")...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	if d := providerdata.Missing(r.service); d != nil {
		resp.Diagnostics.Append(d)
		return
	}
	name := state.Name.ValueString()
	ended := r.service.BeginDeletion(name)
	if err := r.destroy(ctx, name); err != nil {
		fact, end := "the environment was not deleted", "\n\nIt stays in the state. Remove the cause, then destroy it again."
		if ctx.Err() != nil || platform.IsOutcomeUnknown(err) {
			fact, end = "it is not known whether the environment was deleted", "\n\nIt stays in the state; the next plan "+
				"finds out."
		}
		resp.Diagnostics.Append(diagutil.FromError(name, fact, err, end))
		return
	}
	ended()
}

// destroy deletes an environment and returns when it is gone. It repeats the request once a busy environment is idle,
// and also if the environment is still idle long after the call.
func (r *environmentResource) destroy(ctx context.Context, name string) error {
	defer r.service.ExpectLooks()()
	err := r.service.Write(ctx, migration.Write{
		Environment: name,
		Deletes:     true,
		Call: func(ctx context.Context, p *platform.Client) error {
			err := p.DeleteEnvironment(ctx, name)
			if platform.IsMissing(err) {
				return nil // waiting finds out whether it is gone
			}
			return err
		},
	})
	if platform.IsMissing(err) {
		return nil // nothing else can be read to confirm it, and repeated reads agree
	}
	return err
}
