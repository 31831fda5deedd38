package domain

import (
	"context"
	"errors"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/providerdata"
)

const (
	readTimeout   = 5 * time.Minute
	changeTimeout = 30 * time.Minute
	// lastLook limits the check after an interrupt whether a request took effect; the provider must return promptly
	// then.
	lastLook = 1500 * time.Millisecond
)

var errTimeout = errors.New("timed out")

// Create binds the domain. If the environment already has it, something else manages it, and Terraform adopts it
// only by an import.
func (r *bindingResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	timeout, diags := plan.Timeouts.Create(ctx, changeTimeout)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(providerdata.Missing(r.service))
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, errTimeout)
	defer cancel()

	b := plan.binding()
	env, err := r.service.Get(ctx, b.environment, migration.Fresh)
	switch {
	case platform.IsMissing(err):
		resp.Diagnostics.Append(noEnvironment(b, err))
	case err != nil:
		resp.Diagnostics.Append(problem(b.domain+": environment "+b.environment+" cannot be read", err, nothingChanged))
	case b.isOf(env):
		resp.Diagnostics.Append(alreadyBound(b))
	default:
		if err := r.execute(ctx, b, true); err != nil {
			resp.Diagnostics.Append(r.notBound(ctx, b, err))
		}
		// If the environment did not exist yet, the plan could not warn.
		resp.Diagnostics.Append(unneededWarning(b, env)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, b.identity())...)
}

// Delete removes the domain from the environment. It succeeds if the domain is not bound or the environment does
// not exist.
func (r *bindingResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	timeout, diags := state.Timeouts.Delete(ctx, changeTimeout)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(providerdata.Missing(r.service))
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, errTimeout)
	defer cancel()

	b := state.binding()
	if err := r.remove(ctx, b); err != nil {
		resp.Diagnostics.Append(problem(b.domain+" was not removed from "+b.environment, err,
			"\n\nIt stays in the state; the next apply tries again."))
	}
}

// remove removes the domain, unless it is not bound to the environment or the environment does not exist. It
// confirms that the environment does not exist.
func (r *bindingResource) remove(ctx context.Context, b binding) error {
	err := r.execute(ctx, b, false)
	if platform.IsMissing(err) {
		switch env, existence := r.service.Existence(ctx, b.environment, false); {
		case existence == migration.Absent, existence == migration.Present && !b.isOf(env):
			return nil
		case existence == migration.Present:
			err = r.execute(ctx, b, false)
		}
	}
	if platform.IsNotBound(err) {
		return nil
	}
	return err
}

// isAlreadyUnbound says whether a removal was refused because the domain is not bound or the environment does not
// exist.
func isAlreadyUnbound(err error) bool { return platform.IsNotBound(err) || platform.IsMissing(err) }

// execute binds or removes the domain. If the platform refuses because another operation is running on the
// environment, it waits and tries again. If the response was lost, it reads the bindings before it repeats the call.
func (r *bindingResource) execute(ctx context.Context, b binding, bind bool) error {
	ask := (*platform.Client).UnbindDomain
	if bind {
		ask = (*platform.Client).BindDomain
	}
	err := r.service.Write(ctx, migration.Write{
		Environment: b.environment,
		Call:        func(ctx context.Context, p *platform.Client) error { return ask(p, ctx, b.environment, b.domain) },
		Arrived:     func(_ context.Context, env platform.Environment) (bool, error) { return b.isOf(env) == bind, nil },
	})
	if platform.IsOutcomeUnknown(err) && ctx.Err() != nil && r.tookEffect(ctx, b, bind) {
		return nil
	}
	return err
}

// tookEffect checks, after an interrupt, whether a request with a lost response took effect.
func (r *bindingResource) tookEffect(ctx context.Context, b binding, bind bool) bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastLook)
	defer cancel()
	arrived := false
	_ = r.service.PollPolicy.Poll(ctx, func() (bool, error) {
		env, err := r.service.Get(ctx, b.environment, migration.Fresh)
		arrived = err == nil && b.isOf(env) == bind
		return arrived, err
	})
	return arrived
}
