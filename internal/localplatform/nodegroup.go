package localplatform

import (
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

func init() {
	register("environment/nodegroup", map[string]*method{
		"get":                 {run: (*call).getNodeGroup, required: []string{"envName", "nodeGroup"}, reads: true},
		"applydata":           {run: (*call).applyNodeGroup, required: []string{"envName", "nodeGroup", "data"}},
		"setslbaccessenabled": {run: (*call).setSLBAccess, required: []string{"envName", "nodeGroup", "enabled"}},
	})
	register("environment/control", map[string]*method{
		"getnodegroups":       {run: (*call).getNodeGroups, required: []string{"envName"}, reads: true},
		"applynodegroupdata":  {run: (*call).applyNodeGroup, required: []string{"envName", "nodeGroup", "data"}},
		"setslbaccessenabled": {run: (*call).setSLBAccess, required: []string{"envName", "nodeGroup", "enabled"}},
	})
}

type nodeGroupAnswer struct {
	Result    int           `json:"result"`
	NodeGroup nodeGroupView `json:"nodeGroup"`
}

func (c *call) getNodeGroup() (any, error) {
	var answer nodeGroupAnswer
	err := c.view(func(t *tx) error {
		env, err := c.environment(t)
		if err != nil {
			return err
		}
		l, err := c.layer(env)
		if err == nil {
			answer.NodeGroup = t.showGroup(l)
		}
		return err
	})
	return answer, err
}

// getNodeGroups lists all node groups in the field object, as in the API description.
func (c *call) getNodeGroups() (any, error) {
	list := []nodeGroupView{}
	err := c.view(func(t *tx) error {
		env, err := c.environment(t)
		if err != nil {
			return err
		}
		for i := range env.Layers {
			list = append(list, t.showGroup(&env.Layers[i]))
		}
		return nil
	})
	return objectAnswer{Object: list}, err
}

// setSLBAccess sets whether requests through the shared load balancer reach a node group.
func (c *call) setSLBAccess() (any, error) {
	enabled, err := c.boolean("enabled")
	if err != nil {
		return nil, err
	}
	return c.changeInstantly(wire.ActionChangeSettings, idleStatuses, func(_ *tx, env *environment) error {
		l, err := c.layer(env)
		if err == nil {
			l.Settings.IsSLBAccessEnabled = orDefault(nil, boolValue(enabled))
		}
		return err
	})
}

// applyNodeGroup changes the settings that the data parameter names.
func (c *call) applyNodeGroup() (any, error) {
	return c.changeInstantly(wire.ActionChangeSettings, idleStatuses, func(_ *tx, env *environment) error {
		l, err := c.layer(env)
		if err != nil {
			return err
		}
		data := struct {
			*groupSettings
			DisplayName *textValue `json:"displayName"`
		}{groupSettings: &l.Settings}
		if err := c.decode("data", &data); err != nil {
			return err
		}
		if data.DisplayName != nil {
			l.DisplayName = string(*data.DisplayName)
		}
		return nil
	})
}
