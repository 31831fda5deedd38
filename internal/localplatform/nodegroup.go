package localplatform

import (
	"encoding/json"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

func init() {
	register("environment/nodegroup", map[string]*method{
		"get":       {run: (*call).getNodeGroup, required: []string{"envName", "nodeGroup"}, reads: true},
		"applydata": {run: (*call).applyNodeGroup, required: []string{"envName", "nodeGroup", "data"}},
	})
}

func (c *call) getNodeGroup() (any, error) {
	var answer objectAnswer
	err := c.view(func(t *tx) error {
		env, err := c.environment(t)
		if err != nil {
			return err
		}
		l, err := c.layer(env)
		if err == nil {
			answer.Object = t.showGroup(l)
		}
		return err
	})
	return answer, err
}

// applyNodeGroup changes the settings that data names.
func (c *call) applyNodeGroup() (any, error) {
	return c.amend(wire.ActionChangeSettings, settled, func(_ *tx, env *environment) error {
		l, err := c.layer(env)
		if err != nil {
			return err
		}
		data := struct {
			*groupSettings
			DisplayName *string `json:"displayName"`
		}{&l.Settings, &l.DisplayName}
		if err := json.Unmarshal([]byte(c.value("data")), &data); err != nil {
			return invalid("data", "not the JSON expected: %v", err)
		}
		return nil
	})
}
