package migration

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// liveRisk is what the platform's guide says of every live move.
const liveRisk = "Under high load requests may fail with 502, usually for under 10 s."

// CheckTarget says what stands against a region as the place of an environment, whether it is to be created there or
// to move there: the region does not exist, or this account cannot use it now. Nil means nothing does.
func (c RegionCatalog) CheckTarget(environment, region string) *Finding {
	target, known := c.Region(region)
	if known && target.Usable() {
		return nil
	}
	finding := Finding{Severity: Error, Attribute: []string{"region"}}
	if known {
		finding.Summary = fmt.Sprintf("%s: region %s cannot be used", environment, region)
		finding.Detail = fmt.Sprintf("Region %s cannot take environments: %s.", target.Label(), target.WhyUnusable())
	} else {
		finding.Summary = fmt.Sprintf("%s: region %q does not exist", environment, region)
		finding.Detail = fmt.Sprintf("The platform lists no environment region with the unique name %q.", region)
		if regions := c.regionsOf(region); len(regions) > 0 {
			finding.Detail += fmt.Sprintf(" %s is a data centre; its regions are: %s.", region, strings.Join(regions, ", "))
		} else if nearest := c.Nearest(region); nearest != "" {
			finding.Detail += fmt.Sprintf(" Did you mean %q?", nearest)
		}
	}
	finding.Detail += "\n\n" + usableSentence(c.Usable())
	return &finding
}

// regionsOf lists the usable regions of a data centre, in alphabetical order.
func (c RegionCatalog) regionsOf(datacenter string) []string {
	var names []string
	for _, r := range c.Regions {
		if r.Datacenter == datacenter && r.Usable() {
			names = append(names, r.Name)
		}
	}
	slices.Sort(names)
	return names
}

func usableSentence(names []string) string {
	if len(names) == 0 {
		return "This account can use no region at the moment; ask the hosting provider."
	}
	return "Regions that this account can use: " + strings.Join(names, ", ") + "."
}

// refusal is the finding of a move that cannot be, whatever the policy permits; nil if it can.
func (a Assessment) refusal(p Policy) *Finding {
	name, route := a.Environment.Name, a.route()
	fail := func(attribute []string, summary, detail string) *Finding {
		return &Finding{Severity: Error, Attribute: attribute, Summary: summary, Detail: detail}
	}
	region, mode := []string{"region"}, []string{"migration_policy", "mode"}

	switch a.Environment.Status {
	case platform.StatusBroken, platform.StatusSuspended:
		return fail(region, fmt.Sprintf("%s is %s and cannot move: %s", name, a.Environment.Status, route),
			fmt.Sprintf("The platform reports the environment as %s; only running, sleeping and stopped environments can move. "+
				"Repair it in the dashboard or with the hosting provider's support, then plan again.", a.Environment.Status))
	}
	for _, side := range []Region{a.From, a.To} {
		if side.Datacenter != "" && !side.MigrationAllowed {
			return fail(region, fmt.Sprintf("%s: data centre %s does not allow migration: %s", name, side.Datacenter, route),
				fmt.Sprintf("The hosting provider has not allowed migration for data centre %s, to which region %s belongs. "+
					"Ask the hosting provider to allow it, or choose a region of a data centre that allows migration on both sides.",
					side.Datacenter, side.Label()))
		}
	}
	if len(a.WindowsVMs) > 0 {
		return fail(region, fmt.Sprintf("%s: %s of Windows virtual machines cannot move: %s", name, quoteNodeGroups(a.WindowsVMs), route),
			"The platform does not migrate environments with Windows virtual machines. Leave the environment where it is, or build a new one in the other region.")
	}
	if a.StoppedCluster != "" {
		return fail(region, fmt.Sprintf("%s: the stopped database cluster %q cannot move: %s", name, a.StoppedCluster, route),
			"Migrating a stopped cluster of a database is known to break it (platform issues JE-53135 and JE-69128). "+
				"Start the environment first, then plan again.")
	}
	if a.Mode != ModeLive {
		return nil
	}
	if !a.LivePossible {
		return fail(mode, fmt.Sprintf("%s: no live migration from %s to %s", name, a.From.Name, a.To.Name),
			fmt.Sprintf("Live migration is not possible because %s. %s\n\n"+
				"To move it offline instead, write in migration_policy:\n%s\n\n"+
				"If the dashboard marks %s with LM for this environment, declare the pair in the provider block:\n"+
				"  live_migration = [{ between = [%q, %q], possible = true }]",
				a.WhyNotLive, a.liveTargetsSentence(), p.offlineLines(a), a.To.Name, a.From.Name, a.To.Name))
	}
	if len(a.Storage) > 0 {
		return fail(mode, fmt.Sprintf("%s: live move refused, %s %s shared storage", name, quoteNodeGroups(a.Storage), isAre(a.Storage)),
			fmt.Sprintf("The platform does not migrate Shared Storage containers live, to no region at all. %s\n\n"+
				"To move it offline instead, write in migration_policy:\n%s",
				a.liveTargetsSentence(), p.offlineLines(a)))
	}
	return nil
}

