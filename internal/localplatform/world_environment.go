package localplatform

import (
	"fmt"
	"maps"
	"slices"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

// The functions in this file change an environment instantly from outside the API. A running operation ends as
// failed.

// Mount mounts a directory of one node group by NFS from the master node of another one, which may be in the same
// environment.
func (p *Platform) Mount(name, nodeGroup, path, sourceEnvironment, sourceNodeGroup, sourcePath string) error {
	return p.changeLayerExternally(name, nodeGroup, func(t *tx, env *environment, l *layer) error {
		source := env
		if sourceEnvironment != env.Name {
			var err error
			if source, err = t.load(sourceEnvironment); err != nil {
				return err
			}
		}
		if source == nil || len(source.nodesOf(sourceNodeGroup)) == 0 {
			return fmt.Errorf("there is no layer %q in an environment %q", sourceNodeGroup, sourceEnvironment)
		}
		m := mount{MountPoint: wire.MountPoint{SourceNodeID: source.nodesOf(sourceNodeGroup)[0].ID, SourcePath: sourcePath}}
		if err := t.resolveMount(env, path, &m); err != nil {
			return err
		}
		l.mountAt(path, m)
		return nil
	})
}

// Link links a node group to the master node of a node group in another environment, under an alias.
func (p *Platform) Link(name, nodeGroup, alias, sourceEnvironment, sourceNodeGroup string) error {
	return p.changeLayerExternally(name, nodeGroup, func(t *tx, _ *environment, l *layer) error {
		source, err := t.load(sourceEnvironment)
		if err != nil {
			return err
		}
		if source == nil || len(source.nodesOf(sourceNodeGroup)) == 0 {
			return fmt.Errorf("there is no layer %q in an environment %q", sourceNodeGroup, sourceEnvironment)
		}
		l.Links = append(slices.Clone(l.Links), fmt.Sprintf("%d:%s", source.nodesOf(sourceNodeGroup)[0].ID, alias))
		return nil
	})
}

// InstallAddOn installs an add-on on every node of a node group.
func (p *Platform) InstallAddOn(name, nodeGroup, id, title string) error {
	return p.changeLayerExternally(name, nodeGroup, func(_ *tx, env *environment, l *layer) error {
		for _, n := range env.nodesOf(l.Name) {
			n.AddOns = append(n.AddOns, wire.AddOn{UniqueName: id, Name: title})
		}
		return nil
	})
}

// OpenEndpoint makes a TCP port of a node group's master node reachable from outside.
func (p *Platform) OpenEndpoint(name, nodeGroup, title string, port int) error {
	return p.changeLayerExternally(name, nodeGroup, func(t *tx, env *environment, l *layer) error {
		_, err := t.openEndpoint(env, env.nodesOf(l.Name)[0], title, "TCP", port)
		return err
	})
}

// Scale changes the number of nodes in a node group, as automatic scaling does.
func (p *Platform) Scale(name, nodeGroup string, count int) error {
	return p.changeLayerExternally(name, nodeGroup, func(t *tx, env *environment, wanted *layer) error {
		if count < 1 {
			return fmt.Errorf("a layer cannot have %d nodes", count)
		}
		layers := slices.Clone(env.Layers)
		for i := range layers {
			if layers[i].count = len(env.nodesOf(layers[i].Name)); layers[i].Name == wanted.Name {
				layers[i].count = count
			}
		}
		return t.rebuild(env, layers)
	})
}

// SetVariable sets an environment variable of a node group. nil removes it.
func (p *Platform) SetVariable(name, nodeGroup, variable string, value *string) error {
	return p.changeLayerExternally(name, nodeGroup, func(_ *tx, env *environment, l *layer) error {
		change := func(variables *map[string]string) {
			*variables = maps.Clone(*variables)
			if value == nil {
				delete(*variables, variable)
				return
			}
			if *variables == nil {
				*variables = map[string]string{}
			}
			(*variables)[variable] = *value
		}
		change(&l.Env)
		for _, n := range env.nodesOf(l.Name) {
			change(&n.Env)
		}
		return nil
	})
}

// SetNodeAddresses gives one node of a node group, counted from 0, count public addresses of a kind ("ipv4" or
// "ipv6"), so that the nodes of the group differ.
func (p *Platform) SetNodeAddresses(name, nodeGroup string, index int, kind string, count int) error {
	return p.changeLayerExternally(name, nodeGroup, func(t *tx, env *environment, l *layer) error {
		nodes, region := env.nodesOf(l.Name), t.catalogue.region(env.Region)
		if index < 0 || index >= len(nodes) || count < 0 || region == nil {
			return fmt.Errorf("layer %q has no node %d that could have %d addresses", l.Name, index, count)
		}
		n := nodes[index]
		switch family(kind) {
		case publicIPv4:
			return t.address(n, region.datacenter, env.Name, count, len(n.IPv6))
		case publicIPv6:
			return t.address(n, region.datacenter, env.Name, len(n.IPv4), count)
		}
		return fmt.Errorf("there is no kind of public address %q", kind)
	})
}

// IsolateGroup isolates the environments of a group from all others, or connects them again. It creates the group if
// it does not exist.
func (p *Platform) IsolateGroup(owner int64, name string, isolated bool) error {
	return p.update(func(t *tx) error {
		if err := t.addGroups(owner, []string{name}); err != nil {
			return err
		}
		g, _, err := get[group](t.bolt.Bucket(bucketGroups), groupKey(owner, name))
		if err != nil {
			return err
		}
		g.IsIsolated = boolValue(isolated)
		return t.putGroup(&g)
	})
}

func (p *Platform) changeLayerExternally(name, nodeGroup string, change func(*tx, *environment, *layer) error) error {
	return p.changeExternally(name, func(t *tx, env *environment) error {
		l := env.layer(nodeGroup)
		if l == nil {
			return fmt.Errorf("environment %q has no layer %q", name, nodeGroup)
		}
		return change(t, env, l)
	})
}
