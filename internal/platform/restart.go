package platform

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
)

// RestartRequest asks for a restart of all nodes of a node group.
type RestartRequest struct {
	Environment string
	NodeGroup   string
	// RequestKey is any random text. Action.RequestKey returns it, which tells this restart from others; "" sends none.
	// That the action log has the key of a restart is unverified.
	RequestKey string
}

// RedeployRequest asks the platform to recreate all containers of a node group.
type RedeployRequest struct {
	Environment string
	NodeGroup   string
	// Tag is the tag of their image. The platform requires it even if it stays the same (certain: user guide "Container
	// Redeploy API").
	Tag string
	// RequestKey is as in RestartRequest.
	RequestKey string
}

// RestartNodes restarts the nodes of a node group and waits until they run again. The node group's setting decides
// whether all restart at once or one after the other. The method and its parameters envName and nodeGroup are certain
// (public API description 8.0.2), and so is that the answer has a result for every node; that it comes at the end is
// likely, as with every call that takes time. For an environment that is not running the error is IsWrongState
// (likely).
func (c *Client) RestartNodes(ctx context.Context, m RestartRequest) error {
	restart := write(control+"restartnodesbygroup", m.Environment, "nodeGroup", m.NodeGroup)
	return c.eachNode(ctx, marked(restart, m.RequestKey))
}

// RedeployContainers recreates the containers of a node group from a tag of their image and waits until they run again.
// It keeps data in volumes, variables, links and start commands (certain: user guide "Container Redeploy"); everything
// else in the containers' file systems is lost. useExistingVolumes asks to keep the volumes (certain: "Container
// Redeploy API"). Credentials of a private registry are not sent: that the platform remembers those of the creation is
// unverified. What RestartNodes says about answers holds here, too.
func (c *Client) RedeployContainers(ctx context.Context, m RedeployRequest) error {
	return c.eachNode(ctx, marked(write(control+"redeploycontainersbygroup", m.Environment,
		"nodeGroup", m.NodeGroup, "tag", m.Tag, "useExistingVolumes", "true"), m.RequestKey))
}

// marked returns a request with a key for the action log.
func marked(r request, key string) request {
	if key != "" {
		r.parameters.Set("ruk", key)
	}
	return r
}

type nodeOutcome struct {
	Result json.RawMessage `json:"result"`
	NodeID number          `json:"nodeId"`
	NodeLC number          `json:"nodeid"`
	Out    text            `json:"out"`
	ErrOut text            `json:"errOut"`
	Error  text            `json:"error"`
}

// eachNode makes a call whose answer has a result for every node. The call failed if it failed on one of them, whatever
// the overall result is.
func (c *Client) eachNode(ctx context.Context, r request) error {
	var answer struct {
		Responses json.RawMessage `json:"responses"`
	}
	if err := c.call(ctx, r, &answer); err != nil {
		return err
	}
	outcomes, err := decodeList[nodeOutcome](answer.Responses)
	if err != nil {
		return nil //nolint:nilerror // The result of the whole is 0; what is said of nodes may be absent.
	}
	for _, o := range outcomes {
		code, ok := parseNumber(o.Result)
		if !ok || code == 0 {
			continue
		}
		words := fmt.Sprintf("node %d: %s", int64(cmp.Or(o.NodeID, o.NodeLC)), cmp.Or(o.ErrOut, o.Error, o.Out, "no words"))
		return &Error{
			Class: classify(int(code), r.write), Code: int(code), Words: c.redact.with(nil).clean(words, wordsLimit),
			Method: r.method, Environment: r.environment,
		}
	}
	return nil
}
