package migrationplan

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
)

// describeConsequences describes a permitted move that is not harmless.
func describeConsequences(f migration.Finding) Words {
	a := f.Assessment
	w := Words{Attribute: region, Detail: sentences(why(a), consequences(a))}
	switch {
	case len(a.Needed()) == 0:
		w.Summary, w.Detail = fmt.Sprintf("%s: check this before it moves: %s", f.Environment, route(a)), ""
	case a.Mode == migration.ModeLive:
		w.Summary = fmt.Sprintf("%s moves live although %s: %s", f.Environment, atRisk(a), route(a))
		w.Detail = "No restart; addresses and domain stay the same. " + liveRisk(a)
	case a.Downtime && a.IPChange:
		w.Summary = fmt.Sprintf("%s stops and gets new addresses: %s", f.Environment, route(a))
	case a.Downtime:
		w.Summary = fmt.Sprintf("%s stops during its move: %s", f.Environment, route(a))
	default:
		w.Summary = fmt.Sprintf("%s gets new addresses: %s", f.Environment, route(a))
	}
	w.Detail = sentences(w.Detail, risks(a), addOns(a), costs(a))
	return w
}

// why says why a move is offline; empty for a live one.
func why(a migration.Assessment) string {
	if a.Reason == migration.ReasonEnvironmentStopped {
		return "The environment is stopped, so it moves offline and stays stopped."
	}
	if reason := whyOffline(a); reason != "" {
		return "The move is offline because " + reason + "."
	}
	return ""
}

// whyOffline is the reason as a clause.
func whyOffline(a migration.Assessment) string {
	switch a.Reason {
	case migration.ReasonEnvironmentStopped:
		return "the environment is stopped"
	case migration.ReasonRequested:
		return `migration_policy.mode is "offline"`
	case migration.ReasonLiveNotPossible:
		return whyNotLive(a)
	case migration.ReasonSharedStorage:
		return fmt.Sprintf(
			"%s %s shared storage, which cannot move live",
			quoteNodeGroups(a.Storage),
			plural(len(a.Storage), "is", "are"),
		)
	case migration.ReasonDatabase, migration.ReasonMounts:
		return atRisk(a)
	case migration.ReasonLiveAvailable:
	}
	return ""
}

// consequences says what an offline move does to the environment and what is left to do by hand.
func consequences(a migration.Assessment) string {
	var stops, addresses string
	if a.Downtime {
		stops = "The whole environment stops, and starts again when the move ends."
	}
	if !a.IPChange && !a.DomainChange {
		return sentences(stops, "Addresses and domain stay the same.")
	}
	if a.IPChange {
		n := len(a.AffectedNodes)
		addresses = fmt.Sprintf("%s %s new addresses%s.", count(n, "node"), plural(n, "gets", "get"), publicAddresses(a))
	}
	return sentences(stops, addresses, domainChange(a),
		"Update DNS records, allow-lists and certificates outside this configuration.",
		"Moving back does not restore the old addresses.")
}

func domainChange(a migration.Assessment) string {
	switch {
	case a.ExpectedDomain == "":
		return "The platform does not report the new domain."
	case a.DomainChange:
		return fmt.Sprintf("Expected domain: %s → %s.", cmp.Or(a.PreviousDomain, "unknown"), a.ExpectedDomain)
	}
	return ""
}

