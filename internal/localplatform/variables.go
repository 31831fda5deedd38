package localplatform

import (
	"maps"
	"strconv"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

func init() {
	register("environment/control", map[string]*method{
		"getcontainerenvvars":        {run: (*call).getVariables, required: []string{"envName"}, reads: true},
		"getcontainerenvvarsbygroup": {run: (*call).getVariables, required: []string{"envName", "nodeGroup"}, reads: true},
		"addcontainerenvvars":        {run: (*call).addVariables, required: []string{"envName", "vars"}},
		"setcontainerenvvars":        {run: (*call).setVariables, required: []string{"envName", "vars"}},
		"setcontainerenvvarsbygroup": {run: (*call).setVariables, required: []string{"envName", "nodeGroup", "data"}},
		"removecontainerenvvars":     {run: (*call).removeVariables, required: []string{"envName", "vars"}},
	})
}

// getVariables returns the variables of a node, or those that every node of a node group gets. Variables can be read
// only while the environment runs or is being created.
func (c *call) getVariables() (any, error) {
	var variables map[string]string
	err := c.view(func(t *tx) error {
		env, err := c.environment(t)
		if err != nil {
			return err
		}
		readable := []int{wire.StatusRunning, wire.StatusCreating, wire.StatusCloning}
		switch status := env.status(t.instantOf(env)); status {
		case wire.StatusRunning, wire.StatusCreating, wire.StatusCloning:
		default:
			return wrongStatus(env, status, readable)
		}
		targets, err := c.variableTargets(env)
		if err != nil {
			return err
		}
		variables = t.platformVariables(env, targets)
		for name, value := range *targets.variables[0] {
			variables[name] = value
		}
		return nil
	})
	return objectAnswer{Object: variables}, err
}

// platformVariables are the variables that the platform sets itself.
func (t *tx) platformVariables(env *environment, targets targets) map[string]string {
	s := t.catalogue.stackOf(targets.layer)
	variables := map[string]string{"STACK_NAME": s.NodeType, "STACK_VERSION": targets.layer.Tag, "HOST_GROUP": env.Region}
	for _, n := range env.nodesOf(targets.layer.Name) {
		if n.Master {
			variables["MASTER_ID"], variables["MASTER_IP"] = strconv.FormatInt(n.ID, 10), n.IntIP
		}
	}
	return variables
}

// targets are the sets of variables that a call covers: a node's, or a node group's and those of all its nodes.
type targets struct {
	layer     *layer
	variables []*map[string]string
}

func (c *call) variableTargets(env *environment) (targets, error) {
	if c.value("nodeId") != "" {
		n, err := c.node(env)
		if err != nil {
			return targets{}, err
		}
		return targets{layer: env.layer(n.Layer), variables: []*map[string]string{&n.Env}}, nil
	}
	if c.value("nodeGroup") == "" {
		return targets{}, refuseOuter(wire.ResultInvalidParameter, "required parameter [nodeId] or [nodeGroup] is missing")
	}
	l, err := c.layer(env)
	if err != nil {
		return targets{}, err
	}
	list := []*map[string]string{&l.Env}
	for _, n := range env.nodesOf(l.Name) {
		list = append(list, &n.Env)
	}
	return targets{layer: l, variables: list}, nil
}

func (c *call) addVariables() (any, error) {
	return c.changeVariables(func(present, sent map[string]string) map[string]string {
		maps.Copy(present, sent)
		return present
	})
}

// setVariables replaces the variables set by users and images. Those set by the platform stay.
func (c *call) setVariables() (any, error) {
	return c.changeVariables(func(_, sent map[string]string) map[string]string { return maps.Clone(sent) })
}

func (c *call) changeVariables(change func(present, sent map[string]string) map[string]string) (any, error) {
	parameter := c.first("vars", "data")
	var sent textMap
	if err := c.decode(parameter, &sent); err != nil {
		return nil, err
	}
	return c.eachVariables(func(present map[string]string) map[string]string { return change(present, sent) })
}

func (c *call) removeVariables() (any, error) {
	names, err := c.names("vars")
	if err != nil {
		return nil, err
	}
	return c.eachVariables(func(present map[string]string) map[string]string {
		for _, name := range names {
			delete(present, name)
		}
		return present
	})
}

func (c *call) eachVariables(change func(map[string]string) map[string]string) (any, error) {
	return c.changeInstantly(wire.ActionChangeSettings, []int{wire.StatusRunning}, func(_ *tx, env *environment) error {
		targets, err := c.variableTargets(env)
		if err != nil {
			return err
		}
		for _, variables := range targets.variables {
			if *variables == nil {
				*variables = map[string]string{}
			}
			*variables = change(*variables)
		}
		return nil
	})
}
