package localplatform

import (
	"cmp"
	"regexp"
	"slices"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

func init() {
	register("environment/control", map[string]*method{
		"restartnodes":              {run: (*call).restart, required: []string{"envName"}},
		"restartnodesbygroup":       {run: (*call).restartTelling, required: []string{"envName", "nodeGroup"}},
		"restartnodebyid":           {run: (*call).restart, required: []string{"envName", "nodeId"}},
		"restartcontainerbyid":      {run: (*call).restart, required: []string{"envName", "nodeid"}},
		"redeploycontainers":        {run: (*call).redeploy, required: []string{"envName", "tag"}},
		"redeploycontainersbygroup": {run: (*call).redeployTelling, required: []string{"envName", "nodeGroup", "tag"}},
		"redeploycontainerbyid":     {run: (*call).redeployTelling, required: []string{"envName", "nodeId", "tag"}},
	})
}

// How long the platform needs for one node; our figures. Between nodes that are not done at once it waits as long as
// the layer's settings or the call say.
const (
	restartPerNode  = 15 * time.Second
	redeployOneNode = 20 * time.Second
)

// nodeDown is the part of an operation's time, from 0 to 1, in which a node does not run.
type nodeDown struct {
	NodeID   int64
	From, To float64
}

// nodesAnswer tells of each node how it went. The API description gives it this shape.
type nodesAnswer struct {
	Result    int          `json:"result"`
	Responses []nodeAnswer `json:"responses"`
}

type nodeAnswer struct {
	Result int    `json:"result"`
	NodeID int64  `json:"nodeId"`
	Name   string `json:"name,omitempty"`
	Out    string `json:"out"`
	ErrOut string `json:"errOut"`
}

// turns are how a call goes through nodes.
type turns struct {
	perNode    time.Duration
	delay      time.Duration // between one node and the next
	sequential bool
}

// windows says how long it takes, and when each node is down: all at once, or one after the other.
func (s turns) windows(nodes []*node) (length time.Duration, down []nodeDown) {
	length = s.perNode
	if s.sequential {
		length += time.Duration(len(nodes)-1) * (s.perNode + s.delay)
	}
	for i, n := range nodes {
		from := time.Duration(0)
		if s.sequential {
			from = time.Duration(i) * (s.perNode + s.delay)
		}
		part := func(d time.Duration) float64 { return float64(d) / float64(length) }
		down = append(down, nodeDown{NodeID: n.ID, From: part(from), To: part(from + s.perNode)})
	}
	return length, down
}

// turns reads isSequential and delay (in seconds); what is not said is as the settings of the layer have it.
func (c *call) turns(perNode time.Duration, sequential *boolValue, delay *intValue) (turns, error) {
	s := turns{perNode: perNode, sequential: bool(*sequential), delay: time.Duration(*delay) * time.Second}
	if c.value("isSequential") != "" {
		var err error
		if s.sequential, err = c.boolean("isSequential"); err != nil {
			return s, err
		}
	}
	if c.value("delay") != "" {
		seconds, err := c.integer("delay")
		if err != nil {
			return s, err
		}
		if seconds < 0 {
			return s, invalid("delay", "[%d] is negative", seconds)
		}
		s.delay = time.Duration(seconds) * time.Second
	}
	return s, nil
}

// chosenNodes are the node or the nodes of the layer that the call names; all if it names none.
func (c *call) chosenNodes(env *environment) ([]*node, error) {
	switch {
	case c.value("nodeId") != "":
		n, err := c.node(env)
		return []*node{n}, err
	case c.value("nodeGroup") != "":
		l, err := c.layer(env)
		if err != nil {
			return nil, err
		}
		return env.nodesOf(l.Name), nil
	}
	var all []*node
	for i := range env.Nodes {
		all = append(all, &env.Nodes[i])
	}
	return all, nil
}

// restart restarts nodes of a running environment. That the environment shows as launching meanwhile is our choice: the
// platform's number for it is not public. The action's number is certain (the dashboard's text table).
func (c *call) restart() (any, error) {
	_, err := c.renew(wire.ActionRestart, wire.StatusLaunching, c.restartTurns, nil)
	return nil, err
}

func (c *call) restartTelling() (any, error) {
	return c.renew(wire.ActionRestart, wire.StatusLaunching, c.restartTurns, nil)
}

func (c *call) restartTurns(s groupSettings) (turns, error) {
	return c.turns(restartPerNode, new(boolValue), s.RestartNodeDelay)
}

// redeploy makes containers anew from another tag of their image; what is in volumes and variables stays. Status 12 has
// the word "Redeploying" in the dashboard's text table; which of the two numbers of actions is meant for what is not
// told.
func (c *call) redeploy() (any, error) {
	_, err := c.redeployTelling()
	return nil, err
}

func (c *call) redeployTelling() (any, error) {
	if _, err := c.boolean("useExistingVolumes"); err != nil {
		return nil, err
	}
	kind := wire.ActionRedeployLayer
	if c.value("nodeId") != "" {
		kind = wire.ActionRedeployNode
	}
	of := func(s groupSettings) (turns, error) {
		return c.turns(redeployOneNode, s.IsSequentialDeploy, s.RedeployContainerDelay)
	}
	return c.renew(kind, wire.StatusUpdating, of, c.retag)
}

// renew puts an operation on the environment in which nodes go down and come back. change, if there is one, is what has
// become of them then.
func (c *call) renew(
	kind, status int, of func(groupSettings) (turns, error), change func(*tx, *environment, []*node) error,
) (any, error) {
	answer := nodesAnswer{Responses: []nodeAnswer{}}
	_, err := c.change([]int{wire.StatusRunning}, func(t *tx, env *environment) (operation, time.Duration, error) {
		after := env.copy()
		nodes, err := c.chosenNodes(after)
		if err != nil {
			return operation{}, 0, err
		}
		turns, err := of(after.layer(nodes[0].Layer).Settings.complete())
		if err != nil {
			return operation{}, 0, err
		}
		if change != nil {
			if err := change(t, after, nodes); err != nil {
				return operation{}, 0, err
			}
		}
		for _, n := range nodes {
			answer.Responses = append(answer.Responses, nodeAnswer{NodeID: n.ID, Name: n.DisplayName})
		}
		length, down := turns.windows(nodes)
		return operation{Kind: kind, Status: status, Down: down, After: after}, length, nil
	})
	return answer, err
}

// tagPattern is what image registries allow.
var tagPattern = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$`)

// retag gives nodes another tag. A layer has the tag that all of its nodes have.
func (c *call) retag(t *tx, env *environment, nodes []*node) error {
	tag := c.value("tag")
	if c.value("nodeId") == "" && c.value("nodeGroup") == "" && len(env.Layers) > 1 {
		return refuseOuter(wire.ResultInvalidParameter, "required parameter [nodeId] or [nodeGroup] is missing")
	}
	l := env.layer(nodes[0].Layer)
	s := t.catalogue.stackOf(l)
	next := *l
	next.Tag = tag
	if s.AnyImage && !tagPattern.MatchString(tag) {
		return invalid("tag", "[%s] is not the tag of an image", tag)
	}
	if err := next.completeImage(&s); err != nil {
		return err
	}
	// The platform keeps the credentials of a registry, so those of the creation serve again.
	if c.value("login") != "" || c.value("password") != "" || l.RegistryUserName == "" {
		user := cmp.Or(c.value("login"), l.RegistryUserName)
		next.registry = wire.RegistrySpec{URL: l.RegistryURL, User: user, Password: c.value("password")}
		if err := next.pullable(); err != nil {
			return err
		}
		l.RegistryUserName = next.registry.User
	}
	for _, n := range nodes {
		n.Tag = tag
	}
	all := env.nodesOf(l.Name)
	if !slices.ContainsFunc(all, func(n *node) bool { return n.Tag != tag }) {
		l.Tag = tag
		for _, n := range all {
			n.Tag = ""
		}
	}
	return nil
}
