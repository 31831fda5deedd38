package localplatform

import (
	"slices"
	"strconv"
	"strings"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

func init() {
	register("environment/binder", map[string]*method{
		"setextipcount":   {run: (*call).setExtIPCount, required: []string{"envName", "type", "count"}},
		"bindextdomain":   {run: (*call).bindExtDomain, required: []string{"envName", "extdomain"}},
		"bindextdomains":  {run: (*call).bindExtDomains, required: []string{"envName", "extDomains"}},
		"removeextdomain": {run: (*call).removeExtDomain, required: []string{"envName", "extdomain"}},
		"getextdomains":   {run: (*call).getExtDomains, reads: true},
	})
}

type addressView struct {
	IPAddress string `json:"ipAddress"`
	Type      string `json:"type"`
	Domain    string `json:"domain,omitempty"`
	IsBusy    bool   `json:"isBusy"`
	AppID     string `json:"appid,omitempty"`
}

type addressesAnswer struct {
	Result      int                      `json:"result"`
	IPAddresses map[string][]addressView `json:"ipAddresses"`
}

// setExtIPCount sets the number of public addresses of a node, or of every node of a node group. The primary address
// is removed last.
func (c *call) setExtIPCount() (any, error) {
	kind := strings.ToUpper(c.value("type"))
	if kind != "IPV4" && kind != "IPV6" {
		return nil, invalid("type", "[%s] is neither ipv4 nor ipv6", c.value("type"))
	}
	count, err := c.integer("count")
	if err != nil {
		return nil, err
	}
	if count < 0 {
		return nil, invalid("count", "[%d] is negative", count)
	}
	answer := addressesAnswer{IPAddresses: map[string][]addressView{}}
	_, err = c.changeInstantly(wire.ActionSetPublicIP,
		[]int{wire.StatusRunning, wire.StatusDown}, func(t *tx, env *environment) error {
			before := env.copy()
			nodes, err := c.addressedNodes(env, kind, count)
			if err != nil {
				return err
			}
			region := t.catalogue.region(env.Region)
			if region == nil {
				return refuse(wire.ResultFailed, "hardware node group [%s] is not available", env.Region)
			}
			for _, n := range nodes {
				ipv4, ipv6 := len(n.IPv4), len(n.IPv6)
				list := &n.IPv4
				if kind == "IPV6" {
					ipv6, list = count, &n.IPv6
				} else {
					ipv4 = count
				}
				if err := t.address(n, region.datacenter, env.Name, ipv4, ipv6); err != nil {
					return err
				}
				views := []addressView{}
				for _, address := range *list {
					views = append(views, addressView{IPAddress: address, Type: kind, IsBusy: true, AppID: env.AppID})
				}
				answer.IPAddresses[strconv.FormatInt(n.ID, 10)] = views
			}
			return t.checkQuotas(t.catalogue.account(env.Owner), before, env)
		})
	return answer, err
}

// addressedNodes returns the nodes that the call names. For a node group it also sets the number of addresses of
// future nodes.
func (c *call) addressedNodes(env *environment, kind string, count int) ([]*node, error) {
	if c.value("nodeId") != "" {
		n, err := c.node(env)
		return []*node{n}, err
	}
	if c.value("nodeGroup") == "" {
		return nil, refuseOuter(wire.ResultInvalidParameter, "required parameter [nodeId] or [nodeGroup] is missing")
	}
	l, err := c.layer(env)
	if err != nil {
		return nil, err
	}
	if kind == "IPV6" {
		l.ExtIPv6 = count
	} else {
		l.ExtIPv4 = count
	}
	return env.nodesOf(l.Name), nil
}

type domainView struct {
	Domain  string `json:"domain"`
	AppID   string `json:"appid,omitempty"`
	EnvName string `json:"envName,omitempty"`
}

type domainsAnswer struct {
	Result     int          `json:"result"`
	ExtDomain  *domainView  `json:"extDomain,omitempty"`
	ExtDomains []domainView `json:"extDomains"`
}

func (c *call) bindExtDomain() (any, error) {
	answer, err := c.bind(c.value("extdomain"))
	if err == nil {
		answer.ExtDomain = &answer.ExtDomains[0]
	}
	return answer, err
}

// bindExtDomains binds a comma-separated list of domains, either all or none.
func (c *call) bindExtDomains() (any, error) {
	return c.bind(strings.Split(c.value("extDomains"), ",")...)
}

// bind binds domains to the environment. A domain can be bound only once on the whole platform, whoever owns the
// environment.
func (c *call) bind(domains ...string) (domainsAnswer, error) {
	var answer domainsAnswer
	_, err := c.changeInstantly(wire.ActionBindDomain, idleStatuses, func(t *tx, env *environment) error {
		for _, domain := range domains {
			domain = strings.ToLower(strings.TrimSpace(domain))
			host := strings.TrimPrefix(domain, "*.")
			if !domainPattern.MatchString(host) {
				return invalid("extdomain", "[%s] is not a domain name", domain)
			}
			// The constant is the platform's; its number is not public.
			if t.catalogue.ownsDomain(host) {
				return refuse(wire.ResultFailed, "ENV_EXT_DOMAIN_NOT_ALLOWED: domain [%s] belongs to the platform", domain)
			}
			if t.bolt.Bucket(bucketDomains).Get([]byte(domain)) != nil || slices.Contains(env.ExtDomains, domain) {
				return refuse(wire.ResultDomainBusy, "domain [%s] is busy", domain)
			}
			env.ExtDomains = append(env.ExtDomains, domain)
			answer.ExtDomains = append(answer.ExtDomains, domainView{Domain: domain, AppID: env.AppID, EnvName: env.Name})
		}
		return nil
	})
	return answer, err
}

// ownsDomain says whether the domain is, or is below, a domain of one of the platform's data centres.
func (c *Catalogue) ownsDomain(domain string) bool {
	return slices.ContainsFunc(c.Datacenters, func(dc Datacenter) bool {
		return domain == dc.Domain || strings.HasSuffix(domain, "."+dc.Domain)
	})
}

func (c *call) removeExtDomain() (any, error) {
	domain := strings.ToLower(strings.TrimSpace(c.value("extdomain")))
	return c.changeInstantly(wire.ActionRemoveDomain, idleStatuses, func(_ *tx, env *environment) error {
		i := slices.Index(env.ExtDomains, domain)
		if i < 0 {
			return refuse(wire.ResultDomainNotFound, "domain [%s] to unbind not found", domain)
		}
		env.ExtDomains = slices.Delete(env.ExtDomains, i, i+1)
		return nil
	})
}

func (c *call) getExtDomains() (any, error) {
	answer := domainsAnswer{ExtDomains: []domainView{}}
	list := func(env *environment) {
		for _, domain := range env.ExtDomains {
			answer.ExtDomains = append(answer.ExtDomains, domainView{Domain: domain, AppID: env.AppID, EnvName: env.Name})
		}
	}
	err := c.view(func(t *tx) error {
		if c.target() != "" {
			env, err := c.environment(t)
			if err == nil {
				list(env)
			}
			return err
		}
		return c.environments(t, func(env *environment) error {
			if env.Owner == c.owner.UID && t.rightOn(c.account, env) != "" {
				list(env)
			}
			return nil
		})
	})
	return answer, err
}
