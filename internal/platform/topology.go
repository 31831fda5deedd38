package platform

import (
	"cmp"
	"context"
	"slices"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

// Topology is the complete list of an environment's layers as ChangeTopology sends it: the platform removes layers
// that are left out and resets fields that are left out. So it is made from what the platform tells about the
// environment, changed where something is wished to change, and sent whole. It is not safe for concurrent use.
type Topology struct {
	environment Environment
	env         wire.EnvSpec
	layers      []wire.NodeSpec
}

// Topology reads an environment to change its layers.
func (c *Client) Topology(ctx context.Context, environment string) (*Topology, error) {
	e, err := c.Environment(ctx, environment)
	if err != nil {
		return nil, err
	}
	t := &Topology{environment: e, env: wire.EnvSpec{ShortDomain: e.Name, Region: e.Region, DisplayName: e.DisplayName, SSLState: &e.BuiltInSSL, IsHAEnabled: e.HighAvailability}}
	for _, g := range e.NodeGroups {
		nodes := slices.DeleteFunc(slices.Clone(e.Nodes), func(n Node) bool { return n.NodeGroup != g.Name })
		if len(nodes) == 0 {
			continue
		}
		n := nodes[0]
		t.layers = append(t.layers, NodeGroupSpec{Name: g.Name, NodeType: n.NodeType, Count: len(nodes), ReservedCloudlets: n.ReservedCloudlets,
			DynamicCloudlets: n.DynamicCloudlets, DiskGB: n.DiskGB, Tag: n.Tag, Image: n.Image, DisplayName: g.DisplayName, ScalingMode: g.ScalingMode,
			PublicIPv4Count: len(n.PublicIPv4), PublicIPv6Count: len(n.PublicIPv6)}.node())
	}
	return t, nil
}

// Environment returns the environment as it was when the topology was read.
func (t *Topology) Environment() Environment { return t.environment }

// Put changes the layer of that name, or adds it if there is none. Zero fields of spec leave an existing layer as it
// was read.
func (t *Topology) Put(spec NodeGroupSpec) {
	wished := spec.node()
	i := slices.IndexFunc(t.layers, func(l wire.NodeSpec) bool { return l.NodeGroup == spec.Name })
	if i < 0 {
		t.layers = append(t.layers, wished)
		return
	}
	l := &t.layers[i]
	l.NodeType = cmp.Or(wished.NodeType, l.NodeType)
	l.Count = cmp.Or(wished.Count, l.Count)
	l.FixedCloudlets = cmp.Or(wished.FixedCloudlets, l.FixedCloudlets)
	l.FlexibleCloudlets = cmp.Or(wished.FlexibleCloudlets, l.FlexibleCloudlets)
	l.DiskLimit = cmp.Or(wished.DiskLimit, l.DiskLimit)
	l.Tag = cmp.Or(wished.Tag, l.Tag)
}

// Remove takes a layer out, with its nodes and everything on them.
func (t *Topology) Remove(nodeGroup string) {
	t.layers = slices.DeleteFunc(t.layers, func(l wire.NodeSpec) bool { return l.NodeGroup == nodeGroup })
}

// SetBuiltInSSL switches the platform's certificate for the environment's own domain on or off.
func (t *Topology) SetBuiltInSSL(on bool) { t.env.SSLState = &on }

// ChangeTopology gives an environment the layers of the topology and stays until the platform has finished.
func (c *Client) ChangeTopology(ctx context.Context, t *Topology) error {
	return c.call(ctx, write(control+"changetopology", t.environment.Name, "env", jsonText(t.env), "nodes", jsonText(t.layers)), nil)
}
