package nodeaction

import (
	"context"
	"fmt"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/action/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// request is the configuration of an action. A value is unknown while it refers to something unknown.
type request struct {
	environment types.String
	nodeGroups  types.List
	tag         types.String
	timeouts    timeouts.Value
}

// request reads and checks a configuration. References may have become null since the framework validated it.
func (a *nodeAction) request(ctx context.Context, config tfsdk.Config) (request, diag.Diagnostics) {
	r, diags := a.read(ctx, config)
	if diags.HasError() {
		return r, diags
	}
	if r.environment.IsNull() {
		diags.AddAttributeError(path.Root("environment"), "The environment is null",
			"Write the name of an environment, for example vap_environment.shop.name.")
	}
	if r.nodeGroups.IsNull() {
		diags.AddAttributeError(path.Root("node_groups"), r.prefix()+"the node groups are null", example)
	}
	return r, append(diags, r.check()...)
}

func (a *nodeAction) read(ctx context.Context, config tfsdk.Config) (r request, diags diag.Diagnostics) {
	diags.Append(config.GetAttribute(ctx, path.Root("environment"), &r.environment)...)
	diags.Append(config.GetAttribute(ctx, path.Root("node_groups"), &r.nodeGroups)...)
	diags.Append(config.GetAttribute(ctx, path.Root("timeouts"), &r.timeouts)...)
	if a.kind.redeploys {
		diags.Append(config.GetAttribute(ctx, path.Root("tag"), &r.tag)...)
	}
	return r, diags
}

// tagPattern is what image registries allow (certain: the distribution specification of OCI).
var tagPattern = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$`)

// check reports values that are wrong whatever the platform says. It runs again when values have become known.
func (r request) check() (diags diag.Diagnostics) {
	if name := r.environment; !name.IsNull() && !name.IsUnknown() && name.ValueString() == "" {
		diags.AddAttributeError(path.Root("environment"), "The environment has no name",
			"Write the name of an environment, for example vap_environment.shop.name.")
	}
	diags.Append(r.checkNodeGroups()...)
	if tag := r.tag; !tag.IsNull() && !tag.IsUnknown() && !tagPattern.MatchString(tag.ValueString()) {
		diags.AddAttributeError(path.Root("tag"),
			fmt.Sprintf("%s%q is not the tag of an image", r.prefix(), tag.ValueString()),
			"A tag has letters, digits, underscores, dots and hyphens, at most 128, and begins with neither a dot nor a "+
				"hyphen. "+
				"Write it without the image.")
	}
	return diags
}

// prefix starts a summary with the environment's name if it is known.
func (r request) prefix() string {
	if name := r.environment.ValueString(); name != "" {
		return name + ": "
	}
	return ""
}

// example is the end of an error about missing node groups.
const example = "Write at least one name, for example [\"cp\"]."

func (r request) checkNodeGroups() (diags diag.Diagnostics) {
	at := path.Root("node_groups")
	if !r.nodeGroups.IsNull() && !r.nodeGroups.IsUnknown() && len(r.nodeGroups.Elements()) == 0 {
		diags.AddAttributeError(at, r.prefix()+"node_groups is empty", example)
	}
	seen := map[string]bool{}
	for i, group := range r.groups() {
		name := group.ValueString()
		switch {
		case group.IsUnknown():
		case group.IsNull():
			diags.AddAttributeError(at.AtListIndex(i), r.prefix()+"a node group is null",
				"Remove the element, or write the name of a node group, for example \"cp\".")
		case name == "":
			diags.AddAttributeError(at.AtListIndex(i), r.prefix()+"a node group has no name",
				"Write the name of a node group, for example \"cp\".")
		case seen[name]:
			diags.AddAttributeError(at.AtListIndex(i), fmt.Sprintf("%snode group %q is named twice", r.prefix(), name),
				"The action works on each node group once. Remove the duplicate.")
		}
		seen[name] = true
	}
	return diags
}

// groups are the elements of node_groups; each of them may be unknown or null.
func (r request) groups() []types.String {
	var groups []types.String
	for _, element := range r.nodeGroups.Elements() {
		group, _ := element.(types.String)
		groups = append(groups, group)
	}
	return groups
}

// known says whether everything that decides what the action does is known.
func (r request) known() bool {
	if r.environment.IsUnknown() || r.nodeGroups.IsUnknown() || r.tag.IsUnknown() {
		return false
	}
	for _, group := range r.groups() {
		if group.IsUnknown() {
			return false
		}
	}
	return true
}

// ValidateConfig reports what is wrong with the configuration whatever the platform says.
func (a *nodeAction) ValidateConfig(
	ctx context.Context, req action.ValidateConfigRequest, resp *action.ValidateConfigResponse,
) {
	r, diags := a.read(ctx, req.Config)
	resp.Diagnostics.Append(diags...)
	if !diags.HasError() {
		resp.Diagnostics.Append(r.check()...)
	}
}
