package migrationplan

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/diagutil"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/tfvalue"
)

// BrokenPromise returns what a migration changed although the plan said that it would stay; nil if nothing. It
// corrects the record: a migration that changed addresses or the domain was not live, even if it was requested as
// live.
func (m *MoveModel) BrokenPromise(domain types.String, nodes []platform.Node, after platform.Environment) error {
	var broken []string
	if !m.DomainChange.ValueBool() && !domain.Equal(tfvalue.StringOrNull(after.Domain)) {
		broken = append(broken, "the domain")
		m.DomainChange = types.BoolValue(true)
	}
	if !m.IPChange.ValueBool() && !sameAddresses(nodes, after.Nodes) {
		broken = append(broken, "addresses of nodes")
		m.IPChange = types.BoolValue(true)
	}
	if len(broken) == 0 {
		return nil
	}
	m.DoneOffline()
	return errors.New(
		"the migration changed " + strings.Join(broken, " and ") + ", which the plan said would stay the same",
	)
}

// DoneOffline corrects the record of a migration that was planned live and done offline.
func (m *MoveModel) DoneOffline() {
	if m.Mode.ValueString() == string(migration.ModeLive) {
		m.Mode, m.Downtime = types.StringValue(string(migration.ModeOffline)), types.BoolValue(true)
	}
}

// AsAsked sets the mode in the record to the one that was requested.
func (m *MoveModel) AsAsked(a migration.Assessment) {
	m.Mode, m.Downtime = types.StringValue(string(a.Mode)), types.BoolValue(a.Downtime)
}

// PromiseBroken is the diagnostic of a migration that changed what should have stayed.
func PromiseBroken(severity diag.Severity, name string, broken error) diag.Diagnostic {
	summary, detail := name+": the migration changed what should have stayed the same", diagutil.Capitalize(
		diagutil.Explain(broken),
	)+
		" The state has the new values. Plan again to update what refers to them. The environment was not moved back."
	if severity == diag.SeverityWarning {
		return diag.NewAttributeWarningDiagnostic(path.Root("region"), summary, detail)
	}
	return diag.NewAttributeErrorDiagnostic(path.Root("region"), summary, detail)
}

// sameAddresses compares the addresses of the nodes that exist before and after, even under another ID. It ignores
// added and removed nodes, because of autoscaling, and everything else about a node, because it may change by
// itself.
func sameAddresses(before, after []platform.Node) bool {
	return !slices.ContainsFunc(migration.PairNodes(before, after, roleOf),
		func(p migration.NodePair[platform.Node]) bool {
			return !hasSameAddresses(p.Before, p.After)
		})
}

// NotChanged warns of planned changes that a migration has not made long after its end. It corrects the record.
func (m *MoveModel) NotChanged(
	name string,
	domain types.String,
	nodes []platform.Node,
	outcome migration.Outcome,
) diag.Diagnostic {
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
	return diag.NewAttributeWarningDiagnostic(path.Root("region"), name+": the migration changed less than was planned",
		"The plan said that these would change, but the platform reports no change: "+strings.Join(same, ", ")+
			". The state has what the platform reports, and last_migration says what happened. If the platform shows new "+
			"values later, the next plan has them.")
}

