package environment

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// The values of migration_policy.on_external_move.
const (
	externalRefuse  = "refuse"
	externalRestore = "restore"
)

// onExternalMove is what is to be done about somebody's move outside Terraform.
func (m resourceModel) onExternalMove() types.String {
	if m.MigrationPolicy.IsUnknown() {
		return types.StringUnknown()
	}
	wish, _ := m.MigrationPolicy.Attributes()["on_external_move"].(types.String)
	return wish
}

// external is a move outside Terraform that reading has found and no apply has accepted yet; the zero value is none. It
// is kept in private state until an apply has changed the environment where it is, or it is elsewhere. That a state agrees
// with the platform accepts nothing: "apply -refresh-only" makes it so, and an apply that has nothing to change.
type external struct {
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
}

const externalKey = "external_move"

// seen is what is known of moves outside Terraform once the platform has reported an environment that the state has in the
// region known. A migration that an apply began is none.
func (e external) seen(known string, env platform.Environment, begun intent) external {
	from := known
	if e.To == known {
		from = e.From // where Terraform left it
	}
	switch {
	case env.Region == e.To:
		return e
	case from == "", from == env.Region, begun.To == env.Region, env.Status == platform.StatusMigrating:
		return external{}
	}
	return external{From: from, To: env.Region}
}

// confirmPlace looks again at an environment that shows in another region than the state has it in, because the list that
// it is from may be older than the state. That it was moved is believed if the platform's log says so, or if the same is
// seen over the settling time.
func (r *environmentResource) confirmPlace(ctx context.Context, known string, env platform.Environment, begun intent) platform.Environment {
	if known == "" || env.Region == known || env.Region == begun.To || env.Status.Transitional() {
		return env
	}
	var elsewhere migration.Streak
	_ = r.service.Pace.Poll(ctx, func() (bool, error) {
		again, err := r.service.Client.Environment(ctx, env.Name)
		if err != nil || again.Region == "" {
			return false, err
		}
		env = again
		if env.Region == known || env.Status.Transitional() {
			return true, nil
		}
		elsewhere.Add(time.Now())
		return r.lastMovedTo(ctx, env.Name) == env.Region || r.service.Pace.Limits.Confirms(elsewhere), nil
	})
	return env
}

// lastMovedTo is the region of the environment's last migration by the platform's log; empty if that does not tell.
func (r *environmentResource) lastMovedTo(ctx context.Context, name string) string {
	actions, err := r.service.History(ctx)
	if err != nil {
		return ""
	}
	if last := migration.LastMigration(actions, name); last != nil {
		return last.Region
	}
	return ""
}

// undoneBy says whether a plan would take the environment back to where it was before.
func (e external) undoneBy(state, plan resourceModel) bool {
	return e != external{} && e.To == state.Region.ValueString() && e.From == plan.Region.ValueString()
}

func loadExternal(ctx context.Context, private privateReader) external {
	var e external
	data, _ := private.GetKey(ctx, externalKey)
	if json.Unmarshal(data, &e) != nil {
		return external{}
	}
	return e
}

func (e external) store(ctx context.Context, private privateWriter) diag.Diagnostics {
	return store(ctx, private, externalKey, e)
}

// refuseExternal is the error of a plan that would undo a move outside Terraform without being told to.
func (r *environmentResource) refuseExternal(ctx context.Context, name string, outside external) diag.Diagnostic {
	return planned(migration.MovedOutside(name, outside.From, outside.To, r.movedSince(ctx, name, outside.To)))
}

// movedSince says when and how the environment came to the region, as far as the action log tells.
func (r *environmentResource) movedSince(ctx context.Context, name, to string) string {
	if r.service == nil {
		return ""
	}
	actions, err := r.service.History(ctx)
	if err != nil {
		return ""
	}
	var last platform.Action
	for _, a := range actions {
		if a.Kind == platform.ActionMigrate && a.Environment == name && a.Region == to && a.Finished.After(last.Finished) {
			last = a
		}
	}
	switch {
	case last.Finished.IsZero():
		return ""
	case strings.HasPrefix(last.RequestKey, migration.RequestKeyPrefix):
		return fmt.Sprintf("An earlier run of Terraform that was interrupted moved it; the migration ended at %s.", last.Finished.UTC().Format(time.RFC3339))
	}
	return fmt.Sprintf("The platform's action log says that the migration ended at %s.", last.Finished.UTC().Format(time.RFC3339))
}
