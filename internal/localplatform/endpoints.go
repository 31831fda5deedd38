package localplatform

import (
	"slices"
	"strconv"
	"strings"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

func init() {
	register("environment/control", map[string]*method{
		"addendpoint":    {run: (*call).addEndpoint, required: []string{"envName", "nodeId", "privatePort"}},
		"getendpoints":   {run: (*call).getEndpoints, required: []string{"envName"}, reads: true},
		"removeendpoint": {run: (*call).removeEndpoint, required: []string{"envName", "id"}},
	})
}

const counterEndpoints = "endpoints"

// openEndpoint makes a port of the node reachable from outside, at an unused public port.
func (t *tx) openEndpoint(env *environment, n *node, name, protocol string, port int) (wire.Endpoint, error) {
	e := wire.Endpoint{Name: name, PrivatePort: port, Protocol: strings.ToUpper(protocol)}
	if e.Protocol == "" {
		e.Protocol = "TCP"
	}
	switch {
	case e.Protocol != "TCP" && e.Protocol != "UDP":
		return e, invalid("protocol", "[%s] is neither TCP nor UDP", protocol)
	case port < 1 || port > 65535:
		return e, invalid("privatePort", "[%d] is not a port", port)
	}
	if limit, limited := t.catalogue.quota(t.catalogue.account(env.Owner), quotaEndpoints); limited &&
		int64(env.endpoints()) >= limit {
		return e, refuse(wire.ResultEndpointsNotAllowed, "an environment may have %d endpoints", limit)
	}
	if err := t.count(counterEndpoints, 1); err != nil {
		return e, err
	}
	number := t.counter(counterEndpoints)
	e.ID, e.PublicPort = int64(number), 11000+number%50000
	n.Endpoints = append(n.Endpoints, e)
	return e, nil
}

func (e *environment) endpoints() int {
	sum := 0
	for i := range e.Nodes {
		sum += len(e.Nodes[i].Endpoints)
	}
	return sum
}

func showEndpoints(n *node, domain string) []wire.Endpoint {
	list := append([]wire.Endpoint{}, n.Endpoints...)
	for i := range list {
		list[i].Domain = "node" + strconv.FormatInt(n.ID, 10) + "-" + domain
	}
	return list
}

// getEndpoints lists the endpoints of the node, or of all nodes if the call has no nodeId.
func (c *call) getEndpoints() (any, error) {
	list := []wire.Endpoint{}
	err := c.view(func(t *tx) error {
		env, err := c.environment(t)
		if err != nil {
			return err
		}
		nodes, err := c.chosenNodes(env)
		if err != nil {
			return err
		}
		for _, n := range nodes {
			list = append(list, showEndpoints(n, env.Domain)...)
		}
		return nil
	})
	return arrayAnswer{Array: list}, err
}

func (c *call) addEndpoint() (any, error) {
	port, err := c.integer("privatePort")
	if err != nil {
		return nil, err
	}
	var answer objectAnswer
	_, err = c.changeInstantly(wire.ActionChangeSettings, []int{wire.StatusRunning}, func(t *tx, env *environment) error {
		n, err := c.node(env)
		if err != nil {
			return err
		}
		answer.Object, err = t.openEndpoint(env, n, c.value("name"), c.value("protocol"), port)
		return err
	})
	return answer, err
}

func (c *call) removeEndpoint() (any, error) {
	id, err := c.integer("id")
	if err != nil {
		return nil, err
	}
	return c.changeInstantly(wire.ActionChangeSettings, []int{wire.StatusRunning}, func(_ *tx, env *environment) error {
		for i := range env.Nodes {
			n := &env.Nodes[i]
			if k := slices.IndexFunc(n.Endpoints, func(e wire.Endpoint) bool { return e.ID == int64(id) }); k >= 0 {
				n.Endpoints = slices.Delete(n.Endpoints, k, k+1)
				return nil
			}
		}
		return refuse(wire.ResultObjectNotFound, "endpoint [%d] not found", id)
	})
}
