package localplatform

import (
	"maps"
	"reflect"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

func init() {
	register("environment/control", map[string]*method{
		"changetopology": {run: (*call).changeTopology, required: []string{"envName", "env", "nodes"}, nested: true},
	})
}

// rebuild gives the environment the node groups and keeps their existing nodes.
func (t *tx) rebuild(env *environment, layers []layer) error {
	dc := t.catalogue.region(env.Region).datacenter
	var nodes []node
	for i := range layers {
		l := &layers[i]
		old, s := env.layer(l.Name), t.catalogue.stackOf(l)
		if s.AnyImage && l.Env == nil {
			l.Env = l.variables(&s)
		}
		present := env.nodesOf(l.Name)
		if old != nil && old.NodeType != l.NodeType {
			present = nil // another stack needs new containers
		}
		for k := range max(l.count, 1) {
			var n node
			if k < len(present) {
				n = *present[k]
				n.applyLayer(old, l)
			} else {
				id, err := t.newNodeID()
				if err != nil {
					return err
				}
				n = node{
					ID: nodeIDBase + id, CTID: containerIDBase + id, Layer: l.Name, DisplayName: l.DisplayName,
					Master: k == 0, Env: maps.Clone(l.Env),
				}
			}
			n.Fixed, n.Flexible = l.Fixed, l.Flexible
			if err := t.address(&n, dc, env.Name, l.ExtIPv4, l.ExtIPv6); err != nil {
				return err
			}
			nodes = append(nodes, n)
		}
	}
	env.Layers, env.Nodes = layers, nodes
	return t.resolve(env)
}

// applyLayer applies a changed node group to an existing node. The node keeps its own display name.
func (n *node) applyLayer(old, l *layer) {
	if l.envGiven {
		n.Env = maps.Clone(l.Env)
	}
	if !l.sameContainers(old) {
		n.Tag = ""
	}
}

// First ids of nodes and containers.
const nodeIDBase, containerIDBase = 50000, 61000

// newNodeID counts up from 1.
func (t *tx) newNodeID() (int64, error) {
	id, err := t.bolt.Bucket(bucketEnvironments).NextSequence()
	return int64(id), err
}

// changeTopology takes the complete list of node groups. A missing one is removed, and a missing field returns to its
// default, which is the worst that the platform may do. Two things stay: disks, which cannot shrink, and variables,
// which have their own calls. Nodes are added and removed at the end, so the master stays. A different region is
// refused; whether the platform would move the environment is not public.
func (c *call) changeTopology() (any, error) {
	var spec envSpec
	if err := c.decode("env", &spec); err != nil {
		return nil, err
	}
	specs, err := c.nodeSpecs()
	if err != nil {
		return nil, err
	}
	var name string
	_, err = c.change([]int{wire.StatusRunning, wire.StatusDown}, func(t *tx, env *environment) (operation, time.Duration,
		error) {
		var op operation
		name = env.Name
		if spec.Region != "" && string(spec.Region) != env.Region {
			return op, 0, invalid("region", "environment [%s] is in [%s]; use migrate to move it", env.Name, env.Region)
		}
		region := t.catalogue.region(env.Region)
		if region == nil {
			return op, 0, refuse(wire.ResultFailed, "hardware node group [%s] is not available", env.Region)
		}
		layers, err := t.catalogue.layers(specs, region)
		if err != nil {
			return op, 0, err
		}
		redeploy, err := env.replaceLayers(layers)
		if err != nil {
			return op, 0, err
		}
		after := env.copy()
		after.HA, after.Engine, after.DisplayName = bool(spec.IsHAEnabled), t.engine(string(spec.Engine),
			layers), string(spec.DisplayName)
		after.SSL = spec.ssl()
		if err := t.rebuild(after, layers); err != nil {
			return op, 0, err
		}
		if err := t.checkQuotas(t.catalogue.account(env.Owner), env, after); err != nil {
			return op, 0, err
		}
		length := createBase + redeploy + time.Duration(max(0, len(after.Nodes)-len(env.Nodes)))*createPerNode
		return operation{Kind: wire.ActionChangeSettings, Status: wire.StatusUpdating, After: after}, length, nil
	})
	if err != nil {
		return nil, err
	}
	return c.shown(name)
}

// replaceLayers checks a change of all node groups and returns how long the redeployment of existing containers
// takes.
func (e *environment) replaceLayers(layers []layer) (redeploy time.Duration, err error) {
	for i := range layers {
		l, old := &layers[i], e.layer(layers[i].Name)
		if err := l.replace(old); err != nil {
			return 0, err
		}
		present := len(e.nodesOf(l.Name))
		if !l.sameContainers(old) || l.count > present {
			if err := l.pullable(); err != nil {
				return 0, err
			}
		}
		if old != nil && !l.sameContainers(old) {
			redeploy += time.Duration(present) * redeployPerNode
		}
	}
	return redeploy, nil
}

// replace checks the change from old and takes over what the request leaves out.
func (l *layer) replace(old *layer) error {
	if old == nil || old.NodeType != l.NodeType {
		return nil
	}
	if l.unsaidDisk {
		l.DiskGB = max(l.DiskGB, old.DiskGB)
	}
	if l.DiskGB < old.DiskGB {
		return invalid("diskLimit", "ENV_NODE_DISK_MIN_LIMIT: the disk of layer [%s] cannot shrink from %d GB to %d GB",
			l.Name, old.DiskGB, l.DiskGB)
	}
	if l.Env == nil {
		l.Env = maps.Clone(old.Env)
	}
	if l.sameContainers(old) && reflect.ValueOf(l.Declared).IsZero() {
		l.Declared = old.Declared
	}
	for path, m := range l.Mounts {
		if before, there := old.Mounts[path]; there && m.Name == "" {
			m.Name = before.Name
			l.Mounts[path] = m
		}
	}
	if l.RegistryUserName == "" && l.sameContainers(old) {
		l.RegistryURL, l.RegistryUserName = old.RegistryURL, old.RegistryUserName
	}
	return nil
}

// engine returns the requested engine, or else that of the compute group's stack.
func (t *tx) engine(wished string, layers []layer) string {
	for i := range layers {
		if s := t.catalogue.stack(layers[i].NodeType); wished == "" && s != nil && layers[i].Name == "cp" {
			return s.Engine
		}
	}
	return wished
}
