package localplatform

import (
	"errors"
	"fmt"
	"net/mail"
	"net/netip"
	"regexp"
	"slices"
)

var (
	namePattern   = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9_-]*$`)
	domainPattern = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$`)
)

// check reports all mistakes in the catalogue at once.
func (c *Catalogue) check() error {
	check := catalogueCheck{catalogue: c, seen: map[string]bool{}}
	regions := 0
	for i := range c.Datacenters {
		check.checkDatacenter(&c.Datacenters[i])
		regions += len(c.Datacenters[i].Regions)
	}
	if regions == 0 {
		check.addError("there is no region")
	}
	if c.Currency == "" {
		check.addError("currency is missing")
	}
	check.checkLiveMigration()
	check.checkAccounts()
	check.checkStacks()
	return errors.Join(check.errs...)
}

// catalogueCheck collects mistakes in a catalogue.
type catalogueCheck struct {
	catalogue *Catalogue
	errs      []error
	seen      map[string]bool // "region north"
	blocks    []netip.Prefix
}

func (c *catalogueCheck) addError(format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf(format, args...))
}

// checkUnique reports duplicates.
func (c *catalogueCheck) checkUnique(kind, name string) {
	if c.seen[kind+" "+name] {
		c.addError("%s %q is listed twice", kind, name)
	}
	c.seen[kind+" "+name] = true
}

func (c *catalogueCheck) checkDatacenter(dc *Datacenter) {
	if !namePattern.MatchString(dc.Name) {
		c.addError("data centre %q: the name must be made of letters, digits, hyphens and underscores", dc.Name)
	}
	c.checkUnique("data centre", dc.Name)
	if !domainPattern.MatchString(dc.Domain) {
		c.addError("data centre %q: domain %q is not a domain name", dc.Name, dc.Domain)
	}
	for what, block := range map[string]string{"internal": dc.Internal, "publicIPv4": dc.PublicIPv4,
		"publicIPv6": dc.PublicIPv6} {
		if block != "" || len(dc.Regions) > 0 && what == "internal" {
			c.checkBlock(dc, what, block)
		}
	}
	for i := range dc.Regions {
		c.checkRegion(&dc.Regions[i])
	}
}

func (c *catalogueCheck) checkBlock(dc *Datacenter, what, block string) {
	prefix, err := netip.ParsePrefix(block)
	if err != nil || prefix.Addr().Is6() != (what == "publicIPv6") {
		c.addError("data centre %q: %s %q is not an address block of that kind", dc.Name, what, block)
		return
	}
	for _, other := range c.blocks {
		if other.Overlaps(prefix) {
			c.addError("data centre %q: %s %s overlaps with %s", dc.Name, what, prefix, other)
		}
	}
	c.blocks = append(c.blocks, prefix)
}

func (c *catalogueCheck) checkRegion(r *Region) {
	if !namePattern.MatchString(r.Name) {
		c.addError("region %q: the name must be made of letters, digits, hyphens and underscores", r.Name)
	}
	c.checkUnique("region", r.Name)
	if r.Cloudlets < 0 {
		c.addError("region %q: cloudlets must not be negative", r.Name)
	}
	for _, v := range r.Virtualization {
		if v != "CT" && v != "VM" {
			c.addError("region %q: virtualization %q is neither CT nor VM", r.Name, v)
		}
	}
	r.Prices.each(func(what string, tiers []Tier) {
		for i, t := range tiers {
			if t.Price < 0 || t.Free < 0 || (i > 0 && t.From <= tiers[i-1].From) {
				c.addError("region %q: the tiers of %s must rise in from and not be negative", r.Name, what)
				break
			}
		}
	})
}

func (c *catalogueCheck) checkLiveMigration() {
	for _, p := range c.catalogue.LiveMigration {
		for _, name := range p.Between {
			if c.catalogue.region(name) == nil {
				c.addError("liveMigration names the unknown region %q", name)
			}
		}
	}
}

func (c *catalogueCheck) checkStacks() {
	for _, s := range c.catalogue.Stacks {
		if s.NodeType == "" || len(s.Layers) == 0 {
			c.addError("stack %q: nodeType and layers are needed", s.NodeType)
		}
		c.checkUnique("stack", s.NodeType)
	}
	if len(c.catalogue.Stacks) == 0 {
		c.addError("there is no stack")
	}
}

func (c *catalogueCheck) checkAccounts() {
	if len(c.catalogue.Accounts) == 0 {
		c.addError("there is no account")
	}
	uids, tokens := map[int64]bool{}, map[string]bool{}
	for _, a := range c.catalogue.Accounts {
		if _, err := mail.ParseAddress(a.Email); a.UID <= 0 || err != nil {
			c.addError("account %d: a uid and an email address are needed", a.UID)
		}
		if uids[a.UID] {
			c.addError("account %d is listed twice", a.UID)
		}
		uids[a.UID] = true
		for _, t := range a.Tokens {
			if t.Token == "" || tokens[t.Token] {
				c.addError("account %d: a token is empty or listed twice", a.UID)
			}
			tokens[t.Token] = true
		}
		for _, m := range a.Collaborators {
			if c.catalogue.account(m.UID) == nil || m.UID == a.UID {
				c.addError("account %d: collaborator %d is no other account", a.UID, m.UID)
			}
			if !slices.Contains([]string{RoleViewer, RoleDeveloper, RoleAdmin}, m.Role) {
				c.addError("account %d: role %q of collaborator %d is not viewer, developer or admin", a.UID, m.Role, m.UID)
			}
		}
	}
}
