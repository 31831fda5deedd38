package nodeaction

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/diagutil"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/phaselog"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/providerdata"
)

// invokeTimeout is how long an action may take by default.
const invokeTimeout = 30 * time.Minute

var errTimeout = errors.New("timed out")

// Invoke checks everything that can be checked first. Then it works on the node groups one by one, and stops at the
// first failure.
func (a *nodeAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	r, diags := a.request(ctx, req.Config)
	resp.Diagnostics.Append(diags...)
	timeout, diags := r.timeouts.Invoke(ctx, invokeTimeout)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(providerdata.Missing(a.service))
	if resp.Diagnostics.HasError() {
		return
	}
	if !r.known() {
		resp.Diagnostics.AddError("The configuration of the action is not known",
			"A value that it refers to is still unknown. Apply what it refers to first.")
		return
	}
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, errTimeout)
	defer cancel()
	w := work{action: a, request: r, name: r.environment.ValueString(), began: time.Now(), tell: func(line string) {
		resp.SendProgress(action.InvokeProgressEvent{Message: line})
	}}
	resp.Diagnostics.Append(w.run(ctx)...)
}

// work is a running action.
type work struct {
	action  *nodeAction
	request request
	name    string
	began   time.Time
	// tell shows a line to the user.
	tell func(string)
	// asked says that the platform has accepted the call for the current node group, or may have.
	asked bool
	// finished are the node groups that are done.
	finished []string
}

// progress reports a phase on the screen and in the log.
func (w *work) progress(ctx context.Context, format string, arguments ...any) {
	line := phaselog.Shorten(w.name + ": " + fmt.Sprintf(format, arguments...))
	w.tell(line)
	phaselog.Info(ctx, line)
}

func (w *work) run(ctx context.Context) (diags diag.Diagnostics) {
	env, d := w.readEnvironment(ctx)
	if d != nil {
		return diag.Diagnostics{d}
	}
	if diags = w.action.checkGroups(ctx, w.request, env, nil); diags.HasError() {
		return diags
	}
	switch env.Status {
	case platform.StatusStopped, platform.StatusSleeping:
		return diag.Diagnostics{w.notRunningError(env)}
	}
	for i, group := range w.request.groups() {
		if err := w.runGroup(ctx, env, group.ValueString()); err != nil {
			w.progress(ctx, "failed after %s", phaselog.Duration(time.Since(w.began)))
			return append(diags, w.groupError(path.Root("node_groups").AtListIndex(i), group.ValueString(), err))
		}
		w.finished = append(w.finished, group.ValueString())
	}
	w.progress(ctx, "done in %s", phaselog.Duration(time.Since(w.began)))
	return diags
}

// readEnvironment reads the environment, and fails if it does not exist or is migrating.
func (w *work) readEnvironment(ctx context.Context) (platform.Environment, diag.Diagnostic) {
	env, err := w.action.service.Get(ctx, w.name, migration.Fresh)
	if platform.IsMissing(err) {
		found, existence := w.action.service.Existence(ctx, w.name, false)
		switch existence {
		case migration.Present:
			env, err = found, nil
		case migration.Absent:
			return env, w.action.noEnvironment(ctx, w.name, err)
		case migration.Doubtful:
		}
	}
	if err != nil {
		return env, diagutil.FromErrorAt(path.Root("environment"), w.name, "the environment cannot be read", err,
			diagutil.NothingChanged)
	}
	if err := refuseMigrating(env); err != nil {
		return env, w.migratingError()
	}
	return env, nil
}

var errMigrating = errors.New("the environment migrates")

func refuseMigrating(env platform.Environment) error {
	if env.Status == platform.StatusMigrating {
		return errMigrating
	}
	return nil
}

