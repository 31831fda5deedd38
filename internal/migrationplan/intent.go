package migrationplan

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/diagutil"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/privatestate"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/tfvalue"
)

// Intent is a migration that an apply requested without seeing its end; the zero value means none. Private state
// keeps it, so that a later read can record the migration. After a kill there is none, because Terraform then
// stores nothing. The environment's region always comes from the platform.
type Intent struct {
	RequestKey string               `json:"key,omitempty"`
	To         string               `json:"to,omitempty"`
	StartedAt  time.Time            `json:"started_at,omitzero"`
	Assessment migration.Assessment `json:"assessment,omitzero"`
	Trigger    migration.Trigger    `json:"trigger,omitempty"`
	// Told means that the platform reported success but did not show the environment in the new region.
	Told bool `json:"told,omitempty"`
	// Status and Addresses are the environment's before the migration.
	Status    platform.Status `json:"status,omitempty"`
	Addresses []addresses     `json:"addresses,omitempty"`
}

// addresses are those of one node.
type addresses struct {
	ID         int64    `json:"id"`
	NodeGroup  string   `json:"group,omitempty"`
	InternalIP string   `json:"ip,omitempty"`
	PublicIPv4 []string `json:"v4,omitempty"`
	PublicIPv6 []string `json:"v6,omitempty"`
}

// NewIntent returns the intent of a migration that has been requested.
func NewIntent(
	order migration.Order,
	outcome migration.Outcome,
	a migration.Assessment,
	trigger migration.Trigger,
) Intent {
	key := cmp.Or(outcome.RequestKey, order.Intent.RequestKey, order.RequestKey)
	i := Intent{RequestKey: key, To: order.To, StartedAt: outcome.StartedAt, Assessment: a,
		Trigger: trigger, Status: outcome.Before.Status}
	if earlier := order.Intent; outcome.RequestKey == "" && earlier.To == order.To && !earlier.AskedAt.IsZero() {
		i.StartedAt = earlier.AskedAt // this run only waited
	}
	for _, n := range outcome.Before.Nodes {
		i.Addresses = append(
			i.Addresses,
			addresses{
				ID:         n.ID,
				NodeGroup:  n.NodeGroup,
				InternalIP: n.InternalIP,
				PublicIPv4: n.PublicIPv4,
				PublicIPv6: n.PublicIPv6,
			},
		)
	}
	return i
}

// nodes returns the nodes before the migration, with their addresses only.
func (i Intent) nodes() []platform.Node {
	var nodes []platform.Node
	for _, a := range i.Addresses {
		nodes = append(
			nodes,
			platform.Node{
				ID:         a.ID,
				NodeGroup:  a.NodeGroup,
				InternalIP: a.InternalIP,
				PublicIPv4: a.PublicIPv4,
				PublicIPv6: a.PublicIPv6,
			},
		)
	}
	return nodes
}

// ForRun returns the parts of the intent that migration.Run needs.
func (i Intent) ForRun() migration.Intent {
	return migration.Intent{RequestKey: i.RequestKey, To: i.To, AskedAt: i.StartedAt, Told: i.Told, Status: i.Status}
}

// IntentAfter returns the intent that stays open after a failed migration: this one if the platform may still carry
// it out or show it, or else the earlier one if that is still open.
func IntentAfter(err error, earlier, this Intent) Intent {
	var failure *migration.Failure
	if !errors.As(err, &failure) {
		return Intent{}
	}
	switch failure.Kind {
	case migration.NotShown:
		this.Told = true
		return this
	case migration.NotKnown, migration.NeverStarted:
		if failure.GoesOn() {
			return this
		}
		return earlier
	case migration.Refused, migration.Unchecked:
		return earlier
	case migration.KeepLooking, migration.Ask, migration.Done, migration.FailedBack, migration.Broken, migration.Elsewhere,
		migration.OtherState, migration.Gone, migration.Another:
	}
	return Intent{}
}

const intentKey = "intent"

// LoadIntent reads the intent that Store saved.
func LoadIntent(ctx context.Context, private privatestate.Reader) Intent {
	var i Intent
	data, _ := private.GetKey(ctx, intentKey)
	if json.Unmarshal(data, &i) != nil {
		return Intent{}
	}
	return i
}

// Store saves the intent in private state.
func (i Intent) Store(ctx context.Context, private privatestate.Writer) diag.Diagnostics {
	return privatestate.Store(ctx, private, intentKey, i)
}

