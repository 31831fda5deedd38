package localplatform

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

func init() {
	register("environment/file", map[string]*method{
		"getmountpoints":          {run: (*call).getMountPoints, required: []string{"envName"}, reads: true},
		"addmountpointbygroup":    {run: (*call).addMountPoint, required: []string{"envName", "nodeGroup", "path"}},
		"removemountpointbygroup": {run: (*call).removeMountPoint, required: []string{"envName", "nodeGroup", "path"}},
	})
}

// mount is a directory of a node group that is mounted from another node. If it names neither node nor node group,
// the source is a server outside the platform.
type mount struct {
	wire.MountPoint
	Name        string `json:",omitempty"`
	Environment string `json:",omitempty"` // where the source node is, if not in the same environment
}

// resolve completes the mounts and checks that the sources of mounts and links exist.
func (t *tx) resolve(env *environment) error {
	for i := range env.Layers {
		l := &env.Layers[i]
		for _, link := range l.Links {
			source, alias, _ := strings.Cut(link, ":")
			if _, err := strconv.ParseInt(source, 10, 64); alias == "" || err != nil && env.layer(source) == nil {
				return invalid("links", "[%s] is not an alias of a layer or node", link)
			}
		}
		for path, m := range l.Mounts {
			if err := t.resolveMount(env, path, &m); err != nil {
				return err
			}
			l.Mounts[path] = m
		}
	}
	return nil
}

func (t *tx) resolveMount(env *environment, path string, m *mount) error {
	if !strings.HasPrefix(path, "/") {
		return invalid("path", "[%s] is not an absolute path", path)
	}
	if m.SourcePath == "" {
		m.SourcePath = path
	}
	if m.Protocol = strings.ToUpper(m.Protocol); m.Protocol == "" {
		m.Protocol = "NFS"
	}
	if !slices.Contains([]string{"NFS", "NFS4", "GLUSTER"}, m.Protocol) {
		return invalid("protocol", "[%s] is neither NFS nor GLUSTER", m.Protocol)
	}
	m.Environment = ""
	switch {
	case m.SourceNodeID != 0 && env.node(m.SourceNodeID) != nil:
	case m.SourceNodeID != 0:
		return t.resolveForeignNode(env, m)
	case m.SourceNodeGroup != "":
		if env.layer(m.SourceNodeGroup) == nil {
			return invalid("sourceNodeGroup", "environment [%s] has no layer [%s]", env.Name, m.SourceNodeGroup)
		}
	case m.SourceHost == "":
		return invalid("sourceNodeId", "the mount at [%s] names no source", path)
	}
	return nil
}

// resolveForeignNode finds the owner's other environment that has the source node.
func (t *tx) resolveForeignNode(env *environment, m *mount) error {
	err := t.environments(func(other *environment) error {
		if other.Name != env.Name && other.Owner == env.Owner && other.node(m.SourceNodeID) != nil {
			m.Environment = other.Name
		}
		return nil
	})
	if err == nil && m.Environment == "" {
		err = invalid("sourceNodeId", "node [%d] not exist", m.SourceNodeID)
	}
	return err
}

// mountView is a mount in an answer. The name is always present (certain: clients read it). A source outside the
// platform has no node id and no node group.
type mountView struct {
	wire.MountPoint
	Name     string `json:"name"`
	ReadOnly bool   `json:"readOnly"`
}

// showMounts lists the mounts of a node group with the current node and address of each source.
func (t *tx) showMounts(env *environment, l *layer) []mountView {
	var list []mountView
	for _, path := range slices.Sorted(maps.Keys(l.Mounts)) {
		m := l.Mounts[path]
		m.NodeGroup, m.Path = l.Name, path
		if source := t.mountSource(env, &m); source != nil {
			m.SourceNodeID, m.SourceNodeGroup, m.SourceHost = source.ID, source.Layer, source.IntIP
		}
		list = append(list, mountView{MountPoint: m.MountPoint, Name: m.Name, ReadOnly: m.ReadOnly})
	}
	return list
}

// mountSource returns nil if the source is outside the platform or no longer exists.
func (t *tx) mountSource(env *environment, m *mount) *node {
	if m.Environment != "" {
		other, err := t.load(m.Environment)
		if err != nil || other == nil {
			return nil
		}
		env = other
	}
	if m.SourceNodeID != 0 {
		return env.node(m.SourceNodeID)
	}
	if nodes := env.nodesOf(m.SourceNodeGroup); len(nodes) > 0 {
		return nodes[0] // the master
	}
	return nil
}

// getMountPoints lists the mounts of the named node group or of the named node's group, or all mounts if the call
// names none.
func (c *call) getMountPoints() (any, error) {
	list := []mountView{}
	err := c.view(func(t *tx) error {
		env, err := c.environment(t)
		if err != nil {
			return err
		}
		layers, err := c.chosenLayers(env)
		for _, l := range layers {
			list = append(list, t.showMounts(env, l)...)
		}
		return err
	})
	return arrayAnswer{Array: list}, err
}

// chosenLayers returns the named node group or that of the named node, or all node groups if the call names none.
func (c *call) chosenLayers(env *environment) (list []*layer, err error) {
	switch {
	case c.value("nodeGroup") != "":
		l, err := c.layer(env)
		if err != nil {
			return nil, err
		}
		return []*layer{l}, nil
	case c.value("nodeId") != "":
		n, err := c.node(env)
		if err != nil {
			return nil, err
		}
		return []*layer{env.layer(n.Layer)}, nil
	}
	for i := range env.Layers {
		list = append(list, &env.Layers[i])
	}
	return list, nil
}

func (c *call) addMountPoint() (any, error) {
	id, err := c.integer("sourceNodeId")
	if err != nil {
		return nil, err
	}
	readOnly, err := c.boolean("readOnly")
	if err != nil {
		return nil, err
	}
	return c.changeInstantly(wire.ActionChangeSettings, []int{wire.StatusRunning}, func(t *tx, env *environment) error {
		l, err := c.layer(env)
		if err != nil {
			return err
		}
		path := c.value("path")
		if _, there := l.Mounts[path]; there {
			return invalid("path", "something is mounted at [%s] already", path)
		}
		m := mount{Name: c.value("name"), MountPoint: wire.MountPoint{
			Protocol: c.value("protocol"), ReadOnly: readOnly, SourceNodeID: int64(id),
			SourceNodeGroup: c.value("sourceNodeGroup"),
			SourcePath:      c.value("sourcePath"), SourceHost: c.value("sourceHost"),
			SourceAddressType: c.value("sourceAddressType"),
		}}
		if err := t.resolveMount(env, path, &m); err != nil {
			return err
		}
		l.mountAt(path, m)
		return nil
	})
}

func (l *layer) mountAt(path string, m mount) {
	if l.Mounts == nil {
		l.Mounts = map[string]mount{}
	}
	l.Mounts[path] = m
}

func (c *call) removeMountPoint() (any, error) {
	return c.changeInstantly(wire.ActionChangeSettings, []int{wire.StatusRunning}, func(_ *tx, env *environment) error {
		l, err := c.layer(env)
		if err != nil {
			return err
		}
		if _, there := l.Mounts[c.value("path")]; !there {
			return refuse(wire.ResultObjectNotFound, "nothing is mounted at [%s]", c.value("path"))
		}
		delete(l.Mounts, c.value("path"))
		return nil
	})
}
