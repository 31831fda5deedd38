package nodegroup

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/diagutil"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/tfvalue"
)

// dockerType is the node type of containers from the user's own image.
const dockerType = "docker"

// contradiction is a conflict between two arguments of a node group.
type contradiction struct {
	at              path.Path
	summary, detail string
}

// contradictions returns the conflicts between the arguments of a node group, as far as they are known.
func (g Model) contradictions(at path.Path) []contradiction {
	var all []contradiction
	for _, name := range slices.Sorted(maps.Keys(g.SecretEnvWO.Elements())) {
		if _, twice := g.Env.Elements()[name]; twice {
			all = append(
				all,
				contradiction{
					at.AtName("env").AtMapKey(name),
					fmt.Sprintf("variable %s is set twice", name),
					fmt.Sprintf(
						"Both env and secret_env_wo of the layer set %s. Remove it from one of them; keep a secret in "+
							"secret_env_wo.",
						name,
					),
				},
			)
		}
	}
	if !g.Image.IsNull() && !g.Image.IsUnknown() && known(g.NodeType) &&
		!strings.EqualFold(g.NodeType.ValueString(), dockerType) {
		all = append(
			all,
			contradiction{
				at.AtName("image"),
				fmt.Sprintf("node type %s takes no image", g.NodeType.ValueString()),
				fmt.Sprintf(
					"Only node type %s runs an image of your own. Remove image, or write node_type = %[1]q. "+
						"The version of a stack is its tag.",
					dockerType,
				),
			},
		)
	}
	return all
}

func known(s types.String) bool { return !s.IsNull() && !s.IsUnknown() }

// withoutContradictions accepts a node group whose arguments do not contradict each other.
type withoutContradictions struct{}

func (withoutContradictions) Description(context.Context) string {
	return "a variable is either in env or in secret_env_wo, and only the node type docker has an image"
}

func (v withoutContradictions) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

func (withoutContradictions) ValidateObject(
	_ context.Context,
	req validator.ObjectRequest,
	resp *validator.ObjectResponse,
) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	var group Model
	tfvalue.SetFields(&group, req.ConfigValue.Attributes())
	for _, c := range group.contradictions(req.Path) {
		resp.Diagnostics.AddAttributeError(c.at, diagutil.Capitalize(c.summary), c.detail)
	}
}

// CheckWritten refuses contradictions in the configuration of node groups that validation could not see because values
// were unknown then.
func CheckWritten(environment string, written map[string]Model) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, name := range slices.SortedFunc(maps.Keys(written), CompareNames) {
		for _, c := range written[name].contradictions(path.Root("node_groups").AtMapKey(name)) {
			diags.AddAttributeError(
				c.at,
				fmt.Sprintf("%s: layer %q: %s", environment, name, c.summary),
				c.detail+diagutil.NothingChanged,
			)
		}
	}
	return diags
}

// reference is a place in a configuration that refers to a node group or, by its ID, to a node.
type reference struct {
	at path.Path
	// what names it, for example a link.
	what string
	// layer is the name in the reference; in a link it may be the ID of a node, too. node is a number that can only be
	// a node's.
	nodeGroup string
	isLink    bool
	node      int64
}

// nodeID returns the ID of the node; 0 if the reference is to one of the node groups.
func (r reference) nodeID(nodeGroups []string) int64 {
	if r.isLink && !slices.Contains(nodeGroups, r.nodeGroup) {
		id, _ := strconv.ParseInt(r.nodeGroup, 10, 64)
		return id
	}
	return r.node
}

// references returns what the links and volumes of a node group refer to, as far as it is known.
func (g Model) references(name string) []reference {
	at := path.Root("node_groups").AtMapKey(name)
	var all []reference
	for _, element := range g.Links.Elements() {
		if link, ok := element.(types.String); ok && known(link) {
			nodeGroup, _, _ := strings.Cut(link.ValueString(), ":")
			all = append(
				all,
				reference{
					at:        at.AtName("links"),
					what:      fmt.Sprintf("link %q", link.ValueString()),
					nodeGroup: nodeGroup,
					isLink:    true,
				},
			)
		}
	}
	for _, directory := range slices.Sorted(maps.Keys(g.Volumes.Elements())) {
		volume, ok := g.Volumes.Elements()[directory].(types.Object)
		if !ok {
			continue
		}
		where, what := at.AtName("volumes").AtMapKey(directory), fmt.Sprintf("volume %q", directory)
		if nodeGroup, ok := volume.Attributes()["source_node_group"].(types.String); ok && known(nodeGroup) {
			all = append(all, reference{at: where.AtName("source_node_group"), what: what, nodeGroup: nodeGroup.ValueString()})
		}
		if node, ok := volume.Attributes()["source_node_id"].(types.Int64); ok && !node.IsNull() && !node.IsUnknown() {
			all = append(all, reference{at: where.AtName("source_node_id"), what: what, node: node.ValueInt64()})
		}
	}
	slices.SortStableFunc(all, func(a, b reference) int { return strings.Compare(a.what, b.what) })
	return all
}

