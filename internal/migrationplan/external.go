package migrationplan

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/privatestate"
)

// ExternalMove is a move outside Terraform that a read has found and no apply has accepted yet; the zero
// value means none. Private state keeps it until an apply has changed the environment in its new region,
// or the environment moves again. An equal state alone accepts nothing, because "apply -refresh-only" and
// an apply without changes also lead to it.
type ExternalMove struct {
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
}

const externalKey = "external_move"

// Detect returns the pending move outside Terraform, if any, after a read of env; knownRegion is the region in the
// state. A migration that an apply started does not count.
func (e ExternalMove) Detect(knownRegion string, env platform.Environment, begun Intent) ExternalMove {
	from := knownRegion
	if e.To == knownRegion {
		from = e.From // where Terraform left it
	}
	switch {
	case env.Region == e.To:
		return e
	case from == "", from == env.Region, begun.To == env.Region, env.Status == platform.StatusMigrating:
		return ExternalMove{}
	}
	return ExternalMove{From: from, To: env.Region}
}

// ConfirmRegion reads an environment again if its region differs from the state's, because the list that contained
// it may be older than the state. It believes the move if the platform's log confirms it, or if the region stays
// the same over the settling time.
func ConfirmRegion(
	ctx context.Context,
	service *migration.Service,
	knownRegion string,
	env platform.Environment,
	begun Intent,
) platform.Environment {
	if knownRegion == "" || env.Region == knownRegion || env.Region == begun.To || env.Status.Transitional() ||
		lastMovedTo(ctx, service, env.Name, env.Region) {
		return env
	}
	var elsewhere migration.Streak
	_ = service.PollPolicy.Poll(ctx, func() (bool, error) {
		again, err := service.Get(ctx, env.Name, migration.Fresh)
		if err != nil || again.Region == "" {
			return false, err
		}
		env = again
		if env.Region == knownRegion || env.Status.Transitional() {
			return true, nil
		}
		elsewhere.Add(time.Now())
		return service.PollPolicy.Limits.Confirms(elsewhere), nil
	})
	return env
}

// lastMovedTo says whether the last change of the environment in the platform's log was a migration to the region.
func lastMovedTo(ctx context.Context, service *migration.Service, name, region string) bool {
	last := LastChange(ctx, service, name)
	return last != nil && last.Kind == platform.ActionMigrate && last.Region == region
}

// IsRevertedBy says whether a plan would move the environment back to where it was before the move.
func (e ExternalMove) IsRevertedBy(state, plan string) bool {
	return e != ExternalMove{} && e.To == state && e.From == plan
}

// LoadExternalMove reads the move that Store saved.
func LoadExternalMove(ctx context.Context, private privatestate.Reader) ExternalMove {
	var e ExternalMove
	data, _ := private.GetKey(ctx, externalKey)
	if json.Unmarshal(data, &e) != nil {
		return ExternalMove{}
	}
	return e
}

// Store saves the move in private state.
func (e ExternalMove) Store(ctx context.Context, private privatestate.Writer) diag.Diagnostics {
	return privatestate.Store(ctx, private, externalKey, e)
}

// RefuseExternalMove is the error of a plan that would revert a move outside Terraform without permission.
func RefuseExternalMove(
	ctx context.Context,
	service *migration.Service,
	name string,
	move ExternalMove,
) diag.Diagnostic {
	outside := migration.Outside{From: move.From, To: move.To}
	outside.EndedAt, outside.Interrupted = movedSince(ctx, service, name, move.To)
	return PlanDiagnostic(migration.MovedOutside(name, outside))
}

// movedSince says when the environment came to the region, and whether an earlier run moved it, as far as the
// action log shows.
func movedSince(ctx context.Context, service *migration.Service, name, to string) (at time.Time, interrupted bool) {
	if service == nil {
		return at, false
	}
	actions, err := service.History(ctx)
	if err != nil {
		return at, false
	}
	var last platform.Action
	for _, a := range actions {
		if a.Kind == platform.ActionMigrate && a.Environment == name && a.Region == to && a.Finished.After(last.Finished) {
			last = a
		}
	}
	return last.Finished, strings.HasPrefix(last.RequestKey, migration.RequestKeyPrefix)
}

// WasMoved says whether an environment got its new ID from a migration, which an earlier run
// requested or the platform's log reports.
func WasMoved(
	ctx context.Context,
	service *migration.Service,
	knownRegion string,
	env platform.Environment,
	begun Intent,
) bool {
	if knownRegion == env.Region {
		return false
	}
	if begun.To == env.Region {
		return true
	}
	return lastMovedTo(ctx, service, env.Name, env.Region)
}

// LastChange is the environment's last successful migration, creation or deletion in the platform's log; nil if the
// log has none or cannot be read.
func LastChange(ctx context.Context, service *migration.Service, name string) *platform.Action {
	actions, err := service.History(ctx)
	if err != nil {
		return nil
	}
	return migration.LastChange(actions, name)
}

// UnderWay warns of a running migration. Until it ends, the platform reports the old region, so a user who wants to
// keep the environment there would not notice it.
func UnderWay(ctx context.Context, service *migration.Service, env platform.Environment) diag.Diagnostic {
	target := ""
	if actions, err := service.Ongoing(ctx); err == nil {
		for _, a := range actions {
			if a.Kind == platform.ActionMigrate && a.Environment == env.Name && a.Region != "" {
				target = a.Region
			}
		}
	}
	return alreadyMigrating(env, target)
}

// alreadyMigrating is the warning of UnderWay; the target is empty if it is not known.
func alreadyMigrating(env platform.Environment, target string) diag.Diagnostic {
	to, way, otherwise := "", "from "+env.Region, "If it has another target, the apply fails after that"
	if target != "" {
		to, way = " to "+target, env.Region+" → "+target
		otherwise = "An apply with another region than " + target + " also waits, and then fails"
	}
	return diag.NewAttributeWarningDiagnostic(region, env.Name+" was migrating when it was read: "+way, fmt.Sprintf(
		// Past tense, because Terraform may print this after the apply that waited for the end.
		"When Terraform read the environment, a migration%s was running, started by an earlier run that was interrupted "+
			"or by somebody else. Until its end the platform reports the environment in %s. "+
			"An apply that moves the environment waits for its end, and adopts it if it targets the configured region. %s, "+
			"because the environment is not where it was planned to be: "+
			"plan again when the migration has ended. The provider cannot cancel a migration.",
		to,
		env.Region,
		otherwise,
	))
}
