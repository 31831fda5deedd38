package environment

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/diagutil"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// changeNodeGroups changes the public addresses and display names of node groups.
func (u *update) changeNodeGroups(ctx context.Context) diag.Diagnostics {
	for _, c := range u.changes {
		if c.Removed || c.Replaced() {
			continue
		}
		at := path.Root("node_groups").AtMapKey(c.Name)
		for _, f := range []struct {
			changed   bool
			family    platform.Family
			attribute string
			count     types.Int64
		}{
			{c.IPv4, platform.IPv4, "public_ipv4_count", c.After.PublicIPv4Count},
			{c.IPv6, platform.IPv6, "public_ipv6_count", c.After.PublicIPv6Count},
		} {
			if !f.changed {
				continue
			}
			u.changing()
			count := int(f.count.ValueInt64())
			if err := u.resource.write(ctx, u.name,
				func(ctx context.Context, p *platform.Client) error {
					return p.SetPublicAddressCount(ctx, u.name, c.Name, f.family, count)
				},
				func(env platform.Environment) bool { return hasAddresses(env, c.Name, f.family, count) },
			); err != nil {
				return diag.Diagnostics{diagutil.UpdateFailed(at.AtName(f.attribute), u.name,
					"the public addresses of layer "+c.Name, "were changed", err)}
			}
			u.progress.behind = true
			u.didPart("the public addresses of layer " + c.Name + " were changed")
		}
		if c.DisplayName {
			u.changing()
			name := c.After.DisplayName.ValueString()
			if err := u.resource.write(ctx, u.name,
				func(ctx context.Context, p *platform.Client) error {
					return p.SetNodeGroupDisplayName(ctx, u.name, c.Name, name)
				},
				func(env platform.Environment) bool {
					return slices.ContainsFunc(env.NodeGroups, func(g platform.NodeGroup) bool {
						return g.Name == c.Name && g.DisplayName == name
					})
				},
			); err != nil {
				return diag.Diagnostics{diagutil.UpdateFailed(at.AtName("display_name"), u.name,
					"the display name of layer "+c.Name, "was changed", err)}
			}
			u.didPart("the display name of layer " + c.Name + " was changed")
		}
	}
	return nil
}

// changeVariables changes variables and secrets of node groups.
func (u *update) changeVariables(ctx context.Context) diag.Diagnostics {
	for _, c := range u.changes {
		if !c.ChangesVariables() {
			continue
		}
		reached := u.progress.present[c.Name]
		if c.Variables {
			u.changing()
			if diags := u.resource.writeVariables(ctx, u.name, c); diags.HasError() {
				return diags
			}
			reached.Env = c.After.Env
			u.progress.present[c.Name] = reached
			u.didPart("the variables of layer " + c.Name + " were changed")
		}
		if c.Secrets {
			u.changing()
			if diags := u.resource.writeSecrets(ctx, u.name, c, u.written[c.Name], u.progress.secrets); diags.HasError() {
				return diags
			}
			reached.SecretEnvWOVersion = c.After.SecretEnvWOVersion
			u.progress.present[c.Name] = reached
			u.didPart("the secret variables of layer " + c.Name + " were set")
		}
	}
	return nil
}

// changeNames changes the display name and the groups.
func (u *update) changeNames(ctx context.Context) diag.Diagnostics {
	if !u.plan.DisplayName.Equal(u.state.DisplayName) {
		u.changing()
		name := u.plan.DisplayName.ValueString()
		if err := u.resource.write(ctx, u.name,
			func(ctx context.Context, p *platform.Client) error { return p.SetDisplayName(ctx, u.name, name) },
			func(env platform.Environment) bool { return env.DisplayName == name },
		); err != nil {
			return diag.Diagnostics{diagutil.UpdateFailed(path.Root("display_name"), u.name, "the display name", "was changed",
				err)}
		}
		u.didPart("the display name was changed")
	}
	if !u.plan.Groups.Equal(u.state.Groups) {
		u.changing()
		var groups []string
		diags := u.plan.Groups.ElementsAs(ctx, &groups, false)
		if diags.HasError() {
			return diags
		}
		slices.Sort(groups)
		if err := u.resource.write(ctx, u.name,
			func(ctx context.Context, p *platform.Client) error { return p.SetGroups(ctx, u.name, groups) },
			func(env platform.Environment) bool {
				return slices.Equal(slices.Sorted(slices.Values(env.Groups)), groups)
			},
		); err != nil {
			return diag.Diagnostics{diagutil.UpdateFailed(path.Root("groups"), u.name, "the groups", "were changed", err)}
		}
	}
	return nil
}
