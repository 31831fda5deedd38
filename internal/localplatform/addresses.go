package localplatform

import (
	"net/netip"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

// family is a kind of address that a data centre assigns.
type family string

const (
	internalAddress family = "internal"
	publicIPv4      family = "ipv4"
	publicIPv6      family = "ipv6"
)

func (dc *Datacenter) block(f family) string {
	switch f {
	case publicIPv4:
		return dc.PublicIPv4
	case publicIPv6:
		return dc.PublicIPv6
	default:
		return dc.Internal
	}
}

// takeAddress assigns the next free address of the data centre. It cycles through the block so that a released
// address is not reused soon. The first two addresses and the last one of a block are never assigned.
func (t *tx) takeAddress(dc *Datacenter, f family, env string) (string, error) {
	prefix, err := netip.ParsePrefix(dc.block(f))
	if err != nil || dc.exhausted[f] {
		return "", noFreeAddress(dc, f)
	}
	prefix = prefix.Masked()
	taken, cursors := t.bolt.Bucket(bucketAddresses), t.bolt.Bucket(bucketCursors)
	first := prefix.Addr().Next().Next()
	address, err := netip.ParseAddr(string(cursors.Get([]byte(prefix.String()))))
	if err != nil {
		address = first.Prev()
	}
	for start := address; ; {
		address = address.Next()
		if !prefix.Contains(address.Next()) {
			address = first
		}
		if !prefix.Contains(address.Next()) {
			return "", noFreeAddress(dc, f) // the block is too small
		}
		if taken.Get([]byte(address.String())) == nil {
			break
		}
		if address == start {
			return "", noFreeAddress(dc, f)
		}
	}
	text := address.String()
	if err := taken.Put([]byte(text), []byte(env)); err != nil {
		return "", err
	}
	return text, cursors.Put([]byte(prefix.String()), []byte(text))
}

// noFreeAddress uses the platform's constants in its message. Their numbers are not public, so the code is the one
// for a reached limit.
func noFreeAddress(dc *Datacenter, f family) error {
	constant := map[family]string{internalAddress: "ENV_NO_FREE_INTERNAL_IP", publicIPv4: "ENV_NO_FREE_EXT_IPV4",
		publicIPv6: "ENV_NO_FREE_EXT_IPV6"}[f]
	return refuse(wire.ResultQuotaLimit, "%s: there is no free %s address in region [%s]", constant, f, dc.Name)
}

// address assigns one internal address to the node and adjusts its public addresses to the requested counts.
func (t *tx) address(n *node, dc *Datacenter, env string, ipv4, ipv6 int) (err error) {
	if n.IntIP == "" {
		if n.IntIP, err = t.takeAddress(dc, internalAddress, env); err != nil {
			return err
		}
	}
	if n.IPv4, err = t.resize(n.IPv4, dc, publicIPv4, env, ipv4); err != nil {
		return err
	}
	n.IPv6, err = t.resize(n.IPv6, dc, publicIPv6, env, ipv6)
	return err
}

// resize adds and removes addresses at the end of the list, because the first one is the primary address.
func (t *tx) resize(list []string, dc *Datacenter, f family, env string, count int) ([]string, error) {
	for len(list) < count {
		address, err := t.takeAddress(dc, f, env)
		if err != nil {
			return nil, err
		}
		list = append(list, address)
	}
	return list[:count:count], nil
}
