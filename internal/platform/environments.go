package platform

import (
	"context"
	"errors"
)

const control = "environment/control/"

// Environment returns an environment by name. The error is IsMissing if the platform does not know the name.
func (c *Client) Environment(ctx context.Context, name string) (Environment, error) {
	r := read(control+"getenvinfo", name)
	var answer environmentAnswer
	nodes, err := callList(ctx, c, r, &answer, "nodes", keep[nodeAnswer])
	if err != nil {
		return Environment{}, err
	}
	answer.Nodes = nodes
	e := answer.environment()
	if e.Name == "" {
		return Environment{}, r.malformed(errors.New("the answer names no environment"))
	}
	return e, nil
}

// Environments returns all environments that the account owns or shares, in the platform's order. An environment that
// the list omits may still exist; use Environment to check.
func (c *Client) Environments(ctx context.Context) ([]Environment, error) {
	return callList(ctx, c, read(control+"getenvs", ""), nil, "infos", func(info environmentAnswer) (Environment, bool) {
		e := info.environment()
		return e, e.Name != ""
	})
}

// CreateEnvironment creates an environment, waits until the platform has finished, and reads the environment back. If
// reading back fails, it returns the new environment's name together with the error.
func (c *Client) CreateEnvironment(ctx context.Context, spec EnvironmentSpec) (Environment, error) {
	name, err := c.RequestCreation(ctx, spec)
	if err != nil {
		return Environment{}, err
	}
	e, err := c.Environment(ctx, name)
	if err != nil {
		return Environment{Name: name}, err
	}
	return e, nil
}

// RequestCreation creates an environment, waits until the platform has finished, and returns its name.
func (c *Client) RequestCreation(ctx context.Context, spec EnvironmentSpec) (string, error) {
	r := write(control+"createenvironment", "", "env", jsonText(spec.env()), "nodes", jsonText(spec.nodes()))
	r.names = append(namesOfEnvironment(spec.env()), namesOf("a group", spec.Groups...)...)
	for _, n := range spec.nodes() {
		r.names = append(r.names, namesOfNodeGroup(n)...)
	}
	r.environment = spec.Name
	r.confidential = true // the answer may contain the passwords of the new nodes
	for _, g := range spec.NodeGroups {
		r.secrets = append(r.secrets, g.secrets()...)
	}
	if len(spec.Groups) > 0 {
		r.parameters.Set("envGroups", jsonText(spec.Groups))
	}
	var answer struct {
		Response struct {
			Name text `json:"name"`
			Env  struct {
				EnvName text `json:"envName"`
			} `json:"env"`
		} `json:"response"`
	}
	if err := c.call(ctx, r, &answer); err != nil {
		return "", err
	}
	name := spec.Name
	for _, told := range []text{answer.Response.Env.EnvName, answer.Response.Name} {
		if told != "" {
			name = string(told)
		}
	}
	return name, nil
}

// DeleteEnvironment deletes an environment with everything in it. The error is IsMissing if there is none.
func (c *Client) DeleteEnvironment(ctx context.Context, name string) error {
	return c.call(ctx, write(control+"deleteenv", name), nil)
}

// StartEnvironment starts a stopped environment and waits until it is running.
func (c *Client) StartEnvironment(ctx context.Context, name string) error {
	return c.call(ctx, write(control+"startenv", name), nil)
}

// StopEnvironment stops an environment and waits until it is down.
func (c *Client) StopEnvironment(ctx context.Context, name string) error {
	return c.call(ctx, write(control+"stopenv", name), nil)
}

// SetDisplayName sets an environment's display name; "" is expected to remove it (unverified).
func (c *Client) SetDisplayName(ctx context.Context, name, displayName string) error {
	return c.call(ctx, write(control+"setenvdisplayname", name, "displayName", displayName), nil)
}

// SetGroups replaces the set of groups of an environment; an empty set is expected to remove it from all (unverified).
func (c *Client) SetGroups(ctx context.Context, name string, groups []string) error {
	if groups == nil {
		groups = []string{} // the platform expects an array, not null
	}
	r := write(control+"setenvgroup", name, "envGroup", jsonText(groups))
	r.names = namesOf("a group", groups...)
	return c.call(ctx, r, nil)
}

// SetNodeGroupDisplayName sets a node group's display name; "" is expected to remove it (unverified).
func (c *Client) SetNodeGroupDisplayName(ctx context.Context, environment, nodeGroup, displayName string) error {
	return c.call(ctx, write(control+"setnodegroupdisplayname", environment, "nodeGroup", nodeGroup, "displayName",
		displayName), nil)
}
