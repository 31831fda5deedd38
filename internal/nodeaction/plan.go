package nodeaction

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/diagutil"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// ModifyPlan reports what the platform would refuse, as far as it is known before the apply. It takes into account
// what the same plan does to the environment: a node group that the plan adds does not exist yet, but will.
func (a *nodeAction) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	r, diags := a.request(ctx, req.Config)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() || a.service == nil || r.environment.IsUnknown() {
		return
	}
	name := r.environment.ValueString()
	planned, isPlanned := a.service.Planned(name)
	env, err := a.service.Get(ctx, name, migration.Recent)
	switch {
	case platform.IsMissing(err) && isPlanned:
		env = platform.Environment{Name: name}
	case platform.IsMissing(err):
		if _, existence := a.service.Existence(ctx, name, false); existence == migration.Absent {
			resp.Diagnostics.Append(a.noEnvironment(ctx, name, err))
		}
		return
	case err != nil:
		resp.Diagnostics.Append(diagutil.FromErrorAt(path.Root("environment"), name, "the environment cannot be read", err,
			diagutil.NothingChanged))
		return
	}
	if isPlanned && planned == nil {
		return // its node groups are not known yet
	}
	resp.Diagnostics.Append(a.checkGroups(ctx, r, env, planned)...)
}

// checkGroups reports node groups that the environment will not have, or on which the action cannot work. planned
// are the node groups that the environment will have.
func (a *nodeAction) checkGroups(
	ctx context.Context, r request, env platform.Environment, planned []string,
) (diags diag.Diagnostics) {
	var stacks []platform.Stack
	if a.kind.redeploys {
		// The stacks only help to report early what the platform would report later.
		stacks, _ = a.service.Stacks(ctx)
	}
	names := slices.Clone(planned)
	for _, n := range env.Nodes {
		if !slices.Contains(names, n.NodeGroup) {
			names = append(names, n.NodeGroup)
		}
	}
	slices.Sort(names)
	for i, group := range r.groups() {
		if group.IsUnknown() {
			continue
		}
		at, name := path.Root("node_groups").AtListIndex(i), group.ValueString()
		nodes := nodesOf(env, name)
		switch {
		case !slices.Contains(names, name):
			diags.AddAttributeError(at, fmt.Sprintf("%s has no node group %q", env.Name, name),
				diagutil.DidYouMean(migration.Nearest(name, names))+"Its node groups are: "+strings.Join(names, ", ")+"."+
					diagutil.NothingChanged)
		case a.kind.redeploys && len(nodes) > 0:
			diags.Append(checkRedeployable(r, at, env.Name, name, nodes, stacks))
		}
	}
	return diags
}

func nodesOf(env platform.Environment, nodeGroup string) (nodes []platform.Node) {
	for _, n := range env.Nodes {
		if n.NodeGroup == nodeGroup {
			nodes = append(nodes, n)
		}
	}
	return nodes
}

// checkRedeployable is the error of a node group that cannot be redeployed, or not from that tag; nil if nothing is
// known against it.
func checkRedeployable(
	r request, at path.Path, environment, group string, nodes []platform.Node, stacks []platform.Stack,
) diag.Diagnostic {
	first := nodes[0]
	var stack platform.Stack
	if i := slices.IndexFunc(stacks, func(s platform.Stack) bool {
		return s.NodeType == first.NodeType || slices.Contains(s.Aliases, first.NodeType)
	}); i >= 0 {
		stack = stacks[i]
	}
	if what := notContainers(first, stack); what != "" {
		return diag.NewAttributeErrorDiagnostic(at, fmt.Sprintf("%s: node group %q cannot be redeployed", environment, group),
			fmt.Sprintf("Its nodes (%s) are %s. Only containers that run an image can be redeployed. To "+
				"restart the nodes, use the action vap_restart_nodes.%s", first.NodeType, what, diagutil.NothingChanged))
	}
	tag := r.tag.ValueString()
	switch {
	case r.tag.IsUnknown():
	case tag != "" && first.NodeType != dockerType && len(stack.Tags) > 0 && !slices.Contains(stack.Tags, tag):
		return diag.NewAttributeErrorDiagnostic(path.Root("tag"),
			fmt.Sprintf("%s: node group %q cannot get the tag %q", environment, group, tag),
			fmt.Sprintf("%sThe platform offers %s with these tags: %s.%s",
				diagutil.DidYouMean(migration.Nearest(tag, stack.Tags)), first.NodeType,
				strings.Join(stack.Tags, ", "), diagutil.NothingChanged))
	case r.tag.IsNull():
		return checkTags(at, environment, group, nodes)
	}
	return nil
}

// dockerType is the node type of containers from any image.
const dockerType = "docker"

// notContainers names nodes that cannot be redeployed; empty if nothing is known against it.
func notContainers(n platform.Node, stack platform.Stack) string {
	switch {
	case n.Virtualization == "VM", stack.Virtualization == "VM":
		return "virtual machines"
	case n.NodeGroup == "vps", len(stack.NodeGroups) == 1 && stack.NodeGroups[0] == "vps":
		return "virtual private servers"
	}
	return ""
}

// checkTags is the error of a node group that is to keep its tag, but has no known or no common one.
func checkTags(at path.Path, environment, group string, nodes []platform.Node) diag.Diagnostic {
	tags := map[string]bool{}
	for _, n := range nodes {
		tags[n.Tag] = true
	}
	if len(tags) == 1 && nodes[0].Tag != "" {
		return nil
	}
	fact := "the platform does not tell its tag"
	if len(tags) > 1 {
		fact = "its nodes have different tags"
	}
	return diag.NewAttributeErrorDiagnostic(at,
		fmt.Sprintf("%s: it is not known from which tag to redeploy node group %q", environment, group),
		diagutil.Capitalize(fact)+". Write tag."+diagutil.NothingChanged)
}

func (a *nodeAction) noEnvironment(ctx context.Context, name string, err error) diag.Diagnostic {
	names := []string{}
	if all, listErr := a.service.List(ctx, migration.Recent); listErr == nil {
		for _, env := range all {
			names = append(names, env.Name)
		}
	}
	return diag.NewAttributeErrorDiagnostic(path.Root("environment"), fmt.Sprintf("There is no environment %q", name),
		diagutil.DidYouMean(migration.Nearest(name, names))+diagutil.Explain(err)+" Where this configuration creates it, "+
			"refer to it (vap_environment.NAME.name) instead of writing its name, so that it is planned first.")
}
