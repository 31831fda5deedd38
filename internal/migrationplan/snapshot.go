package migrationplan

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/diagutil"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/privatestate"
)

// Snapshot is what the plan of a migration depends on besides configuration and state: the environment and the
// regions when the environment was last read, created or updated. Terraform saves private state in the plan and
// passes it to the apply, so that the apply computes the same plan whatever has changed since.
type Snapshot struct {
	// Version is the version of the snapshot's format; a snapshot of another version counts as none.
	Version     int                     `json:"version"`
	Environment migration.Environment   `json:"environment"`
	Catalog     migration.RegionCatalog `json:"facts"`
	// Around says how other environments depend on this one. It is not set if they could not be listed.
	Around   migration.Surroundings `json:"around,omitzero"`
	Unlisted bool                   `json:"unlisted,omitempty"`
	// Large says that the account had many environments when it was last listed. Like Unlisted it is false in the
	// usual case, so that an apply, which does not list the account, leaves private state as a refresh does.
	Large bool `json:"large,omitempty"`
}

// WithSurroundings returns the environment with its dependents, as far as they are known.
func (s Snapshot) WithSurroundings() migration.Environment {
	if s.Unlisted {
		return s.Environment
	}
	return s.Environment.In(s.Around)
}

const snapshotVersion = 2

const snapshotKey = "snapshot"

// LoadSnapshot finds no snapshot if none is stored yet, or if another version of the provider stored one that this
// version cannot read. The next refresh stores a new one.
func LoadSnapshot(ctx context.Context, private privatestate.Reader) (s Snapshot, found bool) {
	data, diags := private.GetKey(ctx, snapshotKey)
	if diags.HasError() || len(data) == 0 {
		return s, false
	}
	if err := json.Unmarshal(data, &s); err != nil {
		return Snapshot{}, false
	}
	return s, s.Version == snapshotVersion
}

// Store saves the snapshot in private state.
func (s Snapshot) Store(ctx context.Context, private privatestate.Writer) diag.Diagnostics {
	s.Version = snapshotVersion
	return privatestate.Store(ctx, private, snapshotKey, s)
}

// ReadSnapshot reads from the platform what a plan depends on.
func ReadSnapshot(ctx context.Context, service *migration.Service, name string) (Snapshot, diag.Diagnostics) {
	env, err := service.Get(ctx, name, migration.Recent)
	if err != nil {
		return Snapshot{}, diag.Diagnostics{
			diagutil.FromError(name, "the environment cannot be read", err, diagutil.NothingChanged),
		}
	}
	catalog, err := service.Regions(ctx, migration.Recent, migration.RegionCatalog{})
	if err != nil {
		return Snapshot{}, diag.Diagnostics{
			diagutil.FromError(name, "the regions cannot be read", err, diagutil.NothingChanged),
		}
	}
	s := Snapshot{Environment: migration.Describe(env), Catalog: catalog}
	// A plan must work even if the other environments cannot be listed.
	s.Around, err = service.Surroundings(ctx, name)
	s.Unlisted = err != nil
	return s, nil
}
