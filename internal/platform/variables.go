package platform

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/sanitize"
)

// Variables returns the environment variables of a node group, including those that the platform sets. Values may be
// secrets. The platform reports them only while the environment is running or being created; otherwise the error is
// IsWrongState.
func (c *Client) Variables(ctx context.Context, environment, nodeGroup string) (map[string]string, error) {
	var answer struct {
		Object json.RawMessage `json:"object"`
	}
	r := read(control+"getcontainerenvvarsbygroup", environment, "nodeGroup", nodeGroup)
	r.confidential = true
	if err := c.call(ctx, r, &answer); err != nil {
		return nil, err
	}
	variables := map[string]string{}
	if len(answer.Object) == 0 || string(answer.Object) == "null" {
		return variables, nil
	}
	var values map[string]json.RawMessage
	if json.Unmarshal(answer.Object, &values) != nil {
		return nil, r.malformed(errors.New("the answer has something else where the variables should be"))
	}
	for name, value := range values {
		var written string
		if json.Unmarshal(value, &written) != nil { // a bare number or boolean counts as its text
			written = string(value)
		}
		variables[sanitize.Clean(name)] = written // values are the user's own: never altered and never shown
	}
	return variables, nil
}

// SetVariables adds or overwrites the named variables of a node group and leaves all others unchanged. The platform
// decides whether running processes see them before their next start.
func (c *Client) SetVariables(ctx context.Context, environment, nodeGroup string, variables map[string]string) error {
	if len(variables) == 0 {
		return nil
	}
	r := write(control+"addcontainerenvvars", environment, "nodeGroup", nodeGroup, "vars", jsonText(variables))
	r.secrets = slices.Collect(maps.Values(variables))
	return c.call(ctx, r, nil)
}

// RemoveVariables removes the named variables of a node group and leaves all others unchanged. The platform is expected
// to ignore names that do not exist (unverified).
func (c *Client) RemoveVariables(ctx context.Context, environment, nodeGroup string, names []string) error {
	if len(names) == 0 {
		return nil
	}
	r := write(control+"removecontainerenvvars", environment, "nodeGroup", nodeGroup, "vars", jsonText(names))
	r.names = namesOf("a variable", names...)
	return c.call(ctx, r, nil)
}
