package environment

import (
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
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/tfvalue"
)

var errMigrationTimeout = errors.New("the time of migration_policy.timeout has passed")

// refuseWorse compares a migration as it would be now with what the plan rests on: then is nil if the plan said nothing of
// its kind. A plan is a promise: what has become worse since is refused before anything is done. The cost is what the
// environment of the plan would cost now, because what it has grown to since is not the migration's doing.
func refuseWorse(name, plannedFrom string, env platform.Environment, now migration.Assessment, then *migration.Assessment, cost *migration.Cost) diag.Diagnostics {
	var changes []string
	if env.Region != plannedFrom {
		changes = append(changes, fmt.Sprintf("the environment is in %s now; the plan moved it from %s", env.Region, plannedFrom))
	}
	if then != nil {
		changes = append(changes, worse(env, now, *then)...)
		changes = append(changes, dearer(now.To.Name, cost, then.CostAfter)...)
	}
	if len(changes) == 0 {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("region"), name+": the migration is not what was planned any more",
		"Since the plan was made, this has changed: "+strings.Join(changes, "; ")+". Make a new plan and decide again."+diagutil.NothingChanged)}
}

func worse(env platform.Environment, now, then migration.Assessment) []string {
	var changes []string
	if now.Downtime && !then.Downtime {
		changes = append(changes, strings.TrimSuffix(fmt.Sprintf("the environment is %s, and the migration would stop it (%s", env.Status, now.Why()), ".")+")")
	}
	if now.Mode == migration.ModeLive {
		for _, layer := range now.Databases {
			if !slices.Contains(then.Databases, layer) {
				changes = append(changes, fmt.Sprintf("layer %q is a database now, and would move live", layer))
			}
		}
		for _, layer := range now.Mounted {
			if !slices.Contains(then.Mounted, layer) {
				changes = append(changes, fmt.Sprintf("layer %q has mounts now, and would move live", layer))
			}
		}
	}
	if now.IPChange && !then.IPChange {
		changes = append(changes, "the nodes would get new addresses")
	}
	if now.DomainChange && !then.DomainChange {
		changes = append(changes, "the domain would change to "+now.ExpectedDomain)
	}
	if now.PreviousDomain != then.PreviousDomain {
		changes = append(changes, fmt.Sprintf("the domain is %s now, and was %s", now.PreviousDomain, then.PreviousDomain))
	}
	if then.DomainChange && now.ExpectedDomain != then.ExpectedDomain {
		changes = append(changes, fmt.Sprintf("the domain is expected to become %s, and the plan said %s", now.ExpectedDomain, then.ExpectedDomain))
	}
	return changes
}

// dearer compares what the same environment costs after a move by prices of different times. Costs that are not known, or
// not of one kind, cannot be compared: the platform's public prices are no measure for those of the account.
func dearer(region string, now, then *migration.Cost) []string {
	if now == nil || then == nil || now.Source != then.Source || !slices.Equal(now.Excludes, then.Excludes) {
		return nil
	}
	switch {
	case now.Currency != then.Currency && now.Currency != "" && then.Currency != "":
		return []string{fmt.Sprintf("the prices of region %s are in %s now, and were in %s", region, now.Currency, then.Currency)}
	case now.Currency != then.Currency:
		return nil
	case now.HourlyMax > then.HourlyMax:
		return []string{fmt.Sprintf("the price of region %s has risen: what the plan said would cost up to %g %s an hour costs up to %g", region, then.HourlyMax, then.Currency, now.HourlyMax)}
	case now.HourlyMin > then.HourlyMin:
		return []string{fmt.Sprintf("the price of region %s has risen: what the plan said would cost at least %g %s an hour costs at least %g", region, then.HourlyMin, then.Currency, now.HourlyMin)}
	}
	return nil
}

// refuseNow is what stands against the migration at this moment, whatever the plan found. What the plan of this run has
// said already, as a warning of the same name, is not said twice.
func refuseNow(name, to string, facts migration.Facts, a migration.Assessment, policy migration.Policy, now time.Time, said []migration.Finding) diag.Diagnostics {
	if finding := facts.CheckTarget(name, to); finding != nil {
		return diag.Diagnostics{diagnostic(*finding)}
	}
	var diags diag.Diagnostics
	for _, finding := range policy.Review(a, migration.EnforceAtPlan) {
		if finding.Severity == migration.Error {
			if slices.ContainsFunc(said, func(f migration.Finding) bool { return f.Summary == finding.Summary }) {
				finding.Detail = "The warning of the same name says what the move would do, and what to write to permit it."
			}
			diags.Append(diagnostic(finding))
		}
	}
	if early := policy.CheckWindow(a, now, migration.Error); early != nil && !diags.HasError() {
		diags.Append(diagnostic(*early))
	}
	return diags
}

// migrationFailed says how a migration failed, where the environment is, and what to do next.
//
// The text nothingElse says what has been done before the migration, if it was refused.
func migrationFailed(name string, err error, pairs []migration.LivePair, nothingElse string) diag.Diagnostic {
	var failure *migration.Failure
	if !errors.As(err, &failure) {
		return diagutil.FromErrorAt(path.Root("region"), name, "the migration failed", err, "")
	}
	order := failure.Order
	route := order.From + " → " + order.To
	fact, next := failureText(failure, pairs, route, nothingElse)
	if failure.Unseen != nil {
		next = "The environment could not be looked at in the end. " + diagutil.Capitalize(diagutil.Explain(failure.Unseen)) + "\n\n" + next
	}
	if failure.Cause != nil {
		next = diagutil.Capitalize(diagutil.Explain(failure.Cause)) + "\n\n" + next
	}
	return diag.NewAttributeErrorDiagnostic(path.Root("region"), name+": "+fact, next)
}

