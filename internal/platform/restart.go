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
	// RequestKey is any random text by which Action.RequestKey tells this very restart from others; "" marks nothing. That
	// the action log carries the key of a restart is unverified.
	RequestKey string
}

// RedeployRequest asks for all containers of a node group to be made anew.
type RedeployRequest struct {
	Environment string
	NodeGroup   string
	// Tag is the tag of their image. The platform requires it, also where it shall stay as it is (certain: user guide
	// "Container Redeploy API").
	Tag string
	// RequestKey is as in RestartRequest.
	RequestKey string
}

// RestartNodes restarts the nodes of a node group and stays until they run again. Whether all restart at once or one
// after the other is the node group's setting. The method and its parameters envName and nodeGroup are certain (public
// API description 8.0.2), that the answer tells of every node is certain, too; that it comes at the end is likely, as
// with every call that takes time. An environment that does not run is IsWrongState (likely).
func (c *Client) RestartNodes(ctx context.Context, m RestartRequest) error {
	restart := write(control+"restartnodesbygroup", m.Environment, "nodeGroup", m.NodeGroup)
	return c.eachNode(ctx, marked(restart, m.RequestKey))
}

// RedeployContainers makes the containers of a node group anew from a tag of their image and stays until they run
// again. Data in volumes, variables, links and start commands stay (certain: user guide "Container Redeploy");
// everything else in the containers' file systems goes. That volumes are kept is asked for by useExistingVolumes
// (certain: "Container Redeploy API"). Credentials of a private registry are not sent: that the platform remembers
// those of the creation is unverified. What RestartNodes says about answers holds here, too.
func (c *Client) RedeployContainers(ctx context.Context, m RedeployRequest) error {
	return c.eachNode(ctx, marked(write(control+"redeploycontainersbygroup", m.Environment,
		"nodeGroup", m.NodeGroup, "tag", m.Tag, "useExistingVolumes", "true"), m.RequestKey))
}

// marked is a request with a key for the action log.
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

// eachNode makes a call whose answer tells of every node how it went. The call failed if it did so on one of them,
// whatever the result of the whole says.
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