func publicAddresses(a migration.Assessment) string {
	var parts []string
	if a.PublicIPv4 > 0 {
		parts = append(parts, fmt.Sprintf("%d public IPv4", a.PublicIPv4))
	}
	if a.PublicIPv6 > 0 {
		parts = append(parts, fmt.Sprintf("%d public IPv6", a.PublicIPv6))
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// risks returns a sentence for each risk.
func risks(a migration.Assessment) string {
	var all []string
	for _, r := range a.Risks() {
		all = append(all, risk(a, r))
	}
	return sentences(all...)
}

func risk(a migration.Assessment, r migration.Risk) string {
	switch r {
	case migration.RiskSomeIPv6:
		return "Only some nodes have a public IPv6 address: platforms before version 6.2 fail to migrate such an " +
			"environment (platform issue JE-60362)."
	case migration.RiskCertificate:
		return "Built-in SSL covers only the platform's own domain: the certificate of the old name ends, and the target " +
			"may have none."
	case migration.RiskCustomDomains:
		return fmt.Sprintf(
			"Point CNAME records of %s from %s to the new name.",
			strings.Join(a.Environment.CustomDomains, ", "),
			cmp.Or(a.PreviousDomain, "the old name"),
		)
	case migration.RiskIsolatedGroup:
		return fmt.Sprintf(
			"The environment belongs to the isolated group %s: the platform does not document whether such environments "+
				"reach each other between data centres.",
			strings.Join(a.IsolatedGroups, ", "),
		)
	case migration.RiskDependents:
		var names []string
		for _, d := range a.Environment.Dependents {
			names = append(names, dependent(d))
		}
		return "These depend on its nodes and may lose them: " + strings.Join(names, "; ") + "."
	}
	return string(r)
}

// dependent names something that depends on nodes.
func dependent(d migration.Dependent) string {
	switch d.Kind {
	case migration.DependentVariable:
		return fmt.Sprintf("variable %s of layer %q", d.Name, d.NodeGroup)
	case migration.DependentLink:
		return fmt.Sprintf("environment %s, whose layer %q is linked as %s", d.Environment, d.NodeGroup, d.Name)
	case migration.DependentMount:
	}
	return fmt.Sprintf("environment %s, which mounts %s", d.Environment, d.Name)
}

func addOns(a migration.Assessment) string {
	if len(a.Environment.AddOns) == 0 {
		return ""
	}
	return "Add-ons that may have migration handlers: " + strings.Join(a.Environment.AddOns, ", ") + "."
}

// describeWindow describes a move outside its window.
func describeWindow(f migration.Finding) Words {
	const layout = "2006-01-02 15:04 MST"
	is, plan, until := "is", "", ""
	if f.Severity == migration.Warning {
		is, plan = "will be", "This plan stays valid; apply it when the window is open."
	}
	if !f.Closes.IsZero() {
		until = " and closes at " + f.Closes.Format(layout)
	}
	window := fmt.Sprintf("The window is %s.", f.Policy.Window)
	if f.Severity == migration.Error {
		// Only an error shows the time: a warning must read the same in plan and apply, so that Terraform prints it once.
		window = fmt.Sprintf("The window is %s, and it is %s by the clock of the machine that runs Terraform.",
			f.Policy.Window, f.Now.Format(layout))
	}
	return Words{
		Attribute: policyPath("window"),
		Summary: fmt.Sprintf(
			"%s: the move to %s %s refused until %s",
			f.Environment,
			f.Assessment.To.Name,
			is,
			f.Opens.Format(layout),
		),
		Detail: sentences(
			window,
			fmt.Sprintf("The window opens at %s%s.", f.Opens.Format(layout), until),
			plan,
		) +
			"\n\nTo move it now, remove window from migration_policy and plan again.",
	}
}

// describeOutside describes a move outside Terraform.
func describeOutside(f migration.Finding) Words {
	o := f.Outside
	where := fmt.Sprintf(
		"The configuration says %s, where Terraform left it; the platform reports it in %s.",
		o.From,
		o.To,
	)
	if f.Code == migration.CodeMovedOutsideUndecided {
		return Words{
			Attribute: policyPath("on_external_move"),
			Summary: fmt.Sprintf(
				"%s was moved outside Terraform, and on_external_move is not known yet: %s → %s",
				f.Environment,
				o.From,
				o.To,
			),
			Detail: sentences(
				where,
				`If on_external_move is "restore", the apply moves it back. Otherwise the apply fails before it changes anything.`,
			),
		}
	}
	return Words{
		Attribute: region,
		Summary:   fmt.Sprintf("%s was moved outside Terraform: %s → %s", f.Environment, o.From, o.To),
		Detail: sentences(where, movedAt(o)) +
			fmt.Sprintf("\n\nTo accept the new region, write:\n  region = %q", o.To) +
			inPolicy("To move it back, with the same permissions as any other migration", `on_external_move = "restore"`) +
			"\n\nTo ignore moves outside Terraform, write:\n  lifecycle { ignore_changes = [region] }",
	}
}

// movedAt says when and how a move outside Terraform ended; empty if that is not known.
func movedAt(o migration.Outside) string {
	ended := o.EndedAt.UTC().Format(time.RFC3339)
	switch {
	case o.EndedAt.IsZero():
		return ""
	case o.Interrupted:
		return fmt.Sprintf("An earlier run of Terraform that was interrupted moved it; the migration ended at %s.", ended)
	}
	return fmt.Sprintf("The platform's action log says that the migration ended at %s.", ended)
}
