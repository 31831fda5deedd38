package migrationplan

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/diagutil"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
)

// ErrTimeout is the cause that ends a migration for which nobody waits any longer.
var ErrTimeout = errors.New("the time of migration_policy.timeout has passed")

// Failed says how a migration failed, where the environment is, and what to do next.
//
// The text nothingElse says what has been done before the migration, if it was refused.
func Failed(name string, err error, pairs []migration.LivePair, nothingElse string) diag.Diagnostic {
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
