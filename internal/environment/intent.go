package environment

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// intent is a migration that an apply asked for and did not see the end of; the zero value is none. It is kept in private
// state, so that reading can record the migration when it has ended while nobody looked. After a kill there is none,
// because nothing is stored then: where the environment is, is always asked of the platform.
type intent struct {
	RequestKey string               `json:"key,omitempty"`
	To         string               `json:"to,omitempty"`
	StartedAt  time.Time            `json:"started_at,omitzero"`
	Assessment migration.Assessment `json:"assessment,omitzero"`
	Trigger    migration.Trigger    `json:"trigger,omitempty"`
}

const intentKey = "intent"

func loadIntent(ctx context.Context, private privateReader) intent {
	var i intent
	data, _ := private.GetKey(ctx, intentKey)
	if json.Unmarshal(data, &i) != nil {
		return intent{}
	}
	return i
}

func (i intent) store(ctx context.Context, private privateWriter) diag.Diagnostics {
	return store(ctx, private, intentKey, i)
}

// complete records the migration of an intent in the state if it has ended well, and says what is left of the intent:
// nothing, once the environment rests. The state still has the addresses from before.
func (r *environmentResource) complete(ctx context.Context, i intent, env platform.Environment, state *resourceModel) (intent, diag.Diagnostics) {
	if i.To == "" || env.Status.Transitional() {
		return i, nil
	}
	if env.Region != i.To {
		return intent{}, nil
	}
	outcome := migration.Outcome{After: env, StartedAt: i.StartedAt, FinishedAt: i.StartedAt}
	actions, err := r.service.Client.PastActions(ctx, i.StartedAt.Add(-time.Hour), 100)
	if n := slices.IndexFunc(actions, func(a platform.Action) bool { return a.RequestKey == i.RequestKey && !a.Finished.IsZero() }); err == nil && n >= 0 {
		outcome.StartedAt, outcome.FinishedAt = actions[n].Started, actions[n].Finished
	} else {
		// When it ended is not known, and a record must not be made up.
		return intent{}, nil
	}
	before, diags := state.nodes(ctx)
	move, d := moveOf(ctx, i.Assessment, i.Trigger)
	diags.Append(d...)
	state.LastMigration, d = recordObject(ctx, move, outcome, before)
	return intent{}, append(diags, d...)
}
