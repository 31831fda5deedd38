package environment

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/diagutil"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migrationplan"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/nodegroup"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// The provider checks everything that an apply will change before it begins, so that a change that cannot be made
// never follows a migration. Terraform plans again during the apply, when all values are known. Then the same
// functions check what the plan could not check yet, before the first write.

// checkCreate refuses a configuration from which no environment can be created.
func (r *environmentResource) checkCreate(ctx context.Context, config, plan resourceModel) diag.Diagnostics {
	var diags diag.Diagnostics
	name := config.Name.ValueString()
	if config.NodeGroups.IsNull() {
		diags.AddAttributeError(path.Root("node_groups"), name+": a new environment needs node groups",
			"An environment is created with at least one layer. Write for example:\n\n"+
				"  node_groups = {\n    cp = { node_type = \"nginxphp\" }\n  }"+diagutil.NothingCreated)
	}
	if r.service == nil {
		return append(diags, ofCreation(r.checkNodeGroups(ctx, config, plan, prior{}))...)
	}
	catalog, err := r.service.RegionsWithoutPrices(ctx, migration.Recent)
	if err != nil {
		// Everything else would fail in the same way.
		diags.Append(diagutil.FromError(name, "the regions cannot be read", err, diagutil.NothingCreated))
		return append(diags, ofCreation((&environmentResource{}).checkNodeGroups(ctx, config, plan, prior{}))...)
	}
	region := config.Region.ValueString()
	if finding := catalog.CheckTarget(name, region); finding != nil && !config.Region.IsUnknown() {
		diags.Append(migrationplan.CreateDiagnostic(*finding))
	}
	wrong := ofCreation(r.checkPolicy(ctx, config, prior{}))
	policy, _, d := migrationplan.ReadPolicy(ctx, config.MigrationPolicy)
	diags.Append(append(wrong, d...)...)
	if finding := policy.CheckRegion(name, region, catalog); finding != nil && !config.Region.IsUnknown() &&
		!wrong.HasError() {
		diags.Append(migrationplan.CreateDiagnostic(*finding))
	}
	return append(diags, ofCreation(r.checkNodeGroups(ctx, config, plan, prior{}))...)
}

// ofCreation gives errors of checks the ending of errors of a creation.
func ofCreation(diags diag.Diagnostics) diag.Diagnostics {
	var all diag.Diagnostics
	for _, d := range diags {
		at, hasPath := d.(diag.DiagnosticWithPath)
		detail, ends := strings.CutSuffix(d.Detail(), diagutil.NothingChanged)
		if !hasPath || !ends {
			all.Append(d)
			continue
		}
		all.AddAttributeError(at.Path(), d.Summary(), detail+diagutil.NothingCreated)
	}
	return all
}

// checkNodeGroups refuses node groups that the environment cannot have: contradictions, references to node groups and
// nodes that do not exist, node types and tags that the platform does not offer. It skips unknown values. In a
// creation, before is empty.
func (r *environmentResource) checkNodeGroups(
	ctx context.Context,
	config, plan resourceModel,
	before prior,
) diag.Diagnostics {
	if config.NodeGroups.IsNull() || config.NodeGroups.IsUnknown() {
		return nil
	}
	name := plan.Name.ValueString()
	written, diags := config.decodeNodeGroups(ctx)
	planned, d := plan.decodeNodeGroups(ctx)
	diags.Append(d...)
	present, d := before.state.decodeNodeGroups(ctx)
	diags.Append(d...)
	if diags.HasError() {
		return diags
	}
	unknown := nodegroup.UnknownNames(config.NodeGroups)
	planned, present = nodegroup.Without(planned, unknown), nodegroup.Without(present, unknown)
	changes := nodegroup.Diff(before.managed.among(present, planned), planned)
	nodeGroups, nodes, d := before.nodeGroupsAndNodes(ctx)
	diags.Append(d...)
	nodeGroups = slices.Concat(nodeGroups, slices.Collect(maps.Keys(config.NodeGroups.Elements())))

	diags.Append(nodegroup.CheckWritten(name, written)...)
	diags.Append(nodegroup.CheckReferences(name, written, nodeGroups)...)
	diags.Append(nodegroup.CheckSizes(name, changes)...)
	diags.Append(nodegroup.CheckImages(name, changes, written)...)
	if r.service == nil {
		return diags
	}
	diags.Append(r.checkStacks(ctx, name, changes)...)
	return append(diags, r.checkNodes(ctx, name, changes, written, nodeGroups, nodes)...)
}

// layersAndNodes returns the node groups of an environment, managed or not, and the IDs of its nodes.
func (p prior) nodeGroupsAndNodes(ctx context.Context) (nodeGroups []string, nodes []int64, diags diag.Diagnostics) {
	all, diags := nodegroup.NodesFromList(ctx, p.state.Nodes)
	for _, n := range all {
		nodeGroups, nodes = append(nodeGroups, n.NodeGroup.ValueString()), append(nodes, n.ID)
	}
	for name := range p.state.NodeGroups.Elements() {
		nodeGroups = append(nodeGroups, name)
	}
	return nodeGroups, nodes, diags
}

