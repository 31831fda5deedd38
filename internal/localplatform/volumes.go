package localplatform

import (
	"maps"
	"slices"
	"strings"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

func init() {
	register("environment/control", map[string]*method{
		"getcontainervolumes":          {run: (*call).getVolumes, required: []string{"envName"}, reads: true},
		"getcontainervolumesbygroup":   {run: (*call).getVolumes, required: []string{"envName", "nodeGroup"}, reads: true},
		"getcontainervolumesbyid":      {run: (*call).getVolumes, required: []string{"envName", "nodeId"}, reads: true},
		"addcontainervolume":           {run: (*call).addVolumes, required: []string{"envName", "nodeId", "path"}},
		"addcontainervolumebygroup":    {run: (*call).addVolumes, required: []string{"envName", "nodeGroup", "path"}},
		"addcontainervolumes":          {run: (*call).addVolumes, required: []string{"envName", "volumes"}},
		"removecontainervolume":        {run: (*call).removeVolumes, required: []string{"envName", "nodeId", "path"}},
		"removecontainervolumebygroup": {run: (*call).removeVolumes, required: []string{"envName", "nodeGroup", "path"}},
		"removecontainervolumes":       {run: (*call).removeVolumes, required: []string{"envName", "volumes"}},
	})
}

// oneLayer returns the node group that the call names, directly or by a node. The call must name one unless there is
// only one.
func (c *call) oneLayer(env *environment) (*layer, error) {
	layers, err := c.chosenLayers(env)
	if err == nil && len(layers) > 1 {
		err = refuseOuter(wire.ResultInvalidParameter, "required parameter [nodeId] or [nodeGroup] is missing")
	}
	if err != nil {
		return nil, err
	}
	return layers[0], nil
}

// getVolumes lists the volume paths of a node group, including mount paths. Clients filter those out themselves
// (likely).
func (c *call) getVolumes() (any, error) {
	list := []string{}
	err := c.view(func(t *tx) error {
		env, err := c.environment(t)
		if err != nil {
			return err
		}
		l, err := c.oneLayer(env)
		if err != nil {
			return err
		}
		list = append(append(list, l.Volumes...), l.Declared.Volumes...)
		list = append(list, slices.Collect(maps.Keys(l.Mounts))...)
		slices.Sort(list)
		list = slices.Compact(list)
		return nil
	})
	return objectAnswer{Object: list}, err
}

func (c *call) addVolumes() (any, error) {
	return c.changeVolumes(func(present []string, path string) ([]string, error) {
		if slices.Contains(present, path) {
			return nil, invalid("path", "there is a volume at [%s] already", path)
		}
		return append(slices.Clone(present), path), nil
	})
}

func (c *call) removeVolumes() (any, error) {
	return c.changeVolumes(func(present []string, path string) ([]string, error) {
		if !slices.Contains(present, path) {
			return nil, refuse(wire.ResultObjectNotFound, "there is no volume at [%s]", path)
		}
		return slices.DeleteFunc(slices.Clone(present), func(other string) bool { return other == path }), nil
	})
}

// changeVolumes takes one path from path, or several from volumes.
func (c *call) changeVolumes(change func(present []string, path string) ([]string, error)) (any, error) {
	paths, err := c.names(c.first("path", "volumes"))
	if err != nil {
		return nil, err
	}
	return c.changeInstantly(wire.ActionChangeSettings, []int{wire.StatusRunning}, func(_ *tx, env *environment) error {
		l, err := c.oneLayer(env)
		if err != nil {
			return err
		}
		for _, path := range paths {
			if !strings.HasPrefix(path, "/") {
				return invalid("path", "[%s] is not an absolute path", path)
			}
			if l.Volumes, err = change(l.Volumes, path); err != nil {
				return err
			}
		}
		return nil
	})
}