// AlsoChanged warns of unplanned changes after a migration; nil if there are none.
func AlsoChanged(before, after platform.Environment) diag.Diagnostic {
	var changes []string
	add := func(what string, changed bool, was, is any) {
		if changed {
			changes = append(changes, fmt.Sprintf("%s (%v → %v)", what, was, is))
		}
	}
	add("app_id", before.AppID != after.AppID, before.AppID, after.AppID)
	add(
		"created_at",
		!before.CreatedAt.Equal(after.CreatedAt),
		tfvalue.Timestamp(before.CreatedAt),
		tfvalue.Timestamp(after.CreatedAt),
	)
	add(
		"display_name",
		before.DisplayName != after.DisplayName,
		fmt.Sprintf("%q", before.DisplayName),
		fmt.Sprintf("%q", after.DisplayName),
	)
	add("groups", !slices.Equal(before.Groups, after.Groups), before.Groups, after.Groups)
	add("built_in_ssl", before.BuiltInSSL != after.BuiltInSSL, before.BuiltInSSL, after.BuiltInSSL)
	was, is := migration.Describe(before).NodeGroups, migration.Describe(after).NodeGroups
	named := func(nodeGroups []migration.NodeGroup, name string) *migration.NodeGroup {
		if i := slices.IndexFunc(nodeGroups, func(l migration.NodeGroup) bool { return l.Name == name }); i >= 0 {
			return &nodeGroups[i]
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
		add(
			"reserved cloudlets of layer "+b.Name,
			b.ReservedCloudlets != a.ReservedCloudlets,
			b.ReservedCloudlets,
			a.ReservedCloudlets,
		)
		add(
			"dynamic cloudlets of layer "+b.Name,
			b.DynamicCloudlets != a.DynamicCloudlets,
			b.DynamicCloudlets,
			a.DynamicCloudlets,
		)
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
	return diag.NewAttributeWarningDiagnostic(
		path.Root("region"),
		after.Name+": the migration changed more than was planned",
		"The platform reports these changes: "+strings.Join(
			changes,
			"; ",
		)+". The state has the planned values; the next plan shows the difference.",
	)
}

// newAddresses maps each replaced address to the new one, or to null if the node got none in its place. It is nil
// if no address changed.
func newAddresses(before, after []platform.Node) map[string]types.String {
	var changes map[string]types.String
	for _, pair := range migration.PairNodes(before, after, roleOf) {
		was, is := pair.Before, pair.After
		for _, kind := range [][2][]string{
			{{was.InternalIP}, {is.InternalIP}}, {was.PublicIPv4, is.PublicIPv4}, {was.PublicIPv6, is.PublicIPv6},
		} {
			for i, old := range kind[0] {
				replacement := types.StringNull()
				if i < len(kind[1]) {
					replacement = tfvalue.StringOrNull(kind[1][i])
				}
				if old == "" || old == replacement.ValueString() {
					continue
				}
				if changes == nil {
					changes = map[string]types.String{}
				}
				changes[old] = replacement
			}
		}
	}
	return changes
}

func roleOf(n platform.Node) migration.Role {
	return migration.Role{ID: n.ID, NodeGroup: n.NodeGroup, Master: n.Master}
}

func hasSameAddresses(one, other platform.Node) bool {
	return one.InternalIP == other.InternalIP && slices.Equal(one.PublicIPv4, other.PublicIPv4) &&
		slices.Equal(one.PublicIPv6, other.PublicIPv6)
}

// WasOffline warns of a migration that was planned live and done offline.
func WasOffline(name string) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(
		path.Root("region"),
		name+": the live migration was done offline",
		"The plan said live, but nodes of the environment were stopped during the migration. last_migration records it as "+
			"offline. "+
			"Ask the hosting provider whether it offers live migration between these regions. If not, rule it out with the "+
			"provider's live_migration.",
	)
}

// NewAddresses describes the changed addresses and domain of an environment; empty if none changed.
func NewAddresses(domain types.String, nodes []platform.Node, after platform.Environment) string {
	var changes []string
	if !domain.Equal(tfvalue.StringOrNull(after.Domain)) {
		changes = append(changes, fmt.Sprintf("The domain is %s now; it was %s.", cmp.Or(after.Domain, "not known"),
			domain.ValueString()))
	}
	var addresses []string
	for _, pair := range migration.PairNodes(nodes, after.Nodes, roleOf) {
		if hasSameAddresses(pair.Before, pair.After) {
			continue
		}
		all := slices.Concat([]string{pair.After.InternalIP}, pair.After.PublicIPv4, pair.After.PublicIPv6)
		addresses = append(addresses,
			fmt.Sprintf("node %d (%s) %s", pair.After.ID, pair.After.NodeGroup, strings.Join(all, ", ")))
	}
	if len(addresses) > 0 {
		changes = append(changes, "New addresses: "+strings.Join(addresses, "; ")+".")
	}
	return strings.Join(changes, " ")
}
