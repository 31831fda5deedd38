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
	found := faultsOfCatalogue{seen: map[string]bool{}}
	regions := 0
	for _, dc := range c.DataCenters {
		if !namePattern.MatchString(dc.Name) {
			found.add("data centre %q: the name must be made of letters, digits, hyphens and underscores", dc.Name)
		}
		found.addIfTwice("data centre", dc.Name)
		if !domainPattern.MatchString(dc.Domain) {
			found.add("data centre %q: domain %q is not a domain name", dc.Name, dc.Domain)
		}
		for what, block := range map[string]string{"internal": dc.Internal, "publicIPv4": dc.PublicIPv4, "publicIPv6": dc.PublicIPv6} {
			if block != "" || (len(dc.Regions) > 0 && what == "internal") {
				found.checkBlock(dc.Name, what, block)
			}
		}
		for _, r := range dc.Regions {
			regions++
			found.checkRegion(&r)
		}
	}
	if regions == 0 {
		found.add("there is no region")
	}
	if c.Currency == "" {
		found.add("currency is missing")
	}
	for _, p := range c.LiveMigration {
		for _, name := range p.Between {
			if c.region(name) == nil {
				found.add("liveMigration names the unknown region %q", name)
			}
		}
	}
	found.errs = append(found.errs, c.checkAccounts()...)
	found.checkStacks(c.Stacks)
	return errors.Join(found.errs...)
}

// faultsOfCatalogue collects what is wrong with a catalogue.
type faultsOfCatalogue struct {
	errs   []error
	seen   map[string]bool
	blocks []netip.Prefix
}

func (f *faultsOfCatalogue) add(format string, args ...any) {
	f.errs = append(f.errs, fmt.Errorf(format, args...))
}

func (f *faultsOfCatalogue) addIfTwice(kind, name string) {
	if f.seen[kind+" "+name] {
		f.add("%s %q is listed twice", kind, name)
	}
	f.seen[kind+" "+name] = true
}

func (f *faultsOfCatalogue) checkBlock(dataCenter, what, block string) {
	prefix, err := netip.ParsePrefix(block)
	if err != nil || prefix.Addr().Is6() != (what == "publicIPv6") {
		f.add("data centre %q: %s %q is not an address block of that kind", dataCenter, what, block)
		return
	}
	for _, other := range f.blocks {
		if other.Overlaps(prefix) {
			f.add("data centre %q: %s %s overlaps with %s", dataCenter, what, prefix, other)
		}
	}
	f.blocks = append(f.blocks, prefix)
}

func (f *faultsOfCatalogue) checkRegion(r *Region) {
	if !namePattern.MatchString(r.Name) {
		f.add("region %q: the name must be made of letters, digits, hyphens and underscores", r.Name)
	}
	f.addIfTwice("region", r.Name)
	if r.Cloudlets < 0 {
		f.add("region %q: cloudlets must not be negative", r.Name)
	}
	for _, v := range r.Virtualization {
		if v != "CT" && v != "VM" {
			f.add("region %q: virtualization %q is neither CT nor VM", r.Name, v)
		}
	}
	r.Prices.each(func(what string, tiers []Tier) {
		for i, t := range tiers {
			if t.Price < 0 || t.Free < 0 || (i > 0 && t.From <= tiers[i-1].From) {
				f.add("region %q: the tiers of %s must rise in from and not be negative", r.Name, what)
				break
			}
		}
	})
}

func (f *faultsOfCatalogue) checkStacks(stacks []Stack) {
	for _, s := range stacks {
		if s.NodeType == "" || len(s.Layers) == 0 {
			f.add("stack %q: nodeType and layers are needed", s.NodeType)
		}
		f.addIfTwice("stack", s.NodeType)
	}
	if len(stacks) == 0 {
		f.add("there is no stack")
	}
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
