package platform

import (
	"context"
	"strconv"
)

// Family is an IP version.
type Family string

// Families of public addresses.
const (
	IPv4 Family = "ipv4"
	IPv6 Family = "ipv6"
)

// SetPublicAddressCount sets the number of public addresses of a family, 0 or more, for every node of a node group. The
// platform removes the primary address last.
func (c *Client) SetPublicAddressCount(
	ctx context.Context, environment, nodeGroup string, family Family, perNode int,
) error {
	return c.call(ctx, write("environment/binder/setextipcount", environment,
		"nodeGroup", nodeGroup, "type", string(family), "count", strconv.Itoa(perNode)), nil)
}
