package migrationplan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
)

// describeDenied describes permissions that a move needs and does not have: the policy does not set them, or
// permit_for does not list the target, or both.
func describeDenied(f migration.Finding) Words {
	a := f.Assessment
	w := Words{Attribute: policyPath("permit_for"), Summary: f.Environment + ": " + notPermittedFor(f)}
	switch {
	case len(f.Missing) == 0:
	case a.Mode == migration.ModeLive:
		w.Attribute = policyPath("mode")
		w.Summary = fmt.Sprintf("%s: live move refused, %s", f.Environment, atRisk(a))
	default:
		w.Attribute = policyPath(string(f.Missing[0]))
		w.Summary = fmt.Sprintf("%s: move to %s needs %s", f.Environment, a.To.Name, joinPermissions(f.Missing))
		if len(f.Uncovered) > 0 {
			w.Summary += ", and " + notPermittedFor(f)
		}
	}
	if a.Mode == migration.ModeLive {
		w.Detail = sentences(liveRisk(a), missingPermissions(f), permitFor(f)) +
			inPolicy("To move it offline instead", offlineLines(f)...) +
			inPolicy("To move it live at your own risk", permissionLines(f, f.Missing)...)
		return w
	}
	w.Detail = sentences(
		why(a),
		consequences(a),
		costs(a),
		permitFor(f),
	) + inPolicy(
		"To permit it",
		permissionLines(f, f.Missing)...)
	if liveInstead := a.LivePossible && len(a.Storage) == 0 && a.Downtime && isAuto(f.Policy); liveInstead {
		w.Detail += inPolicy(
			"To move it live at your own risk",
			append([]string{`mode = "live"`}, permissionLines(f, unsetPermissions(f.Policy, a))...)...)
	}
	return w
}

func isAuto(p migration.Policy) bool { return cmp.Or(p.Mode, migration.ModeAuto) == migration.ModeAuto }

// unsetPermissions returns the permissions that a live move would need and the policy does not set.
func unsetPermissions(p migration.Policy, a migration.Assessment) []migration.Permission {
	var permissions []migration.Permission
	if len(a.Databases) > 0 && !p.AllowLiveDatabases {
		permissions = append(permissions, migration.AllowLiveDatabases)
	}
	if len(a.Mounted) > 0 && !p.AllowLiveMounts {
		permissions = append(permissions, migration.AllowLiveMounts)
	}
	return permissions
}

// notPermittedFor is the clause of a summary that says that permit_for does not list the target.
func notPermittedFor(f migration.Finding) string {
	if len(f.Policy.PermitFor) == 0 {
		return "permit_for lists no region, so it permits nothing"
	}
	return "permit_for does not list " + f.Assessment.To.Name
}

// missingPermissions says which permissions a live move lacks; its summary does not.
func missingPermissions(f migration.Finding) string {
	if len(f.Missing) == 0 {
		return ""
	}
	return fmt.Sprintf("The migration needs %s.", joinPermissions(f.Missing))
}

// permitFor says how permit_for limits the permissions that are set, or would be; empty if it lists the target.
func permitFor(f migration.Finding) string {
	p, to := f.Policy, f.Assessment.To.Name
	if p.Covers(to) {
		return ""
	}
	written := ""
	if len(f.Uncovered) > 0 {
		written = fmt.Sprintf("migration_policy has %s, but ", joinPermissions(f.Uncovered))
	}
	if len(p.PermitFor) == 0 {
		return written + "permit_for lists no region, so it permits nothing."
	}
	return sentences(
		written+fmt.Sprintf("permit_for limits the permissions to %s.", joinAnd(p.PermitFor)),
		unlisted(f.Catalog, p.PermitFor))
}

// permissionLines returns the lines that permit the move. They limit the permissions to its target, so that a
// permission for one move does not stay open for every later one.
func permissionLines(f migration.Finding, permissions []migration.Permission) []string {
	var lines []string
	for _, permission := range permissions {
		lines = append(lines, string(permission)+" = true")
	}
	regions, to := listed(f.Catalog, f.Policy.PermitFor), f.Assessment.To.Name
	if !slices.Contains(regions, to) {
		regions = append(regions, to)
	}
	return append(lines, listLine("permit_for", regions))
}

// atRisk says which node groups a live move would endanger, and why.
func atRisk(a migration.Assessment) string {
	var parts []string
	if n := len(a.Databases); n > 0 {
		parts = append(parts, quoteNodeGroups(a.Databases)+plural(n, " is a database", " are databases"))
	}
	if n := len(a.Mounted); n > 0 {
		parts = append(parts, quoteNodeGroups(a.Mounted)+plural(n, " has mounts", " have mounts"))
	}
	return strings.Join(parts, " and ")
}

// liveRisk says what a live move may do to the node groups that it endangers. The platform's guide says of every
// live move that requests may fail.
func liveRisk(a migration.Assessment) string {
	var database, mount string
	if len(a.Databases) > 0 {
		database = "A live migration freezes network connections and disk access for a moment: " +
			"an active database may lose or damage the data that it is processing."
	}
	if len(a.Mounted) > 0 {
		mount = "NFS and GlusterFS mounts do not work during a live migration."
	}
	return sentences(database, mount, "Under high load, requests may fail with status 502, usually for less than 10 s.")
}
