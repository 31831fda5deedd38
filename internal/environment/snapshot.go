package environment

import (
	"context"
	"encoding/json"
	"reflect"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
)

// snapshot is what the plan of a migration rests on besides configuration and state: the environment and the regions
// as they were when the environment was last read, created or updated. It is kept in private state, which Terraform
// freezes into the plan and hands to the apply, so that the same plan comes out there whatever has changed since.
type snapshot struct {
	// Version is that of the snapshot's form; another one counts as no snapshot.
	Version     int                   `json:"version"`
	Environment migration.Environment `json:"environment"`
	Facts       migration.Facts       `json:"facts"`
	// Around are what other environments have to do with this one, unless they were not listed.
	Around   migration.Surroundings `json:"around,omitzero"`
	Unlisted bool                   `json:"unlisted,omitempty"`
	// Large says that the account had many environments when it was last listed. Like Unlisted it is false where all is as
	// it mostly is, so that an apply, which does not list the account, leaves private state as a refresh does.
	Large bool `json:"large,omitempty"`
}

// environment is the environment with what others have to do with it, as far as it is known.
func (s snapshot) environment() migration.Environment {
	if s.Unlisted {
		return s.Environment
	}
	return s.Environment.In(s.Around)
}

const snapshotVersion = 2

const snapshotKey = "snapshot"

type privateReader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

type privateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// loadSnapshot finds no snapshot where none was stored yet, or where it cannot be read because another version of the
// provider stored it: the next refresh stores a new one.
func loadSnapshot(ctx context.Context, private privateReader) (s snapshot, found bool) {
	data, diags := private.GetKey(ctx, snapshotKey)
	if diags.HasError() || len(data) == 0 {
		return s, false
	}
	if err := json.Unmarshal(data, &s); err != nil {
		return snapshot{}, false
	}
	return s, s.Version == snapshotVersion
}

func (s snapshot) store(ctx context.Context, private privateWriter) diag.Diagnostics {
	s.Version = snapshotVersion
	return store(ctx, private, snapshotKey, s)
}

// store keeps a value under a key; a zero value is kept by taking the key away, so that private state, which Terraform
// compares when it looks for changes, is the same whichever operation wrote it last.
func store(ctx context.Context, private privateWriter, key string, value any) diag.Diagnostics {
	if reflect.ValueOf(value).IsZero() {
		return private.SetKey(ctx, key, nil)
	}
	data, err := json.Marshal(value)
	if err != nil {
		return diag.Diagnostics{notEncoded(err)}
	}
	return private.SetKey(ctx, key, data)
}

func notEncoded(err error) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Cannot store what was read", "It could not be encoded: "+err.Error()+". Please report this to the provider's developers.")
}
