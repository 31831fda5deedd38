package environment

import (
	"context"
	"errors"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// Delete removes the environment and waits until the platform says by name that it does not exist. An environment on
// which something is at work is waited for first.
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
	// Terraform never plans some of the ways to a destruction, such as replacing a tainted environment.
	resp.Diagnostics.Append(protected(state, "destroy the environment")...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	name := state.Name.ValueString()
	var refusal error
	err := r.service.Pace.Poll(ctx, func() (bool, error) {
		err := r.service.Client.DeleteEnvironment(ctx, name)
		switch {
		case err == nil, platform.IsNotFound(err), platform.IsOutcomeUnknown(err):
			refusal = nil
			return true, nil
		case platform.IsWrongState(err):
			refusal = err
			return false, nil
		}
		return true, err
	})
	if err == nil {
		_, err = r.settle(ctx, name, func(_ platform.Environment, err error) bool {
			return err != nil && !platform.IsTransient(err)
		})
		if platform.IsNotFound(err) {
			err = nil
		}
	}
	if err != nil {
		resp.Diagnostics.Append(problem(name, "the environment was not deleted", errors.Join(err, refusal), "\n\nIt stays in the state; the next apply tries again."))
	}
}
