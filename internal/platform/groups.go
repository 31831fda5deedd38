package platform

import "context"

// Group is a folder of environments in an account.
type Group struct {
	Name string // slashes show the place in the hierarchy
	// Isolated reports whether the group's environments are cut off from the internal network of all others.
	Isolated bool
}

// Groups returns the account's groups in the platform's order.
func (c *Client) Groups(ctx context.Context) ([]Group, error) {
	return callList(ctx, c, read("environment/group/getgroups", ""), nil, "array", func(g groupAnswer) (Group, bool) {
		return Group{Name: string(g.Name), Isolated: bool(g.IsIsolated)}, g.Name != ""
	})
}

type groupAnswer struct {
	Name       text `json:"name"`
	IsIsolated flag `json:"isIsolated"`
}