// Reconcile finds out how the migration of an intent ended, once the environment is at rest. It returns the intent
// that stays open and the record of the last migration. An intent stays open only while the platform may still
// start or show the migration, or while the action log cannot be read. The record is a new one if the migration
// succeeded, otherwise the given one. Every other outcome is a warning.
func (i Intent) Reconcile(
	ctx context.Context,
	service *migration.Service,
	env platform.Environment,
	last types.Object,
) (Intent, types.Object, diag.Diagnostics) {
	if i.To == "" || env.Status.Transitional() {
		return i, last, nil
	}
	limits := service.PollPolicy.Limits
	logged, err := i.logged(ctx, service, env.Name)
	failed := logged != nil && *logged.Result != 0
	isBack := env.Region == i.Assessment.From.Name
	switch {
	case platform.IsTransient(err), platform.IsMalformed(err):
		return i, last, nil
	case failed:
		return Intent{}, last, diag.Diagnostics{i.failed(env, logged, err)}
	case env.Region == i.To && i.mayAppearLater(env, logged, limits):
		return i, last, nil
	case env.Region == i.To:
		record, diags := i.arrived(ctx, env, logged, err, last)
		return Intent{}, record, diags
	case isBack && logged != nil:
		i.Told = true
		return i, last, diag.Diagnostics{i.notVisible(env)}
	case logged != nil:
		// It arrived, and then somebody else moved it on; the next read detects that.
		return Intent{}, last, nil
	case isBack && i.mayStillMove(ctx, service, env):
		return i, last, nil
	}
	return Intent{}, last, diag.Diagnostics{i.failed(env, nil, err)}
}

// mayAppearLater says whether the platform may still show new addresses or a new domain of an environment that
// arrived.
func (i Intent) mayAppearLater(env platform.Environment, logged *platform.Action, limits migration.Limits) bool {
	return logged != nil && time.Since(logged.Finished) < limits.Settle && i.isStale(env)
}

// mayStillMove says whether a migration may still begin or show: its environment is at rest where it was, and the
// log has no end of it.
func (i Intent) mayStillMove(ctx context.Context, service *migration.Service, env platform.Environment) bool {
	return i.Told || time.Since(i.StartedAt) < service.PollPolicy.Limits.Appear || !staysIn(ctx, service, env)
}

// staysIn says whether an environment stays at rest in its region over the settling time.
func staysIn(ctx context.Context, service *migration.Service, env platform.Environment) bool {
	later, confirmed := readAgain(ctx, service, env)
	return confirmed && later.Region == env.Region
}

// readAgain reads an environment until it has left its region or is no longer at rest, or until it has stayed for
// the settling time, which confirms it.
func readAgain(
	ctx context.Context,
	service *migration.Service,
	first platform.Environment,
) (last platform.Environment, confirmed bool) {
	same := migration.Streak{}
	same.Add(time.Now())
	last = first
	_ = service.PollPolicy.Poll(ctx, func() (bool, error) {
		env, err := service.Get(ctx, first.Name, migration.Fresh)
		if err != nil {
			return false, err
		}
		last = env
		if env.Region != first.Region || env.Status.Transitional() {
			return true, nil
		}
		same.Add(time.Now())
		confirmed = service.PollPolicy.Limits.Confirms(same)
		return confirmed, nil
	})
	return last, confirmed
}

// logged returns the end of the intent's migration in the action log, the last one if there are several; nil if the
// log does not have it. If the log does not report request keys, it takes a migration of the environment to the
// same region that overlaps with the run.
func (i Intent) logged(ctx context.Context, service *migration.Service, name string) (*platform.Action, error) {
	// A day earlier, because the log may use another time zone. The key tells the migration from others.
	actions, err := service.ActionsSince(ctx, i.StartedAt.AddDate(0, 0, -1))
	if err != nil {
		return nil, err
	}
	appear := service.PollPolicy.Limits.Appear
	var ours, keyless *platform.Action
	for _, a := range actions {
		switch {
		case a.Result == nil:
		case a.RequestKey == i.RequestKey:
			if a = i.withCorrectedTimes(a, appear); ours == nil || a.Finished.After(ours.Finished) {
				ours = &a
			}
		case a.RequestKey == "" && a.Kind == platform.ActionMigrate && a.Environment == name && a.Region == i.To &&
			i.overlaps(a, appear):
			keyless = &a
		}
	}
	return cmp.Or(ours, keyless), nil
}

// logPrecision is by how much the log's times may be off: they are in whole seconds.
const logPrecision = 2 * time.Second

// overlaps says whether a finished action was running when the intent's migration was requested, or began soon
// after.
func (i Intent) overlaps(a platform.Action, appear time.Duration) bool {
	return !a.Finished.Before(i.StartedAt.Add(-logPrecision)) && !a.Started.After(i.StartedAt.Add(appear+logPrecision))
}

// withCorrectedTimes corrects the times of the intent's migration: those of a log in a wrong time zone are hours off.
func (i Intent) withCorrectedTimes(a platform.Action, appear time.Duration) platform.Action {
	shift := i.StartedAt.Sub(a.Started).Round(15 * time.Minute)
	if !i.overlaps(a, appear) && !a.Started.IsZero() && shift.Abs() >= time.Hour {
		a.Started, a.Finished = a.Started.Add(shift), a.Finished.Add(shift)
	}
	return a
}

