package environment

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/phaselog"
)

// migrationLog logs the progress of a migration: a short line at level INFO for each phase that takes time, and all
// known fields at level DEBUG for each change of phase.
type migrationLog struct {
	began    time.Time
	name, to string
	fields   map[string]any
	// moving and ended report that these phases have been logged.
	moving, ended bool
}

func newMigrationLog(environment, from, to string) *migrationLog {
	return &migrationLog{
		began: time.Now(), name: environment, to: to,
		fields: map[string]any{"environment": environment, "from": from, "to": to},
	}
}

// add adds a field to all later lines, unless it is empty.
func (p *migrationLog) add(name, value string) {
	if value != "" {
		p.fields[name] = value
	}
}

// queued logs that the migration waits for its turn, and how many are ahead.
func (p *migrationLog) queued(ctx context.Context, before int) {
	p.fields["before"] = before
	p.reached(ctx, migration.PhaseQueued)
	delete(p.fields, "before")
}

func (p *migrationLog) reached(ctx context.Context, phase migration.Phase) {
	fields := maps.Clone(p.fields)
	fields["phase"], fields["elapsed"] = string(phase), time.Since(p.began).Round(100*time.Millisecond).String()
	tflog.Debug(ctx, fmt.Sprintf("Migration of %s: %s", p.name, phase), fields)
	if line := p.line(phase); line != "" {
		phaselog.Info(ctx, p.name+": "+line)
	}
}

// line returns the line about a phase for users; empty for phases that are over at once and for those already logged.
func (p *migrationLog) line(phase migration.Phase) string {
	elapsed := phaselog.Duration(time.Since(p.began))
	switch phase {
	case migration.PhaseQueued:
		return fmt.Sprintf("queued, %d before it", p.fields["before"])
	case migration.PhaseStarted, migration.PhaseMigrating:
		if p.moving {
			return ""
		}
		p.moving = true
		how := "to "
		if mode, known := p.fields["mode"].(string); known {
			how = mode + " to "
		}
		return "moving " + how + p.to + ", " + elapsed
	case migration.PhaseVerifying:
		return "verifying"
	case migration.PhaseUnhealthy, migration.PhaseFailed:
		return p.end("failed after ", elapsed)
	case migration.PhaseVerified:
		return p.end("done in ", elapsed)
	case migration.PhaseChecked, migration.PhaseDone:
	}
	return ""
}

// end returns the last line. For a failure it includes what the hosting provider's support needs to find the
// migration.
func (p *migrationLog) end(how, elapsed string) string {
	if p.ended {
		return ""
	}
	p.ended = true
	line := how + elapsed
	if key, known := p.fields["request_key"].(string); known && p.moving && how == "failed after " {
		line += ", request key " + key
	}
	return line
}

// done logs the success of the migration, unless its end has already been logged.
func (p *migrationLog) done(ctx context.Context) {
	if line := p.end("done in ", phaselog.Duration(time.Since(p.began))); line != "" {
		phaselog.Info(ctx, p.name+": "+line)
	}
}

// failed logs that the migration did not begin or did not succeed, and why.
func (p *migrationLog) failed(ctx context.Context, diags diag.Diagnostics) {
	p.add("reason", diags.Errors()[0].Summary())
	p.reached(ctx, migration.PhaseFailed)
}