// CheckRegion says what stands against a region as the place of an environment by the policy alone; nil if nothing does.
func (p Policy) CheckRegion(environment, region string) *Finding {
	if p.AllowedRegions == nil || slices.Contains(p.AllowedRegions, region) {
		return nil
	}
	return &Finding{
		Severity: Error, Attribute: []string{"migration_policy", "allowed_regions"},
		Summary: fmt.Sprintf("%s: region %s is not allowed", environment, region),
		Detail: fmt.Sprintf("migration_policy.allowed_regions lists the only regions for this environment: %s. Choose one of them, or write in migration_policy:\n"+
			"  allowed_regions = [%s]", strings.Join(p.AllowedRegions, ", "), quoted(append(slices.Clone(p.AllowedRegions), region))),
	}
}

// CheckCost is the finding of a move after which the environment may cost more than the policy allows; nil if it may not,
// or if the cost is not known.
func (p Policy) CheckCost(a Assessment) *Finding {
	if p.MaxHourlyCost == nil || a.CostAfter == nil || a.CostAfter.HourlyMax <= *p.MaxHourlyCost {
		return nil
	}
	return &Finding{
		Severity: Error, Attribute: []string{"migration_policy", "max_hourly_cost"},
		Summary: fmt.Sprintf("%s: in %s it may cost more than max_hourly_cost", a.Environment.Name, a.To.Name),
		Detail: fmt.Sprintf("With every node grown to its limits it costs up to %s an hour there; max_hourly_cost is %g. %s "+
			"Choose a cheaper region, lower the limits of the layers, or write in migration_policy:\n  max_hourly_cost = %[4]g",
			strings.TrimSpace(fmt.Sprintf("%g %s", a.CostAfter.HourlyMax, a.CostAfter.Currency)), *p.MaxHourlyCost, a.costSentence(), a.CostAfter.HourlyMax),
	}
}

// MovedOutside is the finding of an environment that somebody moved while the configuration still says where it was.
// The text since says when and by whom, as far as it is known.
func MovedOutside(environment, from, to, since string) Finding {
	return Finding{
		Severity: Error, Attribute: []string{"region"},
		Summary: fmt.Sprintf("%s was moved outside Terraform: %s → %s", environment, from, to),
		Detail: strings.TrimSpace(fmt.Sprintf("The configuration says %s, where Terraform left it; the platform reports it in %s. %s", from, to, since)) + fmt.Sprintf(
			"\n\nTo accept where it is:\n  region = %q\n\nTo move it back, under the same guards as any move, write in migration_policy:\n  on_external_move = \"restore\"\n\n"+
				"To leave its place to others:\n  lifecycle { ignore_changes = [region] }", to),
	}
}

