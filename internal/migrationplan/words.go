package migrationplan

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/diagutil"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
)

// Words are the texts of a finding for users. They do not say what has been done so far.
type Words struct {
	// Attribute is the attribute of vap_environment that decides about the finding.
	Attribute       path.Path
	Summary, Detail string
}

// Describe returns the words of a finding.
func Describe(f migration.Finding) Words {
	w := describe(f)
	if f.PassesPlan {
		w.Detail += "\n\nThe plan passes because migration_enforcement is \"apply\". The apply will refuse this migration."
	}
	if f.Answer != nil {
		w.Detail += "\n\nThe platform says: " + diagutil.Explain(f.Answer)
	}
	return w
}

func describe(f migration.Finding) Words {
	switch f.Code {
	case migration.CodeRegionUnknown, migration.CodeRegionUnusable:
		return describeTarget(f)
	case migration.CodeRegionNotAllowed:
		return describeNotAllowed(f)
	case migration.CodeStatus:
		return describeStatus(f)
	case migration.CodeDatacenterClosed:
		return describeClosed(f)
	case migration.CodeWindowsVMs:
		return describeWindowsVMs(f)
	case migration.CodeStoppedCluster:
		return describeStoppedCluster(f)
	case migration.CodeLiveNotPossible:
		return describeLiveNotPossible(f)
	case migration.CodeLiveSharedStorage:
		return describeLiveSharedStorage(f)
	case migration.CodeCostLimit:
		return describeCostLimit(f)
	case migration.CodePermissionMissing, migration.CodeNotPermittedFor:
		return describeDenied(f)
	case migration.CodeConsequences:
		return describeConsequences(f)
	case migration.CodeWindowClosed:
		return describeWindow(f)
	case migration.CodeMovedOutside, migration.CodeMovedOutsideUndecided:
		return describeOutside(f)
	}
	return Words{Attribute: region, Summary: f.Environment + ": " + string(f.Code)}
}

// isGuard says whether a finding refuses a migration because of what the migration does. Such a finding
// also prevents the destruction of an environment while the configuration names another region: Terraform
// makes an ordinary plan before it plans a destruction, and does not tell providers why. A misspelt region
// or a limit must be corrected in any case.
func isGuard(code migration.Code) bool {
	switch code {
	case migration.CodeStatus, migration.CodeDatacenterClosed, migration.CodeWindowsVMs, migration.CodeStoppedCluster,
		migration.CodeLiveNotPossible, migration.CodeLiveSharedStorage, migration.CodePermissionMissing,
		migration.CodeNotPermittedFor, migration.CodeMovedOutside:
		return true
	case migration.CodeRegionUnknown,
		migration.CodeRegionUnusable,
		migration.CodeRegionNotAllowed,
		migration.CodeCostLimit,
		migration.CodeConsequences,
		migration.CodeWindowClosed,
		migration.CodeMovedOutsideUndecided:
	}
	return false
}

// The attributes that findings are attached to.
var region = path.Root("region")

func policyPath(attribute string) path.Path { return path.Root("migration_policy").AtName(attribute) }

func route(a migration.Assessment) string { return a.From.Name + " → " + a.To.Name }

// sentences joins sentences that are not empty.
func sentences(all ...string) string {
	var parts []string
	for _, s := range all {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, " ")
}

// inPolicy introduces lines to write in migration_policy.
func inPolicy(purpose string, lines ...string) string {
	return "\n\n" + purpose + ", write in migration_policy:\n" + block(lines)
}

// block indents lines, which keeps Terraform from wrapping them.
func block(lines []string) string { return "  " + strings.Join(lines, "\n  ") }

// listLine is an attribute with a list as it is written in HCL.
func listLine(attribute string, values []string) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = fmt.Sprintf("%q", v)
	}
	return attribute + " = [" + strings.Join(quoted, ", ") + "]"
}

func joinPermissions(permissions []migration.Permission) string {
	names := make([]string, len(permissions))
	for i, p := range permissions {
		names[i] = string(p)
	}
	return joinAnd(names)
}

// quoteNodeGroups names node groups as users know them: layer "sqldb", or layers "cp" and "sqldb".
func quoteNodeGroups(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = fmt.Sprintf("%q", n)
	}
	if len(quoted) == 1 {
		return "layer " + quoted[0]
	}
	return "layers " + joinAnd(quoted)
}

// joinAnd joins values as in a sentence: a, b and c.
func joinAnd(values []string) string {
	if len(values) < 2 {
		return strings.Join(values, "")
	}
	return strings.Join(values[:len(values)-1], ", ") + " and " + values[len(values)-1]
}

// plural chooses the form of a verb or noun for a number of things.
func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func count(n int, noun string) string {
	return fmt.Sprintf("%d %s", n, plural(n, noun, noun+"s"))
}
