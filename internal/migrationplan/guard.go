package migrationplan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/diagutil"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// RefuseWorse compares the migration as it would be now with the planned one; then is nil if the plan did not know
// its kind. The apply must do what the plan says, so it refuses a change for the worse before it changes anything.
// The cost is that of the planned environment at today's prices, because growth since the plan is not due to the
// migration.
func RefuseWorse(
	name, plannedFrom string,
	env platform.Environment,
	now migration.Assessment,
	then *migration.Assessment,
	cost *migration.Cost,
) diag.Diagnostics {
	var changes []string
	if env.Region != plannedFrom {
		changes = append(changes, fmt.Sprintf("the environment is in %s; the plan moves it from %s", env.Region, plannedFrom))
	}
	if then != nil {
		changes = append(changes, worseThanPlanned(env, now, *then)...)
		changes = append(changes, costIncrease(now.To.Name, cost, then.CostAfter)...)
	}
	if len(changes) == 0 {
		return nil
	}
	return diag.Diagnostics{
		diag.NewAttributeErrorDiagnostic(path.Root("region"), name+": the migration is no longer what was planned",
			"This has changed since the plan: "+strings.Join(changes, "; ")+". Plan again and decide."+diagutil.NothingChanged),
	}
}

func worseThanPlanned(env platform.Environment, now, then migration.Assessment) []string {
	var changes []string
	if now.Downtime && !then.Downtime {
		changes = append(
			changes,
			fmt.Sprintf("the environment is %s, and the migration would stop it, because %s", env.Status, whyOffline(now)),
		)
	}
	if now.Mode == migration.ModeLive {
		for _, nodeGroup := range now.Databases {
			if !slices.Contains(then.Databases, nodeGroup) {
				changes = append(changes, fmt.Sprintf("layer %q is a database now and would move live", nodeGroup))
			}
		}
		for _, nodeGroup := range now.Mounted {
			if !slices.Contains(then.Mounted, nodeGroup) {
				changes = append(changes, fmt.Sprintf("layer %q has mounts now and would move live", nodeGroup))
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
		changes = append(changes, fmt.Sprintf("the domain is %s now; it was %s", now.PreviousDomain, then.PreviousDomain))
	}
	if then.DomainChange && now.ExpectedDomain != then.ExpectedDomain {
		changes = append(
			changes,
			fmt.Sprintf("the expected domain is %s now; the plan said %s", now.ExpectedDomain, then.ExpectedDomain),
		)
	}
	return changes
}

// costIncrease compares the costs of the same environment after a move, at prices of different times. It does not
// compare unknown costs or costs of different sources: the platform's public prices say nothing about the
// account's.
func costIncrease(region string, now, then *migration.Cost) []string {
	if now == nil || then == nil || now.Source != then.Source || !slices.Equal(now.Excludes, then.Excludes) {
		return nil
	}
	switch {
	case now.Currency != then.Currency && now.Currency != "" && then.Currency != "":
		return []string{
			fmt.Sprintf("the prices of region %s are in %s now; they were in %s", region, now.Currency, then.Currency),
		}
	case now.Currency != then.Currency:
		return nil
	case now.HourlyMax > then.HourlyMax:
		return []string{priceRise(region, "up to", now.HourlyMax, then.HourlyMax, now.Currency)}
	case now.HourlyMin > then.HourlyMin:
		return []string{priceRise(region, "at least", now.HourlyMin, then.HourlyMin, now.Currency)}
	}
	return nil
}

func priceRise(region, bound string, now, then float64, currency string) string {
	if currency != "" {
		currency = " " + currency
	}
	return fmt.Sprintf(
		"the price of region %s has risen: %s %g%s an hour; the plan said %s %g%s",
		region,
		bound,
		now,
		currency,
		bound,
		then,
		currency,
	)
}

// RefuseNow returns what prevents the migration now, whatever the plan found. It does not repeat the text of a
// warning that this run's plan has already shown.
func RefuseNow(
	name, to string,
	catalog migration.RegionCatalog,
	a migration.Assessment,
	policy migration.Policy,
	now time.Time,
	planFindings []migration.Finding,
) diag.Diagnostics {
	if finding := catalog.CheckTarget(name, to); finding != nil {
		return diag.Diagnostics{FindingDiagnostic(*finding)}
	}
	var diags diag.Diagnostics
	for _, finding := range policy.Review(a, catalog, migration.EnforceAtPlan) {
		if finding.Severity != migration.Error {
			continue
		}
		words := Describe(finding)
		if slices.ContainsFunc(planFindings, func(f migration.Finding) bool { return Describe(f).Summary == words.Summary }) {
			words.Detail = "The warning with the same title says what the move would do, and how to permit it."
		}
		diags.Append(diagnostic(migration.Error, words, diagutil.NothingChanged))
	}
	if early := policy.CheckWindow(a, now, migration.Error); early != nil && !diags.HasError() {
		diags.Append(FindingDiagnostic(*early))
	}
	return diags
}
