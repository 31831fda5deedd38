package migrationplan

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/diagutil"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
)

// TimedOut is the error with which the wait for a migration ends after its timeout.
func TimedOut(timeout time.Duration) error {
	text := timeout.String()
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, zero) {
			text = text[:len(text)-2]
		}
	}
	return fmt.Errorf("timed out after %s (migration_policy.timeout)", text)
}

// Failed says how a migration failed, where the environment is, and what to do next. If the platform refused the
// migration, nothingElse says what was done before.
func Failed(name string, err error, pairs []migration.LivePair, nothingElse string) diag.Diagnostic {
	var failure *migration.Failure
	if !errors.As(err, &failure) {
		return diagutil.FromErrorAt(path.Root("region"), name, "the migration failed", err, "")
	}
	order := failure.Order
	route := order.From + " → " + order.To
	fact, next := failureText(failure, pairs, route, nothingElse)
	if failure.Unseen != nil {
		next = "At the end, the environment could not be read. " + diagutil.Capitalize(
			diagutil.Explain(failure.Unseen),
		) + "\n\n" + next
	}
	if failure.Cause != nil {
		next = diagutil.Capitalize(diagutil.Explain(failure.Cause)) + "\n\n" + next
	}
	return diag.NewAttributeErrorDiagnostic(path.Root("region"), name+": "+fact, next)
}

// failureText says what failed and what to do next.
func failureText(
	failure *migration.Failure,
	pairs []migration.LivePair,
	route, nothingElse string,
) (fact, next string) {
	order := failure.Order
	switch failure.Kind {
	case migration.Refused:
		fact = "the platform refused the migration " + route
		next = wrongPair(order, pairs) + strings.TrimSpace(nothingElse)
	case migration.Unchecked:
		fact = "cannot check whether the migration " + route + " is possible"
		next = strings.TrimSpace(nothingElse)
	case migration.FailedBack:
		fact = "the migration failed, and the environment is back in " + order.From
		next = "Find the reason in the dashboard's action log, then apply again."
	case migration.Broken:
		fact = "the environment is broken after the migration " + route
		next = "Repair it in the dashboard, or ask the hosting provider. The state has the region that the platform reports."
	case migration.Elsewhere:
		fact = "the environment ended up in " + failure.Last.Region + " instead of " + order.To
		next = "Another migration, by an earlier run or by somebody else, moved it there. The state has the current " +
			"region. Plan again and decide."
	case migration.Gone:
		fact = "the environment was deleted while it was migrating"
		next = "It is no longer in the state. The next apply would create an empty environment."
	case migration.OtherState:
		fact = fmt.Sprintf("the environment moved to %s, but it is %s now", order.To, failure.Last.Status)
		next = "Restore its previous status in the dashboard. The state has the new region."
	case migration.NeverStarted:
		fact = "it is not known whether the platform started the migration " + route
		next = "The environment is where it was, and the action log shows no migration. Plan again: if the migration " +
			"starts later, the next run waits for it."
	case migration.NotShown:
		fact = "the platform says that the migration " + route + " succeeded, but still shows the environment in " +
			order.From
		next = "The state has the region that the platform shows. The next apply waits until the platform shows it in " +
			order.To + ", and does not migrate it again. " +
			"If this does not change, ask the hosting provider where the environment is."
	case migration.Another:
		fact = "another environment has this name now"
		next = "The environment of the plan no longer exists. " + strings.TrimSpace(nothingElse)
	case migration.NotKnown:
		fact = "Terraform no longer waits for the migration " + route
		next = stillRunning(failure, nothingElse)
	case migration.KeepLooking, migration.Ask, migration.Done:
	}
	return fact, next
}

// wrongPair points to a live_migration pair that the platform may not offer; empty if none covers the migration.
func wrongPair(order migration.Order, pairs []migration.LivePair) string {
	isDeclared := func(p migration.LivePair) bool { return p.Possible && p.Joins(order.From, order.To) }
	if !order.Live || !slices.ContainsFunc(pairs, isDeclared) {
		return ""
	}
	return "The provider's live_migration says that live migration is possible between these regions. " +
		"If the platform does not offer it, remove the pair.\n\n"
}

// stillRunning says what the platform may still be doing when Terraform stops waiting.
func stillRunning(failure *migration.Failure, nothingElse string) string {
	switch busy := failure.Last.Status.Transitional(); {
	case failure.Started && busy:
		return "The migration is still running. The next plan says so, and the next apply waits for its end."
	case failure.Started:
		return "The migration may still be running: it is not known yet whether it has started. " +
			"The next apply finds out, and waits for its end if it has."
	case busy:
		return "Another operation is still running; this run did not start the migration. The next apply waits for the " +
			"end of that operation."
	}
	return "The migration has not started." + nothingElse
}
