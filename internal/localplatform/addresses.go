package localplatform

import (
	"net/netip"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

// family is a kind of address that a data centre gives out.
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

// takeAddress gives out the next free address of the data centre, going round the block so that one just given back
// is not given out again soon. The first two and the last address of a block are nobody's.
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
			return "", noFreeAddress(dc, f) // a block too small for anybody
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

// noFreeAddress carries the platform's own constants in its words; their numbers are not public, so the code is that
// of a limit reached.
func noFreeAddress(dc *Datacenter, f family) error {
	constant := map[family]string{internalAddress: "ENV_NO_FREE_INTERNAL_IP", publicIPv4: "ENV_NO_FREE_EXT_IPV4",
		publicIPv6: "ENV_NO_FREE_EXT_IPV6"}[f]
	return refuse(wire.ResultQuotaLimit, "%s: there is no free %s address in region [%s]", constant, f, dc.Name)
}

// address gives the node its own addresses in the data centre: an internal one, and as many public ones as asked.
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

// resize adds or takes away at the end: the first address is the primary one and stays longest.
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