// runGroup restarts or redeploys the nodes of a node group, and waits until they run.
func (w *work) runGroup(ctx context.Context, env platform.Environment, group string) error {
	nodes := nodesOf(env, group)
	tag := w.request.tag.ValueString()
	if w.action.kind.redeploys && tag == "" {
		tag = nodes[0].Tag
	}
	subject := fmt.Sprintf("%s, %d nodes", group, len(nodes))
	if len(nodes) == 1 {
		subject = group + ", 1 node"
	}
	if w.action.kind.redeploys {
		subject += ", tag " + tag
	}
	key, asked := migration.RequestKeyPrefix+strings.ToLower(rand.Text()), time.Now()
	lost, reported := false, false
	w.asked = false
	if err := w.waitUntilIdle(ctx, env); err != nil {
		return err
	}
	err := w.action.service.Write(ctx, migration.Write{
		Environment: w.name,
		Disturbs:    true,
		Refuses:     refuseMigrating,
		Call: func(ctx context.Context, p *platform.Client) error {
			if !reported {
				w.progress(ctx, "%s %s", w.action.kind.doing, subject)
			}
			reported = true
			err := w.call(ctx, p, group, tag, key)
			lost = lost || platform.IsOutcomeUnknown(err)
			w.asked = lost || err == nil
			return err
		},
		Arrived: func(ctx context.Context, _ platform.Environment) (bool, error) {
			if !lost {
				return false, nil // a refused call did not arrive
			}
			return w.action.service.Ended(ctx, key, asked)
		},
	})
	if err != nil {
		return err
	}
	w.progress(ctx, "verifying %s", group)
	return w.await(ctx, group, key, asked)
}

// waitUntilIdle waits until no operation is running on the environment. If one begins later, Write handles that.
func (w *work) waitUntilIdle(ctx context.Context, env platform.Environment) error {
	if !env.Status.Transitional() {
		return nil
	}
	w.progress(ctx, "queued, the environment is %s", env.Status)
	return w.action.service.PollPolicy.Poll(ctx, func() (bool, error) {
		env, err := w.action.service.Get(ctx, w.name, migration.Fresh)
		if err == nil {
			err = refuseMigrating(env)
		}
		return err != nil && !platform.IsTransient(err) || err == nil && !env.Status.Transitional(), err
	})
}

func (w *work) call(ctx context.Context, p *platform.Client, group, tag, key string) error {
	if w.action.kind.redeploys {
		return p.RedeployContainers(ctx,
			platform.RedeployRequest{Environment: w.name, NodeGroup: group, Tag: tag, RequestKey: key})
	}
	return p.RestartNodes(ctx, platform.RestartRequest{Environment: w.name, NodeGroup: group, RequestKey: key})
}

// downError is the error of nodes that do not run although the operation has ended.
type downError struct{ nodes []string }

func (e *downError) Error() string {
	return "these nodes do not run: " + strings.Join(e.nodes, ", ")
}

// await waits until the operation has ended and all nodes of the node group run. A platform may respond before the
// end, and show the operation late. The log says when it has ended. If the log does not, the environment must be at
// rest over the settling time.
func (w *work) await(ctx context.Context, group, key string, asked time.Time) error {
	var rest migration.Streak
	return w.action.service.PollPolicy.Poll(ctx, func() (bool, error) {
		env, err := w.action.service.Get(ctx, w.name, migration.Fresh)
		switch {
		case platform.IsTransient(err):
			return false, nil
		case err != nil:
			rest.Add(time.Now())
			return w.action.service.PollPolicy.Limits.Confirms(rest), err
		case env.Status == platform.StatusMigrating:
			return true, nil // it began after this operation had ended
		case env.Status.Transitional():
			rest = migration.Streak{}
			return false, nil
		}
		rest.Add(time.Now())
		ended, err := w.action.service.Ended(ctx, key, asked)
		var failed *migration.FailedActionError
		if errors.As(err, &failed) {
			return true, err
		}
		down := notRunning(nodesOf(env, group))
		switch {
		case len(down) == 0:
			return ended || w.action.service.PollPolicy.Limits.Confirms(rest), nil
		default:
			return w.action.service.PollPolicy.Limits.Confirms(rest), &downError{nodes: down}
		}
	})
}

// notRunning lists the nodes that do not run.
func notRunning(nodes []platform.Node) (names []string) {
	for _, n := range nodes {
		if n.Status != platform.StatusRunning {
			names = append(names, fmt.Sprintf("%d (%s)", n.ID, n.Status))
		}
	}
	return names
}
