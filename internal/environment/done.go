package environment

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/diagutil"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migrationplan"
)

// changesDone is what an update has changed so far, in words for the beginning of an error.
type changesDone struct {
	// environment are predicates, such as "was stopped".
	environment []string
	// parts are clauses about parts of the environment, such as "the groups were changed".
	parts []string
}

func (c changesDone) none() bool { return len(c.environment)+len(c.parts) == 0 }

// sentence describes the changes: "shop has moved to south-standard, the groups were changed".
func (c changesDone) sentence(name string) string {
	if len(c.environment) == 0 {
		return name + ": " + strings.Join(c.parts, ", ")
	}
	return strings.Join(append([]string{name + " " + strings.Join(c.environment, " and ")}, c.parts...), ", ")
}

// did records a successful change of the environment, as a predicate such as "was stopped".
func (u *update) did(predicate string) {
	u.progress.changes.environment = append(u.progress.changes.environment, predicate)
}

// didPart records a successful change of a part of the environment, such as "the groups were changed".
func (u *update) didPart(clause string) {
	u.progress.changes.parts = append(u.progress.changes.parts, clause)
}

// endOfRefusal returns the end of the error of a step that changed nothing.
func (c changesDone) endOfRefusal() string {
	if c.none() {
		return diagutil.NothingChanged
	}
	return "\n\nNothing else was changed."
}

// afterDone makes errors begin with what the update has already changed: a user who reads that a display name was not
// changed must first learn that the environment has moved and which addresses are new.
func (u *update) afterDone(diags diag.Diagnostics) diag.Diagnostics {
	if u.progress.changes.none() {
		return diags
	}
	done := u.progress.changes.sentence(u.name) + "; "
	addresses := ""
	if u.progress.moved {
		if addresses = migrationplan.NewAddresses(u.state.Domain, u.nodes, u.progress.seen); addresses != "" {
			addresses += " The state has them. The next apply updates the resources that refer to them.\n\n"
		}
	}
	all := make(diag.Diagnostics, len(diags))
	for i, d := range diags {
		all[i] = d
		if d.Severity() != diag.SeverityError {
			continue
		}
		summary := done + strings.TrimPrefix(strings.TrimPrefix(d.Summary(), u.name+": "), u.name+" ")
		if at, ok := d.(diag.DiagnosticWithPath); ok {
			all[i] = diag.NewAttributeErrorDiagnostic(at.Path(), summary, addresses+d.Detail())
		} else {
			all[i] = diag.NewErrorDiagnostic(summary, addresses+d.Detail())
		}
	}
	return all
}
