package environment

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
)

// migrationLog tells at the level INFO how far a migration has come, a line for each change of phase.
type migrationLog struct {
	began  time.Time
	fields map[string]any
}

func newMigrationLog(environment, from, to string) *migrationLog {
	return &migrationLog{began: time.Now(), fields: map[string]any{"environment": environment, "from": from, "to": to}}
}

// add puts a field into all lines to come, unless it is empty.
func (p *migrationLog) add(name, value string) {
	if value != "" {
		p.fields[name] = value
	}
}

func (p *migrationLog) reached(ctx context.Context, phase migration.Phase) {
	fields := maps.Clone(p.fields)
	fields["phase"], fields["elapsed"] = string(phase), time.Since(p.began).Round(100*time.Millisecond).String()
	tflog.Info(ctx, fmt.Sprintf("Migration of %s: %s", p.fields["environment"], phase), fields)
}

// failed tells that it did not begin or not end well, and why.
func (p *migrationLog) failed(ctx context.Context, diags diag.Diagnostics) {
	p.add("reason", diags.Errors()[0].Summary())
	p.reached(ctx, migration.PhaseFailed)
}
