package domain

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/providerdata"
)

// finish is how long after an interrupt a removed domain may still be bound to its target.
const finish = 500 * time.Millisecond

// Update moves the domain to another environment. Another spelling of the domain, or other timeouts, change only
// the state.
func (r *bindingResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	timeout, diags := plan.Timeouts.Update(ctx, changeTimeout)
	resp.Diagnostics.Append(diags...)
	from, to := state.binding(), plan.binding()
	if from != to {
		resp.Diagnostics.Append(providerdata.Missing(r.service))
	}
	if resp.Diagnostics.HasError() {
		return
	}
	if from != to {
		ctx, cancel := context.WithTimeoutCause(ctx, timeout, errTimeout)
		defer cancel()
		resp.Diagnostics.Append(r.move(ctx, from, to))
		if resp.Diagnostics.HasError() {
			return
		}
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, to.identity())...)
}

// move removes the domain from one environment and binds it to another. In between, the domain leads nowhere, so all
// checks and waits come first. If the binding fails, move binds the domain to its old environment again. It returns
// nil if the domain is where it should be.
func (r *bindingResource) move(ctx context.Context, from, to binding) diag.Diagnostic {
	env, err := r.waitUntilIdle(ctx, to.environment)
	switch {
	case platform.IsMissing(err):
		return noEnvironment(to, err)
	case err != nil:
		return notMoved(from, to, err, nothingChanged)
	case to.isOf(env):
		return nil // moved there outside Terraform
	}
	err = r.execute(ctx, from, false)
	wasBound := !isAlreadyUnbound(err)
	if wasBound && err != nil {
		return notMoved(from, to, err, "\n\nIt was not bound to "+to.environment+". The next apply tries again.")
	}
	ctx, cancel := withGracePeriod(ctx)
	defer cancel()
	err = r.execute(ctx, to, true)
	switch {
	case err == nil:
		return nil
	case !wasBound:
		return r.notBound(ctx, to, err)
	case ctx.Err() != nil:
		return unboundError(from, to, err, nil)
	}
	if again := r.execute(ctx, from, true); again != nil {
		return unboundError(from, to, err, again)
	}
	return notMoved(from, to, err, "\n\nIt was bound to nothing for a moment and is bound to "+from.environment+
		" again. Nothing else was changed.")
}

// waitUntilIdle returns the environment once no operation is running on it.
func (r *bindingResource) waitUntilIdle(ctx context.Context, name string) (env platform.Environment, err error) {
	var seen platform.Status
	err = r.service.PollPolicy.Poll(ctx, func() (bool, error) {
		env, err = r.service.Get(ctx, name, migration.Fresh)
		if err == nil {
			seen = env.Status
		}
		return !platform.IsTransient(err) && !env.Status.Transitional(), err
	})
	if err != nil && seen.Transitional() {
		err = fmt.Errorf("%w while environment %s was %s", err, name, seen)
	}
	return env, err
}

// withGracePeriod returns a context that ends a little later than ctx.
func withGracePeriod(ctx context.Context) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		time.AfterFunc(finish, func() { cancel(context.Cause(ctx)) })
	})
	return longer, func() { stop(); cancel(nil) }
}
