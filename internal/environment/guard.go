package environment

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

var errMigrationTimeout = errors.New("the time of migration_policy.timeout has passed")

const requestKeyPrefix = "terraform-"

// newRequestKey is a random text by which the platform's action log tells one migration from every other.
func newRequestKey() string { return requestKeyPrefix + strings.ToLower(rand.Text()) }

// refuseWorse compares a migration as it would be now with what the plan said about it. A plan is a promise: what has
// become worse since is refused before anything is done. The cost is what the environment of the plan would cost now,
// because what it has grown to since is not the migration's doing.
func refuseWorse(name, plannedFrom string, env platform.Environment, now migration.Assessment, cost *migration.Cost, planned *MoveModel, plannedCost *costModel) diag.Diagnostics {
	var changes []string
	if env.Region != plannedFrom {
		changes = append(changes, fmt.Sprintf("the environment is in %s now; the plan moved it from %s", env.Region, plannedFrom))
	}
	if planned != nil {
		changes = append(changes, worse(env, now, planned)...)
	}
	if cost != nil && plannedCost != nil && cost.Currency == plannedCost.Currency.ValueString() && cost.HourlyMax > plannedCost.HourlyMax {
		changes = append(changes, fmt.Sprintf("the price of region %s has risen: what the plan said would cost up to %g %s an hour costs up to %g",
			now.To.Name, plannedCost.HourlyMax, cost.Currency, cost.HourlyMax))
	}
	if len(changes) == 0 {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("region"), name+": the migration is not what was planned any more",
		"Since the plan was made, this has changed: "+strings.Join(changes, "; ")+". Make a new plan and decide again."+nothingChanged)}
}

func worse(env platform.Environment, now migration.Assessment, planned *MoveModel) []string {
	var changes []string
	if now.Downtime && !planned.Downtime.ValueBool() {
		changes = append(changes, strings.TrimSuffix(fmt.Sprintf("the environment is %s, and the migration would stop it (%s", env.Status, now.Why()), ".")+")")
	}
	if now.IPChange && !planned.IPChange.ValueBool() {
		changes = append(changes, "the nodes would get new addresses")
	}
	if now.DomainChange && !planned.DomainChange.ValueBool() {
		changes = append(changes, "the domain would change to "+now.ExpectedDomain)
	}
	if was := planned.PreviousDomain.ValueString(); now.PreviousDomain != was {
		changes = append(changes, fmt.Sprintf("the domain is %s now, and was %s", now.PreviousDomain, was))
	}
	if said := planned.ExpectedDomain.ValueString(); planned.DomainChange.ValueBool() && now.ExpectedDomain != said {
		changes = append(changes, fmt.Sprintf("the domain is expected to become %s, and the plan said %s", now.ExpectedDomain, said))
	}
	return changes
}

// refuseNow is what stands against the migration at this moment, whatever the plan found.
func refuseNow(name, to string, facts migration.Facts, a migration.Assessment, policy migration.Policy, now time.Time) diag.Diagnostics {
	if finding := facts.CheckTarget(name, to); finding != nil {
		return diag.Diagnostics{diagnostic(*finding)}
	}
	var diags diag.Diagnostics
	for _, finding := range policy.Review(a, migration.EnforceAtPlan) {
		if finding.Severity == migration.Error {
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
		return problemAt(path.Root("region"), name, "the migration failed", err, "")
	}
	order := failure.Order
	route := order.From + " → " + order.To
	var fact, next string
	switch failure.Kind {
	case migration.FailedRefused:
		fact = "the platform refused the migration " + route
		if order.Live && slices.ContainsFunc(pairs, func(p migration.LivePair) bool { return p.Possible && p.Joins(order.From, order.To) }) {
			next = "The provider's live_migration says that live migration is possible between these regions. If the platform does not offer it, take the pair out.\n\n"
		}
		next += strings.TrimSpace(nothingElse)
	case migration.FailedUnchecked:
		fact = "whether the migration " + route + " is possible cannot be asked"
		next = strings.TrimSpace(nothingElse)
	case migration.FailedBack:
		fact = "the migration failed, the environment is back in " + order.From
		next = "Look for the reason in the dashboard's action log, then apply again."
	case migration.FailedBroken:
		fact = "the environment is broken after the migration " + route
		next = "Repair it in the dashboard or with the hosting provider's support. The state says where the platform reports it to be."
	case migration.FailedElsewhere:
		fact = "the environment ended up in " + failure.Last.Region + " instead of " + order.To
		next = "Another migration, of an earlier run or of somebody else, took it there. The state says where it is; plan again and decide."
	case migration.FailedGone:
		fact = "the environment was deleted while it was migrating"
		next = "It is no longer in the state. The next apply would create it anew, empty."
	case migration.FailedState:
		fact = fmt.Sprintf("the environment has moved to %s, but it is %s now", order.To, failure.Last.Status)
		next = "Bring it back to the state from before in the dashboard. The state says where it is."
	case migration.FailedNotStarted:
		fact = "whether the platform began the migration " + route + " is not known"
		next = "The environment rests where it was and the action log shows no migration. Plan again: if it begins after all, the next run waits for it."
	case migration.Interrupted:
		fact = "Terraform no longer waits for the migration " + route
		next = "The platform goes on with it. The next plan says so, and the next apply waits for its end."
		if !failure.Started {
			next = "The platform goes on with what it was doing; this run asked for nothing."
		}
	}
	if failure.Cause != nil {
		next = capitalized(explain(failure.Cause)) + "\n\n" + next
	}
	return diag.NewAttributeErrorDiagnostic(path.Root("region"), name+": "+fact, next)
}

// brokenPromises compares what the plan of a migration promised with what came of it.
func brokenPromises(ctx context.Context, name string, plan, actual resourceModel) diag.Diagnostics {
	var broken []string
	promise := func(attribute string, planned interface{ IsUnknown() bool }, kept bool) {
		if !planned.IsUnknown() && !kept {
			broken = append(broken, attribute)
		}
	}
	promise("domain", plan.Domain, plan.Domain.Equal(actual.Domain))
	promise("datacenter", plan.Datacenter, plan.Datacenter.Equal(actual.Datacenter))
	promise("nodes", plan.Nodes, sameAddresses(ctx, plan, actual))
	if len(broken) == 0 {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("region"), name+": the migration changed what was to stay",
		fmt.Sprintf("The plan promised that %s would stay, and the platform changed it all the same. The state has the true values; plan again, "+
			"so that everything that refers to them follows.", strings.Join(broken, " and ")))}
}

// sameAddresses compares the addresses of the nodes that were there and still are: what else is said of a node may
// change by itself, and nodes come and go by autoscaling.
func sameAddresses(ctx context.Context, planned, actual resourceModel) bool {
	before, _ := planned.nodes(ctx)
	after, _ := actual.nodes(ctx)
	return len(addressChanges(before, after)) == 0
}
