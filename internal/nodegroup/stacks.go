package nodegroup

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/diagutil"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// listedBy tells users where to find what the platform offers.
const listedBy = "The data source vap_stacks lists what the platform offers."

// NeedsStacks reports whether a change requests a node type or a tag, which must then be compared with what the
// platform offers. Unchanged ones are not compared, because the platform may no longer offer them.
func (c Change) NeedsStacks() bool {
	return !c.Removed && known(c.After.NodeType) &&
		(c.Replaced() || known(c.After.Tag) && Differ(c.Before.Tag, c.After.Tag))
}

// CheckStacks refuses node types and tags that the platform does not offer or spells differently: its
// responses would differ from the configuration in every later plan, which would replace the node group. It
// is likely that the platform reports node types, aliases and tags, because public scripts read them.
// CheckStacks does not compare a stack without tags.
func CheckStacks(environment string, changes []Change, stacks []platform.Stack) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, c := range changes {
		if !c.NeedsStacks() {
			continue
		}
		at := path.Root("node_groups").AtMapKey(c.Name)
		written := c.After.NodeType.ValueString()
		stack, offered := findStack(stacks, written)
		switch {
		case offered:
			if d := checkTag(environment, c, stack); d != nil {
				diags.Append(d)
			}
		case written == dockerType || !c.Replaced():
		default:
			diags.Append(noSuchStack(at.AtName("node_type"), environment, c.Name, written, stacks))
		}
	}
	return diags
}

func findStack(stacks []platform.Stack, nodeType string) (platform.Stack, bool) {
	i := slices.IndexFunc(stacks, func(s platform.Stack) bool { return s.NodeType == nodeType })
	if i < 0 {
		i = slices.IndexFunc(stacks, func(s platform.Stack) bool { return slices.Contains(s.Aliases, nodeType) })
	}
	if i < 0 {
		return platform.Stack{}, false
	}
	return stacks[i], true
}

func noSuchStack(at path.Path, environment, nodeGroup, written string, stacks []platform.Stack) diag.Diagnostic {
	names := map[string]string{}
	for _, s := range stacks {
		if s.Name != "" {
			names[s.Name] = s.NodeType
		}
	}
	for _, s := range stacks {
		for _, name := range append([]string{s.NodeType}, s.Aliases...) {
			names[name] = name
		}
	}
	names[dockerType] = dockerType
	nearest := migration.NearestOf(written, names)
	if strings.EqualFold(nearest, written) {
		return diag.NewAttributeErrorDiagnostic(
			at,
			fmt.Sprintf("%s: the node type of layer %q is spelled %q", environment, nodeGroup, nearest),
			fmt.Sprintf(
				"The configuration says %q. The platform answers %q, so every later plan would replace the layer "+
					"with everything on its nodes. Write node_type = %[2]q.",
				written,
				nearest,
			)+
				diagutil.NothingChanged,
		)
	}
	return diag.NewAttributeErrorDiagnostic(
		at,
		fmt.Sprintf("%s: there is no node type %q", environment, written),
		fmt.Sprintf(
			"The platform offers no stack with the node type of layer %q. %s%s",
			nodeGroup,
			diagutil.DidYouMean(nearest),
			listedBy,
		)+diagutil.NothingChanged,
	)
}

// manyTags is the number of a stack's tags that a message names.
const manyTags = 20

func checkTag(environment string, c Change, stack platform.Stack) diag.Diagnostic {
	tag := c.After.Tag
	if !known(tag) || stack.NodeType == dockerType || len(stack.Tags) == 0 ||
		slices.Contains(stack.Tags, tag.ValueString()) {
		return nil
	}
	at := path.Root("node_groups").AtMapKey(c.Name).AtName("tag")
	nearest := migration.Nearest(tag.ValueString(), stack.Tags)
	if strings.EqualFold(nearest, tag.ValueString()) {
		return diag.NewAttributeErrorDiagnostic(
			at,
			fmt.Sprintf("%s: the tag of layer %q is spelled %q", environment, c.Name, nearest),
			fmt.Sprintf(
				"The configuration says %q. The platform answers %q, so every later plan would redeploy the "+
					"layer. Write tag = %[2]q.",
				tag.ValueString(),
				nearest,
			)+diagutil.NothingChanged,
		)
	}
	tags := strings.Join(stack.Tags[:min(len(stack.Tags), manyTags)], ", ")
	if len(stack.Tags) > manyTags {
		tags += ", …"
	}
	return diag.NewAttributeErrorDiagnostic(
		at,
		fmt.Sprintf("%s: node type %s has no tag %q", environment, c.After.NodeType.ValueString(), tag.ValueString()),
		fmt.Sprintf(
			"The platform offers no such version for layer %q. %sIts tags are: %s. %s",
			c.Name,
			diagutil.DidYouMean(nearest),
			tags,
			listedBy,
		)+diagutil.NothingChanged,
	)
}
