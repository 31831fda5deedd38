package platform

import (
	"context"
	"encoding/json"
)

// Group is a folder of environments in an account.
type Group struct {
	Name string // slashes show the place in the hierarchy
	// Isolated says whether environments of the group are cut off from the internal network of all others.
	Isolated bool
}

// Groups returns the account's groups in the platform's order.
func (c *Client) Groups(ctx context.Context) ([]Group, error) {
	var answer struct {
		Array json.RawMessage `json:"array"`
	}
	r := read("environment/group/getgroups", "")
	if err := c.call(ctx, r, &answer); err != nil {
		return nil, err
	}
	groups, err := decodeList[struct {
		Name       text `json:"name"`
		IsIsolated flag `json:"isIsolated"`
	}](answer.Array)
	if err != nil {
		return nil, r.malformed(err)
	}
	all := make([]Group, 0, len(groups))
	for _, g := range groups {
		if g.Name != "" {
			all = append(all, Group{Name: string(g.Name), Isolated: bool(g.IsIsolated)})
		}
	}
	return all, nil
}
