package localplatform

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

func init() {
	register("environment/control", map[string]*method{
		"changetopology": {run: (*call).changeTopology, required: []string{"envName", "env", "nodes"}, nested: true},
	})
}

// What a layer gets where the request says nothing; our figures.
const (
	defaultFixed    = 1
	defaultFlexible = 8
	defaultDiskGB   = 10
)

var layerPattern = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9_-]*$`)

// layers checks the wished layers one by one and fills in what they leave out.
func (c *Catalogue) layers(specs []wire.NodeSpec, region *Region) ([]layer, error) {
	var list []layer
	for i := range specs {
		l, err := c.layer(&specs[i], region)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(list, func(other layer) bool { return other.Name == l.Name }) {
			return nil, invalid("nodeGroup", "layer [%s] is there twice", l.Name)
		}
		list = append(list, l)
	}
	return list, nil
}

func (c *Catalogue) layer(spec *wire.NodeSpec, region *Region) (layer, error) {
	l := layer{
		Name: spec.NodeGroup, NodeType: spec.NodeType, DisplayName: spec.DisplayName, Tag: spec.Tag, Image: spec.Image, Cmd: spec.Cmd,
		Fixed: spec.FixedCloudlets, Flexible: spec.FlexibleCloudlets, DiskGB: spec.DiskLimit, ExtIPv4: spec.ExtIPv4, ExtIPv6: spec.ExtIPv6,
		ScalingMode: strings.ToUpper(spec.ScalingMode), Env: maps.Clone(spec.Env), Links: spec.Links, Volumes: spec.Volumes,
		VolumesFrom: spec.VolumesFrom, Mounts: spec.VolumeMounts, count: spec.Count, unsaidDisk: spec.DiskLimit == 0,
	}
	if d := spec.Docker; d != nil {
		l.adoptDocker(d)
	}
	if l.NodeType == "" && l.Image != "" {
		l.NodeType = "docker"
	}
	if l.NodeType == "" {
		return l, invalid("nodeType", "a node without a type")
	}
	s := c.stack(l.NodeType)
	if s == nil {
		return l, refuse(wire.ResultNodeTypeNotAllowed, "node type [%s] is not supported", l.NodeType)
	}
	l.NodeType = s.NodeType
	if !slices.Contains(region.virtualization(), s.virtualization()) {
		return l, refuse(wire.ResultNodeTypeNotAllowed, "node type [%s] is not supported in hardware node group [%s]", l.NodeType, region.Name)
	}
	if l.Name == "" {
		l.Name = s.Layers[0]
	}
	if !layerPattern.MatchString(l.Name) {
		return l, invalid("nodeGroup", "[%s] must be made of letters, digits, hyphens and underscores", l.Name)
	}
	if spec.ExtIP && l.ExtIPv4 == 0 {
		l.ExtIPv4 = 1
	}
	return l, l.complete(s)
}

// adoptDocker takes over the older way to describe a container.
func (l *layer) adoptDocker(d *wire.DockerSpec) {
	if l.Image == "" {
		l.Image = d.Image
	}
	if l.Cmd == "" {
		l.Cmd = d.Cmd
	}
	if l.Env == nil {
		l.Env = maps.Clone(d.Env)
	}
	if l.Links == nil {
		l.Links = d.Links
	}
	if d.Registry != nil { // its password serves for the pull and is not kept
		l.RegistryURL, l.RegistryUserName = d.Registry.URL, d.Registry.User
	}
}

// complete fills in defaults and checks the figures against the stack.
func (l *layer) complete(s *Stack) error {
	switch {
	case s.AnyImage && l.Image == "":
		return invalid("image", "layer [%s] names no image", l.Name)
	case !s.AnyImage && l.Tag == "" && len(s.Tags) > 0:
		l.Tag = s.Tags[0]
	case !s.AnyImage && len(s.Tags) > 0 && !slices.Contains(s.Tags, l.Tag):
		return invalid("tag", "node type [%s] has no tag [%s], only [%s]", l.NodeType, l.Tag, strings.Join(s.Tags, ", "))
	}
	if l.Fixed == 0 {
		l.Fixed = defaultFixed
	}
	if l.Flexible == 0 {
		l.Flexible = max(defaultFlexible, s.MinimumCloudlets, l.Fixed)
	}
	if l.DiskGB == 0 {
		l.DiskGB = defaultDiskGB
	}
	switch {
	case l.Fixed < 0 || l.Flexible < l.Fixed:
		return invalid("flexibleCloudlets", "layer [%s] has %d, less than its %d fixed cloudlets", l.Name, l.Flexible, l.Fixed)
	case l.Flexible < s.MinimumCloudlets:
		return invalid("flexibleCloudlets", "layer [%s] has %d, node type [%s] needs at least %d", l.Name, l.Flexible, l.NodeType, s.MinimumCloudlets)
	case l.count < 0 || l.DiskGB < 0 || l.ExtIPv4 < 0 || l.ExtIPv6 < 0:
		return invalid("nodes", "layer [%s] has a negative figure", l.Name)
	}
	switch l.ScalingMode {
	case "":
		l.ScalingMode = "STATELESS"
		if s.Stateful {
			l.ScalingMode = "STATEFUL"
		}
	case "STATELESS", "STATEFUL":
	default:
		return invalid("scalingMode", "[%s] is neither STATELESS nor STATEFUL", l.ScalingMode)
	}
	return nil
}

// rebuild gives the environment the layers, keeping the nodes of those that it has already.
func (t *tx) rebuild(env *environment, layers []layer) error {
	dc := t.catalogue.region(env.Region).dataCenter
	var nodes []node
	for i := range layers {
		l := &layers[i]
		present := env.nodesOf(l.Name)
		if old := env.layer(l.Name); old != nil && old.NodeType != l.NodeType {
			present = nil // another stack is other containers
		}
		for k := range max(l.count, 1) {
			var n node
			if k < len(present) {
				n = *present[k]
			} else {
				id, err := t.bolt.Bucket(bucketEnvironments).NextSequence()
				if err != nil {
					return err
				}
				n = node{ID: int64(50000 + id), CTID: int64(61000 + id), Layer: l.Name, Master: k == 0, Env: maps.Clone(l.Env)} // counts up from 1
			}
			n.Fixed, n.Flexible = l.Fixed, l.Flexible
			if err := t.address(&n, dc, env.Name, l.ExtIPv4, l.ExtIPv6); err != nil {
				return err
			}
			nodes = append(nodes, n)
		}
	}
	env.Layers, env.Nodes = layers, nodes
	return nil
}

// changeTopology takes the complete list of layers: one left out is removed, and a field left out is back at its
// default. Another region than the present one is refused; whether the platform would move is not public.
func (c *call) changeTopology() (any, error) {
	var spec wire.EnvSpec
	if err := c.decode("env", &spec); err != nil {
		return nil, err
	}
	specs, err := c.nodeSpecs()
	if err != nil {
		return nil, err
	}
	var name string
	_, err = c.change([]int{wire.StatusRunning, wire.StatusDown}, func(t *tx, env *environment) (operation, time.Duration, error) {
		var op operation
		name = env.Name
		if spec.Region != "" && spec.Region != env.Region {
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
		for i := range layers {
			if err := layers[i].succeed(env.layer(layers[i].Name)); err != nil {
				return op, 0, err
			}
		}
		after := env.copy()
		after.HA, after.Engine = spec.IsHAEnabled, t.engine(spec.Engine, layers)
		if spec.SSLState != nil {
			after.SSL = *spec.SSLState
		}
		if spec.DisplayName != "" {
			after.DisplayName = spec.DisplayName
		}
		if err := t.rebuild(after, layers); err != nil {
			return op, 0, err
		}
		if err := t.checkQuotas(t.catalogue.account(env.Owner), env, after); err != nil {
			return op, 0, err
		}
		length := createBase + time.Duration(max(0, len(after.Nodes)-len(env.Nodes)))*createPerNode
		return operation{Kind: wire.ActionChangeSettings, Status: wire.StatusUpdating, After: after}, length, nil
	})
	if err != nil {
		return nil, err
	}
	return c.shown(name)
}

// succeed checks the step from the layer as it was. Variables are not reset: they have calls of their own.
func (l *layer) succeed(old *layer) error {
	if old == nil || old.NodeType != l.NodeType {
		return nil
	}
	if l.unsaidDisk {
		l.DiskGB = max(l.DiskGB, old.DiskGB)
	}
	if l.DiskGB < old.DiskGB {
		return invalid("diskLimit", "ENV_NODE_DISK_MIN_LIMIT: the disk of layer [%s] cannot shrink from %d GB to %d GB", l.Name, old.DiskGB, l.DiskGB)
	}
	if l.Env == nil {
		l.Env = maps.Clone(old.Env)
	}
	return nil
}

// engine is the one asked for or that of the compute layer's stack.
func (t *tx) engine(wished string, layers []layer) string {
	for i := range layers {
		if s := t.catalogue.stack(layers[i].NodeType); wished == "" && s != nil && layers[i].Name == "cp" {
			return s.Engine
		}
	}
	return wished
}