// checkStacks compares new node types and tags with those that the platform offers, which it reads once per run. If the
// token may not read them, or the response is not understood, planning continues without the check.
func (r *environmentResource) checkStacks(
	ctx context.Context,
	name string,
	changes []nodegroup.Change,
) diag.Diagnostics {
	if !slices.ContainsFunc(changes, nodegroup.Change.NeedsStacks) {
		return nil
	}
	stacks, err := r.service.Stacks(ctx)
	switch {
	case platform.IsTransient(err):
		return diag.Diagnostics{
			diagutil.FromErrorAt(
				path.Root("node_groups"),
				name,
				"the stacks that the platform offers cannot be read",
				err,
				diagutil.NothingChanged,
			),
		}
	case err != nil, len(stacks) == 0:
		r.notChecked(ctx, name, "the node types and tags of its layers are not checked", err)
		return nil
	}
	return nodegroup.CheckStacks(name, changes, stacks)
}

// checkNodes refuses nodes in mounts and links of changed node groups that no environment has.
func (r *environmentResource) checkNodes(
	ctx context.Context,
	name string,
	changes []nodegroup.Change,
	written map[string]nodegroup.Model,
	nodeGroups []string,
	own []int64,
) diag.Diagnostics {
	changed := map[string]nodegroup.Model{}
	for _, c := range changes {
		if !c.Removed &&
			(nodegroup.Differ(c.Before.Links, c.After.Links) || nodegroup.Differ(c.Before.Volumes, c.After.Volumes)) {
			changed[c.Name] = written[c.Name]
		}
	}
	missing := nodegroup.ForeignNodes(name, changed, nodeGroups, own)
	if len(missing) == 0 {
		return nil
	}
	all, err := r.service.List(ctx, migration.Recent)
	if err != nil {
		r.notChecked(ctx, name, "the nodes to which its layers refer are not checked", err)
		return nil
	}
	for _, env := range all {
		for _, n := range env.Nodes {
			delete(missing, n.ID)
		}
	}
	var diags diag.Diagnostics
	for _, id := range slices.Sorted(maps.Keys(missing)) {
		diags.Append(missing[id]())
	}
	return diags
}

// notChecked logs what a plan could not check.
func (r *environmentResource) notChecked(ctx context.Context, name, what string, err error) {
	if r.service.Warn == nil {
		return
	}
	why := "the platform lists none"
	if err != nil {
		why = diagutil.Explain(err)
	}
	r.service.Warn(ctx, name+": "+what, map[string]any{"environment": name, "reason": why})
}

// checkPolicy refuses regions and node groups in migration_policy that do not exist. It asks the platform only if the
// regions known so far do not include one of them.
func (r *environmentResource) checkPolicy(ctx context.Context, config resourceModel, before prior) diag.Diagnostics {
	name, own := config.Name.ValueString(), before.state.Region.ValueString()
	diags := checkDatabaseNodeGroups(ctx, config, before)
	catalog := before.snapshot.Catalog
	unlisted := migrationplan.UnlistedRegions(config.MigrationPolicy, catalog, own)
	if len(unlisted) == 0 || r.service == nil {
		return diags
	}
	if now, err := r.service.RegionsWithoutPrices(ctx, migration.Recent); err == nil {
		catalog, unlisted = now, migrationplan.UnlistedRegions(config.MigrationPolicy, now, own)
	}
	if len(catalog.Regions) == 0 {
		return diags // whatever needs the regions reports that they cannot be read
	}
	diags.Append(
		migrationplan.CheckRegions(name, path.Root("migration_policy"), config.MigrationPolicy, unlisted, catalog)...)
	return diags
}

// checkDatabaseNodeGroups refuses misspelt node groups in database_layers: names that the environment will not have,
// but that are similar to one that it will have. Other names may be meant for other environments with the same
// policy.
func checkDatabaseNodeGroups(ctx context.Context, config resourceModel, before prior) diag.Diagnostics {
	named, ok := config.MigrationPolicy.Attributes()["database_layers"].(types.Set)
	if !ok || config.NodeGroups.IsUnknown() {
		return nil
	}
	nodeGroups, _, diags := before.nodeGroupsAndNodes(ctx)
	nodeGroups = slices.Concat(nodeGroups, slices.Collect(maps.Keys(config.NodeGroups.Elements())))
	slices.SortFunc(nodeGroups, nodegroup.CompareNames)
	nodeGroups = slices.Compact(nodeGroups)
	for _, element := range named.Elements() {
		nodeGroup, ok := element.(types.String)
		if !ok || nodeGroup.IsNull() || nodeGroup.IsUnknown() || slices.Contains(nodeGroups, nodeGroup.ValueString()) ||
			nodegroup.IsPlatformName(nodeGroup.ValueString()) {
			continue
		}
		nearest := migration.Nearest(nodeGroup.ValueString(), nodeGroups)
		if nearest == "" {
			continue
		}
		diags.AddAttributeError(
			path.Root("migration_policy").AtName("database_layers"),
			fmt.Sprintf("%s: there is no layer %q", config.Name.ValueString(), nodeGroup.ValueString()),
			fmt.Sprintf(
				"database_layers names a layer that the environment does not have, so a database would not be "+
					"recognised as one. %sIts layers are: %s.",
				diagutil.DidYouMean(nearest),
				strings.Join(nodeGroups, ", "),
			)+diagutil.NothingChanged,
		)
	}
	return diags
}
