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
		"getmountpoints":          {run: (*call).getMountPoints, required: []string{"envName", "nodeGroup"}, reads: true},
		"addmountpointbygroup":    {run: (*call).addMountPoint, required: []string{"envName", "nodeGroup", "path"}},
		"removemountpointbygroup": {run: (*call).removeMountPoint, required: []string{"envName", "nodeGroup", "path"}},
	})
}

// mount is a directory of a layer that is on another node. One that names neither node nor layer comes from a server
// outside the platform.
type mount struct {
	wire.MountPoint
	Environment string `json:",omitempty"` // where the source node is, if not in the same environment
}

// resolve completes the mounts and checks that what mounts and links lead to exists.
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
		return t.resolveSource(env, m)
	case m.SourceNodeGroup != "":
		if env.layer(m.SourceNodeGroup) == nil {
			return invalid("sourceNodeGroup", "environment [%s] has no layer [%s]", env.Name, m.SourceNodeGroup)
		}
	case m.SourceHost == "":
		return invalid("sourceNodeId", "the mount at [%s] names no source", path)
	}
	return nil
}

// resolveSource finds the environment of the same owner that has the node from which a mount comes.
func (t *tx) resolveSource(env *environment, m *mount) error {
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

// showMounts lists the mounts of a layer with the node and the address that they come from now.
func (t *tx) showMounts(env *environment, l *layer) []wire.MountPoint {
	var list []wire.MountPoint
	for _, path := range slices.Sorted(maps.Keys(l.Mounts)) {
		m := l.Mounts[path]
		m.NodeGroup, m.Path = l.Name, path
		if source := t.mountSource(env, &m); source != nil {
			m.SourceNodeID, m.SourceNodeGroup, m.SourceHost = source.ID, source.Layer, source.IntIP
		}
		list = append(list, m.MountPoint)
	}
	return list
}

// mountSource is nil if the source is outside the platform or exists no more.
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

func (c *call) getMountPoints() (any, error) {
	list := []wire.MountPoint{}
	err := c.view(func(t *tx) error {
		env, err := c.environment(t)
		if err != nil {
			return err
		}
		l, err := c.layer(env)
		if err == nil {
			list = append(list, t.showMounts(env, l)...)
		}
		return err
	})
	return arrayAnswer{Array: list}, err
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
	return c.amend(wire.ActionChangeSettings, []int{wire.StatusRunning}, func(t *tx, env *environment) error {
		l, err := c.layer(env)
		if err != nil {
			return err
		}
		path := c.value("path")
		if _, there := l.Mounts[path]; there {
			return invalid("path", "something is mounted at [%s] already", path)
		}
		m := mount{MountPoint: wire.MountPoint{Protocol: c.value("protocol"), ReadOnly: readOnly, SourceNodeID: int64(id), SourcePath: c.value("sourcePath"), SourceHost: c.value("sourceHost")}}
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
	return c.amend(wire.ActionChangeSettings, []int{wire.StatusRunning}, func(_ *tx, env *environment) error {
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
