package localplatform

import (
	"slices"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

// Names of the enforced quotas, as the platform spells them.
const (
	quotaEnvironments = "environment.maxcount"
	quotaNodes        = "environment.maxnodescount"
	quotaSameNodes    = "environment.maxsamenodescount"
	quotaCloudlets    = "environment.maxcloudletsperrec"
	quotaPublicIPs    = "environment.externalip.maxcount"
	quotaNodeIPs      = "environment.externalip.maxcount.per.node"

	// The spelling of these is unverified. For the first two, 1 means allowed.
	quotaHA        = "environment.ha.enabled"
	quotaVPS       = "environment.vds.enabled"
	quotaEndpoints = "environment.endpoint.maxcount"
)

var quotaNames = []string{quotaEnvironments, quotaNodes, quotaSameNodes, quotaCloudlets, quotaPublicIPs, quotaNodeIPs,
	quotaHA, quotaVPS, quotaEndpoints}

// checkQuotas refuses a change that exceeds a limit of the account or the region. before is nil for a new
// environment.
func (t *tx) checkQuotas(account *Account, before, after *environment) error {
	if before == nil {
		if limit, no := t.catalogue.over(account, quotaEnvironments, t.counter(counterEnvironments(account.UID))+1); no {
			return refuse(wire.ResultMaxEnvironments, "ENVIRONMENT_MAX_ENVS_REACHED: the account may have %d environments",
				limit)
		}
	}
	if limit, no := t.catalogue.over(account, quotaNodes, len(after.Nodes)); no {
		return refuse(wire.ResultMaxNodes, "ENVIRONMENT_MAX_NODES_REACHED: an environment may have %d nodes", limit)
	}
	if _, no := t.catalogue.over(account, quotaHA, 1); no && after.HA {
		return refuse(wire.ResultHANotAllowed, "ENVIRONMENT_HA_NOT_ALLOWED: high availability is not allowed for this "+
			"account")
	}
	for i := range after.Layers {
		if err := t.catalogue.checkLayerQuotas(account, after, &after.Layers[i]); err != nil {
			return err
		}
	}
	if limit, no := t.catalogue.over(account, quotaPublicIPs, after.publicIPs()); no &&
		(before == nil || after.publicIPs() > before.publicIPs()) {
		return refuse(wire.ResultQuotaLimit, "ENV_EXT_IPV4_MAXCOUNT: an environment may have %d public addresses", limit)
	}
	grown := after.cloudlets()
	if before != nil {
		grown -= before.cloudlets()
	}
	if grown > 0 {
		return t.checkCapacity(t.catalogue.region(after.Region), grown)
	}
	return nil
}

func (c *Catalogue) checkLayerQuotas(account *Account, env *environment, l *layer) error {
	s := c.stackOf(l)
	if _, no := c.over(account, quotaVPS, 1); no && slices.Contains(s.Layers, "vps") {
		return refuse(wire.ResultVDSNotAllowed, "ENVIRONMENT_VDS_NOT_ALLOWED: virtual private servers are not allowed for "+
			"this account")
	}
	nodes := env.nodesOf(l.Name)
	if limit, no := c.over(account, quotaSameNodes, len(nodes)); no {
		return refuse(wire.ResultMaxSameNodes, "ENVIRONMENT_MAX_SAME_NODES_REACHED: a layer may have %d nodes, [%s] would "+
			"have %d", limit, l.Name, len(nodes))
	}
	for _, n := range nodes {
		if limit, no := c.over(account, quotaCloudlets, n.Flexible); no {
			return refuse(wire.ResultOverCloudlets, "ENVIRONMENT_OVER_CHUNKS: a node may have %d cloudlets, layer [%s] wants %d",
				limit, l.Name, n.Flexible)
		}
		if limit, no := c.over(account, quotaNodeIPs, max(len(n.IPv4), len(n.IPv6))); no {
			return refuse(wire.ResultQuotaLimit, "ENV_NODE_EXT_IPV4_MAXCOUNT: a node may have %d public addresses of a kind",
				limit)
		}
	}
	return nil
}

// over says whether wanted exceeds the account's limit, and returns the limit.
func (c *Catalogue) over(account *Account, quota string, wanted int) (limit int64, over bool) {
	limit, limited := c.quota(account, quota)
	return limit, limited && int64(wanted) > limit
}

// checkCapacity: the platform's code for a full region is not public.
func (t *tx) checkCapacity(r *Region, cloudlets int) error {
	if r.Cloudlets > 0 && t.counter(counterCloudlets(r.Name))+cloudlets > r.Cloudlets {
		return refuse(wire.ResultQuotaLimit, "no available hardware in hardware node group [%s]", r.Name)
	}
	return nil
}

func (e *environment) publicIPs() int {
	sum := 0
	for i := range e.Nodes {
		sum += len(e.Nodes[i].IPv4) + len(e.Nodes[i].IPv6)
	}
	return sum
}