// CheckReferences refuses links and volumes in configured node groups that name a node group which the environment will
// not have. layers are the node groups that it will have.
func CheckReferences(environment string, written map[string]Model, nodeGroups []string) diag.Diagnostics {
	var diags diag.Diagnostics
	slices.SortFunc(nodeGroups, CompareNames)
	nodeGroups = slices.Compact(nodeGroups)
	for _, name := range slices.SortedFunc(maps.Keys(written), CompareNames) {
		for _, r := range written[name].references(name) {
			if r.nodeID(nodeGroups) != 0 || slices.Contains(nodeGroups, r.nodeGroup) {
				continue // ForeignNodes checks nodes
			}
			diags.AddAttributeError(r.at, fmt.Sprintf("%s: there is no layer %q", environment, r.nodeGroup), fmt.Sprintf(
				"The %s of layer %q names a layer that the environment does not have. %sIts layers are: %s.",
				r.what,
				name,
				diagutil.DidYouMean(
					migration.Nearest(r.nodeGroup, nodeGroups),
				),
				strings.Join(nodeGroups, ", "),
			)+diagutil.NothingChanged)
		}
	}
	return diags
}

// ForeignNodes returns the IDs in configured node groups that belong neither to a node group nor to a node of the
// environment, each with a function that makes the error for a node that does not exist.
func ForeignNodes(
	environment string,
	written map[string]Model,
	nodeGroups []string,
	own []int64,
) map[int64]func() diag.Diagnostic {
	foreign := map[int64]func() diag.Diagnostic{}
	for _, name := range slices.SortedFunc(maps.Keys(written), CompareNames) {
		for _, r := range written[name].references(name) {
			node := r.nodeID(nodeGroups)
			if node == 0 || slices.Contains(own, node) || foreign[node] != nil {
				continue
			}
			foreign[node] = func() diag.Diagnostic {
				return diag.NewAttributeErrorDiagnostic(
					r.at,
					fmt.Sprintf("%s: there is no node %d", environment, node),
					fmt.Sprintf(
						"The %s of layer %q names a node that no environment of this account has. The data "+
							"source vap_environments lists the nodes of all environments.",
						r.what,
						name,
					)+
						diagutil.NothingChanged,
				)
			}
		}
	}
	return foreign
}

// CheckSizes refuses a node group whose cloudlet limit is below its reserved cloudlets, which the platform would refuse
// only later. One of the two values may be configured and the other may be the current value.
func CheckSizes(environment string, changes []Change) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, c := range changes {
		reserved, dynamic := c.After.ReservedCloudlets, c.After.DynamicCloudlets
		decided := !reserved.IsNull() && !reserved.IsUnknown() && !dynamic.IsNull() && !dynamic.IsUnknown()
		differ := Differ(c.Before.ReservedCloudlets, reserved) || Differ(c.Before.DynamicCloudlets, dynamic)
		if c.Removed || !decided || !differ || dynamic.ValueInt64() >= reserved.ValueInt64() {
			continue
		}
		diags.AddAttributeError(
			path.Root("node_groups").AtMapKey(c.Name).AtName("reserved_cloudlets"),
			fmt.Sprintf("%s: layer %q reserves more cloudlets than its nodes may use", environment, c.Name),
			fmt.Sprintf(
				"reserved_cloudlets is %d, and dynamic_cloudlets, the limit that includes them, is %d. Write "+
					"dynamic_cloudlets = %[1]d or more, or reserve fewer.",
				reserved.ValueInt64(),
				dynamic.ValueInt64(),
			)+diagutil.NothingChanged,
		)
	}
	return diags
}

// CheckImages refuses new containers from the user's own image if no image is set.
func CheckImages(environment string, changes []Change, written map[string]Model) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, c := range changes {
		if c.Replaced() && c.After.NodeType.ValueString() == dockerType && written[c.Name].Image.IsNull() {
			diags.AddAttributeError(
				path.Root("node_groups").AtMapKey(c.Name).AtName("image"),
				fmt.Sprintf("%s: layer %q needs an image", environment, c.Name),
				"A node of type docker runs an image of your own. Write for example image = "+
					"\"library/nginx\"."+diagutil.NothingChanged,
			)
		}
	}
	return diags
}