// MovedOutsideUndecided is the finding of MovedOutside where what to do about it is known only during the apply.
func MovedOutsideUndecided(environment, from, to string) Finding {
	return Finding{
		Severity: Warning, Attribute: []string{"migration_policy", "on_external_move"},
		Summary: fmt.Sprintf("%s was moved outside Terraform, and what to do about it is not known yet: %s → %s", environment, from, to),
		Detail: fmt.Sprintf("The configuration says %s, where Terraform left it; the platform reports it in %s. If on_external_move turns out to be \"restore\", the apply moves it back; "+
			"otherwise it refuses before anything is done.", from, to),
	}
}

// denied is the finding of a move for which permissions are missing.
func (a Assessment) denied(p Policy, missing []Permission) Finding {
	finding := Finding{
		Severity:  Error,
		Attribute: []string{"migration_policy", string(missing[0])},
		Summary:   fmt.Sprintf("%s: move to %s needs %s", a.Environment.Name, a.To.Name, joinPermissions(missing)),
	}
	if p.givesAll(missing) {
		finding.Attribute = []string{"migration_policy", "permit_for"}
		finding.Summary = fmt.Sprintf("%s: permit_for does not list %s", a.Environment.Name, a.To.Name)
		finding.Detail = fmt.Sprintf("%s The policy gives %s, but only for: %s.\n\nTo permit it, write in migration_policy:\n%s",
			a.sentence(), joinPermissions(missing), strings.Join(p.PermitFor, ", "), p.lines(a.To.Name, nil))
		return finding
	}
	if a.Mode == ModeLive {
		finding.Attribute = []string{"migration_policy", "mode"}
		finding.Summary = fmt.Sprintf("%s: live move refused, %s", a.Environment.Name, a.endangered())
		finding.Detail = fmt.Sprintf("%s\n\nTo move it offline instead, write in migration_policy:\n%s\n\n"+
			"To move it live at your own risk, write in migration_policy:\n%s",
			a.liveDanger(), p.offlineLines(a), p.lines(a.To.Name, missing))
		return finding
	}
	finding.Detail = a.sentence() + "\n\nTo permit it, write in migration_policy:\n" + p.lines(a.To.Name, missing)
	if a.LivePossible && len(a.Storage) == 0 && p.mode() == ModeAuto && a.Downtime {
		var risks []Permission
		if len(a.Databases) > 0 {
			risks = append(risks, AllowLiveDatabases)
		}
		if len(a.Mounted) > 0 {
			risks = append(risks, AllowLiveMounts)
		}
		finding.Detail += "\n\nTo move it live at your own risk, write in migration_policy:\n  mode = \"live\"\n" + p.lines(a.To.Name, risks)
	}
	return finding
}

// sentence is what a move would do and cost.
func (a Assessment) sentence() string {
	text := a.Why() + " " + a.consequences()
	if a.Mode == ModeLive {
		text = a.liveDanger()
	}
	if cost := a.costSentence(); cost != "" {
		text += " " + cost
	}
	return text
}

// warning is the finding of a permitted move that is not harmless; nil if it is harmless.
func (a Assessment) warning() *Finding {
	finding := Finding{Severity: Warning, Attribute: []string{"region"}}
	name := a.Environment.Name
	switch {
	case len(a.needed()) == 0 && len(a.risks()) == 0:
		return nil
	case len(a.needed()) == 0:
		finding.Summary = fmt.Sprintf("%s: look at this before it moves: %s", name, a.route())
	case a.Mode == ModeLive:
		finding.Summary = fmt.Sprintf("%s moves live although %s: %s", name, a.endangered(), a.route())
		finding.Detail = "No restart; addresses and domain stay. " + a.liveDanger()
	case a.Downtime && a.IPChange:
		finding.Summary = fmt.Sprintf("%s stops and gets new addresses: %s", name, a.route())
		finding.Detail = a.Why() + " " + a.consequences()
	case a.Downtime:
		finding.Summary = fmt.Sprintf("%s stops during its move: %s", name, a.route())
		finding.Detail = a.Why() + " " + a.consequences()
	default:
		finding.Summary = fmt.Sprintf("%s gets new addresses: %s", name, a.route())
		finding.Detail = a.Why() + " " + a.consequences()
	}
	finding.Detail = strings.TrimSpace(strings.Join(append([]string{finding.Detail}, a.risks()...), " "))
	if len(a.Environment.AddOns) > 0 {
		finding.Detail += " Add-ons that may have handlers for migrations: " + strings.Join(a.Environment.AddOns, ", ") + "."
	}
	if cost := a.costSentence(); cost != "" {
		finding.Detail += " " + cost
	}
	return &finding
}

