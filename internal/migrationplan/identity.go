package migrationplan

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/diagutil"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/privatestate"
)

// appIDKey is where private state keeps the ID that the environment got from a migration, until a refresh brings it
// into the state.
const appIDKey = "app_id"

// LoadAppID returns the ID that the environment got from a migration; empty if none.
func LoadAppID(ctx context.Context, private privatestate.Reader) string {
	data, _ := private.GetKey(ctx, appIDKey)
	return strings.Trim(string(data), `"`)
}

// StoreAppID saves that ID until the state contains it, too.
func StoreAppID(ctx context.Context, private privatestate.Writer, current, appID string) diag.Diagnostics {
	if current == appID {
		appID = ""
	}
	return privatestate.Store(ctx, private, appIDKey, appID)
}

// AnotherEnvironment is the error that the name belongs to another environment than the one in the state; nil if it
// is the same. Accepted is an ID that the environment got from a migration.
func AnotherEnvironment(known, accepted string, env platform.Environment) diag.Diagnostic {
	if known == "" || env.AppID == "" || env.AppID == known || env.AppID == accepted {
		return nil
	}
	created := ""
	if !env.CreatedAt.IsZero() {
		created = ", created at " + env.CreatedAt.UTC().Format(time.RFC3339)
	}
	return diag.NewAttributeErrorDiagnostic(
		path.Root("app_id"),
		fmt.Sprintf("%s: this is another environment%s; the one in the state no longer exists", env.Name, created),
		fmt.Sprintf(
			"The state has the environment with app_id %q; the platform has one of the same name with app_id %q, in region %s. "+
				"To manage the new one, remove the old one from the state and import the new one:\n\n"+
				"  terraform state rm ADDRESS\n  terraform import ADDRESS %s%s", known, env.AppID, env.Region, env.Name,
			diagutil.NothingChanged),
	)
}

// NewAppID warns that the environment got a new ID from a migration for whose end no apply waited.
func NewAppID(name, was string, env platform.Environment) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(
		path.Root("app_id"),
		name+": the migration to "+env.Region+" gave it another app_id",
		fmt.Sprintf(
			"The platform's action log says that it was migrated to %s, and its app_id has changed (%s → %s). Terraform "+
				"treats it as the same environment.",
			env.Region,
			was,
			env.AppID,
		),
	)
}

// FinishedAt is when the migration of a record ended; zero if there is no record.
func FinishedAt(record types.Object) time.Time {
	finished, _ := record.Attributes()["finished_at"].(types.String)
	at, _ := time.Parse(time.RFC3339, finished.ValueString())
	return at
}

// IsGone says whether a migration failed because the environment no longer exists.
func IsGone(err error) bool {
	var failure *migration.Failure
	return errors.As(err, &failure) && failure.Kind == migration.Gone
}
