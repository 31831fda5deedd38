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

// SetPublicAddressCount gives every node of a layer that many public addresses of a family, from 0 on. Of the present
// ones, the primary address is the last to go.
func (c *Client) SetPublicAddressCount(
	ctx context.Context, environment, nodeGroup string, family Family, perNode int,
) error {
	return c.call(ctx, write("environment/binder/setextipcount", environment,
		"nodeGroup", nodeGroup, "type", string(family), "count", strconv.Itoa(perNode)), nil)
}