// Why says in a sentence why a move is offline; empty for a live one.
func (a Assessment) Why() string {
	switch a.Reason {
	case ReasonEnvironmentStopped:
		return "The environment is stopped, so it moves offline and stays stopped."
	case ReasonRequested:
		return `The move is offline because migration_policy.mode is "offline".`
	case ReasonLiveNotPossible:
		return "The move is offline because " + a.WhyNotLive + "."
	case ReasonSharedStorage:
		return fmt.Sprintf("The move is offline because %s %s shared storage, which cannot move live.", quoteNodeGroups(a.Storage), isAre(a.Storage))
	case ReasonDatabase, ReasonMounts:
		return fmt.Sprintf("The move is offline because %s.", a.endangered())
	case ReasonLiveAvailable:
	}
	return ""
}

// consequences says what an offline move does to the environment and what it leaves to be done by hand.
func (a Assessment) consequences() string {
	var parts []string
	if a.Downtime {
		parts = append(parts, "The whole environment stops until the move ends, then starts by itself.")
	}
	if !a.IPChange && !a.DomainChange {
		return strings.Join(append(parts, "Addresses and domain stay."), " ")
	}
	if a.IPChange {
		parts = append(parts, fmt.Sprintf("New addresses on %s%s.", count(len(a.AffectedNodes), "node"), a.publicAddresses()))
	}
	switch {
	case a.ExpectedDomain == "":
		parts = append(parts, "The platform does not tell the new domain.")
	case a.DomainChange:
		parts = append(parts, fmt.Sprintf("Expected domain: %s → %s.", cmp.Or(a.PreviousDomain, "unknown"), a.ExpectedDomain))
	}
	parts = append(parts, "Check DNS records, allow-lists and certificates outside this configuration.",
		"Moving back does not restore the old addresses.")
	return strings.Join(parts, " ")
}

// risks are what else to look at, whatever the policy permits: a sentence each.
func (a Assessment) risks() []string {
	var risks []string
	if a.SomeIPv6 {
		risks = append(risks, "Only some nodes have a public IPv6 address: platforms before version 6.2 fail to migrate such an environment (platform issue JE-60362).")
	}
	if a.DomainChange {
		if a.Environment.BuiltInSSL {
			risks = append(risks, "Built-in SSL covers only the platform's own domain: the certificate of the old name ends, and the target may have none.")
		}
		if len(a.Environment.CustomDomains) > 0 {
			risks = append(risks, fmt.Sprintf("CNAME records of %s that point to %s have to point to the new name.", strings.Join(a.Environment.CustomDomains, ", "), a.PreviousDomain))
		}
	}
	if len(a.IsolatedGroups) > 0 && a.IPChange {
		risks = append(risks, fmt.Sprintf("It belongs to the isolated group %s: whether environments of an isolated group reach each other between data centres is not documented.",
			strings.Join(a.IsolatedGroups, ", ")))
	}
	if len(a.Environment.Dependents) > 0 && (a.Downtime || a.IPChange || a.Mode == ModeLive && slices.ContainsFunc(a.Environment.Dependents, isMount)) {
		var names []string
		for _, d := range a.Environment.Dependents {
			names = append(names, d.String())
		}
		risks = append(risks, "These depend on its nodes and may lose them: "+strings.Join(names, "; ")+".")
	}
	return risks
}

func isMount(d Dependent) bool { return d.Kind == DependentMount }

