package environment

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/diagutil"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// power switches the environment on or off.
func (u *update) power(ctx context.Context, to string) diag.Diagnostics {
	u.changing()
	env, diags := u.resource.switchPower(ctx, u.name, to)
	if !diags.HasError() {
		u.progress.seen, u.progress.current, u.progress.behind = env, true, false
		if to == powerStopped {
			u.did("was stopped")
		} else {
			u.did("was started")
		}
	}
	return diags
}

// switchPower starts or stops an environment and waits until it has.
func (r *environmentResource) switchPower(
	ctx context.Context, name, to string,
) (platform.Environment, diag.Diagnostics) {
	call, done := (*platform.Client).StartEnvironment, "was started"
	if to == powerStopped {
		call, done = (*platform.Client).StopEnvironment, "was stopped"
	}
	failed := func(err error) diag.Diagnostics {
		return diag.Diagnostics{diagutil.UpdateFailed(path.Root("power"), name, "the environment", done, err)}
	}
	reached := func(env platform.Environment) bool {
		return powerOf(env.Status, types.StringNull()).ValueString() == to
	}
	if err := r.write(ctx, name, func(ctx context.Context, p *platform.Client) error { return call(p, ctx, name) },
		reached); err != nil {
		return platform.Environment{}, failed(err)
	}
	var otherwise migration.Streak // a stale read shows this for a while, too
	env, err := waitFor(ctx, r.service, name, func(env platform.Environment, err error) bool {
		if !atRest(env, err) || err != nil || reached(env) {
			return atRest(env, err)
		}
		otherwise.Add(time.Now())
		return r.service.PollPolicy.Limits.Confirms(otherwise)
	})
	switch {
	case err != nil:
		return env, failed(err)
	case !reached(env):
		return env, failed(errUnexpectedStatus(env.Status))
	}
	return env, nil
}

// atRest ends a wait as soon as no operation is running on the environment, or the environment cannot be read.
func atRest(env platform.Environment, err error) bool {
	return !platform.IsTransient(err) && !env.Status.Transitional()
}
