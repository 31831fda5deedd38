package migrationplan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// describeStatus describes an environment whose status prevents a move.
func describeStatus(f migration.Finding) Words {
	a := f.Assessment
	next := "Repair it in the dashboard, or ask the hosting provider, then plan again."
	if a.Environment.Status == platform.StatusSuspended {
		next = "Ask the hosting provider why it is suspended."
	}
	return Words{
		Attribute: region,
		Summary:   fmt.Sprintf("%s is %s and cannot move: %s", f.Environment, a.Environment.Status, route(a)),
		Detail:    "Only running, sleeping and stopped environments can move. " + next,
	}
}

// describeClosed describes a data centre that does not allow migration.
func describeClosed(f migration.Finding) Words {
	next := "Ask the hosting provider to allow it"
	if f.Closed.Datacenter != f.Assessment.From.Datacenter {
		next += ", or choose a region of a data centre that allows migration"
	}
	return Words{
		Attribute: region,
		Summary: fmt.Sprintf(
			"%s: data centre %s does not allow migration: %s",
			f.Environment,
			f.Closed.Datacenter,
			route(f.Assessment),
		),
		Detail: fmt.Sprintf(
			"The hosting provider does not allow migration from or to data centre %s, to which region %s belongs. %s.",
			f.Closed.Datacenter,
			label(f.Closed),
			next,
		),
	}
}

func describeWindowsVMs(f migration.Finding) Words {
	a := f.Assessment
	return Words{
		Attribute: region,
		Summary: fmt.Sprintf("%s: Windows virtual machines (%s) cannot move: %s",
			f.Environment, quoteNodeGroups(a.WindowsVMs), route(a)),
		Detail: "The platform does not migrate environments with Windows virtual machines. Leave the environment where it " +
			"is, or create a new one in the other region.",
	}
}

func describeStoppedCluster(f migration.Finding) Words {
	a := f.Assessment
	return Words{
		Attribute: region,
		Summary: fmt.Sprintf(
			"%s: the stopped database cluster %q cannot move: %s",
			f.Environment,
			a.StoppedCluster,
			route(a),
		),
		Detail: "Migrating a stopped database cluster is known to break it (platform issues JE-53135 and JE-69128). " +
			"Start the environment, then plan again.",
	}
}

func describeLiveNotPossible(f migration.Finding) Words {
	a := f.Assessment
	w := Words{
		Attribute: policyPath("mode"),
		Summary:   fmt.Sprintf("%s: no live migration from %s to %s", f.Environment, a.From.Name, a.To.Name),
		Detail: sentences(fmt.Sprintf("Live migration is not possible because %s.", whyNotLive(a)), liveTargets(a)) +
			inPolicy("To move it offline instead", offlineLines(f)...),
	}
	if a.WhyNotLive == migration.ObstacleOtherDatacenter {
		w.Detail += fmt.Sprintf(
			"\n\nIf the dashboard marks %s with LM for this environment, declare the pair in the provider block:\n"+
				"  live_migration = [{ between = [%q, %q], possible = true }]",
			a.To.Name,
			a.From.Name,
			a.To.Name,
		)
	}
	return w
}

func describeLiveSharedStorage(f migration.Finding) Words {
	a := f.Assessment
	return Words{
		Attribute: policyPath("mode"),
		Summary: fmt.Sprintf("%s: live move refused, %s %s shared storage",
			f.Environment, quoteNodeGroups(a.Storage), plural(len(a.Storage), "is", "are")),
		Detail: "The platform cannot migrate Shared Storage containers live, to any region." +
			inPolicy("To move it offline instead", offlineLines(f)...),
	}
}

// whyNotLive says in a clause why two regions allow no live migration.
func whyNotLive(a migration.Assessment) string {
	switch a.WhyNotLive {
	case migration.ObstacleRuledOut:
		return "the provider's live_migration rules it out for these regions"
	case migration.ObstacleUnlisted:
		unknown := a.From
		if a.From.Datacenter != "" {
			unknown = a.To
		}
		return "the platform does not list region " + unknown.Name + " or its data centre"
	case migration.ObstacleOtherDatacenter:
		return fmt.Sprintf("the regions are in different data centres (%s and %s)", a.From.Datacenter, a.To.Datacenter)
	case migration.ObstacleClosed:
		return "data centre " + a.From.Datacenter + " does not allow migration"
	}
	return string(a.WhyNotLive)
}

func liveTargets(a migration.Assessment) string {
	if len(a.LiveTargets) == 0 {
		return fmt.Sprintf("From %s it is not possible to any region.", a.From.Name)
	}
	return fmt.Sprintf("From %s it is possible to: %s.", a.From.Name, strings.Join(a.LiveTargets, ", "))
}

// describeCostLimit describes a cost above max_hourly_cost.
func describeCostLimit(f migration.Finding) Words {
	a := f.Assessment
	most := strings.TrimSpace(fmt.Sprintf("%g %s", a.CostAfter.HourlyMax, a.CostAfter.Currency))
	return Words{
		Attribute: policyPath("max_hourly_cost"),
		Summary:   fmt.Sprintf("%s: it may cost more than max_hourly_cost in %s", f.Environment, a.To.Name),
		Detail: sentences(
			fmt.Sprintf(
				"With every node at its limits it costs up to %s an hour there; max_hourly_cost is %g.",
				most,
				*f.Policy.MaxHourlyCost,
			),
			costs(a),
			fmt.Sprintf(
				"Choose a cheaper region, lower the limits of the layers, or write in migration_policy:\n  max_hourly_cost = %g",
				a.CostAfter.HourlyMax,
			),
		),
	}
}

// costs compares the costs before and after; empty if neither is known.
func costs(a migration.Assessment) string {
	if a.CostBefore == nil && a.CostAfter == nil {
		return ""
	}
	before := monthly(a.CostBefore)
	if a.CostBefore != nil && (a.CostAfter == nil || !slices.Equal(a.CostBefore.Excludes, a.CostAfter.Excludes)) {
		before += excluded(*a.CostBefore)
	}
	after := monthly(a.CostAfter)
	if a.CostAfter != nil {
		after += excluded(*a.CostAfter)
	}
	return fmt.Sprintf("Cost: %s → %s.", before, after)
}

// monthly is a cost as a diagnostic shows it, for example "11.32 to 45.26 EUR a month".
func monthly(c *migration.Cost) string {
	if c == nil {
		return "unknown"
	}
	amount := fmt.Sprintf("%.2f", c.MonthlyMin())
	if c.MonthlyMin() != c.MonthlyMax() {
		amount += fmt.Sprintf(" to %.2f", c.MonthlyMax())
	}
	if c.Currency != "" {
		amount += " " + c.Currency
	}
	return amount + " a month"
}

// excluded says what a cost leaves out; empty if nothing.
func excluded(c migration.Cost) string {
	if len(c.Excludes) == 0 {
		return ""
	}
	return " (unknown and not included: " + strings.Join(c.Excludes, ", ") + ")"
}

// offlineLines returns the lines that permit the same move offline. If "auto" chose live, the mode must be
// "offline": "auto" would choose live again.
func offlineLines(f migration.Finding) []string {
	mode, needed := migration.ModeAuto, []migration.Permission{migration.AllowDowntime}
	if cmp.Or(f.Policy.Mode, migration.ModeAuto) == migration.ModeAuto {
		mode = migration.ModeOffline
	}
	if f.Assessment.OtherNetwork {
		needed = append(needed, migration.AllowIPChange)
	}
	return append([]string{fmt.Sprintf("mode = %q", mode)}, permissionLines(f, needed)...)
}
