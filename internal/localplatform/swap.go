package localplatform

import (
	"slices"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

func init() {
	register("environment/binder", map[string]*method{
		"swapextips": {run: (*call).swapExtIPs, required: []string{"envName", "sourceNodeId", "targetNodeId"}},
	})
	// A guide of the platform still shows both calls in this service, and the swap with other names for the target.
	register("environment/control", map[string]*method{
		"setextipcount": {run: (*call).setExtIPCount, required: []string{"envName", "type", "count"}},
		"swapextips":    {run: (*call).swapExtIPs, required: []string{"envName", "sourceNodeId"}},
	})
}

// swappedAnswer lists the two nodes after the swap.
type swappedAnswer struct {
	Result int        `json:"result"`
	Nodes  []nodeView `json:"nodes"`
}

// swapExtIPs swaps public IPv4 addresses between two running nodes in one region, which may be in two environments of
// one owner (certain: the API description and the guide). With only sourceIp, that address moves to the other node.
// With neither address, all are swapped.
func (c *call) swapExtIPs() (any, error) {
	source, err := c.integer("sourceNodeId")
	if err != nil {
		return nil, err
	}
	target, err := c.integer(c.first("targetNodeId", "destNodeId"))
	if err != nil {
		return nil, err
	}
	answer := swappedAnswer{Nodes: []nodeView{}}
	_, err = c.changeInstantly(wire.ActionSwapPublicIP, []int{wire.StatusRunning}, func(t *tx, env *environment) error {
		from := env.node(int64(source))
		if from == nil {
			return invalid("sourceNodeId", "environment [%s] has no node [%d]", env.Name, source)
		}
		other, err := c.otherEnvironment(t, env, int64(target))
		if err != nil {
			return err
		}
		if other.Region != env.Region {
			return invalid("targetNodeId", "nodes [%d] and [%d] are in different regions [%s] and [%s]",
				source, target, env.Region, other.Region)
		}
		targetIP := c.value(c.first("targetIp", "destIp"))
		if err := swap(from, other.node(int64(target)), c.value("sourceIp"), targetIP); err != nil {
			return err
		}
		if other != env {
			if err := t.put(other); err != nil {
				return err
			}
		}
		for _, one := range []struct {
			env *environment
			id  int
		}{{env, source}, {other, target}} {
			n := one.env.node(int64(one.id))
			l := one.env.layer(n.Layer)
			s := t.catalogue.stackOf(l)
			answer.Nodes = append(answer.Nodes, t.showNode(one.env, l, n, &s))
		}
		return nil
	})
	return answer, err
}

// otherEnvironment returns the node's environment: env itself, or another one of its owner that the caller may
// change.
func (c *call) otherEnvironment(t *tx, env *environment, id int64) (*environment, error) {
	if env.node(id) != nil {
		return env, nil
	}
	var found *environment
	err := t.environments(func(other *environment) error {
		if other.Name != env.Name && other.Owner == env.Owner && other.node(id) != nil && t.rightOn(c.account, other) != "" {
			found = other
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if found == nil {
		return nil, invalid("targetNodeId", "node [%d] not exist", id)
	}
	if err := c.permitted(t, found); err != nil {
		return nil, err
	}
	if status := found.currentStatus(t.now); status != wire.StatusRunning {
		return nil, wrongStatus(found, status, []int{wire.StatusRunning})
	}
	return found.copy(), nil
}

// swap exchanges two addresses, or all. If one of the two is empty, the other one only moves. Swapped addresses keep
// their places in the lists, so a primary address replaces a primary one.
func swap(from, to *node, sourceIP, targetIP string) error {
	if from == to {
		return invalid("targetNodeId", "node [%d] is the source itself", from.ID)
	}
	if sourceIP == "" && targetIP == "" {
		if len(from.IPv4)+len(to.IPv4) == 0 {
			return invalid("sourceNodeId", "neither node [%d] nor node [%d] has a public IPv4 address", from.ID, to.ID)
		}
		from.IPv4, to.IPv4 = to.IPv4, from.IPv4
		return nil
	}
	i, k := slices.Index(from.IPv4, sourceIP), slices.Index(to.IPv4, targetIP)
	switch {
	case sourceIP != "" && i < 0:
		return invalid("sourceIp", "node [%d] has no public IPv4 address [%s]", from.ID, sourceIP)
	case targetIP != "" && k < 0:
		return invalid("targetIp", "node [%d] has no public IPv4 address [%s]", to.ID, targetIP)
	case sourceIP == "":
		to.IPv4, from.IPv4 = slices.Delete(slices.Clone(to.IPv4), k, k+1), append(slices.Clone(from.IPv4), targetIP)
	case targetIP == "":
		from.IPv4, to.IPv4 = slices.Delete(slices.Clone(from.IPv4), i, i+1), append(slices.Clone(to.IPv4), sourceIP)
	default:
		from.IPv4[i], to.IPv4[k] = targetIP, sourceIP
	}
	return nil
}
