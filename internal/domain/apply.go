package domain

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/configured"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

const (
	readTimeout   = 5 * time.Minute
	changeTimeout = 30 * time.Minute
	// lastLook bounds the look at what became of a request after an interrupt, which has to return promptly.
	lastLook = 1500 * time.Millisecond
)

var errTimeout = errors.New("the timeout has passed")

// Create binds the domain. One that the environment has already belongs to somebody, and Terraform adopts it only by
// an import.
func (r *bindingResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	timeout, diags := plan.Timeouts.Create(ctx, changeTimeout)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(configured.Missing(r.service))
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, errTimeout)
	defer cancel()

	b := plan.binding()
	env, err := r.service.Client.Environment(ctx, b.environment)
	switch {
	case platform.IsMissing(err):
		resp.Diagnostics.Append(noEnvironment(b, err))
	case err != nil:
		resp.Diagnostics.Append(problem(b.domain+": environment "+b.environment+" cannot be read", err, nothingChanged))
	case b.isOf(env):
		resp.Diagnostics.Append(boundAlready(b))
	default:
		if err := r.carryOut(ctx, b, true); err != nil {
			resp.Diagnostics.Append(r.notBound(ctx, b, err))
		}
	}
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, b.identity())...)
}

// Delete removes the domain from the environment. It is content if the environment has not got it or does not exist.
func (r *bindingResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	timeout, diags := state.Timeouts.Delete(ctx, changeTimeout)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(configured.Missing(r.service))
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, errTimeout)
	defer cancel()

	b := state.binding()
	if err := r.carryOut(ctx, b, false); err != nil && !hasNotGot(err) {
		resp.Diagnostics.Append(problem(b.domain+": it was not removed from "+b.environment, err, "\n\nIt stays in the state; the next apply tries again."))
	}
}

// hasNotGot says whether a removal was refused because the environment has not got the domain or does not exist.
func hasNotGot(err error) bool { return platform.IsNotBound(err) || platform.IsMissing(err) }

// carryOut binds the domain or removes it. While the platform refuses because something else is at work on the
// environment, it waits and asks again; a request whose answer was lost is not repeated, but looked after.
func (r *bindingResource) carryOut(ctx context.Context, b binding, bind bool) error {
	ask := r.service.Client.UnbindDomain
	if bind {
		ask = r.service.Client.BindDomain
	}
	var refusal error
	var resting migration.Streak // refusals although nothing was seen at work, whose end could be waited for
	err := r.service.Pace.Poll(ctx, func() (bool, error) {
		if refusal != nil {
			env, err := r.service.Client.Environment(ctx, b.environment)
			switch {
			case platform.IsTransient(err), err == nil && env.Status.Transitional():
				return false, nil
			case err != nil:
				return true, err
			}
			resting.Add(time.Now())
		}
		err := ask(ctx, b.environment, b.domain)
		if !platform.IsWrongState(err) {
			return true, err
		}
		refusal = err
		return r.service.Pace.Limits.Confirms(resting), err
	})
	switch {
	case platform.IsOutcomeUnknown(err) && r.happened(ctx, b, bind):
		return nil
	case refusal != nil && ctx.Err() != nil && errors.Is(err, context.Cause(ctx)):
		return fmt.Errorf("%w while something else was at work on the environment: %w", err, refusal)
	}
	return err
}

// happened looks whether a request whose answer was lost has had its effect, which may come a little later.
func (r *bindingResource) happened(ctx context.Context, b binding, bind bool) bool {
	if ctx.Err() != nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), lastLook)
		defer cancel()
	}
	var looks migration.Streak
	happened := false
	_ = r.service.Pace.Poll(ctx, func() (bool, error) {
		looks.Add(time.Now())
		env, err := r.service.Client.Environment(ctx, b.environment)
		switch {
		case err == nil:
			happened = b.isOf(env) == bind
		case platform.IsMissing(err):
			happened = !bind
		}
		return happened || r.service.Pace.Limits.Confirms(looks), nil
	})
	return happened
}
