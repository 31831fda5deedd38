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

// migrationLog tells how far a migration has come: at the level INFO by a short line for each phase that somebody would
// wait in, at the level DEBUG with all that is known by fields, for each change of phase.
type migrationLog struct {
	began    time.Time
	name, to string
	fields   map[string]any
	// moving and ended say that these phases have been told.
	moving, ended bool
}

func newMigrationLog(environment, from, to string) *migrationLog {
	return &migrationLog{
		began: time.Now(), name: environment, to: to,
		fields: map[string]any{"environment": environment, "from": from, "to": to},
	}
}

// add puts a field into all lines to come, unless it is empty.
func (p *migrationLog) add(name, value string) {
	if value != "" {
		p.fields[name] = value
	}
}

// queued tells that it waits for its turn, and how many are before it.
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

// line is what users read of a phase; empty for those that pass in a moment and for what was told already.
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

// end is the last line. One of a failure has what the hosting provider's support can find the migration by.
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

// done tells that all is over and well, unless the end was told already.
func (p *migrationLog) done(ctx context.Context) {
	if line := p.end("done in ", phaselog.Duration(time.Since(p.began))); line != "" {
		phaselog.Info(ctx, p.name+": "+line)
	}
}

// failed tells that it did not begin or not end well, and why.
func (p *migrationLog) failed(ctx context.Context, diags diag.Diagnostics) {
	p.add("reason", diags.Errors()[0].Summary())
	p.reached(ctx, migration.PhaseFailed)
}
