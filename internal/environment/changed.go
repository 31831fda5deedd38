package environment

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/diagutil"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/tfvalue"
)

// appIDKey is where private state keeps the identifier that a migration has given the environment, until a refresh has
// brought it into the state.
const appIDKey = "app_id"

func loadAppID(ctx context.Context, private privateReader) string {
	data, _ := private.GetKey(ctx, appIDKey)
	return strings.Trim(string(data), `"`)
}

func storeAppID(ctx context.Context, private privateWriter, state resourceModel, appID string) diag.Diagnostics {
	if state.AppID.ValueString() == appID {
		appID = ""
	}
	return store(ctx, private, appIDKey, appID)
}

// anotherEnvironment is the error of a name that belongs to another environment than the one in the state; nil if it is the
// same. Accepted is an identifier that a migration has given it.
func anotherEnvironment(state resourceModel, accepted string, env platform.Environment) diag.Diagnostic {
	known := state.AppID.ValueString()
	if known == "" || env.AppID == "" || env.AppID == known || env.AppID == accepted {
		return nil
	}
	created := ""
	if !env.CreatedAt.IsZero() {
		created = ", created at " + env.CreatedAt.UTC().Format(time.RFC3339)
	}
	return diag.NewAttributeErrorDiagnostic(path.Root("app_id"), fmt.Sprintf("%s: another environment of that name%s; the one in the state is gone", env.Name, created), fmt.Sprintf(
		"The state has the environment with app_id %q; the platform has one of the same name with app_id %q, in region %s. "+
			"If the new one is to be managed here, take the old one out of the state and import the new one:\n\n"+
			"  terraform state rm ADDRESS\n  terraform import ADDRESS %s%s", known, env.AppID, env.Region, env.Name, diagutil.NothingChanged))
}

// lastMigrationEnd is when the last migration ended that the state knows; zero if it knows none.
func (m resourceModel) lastMigrationEnd() time.Time {
	finished, _ := m.LastMigration.Attributes()["finished_at"].(types.String)
	at, _ := time.Parse(time.RFC3339, finished.ValueString())
	return at
}

func isGone(err error) bool {
	var failure *migration.Failure
	return errors.As(err, &failure) && failure.Kind == migration.Gone
}

// notChanged warns of what a migration was to change and left as it was, long after the end. It corrects the record.
func (m *MoveModel) notChanged(name string, domain types.String, nodes []platform.Node, outcome migration.Outcome) diag.Diagnostic {
	if !outcome.Stale {
		return nil
	}
	var same []string
	after := outcome.After.Nodes
	if m.IPChange.ValueBool() {
		m.IPChange = types.BoolValue(!sameAddresses(nodes, after))
		for _, pair := range migration.PairNodes(nodes, after, roleOf) {
			if hasSameAddresses(pair.Before, pair.After) {
				same = append(same, fmt.Sprintf("the addresses of node %d (%s)", pair.After.ID, pair.After.NodeGroup))
			}
		}
	}
	if m.DomainChange.ValueBool() && domain.Equal(tfvalue.StringOrNull(outcome.After.Domain)) {
		m.DomainChange = types.BoolValue(false)
		same = append(same, "the domain "+outcome.After.Domain)
	}
	return diag.NewAttributeWarningDiagnostic(path.Root("region"), name+": the migration did not change what it was to change",
		"The plan said that these change, and the platform still reports them as before: "+strings.Join(same, ", ")+
			". The state has what the platform reports, and last_migration says what happened. If the platform shows new ones later, the next plan brings them along.")
}

// alsoChanged warns of what else is not as before after a migration, which nobody planned; nil if all is.
func alsoChanged(before, after platform.Environment) diag.Diagnostic {
	var changes []string
	add := func(what string, changed bool, was, is any) {
		if changed {
			changes = append(changes, fmt.Sprintf("%s (%v → %v)", what, was, is))
		}
	}
	add("app_id", before.AppID != after.AppID, before.AppID, after.AppID)
	add("created_at", !before.CreatedAt.Equal(after.CreatedAt), tfvalue.Timestamp(before.CreatedAt), tfvalue.Timestamp(after.CreatedAt))
	add("display_name", before.DisplayName != after.DisplayName, before.DisplayName, after.DisplayName)
	add("groups", !slices.Equal(before.Groups, after.Groups), before.Groups, after.Groups)
	add("built_in_ssl", before.BuiltInSSL != after.BuiltInSSL, before.BuiltInSSL, after.BuiltInSSL)
	was, is := migration.Describe(before).Layers, migration.Describe(after).Layers
	named := func(layers []migration.Layer, name string) *migration.Layer {
		if i := slices.IndexFunc(layers, func(l migration.Layer) bool { return l.Name == name }); i >= 0 {
			return &layers[i]
		}
		return nil
	}
	for _, b := range was {
		a := named(is, b.Name)
		if a == nil {
			changes = append(changes, fmt.Sprintf("layer %q is gone", b.Name))
			continue
		}
		add("number of nodes of layer "+b.Name, b.Nodes != a.Nodes, b.Nodes, a.Nodes)
		add("reserved cloudlets of layer "+b.Name, b.ReservedCloudlets != a.ReservedCloudlets, b.ReservedCloudlets, a.ReservedCloudlets)
		add("dynamic cloudlets of layer "+b.Name, b.DynamicCloudlets != a.DynamicCloudlets, b.DynamicCloudlets, a.DynamicCloudlets)
	}
	for _, a := range is {
		if named(was, a.Name) == nil {
			changes = append(changes, fmt.Sprintf("layer %q is new", a.Name))
		}
	}
	ids := func(env platform.Environment) (all []int64) {
		for _, n := range env.Nodes {
			all = append(all, n.ID)
		}
		return all
	}
	if b, a := ids(before), ids(after); len(b) == len(a) {
		add("node ids", !slices.Equal(b, a), b, a)
	}
	if len(changes) == 0 {
		return nil
	}
	return diag.NewAttributeWarningDiagnostic(path.Root("region"), after.Name+": more changed during the migration than was planned",
		"The platform reports this otherwise than before: "+strings.Join(changes, "; ")+". What the plan called known is in the state as planned; the next plan shows the difference.")
}
