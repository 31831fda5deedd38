package environment

import (
	"context"
	"errors"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/configured"
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

	if d := configured.Missing(r.service); d != nil {
		resp.Diagnostics.Append(d)
		return
	}
	name := state.Name.ValueString()
	if err := r.destroy(ctx, name); err != nil {
		fact, end := "the environment was not deleted", "\n\nIt stays in the state. Destroy it again when the reason is gone."
		if ctx.Err() != nil {
			fact, end = "whether the environment was deleted is not known", "\n\nIt stays in the state; the next plan finds out."
		}
		resp.Diagnostics.Append(problem(name, fact, err, end))
	}
}

// destroy deletes an environment and returns when it is gone. One that is busy is asked for again when it rests, and so
// is one that still rests long after a call whose answer was lost.
func (r *environmentResource) destroy(ctx context.Context, name string) error {
	var lost error
	for range deletions {
		err := r.service.Pace.Poll(ctx, func() (bool, error) {
			err := r.service.Client.DeleteEnvironment(ctx, name)
			return !platform.IsWrongState(err), err
		})
		switch {
		case platform.IsMissing(err):
			return nil
		case platform.IsOutcomeUnknown(err):
			lost = err
		case err != nil:
			return err
		}
		rests := 0
		_, err = r.settle(ctx, name, func(env platform.Environment, err error) bool {
			if err == nil && !env.Status.Transitional() {
				rests++
			}
			return err != nil && !platform.IsTransient(err) || rests >= r.service.Pace.Patience
		})
		if platform.IsMissing(err) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	if lost == nil {
		lost = errors.New("the platform accepted the deletion, but the environment is still there")
	}
	return lost
}

// deletions is how often a deletion is asked for that does not come about.
const deletions = 3
