package environment

import (
	"context"
	"maps"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// write makes a call that changes an environment. It waits while another operation is running on it, such as
// somebody else's migration. If the response was lost, it reads the environment before it repeats the call: arrived
// reports whether the environment, with no operation running, shows the change.
func (r *environmentResource) write(ctx context.Context, name string,
	call func(context.Context, *platform.Client) error, arrived func(platform.Environment) bool) error {
	return r.service.Write(ctx, migration.Write{
		Environment: name,
		Call:        call,
		Arrived:     func(_ context.Context, env platform.Environment) (bool, error) { return arrived(env), nil },
	})
}

// hasAddresses reports whether every node of a node group has this number of public addresses, and there is one.
func hasAddresses(env platform.Environment, nodeGroup string, family platform.Family, count int) bool {
	found := false
	for _, n := range env.Nodes {
		if n.NodeGroup != nodeGroup {
			continue
		}
		addresses := n.PublicIPv4
		if family == platform.IPv6 {
			addresses = n.PublicIPv6
		}
		if len(addresses) != count {
			return false
		}
		found = true
	}
	return found
}

// writeToNodeGroup makes a call that sets some variables of a node group and removes others. If the response was
// lost, it reads the variables to find out whether the call took effect.
func (r *environmentResource) writeToNodeGroup(ctx context.Context, name, nodeGroup string,
	call func(context.Context, *platform.Client) error, set map[string]string, removed []string) error {
	return r.service.Write(ctx, migration.Write{
		Environment: name,
		Call:        call,
		Arrived: func(ctx context.Context, _ platform.Environment) (bool, error) {
			present, err := r.service.Variables(ctx, name, nodeGroup)
			if err != nil {
				return false, err
			}
			for _, variable := range removed {
				if _, there := present[variable]; there {
					return false, nil
				}
			}
			both := maps.Clone(present)
			maps.Copy(both, set)
			return maps.Equal(present, both), nil
		},
	})
}
