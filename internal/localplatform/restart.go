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
		"restartnodesbygroup":       {run: (*call).restartWithResults, required: []string{"envName", "nodeGroup"}},
		"restartnodebyid":           {run: (*call).restart, required: []string{"envName", "nodeId"}},
		"restartcontainerbyid":      {run: (*call).restart, required: []string{"envName", "nodeid"}},
		"redeploycontainers":        {run: (*call).redeploy, required: []string{"envName", "tag"}},
		"redeploycontainersbygroup": {run: (*call).redeployWithResults, required: []string{"envName", "nodeGroup", "tag"}},
		"redeploycontainerbyid":     {run: (*call).redeployWithResults, required: []string{"envName", "nodeId", "tag"}},
	})
}

// How long the platform takes for one node. The figures are our choice. If nodes take turns, it also waits between
// them, for the delay in the call or in the node group's settings.
const (
	restartPerNode  = 15 * time.Second
	redeployOneNode = 20 * time.Second
)

// nodeDown is the fraction of an operation, from 0 to 1, during which a node is down.
type nodeDown struct {
	NodeID   int64
	From, To float64
}

// nodesAnswer has the result of each node, in the shape that the API description gives.
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

// turns say how a call works through nodes.
type turns struct {
	perNode    time.Duration
	delay      time.Duration // between one node and the next
	sequential bool
}

// windows returns the total time and when each node is down: all at once or one after the other.
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

// turns reads isSequential and delay (in seconds), which default to sequential and delay.
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

// chosenNodes returns the node or the nodes of the node group that the call names, or all nodes if it names none.
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

// restart restarts nodes of a running environment. The status during a restart is our choice (launching), because the
// platform's is not public. The action's number is certain (the dashboard's text table).
func (c *call) restart() (any, error) {
	_, err := c.restartNodes(wire.ActionRestart, wire.StatusLaunching, c.restartTurns, nil)
	return nil, err
}

func (c *call) restartWithResults() (any, error) {
	return c.restartNodes(wire.ActionRestart, wire.StatusLaunching, c.restartTurns, nil)
}

func (c *call) restartTurns(s groupSettings) (turns, error) {
	return c.turns(restartPerNode, new(boolValue), s.RestartNodeDelay)
}

// redeploy recreates containers from another tag of their image and keeps volumes and variables. The dashboard's text
// table calls status 12 "Redeploying". Which of the two action numbers stands for which call is not public.
func (c *call) redeploy() (any, error) {
	_, err := c.redeployWithResults()
	return nil, err
}

func (c *call) redeployWithResults() (any, error) {
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
	return c.restartNodes(kind, wire.StatusUpdating, of, c.retag)
}

// restartNodes starts an operation in which nodes go down and come back. change, if not nil, makes their new state.
func (c *call) restartNodes(
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

// tagPattern matches the tags that image registries allow.
var tagPattern = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$`)

// retag gives nodes another tag. A node group has the tag that all its nodes share.
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
	// The platform keeps a registry's credentials, so a redeployment can use those of the creation.
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
