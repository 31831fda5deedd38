package migrationplan

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
)

// LastTook says how long the last successful migration of this kind took according to the platform's log: that of
// this environment or, if there is none, of this account. It is empty if the log has none or cannot be read. It is
// also empty in the process that applies, because the plan has already said it.
func LastTook(ctx context.Context, service *migration.Service, a migration.Assessment) string {
	if !service.Refreshed(a.Environment.Name) {
		return ""
	}
	actions, err := service.Durations(ctx)
	if err != nil {
		return ""
	}
	took := migration.LastTook(actions, a.Environment.Name, a.Mode)
	switch {
	case took == nil:
		return ""
	case took.Environment == a.Environment.Name:
		return fmt.Sprintf("The last %s migration of this environment took %s.", a.Mode, inWords(took.Duration))
	}
	return fmt.Sprintf("The last %s migration of this account took %s (environment %s).", a.Mode, inWords(took.Duration),
		took.Environment)
}

// Append adds a sentence to the text of a warning; it leaves errors as they are.
func Append(d diag.Diagnostic, sentence string) diag.Diagnostic {
	if d.Severity() != diag.SeverityWarning || sentence == "" {
		return d
	}
	if at, ok := d.(diag.DiagnosticWithPath); ok {
		return diag.NewAttributeWarningDiagnostic(at.Path(), d.Summary(), d.Detail()+" "+sentence)
	}
	return diag.NewWarningDiagnostic(d.Summary(), d.Detail()+" "+sentence)
}

// inWords rounds a duration to the precision that a reader of a plan needs.
func inWords(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", max(1, int(d.Round(time.Second).Seconds()))) // the log's times are in seconds
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Round(time.Minute).Minutes()))
	}
	d = d.Round(time.Minute)
	return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
}
