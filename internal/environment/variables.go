package environment

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/diagutil"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/nodegroup"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/privatestate"
)

// readVariables reads the current values of the variables in the state and ignores others. Variables can be read only
// while the environment is running; otherwise readVariables keeps the previous values.
func (r *environmentResource) readVariables(
	ctx context.Context, env platform.Environment, m *resourceModel,
) diag.Diagnostics {
	if env.Status != platform.StatusRunning {
		return nil
	}
	nodeGroups, diags := m.decodeNodeGroups(ctx)
	type nodeGroup struct {
		name           string
		known, present map[string]string
		err            error
	}
	var asked []*nodeGroup
	var wait sync.WaitGroup
	for _, name := range slices.SortedFunc(maps.Keys(nodeGroups), nodegroup.CompareNames) {
		known, d := nodeGroups[name].Variables(ctx)
		diags.Append(d...)
		if len(known) == 0 {
			continue
		}
		l := &nodeGroup{name: name, known: known}
		asked = append(asked, l)
		wait.Go(func() { l.present, l.err = r.service.Variables(ctx, env.Name, l.name) })
	}
	wait.Wait()
	for _, l := range asked {
		if platform.IsWrongState(l.err) {
			return diags
		}
		if l.err != nil {
			diags.Append(diagutil.FromErrorAt(path.Root("node_groups").AtMapKey(l.name).AtName("env"), env.Name,
				"the variables cannot be read", l.err,
				"\n\nThe state was kept as it was."))
			return diags
		}
		maps.DeleteFunc(l.present, func(name, _ string) bool { _, ours := l.known[name]; return !ours })
		group := nodeGroups[l.name]
		var d diag.Diagnostics
		group.Env, d = types.MapValueFrom(ctx, types.StringType, l.present)
		diags.Append(d...)
		nodeGroups[l.name] = group
	}
	if len(asked) > 0 {
		diags.Append(m.setNodeGroups(nodeGroups)...)
	}
	return diags
}

// writeVariables applies the planned variables of a node group: it sets changed ones, removes those that are no
// longer configured, and leaves unmanaged ones unchanged.
func (r *environmentResource) writeVariables(
	ctx context.Context, environment string, c nodegroup.Change,
) diag.Diagnostics {
	before, diags := c.Before.Variables(ctx)
	after, d := c.After.Variables(ctx)
	diags.Append(d...)
	changed := maps.Clone(after)
	maps.DeleteFunc(changed, func(name, value string) bool { was, had := before[name]; return had && was == value })
	var removed []string
	for _, name := range slices.Sorted(maps.Keys(before)) {
		if _, stays := after[name]; !stays {
			removed = append(removed, name)
		}
	}
	return append(diags, r.setVariables(ctx, environment, c.Name, "env", changed, removed)...)
}

// writeSecrets sets a node group's secret variables and removes those that are no longer configured. Private state
// keeps only their names.
func (r *environmentResource) writeSecrets(
	ctx context.Context, environment string, c nodegroup.Change, config nodegroup.Model, names secretNames,
) diag.Diagnostics {
	secrets, diags := config.Secrets(ctx)
	ordinary, d := c.After.Variables(ctx)
	diags.Append(d...)
	var removed []string
	for _, name := range names[c.Name] {
		_, stays := secrets[name]
		if _, written := ordinary[name]; !stays && !written {
			removed = append(removed, name)
		}
	}
	diags.Append(r.setVariables(ctx, environment, c.Name, "secret_env_wo", secrets, removed)...)
	if !diags.HasError() {
		names.written(c.Name, secrets)
	}
	return diags
}

func (r *environmentResource) setVariables(
	ctx context.Context, environment, nodeGroup, attribute string, set map[string]string, remove []string,
) diag.Diagnostics {
	at := path.Root("node_groups").AtMapKey(nodeGroup).AtName(attribute)
	if len(set) > 0 {
		call := func(ctx context.Context, p *platform.Client) error {
			return p.SetVariables(ctx, environment, nodeGroup, set)
		}
		if err := r.writeToNodeGroup(ctx, environment, nodeGroup, call, set, nil); err != nil {
			return diag.Diagnostics{diagutil.UpdateFailed(at, environment, "the variables of layer "+nodeGroup, "were set", err)}
		}
	}
	if len(remove) > 0 {
		call := func(ctx context.Context, p *platform.Client) error {
			return p.RemoveVariables(ctx, environment, nodeGroup, remove)
		}
		if err := r.writeToNodeGroup(ctx, environment, nodeGroup, call, nil, remove); err != nil {
			return diag.Diagnostics{diagutil.UpdateFailed(at, environment, "variables of layer "+nodeGroup, "were removed", err)}
		}
	}
	return nil
}

// nodeGroupNames are the node groups that an apply made as configured, kept in private state: Terraform removes an
// unconfigured node group only if it once managed it.
type nodeGroupNames []string

const managedKey = "managed_layers"

func managedNodeGroups(nodeGroups types.Map) nodeGroupNames {
	return slices.Sorted(maps.Keys(nodeGroups.Elements()))
}

func loadManagedNodeGroups(ctx context.Context, private privatestate.Reader) nodeGroupNames {
	var names nodeGroupNames
	data, _ := private.GetKey(ctx, managedKey)
	if json.Unmarshal(data, &names) != nil {
		return nil
	}
	return names
}

func (n nodeGroupNames) store(ctx context.Context, private privatestate.Writer) diag.Diagnostics {
	return privatestate.Store(ctx, private, managedKey, n)
}

// among returns the current node groups without those that are neither managed nor planned.
func (n nodeGroupNames) among(present, wished map[string]nodegroup.Model) map[string]nodegroup.Model {
	among := maps.Clone(present)
	maps.DeleteFunc(among, func(name string, _ nodegroup.Model) bool {
		_, stays := wished[name]
		return !stays && !slices.Contains(n, name)
	})
	return among
}

// secretNames are the names of the secret variables by node group, kept in private state so that Terraform can remove
// those that are no longer configured.
type secretNames map[string][]string

func (n secretNames) written(nodeGroup string, secrets map[string]string) {
	n[nodeGroup] = slices.Sorted(maps.Keys(secrets))
}

const secretNamesKey = "secret_names"

// writtenSecrets returns the names of the secret variables in a configuration.
func writtenSecrets(ctx context.Context, config resourceModel) secretNames {
	names := secretNames{}
	nodeGroups, _ := config.decodeNodeGroups(ctx)
	for nodeGroup, group := range nodeGroups {
		secrets, _ := group.Secrets(ctx)
		names.written(nodeGroup, secrets)
	}
	return names
}

func loadSecretNames(ctx context.Context, private privatestate.Reader) secretNames {
	names := secretNames{}
	data, _ := private.GetKey(ctx, secretNamesKey)
	if json.Unmarshal(data, &names) != nil {
		return secretNames{}
	}
	return names
}

func (n secretNames) store(ctx context.Context, private privatestate.Writer) diag.Diagnostics {
	maps.DeleteFunc(n, func(_ string, names []string) bool { return len(names) == 0 })
	return privatestate.Store(ctx, private, secretNamesKey, n)
}