// failureText is the fact of a failed migration and what to do next.
func failureText(failure *migration.Failure, pairs []migration.LivePair, route, nothingElse string) (fact, next string) {
	order := failure.Order
	switch failure.Kind {
	case migration.Refused:
		fact = "the platform refused the migration " + route
		if order.Live && slices.ContainsFunc(pairs, func(p migration.LivePair) bool { return p.Possible && p.Joins(order.From, order.To) }) {
			next = "The provider's live_migration says that live migration is possible between these regions. If the platform does not offer it, take the pair out.\n\n"
		}
		next += strings.TrimSpace(nothingElse)
	case migration.Unchecked:
		fact = "whether the migration " + route + " is possible cannot be asked"
		next = strings.TrimSpace(nothingElse)
	case migration.FailedBack:
		fact = "the migration failed, the environment is back in " + order.From
		next = "Look for the reason in the dashboard's action log, then apply again."
	case migration.Broken:
		fact = "the environment is broken after the migration " + route
		next = "Repair it in the dashboard or with the hosting provider's support. The state says where the platform reports it to be."
	case migration.Elsewhere:
		fact = "the environment ended up in " + failure.Last.Region + " instead of " + order.To
		next = "Another migration, of an earlier run or of somebody else, took it there. The state says where it is; plan again and decide."
	case migration.Gone:
		fact = "the environment was deleted while it was migrating"
		next = "It is no longer in the state. The next apply would create it anew, empty."
	case migration.OtherState:
		fact = fmt.Sprintf("the environment has moved to %s, but it is %s now", order.To, failure.Last.Status)
		next = "Bring it back to the state from before in the dashboard. The state says where it is."
	case migration.NeverStarted:
		fact = "whether the platform began the migration " + route + " is not known"
		next = "The environment rests where it was and the action log shows no migration. Plan again: if it begins after all, the next run waits for it."
	case migration.NotShown:
		fact = "the platform says that the migration " + route + " succeeded, but still shows the environment in " + order.From
		next = "The state has it where the platform shows it. The next apply waits for it to show in " + order.To + " and asks for no second migration. " +
			"If it stays so, ask the hosting provider where the environment is."
	case migration.Another:
		fact = "another environment of that name exists"
		next = "The environment that was planned to move is gone. " + strings.TrimSpace(nothingElse)
	case migration.NotKnown:
		fact = "Terraform no longer waits for the migration " + route
		switch busy := failure.Last.Status.Transitional(); {
		case failure.Started && busy:
			next = "The platform goes on with it. The next plan says so, and the next apply waits for its end."
		case failure.Started:
			next = "The platform may go on with it: whether it has begun is not known yet. The next apply finds out, and waits for its end if it has."
		case busy:
			next = "The platform goes on with what it was doing; this run asked for nothing. The next apply waits for the end of that."
		default:
			next = "It has not begun; this run asked for nothing." + nothingElse
		}
	case migration.KeepLooking, migration.Ask, migration.Done:
	}
	return fact, next
}

// brokenPromise is what a migration changed although it was to stay; nil if nothing. It corrects the record: a migration
// that changed addresses or the domain was not live, whatever was asked for.
func (m *MoveModel) brokenPromise(domain types.String, nodes []platform.Node, after platform.Environment) error {
	var broken []string
	if !m.DomainChange.ValueBool() && !domain.Equal(tfvalue.StringOrNull(after.Domain)) {
		broken = append(broken, "the domain")
		m.DomainChange = types.BoolValue(true)
	}
	if !m.IPChange.ValueBool() && !sameAddresses(nodes, after.Nodes) {
		broken = append(broken, "addresses of nodes")
		m.IPChange = types.BoolValue(true)
	}
	if len(broken) == 0 {
		return nil
	}
	m.doneOffline()
	return errors.New("the migration changed " + strings.Join(broken, " and ") + ", which was to stay")
}

// doneOffline corrects the record of a migration that was to be live and was not.
func (m *MoveModel) doneOffline() {
	if m.Mode.ValueString() == string(migration.ModeLive) {
		m.Mode, m.Downtime = types.StringValue(string(migration.ModeOffline)), types.BoolValue(true)
	}
}

// asAsked corrects the record of a planned migration by the way in which it is asked for.
func (m *MoveModel) asAsked(a migration.Assessment) {
	m.Mode, m.Downtime = types.StringValue(string(a.Mode)), types.BoolValue(a.Downtime)
	if a.Reason == migration.ReasonEnvironmentStopped {
		m.Reason = types.StringValue(string(a.Reason))
	}
}

// promiseBroken says that a migration changed what was to stay.
func promiseBroken(severity diag.Severity, name string, broken error) diag.Diagnostic {
	summary, detail := name+": the migration changed what was to stay", diagutil.Capitalize(diagutil.Explain(broken))+
		" The state has the true values; plan again, so that everything that refers to them follows. Nothing was moved back."
	if severity == diag.SeverityWarning {
		return diag.NewAttributeWarningDiagnostic(path.Root("region"), summary, detail)
	}
	return diag.NewAttributeErrorDiagnostic(path.Root("region"), summary, detail)
}

// sameAddresses compares the addresses of the nodes that were there and still are, under whatever identifier: what else is
// said of a node may change by itself, and nodes come and go by autoscaling.
func sameAddresses(before, after []platform.Node) bool {
	return len(addressChanges(before, after)) == 0
}
