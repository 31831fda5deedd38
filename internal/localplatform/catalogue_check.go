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

// check lists what is wrong with the catalogue, all of it at once.
func (c *Catalogue) check() error {
	var errs []error
	complain := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }

	seen := map[string]bool{}
	var blocks []netip.Prefix
	regions := 0
	for _, dc := range c.DataCenters {
		if !namePattern.MatchString(dc.Name) {
			complain("data centre %q: the name must be made of letters, digits, hyphens and underscores", dc.Name)
		}
		if seen["dc "+dc.Name] {
			complain("data centre %q is listed twice", dc.Name)
		}
		seen["dc "+dc.Name] = true
		if !domainPattern.MatchString(dc.Domain) {
			complain("data centre %q: domain %q is not a domain name", dc.Name, dc.Domain)
		}
		for what, block := range map[string]string{"internal": dc.Internal, "publicIPv4": dc.PublicIPv4, "publicIPv6": dc.PublicIPv6} {
			if block == "" && (len(dc.Regions) == 0 || what != "internal") {
				continue
			}
			prefix, err := netip.ParsePrefix(block)
			if err != nil || prefix.Addr().Is6() != (what == "publicIPv6") {
				complain("data centre %q: %s %q is not an address block of that kind", dc.Name, what, block)
				continue
			}
			for _, other := range blocks {
				if other.Overlaps(prefix) {
					complain("data centre %q: %s %s overlaps with %s", dc.Name, what, prefix, other)
				}
			}
			blocks = append(blocks, prefix)
		}
		for _, r := range dc.Regions {
			regions++
			if !namePattern.MatchString(r.Name) {
				complain("region %q: the name must be made of letters, digits, hyphens and underscores", r.Name)
			}
			if seen["region "+r.Name] {
				complain("region %q is listed twice", r.Name)
			}
			seen["region "+r.Name] = true
			if r.Cloudlets < 0 {
				complain("region %q: cloudlets must not be negative", r.Name)
			}
			for _, v := range r.Virtualization {
				if v != "CT" && v != "VM" {
					complain("region %q: virtualization %q is neither CT nor VM", r.Name, v)
				}
			}
			r.Prices.each(func(what string, tiers []Tier) {
				for i, t := range tiers {
					if t.Price < 0 || t.Free < 0 || (i > 0 && t.From <= tiers[i-1].From) {
						complain("region %q: the tiers of %s must rise in from and not be negative", r.Name, what)
						break
					}
				}
			})
		}
	}
	if regions == 0 {
		complain("there is no region")
	}
	if c.Currency == "" {
		complain("currency is missing")
	}
	for _, p := range c.LiveMigration {
		for _, name := range p.Between {
			if c.region(name) == nil {
				complain("liveMigration names the unknown region %q", name)
			}
		}
	}
	errs = append(errs, c.checkAccounts()...)
	for _, s := range c.Stacks {
		if s.NodeType == "" || len(s.Layers) == 0 {
			complain("stack %q: nodeType and layers are needed", s.NodeType)
		}
		if seen["stack "+s.NodeType] {
			complain("stack %q is listed twice", s.NodeType)
		}
		seen["stack "+s.NodeType] = true
	}
	if len(c.Stacks) == 0 {
		complain("there is no stack")
	}
	return errors.Join(errs...)
}

func (c *Catalogue) checkAccounts() []error {
	var errs []error
	complain := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if len(c.Accounts) == 0 {
		complain("there is no account")
	}
	uids, tokens := map[int64]bool{}, map[string]bool{}
	for _, a := range c.Accounts {
		if _, err := mail.ParseAddress(a.Email); a.UID <= 0 || err != nil {
			complain("account %d: a uid and an email address are needed", a.UID)
		}
		if uids[a.UID] {
			complain("account %d is listed twice", a.UID)
		}
		uids[a.UID] = true
		for _, t := range a.Tokens {
			if t.Token == "" || tokens[t.Token] {
				complain("account %d: a token is empty or listed twice", a.UID)
			}
			tokens[t.Token] = true
		}
		for _, m := range a.Collaborators {
			if c.account(m.UID) == nil || m.UID == a.UID {
				complain("account %d: collaborator %d is no other account", a.UID, m.UID)
			}
			if !slices.Contains([]string{RoleViewer, RoleDeveloper, RoleAdmin}, m.Role) {
				complain("account %d: role %q of collaborator %d is not viewer, developer or admin", a.UID, m.Role, m.UID)
			}
		}
	}
	return errs
}
