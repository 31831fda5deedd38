package localplatform

import (
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

func init() {
	register("environment/control", map[string]*method{
		"setenvdisplayname":       {run: (*call).setEnvDisplayName, required: []string{"envName"}},
		"setnodedisplayname":      {run: (*call).setNodeDisplayName, required: []string{"envName"}},
		"setnodegroupdisplayname": {run: (*call).setNodeGroupDisplayName, required: []string{"envName", "nodeGroup"}},
		"setcloudletscountbyid": {run: (*call).setCloudlets,
			required: []string{"envName", "nodeid", "count", "fixedCloudlets", "flexibleCloudlets"}},
		"setcloudletscountbygroup": {run: (*call).setCloudletsOfLayer,
			required: []string{"envName", "nodeGroup", "flexibleCloudlets"}},
		"gettemplates": {run: (*call).getTemplates, reads: true},
	})
}

// changeInstantly changes an environment instantly and logs the change as an action of the kind.
func (c *call) changeInstantly(kind int, statuses []int, f func(*tx, *environment) error) (any, error) {
	return nil, c.platform.update(func(t *tx) error {
		env, err := c.writable(t, statuses...)
		if err != nil {
			return err
		}
		next := env.copy()
		if err := f(t, next); err != nil {
			return err
		}
		if err := t.put(next); err != nil {
			return err
		}
		return c.logInstant(t, next, kind)
	})
}

func (c *call) setEnvDisplayName() (any, error) {
	return c.changeInstantly(wire.ActionChangeSettings, idleStatuses, func(_ *tx, env *environment) error {
		env.DisplayName = c.value("displayName")
		return nil
	})
}

// setNodeDisplayName names the node. Without nodeId, which is optional in the API description, it names all nodes of
// the node group or of the environment.
func (c *call) setNodeDisplayName() (any, error) {
	return c.changeInstantly(wire.ActionChangeSettings, idleStatuses, func(_ *tx, env *environment) error {
		nodes, err := c.chosenNodes(env)
		if err != nil {
			return err
		}
		for _, n := range nodes {
			n.DisplayName = c.value("displayName")
		}
		return nil
	})
}

func (c *call) setNodeGroupDisplayName() (any, error) {
	return c.changeInstantly(wire.ActionChangeSettings, idleStatuses, func(_ *tx, env *environment) error {
		l, err := c.layer(env)
		if err != nil {
			return err
		}
		l.DisplayName = c.value("displayName")
		return nil
	})
}

// setCloudlets changes the node group of the node. It ignores count, the number of nodes, which only a topology
// change affects.
func (c *call) setCloudlets() (any, error) {
	return c.resize(func(env *environment) (*layer, error) {
		n, err := c.node(env)
		if err != nil {
			return nil, err
		}
		return env.layer(n.Layer), nil
	})
}

func (c *call) setCloudletsOfLayer() (any, error) { return c.resize(c.layer) }

// resize changes the cloudlets of a node group. If the call does not set the reserved cloudlets, they stay.
func (c *call) resize(of func(*environment) (*layer, error)) (any, error) {
	return c.changeInstantly(wire.ActionSetCloudlets,
		[]int{wire.StatusRunning, wire.StatusDown}, func(t *tx, env *environment) error {
			before := env.copy()
			l, err := of(env)
			if err != nil {
				return err
			}
			if c.value("fixedCloudlets") != "" {
				if l.Fixed, err = c.integer("fixedCloudlets"); err != nil {
					return err
				}
			}
			if l.Flexible, err = c.integer("flexibleCloudlets"); err != nil {
				return err
			}
			if s := t.catalogue.stack(l.NodeType); s != nil {
				if err := l.complete(s); err != nil {
					return err
				}
			}
			for _, n := range env.nodesOf(l.Name) {
				n.Fixed, n.Flexible = l.Fixed, l.Flexible
			}
			return t.checkQuotas(t.catalogue.account(env.Owner), before, env)
		})
}

func (c *call) node(env *environment) (*node, error) {
	id, err := c.integer("nodeId")
	if err != nil {
		return nil, err
	}
	if n := env.node(int64(id)); n != nil {
		return n, nil
	}
	return nil, invalid("nodeId", "environment [%s] has no node [%d]", env.Name, id)
}

func (c *call) layer(env *environment) (*layer, error) {
	if l := env.layer(c.value("nodeGroup")); l != nil {
		return l, nil
	}
	return nil, invalid("nodeGroup", "environment [%s] has no layer [%s]", env.Name, c.value("nodeGroup"))
}

func (c *call) getTemplates() (any, error) {
	wanted := c.value("type")
	list := []wire.Template{}
	for i := range c.platform.base.Stacks {
		s := &c.platform.base.Stacks[i]
		if wanted != "" && wanted != "ALL" && wanted != s.templateType() {
			continue
		}
		one := wire.Template{
			NodeType: s.NodeType, Name: s.NodeType, DisplayName: s.Name, Type: s.templateType(), NodeMission: s.Layers[0],
			NodeGroups:       s.Layers,
			MinCloudletCount: max(1, s.MinimumCloudlets), VType: s.virtualization(), OSType: s.os(),
		}
		for _, tag := range s.Tags {
			one.Tags = append(one.Tags, wire.Tag{Name: tag})
		}
		if len(s.Tags) > 0 {
			one.DefaultTag = s.Tags[0]
		}
		list = append(list, one)
	}
	return arrayAnswer{Array: list}, nil
}