// endangered says which node groups a live move would endanger, and as what.
func (a Assessment) endangered() string {
	var parts []string
	switch len(a.Databases) {
	case 0:
	case 1:
		parts = append(parts, quoteNodeGroups(a.Databases)+" is a database")
	default:
		parts = append(parts, quoteNodeGroups(a.Databases)+" are databases")
	}
	switch len(a.Mounted) {
	case 0:
	case 1:
		parts = append(parts, quoteNodeGroups(a.Mounted)+" has mounts")
	default:
		parts = append(parts, quoteNodeGroups(a.Mounted)+" have mounts")
	}
	return strings.Join(parts, " and ")
}

// liveDanger says what a live move may do to the node groups that it endangers.
func (a Assessment) liveDanger() string {
	var parts []string
	if len(a.Databases) > 0 {
		parts = append(parts, "A live migration freezes network connections and disk access for a moment: "+
			"an active database may lose or damage the data it is processing.")
	}
	if len(a.Mounted) > 0 {
		parts = append(parts, "NFS and GlusterFS mounts do not work while a live migration runs.")
	}
	return strings.Join(append(parts, liveRisk), " ")
}

func (a Assessment) liveTargetsSentence() string {
	if len(a.LiveTargets) == 0 {
		return fmt.Sprintf("From %s live migration is possible to no region.", a.From.Name)
	}
	return fmt.Sprintf("From %s live migration is possible to: %s.", a.From.Name, strings.Join(a.LiveTargets, ", "))
}

// costSentence is empty if neither cost is known.
func (a Assessment) costSentence() string {
	if a.CostBefore == nil && a.CostAfter == nil {
		return ""
	}
	word := func(c *Cost) string {
		if c == nil {
			return "unknown"
		}
		return c.String()
	}
	return fmt.Sprintf("Cost: %s → %s.", word(a.CostBefore), word(a.CostAfter))
}

func (a Assessment) publicAddresses() string {
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

func (a Assessment) route() string { return a.From.Name + " → " + a.To.Name }

// offlineLines is what to write to permit the same move offline. Where "auto" chose live, it would do so again: others may
// have come to mount from the environment since.
func (p Policy) offlineLines(a Assessment) string {
	mode, needed := ModeAuto, []Permission{AllowDowntime}
	if p.mode() == ModeAuto {
		mode = ModeOffline
	}
	if a.OtherNetwork {
		needed = append(needed, AllowIPChange)
	}
	return fmt.Sprintf("  mode = %q\n", mode) + p.lines(a.To.Name, needed)
}

// lines is what to write to give permissions for a move to a region. It suggests limiting them to that region, so that
// a permission given for one move does not stay open for every later one.
func (p Policy) lines(region string, permissions []Permission) string {
	var lines []string
	for _, permission := range permissions {
		lines = append(lines, string(permission)+" = true")
	}
	regions := slices.Clone(p.PermitFor)
	if !slices.Contains(regions, region) {
		regions = append(regions, region)
	}
	return block(append(lines, "permit_for = ["+quoted(regions)+"]"))
}

// quoted are the elements of a list as one writes them.
func quoted(values []string) string {
	var all []string
	for _, v := range values {
		all = append(all, fmt.Sprintf("%q", v))
	}
	return strings.Join(all, ", ")
}

// block indents lines, which keeps Terraform from wrapping them.
func block(lines []string) string { return "  " + strings.Join(lines, "\n  ") }

func joinPermissions(permissions []Permission) string {
	names := make([]string, len(permissions))
	for i, p := range permissions {
		names[i] = string(p)
	}
	return strings.Join(names, " and ")
}

// quoteNodeGroups names node groups as users know them: node group "sqldb", or node groups "cp" and "sqldb".
func quoteNodeGroups(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = fmt.Sprintf("%q", n)
	}
	if len(quoted) == 1 {
		return "layer " + quoted[0]
	}
	return "layers " + strings.Join(quoted[:len(quoted)-1], ", ") + " and " + quoted[len(quoted)-1]
}

func isAre(names []string) string {
	if len(names) == 1 {
		return "is"
	}
	return "are"
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