// isStale says whether addresses or the domain are still the old ones although the migration changes them.
func (i Intent) isStale(env platform.Environment) bool {
	a := i.Assessment
	if a.DomainChange && a.ExpectedDomain != "" && env.Domain == a.Environment.Domain {
		return true
	}
	return a.IPChange &&
		slices.ContainsFunc(
			migration.PairNodes(i.nodes(), env.Nodes, roleOf),
			func(p migration.NodePair[platform.Node]) bool {
				return hasSameAddresses(p.Before, p.After)
			},
		)
}

// arrived records a successful migration if the action log says when it ended. It also warns of unplanned changes.
func (i Intent) arrived(
	ctx context.Context,
	env platform.Environment,
	logged *platform.Action,
	logErr error,
	last types.Object,
) (types.Object, diag.Diagnostics) {
	move, diags := NewMove(ctx, i.Assessment, i.Trigger)
	if broken := move.BrokenPromise(tfvalue.StringOrNull(i.Assessment.Environment.Domain), i.nodes(), env); broken != nil {
		diags.Append(PromiseBroken(diag.SeverityWarning, env.Name, broken))
	}
	if logged == nil {
		// Its end is not known, and the record must not contain an invented time.
		why := "The action log does not have it; that of a collaborator may be incomplete."
		if logErr != nil {
			why = diagutil.Capitalize(diagutil.Explain(logErr))
		}
		diags.AddAttributeWarning(
			path.Root("last_migration"),
			env.Name+": the migration to "+i.To+" cannot be recorded",
			"It succeeded while no apply was waiting, but the platform does not report when, so last_migration stays as it "+
				"was. "+why,
		)
		return last, diags
	}
	outcome := migration.Outcome{After: env, StartedAt: logged.Started, FinishedAt: logged.Finished, Stale: i.isStale(env)}
	diags.Append(move.NotChanged(env.Name, tfvalue.StringOrNull(i.Assessment.Environment.Domain), i.nodes(), outcome))
	record, d := RecordObject(ctx, move, outcome, tfvalue.StringOrNull(i.Assessment.Environment.Domain), i.nodes())
	return record, append(diags, d...)
}

// notVisible warns that a migration has succeeded according to the platform's log while the platform still shows the
// environment in its old region.
func (i Intent) notVisible(env platform.Environment) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(
		path.Root("region"),
		fmt.Sprintf("%s: the migration to %s succeeded, but the platform does not show it yet", env.Name, i.To),
		fmt.Sprintf(
			"The platform's action log says that it succeeded, but the platform still shows the environment in %s. An apply "+
				"with region = %q waits until the platform shows it there, and does not migrate it again.",
			env.Region,
			i.To,
		),
	)
}

// failed warns of a migration that failed while no apply waited for it, or that left no trace.
func (i Intent) failed(env platform.Environment, logged *platform.Action, logErr error) diag.Diagnostic {
	route := i.Assessment.From.Name + " → " + i.To
	fact, why := "the platform does not show the migration "+route, "The platform's action log does not have it."
	switch {
	case logged != nil:
		fact = "the migration " + route + " failed"
		why = diagutil.EndSentence(
			strings.TrimSuffix(fmt.Sprintf("The platform's action log says code %d: %s", *logged.Result, logged.Words), ": "),
		)
	case logErr != nil:
		why = "The platform's action log cannot be read. " + diagutil.Capitalize(diagutil.Explain(logErr))
	}
	return diag.NewAttributeWarningDiagnostic(path.Root("region"), env.Name+": "+fact, fmt.Sprintf(
		"%s\n\nAn earlier run started it at %s and did not see its end. The environment is in %s. If the configuration "+
			"still has another region, the next apply migrates it again.",
		why,
		i.StartedAt.UTC().Format(time.RFC3339),
		env.Region,
	))
}

// Adopt records a migration that this run did not request as what it was, and warns if the plan did not know of it.
func (m *MoveModel) Adopt(name string, earlier Intent) diag.Diagnostics {
	to := m.ToRegion.ValueString()
	origin := "by another run or by somebody else, and had the planned target. It is not known whether it was live; " +
		"last_migration records it as planned"
	if earlier.To == to {
		origin = "by an earlier run that did not see its end. last_migration records it as that run planned it"
		m.AsAsked(earlier.Assessment)
	}
	if m.Trigger.ValueString() == string(migration.TriggerInProgress) {
		return nil
	}
	m.Trigger = types.StringValue(string(migration.TriggerInProgress))
	return diag.Diagnostics{
		diag.NewAttributeWarningDiagnostic(
			path.Root("region"),
			name+": a migration to "+to+" was already running",
			"The plan did not know of it. This apply started no other migration and waited for its end. It was started "+origin+
				", with trigger = \"in_progress\".",
		),
	}
}
